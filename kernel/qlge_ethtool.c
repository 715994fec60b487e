// SPDX-License-Identifier: GPL-2.0-only
/*
 * ethtool.
 */
#include <linux/log2.h>

#include "qlge.h"

#define QLGE_REGS_VERSION	1

/* State of a receive ring beside its counters. */
static const char qlge_rx_gauge_name[][ETH_GSTRING_LEN] = {
	"fill_large", "fill_small", "fill_min_large", "fill_min_small",
};

/* Counters of an XDP_TX queue; it is never stopped, only full. */
static const struct {
	enum qlge_tx_stat stat;
	const char *name;
} qlge_xdp_stat[] = {
	{ QLGE_TX_PACKETS, "packets" },
	{ QLGE_TX_BYTES, "bytes" },
	{ QLGE_TX_ERRORS, "errors" },
	{ QLGE_TX_STOP, "full" },
	{ QLGE_TX_DROPPED, "dropped" },
};

#define QLGE_RX_ROWS	(QLGE_RX_NSTATS + ARRAY_SIZE(qlge_rx_gauge_name))
#define QLGE_ROWS_PER_CHANNEL (QLGE_RX_ROWS + QLGE_TX_NSTATS + \
			       ARRAY_SIZE(qlge_xdp_stat))
/* Sums over all rings there ever were, and resets. */
#define QLGE_TOTAL_ROWS	(QLGE_RX_NSTATS + QLGE_TX_NSTATS + \
			 ARRAY_SIZE(qlge_xdp_stat) + 1)

static void qlge_get_drvinfo(struct net_device *netdev,
			     struct ethtool_drvinfo *info)
{
	struct qlge_adapter *adapter = netdev_priv(netdev);

	strscpy(info->driver, QLGE_NAME, sizeof(info->driver));
	strscpy(info->bus_info, pci_name(adapter->pdev),
		sizeof(info->bus_info));
	/* Before the first open nobody has asked; an 8012 may not tell. */
	if (!adapter->fw_rev && qlge_mpi_version(adapter))
		return;
	snprintf(info->fw_version, sizeof(info->fw_version), "%lu.%lu.%lu",
		 FIELD_GET(GENMASK(23, 16), adapter->fw_rev),
		 FIELD_GET(GENMASK(15, 8), adapter->fw_rev),
		 FIELD_GET(GENMASK(7, 0), adapter->fw_rev));
}

static int qlge_get_regs_len(struct net_device *netdev)
{
	return QLGE_REGS_SIZE;
}

/* Reading has no side effect; a core dump of the known drivers does it, too. */
static void qlge_get_regs(struct net_device *netdev, struct ethtool_regs *regs,
			  void *data)
{
	struct qlge_adapter *adapter = netdev_priv(netdev);
	u32 *word = data;
	unsigned int i;

	regs->version = QLGE_REGS_VERSION;
	for (i = 0; i < QLGE_NREGS; i++)
		word[i] = qlge_read(adapter, i * sizeof(*word));
}

static int qlge_get_eeprom_len(struct net_device *netdev)
{
	return qlge_flash_block_size(netdev_priv(netdev));
}

/* The core has checked offset and length against the size of the block. */
static int qlge_get_eeprom(struct net_device *netdev,
			   struct ethtool_eeprom *eeprom, u8 *data)
{
	struct qlge_adapter *adapter = netdev_priv(netdev);
	__le32 *block;
	int err;

	block = kmalloc(qlge_flash_block_size(adapter), GFP_KERNEL);
	if (!block)
		return -ENOMEM;
	eeprom->magic = adapter->pdev->device << 16 | adapter->pdev->vendor;
	err = qlge_flash_read_block(adapter, block);
	if (!err)
		memcpy(data, (u8 *)block + eeprom->offset, eeprom->len);
	kfree(block);
	return err;
}

static void qlge_get_wol(struct net_device *netdev,
			 struct ethtool_wolinfo *wol)
{
	struct qlge_adapter *adapter = netdev_priv(netdev);

	wol->supported = qlge_wol_supported(adapter->pdev) ? WAKE_MAGIC : 0;
	wol->wolopts = adapter->wol;
}

/* The core has refused modes that are not supported, so the card can. */
static int qlge_set_wol(struct net_device *netdev, struct ethtool_wolinfo *wol)
{
	struct qlge_adapter *adapter = netdev_priv(netdev);

	adapter->wol = wol->wolopts;
	device_set_wakeup_enable(&adapter->pdev->dev, !!adapter->wol);
	return 0;
}

/* The firmware blinks by itself; the core waits without RTNL. */
static int qlge_set_phys_id(struct net_device *netdev,
			    enum ethtool_phys_id_state state)
{
	struct qlge_adapter *adapter = netdev_priv(netdev);
	int err;

	switch (state) {
	case ETHTOOL_ID_ACTIVE:
		err = qlge_mpi_get_led(adapter, &adapter->led);
		return err ?: qlge_mpi_set_led(adapter, QL_LED_BLINK);
	case ETHTOOL_ID_INACTIVE:
		return qlge_mpi_set_led(adapter, adapter->led);
	default:
		return -EINVAL;
	}
}

/* There is nothing to negotiate: what the firmware says is what there is. */
static int qlge_get_link_ksettings(struct net_device *netdev,
				   struct ethtool_link_ksettings *ks)
{
	struct qlge_adapter *adapter = netdev_priv(netdev);
	u32 status = READ_ONCE(adapter->link_status);
	u8 optics = FIELD_GET(HW_INFO_OPTICS_MASK,
			      READ_ONCE(adapter->link_info));

	ethtool_link_ksettings_zero_link_mode(ks, supported);
	ethtool_link_ksettings_zero_link_mode(ks, lp_advertising);
	ethtool_link_ksettings_add_link_mode(ks, supported, Pause);
	switch (FIELD_GET(STS_LINK_TYPE_MASK, status)) {
	case STS_LINK_TYPE_10GBASET:
		ethtool_link_ksettings_add_link_mode(ks, supported, TP);
		ethtool_link_ksettings_add_link_mode(ks, supported,
						     10000baseT_Full);
		ks->base.port = PORT_TP;
		break;
	case STS_LINK_TYPE_XFI_BP:
		ethtool_link_ksettings_add_link_mode(ks, supported, Backplane);
		ethtool_link_ksettings_add_link_mode(ks, supported,
						     10000baseKR_Full);
		ks->base.port = PORT_NONE;
		break;
	case STS_LINK_TYPE_XAUI_BP:
		ethtool_link_ksettings_add_link_mode(ks, supported, Backplane);
		ethtool_link_ksettings_add_link_mode(ks, supported,
						     10000baseKX4_Full);
		ks->base.port = PORT_NONE;
		break;
	default:
		ethtool_link_ksettings_add_link_mode(ks, supported, FIBRE);
		ks->base.port = PORT_FIBRE;
		if (optics >= HW_INFO_TWINAX_FIRST &&
		    optics <= HW_INFO_TWINAX_LAST) {
			ks->base.port = PORT_DA;
			ethtool_link_ksettings_add_link_mode(ks, supported,
							     10000baseCR_Full);
		} else if (optics >= HW_INFO_1000SX_FIRST &&
			   optics <= HW_INFO_1000SX_LAST) {
			ethtool_link_ksettings_add_link_mode(ks, supported,
							     1000baseX_Full);
		} else {
			ethtool_link_ksettings_add_link_mode(ks, supported,
							     10000baseSR_Full);
		}
	}
	bitmap_copy(ks->link_modes.advertising, ks->link_modes.supported,
		    __ETHTOOL_LINK_MODE_MASK_NBITS);
	if (!READ_ONCE(adapter->pause))
		ethtool_link_ksettings_del_link_mode(ks, advertising, Pause);
	ks->base.autoneg = AUTONEG_DISABLE;
	ks->base.speed = SPEED_UNKNOWN;
	ks->base.duplex = DUPLEX_UNKNOWN;
	if (!netif_carrier_ok(netdev))
		return 0;
	ks->base.duplex = DUPLEX_FULL;
	ks->base.speed = SPEED_10000;
	/* The speed of a link whose type is not known is not known either. */
	if (!FIELD_GET(STS_LINK_TYPE_MASK, status))
		return 0;
	switch (FIELD_GET(STS_SPEED_MASK, status)) {
	case STS_SPEED_100MB:
		ks->base.speed = SPEED_100;
		break;
	case STS_SPEED_1GB:
		ks->base.speed = SPEED_1000;
		break;
	}
	return 0;
}

static void qlge_get_pauseparam(struct net_device *netdev,
				struct ethtool_pauseparam *pause)
{
	struct qlge_adapter *adapter = netdev_priv(netdev);
	bool on;

	if (qlge_mpi_get_pause(adapter, &on))
		on = adapter->pause;
	pause->rx_pause = on;
	pause->tx_pause = on;
}

static int qlge_set_pauseparam(struct net_device *netdev,
			       struct ethtool_pauseparam *pause)
{
	struct qlge_adapter *adapter = netdev_priv(netdev);
	int err;

	if (pause->autoneg) {
		qlge_refuse(adapter, NULL, "pause is not negotiated");
		return -EINVAL;
	}
	if (pause->rx_pause != pause->tx_pause) {
		qlge_refuse(adapter, NULL,
			    "pause is for both directions or for none");
		return -EINVAL;
	}
	err = qlge_mpi_set_pause(adapter, pause->rx_pause);
	if (err)
		netdev_err(netdev, "firmware keeps its pause setting: %d\n",
			   err);
	else if (pause->rx_pause)
		netdev_warn(netdev,
			    "flow control of this firmware is faulty: it may flood the link with pause frames\n");
	return err;
}

static void qlge_get_pause_stats(struct net_device *netdev,
				 struct ethtool_pause_stats *stats)
{
	struct qlge_adapter *adapter = netdev_priv(netdev);

	qlge_mac_stats_update(adapter);
	stats->tx_pause_frames = adapter->mac_stat[QLGE_MAC_TX_PAUSE_PKTS];
	stats->rx_pause_frames = adapter->mac_stat[QLGE_MAC_RX_PAUSE_PKTS];
}

static void qlge_get_eth_phy_stats(struct net_device *netdev,
				   struct ethtool_eth_phy_stats *stats)
{
	struct qlge_adapter *adapter = netdev_priv(netdev);

	qlge_mac_stats_update(adapter);
	stats->SymbolErrorDuringCarrier =
		adapter->mac_stat[QLGE_MAC_RX_SYMBOL_ERR];
}

/* Octets are those of the MAC, which are thought to include header and FCS. */
static void qlge_get_eth_mac_stats(struct net_device *netdev,
				   struct ethtool_eth_mac_stats *stats)
{
	struct qlge_adapter *adapter = netdev_priv(netdev);
	const u64 *mac = adapter->mac_stat;

	qlge_mac_stats_update(adapter);
	stats->FramesTransmittedOK = mac[QLGE_MAC_TX_PKTS];
	stats->OctetsTransmittedOK = mac[QLGE_MAC_TX_BYTES];
	stats->MulticastFramesXmittedOK = mac[QLGE_MAC_TX_MCAST_PKTS];
	stats->BroadcastFramesXmittedOK = mac[QLGE_MAC_TX_BCAST_PKTS];
	stats->FramesReceivedOK = mac[QLGE_MAC_RX_PKTS_OK];
	stats->OctetsReceivedOK = mac[QLGE_MAC_RX_BYTES_OK];
	stats->MulticastFramesReceivedOK = mac[QLGE_MAC_RX_MCAST_PKTS];
	stats->BroadcastFramesReceivedOK = mac[QLGE_MAC_RX_BCAST_PKTS];
	stats->FrameCheckSequenceErrors = mac[QLGE_MAC_RX_FCS_ERR];
	stats->AlignmentErrors = mac[QLGE_MAC_RX_ALIGN_ERR];
	stats->FramesLostDueToIntMACRcvError = mac[QLGE_MAC_RX_MAC_ERR];
	stats->InRangeLengthErrors = mac[QLGE_MAC_RX_LEN_ERR];
	stats->FrameTooLongErrors = mac[QLGE_MAC_RX_OVERSIZE];
}

static void qlge_get_eth_ctrl_stats(struct net_device *netdev,
				    struct ethtool_eth_ctrl_stats *stats)
{
	struct qlge_adapter *adapter = netdev_priv(netdev);

	qlge_mac_stats_update(adapter);
	stats->MACControlFramesTransmitted =
		adapter->mac_stat[QLGE_MAC_TX_CTL_PKTS];
	stats->MACControlFramesReceived =
		adapter->mac_stat[QLGE_MAC_RX_CTL_PKTS];
}

static const struct ethtool_rmon_hist_range qlge_rmon_ranges[] = {
	{ 0, 64 },
	{ 65, 127 },
	{ 128, 255 },
	{ 256, 511 },
	{ 512, 1023 },
	{ 1024, 1518 },
	{ 1519, QLGE_HW_MAX_FRAME },
	{ }
};

static_assert(ARRAY_SIZE(qlge_rmon_ranges) == QLGE_MAC_NHIST + 1);

static void qlge_get_rmon_stats(struct net_device *netdev,
				struct ethtool_rmon_stats *stats,
				const struct ethtool_rmon_hist_range **ranges)
{
	struct qlge_adapter *adapter = netdev_priv(netdev);
	const u64 *mac = adapter->mac_stat;
	unsigned int i;

	qlge_mac_stats_update(adapter);
	stats->undersize_pkts = mac[QLGE_MAC_RX_UNDERSIZE];
	stats->oversize_pkts = mac[QLGE_MAC_RX_OVERSIZE];
	stats->fragments = mac[QLGE_MAC_RX_FRAGMENTS];
	stats->jabbers = mac[QLGE_MAC_RX_JABBER];
	for (i = 0; i < QLGE_MAC_NHIST; i++) {
		stats->hist[i] = mac[QLGE_MAC_RX_HIST + i];
		stats->hist_tx[i] = mac[QLGE_MAC_TX_HIST + i];
	}
	*ranges = qlge_rmon_ranges;
}

static int qlge_get_coalesce(struct net_device *netdev,
			     struct ethtool_coalesce *coal,
			     struct kernel_ethtool_coalesce *kernel_coal,
			     struct netlink_ext_ack *extack)
{
	struct qlge_adapter *adapter = netdev_priv(netdev);

	coal->rx_coalesce_usecs = adapter->rx_usecs;
	coal->tx_coalesce_usecs = adapter->tx_usecs;
	return 0;
}

static int qlge_set_coalesce(struct net_device *netdev,
			     struct ethtool_coalesce *coal,
			     struct kernel_ethtool_coalesce *kernel_coal,
			     struct netlink_ext_ack *extack)
{
	struct qlge_adapter *adapter = netdev_priv(netdev);
	u16 rx = adapter->rx_usecs, tx = adapter->tx_usecs;
	int err;

	if (coal->rx_coalesce_usecs > QLGE_USECS_MAX ||
	    coal->tx_coalesce_usecs > QLGE_USECS_MAX) {
		NL_SET_ERR_MSG_FMT_MOD(extack, "at most %u microseconds",
				       QLGE_USECS_MAX);
		return -EINVAL;
	}
	adapter->rx_usecs = coal->rx_coalesce_usecs;
	adapter->tx_usecs = coal->tx_coalesce_usecs;
	if (!test_bit(QLGE_F_UP, &adapter->flags))
		return 0;
	err = qlge_load_delays(adapter, adapter->set);
	if (!err)
		return 0;
	qlge_refuse(adapter, extack,
		    "device refused the delays; it is reset to the old ones");
	adapter->rx_usecs = rx;
	adapter->tx_usecs = tx;
	qlge_schedule_reset(adapter, QLGE_RESET_REFUSED);
	return err;
}

static u32 qlge_get_rxfh_indir_size(struct net_device *netdev)
{
	return QLGE_RSS_TABLE_SIZE;
}

static u32 qlge_get_rxfh_key_size(struct net_device *netdev)
{
	return QLGE_RSS_KEY_SIZE;
}

static int qlge_get_rxfh(struct net_device *netdev,
			 struct ethtool_rxfh_param *rxfh)
{
	struct qlge_adapter *adapter = netdev_priv(netdev);
	unsigned int i;

	rxfh->hfunc = ETH_RSS_HASH_TOP;
	qlge_rss_spread(adapter, adapter->cfg.channels);
	for (i = 0; rxfh->indir && i < QLGE_RSS_TABLE_SIZE; i++)
		rxfh->indir[i] = adapter->rss.table[i];
	if (rxfh->key)
		memcpy(rxfh->key, adapter->rss.key, QLGE_RSS_KEY_SIZE);
	return 0;
}

/* Load @rss if there is anything to spread; else it is only remembered. */
static int qlge_change_rss(struct qlge_adapter *adapter,
			   const struct qlge_rss *rss,
			   struct netlink_ext_ack *extack)
{
	int err;

	if (test_bit(QLGE_F_UP, &adapter->flags) && adapter->cfg.channels > 1) {
		err = qlge_rss_load(adapter, rss);
		if (err == -ENOMEM)
			return err;
		if (err) {
			qlge_refuse(adapter, extack,
				    "device refused it; it is reset to the old settings");
			qlge_schedule_reset(adapter, QLGE_RESET_REFUSED);
			return err;
		}
	}
	adapter->rss = *rss;
	return 0;
}

/* The core has checked the size of the table and the queues in it. */
static int qlge_set_rxfh(struct net_device *netdev,
			 struct ethtool_rxfh_param *rxfh,
			 struct netlink_ext_ack *extack)
{
	struct qlge_adapter *adapter = netdev_priv(netdev);
	struct qlge_rss *rss;
	unsigned int i;
	int err;

	if (rxfh->hfunc != ETH_RSS_HASH_NO_CHANGE &&
	    rxfh->hfunc != ETH_RSS_HASH_TOP) {
		qlge_refuse(adapter, extack, "the hash is Toeplitz");
		return -EOPNOTSUPP;
	}
	qlge_rss_spread(adapter, adapter->cfg.channels);
	rss = kmemdup(&adapter->rss, sizeof(*rss), GFP_KERNEL);
	if (!rss)
		return -ENOMEM;
	for (i = 0; rxfh->indir && i < QLGE_RSS_TABLE_SIZE; i++)
		rss->table[i] = rxfh->indir[i];
	if (rxfh->key)
		memcpy(rss->key, rxfh->key, QLGE_RSS_KEY_SIZE);
	err = qlge_change_rss(adapter, rss, extack);
	kfree(rss);
	return err;
}

#define QLGE_RXH_ADDR	(RXH_IP_SRC | RXH_IP_DST)
#define QLGE_RXH_PORTS	(QLGE_RXH_ADDR | RXH_L4_B_0_1 | RXH_L4_B_2_3)

/*
 * The card knows TCP and everything else, for either version of IP. What is
 * not hashed as TCP is hashed as everything else, if that is hashed.
 * Return: the bits of @flow_type, or 0 for a type the card does not hash.
 */
static u8 qlge_rss_types(u32 flow_type, bool *tcp)
{
	*tcp = flow_type == TCP_V4_FLOW || flow_type == TCP_V6_FLOW;
	switch (flow_type) {
	case TCP_V4_FLOW:
	case UDP_V4_FLOW:
	case SCTP_V4_FLOW:
	case AH_ESP_V4_FLOW:
	case AH_V4_FLOW:
	case ESP_V4_FLOW:
	case IPV4_FLOW:
		return RSS_RT4 | RSS_RI4;
	case TCP_V6_FLOW:
	case UDP_V6_FLOW:
	case SCTP_V6_FLOW:
	case AH_ESP_V6_FLOW:
	case AH_V6_FLOW:
	case ESP_V6_FLOW:
	case IPV6_FLOW:
		return RSS_RT6 | RSS_RI6;
	}
	return 0;
}

static int qlge_get_rxfh_fields(struct net_device *netdev,
				struct ethtool_rxfh_fields *fields)
{
	struct qlge_adapter *adapter = netdev_priv(netdev);
	bool tcp;
	u8 on = qlge_rss_types(fields->flow_type, &tcp) & adapter->rss.types;

	fields->data = 0;
	if (tcp && (on & (RSS_RT4 | RSS_RT6)))
		fields->data = QLGE_RXH_PORTS;
	else if (on & (RSS_RI4 | RSS_RI6))
		fields->data = QLGE_RXH_ADDR;
	return 0;
}

static int qlge_set_rxfh_fields(struct net_device *netdev,
				const struct ethtool_rxfh_fields *fields,
				struct netlink_ext_ack *extack)
{
	struct qlge_adapter *adapter = netdev_priv(netdev);
	bool tcp;
	u8 family = qlge_rss_types(fields->flow_type, &tcp), bit;
	u8 ip = family & (RSS_RI4 | RSS_RI6);
	u8 types = adapter->rss.types;
	const char *why = NULL;
	struct qlge_rss *rss;
	u64 without;
	int err;

	/* What a flow of this type falls back to when its bit is clear. */
	bit = tcp ? family & (RSS_RT4 | RSS_RT6) : ip;
	without = tcp && (types & ip) ? QLGE_RXH_ADDR : 0;
	if (!family)
		why = "the card hashes IP only";
	else if (fields->data == (tcp ? QLGE_RXH_PORTS : QLGE_RXH_ADDR))
		types |= bit;
	else if (fields->data == without)
		types &= ~bit;
	else if (tcp)
		why = "TCP is hashed by addresses and ports, or like other IP";
	else
		why = "IP other than TCP is hashed by both addresses, or not";
	if (why) {
		qlge_refuse(adapter, extack, why);
		return -EINVAL;
	}
	rss = kmemdup(&adapter->rss, sizeof(*rss), GFP_KERNEL);
	if (!rss)
		return -ENOMEM;
	rss->types = types;
	err = qlge_change_rss(adapter, rss, extack);
	kfree(rss);
	return err;
}

/* Not static, so that an older kernel can be given it in another way. */
u32 qlge_get_rx_ring_count(struct net_device *netdev)
{
	struct qlge_adapter *adapter = netdev_priv(netdev);

	return adapter->cfg.channels;
}

static void qlge_get_ringparam(struct net_device *netdev,
			       struct ethtool_ringparam *ring,
			       struct kernel_ethtool_ringparam *kernel_ring,
			       struct netlink_ext_ack *extack)
{
	struct qlge_adapter *adapter = netdev_priv(netdev);

	ring->rx_max_pending = QLGE_RING_MAX;
	ring->tx_max_pending = QLGE_RING_MAX;
	ring->rx_pending = adapter->cfg.rx_len;
	ring->tx_pending = adapter->cfg.tx_len;
}

static int qlge_set_ringparam(struct net_device *netdev,
			      struct ethtool_ringparam *ring,
			      struct kernel_ethtool_ringparam *kernel_ring,
			      struct netlink_ext_ack *extack)
{
	struct qlge_adapter *adapter = netdev_priv(netdev);
	struct qlge_config cfg = adapter->cfg;
	int err;

	if (ring->rx_pending < QLGE_RING_MIN ||
	    ring->tx_pending < QLGE_RING_MIN ||
	    !is_power_of_2(ring->rx_pending) ||
	    !is_power_of_2(ring->tx_pending)) {
		NL_SET_ERR_MSG_FMT_MOD(extack,
				       "ring sizes are powers of two from %u to %u",
				       QLGE_RING_MIN, QLGE_RING_MAX);
		return -EINVAL;
	}
	if (ring->rx_pending < QLGE_XSK_RX_MIN && qlge_xsk_bound(adapter)) {
		NL_SET_ERR_MSG_FMT_MOD(extack,
				       "AF_XDP zero copy needs a receive ring of %u",
				       QLGE_XSK_RX_MIN);
		return -EBUSY;
	}
	cfg.rx_len = ring->rx_pending;
	cfg.tx_len = ring->tx_pending;
	if (cfg.rx_len == adapter->cfg.rx_len &&
	    cfg.tx_len == adapter->cfg.tx_len)
		return 0;
	err = qlge_reconfigure(adapter, &cfg, extack);
	qlge_xdp_features_update(adapter);
	return err;
}

static void qlge_get_channels(struct net_device *netdev,
			      struct ethtool_channels *ch)
{
	struct qlge_adapter *adapter = netdev_priv(netdev);

	ch->max_combined = adapter->max_channels;
	ch->combined_count = adapter->cfg.channels;
}

/*
 * The core has checked the limits, and that no queue goes that the user has
 * put into the indirection table.
 */
static int qlge_set_channels(struct net_device *netdev,
			     struct ethtool_channels *ch)
{
	struct qlge_adapter *adapter = netdev_priv(netdev);
	struct qlge_config cfg = adapter->cfg;

	if (ch->combined_count == cfg.channels)
		return 0;
	cfg.channels = ch->combined_count;
	return qlge_reconfigure(adapter, &cfg, NULL);
}

static int qlge_get_sset_count(struct net_device *netdev, int sset)
{
	struct qlge_adapter *adapter = netdev_priv(netdev);

	if (sset == ETH_SS_TEST)
		return QLGE_NTESTS;
	if (sset != ETH_SS_STATS)
		return -EOPNOTSUPP;
	return QLGE_TOTAL_ROWS + QLGE_MAC_NSTATS +
	       adapter->cfg.channels * QLGE_ROWS_PER_CHANNEL;
}

static void qlge_get_strings(struct net_device *netdev, u32 sset, u8 *data)
{
	struct qlge_adapter *adapter = netdev_priv(netdev);
	unsigned int c, i;

	if (sset == ETH_SS_TEST)
		memcpy(data, qlge_test_name, sizeof(qlge_test_name));
	if (sset != ETH_SS_STATS)
		return;
	for (i = 0; i < QLGE_RX_NSTATS; i++)
		ethtool_sprintf(&data, "rx_%s", qlge_rx_stat_name[i]);
	for (i = 0; i < QLGE_TX_NSTATS; i++)
		ethtool_sprintf(&data, "tx_%s", qlge_tx_stat_name[i]);
	for (i = 0; i < ARRAY_SIZE(qlge_xdp_stat); i++)
		ethtool_sprintf(&data, "xdp_%s", qlge_xdp_stat[i].name);
	ethtool_puts(&data, "resets");
	for (c = 0; c < adapter->cfg.channels; c++) {
		for (i = 0; i < QLGE_RX_NSTATS; i++)
			ethtool_sprintf(&data, "rx%u_%s", c,
					qlge_rx_stat_name[i]);
		for (i = 0; i < ARRAY_SIZE(qlge_rx_gauge_name); i++)
			ethtool_sprintf(&data, "rx%u_%s", c,
					qlge_rx_gauge_name[i]);
		for (i = 0; i < QLGE_TX_NSTATS; i++)
			ethtool_sprintf(&data, "tx%u_%s", c,
					qlge_tx_stat_name[i]);
		for (i = 0; i < ARRAY_SIZE(qlge_xdp_stat); i++)
			ethtool_sprintf(&data, "xdp%u_%s", c,
					qlge_xdp_stat[i].name);
	}
	for (i = 0; i < QLGE_MAC_NSTATS; i++)
		ethtool_puts(&data, qlge_mac_stat_name[i]);
}

/* @tx in the order of qlge_xdp_stat. */
static u64 *qlge_put_xdp(u64 *data, const u64 *tx)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(qlge_xdp_stat); i++)
		*data++ = tx[qlge_xdp_stat[i].stat];
	return data;
}

static void qlge_get_ethtool_stats(struct net_device *netdev,
				   struct ethtool_stats *stats, u64 *data)
{
	struct qlge_adapter *adapter = netdev_priv(netdev);
	u64 rx[QLGE_RX_NSTATS], tx[QLGE_TX_NSTATS], xdp[QLGE_TX_NSTATS];
	struct qlge_set *set = adapter->set;
	u64 *row = data + QLGE_TOTAL_ROWS;
	unsigned int c, i;

	/* RTNL keeps the set; totals are sums of the rows plus the base. */
	memcpy(rx, adapter->base_rx, sizeof(rx));
	memcpy(tx, adapter->base_tx, sizeof(tx));
	memcpy(xdp, adapter->base_xdp, sizeof(xdp));
	for (c = 0; c < adapter->cfg.channels; c++) {
		u64 rx1[QLGE_RX_ROWS] = { }, tx1[QLGE_TX_NSTATS] = { };
		u64 xdp1[QLGE_TX_NSTATS] = { };

		if (set) {
			struct qlge_channel *ch = set->channel[c];
			u64 *gauge = &rx1[QLGE_RX_NSTATS];

			qlge_rx_stats_read(&ch->rx, rx1);
			qlge_tx_stats_read(&ch->tx, tx1);
			qlge_tx_stats_read(&ch->xdp, xdp1);
			*gauge++ = qlge_bq_visible(&ch->rx.large);
			*gauge++ = qlge_bq_visible(&ch->rx.small);
			*gauge++ = READ_ONCE(ch->rx.large.min_fill);
			*gauge++ = READ_ONCE(ch->rx.small.min_fill);
		}
		for (i = 0; i < QLGE_RX_NSTATS; i++)
			rx[i] += rx1[i];
		for (i = 0; i < QLGE_TX_NSTATS; i++) {
			tx[i] += tx1[i];
			xdp[i] += xdp1[i];
		}
		memcpy(row, rx1, sizeof(rx1));
		row += QLGE_RX_ROWS;
		memcpy(row, tx1, sizeof(tx1));
		row = qlge_put_xdp(row + QLGE_TX_NSTATS, xdp1);
	}
	for (i = 0; set && i < set->nxmit; i++)
		qlge_tx_stats_read(&set->xmit[i], xdp);

	memcpy(data, rx, sizeof(rx));
	data += QLGE_RX_NSTATS;
	memcpy(data, tx, sizeof(tx));
	data = qlge_put_xdp(data + QLGE_TX_NSTATS, xdp);
	*data = atomic64_read(&adapter->resets);

	qlge_mac_stats_update(adapter);
	spin_lock_bh(&adapter->stats_lock);
	memcpy(row, adapter->mac_stat, sizeof(adapter->mac_stat));
	spin_unlock_bh(&adapter->stats_lock);
}

const struct ethtool_ops qlge_ethtool_ops = {
	.supported_coalesce_params = ETHTOOL_COALESCE_USECS,
	.get_drvinfo		= qlge_get_drvinfo,
	.get_regs_len		= qlge_get_regs_len,
	.get_regs		= qlge_get_regs,
	.get_wol		= qlge_get_wol,
	.set_wol		= qlge_set_wol,
	.get_link		= ethtool_op_get_link,
	.get_eeprom_len		= qlge_get_eeprom_len,
	.get_eeprom		= qlge_get_eeprom,
	.get_coalesce		= qlge_get_coalesce,
	.set_coalesce		= qlge_set_coalesce,
	.get_ringparam		= qlge_get_ringparam,
	.set_ringparam		= qlge_set_ringparam,
	.get_pause_stats	= qlge_get_pause_stats,
	.get_pauseparam		= qlge_get_pauseparam,
	.set_pauseparam		= qlge_set_pauseparam,
	.self_test		= qlge_self_test,
	.get_strings		= qlge_get_strings,
	.set_phys_id		= qlge_set_phys_id,
	.get_ethtool_stats	= qlge_get_ethtool_stats,
	.get_sset_count		= qlge_get_sset_count,
	.get_rx_ring_count	= qlge_get_rx_ring_count,
	.get_rxfh_key_size	= qlge_get_rxfh_key_size,
	.get_rxfh_indir_size	= qlge_get_rxfh_indir_size,
	.get_rxfh		= qlge_get_rxfh,
	.set_rxfh		= qlge_set_rxfh,
	.get_rxfh_fields	= qlge_get_rxfh_fields,
	.set_rxfh_fields	= qlge_set_rxfh_fields,
	.get_channels		= qlge_get_channels,
	.set_channels		= qlge_set_channels,
	.get_ts_info		= ethtool_op_get_ts_info,
	.get_link_ksettings	= qlge_get_link_ksettings,
	.get_eth_phy_stats	= qlge_get_eth_phy_stats,
	.get_eth_mac_stats	= qlge_get_eth_mac_stats,
	.get_eth_ctrl_stats	= qlge_get_eth_ctrl_stats,
	.get_rmon_stats		= qlge_get_rmon_stats,
};

// SPDX-License-Identifier: GPL-2.0-only
/*
 * ethtool.
 */
#include <linux/log2.h>

#include "qlge.h"

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
	/* Known once the interface has been up; an 8012 does not tell. */
	if (adapter->fw_rev)
		snprintf(info->fw_version, sizeof(info->fw_version),
			 "%lu.%lu.%lu",
			 FIELD_GET(GENMASK(23, 16), adapter->fw_rev),
			 FIELD_GET(GENMASK(15, 8), adapter->fw_rev),
			 FIELD_GET(GENMASK(7, 0), adapter->fw_rev));
}

static int qlge_get_link_ksettings(struct net_device *netdev,
				   struct ethtool_link_ksettings *ks)
{
	struct qlge_adapter *adapter = netdev_priv(netdev);

	ethtool_link_ksettings_zero_link_mode(ks, supported);
	ethtool_link_ksettings_zero_link_mode(ks, advertising);
	if (FIELD_GET(STS_LINK_TYPE_MASK, adapter->link_status) ==
	    STS_LINK_TYPE_10GBASET) {
		ethtool_link_ksettings_add_link_mode(ks, supported, TP);
		ethtool_link_ksettings_add_link_mode(ks, supported,
						     10000baseT_Full);
		ks->base.port = PORT_TP;
	} else {
		ethtool_link_ksettings_add_link_mode(ks, supported, FIBRE);
		ethtool_link_ksettings_add_link_mode(ks, supported,
						     10000baseSR_Full);
		ks->base.port = PORT_FIBRE;
	}
	bitmap_copy(ks->link_modes.advertising, ks->link_modes.supported,
		    __ETHTOOL_LINK_MODE_MASK_NBITS);
	ks->base.autoneg = AUTONEG_DISABLE;
	if (netif_carrier_ok(netdev)) {
		ks->base.speed = SPEED_10000;
		ks->base.duplex = DUPLEX_FULL;
	} else {
		ks->base.speed = SPEED_UNKNOWN;
		ks->base.duplex = DUPLEX_UNKNOWN;
	}
	return 0;
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

	if (ring->rx_pending < QLGE_RING_MIN ||
	    ring->tx_pending < QLGE_RING_MIN ||
	    !is_power_of_2(ring->rx_pending) ||
	    !is_power_of_2(ring->tx_pending)) {
		NL_SET_ERR_MSG_FMT_MOD(extack,
				       "ring sizes are powers of two from %u to %u",
				       QLGE_RING_MIN, QLGE_RING_MAX);
		return -EINVAL;
	}
	cfg.rx_len = ring->rx_pending;
	cfg.tx_len = ring->tx_pending;
	if (cfg.rx_len == adapter->cfg.rx_len &&
	    cfg.tx_len == adapter->cfg.tx_len)
		return 0;
	return qlge_reconfigure(adapter, &cfg, extack);
}

static void qlge_get_channels(struct net_device *netdev,
			      struct ethtool_channels *ch)
{
	struct qlge_adapter *adapter = netdev_priv(netdev);

	ch->max_combined = adapter->max_channels;
	ch->combined_count = adapter->cfg.channels;
}

/* The core has checked the limits; set_channels() has no extack. */
static int qlge_set_channels(struct net_device *netdev,
			     struct ethtool_channels *ch)
{
	struct qlge_adapter *adapter = netdev_priv(netdev);
	struct qlge_config cfg = adapter->cfg;

	if (!ch->combined_count)
		return -EINVAL;
	if (ch->combined_count == cfg.channels)
		return 0;
	cfg.channels = ch->combined_count;
	return qlge_reconfigure(adapter, &cfg, NULL);
}

static int qlge_get_sset_count(struct net_device *netdev, int sset)
{
	struct qlge_adapter *adapter = netdev_priv(netdev);

	if (sset != ETH_SS_STATS)
		return -EOPNOTSUPP;
	return QLGE_TOTAL_ROWS + QLGE_MAC_NSTATS +
	       adapter->cfg.channels * QLGE_ROWS_PER_CHANNEL;
}

static void qlge_get_strings(struct net_device *netdev, u32 sset, u8 *data)
{
	struct qlge_adapter *adapter = netdev_priv(netdev);
	unsigned int c, i;

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
	memcpy(row, adapter->mac_stat, sizeof(adapter->mac_stat));
}

const struct ethtool_ops qlge_ethtool_ops = {
	.get_drvinfo		= qlge_get_drvinfo,
	.get_link		= ethtool_op_get_link,
	.get_link_ksettings	= qlge_get_link_ksettings,
	.get_ringparam		= qlge_get_ringparam,
	.set_ringparam		= qlge_set_ringparam,
	.get_channels		= qlge_get_channels,
	.set_channels		= qlge_set_channels,
	.get_strings		= qlge_get_strings,
	.get_sset_count		= qlge_get_sset_count,
	.get_ethtool_stats	= qlge_get_ethtool_stats,
	.get_ts_info		= ethtool_op_get_ts_info,
};

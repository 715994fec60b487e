// SPDX-License-Identifier: GPL-2.0-only
/*
 * Address tables, frame routing, RSS.
 */
#include "qlge.h"

/**
 * qlge_mac_write - write a word of an address table
 * @adapter: adapter
 * @idx: table, entry and offset as MAC_ADDR_IDX has them
 * @data: the word
 *
 * Context: process, SEM_MAC_ADDR held. Return: 0 or a negative errno.
 */
int qlge_mac_write(struct qlge_adapter *adapter, u32 idx, u32 data)
{
	int err;

	err = qlge_wait_reg(adapter, MAC_ADDR_IDX, MAC_ADDR_MW, 0);
	if (err)
		return err;
	qlge_write(adapter, MAC_ADDR_IDX, idx);
	qlge_write(adapter, MAC_ADDR_DATA, data);
	return 0;
}

static u32 qlge_addr_lower(const u8 *addr)
{
	return (u32)addr[2] << 24 | addr[3] << 16 | addr[4] << 8 | addr[5];
}

static u32 qlge_addr_upper(const u8 *addr)
{
	return addr[0] << 8 | addr[1];
}

/**
 * qlge_filter_init - receive configuration of a function that was just reset
 * @adapter: adapter; nothing is running
 *
 * Every VLAN passes and no address is known until the service work has been
 * there. The CAM survives a reset and may hold what somebody else left.
 *
 * Context: process, RTNL.
 */
void qlge_filter_init(struct qlge_adapter *adapter)
{
	adapter->strip = test_bit(QLGE_F_VLAN_STRIP, &adapter->flags);
	adapter->rx_tags = adapter->strip ? QLGE_TAGS_STRIPPED :
					    QLGE_TAGS_IN_FRAME;
	adapter->vlans_known = false;
	adapter->cam_known = false;
	eth_zero_addr(adapter->station);
	/* The default queue is CQ 0. */
	qlge_write_masked(adapter, NIC_RCV_CFG,
			  NIC_RCV_CFG_DFQ_MASK | NIC_RCV_CFG_VLAN_MASK |
			  NIC_RCV_CFG_RV,
			  NIC_RCV_CFG_VLAN_ALL |
			  (adapter->strip ? NIC_RCV_CFG_RV : 0));
}

/* Entry @i of this function's part of the CAM; all zero matches no frame. */
static int qlge_cam_write(struct qlge_adapter *adapter, unsigned int i,
			  const u8 *addr)
{
	u32 idx = (adapter->func * QLGE_HW_CAM_PER_FUNC + i) <<
		  MAC_ADDR_IDX_SHIFT | MAC_ADDR_TYPE_CAM_MAC;
	int err;

	err = qlge_sem_lock(adapter, SEM_MAC_ADDR);
	if (err)
		return err;
	err = qlge_mac_write(adapter, idx, qlge_addr_lower(addr));
	if (!err)
		err = qlge_mac_write(adapter, idx | 1, qlge_addr_upper(addr));
	if (!err)
		err = qlge_mac_write(adapter, idx | 2, adapter->cam_out);
	qlge_sem_unlock(adapter, SEM_MAC_ADDR);
	if (err)
		adapter->cam_known = false;
	else if (addr != adapter->cam[i])
		ether_addr_copy(adapter->cam[i], addr);
	return err;
}

/* Write entries again whose address or output word the card may not have. */
static int qlge_cam_refresh(struct qlge_adapter *adapter)
{
	u32 out = CAM_OUT_ROUTE_NIC | adapter->func << CAM_OUT_FUNC_SHIFT |
		  (adapter->strip ? CAM_OUT_RV : 0);
	bool known = adapter->cam_known;
	unsigned int i;
	int err;

	if (known && out == adapter->cam_out)
		return 0;
	/* Not known before all of it is written. */
	adapter->cam_known = false;
	adapter->cam_out = out;
	if (!known)
		memset(adapter->cam, 0, sizeof(adapter->cam));
	for (i = 0; i < QLGE_HW_CAM_PER_FUNC; i++) {
		if (known && is_zero_ether_addr(adapter->cam[i]))
			continue;
		err = qlge_cam_write(adapter, i, adapter->cam[i]);
		if (err)
			return err;
	}
	adapter->cam_known = true;
	return 0;
}

static bool qlge_addr_in(u8 (*list)[ETH_ALEN], unsigned int n, const u8 *addr)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (ether_addr_equal(list[i], addr))
			return true;
	return false;
}

/*
 * Station address in entry 0, secondary addresses behind it, each where it has
 * been before. No address is ever in two entries, which the card would take
 * for a fatal error: what is not wanted any more goes first.
 *
 * Context: process; service work, or after it has been stopped.
 */
static int qlge_cam_sync(struct qlge_adapter *adapter)
{
	static const u8 none[ETH_ALEN];
	struct net_device *netdev = adapter->netdev;
	u8 (*cam)[ETH_ALEN] = adapter->cam;
	struct netdev_hw_addr *ha;
	unsigned int i, slot, n = 0;
	u8 (*uc)[ETH_ALEN];
	int err;

	uc = kcalloc(QLGE_HW_CAM_PER_FUNC - 1, sizeof(*uc), GFP_KERNEL);
	if (!uc)
		return -ENOMEM;
	if (!is_zero_ether_addr(adapter->station)) {
		netif_addr_lock_bh(netdev);
		netdev_for_each_uc_addr(ha, netdev) {
			if (n == QLGE_HW_CAM_PER_FUNC - 1)
				break;
			if (!ether_addr_equal(ha->addr, adapter->station))
				ether_addr_copy(uc[n++], ha->addr);
		}
		netif_addr_unlock_bh(netdev);
	}

	err = qlge_cam_refresh(adapter);
	for (i = 1; i < QLGE_HW_CAM_PER_FUNC && !err; i++)
		if (!is_zero_ether_addr(cam[i]) && !qlge_addr_in(uc, n, cam[i]))
			err = qlge_cam_write(adapter, i, none);
	if (!err && !ether_addr_equal(cam[0], adapter->station))
		err = qlge_cam_write(adapter, 0, adapter->station);
	for (i = 0, slot = 1; i < n && !err; i++) {
		if (qlge_addr_in(cam, QLGE_HW_CAM_PER_FUNC, uc[i]))
			continue;
		/* There is one: n fits, and only wanted addresses are left. */
		while (!is_zero_ether_addr(cam[slot]))
			slot++;
		err = qlge_cam_write(adapter, slot, uc[i]);
	}
	kfree(uc);
	return err;
}

/**
 * qlge_set_station - write the addresses of this function to the CAM
 * @adapter: adapter
 * @addr: station address, ETH_ALEN bytes; all zero takes the secondary
 *	addresses out as well
 *
 * Context: process; service work, or after it has been stopped. Return: 0 or
 * a negative errno.
 */
int qlge_set_station(struct qlge_adapter *adapter, const u8 *addr)
{
	ether_addr_copy(adapter->station, addr);
	return qlge_cam_sync(adapter);
}

/* The E bit of the index is the entry: there is no data word. */
static int qlge_vlan_write(struct qlge_adapter *adapter, u16 vid, bool on)
{
	int err;

	err = qlge_sem_lock(adapter, SEM_MAC_ADDR);
	if (err)
		return err;
	err = qlge_wait_reg(adapter, MAC_ADDR_IDX, MAC_ADDR_MW, 0);
	if (!err)
		qlge_write(adapter, MAC_ADDR_IDX, MAC_ADDR_TYPE_VLAN |
			   vid << MAC_ADDR_IDX_SHIFT | (on ? MAC_ADDR_E : 0));
	qlge_sem_unlock(adapter, SEM_MAC_ADDR);
	return err;
}

/*
 * Whether a reset clears the table, and whether two ports share it, is not
 * known: ids are written again after a reset, and none is cleared that was not
 * set from here.
 */
static int qlge_vlan_table(struct qlge_adapter *adapter, bool match)
{
	unsigned int vid;
	int err;

	for (vid = 0; vid < VLAN_N_VID; vid++) {
		bool on = test_bit(vid, adapter->vlans);
		bool was = test_bit(vid, adapter->card_vlans);

		if (on == was && (!on || adapter->vlans_known))
			continue;
		/* Pairs with the full barrier in qlge_vlan_kill(). */
		smp_rmb();
		/* The filter was switched off meanwhile, and its ids go. */
		if (!on && match &&
		    !test_bit(QLGE_F_VLAN_FILTER, &adapter->flags))
			return -EAGAIN;
		err = qlge_vlan_write(adapter, vid, on);
		if (err)
			return err;
		__assign_bit(vid, adapter->card_vlans, on);
	}
	adapter->vlans_known = true;
	return 0;
}

/* The card looks at the table only while all of it is there. */
static int qlge_vlan_sync(struct qlge_adapter *adapter, bool promisc)
{
	bool match = test_bit(QLGE_F_VLAN_FILTER, &adapter->flags) && !promisc;
	int err;

	if (!match)
		qlge_write_masked(adapter, NIC_RCV_CFG, NIC_RCV_CFG_VLAN_MASK,
				  NIC_RCV_CFG_VLAN_ALL);
	else
		/* Pairs with the full barrier in qlge_vlan_note(). */
		smp_rmb();
	err = qlge_vlan_table(adapter, match);
	if (match)
		qlge_write_masked(adapter, NIC_RCV_CFG, NIC_RCV_CFG_VLAN_MASK,
				  err ? NIC_RCV_CFG_VLAN_ALL :
					NIC_RCV_CFG_VLAN_MATCH_AND_NON);
	return err;
}

/* Has NAPI seen every frame that the card had when this was called? */
static bool qlge_rx_drained(struct qlge_adapter *adapter)
{
	struct qlge_set *set = adapter->set;
	unsigned int i;

	/* The read also pushes what the card has written before it. */
	if (!(qlge_read(adapter, STS) & STS_NFE))
		return false;
	for (i = 0; i < set->cfg.channels; i++) {
		const struct qlge_cq *cq = &set->channel[i]->rx.cq;

		if (le32_to_cpu(READ_ONCE(*cq->shadow)) != READ_ONCE(cq->cons))
			return false;
	}
	return true;
}

/*
 * Stripping is switched by register writes, under traffic: NAPI looks at each
 * tagged frame until there is none left from before. The bit of the CAM entry
 * follows the one of the register; which of them decides for a frame that did
 * not come through the CAM is not known. Return: 0, -EAGAIN while there may be
 * old frames, or another negative errno.
 */
static int qlge_strip_sync(struct qlge_adapter *adapter)
{
	bool strip = test_bit(QLGE_F_VLAN_STRIP, &adapter->flags);
	int err;

	if (strip != adapter->strip) {
		WRITE_ONCE(adapter->rx_tags, QLGE_TAGS_MIXED);
		adapter->strip = strip;
		/* writel() orders: no frame is stripped before NAPI looks. */
		qlge_write_masked(adapter, NIC_RCV_CFG, NIC_RCV_CFG_RV,
				  strip ? NIC_RCV_CFG_RV : 0);
	}
	err = qlge_cam_sync(adapter);
	if (err || adapter->rx_tags != QLGE_TAGS_MIXED)
		return err;
	if (!qlge_rx_drained(adapter))
		return -EAGAIN;
	WRITE_ONCE(adapter->rx_tags, strip ? QLGE_TAGS_STRIPPED :
					     QLGE_TAGS_IN_FRAME);
	return 0;
}

/* Context: SEM_RT_IDX held. @dst and @mask 0 disable the slot. */
static int qlge_route(struct qlge_adapter *adapter, enum qlge_rt_slot slot,
		      u32 dst, u32 mask)
{
	int err;

	err = qlge_wait_reg(adapter, RT_IDX, RT_IDX_MW, 0);
	if (err)
		return err;
	qlge_write(adapter, RT_IDX, RT_IDX_TYPE_NICQ | dst |
		   slot << RT_IDX_IDX_SHIFT | (mask ? RT_IDX_E : 0));
	qlge_write(adapter, RT_DATA, mask);
	return 0;
}

/**
 * qlge_route_clear - no frame goes anywhere
 * @adapter: adapter
 *
 * Context: process. Return: 0 or a negative errno.
 */
int qlge_route_clear(struct qlge_adapter *adapter)
{
	int err, slot;

	err = qlge_sem_lock(adapter, SEM_RT_IDX);
	if (err)
		return err;
	for (slot = 0; slot < RT_IDX_MAX_NIC_SLOTS && !err; slot++)
		err = qlge_route(adapter, slot, RT_IDX_DST_DFLT_Q, 0);
	qlge_sem_unlock(adapter, SEM_RT_IDX);
	return err;
}

/**
 * qlge_route_init - routes that every configuration has
 * @adapter: adapter
 * @rss: spread unicast frames by their RSS hash
 *
 * MAC errors have no slot: such frames are dropped by the card.
 *
 * Context: process. Return: 0 or a negative errno.
 */
int qlge_route_init(struct qlge_adapter *adapter, bool rss)
{
	int err;

	err = qlge_route_clear(adapter);
	if (err)
		return err;
	err = qlge_sem_lock(adapter, SEM_RT_IDX);
	if (err)
		return err;
	err = qlge_route(adapter, RT_IDX_IP_CSUM_ERR_SLOT, RT_IDX_DST_DFLT_Q,
			 RT_IDX_IP_CSUM_ERR);
	if (!err)
		err = qlge_route(adapter, RT_IDX_TCP_UDP_CSUM_ERR_SLOT,
				 RT_IDX_DST_DFLT_Q, RT_IDX_TU_CSUM_ERR);
	if (!err)
		err = qlge_route(adapter, RT_IDX_BCAST_SLOT, RT_IDX_DST_DFLT_Q,
				 RT_IDX_BCAST);
	if (!err && rss)
		err = qlge_route(adapter, RT_IDX_RSS_MATCH_SLOT, RT_IDX_DST_RSS,
				 RT_IDX_RSS_MATCH);
	if (!err)
		err = qlge_route(adapter, RT_IDX_CAM_HIT_SLOT, RT_IDX_DST_CAM_Q,
				 RT_IDX_CAM_HIT);
	qlge_sem_unlock(adapter, SEM_RT_IDX);
	return err;
}

static int qlge_write_multicast(struct qlge_adapter *adapter,
				u8 (*addr)[ETH_ALEN])
{
	unsigned int i;
	int err;

	err = qlge_sem_lock(adapter, SEM_MAC_ADDR);
	if (err)
		return err;
	/* All entries, so that no address of an earlier list stays behind. */
	for (i = 0; i < QLGE_HW_MAX_MULTICAST && !err; i++) {
		u32 idx = MAC_ADDR_TYPE_MULTI_MAC | MAC_ADDR_E |
			  i << MAC_ADDR_IDX_SHIFT;

		err = qlge_mac_write(adapter, idx, qlge_addr_lower(addr[i]));
		if (!err)
			err = qlge_mac_write(adapter, idx | 1,
					     qlge_addr_upper(addr[i]));
	}
	qlge_sem_unlock(adapter, SEM_MAC_ADDR);
	return err;
}

/**
 * qlge_set_rx_mode - bring filters in line with flags, features and lists
 * @adapter: adapter
 *
 * More multicast addresses than registers mean all multicast: the card has a
 * hash filter, but its hash is not documented. More unicast addresses than
 * CAM entries mean promiscuous. Only IFF_PROMISC itself opens the VLAN filter.
 *
 * Context: process (service work): the register windows are guarded by
 * sleeping locks, ndo_set_rx_mode() is atomic. Return: 0 or a negative errno,
 * with which it wants to be called again.
 */
int qlge_set_rx_mode(struct qlge_adapter *adapter)
{
	struct net_device *netdev = adapter->netdev;
	u8 (*addr)[ETH_ALEN];
	struct netdev_hw_addr *ha;
	bool promisc, all, allmulti;
	unsigned int n = 0;
	int err, strip_err;

	addr = kcalloc(QLGE_HW_MAX_MULTICAST, sizeof(*addr), GFP_KERNEL);
	if (!addr)
		return -ENOMEM;

	netif_addr_lock_bh(netdev);
	promisc = netdev->flags & IFF_PROMISC;
	all = promisc || netdev_uc_count(netdev) >= QLGE_HW_CAM_PER_FUNC;
	allmulti = (netdev->flags & IFF_ALLMULTI) ||
		   netdev_mc_count(netdev) > QLGE_HW_MAX_MULTICAST;
	if (!allmulti)
		netdev_for_each_mc_addr(ha, netdev)
			ether_addr_copy(addr[n++], ha->addr);
	netif_addr_unlock_bh(netdev);

	strip_err = qlge_strip_sync(adapter);
	err = strip_err == -EAGAIN ? 0 : strip_err;
	if (!err)
		err = qlge_vlan_sync(adapter, promisc);
	if (!err && n)
		err = qlge_write_multicast(adapter, addr);
	if (err)
		goto out;
	err = qlge_sem_lock(adapter, SEM_RT_IDX);
	if (err)
		goto out;
	/* What opens goes first, what closes last. */
	if (allmulti)
		err = qlge_route(adapter, RT_IDX_ALLMULTI_SLOT,
				 RT_IDX_DST_DFLT_Q, RT_IDX_MCAST);
	if (!err)
		err = qlge_route(adapter, RT_IDX_MCAST_MATCH_SLOT,
				 RT_IDX_DST_DFLT_Q, n ? RT_IDX_MCAST_MATCH : 0);
	if (!err && !allmulti)
		err = qlge_route(adapter, RT_IDX_ALLMULTI_SLOT,
				 RT_IDX_DST_DFLT_Q, 0);
	if (!err)
		err = qlge_route(adapter, RT_IDX_PROMISCUOUS_SLOT,
				 RT_IDX_DST_DFLT_Q, all ? RT_IDX_VALID : 0);
	qlge_sem_unlock(adapter, SEM_RT_IDX);
out:
	kfree(addr);
	return err ?: strip_err;
}

/**
 * qlge_rss_spread - the indirection table, unless the user chose it
 * @adapter: adapter
 * @channels: receive CQs 0..@channels-1 share the load
 *
 * Context: process, RTNL.
 */
void qlge_rss_spread(struct qlge_adapter *adapter, unsigned int channels)
{
	unsigned int i;

	ASSERT_RTNL();
	if (netif_is_rxfh_configured(adapter->netdev))
		return;
	for (i = 0; i < QLGE_RSS_TABLE_SIZE; i++)
		adapter->rss.table[i] = ethtool_rxfh_indir_default(i, channels);
}

/**
 * qlge_rss_load - key, indirection table and what is hashed
 * @adapter: adapter; its receive CQs are loaded
 * @rss: what to load
 *
 * The order in which the device takes the key bytes is not known; only the
 * distribution would depend on it.
 *
 * The same block is loaded before the work queues and, when the user changes
 * something, while frames arrive: it has a load flag for each of its parts,
 * and whichever entry the device finds meanwhile names a CQ that runs. That
 * it may be loaded then is not stated anywhere.
 *
 * Context: process, RTNL. Return: 0 or a negative errno.
 */
int qlge_rss_load(struct qlge_adapter *adapter, const struct qlge_rss *rss)
{
	struct qlge_ricb *ricb;
	int err;

	ricb = kzalloc(sizeof(*ricb), GFP_KERNEL);
	if (!ricb)
		return -ENOMEM;
	ricb->base_cq = RSS_L4K;
	ricb->flags = RSS_L6K | RSS_LI | RSS_LB | RSS_LM | rss->types;
	ricb->mask = cpu_to_le16(QLGE_RSS_TABLE_SIZE - 1);
	memcpy(ricb->hash_cq_id, rss->table, QLGE_RSS_TABLE_SIZE);
	memcpy(ricb->ipv6_hash_key, rss->key, QLGE_RSS_KEY_SIZE);
	memcpy(ricb->ipv4_hash_key, rss->key, QLGE_RSS_KEY4_SIZE);
	err = qlge_load_icb(adapter, CFG_LR, 0, ricb, sizeof(*ricb));
	kfree(ricb);
	return err;
}

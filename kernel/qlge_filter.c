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
 * qlge_set_station - write the station address of this function to the CAM
 * @adapter: adapter
 * @addr: ETH_ALEN bytes; all zero never matches a frame
 *
 * Context: process. Return: 0 or a negative errno.
 */
int qlge_set_station(struct qlge_adapter *adapter, const u8 *addr)
{
	u32 idx = (adapter->func * QLGE_HW_CAM_PER_FUNC) << MAC_ADDR_IDX_SHIFT |
		  MAC_ADDR_TYPE_CAM_MAC;
	int err;

	err = qlge_sem_lock(adapter, SEM_MAC_ADDR);
	if (err)
		return err;
	err = qlge_mac_write(adapter, idx, qlge_addr_lower(addr));
	if (!err)
		err = qlge_mac_write(adapter, idx | 1, qlge_addr_upper(addr));
	if (!err)
		err = qlge_mac_write(adapter, idx | 2, CAM_OUT_ROUTE_NIC |
				     adapter->func << CAM_OUT_FUNC_SHIFT);
	qlge_sem_unlock(adapter, SEM_MAC_ADDR);
	return err;
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
 * qlge_set_rx_mode - bring filters in line with flags and address lists
 * @adapter: adapter
 *
 * Context: process (service work): the register windows are guarded by
 * sleeping locks, ndo_set_rx_mode() is atomic. Return: 0 or a negative errno.
 */
int qlge_set_rx_mode(struct qlge_adapter *adapter)
{
	struct net_device *netdev = adapter->netdev;
	u8 (*addr)[ETH_ALEN];
	struct netdev_hw_addr *ha;
	bool promisc, allmulti;
	unsigned int n = 0;
	int err;

	addr = kcalloc(QLGE_HW_MAX_MULTICAST, sizeof(*addr), GFP_KERNEL);
	if (!addr)
		return -ENOMEM;

	netif_addr_lock_bh(netdev);
	promisc = netdev->flags & IFF_PROMISC;
	allmulti = (netdev->flags & IFF_ALLMULTI) ||
		   netdev_mc_count(netdev) > QLGE_HW_MAX_MULTICAST;
	if (!allmulti)
		netdev_for_each_mc_addr(ha, netdev)
			ether_addr_copy(addr[n++], ha->addr);
	netif_addr_unlock_bh(netdev);

	err = n ? qlge_write_multicast(adapter, addr) : 0;
	if (err)
		goto out;
	err = qlge_sem_lock(adapter, SEM_RT_IDX);
	if (err)
		goto out;
	err = qlge_route(adapter, RT_IDX_MCAST_MATCH_SLOT, RT_IDX_DST_DFLT_Q,
			 n ? RT_IDX_MCAST_MATCH : 0);
	if (!err)
		err = qlge_route(adapter, RT_IDX_ALLMULTI_SLOT,
				 RT_IDX_DST_DFLT_Q,
				 allmulti ? RT_IDX_MCAST : 0);
	if (!err)
		err = qlge_route(adapter, RT_IDX_PROMISCUOUS_SLOT,
				 RT_IDX_DST_DFLT_Q, promisc ? RT_IDX_VALID : 0);
	qlge_sem_unlock(adapter, SEM_RT_IDX);
out:
	kfree(addr);
	return err;
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

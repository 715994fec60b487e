// SPDX-License-Identifier: GPL-2.0-only
/*
 * Uses everything that qlge_compat.h supplies, in the newest kernel's words:
 * built for each kernel, never loaded.
 */
#include <linux/etherdevice.h>
#include <linux/module.h>

#include "qlge_compat.h"

u32 qlge_get_rx_ring_count(struct net_device *netdev);

u32 qlge_get_rx_ring_count(struct net_device *netdev)
{
	return netdev->real_num_rx_queues;
}

static const struct ethtool_ops compat_ethtool_ops = {
	.get_rx_ring_count	= qlge_get_rx_ring_count,
};

static int compat_diagnose(struct devlink_health_reporter *reporter,
			   struct devlink_fmsg *fmsg,
			   struct netlink_ext_ack *extack)
{
	return 0;
}

static const struct devlink_health_reporter_ops compat_reporter_ops = {
	.name			= "compat",
	.diagnose		= compat_diagnose,
	.default_graceful_period = 500,
};

static bool compat_frags(struct sk_buff *skb, struct xdp_buff *head,
			 struct xdp_buff *xdp)
{
	xdp_update_skb_frags_info(skb, 1, 1, 1, xdp_buff_get_skb_flags(xdp));
	xsk_tx_metadata_request(NULL, NULL, NULL, NULL);
	return xsk_buff_add_frag(head, xdp);
}

static int compat_poll(struct napi_struct *napi, int budget)
{
	return 0;
}

static int __init compat_init(void)
{
	static const struct devlink_ops ops;
	struct devlink_health_reporter *one, *two;
	struct devlink *devlink;
	struct net_device *netdev;
	struct napi_struct napi;

	netdev = alloc_etherdev(0);
	netdev->ethtool_ops = &compat_ethtool_ops;
	netif_napi_add_config(netdev, &napi, compat_poll, 0);
	devlink = devlink_alloc(&ops, 0, NULL);
	one = devlink_health_reporter_create(devlink, &compat_reporter_ops,
					     NULL);
	two = devl_health_reporter_create(devlink, &compat_reporter_ops, NULL);
	queue_work(system_dfl_wq, NULL);
	return one == two && compat_frags(NULL, NULL, NULL);
}
module_init(compat_init);

MODULE_DESCRIPTION("Uses of qlge_compat.h");
MODULE_LICENSE("GPL");

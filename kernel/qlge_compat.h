/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The driver is written for the newest kernel. Older ones get here what they
 * lack, in the newest kernel's words; what they lack is found out by compiling
 * (compat.sh). In a kernel tree there is no such file.
 */
#ifndef QLGE_COMPAT_H
#define QLGE_COMPAT_H

#include <linux/ethtool.h>
#include <linux/workqueue.h>
#include <net/devlink.h>
#include <net/xdp.h>
#include <net/xdp_sock_drv.h>

#include "qlge_probes.h"

#ifndef QLGE_HAVE_DFL_WQ
#define system_dfl_wq system_unbound_wq
#endif

#ifndef QLGE_HAVE_RX_RING_COUNT
/*
 * The number of rings is an answer of get_rxnfc(). Where a bracket follows the
 * name of the driver's function it is defined or declared, under another name;
 * where none follows it is used, and that is the function here.
 */
u32 qlge_compat_ring_count(struct net_device *netdev);

static inline int qlge_get_rx_ring_count(struct net_device *netdev,
					 struct ethtool_rxnfc *info, u32 *rules)
{
	if (info->cmd != ETHTOOL_GRXRINGS)
		return -EOPNOTSUPP;
	info->data = qlge_compat_ring_count(netdev);
	return 0;
}

#define qlge_get_rx_ring_count(netdev) qlge_compat_ring_count(netdev)
#define get_rx_ring_count get_rxnfc
#endif

#ifndef QLGE_HAVE_NAPI_CONFIG
/* Settings and id of a NAPI end with it. */
static inline void qlge_compat_napi_add(struct net_device *netdev,
					struct napi_struct *napi,
					int (*poll)(struct napi_struct *, int),
					int index)
{
	netif_napi_add(netdev, napi, poll);
}

#define netif_napi_add_config qlge_compat_napi_add
#endif

#ifndef QLGE_HAVE_HEALTH_PERIOD
/* The graceful period is an argument, not a member. */
struct qlge_compat_reporter_ops {
	union {
		struct devlink_health_reporter_ops ops;
		struct {
			char *name;
			int (*recover)(struct devlink_health_reporter *reporter,
				       void *priv_ctx,
				       struct netlink_ext_ack *extack);
			int (*dump)(struct devlink_health_reporter *reporter,
				    struct devlink_fmsg *fmsg, void *priv_ctx,
				    struct netlink_ext_ack *extack);
			int (*diagnose)(struct devlink_health_reporter *reporter,
					struct devlink_fmsg *fmsg,
					struct netlink_ext_ack *extack);
			int (*test)(struct devlink_health_reporter *reporter,
				    struct netlink_ext_ack *extack);
		};
	};
	u64 default_graceful_period;
};

static_assert(sizeof(struct devlink_health_reporter_ops) ==
	      offsetof(struct qlge_compat_reporter_ops,
		       default_graceful_period));
static_assert(offsetof(struct devlink_health_reporter_ops, test) ==
	      offsetof(struct qlge_compat_reporter_ops, test));

static inline struct devlink_health_reporter *
qlge_compat_reporter_create(struct devlink *devlink,
			    const struct qlge_compat_reporter_ops *ops,
			    void *priv)
{
	return devlink_health_reporter_create(devlink, &ops->ops,
					      ops->default_graceful_period,
					      priv);
}

static inline struct devlink_health_reporter *
qlge_compat_devl_reporter_create(struct devlink *devlink,
				 const struct qlge_compat_reporter_ops *ops,
				 void *priv)
{
	return devl_health_reporter_create(devlink, &ops->ops,
					   ops->default_graceful_period, priv);
}

#define devlink_health_reporter_ops qlge_compat_reporter_ops
#define devlink_health_reporter_create qlge_compat_reporter_create
#define devl_health_reporter_create qlge_compat_devl_reporter_create
#endif

#ifndef QLGE_HAVE_XDP_FRAGS_INFO
static inline u32 xdp_buff_get_skb_flags(const struct xdp_buff *xdp)
{
	return xdp->flags;
}

static inline void xdp_update_skb_frags_info(struct sk_buff *skb, u8 nr_frags,
					     unsigned int size,
					     unsigned int truesize,
					     u32 xdp_flags)
{
	xdp_update_skb_shared_info(skb, nr_frags, size, truesize,
				   xdp_flags & XDP_FLAGS_FRAGS_PF_MEMALLOC);
}
#endif

#ifndef QLGE_HAVE_XSK_FRAG_HEAD
/* Only the list of the pool is kept; the frame is ours to describe. */
static inline bool qlge_compat_xsk_add_frag(struct xdp_buff *head,
					    struct xdp_buff *xdp)
{
	struct skb_shared_info *sinfo = xdp_get_shared_info_from_buff(head);
	unsigned int len = xdp->data_end - xdp->data;

	if (!xdp_buff_has_frags(head)) {
		sinfo->nr_frags = 0;
		sinfo->xdp_frags_size = 0;
		xdp_buff_set_frags_flag(head);
	} else if (sinfo->nr_frags == MAX_SKB_FRAGS) {
		return false;
	}
	__skb_fill_page_desc_noacc(sinfo, sinfo->nr_frags++,
				   virt_to_page(xdp->data),
				   offset_in_page(xdp->data), len);
	sinfo->xdp_frags_size += len;
	xsk_buff_add_frag(xdp);
	return true;
}

#define xsk_buff_add_frag qlge_compat_xsk_add_frag
#endif

#ifndef QLGE_HAVE_XSK_META_POOL
/* The metadata was checked when it was looked up. */
static inline void
qlge_compat_xsk_request(const struct xsk_buff_pool *pool,
			struct xsk_tx_metadata **meta,
			const struct xsk_tx_metadata_ops *ops, void *priv)
{
	xsk_tx_metadata_request(*meta, ops, priv);
}

#define xsk_tx_metadata_request qlge_compat_xsk_request
#endif

#endif /* QLGE_COMPAT_H */

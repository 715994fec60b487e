// SPDX-License-Identifier: GPL-2.0-only
/*
 * XDP: program attach, metadata, XDP_TX, ndo_xdp_xmit.
 */
#include <linux/bpf.h>
#include <net/xdp.h>

#include "qlge.h"

/**
 * qlge_xdp_limits - the largest MTU that suits program and pools
 * @adapter: adapter
 *
 * Makes the core refuse a larger one, with the reason in extack.
 *
 * Context: process, RTNL.
 */
void qlge_xdp_limits(struct qlge_adapter *adapter)
{
	struct bpf_prog *prog = rtnl_dereference(adapter->xdp_prog);
	unsigned int mtu = QLGE_MAX_MTU, i;

	if (prog && !prog->aux->xdp_has_frags)
		mtu = QLGE_XDP_MAX_MTU;
	for (i = 0; i < ARRAY_SIZE(adapter->xsk); i++)
		if (adapter->xsk[i])
			mtu = min(mtu, qlge_xsk_max_mtu(adapter->xsk[i]));
	adapter->netdev->max_mtu = mtu;
}

/* Context: RTNL. */
static int qlge_xdp_set_prog(struct net_device *netdev, struct bpf_prog *prog,
			     struct netlink_ext_ack *extack)
{
	struct qlge_adapter *adapter = netdev_priv(netdev);
	bool single = prog && !prog->aux->xdp_has_frags;
	struct bpf_prog *old;

	if (single && netdev->mtu > QLGE_XDP_MAX_MTU) {
		NL_SET_ERR_MSG_FMT_MOD(extack,
				       "MTU %u exceeds %u, the limit of programs without xdp.frags",
				       netdev->mtu,
				       (unsigned int)QLGE_XDP_MAX_MTU);
		return -EOPNOTSUPP;
	}
	/*
	 * Every buffer is laid out for XDP already: no ring is touched and no
	 * frame is lost. bpf_prog_put() frees after a grace period, so a poll
	 * in flight finishes with the program it has read.
	 */
	old = rcu_replace_pointer(adapter->xdp_prog, prog,
				  lockdep_rtnl_is_held());
	qlge_xdp_limits(adapter);
	if (old)
		bpf_prog_put(old);
	return 0;
}

/**
 * qlge_bpf - ndo_bpf
 * @netdev: net device
 * @bpf: command
 *
 * Context: RTNL. Return: 0 or a negative errno with a sentence, in extack or,
 * where the command has none, in the log.
 */
int qlge_bpf(struct net_device *netdev, struct netdev_bpf *bpf)
{
	switch (bpf->command) {
	case XDP_SETUP_PROG:
		return qlge_xdp_set_prog(netdev, bpf->prog, bpf->extack);
	case XDP_SETUP_XSK_POOL:
		return qlge_xsk_setup_pool(netdev_priv(netdev), bpf->xsk.pool,
					   bpf->xsk.queue_id);
	default:
		return -EOPNOTSUPP;
	}
}

/* The bits are IPv4, IPv6, TCP; what has no name is not a hash we know. */
static const enum xdp_rss_hash_type
qlge_xdp_hash_type[IB_MAC_IOCB_RSP_RSS_MASK + 1] = {
	[2] = XDP_RSS_TYPE_L3_IPV6,
	[3] = XDP_RSS_TYPE_L4_IPV6_TCP,
	[4] = XDP_RSS_TYPE_L3_IPV4,
	[5] = XDP_RSS_TYPE_L4_IPV4_TCP,
};

static int qlge_xdp_rx_hash(const struct xdp_md *ctx, u32 *hash,
			    enum xdp_rss_hash_type *type)
{
	const struct qlge_xdp_buff *xbuf = (const void *)ctx;
	enum xdp_rss_hash_type known;

	known = qlge_xdp_hash_type[xbuf->rsp->flags3 &
				   IB_MAC_IOCB_RSP_RSS_MASK];
	if (known == XDP_RSS_TYPE_NONE ||
	    !(xbuf->xdp.rxq->dev->features & NETIF_F_RXHASH))
		return -ENODATA;
	*hash = le32_to_cpu(xbuf->rsp->rss);
	*type = known;
	return 0;
}

static int qlge_xdp_rx_vlan_tag(const struct xdp_md *ctx, __be16 *proto,
				u16 *tci)
{
	const struct qlge_xdp_buff *xbuf = (const void *)ctx;

	/* V is set whether or not the tag was stripped. */
	if (!(xbuf->rsp->flags2 & IB_MAC_IOCB_RSP_V) || !xbuf->stripped)
		return -ENODATA;
	*proto = htons(ETH_P_8021Q);
	*tci = le16_to_cpu(xbuf->rsp->vlan_id);
	return 0;
}

/* Context: called by programs. Return: 0, or -ENODATA. */
const struct xdp_metadata_ops qlge_xdp_metadata_ops = {
	.xmo_rx_hash		= qlge_xdp_rx_hash,
	.xmo_rx_vlan_tag	= qlge_xdp_rx_vlan_tag,
};

/**
 * qlge_xdp_full - an XDP queue has no room
 * @tx: ring
 * @cons: first request that is not completed
 *
 * The stack's watchdog does not see XDP queues: one that is full and does not
 * move for as long as that would wait is stuck.
 *
 * Context: the one sender of the ring.
 */
noinline void qlge_xdp_full(struct qlge_tx_ring *tx, u32 cons)
{
	if (tx->stuck_cons != cons) {
		tx->stuck_cons = cons;
		tx->stuck_since = jiffies;
	} else if (time_after(jiffies, tx->stuck_since + QLGE_TX_TIMEOUT)) {
		qlge_schedule_reset(tx->ch->adapter, QLGE_RESET_TX_TIMEOUT);
	}
}

/**
 * qlge_xdp_not_sent - count frames that an XDP queue has not taken
 * @tx: ring
 * @why: QLGE_TX_STOP, it is full; QLGE_TX_DROPPED, they cannot be sent
 * @n: frames
 *
 * Apart, so that its array is on no other stack.
 *
 * Context: the one sender of the ring.
 */
noinline void qlge_xdp_not_sent(struct qlge_tx_ring *tx, enum qlge_tx_stat why,
				unsigned int n)
{
	u64 stat[QLGE_TX_NSTATS] = { };

	stat[why] = n;
	qlge_tx_stats_add(tx, stat);
}

/* The descriptors of a frame after the first. */
static noinline void qlge_xdp_tx_more(struct qlge_tx_ring *tx,
				      struct qlge_tbd *tbd,
				      const struct qlge_more *more,
				      const struct xdp_buff *xdp)
{
	const struct skb_shared_info *sinfo =
		xdp_get_shared_info_from_buff(xdp);
	struct qlge_tx_seg *seg = &tx->seg[tx->prod * tx->max_segs];
	struct qlge_tx_buf *buf = &tx->buf[tx->prod];
	unsigned int i;

	for (i = 0; i < more->n; i++) {
		const struct qlge_mem *mem = &more->frag[i].chunk->mem;
		unsigned int off = skb_frag_off(&sinfo->frags[i]);
		unsigned int len = skb_frag_size(&sinfo->frags[i]);

		dma_sync_single_range_for_device(tx->dev, mem->dma, off, len,
						 DMA_BIDIRECTIONAL);
		tbd->len &= ~cpu_to_le32(TX_DESC_E);
		tbd++;
		tbd->addr = cpu_to_le64(mem->dma + off);
		tbd->len = cpu_to_le32(len | TX_DESC_E);
		seg[i].frag = more->frag[i];
	}
	buf->nsegs = more->n;
	buf->type = QLGE_TX_XDP_FRAGS;
}

/**
 * qlge_xdp_tx - send a received frame back
 * @ch: channel it arrived on
 * @bq: queue its buffers belong to
 * @frag: the first of them
 * @more: the others, or NULL
 * @xdp: the frame in them
 *
 * No mapping and no lock: the buffers are mapped for their whole life and the
 * queue belongs to this NAPI. The doorbell is rung at the end of the poll.
 *
 * Context: NAPI of @ch. Return: false if the queue is full or the program has
 * made the frame too long; the buffers then still are the caller's.
 */
bool qlge_xdp_tx(struct qlge_channel *ch, struct qlge_bq *bq,
		 struct qlge_frag frag, const struct qlge_more *more,
		 const struct xdp_buff *xdp)
{
	unsigned int off = xdp->data - xdp->data_hard_start;
	unsigned int len = xdp->data_end - xdp->data;
	struct qlge_tx_ring *tx = &ch->xdp;
	struct qlge_ob_mac_iocb *req;
	struct qlge_tx_buf *buf;
	unsigned int total;

	total = more ? xdp_get_buff_len(xdp) : len;
	if (unlikely(total > QLGE_HW_MAX_FRAME)) {
		qlge_xdp_not_sent(tx, QLGE_TX_DROPPED, 1);
		return false;
	}
	req = qlge_xdp_request(tx, total);
	if (unlikely(!req)) {
		qlge_xdp_not_sent(tx, QLGE_TX_STOP, 1);
		return false;
	}
	dma_sync_single_range_for_device(tx->dev, frag.chunk->mem.dma,
					 frag.off + off, len,
					 DMA_BIDIRECTIONAL);
	req->tbd[0].addr = cpu_to_le64(qlge_frag_dma(frag) + off);
	req->tbd[0].len = cpu_to_le32(len | TX_DESC_E);
	buf = &tx->buf[tx->prod];
	buf->type = QLGE_TX_XDP_FRAG;
	buf->frag = frag;
	buf->bq = bq;
	buf->len = total;
	buf->packets = 1;
	if (unlikely(more))
		qlge_xdp_tx_more(tx, req->tbd, more, xdp);
	qlge_xdp_advance(tx);
	return true;
}

/**
 * qlge_xdp_doorbell - send what qlge_xdp_tx() has queued
 * @ch: channel
 *
 * Context: NAPI of @ch.
 */
void qlge_xdp_doorbell(struct qlge_channel *ch)
{
	writel(ch->xdp.prod, ch->xdp.db);
}

static bool qlge_xdp_xmit_one(struct qlge_tx_ring *tx, struct xdp_frame *xdpf,
			      struct xdp_frame_bulk *bulk)
{
	const struct skb_shared_info *sinfo = NULL;
	unsigned int nsegs = 1, len = xdpf->len;
	bool copy = len <= QLGE_TX_COPY_LEN && tx->copy;
	struct qlge_ob_mac_iocb *req;
	struct qlge_tx_buf *buf;

	if (unlikely(xdp_frame_has_frags(xdpf))) {
		sinfo = xdp_get_shared_info_from_frame(xdpf);
		nsegs += sinfo->nr_frags;
		len = xdp_get_frame_len(xdpf);
		copy = false;
	}
	/* A devmap program may have made it longer than the MTU. */
	if (unlikely(nsegs > tx->max_segs || len > QLGE_HW_MAX_FRAME))
		goto drop;
	/* As in qlge_xmit(): what the card would pad with is not documented. */
	if (copy && unlikely(len < ETH_ZLEN))
		len = ETH_ZLEN;
	req = qlge_xdp_request(tx, len);
	if (unlikely(!req))
		return false;
	buf = &tx->buf[tx->prod];
	if (copy) {
		size_t off = (size_t)tx->prod * QLGE_TX_COPY_LEN;
		/* It is no longer; with the bound the copy needs no call. */
		u32 size = min_t(u32, xdpf->len, QLGE_TX_COPY_LEN);

		memcpy(tx->copy + off, xdpf->data, size);
		if (unlikely(size < len))
			memset(tx->copy + off + size, 0, len - size);
		xdp_return_frame_bulk(xdpf, bulk);
		req->tbd[0].addr = cpu_to_le64(tx->extra_dma + off);
		req->tbd[0].len = cpu_to_le32(len | TX_DESC_E);
		buf->type = QLGE_TX_XDP_COPY;
	} else {
		if (unlikely(qlge_tx_map(tx, xdpf->data, xdpf->len, sinfo,
					 nsegs)))
			goto drop;
		buf->type = QLGE_TX_XDP_FRAME;
		buf->xdpf = xdpf;
		buf->nsegs = nsegs;
	}
	buf->len = len;
	buf->packets = 1;
	qlge_xdp_advance(tx);
	return true;

	/* It cannot be sent, and those behind it shall not suffer. */
drop:
	xdp_return_frame(xdpf);
	qlge_xdp_not_sent(tx, QLGE_TX_DROPPED, 1);
	return true;
}

/* Context: the one sender of the ring. Return: frames taken. */
static int qlge_xdp_xmit_ring(struct qlge_tx_ring *tx, int n,
			      struct xdp_frame **frames, u32 flags)
{
	struct xdp_frame_bulk bulk;
	int i;

	/* For returned frames: on older kernels they look for their pool. */
	rcu_read_lock();
	xdp_frame_bulk_init(&bulk);
	for (i = 0; i < n; i++)
		if (!qlge_xdp_xmit_one(tx, frames[i], &bulk))
			break;
	xdp_flush_frame_bulk(&bulk);
	rcu_read_unlock();
	if (i)
		tx->doorbell = true;
	if (unlikely(i < n))
		qlge_xdp_not_sent(tx, QLGE_TX_STOP, n - i);
	if ((flags & XDP_XMIT_FLUSH) && tx->doorbell) {
		writel(tx->prod, tx->db);
		tx->doorbell = false;
	}
	return i;
}

/**
 * qlge_xdp_xmit - ndo_xdp_xmit
 * @netdev: net device
 * @n: number of frames
 * @frames: the frames
 * @flags: XDP_XMIT_FLUSH rings the doorbell
 *
 * Every CPU has a queue of its own, so there is no lock unless there are
 * more CPUs than queues.
 *
 * Context: BH off. Return: frames taken, the rest stays the caller's;
 * or -ENETDOWN, -EINVAL.
 */
int qlge_xdp_xmit(struct net_device *netdev, int n, struct xdp_frame **frames,
		  u32 flags)
{
	struct qlge_adapter *adapter = netdev_priv(netdev);
	struct qlge_tx_ring *tx;
	struct qlge_set *set;

	if (unlikely(flags & ~XDP_XMIT_FLAGS_MASK))
		return -EINVAL;
	set = rcu_dereference_bh(adapter->xdp_set);
	if (unlikely(!set || !netif_carrier_ok(netdev)))
		return -ENETDOWN;

	tx = &set->xmit[smp_processor_id() % set->nxmit];
	if (likely(!tx->shared))
		return qlge_xdp_xmit_ring(tx, n, frames, flags);
	spin_lock(&tx->lock);
	n = qlge_xdp_xmit_ring(tx, n, frames, flags);
	spin_unlock(&tx->lock);
	return n;
}

/**
 * qlge_xdp_done - count what has completed
 * @ctx: poll; its sums begin anew
 *
 * Context: NAPI of the ring's channel.
 */
void qlge_xdp_done(struct qlge_rx_ctx *ctx)
{
	if (!ctx->tx)
		return;
	qlge_tx_done_stats(ctx->tx, &ctx->done, false);
	ctx->xsk_done += ctx->done.xsk;
	ctx->done = (struct qlge_tx_done){ };
	ctx->tx = NULL;
}

/**
 * qlge_xdp_done_switch - completions of another XDP queue follow
 * @ch: channel on whose receive CQ they arrive
 * @id: what they say of their queue; not trusted
 * @ctx: poll
 *
 * Context: NAPI of @ch. Return: false if @ch has no such queue.
 */
bool qlge_xdp_done_switch(struct qlge_channel *ch, u32 id,
			  struct qlge_rx_ctx *ctx)
{
	struct qlge_set *set = ch->set;
	struct qlge_tx_ring *tx = &ch->xdp;

	if (id != tx->id) {
		id -= 2 * set->cfg.channels;
		if (unlikely(id >= set->nxmit || set->xmit[id].ch != ch))
			return false;
		tx = &set->xmit[id];
	}
	qlge_xdp_done(ctx);
	ctx->tx = tx;
	return true;
}

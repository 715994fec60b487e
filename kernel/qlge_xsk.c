// SPDX-License-Identifier: GPL-2.0-only
/*
 * AF_XDP zero copy.
 *
 * A queue with a pool takes its receive buffers from there. All chunks are of
 * one size, and both buffer queues are told the same: so every frame that fits
 * a chunk comes in a small buffer, and large ones are for frames that do not
 * fit, which are dropped.
 *
 * The card has one FIFO in front of all queues: one without buffers would hold
 * up the others. So when the pool is empty the queue gets some page fragments
 * of its own, its spares. What arrives in a spare is copied if the pool has a
 * chunk by then, else dropped, and the spare goes home.
 */
#include <linux/bpf_trace.h>
#include <linux/filter.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <linux/unaligned.h>
#include <net/checksum.h>
#include <net/ip.h>
#include <net/xdp_sock_drv.h>

#include "qlge.h"

/* Chunks in the large queue: at any time one step for the device. */
#define QLGE_XSK_LARGE_FILL	(2 * QLGE_BQ_STEP)

/* The pool keeps what metadata functions need with each buffer. */
#define QLGE_XSK_BUFF(buff)	container_of(buff, struct qlge_xdp_buff, xdp)

/* What the card is told; a spare has room for it as well. */
static unsigned int qlge_xsk_buf_len(struct xsk_buff_pool *pool)
{
	return min_t(u32, xsk_pool_get_rx_frame_size(pool), QLGE_LARGE_LEN);
}

/**
 * qlge_xsk_bound - is a pool bound to any queue?
 * @adapter: adapter
 *
 * Context: RTNL. Return: whether.
 */
bool qlge_xsk_bound(const struct qlge_adapter *adapter)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(adapter->xsk); i++)
		if (adapter->xsk[i])
			return true;
	return false;
}

/**
 * qlge_xsk_max_mtu - the MTU whose longest frame fits a chunk
 * @xsk: bound pool
 *
 * Context: any. Return: the MTU.
 */
unsigned int qlge_xsk_max_mtu(const struct qlge_xsk *xsk)
{
	return qlge_xsk_buf_len(xsk->pool) - QLGE_FRAME_OVERHEAD;
}

/*
 * Without chunks for a step, or for as many frames as may come before the next
 * poll, the device gets spares.
 */
static u16 qlge_xsk_add_spares(struct qlge_rx_ring *rx, struct qlge_bq *bq,
			       u16 ntu, unsigned int low)
{
	struct qlge_bq *home = &rx->large;

	while (((ALIGN_DOWN(ntu, QLGE_BQ_STEP) - bq->ntc) & bq->mask) < low &&
	       home->nhome) {
		struct qlge_frag frag = home->home[--home->nhome];

		bq->slot[ntu] = frag;
		bq->xsk[ntu] = NULL;
		bq->desc[ntu] = cpu_to_le64(qlge_frag_dma(frag) +
					    XDP_PACKET_HEADROOM);
		bq->spares++;
		ntu = (ntu + 1) & bq->mask;
	}
	return ntu;
}

/*
 * May so many chunks go to the device? Behind spares they would wait, while
 * frames in the spares want a chunk each to be copied to.
 */
static bool qlge_xsk_may_take(struct qlge_rx_ring *rx, unsigned int n)
{
	if (unlikely(rx->small.spares) &&
	    !xsk_buff_can_alloc(rx->pool, rx->small.spares + n))
		rx->no_alloc = true;
	return !rx->no_alloc;
}

/*
 * Hand the device as many chunks as there is room for.
 * Return: false if spares have to do, or would have to and there are none.
 */
static bool qlge_xsk_fill(struct qlge_rx_ring *rx, struct qlge_bq *bq)
{
	unsigned int low = bq == &rx->large ? QLGE_BQ_STEP : QLGE_XSK_SPARES;
	unsigned int want = bq == &rx->large ? QLGE_XSK_LARGE_FILL : bq->mask;
	unsigned int have = (bq->ntu - bq->ntc) & bq->mask;
	unsigned int n = want > have ? want - have : 0;
	u16 ntu = bq->ntu;

	/* Up to a step boundary: what is beyond it the device cannot see. */
	n -= min(n, (ntu + n) % QLGE_BQ_STEP);
	while (n) {
		struct xdp_buff **xdp = &bq->xsk[ntu];
		unsigned int ask = min(n, bq->mask + 1U - ntu);
		unsigned int got, i;

		if (unlikely(rx->small.spares))
			ask = min(ask, QLGE_BQ_STEP);
		if (unlikely(!qlge_xsk_may_take(rx, ask)))
			break;
		got = xsk_buff_alloc_batch(rx->pool, xdp, ask);
		for (i = 0; i < got; i++)
			bq->desc[ntu + i] =
				cpu_to_le64(xsk_buff_xdp_get_dma(xdp[i]));
		ntu = (ntu + got) & bq->mask;
		n -= got;
		if (got < ask)
			rx->no_alloc = true;
	}
	if (unlikely(n))
		ntu = qlge_xsk_add_spares(rx, bq, ntu, low);
	qlge_bq_show(bq, ntu);
	return !n || (!bq->spares && qlge_bq_visible(bq) >= low);
}

/**
 * qlge_xsk_refill - chunks for both queues, at the end of a poll
 * @rx: ring with a pool
 *
 * An empty pool is no reason to come back: the next frame finds a spare.
 *
 * Context: NAPI, or the ring is stopped.
 */
void qlge_xsk_refill(struct qlge_rx_ring *rx)
{
	bool full;

	full = qlge_xsk_fill(rx, &rx->small);
	full &= qlge_xsk_fill(rx, &rx->large);
	if (!xsk_uses_need_wakeup(rx->pool))
		return;
	if (full)
		xsk_clear_rx_need_wakeup(rx->pool);
	else
		xsk_set_rx_need_wakeup(rx->pool);
}

/* The first buffer the device had is ours again: a chunk, or NULL, a spare. */
static struct xdp_buff *qlge_xsk_pop(struct qlge_bq *bq)
{
	struct xdp_buff *xdp = bq->xsk[bq->ntc];

	if (unlikely(!xdp))
		bq->spares--;
	WRITE_ONCE(bq->ntc, (bq->ntc + 1) & bq->mask);
	return xdp;
}

/* Nobody has looked at what may be in it. */
static void qlge_xsk_discard(struct qlge_rx_ring *rx, struct qlge_bq *bq)
{
	struct qlge_frag spare = bq->slot[bq->ntc];
	struct xdp_buff *xdp = qlge_xsk_pop(bq);

	if (xdp)
		xsk_buff_free(xdp);
	else
		qlge_frag_home(rx, &rx->large, spare);
}

/*
 * The frame in the next buffer, which is a spare. Return: a chunk with a copy
 * of it, or NULL if the pool still is empty.
 */
static noinline struct xdp_buff *qlge_xsk_copy(struct qlge_rx_ring *rx,
					       struct qlge_bq *bq,
					       unsigned int len,
					       struct qlge_rx_ctx *ctx)
{
	struct qlge_frag spare = bq->slot[bq->ntc];
	dma_addr_t dma = spare.chunk->mem.dma;
	unsigned int off = spare.off + XDP_PACKET_HEADROOM;
	struct xdp_buff *xdp;

	qlge_xsk_pop(bq);
	xdp = xsk_buff_alloc(rx->pool);
	if (xdp) {
		xsk_buff_set_size(xdp, len);
		dma_sync_single_range_for_cpu(rx->dev, dma, off, len,
					      DMA_BIDIRECTIONAL);
		memcpy(xdp->data, qlge_frag_va(spare) + XDP_PACKET_HEADROOM,
		       len);
		dma_sync_single_range_for_device(rx->dev, dma, off, len,
						 DMA_BIDIRECTIONAL);
		ctx->stat[QLGE_RX_XSK_COPIED]++;
	} else {
		ctx->stat[QLGE_RX_RECYCLED]++;
	}
	qlge_frag_home(rx, &rx->large, spare);
	return xdp;
}

/*
 * A frame that no chunk has room for, in large buffers and a small one with
 * their list. Return: false if driver and device have lost step.
 */
static noinline bool qlge_xsk_too_long(struct qlge_rx_ring *rx,
				       unsigned int len,
				       struct qlge_rx_ctx *ctx)
{
	unsigned int n = DIV_ROUND_UP(len, rx->large.buf_len);

	if (len <= rx->large.buf_len || len > QLGE_HW_MAX_FRAME ||
	    qlge_bq_visible(&rx->large) < n || !qlge_bq_visible(&rx->small))
		return false;
	qlge_xsk_discard(rx, &rx->small);
	while (n--)
		qlge_xsk_discard(rx, &rx->large);
	ctx->stat[QLGE_RX_LENGTH_ERRORS]++;
	/* There always has to be room for another one. */
	qlge_xsk_fill(rx, &rx->large);
	return true;
}

/* XDP_TX: as qlge_xdp_tx(), from a chunk. */
static bool qlge_xsk_xdp_tx(struct qlge_channel *ch, struct xdp_buff *xdp)
{
	unsigned int off = xdp->data - xdp->data_hard_start;
	unsigned int len = xdp->data_end - xdp->data;
	struct qlge_tx_ring *tx = &ch->xdp;
	struct qlge_ob_mac_iocb *req;
	struct qlge_tx_buf *buf;
	dma_addr_t dma;

	req = qlge_xdp_request(tx, len);
	if (unlikely(!req)) {
		qlge_xdp_not_sent(tx, QLGE_TX_STOP, 1);
		return false;
	}
	dma = xsk_buff_xdp_get_dma(xdp) + off - XDP_PACKET_HEADROOM;
	xsk_buff_raw_dma_sync_for_device(ch->rx.pool, dma, len);
	req->tbd[0].addr = cpu_to_le64(dma);
	req->tbd[0].len = cpu_to_le32(len | TX_DESC_E);
	buf = &tx->buf[tx->prod];
	buf->type = QLGE_TX_XDP_POOL;
	buf->xdp = xdp;
	buf->len = len;
	buf->packets = 1;
	qlge_xdp_advance(tx);
	return true;
}

/* The frame in @xdp, which came with @len bytes, goes where it has to. */
static __always_inline void qlge_xsk_run(struct qlge_rx_ring *rx,
					 struct xdp_buff *xdp,
					 unsigned int len,
					 struct qlge_rx_ctx *ctx)
{
	struct net_device *netdev = rx->ch->adapter->netdev;
	u32 act;

	if (unlikely(!ctx->prog))
		goto pass;
	act = bpf_prog_run_xdp(ctx->prog, xdp);
	if (likely(act == XDP_REDIRECT)) {
		if (unlikely(xdp_do_redirect(netdev, xdp, ctx->prog)))
			goto exception;
		ctx->stat[QLGE_RX_XDP_REDIRECT]++;
		ctx->redirected = true;
		goto counted;
	}
	switch (act) {
	case XDP_PASS:
		ctx->stat[QLGE_RX_XDP_PASS]++;
pass:
		qlge_rx_copy(rx, QLGE_XSK_BUFF(xdp), len, ctx);
		xsk_buff_free(xdp);
		return;
	case XDP_DROP:
		ctx->stat[QLGE_RX_XDP_DROP]++;
		break;
	case XDP_TX:
		if (unlikely(!qlge_xsk_xdp_tx(rx->ch, xdp)))
			goto exception;
		ctx->stat[QLGE_RX_XDP_TX]++;
		ctx->xdp_tx = true;
		goto counted;
	default:
		bpf_warn_invalid_xdp_action(netdev, ctx->prog, act);
		fallthrough;
	case XDP_ABORTED:
exception:
		trace_xdp_exception(netdev, ctx->prog, act);
		ctx->stat[QLGE_RX_XDP_ABORTED]++;
		break;
	}
	/* After a failed redirect it may be free already: no harm is done. */
	xsk_buff_free(xdp);
counted:
	ctx->stat[QLGE_RX_PACKETS]++;
	ctx->stat[QLGE_RX_BYTES] += len;
}

/**
 * qlge_xsk_rx - one received frame of a queue with a pool
 * @rx: ring
 * @rsp: entry; not trusted
 * @ctx: the poll
 *
 * Context: NAPI. Return: false if driver and device have lost step.
 */
bool qlge_xsk_rx(struct qlge_rx_ring *rx, const struct qlge_ib_mac_rsp *rsp,
		 struct qlge_rx_ctx *ctx)
{
	unsigned int len = le32_to_cpu(rsp->data_len);
	struct qlge_xdp_buff *xbuf;
	struct xdp_buff *xdp;
	struct qlge_bq *bq;
	dma_addr_t dma;

	if (unlikely(rsp->flags4 & IB_MAC_IOCB_RSP_HV))
		return false;
	if (likely(rsp->flags3 & IB_MAC_IOCB_RSP_DS))
		bq = &rx->small;
	else if (rsp->flags3 & IB_MAC_IOCB_RSP_DL)
		bq = &rx->large;
	else
		return qlge_xsk_too_long(rx, len, ctx);

	if (unlikely(len > bq->buf_len || !qlge_bq_visible(bq)))
		return false;
	xdp = bq->xsk[bq->ntc];
	dma = likely(xdp) ? xsk_buff_xdp_get_dma(xdp) :
	      qlge_frag_dma(bq->slot[bq->ntc]) + XDP_PACKET_HEADROOM;
	if (unlikely(le64_to_cpu(rsp->data_addr) != dma))
		return false;

	if (unlikely(len < ETH_HLEN || len > ctx->max_len)) {
		ctx->stat[QLGE_RX_LENGTH_ERRORS]++;
		qlge_xsk_discard(rx, bq);
	} else if (unlikely(rsp->flags2 & IB_MAC_IOCB_RSP_ERR_MASK)) {
		ctx->stat[QLGE_RX_MAC_ERRORS]++;
		qlge_xsk_discard(rx, bq);
	} else {
		if (likely(xdp)) {
			qlge_xsk_pop(bq);
			xsk_buff_set_size(xdp, len);
			xsk_buff_dma_sync_for_cpu(xdp);
		} else {
			xdp = qlge_xsk_copy(rx, bq, len, ctx);
		}
		if (likely(xdp)) {
			xbuf = QLGE_XSK_BUFF(xdp);
			xbuf->rsp = rsp;
			xbuf->stripped = ctx->xbuf.stripped;
			if (unlikely(ctx->tags == QLGE_TAGS_MIXED))
				xbuf->stripped = qlge_rx_stripped(xdp->data,
								  len, rsp);
			qlge_xsk_run(rx, xdp, len, ctx);
		}
	}
	if (unlikely(qlge_bq_empty(bq) >= bq->step))
		qlge_xsk_fill(rx, bq);
	return true;
}

/* A frame of a socket whose checksum is wanted. */
struct qlge_xsk_csum {
	struct qlge_ob_mac_iocb *req;
	void *data;
	unsigned int len;
};

/*
 * The card wants to know what it is: TCP or UDP, over which IP, and where that
 * begins; so the driver has to look. The sender may change the frame at any
 * time: what is read here makes a good or a bad frame of his, and nothing else.
 * Return: false if the card cannot do it.
 */
static bool qlge_xsk_csum_card(const struct qlge_xsk_csum *frame,
			       unsigned int start, unsigned int offset)
{
	unsigned int net = ETH_HLEN, hdr = sizeof(struct udphdr);
	const struct vlan_ethhdr *veth = frame->data;
	__be16 proto = get_unaligned(&veth->h_vlan_proto);
	const void *trans = frame->data + start;
	bool tcp;
	u8 type;

	/* There is that much in front of a transport header. */
	if (start < ETH_HLEN + sizeof(struct iphdr) ||
	    start > OB_MAC_TRANSPORT_OFFSET_MAX)
		return false;
	if (proto == htons(ETH_P_8021Q)) {
		net = VLAN_ETH_HLEN;
		proto = get_unaligned(&veth->h_vlan_encapsulated_proto);
	}
	if (proto == htons(ETH_P_IP)) {
		const struct iphdr *iph = frame->data + net;

		type = iph->protocol;
		if (start < net + sizeof(*iph) ||
		    start != net + (*(const u8 *)iph & 0xf) * 4 ||
		    ip_is_fragment(iph))
			return false;
	} else if (proto == htons(ETH_P_IPV6)) {
		const struct ipv6hdr *ip6h = frame->data + net;

		type = ip6h->nexthdr;
		if (start != net + sizeof(*ip6h))
			return false;
	} else {
		return false;
	}
	tcp = type == IPPROTO_TCP && offset == offsetof(struct tcphdr, check);
	if (!tcp && (type != IPPROTO_UDP ||
		     offset != offsetof(struct udphdr, check)))
		return false;
	if (tcp)
		hdr = (((const u8 *)trans)[12] >> 4) * 4;
	qlge_tx_csum(frame->req, proto == htons(ETH_P_IP), tcp, net, start,
		     min(start + hdr, frame->len));
	return true;
}

/* There is no way to refuse: what the card cannot do is done here. */
static void qlge_xsk_request_csum(u16 start, u16 offset, void *priv)
{
	const struct qlge_xsk_csum *frame = priv;
	void *field = frame->data + start + offset;
	__sum16 sum;

	if (start + offset + sizeof(sum) > frame->len ||
	    qlge_xsk_csum_card(frame, start, offset))
		return;
	sum = csum_fold(csum_partial(frame->data + start, frame->len - start,
				     0)) ?: CSUM_MANGLED_0;
	put_unaligned((__force u16)sum, (u16 *)field);
}

/* Context: NAPI; called for requests in the metadata of a frame. */
const struct xsk_tx_metadata_ops qlge_xsk_metadata_ops = {
	.tmo_request_checksum	= qlge_xsk_request_csum,
};

static noinline void qlge_xsk_metadata(struct xsk_buff_pool *pool,
				       const struct xdp_desc *desc,
				       struct qlge_ob_mac_iocb *req)
{
	struct xsk_tx_metadata *meta =
		xsk_buff_get_metadata(pool, desc->addr, desc->options);
	struct qlge_xsk_csum frame = {
		.req = req,
		.data = xsk_buff_raw_get_data(pool, desc->addr),
		.len = desc->len,
	};

	xsk_tx_metadata_request(pool, &meta, &qlge_xsk_metadata_ops, &frame);
}

/*
 * A poll sends no more than it receives, so that sockets do not keep others
 * waiting; what was sent brings NAPI back for the rest.
 * Return: frames that were written to the ring.
 */
static unsigned int qlge_xsk_send(struct qlge_tx_ring *tx,
				  struct xsk_buff_pool *pool)
{
	const struct xdp_desc *desc = pool->tx_descs;
	unsigned int n = qlge_tx_room(tx), i;

	if (unlikely(!n)) {
		qlge_xdp_full(tx, tx->cons);
		return 0;
	}
	n = xsk_tx_peek_release_desc_batch(pool, min(n, NAPI_POLL_WEIGHT));
	for (i = 0; i < n; i++, desc++) {
		struct qlge_ob_mac_iocb *req = qlge_xdp_request(tx, desc->len);
		dma_addr_t dma = xsk_buff_raw_get_dma(pool, desc->addr);
		struct qlge_tx_buf *buf = &tx->buf[tx->prod];

		/* Before the card sees the frame: it may be changed. */
		if (desc->options & XDP_TX_METADATA)
			qlge_xsk_metadata(pool, desc, req);
		xsk_buff_raw_dma_sync_for_device(pool, dma, desc->len);
		req->tbd[0].addr = cpu_to_le64(dma);
		req->tbd[0].len = cpu_to_le32(desc->len | TX_DESC_E);
		buf->type = QLGE_TX_XSK;
		buf->len = desc->len;
		buf->packets = 1;
		qlge_xdp_advance(tx);
	}
	return n;
}

/**
 * qlge_xsk_tx - what sockets have to send
 * @ch: channel with a pool
 * @completed: chunks that have been sent
 *
 * In the queue of XDP_TX, whose sender is this NAPI. As long as something is
 * under way its completion brings NAPI back, and nobody needs to call.
 *
 * Context: NAPI of @ch. Return: true if the doorbell is due.
 */
bool qlge_xsk_tx(struct qlge_channel *ch, unsigned int completed)
{
	struct xsk_buff_pool *pool = ch->rx.pool;
	struct qlge_tx_ring *tx = &ch->xdp;
	unsigned int n = 0;

	if (completed)
		xsk_tx_completed(pool, completed);
	if (likely(netif_carrier_ok(ch->adapter->netdev)))
		n = qlge_xsk_send(tx, pool);
	if (!xsk_uses_need_wakeup(pool))
		return n;
	if (tx->cons == tx->prod) {
		xsk_set_tx_need_wakeup(pool);
		/*
		 * Pairs with the barrier of a sender between its descriptors
		 * and its look at the flag: it sees the flag or is seen here.
		 */
		smp_mb();
		if (likely(netif_carrier_ok(ch->adapter->netdev)))
			n = qlge_xsk_send(tx, pool);
	}
	if (tx->cons != tx->prod)
		xsk_clear_tx_need_wakeup(pool);
	return n;
}

/* Context: RCU. */
static void qlge_xsk_schedule(struct qlge_channel *ch)
{
	local_bh_disable();
	napi_schedule(&ch->napi);
	local_bh_enable();
}

/**
 * qlge_xsk_wakeup - ndo_xsk_wakeup
 * @netdev: net device
 * @queue: queue of the socket
 * @flags: XDP_WAKEUP_RX, XDP_WAKEUP_TX; a poll does both
 *
 * Context: process, BH on. Return: 0, -ENETDOWN, or -EINVAL if no pool is bound
 * to the queue.
 */
int qlge_xsk_wakeup(struct net_device *netdev, u32 queue, u32 flags)
{
	struct qlge_adapter *adapter = netdev_priv(netdev);
	struct qlge_set *set;
	int err = -EINVAL;

	rcu_read_lock();
	set = rcu_dereference(adapter->xdp_set);
	if (unlikely(!set)) {
		err = -ENETDOWN;
	} else if (queue < set->cfg.channels &&
		   set->channel[queue]->rx.pool) {
		qlge_xsk_schedule(set->channel[queue]);
		err = 0;
	}
	rcu_read_unlock();
	return err;
}

/**
 * qlge_xsk_link_up - send what has waited for the link
 * @adapter: adapter
 *
 * Context: process (service work), which runs only while the set does.
 */
void qlge_xsk_link_up(struct qlge_adapter *adapter)
{
	struct qlge_set *set = adapter->set;
	unsigned int i;

	for (i = 0; i < set->cfg.channels; i++)
		if (set->channel[i]->rx.pool)
			qlge_xsk_schedule(set->channel[i]);
}

/* What the buffers say of where they are. */
static int qlge_xsk_reg(struct qlge_adapter *adapter, struct qlge_xsk *xsk,
			u16 queue, unsigned int napi_id)
{
	int err;

	if (xdp_rxq_info_is_reg(&xsk->rxq))
		xdp_rxq_info_unreg(&xsk->rxq);
	err = xdp_rxq_info_reg(&xsk->rxq, adapter->netdev, queue, napi_id);
	if (!err)
		err = xdp_rxq_info_reg_mem_model(&xsk->rxq,
						 MEM_TYPE_XSK_BUFF_POOL, NULL);
	xsk_pool_set_rxq_info(xsk->pool, &xsk->rxq);
	return err;
}

/**
 * qlge_xsk_start - fill the ring of a channel from a pool
 * @ch: channel, whose page fragments are all idle
 * @xsk: the pool
 *
 * Context: process, RTNL. Return: 0 or a negative errno.
 */
int qlge_xsk_start(struct qlge_channel *ch, struct qlge_xsk *xsk)
{
	struct xsk_buff_pool *pool = xsk->pool;
	struct qlge_rx_ring *rx = &ch->rx;
	int err;

	XSK_CHECK_PRIV_TYPE(struct qlge_xdp_buff);

	/* The NAPI may be another one than before. */
	err = qlge_xsk_reg(ch->adapter, xsk, ch->index, ch->napi.napi_id);
	if (err)
		return err;
	rx->pool = pool;
	rx->small.buf_len = qlge_xsk_buf_len(pool);
	rx->large.buf_len = rx->small.buf_len;
	rx->no_alloc = false;
	/* Nobody fills that queue now: spares from the reserves come home, too. */
	rx->large.starved = true;
	qlge_xsk_refill(rx);
	return 0;
}

/**
 * qlge_xsk_stop - every chunk that the device had goes back to the pool
 * @rx: ring with a pool; the device has been reset
 *
 * Context: process, RTNL.
 */
void qlge_xsk_stop(struct qlge_rx_ring *rx)
{
	while (rx->small.ntc != rx->small.ntu)
		qlge_xsk_discard(rx, &rx->small);
	while (rx->large.ntc != rx->large.ntu)
		qlge_xsk_discard(rx, &rx->large);
	DEBUG_NET_WARN_ON_ONCE(rx->small.spares || rx->large.spares);
	rx->pool = NULL;
}

static void qlge_xsk_free(struct qlge_xsk *xsk)
{
	if (xdp_rxq_info_is_reg(&xsk->rxq))
		xdp_rxq_info_unreg(&xsk->rxq);
	xsk_pool_dma_unmap(xsk->pool, DMA_ATTR_SKIP_CPU_SYNC);
	kfree(xsk);
}

static int qlge_xsk_enable(struct qlge_adapter *adapter,
			   struct xsk_buff_pool *pool, u16 queue)
{
	unsigned int len = qlge_xsk_buf_len(pool);
	struct qlge_xsk *xsk;
	int err;

	if (queue >= adapter->cfg.channels)
		return -EINVAL;
	if (adapter->xsk[queue])
		return -EBUSY;
	/* A step of large buffers must do for the longest frame there is. */
	if (len < adapter->netdev->mtu + QLGE_FRAME_OVERHEAD ||
	    len * QLGE_BQ_STEP < QLGE_HW_MAX_FRAME) {
		qlge_refuse(adapter, NULL,
			    "AF_XDP zero copy refused: chunks are too small");
		return -EINVAL;
	}
	/* What a socket sends is not longer than a chunk. */
	if (xsk_pool_get_chunk_size(pool) > QLGE_HW_MAX_FRAME) {
		qlge_refuse(adapter, NULL,
			    "AF_XDP zero copy refused: chunks are longer than a frame");
		return -EINVAL;
	}
	xsk = kzalloc(sizeof(*xsk), GFP_KERNEL);
	if (!xsk)
		return -ENOMEM;
	xsk->pool = pool;
	err = xsk_pool_dma_map(pool, &adapter->pdev->dev,
			       DMA_ATTR_SKIP_CPU_SYNC);
	if (err) {
		kfree(xsk);
		return err;
	}
	/* Sockets may ask for the NAPI of a queue that does not run. */
	err = qlge_xsk_reg(adapter, xsk, queue, 0);
	if (!err)
		err = qlge_rebind(adapter, queue, xsk);
	if (err)
		qlge_xsk_free(xsk);
	return err;
}

static void qlge_xsk_disable(struct qlge_adapter *adapter, u16 queue)
{
	struct qlge_xsk *xsk = adapter->xsk[queue];

	/* If the device does not come back: it is closed, the chunks are free. */
	qlge_rebind(adapter, queue, NULL);
	qlge_xsk_free(xsk);
}

/**
 * qlge_xsk_setup_pool - XDP_SETUP_XSK_POOL
 * @adapter: adapter
 * @pool: pool, or NULL to take away the one that is there
 * @queue: queue
 *
 * Context: process, RTNL. Return: 0 or a negative errno with nothing changed.
 */
int qlge_xsk_setup_pool(struct qlge_adapter *adapter,
			struct xsk_buff_pool *pool, u16 queue)
{
	int err = 0;

	ASSERT_RTNL();
	if (pool)
		err = qlge_xsk_enable(adapter, pool, queue);
	else if (queue < ARRAY_SIZE(adapter->xsk) && adapter->xsk[queue])
		qlge_xsk_disable(adapter, queue);
	qlge_xdp_limits(adapter);
	return err;
}

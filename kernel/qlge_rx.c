// SPDX-License-Identifier: GPL-2.0-only
/*
 * Buffer queues, refill, receive.
 */
#include <linux/bpf_trace.h>
#include <linux/filter.h>
#include <net/ip.h>
#include <net/xdp.h>

#include "qlge.h"
#include "qlge_trace.h"

/* Context: NAPI. The device owns at least one buffer (qlge_rx_frame()). */
static struct qlge_frag qlge_bq_pop(struct qlge_bq *bq)
{
	struct qlge_frag frag = bq->slot[bq->ntc];

	WRITE_ONCE(bq->ntc, (bq->ntc + 1) & bq->mask);
	return frag;
}

/*
 * Hand the device as many buffers as there is room and memory for.
 * Return: true if the queue is full.
 */
static bool qlge_bq_fill(struct qlge_rx_ring *rx, struct qlge_bq *bq,
			 gfp_t gfp, u64 *stat)
{
	unsigned int n = qlge_bq_empty(bq);
	u16 ntu = bq->ntu;

	/* Up to a step boundary: what is beyond it the device cannot see. */
	n -= min(n, (ntu + n) % QLGE_BQ_STEP);
	for (; n; n--) {
		struct qlge_frag *slot = &bq->slot[ntu];

		if (unlikely(!qlge_frag_get(rx, bq, gfp, stat, slot)))
			break;
		bq->desc[ntu] = cpu_to_le64(qlge_frag_dma(*slot) +
					    XDP_PACKET_HEADROOM);
		ntu = (ntu + 1) & bq->mask;
	}
	qlge_bq_show(bq, ntu);
	return !n;
}

static void qlge_rx_outage_begin(struct qlge_rx_ring *rx, u64 *stat)
{
	rx->outage_start = ktime_get();
	WRITE_ONCE(rx->outage, true);
	rx->large.min_fill = qlge_bq_visible(&rx->large);
	rx->small.min_fill = qlge_bq_visible(&rx->small);
	stat[QLGE_RX_OUTAGES]++;
}

static void qlge_rx_outage_end(struct qlge_rx_ring *rx, u64 *stat)
{
	u64 ns = ktime_to_ns(ktime_sub(ktime_get(), rx->outage_start));

	WRITE_ONCE(rx->outage, false);
	/* It may wait with a long back-off; the next outage starts anew. */
	cancel_delayed_work(&rx->refill);
	stat[QLGE_RX_OUTAGE_NS] += ns;
	trace_qlge_refill_done(rx->ch->adapter->netdev->ifindex, rx->ch->index,
			       ns, qlge_bq_visible(&rx->large));
}

static bool qlge_bq_refill(struct qlge_rx_ring *rx, struct qlge_bq *bq,
			   u64 *stat)
{
	if (likely(qlge_bq_fill(rx, bq, GFP_ATOMIC, stat))) {
		bq->starved = false;
		bq->holding = false;
		return true;
	}
	bq->starved = true;
	bq->min_fill = min_t(u16, bq->min_fill, qlge_bq_visible(bq));
	return false;
}

/* Within a poll; what a frame has not touched is as full as it was. */
static void qlge_rx_refill_step(struct qlge_rx_ring *rx, struct qlge_bq *bq,
				u64 *stat)
{
	if (unlikely(qlge_bq_empty(bq) >= bq->step))
		qlge_bq_refill(rx, bq, stat);
}

/* At the end of a poll: state of the ring, and help if memory is short. */
static void qlge_rx_refill(struct qlge_rx_ring *rx, u64 *stat)
{
	bool full;

	full = qlge_bq_refill(rx, &rx->large, stat);
	full &= qlge_bq_refill(rx, &rx->small, stat);
	if (likely(full)) {
		if (unlikely(rx->outage))
			qlge_rx_outage_end(rx, stat);
		return;
	}
	if (!rx->outage) {
		qlge_rx_outage_begin(rx, stat);
		WRITE_ONCE(rx->backoff_ms, 0);
	}
	/* Refused while disabled; no effect while it waits to run. */
	if (queue_delayed_work(qlge_refill_wq, &rx->refill, 0))
		trace_qlge_refill_sched(rx->ch->adapter->netdev->ifindex,
					rx->ch->index, 0);
}

/*
 * May a frame leave with its buffer? Not when the queue is at its watermark
 * and there is nothing to replace the buffer with: then the frame is dropped
 * and the buffer, still mapped, goes back, so that the device never runs dry.
 */
static bool qlge_bq_hold(struct qlge_rx_ring *rx, struct qlge_bq *bq,
			 unsigned int low, u64 *stat)
{
	unsigned int fill;

	if (likely(!bq->starved))
		return false;
	fill = qlge_bq_visible(bq);
	if (fill > low)
		return false;
	if (!bq->holding) {
		bq->holding = true;
		stat[QLGE_RX_WATERMARK]++;
		trace_qlge_watermark(rx->ch->adapter->netdev->ifindex,
				     rx->ch->index, bq->site, fill);
	}
	return true;
}

static void qlge_rx_sync_cpu(struct qlge_rx_ring *rx, struct qlge_frag frag,
			     unsigned int len)
{
	dma_sync_single_range_for_cpu(rx->dev, frag.chunk->mem.dma,
				      frag.off + XDP_PACKET_HEADROOM, len,
				      DMA_BIDIRECTIONAL);
}

/* The buffer goes back to the device; the CPU may have written @len bytes. */
static __always_inline void
qlge_rx_recycle(struct qlge_rx_ring *rx, struct qlge_bq *bq,
		struct qlge_frag frag, unsigned int len)
{
	dma_sync_single_range_for_device(rx->dev, frag.chunk->mem.dma,
					 frag.off + XDP_PACKET_HEADROOM, len,
					 DMA_BIDIRECTIONAL);
	qlge_frag_home(rx, bq, frag);
}

/*
 * Every skb of the ring is allocated here and nowhere else: fault injection
 * by stack filter wants one function's address range.
 */
static noinline struct sk_buff *
qlge_rx_alloc_skb(struct qlge_rx_ring *rx, void *frag, unsigned int size,
		  u64 *stat)
{
	struct sk_buff *skb;

	skb = frag ? napi_build_skb(frag, size) :
		     napi_alloc_skb(&rx->ch->napi, size);
	if (unlikely(!skb)) {
		/* Every caller drops the frame and keeps its buffers. */
		stat[QLGE_RX_RECYCLED]++;
		stat[QLGE_RX_ALLOC_FAIL]++;
		trace_qlge_alloc_fail(rx->ch->adapter->netdev->ifindex,
				      rx->ch->index, QLGE_SITE_SKB, 1, 0);
	}
	return skb;
}

static bool qlge_is_fragment(const struct sk_buff *skb)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;

	return skb->protocol != htons(ETH_P_IP) ||
	       skb_headlen(skb) < sizeof(*iph) || ip_is_fragment(iph);
}

/* What the card says about checksum and hash (Documentation/hardware). */
static void qlge_rx_offloads(struct qlge_rx_ring *rx, struct sk_buff *skb,
			     const struct qlge_ib_mac_rsp *rsp, u64 *stat)
{
	struct net_device *netdev = rx->ch->adapter->netdev;
	u8 rss = rsp->flags3 & IB_MAC_IOCB_RSP_RSS_MASK;

	if (rss && (netdev->features & NETIF_F_RXHASH))
		skb_set_hash(skb, le32_to_cpu(rsp->rss),
			     rss & IB_MAC_IOCB_RSP_RSS_TCP ?
			     PKT_HASH_TYPE_L4 : PKT_HASH_TYPE_L3);

	if (rsp->flags1 & (IB_MAC_IOCB_RSP_TE | IB_MAC_IOCB_RSP_IE)) {
		stat[QLGE_RX_CSUM_BAD]++;
	} else if ((netdev->features & NETIF_F_RXCSUM) &&
		   !(rsp->flags1 & IB_MAC_IOCB_RSP_NU) &&
		   ((rsp->flags2 & IB_MAC_IOCB_RSP_T) ||
		    /* U may be set for a fragment as well. */
		    ((rsp->flags2 & IB_MAC_IOCB_RSP_U) &&
		     (rsp->flags3 & IB_MAC_IOCB_RSP_V4) &&
		     !qlge_is_fragment(skb)))) {
		skb->ip_summed = CHECKSUM_UNNECESSARY;
		stat[QLGE_RX_CSUM_UNNECESSARY]++;
		return;
	}
	stat[QLGE_RX_CSUM_NONE]++;
}

/* @meta bytes before the frame in @skb are metadata; @len came by the wire. */
static __always_inline void
qlge_rx_deliver(struct qlge_rx_ring *rx, struct sk_buff *skb,
		const struct qlge_xdp_buff *xbuf, unsigned int meta,
		unsigned int len, struct qlge_rx_ctx *ctx)
{
	const struct qlge_ib_mac_rsp *rsp = xbuf->rsp;

	if (meta)
		skb_metadata_set(skb, meta);
	ctx->stat[QLGE_RX_PACKETS]++;
	ctx->stat[QLGE_RX_BYTES] += len;
	if ((rsp->flags2 & IB_MAC_IOCB_RSP_V) && xbuf->stripped)
		__vlan_hwaccel_put_tag(skb, htons(ETH_P_8021Q),
				       le16_to_cpu(rsp->vlan_id));
	skb->protocol = eth_type_trans(skb, rx->ch->adapter->netdev);
	skb_record_rx_queue(skb, rx->ch->index);
	qlge_rx_offloads(rx, skb, rsp, ctx->stat);
	napi_gro_receive(&rx->ch->napi, skb);
}

/**
 * qlge_rx_copy - pass a frame to the stack and keep its buffer
 * @rx: ring
 * @xbuf: the frame
 * @len: its length when it arrived
 * @ctx: the poll
 *
 * Context: NAPI.
 */
void qlge_rx_copy(struct qlge_rx_ring *rx, const struct qlge_xdp_buff *xbuf,
		  unsigned int len, struct qlge_rx_ctx *ctx)
{
	const struct xdp_buff *xdp = &xbuf->xdp;
	unsigned int meta = xdp->data - xdp->data_meta;
	unsigned int size = xdp->data_end - xdp->data_meta;
	struct sk_buff *skb;

	skb = qlge_rx_alloc_skb(rx, NULL, size, ctx->stat);
	if (unlikely(!skb))
		return;
	/* It was allocated with room for @size. */
	memcpy(__skb_put(skb, size), xdp->data_meta, size);
	__skb_pull(skb, meta);
	qlge_rx_deliver(rx, skb, xbuf, meta, len, ctx);
}

/* The buffers of a long frame after the first: as qlge_rx_recycle(). */
static noinline void qlge_rx_recycle_more(struct qlge_rx_ring *rx,
					  struct qlge_bq *bq,
					  const struct qlge_more *more)
{
	unsigned int i;

	for (i = 0; i < more->n; i++)
		qlge_rx_recycle(rx, bq, more->frag[i], bq->buf_len);
}

/* They become those of @skb, on whose first buffer their list is. */
static void qlge_rx_skb_more(struct qlge_rx_ring *rx, struct qlge_bq *bq,
			     const struct qlge_more *more,
			     struct sk_buff *skb, unsigned int size)
{
	unsigned int i;

	skb_shinfo(skb)->nr_frags = more->n;
	skb->len += size;
	skb->data_len += size;
	for (i = 0; i < more->n; i++) {
		skb->truesize += qlge_frag_truesize(more->frag[i]);
		skb->pfmemalloc |= more->frag[i].chunk->pfmemalloc;
		qlge_frag_give(rx, bq, more->frag[i]);
	}
}

/*
 * The frame is passed to the stack: copied if small, else with its buffers.
 * @more as in qlge_rx_xdp().
 */
static __always_inline void
qlge_rx_pass(struct qlge_rx_ring *rx, struct qlge_bq *bq, struct qlge_frag frag,
	     const struct qlge_more *more, const struct qlge_xdp_buff *xbuf,
	     unsigned int len, unsigned int dirty, struct qlge_rx_ctx *ctx)
{
	const struct xdp_buff *xdp = &xbuf->xdp;
	u64 *stat = ctx->stat;
	unsigned int size = 0;
	struct sk_buff *skb;

	if (bq == &rx->small) {
		/*
		 * One small frame that a slow socket keeps would pin the
		 * whole chunk.
		 */
		qlge_rx_copy(rx, xbuf, len, ctx);
		goto recycle;
	}
	if (unlikely(qlge_bq_hold(rx, bq, bq->low, stat))) {
		stat[QLGE_RX_RECYCLED]++;
		goto recycle;
	}
	if (more)
		size = xdp_get_shared_info_from_buff(xdp)->xdp_frags_size;
	skb = qlge_rx_alloc_skb(rx, xdp->data_hard_start, bq->frag_size, stat);
	if (unlikely(!skb))
		goto recycle;
	skb_reserve(skb, xdp->data - xdp->data_hard_start);
	__skb_put(skb, xdp->data_end - xdp->data);
	skb->truesize += qlge_frag_truesize(frag) - bq->frag_size;
	qlge_frag_give(rx, bq, frag);
	if (more)
		qlge_rx_skb_more(rx, bq, more, skb, size);
	qlge_rx_deliver(rx, skb, xbuf, xdp->data - xdp->data_meta, len, ctx);
	return;

recycle:
	qlge_rx_recycle(rx, bq, frag, dirty);
	if (more)
		qlge_rx_recycle_more(rx, bq, more);
}

/*
 * What the program has cut off, at whichever end of the list, is in no frame
 * any more: those buffers go back to the device.
 */
static void qlge_rx_released(struct qlge_rx_ring *rx, struct qlge_bq *bq,
			     struct qlge_more *more, const struct xdp_buff *xdp)
{
	const struct skb_shared_info *sinfo =
		xdp_get_shared_info_from_buff(xdp);
	unsigned int i, kept = 0;

	if (likely(sinfo->nr_frags == more->n))
		return;
	for (i = 0; i < more->n; i++) {
		const skb_frag_t *piece = &sinfo->frags[kept];
		struct qlge_frag frag = more->frag[i];

		if (kept < sinfo->nr_frags &&
		    skb_frag_page(piece) == frag.chunk->mem.page &&
		    skb_frag_off(piece) - frag.off < bq->frag_size) {
			more->frag[kept++] = frag;
			continue;
		}
		qlge_frag_released(frag);
		qlge_rx_recycle(rx, bq, frag, bq->buf_len);
	}
	DEBUG_NET_WARN_ON_ONCE(kept != sinfo->nr_frags);
	more->n = kept;
}

/*
 * Run the program. @more is a constant NULL for the frames that count, those
 * in one buffer. Return: true if the frame is passed to the stack.
 */
static __always_inline bool
qlge_rx_xdp(struct qlge_rx_ring *rx, struct qlge_bq *bq, struct qlge_frag frag,
	    struct qlge_more *more, struct xdp_buff *xdp, unsigned int len,
	    struct qlge_rx_ctx *ctx)
{
	u32 act = bpf_prog_run_xdp(ctx->prog, xdp);
	unsigned int i;

	if (more)
		qlge_rx_released(rx, bq, more, xdp);
	switch (act) {
	case XDP_PASS:
		ctx->stat[QLGE_RX_XDP_PASS]++;
		return true;
	case XDP_DROP:
		ctx->stat[QLGE_RX_XDP_DROP]++;
		break;
	case XDP_TX:
		/* The buffer comes home when sent: held back later. */
		if (unlikely(qlge_bq_hold(rx, bq, bq->low / 2, ctx->stat)))
			goto hold;
		if (unlikely(!qlge_xdp_tx(rx->ch, bq, frag, more, xdp)))
			goto exception;
		ctx->stat[QLGE_RX_XDP_TX]++;
		ctx->xdp_tx = true;
		goto counted;
	case XDP_REDIRECT:
		if (unlikely(qlge_bq_hold(rx, bq, bq->low, ctx->stat)))
			goto hold;
		if (unlikely(xdp_do_redirect(xdp->rxq->dev, xdp, ctx->prog)))
			goto exception;
		qlge_frag_give(rx, bq, frag);
		for (i = 0; more && i < more->n; i++)
			qlge_frag_give(rx, bq, more->frag[i]);
		ctx->stat[QLGE_RX_XDP_REDIRECT]++;
		ctx->redirected = true;
		goto counted;
	default:
		bpf_warn_invalid_xdp_action(xdp->rxq->dev, ctx->prog, act);
		fallthrough;
	case XDP_ABORTED:
exception:
		trace_xdp_exception(xdp->rxq->dev, ctx->prog, act);
		ctx->stat[QLGE_RX_XDP_ABORTED]++;
		break;
	}
	qlge_rx_recycle(rx, bq, frag, bq->buf_len);
	if (more)
		qlge_rx_recycle_more(rx, bq, more);
counted:
	ctx->stat[QLGE_RX_PACKETS]++;
	ctx->stat[QLGE_RX_BYTES] += len;
	return false;

hold:
	ctx->stat[QLGE_RX_RECYCLED]++;
	qlge_rx_recycle(rx, bq, frag, bq->buf_len);
	if (more)
		qlge_rx_recycle_more(rx, bq, more);
	return false;
}

/**
 * qlge_rx_stripped - is the tag of this frame no longer in it?
 * @data: frame
 * @len: its length
 * @rsp: entry of the frame
 *
 * V says that there was a tag, not where it is. While stripping is switched
 * the frame itself has to tell, before a program changes it; then one with two
 * equal tags is taken for one that was not stripped.
 *
 * Context: NAPI.
 */
bool qlge_rx_stripped(const void *data, unsigned int len,
		      const struct qlge_ib_mac_rsp *rsp)
{
	const struct vlan_ethhdr *veth = data;

	return len < VLAN_ETH_HLEN ||
	       veth->h_vlan_proto != htons(ETH_P_8021Q) ||
	       ntohs(veth->h_vlan_TCI) != le16_to_cpu(rsp->vlan_id);
}

/* The first or only buffer as programs want to see it. */
static void qlge_rx_xdp_init(struct qlge_rx_ctx *ctx, struct qlge_rx_ring *rx,
			     struct qlge_bq *bq, void *va, unsigned int len,
			     const struct qlge_ib_mac_rsp *rsp)
{
	struct qlge_xdp_buff *xbuf = &ctx->xbuf;

	if (unlikely(ctx->tags == QLGE_TAGS_MIXED))
		xbuf->stripped = qlge_rx_stripped(va + XDP_PACKET_HEADROOM,
						  len, rsp);
	xdp_init_buff(&xbuf->xdp, bq->frag_size, &rx->xdp_rxq);
	xdp_prepare_buff(&xbuf->xdp, va, XDP_PACKET_HEADROOM, len, true);
	xbuf->rsp = rsp;
}

/* A frame in one buffer. */
static void qlge_rx_single(struct qlge_rx_ring *rx, struct qlge_bq *bq,
			   const struct qlge_ib_mac_rsp *rsp, unsigned int len,
			   struct qlge_rx_ctx *ctx)
{
	struct qlge_frag frag = qlge_bq_pop(bq);
	struct qlge_xdp_buff *xbuf = &ctx->xbuf;
	void *va = qlge_frag_va(frag);

	net_prefetch(va + XDP_PACKET_HEADROOM);
	if (unlikely(len < ETH_HLEN || len > ctx->max_len)) {
		ctx->stat[QLGE_RX_LENGTH_ERRORS]++;
		qlge_frag_home(rx, bq, frag);
		return;
	}
	if (unlikely(rsp->flags2 & IB_MAC_IOCB_RSP_ERR_MASK)) {
		ctx->stat[QLGE_RX_MAC_ERRORS]++;
		qlge_frag_home(rx, bq, frag);
		return;
	}
	qlge_rx_sync_cpu(rx, frag, len);
	qlge_rx_xdp_init(ctx, rx, bq, va, len, rsp);
	if (ctx->prog &&
	    !qlge_rx_xdp(rx, bq, frag, NULL, &xbuf->xdp, len, ctx))
		return;
	/* What a program may have written the device must not see again. */
	qlge_rx_pass(rx, bq, frag, NULL, xbuf, len,
		     ctx->prog ? bq->buf_len : len, ctx);
}

/*
 * A frame in several large buffers, with an address list in a small one that
 * no driver reads. Its buffers are consumed in order like any other.
 */
static noinline void qlge_rx_multi(struct qlge_rx_ring *rx,
				   const struct qlge_ib_mac_rsp *rsp,
				   unsigned int len, unsigned int n,
				   struct qlge_rx_ctx *ctx)
{
	struct qlge_bq *bq = &rx->large;
	struct xdp_buff *xdp = &ctx->xbuf.xdp;
	struct skb_shared_info *sinfo;
	struct qlge_more more;
	struct qlge_frag frag;
	unsigned int i, left;

	qlge_frag_home(rx, &rx->small, qlge_bq_pop(&rx->small));
	frag = qlge_bq_pop(bq);
	more.n = n - 1;
	for (i = 0; i < more.n; i++)
		more.frag[i] = qlge_bq_pop(bq);

	/* Another program limits the MTU; but a change of both may be on. */
	if (unlikely(len > ctx->max_len ||
		     (ctx->prog && !ctx->prog->aux->xdp_has_frags))) {
		ctx->stat[QLGE_RX_LENGTH_ERRORS]++;
		goto drop;
	}
	if (unlikely(rsp->flags2 & IB_MAC_IOCB_RSP_ERR_MASK)) {
		ctx->stat[QLGE_RX_MAC_ERRORS]++;
		goto drop;
	}
	left = len - bq->buf_len;
	qlge_rx_sync_cpu(rx, frag, bq->buf_len);
	qlge_rx_xdp_init(ctx, rx, bq, qlge_frag_va(frag), bq->buf_len, rsp);
	xdp_buff_set_frags_flag(xdp);
	sinfo = xdp_get_shared_info_from_buff(xdp);
	sinfo->nr_frags = more.n;
	sinfo->xdp_frags_size = left;
	for (i = 0; i < more.n; i++) {
		struct qlge_chunk *chunk = more.frag[i].chunk;
		unsigned int size = min_t(unsigned int, left, bq->buf_len);

		qlge_rx_sync_cpu(rx, more.frag[i], size);
		skb_frag_fill_page_desc(&sinfo->frags[i], chunk->mem.page,
					more.frag[i].off + XDP_PACKET_HEADROOM,
					size);
		if (unlikely(chunk->pfmemalloc))
			xdp_buff_set_frag_pfmemalloc(xdp);
		left -= size;
	}
	if (ctx->prog && !qlge_rx_xdp(rx, bq, frag, &more, xdp, len, ctx))
		return;
	qlge_rx_pass(rx, bq, frag, &more, &ctx->xbuf, len, bq->buf_len, ctx);
	return;

drop:
	/* Nothing was synced for the CPU, so nothing is for the device. */
	qlge_frag_home(rx, bq, frag);
	for (i = 0; i < more.n; i++)
		qlge_frag_home(rx, bq, more.frag[i]);
}

/*
 * One received frame. Everything in the entry comes from the device and is
 * checked before use.
 * Return: false if driver and device have lost step.
 */
static bool qlge_rx_frame(struct qlge_rx_ring *rx,
			  const struct qlge_ib_mac_rsp *rsp,
			  struct qlge_rx_ctx *ctx)
{
	unsigned int len = le32_to_cpu(rsp->data_len);
	struct qlge_bq *bq;

	/* Header split is off. */
	if (unlikely(rsp->flags4 & IB_MAC_IOCB_RSP_HV))
		return false;

	if (rsp->flags3 & IB_MAC_IOCB_RSP_DS) {
		bq = &rx->small;
	} else if (likely(rsp->flags3 & IB_MAC_IOCB_RSP_DL)) {
		bq = &rx->large;
	} else {
		unsigned int n = DIV_ROUND_UP(len, QLGE_LARGE_LEN);

		if (len <= QLGE_LARGE_LEN || len > QLGE_HW_MAX_FRAME ||
		    qlge_bq_visible(&rx->large) < n ||
		    !qlge_bq_visible(&rx->small))
			return false;
		qlge_rx_multi(rx, rsp, len, n, ctx);
		qlge_rx_refill_step(rx, &rx->large, ctx->stat);
		qlge_rx_refill_step(rx, &rx->small, ctx->stat);
		return true;
	}
	if (unlikely(len > bq->buf_len || !qlge_bq_visible(bq) ||
		     le64_to_cpu(rsp->data_addr) !=
		     qlge_frag_dma(bq->slot[bq->ntc]) + XDP_PACKET_HEADROOM))
		return false;
	qlge_rx_single(rx, bq, rsp, len, ctx);
	qlge_rx_refill_step(rx, bq, ctx->stat);
	return true;
}

static void qlge_rx_chip_event(struct qlge_channel *ch,
			       const struct qlge_ib_ae_rsp *ae)
{
	struct qlge_adapter *adapter = ch->adapter;

	if (net_ratelimit())
		netdev_err(adapter->netdev, "chip event %#x, queue %u\n",
			   ae->event, ae->q_id);
	if (ae->event == MGMT_ERR_EVENT)
		qlge_schedule_reset(adapter, QLGE_RESET_FIRMWARE);
	else
		qlge_schedule_reset(adapter, QLGE_RESET_CHIP_EVENT);
}

static void qlge_rx_lost_step(struct qlge_rx_ring *rx)
{
	struct qlge_adapter *adapter = rx->ch->adapter;

	rx->broken = true;
	netdev_err(adapter->netdev, "rx %u: bad completion\n", rx->ch->index);
	qlge_schedule_reset(adapter, QLGE_RESET_BAD_COMPLETION);
}

static void qlge_rx_stats_add(struct qlge_rx_ring *rx, const u64 *stat)
{
	int i;

	u64_stats_update_begin(&rx->syncp);
	for (i = 0; i < QLGE_RX_NSTATS; i++)
		u64_stats_add(&rx->stat[i], stat[i]);
	u64_stats_update_end(&rx->syncp);
}

static int qlge_rx_poll(struct qlge_channel *ch, int budget)
{
	struct qlge_adapter *adapter = ch->adapter;
	struct qlge_rx_ring *rx = &ch->rx;
	struct qlge_cq *cq = &rx->cq;
	struct qlge_rx_ctx ctx = { };
	u32 cons = cq->cons, prod;
	int work = 0;

	if (unlikely(rx->broken))
		return 0;
	prod = le32_to_cpu(READ_ONCE(*cq->shadow));
	if (unlikely(prod > cq->mask)) {
		qlge_rx_lost_step(rx);
		return 0;
	}
	/* The entries are read after the index that says they are there. */
	dma_rmb();

	rx->no_alloc = false;
	/* For the program, redirect maps and returned frames alike. */
	rcu_read_lock();
	ctx.prog = rcu_dereference(adapter->xdp_prog);
	ctx.max_len = READ_ONCE(adapter->netdev->mtu) + QLGE_FRAME_OVERHEAD;
	/* After the index: older than none of these frames. */
	ctx.tags = READ_ONCE(adapter->rx_tags);
	ctx.xbuf.stripped = ctx.tags == QLGE_TAGS_STRIPPED;
	xdp_frame_bulk_init(&ctx.bulk);
	while (cons != prod) {
		const union qlge_cqe *cqe = &cq->ring[cons];
		bool ok = true;

		switch (cqe->opcode) {
		case OPCODE_IB_MAC_IOCB:
			if (work == budget)
				goto out;
			work++;
			if (unlikely(rx->pool))
				ok = qlge_xsk_rx(rx, &cqe->rx, &ctx);
			else
				ok = qlge_rx_frame(rx, &cqe->rx, &ctx);
			break;
		case OPCODE_OB_MAC_IOCB:
		case OPCODE_OB_MAC_TSO_IOCB:
			ok = qlge_xdp_completion(ch, &cqe->tx, budget, &ctx);
			break;
		case OPCODE_IB_AE_IOCB:
			qlge_rx_chip_event(ch, &cqe->ae);
			break;
		default:
			/* Nothing else is expected; known drivers skip it. */
			break;
		}
		cons = (cons + 1) & cq->mask;
		if (unlikely(!ok)) {
			qlge_rx_lost_step(rx);
			break;
		}
	}
out:
	xdp_flush_frame_bulk(&ctx.bulk);
	qlge_xdp_done(&ctx);
	if (unlikely(rx->pool))
		ctx.xdp_tx |= qlge_xsk_tx(ch, ctx.xsk_done);
	if (ctx.xdp_tx)
		qlge_xdp_doorbell(ch);
	if (ctx.redirected)
		xdp_do_flush();
	rcu_read_unlock();
	if (unlikely(rx->pool))
		qlge_xsk_refill(rx);
	else
		qlge_rx_refill(rx, ctx.stat);
	qlge_rx_stats_add(rx, ctx.stat);
	if (cons != cq->cons) {
		cq->cons = cons;
		writel(cons, cq->db);
	}
	return work;
}

/**
 * qlge_poll - NAPI poll of a channel
 * @napi: NAPI of the channel
 * @budget: frames to receive at most; 0 from netpoll cleans the stack's
 *	transmit queue only
 *
 * Return: frames received.
 */
int qlge_poll(struct napi_struct *napi, int budget)
{
	struct qlge_channel *ch = container_of(napi, struct qlge_channel, napi);
	int work;

	qlge_tx_clean(ch, budget);
	if (unlikely(!budget))
		return 0;
	work = qlge_rx_poll(ch, budget);
	/*
	 * The vector masked itself when it fired. The enable request comes
	 * after the consumer doorbells: the device compares its indices when
	 * it takes the request, so what has arrived meanwhile is not lost.
	 */
	if (work < budget && napi_complete_done(napi, work) &&
	    likely(!ch->rx.broken))
		qlge_write(ch->adapter, INTR_EN, ch->irq_enable);
	return work;
}

static int qlge_bq_dma_alloc(struct qlge_rx_ring *rx, struct qlge_bq *bq,
			     int i, unsigned int len)
{
	unsigned int pages = DIV_ROUND_UP(len, QLGE_BQ_PAGE_ENTRIES);
	__le64 *table;
	unsigned int p;
	int err;

	err = qlge_dma_alloc(rx->dev, &rx->bq_mem[i],
			     pages * QLGE_BQ_PAGE_SIZE);
	if (err)
		return err;
	bq->desc = rx->bq_mem[i].va;
	/* The device finds the pages of the ring through this table. */
	err = qlge_dma_alloc(rx->dev, &rx->table_mem[i],
			     pages * sizeof(*table));
	if (err)
		return err;
	table = rx->table_mem[i].va;
	for (p = 0; p < pages; p++)
		table[p] = cpu_to_le64(rx->bq_mem[i].dma +
				       p * QLGE_BQ_PAGE_SIZE);
	return 0;
}

/*
 * Have every buffer in @bq that its length allows. @min buffers are enough to
 * run on: the refill work gets the rest.
 */
static int qlge_bq_prefill(struct qlge_rx_ring *rx, struct qlge_bq *bq,
			   unsigned int min)
{
	u64 stat[QLGE_RX_NSTATS] = { };
	bool full;

	rx->no_alloc = false;
	full = qlge_bq_fill(rx, bq, GFP_KERNEL, stat);
	local_bh_disable();
	qlge_rx_stats_add(rx, stat);
	local_bh_enable();
	bq->starved = !full;
	return full || qlge_bq_visible(bq) >= min ? 0 : -ENOMEM;
}

/* Every buffer that the device had is idle again. It must not run. */
static void qlge_bq_reset(struct qlge_rx_ring *rx, struct qlge_bq *bq)
{
	/* Pages of the reserves, too: there may be nothing in their place. */
	bq->starved = true;
	while (bq->ntc != bq->ntu) {
		qlge_frag_home(rx, bq, bq->slot[bq->ntc]);
		bq->ntc = (bq->ntc + 1) & bq->mask;
	}
	bq->ntc = 0;
	bq->ntu = 0;
	bq->prod = 0;
	bq->db = NULL;
	bq->starved = false;
	bq->holding = false;
}

/**
 * qlge_rx_alloc - memory and buffers of a receive ring
 * @ch: channel
 * @cfg: configuration
 *
 * Context: process. Return: 0 or a negative errno; qlge_rx_free() undoes
 * either.
 */
int qlge_rx_alloc(struct qlge_channel *ch, const struct qlge_config *cfg)
{
	struct qlge_rx_ring *rx = &ch->rx;
	struct qlge_cq *cq = &rx->cq;
	unsigned int len;
	int err;

	rx->ch = ch;
	rx->dev = &ch->adapter->pdev->dev;
	u64_stats_init(&rx->syncp);
	spin_lock_init(&rx->stash.lock);
	INIT_DELAYED_WORK(&rx->refill, qlge_stash_fill);
	/* Until qlge_rx_start(): nothing queues it before or after. */
	disable_delayed_work(&rx->refill);

	/* Frames, and the completions of XDP frames sent meanwhile. */
	len = roundup_pow_of_two(cfg->rx_len + cfg->tx_len);
	cq->id = ch->index;
	cq->mask = len - 1;
	cq->db = ch->adapter->db + QLGE_DB_CQ(cq->id);
	err = qlge_dma_alloc(rx->dev, &cq->mem, len * sizeof(*cq->ring));
	if (err)
		return err;
	cq->ring = cq->mem.va;
	err = qlge_dma_alloc(rx->dev, &cq->shadow_mem, sizeof(__le64));
	if (err)
		return err;
	cq->shadow = cq->shadow_mem.va;

	err = qlge_bq_dma_alloc(rx, &rx->large, 0, cfg->rx_len);
	if (!err)
		err = qlge_bq_dma_alloc(rx, &rx->small, 1, cfg->rx_len);
	if (!err)
		err = qlge_bq_alloc(rx, &rx->large, cfg->rx_len,
				    cfg->tx_len * QLGE_MAX_FRAGS,
				    QLGE_LARGE_LEN, QLGE_SITE_LARGE);
	if (!err)
		err = qlge_bq_alloc(rx, &rx->small, cfg->rx_len, cfg->tx_len,
				    QLGE_SMALL_LEN, QLGE_SITE_SMALL);
	if (!err)
		err = qlge_bq_prefill(rx, &rx->large, rx->large.low);
	if (!err)
		err = qlge_bq_prefill(rx, &rx->small, rx->small.low);
	if (err)
		return err;

	err = __xdp_rxq_info_reg(&rx->xdp_rxq, ch->adapter->netdev, ch->index,
				 ch->napi.napi_id, rx->large.frag_size);
	if (err)
		return err;
	return xdp_rxq_info_reg_mem_model(&rx->xdp_rxq, MEM_TYPE_PAGE_SHARED,
					  NULL);
}

/**
 * qlge_rx_free - release what qlge_rx_alloc() got
 * @ch: channel, stopped or never started
 *
 * Context: process.
 */
void qlge_rx_free(struct qlge_channel *ch)
{
	struct qlge_rx_ring *rx = &ch->rx;
	int i;

	if (xdp_rxq_info_is_reg(&rx->xdp_rxq))
		xdp_rxq_info_unreg(&rx->xdp_rxq);
	qlge_bq_reset(rx, &rx->small);
	qlge_bq_reset(rx, &rx->large);
	qlge_bq_free(rx, &rx->small);
	qlge_bq_free(rx, &rx->large);
	qlge_stash_free(rx);
	for (i = 0; i < 2; i++) {
		qlge_dma_free(rx->dev, &rx->table_mem[i]);
		qlge_dma_free(rx->dev, &rx->bq_mem[i]);
	}
	qlge_dma_free(rx->dev, &rx->cq.shadow_mem);
	qlge_dma_free(rx->dev, &rx->cq.mem);
}

/**
 * qlge_rx_start - indices to 0, buffers into the queues
 * @ch: channel that the device does not know yet
 * @xsk: where the buffers come from, or NULL
 *
 * Context: process, RTNL. Return: 0, or -ENOMEM if there is not even one
 * step of buffers, or not enough of them for the spares of a queue with a pool.
 * qlge_rx_stop() undoes either.
 */
int qlge_rx_start(struct qlge_channel *ch, struct qlge_xsk *xsk)
{
	struct qlge_rx_ring *rx = &ch->rx;
	int err;

	qlge_bq_reset(rx, &rx->small);
	qlge_bq_reset(rx, &rx->large);
	rx->broken = false;
	rx->cq.cons = 0;
	*rx->cq.shadow = 0;
	if (xsk) {
		/* A shortage may have left too few for its spares. */
		if (rx->large.nhome < QLGE_XSK_FRAGS) {
			qlge_bq_prefill(rx, &rx->large, 0);
			qlge_bq_reset(rx, &rx->large);
		}
		if (rx->large.nhome < QLGE_XSK_FRAGS)
			return -ENOMEM;
		return qlge_xsk_start(ch, xsk);
	}
	rx->small.buf_len = QLGE_SMALL_LEN;
	rx->large.buf_len = QLGE_LARGE_LEN;
	/* A reset in an outage starts with what the ring had left. */
	err = qlge_bq_prefill(rx, &rx->large, QLGE_BQ_STEP);
	if (!err)
		err = qlge_bq_prefill(rx, &rx->small, QLGE_BQ_STEP);
	return err;
}

/**
 * qlge_rx_doorbell - show the device its first buffers
 * @ch: channel whose CQ the device has loaded
 *
 * Context: process, RTNL, before NAPI is enabled.
 */
void qlge_rx_doorbell(struct qlge_channel *ch)
{
	struct qlge_rx_ring *rx = &ch->rx;

	rx->small.db = rx->cq.db + QLGE_DB_SBQ;
	rx->large.db = rx->cq.db + QLGE_DB_LBQ;
	writel(rx->small.prod, rx->small.db);
	writel(rx->large.prod, rx->large.db);
}

/**
 * qlge_rx_stop - forget an outage; the ring keeps its own buffers
 * @ch: channel; NAPI and refill work are disabled
 *
 * Context: process, RTNL.
 */
void qlge_rx_stop(struct qlge_channel *ch)
{
	struct qlge_rx_ring *rx = &ch->rx;
	u64 stat[QLGE_RX_NSTATS] = { };

	if (rx->pool)
		qlge_xsk_stop(rx);
	rx->backoff_ms = 0;
	if (!rx->outage)
		return;
	stat[QLGE_RX_OUTAGE_NS] = ktime_to_ns(ktime_sub(ktime_get(),
							rx->outage_start));
	rx->outage = false;
	local_bh_disable();
	qlge_rx_stats_add(rx, stat);
	local_bh_enable();
}

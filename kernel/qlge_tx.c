// SPDX-License-Identifier: GPL-2.0-only
/*
 * Transmit.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/ip6_checksum.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/netdev_queues.h>
#include <net/xdp.h>

#include "qlge.h"

/**
 * qlge_tx_stats_add - add a burst to the sending side's counters
 * @tx: ring
 * @stat: QLGE_TX_NSTATS entries
 *
 * Context: the sender of the ring.
 */
void qlge_tx_stats_add(struct qlge_tx_ring *tx, const u64 *stat)
{
	int i;

	u64_stats_update_begin(&tx->sender_syncp);
	for (i = QLGE_TX_FIRST_SENDER; i < QLGE_TX_NSTATS; i++)
		u64_stats_add(&tx->stat[i], stat[i]);
	u64_stats_update_end(&tx->sender_syncp);
}

static void qlge_tx_stat_inc(struct qlge_tx_ring *tx, enum qlge_tx_stat which)
{
	u64_stats_update_begin(&tx->sender_syncp);
	u64_stats_inc(&tx->stat[which]);
	u64_stats_update_end(&tx->sender_syncp);
}

/* The @i-th descriptor of request @slot; the eighth onwards is in the OAL. */
static struct qlge_tbd *qlge_tx_tbd(struct qlge_tx_ring *tx, u32 slot,
				    unsigned int i, unsigned int nsegs)
{
	if (nsegs <= QLGE_TX_DESC_PER_IOCB || i < QLGE_TX_DESC_PER_IOCB - 1)
		return &tx->ring[slot].tbd[i];
	return &tx->oal[slot * QLGE_OAL_ENTRIES + i -
			(QLGE_TX_DESC_PER_IOCB - 1)];
}

/* @mapped pieces, at least one; the first is the linear part. */
static void qlge_tx_unmap(struct qlge_tx_ring *tx, u32 slot,
			  unsigned int mapped)
{
	const struct qlge_tx_seg *seg = &tx->seg[slot * tx->max_segs];
	unsigned int i;

	dma_unmap_single(tx->dev, seg->dma, seg->len, DMA_TO_DEVICE);
	for (i = 1; i < mapped; i++) {
		seg++;
		dma_unmap_page(tx->dev, seg->dma, seg->len, DMA_TO_DEVICE);
	}
}

/**
 * qlge_tx_map - map a frame and write the descriptors of the next request
 * @tx: ring
 * @head: linear part
 * @headlen: its length
 * @shinfo: the other pieces
 * @nsegs: all pieces, at most @tx->max_segs
 *
 * Context: the sender of the ring. Return: 0, or -ENOMEM with nothing mapped.
 */
int qlge_tx_map(struct qlge_tx_ring *tx, void *head, unsigned int headlen,
		const struct skb_shared_info *shinfo, unsigned int nsegs)
{
	u32 slot = tx->prod;
	struct qlge_tbd *tbd = tx->ring[slot].tbd;
	struct qlge_tx_seg *seg = &tx->seg[slot * tx->max_segs];
	unsigned int i;

	seg->len = headlen;
	seg->dma = dma_map_single(tx->dev, head, headlen, DMA_TO_DEVICE);
	if (unlikely(dma_mapping_error(tx->dev, seg->dma)))
		return -ENOMEM;
	tbd->addr = cpu_to_le64(seg->dma);
	tbd->len = cpu_to_le32(headlen);
	for (i = 1; i < nsegs; i++) {
		const skb_frag_t *piece = &shinfo->frags[i - 1];

		seg++;
		seg->len = skb_frag_size(piece);
		seg->dma = skb_frag_dma_map(tx->dev, piece, 0, seg->len,
					    DMA_TO_DEVICE);
		if (unlikely(dma_mapping_error(tx->dev, seg->dma))) {
			qlge_tx_unmap(tx, slot, i);
			return -ENOMEM;
		}
		tbd = qlge_tx_tbd(tx, slot, i, nsegs);
		tbd->addr = cpu_to_le64(seg->dma);
		tbd->len = cpu_to_le32(seg->len);
	}
	tbd->len |= cpu_to_le32(TX_DESC_E);

	if (nsegs > QLGE_TX_DESC_PER_IOCB) {
		size_t first = slot * QLGE_OAL_ENTRIES;
		unsigned int n = nsegs - (QLGE_TX_DESC_PER_IOCB - 1);

		tbd = &tx->ring[slot].tbd[QLGE_TX_DESC_PER_IOCB - 1];
		tbd->addr = cpu_to_le64(tx->extra_dma + first * sizeof(*tbd));
		tbd->len = cpu_to_le32(n * sizeof(*tbd) | TX_DESC_C);
	}
	return 0;
}

/* Where the headers are; @hdrs is the length of all of them. */
static void qlge_tx_headers(struct qlge_ob_mac_iocb *req, bool v4,
			    unsigned int net, unsigned int trans,
			    unsigned int hdrs)
{
	req->opcode = OPCODE_OB_MAC_TSO_IOCB;
	req->flags1 |= v4 ? OB_MAC_TSO_IOCB_IP4 : OB_MAC_TSO_IOCB_IP6;
	req->net_trans_offset = cpu_to_le16(net | trans <<
					    OB_MAC_TRANSPORT_HDR_SHIFT);
	req->total_hdrs_len = cpu_to_le16(hdrs);
}

/**
 * qlge_tx_csum - ask for the checksum of TCP or UDP
 * @req: request, else filled; it becomes one with headers
 * @v4: IPv4, or IPv6 without extension headers
 * @tcp: TCP, or UDP
 * @net: offset of the IP header, at most OB_MAC_NETWORK_OFFSET_MAX
 * @trans: offset of TCP or UDP, at most OB_MAC_TRANSPORT_OFFSET_MAX
 * @hdrs: length of all headers
 *
 * The checksum field has the sum of the pseudo-header.
 *
 * Context: the sender of the ring.
 */
void qlge_tx_csum(struct qlge_ob_mac_iocb *req, bool v4, bool tcp,
		  unsigned int net, unsigned int trans, unsigned int hdrs)
{
	qlge_tx_headers(req, v4, net, trans, hdrs);
	req->flags2 |= tcp ? OB_MAC_TSO_IOCB_TC : OB_MAC_TSO_IOCB_UC;
	if (!v4)	/* as the one driver known to do IPv6 */
		req->flags3 |= OB_MAC_TSO_IOCB_IC;
}

/* Checksum and segmentation (Documentation/hardware/transmit.rst). */
static int qlge_tx_offload(struct qlge_ob_mac_iocb *req, struct sk_buff *skb)
{
	u16 gso_size = skb_shinfo(skb)->gso_size;
	unsigned int net = skb_network_offset(skb);
	unsigned int trans = skb_checksum_start_offset(skb);
	bool v4 = vlan_get_protocol(skb) == htons(ETH_P_IP);
	bool tcp = skb->csum_offset == offsetof(struct tcphdr, check);
	unsigned int hdr;
	int err;

	if (gso_size) {
		err = skb_cow_head(skb, 0);
		if (err)
			return err;
		if (v4) {
			ip_hdr(skb)->check = 0;
			tcp_hdr(skb)->check =
				~csum_tcpudp_magic(ip_hdr(skb)->saddr,
						   ip_hdr(skb)->daddr, 0,
						   IPPROTO_TCP, 0);
		} else {
			tcp_v6_gso_csum_prep(skb);
		}
		qlge_tx_headers(req, v4, net, trans, skb_tcp_all_headers(skb));
		req->flags2 |= OB_MAC_TSO_IOCB_LSO;
		req->flags3 |= OB_MAC_TSO_IOCB_IC;
		req->mss = cpu_to_le16(gso_size);
		return 0;
	}
	hdr = trans + (tcp ? tcp_hdrlen(skb) : sizeof(struct udphdr));
	/* Whoever made the frame may have said that it is longer. */
	qlge_tx_csum(req, v4, tcp, net, trans, min(hdr, skb->len));
	return 0;
}

static void qlge_tx_ring_doorbell(struct qlge_tx_ring *tx)
{
	/* writel() orders the requests before the doorbell. */
	writel(tx->prod, tx->db);
	tx->doorbell = false;
}

/**
 * qlge_xmit - ndo_start_xmit
 * @skb: frame
 * @netdev: net device
 *
 * Context: BH off, transmit queue lock. Return: NETDEV_TX_OK, or
 * NETDEV_TX_BUSY if the queue was found full although it was not stopped.
 */
netdev_tx_t qlge_xmit(struct sk_buff *skb, struct net_device *netdev)
{
	struct qlge_adapter *adapter = netdev_priv(netdev);
	unsigned int queue = skb_get_queue_mapping(skb);
	const struct qlge_set *set = adapter->set;
	u64 stat[QLGE_TX_NSTATS] = { };
	struct qlge_ob_mac_iocb *req;
	unsigned int nsegs, segs, len;
	struct netdev_queue *txq;
	struct qlge_tx_ring *tx;
	struct qlge_tx_buf *buf;
	bool ring;
	u32 slot;

	/* Senders without a qdisc may have chosen it when there were more. */
	if (unlikely(queue >= set->cfg.channels)) {
		dev_core_stats_tx_dropped_inc(netdev);
		dev_kfree_skb_any(skb);
		return NETDEV_TX_OK;
	}
	tx = &set->channel[queue]->tx;
	txq = netdev_get_tx_queue(netdev, queue);
	slot = tx->prod;

	if (unlikely(!qlge_tx_room(tx))) {
		/* Looks again: its last completion may just have gone by. */
		netif_txq_try_stop(txq, qlge_tx_room(tx), tx->mask / 4);
		qlge_tx_stat_inc(tx, QLGE_TX_STOP);
		return NETDEV_TX_BUSY;
	}
	/* Segmented by the stack, a frame may still be of any length. */
	if (unlikely(skb->len > QLGE_HW_MAX_FRAME && !skb_is_gso(skb)))
		goto free;
	/* The card pads on the wire; with what is not documented. */
	if (unlikely(eth_skb_pad(skb)))
		goto dropped;

	req = &tx->ring[slot];
	memset(req, 0, offsetof(struct qlge_ob_mac_iocb, tbd));
	req->opcode = OPCODE_OB_MAC_IOCB;
	req->tid = slot;
	req->txq_idx = tx->id;
	if (skb->ip_summed == CHECKSUM_PARTIAL) {
		if (unlikely(qlge_tx_offload(req, skb)))
			goto free;
		stat[QLGE_TX_CSUM]++;
	} else {
		stat[QLGE_TX_CSUM_NONE]++;
	}
	if (skb_vlan_tag_present(skb)) {
		req->flags3 |= OB_MAC_IOCB_V;
		req->vlan_tci = cpu_to_le16(skb_vlan_tag_get(skb));
	}
	req->frame_len = cpu_to_le32(skb->len);

	nsegs = skb_shinfo(skb)->nr_frags + 1;
	if (unlikely(qlge_tx_map(tx, skb->data, skb_headlen(skb),
				 skb_shinfo(skb), nsegs)))
		goto free;

	len = skb->len;
	segs = 1;
	if (skb_is_gso(skb)) {
		segs = max_t(unsigned int, skb_shinfo(skb)->gso_segs, 1);
		len += (segs - 1) * skb_tcp_all_headers(skb);
		stat[QLGE_TX_GSO_PACKETS]++;
		stat[QLGE_TX_GSO_BYTES] += skb->len;
		stat[QLGE_TX_GSO_WIRE] += segs;
		stat[QLGE_TX_GSO_WIRE_BYTES] += len;
	}
	buf = &tx->buf[slot];
	buf->skb = skb;
	buf->nsegs = nsegs;
	buf->packets = segs;
	buf->len = len;
	buf->type = QLGE_TX_SKB;
	skb_tx_timestamp(skb);
	/*
	 * All of it before the entry counts as sent: the completion side
	 * must be safe from a device that completes what it was not given.
	 */
	ring = __netdev_tx_sent_queue(txq, len, netdev_xmit_more());
	/* Pairs with the acquire in qlge_tx_complete(). */
	smp_store_release(&tx->prod, (slot + 1) & tx->mask);
	tx->doorbell = true;

	if (!netif_txq_maybe_stop(txq, qlge_tx_room(tx), 1, tx->mask / 4)) {
		stat[QLGE_TX_STOP]++;
		ring = true;
	}
	if (ring)
		qlge_tx_ring_doorbell(tx);
	qlge_tx_stats_add(tx, stat);
	return NETDEV_TX_OK;

free:
	dev_kfree_skb_any(skb);
dropped:
	qlge_tx_stat_inc(tx, QLGE_TX_DROPPED);
	/* Frames before this one may still wait for their doorbell. */
	if (tx->doorbell && !netdev_xmit_more())
		qlge_tx_ring_doorbell(tx);
	return NETDEV_TX_OK;
}

/*
 * Is it plain TCP or UDP, with its headers where the request can say so? For
 * IPv6 with extension headers no driver is known to have asked the card, and
 * UDP-Lite has its checksum where UDP has it.
 */
static bool qlge_tx_can_offload(const struct sk_buff *skb)
{
	int net = skb_network_offset(skb), hdr;
	int trans = skb_checksum_start_offset(skb);
	u8 proto;

	if (skb->encapsulation || net > OB_MAC_NETWORK_OFFSET_MAX ||
	    trans > OB_MAC_TRANSPORT_OFFSET_MAX)
		return false;
	/* The stack sees to it that the checksum field is in the linear part. */
	switch (vlan_get_protocol(skb)) {
	case htons(ETH_P_IP):
		if (trans < net + (int)sizeof(struct iphdr))
			return false;
		hdr = ip_hdrlen(skb);
		proto = ip_hdr(skb)->protocol;
		break;
	case htons(ETH_P_IPV6):
		hdr = sizeof(struct ipv6hdr);
		if (trans < net + hdr)
			return false;
		proto = ipv6_hdr(skb)->nexthdr;
		break;
	default:
		return false;
	}
	if (trans != net + hdr)
		return false;
	if (proto == IPPROTO_TCP)
		return skb->csum_offset == offsetof(struct tcphdr, check);
	return proto == IPPROTO_UDP &&
	       skb->csum_offset == offsetof(struct udphdr, check);
}

/**
 * qlge_features_check - ndo_features_check
 * @skb: frame
 * @netdev: net device
 * @features: what the stack would like
 *
 * The request has 6 bits for the network offset, 10 for the transport offset,
 * and no segment may be longer than the longest frame. Its descriptors take
 * every piece: a skb for segmentation is no longer than tso_max_size, any
 * other no longer than a frame, or qlge_xmit() drops it.
 *
 * Return: what the card can do for this frame.
 */
netdev_features_t qlge_features_check(struct sk_buff *skb,
				      struct net_device *netdev,
				      netdev_features_t features)
{
	features = vlan_features_check(skb, features);
	if (skb->ip_summed != CHECKSUM_PARTIAL)
		return skb_is_gso(skb) ? features & ~NETIF_F_GSO_MASK :
					 features;
	if (!qlge_tx_can_offload(skb))
		return features & ~(NETIF_F_CSUM_MASK | NETIF_F_GSO_MASK);
	if (skb_is_gso(skb) &&
	    skb_tcp_all_headers(skb) + skb_shinfo(skb)->gso_size >
	    QLGE_HW_MAX_FRAME - VLAN_HLEN)
		features &= ~NETIF_F_GSO_MASK;
	return features;
}

/* The buffers of a long frame after the first. */
static noinline void qlge_tx_more_home(struct qlge_tx_ring *tx, u32 slot)
{
	const struct qlge_tx_seg *seg = &tx->seg[slot * tx->max_segs];
	const struct qlge_tx_buf *buf = &tx->buf[slot];
	unsigned int i;

	for (i = 0; i < buf->nsegs; i++)
		qlge_tx_frag_home(tx, buf->bq, seg[i].frag);
}

/**
 * qlge_tx_give_back - what a request has had goes back to its owner
 * @tx: ring
 * @slot: the request
 * @budget: NAPI budget
 * @bulk: bulk queue for XDP frames
 *
 * The kinds that qlge_tx_complete() does not do itself.
 *
 * Context: NAPI of the ring's channel. Return: false if it has nothing.
 */
bool qlge_tx_give_back(struct qlge_tx_ring *tx, u32 slot, int budget,
		       struct xdp_frame_bulk *bulk)
{
	struct qlge_tx_buf *buf = &tx->buf[slot];

	switch (buf->type) {
	case QLGE_TX_SKB:
		qlge_tx_unmap(tx, slot, buf->nsegs);
		napi_consume_skb(buf->skb, budget);
		return true;
	case QLGE_TX_XDP_FRAGS:
		qlge_tx_more_home(tx, slot);
		qlge_tx_frag_home(tx, buf->bq, buf->frag);
		return true;
	case QLGE_TX_XDP_FRAME:
		qlge_tx_unmap(tx, slot, buf->nsegs);
		xdp_return_frame_bulk(buf->xdpf, bulk);
		return true;
	case QLGE_TX_XDP_POOL:
		xsk_buff_free(buf->xdp);
		return true;
	case QLGE_TX_XDP_FRAG:
	case QLGE_TX_XDP_COPY:
	case QLGE_TX_XSK:
	case QLGE_TX_FREE:
		break;
	}
	return false;
}

/**
 * qlge_tx_done_stats - add sums to the completion side's counters
 * @tx: ring
 * @done: sums
 * @woken: the stack's queue was woken
 *
 * Context: NAPI of the ring's channel.
 */
void qlge_tx_done_stats(struct qlge_tx_ring *tx,
			const struct qlge_tx_done *done, bool woken)
{
	u64_stats_update_begin(&tx->syncp);
	u64_stats_add(&tx->stat[QLGE_TX_PACKETS], done->packets);
	u64_stats_add(&tx->stat[QLGE_TX_BYTES], done->bytes);
	u64_stats_add(&tx->stat[QLGE_TX_ERRORS], done->errors);
	if (woken)
		u64_stats_inc(&tx->stat[QLGE_TX_WAKE]);
	u64_stats_update_end(&tx->syncp);
}

/**
 * qlge_tx_clean - complete what the stack has sent
 * @ch: channel
 * @budget: NAPI budget; 0 from netpoll
 *
 * Context: NAPI.
 */
void qlge_tx_clean(struct qlge_channel *ch, int budget)
{
	struct qlge_adapter *adapter = ch->adapter;
	struct qlge_cq *cq = &ch->tx_cq;
	struct qlge_tx_ring *tx = &ch->tx;
	struct qlge_tx_done done = { };
	struct netdev_queue *txq;
	u32 cons = cq->cons;
	bool woken;
	u32 prod;

	prod = le32_to_cpu(READ_ONCE(*cq->shadow));
	if (likely(cons == prod) || unlikely(ch->rx.broken))
		return;
	if (unlikely(prod > cq->mask))
		goto broken;
	/* The entries are read after the index that says they are there. */
	dma_rmb();
	while (cons != prod) {
		const union qlge_cqe *cqe = &cq->ring[cons];

		if (unlikely((cqe->opcode != OPCODE_OB_MAC_IOCB &&
			      cqe->opcode != OPCODE_OB_MAC_TSO_IOCB) ||
			     cqe->tx.txq_idx != tx->id ||
			     !qlge_tx_complete(tx, &cqe->tx, budget, NULL,
					       &done)))
			goto broken;
		cons = (cons + 1) & cq->mask;
	}
	cq->cons = cons;
	writel(cons, cq->db);

	txq = netdev_get_tx_queue(adapter->netdev, tx->queue);
	/* 0: the queue was stopped and has been woken. */
	woken = !__netif_txq_completed_wake(txq, 1, done.bql, qlge_tx_room(tx),
					    tx->mask / 4,
					    !test_bit(QLGE_F_UP,
						      &adapter->flags));
	qlge_tx_done_stats(tx, &done, woken);
	return;

broken:
	qlge_tx_done_stats(tx, &done, false);
	ch->rx.broken = true;
	netdev_err(adapter->netdev, "tx %u: bad completion\n", ch->index);
	qlge_schedule_reset(adapter, QLGE_RESET_TX_COMPLETION);
}

/**
 * qlge_tx_alloc - memory of a work queue
 * @ch: channel whose NAPI takes the completions
 * @tx: ring to set up
 * @cq: completion queue
 * @id: work queue number
 * @len: entries, a power of two
 * @use: what it is for; the stack's frames need address lists, and those of
 *	ndo_xdp_xmit() have room for copies, if there is memory for it
 *
 * Context: process. Return: 0 or -ENOMEM; qlge_tx_free() undoes either.
 */
int qlge_tx_alloc(struct qlge_channel *ch, struct qlge_tx_ring *tx,
		  struct qlge_cq *cq, u16 id, unsigned int len,
		  enum qlge_tx_use use)
{
	size_t extra = 0;
	int err;

	tx->ch = ch;
	tx->cq = cq;
	tx->id = id;
	tx->queue = ch->index;
	tx->dev = &ch->adapter->pdev->dev;
	tx->mask = len - 1;
	tx->db = ch->adapter->db + QLGE_DB_WQ(id);
	u64_stats_init(&tx->syncp);
	u64_stats_init(&tx->sender_syncp);
	spin_lock_init(&tx->lock);

	tx->max_segs = QLGE_XDP_MAX_SEGS;
	if (use == QLGE_TX_USE_STACK) {
		tx->max_segs = QLGE_TX_MAX_SEGS;
		extra = QLGE_OAL_ENTRIES * sizeof(*tx->oal);
	} else if (use == QLGE_TX_USE_XMIT) {
		extra = QLGE_TX_COPY_LEN;
	}
	tx->buf = kvcalloc(len, sizeof(*tx->buf), GFP_KERNEL);
	tx->seg = kvcalloc(len * tx->max_segs, sizeof(*tx->seg), GFP_KERNEL);
	if (!tx->buf || !tx->seg)
		return -ENOMEM;
	err = qlge_dma_alloc(tx->dev, &tx->mem, len * sizeof(*tx->ring));
	if (err)
		return err;
	tx->ring = tx->mem.va;
	err = qlge_dma_alloc(tx->dev, &tx->shadow_mem, sizeof(__le64));
	if (err || !extra)
		return err;
	err = qlge_dma_alloc(tx->dev, &tx->extra_mem, len * extra);
	tx->extra_dma = tx->extra_mem.dma;
	if (use == QLGE_TX_USE_STACK) {
		tx->oal = tx->extra_mem.va;
		return err;
	}
	/* Without it every frame is mapped. */
	tx->copy = tx->extra_mem.va;
	return 0;
}

/**
 * qlge_tx_free - release what qlge_tx_alloc() got
 * @tx: ring, stopped or never started
 *
 * Context: process.
 */
void qlge_tx_free(struct qlge_tx_ring *tx)
{
	if (!tx->ch)
		return;
	qlge_dma_free(tx->dev, &tx->extra_mem);
	qlge_dma_free(tx->dev, &tx->shadow_mem);
	qlge_dma_free(tx->dev, &tx->mem);
	kvfree(tx->seg);
	kvfree(tx->buf);
	tx->seg = NULL;
	tx->buf = NULL;
}

/**
 * qlge_tx_start - indices to 0
 * @tx: ring that the device does not know yet
 *
 * Context: process, RTNL.
 */
void qlge_tx_start(struct qlge_tx_ring *tx)
{
	tx->prod = 0;
	tx->cons = 0;
	tx->stuck_cons = U32_MAX;
	tx->doorbell = false;
}

/**
 * qlge_tx_stop - give back what never completed
 * @tx: ring; no sender, no NAPI, and the device has been reset
 *
 * Context: process, RTNL.
 */
void qlge_tx_stop(struct qlge_tx_ring *tx)
{
	u64 stat[QLGE_TX_NSTATS] = { };
	struct qlge_tx_done done = { };
	struct xdp_frame_bulk bulk;

	local_bh_disable();
	rcu_read_lock();
	xdp_frame_bulk_init(&bulk);
	while (tx->cons != tx->prod) {
		const struct qlge_ob_mac_rsp rsp = { .tid = tx->cons };

		if (!qlge_tx_complete(tx, &rsp, 0, &bulk, &done))
			break;
		stat[QLGE_TX_DROPPED]++;
	}
	xdp_flush_frame_bulk(&bulk);
	if (done.xsk)
		xsk_tx_completed(tx->ch->rx.pool, done.xsk);
	rcu_read_unlock();
	DEBUG_NET_WARN_ON_ONCE(tx->cons != tx->prod);
	/* They were not sent: nothing but the loss is counted. */
	qlge_tx_stats_add(tx, stat);
	local_bh_enable();
}

// SPDX-License-Identifier: GPL-2.0-only
/* Work queues: gathering, offloads, segmentation, completions. */
#include "qlge_core_int.h"

#define TX_BATCH		16	/* requests read at once */
#define TX_BUDGET		64	/* requests or segments of one call */
#define OAL_MAX			256	/* descriptors of one list */
#define MIN_FRAME		60

#define DESC_C			0x40000000u
#define DESC_E			0x80000000u
#define DESC_LEN		0x000fffffu

#define TX1_IP4			0x40
#define TX1_IP6			0x80
#define TX2_LSO			0x20
#define TX2_UC			0x40
#define TX2_TC			0x80
#define TX3_IC			0x01
#define TX3_V			0x04

#define RSP1_E			0x08
#define RSP1_L			0x20
#define RSP1_P			0x40
#define RSP3_B			0x80

#define TCP_FIN			0x01
#define TCP_PSH			0x08
#define TCP_CWR			0x80

/* Sum of 16-bit big-endian words; the carries are folded in. */
uint32_t qlge_csum_add(const uint8_t *p, size_t len, uint32_t sum)
{
	uint64_t acc = 0;
	uint32_t word;

	for (; len >= 32; len -= 32, p += 32) {
		uint32_t w[8];

		memcpy(w, p, sizeof(w));
		acc += (uint64_t)w[0] + w[1] + w[2] + w[3] + w[4] + w[5] +
		       w[6] + w[7];
	}
	for (; len >= 4; len -= 4, p += 4) {
		memcpy(&word, p, sizeof(word));
		acc += word;
	}
	if (len) {
		uint8_t tail[4] = { 0 };

		memcpy(tail, p, len);
		memcpy(&word, tail, sizeof(word));
		acc += word;
	}
	while (acc >> 16)
		acc = (acc & 0xffff) + (acc >> 16);
	/* The sum of swapped words is the swapped sum. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	acc = (acc >> 8 & 0xff) | (acc & 0xff) << 8;
#endif
	return qlge_csum_fold(sum) + (uint32_t)acc;
}

uint16_t qlge_csum_fold(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)(sum + (sum >> 16));
}

/* Hand a frame over that starts in a buffer with TX_HEADROOM in front. */
static bool transmit(struct qlge_core *c, uint8_t *frame, size_t len,
		     bool vlan, uint16_t tci)
{
	bool padded = false;

	if (vlan && len >= 12) {
		memmove(frame - 4, frame, 12);
		frame -= 4;
		len += 4;
		put_be16(frame + 12, 0x8100);
		put_be16(frame + 14, tci);
	}
	if (len < MIN_FRAME) {
		memset(frame + len, 0, MIN_FRAME - len);
		len = MIN_FRAME;
		padded = true;
	}
	if (!(c->xgmac[X_TX_CFG / 4] & MAC_CFG_EN))
		return padded;
	c->counts.tx_frames++;
	qlge_mac_count(c, true, frame, len);
	/*
	 * Looped frames wait in the FIFO until the completion is written, or
	 * they could take its place in a CQ that both share.
	 */
	if (c->mpi.link_cfg & CFG_LOOPBACK)
		qlge_rx_frame(c, frame, len, false);
	else if (c->link)
		c->ops->send_frame(c->opaque, frame, len);
	return padded;
}

/*
 * Collect the data of a request in txbuf.  Returns the length, or a negative
 * number: -1 the lists make no sense, -2 memory cannot be read.
 */
static int64_t gather(struct qlge_core *c, const uint8_t *req)
{
	uint8_t oal[OAL_MAX * 12];
	const uint8_t *desc = req + 32;
	uint32_t left = 8, len, ctl;
	bool in_oal = false;
	size_t total = 0;

	while (left--) {
		ctl = get_le32(desc + 8);
		len = ctl & DESC_LEN;
		if (ctl & DESC_C) {
			/* a list, always the last descriptor in use */
			if (in_oal || !len || len % 12 || len > sizeof(oal))
				return -1;
			if (qlge_dma_read(c, get_le64(desc), oal, len))
				return -2;
			in_oal = true;
			left = len / 12;
			desc = oal;
			continue;
		}
		if (total + len > QLGE_TX_MAX - TX_HEADROOM - MIN_FRAME)
			return -1;
		if (len && qlge_dma_read(c, get_le64(desc),
					 c->txbuf + TX_HEADROOM + total, len))
			return -2;
		total += len;
		if (ctl & DESC_E)
			return (int64_t)total;
		desc += 12;
	}
	return -1;
}

/*
 * The stack has left the pseudo header sum in the checksum field; what is
 * added here is the rest, so a wrong seed shows on the wire.
 */
static void l4_checksum(uint8_t *l4, size_t len, size_t field, bool udp)
{
	uint16_t sum;

	if (len < field + 2)
		return;
	sum = (uint16_t)~qlge_csum_fold(qlge_csum_add(l4, len, 0));
	if (udp && !sum)
		sum = 0xffff;
	put_be16(l4 + field, sum);
}

static void ip4_checksum(uint8_t *ip, size_t avail)
{
	size_t hdr = (ip[0] & 15) * 4u;

	if (avail < 20 || hdr < 20 || hdr > avail)
		return;
	put_be16(ip + 10, 0);
	put_be16(ip + 10, (uint16_t)~qlge_csum_fold(qlge_csum_add(ip, hdr, 0)));
}

static void offload(uint8_t *frame, size_t len, const uint8_t *req)
{
	uint16_t offs = get_le16(req + 26);
	size_t l3 = offs & 0x3f, l4 = offs >> 6, end = len;

	if (l3 + 20 > len)
		return;
	/* Padding behind the packet is not part of the checksum. */
	if ((req[1] & TX1_IP4) && l3 + get_be16(frame + l3 + 2) < end)
		end = l3 + get_be16(frame + l3 + 2);
	else if ((req[1] & TX1_IP6) && l3 + 40 <= len &&
		 l3 + 40 + get_be16(frame + l3 + 4) < end)
		end = l3 + 40 + get_be16(frame + l3 + 4);
	if ((req[2] & (TX2_TC | TX2_UC)) && l4 < end)
		l4_checksum(frame + l4, end - l4, req[2] & TX2_TC ? 16 : 6,
			    req[2] & TX2_UC);
	if ((req[3] & TX3_IC) && (req[1] & TX1_IP4))
		ip4_checksum(frame + l3, len - l3);
}

bool qlge_tso_valid(const struct qlge_tso *t)
{
	return t->mss && t->hdr <= t->len && t->hdr <= QLGE_TSO_HDR_MAX &&
	       t->len <= QLGE_TX_MAX - TX_HEADROOM - MIN_FRAME &&
	       t->l4 + 20u <= t->hdr &&
	       t->l3 + (t->ip6 ? 40u : 20u) <= t->l4 &&
	       t->hdr + t->mss <= QLGE_MAX_FRAME;
}

/* Set up c->tso for the frame in txbuf; false if it cannot be segmented. */
static bool tso_start(struct qlge_core *c, unsigned int id,
		      const uint8_t *req, uint32_t len)
{
	struct qlge_tso *t = &c->tso;
	const uint8_t *frame = c->txbuf + TX_HEADROOM;
	uint16_t offs = get_le16(req + 26);

	memset(t, 0, sizeof(*t));
	t->wq = (uint8_t)id;
	t->ip6 = req[1] & TX1_IP6;
	t->vlan = req[3] & TX3_V;
	t->tci = get_le16(req + 28);
	t->l3 = offs & 0x3f;
	t->l4 = offs >> 6;
	t->mss = get_le16(req + 30);
	t->hdr = get_le16(req + 24);
	t->len = len;
	if (!qlge_tso_valid(t))
		return false;
	t->seed = get_be16(frame + t->l4 + 16);
	t->ip_id = get_be16(frame + t->l3 + 4);
	t->seq = get_be32(frame + t->l4 + 4);
	t->tcp_flags = frame[t->l4 + 13];
	t->active = true;
	return true;
}

/* Send the next segment; false after the last one. */
static bool tso_segment(struct qlge_core *c)
{
	uint8_t buf[TX_HEADROOM + QLGE_MAX_FRAME], *f = buf + TX_HEADROOM, *l4;
	struct qlge_tso *t = &c->tso;
	uint32_t left = t->len - t->hdr - t->done;
	uint32_t n = left < t->mss ? left : t->mss, l4_len;
	uint8_t flags = t->tcp_flags;

	memcpy(f, c->txbuf + TX_HEADROOM, t->hdr);
	memcpy(f + t->hdr, c->txbuf + TX_HEADROOM + t->hdr + t->done, n);
	l4 = f + t->l4;
	l4_len = t->hdr - t->l4 + n;
	if (t->ip6) {
		put_be16(f + t->l3 + 4, (uint16_t)(t->hdr - t->l3 - 40 + n));
	} else {
		put_be16(f + t->l3 + 2, (uint16_t)(t->hdr - t->l3 + n));
		put_be16(f + t->l3 + 4, (uint16_t)(t->ip_id + t->segment));
		ip4_checksum(f + t->l3, t->hdr - t->l3);
	}
	put_be32(l4 + 4, t->seq + t->done);
	if (n < left)
		flags &= (uint8_t)~(TCP_FIN | TCP_PSH);
	if (t->segment)
		flags &= (uint8_t)~TCP_CWR;
	l4[13] = flags;
	put_be16(l4 + 16, qlge_csum_fold((uint32_t)t->seed + l4_len));
	l4_checksum(l4, l4_len, 16, false);
	t->done += n;
	t->segment++;
	transmit(c, f, t->hdr + n, t->vlan, t->tci);
	return n < left;
}

/* Write the completion of the request at the consumer index. */
static bool complete(struct qlge_core *c, unsigned int id, const uint8_t *cqe)
{
	struct qlge_wq *wq = &c->wq[id];
	uint8_t entry[64] = { 0 };

	memcpy(entry, cqe, 12);
	wq->cons = wq->cons + 1 == wq->len ? 0 : wq->cons + 1;
	if (wq->cons == wq->prod)
		c->wq_pending[id / 64] &= ~(1ull << id % 64);
	return !qlge_cq_put(c, wq->cq, entry);
}

static void publish(struct qlge_core *c, unsigned int id)
{
	struct qlge_wq *wq = &c->wq[id];
	uint8_t word[4];

	put_le32(word, wq->cons);
	if (qlge_dma_write(c, wq->shadow, word, sizeof(word)))
		qlge_fatal(c, ERR_STS_MA);
	else
		qlge_cq_publish(c, wq->cq);
}

/*
 * Execute one request.  Fills the completion; true if it is finished, false
 * if c->tso goes on with it.
 */
static bool request(struct qlge_core *c, unsigned int id, const uint8_t *req,
		    uint8_t *cqe)
{
	bool tso = req[0] == OP_OB_TSO;
	uint32_t frame_len = tso ? get_le32(req + 12) : get_le16(req + 12);
	uint8_t *frame = c->txbuf + TX_HEADROOM;
	int64_t len;

	memset(cqe, 0, 12);
	cqe[0] = req[0];
	memcpy(cqe + 4, req + 16, 8);
	len = gather(c, req);
	if (len == -2) {
		cqe[3] = RSP3_B;
		return true;
	}
	if (len < 14 || (!tso && len != frame_len)) {
		qlge_log(c, "request length", (uint64_t)len, frame_len);
		cqe[1] = RSP1_E;
		return true;
	}
	if (tso && (req[2] & TX2_LSO)) {
		if (tso_start(c, id, req, (uint32_t)len)) {
			memcpy(c->tso.cqe, cqe, 12);
			return false;
		}
		qlge_log(c, "LSO request makes no sense", get_le16(req + 24),
			 get_le16(req + 30));
		cqe[1] = RSP1_E;
		return true;
	}
	if (tso)
		offload(frame, (size_t)len, req);
	if (len > QLGE_MAX_FRAME)
		cqe[1] = RSP1_L;
	if (transmit(c, frame, (size_t)len, req[3] & TX3_V,
		     get_le16(req + 28)))
		cqe[1] |= RSP1_P;
	return true;
}

static bool cq_ready(struct qlge_core *c, const struct qlge_wq *wq)
{
	const struct qlge_cq *cq = &c->cq[wq->cq];

	return cq->loaded && cq->valid && !qlge_cq_full(cq);
}

/* Go on with a large send; true if it is out of the way. */
static bool tso_work(struct qlge_core *c, int *budget)
{
	struct qlge_tso *t = &c->tso;
	unsigned int id = t->wq;

	while (t->active && t->done != UINT32_MAX) {
		if (--*budget < 0)
			return false;
		if (!tso_segment(c))
			t->done = UINT32_MAX;
	}
	if (!t->active)
		return true;
	if (!cq_ready(c, &c->wq[id]))
		return false;
	t->active = false;
	if (complete(c, id, t->cqe))
		publish(c, id);
	return true;
}

/* Up to TX_BATCH requests of one queue. */
static void wq_work(struct qlge_core *c, unsigned int id, int *budget)
{
	uint8_t ring[TX_BATCH * 128], cqe[12];
	struct qlge_wq *wq = &c->wq[id];
	uint32_t n, i, start = wq->cons;

	n = (wq->prod > wq->cons ? wq->prod : wq->len) - wq->cons;
	if (n > TX_BATCH)
		n = TX_BATCH;
	if (n > qlge_fault_tx(c))
		n = qlge_fault_tx(c);
	if (qlge_dma_read(c, wq->addr + wq->cons * 128ull, ring, n * 128)) {
		qlge_fatal(c, ERR_STS_MA);
		return;
	}
	for (i = 0; i < n && *budget > 0 && cq_ready(c, wq); i++) {
		const uint8_t *req = ring + i * 128;

		if (c->sts & STS_FE)
			return;
		--*budget;
		if (c->fault.tx_rate)
			c->fault.tx_left--;
		if (req[0] != OP_OB_MAC && req[0] != OP_OB_TSO) {
			qlge_log(c, "unknown request", id, req[0]);
			qlge_fatal(c, ERR_STS_MA);
			return;
		}
		if (!request(c, id, req, cqe)) {
			if (wq->cons != start)
				publish(c, id);
			tso_work(c, budget);
			return;
		}
		if (!complete(c, id, cqe))
			return;
	}
	if (wq->cons != start)
		publish(c, id);
}

static int next_wq(struct qlge_core *c)
{
	unsigned int i, id;

	/* Round robin; a queue whose CQ is full waits for its consumer. */
	if (!c->wq_pending[0] && !c->wq_pending[1])
		return -1;
	for (i = 0; i < QLGE_QUEUES; i++) {
		id = (c->wq_next + i) % QLGE_QUEUES;
		if ((c->wq_pending[id / 64] >> id % 64 & 1) &&
		    c->wq[id].valid && c->wq[id].prod != c->wq[id].cons &&
		    cq_ready(c, &c->wq[id])) {
			c->wq_next = id + 1;
			return (int)id;
		}
	}
	return -1;
}

bool qlge_tx_work(struct qlge_core *c)
{
	int budget = TX_BUDGET, id;

	while (!(c->sts & STS_FE) && (c->reg[R_FSC / 4] & FSC_FE) &&
	       !c->fault.tx_hold) {
		if (!tso_work(c, &budget))
			return budget < 0;
		id = next_wq(c);
		if (id < 0 || !qlge_fault_tx(c))
			return false;
		if (budget <= 0)
			return true;
		wq_work(c, (unsigned int)id, &budget);
	}
	return false;
}

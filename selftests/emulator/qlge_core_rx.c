// SPDX-License-Identifier: GPL-2.0-only
/* Buffer queues, placement of received frames, the receive FIFO. */
#include "qlge_core_int.h"

#define RX3_DS			0x40
#define RX3_DL			0x80
#define RX4_HV			0x20
#define RX4_HS			0x40
#define RX2_V			0x02
#define MIN_FRAME		60
#define MAX_CHAIN		128	/* large buffers of one frame */

void qlge_bq_load(struct qlge_bq *bq, uint64_t table, uint32_t size,
		  uint32_t len)
{
	memset(bq, 0, sizeof(*bq));
	bq->table = table;
	bq->size = size ? size : 65536;
	bq->len = len;
	bq->loaded = true;
}

void qlge_bq_producer(struct qlge_core *c, struct qlge_bq *bq, uint32_t val)
{
	if (!bq->loaded || val >= bq->len) {
		qlge_log(c, "buffer queue doorbell out of range", val, bq->len);
		return;
	}
	bq->raw_prod = val;
	bq->prod = val & ~15u;
}

static uint32_t bq_available(const struct qlge_bq *bq)
{
	return bq->prod >= bq->cons ? bq->prod - bq->cons :
				      bq->prod + bq->len - bq->cons;
}

/*
 * Address of the next buffer.  Buffers come to the device in groups of 16 that
 * never cross a page, so a group is read at once; it is read again whenever
 * the index comes back to it.
 */
static int bq_next(struct qlge_core *c, struct qlge_bq *bq, uint64_t *addr)
{
	uint32_t page = bq->cons / 512, i;
	uint8_t raw[QLGE_LINE * 8];

	if (!bq->line_valid) {
		if (!bq->page_valid || bq->page_nr != page) {
			if (qlge_dma_read(c, bq->table + page * 8ull, raw, 8))
				return -1;
			bq->page = get_le64(raw);
			bq->page_nr = page;
			bq->page_valid = true;
		}
		if (qlge_dma_read(c, bq->page + (bq->cons & 0x1f0) * 8ull, raw,
				  sizeof(raw)))
			return -1;
		for (i = 0; i < QLGE_LINE; i++)
			bq->line[i] = get_le64(raw + i * 8);
		bq->line_valid = true;
	}
	*addr = bq->line[bq->cons % QLGE_LINE];
	bq->cons = bq->cons + 1 == bq->len ? 0 : bq->cons + 1;
	if (!(bq->cons % QLGE_LINE))
		bq->line_valid = false;
	return 0;
}

/* What a frame takes, and where its parts go. */
struct placement {
	uint32_t small;
	uint32_t large;
	uint32_t hdr;		/* split off, 0 = not split */
};

/* False if no number of buffers could ever hold the frame. */
static bool plan(struct qlge_core *c, const struct qlge_cq *cq,
		 const struct qlge_rxinfo *info, uint32_t len,
		 struct placement *p)
{
	uint32_t data = len;

	memset(p, 0, sizeof(*p));
	if ((c->reg[R_FSC / 4] & FSC_SH) &&
	    (c->reg[R_SPLT_HDR / 4] & SPLT_HDR_EP) && info->hdr &&
	    info->hdr <= cq->sbq.size) {
		p->hdr = info->hdr;
		if (info->flags2 & RX2_V && c->reg[R_NIC_RCV_CFG / 4] & RCV_RV)
			p->hdr -= 4;
		p->small = 1;
		data -= p->hdr;
		if (!data)
			return true;
	}
	if (data <= cq->sbq.size) {
		p->small++;
	} else if (data <= cq->lbq.size) {
		p->large = 1;
	} else {
		p->small++;
		p->large = (data + cq->lbq.size - 1) / cq->lbq.size;
	}
	return p->large <= MAX_CHAIN;
}

static void fail_rx(struct qlge_core *c, unsigned int id)
{
	/* One event; the queue is dead until the function is reset. */
	c->cq[id].dead = true;
	qlge_chip_event(c, AE_PCI_ERR_ANON_BUF_RD, (uint8_t)id);
}

/* Write frame data; STS_FE if memory refuses it. */
static int put_data(struct qlge_core *c, uint64_t addr, const uint8_t *p,
		    size_t len)
{
	if (!qlge_dma_write(c, addr, p, len))
		return 0;
	qlge_fatal(c, ERR_STS_MA);
	return -1;
}

static int place(struct qlge_core *c, unsigned int id, const uint8_t *frame,
		 uint32_t len, const struct qlge_rxinfo *info,
		 const struct placement *p)
{
	uint8_t entry[64] = { OP_IB_MAC }, list[MAX_CHAIN * 8];
	struct qlge_cq *cq = &c->cq[id];
	uint32_t i, n, list_len;
	uint64_t addr;

	entry[1] = info->flags1;
	entry[2] = info->flags2;
	entry[3] = info->flags3;
	put_le32(entry + 16, info->hash);
	put_le16(entry + 20, info->vlan);
	if (!(info->flags3 & 7))
		put_le32(entry + 16, 0);
	if (p->hdr) {
		if (bq_next(c, &cq->sbq, &addr))
			goto bad_queue;
		if (put_data(c, addr, frame, p->hdr))
			return -1;
		entry[51] = RX4_HV | RX4_HS;
		put_le32(entry + 52, p->hdr);
		put_le64(entry + 56, addr);
		frame += p->hdr;
		len -= p->hdr;
	}
	put_le32(entry + 4, len);
	if (!p->large) {
		if (len) {
			entry[3] |= RX3_DS;
			if (bq_next(c, &cq->sbq, &addr))
				goto bad_queue;
			if (put_data(c, addr, frame, len))
				return -1;
			put_le64(entry + 8, addr);
		}
	} else if (p->large == 1 && len <= cq->lbq.size) {
		entry[3] |= RX3_DL;
		if (bq_next(c, &cq->lbq, &addr))
			goto bad_queue;
		if (put_data(c, addr, frame, len))
			return -1;
		put_le64(entry + 8, addr);
	} else {
		for (i = 0; i < p->large; i++) {
			n = len < cq->lbq.size ? len : cq->lbq.size;
			if (bq_next(c, &cq->lbq, &addr))
				goto bad_queue;
			if (put_data(c, addr, frame, n))
				return -1;
			put_le64(list + i * 8, addr);
			frame += n;
			len -= n;
		}
		if (bq_next(c, &cq->sbq, &addr))
			goto bad_queue;
		list_len = p->large * 8;
		if (list_len > cq->sbq.size)
			list_len = cq->sbq.size;
		if (put_data(c, addr, list, list_len))
			return -1;
		put_le64(entry + 8, addr);
	}
	if (qlge_cq_put(c, id, entry))
		return -1;
	qlge_cq_publish(c, id);
	c->counts.rx_frames++;
	return 0;

bad_queue:
	fail_rx(c, id);
	return -1;
}

enum verdict { DONE, HOLD };

static enum verdict deliver(struct qlge_core *c, const uint8_t *frame,
			    const struct qlge_rxinfo *info)
{
	struct qlge_cq *cq = &c->cq[info->cq];
	uint8_t head[QLGE_MAX_FRAME];
	uint32_t len = info->len;
	struct placement p;

	if (c->fault.rx_hold || (c->sts & STS_FE))
		return HOLD;
	/* Such a queue never takes the frame; those behind it must not wait. */
	if (!cq->loaded || cq->dead || !cq->sbq.loaded || !cq->lbq.loaded)
		goto drop;
	if ((info->flags2 & RX2_V) && (c->reg[R_NIC_RCV_CFG / 4] & RCV_RV))
		len -= 4;
	if (!plan(c, cq, info, len, &p))
		goto drop;
	if (!cq->valid || qlge_cq_full(cq) ||
	    bq_available(&cq->sbq) < p.small ||
	    bq_available(&cq->lbq) < p.large)
		return HOLD;
	if (len != info->len) {
		/* Only the addresses move; the copy is one frame at most. */
		memcpy(head, frame, 12);
		memcpy(head + 12, frame + 16, len - 12);
		frame = head;
	}
	place(c, info->cq, frame, len, info, &p);
	return DONE;

drop:
	c->counts.fifo_drops++;
	qlge_count(c, X_RX_NIC_FIFO_DROP, 1);
	return DONE;
}

static void hold(struct qlge_core *c, const uint8_t *frame,
		 const struct qlge_rxinfo *info)
{
	struct qlge_fifo *f = &c->fifo;
	struct qlge_slot *s;

	if (f->count >= f->slots || f->bytes + info->len > f->max_bytes) {
		c->counts.fifo_drops++;
		qlge_count(c, X_RX_NIC_FIFO_DROP, 1);
		return;
	}
	s = &f->slot[(f->head + f->count) % f->slots];
	s->info = *info;
	memcpy(s->data, frame, info->len);
	f->count++;
	f->bytes += info->len;
}

void qlge_rx_drain(struct qlge_core *c)
{
	struct qlge_fifo *f = &c->fifo;
	uint32_t budget = f->count;
	struct qlge_slot *s;

	if (!(c->reg[R_FSC / 4] & FSC_FE))
		return;
	while (f->count && budget--) {
		s = &f->slot[f->head];
		if (deliver(c, s->data, &s->info) == HOLD)
			return;
		/* A fatal error inside has not emptied the FIFO. */
		f->bytes -= s->info.len;
		f->head = (f->head + 1) % f->slots;
		f->count--;
	}
}

void qlge_rx_flush(struct qlge_core *c)
{
	c->fifo.head = 0;
	c->fifo.count = 0;
	c->fifo.bytes = 0;
}

static void take(struct qlge_core *c, const uint8_t *frame,
		 const struct qlge_rxinfo *info, bool may_deliver)
{
	/* The FIFO is one queue: nobody overtakes. */
	if (!may_deliver || c->fifo.count || deliver(c, frame, info) == HOLD)
		hold(c, frame, info);
}

void qlge_rx_frame(struct qlge_core *c, const uint8_t *frame, size_t len,
		   bool may_deliver)
{
	struct qlge_rxinfo info;
	struct qlge_core *to;
	uint8_t pad[MIN_FRAME];

	if (len < 14 || !(c->xgmac[X_RX_CFG / 4] & MAC_CFG_EN))
		return;
	if (len < MIN_FRAME) {
		memset(pad, 0, sizeof(pad));
		memcpy(pad, frame, len);
		frame = pad;
		len = MIN_FRAME;
	}
	qlge_mac_count(c, false, frame, len);
	if (len > QLGE_MAX_FRAME || qlge_mpi_frame(c, frame, len) ||
	    !(c->reg[R_FSC / 4] & FSC_FE))
		return;
	to = qlge_classify(c, frame, len, &info);
	if (!to || to->fault.gone) {
		c->counts.rx_filtered++;
		return;
	}
	if (to != c && may_deliver && !to->busy) {
		to->busy = true;
		take(to, frame, &info, true);
		qlge_leave(to);
		return;
	}
	take(to, frame, &info, may_deliver && to == c);
	/* Nobody else would look into the FIFO of the other function. */
	if (to != c && !to->scheduled) {
		to->scheduled = true;
		to->ops->schedule(to->opaque);
	}
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A machine for the core: memory, a wire, interrupts and a clock, all visible
 * to the test.  Shared by the unit tests and the fuzzer.
 */
#ifndef TEST_RIG_H
#define TEST_RIG_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qlge_core_int.h"

/*
 * The fuzzer is to learn from the device, not from what drives it and looks at
 * it: comparisons here took more than half of its time.
 */
#ifdef __clang__
#pragma clang attribute push(__attribute__((no_sanitize("coverage"))), \
			     apply_to = function)
#endif

#define MEM_BASE	0x10000000ull
#define MEM_SIZE	0x1000000u
#define SELF_BASE	0xf0000000ull	/* DMA to here hits the own registers */
#define WIRE_MAX	512

struct rig {
	struct qlge_core core;
	uint8_t *mem;
	enum qlge_irq_mode mode;
	uint64_t now;
	uint64_t timer;
	bool scheduled;
	bool line;
	uint32_t irqs;
	uint32_t vectors[QLGE_QUEUES];
	uint32_t sent;			/* frames since the last look */
	struct {
		uint32_t len;
		uint8_t data[QLGE_MAX_FRAME + 64];
	} wire[WIRE_MAX];
	struct rig *peer;		/* the other function, at the same memory */
	bool wired;			/* what one sends, the other receives */
	/* a frame that comes back while one is being sent */
	const uint8_t *answer;
	size_t answer_len;
};

static inline uint8_t *rig_mem(struct rig *r, uint64_t addr, size_t len)
{
	if (addr < MEM_BASE || addr - MEM_BASE > MEM_SIZE ||
	    len > MEM_SIZE - (addr - MEM_BASE))
		return NULL;
	return r->mem + (addr - MEM_BASE);
}

/* DMA that hits the own registers or those of the other function */
static struct qlge_core *self(struct rig *r, uint64_t addr)
{
	return r->peer && (addr & QLGE_REG_SIZE) ? &r->peer->core : &r->core;
}

static int rig_dma_read(void *opaque, uint64_t addr, void *buf, size_t len)
{
	struct rig *r = opaque;
	uint8_t *p = rig_mem(r, addr, len);

	if (addr >= SELF_BASE && addr < SELF_BASE + 2 * QLGE_REG_SIZE) {
		memset(buf, (int)qlge_core_reg_read(self(r, addr), addr & 0xfc),
		       len);
		return 0;
	}
	if (!p)
		return -1;
	memcpy(buf, p, len);
	return 0;
}

static int rig_dma_write(void *opaque, uint64_t addr, const void *buf,
			 size_t len)
{
	struct rig *r = opaque;
	uint8_t *p = rig_mem(r, addr, len);
	uint32_t val = 0;

	if (addr >= SELF_BASE && addr < SELF_BASE + 2 * QLGE_REG_SIZE) {
		memcpy(&val, buf, len < 4 ? len : 4);
		qlge_core_reg_write(self(r, addr), addr & 0xfc, val);
		qlge_core_doorbell_write(self(r, addr), addr << 10 & 0xff000,
					 val);
		return 0;
	}
	if (!p)
		return -1;
	memcpy(p, buf, len);
	return 0;
}

static enum qlge_irq_mode rig_irq_mode(void *opaque)
{
	return ((struct rig *)opaque)->mode;
}

static void rig_irq_message(void *opaque, unsigned int vector)
{
	struct rig *r = opaque;

	r->irqs++;
	r->vectors[vector]++;
}

static void rig_irq_line(void *opaque, bool level)
{
	((struct rig *)opaque)->line = level;
}

static void rig_send(void *opaque, const uint8_t *frame, size_t len)
{
	struct rig *r = opaque;

	if (r->sent < WIRE_MAX && len <= sizeof(r->wire[0].data)) {
		r->wire[r->sent].len = (uint32_t)len;
		memcpy(r->wire[r->sent].data, frame, len);
	}
	r->sent++;
	if (r->wired)
		qlge_core_receive(&r->peer->core, frame, len);
	if (r->answer)
		qlge_core_receive(&r->core, r->answer, r->answer_len);
}

static uint64_t rig_now(void *opaque)
{
	return ((struct rig *)opaque)->now;
}

static void rig_arm(void *opaque, uint64_t when)
{
	((struct rig *)opaque)->timer = when;
}

static void rig_schedule(void *opaque)
{
	((struct rig *)opaque)->scheduled = true;
}

static const struct qlge_ops rig_ops = {
	.dma_read = rig_dma_read,
	.dma_write = rig_dma_write,
	.irq_mode = rig_irq_mode,
	.irq_message = rig_irq_message,
	.irq_line = rig_irq_line,
	.send_frame = rig_send,
	.now = rig_now,
	.arm_timer = rig_arm,
	.schedule = rig_schedule,
};

static const uint8_t rig_mac[6] = { 2, 0, 0, 0, 0, 1 };
static const uint8_t rig_mac1[6] = { 2, 0, 0, 0, 0, 0x11 };

static inline struct rig *rig_new_function(uint16_t device_id, uint32_t fifo,
					   struct rig *peer)
{
	struct qlge_config cfg = {
		.device_id = device_id,
		.function = !!peer,
		.vectors = 8,
		.fifo_frames = fifo,
		.fifo_bytes = 512 * 1024,
	};
	struct rig *r = calloc(1, sizeof(*r));

	if (!r)
		abort();
	r->mode = QLGE_IRQ_MSIX;
	r->timer = UINT64_MAX;
	r->now = 1000000;
	r->mem = peer ? peer->mem : calloc(1, MEM_SIZE);
	memcpy(cfg.mac, peer ? rig_mac1 : rig_mac, 6);
	if (!r->mem || qlge_core_init(&r->core, &cfg, &rig_ops, r))
		abort();
	if (peer) {
		r->peer = peer;
		peer->peer = r;
		if (qlge_core_pair(&r->core, &peer->core))
			abort();
	}
	qlge_core_link_set(&r->core, true);
	return r;
}

static inline struct rig *rig_new(uint16_t device_id, uint32_t fifo)
{
	return rig_new_function(device_id, fifo, NULL);
}

static inline void rig_free(struct rig *r)
{
	qlge_core_exit(&r->core);
	if (r->peer)
		r->peer->peer = NULL;
	else
		free(r->mem);
	free(r);
}

/* Let the clock run, with the timer and the bottom half. */
static inline void rig_tick(struct rig *r, uint64_t us)
{
	r->now += us * 1000;
	if (r->timer <= r->now) {
		r->timer = UINT64_MAX;
		qlge_core_timer(&r->core);
	}
	if (r->scheduled) {
		r->scheduled = false;
		qlge_core_run(&r->core);
	}
}

#define RIG_CHECK(cond)							\
	do {								\
		if (!(cond)) {						\
			fprintf(stderr, "invariant broken: %s\n", #cond); \
			abort();					\
		}							\
	} while (0)

static inline void rig_check_bq(const struct qlge_bq *bq)
{
	if (!bq->loaded)
		return;
	RIG_CHECK(bq->len && bq->len <= 65536 && !(bq->len & 15));
	RIG_CHECK(bq->prod < bq->len && bq->cons < bq->len && !(bq->prod & 15));
}

/* What holds after every step, whatever the guest does. */
static inline void rig_check(const struct rig *r)
{
	const struct qlge_core *c = &r->core;
	uint32_t i, ready[QLGE_QUEUES] = { 0 }, all = 0, bytes = 0;

	RIG_CHECK(!c->busy);
	RIG_CHECK(c->fifo.count <= c->fifo.slots);
	for (i = 0; i < c->fifo.count; i++)
		bytes += c->fifo.slot[(c->fifo.head + i) % c->fifo.slots].info.len;
	RIG_CHECK(bytes == c->fifo.bytes && bytes <= c->fifo.max_bytes);
	RIG_CHECK(c->mpi.count <= QLGE_EVENTS);
	RIG_CHECK(!c->mpi.count || (c->sts & STS_PI) || c->fault.gone ||
		  c->chip->fault == QLGE_MPI_SILENT ||
		  c->chip->fault == QLGE_MPI_DEAD);
	RIG_CHECK(c->mpi.late_count <= QLGE_LATE);
	RIG_CHECK(c->fault.flap || c->link == c->plug || c->fault.gone);
	for (i = 0; i < QLGE_QUEUES; i++) {
		const struct qlge_cq *cq = &c->cq[i];
		const struct qlge_wq *wq = &c->wq[i];

		if (cq->loaded)
			RIG_CHECK(cq->prod < cq->len && cq->cons < cq->len &&
				  cq->len <= 65536);
		RIG_CHECK(!(cq->waiting && cq->ready));
		RIG_CHECK(cq->waiting == (c->cq_waiting[i / 64] >> i % 64 & 1));
		if (cq->ready) {
			ready[cq->vector]++;
			all++;
		}
		rig_check_bq(&cq->sbq);
		rig_check_bq(&cq->lbq);
		if (wq->loaded)
			RIG_CHECK(wq->prod < wq->len && wq->cons < wq->len &&
				  wq->len <= 65536);
	}
	for (i = 0; i < QLGE_QUEUES; i++)
		RIG_CHECK(ready[i] == c->vec_ready[i]);
	RIG_CHECK(all == c->all_ready);
	/* whatever asks for an interrupt and may have one has had it */
	if (r->mode == QLGE_IRQ_MSIX && c->ei && !c->fault.gone)
		for (i = 0; i < c->cfg.vectors; i++)
			RIG_CHECK(!c->en[i] || !ready[i]);
	if (r->mode == QLGE_IRQ_INTX)
		RIG_CHECK(c->line == r->line);
	RIG_CHECK(!c->fault.gone || !c->line);
}

/*
 * Where the test driver keeps things.  Queue pairs 0..3 have rings of 256
 * entries and buffer queues of 512 or, in pages, more.
 */
#define ICB		(MEM_BASE)
#define CQ_SHADOW(q)	(MEM_BASE + 0x1000 + (q) * 24u)
#define WQ_SHADOW(q)	(MEM_BASE + 0x2000 + (q) * 8u)
#define OAL(i)		(MEM_BASE + 0x4000 + (i) * 0x1000u)
#define CQ_RING(q)	(MEM_BASE + 0x10000 + (q) * 0x4000u)
#define WQ_RING(q)	(MEM_BASE + 0x40000 + (q) * 0x8000u)
#define SBQ_TABLE(q)	(MEM_BASE + 0x80000 + (q) * 0x1000u)
#define LBQ_TABLE(q)	(MEM_BASE + 0x88000 + (q) * 0x1000u)
/* pages on purpose not in order of their number */
#define SBQ_PAGE(q, p)	(MEM_BASE + 0x100000 + (q) * 0x20000u + \
			 ((p) ^ 1u) * 0x1000u)
#define LBQ_PAGE(q, p)	(MEM_BASE + 0x180000 + (q) * 0x20000u + \
			 ((p) ^ 1u) * 0x1000u)
#define SMALL(q, i)	(MEM_BASE + 0x200000 + (q) * 0x80000u + (i) * 256u)
#define LARGE(q, i)	(MEM_BASE + 0x400000 + (q) * 0x200000u + (i) * 2048u)
#define TXDATA		(MEM_BASE + 0xe00000)

static inline void rig_put(struct rig *r, uint64_t addr, const void *p,
			   size_t len)
{
	uint8_t *d = rig_mem(r, addr, len);

	if (!d)
		abort();
	memcpy(d, p, len);
}

static inline void rig_cfg(struct rig *r, uint32_t trigger, uint32_t queue)
{
	qlge_core_reg_write(&r->core, R_ICB_L, (uint32_t)ICB);
	qlge_core_reg_write(&r->core, R_ICB_H, ICB >> 32);
	qlge_core_reg_write(&r->core, R_CFG, 0x7f000000u | trigger << 16 |
			    queue << 8 | trigger);
}

static inline void rig_db(struct rig *r, uint32_t page, uint32_t reg,
			  uint32_t val)
{
	qlge_core_doorbell_write(&r->core, page * 4096 + reg, val);
}

/* A receive CQ with buffer queues of bq_len, or without any for 0. */
static inline void rig_cq(struct rig *r, uint32_t q, uint8_t vector,
			  uint32_t len, uint32_t bq_len)
{
	uint8_t icb[52] = { vector, 0, 0, bq_len ? 0xf8 : 0xc8 }, a[8];
	uint32_t i;

	put_le16(icb + 4, (uint16_t)(len | 0x10));
	put_le64(icb + 8, CQ_RING(q));
	put_le64(icb + 16, CQ_SHADOW(q));
	put_le64(icb + 28, LBQ_TABLE(q));
	put_le16(icb + 36, 2048);
	put_le16(icb + 38, (uint16_t)bq_len);
	put_le64(icb + 40, SBQ_TABLE(q));
	put_le16(icb + 48, 256);
	put_le16(icb + 50, (uint16_t)bq_len);
	for (i = 0; i < bq_len; i++) {
		if (!(i % 512)) {
			put_le64(a, SBQ_PAGE(q, i / 512));
			rig_put(r, SBQ_TABLE(q) + i / 512 * 8, a, 8);
			put_le64(a, LBQ_PAGE(q, i / 512));
			rig_put(r, LBQ_TABLE(q) + i / 512 * 8, a, 8);
		}
		/* each page in another order, so that mixing them up shows */
		put_le64(a, SMALL(q, (i + i / 512) % 512));
		rig_put(r, SBQ_PAGE(q, i / 512) + i % 512 * 8, a, 8);
		put_le64(a, LARGE(q, (i + i / 512) % 512));
		rig_put(r, LBQ_PAGE(q, i / 512) + i % 512 * 8, a, 8);
	}
	rig_put(r, ICB, icb, sizeof(icb));
	rig_cfg(r, CFG_LCQ, q);
}

static inline void rig_wq(struct rig *r, uint32_t q, uint32_t cq, uint32_t len)
{
	uint8_t icb[24] = { 0 };

	put_le16(icb, (uint16_t)(len | 0x10));
	put_le16(icb + 2, 0xf000);
	put_le16(icb + 4, (uint16_t)cq);
	put_le64(icb + 8, WQ_RING(q));
	put_le64(icb + 16, WQ_SHADOW(q));
	rig_put(r, ICB, icb, sizeof(icb));
	rig_cfg(r, CFG_LRQ, q);
}

static inline void rig_route(struct rig *r, uint32_t slot, uint32_t dst,
			     uint32_t mask)
{
	qlge_core_reg_write(&r->core, R_RT_IDX, (mask ? 0x08000000u : 0) |
			    0x20000u | dst << 20 | slot << 8);
	qlge_core_reg_write(&r->core, R_RT_DATA, mask);
}

static inline void rig_addr(struct rig *r, uint32_t type, uint32_t entry,
			    uint32_t flags, const uint8_t *mac, uint32_t out)
{
	uint32_t idx = flags | type << 16 | entry << 4;

	qlge_core_reg_write(&r->core, R_MAC_ADDR_IDX, idx);
	qlge_core_reg_write(&r->core, R_MAC_ADDR_DATA, get_be32(mac + 2));
	qlge_core_reg_write(&r->core, R_MAC_ADDR_IDX, idx | 1);
	qlge_core_reg_write(&r->core, R_MAC_ADDR_DATA, get_be16(mac));
	if (type)
		return;
	qlge_core_reg_write(&r->core, R_MAC_ADDR_IDX, idx | 2);
	qlge_core_reg_write(&r->core, R_MAC_ADDR_DATA, out);
}

/* CQ 0 for receive, CQ 1 for transmit, WQ 0, one vector, as a driver would. */
static inline void rig_start(struct rig *r)
{
	qlge_core_reg_write(&r->core, R_FSC, 0x87ff82e3);
	rig_cq(r, 0, 0, 256, 512);
	rig_cq(r, 1, 0, 256, 0);
	rig_wq(r, 0, 1, 256);
	rig_addr(r, 0, 0, 0, rig_mac, 0x01);
	rig_route(r, 3, 3, 1);
	rig_route(r, 12, 1, 0x80);
	rig_db(r, 128, 0x1c, 496);
	rig_db(r, 128, 0x18, 496);
	qlge_core_reg_write(&r->core, R_INTR_EN, 0x40004000);
	qlge_core_reg_write(&r->core, R_INTR_EN, 0x237f2100);
}

#ifdef __clang__
#pragma clang attribute pop
#endif

#endif

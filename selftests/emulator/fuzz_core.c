// SPDX-License-Identifier: GPL-2.0-only
/*
 * libFuzzer target: the input is a program of register writes, doorbells,
 * memory contents, frames and clock ticks.  Besides what the sanitizers see,
 * the state must keep its invariants after every step.
 */
#include <assert.h>
#include <stdio.h>

#include "test_rig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *p;
	size_t left;
};

static uint8_t u8(struct input *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->p++;
}

static uint32_t u16(struct input *in)
{
	uint32_t v = u8(in);

	return v | (uint32_t)u8(in) << 8;
}

static uint32_t u32(struct input *in)
{
	uint32_t v = u16(in);

	return v | u16(in) << 16;
}

/* Registers that lead somewhere deserve more than one chance in 64. */
static uint32_t pick_reg(uint8_t b)
{
	static const uint8_t hot[] = {
		R_CFG, R_CFG, R_ICB_L, R_ICB_H, R_FSC, R_INTR_EN, R_INTR_MASK,
		R_MAC_ADDR_IDX, R_MAC_ADDR_DATA, R_RT_IDX, R_RT_DATA, R_CSR,
		R_PROC_ADDR, R_PROC_DATA, R_NIC_RCV_CFG, R_SPLT_HDR, R_RST_FO,
		R_XGMAC_ADDR, R_XGMAC_DATA, R_SEM,
	};

	return b < 0xc0 ? hot[b % sizeof(hot)] : (b & 63u) * 4;
}

/* A guest address near something the device looks at. */
static uint64_t pick_addr(struct input *in)
{
	uint32_t what = u8(in), q = what >> 4 & 3, off = u16(in);

	switch (what & 15) {
	case 0:
		return ICB + (off & 0x7ff);
	case 1:
		return CQ_RING(q) + (off & 0x3fff);
	case 2:
	case 3:
		return WQ_RING(q) + (off & 0x7ff);
	case 4:
		return SBQ_TABLE(q) + (off & 0x3f);
	case 5:
		return LBQ_TABLE(q) + (off & 0x3f);
	case 6:
		return SBQ_PAGE(q, 0) + (off & 0xfff);
	case 7:
		return LBQ_PAGE(q, 0) + (off & 0xfff);
	case 8:
		return OAL(q) + (off & 0xfff);
	case 9:
		return TXDATA + off;
	case 10:
		return SELF_BASE + (off & 0x1ff);
	case 11:
		return MEM_BASE + MEM_SIZE - (off & 0xff);
	case 12:
		return UINT64_MAX - off;
	default:
		return MEM_BASE + (u32(in) & (MEM_SIZE - 1));
	}
}

static void poke(struct rig *r, struct input *in)
{
	uint64_t addr = pick_addr(in);
	uint32_t n = u8(in) & 63;
	uint8_t *p = rig_mem(r, addr, n);

	if (!p)
		return;
	while (n--)
		*p++ = u8(in);
}

static void put_addr(struct rig *r, struct input *in)
{
	uint64_t at = pick_addr(in) & ~3ull;
	uint8_t raw[8], *p = rig_mem(r, at, 8);

	put_le64(raw, pick_addr(in));
	if (p)
		memcpy(p, raw, 8);
}

/* A request that is nearly right. */
static void request(struct rig *r, struct input *in)
{
	uint32_t q = u8(in) & 3, slot = r->core.wq[q].prod & 255, i, n, len;
	uint8_t req[128] = { 0 }, *d = req + 32;
	uint32_t total = 0;

	req[0] = (u8(in) & 1) + 1;
	req[1] = u8(in);
	req[2] = u8(in);
	req[3] = u8(in);
	n = (u8(in) & 7) + 1;
	for (i = 0; i < n; i++, d += 12) {
		len = u16(in) & 0xfff;
		total += len;
		put_le64(d, u8(in) < 240 ? TXDATA + u16(in) : pick_addr(in));
		put_le32(d + 8, len | (i + 1 == n ? 0x80000000u : 0) |
			 (u8(in) == 255 ? 0x40000000u : 0));
	}
	put_le32(req + 12, total);
	if (req[0] == 2) {
		put_le16(req + 24, (uint16_t)(u8(in) + 40));
		put_le16(req + 26, (uint16_t)(14 | (u8(in) & 127) << 6));
		put_le16(req + 28, (uint16_t)u16(in));
		put_le16(req + 30, (uint16_t)u16(in));
	}
	rig_put(r, WQ_RING(q) + slot * 128, req, 128);
	rig_db(r, q, 0, (slot + 1) & 255);
}

/* A frame with a header the parser goes into, then dented. */
static void frame(struct rig *r, struct input *in)
{
	static uint8_t f[QLGE_MAX_FRAME + 8];
	uint32_t len = u16(in) % sizeof(f), l3 = 14, i, n, kind = u8(in), sum;
	uint8_t proto = kind & 8 ? 17 : 6;

	memset(f, 0x5a, sizeof(f));
	memcpy(f, kind & 64 ? (const uint8_t *)"\xff\xff\xff\xff\xff\xff" :
	       rig_mac, 6);
	if (kind & 1) {
		put_be16(f + 12, 0x8100);
		put_be16(f + 14, (uint16_t)u16(in));
		l3 = 18;
	}
	if (kind & 2) {
		put_be16(f + l3 - 2, 0x0800);
		memset(f + l3, 0, 20);
		f[l3] = kind & 128 ? 0x47 : 0x45;
		put_be16(f + l3 + 2, (uint16_t)(len - l3 - (kind >> 4 & 3)));
		f[l3 + 9] = proto;
		sum = qlge_csum_add(f + l3, (f[l3] & 15) * 4u, 0);
		put_be16(f + l3 + 10, (uint16_t)~qlge_csum_fold(sum));
	} else if (kind & 4) {
		put_be16(f + l3 - 2, 0x86dd);
		f[l3] = 0x60;
		put_be16(f + l3 + 4, (uint16_t)(len - l3 - 40));
		f[l3 + 6] = proto;
	}
	n = u8(in) & 15;
	for (i = 0; i < n; i++)
		f[u8(in) & 127] = u8(in);
	qlge_core_receive(&r->core, f, len);
}

/* Processor addresses behind which something happens */
static void processor(struct rig *r, struct input *in)
{
	static const uint32_t addrs[] = {
		0x1002, 0x100a, 0x100e, 0x1010, 0x1180, 0x1182, 0x1183, 0x1185,
		0x1190, 0x1280, 0x2000a, 0x20000, 0x20001, 0x2000d, 0x30000,
		0x20041, 0x20043, 0x20044, 0x20045, 0x20059, 0x20075, 0x3007c,
		0x3007f,
	};
	uint32_t b = u8(in), addr = addrs[b % ARRAY_SIZE(addrs)];

	qlge_core_reg_write(&r->core, R_PROC_DATA, u16(in));
	qlge_core_reg_write(&r->core, R_PROC_ADDR,
			    addr | (b & 0x80 ? WINDOW_READ : 0));
}

static void mailbox(struct rig *r, struct input *in)
{
	static const uint32_t commands[] = {
		0x08, 0x0c, 0x0c, 0x2a, 0x69, 0x122, 0x123, 0x124, 0x125,
		0x126, 0x161, 0x7777, 0x101, 0x110, 0x113, 0x160,
	};
	uint32_t b = u8(in);

	qlge_core_reg_write(&r->core, R_PROC_DATA,
			    commands[b % ARRAY_SIZE(commands)]);
	qlge_core_reg_write(&r->core, R_PROC_ADDR,
			    r->core.cfg.function ? 0x1280 : 0x1180);
	qlge_core_reg_write(&r->core, R_CSR, 0x50000000);
	if (b & 0x80)
		qlge_core_reg_write(&r->core, R_CSR, 0xa0000000);
}

/* Hash over a few queues, through a slot of the program's choice. */
static void rss(struct rig *r, struct input *in)
{
	uint8_t icb[1084], b = u8(in);
	uint32_t i;

	icb[0] = 0x80 | (b & 3);
	icb[1] = u8(in) | 0x0f;
	put_le16(icb + 2, 0x3ff);
	for (i = 0; i < 1024; i++)
		icb[4 + i] = (uint8_t)(i & (b >> 2 & 7));
	for (; i < 1080; i++)
		icb[4 + i] = (uint8_t)(i * 37 + b);
	rig_put(r, ICB, icb, sizeof(icb));
	rig_cfg(r, CFG_LR, 0);
	b = u8(in);
	rig_route(r, b & 15, b >> 4 & 7, 1u << (u8(in) & 31));
	rig_route(r, 8, 0, 0x80000000);
}

/* Saved, dented, and loaded. */
static void reload(struct rig *r, struct input *in)
{
	static uint8_t buf[1 << 20];
	size_t size = qlge_core_save(&r->core, buf, sizeof(buf));
	uint32_t n = u8(in) & 15;

	assert(size);
	while (n--)
		buf[(u16(in) | (uint32_t)u8(in) << 16) % size] = u8(in);
	/* the bus restores the line by itself, the clock runs on */
	if (!qlge_core_load(&r->core, buf, size))
		r->line = r->core.line;
	rig_tick(r, 0);
	rig_tick(qlge_peer(&r->core)->opaque, 0);
}

/* Faults come and go. */
static void fault(struct rig *r, uint32_t what, struct input *in)
{
	uint32_t arg = u8(in);
	static const char * const cqe[] = {
		"", "len", "opcode@0", "queue", "tid=3@1", "flags", "cq-index",
		"cq-index@0",
	};
	static const char * const aen[] = {
		"8101 1220100 2 3", "8131", "8002", "4000", "ffff 1 2 3 4 5 6",
	};
	struct qlge_core *c = &r->core;

	switch (what % 13) {
	case 0:
		(void)qlge_core_fault_event(c, (uint8_t)arg);
		break;
	case 1:
		(void)qlge_core_fault_aen(c, aen[arg % ARRAY_SIZE(aen)]);
		break;
	case 2:
		(void)qlge_core_fault_mpi(c, arg % 5);
		break;
	case 3:
		c->fault.irq_lost = arg & 3;
		/* Seldom: a card that has gone does nothing any more. */
		if (!(arg & 0xf8))
			c->fault.gone_after = 1 + (arg & 7) * 10;
		break;
	case 4:
		qlge_core_fault_tx_hold(c, arg & 1);
		break;
	case 5:
		qlge_core_fault_tx_rate(c, arg & 7);
		break;
	case 6:
		(void)qlge_core_fault_cqe(c, cqe[arg % ARRAY_SIZE(cqe)]);
		break;
	case 7:
		(void)qlge_core_fault_flap(c, arg & 7);
		break;
	case 8:
		qlge_core_fault_gone(c, arg & 1);
		break;
	case 9:
		/* an hour, so that every deadline passes */
		rig_tick(r, 3600000000ull);
		break;
	case 10:
		qlge_core_fault_fe(c, arg & 1);
		break;
	case 11:
		c->mpi.idc_delay = arg & 15;
		break;
	case 12:
		reload(r, in);
		break;
	}
}

static void step(struct rig *r, struct input *in)
{
	uint32_t a = u8(in), b;

	switch (a & 15) {
	case 0:
	case 1:
		b = pick_reg(u8(in));
		qlge_core_reg_write(&r->core, b, u32(in));
		break;
	case 2:
		(void)qlge_core_reg_read(&r->core, pick_reg(u8(in)));
		if (a & 0x10)
			processor(r, in);
		break;
	case 3:
		b = u8(in);
		(void)qlge_core_doorbell_read(&r->core, b << 12 | (a & 0xf0) << 1);
		qlge_core_doorbell_write(&r->core, b << 12 | (u8(in) & 0x1c),
					 u32(in));
		break;
	case 4:
		b = u8(in);
		rig_db(r, 128 + (b & 3), b & 4 ? 0x1c : b & 8 ? 0x18 : 0,
		       b & 16 ? r->core.cq[b & 3].prod : u16(in) & 0x1ff);
		break;
	case 5:
		poke(r, in);
		break;
	case 6:
		put_addr(r, in);
		break;
	case 7:
	case 8:
		request(r, in);
		break;
	case 9:
	case 10:
		frame(r, in);
		break;
	case 11:
		rig_tick(r, u8(in));
		break;
	case 12:
		b = u8(in);
		if (a & 0x10)
			fault(r, b, in);
		else if (b & 1)
			qlge_core_link_set(&r->core, b & 2);
		else if (b & 4)
			r->mode = b >> 3 & 1 ? QLGE_IRQ_MSI : QLGE_IRQ_MSIX;
		else if (b & 8)
			qlge_core_fault_rx_hold(&r->core, b & 16);
		else if (b == 0xf0)
			qlge_core_reset(&r->core);
		qlge_core_irq_update(&r->core);
		break;
	case 13:
		mailbox(r, in);
		break;
	case 14:
		/* load a control block, whatever it is now */
		b = u8(in);
		rig_cfg(r, 1u << (b & 7), b >> 3 & 3);
		if (b & 0x80)
			rss(r, in);
		break;
	case 15:
		b = u8(in);
		rig_cq(r, b & 3, b >> 2 & 15, 32u << (b >> 6), b & 32 ? 512 : 0);
		rig_wq(r, b & 3, b >> 2 & 3, 256);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct rig *fn[2];
	struct input in = { data, size };
	uint8_t how = u8(&in);
	uint32_t steps = 0, i;
	struct rig *r;

	/*
	 * One rig for all: clearing 16 MiB per run would leave no time for
	 * anything else.  What earlier inputs left in memory is cleared where
	 * it matters, so that a finding can be repeated alone.
	 */
	if (!fn[0]) {
		fn[0] = rig_new(0x8000, 16);
		fn[1] = rig_new_function(0x8000, 16, fn[0]);
	}
	r = fn[0];
	memset(r->mem, 0, 0x100000);
	memset(r->mem + (SBQ_PAGE(0, 1) - MEM_BASE), 0, 0x100000);
	memset(r->mem + (TXDATA - MEM_BASE), 0, 0x12000);
	for (i = 0; i < 2; i++) {
		r = fn[i];
		r->core.cfg.device_id = how & 1 ? 0x8012 : 0x8000;
		r->mode = QLGE_IRQ_MSIX;
		memset(&r->core.fault, 0, sizeof(r->core.fault));
		r->core.chip->fault = QLGE_MPI_HEALTHY;
		r->core.mpi.idc_delay = 0;
		r->sent = 0;
		r->scheduled = false;
		r->wired = how & 0x20;
		r->answer = how & 8 ? r->mem + (TXDATA - MEM_BASE) : NULL;
		r->answer_len = 200;
	}
	for (i = 0; i < 2; i++) {
		r = fn[i];
		qlge_core_reset(&r->core);
		r->core.scheduled = false;
		qlge_core_link_set(&r->core, true);
		if (how & 2)
			r->mode = QLGE_IRQ_INTX;
		if (how & 4)
			rig_start(r);
	}
	while (in.left && steps++ < 400) {
		r = fn[how & 0x10 && *in.p & 0x80];
		step(r, &in);
		rig_check(fn[0]);
		rig_check(fn[1]);
	}
	return 0;
}

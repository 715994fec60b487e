// SPDX-License-Identifier: GPL-2.0-only
/* Unit tests of the device model, after the hardware reference. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "test_rig.h"

#define RD(r, reg)	qlge_core_reg_read(&(r)->core, reg)
#define WR(r, reg, val)	qlge_core_reg_write(&(r)->core, reg, val)

static int setup(void **state)
{
	*state = rig_new(0x8000, 256);
	return 0;
}

static int teardown(void **state)
{
	struct rig *r = *state;

	rig_check(r);
	rig_free(r);
	return 0;
}

/* Helpers */

static uint32_t mem32(struct rig *r, uint64_t addr)
{
	return get_le32(rig_mem(r, addr, 4));
}

static const uint8_t *cqe(struct rig *r, uint32_t q, uint32_t i)
{
	return rig_mem(r, CQ_RING(q) + i * 64, 64);
}

static uint32_t proc_read(struct rig *r, uint32_t addr)
{
	WR(r, R_PROC_ADDR, addr | WINDOW_READ);
	return RD(r, R_PROC_DATA);
}

static void proc_write(struct rig *r, uint32_t addr, uint32_t val)
{
	WR(r, R_PROC_DATA, val);
	WR(r, R_PROC_ADDR, addr);
}

/* Send a command; the answer stays in the mailbox until acknowledged. */
static uint32_t mbox(struct rig *r, const uint32_t *in, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		proc_write(r, 0x1180 + i, in[i]);
	WR(r, R_CSR, 0x50000000);
	assert_true(RD(r, R_STS) & STS_PI);
	return proc_read(r, 0x1190);
}

static void ack(struct rig *r)
{
	WR(r, R_CSR, 0xa0000000);
}

static uint32_t mbox1(struct rig *r, uint32_t cmd)
{
	uint32_t status = mbox(r, &cmd, 1);

	ack(r);
	return status;
}

static uint64_t counter(struct rig *r, uint32_t addr)
{
	uint64_t lo;

	WR(r, R_XGMAC_ADDR, addr | WINDOW_READ);
	lo = RD(r, R_XGMAC_DATA);
	WR(r, R_XGMAC_ADDR, (addr + 4) | WINDOW_READ);
	return lo | (uint64_t)RD(r, R_XGMAC_DATA) << 32;
}

/* An Ethernet frame with bytes that tell their position. */
static void fill(uint8_t *f, size_t len, const uint8_t *dst, uint16_t type)
{
	size_t i;

	for (i = 0; i < len; i++)
		f[i] = (uint8_t)(i * 7 + (i >> 8));
	memcpy(f, dst, 6);
	memcpy(f + 6, "\x02\x00\x00\x00\x00\x77", 6);
	put_be16(f + 12, type);
}

/* The sum the slow way, so that it shares nothing with the core. */
static uint16_t checksum(const uint8_t *p, size_t len, uint32_t sum)
{
	size_t i;

	for (i = 0; i < len; i++)
		sum += i & 1 ? p[i] : (uint32_t)p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

static uint16_t pseudo4(const uint8_t *ip, uint32_t l4_len)
{
	return checksum(ip + 12, 8, ip[9] + l4_len);
}

/* TCP over IPv4, valid unless the caller breaks it; returns the length. */
static size_t tcp4(uint8_t *f, const uint8_t *dst, uint16_t sport,
		   size_t payload)
{
	uint8_t *ip = f + 14, *tcp = f + 34;

	fill(f, 54 + payload, dst, 0x0800);
	memset(ip, 0, 40);
	ip[0] = 0x45;
	put_be16(ip + 2, (uint16_t)(40 + payload));
	ip[8] = 64;
	ip[9] = 6;
	put_be32(ip + 12, 0x0a000001);
	put_be32(ip + 16, 0x0a000002);
	put_be16(ip + 10, (uint16_t)~checksum(ip, 20, 0));
	put_be16(tcp, sport);
	put_be16(tcp + 2, 80);
	tcp[12] = 0x50;
	put_be16(tcp + 16, (uint16_t)~checksum(tcp, 20 + payload,
					       pseudo4(ip, (uint32_t)(20 + payload))));
	return 54 + payload;
}

static void receive(struct rig *r, const uint8_t *f, size_t len)
{
	qlge_core_receive(&r->core, f, len);
}

static void rx_len(struct rig *r, size_t len)
{
	static uint8_t f[QLGE_MAX_FRAME + 100];

	fill(f, len, rig_mac, 0x88b5);
	receive(r, f, len);
}

/* A request at ring slot i with one descriptor per piece. */
struct piece {
	uint64_t addr;
	uint32_t len;
};

static void tx_put(struct rig *r, uint32_t q, uint32_t i, uint8_t *req,
		   const struct piece *p, uint32_t n)
{
	uint8_t oal[12 * 64] = { 0 }, *d = req + 32;
	uint32_t k;

	for (k = 0; k < n; k++, d += 12) {
		if (n > 8 && k == 7) {
			put_le64(d, OAL(0));
			put_le32(d + 8, (n - 7) * 12 | 0x40000000);
			d = oal;
		}
		put_le64(d, p[k].addr);
		put_le32(d + 8, p[k].len | (k == n - 1 ? 0x80000000u : 0));
	}
	rig_put(r, OAL(0), oal, sizeof(oal));
	put_le32(req + (req[0] == 2 ? 16 : 16), i);
	put_le32(req + 20, 0x77000000u | q);
	rig_put(r, WQ_RING(q) + i * 128, req, 128);
}

/* Send one frame of len bytes from TXDATA with a plain request. */
static void tx_plain(struct rig *r, uint32_t q, uint32_t i, uint32_t len)
{
	uint8_t req[128] = { 0x01 };
	struct piece p = { TXDATA, len };

	put_le16(req + 12, (uint16_t)len);
	tx_put(r, q, i, req, &p, 1);
	rig_db(r, q, 0, i + 1);
}

static uint8_t *txdata(struct rig *r)
{
	return rig_mem(r, TXDATA, 0x20000);
}

/* Registers, flash, semaphores, firmware */

static void test_probe(void **state)
{
	struct rig *r = *state;
	uint32_t i, sum = 0, w[128];

	assert_int_equal(RD(r, R_STS), 0x1014);
	assert_int_equal(RD(r, R_PROC_ADDR), 0x80000000u);
	assert_int_equal(proc_read(r, 0x1002), 0x31);
	for (i = 0; i < 128; i++) {
		WR(r, R_FLASH_ADDR, 0x40050080 + i);
		assert_true(RD(r, R_FLASH_ADDR) & WINDOW_RDY);
		assert_false(RD(r, R_FLASH_ADDR) & 0x20000000);
		w[i] = RD(r, R_FLASH_DATA);
		sum += (w[i] & 0xffff) + (w[i] >> 16);
	}
	assert_int_equal(w[0], 0x30303038);
	assert_int_equal(w[2], 0x9e96);
	assert_int_equal(w[4], 0x00020000);
	assert_int_equal(w[5], 0x01000000);
	assert_int_equal(sum & 0xffff, 0);
}

static void test_probe_8012(void **state)
{
	struct rig *r = rig_new(0x8012, 16);
	uint32_t i, p, sum, w;

	(void)state;
	/* the host initializes the port and says so */
	assert_int_equal(RD(r, R_STS) & 0x30, 0);
	WR(r, R_STS, 0x00100010);
	assert_int_equal(RD(r, R_STS) & 0x30, 0x10);
	for (p = 0; p < 2; p++) {
		for (sum = 0, i = 0; i < 5; i++) {
			WR(r, R_FLASH_ADDR, 0x40000000 + p * 5 + i);
			w = RD(r, R_FLASH_DATA);
			if (!i)
				assert_int_equal(w, 0x32313038);
			sum += (w & 0xffff) + (w >> 16);
		}
		assert_int_equal(sum & 0xffff, 0);
	}
	/* and the MAC: nothing moves before it is enabled */
	rig_start(r);
	tx_plain(r, 0, 0, 100);
	assert_int_equal(r->sent, 0);
	WR(r, R_XGMAC_DATA, 2);
	WR(r, R_XGMAC_ADDR, 0x10c);
	tx_plain(r, 0, 1, 100);
	assert_int_equal(r->sent, 1);
	rig_free(r);
}

static void test_masked(void **state)
{
	struct rig *r = *state;

	WR(r, R_FSC, 0x00ff0055);
	WR(r, R_FSC, 0x0f00ffff);
	assert_int_equal(RD(r, R_FSC), 0x0f55);
	WR(r, R_FSC, 0x0000ffff);
	assert_int_equal(RD(r, R_FSC), 0x0f55);
	/* STS bits that are not the port's cannot be written */
	WR(r, R_STS, 0xffffffff);
	assert_int_equal(RD(r, R_STS) & 3, 0);
}

static void test_semaphores(void **state)
{
	struct rig *r = *state;

	WR(r, R_SEM, 0x03000100);
	assert_int_equal(RD(r, R_SEM), 0x100);
	WR(r, R_SEM, 0x00c00040);
	assert_int_equal(RD(r, R_SEM), 0x140);
	WR(r, R_SEM, 0x03000000);
	assert_int_equal(RD(r, R_SEM), 0x40);
	qlge_core_fault_sem(&r->core, 0x3000);
	WR(r, R_SEM, 0x30001000);
	assert_int_equal(RD(r, R_SEM), 0x40);
	WR(r, R_SEM, 0x30003000);
	assert_int_equal(RD(r, R_SEM), 0x3040);
}

static void test_mailbox(void **state)
{
	const uint32_t loop[3] = { 0x122, 0x00010002, 0x2580 };
	const uint32_t unloop[3] = { 0x122, 0x00010000, 0x2580 };
	struct rig *r = *state;

	assert_int_equal(mbox1(r, 0x160), 0x4000);
	assert_int_equal(mbox1(r, 0x161), 0x4000);
	assert_int_equal(mbox1(r, 0x69), 0x4000);
	assert_int_equal(proc_read(r, 0x1191), 0);
	assert_int_equal(mbox1(r, 0x08), 0x4000);
	assert_int_equal(proc_read(r, 0x1191), 0x10200);
	assert_int_equal(mbox1(r, 0x7777), 0x4001);
	assert_int_equal(mbox1(r, 0x123), 0x4000);
	assert_int_equal(proc_read(r, 0x1191), 0x10000);
	assert_int_equal(proc_read(r, 0x1192), 0x2580);
	/* the IDC event first, then the completion */
	assert_int_equal(mbox(r, loop, 3), 0x8100);
	ack(r);
	assert_true(RD(r, R_STS) & STS_PI);
	assert_int_equal(proc_read(r, 0x1190), 0x4000);
	ack(r);
	assert_false(RD(r, R_STS) & STS_PI);
	assert_int_equal(mbox1(r, 0x123), 0x4000);
	assert_int_equal(proc_read(r, 0x1191), 0x10002);
	assert_int_equal(mbox(r, unloop, 3), 0x8100);
	ack(r);
	ack(r);
}

static void test_events(void **state)
{
	struct rig *r = *state;
	uint32_t i, n = 0;

	/* nobody listens before the function is enabled */
	qlge_core_link_set(&r->core, false);
	assert_false(RD(r, R_STS) & (STS_PI | STS_PL(0)));
	qlge_core_link_set(&r->core, true);
	rig_start(r);
	WR(r, R_INTR_MASK, 0x00010001);
	qlge_core_link_set(&r->core, false);
	assert_int_equal(r->irqs, 1);
	assert_int_equal(proc_read(r, 0x1190), AEN_LINK_DOWN);
	assert_false(RD(r, R_STS) & STS_PL(0));
	/* one at a time; a completion waits for its turn */
	qlge_core_link_set(&r->core, true);
	assert_int_equal(proc_read(r, 0x1190), AEN_LINK_DOWN);
	proc_write(r, 0x1180, 0x08);
	WR(r, R_CSR, 0x50000000);
	ack(r);
	assert_int_equal(proc_read(r, 0x1190), AEN_LINK_UP);
	assert_int_equal(proc_read(r, 0x1191), 0x11);
	ack(r);
	assert_int_equal(proc_read(r, 0x1190), 0x4000);
	ack(r);
	assert_false(RD(r, R_STS) & STS_PI);
	/* too many: the loss is reported at the end */
	for (i = 0; i < 60; i++)
		qlge_core_link_set(&r->core, i & 1);
	while (RD(r, R_STS) & STS_PI && n++ < 100) {
		i = proc_read(r, 0x1190);
		ack(r);
	}
	assert_int_equal(i, AEN_LOST);
	assert_in_range(n, 10, 20);
}

static void test_mpi_reset(void **state)
{
	struct rig *r = *state;

	rig_start(r);
	WR(r, R_CSR, 0x30000000);
	assert_int_equal(RD(r, R_CSR), CSR_RP);
	/* a paused processor takes no command */
	WR(r, R_CSR, 0x50000000);
	assert_int_equal(RD(r, R_CSR), CSR_RP | CSR_HRI);
	WR(r, R_CSR, 0x60000000);
	proc_write(r, 0x100a, 3);
	WR(r, R_CSR, 0x40000000);
	WR(r, R_CSR, 0x10000000);
	assert_int_equal(RD(r, R_CSR), CSR_RR);
	WR(r, R_CSR, 0x20000000);
	assert_int_equal(RD(r, R_CSR), 0);
	/* kept from restarting: only the memory dump is served */
	proc_write(r, 0x1180, 0x08);
	WR(r, R_CSR, 0x50000000);
	assert_false(RD(r, R_STS) & STS_PI);
	proc_write(r, 0x1180, 0x0c);
	proc_write(r, 0x1182, MEM_BASE >> 16);
	proc_write(r, 0x1183, 0);
	proc_write(r, 0x1185, 64);
	memset(rig_mem(r, MEM_BASE, 257), 0xee, 257);
	WR(r, R_CSR, 0x50000000);
	assert_int_equal(proc_read(r, 0x1190), 0x4000);
	assert_int_equal(mem32(r, MEM_BASE), 0xc0000000);
	assert_int_equal(mem32(r, MEM_BASE + 252), 0xc000003f);
	assert_int_equal(rig_mem(r, MEM_BASE, 257)[256], 0xee);
	ack(r);
	/* not without limit, not where there is no memory */
	proc_write(r, 0x1184, 0xffff);
	WR(r, R_CSR, 0x50000000);
	assert_int_equal(proc_read(r, 0x1190), 0x4006);
	ack(r);
	proc_write(r, 0x1184, 0);
	proc_write(r, 0x1186, 0xffff);
	WR(r, R_CSR, 0x50000000);
	assert_int_equal(proc_read(r, 0x1190), 0x4002);
	ack(r);
	/* soft reset: it announces itself and the link */
	proc_write(r, 0x1010, 1);
	assert_int_equal(proc_read(r, 0x1190), AEN_FW_INIT_DONE);
	ack(r);
	assert_int_equal(proc_read(r, 0x1190), AEN_LINK_UP);
	ack(r);
	assert_int_equal(mbox1(r, 0x08), 0x4000);
}

static void test_window(void **state)
{
	struct rig *r = *state;

	proc_write(r, 0x20000 | R_ICB_L / 4, 0x12345678);
	assert_int_equal(RD(r, R_ICB_L), 0x12345678);
	assert_int_equal(proc_read(r, 0x20000 | R_REV_ID / 4), RD(r, R_REV_ID));
	/* another function, and the window itself */
	assert_int_equal(proc_read(r, 0x20040 | R_REV_ID / 4), 0);
	proc_write(r, 0x20000, 0x20000);
	proc_write(r, 0x20001, 0x20000);
	assert_int_equal(proc_read(r, 0x20000), 0);
	/* every register can be read, as a dump does */
	for (uint32_t off = 0; off < QLGE_REG_SIZE; off += 4)
		(void)RD(r, off);
}

/* Control blocks */

static void test_icb(void **state)
{
	struct rig *r = *state;
	uint8_t icb[52] = { 3, 0, 0, 0x40 };

	rig_start(r);
	assert_false(RD(r, R_CFG) & (CFG_LE | CFG_TRIGGERS));
	rx_len(r, 100);
	/* delays only: nothing else moves, not even the vector */
	put_le16(icb + 24, 7);
	put_le16(icb + 26, 70);
	rig_put(r, ICB, icb, sizeof(icb));
	rig_cfg(r, CFG_LCQ, 0);
	assert_int_equal(r->core.cq[0].irq_delay, 70);
	assert_int_equal(r->core.cq[0].vector, 0);
	assert_int_equal(r->core.cq[0].prod, 1);
	assert_int_equal(r->core.cq[0].sbq.cons, 1);
	/* what cannot be read is an error, and stays one until cleared */
	WR(r, R_ICB_H, 0xffff);
	WR(r, R_CFG, 0x7f400040);
	assert_true(RD(r, R_CFG) & CFG_LE);
	WR(r, R_CFG, 0x00200000);
	assert_false(RD(r, R_CFG) & CFG_LE);
	/* paged rings have no known format */
	icb[3] = 0x80;
	put_le16(icb + 4, 0x0111);
	rig_put(r, ICB, icb, sizeof(icb));
	rig_cfg(r, CFG_LCQ, 0);
	assert_true(RD(r, R_CFG) & CFG_LE);
	WR(r, R_CFG, 0x00200000);
	/* 0 stands for 65536 in every length and size */
	icb[3] = 0xf8;
	put_le16(icb + 4, 0x0010);
	rig_put(r, ICB, icb, sizeof(icb));
	rig_cfg(r, CFG_LCQ, 5);
	assert_int_equal(r->core.cq[5].len, 65536);
	assert_int_equal(r->core.cq[5].lbq.len, 65536);
	assert_int_equal(r->core.cq[5].lbq.size, 65536);
	assert_int_equal(r->core.cq[5].sbq.len, 65536);
	/* not a multiple of 16 */
	put_le16(icb + 50, 24);
	rig_put(r, ICB, icb, sizeof(icb));
	rig_cfg(r, CFG_LCQ, 5);
	assert_true(RD(r, R_CFG) & CFG_LE);
	WR(r, R_CFG, 0x00200000);
	/* the dump gives back what was loaded */
	put_le16(icb + 50, 0);
	memset(rig_mem(r, ICB, 52), 0, 52);
	rig_cfg(r, CFG_DCQ, 5);
	assert_memory_equal(rig_mem(r, ICB, 52), icb, 52);
	/* a vector moved while its CQ asks for service */
	rx_len(r, 100);
	memset(icb, 0, sizeof(icb));
	icb[0] = 4;
	icb[3] = 0x08;
	rig_put(r, ICB, icb, sizeof(icb));
	WR(r, R_INTR_EN, 0x237f2104);
	r->irqs = 0;
	rig_tick(r, 1000);
	rig_cfg(r, CFG_LCQ, 0);
	assert_int_equal(r->vectors[4], 1);
}

/* Transmit */

static void test_tx_plain(void **state)
{
	struct rig *r = *state;
	uint8_t *d = txdata(r);

	rig_start(r);
	fill(d, 1514, rig_mac, 0x88b5);
	tx_plain(r, 0, 0, 1514);
	assert_int_equal(r->sent, 1);
	assert_int_equal(r->wire[0].len, 1514);
	assert_memory_equal(r->wire[0].data, d, 1514);
	assert_int_equal(cqe(r, 1, 0)[0], 1);
	assert_int_equal(cqe(r, 1, 0)[1], 0);
	assert_int_equal(get_le32(cqe(r, 1, 0) + 4), 0);
	assert_int_equal(get_le32(cqe(r, 1, 0) + 8), 0x77000000);
	assert_int_equal(mem32(r, CQ_SHADOW(1)), 1);
	assert_int_equal(mem32(r, WQ_SHADOW(0)), 1);
	assert_int_equal(RD(r, R_ISR1), 2);
	assert_int_equal(counter(r, X_TX_PKTS), 1);
	assert_int_equal(counter(r, X_TX_BYTES), 1518);
	assert_int_equal(counter(r, X_TX_UCAST), 1);
	assert_int_equal(counter(r, 0x260), 1);
	/* short: padded with zeros and said so */
	memset(d + 42, 0xee, 30);
	tx_plain(r, 0, 1, 42);
	assert_int_equal(r->wire[1].len, 60);
	assert_int_equal(r->wire[1].data[42], 0);
	assert_int_equal(r->wire[1].data[59], 0);
	assert_int_equal(cqe(r, 1, 1)[1], 0x40);
	assert_int_equal(get_le32(cqe(r, 1, 1) + 4), 1);
	assert_int_equal(counter(r, X_TX_64), 1);
}

static void test_tx_gather(void **state)
{
	struct rig *r = *state;
	uint8_t req[128] = { 0x01 }, want[1000], *d = txdata(r);
	struct piece p[20];
	uint32_t i, len = 0;

	rig_start(r);
	for (i = 0; i < 20; i++) {
		p[i].addr = TXDATA + i * 1000 + i;
		p[i].len = i + 31;
		memset(d + i * 1000 + i, (int)i + 1, i + 31);
		memset(want + len, (int)i + 1, i + 31);
		len += i + 31;
	}
	put_le16(req + 12, (uint16_t)len);
	tx_put(r, 0, 0, req, p, 20);
	rig_db(r, 0, 0, 1);
	assert_int_equal(r->sent, 1);
	assert_int_equal(r->wire[0].len, len);
	assert_memory_equal(r->wire[0].data, want, len);
	/* lengths that do not add up are refused */
	put_le16(req + 12, (uint16_t)(len + 1));
	tx_put(r, 0, 1, req, p, 20);
	rig_db(r, 0, 0, 2);
	assert_int_equal(r->sent, 1);
	assert_int_equal(cqe(r, 1, 1)[1], 0x08);
	/* unreadable data: the completion says it, the function lives on */
	p[3].addr = 0x50;
	put_le16(req + 12, (uint16_t)len);
	tx_put(r, 0, 2, req, p, 20);
	rig_db(r, 0, 0, 3);
	assert_int_equal(cqe(r, 1, 2)[3], 0x80);
	assert_false(RD(r, R_STS) & STS_FE);
	tx_plain(r, 0, 3, 100);
	assert_int_equal(r->sent, 2);
	/* lists without end, of odd length, inside of lists */
	memset(req + 32, 0, 96);
	put_le64(req + 32, OAL(0));
	for (i = 0; i < 3; i++) {
		static const uint32_t bad[] = { 4800, 13, 24 };

		put_le32(req + 40, bad[i] | 0x40000000);
		memset(rig_mem(r, OAL(0), 4800), 0, 4800);
		put_le32(rig_mem(r, OAL(0) + 8, 4), 12 | 0x40000000);
		rig_put(r, WQ_RING(0) + (4 + i) * 128, req, 128);
		rig_db(r, 0, 0, 5 + i);
		assert_int_equal(cqe(r, 1, 4 + i)[1], 0x08);
	}
}

static void test_tx_vlan(void **state)
{
	struct rig *r = *state;
	uint8_t req[128] = { 0x01, 0, 0, 0x04 }, *d = txdata(r);
	struct piece p = { TXDATA, 100 };

	rig_start(r);
	fill(d, 100, rig_mac, 0x88b5);
	put_le16(req + 12, 100);
	put_le16(req + 28, 0xe02a);
	tx_put(r, 0, 0, req, &p, 1);
	rig_db(r, 0, 0, 1);
	assert_int_equal(r->wire[0].len, 104);
	assert_memory_equal(r->wire[0].data, d, 12);
	assert_int_equal(get_be32(r->wire[0].data + 12), 0x8100e02a);
	assert_memory_equal(r->wire[0].data + 16, d + 12, 88);
}

/* The seed of the stack, not the packet, decides: a wrong one must show. */
static void test_tx_checksum(void **state)
{
	struct rig *r = *state;
	uint8_t req[128] = { 0x02, 0x40, 0x80 }, *d = txdata(r), *w;
	struct piece p = { TXDATA, 0 };
	uint32_t i;

	rig_start(r);
	for (i = 0; i < 4; i++) {
		p.len = (uint32_t)tcp4(d, rig_mac, 1000, 301);
		put_be16(d + 50, pseudo4(d + 14, 321));
		if (i == 1) {		/* UDP */
			d[23] = 17;
			put_be16(d + 24, 0);
			put_be16(d + 38, 321);
			put_be16(d + 40, pseudo4(d + 14, 321));
			req[2] = 0x40;
		}
		if (i == 2)		/* IP checksum as well */
			req[3] = 0x01;
		if (i == 3)
			put_be16(d + 40, 0x1234);
		if (i >= 2) {
			put_be16(d + 24, 0);
			req[2] = 0x80;
			if (i == 3)
				put_be16(d + 50, 0x1234);
		}
		put_le32(req + 12, p.len);
		put_le16(req + 24, 54);
		put_le16(req + 26, 14 | 34 << 6);
		tx_put(r, 0, i, req, &p, 1);
		rig_db(r, 0, 0, i + 1);
		w = r->wire[i].data;
		assert_int_equal(checksum(w + 34, 321, pseudo4(w + 14, 321)) ==
				 0xffff, i != 3);
		if (i >= 2)
			assert_int_equal(checksum(w + 14, 20, 0), 0xffff);
	}
}

static void tso(struct rig *r, bool v6, uint32_t payload, uint32_t mss,
		uint8_t flags)
{
	uint32_t l3 = 14, l4 = v6 ? 54 : 34, hdr = l4 + 20, i;
	uint8_t req[128] = { 0x02, v6 ? 0x80 : 0x40, 0x20, 0x05 };
	uint8_t *d = txdata(r);
	struct piece p[2] = { { TXDATA, hdr }, { TXDATA + hdr, payload } };

	for (i = 0; i < payload; i++)
		d[hdr + i] = (uint8_t)(i * 13 + (i >> 8));
	memset(d, 0, hdr);
	memcpy(d, rig_mac, 6);
	put_be16(d + 12, v6 ? 0x86dd : 0x0800);
	if (v6) {
		d[l3] = 0x60;
		d[l3 + 6] = 6;
		for (i = 8; i < 40; i++)
			d[l3 + i] = (uint8_t)i;
	} else {
		tcp4(d, rig_mac, 1, 0);
		put_be16(d + l3 + 2, 0);
		put_be16(d + l3 + 4, 0xfffe);
		put_be16(d + l3 + 10, 0);
	}
	put_be32(d + l4 + 4, 0xfffffff0);
	d[l4 + 12] = 0x50;
	d[l4 + 13] = flags;
	put_be16(d + l4 + 16, v6 ? checksum(d + l3 + 8, 32, 6) :
				   pseudo4(d + l3, 0));
	put_le32(req + 12, hdr + payload);
	put_le16(req + 24, (uint16_t)hdr);
	put_le16(req + 26, (uint16_t)(l3 | l4 << 6));
	put_le16(req + 28, 42);
	put_le16(req + 30, (uint16_t)mss);
	tx_put(r, 0, r->core.wq[0].prod, req, p, 2);
	rig_db(r, 0, 0, r->core.wq[0].prod + 1);
}

static void check_tso(struct rig *r, bool v6, uint32_t payload, uint32_t mss)
{
	uint32_t l3 = 18, l4 = l3 + (v6 ? 40 : 20), i, n, done = 0, sum;
	uint8_t *d = txdata(r) + l4 - 4 + 20, flags;

	for (i = 0; done < payload; i++, done += n) {
		uint8_t *w = r->wire[i].data;

		n = payload - done < mss ? payload - done : mss;
		assert_int_equal(r->wire[i].len,
				 l4 + 20 + n < 60 ? 60 : l4 + 20 + n);
		assert_int_equal(get_be32(w + 12), 0x8100002a);
		assert_memory_equal(w + l4 + 20, d + done, n);
		assert_int_equal(get_be32(w + l4 + 4),
				 (uint32_t)(0xfffffff0 + done));
		if (v6) {
			assert_int_equal(get_be16(w + l3 + 4), 20 + n);
			sum = checksum(w + l3 + 8, 32, 26 + n);
			sum = checksum(w + l4, 20 + n, sum);
			assert_int_equal(sum, 0xffff);
		} else {
			assert_int_equal(get_be16(w + l3 + 2), 40 + n);
			assert_int_equal(get_be16(w + l3 + 4),
					 (uint16_t)(0xfffe + i));
			assert_int_equal(checksum(w + l3, 20, 0), 0xffff);
			assert_int_equal(checksum(w + l4, 20 + n,
						  pseudo4(w + l3, 20 + n)),
					 0xffff);
		}
		/* FIN and PSH on the last, CWR on the first */
		flags = 0x10 | (done + n == payload ? 0x09 : 0) |
			(i ? 0 : 0x80);
		assert_int_equal(w[l4 + 13], flags);
	}
	assert_int_equal(r->sent, i);
}

static void test_tso(void **state)
{
	struct rig *r = *state;

	rig_start(r);
	tso(r, false, 7301, 1460, 0x99);
	check_tso(r, false, 7301, 1460);
	assert_int_equal(mem32(r, CQ_SHADOW(1)), 1);
	assert_int_equal(cqe(r, 1, 0)[0], 2);
	r->sent = 0;
	tso(r, true, 5000, 1000, 0x99);
	check_tso(r, true, 5000, 1000);
	assert_int_equal(mem32(r, CQ_SHADOW(1)), 2);
	/* header alone */
	r->sent = 0;
	tso(r, false, 0, 1000, 0x11);
	assert_int_equal(r->sent, 1);
	/* no segment size at all */
	tso(r, false, 3000, 0, 0x10);
	assert_int_equal(r->sent, 1);
	assert_int_equal(cqe(r, 1, 3)[1], 0x08);
}

/* One doorbell must not keep the emulator busy for 60000 segments. */
static void test_tso_bounded(void **state)
{
	struct rig *r = *state;
	uint32_t turns = 0, last;

	rig_start(r);
	tso(r, false, 20000, 1, 0x10);
	last = r->sent;
	assert_in_range(last, 1, 64);
	while (r->scheduled && turns++ < 1000) {
		rig_tick(r, 1);
		assert_in_range(r->sent - last, 0, 64);
		last = r->sent;
	}
	assert_int_equal(r->sent, 20000);
	assert_int_equal(mem32(r, CQ_SHADOW(1)), 1);
	assert_int_equal(mem32(r, WQ_SHADOW(0)), 1);
	/* a reset in the middle ends it */
	tso(r, false, 20000, 1, 0x10);
	WR(r, R_RST_FO, 0x80008000);
	last = r->sent;
	rig_tick(r, 1);
	assert_int_equal(r->sent, last);
}

/* A full CQ stops its senders, the consumer doorbell lets them go on. */
static void test_tx_cq_full(void **state)
{
	struct rig *r = *state;
	uint32_t i;

	rig_start(r);
	rig_cq(r, 2, 0, 32, 0);
	rig_wq(r, 1, 2, 256);
	for (i = 0; i < 100; i++)
		tx_plain(r, 1, i, 100);
	assert_int_equal(r->sent, 31);
	assert_int_equal(mem32(r, CQ_SHADOW(2)), 31);
	/* the others are not held up */
	tx_plain(r, 0, 0, 100);
	assert_int_equal(r->sent, 32);
	rig_db(r, 130, 0, 10);
	assert_int_equal(r->sent, 42);
	assert_int_equal(mem32(r, CQ_SHADOW(2)), 9);
	for (i = 0; i < 10; i++)
		rig_db(r, 130, 0, mem32(r, CQ_SHADOW(2)));
	assert_int_equal(r->sent, 101);
	assert_int_equal(mem32(r, WQ_SHADOW(1)), 100);
}

static void test_tx_invalid(void **state)
{
	struct rig *r = *state;
	uint8_t req[128] = { 0x55 };
	struct piece p = { TXDATA, 100 };

	rig_start(r);
	tx_plain(r, 5, 0, 100);		/* never loaded */
	rig_db(r, 0, 0, 256);		/* beyond the ring */
	assert_int_equal(r->sent, 0);
	rig_db(r, 0, 4, 0);		/* V off by doorbell */
	tx_plain(r, 0, 0, 100);
	assert_int_equal(r->sent, 0);
	rig_db(r, 0, 4, 0x10);
	assert_int_equal(r->sent, 1);
	tx_put(r, 0, 1, req, &p, 1);
	rig_db(r, 0, 0, 2);
	assert_true(RD(r, R_STS) & STS_FE);
	tx_plain(r, 0, 2, 100);
	assert_int_equal(r->sent, 1);
	WR(r, R_RST_FO, 0x80008000);
	assert_false(RD(r, R_STS) & STS_FE);
	assert_int_equal(RD(r, R_ERR_STS), 0);
}

/* Receive */

static void test_rx_cases(void **state)
{
	static const struct {
		uint32_t len, small, large;
		uint8_t flags3;
	} c[] = {
		{ 60, 1, 0, 0x40 }, { 256, 1, 0, 0x40 }, { 257, 0, 1, 0x80 },
		{ 2048, 0, 1, 0x80 }, { 2049, 1, 2, 0 }, { 4096, 1, 2, 0 },
		{ 4097, 1, 3, 0 }, { 9600, 1, 5, 0 },
	};
	uint32_t i, k, s = 0, l = 0, n;
	struct rig *r = *state;
	uint8_t f[9600], *p;

	rig_start(r);
	for (i = 0; i < ARRAY_SIZE(c); i++) {
		const uint8_t *e = cqe(r, 0, i);

		fill(f, c[i].len, rig_mac, 0x88b5);
		receive(r, f, c[i].len);
		assert_int_equal(mem32(r, CQ_SHADOW(0)), i + 1);
		assert_int_equal(e[0], 0x20);
		assert_int_equal(e[1], 0x08);
		assert_int_equal(e[3], c[i].flags3);
		assert_int_equal(e[51], 0);
		assert_int_equal(get_le32(e + 4), c[i].len);
		if (c[i].flags3 == 0x80) {
			assert_int_equal(get_le64(e + 8), LARGE(0, l));
			assert_memory_equal(rig_mem(r, LARGE(0, l), c[i].len),
					    f, c[i].len);
		} else {
			assert_int_equal(get_le64(e + 8), SMALL(0, s));
		}
		if (c[i].flags3 == 0x40)
			assert_memory_equal(rig_mem(r, SMALL(0, s), c[i].len),
					    f, c[i].len);
		if (!c[i].flags3) {
			for (k = 0; k < c[i].large; k++) {
				n = c[i].len - k * 2048;
				if (n > 2048)
					n = 2048;
				p = rig_mem(r, SMALL(0, s) + k * 8, 8);
				assert_int_equal(get_le64(p), LARGE(0, l + k));
				p = rig_mem(r, LARGE(0, l + k), n);
				assert_memory_equal(p, f + k * 2048, n);
			}
		}
		s += c[i].small;
		l += c[i].large;
		assert_int_equal(r->core.cq[0].sbq.cons, s);
		assert_int_equal(r->core.cq[0].lbq.cons, l);
	}
	/* a frame from a backend that does not pad */
	fill(f, 42, rig_mac, 0x88b5);
	receive(r, f, 42);
	assert_int_equal(get_le32(cqe(r, 0, i) + 4), 60);
	/* longer than the MAC takes */
	rx_len(r, 9601);
	assert_int_equal(mem32(r, CQ_SHADOW(0)), i + 1);
	assert_int_equal(counter(r, X_RX_OVERSIZE), 1);
}

static void test_rx_split(void **state)
{
	struct rig *r = *state;
	uint8_t f[2000];
	size_t len;

	rig_start(r);
	WR(r, R_FSC, 0x08000800);
	WR(r, R_SPLT_HDR, 0x80000100);
	len = tcp4(f, rig_mac, 1, 0);		/* D: padded to 60 */
	receive(r, f, len);
	assert_int_equal(cqe(r, 0, 0)[51], 0x60);
	assert_int_equal(get_le32(cqe(r, 0, 0) + 52), 54);
	len = tcp4(f, rig_mac, 1, 200);		/* E */
	receive(r, f, len);
	assert_int_equal(cqe(r, 0, 1)[3] & 0xc0, 0x40);
	assert_int_equal(get_le32(cqe(r, 0, 1) + 4), 200);
	assert_memory_equal(rig_mem(r, get_le64(cqe(r, 0, 1) + 8), 200), f + 54,
			    200);
	len = tcp4(f, rig_mac, 1, 1460);	/* F */
	receive(r, f, len);
	assert_int_equal(cqe(r, 0, 2)[3] & 0xc0, 0x80);
	assert_int_equal(get_le64(cqe(r, 0, 2) + 8), LARGE(0, 0));
	assert_memory_equal(rig_mem(r, get_le64(cqe(r, 0, 2) + 56), 54), f, 54);
	rx_len(r, 300);				/* not IP: B */
	assert_int_equal(cqe(r, 0, 3)[51], 0);
}

/* The queue index and its low four bits. */
static void test_rx_producer(void **state)
{
	struct rig *r = *state;
	uint32_t i;

	rig_start(r);
	rx_len(r, 100);
	/* 16 more after the first frame: 511 buffers, written as 0 */
	rig_db(r, 128, 0x1c, 0);
	rig_db(r, 128, 0, 1);
	for (i = 0; i < 511; i++) {
		rx_len(r, 100);
		rig_db(r, 128, 0, mem32(r, CQ_SHADOW(0)));
	}
	assert_int_equal(r->core.counts.rx_frames, 512);
	assert_int_equal(r->core.fifo.count, 0);
	rx_len(r, 100);
	assert_int_equal(r->core.fifo.count, 1);
	assert_false(RD(r, R_STS) & STS_NFE);
	/* 15 more buffers are none, the sixteenth counts */
	rig_db(r, 128, 0x1c, 15);
	assert_int_equal(r->core.fifo.count, 1);
	rig_db(r, 128, 0x1c, 16);
	assert_int_equal(r->core.fifo.count, 0);
	assert_true(RD(r, R_STS) & STS_NFE);
	assert_int_equal(get_le64(cqe(r, 0, 512 % 256) + 8), SMALL(0, 0));
	/* out of range is ignored */
	rig_db(r, 128, 0x1c, 512);
	assert_int_equal(r->core.cq[0].sbq.prod, 16);
}

/* A refilled entry is read again, even where 16 is all there is. */
static void test_rx_reread(void **state)
{
	struct rig *r = *state;
	uint8_t a[8];
	uint32_t i;

	rig_start(r);
	rig_cq(r, 2, 1, 64, 32);
	WR(r, R_NIC_RCV_CFG, 0x7f000200);
	rig_route(r, 0, 3, 0x00800000);
	rig_db(r, 130, 0x1c, 16);
	for (i = 0; i < 16; i++)
		rx_len(r, 100);
	rig_db(r, 130, 0, 16);
	rig_db(r, 130, 0x1c, 0);
	for (i = 0; i < 16; i++)
		rx_len(r, 100);
	rig_db(r, 130, 0, 32);
	put_le64(a, SMALL(3, 9));
	rig_put(r, SBQ_PAGE(2, 0), a, 8);
	rig_db(r, 130, 0x1c, 16);
	rx_len(r, 100);
	assert_int_equal(get_le64(cqe(r, 2, 32) + 8), SMALL(3, 9));
}

/* Rings of several pages: the table decides, not adjacency. */
static void test_rx_pages(void **state)
{
	struct rig *r = *state;
	uint32_t i, round, at;

	rig_start(r);
	rig_cq(r, 2, 1, 64, 2048);
	WR(r, R_NIC_RCV_CFG, 0x7f000200);
	rig_route(r, 0, 3, 0x00800000);
	for (round = 0; round < 4; round++) {
		for (i = 0; i < 2048; i++) {
			if (!(i % 16))
				rig_db(r, 130, round & 1 ? 0x1c : 0x18,
				       (i + 16) % 2048);
			rx_len(r, round & 1 ? 100 : 1000);
			at = (i + i / 512) % 512;
			assert_int_equal(r->core.cq[2].prod,
					 (round * 2048 + i + 1) % 64);
			assert_int_equal(get_le64(cqe(r, 2, i % 64) + 8),
					 round & 1 ? SMALL(2, at) :
						     LARGE(2, at));
			rig_db(r, 130, 0, r->core.cq[2].prod);
		}
	}
	assert_int_equal(r->core.cq[2].sbq.cons, 0);
	/* 65536 entries through 128 pages */
	qlge_bq_load(&r->core.cq[2].sbq, SBQ_TABLE(2), 256, 65536);
	rig_db(r, 130, 0x1c, 65535);
	assert_int_equal(r->core.cq[2].sbq.prod, 65520);
	i = qlge_core_doorbell_read(&r->core, 130 * 4096 + 0x1c);
	assert_int_equal(i, 65535);
}

static void test_rx_fifo(void **state)
{
	struct rig *r = rig_new(0x8000, 10);
	uint32_t i;

	(void)state;
	rig_start(r);
	qlge_core_fault_rx_hold(&r->core, true);
	for (i = 0; i < 15; i++)
		rx_len(r, 100 + i);
	assert_int_equal(r->core.fifo.count, 10);
	assert_false(qlge_core_can_receive(&r->core));
	assert_int_equal(counter(r, X_RX_NIC_FIFO_DROP), 5);
	qlge_core_fault_rx_hold(&r->core, false);
	assert_int_equal(mem32(r, CQ_SHADOW(0)), 10);
	for (i = 0; i < 10; i++)
		assert_int_equal(get_le32(cqe(r, 0, i) + 4), 100 + i);
	/* reset drops what is held */
	qlge_core_fault_rx_hold(&r->core, true);
	rx_len(r, 100);
	WR(r, R_RST_FO, 0x80008000);
	assert_int_equal(r->core.fifo.count, 0);
	rig_free(r);
}

/* The CQ is never overrun; held frames come with the consumer doorbell. */
static void test_rx_cq_full(void **state)
{
	struct rig *r = *state;
	uint32_t i;

	rig_start(r);
	for (i = 0; i < 300; i++)
		rx_len(r, 100);
	assert_int_equal(mem32(r, CQ_SHADOW(0)), 255);
	assert_int_equal(r->core.fifo.count, 45);
	rig_db(r, 128, 0, 20);
	assert_int_equal(mem32(r, CQ_SHADOW(0)), 19);
	assert_int_equal(r->core.fifo.count, 25);
	/* values the ring does not have change nothing */
	rig_db(r, 128, 0, 256);
	assert_int_equal(r->core.cq[0].cons, 20);
}

static void test_rx_checksum(void **state)
{
	struct rig *r = *state;
	uint8_t f[2000];
	size_t len;

	rig_start(r);
	rig_route(r, 1, 3, 0x02000000);
	rig_route(r, 2, 3, 0x01000000);
	len = tcp4(f, rig_mac, 1, 500);
	receive(r, f, len);
	assert_int_equal(cqe(r, 0, 0)[1], 0);
	assert_int_equal(cqe(r, 0, 0)[2], 0x40);
	assert_int_equal(cqe(r, 0, 0)[3], 0x88);
	f[300] ^= 1;				/* TCP broken */
	receive(r, f, len);
	assert_int_equal(cqe(r, 0, 1)[1], 0x04);
	assert_int_equal(cqe(r, 0, 1)[2], 0x40);
	f[22] ^= 1;				/* IP broken */
	receive(r, f, len);
	assert_int_equal(cqe(r, 0, 2)[1], 0x18);
	len = tcp4(f, rig_mac, 1, 500);		/* fragment */
	put_be16(f + 20, 0x2000);
	put_be16(f + 24, 0);
	put_be16(f + 24, (uint16_t)~checksum(f + 14, 20, 0));
	receive(r, f, len);
	assert_int_equal(cqe(r, 0, 3)[1], 0x08);
	assert_int_equal(cqe(r, 0, 3)[2], 0);
	len = tcp4(f, rig_mac, 1, 500);		/* UDP without checksum */
	f[23] = 17;
	put_be16(f + 24, 0);
	put_be16(f + 24, (uint16_t)~checksum(f + 14, 20, 0));
	put_be16(f + 38, 520);
	put_be16(f + 40, 0);
	receive(r, f, len);
	assert_int_equal(cqe(r, 0, 4)[1], 0x08);
	assert_int_equal(cqe(r, 0, 4)[2], 0x20);
	put_be16(f + 40, (uint16_t)~checksum(f + 34, 520,
					     pseudo4(f + 14, 520)));
	receive(r, f, len);
	assert_int_equal(cqe(r, 0, 5)[1], 0);
	assert_int_equal(cqe(r, 0, 5)[2], 0x20);
}

static void test_rx_vlan(void **state)
{
	struct rig *r = *state;
	uint8_t f[200];
	uint32_t i;
	static const struct {
		uint32_t mode;
		bool plain, on, off;
	} m[] = {
		{ 0, true, true, true }, { 2, false, true, false },
		{ 4, true, true, false }, { 6, true, false, false },
	};

	rig_start(r);
	WR(r, R_NIC_RCV_CFG, 0x00080008);
	fill(f, 104, rig_mac, 0x8100);
	put_be16(f + 14, 0xa02a);
	receive(r, f, 104);
	assert_int_equal(get_le32(cqe(r, 0, 0) + 4), 100);
	assert_int_equal(cqe(r, 0, 0)[2], 0x02);
	assert_int_equal(get_le16(cqe(r, 0, 0) + 20), 0xa02a);
	assert_memory_equal(rig_mem(r, SMALL(0, 0), 12), f, 12);
	assert_memory_equal(rig_mem(r, SMALL(0, 0) + 12, 88), f + 16, 88);
	WR(r, R_NIC_RCV_CFG, 0x00080000);
	receive(r, f, 104);
	assert_int_equal(get_le32(cqe(r, 0, 1) + 4), 104);
	assert_int_equal(cqe(r, 0, 1)[2], 0x02);
	WR(r, R_MAC_ADDR_IDX, 0x08020000 | 42 << 4);
	WR(r, R_MAC_ADDR_IDX, 0x08020000 | 43 << 4);
	WR(r, R_MAC_ADDR_IDX, 0x00020000 | 43 << 4);
	for (i = 0; i < ARRAY_SIZE(m); i++) {
		uint64_t n = r->core.counts.rx_frames;

		WR(r, R_NIC_RCV_CFG, 0x00060000 | m[i].mode);
		rx_len(r, 100);
		assert_int_equal(r->core.counts.rx_frames, n += m[i].plain);
		put_be16(f + 14, 42);
		receive(r, f, 104);
		assert_int_equal(r->core.counts.rx_frames, n += m[i].on);
		put_be16(f + 14, 43);
		receive(r, f, 104);
		assert_int_equal(r->core.counts.rx_frames, n += m[i].off);
	}
}

static void test_filter(void **state)
{
	static const uint8_t bcast[6] = { 255, 255, 255, 255, 255, 255 };
	static const uint8_t group[6] = { 1, 0, 0x5e, 1, 2, 3 };
	static const uint8_t other[6] = { 2, 0, 0, 0, 0, 2 };
	struct rig *r = *state;
	uint8_t f[100];

	rig_start(r);
	fill(f, 100, bcast, 0x88b5);
	receive(r, f, 100);
	assert_int_equal(cqe(r, 0, 0)[1], 0x88);
	/* other unicast only in promiscuous mode, and marked */
	fill(f, 100, other, 0x88b5);
	receive(r, f, 100);
	assert_int_equal(mem32(r, CQ_SHADOW(0)), 1);
	rig_route(r, 15, 3, 0x00800000);
	receive(r, f, 100);
	assert_int_equal(cqe(r, 0, 1)[2], 0x01);
	rig_route(r, 15, 3, 0);
	receive(r, f, 100);
	assert_int_equal(mem32(r, CQ_SHADOW(0)), 2);
	/* multicast: registered, or all */
	fill(f, 100, group, 0x88b5);
	rig_route(r, 4, 3, 4);
	receive(r, f, 100);
	assert_int_equal(mem32(r, CQ_SHADOW(0)), 2);
	rig_addr(r, 1, 31, 0x08000000, group, 0);
	receive(r, f, 100);
	assert_int_equal(cqe(r, 0, 2)[1], 0x48);
	rig_addr(r, 1, 31, 0, group, 0);
	receive(r, f, 100);
	assert_int_equal(mem32(r, CQ_SHADOW(0)), 3);
	rig_route(r, 5, 3, 2);
	receive(r, f, 100);
	assert_int_equal(cqe(r, 0, 3)[1], 0x68);
	/* an address cleared in the CAM matches nothing, not even itself */
	rig_addr(r, 0, 0, 0, (const uint8_t *)"\0\0\0\0\0\0", 1);
	rx_len(r, 100);
	fill(f, 100, (const uint8_t *)"\0\0\0\0\0\0", 0x88b5);
	receive(r, f, 100);
	assert_int_equal(mem32(r, CQ_SHADOW(0)), 4);
	/* the last entry works like the first */
	rig_addr(r, 0, 511, 0, rig_mac, 1);
	rx_len(r, 100);
	assert_int_equal(mem32(r, CQ_SHADOW(0)), 5);
	/* the entry of another function: RST_FO decides */
	rig_addr(r, 0, 511, 0, rig_mac, 5);
	rx_len(r, 100);
	assert_int_equal(mem32(r, CQ_SHADOW(0)), 5);
	WR(r, R_RST_FO, 0x00060006);
	rx_len(r, 100);
	assert_int_equal(mem32(r, CQ_SHADOW(0)), 6);
	/* both functions may have an address, as in a bond */
	rig_addr(r, 0, 3, 0, rig_mac, 1);
	rx_len(r, 100);
	assert_int_equal(cqe(r, 0, 6)[0], 0x20);
	/* two hits of one are a chip event */
	rig_addr(r, 0, 4, 0, rig_mac, 1);
	rx_len(r, 100);
	assert_int_equal(cqe(r, 0, 7)[0], 0x3f);
	assert_int_equal(cqe(r, 0, 7)[2], AE_CAM_LOOKUP_ERR);
}

static void test_routing(void **state)
{
	struct rig *r = *state;
	uint32_t s;

	rig_start(r);
	rig_cq(r, 2, 1, 256, 512);
	rig_db(r, 130, 0x1c, 496);
	rig_db(r, 130, 0x18, 496);
	rig_addr(r, 0, 0, 0, rig_mac, 1 | 2 << 5);
	for (s = 0; s < 16; s++)
		rig_route(r, s, 0, 0);
	/* each slot alone, default queue 0 */
	for (s = 0; s < 16; s++) {
		rig_route(r, s, 3, 0x80);
		rx_len(r, 100);
		assert_int_equal(mem32(r, CQ_SHADOW(0)), s + 1);
		rig_route(r, s, 3, 0);
		rx_len(r, 100);
		assert_int_equal(mem32(r, CQ_SHADOW(0)), s + 1);
	}
	/* the lower slot wins: drop, then the CAM's queue */
	rig_route(r, 12, 1, 0x80);
	rig_route(r, 7, 7, 0x00800000);
	rx_len(r, 100);
	assert_int_equal(mem32(r, CQ_SHADOW(2)), 0);
	rig_route(r, 6, 1, 0x80);
	rx_len(r, 100);
	assert_int_equal(mem32(r, CQ_SHADOW(2)), 1);
	assert_int_equal(mem32(r, CQ_SHADOW(0)), 16);
	/* reads back */
	WR(r, R_RT_IDX, 0x04020600);
	assert_true(RD(r, R_RT_IDX) & 0x40000000);
	assert_int_equal(RD(r, R_RT_DATA), 0x80);
}

/* The verification suite published for this hash. */
static void test_rss(void **state)
{
	static const uint8_t key[40] = {
		0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67,
		0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb,
		0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30,
		0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
	};
	static const uint8_t src6[16] = {
		0x3f, 0xfe, 0x25, 0x01, 0x02, 0x00, 0x1f, 0xff, 0, 0, 0, 0, 0,
		0, 0, 7
	}, dst6[16] = {
		0x3f, 0xfe, 0x25, 0x01, 0x02, 0x00, 0x00, 0x03, 0, 0, 0, 0, 0,
		0, 0, 1
	};
	uint8_t icb[1084] = { 0x80, 0xff, 0xff, 0x03 }, f[200], *ip = f + 14;
	struct rig *r = *state;
	uint32_t i, q;

	rig_start(r);
	for (q = 0; q < 4; q++) {
		rig_cq(r, q, (uint8_t)q, 256, 512);
		rig_db(r, 128 + q, 0x1c, 496);
		rig_db(r, 128 + q, 0x18, 496);
	}
	for (i = 0; i < 1024; i++)
		icb[4 + i] = (uint8_t)(i & 3);
	memcpy(icb + 1028, key, 40);
	memcpy(icb + 1068, key, 16);
	rig_put(r, ICB, icb, sizeof(icb));
	rig_cfg(r, CFG_LR, 0);
	rig_route(r, 8, 0, 0x80000000);
	tcp4(f, rig_mac, 2794, 40);
	put_be32(ip + 12, 0x420995bb);
	put_be32(ip + 16, 0xa18e6450);
	put_be16(ip + 22, 1766);
	put_be16(ip + 10, 0);
	put_be16(ip + 10, (uint16_t)~checksum(ip, 20, 0));
	put_be16(ip + 36, 0);
	put_be16(ip + 36, (uint16_t)~checksum(ip + 20, 60, pseudo4(ip, 60)));
	receive(r, f, 94);
	q = 0x51ccc178 & 3;
	assert_int_equal(mem32(r, CQ_SHADOW(q)), 1);
	assert_int_equal(get_le32(cqe(r, q, 0) + 16), 0x51ccc178);
	assert_int_equal(cqe(r, q, 0)[3] & 7, 5);
	/* addresses only, for what is not TCP */
	ip[9] = 47;
	put_be16(ip + 10, 0);
	put_be16(ip + 10, (uint16_t)~checksum(ip, 20, 0));
	receive(r, f, 94);
	q = 0x323e8fc2 & 3;
	assert_int_equal(get_le32(cqe(r, q, 0) + 16), 0x323e8fc2);
	assert_int_equal(cqe(r, q, 0)[3] & 7, 4);
	fill(f, 94, rig_mac, 0x86dd);
	memset(ip, 0, 60);
	ip[0] = 0x60;
	put_be16(ip + 4, 40);
	ip[6] = 6;
	memcpy(ip + 8, src6, 16);
	memcpy(ip + 24, dst6, 16);
	put_be16(ip + 40, 2794);
	put_be16(ip + 42, 1766);
	ip[52] = 0x50;
	receive(r, f, 94);
	q = 0x40207d3d & 3;
	assert_int_equal(get_le32(cqe(r, q, 0) + 16), 0x40207d3d);
	assert_int_equal(cqe(r, q, 0)[3] & 7, 3);
	/* not for strangers: slot 8 must not make the port promiscuous */
	f[5] ^= 0x80;
	i = (uint32_t)r->core.counts.rx_frames;
	receive(r, f, 94);
	assert_int_equal(r->core.counts.rx_frames, i);
	/* flow spread */
	for (i = 0; i < 400; i++) {
		size_t len = tcp4(f, rig_mac, (uint16_t)(1000 + i), 10);

		receive(r, f, len);
	}
	for (q = 0; q < 4; q++)
		assert_in_range(mem32(r, CQ_SHADOW(q)), 60, 140);
}

/* Interrupts */

static void test_irq(void **state)
{
	struct rig *r = *state;

	rig_start(r);
	rx_len(r, 100);
	assert_int_equal(r->irqs, 1);
	/* masked itself: more work, no more interrupts */
	rx_len(r, 100);
	assert_int_equal(r->irqs, 1);
	assert_int_equal(RD(r, R_ISR1), 1);
	WR(r, R_INTR_EN, 0x037f0300);
	assert_false(RD(r, R_INTR_EN) & INTR_EN_EN);
	/* enabled with work left: at once */
	rig_db(r, 128, 0, 1);
	WR(r, R_INTR_EN, 0x237f2100);
	assert_int_equal(r->irqs, 2);
	/* and without work: not at all */
	rig_db(r, 128, 0, 2);
	WR(r, R_INTR_EN, 0x237f2100);
	assert_int_equal(r->irqs, 2);
	assert_true(RD(r, R_INTR_EN) & INTR_EN_EN);
	/* a write with no mask does nothing */
	WR(r, R_INTR_EN, 0);
	assert_true(RD(r, R_INTR_EN) & INTR_EN_EN);
	/* the master switch */
	WR(r, R_INTR_EN, 0x40000000);
	rx_len(r, 100);
	assert_int_equal(r->irqs, 2);
	WR(r, R_INTR_EN, 0x40004000);
	assert_int_equal(r->irqs, 3);
	/* the firmware, behind its mask */
	rig_db(r, 128, 0, 3);
	WR(r, R_INTR_EN, 0x237f2100);
	qlge_core_link_set(&r->core, false);
	assert_int_equal(r->irqs, 3);
	WR(r, R_INTR_MASK, 0x00010001);
	assert_int_equal(r->irqs, 4);
	assert_int_equal(r->vectors[0], 4);
	/* the fatal error */
	WR(r, R_INTR_MASK, 0x00010000);
	WR(r, R_INTR_EN, 0x237f2100);
	qlge_core_fault_fe(&r->core, true);
	assert_int_equal(r->irqs, 5);
}

static void test_vectors(void **state)
{
	struct rig *r = *state;

	rig_start(r);
	rig_cq(r, 1, 5, 256, 0);
	WR(r, R_INTR_EN, 0x237f2105);
	tx_plain(r, 0, 0, 100);
	assert_int_equal(r->vectors[5], 1);
	assert_int_equal(r->vectors[0], 0);
	rig_db(r, 129, 0, 1);
	/* a vector the table does not have is ignored, and does not stick */
	rig_cq(r, 1, 99, 256, 0);
	WR(r, R_INTR_EN, 0x237f2163);
	tx_plain(r, 0, 1, 100);
	assert_int_equal(r->irqs, 1);
	/* everything is vector 0 with MSI */
	r->mode = QLGE_IRQ_MSI;
	WR(r, R_INTR_EN, 0x037f0100);
	assert_int_equal(r->vectors[0], 1);
	/* and a level with INTx */
	r->mode = QLGE_IRQ_INTX;
	WR(r, R_INTR_EN, 0x437f4100);
	assert_true(r->line);
	WR(r, R_INTR_EN, 0x437f0200);
	assert_false(r->line);
	WR(r, R_INTR_EN, 0x437f4100);
	rig_db(r, 129, 0, r->core.cq[1].prod);
	assert_false(r->line);
	assert_int_equal(r->irqs, 2);
}

static void test_coalescing(void **state)
{
	struct rig *r = *state;
	uint8_t icb[52] = { 0, 0, 0, 0x40 };
	uint32_t i;

	rig_start(r);
	put_le16(icb + 24, 5);
	put_le16(icb + 26, 20);
	rig_put(r, ICB, icb, sizeof(icb));
	rig_cfg(r, CFG_LCQ, 0);
	rx_len(r, 100);
	assert_int_equal(r->irqs, 0);
	rig_tick(r, 4);
	assert_int_equal(r->irqs, 0);
	rig_tick(r, 1);
	assert_int_equal(r->irqs, 1);
	rig_db(r, 128, 0, 1);
	WR(r, R_INTR_EN, 0x237f2100);
	/* a steady stream is interrupted after irq_delay */
	for (i = 0; i < 6; i++) {
		rx_len(r, 100);
		rig_tick(r, 3);
	}
	assert_int_equal(r->irqs, 1);
	rx_len(r, 100);
	rig_tick(r, 2);
	assert_int_equal(r->irqs, 2);
	/* while the vector is off no timer runs; enabling looks again */
	rig_db(r, 128, 0, 8);
	rx_len(r, 100);
	rig_tick(r, 100);
	assert_int_equal(r->irqs, 2);
	WR(r, R_INTR_EN, 0x237f2100);
	assert_int_equal(r->irqs, 3);
	/* work done in time needs no interrupt */
	rig_db(r, 128, 0, 9);
	WR(r, R_INTR_EN, 0x237f2100);
	rx_len(r, 100);
	rig_db(r, 128, 0, 10);
	rig_tick(r, 100);
	assert_int_equal(r->irqs, 3);
	/* a delay that is taken away while it runs is over with the next frame */
	rx_len(r, 100);
	memset(icb + 24, 0, 4);
	rig_put(r, ICB, icb, sizeof(icb));
	rig_cfg(r, CFG_LCQ, 0);
	rx_len(r, 100);
	assert_int_equal(r->irqs, 4);
	rig_check(r);
	rig_db(r, 128, 0, 12);
	rig_tick(r, 100);
	WR(r, R_INTR_EN, 0x237f2100);
	assert_int_equal(r->irqs, 4);
	/* a reset forgets the delay */
	put_le16(icb + 24, 5);
	put_le16(icb + 26, 20);
	rig_put(r, ICB, icb, sizeof(icb));
	rig_cfg(r, CFG_LCQ, 0);
	rx_len(r, 100);
	WR(r, R_RST_FO, 0x80008000);
	rig_tick(r, 100);
	assert_int_equal(r->irqs, 4);
}

/* Whole device */

static void test_reset(void **state)
{
	struct rig *r = *state;
	uint64_t writes;

	rig_start(r);
	WR(r, R_MGMT_RCV_CFG, 0xffff1000);
	rx_len(r, 100);
	tx_plain(r, 0, 0, 100);
	WR(r, R_INTR_MASK, 0x00010001);
	qlge_core_link_set(&r->core, false);
	qlge_core_link_set(&r->core, true);
	WR(r, R_RST_FO, 0x80008000);
	assert_int_equal(RD(r, R_RST_FO) & 0x8000, 0);
	assert_int_equal(RD(r, R_ISR1), 0);
	/* firmware, link, CAM and MGMT_RCV_CFG are not the function's */
	assert_true(RD(r, R_STS) & STS_PI);
	assert_int_equal(RD(r, R_INTR_MASK), 1);
	assert_int_equal(RD(r, R_MGMT_RCV_CFG), 0x1000);
	WR(r, R_MAC_ADDR_IDX, 0x06000000);
	assert_int_equal(RD(r, R_MAC_ADDR_DATA), 1);
	writes = r->core.counts.dma_writes;
	r->irqs = 0;
	rx_len(r, 100);
	tx_plain(r, 0, 1, 100);
	rig_db(r, 128, 0x1c, 16);
	rig_tick(r, 1000);
	assert_int_equal(r->core.counts.dma_writes, writes);
	assert_int_equal(r->irqs, 0);
	/* and it comes up again, when the frames are its own again */
	rig_start(r);
	rx_len(r, 100);
	assert_int_equal(mem32(r, CQ_SHADOW(0)), 0);
	assert_int_equal(counter(r, X_RX_MGMT), 3);
	WR(r, R_MGMT_RCV_CFG, 0x10000000);
	rx_len(r, 100);
	assert_int_equal(mem32(r, CQ_SHADOW(0)), 1);
}

static void test_dma_errors(void **state)
{
	struct rig *r = *state;
	uint8_t a[8];

	/* a buffer queue that cannot be read: one chip event, one queue dead */
	rig_start(r);
	rig_cq(r, 2, 1, 256, 512);
	WR(r, R_NIC_RCV_CFG, 0x7f000200);
	rig_db(r, 130, 0x1c, 496);
	rig_db(r, 130, 0x18, 496);
	put_le64(a, 0x30);
	rig_put(r, SBQ_TABLE(2), a, 8);
	rig_route(r, 0, 3, 0x80);
	rx_len(r, 100);
	rx_len(r, 100);
	assert_int_equal(mem32(r, CQ_SHADOW(0)), 1);
	assert_int_equal(cqe(r, 0, 0)[0], 0x3f);
	assert_int_equal(cqe(r, 0, 0)[2], AE_PCI_ERR_ANON_BUF_RD);
	assert_int_equal(cqe(r, 0, 0)[3], 2);
	assert_false(RD(r, R_STS) & STS_FE);
	/* buffers that cannot be written are fatal */
	rig_route(r, 0, 0, 0);
	put_le64(a, ~7ull);
	rig_put(r, SBQ_PAGE(0, 0), a, 8);
	rx_len(r, 100);
	assert_true(RD(r, R_STS) & STS_FE);
	assert_int_not_equal(RD(r, R_ERR_STS), 0);
	WR(r, R_RST_FO, 0x80008000);
	/* so are rings */
	rig_start(r);
	r->core.cq[0].addr = 0x100;
	rx_len(r, 100);
	assert_true(RD(r, R_STS) & STS_FE);
	WR(r, R_RST_FO, 0x80008000);
	rig_start(r);
	r->core.wq[0].addr = UINT64_MAX - 64;
	rig_db(r, 0, 0, 1);
	assert_true(RD(r, R_STS) & STS_FE);
	WR(r, R_RST_FO, 0x80008000);
	rig_start(r);
	rx_len(r, 100);
	assert_int_equal(mem32(r, CQ_SHADOW(0)), 1);
}

static void test_loopback(void **state)
{
	static const uint8_t bcast[6] = { 255, 255, 255, 255, 255, 255 };
	const uint32_t on[3] = { 0x122, 0x00010002, 0x2580 };
	struct rig *r = *state;
	uint32_t i;

	rig_start(r);
	mbox(r, on, 3);
	ack(r);
	ack(r);
	fill(txdata(r), 256, bcast, 0xffff);
	for (i = 0; i < 64; i++)
		tx_plain(r, 0, i, 256);
	assert_int_equal(r->sent, 0);
	assert_int_equal(mem32(r, CQ_SHADOW(1)), 64);
	assert_int_equal(mem32(r, CQ_SHADOW(0)), 64);
	assert_int_equal(cqe(r, 0, 63)[3], 0x40);
	/* the wire is not heard */
	rx_len(r, 100);
	assert_int_equal(mem32(r, CQ_SHADOW(0)), 64);
}

/* One CQ for two WQs and for receive, in loopback, until it is full. */
static void test_shared_cq(void **state)
{
	const uint32_t on[3] = { 0x122, 0x00010002, 0x2580 };
	struct rig *r = *state;
	uint32_t i, seen[3] = { 0 }, cons = 0, turns = 0;

	rig_start(r);
	rig_cq(r, 0, 0, 64, 512);
	rig_db(r, 128, 0x1c, 496);
	rig_db(r, 128, 0x18, 496);
	rig_wq(r, 0, 0, 256);
	rig_wq(r, 1, 0, 256);
	mbox(r, on, 3);
	ack(r);
	ack(r);
	fill(txdata(r), 100, rig_mac, 0x88b5);
	for (i = 0; i < 100; i++) {
		tx_plain(r, 0, i, 100);
		tx_plain(r, 1, i, 100);
	}
	while (turns++ < 1000) {
		uint32_t prod = mem32(r, CQ_SHADOW(0));

		for (; cons != prod; cons = (cons + 1) % 64) {
			const uint8_t *e = cqe(r, 0, cons);

			if (e[0] == 1) {
				/* completions of one WQ are in order */
				i = get_le32(e + 8) & 1;
				assert_int_equal(get_le32(e + 4), seen[i]);
				seen[i]++;
			} else {
				assert_int_equal(e[0], 0x20);
				seen[2]++;
			}
		}
		rig_db(r, 128, 0, cons);
		rig_tick(r, 10);
	}
	assert_int_equal(seen[0], 100);
	assert_int_equal(seen[1], 100);
	assert_int_equal(seen[2] + r->core.counts.fifo_drops, 200);
}

/* DMA that points back at the device, and frames that answer at once. */
static void test_nesting(void **state)
{
	struct rig *r = *state;
	uint8_t f[100];

	rig_start(r);
	r->core.cq[0].shadow = SELF_BASE + R_RST_FO;
	rx_len(r, 100);
	assert_true(r->core.counts.refused > 0);
	assert_true(r->core.cq[0].loaded);
	fill(f, 100, rig_mac, 0x88b5);
	r->answer = f;
	r->answer_len = 100;
	tx_plain(r, 0, 0, 100);
	r->answer = NULL;
	rig_tick(r, 1);
	assert_int_equal(r->core.cq[0].prod, 2);
	assert_int_equal(r->core.fifo.count, 0);
}

static void test_counters(void **state)
{
	static const uint32_t size[] = { 60, 61, 123, 124, 251, 252, 507, 508,
					 1019, 1020, 1514, 1515 };
	static const uint32_t bin[] = { 1, 2, 2, 2, 2, 2, 1 };
	struct rig *r = *state;
	uint64_t bytes = 0;
	uint32_t i;

	rig_start(r);
	for (i = 0; i < ARRAY_SIZE(size); i++) {
		rx_len(r, size[i]);
		bytes += size[i] + 4;
	}
	for (i = 0; i < ARRAY_SIZE(bin); i++)
		assert_int_equal(counter(r, X_RX_64 + 8 * i), bin[i]);
	assert_int_equal(counter(r, X_RX_PKTS), 12);
	assert_int_equal(counter(r, X_RX_BYTES), bytes);
	assert_int_equal(counter(r, X_RX_UCAST), 12);
	r->core.stat[X_RX_BYTES / 8] = 0x123456789abcull;
	assert_int_equal(counter(r, X_RX_BYTES), 0x123456789abcull);
	WR(r, R_XGMAC_DATA, 2);
	WR(r, R_XGMAC_ADDR, X_STAT_CNT_CTL);
	assert_int_equal(counter(r, X_RX_PKTS), 0);
}

/* Firmware services */

static void test_wol(void **state)
{
	const uint32_t mode[2] = { 0x110, 0x00010002 };
	const uint32_t magic[8] = { 0x113, 2, 0, 0, 0, 0, 0x99, 0 };
	struct rig *r = *state;
	uint32_t i, n = 0;
	uint8_t f[200];

	rig_start(r);
	fill(f, sizeof(f), rig_mac, 0x0842);
	memset(f + 60, 0xff, 6);
	for (i = 0; i < 16; i++)
		memcpy(f + 66 + i * 6, rig_mac, 6);
	/* not armed: a frame like others */
	receive(r, f, sizeof(f));
	assert_int_equal(mem32(r, CQ_SHADOW(0)), 1);
	assert_int_equal(mbox(r, mode, 2), 0x4000);
	ack(r);
	assert_int_equal(r->core.mpi.wol_mode, 0x00010002);
	assert_int_equal(RD(r, R_MGMT_RCV_CFG), 0x1000);
	receive(r, f, sizeof(f));
	assert_int_equal(r->core.mpi.wol_wakes, ++n);
	receive(r, f, 161);
	assert_int_equal(r->core.mpi.wol_wakes, n);
	receive(r, f, 162);
	assert_int_equal(r->core.mpi.wol_wakes, ++n);
	assert_int_equal(mem32(r, CQ_SHADOW(0)), 1);
	/* another address */
	assert_int_equal(mbox(r, magic, 8), 0x4000);
	ack(r);
	receive(r, f, sizeof(f));
	assert_int_equal(r->core.mpi.wol_wakes, n);
	for (i = 0; i < 16; i++)
		f[66 + i * 6 + 5] = 0x99;
	receive(r, f, sizeof(f));
	assert_int_equal(r->core.mpi.wol_wakes, ++n);
	f[100] ^= 1;
	receive(r, f, sizeof(f));
	assert_int_equal(r->core.mpi.wol_wakes, n);
	/* a function reset does not give the frames back */
	WR(r, R_RST_FO, 0x80008000);
	assert_int_equal(RD(r, R_MGMT_RCV_CFG), 0x1000);
}

static void test_services(void **state)
{
	const uint32_t pause[3] = { 0x122, 0x00010022, 0x2580 };
	const uint32_t led[2] = { 0x125, 0x03e803e8 };
	const uint32_t stop[2] = { 0x160, 1 }, go[2] = { 0x160, 2 };
	const uint32_t idc[5] = { 0x101, 0x1220100, 7, 8, 9 };
	uint8_t f[60] = { 0x01, 0x80, 0xc2, 0, 0, 1 };
	struct rig *r = *state;

	rig_start(r);
	assert_int_equal(mbox(r, led, 2), 0x4000);
	ack(r);
	mbox1(r, 0x126);
	assert_int_equal(proc_read(r, 0x1191), 0x03e803e8);
	/* traffic of the management processor */
	mbox1(r, 0x161);
	assert_int_equal(proc_read(r, 0x1191), 2);
	mbox(r, stop, 2);
	ack(r);
	mbox1(r, 0x161);
	assert_int_equal(proc_read(r, 0x1191), 3);
	mbox(r, go, 2);
	ack(r);
	mbox1(r, 0x161);
	assert_int_equal(proc_read(r, 0x1191), 2);
	assert_int_equal(mbox(r, idc, 5), 0x4000);
	ack(r);
	assert_int_equal(r->core.mpi.idc_acks, 1);
	assert_memory_equal(r->core.mpi.idc_ack, idc + 1, 16);
	/* link status tells pause and loopback */
	mbox1(r, 0x124);
	assert_int_equal(proc_read(r, 0x1191), 0x11);
	mbox(r, pause, 3);
	ack(r);
	ack(r);
	mbox1(r, 0x124);
	assert_int_equal(proc_read(r, 0x1191), 0x151);
	/* accepted first, done later */
	r->core.mpi.idc_delay = 50;
	assert_int_equal(mbox(r, pause, 3), 0x1000);
	ack(r);
	rig_tick(r, 49999);
	assert_false(RD(r, R_STS) & STS_PI);
	rig_tick(r, 1);
	assert_int_equal(proc_read(r, 0x1190), 0x8100);
	ack(r);
	/* pause frames, of both kinds; not while it hears itself only */
	put_be16(f + 12, 0x8808);
	put_be16(f + 14, 1);
	receive(r, f, 60);
	assert_int_equal(counter(r, X_RX_CTL), 0);
	proc_write(r, 0x1010, 1);
	ack(r);
	ack(r);
	receive(r, f, 60);
	put_be16(f + 14, 0x0101);
	f[17] = 0x81;
	receive(r, f, 60);
	assert_int_equal(counter(r, X_RX_CTL), 2);
	assert_int_equal(counter(r, X_RX_PAUSE), 1);
	assert_int_equal(counter(r, X_RX_CBFC), 1);
	assert_int_equal(counter(r, X_RX_CBFC + 8), 0);
	assert_int_equal(counter(r, X_RX_CBFC + 56), 1);
}

/* What a dump reads tells where it was read. */
static void test_dump(void **state)
{
	const uint32_t ram[9] = { 0x0c, 0x2345, MEM_BASE >> 16, 0x100, 0, 600,
				  0, 0, 0x10 };
	struct rig *r = *state;
	uint32_t i;

	assert_int_equal(mbox(r, ram, 9), 0x4000);
	ack(r);
	for (i = 0; i < 600; i++)
		assert_int_equal(mem32(r, MEM_BASE + 0x100 + i * 4),
				 0xc0102345 + i);
	assert_int_equal(mem32(r, MEM_BASE + 0x100 + 600 * 4), 0);
	assert_int_equal(proc_read(r, 0x30001), 0xc0030001);
	assert_int_equal(proc_read(r, 0x7c00), 0xc0007c00);
	for (i = 0; i < 16; i++) {
		proc_write(r, 0x3007c, 0xb0000000 | i << 20);
		assert_int_equal(proc_read(r, 0x3007f), 0xc0040000 | i);
	}
	WR(r, R_PRB_MX_ADDR, 0x9234);
	assert_int_equal(RD(r, R_PRB_MX_DATA), 0);
	proc_write(r, 0x100e, 0x18a20000);
	assert_int_equal(RD(r, R_PRB_MX_DATA), 0xc0009234);
	/* unpowered */
	WR(r, R_XG_SERDES_ADDR, 0x40000800);
	assert_int_equal(RD(r, R_XG_SERDES_DATA), 1);
	WR(r, R_XG_SERDES_ADDR, 0x40001e06);
	assert_int_equal(RD(r, R_XG_SERDES_DATA), 0);
}

/* Two functions of one card */

static void test_pair(void **state)
{
	struct rig *a = *state, *b = rig_new_function(0x8000, 16, a);
	const uint32_t cfg[3] = { 0x122, 0x00010020, 0x2580 };
	uint32_t i, w[6];

	/* each tells itself from the other, both see both ports */
	assert_int_equal(RD(a, R_STS), 0x103c);
	assert_int_equal(RD(b, R_STS), 0x107c);
	qlge_core_link_set(&b->core, false);
	assert_int_equal(RD(a, R_STS), 0x1034);
	qlge_core_link_set(&b->core, true);
	/* semaphores */
	WR(a, R_SEM, 0x00c00040);
	WR(b, R_SEM, 0x00c00040);
	assert_int_equal(RD(a, R_SEM), 0x40);
	assert_int_equal(RD(b, R_SEM), 0);
	WR(b, R_SEM, 0x00c00000);
	assert_int_equal(RD(a, R_SEM), 0x40);
	WR(b, R_SEM, 0x03000100);
	assert_int_equal(RD(b, R_SEM), 0x100);
	WR(a, R_SEM, 0x00c00000);
	WR(b, R_SEM, 0x00c00040);
	assert_int_equal(RD(b, R_SEM), 0x140);
	WR(a, R_SEM, 0x00c000c0);
	assert_int_equal(RD(a, R_SEM), 0xc0);
	assert_int_equal(RD(b, R_SEM), 0x100);
	WR(a, R_SEM, 0x00c00000);
	WR(b, R_SEM, 0x03000000);
	/* the flash has the address of each */
	for (i = 0; i < 6; i++) {
		WR(b, R_FLASH_ADDR, 0x40050080 + 0x100 * (i / 3) + 4 + i % 3);
		w[i] = RD(b, R_FLASH_DATA);
	}
	assert_int_equal(w[1], 0x01000000);
	assert_int_equal(w[4], 0x11000000);
	/* shared registers, and those that are not */
	WR(a, R_ICB_L, 0x1234);
	assert_int_equal(RD(b, R_ICB_L), 0x1234);
	WR(a, R_NIC_RCV_CFG, 0x00080008);
	assert_int_equal(RD(b, R_NIC_RCV_CFG), 0);
	/* one reaches the other's through the processor */
	assert_int_equal(proc_read(b, 0x20000 | R_NIC_RCV_CFG / 4), 8);
	proc_write(a, 0x20040 | R_NIC_RCV_CFG / 4, 0x00060004);
	assert_int_equal(RD(b, R_NIC_RCV_CFG), 4);
	WR(a, R_NIC_RCV_CFG, 0x00080000);
	WR(b, R_NIC_RCV_CFG, 0x00060000);
	assert_int_equal(proc_read(a, 0x20080), 0);
	/* and its XGMAC, window in window */
	proc_write(a, 0x20040 | R_XGMAC_ADDR / 4, 0x4000010c);
	assert_int_equal(proc_read(a, 0x20040 | R_XGMAC_DATA / 4), 2);
	/* function bits */
	rig_start(a);
	assert_int_equal(RD(b, R_STS) & 0xf00, 0x100);
	rig_start(b);
	assert_int_equal(RD(a, R_STS) & 0xf00, 0x300);
	/* the firmware: mailboxes of their own, the other is asked */
	for (i = 0; i < 3; i++)
		proc_write(b, 0x1280 + i, cfg[i]);
	WR(b, R_CSR, 0x50000000);
	assert_int_equal(proc_read(a, 0x1290), 0x8100);
	assert_int_equal(proc_read(a, 0x1190), 0x8101);
	assert_int_equal(proc_read(a, 0x1191), 0x01220100);
	assert_int_equal(proc_read(a, 0x1192), 0x00010020);
	ack(a);
	ack(b);
	assert_int_equal(proc_read(b, 0x1290), 0x4000);
	ack(b);
	assert_false((RD(a, R_STS) | RD(b, R_STS)) & STS_PI);
	mbox1(a, 0x123);
	assert_int_equal(proc_read(a, 0x1191), 0x10000);
	/* an answer ends the wait */
	b->core.mpi.idc_delay = 500;
	WR(b, R_CSR, 0x50000000);
	assert_int_equal(proc_read(b, 0x1290), 0x1000);
	ack(b);
	ack(a);
	assert_int_equal(mbox1(a, 0x101), 0x4000);
	assert_false(RD(b, R_STS) & STS_PI);
	rig_tick(b, 1);
	assert_int_equal(proc_read(b, 0x1290), 0x8100);
	ack(b);
	/* its reset is everybody's */
	proc_write(b, 0x1010, 1);
	assert_int_equal(proc_read(a, 0x1190), AEN_FW_INIT_DONE);
	assert_int_equal(proc_read(a, 0x1290), AEN_FW_INIT_DONE);
	WR(a, R_CSR, 0x10000000);
	assert_int_equal(RD(b, R_CSR), CSR_RR);
	WR(b, R_CSR, 0x20000000);
	assert_int_equal(RD(a, R_CSR), 0);
	/* a function reset is not */
	WR(a, R_RST_FO, 0x80008000);
	assert_int_equal(RD(b, R_STS) & 0xf00, 0x200);
	/* what the bus resets of one is not the other's port */
	qlge_core_reset(&a->core);
	assert_int_equal(RD(b, R_STS) & 0x30, 0x30);
	/* one leaves, the other stays */
	WR(b, R_SEM, 0x00c00040);
	rig_free(b);
	WR(a, R_SEM, 0x00c00040);
	assert_int_equal(RD(a, R_SEM), 0x40);
	assert_int_equal(RD(a, R_STS), 0x1034);
}

/* The entry in the CAM, and RST_FO of the port, decide who gets a frame. */
static void test_pair_cam(void **state)
{
	struct rig *a = *state, *b = rig_new_function(0x8000, 16, a);
	uint8_t f[100], *shadow;
	uint64_t na = 0, nb = 0;

	rig_start(a);
	rig_start(b);
	/* the drivers' places: entry 0 and entry 128 */
	rig_addr(a, 0, 0, 0, rig_mac, 0x01);
	rig_addr(a, 0, 128, 0, rig_mac1, 0x05);
	fill(f, 100, rig_mac1, 0x88b5);
	receive(b, f, 100);
	assert_int_equal(b->core.counts.rx_frames, ++nb);
	/* at the wrong port: the CAM's function, nobody, or this one */
	receive(a, f, 100);
	assert_int_equal(b->core.counts.rx_frames, ++nb);
	assert_int_equal(b->irqs, 1);
	WR(a, R_RST_FO, 0x00060002);
	receive(a, f, 100);
	WR(a, R_RST_FO, 0x00060006);
	receive(a, f, 100);
	assert_int_equal(b->core.counts.rx_frames, nb);
	assert_int_equal(a->core.counts.rx_frames, ++na);
	WR(a, R_RST_FO, 0x00060000);
	/* the MAC that heard it has counted it */
	assert_int_equal(counter(a, X_RX_PKTS), 3);
	assert_int_equal(counter(b, X_RX_PKTS), 1);
	/* the rules are those of the one who gets it */
	WR(b, R_NIC_RCV_CFG, 0x00060002);
	receive(a, f, 100);
	assert_int_equal(b->core.counts.rx_frames, nb);
	WR(b, R_NIC_RCV_CFG, 0x00060000);
	/* while the other is at work the frame waits in its FIFO */
	b->core.busy = true;
	receive(a, f, 100);
	b->core.busy = false;
	assert_int_equal(b->core.counts.rx_frames, nb);
	assert_true(b->scheduled);
	rig_tick(b, 1);
	assert_int_equal(b->core.counts.rx_frames, ++nb);
	/* and when it is off, or gone, it is lost */
	WR(b, R_RST_FO, 0x80008000);
	receive(a, f, 100);
	assert_int_equal(b->core.fifo.count, 0);
	assert_int_equal(b->core.counts.fifo_drops, 0);
	rig_start(b);
	qlge_core_fault_gone(&b->core, true);
	receive(a, f, 100);
	assert_int_equal(b->core.counts.rx_frames, nb);
	qlge_core_fault_gone(&b->core, false);
	/* that return has left the card alone */
	fill(f, 100, rig_mac, 0x88b5);
	receive(a, f, 100);
	assert_int_equal(a->core.counts.rx_frames, ++na);
	/* equal addresses: each port its own, with its queue */
	rig_start(b);
	rig_cq(b, 2, 0, 256, 512);
	rig_db(b, 130, 0x1c, 496);
	rig_db(b, 130, 0x18, 496);
	rig_addr(a, 0, 0, 0, rig_mac, 0x01);
	rig_addr(a, 0, 128, 0, rig_mac, 0x05 | 2 << 5);
	WR(a, R_RST_FO, 0x00060006);
	WR(b, R_RST_FO, 0x00060006);
	receive(a, f, 100);
	receive(b, f, 100);
	assert_int_equal(a->core.counts.rx_frames, ++na);
	assert_int_equal(b->core.counts.rx_frames, ++nb);
	assert_int_equal(mem32(b, CQ_SHADOW(2)), 1);
	/* groups and VLANs are each function's */
	rig_addr(a, 1, 0, 0x08000000, (const uint8_t *)"\1\0\x5e\1\2\3", 0);
	WR(a, R_MAC_ADDR_IDX, 0x04010000);
	assert_int_equal(RD(a, R_MAC_ADDR_DATA), 0x5e010203);
	assert_int_equal(RD(b, R_MAC_ADDR_DATA), 0);
	WR(a, R_MAC_ADDR_IDX, 0x08020000 | 42 << 4);
	WR(a, R_MAC_ADDR_IDX, 0x04020000 | 42 << 4);
	assert_int_equal(RD(a, R_MAC_ADDR_DATA), 1);
	assert_int_equal(RD(b, R_MAC_ADDR_DATA), 0);
	/* one wire for both */
	a->wired = true;
	b->wired = true;
	memcpy(txdata(a), "\xff\xff\xff\xff\xff\xff", 6);
	tx_plain(a, 0, 0, 100);
	assert_int_equal(b->core.counts.rx_frames, ++nb);
	shadow = rig_mem(a, WQ_SHADOW(0), 4);
	assert_int_equal(get_le32(shadow), 1);
	rig_free(b);
}

static void test_pair_nesting(void **state)
{
	struct rig *a = *state, *b = rig_new_function(0x8000, 16, a);

	rig_start(a);
	rig_start(b);
	/* a's DMA rings b's bell and reads a through b's window */
	WR(b, R_PROC_DATA, 0);
	a->core.cq[0].shadow = SELF_BASE + QLGE_REG_SIZE + R_PROC_ADDR;
	rx_len(a, 100);
	assert_false(b->core.busy);
	assert_int_equal(proc_read(b, 0x20000 | R_REV_ID / 4), 0x10001010);
	/* two cards do not make one */
	assert_int_equal(qlge_core_pair(&a->core, &b->core), -1);
	rig_free(b);
	b = rig_new(0x8012, 16);
	assert_int_equal(qlge_core_pair(&b->core, &a->core), -1);
	rig_free(b);
}

/* Misbehaviour on request */

static void test_fault_event(void **state)
{
	struct rig *r = *state;

	/* refused while nobody could see it, and without a trace */
	assert_int_equal(qlge_core_fault_event(&r->core, 7), -1);
	assert_false(RD(r, R_STS) & STS_FE);
	rig_start(r);
	assert_int_equal(qlge_core_fault_event(&r->core, 7), 0);
	assert_int_equal(mem32(r, CQ_SHADOW(0)), 1);
	assert_int_equal(cqe(r, 0, 0)[0], 0x3f);
	assert_int_equal(cqe(r, 0, 0)[2], 7);
	assert_int_equal(cqe(r, 0, 0)[3], 0);
	assert_int_equal(r->irqs, 1);
	assert_int_equal(qlge_core_fault_event(&r->core, 0x40), 0);
	assert_int_equal(cqe(r, 0, 1)[2], 0x40);
	assert_false(RD(r, R_STS) & STS_FE);
}

static void test_fault_aen(void **state)
{
	static const char * const bad[] = {
		"", " ", "xyz", "8101,2", "123456789", "8101 -1",
		"1 2 3 4 5 6 7 8 9 a b c d e f 10 11",
	};
	struct rig *r = *state;
	uint32_t i;

	rig_start(r);
	WR(r, R_INTR_MASK, 0x00010001);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(qlge_core_fault_aen(&r->core, bad[i]), -1);
	assert_false(RD(r, R_STS) & STS_PI);
	assert_int_equal(qlge_core_fault_aen(&r->core, "8101 1220100 aa 0xbb"),
			 0);
	assert_int_equal(r->irqs, 1);
	assert_int_equal(proc_read(r, 0x1190), 0x8101);
	assert_int_equal(proc_read(r, 0x1191), 0x1220100);
	assert_int_equal(proc_read(r, 0x1192), 0xaa);
	assert_int_equal(proc_read(r, 0x1193), 0xbb);
	assert_int_equal(proc_read(r, 0x1194), 0);
	/* the next one waits for the acknowledgment */
	assert_int_equal(qlge_core_fault_aen(&r->core, "ffff"), 0);
	assert_int_equal(proc_read(r, 0x1190), 0x8101);
	ack(r);
	assert_int_equal(proc_read(r, 0x1190), 0xffff);
	ack(r);
	assert_false(RD(r, R_STS) & STS_PI);
	for (i = 0; i < 100; i++)
		qlge_core_fault_aen(&r->core, "8131");
	for (i = 0; RD(r, R_STS) & STS_PI; i++)
		ack(r);
	assert_in_range(i, 10, 20);
}

static void send_command(struct rig *r, uint32_t cmd)
{
	proc_write(r, 0x1180, cmd);
	WR(r, R_CSR, 0x50000000);
}

static void test_fault_mpi(void **state)
{
	struct rig *r = *state;
	uint32_t i;

	rig_start(r);
	assert_int_equal(qlge_core_fault_mpi(&r->core, 4), -1);
	/* silent: no command is taken, no event comes */
	assert_int_equal(qlge_core_fault_mpi(&r->core, QLGE_MPI_SILENT), 0);
	send_command(r, 0x08);
	qlge_core_link_set(&r->core, false);
	qlge_core_link_set(&r->core, true);
	assert_int_equal(RD(r, R_CSR), CSR_HRI);
	assert_false(RD(r, R_STS) & STS_PI);
	/* a function reset is not its business */
	WR(r, R_RST_FO, 0x80008000);
	rig_start(r);
	assert_int_equal(RD(r, R_CSR), CSR_HRI);
	/* a soft reset is */
	proc_write(r, 0x1010, 1);
	assert_int_equal(RD(r, R_CSR), 0);
	assert_int_equal(proc_read(r, 0x1190), AEN_FW_INIT_DONE);
	ack(r);
	assert_int_equal(proc_read(r, 0x1190), AEN_LINK_UP);
	ack(r);
	assert_int_equal(mbox1(r, 0x08), 0x4000);
	assert_int_equal(r->core.chip->fault, QLGE_MPI_HEALTHY);
	/* so is a hard one */
	qlge_core_fault_mpi(&r->core, QLGE_MPI_SILENT);
	WR(r, R_CSR, 0x10000000);
	WR(r, R_CSR, 0x20000000);
	assert_int_equal(proc_read(r, 0x1190), AEN_FW_INIT_DONE);
	ack(r);
	ack(r);
	/* dead: nothing helps, but the registers answer */
	qlge_core_fault_mpi(&r->core, QLGE_MPI_DEAD);
	WR(r, R_CSR, 0x10000000);
	assert_int_equal(RD(r, R_CSR), CSR_RR);
	WR(r, R_CSR, 0x20000000);
	proc_write(r, 0x1010, 1);
	send_command(r, 0x08);
	assert_int_equal(RD(r, R_CSR), CSR_HRI);
	assert_false(RD(r, R_STS) & STS_PI);
	qlge_core_reset(&r->core);
	assert_int_equal(r->core.chip->fault, QLGE_MPI_DEAD);
	/* healed by hand, it goes on where it stood; events are gone */
	rig_start(r);
	send_command(r, 0x08);
	qlge_core_link_set(&r->core, false);
	qlge_core_link_set(&r->core, true);
	assert_int_equal(qlge_core_fault_mpi(&r->core, QLGE_MPI_HEALTHY), 0);
	assert_int_equal(proc_read(r, 0x1190), 0x4000);
	ack(r);
	assert_false(RD(r, R_STS) & STS_PI);
	/* it falls silent with something left to say */
	qlge_core_link_set(&r->core, false);
	qlge_core_link_set(&r->core, true);
	qlge_core_fault_mpi(&r->core, QLGE_MPI_SILENT);
	ack(r);
	assert_false(RD(r, R_STS) & STS_PI);
	qlge_core_fault_mpi(&r->core, QLGE_MPI_HEALTHY);
	assert_int_equal(proc_read(r, 0x1190), AEN_LINK_UP);
	ack(r);
	/* late: 6 s, in order, and no more than four under way */
	qlge_core_fault_mpi(&r->core, QLGE_MPI_LATE);
	for (i = 0; i < 5; i++) {
		send_command(r, i & 1 ? 0x7777 : 0x69);
		assert_int_equal(RD(r, R_CSR), i == 4 ? CSR_HRI : 0);
		rig_tick(r, 1000);
	}
	rig_tick(r, 5994000);
	assert_false(RD(r, R_STS) & STS_PI);
	rig_tick(r, 1000);
	assert_int_equal(proc_read(r, 0x1190), 0x4000);
	assert_int_equal(RD(r, R_CSR), 0);
	rig_tick(r, 1000);
	ack(r);
	assert_int_equal(proc_read(r, 0x1190), 0x4001);
	ack(r);
	assert_false(RD(r, R_STS) & STS_PI);
	/* a reset forgets what is under way */
	proc_write(r, 0x1010, 1);
	ack(r);
	ack(r);
	rig_tick(r, 7000000);
	assert_false(RD(r, R_STS) & STS_PI);
}

static void test_fault_irq_lost(void **state)
{
	struct rig *r = *state;

	rig_start(r);
	r->core.fault.irq_lost = 2;
	rx_len(r, 100);
	assert_int_equal(r->irqs, 0);
	/* it was sent: the vector is masked, only an enable brings the next */
	assert_false(r->core.en[0]);
	rx_len(r, 100);
	assert_int_equal(r->core.fault.irq_lost, 1);
	WR(r, R_INTR_EN, 0x237f2100);
	assert_int_equal(r->core.fault.irq_lost, 0);
	assert_int_equal(r->irqs, 0);
	WR(r, R_INTR_EN, 0x237f2100);
	assert_int_equal(r->irqs, 1);
}

static void test_fault_tx(void **state)
{
	struct rig *r = *state;
	uint32_t i;

	rig_start(r);
	rig_wq(r, 1, 1, 256);
	qlge_core_fault_tx_hold(&r->core, true);
	for (i = 0; i < 40; i++)
		tx_plain(r, i & 1, i / 2, 100);
	rig_tick(r, 100000);
	assert_int_equal(r->sent, 0);
	assert_int_equal(mem32(r, WQ_SHADOW(0)), 0);
	assert_int_equal(mem32(r, CQ_SHADOW(1)), 0);
	/* reception is not concerned, nor is a reset hindered */
	rx_len(r, 100);
	assert_int_equal(mem32(r, CQ_SHADOW(0)), 1);
	/* slow: so many per millisecond, over both queues */
	qlge_core_fault_tx_rate(&r->core, 3);
	qlge_core_fault_tx_hold(&r->core, false);
	assert_int_equal(r->sent, 3);
	rig_tick(r, 900);
	assert_int_equal(r->sent, 3);
	for (i = 0; i < 5; i++)
		rig_tick(r, 1000);
	assert_int_equal(r->sent, 18);
	tx_plain(r, 0, 20, 100);
	assert_int_equal(r->sent, 18);
	qlge_core_fault_tx_rate(&r->core, 0);
	assert_int_equal(r->sent, 41);
	assert_int_equal(mem32(r, CQ_SHADOW(1)), 41);
	/* the limit counts requests, not segments, and a reset ends it all */
	qlge_core_fault_tx_rate(&r->core, 1);
	rig_tick(r, 2000);
	r->sent = 0;
	tso(r, false, 10000, 100, 0);
	for (i = 0; i < 3; i++)
		rig_tick(r, 10);
	assert_int_equal(r->sent, 100);
	qlge_core_fault_tx_hold(&r->core, true);
	tx_plain(r, 0, 22, 100);
	WR(r, R_RST_FO, 0x80008000);
	qlge_core_fault_tx_hold(&r->core, false);
	rig_tick(r, 2000);
	assert_int_equal(r->sent, 100);
}

static void test_fault_cqe(void **state)
{
	static const char * const bad[] = {
		"x", "le", "lenx", "len=", "len=100000000", "len@", "len@128",
		"len@1x", "tid@1=2",
	};
	struct rig *r = *state;
	uint32_t i;

	rig_start(r);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(qlge_core_fault_cqe(&r->core, bad[i]), -1);
		assert_int_equal(r->core.fault.cqe, QLGE_CQE_NONE);
	}
	/* once, and on the next one that has such a field */
	assert_int_equal(qlge_core_fault_cqe(&r->core, "len"), 0);
	tx_plain(r, 0, 0, 100);
	assert_int_equal(get_le32(cqe(r, 1, 0) + 4), 0);
	rx_len(r, 100);
	assert_int_equal(get_le32(cqe(r, 0, 0) + 4), UINT32_MAX);
	rx_len(r, 100);
	assert_int_equal(get_le32(cqe(r, 0, 1) + 4), 100);
	qlge_core_fault_cqe(&r->core, "len=801@0");
	rx_len(r, 100);
	assert_int_equal(get_le32(cqe(r, 0, 2) + 4), 0x801);
	/* only of that queue */
	qlge_core_fault_cqe(&r->core, "opcode@0");
	tx_plain(r, 0, 1, 100);
	assert_int_equal(cqe(r, 1, 1)[0], 1);
	rx_len(r, 100);
	assert_int_equal(cqe(r, 0, 3)[0], 0x7e);
	qlge_core_fault_cqe(&r->core, "queue=5");
	rx_len(r, 100);
	tx_plain(r, 0, 2, 100);
	assert_int_equal(get_le32(cqe(r, 1, 2) + 8), 5);
	assert_int_equal(get_le32(cqe(r, 1, 2) + 4), 2);
	qlge_core_fault_cqe(&r->core, "tid");
	tx_plain(r, 0, 3, 100);
	assert_int_equal(get_le32(cqe(r, 1, 3) + 4), UINT32_MAX);
	assert_int_equal(get_le32(cqe(r, 1, 3) + 8), 0x77000000);
	qlge_core_fault_cqe(&r->core, "flags=8040@1");
	tx_plain(r, 0, 4, 100);
	assert_int_equal(get_le32(cqe(r, 1, 4)), 0x00804001);
	/* the index alone; the next entry puts it right */
	qlge_core_fault_cqe(&r->core, "cq-index@1");
	tx_plain(r, 0, 5, 100);
	assert_int_equal(mem32(r, CQ_SHADOW(1)), 256 + 6);
	assert_int_equal(get_le32(cqe(r, 1, 5) + 4), 5);
	tx_plain(r, 0, 6, 100);
	assert_int_equal(mem32(r, CQ_SHADOW(1)), 7);
	/* taken back */
	qlge_core_fault_cqe(&r->core, "tid");
	assert_int_equal(qlge_core_fault_cqe(&r->core, ""), 0);
	tx_plain(r, 0, 7, 100);
	assert_int_equal(get_le32(cqe(r, 1, 7) + 4), 7);
}

static void test_fault_flap(void **state)
{
	struct rig *r = *state;
	uint32_t i;

	rig_start(r);
	assert_int_equal(qlge_core_fault_flap(&r->core, 1000001), -1);
	assert_int_equal(qlge_core_fault_flap(&r->core, 2), 0);
	for (i = 0; i < 4; i++) {
		assert_int_equal(!!(RD(r, R_STS) & STS_PL(0)), i & 1);
		assert_int_equal(proc_read(r, 0x1190),
				 i & 1 ? AEN_LINK_UP : AEN_LINK_DOWN);
		ack(r);
		assert_false(RD(r, R_STS) & STS_PI);
		/* nothing passes a link that is down */
		rx_len(r, 100);
		assert_int_equal(mem32(r, CQ_SHADOW(0)), (i + 1) / 2);
		rig_tick(r, 999);
		assert_false(RD(r, R_STS) & STS_PI);
		rig_tick(r, 1);
	}
	assert_false(RD(r, R_STS) & STS_PI);
	assert_int_equal(r->core.fault.flap, 0);
	/* the plug is pulled meanwhile: it ends as it then is */
	qlge_core_fault_flap(&r->core, 3);
	rig_tick(r, 1000);
	qlge_core_link_set(&r->core, false);
	for (i = 0; i < 10; i++)
		rig_tick(r, 1000);
	assert_false(RD(r, R_STS) & STS_PL(0));
	assert_int_equal(qlge_core_fault_flap(&r->core, 1), -1);
	qlge_core_link_set(&r->core, true);
	assert_true(RD(r, R_STS) & STS_PL(0));
	/* called off */
	qlge_core_fault_flap(&r->core, 5);
	assert_false(RD(r, R_STS) & STS_PL(0));
	qlge_core_fault_flap(&r->core, 0);
	assert_true(RD(r, R_STS) & STS_PL(0));
	rig_tick(r, 5000);
	assert_true(RD(r, R_STS) & STS_PL(0));
}

static void test_fault_gone(void **state)
{
	struct rig *r = *state, *peer = rig_new_function(0x8000, 256, r);
	uint64_t dma;

	rig_start(r);
	r->mode = QLGE_IRQ_INTX;
	WR(r, R_INTR_EN, 0x437f4100);
	rx_len(r, 100);
	assert_true(r->line);
	dma = r->core.counts.dma_reads + r->core.counts.dma_writes;
	qlge_core_fault_gone(&r->core, true);
	assert_false(r->line);
	assert_int_equal(RD(r, R_STS), UINT32_MAX);
	assert_int_equal(RD(r, R_FSC), UINT32_MAX);
	assert_int_equal(RD(r, 0x1234), UINT32_MAX);
	assert_int_equal(qlge_core_doorbell_read(&r->core, 128 * 4096),
			 UINT32_MAX);
	WR(r, R_FSC, 0x80000000);
	rig_db(r, 128, 0, 1);
	tx_plain(r, 0, 0, 100);
	rx_len(r, 100);
	qlge_core_link_set(&r->core, false);
	qlge_core_link_set(&r->core, true);
	assert_int_equal(qlge_core_fault_event(&r->core, 7), -1);
	assert_int_equal(qlge_core_fault_aen(&r->core, "8131"), -1);
	qlge_core_fault_fe(&r->core, true);
	qlge_core_irq_update(&r->core);
	/* the firmware of both starts again for the one that is there */
	WR(peer, R_CSR, 0x10000000);
	WR(peer, R_CSR, 0x20000000);
	rig_tick(r, 100000);
	assert_int_equal(r->core.counts.dma_reads + r->core.counts.dma_writes,
			 dma);
	assert_int_equal(r->sent, 0);
	assert_false(r->line);
	rig_check(r);
	rig_free(peer);
	/* plugged in again, it is as new */
	qlge_core_fault_gone(&r->core, false);
	assert_int_equal(RD(r, R_STS), 0x1014);
	assert_int_equal(RD(r, R_FSC), 0);
	assert_int_equal(RD(r, R_ISR1), 0);
	/* a bus reset does not bring it back */
	qlge_core_fault_gone(&r->core, true);
	qlge_core_reset(&r->core);
	assert_int_equal(RD(r, R_STS), UINT32_MAX);
	qlge_core_fault_gone(&r->core, false);
	r->mode = QLGE_IRQ_MSIX;
	rig_start(r);
	rx_len(r, 100);
	assert_int_equal(mem32(r, CQ_SHADOW(0)), 1);
}

/* Save and load */

static uint8_t *save(struct rig *r, size_t *size)
{
	uint8_t *buf;

	*size = qlge_core_save(&r->core, NULL, 0);
	assert_in_range(*size, 1, qlge_core_state_max(&r->core));
	buf = malloc(*size);
	assert_non_null(buf);
	assert_int_equal(qlge_core_save(&r->core, buf, *size), *size);
	assert_int_equal(qlge_core_save(&r->core, buf, *size - 1), 0);
	assert_int_equal(qlge_core_save(&r->core, buf, *size), *size);
	return buf;
}

/* In the middle of everything: nothing of it may be in a quiet state. */
static void busy_state(struct rig *r)
{
	uint8_t icb[1084] = { 0x80, 0xff, 0xff, 0x03 }, delay[52] = { 0, 0, 0, 0x40 };
	uint32_t i;

	rig_start(r);
	rig_cq(r, 2, 3, 32, 512);
	rig_db(r, 130, 0x1c, 16);
	rig_db(r, 130, 0x18, 496);
	for (i = 0; i < 1080; i++)
		icb[4 + i] = i < 1024 ? 2 : (uint8_t)(i * 7);
	rig_put(r, ICB, icb, sizeof(icb));
	rig_cfg(r, CFG_LR, 0);
	rig_route(r, 8, 0, 0x80000000);
	put_le16(delay + 24, 50);
	put_le16(delay + 26, 200);
	rig_put(r, ICB, delay, sizeof(delay));
	rig_cfg(r, CFG_LCQ, 0);
	rig_addr(r, 1, 5, 0x08000000, (const uint8_t *)"\1\0\x5e\1\2\3", 0);
	WR(r, R_MAC_ADDR_IDX, 0x08020000 | 99 << 4);
	WR(r, R_INTR_MASK, 0x00010001);
	WR(r, R_SEM, 0x03000100);
	proc_write(r, 0x1181, 0xabcd);
	/* a delay that runs, a FIFO that waits, a large send in its middle */
	rx_len(r, 100);
	assert_true(r->core.cq[0].waiting);
	for (i = 0; i < 20; i++) {
		uint8_t f[200];
		size_t len = tcp4(f, rig_mac, (uint16_t)i, 100 + i);

		receive(r, f, len);
	}
	assert_int_equal(r->core.fifo.count, 4);
	tso(r, false, 60000, 500, 0x10);
	r->core.fault.tx_hold = true;
	/* events, late completions, a link that flaps */
	qlge_core_fault_aen(&r->core, "8131 1 2 3");
	qlge_core_fault_aen(&r->core, "8130 1");
	qlge_core_fault_mpi(&r->core, QLGE_MPI_LATE);
	send_command(r, 0x69);
	qlge_core_fault_cqe(&r->core, "tid=77@1");
	qlge_core_fault_flap(&r->core, 2);
	r->core.fault.irq_lost = 1;
	assert_true(r->core.tso.active && r->core.tso.done);
}

/* What a guest sees of it from here on, as one sum. */
static uint64_t aftermath(struct rig *r)
{
	uint64_t sum = 0;
	uint32_t i, k;

	for (i = 0; i < 100; i++)
		rig_tick(r, 100);
	qlge_core_fault_tx_hold(&r->core, false);
	rig_db(r, 130, 0x1c, 496);
	rig_db(r, 130, 0, 8);
	rig_db(r, 128, 0, 1);
	WR(r, R_INTR_EN, 0x237f2100);
	tx_plain(r, 0, 1, 100);
	rx_len(r, 300);
	rig_tick(r, 6000000);
	for (i = 0; i < 8; i++) {
		sum = sum * 31 + proc_read(r, 0x1190);
		ack(r);
	}
	for (i = 0; i < QLGE_REG_SIZE; i += 4)
		sum = sum * 31 + RD(r, i);
	for (i = 0; i < 4; i++)
		for (k = 0; k < 0x20; k += 4)
			sum = sum * 31 + qlge_core_doorbell_read(&r->core,
						(128 + i) * 4096 + k);
	for (i = 0; i < r->sent && i < WIRE_MAX; i++)
		for (k = 0; k < r->wire[i].len; k++)
			sum = sum * 31 + r->wire[i].data[k];
	for (i = 0; i < 8; i++)
		sum = sum * 31 + r->vectors[i];
	return sum * 31 + counter(r, X_RX_PKTS) + counter(r, X_TX_BYTES) * 7;
}

/* A field that the stream forgets is one that differs here. */
static void assert_same_core(struct rig *a, struct rig *b)
{
	static struct qlge_chip chips[2];
	static struct qlge_core cores[2];
	struct rig *r[2] = { a, b };
	uint32_t i;

	for (i = 0; i < 2; i++) {
		struct qlge_core *c = &cores[i];

		memcpy(c, &r[i]->core, sizeof(*c));
		memcpy(&chips[i], c->chip, sizeof(chips[i]));
		memset(chips[i].fn, 0, sizeof(chips[i].fn));
		c->chip = NULL;
		c->opaque = NULL;
		c->txbuf = NULL;
		c->fifo.slot = NULL;
		/* it goes on in its own way */
		c->timer_at = 0;
		c->scheduled = false;
		c->resumed = false;
		c->fifo.head = 0;
	}
	assert_memory_equal(&cores[0], &cores[1], sizeof(cores[0]));
	assert_memory_equal(&chips[0], &chips[1], sizeof(chips[0]));
	if (a->core.tso.active)
		assert_memory_equal(a->core.txbuf + TX_HEADROOM,
				    b->core.txbuf + TX_HEADROOM,
				    a->core.tso.len);
}

static void test_state(void **state)
{
	struct rig *r = *state, *to = rig_new(0x8000, 256);
	uint8_t *buf, *again;
	size_t size, n;

	busy_state(r);
	buf = save(r, &size);
	/* the other machine: same memory, same time */
	memcpy(to->mem, r->mem, MEM_SIZE);
	memcpy(to->wire, r->wire, sizeof(r->wire));
	memcpy(to->vectors, r->vectors, sizeof(r->vectors));
	to->now = r->now;
	to->sent = r->sent;
	to->irqs = r->irqs;
	assert_int_equal(qlge_core_load(&to->core, buf, size), 0);
	assert_same_core(to, r);
	again = save(to, &n);
	assert_int_equal(n, size);
	assert_memory_equal(again, buf, size);
	/* nothing moves before the clock does */
	assert_memory_equal(to->mem, r->mem, MEM_SIZE);
	assert_false(to->scheduled);
	assert_true(aftermath(to) == aftermath(r));
	assert_memory_equal(to->mem, r->mem, MEM_SIZE);
	assert_int_equal(to->sent, 121);
	assert_int_equal(to->core.fifo.count, 0);
	assert_int_equal(mem32(to, CQ_SHADOW(2)), 20);
	/* another kind of device, or another card, is refused */
	rig_free(to);
	to = rig_new(0x8012, 256);
	assert_int_equal(qlge_core_load(&to->core, buf, size), -1);
	rig_free(to);
	to = rig_new(0x8000, 3);
	assert_int_equal(qlge_core_load(&to->core, buf, size), -1);
	/* which leaves a card as after a reset */
	assert_int_equal(RD(to, R_FSC), 0);
	rig_start(to);
	rx_len(to, 100);
	assert_int_equal(mem32(to, CQ_SHADOW(0)), 1);
	rig_free(to);
	free(again);
	free(buf);
}

/* A stream that is cut off anywhere, or wrong anywhere, does no harm. */
static void test_state_hostile(void **state)
{
	static const uint8_t values[] = { 0xff, 0x80, 0x7f, 0x01, 0x00 };
	struct rig *r = *state;
	uint32_t refused = 0, taken = 0, k;
	size_t size, i, step;
	uint8_t *buf, *cut, *longer;

	busy_state(r);
	buf = save(r, &size);
	for (i = 0; i <= size; i += i < 600 ? 1 : 997) {
		cut = malloc(i ? i : 1);
		assert_non_null(cut);
		memcpy(cut, buf, i);
		assert_int_equal(qlge_core_load(&r->core, cut, i),
				 i == size ? 0 : -1);
		free(cut);
	}
	longer = calloc(1, size + 1);
	assert_non_null(longer);
	memcpy(longer, buf, size);
	assert_int_equal(qlge_core_load(&r->core, longer, size + 1), -1);
	free(longer);
	/*
	 * The address tables and the counters hold anything; the rest is looked
	 * at byte by byte, and what is accepted has to work.
	 */
	for (i = 0; i < size; i += step) {
		uint8_t was = buf[i];

		step = i > 100 && i < 100 + 4 * QLGE_ADDR_WORDS ? 331 : 7;
		buf[i] = values[i / step % ARRAY_SIZE(values)];
		if (qlge_core_load(&r->core, buf, size)) {
			refused++;
			/* which leaves one that may be saved */
			assert_true(qlge_core_save(&r->core, NULL, 0) > 0);
		} else {
			taken++;
			r->line = r->core.line;
			for (k = 0; k < 4; k++)
				rig_tick(r, 2000000);
			rig_db(r, 130, 0x1c, 496);
			rig_db(r, 130, 0, 8);
			rx_len(r, 3000);
			tx_plain(r, 0, 1, 100);
			ack(r);
			rig_tick(r, 1000);
		}
		rig_check(r);
		buf[i] = was;
	}
	assert_in_range(refused, 200, 100000);
	assert_in_range(taken, 1000, 100000);
	free(buf);
}

/* Load "buf" with the first byte that is another one now, which is refused. */
static void dent(struct rig *r, uint8_t *buf, size_t size)
{
	size_t now, i;
	uint8_t *other = save(r, &now);

	assert_int_equal(now, size);
	for (i = 0; i < size && other[i] == buf[i]; i++)
		;
	assert_true(i < size);
	buf[i] = other[i];
	assert_int_equal(qlge_core_load(&r->core, buf, size), -1);
	rig_check(r);
	assert_false(r->core.fault.gone);
	free(other);
	free(buf);
}

/* Each part is possible, but not all of them together. */
static void test_state_contradiction(void **state)
{
	struct rig *r = *state, *peer = rig_new_function(0x8000, 256, r);
	struct qlge_core *c = &r->core;
	uint8_t *buf;
	size_t size;

	rig_start(r);
	rig_start(peer);
	/* two events, and nothing says so */
	qlge_core_fault_aen(c, "8131 1 2 3");
	qlge_core_fault_aen(c, "8130 1");
	c->sts &= ~(uint32_t)STS_PI;
	buf = save(r, &size);
	assert_int_equal(qlge_core_load(c, buf, size), 0);
	rig_tick(r, 0);
	rig_check(r);
	assert_int_equal(proc_read(r, 0x1190), 0x8130);
	free(buf);
	/* a firmware that is not silent any more, for the other function, too */
	buf = save(r, &size);
	qlge_core_fault_aen(&peer->core, "8131");
	qlge_core_fault_aen(&peer->core, "8130 1");
	qlge_core_fault_mpi(c, QLGE_MPI_SILENT);
	ack(peer);
	rig_check(peer);
	assert_int_equal(proc_read(peer, 0x1290), 0x8131);
	assert_int_equal(qlge_core_load(c, buf, size), 0);
	rig_tick(peer, 0);
	rig_check(peer);
	assert_int_equal(proc_read(peer, 0x1290), 0x8130);
	free(buf);
	/* the same by a reset */
	qlge_core_fault_aen(&peer->core, "8131");
	qlge_core_fault_mpi(c, QLGE_MPI_SILENT);
	ack(peer);
	rig_check(peer);
	qlge_core_reset(c);
	rig_check(peer);
	assert_int_equal(proc_read(peer, 0x1290), 0x8131);
	rig_start(r);
	/* a link without a cable */
	buf = save(r, &size);
	c->link = !c->plug;
	c->fault.flap = 2;
	dent(r, buf, size);
	/* a card that is gone, and its line is up */
	c->fault.flap = 0;
	c->link = c->plug;
	c->line = true;
	buf = save(r, &size);
	c->line = false;
	c->fault.gone = true;
	dent(r, buf, size);
	rig_free(peer);
}

static void test_state_pair(void **state)
{
	struct rig *a = *state, *b = rig_new_function(0x8000, 256, a);
	uint8_t *sa, *sb;
	size_t na, nb;

	rig_start(a);
	rig_start(b);
	WR(a, R_SEM, 0x00c00040);
	rig_addr(a, 0, 128, 0, rig_mac1, 0x05);
	sa = save(a, &na);
	sb = save(b, &nb);
	qlge_core_reset(&a->core);
	qlge_core_reset(&b->core);
	assert_int_equal(qlge_core_load(&a->core, sa, na), 0);
	assert_int_equal(qlge_core_load(&b->core, sb, nb), 0);
	WR(b, R_SEM, 0x00c00040);
	assert_int_equal(RD(b, R_SEM), 0);
	WR(b, R_MAC_ADDR_IDX, 0x06000000 | 128 << 4);
	assert_int_equal(RD(b, R_MAC_ADDR_DATA), 0x11);
	/* they are not exchangeable */
	assert_int_equal(qlge_core_load(&a->core, sb, nb), -1);
	free(sa);
	free(sb);
	rig_free(b);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_probe), cmocka_unit_test(test_probe_8012),
		T(test_masked), T(test_semaphores), T(test_mailbox),
		T(test_events), T(test_mpi_reset), T(test_window), T(test_icb),
		T(test_tx_plain), T(test_tx_gather), T(test_tx_vlan),
		T(test_tx_checksum), T(test_tso), T(test_tso_bounded),
		T(test_tx_cq_full), T(test_tx_invalid), T(test_rx_cases),
		T(test_rx_split), T(test_rx_producer), T(test_rx_reread),
		T(test_rx_pages), cmocka_unit_test(test_rx_fifo),
		T(test_rx_cq_full), T(test_rx_checksum), T(test_rx_vlan),
		T(test_filter), T(test_routing), T(test_rss), T(test_irq),
		T(test_vectors), T(test_coalescing), T(test_reset),
		T(test_dma_errors), T(test_loopback), T(test_shared_cq),
		T(test_nesting), T(test_counters), T(test_wol), T(test_services),
		T(test_dump), T(test_pair), T(test_pair_cam),
		T(test_pair_nesting), T(test_fault_event),
		T(test_fault_aen), T(test_fault_mpi), T(test_fault_irq_lost),
		T(test_fault_tx), T(test_fault_cqe), T(test_fault_flap),
		T(test_fault_gone), T(test_state), T(test_state_hostile),
		T(test_state_contradiction), T(test_state_pair),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

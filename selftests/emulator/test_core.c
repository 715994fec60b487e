// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unit tests of the device model, after the hardware reference: a file for each
 * of its files.  Here are those of qlge_core.c, and all are run.
 */
#include "test_core.h"

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

/* The card does not mind; it counts what a driver has done without. */
static void test_unowned(void **state)
{
	static const struct {
		uint32_t reg, val;
		unsigned int sem;
	} guarded[] = {
		{ R_PROC_ADDR, WINDOW_READ, 14 },
		{ R_CFG, CFG_DCQ << 16 | CFG_DCQ, 4 },
		{ R_XGMAC_ADDR, X_STAT_CNT_CTL, 0 },
		{ R_FLASH_ADDR, WINDOW_READ, 8 },
		{ R_MAC_ADDR_IDX, 0x04000000, 6 },
		{ R_RT_IDX, 0x04000000, 12 },
	};
	struct rig *r = *state;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(guarded); i++) {
		uint32_t field = 3u << guarded[i].sem;

		/* all the others do not help */
		WR(r, R_SEM, (0xffffu & ~field) << 16 | (0x5555u & ~field));
		WR(r, guarded[i].reg, guarded[i].val);
		assert_int_equal(r->core.counts.unowned, i + 1);
		WR(r, R_SEM, field << 16 | (0x5555u & field));
		WR(r, guarded[i].reg, guarded[i].val);
		assert_int_equal(r->core.counts.unowned, i + 1);
		WR(r, R_SEM, 0xffff0000);
	}
	/* a core dump */
	WR(r, R_SEM, 0xc0004000);
	WR(r, R_XGMAC_ADDR, WINDOW_READ);
	WR(r, R_SEM, 0xc0000000);
	/* nor do a CFG that starts nothing and other registers count */
	WR(r, R_CFG, CFG_DCQ);
	WR(r, R_GPIO_1, 0xffffffff);
	assert_int_equal(r->core.counts.unowned, ARRAY_SIZE(guarded));
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
	/* there, an enable alone has no effect after a message */
	WR(r, R_INTR_EN, 0x037f0100);
	assert_int_equal(r->vectors[0], 1);
	WR(r, R_INTR_EN, 0x037f0200);
	WR(r, R_INTR_EN, 0x037f0100);
	assert_int_equal(r->vectors[0], 2);
	/* and a level with INTx */
	r->mode = QLGE_IRQ_INTX;
	WR(r, R_INTR_EN, 0x437f4100);
	assert_true(r->line);
	WR(r, R_INTR_EN, 0x437f0200);
	assert_false(r->line);
	WR(r, R_INTR_EN, 0x437f4100);
	rig_db(r, 129, 0, r->core.cq[1].prod);
	assert_false(r->line);
	assert_int_equal(r->irqs, 3);
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

static const struct CMUnitTest core_tests[] = {
	T(test_probe), PLAIN(test_probe_8012), T(test_masked),
	T(test_semaphores), T(test_unowned), T(test_icb), T(test_irq), T(test_vectors),
	T(test_coalescing), T(test_reset), T(test_dma_errors),
	T(test_loopback), T(test_shared_cq), T(test_nesting),
	T(test_counters),
	{ 0 }
};

int main(void)
{
	static const struct CMUnitTest *const files[] = {
		core_tests, mpi_tests, tx_tests, rx_tests, filter_tests,
		fault_tests, state_tests,
	};
	/* cmocka passes over the empty ones. */
	struct CMUnitTest tests[100] = { 0 };
	const struct CMUnitTest *test;
	unsigned int i, n = 0;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		for (test = files[i]; test->name; test++) {
			if (n == ARRAY_SIZE(tests))
				return 1;
			tests[n++] = *test;
		}
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}

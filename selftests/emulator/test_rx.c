// SPDX-License-Identifier: GPL-2.0-only
/* Receive: buffers, completions, what a completion says */
#include "test_core.h"

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

const struct CMUnitTest rx_tests[] = {
	T(test_rx_cases), T(test_rx_split), T(test_rx_producer),
	T(test_rx_reread), T(test_rx_pages), PLAIN(test_rx_fifo),
	T(test_rx_cq_full), T(test_rx_checksum), T(test_rx_vlan),
	{ 0 }
};

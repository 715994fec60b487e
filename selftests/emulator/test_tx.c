// SPDX-License-Identifier: GPL-2.0-only
/* Transmit: requests, checksums, large sends */
#include "test_core.h"

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

const struct CMUnitTest tx_tests[] = {
	T(test_tx_plain), T(test_tx_gather), T(test_tx_vlan),
	T(test_tx_checksum), T(test_tso), T(test_tso_bounded),
	T(test_tx_cq_full), T(test_tx_invalid),
	{ 0 }
};

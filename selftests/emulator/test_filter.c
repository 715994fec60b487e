// SPDX-License-Identifier: GPL-2.0-only
/* Which frames are taken, and by which queue */
#include "test_core.h"

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

const struct CMUnitTest filter_tests[] = {
	T(test_filter), T(test_routing), T(test_rss),
	{ 0 }
};

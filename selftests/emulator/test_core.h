/* SPDX-License-Identifier: GPL-2.0-only */
/* What the unit tests share: a machine for each, frames, requests, commands. */
#ifndef TEST_CORE_H
#define TEST_CORE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "test_rig.h"

#define RD(r, reg)	qlge_core_reg_read(&(r)->core, reg)
#define WR(r, reg, val)	qlge_core_reg_write(&(r)->core, reg, val)

/* With a machine, or with one of its own; each list ends with an empty one. */
#define T(name)		cmocka_unit_test_setup_teardown(name, setup, teardown)
#define PLAIN(name)	cmocka_unit_test(name)

extern const struct CMUnitTest mpi_tests[], tx_tests[], rx_tests[];
extern const struct CMUnitTest filter_tests[], fault_tests[], state_tests[];

static inline int setup(void **state)
{
	*state = rig_new(0x8000, 256);
	return 0;
}

static inline int teardown(void **state)
{
	struct rig *r = *state;

	rig_check(r);
	rig_free(r);
	return 0;
}

static inline uint32_t mem32(struct rig *r, uint64_t addr)
{
	return get_le32(rig_mem(r, addr, 4));
}

static inline const uint8_t *cqe(struct rig *r, uint32_t q, uint32_t i)
{
	return rig_mem(r, CQ_RING(q) + i * 64, 64);
}

static inline uint32_t proc_read(struct rig *r, uint32_t addr)
{
	WR(r, R_PROC_ADDR, addr | WINDOW_READ);
	return RD(r, R_PROC_DATA);
}

static inline void proc_write(struct rig *r, uint32_t addr, uint32_t val)
{
	WR(r, R_PROC_DATA, val);
	WR(r, R_PROC_ADDR, addr);
}

/* Send a command; the answer stays in the mailbox until acknowledged. */
static inline uint32_t mbox(struct rig *r, const uint32_t *in, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		proc_write(r, 0x1180 + i, in[i]);
	WR(r, R_CSR, 0x50000000);
	assert_true(RD(r, R_STS) & STS_PI);
	return proc_read(r, 0x1190);
}

static inline void ack(struct rig *r)
{
	WR(r, R_CSR, 0xa0000000);
}

static inline uint32_t mbox1(struct rig *r, uint32_t cmd)
{
	uint32_t status = mbox(r, &cmd, 1);

	ack(r);
	return status;
}

static inline uint64_t counter(struct rig *r, uint32_t addr)
{
	uint64_t lo;

	WR(r, R_XGMAC_ADDR, addr | WINDOW_READ);
	lo = RD(r, R_XGMAC_DATA);
	WR(r, R_XGMAC_ADDR, (addr + 4) | WINDOW_READ);
	return lo | (uint64_t)RD(r, R_XGMAC_DATA) << 32;
}

/* An Ethernet frame with bytes that tell their position. */
static inline void fill(uint8_t *f, size_t len, const uint8_t *dst, uint16_t type)
{
	size_t i;

	for (i = 0; i < len; i++)
		f[i] = (uint8_t)(i * 7 + (i >> 8));
	memcpy(f, dst, 6);
	memcpy(f + 6, "\x02\x00\x00\x00\x00\x77", 6);
	put_be16(f + 12, type);
}

/* The sum the slow way, so that it shares nothing with the core. */
static inline uint16_t checksum(const uint8_t *p, size_t len, uint32_t sum)
{
	size_t i;

	for (i = 0; i < len; i++)
		sum += i & 1 ? p[i] : (uint32_t)p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

static inline uint16_t pseudo4(const uint8_t *ip, uint32_t l4_len)
{
	return checksum(ip + 12, 8, ip[9] + l4_len);
}

/* TCP over IPv4, valid unless the caller breaks it; returns the length. */
static inline size_t tcp4(uint8_t *f, const uint8_t *dst, uint16_t sport,
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

static inline void receive(struct rig *r, const uint8_t *f, size_t len)
{
	qlge_core_receive(&r->core, f, len);
}

static inline void rx_len(struct rig *r, size_t len)
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

static inline void tx_put(struct rig *r, uint32_t q, uint32_t i, uint8_t *req,
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
static inline void tx_plain(struct rig *r, uint32_t q, uint32_t i, uint32_t len)
{
	uint8_t req[128] = { 0x01 };
	struct piece p = { TXDATA, len };

	put_le16(req + 12, (uint16_t)len);
	tx_put(r, q, i, req, &p, 1);
	rig_db(r, q, 0, i + 1);
}

static inline uint8_t *txdata(struct rig *r)
{
	return rig_mem(r, TXDATA, 0x20000);
}

/* A large send of "payload" bytes from the next slot of the ring. */
static inline void tso(struct rig *r, bool v6, uint32_t payload, uint32_t mss,
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

static inline void send_command(struct rig *r, uint32_t cmd)
{
	proc_write(r, 0x1180, cmd);
	WR(r, R_CSR, 0x50000000);
}

#endif

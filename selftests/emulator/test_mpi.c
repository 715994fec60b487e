// SPDX-License-Identifier: GPL-2.0-only
/* The management processor: mailbox, window, services, two functions */
#include "test_core.h"

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

const struct CMUnitTest mpi_tests[] = {
	T(test_mailbox), T(test_events), T(test_mpi_reset), T(test_window),
	T(test_wol), T(test_services), T(test_dump), T(test_pair),
	T(test_pair_cam), T(test_pair_nesting),
	{ 0 }
};

// SPDX-License-Identifier: GPL-2.0-only
/* Misbehaviour on request */
#include "test_core.h"

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
	/* the third read finds nobody */
	r->core.fault.gone_after = 3;
	assert_int_equal(RD(r, R_STS), 0x1014);
	WR(r, R_FSC, 0);
	assert_int_equal(RD(r, R_STS), 0x1014);
	assert_int_equal(RD(r, R_STS), UINT32_MAX);
	assert_true(r->core.fault.gone);
	assert_int_equal(r->core.fault.gone_after, 0);
	qlge_core_fault_gone(&r->core, false);
	r->mode = QLGE_IRQ_MSIX;
	rig_start(r);
	rx_len(r, 100);
	assert_int_equal(mem32(r, CQ_SHADOW(0)), 1);
}

const struct CMUnitTest fault_tests[] = {
	T(test_fault_event), T(test_fault_aen), T(test_fault_mpi),
	T(test_fault_irq_lost), T(test_fault_tx), T(test_fault_cqe),
	T(test_fault_flap), T(test_fault_gone),
	{ 0 }
};

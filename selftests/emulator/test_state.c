// SPDX-License-Identifier: GPL-2.0-only
/* Save and load */
#include "test_core.h"

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
	r->core.fault.gone_after = 1000000;
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

/*
 * Load "buf" with one byte of the state as it is now, or with "val" in its place:
 * the first one that is another.  It is refused, and what is left can be saved.
 */
static void dent(struct rig *r, uint8_t *buf, size_t size, int val)
{
	size_t now, i;
	uint8_t *other = save(r, &now);

	assert_int_equal(now, size);
	for (i = 0; i < size && other[i] == buf[i]; i++)
		;
	assert_true(i < size);
	buf[i] = val < 0 ? other[i] : (uint8_t)val;
	assert_int_equal(qlge_core_load(&r->core, buf, size), -1);
	rig_check(r);
	assert_false(r->core.fault.gone);
	assert_true(qlge_core_save(&r->core, NULL, 0) > 0);
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
	dent(r, buf, size, -1);
	/* a card that is gone, and its line is up */
	c->fault.flap = 0;
	c->link = c->plug;
	c->line = true;
	buf = save(r, &size);
	c->line = false;
	c->fault.gone = true;
	dent(r, buf, size, -1);
	/* a queue that there is not, in what is not in use */
	buf = save(r, &size);
	c->rss.base++;
	dent(r, buf, size, 0xff);
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

const struct CMUnitTest state_tests[] = {
	T(test_state), T(test_state_hostile), T(test_state_contradiction),
	T(test_state_pair),
	{ 0 }
};

// SPDX-License-Identifier: GPL-2.0-only
/* Misbehaviour on request: what a broken card does to its driver. */
#include <stdlib.h>

#include "qlge_core_int.h"

/* Completions */

static bool concerns(const struct qlge_core *c, unsigned int id)
{
	return c->fault.cqe_cq == QLGE_QUEUES || c->fault.cqe_cq == id;
}

const uint8_t *qlge_fault_entry(struct qlge_core *c, unsigned int id,
				const uint8_t *entry, uint8_t *bad)
{
	bool tx = entry[0] == OP_OB_MAC || entry[0] == OP_OB_TSO;
	struct qlge_fault *f = &c->fault;

	if (!concerns(c, id))
		return entry;
	memcpy(bad, entry, 64);
	/* A field that this kind of completion does not have waits for one. */
	switch (f->cqe) {
	case QLGE_CQE_LEN:
		if (entry[0] != OP_IB_MAC)
			return entry;
		put_le32(bad + 4, f->cqe_value);
		break;
	case QLGE_CQE_OPCODE:
		bad[0] = (uint8_t)f->cqe_value;
		break;
	case QLGE_CQE_QUEUE:
		if (!tx)
			return entry;
		put_le32(bad + 8, f->cqe_value);
		break;
	case QLGE_CQE_TID:
		if (!tx)
			return entry;
		put_le32(bad + 4, f->cqe_value);
		break;
	case QLGE_CQE_FLAGS:
		bad[1] = (uint8_t)f->cqe_value;
		bad[2] = (uint8_t)(f->cqe_value >> 8);
		bad[3] = (uint8_t)(f->cqe_value >> 16);
		break;
	default:
		return entry;
	}
	f->cqe = QLGE_CQE_NONE;
	return bad;
}

uint32_t qlge_fault_index(struct qlge_core *c, unsigned int id, uint32_t prod)
{
	if (c->fault.cqe != QLGE_CQE_INDEX || !concerns(c, id))
		return prod;
	c->fault.cqe = QLGE_CQE_NONE;
	return c->fault.cqe_value ? c->fault.cqe_value : c->cq[id].len + prod;
}

int qlge_core_fault_cqe(struct qlge_core *c, const char *what)
{
	static const struct {
		const char *name;
		uint32_t value;		/* without "=HEX" */
	} kinds[] = {
		[QLGE_CQE_NONE] = { "", 0 },
		[QLGE_CQE_LEN] = { "len", UINT32_MAX },
		[QLGE_CQE_OPCODE] = { "opcode", 0x7e },
		[QLGE_CQE_QUEUE] = { "queue", UINT32_MAX },
		[QLGE_CQE_TID] = { "tid", UINT32_MAX },
		[QLGE_CQE_FLAGS] = { "flags", UINT32_MAX },
		[QLGE_CQE_INDEX] = { "cq-index", 0 },
	};
	size_t n = strcspn(what, "=@");
	unsigned long value, cq = QLGE_QUEUES;
	unsigned int kind;
	char *end;

	for (kind = 0; kind < ARRAY_SIZE(kinds); kind++)
		if (strlen(kinds[kind].name) == n &&
		    !memcmp(kinds[kind].name, what, n))
			break;
	if (kind == ARRAY_SIZE(kinds))
		return -1;
	value = kinds[kind].value;
	what += n;
	if (*what == '=') {
		value = strtoul(what + 1, &end, 16);
		if (end == what + 1 || value > UINT32_MAX)
			return -1;
		what = end;
	}
	if (*what == '@') {
		cq = strtoul(what + 1, &end, 10);
		if (end == what + 1 || cq >= QLGE_QUEUES)
			return -1;
		what = end;
	}
	if (*what)
		return -1;
	c->fault.cqe = (enum qlge_cqe_fault)kind;
	c->fault.cqe_value = (uint32_t)value;
	c->fault.cqe_cq = (uint8_t)cq;
	return 0;
}

/* Transmit */

uint32_t qlge_fault_tx(struct qlge_core *c)
{
	struct qlge_fault *f = &c->fault;
	uint64_t now;

	if (!f->tx_rate)
		return UINT32_MAX;
	now = c->ops->now(c->opaque);
	if (now - f->tx_since >= QLGE_MS) {
		f->tx_since = now;
		f->tx_left = f->tx_rate;
	}
	if (!f->tx_left)
		qlge_arm(c, f->tx_since + QLGE_MS);
	return f->tx_left;
}

void qlge_core_fault_tx_hold(struct qlge_core *c, bool on)
{
	c->fault.tx_hold = on;
	if (qlge_enter(c))
		qlge_leave(c);
}

void qlge_core_fault_tx_rate(struct qlge_core *c, uint32_t per_ms)
{
	c->fault.tx_rate = per_ms;
	/* The current millisecond goes by the new rate, too. */
	c->fault.tx_left = per_ms;
	if (qlge_enter(c))
		qlge_leave(c);
}

/* Link */

static void set_link(struct qlge_core *c, bool up)
{
	if (c->link == up)
		return;
	c->link = up;
	qlge_mpi_link(c);
}

static void flap(struct qlge_core *c)
{
	struct qlge_fault *f = &c->fault;

	f->flap--;
	set_link(c, f->flap ? !c->link : c->plug);
	/* Counted from here: a late timer does not make them shorter. */
	f->flap_at = c->ops->now(c->opaque) + QLGE_MS;
}

void qlge_fault_timer(struct qlge_core *c)
{
	struct qlge_fault *f = &c->fault;

	if (!f->flap)
		return;
	if (c->ops->now(c->opaque) >= f->flap_at)
		flap(c);
	if (f->flap)
		qlge_arm(c, f->flap_at);
}

int qlge_core_fault_flap(struct qlge_core *c, uint32_t n)
{
	if (n > QLGE_FLAP_MAX || (n && !c->plug) || !qlge_enter(c))
		return -1;
	set_link(c, c->plug);
	c->fault.flap = 2 * n;
	if (n) {
		flap(c);
		qlge_arm(c, c->fault.flap_at);
	}
	qlge_leave(c);
	return 0;
}

/* Firmware */

int qlge_core_fault_aen(struct qlge_core *c, const char *words)
{
	uint32_t word[QLGE_MBOX_WORDS];
	unsigned long value;
	unsigned int n = 0;
	char *end;

	for (;; words = end) {
		words += strspn(words, " ");
		if (!*words)
			break;
		value = strtoul(words, &end, 16);
		if (end == words || (*end && *end != ' ') ||
		    value > UINT32_MAX || n == QLGE_MBOX_WORDS)
			return -1;
		word[n++] = (uint32_t)value;
	}
	if (!n || !qlge_enter(c))
		return -1;
	qlge_mpi_post(c, word, n);
	qlge_leave(c);
	return 0;
}

int qlge_core_fault_mpi(struct qlge_core *c, uint32_t mode)
{
	if (mode > QLGE_MPI_LATE || !qlge_enter(c))
		return -1;
	c->chip->fault = (enum qlge_mpi_fault)mode;
	/* What it did not take or post before goes on, if it can now. */
	qlge_mpi_resume(c);
	qlge_leave(c);
	return 0;
}

/* The chip */

int qlge_core_fault_event(struct qlge_core *c, uint8_t code)
{
	const struct qlge_cq *cq = &c->cq[0];

	if (!cq->loaded || !cq->valid || qlge_cq_full(cq) || !qlge_enter(c))
		return -1;
	qlge_chip_event(c, code, 0);
	qlge_leave(c);
	return 0;
}

void qlge_core_fault_fe(struct qlge_core *c, bool on)
{
	if (!qlge_enter(c))
		return;
	if (on)
		qlge_fatal(c, ERR_STS_MA);
	else
		c->sts &= ~(uint32_t)STS_FE;
	qlge_irq_eval(c, 0);
	qlge_leave(c);
}

void qlge_core_fault_rx_hold(struct qlge_core *c, bool on)
{
	c->fault.rx_hold = on;
	if (qlge_enter(c))
		qlge_leave(c);
}

void qlge_core_fault_sem(struct qlge_core *c, uint16_t resources)
{
	c->chip->sem_elsewhere = resources;
}

void qlge_core_fault_gone(struct qlge_core *c, bool on)
{
	const struct qlge_core *peer = qlge_peer(c);

	if (c->busy || c->fault.gone == on)
		return;
	if (on) {
		/* Nobody is left to drive the line. */
		if (c->line)
			c->ops->irq_line(c->opaque, false);
		c->line = false;
		c->fault.gone = true;
		return;
	}
	c->fault.gone = false;
	c->fault.flap = 0;
	c->link = c->plug;
	if (peer && !peer->fault.gone)
		qlge_power_on(c);
	else
		qlge_core_reset(c);
}

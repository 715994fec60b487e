// SPDX-License-Identifier: GPL-2.0-only
/* Control registers, queues, interrupts and reset of the device model. */
#include <stdlib.h>

#include "qlge_core_int.h"

#define NEVER		UINT64_MAX

void qlge_log(struct qlge_core *c, const char *msg, uint64_t a, uint64_t b)
{
	if (c->ops->log)
		c->ops->log(c->opaque, msg, a, b);
}

int qlge_dma_read(struct qlge_core *c, uint64_t addr, void *buf, size_t len)
{
	int rc;

	c->counts.dma_reads++;
	rc = c->ops->dma_read(c->opaque, addr, buf, len);
	if (rc) {
		c->counts.dma_errors++;
		qlge_log(c, "DMA read failed", addr, len);
	}
	return rc;
}

int qlge_dma_write(struct qlge_core *c, uint64_t addr, const void *buf,
		   size_t len)
{
	int rc;

	c->counts.dma_writes++;
	rc = c->ops->dma_write(c->opaque, addr, buf, len);
	if (rc) {
		c->counts.dma_errors++;
		qlge_log(c, "DMA write failed", addr, len);
	}
	return rc;
}

/* Interrupts */

static void set_ready(struct qlge_core *c, struct qlge_cq *cq, bool ready)
{
	if (cq->ready == ready)
		return;
	cq->ready = ready;
	if (ready) {
		c->vec_ready[cq->vector]++;
		c->all_ready++;
	} else {
		c->vec_ready[cq->vector]--;
		c->all_ready--;
	}
}

static void set_waiting(struct qlge_core *c, unsigned int id, bool waiting)
{
	c->cq[id].waiting = waiting;
	if (waiting)
		c->cq_waiting[id / 64] |= 1ull << id % 64;
	else
		c->cq_waiting[id / 64] &= ~(1ull << id % 64);
}

static bool vector_pending(struct qlge_core *c, unsigned int v, bool single)
{
	if (single ? c->all_ready : c->vec_ready[v])
		return true;
	if (v)
		return false;
	return (c->sts & STS_FE) ||
	       ((c->sts & STS_PI) && (c->reg[R_INTR_MASK / 4] & INTR_MASK_PI));
}

void qlge_irq_eval(struct qlge_core *c, unsigned int v)
{
	enum qlge_irq_mode mode = c->ops->irq_mode(c->opaque);
	bool level = false;

	/* The other function goes on, and may have something to say to it. */
	if (c->fault.gone)
		return;
	if (mode != QLGE_IRQ_MSIX)
		v = 0;
	if (mode == QLGE_IRQ_INTX)
		level = c->ei && c->en[0] && vector_pending(c, 0, true);
	if (level != c->line) {
		c->line = level;
		if (level)
			c->counts.interrupts++;
		c->ops->irq_line(c->opaque, level);
	}
	if (mode == QLGE_IRQ_INTX)
		return;
	if (!c->ei || !c->en[v] ||
	    !vector_pending(c, v, mode != QLGE_IRQ_MSIX))
		return;
	/* "a vector number above the table size must be ignored" */
	if (mode == QLGE_IRQ_MSIX && v >= c->cfg.vectors)
		return;
	c->en[v] = false;
	c->msi_sent = mode == QLGE_IRQ_MSI;
	/* It was sent, so the vector is masked; it does not arrive. */
	if (c->fault.irq_lost) {
		c->fault.irq_lost--;
		return;
	}
	c->counts.interrupts++;
	c->ops->irq_message(c->opaque, v);
}

static void eval_all(struct qlge_core *c)
{
	unsigned int v;

	for (v = 0; v < QLGE_QUEUES; v++)
		if (!v || c->en[v])
			qlge_irq_eval(c, v);
}

static uint64_t cq_deadline(const struct qlge_cq *cq)
{
	return cq->irq_at < cq->pkt_at ? cq->irq_at : cq->pkt_at;
}

void qlge_arm(struct qlge_core *c, uint64_t when)
{
	/*
	 * An earlier timer is left alone: it will find the later deadline.
	 * Moving it for every frame would cost more than the frame.
	 */
	if (when >= c->timer_at)
		return;
	c->timer_at = when;
	c->ops->arm_timer(c->opaque, when);
}

static bool cq_can_interrupt(struct qlge_core *c, const struct qlge_cq *cq)
{
	unsigned int v = cq->vector;

	if (c->ops->irq_mode(c->opaque) != QLGE_IRQ_MSIX)
		v = 0;
	return c->ei && c->en[v];
}

/* Entries arrived on a CQ that had not asked for an interrupt yet. */
static void cq_coalesce(struct qlge_core *c, unsigned int id)
{
	struct qlge_cq *cq = &c->cq[id];
	uint64_t now;

	if (!cq->ready && !cq->pkt_delay && !cq->irq_delay) {
		/* The delay may have been taken away while it ran. */
		set_waiting(c, id, false);
		set_ready(c, cq, true);
	}
	if (cq->ready) {
		qlge_irq_eval(c, cq->vector);
		return;
	}
	now = c->ops->now(c->opaque);
	if (!cq->waiting) {
		set_waiting(c, id, true);
		cq->irq_at = cq->irq_delay ? now + cq->irq_delay * 1000ull :
					     NEVER;
	}
	cq->pkt_at = cq->pkt_delay ? now + cq->pkt_delay * 1000ull : NEVER;
	/* While the vector is off nobody waits; enabling it looks again. */
	if (cq_can_interrupt(c, cq))
		qlge_arm(c, cq_deadline(cq));
}

/* Turn waiting CQs into ready ones where the delay is over. */
static void check_delays(struct qlge_core *c)
{
	uint64_t now = 0, bits, next = NEVER;
	unsigned int w, id;
	struct qlge_cq *cq;

	for (w = 0; w < ARRAY_SIZE(c->cq_waiting); w++) {
		for (bits = c->cq_waiting[w]; bits; bits &= bits - 1) {
			id = w * 64 + (unsigned int)__builtin_ctzll(bits);
			cq = &c->cq[id];
			if (!now)
				now = c->ops->now(c->opaque);
			if (cq_deadline(cq) <= now) {
				set_waiting(c, id, false);
				set_ready(c, cq, true);
				qlge_irq_eval(c, cq->vector);
			} else if (cq_can_interrupt(c, cq) &&
				   cq_deadline(cq) < next) {
				next = cq_deadline(cq);
			}
		}
	}
	if (next != NEVER)
		qlge_arm(c, next);
}

static uint32_t isr(struct qlge_core *c, unsigned int n)
{
	uint32_t bits = 0;
	unsigned int i;

	for (i = 0; i < 32; i++)
		if (c->cq[n * 32 + i].prod != c->cq[n * 32 + i].cons)
			bits |= 1u << i;
	return bits;
}

static void intr_en_write(struct qlge_core *c, uint32_t val)
{
	uint32_t mask = val >> 16, vec = val & mask & 0x7f;

	if (mask & INTR_EN_IHD)
		c->ihd = val & INTR_EN_IHD;
	if (mask & INTR_EN_EI)
		c->ei = val & INTR_EN_EI;
	switch (val & mask & 0x0300) {
	case 0x0100:
		/* "MSI: an enable is effective after an explicit disable" */
		c->en[vec] = vec || !c->msi_sent ||
			     c->ops->irq_mode(c->opaque) != QLGE_IRQ_MSI;
		break;
	case 0x0200:
		c->en[vec] = false;
		c->msi_sent = c->msi_sent && vec;
		break;
	case 0x0300:
		c->en_selected = (uint8_t)vec;
		break;
	}
	check_delays(c);
	if (mask & INTR_EN_EI)
		eval_all(c);
	else
		qlge_irq_eval(c, vec);
}

void qlge_fatal(struct qlge_core *c, uint32_t why)
{
	qlge_log(c, "fatal error", why, 0);
	c->err_sts |= why;
	c->sts |= STS_FE;
	qlge_irq_eval(c, 0);
}

/* Completion queues */

bool qlge_cq_full(const struct qlge_cq *cq)
{
	uint32_t next = cq->prod + 1 == cq->len ? 0 : cq->prod + 1;

	return next == cq->cons;
}

int qlge_cq_put(struct qlge_core *c, unsigned int id, const uint8_t *entry)
{
	struct qlge_cq *cq = &c->cq[id];
	uint8_t bad[64];

	if (c->fault.cqe)
		entry = qlge_fault_entry(c, id, entry, bad);
	if (qlge_dma_write(c, cq->addr + cq->prod * 64ull, entry, 64)) {
		qlge_fatal(c, ERR_STS_MA);
		return -1;
	}
	cq->prod = cq->prod + 1 == cq->len ? 0 : cq->prod + 1;
	return 0;
}

void qlge_cq_publish(struct qlge_core *c, unsigned int id)
{
	struct qlge_cq *cq = &c->cq[id];
	uint8_t word[4];

	if (cq->published == cq->prod)
		return;
	cq->published = cq->prod;
	put_le32(word, qlge_fault_index(c, id, cq->prod));
	if (qlge_dma_write(c, cq->shadow, word, sizeof(word))) {
		qlge_fatal(c, ERR_STS_MA);
		return;
	}
	cq_coalesce(c, id);
}

void qlge_chip_event(struct qlge_core *c, uint8_t event, uint8_t queue)
{
	qlge_log(c, "chip event", event, queue);
	if (c->event_waiting)
		return;
	c->event_waiting = true;
	c->event = event;
	c->event_queue = queue;
}

static void report_event(struct qlge_core *c)
{
	uint8_t entry[64] = { OP_IB_AE, 0, c->event, c->event_queue };
	struct qlge_cq *cq = &c->cq[0];

	if (!c->event_waiting)
		return;
	c->event_waiting = false;
	/* Without a place for the event the error must still be seen. */
	if (!cq->loaded || !cq->valid || qlge_cq_full(cq)) {
		qlge_fatal(c, ERR_STS_MA);
		return;
	}
	if (!qlge_cq_put(c, 0, entry))
		qlge_cq_publish(c, 0);
}

static void cq_consumer(struct qlge_core *c, unsigned int id, uint32_t val)
{
	struct qlge_cq *cq = &c->cq[id];

	if (!cq->loaded || val >= cq->len) {
		qlge_log(c, "CQ doorbell out of range", id, val);
		return;
	}
	cq->cons = val;
	if (cq->cons == cq->prod) {
		set_ready(c, cq, false);
		set_waiting(c, id, false);
	}
	qlge_irq_eval(c, cq->vector);
}

/* Control block loads */

static uint32_t queue_len(uint16_t field)
{
	return field & 0xffe0 ? field & 0xffe0 : 65536;
}

static int load_cq(struct qlge_core *c, unsigned int id, uint64_t addr)
{
	struct qlge_cq *cq = &c->cq[id];
	uint8_t icb[52], flags;
	uint32_t len;

	if (qlge_dma_read(c, addr, icb, sizeof(icb)))
		return -1;
	flags = icb[3];
	if ((flags & 0x80) && (get_le16(icb + 4) & 0x0f)) {
		qlge_log(c, "paged CQ not supported", id, get_le16(icb + 4));
		return -1;
	}
	if (((flags & 0x20) && (get_le16(icb + 38) & 15)) ||
	    ((flags & 0x10) && (get_le16(icb + 50) & 15))) {
		qlge_log(c, "buffer queue length", get_le16(icb + 38),
			 get_le16(icb + 50));
		return -1;
	}
	if (flags & 0x88)
		set_ready(c, cq, false);
	if (flags & 0x80) {
		set_waiting(c, id, false);
		cq->len = queue_len(get_le16(icb + 4));
		cq->addr = get_le64(icb + 8);
		cq->shadow = get_le64(icb + 16);
		cq->prod = 0;
		cq->cons = 0;
		cq->published = 0;
		cq->loaded = true;
		cq->valid = icb[4] & 0x10;
		cq->dead = false;
	}
	if (flags & 0x08) {
		cq->vector = icb[0] & 0x7f;
		set_ready(c, cq, cq->loaded && !cq->waiting &&
			  cq->prod != cq->cons);
	}
	if (flags & 0x40) {
		cq->pkt_delay = get_le16(icb + 24);
		cq->irq_delay = get_le16(icb + 26);
	}
	if (flags & 0x20) {
		len = get_le16(icb + 38);
		qlge_bq_load(&cq->lbq, get_le64(icb + 28), get_le16(icb + 36),
			     len ? len : 65536);
	}
	if (flags & 0x10) {
		len = get_le16(icb + 50);
		qlge_bq_load(&cq->sbq, get_le64(icb + 40), get_le16(icb + 48),
			     len ? len : 65536);
	}
	memcpy(cq->icb, icb, sizeof(icb));
	qlge_irq_eval(c, cq->vector);
	return 0;
}

static int load_wq(struct qlge_core *c, unsigned int id, uint64_t addr)
{
	struct qlge_wq *wq = &c->wq[id];
	uint16_t flags, len;
	uint8_t icb[24];

	if (qlge_dma_read(c, addr, icb, sizeof(icb)))
		return -1;
	len = get_le16(icb);
	flags = get_le16(icb + 2);
	if ((flags & 0x8000) && (len & 0x0f)) {
		qlge_log(c, "paged WQ not supported", id, len);
		return -1;
	}
	if (c->tso.active && c->tso.wq == id)
		c->tso.active = false;
	if (flags & 0x8000) {
		wq->len = queue_len(len);
		wq->valid = len & 0x10;
		wq->loaded = true;
		/* Old indices may lie outside the new ring. */
		wq->prod = 0;
		wq->cons = 0;
	}
	if (flags & 0x4000)
		wq->shadow = get_le64(icb + 16);
	if (flags & 0x2000) {
		wq->addr = get_le64(icb + 8);
		wq->prod = 0;
		wq->cons = 0;
	}
	if (flags & 0x1000)
		wq->cq = get_le16(icb + 4) & 0x7f;
	if (wq->prod == wq->cons)
		c->wq_pending[id / 64] &= ~(1ull << id % 64);
	memcpy(wq->icb, icb, sizeof(icb));
	return 0;
}

static void cfg_write(struct qlge_core *c, uint32_t val)
{
	uint32_t mask = val >> 16, todo = val & mask & CFG_TRIGGERS;
	uint32_t *cfg = &c->chip->cfg;
	unsigned int q;
	uint64_t addr;
	int rc = 0;

	*cfg = ((*cfg & ~mask) | (val & mask)) & ~(uint32_t)CFG_TRIGGERS;
	q = *cfg >> 8 & 0x7f;
	addr = c->chip->icb_l | (uint64_t)c->chip->icb_h << 32;
	if (todo & CFG_LCQ)
		rc |= load_cq(c, q, addr);
	if (todo & CFG_LRQ)
		rc |= load_wq(c, q, addr);
	if (todo & CFG_LR)
		rc |= qlge_rss_load(c, addr);
	if (todo & CFG_DCQ)
		rc |= qlge_dma_write(c, addr, c->cq[q].icb,
				     sizeof(c->cq[q].icb));
	if (todo & CFG_DRQ)
		rc |= qlge_dma_write(c, addr, c->wq[q].icb,
				     sizeof(c->wq[q].icb));
	if (todo & CFG_DR)
		rc |= qlge_rss_dump(c, addr);
	if (rc)
		*cfg |= CFG_LE;
}

/* Reset */

static void function_reset(struct qlge_core *c)
{
	memset(c->cq, 0, sizeof(c->cq));
	memset(c->wq, 0, sizeof(c->wq));
	memset(c->wq_pending, 0, sizeof(c->wq_pending));
	memset(c->cq_waiting, 0, sizeof(c->cq_waiting));
	memset(c->vec_ready, 0, sizeof(c->vec_ready));
	memset(c->en, 0, sizeof(c->en));
	c->msi_sent = false;
	c->all_ready = 0;
	c->tso.active = false;
	c->event_waiting = false;
	memset(&c->rss, 0, sizeof(c->rss));
	c->ei = false;
	c->ihd = false;
	c->sts &= ~(uint32_t)STS_FE;
	c->err_sts = 0;
	c->reg[R_FSC / 4] = 0;
	c->reg[R_NIC_RCV_CFG / 4] = 0;
	c->chip->cfg = 0;
	qlge_rx_flush(c);
	qlge_irq_eval(c, 0);
}

static void chip_power_on(struct qlge_chip *chip)
{
	struct qlge_chip new = {
		.fn = { chip->fn[0], chip->fn[1] },
		.sem_elsewhere = chip->sem_elsewhere,
		.fault = chip->fault,
	};

	/* A start from the beginning is what a silent processor needs. */
	if (new.fault == QLGE_MPI_SILENT)
		new.fault = QLGE_MPI_HEALTHY;
	*chip = new;
}

void qlge_power_on(struct qlge_core *c)
{
	memset(c->reg, 0, sizeof(c->reg));
	memset(c->ets, 0, sizeof(c->ets));
	memset(c->route, 0, sizeof(c->route));
	memset(c->mcast, 0, sizeof(c->mcast));
	memset(c->vlan_on, 0, sizeof(c->vlan_on));
	c->mcast_valid = 0;
	c->rt_idx = 0;
	c->xgmac_addr = 0;
	c->serdes_addr = 0;
	c->sem = 0;
	c->sts = 0;
	c->en_selected = 0;
	qlge_mpi_power_on(c);
	function_reset(c);
}

void qlge_core_reset(struct qlge_core *c)
{
	const struct qlge_core *peer = qlge_peer(c);
	uint32_t ports = c->chip->port_init;

	if (c->busy)
		return;
	c->busy = true;
	/* The bus resets both functions, each with a call of its own. */
	chip_power_on(c->chip);
	if (peer)
		c->chip->port_init = ports & STS_INIT(peer->cfg.function);
	qlge_power_on(c);
	/* Words that a silent processor had for the other function */
	qlge_mpi_resume(c);
	c->busy = false;
}

int qlge_core_pair(struct qlge_core *c, struct qlge_core *peer)
{
	struct qlge_chip *chip = peer->chip;

	if (c->cfg.device_id != peer->cfg.device_id ||
	    chip->fn[c->cfg.function] || qlge_peer(c))
		return -1;
	free(c->chip);
	c->chip = chip;
	chip->fn[c->cfg.function] = c;
	qlge_power_on(c);
	return 0;
}

int qlge_core_init(struct qlge_core *c, const struct qlge_config *cfg,
		   const struct qlge_ops *ops, void *opaque)
{
	if ((cfg->device_id != 0x8000 && cfg->device_id != 0x8012) ||
	    cfg->function > 1 || !cfg->vectors ||
	    cfg->vectors > QLGE_QUEUES || !cfg->fifo_frames ||
	    cfg->fifo_frames > 65536)
		return -1;
	memset(c, 0, sizeof(*c));
	c->cfg = *cfg;
	c->ops = ops;
	c->opaque = opaque;
	c->timer_at = NEVER;
	c->fifo.slots = cfg->fifo_frames;
	c->fifo.max_bytes = cfg->fifo_bytes;
	c->chip = calloc(1, sizeof(*c->chip));
	c->fifo.slot = calloc(cfg->fifo_frames, sizeof(*c->fifo.slot));
	c->txbuf = malloc(QLGE_TX_MAX + 64);
	if (!c->chip || !c->fifo.slot || !c->txbuf) {
		qlge_core_exit(c);
		return -1;
	}
	c->chip->fn[cfg->function] = c;
	qlge_core_reset(c);
	return 0;
}

void qlge_core_exit(struct qlge_core *c)
{
	if (c->chip) {
		c->chip->fn[c->cfg.function] = NULL;
		if (!qlge_peer(c))
			free(c->chip);
	}
	free(c->fifo.slot);
	free(c->txbuf);
	c->chip = NULL;
	c->fifo.slot = NULL;
	c->txbuf = NULL;
}

/* Registers */

static void sem_write(struct qlge_core *c, uint32_t val)
{
	uint32_t mask = val >> 16, held;
	struct qlge_core *peer = qlge_peer(c);
	unsigned int s;

	held = (c->sem & ~mask) | (val & mask);
	/* What another one holds stays with it, unless forced. */
	for (s = 0; s < 16; s += 2) {
		uint16_t field = (uint16_t)(3u << s);

		if (!(((peer ? peer->sem : 0) | c->chip->sem_elsewhere) &
		      field) || !(held & field))
			continue;
		if ((held & field) == field) {
			c->chip->sem_elsewhere &= (uint16_t)~field;
			if (peer)
				peer->sem &= (uint16_t)~field;
		} else {
			held &= ~(uint32_t)field;
		}
	}
	c->sem = (uint16_t)held;
}

/* The semaphores a register is written under, any of this mask, or 0. */
static uint32_t sem_of(const struct qlge_core *c, uint32_t off, uint32_t val)
{
	switch (off) {
	case R_PROC_ADDR:
		return 3u << 14;
	case R_CFG:
		return (val & (val >> 16)) & CFG_TRIGGERS ? 3u << 4 : 0;
	case R_XGMAC_ADDR:
		/* A core dump reads under that of the processor alone. */
		return 3u << 2 * c->cfg.function |
		       (val & WINDOW_READ ? 3u << 14 : 0);
	case R_FLASH_ADDR:
		return 3u << 8;
	case R_MAC_ADDR_IDX:
		return 3u << 6;
	case R_RT_IDX:
		return 3u << 12;
	default:
		return 0;
	}
}

static uint32_t status(struct qlge_core *c)
{
	uint32_t sts = c->sts | (uint32_t)c->cfg.function << 6 |
		       c->chip->port_init;
	const struct qlge_core *fn;
	unsigned int f;

	for (f = 0; f < ARRAY_SIZE(c->chip->fn); f++) {
		fn = c->chip->fn[f];
		if (fn && fn->link)
			sts |= STS_PL(f);
		if (fn && (fn->reg[R_FSC / 4] & FSC_FE))
			sts |= 0x100u << f;
	}
	if (!c->fifo.count)
		sts |= STS_NFE;
	return sts;
}

/* Plain storage: some registers exist once for both functions. */
static uint32_t *storage(struct qlge_core *c, uint32_t off)
{
	switch (off) {
	case R_SYS:
		return &c->chip->sys;
	case R_ICB_L:
		return &c->chip->icb_l;
	case R_ICB_H:
		return &c->chip->icb_h;
	case R_CFG:
		return &c->chip->cfg;
	case R_PRB_MX_ADDR:
		return &c->chip->prb_addr;
	default:
		return &c->reg[off / 4];
	}
}

static uint32_t ets_read(struct qlge_core *c, unsigned int which)
{
	uint32_t sel = c->reg[(R_NIC_ETS + 4 * which) / 4] >> 29;

	return c->ets[which][sel];
}

static void ets_write(struct qlge_core *c, unsigned int which, uint32_t val)
{
	c->reg[(R_NIC_ETS + 4 * which) / 4] = val;
	if (!(val & 0x08000000))
		c->ets[which][val >> 29] = val;
}

uint32_t qlge_reg_get(struct qlge_core *c, uint32_t off)
{
	switch (off) {
	case R_PROC_ADDR:
		return c->chip->proc_addr | WINDOW_RDY;
	case R_PROC_DATA:
		return c->chip->proc_data;
	case R_CSR:
		return qlge_csr_read(c);
	case R_STS:
		return status(c);
	case R_INTR_EN:
		return c->en_selected | (c->ihd ? INTR_EN_IHD : 0) |
		       (c->ei ? INTR_EN_EI : 0) |
		       (c->en[c->en_selected] ? INTR_EN_EN : 0);
	case R_ISR1:
	case R_ISR2:
	case R_ISR3:
	case R_ISR4:
		return isr(c, (off - R_ISR1) / 4);
	case R_REV_ID:
		return 0x10001010;
	case R_ERR_STS:
		return c->err_sts;
	case R_SEM:
		return c->sem;
	case R_XGMAC_ADDR:
		return c->xgmac_addr | WINDOW_RDY;
	case R_NIC_ETS:
		return ets_read(c, 0);
	case R_CNA_ETS:
		return ets_read(c, 1);
	case R_FLASH_ADDR:
		return c->chip->flash_addr | WINDOW_RDY;
	case R_FLASH_DATA:
		return qlge_flash_word(c, c->chip->flash_addr);
	case R_MAC_ADDR_IDX:
		/* bit 30 = read data valid, only after a read request */
		return 0x80000000u |
		       (c->chip->mac_idx & 0x04000000 ? WINDOW_READ : 0);
	case R_MAC_ADDR_DATA:
		return qlge_mac_data_read(c);
	case R_RT_IDX:
		return 0x80000000u | (c->rt_idx & 0x04000000 ? WINDOW_READ : 0);
	case R_RT_DATA:
		return qlge_rt_data_read(c);
	case R_XG_SERDES_ADDR:
		return c->serdes_addr | WINDOW_RDY;
	case R_XG_SERDES_DATA:
		/* XAUI powered down, nothing to dump */
		return c->serdes_addr == 0x800;
	case R_PRB_MX_DATA:
		return qlge_probe_read(c);
	default:
		return *storage(c, off);
	}
}

static void window(uint32_t *addr, uint32_t val)
{
	*addr = val & 0x0fffffff;
}

void qlge_reg_set(struct qlge_core *c, uint32_t off, uint32_t val)
{
	uint32_t mask = val >> 16;

	switch (off) {
	case R_PROC_ADDR:
		qlge_proc_access(c, val);
		break;
	case R_PROC_DATA:
		c->chip->proc_data = val;
		break;
	case R_RST_FO:
		c->reg[off / 4] = (c->reg[off / 4] & ~mask) |
				  (val & mask & ~(uint32_t)RST_FO_FR);
		if (val & mask & RST_FO_FR)
			function_reset(c);
		break;
	case R_CSR:
		qlge_csr_write(c, val);
		break;
	case R_CFG:
		cfg_write(c, val);
		break;
	case R_STS:
		/* only the port-initialized bits can be written */
		mask &= 0x0030;
		c->chip->port_init = (c->chip->port_init & ~mask) |
				     (val & mask);
		break;
	case R_INTR_EN:
		intr_en_write(c, val);
		break;
	case R_INTR_MASK:
		c->reg[off / 4] = (c->reg[off / 4] & ~mask) | (val & mask);
		qlge_irq_eval(c, 0);
		break;
	case R_SEM:
		sem_write(c, val);
		break;
	case R_SYS:
	case R_FSC:
	case R_GPIO_1:
	case R_GPIO_2:
	case R_GPIO_3:
	case R_CQ_STOP:
	case R_NIC_RCV_CFG:
	case R_MGMT_RCV_CFG:
		*storage(c, off) = (*storage(c, off) & ~mask) | (val & mask);
		break;
	case R_XGMAC_ADDR:
		window(&c->xgmac_addr, val);
		if (val & WINDOW_READ)
			c->reg[R_XGMAC_DATA / 4] =
				qlge_xgmac_read(c, c->xgmac_addr);
		else
			qlge_xgmac_write(c, c->xgmac_addr,
					 c->reg[R_XGMAC_DATA / 4]);
		break;
	case R_NIC_ETS:
		ets_write(c, 0, val);
		break;
	case R_CNA_ETS:
		ets_write(c, 1, val);
		break;
	case R_FLASH_ADDR:
		window(&c->chip->flash_addr, val & 0x007fffff);
		break;
	case R_XG_SERDES_ADDR:
		window(&c->serdes_addr, val);
		break;
	case R_MAC_ADDR_IDX:
		qlge_mac_idx_write(c, val);
		break;
	case R_MAC_ADDR_DATA:
		qlge_mac_data_write(c, val);
		break;
	case R_RT_IDX:
		c->rt_idx = val;
		break;
	case R_RT_DATA:
		qlge_rt_data_write(c, val);
		break;
	case R_ISR1:
	case R_ISR2:
	case R_ISR3:
	case R_ISR4:
	case R_REV_ID:
	case R_ERR_STS:
	case R_ECC_ERR_CNT:
	case R_FLASH_DATA:
	case R_PRB_MX_DATA:
		break;
	default:
		*storage(c, off) = val;
	}
}

/* Entry points */

bool qlge_enter(struct qlge_core *c)
{
	if (c->fault.gone)
		return false;
	if (c->busy) {
		c->counts.refused++;
		return false;
	}
	c->busy = true;
	return true;
}

static bool has_work(const struct qlge_core *c)
{
	return c->wq_pending[0] || c->wq_pending[1] || c->tso.active ||
	       c->fifo.count;
}

void qlge_leave(struct qlge_core *c)
{
	if (has_work(c)) {
		bool more = qlge_tx_work(c);

		qlge_rx_drain(c);
		if (more && !c->scheduled) {
			c->scheduled = true;
			c->ops->schedule(c->opaque);
		}
	}
	report_event(c);
	c->busy = false;
}

uint32_t qlge_core_reg_read(struct qlge_core *c, uint32_t off)
{
	uint32_t val;

	if (c->fault.gone_after && !--c->fault.gone_after)
		qlge_core_fault_gone(c, true);
	if (!qlge_enter(c))
		return UINT32_MAX;
	if (off >= QLGE_REG_SIZE || off & 3) {
		c->busy = false;
		return 0;
	}
	c->counts.reg_reads++;
	val = qlge_reg_get(c, off);
	c->busy = false;
	return val;
}

void qlge_core_reg_write(struct qlge_core *c, uint32_t off, uint32_t val)
{
	uint32_t sem;

	if (off >= QLGE_REG_SIZE || off & 3 || !qlge_enter(c))
		return;
	c->counts.reg_writes++;
	sem = sem_of(c, off, val);
	if (sem && !(c->sem & sem))
		c->counts.unowned++;
	qlge_reg_set(c, off, val);
	qlge_leave(c);
}

uint32_t qlge_core_doorbell_read(struct qlge_core *c, uint32_t off)
{
	unsigned int page = off >> 12, id = page & 127;
	const struct qlge_cq *cq = &c->cq[id];
	const struct qlge_wq *wq = &c->wq[id];

	if (c->fault.gone)
		return UINT32_MAX;
	if (off >= QLGE_DB_SIZE)
		return 0;
	c->counts.db_reads++;
	switch (off & 0xfff) {
	case 0x00:
		if (page < 128)
			return (wq->cons & 0xffff) << 16 | (wq->prod & 0xffff);
		return (cq->prod & 0xffff) << 16 | (cq->cons & 0xffff);
	case 0x04:
		return (page < 128 ? wq->valid : cq->valid) ? 0x10 : 0;
	case 0x18:
		if (page >= 128)
			return (cq->lbq.cons & 0xffff) << 16 | cq->lbq.raw_prod;
		break;
	case 0x1c:
		if (page >= 128)
			return (cq->sbq.cons & 0xffff) << 16 | cq->sbq.raw_prod;
		break;
	}
	return 0;
}

static void wq_doorbell(struct qlge_core *c, unsigned int id, uint32_t reg,
			uint32_t val)
{
	struct qlge_wq *wq = &c->wq[id];

	if (reg == 0x04) {
		wq->valid = wq->loaded && (val & 0x10);
	} else if (reg == 0x00) {
		val &= 0xffff;
		if (!wq->loaded || val >= wq->len) {
			qlge_log(c, "WQ doorbell out of range", id, val);
			return;
		}
		wq->prod = val;
	}
	if (wq->valid && wq->prod != wq->cons)
		c->wq_pending[id / 64] |= 1ull << id % 64;
	else
		c->wq_pending[id / 64] &= ~(1ull << id % 64);
}

static void cq_doorbell(struct qlge_core *c, unsigned int id, uint32_t reg,
			uint32_t val)
{
	struct qlge_cq *cq = &c->cq[id];

	switch (reg) {
	case 0x00:
		cq_consumer(c, id, val & 0xffff);
		break;
	case 0x04:
		cq->valid = cq->loaded && (val & 0x10);
		break;
	case 0x18:
		qlge_bq_producer(c, &cq->lbq, val & 0xffff);
		break;
	case 0x1c:
		qlge_bq_producer(c, &cq->sbq, val & 0xffff);
		break;
	}
}

void qlge_core_doorbell_write(struct qlge_core *c, uint32_t off, uint32_t val)
{
	unsigned int page = off >> 12;

	if (off >= QLGE_DB_SIZE || !qlge_enter(c))
		return;
	c->counts.db_writes++;
	if (page < 128)
		wq_doorbell(c, page, off & 0xfff, val);
	else
		cq_doorbell(c, page - 128, off & 0xfff, val);
	qlge_leave(c);
}

bool qlge_core_can_receive(const struct qlge_core *c)
{
	return c->fifo.count < c->fifo.slots;
}

void qlge_core_receive(struct qlge_core *c, const uint8_t *frame, size_t len)
{
	bool nested = c->busy;

	/* Only the frames of the wire; loopback enters below. */
	if (c->fault.gone || !c->link || (c->mpi.link_cfg & CFG_LOOPBACK))
		return;
	c->busy = true;
	qlge_rx_frame(c, frame, len, !nested);
	if (!nested) {
		report_event(c);
		c->busy = false;
	} else if (c->fifo.count && !c->scheduled) {
		c->scheduled = true;
		c->ops->schedule(c->opaque);
	}
}

void qlge_core_run(struct qlge_core *c)
{
	c->scheduled = false;
	if (!qlge_enter(c))
		return;
	qlge_leave(c);
}

void qlge_core_timer(struct qlge_core *c)
{
	c->timer_at = NEVER;
	if (!qlge_enter(c))
		return;
	if (c->resumed) {
		eval_all(c);
		/* Words that wait for a mailbox that is free are posted. */
		qlge_mpi_resume(c);
	}
	c->resumed = false;
	check_delays(c);
	qlge_mpi_timer(c);
	qlge_fault_timer(c);
	qlge_leave(c);
}

void qlge_core_link_set(struct qlge_core *c, bool up)
{
	c->plug = up;
	if (c->link == up)
		return;
	c->link = up;
	if (!qlge_enter(c))
		return;
	qlge_mpi_link(c);
	qlge_leave(c);
}

void qlge_core_irq_update(struct qlge_core *c)
{
	if (!qlge_enter(c))
		return;
	eval_all(c);
	c->busy = false;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The state of a function and its card as a stream of bytes, little endian.
 * One description serves both directions, so they cannot drift apart.  What
 * comes in is hostile: everything that is used as an index, a length or a
 * divisor is checked, what can be derived is derived.
 */
#include "qlge_core_int.h"

#define STATE_VERSION	3
#define MIN_FRAME	60

struct stream {
	uint8_t *out;			/* NULL: only count */
	const uint8_t *in;		/* not NULL: load */
	size_t size;
	size_t pos;
	bool bad;
};

static void need(struct stream *s, bool ok)
{
	if (!ok)
		s->bad = true;
}

static void io_bytes(struct stream *s, void *p, size_t n)
{
	if (s->in || s->out) {
		if (s->bad || n > s->size - s->pos) {
			s->bad = true;
			if (s->in)
				memset(p, 0, n);
			return;
		}
		if (s->in)
			memcpy(p, s->in + s->pos, n);
		else
			memcpy(s->out + s->pos, p, n);
	}
	s->pos += n;
}

static uint64_t io_int(struct stream *s, uint64_t val, size_t n)
{
	uint8_t raw[8] = { 0 };

	put_le64(raw, val);
	io_bytes(s, raw, n);
	return get_le64(raw);
}

static void io_bool(struct stream *s, bool *p)
{
	uint64_t val = io_int(s, *p, 1);

	need(s, val <= 1);
	*p = val & 1;
}

static void io_u8(struct stream *s, uint8_t *p)
{
	*p = (uint8_t)io_int(s, *p, 1);
}

static void io_u16(struct stream *s, uint16_t *p)
{
	*p = (uint16_t)io_int(s, *p, 2);
}

static void io_u32(struct stream *s, uint32_t *p)
{
	*p = (uint32_t)io_int(s, *p, 4);
}

static void io_u64(struct stream *s, uint64_t *p)
{
	*p = io_int(s, *p, 8);
}

static void io_u32s(struct stream *s, uint32_t *p, size_t n)
{
	while (n--)
		io_u32(s, p++);
}

static void io_u64s(struct stream *s, uint64_t *p, size_t n)
{
	while (n--)
		io_u64(s, p++);
}

/* What has to be the same at both ends. */
static void io_same(struct stream *s, uint32_t val)
{
	uint32_t was = val;

	io_u32(s, &was);
	need(s, was == val);
}

static void io_bq(struct stream *s, struct qlge_bq *bq)
{
	io_u64(s, &bq->table);
	io_u64(s, &bq->page);
	io_u64s(s, bq->line, ARRAY_SIZE(bq->line));
	io_u32(s, &bq->len);
	io_u32(s, &bq->size);
	io_u32(s, &bq->prod);
	io_u32(s, &bq->raw_prod);
	io_u32(s, &bq->cons);
	io_u32(s, &bq->page_nr);
	io_bool(s, &bq->page_valid);
	io_bool(s, &bq->line_valid);
	io_bool(s, &bq->loaded);
	if (bq->loaded)
		need(s, bq->len && bq->len <= 65536 && !(bq->len & 15) &&
		     bq->size && bq->size <= 65536 && bq->prod < bq->len &&
		     !(bq->prod & 15) && bq->raw_prod <= 0xffff &&
		     bq->cons < bq->len);
}

static void io_cq(struct stream *s, struct qlge_cq *cq)
{
	io_u64(s, &cq->addr);
	io_u64(s, &cq->shadow);
	io_u64(s, &cq->irq_at);
	io_u64(s, &cq->pkt_at);
	io_u32(s, &cq->len);
	io_u32(s, &cq->prod);
	io_u32(s, &cq->cons);
	io_u32(s, &cq->published);
	io_u16(s, &cq->pkt_delay);
	io_u16(s, &cq->irq_delay);
	io_u8(s, &cq->vector);
	io_bool(s, &cq->loaded);
	io_bool(s, &cq->valid);
	io_bool(s, &cq->waiting);
	io_bool(s, &cq->ready);
	io_bool(s, &cq->dead);
	io_bq(s, &cq->sbq);
	io_bq(s, &cq->lbq);
	io_bytes(s, cq->icb, sizeof(cq->icb));
	need(s, cq->vector < QLGE_QUEUES);
	if (cq->loaded)
		need(s, cq->len && cq->len <= 65536 && cq->prod < cq->len &&
		     cq->cons < cq->len && !(cq->waiting && cq->ready));
	else
		need(s, !cq->valid && !cq->waiting && !cq->ready);
}

static void io_wq(struct stream *s, struct qlge_wq *wq)
{
	io_u64(s, &wq->addr);
	io_u64(s, &wq->shadow);
	io_u32(s, &wq->len);
	io_u32(s, &wq->prod);
	io_u32(s, &wq->cons);
	io_u8(s, &wq->cq);
	io_bool(s, &wq->loaded);
	io_bool(s, &wq->valid);
	io_bytes(s, wq->icb, sizeof(wq->icb));
	need(s, wq->cq < QLGE_QUEUES);
	if (wq->loaded)
		need(s, wq->len && wq->len <= 65536 && wq->prod < wq->len &&
		     wq->cons < wq->len);
	else
		need(s, !wq->valid);
}

static void io_tso(struct stream *s, struct qlge_core *c)
{
	struct qlge_tso *t = &c->tso;

	io_bool(s, &t->active);
	if (!t->active)
		return;
	io_bool(s, &t->ip6);
	io_bool(s, &t->vlan);
	io_u8(s, &t->wq);
	io_u16(s, &t->tci);
	io_u16(s, &t->l3);
	io_u16(s, &t->l4);
	io_u16(s, &t->mss);
	io_u16(s, &t->seed);
	io_u16(s, &t->ip_id);
	io_u32(s, &t->seq);
	io_u8(s, &t->tcp_flags);
	io_u32(s, &t->hdr);
	io_u32(s, &t->len);
	io_u32(s, &t->done);
	io_u32(s, &t->segment);
	io_bytes(s, t->cqe, sizeof(t->cqe));
	need(s, t->wq < QLGE_QUEUES && c->wq[t->wq % QLGE_QUEUES].loaded &&
	     qlge_tso_valid(t) &&
	     (t->done == UINT32_MAX || t->done <= t->len - t->hdr));
	if (s->bad)
		t->active = false;
	else
		io_bytes(s, c->txbuf + TX_HEADROOM, t->len);
}

static void io_fifo(struct stream *s, struct qlge_fifo *f)
{
	struct qlge_slot *slot;
	uint32_t i, bytes = 0;

	io_same(s, f->slots);
	io_u32(s, &f->count);
	need(s, f->count <= f->slots);
	if (s->in)
		f->head = 0;
	for (i = 0; i < f->count && !s->bad; i++) {
		slot = &f->slot[(f->head + i) % f->slots];
		io_u16(s, &slot->info.len);
		io_u16(s, &slot->info.vlan);
		io_u32(s, &slot->info.hash);
		io_u8(s, &slot->info.cq);
		io_u8(s, &slot->info.flags1);
		io_u8(s, &slot->info.flags2);
		io_u8(s, &slot->info.flags3);
		io_u16(s, &slot->info.hdr);
		need(s, slot->info.len >= MIN_FRAME &&
		     slot->info.len <= QLGE_MAX_FRAME &&
		     slot->info.cq < QLGE_QUEUES &&
		     slot->info.hdr <= slot->info.len &&
		     (!slot->info.hdr || slot->info.hdr > 14));
		if (s->bad)
			break;
		io_bytes(s, slot->data, slot->info.len);
		bytes += slot->info.len;
	}
	if (s->in)
		f->bytes = bytes;
	need(s, bytes <= f->max_bytes);
}

static void io_rss(struct stream *s, struct qlge_rss *r)
{
	io_bool(s, &r->loaded);
	io_u8(s, &r->base);
	io_u8(s, &r->flags);
	io_u16(s, &r->mask);
	io_bytes(s, r->table, sizeof(r->table));
	io_bytes(s, r->key6, sizeof(r->key6));
	io_bytes(s, r->key4, sizeof(r->key4));
	need(s, r->base < QLGE_QUEUES && r->mask < ARRAY_SIZE(r->table));
}

static void io_mpi(struct stream *s, struct qlge_mpi *m)
{
	uint32_t i;

	io_u32(s, &m->late_count);
	need(s, m->late_count <= QLGE_LATE);
	for (i = 0; i < QLGE_LATE; i++) {
		io_u64(s, &m->late[i].at);
		io_u32s(s, m->late[i].item.word, ARRAY_SIZE(m->late[i].item.word));
	}
	io_u32s(s, m->in, ARRAY_SIZE(m->in));
	io_u32s(s, m->out, ARRAY_SIZE(m->out));
	for (i = 0; i < QLGE_EVENTS; i++)
		io_u32s(s, m->queue[i].word, ARRAY_SIZE(m->queue[i].word));
	io_u32(s, &m->head);
	io_u32(s, &m->count);
	need(s, m->head < QLGE_EVENTS && m->count <= QLGE_EVENTS);
	io_bool(s, &m->hri);
	io_u32(s, &m->lost);
	io_u32(s, &m->link_cfg);
	io_u32(s, &m->frame_size);
	io_u32(s, &m->led);
	io_u32(s, &m->wol_mode);
	io_u32(s, &m->wol_wakes);
	io_bytes(s, m->wol_magic, sizeof(m->wol_magic));
	io_u32(s, &m->idc_acks);
	io_u32s(s, m->idc_ack, ARRAY_SIZE(m->idc_ack));
	io_u32(s, &m->idc_delay);
	io_bool(s, &m->traffic_stopped);
}

static void io_fault(struct stream *s, struct qlge_fault *f)
{
	uint32_t cqe = f->cqe;

	io_bool(s, &f->rx_hold);
	io_bool(s, &f->flash);
	io_bool(s, &f->tx_hold);
	io_bool(s, &f->gone);
	io_u32(s, &f->gone_after);
	io_u32(s, &f->irq_lost);
	io_u32(s, &f->tx_rate);
	io_u32(s, &f->tx_left);
	io_u64(s, &f->tx_since);
	io_u32(s, &f->flap);
	io_u64(s, &f->flap_at);
	io_u32(s, &cqe);
	io_u8(s, &f->cqe_cq);
	io_u32(s, &f->cqe_value);
	need(s, cqe <= QLGE_CQE_INDEX && f->flap <= 2 * QLGE_FLAP_MAX);
	f->cqe = s->bad ? QLGE_CQE_NONE : (enum qlge_cqe_fault)cqe;
}

/* With two functions it comes twice, with the same contents. */
static void io_chip(struct stream *s, struct qlge_chip *chip)
{
	uint32_t fault = chip->fault;

	io_u32(s, &chip->sys);
	io_u32(s, &chip->icb_l);
	io_u32(s, &chip->icb_h);
	io_u32(s, &chip->cfg);
	io_u32(s, &chip->prb_addr);
	io_u32(s, &chip->flash_addr);
	io_u32(s, &chip->proc_addr);
	io_u32(s, &chip->proc_data);
	io_u32(s, &chip->mac_idx);
	io_u32(s, &chip->port_init);
	io_u16(s, &chip->sem_elsewhere);
	io_u32(s, &fault);
	io_bool(s, &chip->paused);
	io_bool(s, &chip->in_reset);
	io_bool(s, &chip->silent);
	io_u32(s, &chip->keep);
	io_u32(s, &chip->probe);
	io_u32(s, &chip->shadow);
	io_u32s(s, chip->addr_words, ARRAY_SIZE(chip->addr_words));
	need(s, !(chip->port_init & ~0x30u) && fault <= QLGE_MPI_LATE);
	chip->fault = s->bad ? QLGE_MPI_HEALTHY : (enum qlge_mpi_fault)fault;
}

static void io_core(struct stream *s, struct qlge_core *c)
{
	uint64_t *count = (void *)&c->counts;
	uint32_t i, j;

	io_same(s, STATE_VERSION);
	io_same(s, c->cfg.device_id);
	io_same(s, c->cfg.function);
	io_same(s, c->cfg.vectors);
	io_chip(s, c->chip);
	io_u64s(s, count, sizeof(c->counts) / sizeof(*count));
	io_u32s(s, c->reg, ARRAY_SIZE(c->reg));
	io_u32(s, &c->sts);
	io_u32(s, &c->err_sts);
	need(s, !(c->sts & ~(STS_FE | STS_PI)));
	io_u32s(s, c->ets[0], ARRAY_SIZE(c->ets[0]));
	io_u32s(s, c->ets[1], ARRAY_SIZE(c->ets[1]));
	io_u32(s, &c->serdes_addr);
	io_u32(s, &c->xgmac_addr);
	io_u16(s, &c->sem);
	io_bool(s, &c->plug);
	io_bool(s, &c->link);
	io_fault(s, &c->fault);
	io_bool(s, &c->event_waiting);
	io_u8(s, &c->event);
	io_u8(s, &c->event_queue);
	io_bool(s, &c->ei);
	io_bool(s, &c->ihd);
	io_bool(s, &c->msi_sent);
	io_u8(s, &c->en_selected);
	need(s, c->en_selected < QLGE_QUEUES);
	for (i = 0; i < QLGE_QUEUES; i++)
		io_bool(s, &c->en[i]);
	io_bool(s, &c->line);
	/* The link follows the cable, and who is gone drives no line. */
	need(s, c->fault.flap || c->fault.gone || c->link == c->plug);
	need(s, !c->fault.gone || !c->line);
	for (i = 0; i < QLGE_QUEUES; i++)
		io_cq(s, &c->cq[i]);
	for (i = 0; i < QLGE_QUEUES; i++)
		io_wq(s, &c->wq[i]);
	io_u32(s, &c->wq_next);
	io_tso(s, c);
	io_fifo(s, &c->fifo);
	io_rss(s, &c->rss);
	io_mpi(s, &c->mpi);
	for (i = 0; i < ARRAY_SIZE(c->route); i++) {
		for (j = 0; j < ARRAY_SIZE(c->route[i]); j++) {
			io_u32(s, &c->route[i][j].idx);
			io_u32(s, &c->route[i][j].data);
			io_bool(s, &c->route[i][j].enabled);
		}
	}
	io_u32(s, &c->rt_idx);
	io_u32s(s, c->mcast, ARRAY_SIZE(c->mcast));
	io_u64(s, &c->mcast_valid);
	io_u64s(s, c->vlan_on, ARRAY_SIZE(c->vlan_on));
	io_u32s(s, c->xgmac, ARRAY_SIZE(c->xgmac));
	io_u64s(s, c->stat, ARRAY_SIZE(c->stat));
}

size_t qlge_core_save(struct qlge_core *c, uint8_t *buf, size_t size)
{
	struct stream s = { .out = buf, .size = size };

	io_core(&s, c);
	return s.bad ? 0 : s.pos;
}

/* Every field takes no more room in the stream than in memory. */
size_t qlge_core_state_max(const struct qlge_core *c)
{
	return sizeof(*c) + sizeof(*c->chip) + QLGE_TX_MAX +
	       (size_t)c->fifo.slots * sizeof(*c->fifo.slot);
}

/* What the queues say, in the form in which it is looked up. */
static void derive(struct qlge_core *c)
{
	unsigned int i;

	memset(c->vec_ready, 0, sizeof(c->vec_ready));
	memset(c->cq_waiting, 0, sizeof(c->cq_waiting));
	memset(c->wq_pending, 0, sizeof(c->wq_pending));
	c->all_ready = 0;
	for (i = 0; i < QLGE_QUEUES; i++) {
		if (c->cq[i].ready) {
			c->vec_ready[c->cq[i].vector]++;
			c->all_ready++;
		}
		if (c->cq[i].waiting)
			c->cq_waiting[i / 64] |= 1ull << i % 64;
		if (c->wq[i].valid && c->wq[i].prod != c->wq[i].cons)
			c->wq_pending[i / 64] |= 1ull << i % 64;
	}
	qlge_cam_rescan(c->chip);
	qlge_rss_tables(&c->rss);
}

/* Go on when the clock does; until then memory is not to be touched. */
static void go_on(struct qlge_core *c)
{
	c->resumed = true;
	qlge_arm(c, c->ops->now(c->opaque));
}

int qlge_core_load(struct qlge_core *c, const uint8_t *buf, size_t size)
{
	struct stream s = { .in = buf, .size = size };
	struct qlge_core *peer = qlge_peer(c);
	bool line = c->line;

	if (c->busy)
		return -1;
	io_core(&s, c);
	if (s.bad || s.pos != size) {
		/* Half of a state is none; the wire is where it was. */
		c->line = line;
		c->fault = (struct qlge_fault){ 0 };
		c->chip->fault = QLGE_MPI_HEALTHY;
		c->link = c->plug;
		qlge_core_reset(c);
		return -1;
	}
	derive(c);
	c->scheduled = false;
	c->timer_at = UINT64_MAX;
	go_on(c);
	/* What it shares with the other function is new for that one, too. */
	if (peer)
		go_on(peer);
	return 0;
}

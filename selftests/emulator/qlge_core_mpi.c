// SPDX-License-Identifier: GPL-2.0-only
/*
 * The management processor as the host sees it: processor window, mailboxes
 * and events; and what it looks after: flash, MAC registers and counters.
 */
#include "qlge_core_int.h"

#define FW_REVISION		0x00010200
#define LINK_XFI_10G		0x11
#define MAX_FRAME_SIZE		0x2580
#define JUMBO			0x00010000
#define CFG_PAUSE_STD		0x20
#define CFG_PAUSE_PRI		0x40
#define WOL_MAGIC		0x00000002
#define WOL_MODE_ON		0x00010000
#define PROBE_ON		0x18a20000u
#define DUMP_MAX_WORDS		0x10000
/* longer than any driver waits for a command */
#define LATE_NS			(6000 * QLGE_MS)

#define STS_GOOD		0x4000
#define STS_INTRMDT		0x1000
#define STS_INVLD_CMD		0x4001
#define STS_XFC_ERR		0x4002
#define STS_PARAM_ERR		0x4006

static unsigned int port(const struct qlge_core *c)
{
	return c->cfg.function;
}

static bool mute(const struct qlge_core *c)
{
	return c->chip->fault == QLGE_MPI_SILENT ||
	       c->chip->fault == QLGE_MPI_DEAD;
}

/* Put the next item into the mailbox if the host has taken the last one. */
static void post_next(struct qlge_core *c)
{
	struct qlge_mpi *m = &c->mpi;

	if ((c->sts & STS_PI) || !m->count || mute(c))
		return;
	memcpy(m->out, m->queue[m->head].word, sizeof(m->out));
	m->head = (m->head + 1) % QLGE_EVENTS;
	m->count--;
	c->sts |= STS_PI;
	qlge_irq_eval(c, 0);
}

void qlge_mpi_post(struct qlge_core *c, const uint32_t *word, unsigned int n)
{
	struct qlge_mpi *m = &c->mpi;
	struct qlge_event *e;

	if (mute(c))
		return;
	/* One place is kept for the completion of a command. */
	if (m->count >= QLGE_EVENTS - 2 && word[0] >= 0x8000) {
		m->lost++;
		return;
	}
	if (m->count >= QLGE_EVENTS)
		return;
	e = &m->queue[(m->head + m->count) % QLGE_EVENTS];
	memset(e, 0, sizeof(*e));
	memcpy(e->word, word, n * sizeof(*word));
	m->count++;
	post_next(c);
}

static void acknowledge(struct qlge_core *c)
{
	c->sts &= ~(uint32_t)STS_PI;
	if (!c->mpi.count && c->mpi.lost) {
		const uint32_t lost[] = { AEN_LOST, c->mpi.lost };

		c->mpi.lost = 0;
		qlge_mpi_post(c, lost, ARRAY_SIZE(lost));
	}
	post_next(c);
	/* INTx goes down, the others have nothing left to say. */
	qlge_irq_eval(c, 0);
}

/* No event before the function is enabled: nobody could handle it. */
static void post_event(struct qlge_core *c, const uint32_t *word,
		       unsigned int n)
{
	if (c->reg[R_FSC / 4] & FSC_FE)
		qlge_mpi_post(c, word, n);
}

static uint32_t link_status(const struct qlge_core *c)
{
	static const uint8_t loopback[] = { 0, 0, 1, 0, 2, 0, 3, 0 };
	uint32_t cfg = c->mpi.link_cfg;

	/* Pause as it is configured: nobody is asked at the other end. */
	return LINK_XFI_10G | (cfg & CFG_PAUSE_STD ? 0x40 : 0) |
	       (cfg & CFG_PAUSE_PRI ? 0x80 : 0) |
	       (uint32_t)loopback[cfg & CFG_LOOPBACK] << 8;
}

void qlge_mpi_link(struct qlge_core *c)
{
	const uint32_t up[] = { AEN_LINK_UP, link_status(c) };
	const uint32_t down[] = { AEN_LINK_DOWN, 0, 0 };

	if (c->chip->silent || c->chip->in_reset)
		return;
	if (c->link)
		post_event(c, up, ARRAY_SIZE(up));
	else
		post_event(c, down, ARRAY_SIZE(down));
}

/* Forget what was going on: pending commands and events. */
static void firmware_stop(struct qlge_chip *chip)
{
	struct qlge_core *c;
	unsigned int f;

	if (chip->fault == QLGE_MPI_SILENT)
		chip->fault = QLGE_MPI_HEALTHY;
	for (f = 0; f < ARRAY_SIZE(chip->fn); f++) {
		c = chip->fn[f];
		if (!c)
			continue;
		c->mpi.count = 0;
		c->mpi.head = 0;
		c->mpi.lost = 0;
		c->mpi.late_count = 0;
		c->mpi.hri = false;
		c->sts &= ~(uint32_t)STS_PI;
		qlge_irq_eval(c, 0);
	}
}

static void port_defaults(struct qlge_mpi *m)
{
	m->link_cfg = JUMBO;
	m->frame_size = MAX_FRAME_SIZE;
	m->traffic_stopped = false;
}

static void firmware_start(struct qlge_chip *chip)
{
	const uint32_t done[] = { AEN_FW_INIT_DONE, FW_REVISION };
	struct qlge_core *c;
	unsigned int f;

	chip->paused = false;
	chip->in_reset = false;
	chip->silent = false;
	for (f = 0; f < ARRAY_SIZE(chip->fn); f++) {
		c = chip->fn[f];
		if (!c)
			continue;
		port_defaults(&c->mpi);
		post_event(c, done, ARRAY_SIZE(done));
		if (c->link)
			qlge_mpi_link(c);
	}
}

void qlge_mpi_power_on(struct qlge_core *c)
{
	uint32_t idc_delay = c->mpi.idc_delay;

	memset(&c->mpi, 0, sizeof(c->mpi));
	c->mpi.idc_delay = idc_delay;
	port_defaults(&c->mpi);
	memset(c->xgmac, 0, sizeof(c->xgmac));
	memset(c->stat, 0, sizeof(c->stat));
	if (c->cfg.device_id == 0x8012)
		return;		/* the host sets up MAC and port */
	c->chip->port_init |= STS_INIT(port(c));
	c->xgmac[X_GLOBAL_CFG / 4] = 0xc40;
	c->xgmac[X_TX_CFG / 4] = MAC_CFG_EN;
	c->xgmac[X_RX_CFG / 4] = MAC_CFG_EN;
	c->xgmac[X_MAC_TX_PARAMS / 4] = 0x80000000u | MAX_FRAME_SIZE << 16;
	c->xgmac[X_MAC_RX_PARAMS / 4] = MAX_FRAME_SIZE;
}

/*
 * What the processor's memory and registers hold is not known; each word tells
 * its address, so that a dump that mixes them up shows.
 */
static uint32_t pattern(uint32_t addr)
{
	return 0xc0000000u | addr;
}

/* 0x0c: copy processor memory to the host */
static uint32_t dump_ram(struct qlge_core *c, const uint32_t *in)
{
	uint64_t dma = (in[3] & 0xffff) | (uint64_t)(in[2] & 0xffff) << 16 |
		       (uint64_t)(in[7] & 0xffff) << 32 |
		       (uint64_t)(in[6] & 0xffff) << 48;
	uint32_t words = (in[5] & 0xffff) | (in[4] & 0xffff) << 16;
	uint32_t addr = (in[1] & 0xffff) | (in[8] & 0xffff) << 16, n, i;
	uint8_t buf[1024];

	if (words > DUMP_MAX_WORDS)
		return STS_PARAM_ERR;
	for (; words; words -= n, dma += n * 4) {
		n = words < sizeof(buf) / 4 ? words : sizeof(buf) / 4;
		for (i = 0; i < n; i++)
			put_le32(buf + i * 4, pattern(addr++));
		if (qlge_dma_write(c, dma, buf, n * 4))
			return STS_XFC_ERR;
	}
	return STS_GOOD;
}

/* Something to be posted after a while; false if there is no room for it. */
static bool post_later(struct qlge_core *c, uint64_t ns, const uint32_t *word,
		       unsigned int n)
{
	struct qlge_mpi *m = &c->mpi;
	struct qlge_late *late = &m->late[m->late_count];

	if (m->late_count == QLGE_LATE)
		return false;
	m->late_count++;
	late->at = c->ops->now(c->opaque) + ns;
	memset(&late->item, 0, sizeof(late->item));
	memcpy(late->item.word, word, n * sizeof(*word));
	qlge_arm(c, late->at);
	return true;
}

static void complete(struct qlge_core *c, const uint32_t *out)
{
	if (c->chip->fault != QLGE_MPI_LATE ||
	    !post_later(c, LATE_NS, out, QLGE_MBOX_WORDS))
		qlge_mpi_post(c, out, QLGE_MBOX_WORDS);
}

/* The other function has a say in it; returns the status of the command. */
static uint32_t set_port_cfg(struct qlge_core *c, const uint32_t *in)
{
	const uint32_t req[4] = { AEN_IDC_REQ, 0x01220100, in[1], in[2] };
	const uint32_t done[4] = { AEN_IDC_CMPLT };
	struct qlge_core *peer = qlge_peer(c);
	struct qlge_mpi *m = &c->mpi;

	m->link_cfg = in[1];
	m->frame_size = in[2];
	if (peer && !peer->fault.gone)
		post_event(peer, req, ARRAY_SIZE(req));
	if (m->idc_delay && post_later(c, m->idc_delay * QLGE_MS, done,
				       ARRAY_SIZE(done)))
		return STS_INTRMDT;
	/*
	 * Before the completion: a driver that polls for the command handles
	 * this event on the way and can wait for it.
	 */
	qlge_mpi_post(c, done, ARRAY_SIZE(done));
	return STS_GOOD;
}

static void idc_ack(struct qlge_core *c, const uint32_t *in)
{
	struct qlge_core *peer = qlge_peer(c);
	unsigned int i;

	c->mpi.idc_acks++;
	memcpy(c->mpi.idc_ack, in + 1, sizeof(c->mpi.idc_ack));
	/* The one who asked need not wait any longer. */
	for (i = 0; peer && i < peer->mpi.late_count; i++) {
		struct qlge_late *late = &peer->mpi.late[i];

		if (late->item.word[0] == AEN_IDC_CMPLT) {
			late->at = c->ops->now(c->opaque);
			qlge_arm(peer, late->at);
		}
	}
}

static void command(struct qlge_core *c)
{
	const uint32_t sys_err[] = { AEN_SYS_ERR };
	struct qlge_mpi *m = &c->mpi;
	const uint32_t *in = m->in;
	uint32_t out[QLGE_MBOX_WORDS] = { STS_GOOD };
	unsigned int i;

	switch (in[0]) {
	case 0x0000:	/* no operation */
	case 0x0069:	/* firmware state: running */
		break;
	case 0x0008:
		out[1] = FW_REVISION;
		break;
	case 0x000c:
		out[0] = dump_ram(c, in);
		break;
	case 0x002a:
		/* a system error on request has no completion */
		post_event(c, sys_err, ARRAY_SIZE(sys_err));
		return;
	case 0x0101:
		idc_ack(c, in);
		break;
	case 0x0110:
		m->wol_mode = in[1];
		/* It stays set when the host does not clear it. */
		if (in[1] & WOL_MODE_ON)
			c->reg[R_MGMT_RCV_CFG / 4] |= MGMT_RM;
		break;
	case 0x0113:
		for (i = 0; i < sizeof(m->wol_magic); i++)
			m->wol_magic[i] = (uint8_t)in[1 + i];
		break;
	case 0x0122:
		out[0] = set_port_cfg(c, in);
		break;
	case 0x0123:
		out[1] = m->link_cfg;
		out[2] = m->frame_size;
		break;
	case 0x0124:
		out[1] = c->link ? link_status(c) : 0;
		out[3] = 0x10;
		break;
	case 0x0125:
		m->led = in[1];
		break;
	case 0x0126:
		out[1] = m->led;
		break;
	case 0x0160:
		if (in[1] & 1)
			m->traffic_stopped = true;
		else if (in[1] & 2)
			m->traffic_stopped = false;
		break;
	case 0x0161:
		out[1] = 2 | m->traffic_stopped;	/* FIFO empty */
		break;
	default:
		qlge_log(c, "unknown mailbox command", in[0], in[1]);
		out[0] = STS_INVLD_CMD;
	}
	complete(c, out);
}

static void take_command(struct qlge_core *c)
{
	const struct qlge_chip *chip = c->chip;
	struct qlge_mpi *m = &c->mpi;

	if (!m->hri || chip->paused || chip->in_reset || mute(c) ||
	    m->late_count == QLGE_LATE)
		return;
	m->hri = false;
	if (chip->silent && m->in[0] != 0x000c)
		return;
	command(c);
}

void qlge_mpi_timer(struct qlge_core *c)
{
	struct qlge_mpi *m = &c->mpi;
	uint64_t now;
	unsigned int i;

	if (!m->late_count)
		return;
	now = c->ops->now(c->opaque);
	for (i = 0; i < m->late_count;) {
		if (m->late[i].at > now) {
			qlge_arm(c, m->late[i++].at);
			continue;
		}
		qlge_mpi_post(c, m->late[i].item.word, QLGE_MBOX_WORDS);
		m->late_count--;
		memmove(&m->late[i], &m->late[i + 1],
			(m->late_count - i) * sizeof(*m->late));
	}
	take_command(c);
}

void qlge_mpi_resume(struct qlge_core *c)
{
	struct qlge_core *peer = qlge_peer(c);

	post_next(c);
	take_command(c);
	if (!peer || !qlge_enter(peer))
		return;
	post_next(peer);
	take_command(peer);
	qlge_leave(peer);
}

/* Six times ff, then sixteen times the address, anywhere. */
static bool is_magic(const struct qlge_core *c, const uint8_t *p, size_t len)
{
	static const uint8_t none[6];
	const uint8_t *mac = c->mpi.wol_magic;
	unsigned int i;

	if (!memcmp(mac, none, 6))
		mac = c->cfg.mac;
	for (; len >= 102; p++, len--) {
		if (memcmp(p, "\xff\xff\xff\xff\xff\xff", 6))
			continue;
		for (i = 1; i <= 16 && !memcmp(p + 6 * i, mac, 6); i++)
			;
		if (i > 16)
			return true;
	}
	return false;
}

bool qlge_mpi_frame(struct qlge_core *c, const uint8_t *frame, size_t len)
{
	if (!(c->reg[R_MGMT_RCV_CFG / 4] & MGMT_RM))
		return false;
	qlge_count(c, X_RX_MGMT, 1);
	if ((c->mpi.wol_mode & (WOL_MODE_ON | WOL_MAGIC)) ==
	    (WOL_MODE_ON | WOL_MAGIC) && is_magic(c, frame, len))
		c->mpi.wol_wakes++;
	return true;
}

uint32_t qlge_csr_read(struct qlge_core *c)
{
	return (c->chip->in_reset ? CSR_RR : 0) | (c->mpi.hri ? CSR_HRI : 0) |
	       (c->chip->paused ? CSR_RP : 0);
}

void qlge_csr_write(struct qlge_core *c, uint32_t val)
{
	struct qlge_chip *chip = c->chip;

	switch (val >> 28) {
	case 1:
		firmware_stop(chip);
		chip->in_reset = true;
		chip->paused = false;
		break;
	case 2:
		if (!chip->in_reset)
			break;
		chip->in_reset = false;
		if ((chip->keep & 3) == 3)
			chip->silent = true;
		else
			firmware_start(chip);
		break;
	case 3:
		chip->paused = true;
		break;
	case 4:
		chip->paused = false;
		qlge_mpi_resume(c);
		break;
	case 5:
		c->mpi.hri = true;
		take_command(c);
		break;
	case 6:
		c->mpi.hri = false;
		break;
	case 10:
		acknowledge(c);
		break;
	}
}

/* Mailbox word behind a processor address, or NULL. */
static uint32_t *mailbox(struct qlge_core *c, uint32_t addr)
{
	struct qlge_core *fn;

	if (addr >> 8 != 0x11 && addr >> 8 != 0x12)
		return NULL;
	fn = c->chip->fn[addr >> 8 == 0x12];
	if (!fn)
		return NULL;
	switch (addr & 0xf0) {
	case 0x80:
		return &fn->mpi.in[addr & 15];
	case 0x90:
		return &fn->mpi.out[addr & 15];
	}
	return NULL;
}

/* A register of some function, by module 2. */
static struct qlge_core *reg_block(struct qlge_core *c, uint32_t addr,
				   uint32_t *reg)
{
	unsigned int f = (addr & 0xffff) >> 6;

	*reg = (addr & 63) * 4;
	/* The window does not look into itself. */
	if (f >= ARRAY_SIZE(c->chip->fn) || *reg <= R_PROC_DATA)
		return NULL;
	return c->chip->fn[f];
}

static uint32_t proc_read(struct qlge_core *c, uint32_t addr)
{
	const uint32_t *word = mailbox(c, addr);
	struct qlge_core *fn;
	uint32_t reg;

	if (word)
		return *word;
	if (addr >> 16 == 2) {
		fn = reg_block(c, addr, &reg);
		if (!fn)
			return 0;
		/* The other one may be busy, by DMA into this window. */
		return fn == c ? qlge_reg_get(c, reg) :
				 qlge_core_reg_read(fn, reg);
	}
	switch (addr) {
	case 0x1002:
		return 0x31;	/* NIC 1 = function 0, NIC 2 = function 1 */
	case 0x100a:
		return c->chip->keep;
	case 0x100e:
		return c->chip->probe;
	case 0x1010:
		return 0;
	case 0x3007c:
		return c->chip->shadow;
	case 0x3007f:
		/* one of the shadow registers, if one is selected */
		if (c->chip->shadow >> 28 == 11)
			return pattern(0x40000 | (c->chip->shadow >> 20 & 15));
		break;
	}
	return pattern(addr);
}

static void proc_write(struct qlge_core *c, uint32_t addr, uint32_t val)
{
	uint32_t *word = mailbox(c, addr);
	struct qlge_core *fn;
	uint32_t reg;

	if (word) {
		*word = val;
		return;
	}
	if (addr >> 16 == 2) {
		fn = reg_block(c, addr, &reg);
		if (fn == c)
			qlge_reg_set(c, reg, val);
		else if (fn)
			qlge_core_reg_write(fn, reg, val);
		return;
	}
	switch (addr) {
	case 0x100a:
		c->chip->keep = val;
		break;
	case 0x100e:
		c->chip->probe = val;
		break;
	case 0x1010:
		if (val & 1) {
			firmware_stop(c->chip);
			c->chip->keep = 0;
			firmware_start(c->chip);
		}
		break;
	case 0x3007c:
		c->chip->shadow = val;
		break;
	}
}

void qlge_proc_access(struct qlge_core *c, uint32_t val)
{
	c->chip->proc_addr = val & 0x1003ffff;
	if (val & WINDOW_READ)
		c->chip->proc_data = proc_read(c, val & 0x3ffff);
	else
		proc_write(c, val & 0x3ffff, c->chip->proc_data);
}

uint32_t qlge_probe_read(struct qlge_core *c)
{
	/* The selector, with its UP bit, when somebody has switched it on. */
	return c->chip->probe == PROBE_ON ?
	       pattern(c->chip->prb_addr & 0x1ffff) : 0;
}

/* Flash */

/* Parameter block of a port, at most 128 words of which few are not zero. */
static uint32_t param_word(struct qlge_core *c, unsigned int p, uint32_t word)
{
	uint8_t block[32] = { 0 };
	unsigned int i, mac, csum, len;
	const struct qlge_core *fn;
	uint16_t sum = 0;

	if (c->cfg.device_id == 0x8012) {
		memcpy(block, "8012", 4);
		put_le16(block + 4, 20);
		put_le16(block + 8, 1);
		csum = 6;
		mac = 12;
		len = 20;
	} else {
		memcpy(block, "8000", 4);
		csum = 8;
		mac = 18;
		len = sizeof(block);
	}
	fn = c->chip->fn[p];
	memcpy(block + mac, fn ? fn->cfg.mac : c->cfg.mac, 6);
	/* A port without function needs an address of its own, too. */
	if (!fn)
		block[mac + 5] ^= 1;
	for (i = 0; i < len; i += 2)
		sum = (uint16_t)(sum + get_le16(block + i));
	put_le16(block + csum, (uint16_t)-sum);
	return word * 4 < len ? get_le32(block + word * 4) : 0;
}

static uint32_t flash_param(struct qlge_core *c, unsigned int block,
			    uint32_t i)
{
	/* The word with the checksum; the address stays a good one. */
	return param_word(c, block, i) ^ (c->fault.flash && i == 2);
}

uint32_t qlge_flash_word(struct qlge_core *c, uint32_t addr)
{
	if (c->cfg.device_id == 0x8012)
		return addr < 10 ? flash_param(c, addr / 5, addr % 5) : ~0u;
	if (addr >= 0x50080 && addr < 0x50100)
		return flash_param(c, 0, addr - 0x50080);
	if (addr >= 0x50180 && addr < 0x50200)
		return flash_param(c, 1, addr - 0x50180);
	return ~0u;
}

/* MAC registers and counters */

uint32_t qlge_xgmac_read(struct qlge_core *c, uint32_t addr)
{
	uint64_t v;

	if (addr & 3 || addr / 4 >= QLGE_XGMAC_WORDS)
		return 0;
	if ((addr >= X_STATS && addr < 0x280) ||
	    (addr >= 0x300 && addr < 0x3d0) || addr >= 0x500) {
		v = c->stat[addr / 8];
		return (uint32_t)(addr & 4 ? v >> 32 : v);
	}
	return c->xgmac[addr / 4];
}

static void clear_stats(struct qlge_core *c, bool tx)
{
	uint32_t a;

	for (a = X_STATS; a < 0x740; a += 8) {
		bool is_tx = a < 0x300 || (a >= 0x500 && a < 0x550) ||
			     (a >= 0x680 && a < 0x700);

		if (is_tx == tx)
			c->stat[a / 8] = 0;
	}
}

void qlge_xgmac_write(struct qlge_core *c, uint32_t addr, uint32_t val)
{
	if (addr & 3 || addr / 4 >= QLGE_XGMAC_WORDS)
		return;
	if (addr == X_STAT_CNT_CTL) {
		if (val & 1)
			clear_stats(c, true);
		if (val & 2)
			clear_stats(c, false);
		return;
	}
	if (addr == X_GLOBAL_CFG && (val & GLOBAL_CFG_RESET)) {
		c->xgmac[X_TX_CFG / 4] = 0;
		c->xgmac[X_RX_CFG / 4] = 0;
	}
	c->xgmac[addr / 4] = val;
}

void qlge_count(struct qlge_core *c, uint32_t addr, uint64_t n)
{
	c->stat[addr / 8] += n;
}

void qlge_mac_count(struct qlge_core *c, bool tx, const uint8_t *frame,
		    size_t len)
{
	static const uint16_t upper[] = { 64, 127, 255, 511, 1023, 1518 };
	uint32_t enable = tx ? GLOBAL_CFG_TX_STAT : GLOBAL_CFG_RX_STAT;
	size_t wire = len + 4;	/* with FCS */
	unsigned int bin = 0;
	uint16_t type = get_be16(frame + 12);
	uint32_t a;

	if (!(c->xgmac[X_GLOBAL_CFG / 4] & enable))
		return;
	while (bin < ARRAY_SIZE(upper) && wire > upper[bin])
		bin++;
	qlge_count(c, (tx ? X_TX_64 : X_RX_64) + 8 * bin, 1);
	qlge_count(c, tx ? X_TX_PKTS : X_RX_PKTS, 1);
	qlge_count(c, tx ? X_TX_BYTES : X_RX_BYTES, wire);
	if (!tx) {
		qlge_count(c, X_RX_PKTS_OK, 1);
		qlge_count(c, X_RX_BYTES_OK, wire);
	}
	if (!(frame[0] & 1))
		a = tx ? X_TX_UCAST : X_RX_UCAST;
	else if (!memcmp(frame, "\xff\xff\xff\xff\xff\xff", 6))
		a = tx ? X_TX_BCAST : X_RX_BCAST;
	else
		a = tx ? X_TX_MCAST : X_RX_MCAST;
	qlge_count(c, a, 1);
	if (type == 0x8808) {
		qlge_count(c, tx ? X_TX_CTL : X_RX_CTL, 1);
		if (get_be16(frame + 14) == 1)
			qlge_count(c, tx ? X_TX_PAUSE : X_RX_PAUSE, 1);
		/* one for each class that a priority pause frame names */
		if (get_be16(frame + 14) == 0x0101)
			for (bin = 0; bin < 8; bin++)
				if (frame[17] >> bin & 1)
					qlge_count(c, (tx ? X_TX_CBFC :
						   X_RX_CBFC) + 8 * bin, 1);
	}
	if (type == 0x8100) {
		a = 8 * (frame[14] >> 5);
		qlge_count(c, a + (tx ? X_TX_PKTS_PRIO : X_RX_PKTS_PRIO), 1);
		qlge_count(c, a + (tx ? X_TX_OCTETS_PRIO : X_RX_OCTETS_PRIO),
			   wire);
	}
	if (len > QLGE_MAX_FRAME)
		qlge_count(c, tx ? X_TX_OVERSIZE : X_RX_OVERSIZE, 1);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The management processor as the host sees it: processor window, mailboxes
 * and events; and what it looks after: flash, MAC registers and counters.
 */
#include "qlge_core_int.h"

#define FW_REVISION		0x00010200
#define LINK_STATUS		0x11	/* XFI, 10 Gb/s */
#define MAX_FRAME_SIZE		0x2580
#define JUMBO			0x00010000
#define DUMP_MAX_WORDS		0x10000
/* longer than any driver waits for a command */
#define LATE_NS			(6000 * QLGE_MS)

#define STS_GOOD		0x4000
#define STS_INVLD_CMD		0x4001
#define STS_XFC_ERR		0x4002
#define STS_PARAM_ERR		0x4006

static unsigned int port(const struct qlge_core *c)
{
	return c->cfg.function;
}

static bool mute(const struct qlge_core *c)
{
	return c->mpi.fault == QLGE_MPI_SILENT || c->mpi.fault == QLGE_MPI_DEAD;
}

/* Put the next item into the mailbox if the host has taken the last one. */
static void post_next(struct qlge_core *c)
{
	struct qlge_mpi *m = &c->mpi;

	if ((c->sts & STS_PI) || !m->count || mute(c))
		return;
	memcpy(m->out[port(c)], m->queue[m->head].word,
	       sizeof(m->queue[m->head].word));
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

void qlge_mpi_link(struct qlge_core *c)
{
	const uint32_t up[] = { AEN_LINK_UP, LINK_STATUS };
	const uint32_t down[] = { AEN_LINK_DOWN, 0, 0 };

	if (c->mpi.silent || c->mpi.in_reset)
		return;
	if (c->link)
		post_event(c, up, ARRAY_SIZE(up));
	else
		post_event(c, down, ARRAY_SIZE(down));
}

/* Forget what was going on: pending command, events, loopback. */
static void firmware_stop(struct qlge_core *c)
{
	struct qlge_mpi *m = &c->mpi;

	m->count = 0;
	m->head = 0;
	m->lost = 0;
	m->late_count = 0;
	m->hri = false;
	if (m->fault == QLGE_MPI_SILENT)
		m->fault = QLGE_MPI_HEALTHY;
	c->sts &= ~(uint32_t)STS_PI;
	qlge_irq_eval(c, 0);
}

static void firmware_start(struct qlge_core *c)
{
	const uint32_t done[] = { AEN_FW_INIT_DONE, FW_REVISION };
	struct qlge_mpi *m = &c->mpi;

	m->paused = false;
	m->in_reset = false;
	m->silent = false;
	m->link_cfg = JUMBO;
	m->frame_size = MAX_FRAME_SIZE;
	post_event(c, done, ARRAY_SIZE(done));
	if (c->link)
		qlge_mpi_link(c);
}

void qlge_mpi_power_on(struct qlge_core *c)
{
	struct qlge_mpi *m = &c->mpi;
	enum qlge_mpi_fault fault = m->fault;

	memset(m, 0, sizeof(*m));
	if (fault != QLGE_MPI_SILENT)
		m->fault = fault;
	m->link_cfg = JUMBO;
	m->frame_size = MAX_FRAME_SIZE;
	memset(c->xgmac, 0, sizeof(c->xgmac));
	memset(c->stat, 0, sizeof(c->stat));
	if (c->cfg.device_id == 0x8012)
		return;		/* the host sets up MAC and port */
	c->sts |= STS_INIT(port(c));
	c->xgmac[X_GLOBAL_CFG / 4] = 0xc40;
	c->xgmac[X_TX_CFG / 4] = MAC_CFG_EN;
	c->xgmac[X_RX_CFG / 4] = MAC_CFG_EN;
	c->xgmac[X_MAC_TX_PARAMS / 4] = 0x80000000u | MAX_FRAME_SIZE << 16;
	c->xgmac[X_MAC_RX_PARAMS / 4] = MAX_FRAME_SIZE;
}

/* 0x0c: copy processor memory, which reads as zeros, to the host */
static uint32_t dump_ram(struct qlge_core *c, const uint32_t *in)
{
	static const uint8_t zero[4096];
	uint64_t dma = (in[3] & 0xffff) | (uint64_t)(in[2] & 0xffff) << 16 |
		       (uint64_t)(in[7] & 0xffff) << 32 |
		       (uint64_t)(in[6] & 0xffff) << 48;
	uint32_t words = (in[5] & 0xffff) | (in[4] & 0xffff) << 16;
	size_t left, n;

	if (words > DUMP_MAX_WORDS)
		return STS_PARAM_ERR;
	for (left = words * 4; left; left -= n, dma += n) {
		n = left < sizeof(zero) ? left : sizeof(zero);
		if (qlge_dma_write(c, dma, zero, n))
			return STS_XFC_ERR;
	}
	return STS_GOOD;
}

static void complete(struct qlge_core *c, const uint32_t *out)
{
	struct qlge_mpi *m = &c->mpi;
	struct qlge_late *late = &m->late[m->late_count];

	if (m->fault != QLGE_MPI_LATE) {
		qlge_mpi_post(c, out, QLGE_MBOX_WORDS);
		return;
	}
	m->late_count++;
	late->at = c->ops->now(c->opaque) + LATE_NS;
	memcpy(late->item.word, out, sizeof(late->item.word));
	qlge_arm(c, late->at);
}

static void command(struct qlge_core *c)
{
	const uint32_t idc_done[4] = { AEN_IDC_CMPLT };
	const uint32_t sys_err[] = { AEN_SYS_ERR };
	struct qlge_mpi *m = &c->mpi;
	const uint32_t *in = m->in[port(c)];
	uint32_t out[QLGE_MBOX_WORDS] = { STS_GOOD };

	switch (in[0]) {
	case 0x0000:	/* no operation */
	case 0x0069:	/* firmware state: running */
	case 0x0101:	/* IDC acknowledge */
	case 0x0110:	/* wake-on-LAN mode */
	case 0x0113:	/* wake-on-LAN magic */
	case 0x0160:	/* management traffic control */
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
	case 0x0122:
		m->link_cfg = in[1];
		m->frame_size = in[2];
		/*
		 * Before the completion: a driver that polls for the command
		 * handles this event on the way and can wait for it.
		 */
		qlge_mpi_post(c, idc_done, ARRAY_SIZE(idc_done));
		break;
	case 0x0123:
		out[1] = m->link_cfg;
		out[2] = m->frame_size;
		break;
	case 0x0124:
		out[1] = c->link ? LINK_STATUS : 0;
		out[3] = 0x10;
		break;
	case 0x0125:
		m->led = in[1];
		break;
	case 0x0126:
		out[1] = m->led;
		break;
	case 0x0161:
		out[1] = 3;	/* stopped, FIFO empty */
		break;
	default:
		qlge_log(c, "unknown mailbox command", in[0], in[1]);
		out[0] = STS_INVLD_CMD;
	}
	complete(c, out);
}

static void take_command(struct qlge_core *c)
{
	struct qlge_mpi *m = &c->mpi;

	if (!m->hri || m->paused || m->in_reset || mute(c) ||
	    m->late_count == QLGE_LATE)
		return;
	m->hri = false;
	if (m->silent && m->in[port(c)][0] != 0x000c)
		return;
	command(c);
}

void qlge_mpi_timer(struct qlge_core *c)
{
	struct qlge_mpi *m = &c->mpi;
	uint64_t now;

	if (!m->late_count)
		return;
	now = c->ops->now(c->opaque);
	while (m->late_count && m->late[0].at <= now) {
		qlge_mpi_post(c, m->late[0].item.word, QLGE_MBOX_WORDS);
		m->late_count--;
		memmove(m->late, m->late + 1, m->late_count * sizeof(*m->late));
	}
	take_command(c);
	if (m->late_count)
		qlge_arm(c, m->late[0].at);
}

void qlge_mpi_resume(struct qlge_core *c)
{
	post_next(c);
	take_command(c);
}

uint32_t qlge_csr_read(struct qlge_core *c)
{
	return (c->mpi.in_reset ? CSR_RR : 0) | (c->mpi.hri ? CSR_HRI : 0) |
	       (c->mpi.paused ? CSR_RP : 0);
}

void qlge_csr_write(struct qlge_core *c, uint32_t val)
{
	struct qlge_mpi *m = &c->mpi;

	switch (val >> 28) {
	case 1:
		firmware_stop(c);
		m->in_reset = true;
		m->paused = false;
		break;
	case 2:
		if (!m->in_reset)
			break;
		m->in_reset = false;
		if ((m->keep & 3) == 3)
			m->silent = true;
		else
			firmware_start(c);
		break;
	case 3:
		m->paused = true;
		break;
	case 4:
		m->paused = false;
		take_command(c);
		break;
	case 5:
		m->hri = true;
		take_command(c);
		break;
	case 6:
		m->hri = false;
		break;
	case 10:
		acknowledge(c);
		break;
	}
}

/* Mailbox word behind a processor address, or NULL. */
static uint32_t *mailbox(struct qlge_core *c, uint32_t addr)
{
	unsigned int p = addr >> 8 == 0x12;

	if (addr >> 8 != 0x11 && addr >> 8 != 0x12)
		return NULL;
	switch (addr & 0xf0) {
	case 0x80:
		return &c->mpi.in[p][addr & 15];
	case 0x90:
		return &c->mpi.out[p][addr & 15];
	}
	return NULL;
}

static uint32_t proc_read(struct qlge_core *c, uint32_t addr)
{
	uint32_t *word = mailbox(c, addr);
	unsigned int reg;

	if (word)
		return *word;
	if (addr >> 16 == 2) {
		reg = (addr & 63) * 4;
		/* The window does not look into itself. */
		if ((addr & 0xffff) >> 6 != c->cfg.function ||
		    reg <= R_PROC_DATA)
			return 0;
		return qlge_reg_get(c, reg);
	}
	switch (addr) {
	case 0x1002:
		return 0x31;	/* NIC 1 = function 0, NIC 2 = function 1 */
	case 0x100a:
		return c->mpi.keep;
	case 0x100e:
		return c->mpi.probe;
	}
	return 0;
}

static void proc_write(struct qlge_core *c, uint32_t addr, uint32_t val)
{
	uint32_t *word = mailbox(c, addr);
	unsigned int reg;

	if (word) {
		*word = val;
		return;
	}
	if (addr >> 16 == 2) {
		reg = (addr & 63) * 4;
		if ((addr & 0xffff) >> 6 == c->cfg.function &&
		    reg > R_PROC_DATA)
			qlge_reg_set(c, reg, val);
		return;
	}
	switch (addr) {
	case 0x100a:
		c->mpi.keep = val;
		break;
	case 0x100e:
		c->mpi.probe = val;
		break;
	case 0x1010:
		if (val & 1) {
			firmware_stop(c);
			c->mpi.keep = 0;
			firmware_start(c);
		}
		break;
	}
}

void qlge_proc_access(struct qlge_core *c, uint32_t val)
{
	c->proc_addr = val & 0x1003ffff;
	if (val & WINDOW_READ)
		c->proc_data = proc_read(c, val & 0x3ffff);
	else
		proc_write(c, val & 0x3ffff, c->proc_data);
}

/* Flash */

/* Parameter block of a port, at most 128 words of which few are not zero. */
static uint32_t param_word(struct qlge_core *c, unsigned int p, uint32_t word)
{
	uint8_t block[32] = { 0 };
	unsigned int i, mac, csum, len;
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
	memcpy(block + mac, c->cfg.mac, 6);
	/* The port of the other function needs an address of its own. */
	if (p != port(c))
		block[mac + 5] ^= 1;
	for (i = 0; i < len; i += 2)
		sum = (uint16_t)(sum + get_le16(block + i));
	put_le16(block + csum, (uint16_t)-sum);
	return word * 4 < len ? get_le32(block + word * 4) : 0;
}

uint32_t qlge_flash_word(struct qlge_core *c, uint32_t addr)
{
	uint32_t fault = c->fault.flash;

	if (c->cfg.device_id == 0x8012)
		return addr < 10 ? param_word(c, addr / 5, addr % 5) ^ fault :
				   ~0u;
	if (addr >= 0x50080 && addr < 0x50100)
		return param_word(c, 0, addr - 0x50080) ^ fault;
	if (addr >= 0x50180 && addr < 0x50200)
		return param_word(c, 1, addr - 0x50180) ^ fault;
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

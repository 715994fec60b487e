/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Model of the NIC function of a QLogic ISP8xxx, free of any bus or emulator.
 *
 * The front that embeds it supplies struct qlge_ops and calls the entry points
 * below from one thread (or under one lock).  An entry point that is reached
 * while another one runs, because the guest pointed DMA at the device's own
 * registers, is refused; only qlge_core_receive() may be nested, it then queues.
 */
#ifndef QLGE_CORE_H
#define QLGE_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QLGE_REG_SIZE		0x100
#define QLGE_DB_SIZE		0x100000
#define QLGE_QUEUES		128
#define QLGE_MAX_FRAME		9600	/* without FCS */
#define QLGE_TX_MAX		0x20000	/* longest request the model gathers */
#define QLGE_MBOX_WORDS		16
#define QLGE_EVENTS		16
#define QLGE_TSO_HDR_MAX	1023	/* ten bits of offset in the request */
#define QLGE_CAM_ENTRIES	512
#define QLGE_ADDR_WORDS		9856	/* all address tables together */
#define QLGE_XGMAC_WORDS	(0x740 / 4)
#define QLGE_LINE		16	/* buffer addresses fetched at once */
#define QLGE_LATE		4	/* completions that may be under way */
#define QLGE_FLAP_MAX	1000000

enum qlge_irq_mode { QLGE_IRQ_INTX, QLGE_IRQ_MSI, QLGE_IRQ_MSIX };

struct qlge_ops {
	/* 0 or a negative number if any byte could not be transferred */
	int (*dma_read)(void *opaque, uint64_t addr, void *buf, size_t len);
	int (*dma_write)(void *opaque, uint64_t addr, const void *buf,
			 size_t len);
	enum qlge_irq_mode (*irq_mode)(void *opaque);
	void (*irq_message)(void *opaque, unsigned int vector);
	void (*irq_line)(void *opaque, bool level);
	void (*send_frame)(void *opaque, const uint8_t *frame, size_t len);
	/* nanoseconds of guest time */
	uint64_t (*now)(void *opaque);
	/* call qlge_core_timer() at this time; replaces an earlier request */
	void (*arm_timer)(void *opaque, uint64_t when);
	/* call qlge_core_run() soon, from outside the running entry point */
	void (*schedule)(void *opaque);
	/* what the guest did wrong; may be NULL */
	void (*log)(void *opaque, const char *msg, uint64_t a, uint64_t b);
};

struct qlge_config {
	uint16_t device_id;		/* 0x8000 or 0x8012 */
	uint8_t function;		/* PCI function, 0 or 1; also the port */
	uint8_t mac[6];
	uint16_t vectors;		/* size of the MSI-X table */
	uint32_t fifo_frames;
	uint32_t fifo_bytes;
};

/* Everything the guest's work costs, for the bench. */
struct qlge_counts {
	uint64_t reg_reads;
	uint64_t reg_writes;
	uint64_t db_reads;
	uint64_t db_writes;
	uint64_t dma_reads;
	uint64_t dma_writes;
	uint64_t dma_errors;
	uint64_t rx_frames;		/* delivered to a CQ */
	uint64_t rx_filtered;
	uint64_t tx_frames;		/* on the wire or looped back */
	uint64_t fifo_drops;
	uint64_t interrupts;
	uint64_t refused;		/* nested register accesses */
	uint64_t unowned;		/* writes without their semaphore */
};

struct qlge_bq {
	uint64_t table;			/* of page addresses */
	uint64_t page;
	uint64_t line[QLGE_LINE];
	uint32_t len;
	uint32_t size;			/* of one buffer */
	uint32_t prod;			/* rounded down to 16 */
	uint32_t raw_prod;		/* as the guest wrote it */
	uint32_t cons;
	uint32_t page_nr;
	bool page_valid;
	bool line_valid;
	bool loaded;
};

struct qlge_cq {
	uint64_t addr;
	uint64_t shadow;
	uint64_t irq_at;		/* end of irq_delay */
	uint64_t pkt_at;		/* end of pkt_delay */
	uint32_t len;
	uint32_t prod;
	uint32_t cons;
	uint32_t published;		/* producer last written to the shadow */
	uint16_t pkt_delay;		/* microseconds */
	uint16_t irq_delay;
	uint8_t vector;
	bool loaded;
	bool valid;
	bool waiting;			/* entries below the delay */
	bool ready;			/* entries that ask for an interrupt */
	bool dead;			/* unreadable buffer queue */
	struct qlge_bq sbq;
	struct qlge_bq lbq;
	uint8_t icb[52];
};

struct qlge_wq {
	uint64_t addr;
	uint64_t shadow;
	uint32_t len;
	uint32_t prod;
	uint32_t cons;
	uint8_t cq;
	bool loaded;
	bool valid;
	uint8_t icb[24];
};

/* A large send that did not fit the budget of one call. */
struct qlge_tso {
	bool active;
	bool ip6;
	bool vlan;
	uint8_t wq;
	uint16_t tci;
	uint16_t l3;
	uint16_t l4;
	uint16_t mss;
	uint16_t seed;			/* pseudo header sum without length */
	uint16_t ip_id;
	uint32_t seq;
	uint8_t tcp_flags;
	uint32_t hdr;
	uint32_t len;
	uint32_t done;			/* bytes of payload sent */
	uint32_t segment;
	uint8_t cqe[12];
};

/* What the receive path found out about a frame. */
struct qlge_rxinfo {
	uint16_t len;
	uint16_t vlan;
	uint32_t hash;
	uint8_t cq;
	uint8_t flags1;
	uint8_t flags2;
	uint8_t flags3;
	uint16_t hdr;			/* through TCP/UDP, 0 = cannot split */
};

struct qlge_slot {
	struct qlge_rxinfo info;
	uint8_t data[QLGE_MAX_FRAME];
};

struct qlge_fifo {
	struct qlge_slot *slot;
	uint32_t slots;
	uint32_t max_bytes;
	uint32_t head;
	uint32_t count;
	uint32_t bytes;
};

struct qlge_route {
	uint32_t idx;
	uint32_t data;
	bool enabled;
};

struct qlge_rss {
	bool loaded;
	uint8_t base;
	uint8_t flags;
	uint16_t mask;
	uint8_t table[1024];
	uint8_t key6[40];
	uint8_t key4[16];
	/* hash of every value of every input byte */
	uint32_t toep6[36][256];
	uint32_t toep4[12][256];
};

struct qlge_event {
	uint32_t word[QLGE_MBOX_WORDS];
};

/* A completion that comes long after its command. */
struct qlge_late {
	uint64_t at;
	struct qlge_event item;
};

/* State of health of the firmware. */
enum qlge_mpi_fault {
	QLGE_MPI_HEALTHY,
	QLGE_MPI_SILENT,		/* until it is reset */
	QLGE_MPI_DEAD,			/* whatever is done */
	QLGE_MPI_LATE,			/* completions come after 6 s */
};

/* The firmware as one port sees it. */
struct qlge_mpi {
	struct qlge_late late[QLGE_LATE];
	uint32_t late_count;
	uint32_t in[QLGE_MBOX_WORDS];
	uint32_t out[QLGE_MBOX_WORDS];
	struct qlge_event queue[QLGE_EVENTS];
	uint32_t head;
	uint32_t count;
	bool hri;
	uint32_t lost;
	uint32_t link_cfg;
	uint32_t frame_size;
	uint32_t led;
	uint32_t wol_mode;
	uint32_t wol_wakes;		/* magic packets while armed */
	uint8_t wol_magic[6];		/* all zeros: the station address */
	uint32_t idc_acks;
	uint32_t idc_ack[4];		/* words of the last one */
	uint32_t idc_delay;		/* ms; 0: no intermediate status */
	bool traffic_stopped;		/* of the management processor */
};

/* What is wrong with a completion. */
enum qlge_cqe_fault {
	QLGE_CQE_NONE,
	QLGE_CQE_LEN,			/* the next frame's length */
	QLGE_CQE_OPCODE,
	QLGE_CQE_QUEUE,			/* the next request's txq_idx */
	QLGE_CQE_TID,			/* the next request's tid */
	QLGE_CQE_FLAGS,
	QLGE_CQE_INDEX,			/* shadow word beyond the ring */
};

/* Misbehaviour on request; outlives every reset, as a defect does. */
struct qlge_fault {
	bool rx_hold;			/* the receive side stands still */
	bool flash;			/* no checksum is right */
	bool tx_hold;			/* requests are not fetched */
	bool gone;			/* nothing is in the slot */
	uint32_t gone_after;		/* register reads from now; 0 never */
	uint32_t irq_lost;		/* messages that will not arrive */
	uint32_t tx_rate;		/* requests per ms, 0 = no limit */
	uint32_t tx_left;		/* of the current ms */
	uint64_t tx_since;		/* its beginning */
	uint32_t flap;			/* link changes to come */
	uint64_t flap_at;
	enum qlge_cqe_fault cqe;
	uint8_t cqe_cq;			/* or QLGE_QUEUES: whichever is next */
	uint32_t cqe_value;
};

/* What the functions of one card share. */
struct qlge_chip {
	struct qlge_core *fn[2];
	uint32_t sys;
	uint32_t icb_l;
	uint32_t icb_h;
	uint32_t cfg;
	uint32_t prb_addr;
	uint32_t flash_addr;
	uint32_t proc_addr;
	uint32_t proc_data;
	uint32_t mac_idx;
	uint32_t port_init;		/* STS_INIT bits */
	uint16_t sem_elsewhere;		/* neither function holds these */
	/* the processor */
	enum qlge_mpi_fault fault;
	bool paused;
	bool in_reset;
	bool silent;			/* hard reset, kept from restarting */
	uint32_t keep;			/* processor register 0x100a */
	uint32_t probe;			/* 0x100e */
	uint32_t shadow;		/* 0x3007c */
	uint32_t addr_words[QLGE_ADDR_WORDS];
	uint16_t cam_used[QLGE_CAM_ENTRIES];
	uint32_t cam_count;
};

struct qlge_core {
	struct qlge_chip *chip;
	const struct qlge_ops *ops;
	void *opaque;
	struct qlge_config cfg;
	struct qlge_counts counts;
	bool busy;
	bool scheduled;
	bool resumed;			/* loaded, but not yet running */

	uint32_t reg[QLGE_REG_SIZE / 4];	/* those that are plain storage */
	uint32_t sts;
	uint32_t err_sts;
	uint32_t ets[2][8];
	uint32_t serdes_addr;
	uint32_t xgmac_addr;
	uint16_t sem;			/* as this function sees it */
	bool plug;			/* link as the backend has it */
	bool link;
	struct qlge_fault fault;
	bool event_waiting;
	uint8_t event;
	uint8_t event_queue;

	bool ei;
	bool ihd;
	uint8_t en_selected;
	bool en[QLGE_QUEUES];
	bool msi_sent;			/* and not disabled by request since */
	uint16_t vec_ready[QLGE_QUEUES];	/* CQs that ask for it */
	uint32_t all_ready;
	bool line;
	uint64_t timer_at;		/* UINT64_MAX: not armed */
	uint64_t cq_waiting[QLGE_QUEUES / 64];

	struct qlge_cq cq[QLGE_QUEUES];
	struct qlge_wq wq[QLGE_QUEUES];
	uint64_t wq_pending[QLGE_QUEUES / 64];
	uint32_t wq_next;
	struct qlge_tso tso;
	uint8_t *txbuf;

	struct qlge_fifo fifo;
	struct qlge_rss rss;
	struct qlge_mpi mpi;
	struct qlge_route route[4][16];
	uint32_t rt_idx;
	uint32_t mcast[64];
	uint64_t mcast_valid;		/* E bit of word 0 and 1 of 32 entries */
	uint64_t vlan_on[4096 / 64];
	uint32_t xgmac[QLGE_XGMAC_WORDS];
	uint64_t stat[QLGE_XGMAC_WORDS / 2];
};

/* Returns 0 or -1 (no memory, or a configuration that makes no sense). */
int qlge_core_init(struct qlge_core *c, const struct qlge_config *cfg,
		   const struct qlge_ops *ops, void *opaque);
/*
 * Make c, fresh from qlge_core_init(), the other function of the card that
 * peer is on.  Returns -1 if they do not fit together.
 */
int qlge_core_pair(struct qlge_core *c, struct qlge_core *peer);
void qlge_core_exit(struct qlge_core *c);
/* Power-on or bus reset; the link is what the backend last said. */
void qlge_core_reset(struct qlge_core *c);

/* Byte offsets; only aligned 32-bit accesses exist. */
uint32_t qlge_core_reg_read(struct qlge_core *c, uint32_t off);
void qlge_core_reg_write(struct qlge_core *c, uint32_t off, uint32_t val);
uint32_t qlge_core_doorbell_read(struct qlge_core *c, uint32_t off);
void qlge_core_doorbell_write(struct qlge_core *c, uint32_t off, uint32_t val);

bool qlge_core_can_receive(const struct qlge_core *c);
/* One frame from the wire, without FCS. */
void qlge_core_receive(struct qlge_core *c, const uint8_t *frame, size_t len);
void qlge_core_timer(struct qlge_core *c);
void qlge_core_run(struct qlge_core *c);
void qlge_core_link_set(struct qlge_core *c, bool up);
/* The interrupt mode or the vector masks of the bus may have changed. */
void qlge_core_irq_update(struct qlge_core *c);

/*
 * The state as bytes.  Save returns how many there are, with buf NULL to learn
 * it, or 0 if they do not fit.  Load returns -1 for a stream that makes no
 * sense, or is one of another device; the device is then as after a reset.
 */
size_t qlge_core_state_max(const struct qlge_core *c);
size_t qlge_core_save(struct qlge_core *c, uint8_t *buf, size_t size);
int qlge_core_load(struct qlge_core *c, const uint8_t *buf, size_t size);

/*
 * Misbehaviour on request.  Those that can be refused return 0 or -1; nothing
 * has changed then.
 */
void qlge_core_fault_fe(struct qlge_core *c, bool on);
void qlge_core_fault_rx_hold(struct qlge_core *c, bool on);
void qlge_core_fault_sem(struct qlge_core *c, uint16_t resources);
void qlge_core_fault_tx_hold(struct qlge_core *c, bool on);
void qlge_core_fault_tx_rate(struct qlge_core *c, uint32_t per_ms);
/* Everything reads as ones until the card comes back from power-on. */
void qlge_core_fault_gone(struct qlge_core *c, bool on);
/* A chip event; needs a CQ 0 with room. */
int qlge_core_fault_event(struct qlge_core *c, uint8_t code);
/* "W0 W1 ...", hexadecimal words of an event that the firmware posts. */
int qlge_core_fault_aen(struct qlge_core *c, const char *words);
int qlge_core_fault_mpi(struct qlge_core *c, uint32_t mode);
/* "WHAT[=HEX][@CQ]"; an empty string forgets what has not happened yet. */
int qlge_core_fault_cqe(struct qlge_core *c, const char *what);
/* The link goes down and up n times; needs a link. */
int qlge_core_fault_flap(struct qlge_core *c, uint32_t n);

#endif

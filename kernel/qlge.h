/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _QLGE_H_
#define _QLGE_H_

#include <linux/bpf.h>
#include <linux/dma-mapping.h>
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/if_vlan.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/u64_stats_sync.h>
#include <linux/workqueue.h>
#include <net/devlink.h>
#include <net/xdp.h>
#include <net/xdp_sock_drv.h>

#include "qlge_compat.h"
#include "qlge_hw.h"

#define QLGE_NAME		"qlge"
#define QLGE_TX_TIMEOUT		(10 * HZ)

#define QLGE_RING_MIN		64
#define QLGE_RING_MAX		4096
#define QLGE_RX_RING_DEF	512
#define QLGE_TX_RING_DEF	256

/* Longest delay of an interrupt in microseconds; the field has 16 bits. */
#define QLGE_USECS_DEF		100
#define QLGE_USECS_MAX		U16_MAX

#define QLGE_MIN_MTU		ETH_MIN_MTU
#define QLGE_MAX_MTU		9000
/* What may surround the MTU on the wire: Ethernet header and two VLAN tags. */
#define QLGE_FRAME_OVERHEAD	(ETH_HLEN + 2 * VLAN_HLEN)

/*
 * Receive buffers.  Every buffer is a page fragment laid out for XDP:
 *
 *	| XDP_PACKET_HEADROOM | frame | struct skb_shared_info |
 *
 * A large one holds 2048 bytes of frame at every MTU (a longer frame takes
 * several), so that no fragment is larger than a page and an MTU change
 * moves no buffer.
 */
#define QLGE_SMALL_LEN		256
#define QLGE_LARGE_LEN		2048
#define QLGE_FRAG_SIZE(len)	(SKB_DATA_ALIGN(XDP_PACKET_HEADROOM + (len)) + \
				 SKB_DATA_ALIGN(sizeof(struct skb_shared_info)))
#define QLGE_CHUNK_ORDER	3
/* Large buffers that the longest accepted frame can take. */
#define QLGE_MAX_FRAGS		DIV_ROUND_UP(QLGE_HW_MAX_FRAME, QLGE_LARGE_LEN)
/* Largest MTU of a program or socket that sees a frame in one buffer. */
#define QLGE_XDP_MAX_MTU	(QLGE_LARGE_LEN - QLGE_FRAME_OVERHEAD)

/* Chunks out of the ring that are kept in the hope that they come home. */
#define QLGE_RETIRED_MAX	16
/* Chunks the refill work may have ready for NAPI. */
#define QLGE_STASH_MAX		16
/* From 63 ticks on, 252 ms at HZ=250, a timer may be late by 32 ms. */
#define QLGE_BACKOFF_MAX_MS	248
/* Own buffers for the device if a socket's pool has no chunks. */
#define QLGE_XSK_SPARES		(2 * QLGE_BQ_STEP)
/*
 * So many in the small queue and one step in the large one, of which the device
 * sees whole steps only, need so many page fragments; and a ring that has them.
 */
#define QLGE_XSK_FRAGS		(QLGE_XSK_SPARES + QLGE_BQ_STEP + \
				 2 * (QLGE_BQ_STEP - 1))
#define QLGE_XSK_RX_MIN		128

/* Scatter entries of the worst skb, and what of it goes to the address list. */
#define QLGE_TX_MAX_SEGS	(MAX_SKB_FRAGS + 1)
#define QLGE_OAL_ENTRIES	(QLGE_TX_MAX_SEGS - QLGE_TX_DESC_PER_IOCB + 1)

/*
 * Frames of others, up to this length, are copied into memory that is mapped
 * already: for two cache lines that costs less than a mapping, with an IOMMU
 * far less, and their owner has them back at once.
 */
#define QLGE_TX_COPY_LEN	128

/* XDP frames are sent without an address list. */
#define QLGE_XDP_MAX_SEGS	QLGE_TX_DESC_PER_IOCB

static_assert(QLGE_MAX_FRAGS <= QLGE_XDP_MAX_SEGS);

struct qlge_adapter;
struct qlge_channel;

/* Values of the "bq" field of trace points and of qlge_rx_alloc_hook(). */
enum qlge_alloc_site {
	QLGE_SITE_SMALL,
	QLGE_SITE_LARGE,
	QLGE_SITE_SKB,
	QLGE_SITE_STASH,
};

/* DMA memory of a ring, slow path only. */
struct qlge_dma {
	void *va;
	dma_addr_t dma;
	size_t size;
};

/**
 * struct qlge_mem - a mapped compound page that no ring has cut yet
 * @page: head page
 * @dma: bus address of its first byte, mapped DMA_BIDIRECTIONAL
 * @order: allocation order
 */
struct qlge_mem {
	struct page *page;
	dma_addr_t dma;
	unsigned int order;
};

/**
 * struct qlge_chunk - a compound page cut into fragments of one buffer queue
 * @mem: the page and its mapping, which lives as long as the chunk
 * @bias: page references the ring holds.  One is given away with every
 *	fragment that leaves; page_ref_count() == @bias means that all of
 *	those have been dropped by their new owners.
 * @out: fragments with the device, on the home stack or in an XDP transmit
 *	queue.  A chunk is retired when this reaches 0.
 * @cut: fragments cut since the chunk was last whole
 * @nfrags: fragments it can be cut into
 * @pfmemalloc: from the emergency reserves; not reused once it is home
 * @node: link on the free or retired list
 *
 * Written by NAPI of the ring, or by whoever stopped it.
 */
struct qlge_chunk {
	struct qlge_mem mem;
	u32 bias;
	u16 out;
	u16 cut;
	u16 nfrags;
	bool pfmemalloc;
	struct list_head node;
};

/* A fragment: where it is and the chunk that holds its mapping. */
struct qlge_frag {
	struct qlge_chunk *chunk;
	u32 off;
};

/* The buffers of a long frame after the first, in order. */
struct qlge_more {
	unsigned int n;
	struct qlge_frag frag[QLGE_MAX_FRAGS - 1];
};

/* What a program sees, and what the metadata functions need to know of it. */
struct qlge_xdp_buff {
	struct xdp_buff xdp;	/* first: programs have a pointer to it */
	const struct qlge_ib_mac_rsp *rsp;
	bool stripped;		/* a tag, if there was one, is in @rsp only */
};

static_assert(offsetof(struct qlge_xdp_buff, xdp) == 0);

/**
 * struct qlge_bq - one buffer queue (small or large) of a receive ring
 * @desc: ring of bus addresses the device reads
 * @slot: the fragments behind @desc
 * @xsk: the buffers of a pool behind @desc, or NULL where there is a fragment
 * @db: producer doorbell
 * @mask: length - 1
 * @ntc: first buffer the device still owns; mirrors its consumer index
 * @ntu: next entry to fill
 * @prod: producer index last written, a multiple of QLGE_BQ_STEP
 * @low: watermark: while memory is short the device keeps at least about
 *	this many buffers, because frames are dropped and recycled from there
 * @step: refill when this many entries are empty
 * @buf_len: bytes of frame one buffer takes
 * @frag_size: stride of fragments in a chunk
 * @starved: the last attempt to fill the queue failed, or a pool fills it:
 *	pages of the memory reserves are kept
 * @holding: the watermark was reached in this outage
 * @nhome: entries of @home
 * @home: fragments that are ours and idle; all of them while a pool is bound
 * @home_max: capacity of @home
 * @cur: chunk being cut, or NULL
 * @spares: own fragments with the device because the pool was empty; from the
 *	large queue in either
 * @site: which queue this is, for traces
 * @min_fill: fewest buffers seen with the device since the last full ring
 * @retired: chunks without a fragment in the ring, oldest first
 * @nretired: length of @retired
 * @free: unused entries of @chunks
 * @chunks: every chunk this queue can own
 *
 * Invariants (asserted in debug builds, Documentation/driver.rst):
 *  - prod == ALIGN_DOWN(ntu, 16) whenever NAPI leaves the ring;
 *  - ntu never catches up with ntc from behind: at most length - 1 entries;
 *  - the sum of out over all chunks is (ntu - ntc) + nhome + fragments of
 *    this queue in the channel's XDP transmit queue + fragments in the hands
 *    of the receive path.
 */
struct qlge_bq {
	__le64 *desc;
	struct qlge_frag *slot;
	struct xdp_buff **xsk;
	void __iomem *db;
	u16 mask;
	u16 ntc;
	u16 ntu;
	u16 prod;
	u16 low;
	u16 step;
	u16 buf_len;
	u16 frag_size;
	bool starved;
	bool holding;
	u16 nhome;
	struct qlge_frag *home;
	u16 home_max;
	struct qlge_chunk *cur;
	u16 spares;

	/* slow path fields follow */
	enum qlge_alloc_site site;
	u16 min_fill;
	struct list_head retired;
	unsigned int nretired;
	struct list_head free;
	struct qlge_chunk *chunks;
};

enum qlge_rx_stat {
	QLGE_RX_PACKETS,
	QLGE_RX_BYTES,
	QLGE_RX_ALLOC_FAIL,
	QLGE_RX_WATERMARK,
	QLGE_RX_RECYCLED,
	QLGE_RX_STASH_HITS,
	QLGE_RX_CHUNK_ALLOCS,
	QLGE_RX_CHUNK_REUSE,
	QLGE_RX_OUTAGES,
	QLGE_RX_OUTAGE_NS,
	QLGE_RX_XDP_PASS,
	QLGE_RX_XDP_DROP,
	QLGE_RX_XDP_TX,
	QLGE_RX_XDP_REDIRECT,
	QLGE_RX_XDP_ABORTED,
	QLGE_RX_LENGTH_ERRORS,
	QLGE_RX_MAC_ERRORS,
	QLGE_RX_CSUM_NONE,
	QLGE_RX_CSUM_UNNECESSARY,
	QLGE_RX_CSUM_BAD,
	QLGE_RX_XSK_COPIED,
	/* Not kept by NAPI: read from the refill work's own counters. */
	QLGE_RX_REFILL_RUNS,
	QLGE_RX_NSTATS,
};

enum qlge_tx_stat {
	/* kept by the completion side */
	QLGE_TX_PACKETS,
	QLGE_TX_BYTES,
	QLGE_TX_ERRORS,
	QLGE_TX_WAKE,
	/* kept by the sending side */
	QLGE_TX_STOP,
	QLGE_TX_CSUM,
	QLGE_TX_CSUM_NONE,
	QLGE_TX_GSO_PACKETS,
	QLGE_TX_GSO_BYTES,
	QLGE_TX_GSO_WIRE,
	QLGE_TX_GSO_WIRE_BYTES,
	QLGE_TX_DROPPED,
	QLGE_TX_NSTATS,
};

#define QLGE_TX_FIRST_SENDER	QLGE_TX_STOP

/**
 * struct qlge_stash - chunks that the refill work has ready for NAPI
 * @lock: guards everything here; taken by NAPI and by the work
 * @n: entries of @mem
 * @mem: the chunks
 */
struct qlge_stash {
	spinlock_t lock;	/* NAPI against the refill work */
	unsigned int n;
	struct qlge_mem mem[QLGE_STASH_MAX];
};

struct qlge_cq {
	union qlge_cqe *ring;
	__le32 *shadow;		/* producer index, written by the device */
	void __iomem *db;
	u32 cons;
	u32 mask;

	/* slow path fields follow */
	u16 id;
	struct qlge_dma mem;
	struct qlge_dma shadow_mem;
};

/**
 * struct qlge_rx_ring - receive half of a channel
 * @pool: where the buffers come from if a socket is bound with zero copy; set
 *	from start to stop
 *
 * NAPI writes everything but @stash (its lock), @refill and the work's
 * fields below it.
 */
struct qlge_rx_ring {
	struct qlge_channel *ch;
	struct device *dev;
	struct qlge_cq cq;
	struct qlge_bq large;
	struct qlge_bq small;
	struct xsk_buff_pool *pool;
	struct xdp_rxq_info xdp_rxq;
	bool no_alloc;		/* an attempt failed in this poll: no other */
	bool outage;		/* since the first failure, until full again */
	bool broken;		/* lost step with the device; reset is coming */
	ktime_t outage_start;

	struct qlge_stash stash;
	struct delayed_work refill;
	unsigned int backoff_ms;	/* of the refill work; NAPI clears it */
	atomic64_t refill_runs;		/* refill work only */
	atomic64_t refill_alloc_fail;	/* refill work only */

	struct u64_stats_sync syncp;
	u64_stats_t stat[QLGE_RX_NSTATS];

	/* slow path fields follow */
	struct qlge_dma bq_mem[2];	/* indirect tables and rings */
	struct qlge_dma table_mem[2];
};

/* What a work queue is for. */
enum qlge_tx_use {
	QLGE_TX_USE_STACK,
	QLGE_TX_USE_XDP,	/* XDP_TX, and sockets with zero copy */
	QLGE_TX_USE_XMIT,	/* ndo_xdp_xmit */
};

enum qlge_tx_type {
	QLGE_TX_FREE,
	QLGE_TX_SKB,
	QLGE_TX_XDP_FRAG,	/* XDP_TX: fragment of this channel's ring */
	QLGE_TX_XDP_FRAGS,	/* the same, with more in qlge_tx_ring.seg */
	QLGE_TX_XDP_FRAME,	/* ndo_xdp_xmit: frame of somebody else */
	QLGE_TX_XDP_COPY,	/* ndo_xdp_xmit: copied, nothing to give back */
	QLGE_TX_XDP_POOL,	/* XDP_TX: buffer of this channel's pool */
	QLGE_TX_XSK,		/* chunk that a socket has sent */
};

/* What a work queue entry has to give back when it completes. */
struct qlge_tx_buf {
	enum qlge_tx_type type;
	u32 len;		/* bytes reported to BQL and counters */
	union {
		struct sk_buff *skb;
		struct xdp_frame *xdpf;
		struct qlge_frag frag;
		struct xdp_buff *xdp;
	};
	struct qlge_bq *bq;	/* home queue of frag */
	u16 nsegs;		/* entries of qlge_tx_ring.seg */
	u16 packets;		/* frames on the wire */
};

/*
 * A mapped piece; the descriptors themselves the device could change. A piece
 * of a long frame of our own is mapped already and comes home.
 */
struct qlge_tx_seg {
	union {
		struct {
			dma_addr_t dma;
			u32 len;
		};
		struct qlge_frag frag;
	};
};

/* What completions add up to. */
struct qlge_tx_done {
	u64 packets;
	u64 bytes;
	u64 errors;
	unsigned int bql;	/* bytes, of frames in error as well */
	unsigned int xsk;	/* chunks of a socket, of frames in error too */
};

/* Where the VLAN tags of received frames are. */
enum qlge_rx_tags {
	QLGE_TAGS_IN_FRAME,
	QLGE_TAGS_STRIPPED,
	QLGE_TAGS_MIXED,	/* changing: each frame has to be looked at */
};

/* What one poll carries from frame to frame. */
struct qlge_rx_ctx {
	struct bpf_prog *prog;
	bool redirected;
	bool xdp_tx;
	enum qlge_rx_tags tags;
	unsigned int max_len;
	struct xdp_frame_bulk bulk;
	struct qlge_tx_ring *tx;	/* the ring of @done, or NULL */
	struct qlge_tx_done done;
	unsigned int xsk_done;		/* chunks of a socket, of all @done */
	/* Not per frame: many kernels clear what a function has on its stack. */
	struct qlge_xdp_buff xbuf;
	u64 stat[QLGE_RX_NSTATS];
};

/**
 * struct qlge_tx_ring - a work queue
 * @ring: requests the device reads
 * @buf: what each of them gives back
 * @seg: @max_segs pieces for each of them; of mapped ones the first is linear
 * @oal: QLGE_OAL_ENTRIES descriptors for each of them; stack queues only
 * @copy: QLGE_TX_COPY_LEN bytes for each of them, or NULL; xmit queues only
 * @extra_dma: bus address of @oal or @copy
 * @prod: next request to write; one sender at a time
 * @cons: first request not completed; NAPI of @ch
 * @lock: serializes senders only where two CPUs share the queue (@shared)
 */
struct qlge_tx_ring {
	struct qlge_ob_mac_iocb *ring;
	struct qlge_tx_buf *buf;
	struct qlge_tx_seg *seg;
	union {
		struct qlge_tbd *oal;
		u8 *copy;
	};
	dma_addr_t extra_dma;
	unsigned int max_segs;
	void __iomem *db;
	struct device *dev;
	u32 mask;
	u32 prod;
	u32 stuck_cons;		/* XDP queues: cons when found full */
	bool doorbell;		/* prod moved since the doorbell */
	bool shared;
	struct u64_stats_sync sender_syncp;

	u32 cons ____cacheline_aligned_in_smp;
	struct u64_stats_sync syncp;
	u64_stats_t stat[QLGE_TX_NSTATS];

	/* slow path fields follow */
	spinlock_t lock;	/* senders, if @shared */
	u16 id;
	u16 queue;		/* of the net device; stack queues only */
	unsigned long stuck_since;
	struct qlge_cq *cq;
	struct qlge_channel *ch;
	struct qlge_dma mem;
	struct qlge_dma extra_mem;
	struct qlge_dma shadow_mem;
};

/**
 * struct qlge_channel - a vector with what is served by its NAPI
 * @napi: NAPI context
 * @adapter: owner
 * @set: set the channel belongs to
 * @index: channel, receive queue and transmit queue number
 * @irq_enable: INTR_EN request that enables the vector again
 * @rx: receive ring; its CQ also carries the completions of the XDP queues,
 *	so that netpoll, which cleans only @tx_cq, never meets an XDP frame
 * @tx: stack transmit queue
 * @tx_cq: completions of @tx
 * @xdp: XDP_TX queue: sender and completions are this NAPI, so no lock
 */
struct qlge_channel {
	struct napi_struct napi;
	struct qlge_adapter *adapter;
	struct qlge_set *set;
	u16 index;
	u32 irq_enable;
	struct qlge_rx_ring rx;
	struct qlge_tx_ring tx;
	struct qlge_cq tx_cq;
	struct qlge_tx_ring xdp;

	/* slow path fields follow */
	u32 checked_rx;			/* service work; consumers last seen */
	u32 checked_tx;
	unsigned int vector;
	bool irq_seen;		/* self test: its handler has run */
	char irq_name[IFNAMSIZ + 16];
};

/* How the card spreads frames over the receive CQs; outlives every set. */
struct qlge_rss {
	u8 key[QLGE_RSS_KEY_SIZE];
	u8 table[QLGE_RSS_TABLE_SIZE];
	u8 types;		/* RSS_RI4, RSS_RT4, RSS_RI6, RSS_RT6 */
};

/* What the user can choose; a set is built from it. */
struct qlge_config {
	unsigned int channels;
	unsigned int rx_len;
	unsigned int tx_len;
};

/**
 * struct qlge_set - all rings of one configuration
 *
 * A change of configuration allocates a second set, buffers included, and
 * only then stops the old one: alloc / start / stop / free.
 */
struct qlge_set {
	struct rcu_head rcu;
	struct qlge_config cfg;
	unsigned int nxmit;
	struct qlge_tx_ring *xmit;	/* ndo_xdp_xmit queues, by CPU */
	struct qlge_channel *channel[];
};

enum qlge_irq_mode {
	QLGE_IRQ_MSIX,
	QLGE_IRQ_MSI,
	QLGE_IRQ_INTX,
};

enum qlge_reset_reason {
	QLGE_RESET_TX_TIMEOUT,
	QLGE_RESET_FATAL,
	QLGE_RESET_CHIP_EVENT,
	QLGE_RESET_BAD_COMPLETION,
	QLGE_RESET_MAILBOX,
	QLGE_RESET_TX_COMPLETION,
	QLGE_RESET_PCI,
	QLGE_RESET_GONE,
	QLGE_RESET_FIRMWARE,	/* of the management processor only */
	QLGE_RESET_REFUSED,	/* it did not take a setting while running */
	QLGE_RESET_USER,	/* asked for, nothing was reported */
	QLGE_RESET_NREASONS,
};

enum qlge_reporter {
	QLGE_REPORTER_TX,
	QLGE_REPORTER_RX,
	QLGE_REPORTER_FW,
	QLGE_REPORTER_ASIC,
	QLGE_NREPORTERS,
};

enum qlge_flags {
	QLGE_F_UP,		/* rings are running; RTNL to change */
	QLGE_F_GONE,		/* registers read all ones */
	QLGE_F_FATAL,		/* a fatal error has been reported */
	QLGE_F_DEAD,		/* closed because recovery has failed; RTNL */
	QLGE_F_VLAN_STRIP,	/* features that the card shall have; RTNL */
	QLGE_F_VLAN_FILTER,
};

enum qlge_event {
	QLGE_EV_MPI,		/* the firmware has something to say */
	QLGE_EV_LINK,		/* look at the link */
	QLGE_EV_RX_MODE,	/* address lists or flags changed */
	QLGE_EV_FW_INIT,	/* the firmware has restarted */
};

/* Where the counters of the MAC begin that have a standard meaning. */
enum qlge_mac_stat {
	QLGE_MAC_TX_PKTS	= 0,
	QLGE_MAC_TX_BYTES,
	QLGE_MAC_TX_MCAST_PKTS,
	QLGE_MAC_TX_BCAST_PKTS,
	QLGE_MAC_TX_CTL_PKTS	= 5,
	QLGE_MAC_TX_PAUSE_PKTS,
	QLGE_MAC_TX_HIST,
	QLGE_MAC_RX_BYTES_OK	= 17,
	QLGE_MAC_RX_PKTS_OK	= 19,
	QLGE_MAC_RX_BCAST_PKTS,
	QLGE_MAC_RX_MCAST_PKTS,
	QLGE_MAC_RX_UNDERSIZE	= 23,
	QLGE_MAC_RX_OVERSIZE,
	QLGE_MAC_RX_JABBER,
	QLGE_MAC_RX_FRAGMENTS,
	QLGE_MAC_RX_FCS_ERR	= 28,
	QLGE_MAC_RX_ALIGN_ERR,
	QLGE_MAC_RX_SYMBOL_ERR,
	QLGE_MAC_RX_MAC_ERR,
	QLGE_MAC_RX_CTL_PKTS,
	QLGE_MAC_RX_PAUSE_PKTS,
	QLGE_MAC_RX_HIST,
	QLGE_MAC_RX_LEN_ERR	= 41,
	QLGE_MAC_FIFO_DROPS	= 58,
	QLGE_MAC_NSTATS,
};

/* Lengths counted apart, of which the last goes up to the longest frame. */
#define QLGE_MAC_NHIST		7

/* Requests of the other functions that may wait for their answer. */
#define QLGE_IDC_ACK_MAX	8

/**
 * struct qlge_xsk - a pool that is bound to a queue
 * @pool: the pool, mapped
 * @rxq: what its buffers say of where they are; here, not in the ring, because
 *	sockets may look at it whatever becomes of the ring
 */
struct qlge_xsk {
	struct xsk_buff_pool *pool;
	struct xdp_rxq_info rxq;
};

struct qlge_adapter {
	struct net_device *netdev;
	struct pci_dev *pdev;
	void __iomem *reg;
	void __iomem *db;
	struct qlge_set *set;		/* RTNL; NULL while down */
	struct qlge_set __rcu *xdp_set;	/* for ndo_xdp_xmit */
	struct bpf_prog __rcu *xdp_prog;
	enum qlge_rx_tags rx_tags;	/* service work to change */

	/* slow path fields follow */
	unsigned long flags;
	bool is_8012;
	u8 func;
	u8 alt_func;
	u8 port;
	enum qlge_irq_mode irq_mode;
	unsigned int nvec;
	unsigned int max_channels;
	unsigned int xps_queues;	/* transmit queues with a CPU map */
	char misc_name[IFNAMSIZ + 16];
	struct qlge_config cfg;
	u16 rx_usecs;			/* RTNL */
	u16 tx_usecs;			/* RTNL */
	u32 wol;			/* RTNL; WAKE_MAGIC or 0 */
	u32 led;			/* RTNL; LED state before identify */
	unsigned long errors;		/* enum qlge_reset_reason, to report */
	/* Takes the devlink lock, then RTNL: never cancelled under either. */
	struct work_struct reset_work;
	struct delayed_work service_work;	/* takes neither */
	unsigned long next_check;	/* service_work only */
	unsigned int checks;		/* service_work only */
	unsigned long last_reset;	/* RTNL */
	unsigned int starts;		/* RTNL; that succeeded */
	unsigned int quick_resets;	/* RTNL */
	enum qlge_reset_reason last_reason;	/* RTNL; of @last_reset */
	unsigned long events;		/* enum qlge_event */

	struct mutex hw_lock;		/* register windows and tables */
	unsigned long sem_missed;	/* hw_lock; BIT(sem): said so already */
	struct mutex mbox_lock;		/* one mailbox command at a time */
	struct qlge_dma icb;
	bool pi_enabled;		/* mbox_lock */
	bool mbox_dead;			/* mbox_lock; it timed out */
	bool idc_complete;		/* mbox_lock */
	bool idc_reprogram;		/* mbox_lock; filters, at link up */
	u32 idc_extend;			/* mbox_lock */
	u32 idc_ack[QLGE_IDC_ACK_MAX][4];	/* mbox_lock; answers due */
	unsigned int idc_acks;		/* mbox_lock */
	unsigned int failed_checks;	/* mbox_lock */
	unsigned int busy_events;	/* mbox_lock; visits in vain, in a row */
	u32 fw_rev;
	u32 link_status;
	u32 link_info;			/* what is plugged in, if known */
	bool pause;			/* mbox_lock; the user wants it */
	bool irq_seen;			/* self test: vector 0 has fired */
	struct qlge_rss rss;		/* RTNL */
	struct qlge_xsk *xsk[QLGE_HW_MAX_WQ / 3];	/* by queue; RTNL */

	DECLARE_BITMAP(vlans, VLAN_N_VID);	/* wanted; RTNL to change */
	/* What the card has: service work, or whoever has stopped it. */
	DECLARE_BITMAP(card_vlans, VLAN_N_VID);
	bool vlans_known;
	bool cam_known;
	bool strip;
	u32 cam_out;
	u8 station[ETH_ALEN];
	u8 cam[QLGE_HW_CAM_PER_FUNC][ETH_ALEN];

	spinlock_t stats_lock;		/* counters below and set, for readers */
	u64 base_rx[QLGE_RX_NSTATS];
	u64 base_tx[QLGE_TX_NSTATS];
	u64 base_xdp[QLGE_TX_NSTATS];
	u64 mac_stat[QLGE_MAC_NSTATS];	/* sums up to the last read */
	u64 mac_last[QLGE_MAC_NSTATS];	/* hw_lock; values of the last read */
	atomic64_t resets;

	struct devlink *devlink;
	struct devlink_port devlink_port;
	struct devlink_health_reporter *reporter[QLGE_NREPORTERS];
};

static inline u32 qlge_read(const struct qlge_adapter *adapter, u32 reg)
{
	return readl(adapter->reg + reg);
}

static inline void qlge_write(const struct qlge_adapter *adapter, u32 reg,
			      u32 val)
{
	writel(val, adapter->reg + reg);
}

/* Write the bits of @mask of a register whose upper half enables writes. */
static inline void qlge_write_masked(const struct qlge_adapter *adapter,
				     u32 reg, u16 mask, u16 val)
{
	qlge_write(adapter, reg, (u32)mask << 16 | val);
}

/* qlge_regs.c */
int qlge_sem_lock(struct qlge_adapter *adapter, enum qlge_sem sem);
void qlge_sem_unlock(struct qlge_adapter *adapter, enum qlge_sem sem);
bool qlge_proc_lock(struct qlge_adapter *adapter);
void qlge_proc_unlock(struct qlge_adapter *adapter, bool owned);
int qlge_proc_read(struct qlge_adapter *adapter, u32 addr, u32 *val);
int qlge_proc_write(struct qlge_adapter *adapter, u32 addr, u32 val);
int qlge_xgmac_read(struct qlge_adapter *adapter, u32 addr, u32 *val);
int qlge_xgmac_write(struct qlge_adapter *adapter, u32 addr, u32 val);
enum qlge_sem qlge_xgmac_sem(const struct qlge_adapter *adapter);
int qlge_wait_reg(struct qlge_adapter *adapter, u32 reg, u32 set, u32 err);
int qlge_load_delays(struct qlge_adapter *adapter, struct qlge_set *set);
int qlge_load_icb(struct qlge_adapter *adapter, u16 trigger, u16 queue,
		  const void *icb, size_t size);
int qlge_function_reset(struct qlge_adapter *adapter, bool drain);
int qlge_hw_init(struct qlge_adapter *adapter, struct qlge_set *set);
int qlge_read_port(struct qlge_adapter *adapter);

/* qlge_mpi.c */
int qlge_mpi_port_init(struct qlge_adapter *adapter);
int qlge_mpi_traffic_ctl(struct qlge_adapter *adapter, u32 ctl);
int qlge_mpi_traffic_state(struct qlge_adapter *adapter, u32 *state);
bool qlge_mpi_events(struct qlge_adapter *adapter);
void qlge_mpi_irq_enable(struct qlge_adapter *adapter, bool on);
void qlge_mpi_port_cfg(struct qlge_adapter *adapter);
int qlge_mpi_loopback(struct qlge_adapter *adapter, bool on);
int qlge_mpi_get_pause(struct qlge_adapter *adapter, bool *on);
int qlge_mpi_set_pause(struct qlge_adapter *adapter, bool on);
int qlge_mpi_get_led(struct qlge_adapter *adapter, u32 *led);
int qlge_mpi_set_led(struct qlge_adapter *adapter, u32 led);
int qlge_mpi_irq_test(struct qlge_adapter *adapter);
bool qlge_wol_supported(const struct pci_dev *pdev);
int qlge_wol_arm(struct qlge_adapter *adapter);
bool qlge_mpi_owner(struct qlge_adapter *adapter);
int qlge_mpi_version(struct qlge_adapter *adapter);
int qlge_mpi_pause(struct qlge_adapter *adapter);
int qlge_mpi_unpause(struct qlge_adapter *adapter);
int qlge_mpi_soft_reset(struct qlge_adapter *adapter);
int qlge_mpi_hard_reset(struct qlge_adapter *adapter);
int qlge_mpi_read_ram(struct qlge_adapter *adapter, u32 addr, u32 words,
		      dma_addr_t dma);
int qlge_mpi_recover(struct qlge_adapter *adapter);
void qlge_mpi_check(struct qlge_adapter *adapter);
int qlge_mpi_port_config(struct qlge_adapter *adapter);
int qlge_link_update(struct qlge_adapter *adapter);

/* qlge_flash.c */
int qlge_flash_read_mac(struct qlge_adapter *adapter, u8 *addr);
unsigned int qlge_flash_block_size(const struct qlge_adapter *adapter);
int qlge_flash_read_block(struct qlge_adapter *adapter, __le32 *block);
bool qlge_flash_valid(const struct qlge_adapter *adapter, const void *block);

/* qlge_filter.c */
void qlge_filter_init(struct qlge_adapter *adapter);
int qlge_set_station(struct qlge_adapter *adapter, const u8 *addr);
int qlge_route_clear(struct qlge_adapter *adapter);
int qlge_route_init(struct qlge_adapter *adapter, bool rss);
int qlge_set_rx_mode(struct qlge_adapter *adapter);
int qlge_mac_write(struct qlge_adapter *adapter, u32 idx, u32 data);
void qlge_rss_spread(struct qlge_adapter *adapter, unsigned int channels);
int qlge_rss_load(struct qlge_adapter *adapter, const struct qlge_rss *rss);

/* qlge_irq.c */
int qlge_irq_alloc(struct qlge_adapter *adapter);
int qlge_irq_request(struct qlge_adapter *adapter, struct qlge_set *set);
int qlge_irq_request_test(struct qlge_adapter *adapter, struct qlge_set *set);
void qlge_irq_release(struct qlge_adapter *adapter, struct qlge_set *set);
void qlge_irq_enable_all(struct qlge_adapter *adapter, struct qlge_set *set);
void qlge_irq_disable_all(struct qlge_adapter *adapter);
void qlge_irq_check(struct qlge_adapter *adapter);
int qlge_channel_irq(const struct qlge_channel *ch);
u8 qlge_channel_msix(const struct qlge_channel *ch);

/* qlge_frag.c */
int qlge_mem_alloc(struct qlge_rx_ring *rx, enum qlge_alloc_site site,
		   gfp_t gfp, struct qlge_mem *mem);
int qlge_bq_alloc(struct qlge_rx_ring *rx, struct qlge_bq *bq,
		  unsigned int len, unsigned int xdp_len, u16 buf_len,
		  enum qlge_alloc_site site);
void qlge_bq_free(struct qlge_rx_ring *rx, struct qlge_bq *bq);
struct qlge_chunk *qlge_chunk_next(struct qlge_rx_ring *rx, struct qlge_bq *bq,
				   gfp_t gfp, u64 *stat);
void qlge_chunk_retire(struct qlge_rx_ring *rx, struct qlge_bq *bq,
		       struct qlge_chunk *chunk);
void qlge_frag_released(struct qlge_frag frag);
void qlge_stash_fill(struct work_struct *work);
void qlge_stash_free(struct qlge_rx_ring *rx);
extern struct workqueue_struct *qlge_refill_wq;
int qlge_frag_module_init(void);
void qlge_frag_module_exit(void);
int qlge_rx_alloc_hook(int ifindex, u32 queue, u32 bq, u32 atomic);

static inline void *qlge_frag_va(struct qlge_frag frag)
{
	return page_address(frag.chunk->mem.page) + frag.off;
}

static inline dma_addr_t qlge_frag_dma(struct qlge_frag frag)
{
	return frag.chunk->mem.dma + frag.off;
}

/* True memory one fragment of the chunk holds, for skb->truesize. */
static inline unsigned int qlge_frag_truesize(struct qlge_frag frag)
{
	return (PAGE_SIZE << frag.chunk->mem.order) / frag.chunk->nfrags;
}

/**
 * qlge_frag_get - a fragment for the device
 * @rx: ring
 * @bq: its queue
 * @gfp: for a new chunk: GFP_ATOMIC in NAPI, GFP_KERNEL at start
 * @stat: counters of the ring to add to, QLGE_RX_NSTATS entries
 * @frag: result
 *
 * Order of preference: an idle one, the chunk being cut, qlge_chunk_next().
 * Here, as what follows, because it is called per packet.
 *
 * Context: NAPI, or the ring is stopped. Return: false if there is none.
 */
static inline bool qlge_frag_get(struct qlge_rx_ring *rx, struct qlge_bq *bq,
				 gfp_t gfp, u64 *stat, struct qlge_frag *frag)
{
	struct qlge_chunk *chunk;

	if (likely(bq->nhome)) {
		*frag = bq->home[--bq->nhome];
		return true;
	}
	chunk = bq->cur;
	if (unlikely(!chunk || chunk->cut == chunk->nfrags)) {
		chunk = qlge_chunk_next(rx, bq, gfp, stat);
		if (!chunk)
			return false;
	}
	frag->chunk = chunk;
	frag->off = chunk->cut++ * bq->frag_size;
	chunk->out++;
	return true;
}

/**
 * qlge_frag_out - a fragment is not in use any more and does not go back
 * @rx: ring
 * @bq: its queue
 * @chunk: chunk of the fragment
 *
 * Context: NAPI, or the ring is stopped.
 */
static inline void qlge_frag_out(struct qlge_rx_ring *rx, struct qlge_bq *bq,
				 struct qlge_chunk *chunk)
{
	DEBUG_NET_WARN_ON_ONCE(!chunk->out);
	if (unlikely(!--chunk->out) && chunk != bq->cur)
		qlge_chunk_retire(rx, bq, chunk);
}

/**
 * qlge_frag_give - a fragment and one page reference leave the ring
 * @rx: ring
 * @bq: its queue
 * @frag: the fragment; the new owner drops it with page_frag_free()
 *
 * Whether the new owner has done so already makes no difference.
 *
 * Context: NAPI.
 */
static inline void qlge_frag_give(struct qlge_rx_ring *rx, struct qlge_bq *bq,
				  struct qlge_frag frag)
{
	DEBUG_NET_WARN_ON_ONCE(frag.chunk->bias <= 1);
	frag.chunk->bias--;
	qlge_frag_out(rx, bq, frag.chunk);
}

/**
 * qlge_frag_home - an unused fragment is idle again
 * @rx: ring
 * @bq: its queue
 * @frag: the fragment; synced for the device by the caller
 *
 * Context: NAPI, or the ring is stopped.
 */
static inline void qlge_frag_home(struct qlge_rx_ring *rx, struct qlge_bq *bq,
				  struct qlge_frag frag)
{
	DEBUG_NET_WARN_ON_ONCE(bq->nhome == bq->home_max);
	/*
	 * The emergency reserves want their page back; but while memory is
	 * short a buffer is better than none.
	 */
	if (unlikely((frag.chunk->pfmemalloc && !bq->starved) ||
		     bq->nhome == bq->home_max))
		qlge_frag_out(rx, bq, frag.chunk);
	else
		bq->home[bq->nhome++] = frag;
}

/* qlge_rx.c */
int qlge_rx_alloc(struct qlge_channel *ch, const struct qlge_config *cfg);
void qlge_rx_free(struct qlge_channel *ch);
int qlge_rx_start(struct qlge_channel *ch, struct qlge_xsk *xsk);
void qlge_rx_doorbell(struct qlge_channel *ch);
void qlge_rx_stop(struct qlge_channel *ch);
int qlge_poll(struct napi_struct *napi, int budget);
bool qlge_rx_stripped(const void *data, unsigned int len,
		      const struct qlge_ib_mac_rsp *rsp);
void qlge_rx_copy(struct qlge_rx_ring *rx, const struct qlge_xdp_buff *xbuf,
		  unsigned int len, struct qlge_rx_ctx *ctx);

/**
 * qlge_bq_visible - buffers the device may use
 * @bq: buffer queue
 *
 * Context: NAPI for an exact answer, any for an estimate.
 */
static inline unsigned int qlge_bq_visible(const struct qlge_bq *bq)
{
	return (READ_ONCE(bq->prod) - READ_ONCE(bq->ntc)) & bq->mask;
}

static inline unsigned int qlge_bq_empty(const struct qlge_bq *bq)
{
	return (bq->ntc - bq->ntu - 1) & bq->mask;
}

/**
 * qlge_bq_show - let the device have what is filled
 * @bq: buffer queue
 * @ntu: next entry to fill
 *
 * Only whole steps show: it ignores the low bits of the producer index.
 *
 * Context: NAPI, or the ring is stopped.
 */
static inline void qlge_bq_show(struct qlge_bq *bq, u16 ntu)
{
	bq->ntu = ntu;
	ntu = ALIGN_DOWN(ntu, QLGE_BQ_STEP);
	if (ntu != bq->prod) {
		WRITE_ONCE(bq->prod, ntu);
		/* writel() orders the descriptors before the doorbell. */
		if (bq->db)
			writel(ntu, bq->db);
	}
	DEBUG_NET_WARN_ON_ONCE(qlge_bq_visible(bq) > bq->mask);
}

/* qlge_tx.c */
int qlge_tx_alloc(struct qlge_channel *ch, struct qlge_tx_ring *tx,
		  struct qlge_cq *cq, u16 id, unsigned int len,
		  enum qlge_tx_use use);
void qlge_tx_free(struct qlge_tx_ring *tx);
void qlge_tx_start(struct qlge_tx_ring *tx);
void qlge_tx_stop(struct qlge_tx_ring *tx);
netdev_tx_t qlge_xmit(struct sk_buff *skb, struct net_device *netdev);
netdev_features_t qlge_features_check(struct sk_buff *skb,
				      struct net_device *netdev,
				      netdev_features_t features);
void qlge_tx_csum(struct qlge_ob_mac_iocb *req, bool v4, bool tcp,
		  unsigned int net, unsigned int trans, unsigned int hdrs);
int qlge_tx_map(struct qlge_tx_ring *tx, void *head, unsigned int headlen,
		const struct skb_shared_info *shinfo, unsigned int nsegs);
void qlge_tx_clean(struct qlge_channel *ch, int budget);
bool qlge_tx_give_back(struct qlge_tx_ring *tx, u32 slot, int budget,
		       struct xdp_frame_bulk *bulk);
void qlge_tx_done_stats(struct qlge_tx_ring *tx,
			const struct qlge_tx_done *done, bool woken);
void qlge_tx_stats_add(struct qlge_tx_ring *tx, const u64 *stat);

/*
 * A buffer of our own has been sent. It is mapped for its whole life; but
 * beyond what was sent the program may have written as well.
 */
static inline void qlge_tx_frag_home(struct qlge_tx_ring *tx,
				     struct qlge_bq *bq, struct qlge_frag frag)
{
	dma_sync_single_range_for_device(tx->dev, frag.chunk->mem.dma,
					 frag.off + XDP_PACKET_HEADROOM,
					 bq->buf_len, DMA_BIDIRECTIONAL);
	qlge_frag_home(&tx->ch->rx, bq, frag);
}

/**
 * qlge_tx_complete - one completion of a work queue
 * @tx: ring
 * @rsp: entry; not trusted
 * @budget: NAPI budget
 * @bulk: bulk queue for XDP frames
 * @done: sums to add to
 *
 * Requests of a work queue complete in order and once. Here because it is
 * called per packet.
 *
 * Context: NAPI of the ring's channel. Return: false if driver and device
 * have lost step.
 */
static inline bool qlge_tx_complete(struct qlge_tx_ring *tx,
				    const struct qlge_ob_mac_rsp *rsp,
				    int budget, struct xdp_frame_bulk *bulk,
				    struct qlge_tx_done *done)
{
	u32 slot = tx->cons;
	struct qlge_tx_buf *buf = &tx->buf[slot];

	/* The entry is read after the index that says it was filled. */
	if (unlikely(rsp->tid != slot || slot == smp_load_acquire(&tx->prod)))
		return false;

	switch (buf->type) {
	case QLGE_TX_XDP_FRAG:
		qlge_tx_frag_home(tx, buf->bq, buf->frag);
		break;
	case QLGE_TX_XDP_COPY:
		break;
	case QLGE_TX_XSK:
		done->xsk++;
		break;
	default:
		if (unlikely(!qlge_tx_give_back(tx, slot, budget, bulk)))
			return false;
	}
	if (unlikely((rsp->flags1 & OB_MAC_IOCB_RSP_S) ||
		     (rsp->flags3 & OB_MAC_IOCB_RSP_B))) {
		done->errors++;
	} else {
		done->packets += buf->packets;
		done->bytes += buf->len;
	}
	done->bql += buf->len;
	buf->type = QLGE_TX_FREE;
	/* The slot is given back only when it is no longer looked at. */
	smp_store_release(&tx->cons, (slot + 1) & tx->mask);
	return true;
}

/* One entry of the ring stays free: equal indices mean empty. */
static inline unsigned int qlge_tx_room(const struct qlge_tx_ring *tx)
{
	return (READ_ONCE(tx->cons) - READ_ONCE(tx->prod) - 1) & tx->mask;
}

/* qlge_xdp.c */
int qlge_bpf(struct net_device *netdev, struct netdev_bpf *bpf);
int qlge_xdp_xmit(struct net_device *netdev, int n, struct xdp_frame **frames,
		  u32 flags);
extern const struct xdp_metadata_ops qlge_xdp_metadata_ops;
void qlge_xdp_limits(struct qlge_adapter *adapter);
void qlge_xdp_full(struct qlge_tx_ring *tx, u32 cons);
void qlge_xdp_not_sent(struct qlge_tx_ring *tx, enum qlge_tx_stat why,
		       unsigned int n);
bool qlge_xdp_tx(struct qlge_channel *ch, struct qlge_bq *bq,
		 struct qlge_frag frag, const struct qlge_more *more,
		 const struct xdp_buff *xdp);
void qlge_xdp_doorbell(struct qlge_channel *ch);
void qlge_xdp_done(struct qlge_rx_ctx *ctx);
bool qlge_xdp_done_switch(struct qlge_channel *ch, u32 id,
			  struct qlge_rx_ctx *ctx);

/**
 * qlge_xdp_request - next request of an XDP queue
 * @tx: ring
 * @len: length of the frame
 *
 * Context: the one sender of the ring. Return: the request, filled but for its
 * descriptors, or NULL if the ring is full.
 */
static inline struct qlge_ob_mac_iocb *
qlge_xdp_request(struct qlge_tx_ring *tx, u32 len)
{
	struct qlge_ob_mac_iocb *req;
	u32 slot = tx->prod;
	u32 cons;

	/* Pairs with the release in qlge_tx_complete(). */
	cons = smp_load_acquire(&tx->cons);
	if (unlikely(((cons - slot - 1) & tx->mask) == 0)) {
		qlge_xdp_full(tx, cons);
		return NULL;
	}
	/* It has moved, wherever its indices are. */
	if (unlikely(tx->stuck_cons != U32_MAX))
		tx->stuck_cons = U32_MAX;
	req = &tx->ring[slot];
	memset(req, 0, offsetof(struct qlge_ob_mac_iocb, tbd));
	req->opcode = OPCODE_OB_MAC_IOCB;
	req->frame_len = cpu_to_le32(len);
	req->tid = slot;
	req->txq_idx = tx->id;
	return req;
}

static inline void qlge_xdp_advance(struct qlge_tx_ring *tx)
{
	/* Pairs with the acquire in qlge_tx_complete(). */
	smp_store_release(&tx->prod, (tx->prod + 1) & tx->mask);
}

/**
 * qlge_xdp_completion - a completion of an XDP queue
 * @ch: channel on whose receive CQ it arrived
 * @rsp: entry; not trusted
 * @budget: NAPI budget
 * @ctx: poll; qlge_xdp_done() counts what its last run adds up to
 *
 * Completions come in runs of one queue and are counted together.
 *
 * Context: NAPI of @ch. Return: false if driver and device have lost step.
 */
static inline bool qlge_xdp_completion(struct qlge_channel *ch,
				       const struct qlge_ob_mac_rsp *rsp,
				       int budget, struct qlge_rx_ctx *ctx)
{
	u32 id = rsp->txq_idx;

	if (unlikely(!ctx->tx || ctx->tx->id != id) &&
	    !qlge_xdp_done_switch(ch, id, ctx))
		return false;
	return qlge_tx_complete(ctx->tx, rsp, budget, &ctx->bulk, &ctx->done);
}

/* qlge_xsk.c */
int qlge_xsk_setup_pool(struct qlge_adapter *adapter,
			struct xsk_buff_pool *pool, u16 queue);
bool qlge_xsk_bound(const struct qlge_adapter *adapter);
unsigned int qlge_xsk_max_mtu(const struct qlge_xsk *xsk);
int qlge_xsk_start(struct qlge_channel *ch, struct qlge_xsk *xsk);
void qlge_xsk_stop(struct qlge_rx_ring *rx);
bool qlge_xsk_rx(struct qlge_rx_ring *rx, const struct qlge_ib_mac_rsp *rsp,
		 struct qlge_rx_ctx *ctx);
bool qlge_xsk_tx(struct qlge_channel *ch, unsigned int completed);
void qlge_xsk_refill(struct qlge_rx_ring *rx);
extern const struct xsk_tx_metadata_ops qlge_xsk_metadata_ops;
int qlge_xsk_wakeup(struct net_device *netdev, u32 queue, u32 flags);
void qlge_xsk_link_up(struct qlge_adapter *adapter);

/* qlge_stats.c */
extern const struct netdev_stat_ops qlge_stat_ops;
extern const char qlge_rx_stat_name[QLGE_RX_NSTATS][ETH_GSTRING_LEN];
extern const char qlge_tx_stat_name[QLGE_TX_NSTATS][ETH_GSTRING_LEN];
extern const char qlge_mac_stat_name[QLGE_MAC_NSTATS][ETH_GSTRING_LEN];
void qlge_rx_stats_read(struct qlge_rx_ring *rx, u64 *val);
void qlge_tx_stats_read(struct qlge_tx_ring *tx, u64 *val);
void qlge_stats_fold(struct qlge_adapter *adapter, struct qlge_channel *ch);
void qlge_stats_publish(struct qlge_adapter *adapter, struct qlge_set *set);
void qlge_get_stats64(struct net_device *netdev,
		      struct rtnl_link_stats64 *stats);
void qlge_mac_stats_update(struct qlge_adapter *adapter);
void qlge_fifo_drops_update(struct qlge_adapter *adapter);

/* qlge_netdev.c */
struct net_device *qlge_netdev_alloc(struct pci_dev *pdev);
void qlge_schedule_reset(struct qlge_adapter *adapter,
			 enum qlge_reset_reason reason);
void qlge_schedule_event(struct qlge_adapter *adapter, enum qlge_event event);
int qlge_recover(struct qlge_adapter *adapter, enum qlge_reset_reason reason,
		 struct netlink_ext_ack *extack);
int qlge_recover_firmware(struct qlge_adapter *adapter,
			  struct netlink_ext_ack *extack);
void qlge_detach(struct qlge_adapter *adapter, bool drain);
int qlge_attach(struct qlge_adapter *adapter);
void qlge_refuse(struct qlge_adapter *adapter, struct netlink_ext_ack *extack,
		 const char *why);
int qlge_rebind(struct qlge_adapter *adapter, unsigned int queue,
		struct qlge_xsk *xsk);
void qlge_xdp_features_update(struct qlge_adapter *adapter);
int qlge_reconfigure(struct qlge_adapter *adapter,
		     const struct qlge_config *cfg,
		     struct netlink_ext_ack *extack);
void qlge_offline_test(struct qlge_adapter *adapter, u64 *data);
bool qlge_gone(struct qlge_adapter *adapter, u32 val);
int qlge_dma_alloc(struct device *dev, struct qlge_dma *mem, size_t size);
void qlge_dma_free(struct device *dev, struct qlge_dma *mem);

/* qlge_ethtool.c */
extern const struct ethtool_ops qlge_ethtool_ops;
u32 qlge_get_rx_ring_count(struct net_device *netdev);

/* qlge_selftest.c */
enum qlge_test {
	QLGE_TEST_LINK,
	QLGE_TEST_FLASH,
	/* these stop the traffic */
	QLGE_TEST_REGISTERS,
	QLGE_TEST_MEMORY,
	QLGE_TEST_INTERRUPT,
	QLGE_TEST_LOOPBACK,
	QLGE_NTESTS,
};

#define QLGE_TEST_FIRST_OFFLINE	QLGE_TEST_REGISTERS

extern const char qlge_test_name[QLGE_NTESTS][ETH_GSTRING_LEN];
void qlge_test_stopped(struct qlge_adapter *adapter, u64 *data);
void qlge_test_rings(struct qlge_adapter *adapter, struct qlge_set *set,
		     u64 *data);
void qlge_self_test(struct net_device *netdev, struct ethtool_test *etest,
		    u64 *data);
/* qlge_devlink.c */
int qlge_devlink_alloc(struct qlge_adapter *adapter);
void qlge_devlink_free(struct qlge_adapter *adapter);
int qlge_devlink_register(struct qlge_adapter *adapter);
void qlge_devlink_unregister(struct qlge_adapter *adapter);
void qlge_health_report(struct qlge_adapter *adapter,
			enum qlge_reset_reason reason);
void qlge_health_ok(struct qlge_adapter *adapter);
void qlge_health_dead(struct qlge_adapter *adapter);

/* qlge_dump.c */
int qlge_core_dump(struct qlge_adapter *adapter, struct devlink_fmsg *fmsg,
		   struct netlink_ext_ack *extack);

#endif /* _QLGE_H_ */

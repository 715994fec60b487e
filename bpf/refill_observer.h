/* SPDX-License-Identifier: GPL-2.0-only */
/* What refill_observer.bpf.c and qlgestat trace say to each other. */
#ifndef REFILL_OBSERVER_H
#define REFILL_OBSERVER_H

#include <linux/types.h>

/* One per trace point of the driver, in the order of qlge_trace.h. */
enum refill_event_type {
	REFILL_ALLOC_FAIL,
	REFILL_WATERMARK,
	REFILL_SCHED,
	REFILL_RUN,
	REFILL_DONE,
	REFILL_RESET,
	REFILL_EVENT_TYPES
};

/* The fields of all trace points together. */
enum refill_field {
	FIELD_IFINDEX,
	FIELD_QUEUE,
	FIELD_BQ,
	FIELD_ATOMIC,
	FIELD_FILL,
	FIELD_DELAY_MS,
	FIELD_CHUNKS,
	FIELD_AGAIN,
	FIELD_NEXT_MS,
	FIELD_DURATION_NS,
	FIELD_REASON,
	FIELD_RESULT,
	REFILL_FIELDS
};

/* Values of FIELD_BQ that are no buffer queue. */
#define BQ_SKB		2	/* a head for an skb: the ring loses nothing */
#define BQ_STASH	3	/* the refill work, which sees no ring */

/* Where a field lies in the record of a trace point; size 0: not there. */
struct refill_layout {
	__u16 offset;
	__u16 size;
};

#define REFILL_RECORD	64	/* every record of the driver fits */

struct refill_event {
	__u64 time_ns;			/* CLOCK_MONOTONIC */
	__u64 since_ns;			/* since the outage began, 0 unknown */
	__u64 alloc_fails;		/* in this outage, or of skb heads */
	__u8 record[REFILL_RECORD];	/* as the trace point wrote it */
	__u32 type;
	__u32 runs;			/* of the refill work, in this outage */
	__u32 min_fill;			/* lowest seen in this outage */
	__u32 holding;			/* the watermark was reached */
};

#endif /* REFILL_OBSERVER_H */

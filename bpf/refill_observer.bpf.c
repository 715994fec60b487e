// SPDX-License-Identifier: GPL-2.0-only
/*
 * Follows every receive queue of the driver through an outage, from the first
 * allocation that fails until the ring is full again, and tells user space by
 * a ring buffer. A storm of failures makes no storm of events: a queue reports
 * its first failure and then at most one each REPORT_NS, with the count so far.
 *
 * The records of the trace points are read at the offsets that user space
 * took from the format files in tracefs, and not by CO-RE from the module's
 * BTF: a module built where pahole is missing has no BTF, and neither has one
 * whose BTF does not match the running kernel; attaching needs tracefs anyway.
 * The offsets are constants to the verifier, so nothing is decided at run time.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "refill_observer.h"

#define REPORT_NS	100000000ULL
/*
 * In an outage the refill work runs at least four times a second. If nothing
 * was heard for so long, the ring was stopped and the outage ended untold.
 */
#define STALE_NS	2000000000ULL

const volatile struct refill_layout
	layout[REFILL_EVENT_TYPES][REFILL_FIELDS] = {};
const volatile __u32 only_ifindex = 0;	/* 0: any */

__u64 lost = 0;		/* events that found the ring buffer full */

struct queue_key {
	__u32 ifindex;
	__u32 queue;
};

struct queue_state {
	__u64 begin_ns;		/* of the outage, 0: there is none */
	__u64 heard_ns;		/* of any event but BQ_SKB */
	__u64 report_ns;	/* when a failure was reported last */
	__u64 alloc_fails;
	__u64 skb_report_ns;	/* the same for BQ_SKB, never reset */
	__u64 skb_fails;
	__u32 runs;
	__u32 min_fill;
	__u32 holding;
	__u32 pad;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct queue_key);
	__type(value, struct queue_state);
} queues SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 512 * 1024);
} events SEC(".maps");

static __always_inline __u64 field(void *ctx, enum refill_event_type type,
				   enum refill_field id)
{
	__u32 size = layout[type][id].size;
	__u64 value = 0;

	if (!size || size > sizeof(value))
		return 0;
	bpf_probe_read_kernel(&value, size, ctx + layout[type][id].offset);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	value >>= 64 - 8 * size;
#endif
	return value;
}

static __always_inline void forget(struct queue_state *state)
{
	state->begin_ns = 0;
	state->report_ns = 0;
	state->alloc_fails = 0;
	state->runs = 0;
	state->min_fill = ~0U;
	state->holding = 0;
}

static __always_inline struct queue_state *state_of(__u32 ifindex, __u32 queue)
{
	struct queue_key key = { .ifindex = ifindex, .queue = queue };
	struct queue_state fresh = { .min_fill = ~0U };
	struct queue_state *state;

	state = bpf_map_lookup_elem(&queues, &key);
	if (state)
		return state;
	bpf_map_update_elem(&queues, &key, &fresh, BPF_NOEXIST);
	return bpf_map_lookup_elem(&queues, &key);
}

static __always_inline void report(void *ctx, enum refill_event_type type,
				   __u64 now, struct queue_state *state,
				   __u64 alloc_fails)
{
	struct refill_event *event;

	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		__sync_fetch_and_add(&lost, 1);
		return;
	}
	event->time_ns = now;
	event->type = type;
	bpf_probe_read_kernel(event->record, sizeof(event->record), ctx);
	event->since_ns = 0;
	event->alloc_fails = alloc_fails;
	event->runs = 0;
	event->min_fill = ~0U;
	event->holding = 0;
	if (state) {
		if (state->begin_ns && now > state->begin_ns)
			event->since_ns = now - state->begin_ns;
		event->runs = state->runs;
		event->min_fill = state->min_fill;
		event->holding = state->holding;
	}
	bpf_ringbuf_submit(event, 0);
}

static __always_inline int wanted(__u32 ifindex)
{
	return !only_ifindex || only_ifindex == ifindex;
}

static __always_inline void saw_fill(struct queue_state *state, __u32 fill)
{
	if (fill < state->min_fill)
		state->min_fill = fill;
}

/*
 * NAPI and the refill work of one queue may run on two CPUs: counters are
 * atomic, everything else is a description and may be one event late.
 */
SEC("tp/qlge/qlge_alloc_fail")
int on_alloc_fail(void *ctx)
{
	__u32 ifindex = field(ctx, REFILL_ALLOC_FAIL, FIELD_IFINDEX);
	__u32 bq = field(ctx, REFILL_ALLOC_FAIL, FIELD_BQ);
	struct queue_state *state;
	__u64 now, fails;

	if (!wanted(ifindex))
		return 0;
	state = state_of(ifindex,
			 field(ctx, REFILL_ALLOC_FAIL, FIELD_QUEUE));
	if (!state)
		return 0;

	now = bpf_ktime_get_ns();
	if (bq == BQ_SKB) {
		fails = __sync_fetch_and_add(&state->skb_fails, 1) + 1;
		if (state->skb_report_ns &&
		    now - state->skb_report_ns < REPORT_NS)
			return 0;
		state->skb_report_ns = now;
	} else {
		if (state->begin_ns && now - state->heard_ns > STALE_NS)
			forget(state);
		state->heard_ns = now;
		if (!state->begin_ns)
			state->begin_ns = now;
		if (bq != BQ_STASH)
			saw_fill(state, field(ctx, REFILL_ALLOC_FAIL,
					      FIELD_FILL));
		fails = __sync_fetch_and_add(&state->alloc_fails, 1) + 1;
		if (state->report_ns && now - state->report_ns < REPORT_NS)
			return 0;
		state->report_ns = now;
	}
	report(ctx, REFILL_ALLOC_FAIL, now, state, fails);
	return 0;
}

/* The state of a queue that has something to tell, NULL if not wanted. */
static __always_inline struct queue_state *hear(void *ctx,
						enum refill_event_type type,
						__u64 now)
{
	__u32 ifindex = field(ctx, type, FIELD_IFINDEX);
	struct queue_state *state;

	if (!wanted(ifindex))
		return NULL;
	state = state_of(ifindex, field(ctx, type, FIELD_QUEUE));
	if (state)
		state->heard_ns = now;
	return state;
}

SEC("tp/qlge/qlge_watermark")
int on_watermark(void *ctx)
{
	__u64 now = bpf_ktime_get_ns();
	struct queue_state *state = hear(ctx, REFILL_WATERMARK, now);

	if (!state)
		return 0;
	state->holding = 1;
	saw_fill(state, field(ctx, REFILL_WATERMARK, FIELD_FILL));
	report(ctx, REFILL_WATERMARK, now, state, state->alloc_fails);
	return 0;
}

SEC("tp/qlge/qlge_refill_sched")
int on_refill_sched(void *ctx)
{
	__u64 now = bpf_ktime_get_ns();
	struct queue_state *state = hear(ctx, REFILL_SCHED, now);

	if (state)
		report(ctx, REFILL_SCHED, now, state, state->alloc_fails);
	return 0;
}

SEC("tp/qlge/qlge_refill_run")
int on_refill_run(void *ctx)
{
	__u64 now = bpf_ktime_get_ns();
	struct queue_state *state = hear(ctx, REFILL_RUN, now);

	if (!state)
		return 0;
	/* NAPI may have used what the work got before the work says so. */
	if (state->begin_ns)
		__sync_fetch_and_add(&state->runs, 1);
	report(ctx, REFILL_RUN, now, state, state->alloc_fails);
	return 0;
}

SEC("tp/qlge/qlge_refill_done")
int on_refill_done(void *ctx)
{
	__u64 now = bpf_ktime_get_ns();
	struct queue_state *state = hear(ctx, REFILL_DONE, now);

	if (!state)
		return 0;
	report(ctx, REFILL_DONE, now, state, state->alloc_fails);
	forget(state);
	return 0;
}

static long forget_device(void *map, struct queue_key *key,
			  struct queue_state *state, __u32 *ifindex)
{
	if (key->ifindex == *ifindex)
		forget(state);
	return 0;
}

/* A reset fills all rings anew: an outage ends there without a "done". */
SEC("tp/qlge/qlge_reset")
int on_reset(void *ctx)
{
	__u32 ifindex = field(ctx, REFILL_RESET, FIELD_IFINDEX);

	if (!wanted(ifindex))
		return 0;
	report(ctx, REFILL_RESET, bpf_ktime_get_ns(), NULL, 0);
	bpf_for_each_map_elem(&queues, forget_device, &ifindex, 0);
	return 0;
}

char _license[] SEC("license") = "GPL";

/* SPDX-License-Identifier: GPL-2.0-only */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM qlge

#if !defined(_QLGE_TRACE_H_) || defined(TRACE_HEADER_MULTI_READ)
#define _QLGE_TRACE_H_

#include <linux/tracepoint.h>

/* One allocation attempt failed; @bq is enum qlge_alloc_site. */
TRACE_EVENT(qlge_alloc_fail,
	TP_PROTO(int ifindex, u16 queue, u8 bq, u8 atomic, u32 fill),
	TP_ARGS(ifindex, queue, bq, atomic, fill),
	TP_STRUCT__entry(
		__field(int, ifindex)
		__field(u16, queue)
		__field(u8, bq)
		__field(u8, atomic)
		__field(u32, fill)
	),
	TP_fast_assign(
		__entry->ifindex = ifindex;
		__entry->queue = queue;
		__entry->bq = bq;
		__entry->atomic = atomic;
		__entry->fill = fill;
	),
	TP_printk("ifindex=%d queue=%u bq=%u atomic=%u fill=%u",
		  __entry->ifindex, __entry->queue, __entry->bq,
		  __entry->atomic, __entry->fill)
);

/* From here on frames whose buffer cannot be replaced are recycled. */
TRACE_EVENT(qlge_watermark,
	TP_PROTO(int ifindex, u16 queue, u8 bq, u32 fill),
	TP_ARGS(ifindex, queue, bq, fill),
	TP_STRUCT__entry(
		__field(int, ifindex)
		__field(u16, queue)
		__field(u8, bq)
		__field(u32, fill)
	),
	TP_fast_assign(
		__entry->ifindex = ifindex;
		__entry->queue = queue;
		__entry->bq = bq;
		__entry->fill = fill;
	),
	TP_printk("ifindex=%d queue=%u bq=%u fill=%u", __entry->ifindex,
		  __entry->queue, __entry->bq, __entry->fill)
);

TRACE_EVENT(qlge_refill_sched,
	TP_PROTO(int ifindex, u16 queue, u32 delay_ms),
	TP_ARGS(ifindex, queue, delay_ms),
	TP_STRUCT__entry(
		__field(int, ifindex)
		__field(u16, queue)
		__field(u32, delay_ms)
	),
	TP_fast_assign(
		__entry->ifindex = ifindex;
		__entry->queue = queue;
		__entry->delay_ms = delay_ms;
	),
	TP_printk("ifindex=%d queue=%u delay_ms=%u", __entry->ifindex,
		  __entry->queue, __entry->delay_ms)
);

/* One run of the refill work: what it got and when it runs again. */
TRACE_EVENT(qlge_refill_run,
	TP_PROTO(int ifindex, u16 queue, u32 chunks, u8 again, u32 next_ms),
	TP_ARGS(ifindex, queue, chunks, again, next_ms),
	TP_STRUCT__entry(
		__field(int, ifindex)
		__field(u16, queue)
		__field(u32, chunks)
		__field(u8, again)
		__field(u32, next_ms)
	),
	TP_fast_assign(
		__entry->ifindex = ifindex;
		__entry->queue = queue;
		__entry->chunks = chunks;
		__entry->again = again;
		__entry->next_ms = next_ms;
	),
	TP_printk("ifindex=%d queue=%u chunks=%u again=%u next_ms=%u",
		  __entry->ifindex, __entry->queue, __entry->chunks,
		  __entry->again, __entry->next_ms)
);

/* The ring is full again after an outage. */
TRACE_EVENT(qlge_refill_done,
	TP_PROTO(int ifindex, u16 queue, u64 duration_ns, u32 fill),
	TP_ARGS(ifindex, queue, duration_ns, fill),
	TP_STRUCT__entry(
		__field(int, ifindex)
		__field(u16, queue)
		__field(u64, duration_ns)
		__field(u32, fill)
	),
	TP_fast_assign(
		__entry->ifindex = ifindex;
		__entry->queue = queue;
		__entry->duration_ns = duration_ns;
		__entry->fill = fill;
	),
	TP_printk("ifindex=%d queue=%u duration_ns=%llu fill=%u",
		  __entry->ifindex, __entry->queue, __entry->duration_ns,
		  __entry->fill)
);

/* @reason is enum qlge_reset_reason. */
TRACE_EVENT(qlge_reset,
	TP_PROTO(int ifindex, u32 reason, int result),
	TP_ARGS(ifindex, reason, result),
	TP_STRUCT__entry(
		__field(int, ifindex)
		__field(u32, reason)
		__field(int, result)
	),
	TP_fast_assign(
		__entry->ifindex = ifindex;
		__entry->reason = reason;
		__entry->result = result;
	),
	TP_printk("ifindex=%d reason=%u result=%d", __entry->ifindex,
		  __entry->reason, __entry->result)
);

#endif /* _QLGE_TRACE_H_ */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE qlge_trace
#include <trace/define_trace.h>

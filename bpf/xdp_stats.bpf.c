// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts frames and bytes per verdict and CPU, and returns the verdict asked
 * for: PASS until the map says otherwise, here DROP (1):
 *
 *	bpftool map update name .data.config key 0 0 0 0 value 1 0 0 0
 *	bpftool map dump name xdp_counts
 *
 * The counters are one struct with a member per verdict and not an array
 * indexed by verdict: an array's key must be a plain integer for the kernel,
 * so the dump would say 1 where it now says "drop".
 */
#include "xdp_swap.h"

struct count {
	__u64 packets;
	__u64 bytes;
};

struct xdp_counts {
	struct count aborted;
	struct count drop;
	struct count pass;
	struct count tx;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct xdp_counts);
} xdp_counts SEC(".maps");

struct {
	__u32 verdict;
} config SEC(".data.config") = { .verdict = XDP_PASS };

SEC(XDP_SEC)
int xdp_stats(struct xdp_md *ctx)
{
	struct xdp_counts *counts;
	struct count *count;
	__u32 verdict, key = 0;

	counts = bpf_map_lookup_elem(&xdp_counts, &key);
	if (!counts)
		return XDP_ABORTED;

	verdict = *(volatile __u32 *)&config.verdict;
	if (verdict == XDP_TX && !xdp_swap(ctx))
		verdict = XDP_DROP;

	switch (verdict) {
	case XDP_DROP:
		count = &counts->drop;
		break;
	case XDP_PASS:
		count = &counts->pass;
		break;
	case XDP_TX:
		count = &counts->tx;
		break;
	default:
		count = &counts->aborted;
		verdict = XDP_ABORTED;
		break;
	}
	count->packets++;
	count->bytes += bpf_xdp_get_buff_len(ctx);
	return verdict;
}

char _license[] SEC("license") = "GPL";

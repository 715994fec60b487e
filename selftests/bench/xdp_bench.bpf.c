// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs whose cost is measured: built once with REDIRECT, and for each
 * number of LOOKUP (in a map of one element) and LENGTH (instructions).
 */
#include "xdp_swap.h"

struct {
#ifdef REDIRECT
	__uint(type, BPF_MAP_TYPE_DEVMAP);
#else
	__uint(type, BPF_MAP_TYPE_HASH);
#endif
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} bench_map SEC(".maps");

#if defined(REDIRECT)
/* Back to the sender, out of another port: no port takes it for its own. */
SEC(XDP_SEC)
int xdp_bench(struct xdp_md *ctx)
{
	return xdp_swap(ctx) ? bpf_redirect_map(&bench_map, 0, XDP_ABORTED) :
			       XDP_DROP;
}
#elif defined(LOOKUP)
SEC(XDP_SEC)
int xdp_bench(struct xdp_md *ctx)
{
	__u32 found = 0;

#pragma unroll
	for (int i = 0; i < LOOKUP; i++) {
		__u32 key = i;

		found += !!bpf_map_lookup_elem(&bench_map, &key);
	}
	return found > 4 ? XDP_PASS : XDP_DROP;
}
#else
/* Two instructions each time, which the compiler can neither join nor guess. */
SEC(XDP_SEC)
int xdp_bench(struct xdp_md *ctx)
{
	__u64 x = ctx->rx_queue_index;

#pragma unroll
	for (int i = 0; i < LENGTH / 2; i++)
		asm volatile("%0 += 7; %0 ^= 5" : "+r"(x));
	return x == 1 ? XDP_PASS : XDP_DROP;
}
#endif

char _license[] SEC("license") = "GPL";

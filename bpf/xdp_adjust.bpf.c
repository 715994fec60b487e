// SPDX-License-Identifier: GPL-2.0-only
/*
 * Moves the ends of a frame by what the map asks for, in the sense of the
 * helpers: head < 0 grows the frame at its front, tail > 0 at its end. The
 * Ethernet header is kept in front, so that the frame still is one; room
 * gained is filled with zeroes. Here head -8, tail 16, verdict PASS (2):
 *
 *	bpftool map update name .data.config key 0 0 0 0 \
 *		value hex f8 ff ff ff 10 00 00 00 02 00 00 00
 *
 * A frame that cannot be adjusted is aborted and counted in refused, so a
 * test tells a refusal of the helper from a loss.
 */
#include <linux/if_ether.h>
#include "xdp_swap.h"

#define ROOM 256	/* as much as XDP_PACKET_HEADROOM can give */

struct {
	__s32 head;
	__s32 tail;
	__u32 verdict;
} config SEC(".data.config") = { .verdict = XDP_PASS };

struct {
	__u64 adjusted;
	__u64 refused;
} result SEC(".data.result") = {};

static const __u8 zeroes[ROOM];

SEC(XDP_SEC)
int xdp_adjust(struct xdp_md *ctx)
{
	__s32 head = *(volatile __s32 *)&config.head;
	__s32 tail = *(volatile __s32 *)&config.tail;
	__u32 verdict = *(volatile __u32 *)&config.verdict;
	struct ethhdr eth;

	if (bpf_xdp_load_bytes(ctx, 0, &eth, sizeof(eth)))
		goto refused;
	if (head && bpf_xdp_adjust_head(ctx, head))
		goto refused;
	/* The mask is for the verifier, which loses a range by negation. */
	if (head < 0 && bpf_xdp_store_bytes(ctx, sizeof(eth), (void *)zeroes,
					    ((-head - 1) & (ROOM - 1)) + 1))
		goto refused;
	if (head && bpf_xdp_store_bytes(ctx, 0, &eth, sizeof(eth)))
		goto refused;
	if (tail && bpf_xdp_adjust_tail(ctx, tail))
		goto refused;
	if (verdict == XDP_TX && !xdp_swap(ctx))
		goto refused;

	__sync_fetch_and_add(&result.adjusted, 1);
	return verdict;

refused:
	__sync_fetch_and_add(&result.refused, 1);
	return XDP_ABORTED;
}

char _license[] SEC("license") = "GPL";

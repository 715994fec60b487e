// SPDX-License-Identifier: GPL-2.0-only
/* Sends every frame back where it came from. */
#include "xdp_swap.h"

SEC(XDP_SEC)
int xdp_tx(struct xdp_md *ctx)
{
	return xdp_swap(ctx) ? XDP_TX : XDP_DROP;
}

char _license[] SEC("license") = "GPL";

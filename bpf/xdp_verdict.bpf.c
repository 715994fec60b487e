// SPDX-License-Identifier: GPL-2.0-only
/*
 * The programs that only return a verdict: one source, built once per verdict
 * as xdp_pass, xdp_drop, xdp_aborted and xdp_unknown (see the Makefile).
 * They touch neither the frame nor a map, so what they cost is what the
 * driver costs.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC(XDP_SEC)
int PROG(struct xdp_md *ctx)
{
	return VERDICT;
}

char _license[] SEC("license") = "GPL";

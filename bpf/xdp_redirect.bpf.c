// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sends every frame out of the device whose ifindex is in tx_port[0]:
 *
 *	bpftool map update name tx_port key 0 0 0 0 value 3 0 0 0
 *
 * As long as the map is empty a frame is aborted, so that a forgotten
 * entry shows up in the xdp:xdp_exception trace point.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} tx_port SEC(".maps");

SEC(XDP_SEC)
int xdp_redirect(struct xdp_md *ctx)
{
	return bpf_redirect_map(&tx_port, 0, XDP_ABORTED);
}

char _license[] SEC("license") = "GPL";

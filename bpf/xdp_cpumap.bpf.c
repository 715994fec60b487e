// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hands every frame to the CPU in cpus[0]; the value is the length of its
 * queue and no program, here 512:
 *
 *	bpftool map update name cpus key 0 0 0 0 value 0 2 0 0 0 0 0 0
 *
 * As long as the map is empty a frame is aborted.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_CPUMAP);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct bpf_cpumap_val);
} cpus SEC(".maps");

SEC(XDP_SEC)
int xdp_cpumap(struct xdp_md *ctx)
{
	return bpf_redirect_map(&cpus, 0, XDP_ABORTED);
}

char _license[] SEC("license") = "GPL";

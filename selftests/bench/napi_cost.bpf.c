// SPDX-License-Identifier: GPL-2.0-only
/*
 * Time, packets, page allocations and DMA mappings in the NAPI polls of one
 * device.  In a guest whose clock counts instructions the time is
 * instructions.  Only full polls are added up: they are what a loaded driver
 * does, and no interrupt's price is spread over a few packets.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

#define FULL	64

struct net_device {
	int ifindex;
} __attribute__((preserve_access_index));

struct napi_struct {
	struct net_device *dev;
} __attribute__((preserve_access_index));

const volatile int only_ifindex = 0;

/* One CPU: nothing here needs to be atomic. */
__u64 began = 0;
__u64 packets = 0;	/* in all polls */
__u64 polls = 0;
__u64 full_polls = 0;
__u64 full_ns = 0;
__u64 pages = 0;	/* allocations, in all polls */
__u64 maps = 0;

static int ours(struct napi_struct *napi)
{
	return BPF_CORE_READ(napi, dev, ifindex) == only_ifindex;
}

SEC("fentry/__napi_poll")
int BPF_PROG(poll_begin, struct napi_struct *napi)
{
	if (ours(napi))
		began = bpf_ktime_get_ns();
	return 0;
}

SEC("fexit/__napi_poll")
int BPF_PROG(poll_end, struct napi_struct *napi, void *repoll, int work)
{
	__u64 now = bpf_ktime_get_ns();

	if (!began || !ours(napi))
		return 0;
	packets += work;
	polls++;
	if (work == FULL) {
		full_polls++;
		full_ns += now - began;
	}
	began = 0;
	return 0;
}

/* The next two are loaded only to count, not while time is measured. */
SEC("fentry/dma_map_page_attrs")
int BPF_PROG(dma_map)
{
	if (began)
		maps++;
	return 0;
}

SEC("tp/kmem/mm_page_alloc")
int page_alloc(void *ctx)
{
	if (began)
		pages++;
	return 0;
}

char _license[] SEC("license") = "GPL";

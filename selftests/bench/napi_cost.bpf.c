// SPDX-License-Identifier: GPL-2.0-only
/*
 * Time, packets, allocations and DMA mappings in the NAPI polls of a device
 * and of the one it sends to.  In a guest whose clock counts instructions the
 * time is instructions.  Full polls are added up apart: they are what a
 * loaded driver does, and no interrupt's price is spread over a few packets.
 */
#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

#include "napi_cost.h"

#define FULL	64

struct net_device {
	int ifindex;
} __attribute__((preserve_access_index));

struct napi_struct {
	struct net_device *dev;
} __attribute__((preserve_access_index));

struct irqaction {
	const char *name;
} __attribute__((preserve_access_index));

/* One CPU: nothing here needs to be atomic. */
struct port port[2] = {};
bool always = false;	/* count everywhere, not in polls only */
struct cost full = {};	/* full polls of port 0, the others are all polls */
__u64 allocs = 0;
__u64 maps = 0;

static __u64 began, irq_began;

static struct port *polled(struct napi_struct *napi)
{
	int ifindex = BPF_CORE_READ(napi, dev, ifindex);

	if (ifindex == port[0].ifindex)
		return &port[0];
	return ifindex == port[1].ifindex ? &port[1] : NULL;
}

SEC("fentry/__napi_poll")
int BPF_PROG(poll_begin, struct napi_struct *napi)
{
	if (polled(napi))
		began = bpf_ktime_get_ns();
	return 0;
}

SEC("fexit/__napi_poll")
int BPF_PROG(poll_end, struct napi_struct *napi, void *repoll, int work)
{
	__u64 now = bpf_ktime_get_ns();
	struct port *p = polled(napi);

	if (!began || !p)
		return 0;
	p->polls.calls++;
	p->polls.packets += work;
	p->polls.ns += now - began;
	if (work == FULL && p == &port[0]) {
		full.calls++;
		full.packets += work;
		full.ns += now - began;
	}
	began = 0;
	return 0;
}

/*
 * Some drivers complete what they sent in the interrupt itself.  One that
 * comes in the middle of a poll is counted there.
 */
static struct port *interrupted(struct irqaction *action)
{
	__u32 name = 0;

	bpf_probe_read_kernel(&name, sizeof(name),
			      BPF_CORE_READ(action, name));
	if (name == port[0].name)
		return &port[0];
	return name == port[1].name ? &port[1] : NULL;
}

SEC("tp_btf/irq_handler_entry")
int BPF_PROG(irq_begin, int irq, struct irqaction *action)
{
	if (!began && interrupted(action))
		irq_began = bpf_ktime_get_ns();
	return 0;
}

SEC("tp_btf/irq_handler_exit")
int BPF_PROG(irq_end, int irq, struct irqaction *action, int ret)
{
	__u64 now = bpf_ktime_get_ns();
	struct port *p = interrupted(action);

	if (!irq_began || !p)
		return 0;
	p->irqs.calls++;
	p->irqs.ns += now - irq_began;
	irq_began = 0;
	return 0;
}

/* The rest is attached only to count, not while time is measured. */
static bool inside(void)
{
	return always || began || irq_began;
}

SEC("fentry/dma_map_page_attrs")
int BPF_PROG(count_map)
{
	if (inside())
		maps++;
	return 0;
}

SEC("tp/kmem/mm_page_alloc")
int count_page(void *ctx)
{
	if (inside())
		allocs++;
	return 0;
}

SEC("tp/kmem/kmalloc")
int count_kmalloc(void *ctx)
{
	if (inside())
		allocs++;
	return 0;
}

SEC("tp/kmem/kmem_cache_alloc")
int count_object(void *ctx)
{
	if (inside())
		allocs++;
	return 0;
}

/* kmem_cache_alloc_bulk(), which has another name in each kernel. */
SEC("fexit")
int BPF_PROG(count_bulk, void *cache, unsigned int flags, unsigned long size,
	     void **objects, int got)
{
	if (inside())
		allocs += got;
	return 0;
}

char _license[] SEC("license") = "GPL";

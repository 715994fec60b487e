// SPDX-License-Identifier: GPL-2.0-only
/*
 * On tc ingress: is what xdp_meta has put in front of the frame still there,
 * and is it what the driver has told the stack?
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include "xdp_meta.h"

struct {
	__u64 same;
	__u64 no_hash;
	__u64 hash_differs;
	__u64 tag_differs;
	__u64 missing;
	__u64 queue_differs;
} found SEC(".data.found") = {};

SEC("tc")
int tc_meta(struct __sk_buff *skb)
{
	struct xdp_meta *meta = (void *)(long)skb->data_meta;
	__u64 *n = &found.same;

	if ((void *)(meta + 1) > (void *)(long)skb->data ||
	    meta->magic != XDP_META_MAGIC)
		n = &found.missing;
	else if (meta->tci != ~0U &&
		 (!skb->vlan_present || meta->tci != skb->vlan_tci))
		n = &found.tag_differs;
	else if (!meta->type)
		n = &found.no_hash;
	else if (meta->hash != skb->hash)
		n = &found.hash_differs;
	/*
	 * The hash has chosen the queue.  With an even number of them, and the
	 * table that the driver makes, its last bit is that of the queue.
	 */
	else if (!skb->queue_mapping ||
		 ((skb->hash ^ (skb->queue_mapping - 1)) & 1))
		n = &found.queue_differs;
	__sync_fetch_and_add(n, 1);
	return TC_ACT_OK;
}

char _license[] SEC("license") = "GPL";

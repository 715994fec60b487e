// SPDX-License-Identifier: GPL-2.0-only
/*
 * Asks the driver for hash and VLAN tag of every frame, counts the answers,
 * and passes frame and answers on; tc_meta compares them with the skb. To be
 * loaded bound to the device.
 */
#include <linux/bpf.h>
#include <linux/errno.h>
#include <bpf/bpf_helpers.h>
#include "xdp_meta.h"

/* As the kernel has it; the values are those of xdp_rss_type_bits. */
enum xdp_rss_hash_type {
	RSS_L3_IPV4 = 1 << 0,
	RSS_L3_IPV6 = 1 << 1,
	RSS_L4 = 1 << 3,
	RSS_L4_TCP = 1 << 4,
};

extern int bpf_xdp_metadata_rx_hash(const struct xdp_md *ctx, __u32 *hash,
				    enum xdp_rss_hash_type *type) __ksym;
extern int bpf_xdp_metadata_rx_vlan_tag(const struct xdp_md *ctx,
					__be16 *proto, __u16 *tci) __ksym;

struct {
	__u64 l3_ipv4;
	__u64 l3_ipv6;
	__u64 tcp_ipv4;
	__u64 tcp_ipv6;
	__u64 no_hash;
	__u64 tag;
	__u64 no_tag;
	__u64 wrong;	/* another error, type or protocol */
	__u64 tci;	/* the last */
} answers SEC(".data.answers") = {};

static void count(__u64 *n)
{
	__sync_fetch_and_add(n, 1);
}

SEC("xdp")
int xdp_meta(struct xdp_md *ctx)
{
	enum xdp_rss_hash_type type = 0;
	struct xdp_meta *meta;
	__be16 proto = 0;
	__u32 hash = 0;
	__u16 tci = 0;
	int rc;

	if (bpf_xdp_adjust_meta(ctx, -(int)sizeof(*meta)))
		return XDP_ABORTED;
	meta = (void *)(long)ctx->data_meta;
	if ((void *)(meta + 1) > (void *)(long)ctx->data)
		return XDP_ABORTED;
	*meta = (struct xdp_meta) { .magic = XDP_META_MAGIC, .tci = ~0 };

	rc = bpf_xdp_metadata_rx_hash(ctx, &hash, &type);
	if (!rc) {
		meta->hash = hash;
		meta->type = type;
		switch ((__u32)type) {
		case RSS_L3_IPV4:
			count(&answers.l3_ipv4);
			break;
		case RSS_L3_IPV6:
			count(&answers.l3_ipv6);
			break;
		case RSS_L3_IPV4 | RSS_L4 | RSS_L4_TCP:
			count(&answers.tcp_ipv4);
			break;
		case RSS_L3_IPV6 | RSS_L4 | RSS_L4_TCP:
			count(&answers.tcp_ipv6);
			break;
		default:
			count(&answers.wrong);
		}
	} else {
		count(rc == -ENODATA ? &answers.no_hash : &answers.wrong);
	}

	rc = bpf_xdp_metadata_rx_vlan_tag(ctx, &proto, &tci);
	if (!rc) {
		meta->tci = tci;
		answers.tci = tci;
		count(proto == __builtin_bswap16(0x8100) ? &answers.tag :
							   &answers.wrong);
	} else {
		count(rc == -ENODATA ? &answers.no_tag : &answers.wrong);
	}
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";

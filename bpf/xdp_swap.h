/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XDP_SWAP_H
#define XDP_SWAP_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

/*
 * Turns a frame around: MAC addresses, then IPv4 or IPv6 addresses. Swapping
 * leaves every checksum right, because a ones' complement sum does not care
 * about the order. False if the frame has no Ethernet header.
 */
static __always_inline int xdp_swap(struct xdp_md *ctx)
{
	void *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = (void *)(long)ctx->data;
	/* Arrays of bytes would be copied byte by byte. */
	__u16 *mac = (void *)eth, dst[3];

	if ((void *)(eth + 1) > end)
		return 0;

	dst[0] = mac[0];
	dst[1] = mac[1];
	dst[2] = mac[2];
	mac[0] = mac[3];
	mac[1] = mac[4];
	mac[2] = mac[5];
	mac[3] = dst[0];
	mac[4] = dst[1];
	mac[5] = dst[2];

	if (eth->h_proto == bpf_htons(ETH_P_IP)) {
		struct iphdr *ip = (void *)(eth + 1);
		__be32 addr;

		if ((void *)(ip + 1) > end)
			return 1;
		addr = ip->daddr;
		ip->daddr = ip->saddr;
		ip->saddr = addr;
	} else if (eth->h_proto == bpf_htons(ETH_P_IPV6)) {
		struct ipv6hdr *ip6 = (void *)(eth + 1);
		struct in6_addr addr;

		if ((void *)(ip6 + 1) > end)
			return 1;
		addr = ip6->daddr;
		ip6->daddr = ip6->saddr;
		ip6->saddr = addr;
	}
	return 1;
}

#endif /* XDP_SWAP_H */

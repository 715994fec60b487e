/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XDP_META_H
#define XDP_META_H

/* What xdp_meta puts in front of a frame and tc_meta finds there. */
struct xdp_meta {
	__u32 magic;
	__u32 hash;
	__u32 type;	/* 0: the card has given no hash */
	__u32 tci;	/* ~0: nor a tag */
};

#define XDP_META_MAGIC	0x61746d71

#endif /* XDP_META_H */

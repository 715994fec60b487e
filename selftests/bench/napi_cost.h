/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NAPI_COST_H
#define NAPI_COST_H

struct cost {
	unsigned long long calls, packets, ns;
};

struct port {
	int ifindex;
	unsigned int name;	/* its first four characters */
	struct cost polls, irqs;
};

/*
 * Offsets of an instruction that does nothing, nopl OFFSET(%rax), and that
 * profile.c waits for.
 */
#define MARK_ON		0x716c6700
#define MARK_OFF	0x716c6701

#endif

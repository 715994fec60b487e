/* SPDX-License-Identifier: GPL-2.0-only */
/* What alloc_fail.bpf.c and its loader say to each other. */
#ifndef ALLOC_FAIL_H
#define ALLOC_FAIL_H

#include <linux/types.h>

#define ALLOC_FAIL_ANY		(-1)
#define ALLOC_FAIL_BQ_SMALL	0
#define ALLOC_FAIL_BQ_LARGE	1
#define ALLOC_FAIL_BQ_STASH	3	/* the refill work */
#define ALLOC_FAIL_ERRNO	12	/* ENOMEM; errno.h does not fit BPF */

struct alloc_fail_config {
	__s64 ifindex;		/* or ALLOC_FAIL_ANY */
	__s64 queue;		/* or ALLOC_FAIL_ANY */
	__s64 bq;		/* ALLOC_FAIL_BQ_* or ALLOC_FAIL_ANY */
	__u32 atomic_only;	/* spare the worker, which may sleep */
	__u32 pad;
	__u64 skip;
	__u64 fail;
};

struct alloc_fail_result {
	__u64 calls;		/* that matched the filter */
	__u64 injected;
};

#endif /* ALLOC_FAIL_H */

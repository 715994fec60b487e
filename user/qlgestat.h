/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef QLGESTAT_H
#define QLGESTAT_H

#include <net/if.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "netdev_uapi.h"

/* Documented in qlgestat.8; scripts rely on them. */
enum exit_code {
	EX_OK		= 0,
	EX_FAIL		= 1,	/* whatever has no code of its own */
	EX_USAGE	= 2,
	EX_NODEV	= 3,	/* no such device, or it went away */
	EX_DRIVER	= 4,	/* its driver has not what was asked for */
	EX_KERNEL	= 5,	/* the kernel has no queue statistics */
	EX_PERM		= 6,
	EX_NOTRACE	= 7,	/* the driver's trace points are not there */
};

struct options {
	const char *dev;	/* NULL: all */
	bool json;
	bool pretty;
	bool debug;
	double interval;	/* seconds, 0: not given */
	unsigned long count;	/* 0: not given */
};

int cmd_show(const struct options *opt);
int cmd_watch(const struct options *opt);
int cmd_trace(const struct options *opt);

/* qlgestat.c */

/* One line on stderr; returns @code, so that callers can return it on. */
int fail(enum exit_code code, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Resolves opt->dev; *ifindex is 0 for all devices. Returns an exit code. */
int find_dev(const struct options *opt, int *ifindex);
/* The driver of a device as ethtool names it, "" if it has none. */
const char *driver_of(const char *ifname, char *buf, size_t size);
/* Flushes stdout; EX_FAIL with a message if what was printed did not arrive. */
int flush_output(void);
/*
 * SIGINT and SIGTERM are blocked from here on and delivered only inside
 * wait_until(), so that a line under way is always completed.
 */
void catch_signals(void);
/*
 * Sleeps until @mono_ns (CLOCK_MONOTONIC, UINT64_MAX: forever) or until @fd
 * (-1: none) is readable. False if a signal asked to stop.
 */
bool wait_until(uint64_t mono_ns, int fd);
uint64_t now_ns(clockid_t clock);

/* netdev.c */

struct counter {
	uint16_t attr;			/* NETDEV_A_QSTATS_* */
	enum netdev_queue_type type;
	const char *name;		/* the UAPI name without rx-, tx- */
};

/* In the order of printing; ends with attr 0. */
extern const struct counter counters[];

struct qstats {
	uint64_t present;		/* BIT(attr) */
	uint64_t value[NETDEV_A_QSTATS_MAX + 1];
};

static inline bool qstats_has(const struct qstats *s, unsigned int attr)
{
	return s->present >> attr & 1;
}

struct queue {
	uint32_t type;			/* enum netdev_queue_type */
	uint32_t id;
	struct qstats stats;
};

struct xdp_prog {
	const char *mode;
	uint32_t id;
};

struct dev {
	int ifindex;
	char name[IFNAMSIZ];
	bool up;
	struct xdp_prog xdp[3];
	unsigned int n_xdp;
	struct qstats stats;
	struct queue *queues;		/* rx before tx, each by id */
	size_t n_queues;
};

struct snapshot {
	uint64_t mono_ns;
	uint64_t real_ns;
	struct dev *devs;		/* by ifindex */
	size_t n_devs;
};

/* Finds out how to ask for queue statistics. Returns an exit code. */
int netdev_open(void);
/*
 * Queue statistics, names and XDP programs of one device (@ifindex) or of all
 * that have statistics (0). @name is for messages. Returns an exit code; on
 * EX_OK the caller frees with snapshot_free().
 */
int snapshot_take(int ifindex, const char *name, struct snapshot *s);
void snapshot_free(struct snapshot *s);
const struct dev *snapshot_find(const struct snapshot *s, int ifindex);
const struct queue *dev_find_queue(const struct dev *d, uint32_t type,
				   uint32_t id);

struct nlmsghdr;
/*
 * Takes one answer to qstats-get apart. False if it is not about a device or
 * an attribute is malformed; attributes of a newer kernel are skipped.
 */
bool qstats_parse(const struct nlmsghdr *nlh, int *ifindex, bool *is_queue,
		  struct queue *q);

/* watch.c */

/*
 * What counted between two readings, per second. False if there is nothing to
 * tell: one of the two lacks the counter, or it went back.
 */
bool counter_rate(const struct qstats *now, const struct qstats *before,
		  unsigned int attr, double seconds, double *rate);
/* True if any counter went back: the device was reset or is another one. */
bool qstats_went_back(const struct qstats *now, const struct qstats *before);

/* json.c: a writer that cannot produce anything but JSON */

void json_begin(bool pretty);
void json_open(const char *key, char bracket);
void json_close(char bracket);
void json_str(const char *key, const char *value);
void json_uint(const char *key, uint64_t value);
void json_int(const char *key, int64_t value);
void json_double(const char *key, double value, int digits);
void json_bool(const char *key, bool value);
/* The counters of one direction as an object, nothing if there are none. */
void json_qstats(const struct qstats *s, enum netdev_queue_type type);

#endif /* QLGESTAT_H */

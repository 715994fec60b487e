// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include <time.h>

#include "qlgestat.h"

bool counter_rate(const struct qstats *now, const struct qstats *before,
		  unsigned int attr, double seconds, double *rate)
{
	if (!before || !qstats_has(now, attr) || !qstats_has(before, attr) ||
	    now->value[attr] < before->value[attr] || seconds <= 0)
		return false;
	*rate = (now->value[attr] - before->value[attr]) / seconds;
	return true;
}

bool qstats_went_back(const struct qstats *now, const struct qstats *before)
{
	const struct counter *c;

	if (!before)
		return false;
	for (c = counters; c->attr; c++)
		if (qstats_has(now, c->attr) && qstats_has(before, c->attr) &&
		    now->value[c->attr] < before->value[c->attr])
			return true;
	return false;
}

/* The counters of one direction and, after them, their rates. */
static void watch_json_stats(const struct qstats *now,
			     const struct qstats *before,
			     enum netdev_queue_type type, double seconds)
{
	const struct counter *c;
	bool any = false;
	double rate;

	json_qstats(now, type);
	for (c = counters; c->attr; c++) {
		if (c->type != type ||
		    !counter_rate(now, before, c->attr, seconds, &rate))
			continue;
		if (!any)
			json_open(type == NETDEV_QUEUE_TYPE_RX ? "rx-rate" :
				  "tx-rate", '{');
		any = true;
		json_double(c->name, rate, 1);
	}
	if (any)
		json_close('}');
}

static void watch_json(const struct options *opt, const struct snapshot *s,
		       const struct dev *now, const struct dev *before,
		       double seconds)
{
	size_t i;

	json_begin(opt->pretty);
	json_open(NULL, '{');
	json_double("time", s->real_ns / 1e9, 6);
	json_double("interval", seconds, 6);
	json_str("ifname", now->name);
	json_uint("ifindex", now->ifindex);
	json_bool("up", now->up);
	if (before && qstats_went_back(&now->stats, &before->stats))
		json_bool("reset", true);
	watch_json_stats(&now->stats, before ? &before->stats : NULL,
			 NETDEV_QUEUE_TYPE_RX, seconds);
	watch_json_stats(&now->stats, before ? &before->stats : NULL,
			 NETDEV_QUEUE_TYPE_TX, seconds);
	json_open("queues", '[');
	for (i = 0; i < now->n_queues; i++) {
		const struct queue *q = &now->queues[i], *old = NULL;

		if (before)
			old = dev_find_queue(before, q->type, q->id);
		json_open(NULL, '{');
		json_str("queue-type",
			 q->type == NETDEV_QUEUE_TYPE_RX ? "rx" : "tx");
		json_uint("queue-id", q->id);
		if (old && qstats_went_back(&q->stats, &old->stats))
			json_bool("reset", true);
		watch_json_stats(&q->stats, old ? &old->stats : NULL, q->type,
				 seconds);
		json_close('}');
	}
	json_close(']');
	json_close('}');
}

static void cell(bool valid, const char *fmt, double value)
{
	char buf[32];

	snprintf(buf, sizeof(buf), fmt, value);
	printf(" %12s", valid ? buf : "-");
}

static void watch_row(const char *clock, const char *ifname, const char *label,
		      const struct qstats *now, const struct qstats *before,
		      enum netdev_queue_type type, double seconds)
{
	bool rx = type == NETDEV_QUEUE_TYPE_RX;
	unsigned int packets = rx ? NETDEV_A_QSTATS_RX_PACKETS :
				    NETDEV_A_QSTATS_TX_PACKETS;
	unsigned int bytes = rx ? NETDEV_A_QSTATS_RX_BYTES :
				  NETDEV_A_QSTATS_TX_BYTES;
	unsigned int drops = rx ? NETDEV_A_QSTATS_RX_HW_DROPS :
				  NETDEV_A_QSTATS_TX_HW_DROPS;
	double rate = 0;
	bool valid;

	printf("%s %-10s %-6s", clock, ifname, label);
	valid = counter_rate(now, before, packets, seconds, &rate);
	cell(valid, "%.0f", rate);
	valid = counter_rate(now, before, bytes, seconds, &rate);
	cell(valid, "%.2f", rate * 8 / 1e6);
	valid = counter_rate(now, before, drops, seconds, &rate);
	cell(valid, "%.0f", rate);
	valid = rx && counter_rate(now, before, NETDEV_A_QSTATS_RX_ALLOC_FAIL,
				   seconds, &rate);
	cell(valid, "%.0f", rate);
	if (rx && qstats_has(now, NETDEV_A_QSTATS_RX_ALLOC_FAIL))
		printf(" %12ju", (uintmax_t)
		       now->value[NETDEV_A_QSTATS_RX_ALLOC_FAIL]);
	else
		printf(" %12s", "-");
	if (qstats_went_back(now, before))
		printf(" (reset)");
	putchar('\n');
}

static void watch_text(const struct snapshot *s, const struct dev *now,
		       const struct dev *before, double seconds)
{
	time_t secs = s->real_ns / 1000000000;
	char clock[16], label[24];
	struct tm tm;
	size_t i;

	strftime(clock, sizeof(clock), "%H:%M:%S", localtime_r(&secs, &tm));
	watch_row(clock, now->name, "rx", &now->stats,
		  before ? &before->stats : NULL, NETDEV_QUEUE_TYPE_RX,
		  seconds);
	watch_row(clock, now->name, "tx", &now->stats,
		  before ? &before->stats : NULL, NETDEV_QUEUE_TYPE_TX,
		  seconds);
	for (i = 0; i < now->n_queues; i++) {
		const struct queue *q = &now->queues[i], *old = NULL;

		if (before)
			old = dev_find_queue(before, q->type, q->id);
		snprintf(label, sizeof(label), "%s-%u",
			 q->type == NETDEV_QUEUE_TYPE_RX ? "rx" : "tx", q->id);
		watch_row(clock, now->name, label, &q->stats,
			  old ? &old->stats : NULL, q->type, seconds);
	}
}

int cmd_watch(const struct options *opt)
{
	uint64_t step = (opt->interval ? opt->interval : 1) * 1e9;
	struct snapshot before, now;
	unsigned long n = 0;
	uint64_t next;
	int ifindex, ret;

	ret = find_dev(opt, &ifindex);
	if (!ret)
		ret = netdev_open();
	if (!ret)
		ret = snapshot_take(ifindex, opt->dev, &before);
	if (ret)
		return ret;

	catch_signals();
	if (!opt->json)
		printf("%-8s %-10s %-6s %12s %12s %12s %12s %12s\n", "time",
		       "device", "queue", "packets/s", "Mbit/s", "hw-drops/s",
		       "alloc-fail/s", "alloc-fail");
	ret = flush_output();
	next = before.mono_ns + step;
	while (!ret && wait_until(next, -1)) {
		double seconds;
		size_t i;

		ret = snapshot_take(ifindex, opt->dev, &now);
		if (ret)
			break;
		seconds = (now.mono_ns - before.mono_ns) / 1e9;
		for (i = 0; i < now.n_devs; i++) {
			const struct dev *d = &now.devs[i];
			const struct dev *old = snapshot_find(&before,
							      d->ifindex);

			if (opt->json)
				watch_json(opt, &now, d, old, seconds);
			else
				watch_text(&now, d, old, seconds);
		}
		ret = flush_output();
		snapshot_free(&before);
		before = now;
		if (opt->count && ++n >= opt->count)
			break;
		/* A reading that came late does not make the next ones early. */
		next += step;
		if (next < now.mono_ns)
			next = now.mono_ns + step;
	}
	snapshot_free(&before);
	return ret;
}

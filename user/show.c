// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <string.h>
#include <unistd.h>

#include "qlgestat.h"

/* Needs CAP_SYS_ADMIN; an id without a name is still worth printing. */
static const char *prog_name(uint32_t id, char *buf, size_t size)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);
	int fd = bpf_prog_get_fd_by_id(id);

	buf[0] = '\0';
	if (fd < 0)
		return buf;
	if (!bpf_obj_get_info_by_fd(fd, &info, &len))
		snprintf(buf, size, "%s", info.name);
	close(fd);
	return buf;
}

static void show_json(const struct dev *d)
{
	char driver[32], name[BPF_OBJ_NAME_LEN];
	unsigned int i;
	size_t n;

	json_open(NULL, '{');
	json_str("ifname", d->name);
	json_uint("ifindex", d->ifindex);
	if (driver_of(d->name, driver, sizeof(driver))[0])
		json_str("driver", driver);
	json_bool("up", d->up);
	json_open("xdp", '[');
	for (i = 0; i < d->n_xdp; i++) {
		json_open(NULL, '{');
		json_str("mode", d->xdp[i].mode);
		json_uint("id", d->xdp[i].id);
		if (prog_name(d->xdp[i].id, name, sizeof(name))[0])
			json_str("name", name);
		json_close('}');
	}
	json_close(']');
	json_qstats(&d->stats, NETDEV_QUEUE_TYPE_RX);
	json_qstats(&d->stats, NETDEV_QUEUE_TYPE_TX);
	json_open("queues", '[');
	for (n = 0; n < d->n_queues; n++) {
		const struct queue *q = &d->queues[n];

		json_open(NULL, '{');
		json_str("queue-type",
			 q->type == NETDEV_QUEUE_TYPE_RX ? "rx" : "tx");
		json_uint("queue-id", q->id);
		json_qstats(&q->stats, q->type);
		json_close('}');
	}
	json_close(']');
	json_close('}');
}

static void show_row(const char *label, const struct qstats *s,
		     const struct counter * const *columns, size_t n)
{
	size_t i;

	printf("  %-8s", label);
	for (i = 0; i < n; i++) {
		int width = strlen(columns[i]->name);

		if (width < 12)
			width = 12;
		if (qstats_has(s, columns[i]->attr))
			printf(" %*ju", width,
			       (uintmax_t)s->value[columns[i]->attr]);
		else
			printf(" %*s", width, "-");
	}
	putchar('\n');
}

/* One table per direction; its columns are the counters somebody has. */
static void show_table(const struct dev *d, enum netdev_queue_type type)
{
	const char *dir = type == NETDEV_QUEUE_TYPE_RX ? "rx" : "tx";
	const struct counter *columns[NETDEV_A_QSTATS_MAX];
	uint64_t present = d->stats.present;
	const struct counter *c;
	char label[24];
	size_t i, n = 0;

	for (i = 0; i < d->n_queues; i++)
		if (d->queues[i].type == type)
			present |= d->queues[i].stats.present;
	for (c = counters; c->attr; c++)
		if (c->type == type && present >> c->attr & 1)
			columns[n++] = c;
	if (!n)
		return;

	printf("  %-8s", dir);
	for (i = 0; i < n; i++)
		printf(" %12s", columns[i]->name);
	putchar('\n');
	show_row("device", &d->stats, columns, n);
	for (i = 0; i < d->n_queues; i++) {
		if (d->queues[i].type != type)
			continue;
		snprintf(label, sizeof(label), "%s-%u", dir, d->queues[i].id);
		show_row(label, &d->queues[i].stats, columns, n);
	}
}

static void show_text(const struct dev *d)
{
	char driver[32], name[BPF_OBJ_NAME_LEN];
	unsigned int i;

	printf("%d: %s: %s", d->ifindex, d->name, d->up ? "up" : "down");
	if (driver_of(d->name, driver, sizeof(driver))[0])
		printf(", driver %s", driver);
	for (i = 0; i < d->n_xdp; i++) {
		printf(", xdp %s id %u", d->xdp[i].mode, d->xdp[i].id);
		if (prog_name(d->xdp[i].id, name, sizeof(name))[0])
			printf(" %s", name);
	}
	putchar('\n');
	show_table(d, NETDEV_QUEUE_TYPE_RX);
	show_table(d, NETDEV_QUEUE_TYPE_TX);
}

int cmd_show(const struct options *opt)
{
	struct snapshot s;
	int ifindex, ret;
	size_t i;

	ret = find_dev(opt, &ifindex);
	if (!ret)
		ret = netdev_open();
	if (!ret)
		ret = snapshot_take(ifindex, opt->dev, &s);
	if (ret)
		return ret;

	if (opt->json) {
		json_begin(opt->pretty);
		json_open(NULL, '[');
	}
	for (i = 0; i < s.n_devs; i++) {
		if (opt->json)
			show_json(&s.devs[i]);
		else
			show_text(&s.devs[i]);
	}
	if (opt->json)
		json_close(']');
	else if (!s.n_devs)
		fputs("no device has queue statistics\n", stderr);
	snapshot_free(&s);
	return EX_OK;
}

// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>

#include "refill_observer.h"
#include "refill_observer.skel.h"

#include "qlgestat.h"

#define DRIVER	"qlge"

static const struct {
	const char *point;	/* name of the trace point */
	const char *name;	/* as printed */
} event_names[REFILL_EVENT_TYPES] = {
	[REFILL_ALLOC_FAIL]	= { "qlge_alloc_fail",	 "alloc-fail" },
	[REFILL_WATERMARK]	= { "qlge_watermark",	 "watermark" },
	[REFILL_SCHED]		= { "qlge_refill_sched", "refill-sched" },
	[REFILL_RUN]		= { "qlge_refill_run",	 "refill-run" },
	[REFILL_DONE]		= { "qlge_refill_done",	 "refill-done" },
	[REFILL_RESET]		= { "qlge_reset",	 "reset" },
};

static const struct {
	const char *name;	/* in the format file */
	const char *key;	/* as printed */
} field_names[REFILL_FIELDS] = {
	[FIELD_IFINDEX]		= { "ifindex",	   "ifindex" },
	[FIELD_QUEUE]		= { "queue",	   "queue" },
	[FIELD_BQ]		= { "bq",	   "bq" },
	[FIELD_ATOMIC]		= { "atomic",	   "atomic" },
	[FIELD_FILL]		= { "fill",	   "fill" },
	[FIELD_DELAY_MS]	= { "delay_ms",	   "delay-ms" },
	[FIELD_CHUNKS]		= { "chunks",	   "chunks" },
	[FIELD_AGAIN]		= { "again",	   "again" },
	[FIELD_NEXT_MS]		= { "next_ms",	   "next-ms" },
	[FIELD_DURATION_NS]	= { "duration_ns", "duration-ns" },
	[FIELD_REASON]		= { "reason",	   "reason" },
	[FIELD_RESULT]		= { "result",	   "result" },
};

static const char * const bq_names[] = { "small", "large", "skb", "stash" };

struct trace {
	const struct options *opt;
	struct refill_observer *skel;
	unsigned long seen;
	int64_t mono_to_real;	/* nanoseconds */
};

/* Where libbpf looks, too. */
static const char *tracefs(void)
{
	static const char * const dirs[] = {
		"/sys/kernel/debug/tracing",
		"/sys/kernel/tracing",
	};
	char path[256];
	size_t i;
	DIR *dir;
	int err = ENOENT;

	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		snprintf(path, sizeof(path), "%s/events", dirs[i]);
		dir = opendir(path);
		if (dir) {
			closedir(dir);
			return dirs[i];
		}
		if (errno != ENOENT)
			err = errno;
	}
	errno = err;
	return NULL;
}

/* "\tfield:u8 bq;\toffset:14;\tsize:1;\tsigned:0;" */
static bool parse_field(const char *line, struct refill_layout *layout)
{
	unsigned int offset, size;
	const char *name, *end;
	size_t i;

	line += strspn(line, " \t");
	if (strncmp(line, "field:", 6))
		return false;
	end = strchr(line, ';');
	if (!end || sscanf(end, "; offset:%u; size:%u;", &offset, &size) != 2)
		return false;
	for (name = end; name[-1] != ' ' && name[-1] != ':'; name--)
		;
	if (size > 8 || offset + size > REFILL_RECORD)
		return false;
	for (i = 0; i < REFILL_FIELDS; i++) {
		if (strlen(field_names[i].name) == (size_t)(end - name) &&
		    !strncmp(field_names[i].name, name, end - name)) {
			layout[i].offset = offset;
			layout[i].size = size;
			return true;
		}
	}
	return false;
}

/* Fills the observer's table from the format files. Returns an exit code. */
static int read_layout(const char *dir, struct refill_observer *skel)
{
	char path[256], line[512];
	unsigned int type;
	FILE *f;

	for (type = 0; type < REFILL_EVENT_TYPES; type++) {
		struct refill_layout *layout = skel->rodata->layout[type];

		snprintf(path, sizeof(path), "%s/events/" DRIVER "/%s/format",
			 dir, event_names[type].point);
		f = fopen(path, "re");
		if (!f && errno == ENOENT)
			return fail(EX_NOTRACE,
				    "no trace point %s: is %s loaded?",
				    event_names[type].point, DRIVER);
		if (!f)
			return fail(errno == EACCES || errno == EPERM ?
				    EX_PERM : EX_FAIL,
				    "%s: %s", path, strerror(errno));
		while (fgets(line, sizeof(line), f))
			parse_field(line, layout);
		fclose(f);
		if (!layout[FIELD_IFINDEX].size)
			return fail(EX_NOTRACE, "%s: no field ifindex", path);
	}
	return EX_OK;
}

static bool get_field(const struct trace *t, const struct refill_event *e,
		      enum refill_field id, uint64_t *value)
{
	const volatile struct refill_layout *at =
		&t->skel->rodata->layout[e->type][id];
	union {
		uint64_t u64;
		uint32_t u32;
		uint16_t u16;
		uint8_t u8;
	} v;

	if (!at->size || at->offset + at->size > sizeof(e->record))
		return false;
	memcpy(&v, e->record + at->offset, at->size);
	switch (at->size) {
	case 8:
		*value = v.u64;
		return true;
	case 4:
		*value = v.u32;
		return true;
	case 2:
		*value = v.u16;
		return true;
	case 1:
		*value = v.u8;
		return true;
	}
	return false;
}

static uint64_t field_or_0(const struct trace *t, const struct refill_event *e,
			   enum refill_field id)
{
	uint64_t value;

	return get_field(t, e, id, &value) ? value : 0;
}

static const char *bq_name(uint64_t bq)
{
	return bq < sizeof(bq_names) / sizeof(bq_names[0]) ? bq_names[bq] : "?";
}

/* The refill work knows no ring; its failures come with a fill of 0. */
static bool has_fill(const struct trace *t, const struct refill_event *e)
{
	return e->type != REFILL_ALLOC_FAIL ||
	       field_or_0(t, e, FIELD_BQ) != BQ_STASH;
}

static void trace_json(const struct trace *t, const struct refill_event *e,
		       const char *ifname, uint64_t real_ns)
{
	unsigned int id;
	uint64_t value;

	json_begin(t->opt->pretty);
	json_open(NULL, '{');
	json_double("time", real_ns / 1e9, 6);
	json_str("ifname", ifname);
	json_str("event", event_names[e->type].name);
	for (id = 0; id < REFILL_FIELDS; id++) {
		if (!get_field(t, e, id, &value) ||
		    (id == FIELD_FILL && !has_fill(t, e)))
			continue;
		if (id == FIELD_BQ)
			json_str(field_names[id].key, bq_name(value));
		else if (id == FIELD_ATOMIC || id == FIELD_AGAIN)
			json_bool(field_names[id].key, value);
		else if (id == FIELD_RESULT)
			json_int(field_names[id].key, (int32_t)value);
		else
			json_uint(field_names[id].key, value);
	}
	if (e->type != REFILL_RESET) {
		if (e->since_ns)
			json_uint("since-ns", e->since_ns);
		json_uint("alloc-fails", e->alloc_fails);
		json_uint("runs", e->runs);
		if (e->min_fill != UINT32_MAX)
			json_uint("min-fill", e->min_fill);
		json_bool("holding", e->holding);
	}
	json_close('}');
}

static void trace_text(const struct trace *t, const struct refill_event *e,
		       const char *ifname, uint64_t real_ns)
{
	time_t secs = real_ns / 1000000000;
	char clock[16], queue[16] = "";
	uint64_t value;
	struct tm tm;

	strftime(clock, sizeof(clock), "%H:%M:%S", localtime_r(&secs, &tm));
	if (get_field(t, e, FIELD_QUEUE, &value))
		snprintf(queue, sizeof(queue), "rx-%ju", (uintmax_t)value);
	printf("%s.%06u %-8s %-6s %-12s", clock,
	       (unsigned int)(real_ns % 1000000000 / 1000), ifname, queue,
	       event_names[e->type].name);
	if (e->since_ns)
		printf(" +%.3f ms", e->since_ns / 1e6);

	switch (e->type) {
	case REFILL_ALLOC_FAIL:
		printf(" %s, %s context",
		       bq_name(field_or_0(t, e, FIELD_BQ)),
		       field_or_0(t, e, FIELD_ATOMIC) ? "atomic" : "process");
		if (has_fill(t, e))
			printf(", fill %ju",
			       (uintmax_t)field_or_0(t, e, FIELD_FILL));
		printf(", %ju so far", (uintmax_t)e->alloc_fails);
		break;
	case REFILL_WATERMARK:
		printf(" %s, fill %ju: holding, %ju failures",
		       bq_name(field_or_0(t, e, FIELD_BQ)),
		       (uintmax_t)field_or_0(t, e, FIELD_FILL),
		       (uintmax_t)e->alloc_fails);
		break;
	case REFILL_SCHED:
		printf(" in %ju ms",
		       (uintmax_t)field_or_0(t, e, FIELD_DELAY_MS));
		break;
	case REFILL_RUN:
		printf(" run %u, %ju chunks", e->runs,
		       (uintmax_t)field_or_0(t, e, FIELD_CHUNKS));
		if (field_or_0(t, e, FIELD_AGAIN))
			printf(", again in %ju ms",
			       (uintmax_t)field_or_0(t, e, FIELD_NEXT_MS));
		break;
	case REFILL_DONE:
		printf(" full again after %.3f ms: %ju failures, %u runs",
		       field_or_0(t, e, FIELD_DURATION_NS) / 1e6,
		       (uintmax_t)e->alloc_fails, e->runs);
		if (e->min_fill != UINT32_MAX)
			printf(", lowest fill %u", e->min_fill);
		if (e->holding)
			printf(", watermark reached");
		break;
	case REFILL_RESET:
		printf(" reason %ju, result %jd",
		       (uintmax_t)field_or_0(t, e, FIELD_REASON),
		       (intmax_t)(int32_t)field_or_0(t, e, FIELD_RESULT));
		break;
	}
	putchar('\n');
}

static int on_event(void *ctx, void *data, size_t size)
{
	const struct refill_event *e = data;
	char ifname[IF_NAMESIZE];
	struct trace *t = ctx;
	unsigned int ifindex;
	uint64_t real_ns;

	if (size < sizeof(*e) || e->type >= REFILL_EVENT_TYPES)
		return 0;
	if (t->opt->count && t->seen >= t->opt->count)
		return 0;
	t->seen++;
	real_ns = e->time_ns + t->mono_to_real;
	ifindex = field_or_0(t, e, FIELD_IFINDEX);
	/* It may be in another namespace. */
	if (!if_indextoname(ifindex, ifname))
		snprintf(ifname, sizeof(ifname), "if%u", ifindex);
	if (t->opt->json)
		trace_json(t, e, ifname, real_ns);
	else
		trace_text(t, e, ifname, real_ns);
	return 0;
}

static int bpf_failure(const char *what, int err)
{
	if (err == -EPERM || err == -EACCES)
		return fail(EX_PERM, "%s: %s (root may)", what, strerror(-err));
	return fail(EX_FAIL, "%s: %s", what, strerror(-err));
}

static int check_dev(const struct options *opt, int *ifindex)
{
	char driver[32];
	int ret;

	ret = find_dev(opt, ifindex);
	if (ret || !opt->dev)
		return ret;
	if (strcmp(driver_of(opt->dev, driver, sizeof(driver)), DRIVER))
		return fail(EX_DRIVER, "%s: its driver is not " DRIVER,
			    opt->dev);
	return EX_OK;
}

/*
 * Without room in the ring buffer, and where a trace point was hit while the
 * same CPU was in a BPF program already: then the kernel skips the second.
 */
static uint64_t events_lost(const struct refill_observer *skel)
{
	uint64_t lost = skel->bss->lost;
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, skel->obj) {
		struct bpf_prog_info info = {};
		__u32 len = sizeof(info);

		if (!bpf_obj_get_info_by_fd(bpf_program__fd(prog), &info, &len))
			lost += info.recursion_misses;
	}
	return lost;
}

/*
 * Until there are events, or the next second: a device that goes away says
 * nothing here.  False: that has happened, @ret says so, or it is time to end.
 */
static bool wait_events(const struct options *opt, int ifindex, int fd, int *ret)
{
	char name[IF_NAMESIZE];
	uint64_t until = UINT64_MAX;

	if (opt->dev) {
		if (!if_indextoname(ifindex, name)) {
			*ret = fail(EX_NODEV, "%s: no such device", opt->dev);
			return false;
		}
		until = now_ns(CLOCK_MONOTONIC) + 1000000000;
	}
	return wait_until(until, fd);
}

int cmd_trace(const struct options *opt)
{
	struct trace t = { .opt = opt };
	struct ring_buffer *rb = NULL;
	struct refill_observer *skel;
	int ifindex, ret, err;
	const char *dir;
	uint64_t lost;

	ret = check_dev(opt, &ifindex);
	if (ret)
		return ret;
	dir = tracefs();
	if (!dir && (errno == EACCES || errno == EPERM))
		return bpf_failure("tracefs", -errno);
	if (!dir)
		return fail(EX_NOTRACE, "tracefs is not mounted on /sys/kernel/tracing");

	skel = refill_observer__open();
	if (!skel)
		return bpf_failure("BPF", -errno);
	t.skel = skel;
	ret = read_layout(dir, skel);
	if (ret)
		goto out;
	skel->rodata->only_ifindex = ifindex;
	err = refill_observer__load(skel);
	if (err) {
		ret = bpf_failure("BPF: loading the observer", err);
		goto out;
	}
	rb = ring_buffer__new(bpf_map__fd(skel->maps.events), on_event, &t,
			      NULL);
	if (!rb) {
		ret = bpf_failure("BPF ring buffer", -errno);
		goto out;
	}
	err = refill_observer__attach(skel);
	if (err) {
		ret = bpf_failure("BPF: attaching the observer", err);
		goto out;
	}

	catch_signals();
	t.mono_to_real = now_ns(CLOCK_REALTIME) - now_ns(CLOCK_MONOTONIC);
	/* Whoever starts the trouble waits for this line. */
	fprintf(stderr, "tracing %s\n", opt->dev ? opt->dev : "all devices");
	do {
		err = ring_buffer__consume(rb);
		if (err < 0)
			ret = bpf_failure("BPF ring buffer", err);
		if (!ret)
			ret = flush_output();
	} while (!ret && !(opt->count && t.seen >= opt->count) &&
		 wait_events(opt, ifindex, ring_buffer__epoll_fd(rb), &ret));
	lost = events_lost(skel);
	if (lost)
		fail(EX_OK, "%ju events lost", (uintmax_t)lost);
out:
	ring_buffer__free(rb);
	refill_observer__destroy(skel);
	return ret;
}

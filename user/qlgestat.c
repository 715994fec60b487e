// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <getopt.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "qlgestat.h"

static const char help_text[] =
"Usage: qlgestat [OPTIONS] show [DEV]\n"
"       qlgestat [OPTIONS] watch [DEV]\n"
"       qlgestat [OPTIONS] trace [DEV]\n"
"\n"
"Per-queue statistics of network devices, and the receive refill of qlge.\n"
"\n"
"  show    counters per device and queue, XDP programs\n"
"  watch   rates of packets, bits, drops and failed allocations; -j: of all\n"
"  trace   refill events of qlge as they happen\n"
"\n"
"Without DEV: all devices. Commands may be abbreviated.\n"
"\n"
"Options:\n"
"  -i, --interval SECONDS  time between two readings of watch (1)\n"
"  -c, --count COUNT       end watch or trace after COUNT readings or events\n"
"  -j, --json              JSON; watch and trace: one object per line\n"
"  -p, --pretty            JSON for reading\n"
"  -d, --debug             messages of libbpf on stderr\n"
"  -h, --help              this text\n"
"  -V, --version           version of qlgestat and libbpf\n";

static const struct option long_options[] = {
	{ "interval",	required_argument,	NULL, 'i' },
	{ "count",	required_argument,	NULL, 'c' },
	{ "json",	no_argument,		NULL, 'j' },
	{ "pretty",	no_argument,		NULL, 'p' },
	{ "debug",	no_argument,		NULL, 'd' },
	{ "help",	no_argument,		NULL, 'h' },
	{ "version",	no_argument,		NULL, 'V' },
	{}
};

#define WITH_INTERVAL	1
#define WITH_COUNT	2

static const struct command {
	const char *name;
	int (*run)(const struct options *opt);
	unsigned int flags;
} commands[] = {
	{ "show",  cmd_show,  0 },
	{ "watch", cmd_watch, WITH_INTERVAL | WITH_COUNT },
	{ "trace", cmd_trace, WITH_COUNT },
};

static volatile sig_atomic_t stop;
static sigset_t waiting_mask;

int fail(enum exit_code code, const char *fmt, ...)
{
	va_list args;

	fflush(stdout);
	fputs("qlgestat: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	return code;
}

int find_dev(const struct options *opt, int *ifindex)
{
	*ifindex = 0;
	if (!opt->dev)
		return EX_OK;
	*ifindex = if_nametoindex(opt->dev);
	if (*ifindex)
		return EX_OK;
	if (errno == ENODEV)
		return fail(EX_NODEV, "%s: no such device", opt->dev);
	return fail(EX_FAIL, "%s: %s", opt->dev, strerror(errno));
}

const char *driver_of(const char *ifname, char *buf, size_t size)
{
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
	struct ifreq ifr = { .ifr_data = (void *)&info };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	buf[0] = '\0';
	if (fd < 0)
		return buf;
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", ifname);
	if (!ioctl(fd, SIOCETHTOOL, &ifr))
		snprintf(buf, size, "%.*s", (int)sizeof(info.driver),
			 info.driver);
	close(fd);
	return buf;
}

int flush_output(void)
{
	if (!fflush(stdout) && !ferror(stdout))
		return EX_OK;
	/* Who closed the pipe knows; everybody else wants to be told. */
	if (errno == EPIPE)
		return EX_FAIL;
	return fail(EX_FAIL, "write error: %s", strerror(errno));
}

static void on_signal(int sig)
{
	(void)sig;
	stop = 1;
}

void catch_signals(void)
{
	struct sigaction sa = { .sa_handler = on_signal };
	sigset_t blocked;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGINT);
	sigaddset(&blocked, SIGTERM);
	sigprocmask(SIG_BLOCK, &blocked, &waiting_mask);
	sigdelset(&waiting_mask, SIGINT);
	sigdelset(&waiting_mask, SIGTERM);
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
}

uint64_t now_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

bool wait_until(uint64_t mono_ns, int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	struct timespec ts;
	uint64_t now, left;

	do {
		now = now_ns(CLOCK_MONOTONIC);
		left = mono_ns > now ? mono_ns - now : 0;
		ts.tv_sec = left / 1000000000;
		ts.tv_nsec = left % 1000000000;
		if (ppoll(&pfd, 1, mono_ns == UINT64_MAX ? NULL : &ts,
			  &waiting_mask) > 0)
			break;
	} while (!stop && left);
	return !stop;
}

static int on_libbpf(enum libbpf_print_level level, const char *fmt,
		     va_list args)
{
	(void)level;
	return vfprintf(stderr, fmt, args);
}

static int usage(const char *fmt, const char *what)
{
	fail(EX_USAGE, fmt, what);
	fputs("Try 'qlgestat --help'.\n", stderr);
	return EX_USAGE;
}

static const struct command *find_command(const char *word)
{
	const struct command *found = NULL;
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (!word[0] || strncmp(commands[i].name, word, strlen(word)))
			continue;
		if (found)
			return NULL;
		found = &commands[i];
	}
	return found;
}

static bool parse_seconds(const char *arg, double *seconds)
{
	char *end;

	/* Not strtod() alone: it takes blanks, hex and "inf". */
	if (arg[strspn(arg, "0123456789.")])
		return false;
	errno = 0;
	*seconds = strtod(arg, &end);
	return !errno && end != arg && !*end && *seconds >= 0.01 &&
	       *seconds <= 86400;
}

static bool parse_count(const char *arg, unsigned long *count)
{
	char *end;

	if (arg[strspn(arg, "0123456789")])
		return false;
	errno = 0;
	*count = strtoul(arg, &end, 10);
	return !errno && end != arg && *count;
}

static int print_version(const struct options *opt)
{
	char libbpf[16];

	snprintf(libbpf, sizeof(libbpf), "%u.%u", libbpf_major_version(),
		 libbpf_minor_version());
	if (opt->json) {
		json_begin(opt->pretty);
		json_open(NULL, '{');
		json_str("version", QLGESTAT_VERSION);
		json_str("libbpf", libbpf);
		json_close('}');
	} else {
		printf("qlgestat %s, libbpf %s\n", QLGESTAT_VERSION, libbpf);
	}
	return flush_output();
}

int main(int argc, char **argv)
{
	const struct command *cmd;
	bool version = false;
	struct options opt = {};
	int c, ret;

	while ((c = getopt_long(argc, argv, "i:c:jpdhV", long_options,
				NULL)) != -1) {
		switch (c) {
		case 'i':
			if (!parse_seconds(optarg, &opt.interval))
				return usage("%s: not an interval from 0.01 to 86400 seconds",
					     optarg);
			break;
		case 'c':
			if (!parse_count(optarg, &opt.count))
				return usage("%s: not a count", optarg);
			break;
		case 'p':
			opt.pretty = true;
			opt.json = true;
			break;
		case 'j':
			opt.json = true;
			break;
		case 'd':
			opt.debug = true;
			break;
		case 'h':
			fputs(help_text, stdout);
			return flush_output();
		case 'V':
			version = true;
			break;
		default:
			fputs("Try 'qlgestat --help'.\n", stderr);
			return EX_USAGE;
		}
	}
	if (version)
		return print_version(&opt);

	if (optind == argc) {
		fputs(help_text, stderr);
		return EX_USAGE;
	}
	cmd = find_command(argv[optind]);
	if (!cmd)
		return usage("%s: no such command", argv[optind]);
	if (optind + 2 < argc)
		return usage("%s: one device is enough", argv[optind + 2]);
	opt.dev = argv[optind + 1];
	if (opt.interval && !(cmd->flags & WITH_INTERVAL))
		return usage("%s: takes no --interval", cmd->name);
	if (opt.count && !(cmd->flags & WITH_COUNT))
		return usage("%s: takes no --count", cmd->name);

	libbpf_set_print(opt.debug ? on_libbpf : NULL);
	ret = cmd->run(&opt);
	return ret ? ret : flush_output();
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attaches alloc_fail.bpf.c to the driver's hook for as long as it runs, and
 * prints as JSON how many attempts to allocate it saw and how many it failed.
 * bpftool 7.1 cannot attach an fmod_ret program, so this can.
 *
 * "attached" on stderr: from now on every attempt is counted.
 */
#include <errno.h>
#include <getopt.h>
#include <net/if.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "alloc_fail.h"
#include "alloc_fail.skel.h"

static const char help_text[] =
"Usage: qlge_inject [OPTIONS]\n"
"Fails receive allocations of the qlge driver until SIGINT, SIGTERM or\n"
"--seconds, then prints {\"calls\":N,\"injected\":N}.\n"
"\n"
"  --dev DEV      only of this device\n"
"  --queue N      only of this receive queue\n"
"  --bq N         only for small (0) or large (1) buffers, or the stash (3)\n"
"  --atomic-only  only in atomic context: spare the refill work\n"
"  --skip N       let the first N matching attempts succeed (0)\n"
"  --fail K|all   fail the next K (1), or all that follow\n"
"  --once         end as soon as K have failed\n"
"  --seconds S    end after S seconds\n";

static volatile sig_atomic_t stop;

static void on_signal(int sig)
{
	(void)sig;
	stop = 1;
}

static int usage(const char *what)
{
	fprintf(stderr, "qlge_inject: %s\n%s", what, help_text);
	return 2;
}

static bool number(const char *arg, __u64 *value)
{
	char *end;

	if (!arg[0] || arg[strspn(arg, "0123456789")])
		return false;
	errno = 0;
	*value = strtoull(arg, &end, 10);
	return !errno && !*end;
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static int on_libbpf(enum libbpf_print_level level, const char *fmt,
		     va_list args)
{
	return level == LIBBPF_DEBUG ? 0 : vfprintf(stderr, fmt, args);
}

int main(int argc, char **argv)
{
	enum { DEV, QUEUE, BQ, ATOMIC, SKIP, FAIL, ONCE, SECONDS, HELP };
	static const struct option options[] = {
		{ "dev",	 required_argument, NULL, DEV },
		{ "queue",	 required_argument, NULL, QUEUE },
		{ "bq",		 required_argument, NULL, BQ },
		{ "atomic-only", no_argument,	    NULL, ATOMIC },
		{ "skip",	 required_argument, NULL, SKIP },
		{ "fail",	 required_argument, NULL, FAIL },
		{ "once",	 no_argument,	    NULL, ONCE },
		{ "seconds",	 required_argument, NULL, SECONDS },
		{ "help",	 no_argument,	    NULL, HELP },
		{}
	};
	struct alloc_fail_config config = {
		.ifindex = ALLOC_FAIL_ANY,
		.queue = ALLOC_FAIL_ANY,
		.bq = ALLOC_FAIL_ANY,
		.fail = 1,
	};
	struct sigaction sa = { .sa_handler = on_signal };
	const struct timespec tick = { .tv_nsec = 5000000 };
	double seconds = 0, end;
	struct alloc_fail *skel;
	bool once = false;
	__u64 value;
	char *rest;
	int c, err;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case DEV:
			config.ifindex = if_nametoindex(optarg);
			if (!config.ifindex)
				return usage("no such device");
			break;
		case QUEUE:
			if (!number(optarg, &value))
				return usage("--queue wants a number");
			config.queue = value;
			break;
		case BQ:
			if (!number(optarg, &value) ||
			    (value != ALLOC_FAIL_BQ_SMALL &&
			     value != ALLOC_FAIL_BQ_LARGE &&
			     value != ALLOC_FAIL_BQ_STASH))
				return usage("--bq wants 0, 1 or 3");
			config.bq = value;
			break;
		case ATOMIC:
			config.atomic_only = 1;
			break;
		case SKIP:
			if (!number(optarg, &config.skip))
				return usage("--skip wants a number");
			break;
		case FAIL:
			if (!strcmp(optarg, "all"))
				config.fail = ~0ULL;
			else if (!number(optarg, &config.fail))
				return usage("--fail wants a number or all");
			break;
		case ONCE:
			once = true;
			break;
		case SECONDS:
			seconds = strtod(optarg, &rest);
			if (rest == optarg || *rest || !(seconds > 0))
				return usage("--seconds wants a time");
			break;
		case HELP:
			fputs(help_text, stdout);
			return 0;
		default:
			return 2;
		}
	}
	if (optind < argc)
		return usage("no arguments, please");

	libbpf_set_print(on_libbpf);
	skel = alloc_fail__open();
	if (!skel) {
		perror("qlge_inject: open");
		return 1;
	}
	memcpy((void *)&skel->rodata->config, &config, sizeof(config));
	err = alloc_fail__load(skel);
	if (!err)
		err = alloc_fail__attach(skel);
	if (err) {
		fprintf(stderr, "qlge_inject: %s (is qlge loaded, with BTF?)\n",
			strerror(-err));
		alloc_fail__destroy(skel);
		return 1;
	}

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	fputs("attached\n", stderr);
	end = now() + seconds;
	while (!stop && !(seconds && now() >= end) &&
	       !(once && *(volatile __u64 *)&skel->bss->result.injected >=
		 config.fail))
		nanosleep(&tick, NULL);

	/* Detached first: what is printed is final. */
	alloc_fail__detach(skel);
	printf("{\"calls\":%llu,\"injected\":%llu}\n", skel->bss->result.calls,
	       skel->bss->result.injected);
	alloc_fail__destroy(skel);
	return fflush(stdout) ? 1 : 0;
}

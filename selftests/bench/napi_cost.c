// SPDX-License-Identifier: GPL-2.0-only
/*
 * napi_cost [--counts] DEV COUNT SECONDS: attaches napi_cost.bpf.c, says
 * "attached" on stderr, waits until the polls of DEV have returned COUNT
 * packets and prints one line of JSON.  --counts also counts allocations and
 * DMA mappings, which costs time in those who make any.
 */
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "napi_cost.skel.h"

static int on_libbpf(enum libbpf_print_level level, const char *fmt,
		     va_list args)
{
	return level == LIBBPF_DEBUG ? 0 : vfprintf(stderr, fmt, args);
}

int main(int argc, char **argv)
{
	bool counts = argc > 1 && !strcmp(argv[1], "--counts");
	const struct timespec tick = { .tv_nsec = 1000000 };
	unsigned long long count;
	struct napi_cost *skel;
	time_t end;
	int err;

	argv += counts;
	argc -= counts;
	if (argc != 4 || !if_nametoindex(argv[1])) {
		fputs("usage: napi_cost [--counts] DEV COUNT SECONDS\n",
		      stderr);
		return 2;
	}
	count = strtoull(argv[2], NULL, 10);

	libbpf_set_print(on_libbpf);
	skel = napi_cost__open();
	if (!skel)
		return 1;
	*(int *)&skel->rodata->only_ifindex = if_nametoindex(argv[1]);
	bpf_program__set_autoload(skel->progs.dma_map, counts);
	bpf_program__set_autoload(skel->progs.page_alloc, counts);
	err = napi_cost__load(skel);
	if (!err)
		err = napi_cost__attach(skel);
	if (err) {
		fprintf(stderr, "napi_cost: %s\n", strerror(-err));
		return 1;
	}

	fputs("attached\n", stderr);
	/* Seconds of the guest, whose idle time takes no time: be generous. */
	end = time(NULL) + strtol(argv[3], NULL, 10);
	while (*(volatile __u64 *)&skel->bss->packets < count &&
	       time(NULL) < end)
		nanosleep(&tick, NULL);
	napi_cost__detach(skel);
	printf("{\"packets\":%llu,\"polls\":%llu,\"full_polls\":%llu,",
	       skel->bss->packets, skel->bss->polls, skel->bss->full_polls);
	printf("\"full_ns\":%llu,\"pages\":%llu,\"maps\":%llu}\n",
	       skel->bss->full_ns, skel->bss->pages, skel->bss->maps);
	err = skel->bss->packets < count;
	napi_cost__destroy(skel);
	return err;
}

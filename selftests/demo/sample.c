// SPDX-License-Identifier: GPL-2.0-only
/*
 * sample DEV MS PATTERN...: prints "time: SECONDS" and the ethtool counters
 * whose names match, every MS milliseconds until killed.  A shell that starts
 * ethtool so often sees little but itself.
 */
#include <fnmatch.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static struct ifreq ifr;
static int fd;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void ask(void *data, const char *what)
{
	ifr.ifr_data = data;
	if (ioctl(fd, SIOCETHTOOL, &ifr))
		die(what);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
	struct ethtool_gstrings *names;
	struct ethtool_stats *stats;
	unsigned int i, *wanted, n = 0;
	struct timespec pause;
	int p;

	if (argc < 4 || atoi(argv[2]) <= 0) {
		fputs("usage: sample DEV MS PATTERN...\n", stderr);
		return 2;
	}
	pause.tv_sec = atoi(argv[2]) / 1000;
	pause.tv_nsec = atoi(argv[2]) % 1000 * 1000000L;
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", argv[1]);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0)
		die("socket");
	ask(&info, argv[1]);

	names = calloc(1, sizeof(*names) + info.n_stats * ETH_GSTRING_LEN);
	stats = calloc(1, sizeof(*stats) + info.n_stats * sizeof(__u64));
	wanted = calloc(info.n_stats + 1, sizeof(*wanted));
	if (!names || !stats || !wanted)
		die("memory");
	names->cmd = ETHTOOL_GSTRINGS;
	names->string_set = ETH_SS_STATS;
	names->len = info.n_stats;
	ask(names, "names");
	for (i = 0; i < info.n_stats; i++)
		for (p = 3; p < argc; p++)
			if (!fnmatch(argv[p], (char *)names->data +
				     i * ETH_GSTRING_LEN, 0)) {
				wanted[n++] = i;
				break;
			}

	/* It shall see the load, not wait for it. */
	setpriority(PRIO_PROCESS, 0, -20);
	for (;;) {
		double t = now();

		stats->cmd = ETHTOOL_GSTATS;
		stats->n_stats = info.n_stats;
		ask(stats, "counters");
		printf("time: %.6f\n", t);
		for (i = 0; i < n; i++)
			printf("%s: %llu\n", (char *)names->data +
			       wanted[i] * ETH_GSTRING_LEN,
			       (unsigned long long)stats->data[wanted[i]]);
		if (fflush(stdout))
			die("output");
		nanosleep(&pause, NULL);
	}
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * napi_cost: measures with napi_cost.bpf.c.  One line on stdin is one run:
 *
 *	receive COUNTS DEV PEER N
 *		says "ready" and waits until the polls of DEV have returned N
 *		packets and all are quiet; not "done" if some never come
 *	send COUNTS DEV PEER N MAC BYTES
 *		sends N frames from a packet socket and waits until they have
 *		been sent
 *	stream COUNTS DEV PEER N ADDRESS NETNS
 *		sends N MiB by TCP to ADDRESS in that name space
 *	watch COUNTS DEV PEER SECONDS
 *		says "ready" and goes on until a line comes, whatever it is
 *
 * The answer is a line of JSON.  PEER is "-" if there is none.  With COUNTS 1
 * allocations and DMA mappings are counted, which costs time in those who
 * make any.  "busy" is all time but idle time, of the one CPU.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "napi_cost.h"
#include "napi_cost.skel.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define BATCH		64
#define PORT		5001
#define MIB		1048576
/* At least, in time of the guest. */
#define QUIET_MS	5
#define LOST_MS		5000
#define NOTHING_MS	60000

static struct napi_cost *skel;
static bool counting;

static void die(const char *what)
{
	fprintf(stderr, "napi_cost: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int on_libbpf(enum libbpf_print_level level, const char *fmt,
		     va_list args)
{
	return level == LIBBPF_DEBUG ? 0 : vfprintf(stderr, fmt, args);
}

static unsigned long long now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* Exact, and without the interrupts that came while the CPU was idle. */
static unsigned long long idle_ns(void)
{
	FILE *f = fopen("/proc/timer_list", "r");
	unsigned long long sum = 0, v;
	int found = 0;
	char line[256];

	if (!f)
		die("/proc/timer_list");
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, " .idle_sleeptime : %llu", &v) == 1 ||
		    sscanf(line, " .iowait_sleeptime : %llu", &v) == 1) {
			sum += v;
			found++;
		}
	fclose(f);
	if (found < 2) {
		errno = ENODATA;
		die("idle time");
	}
	return sum;
}

/* Also makes the compiler read again what the programs have counted. */
static void tick(void)
{
	const struct timespec ts = { .tv_nsec = 1000000 };

	nanosleep(&ts, NULL);
}

static unsigned long long calls(void)
{
	const struct port *port = skel->bss->port;

	return port[0].polls.calls + port[1].polls.calls;
}

/*
 * Until nothing has been polled for a while: whoever sent the last packets
 * completes them later, and those that a device has lost never come.
 */
static bool wait_packets(unsigned long long n)
{
	unsigned long long seen = calls();
	int quiet = 0, enough = NOTHING_MS;

	while (quiet < enough) {
		unsigned long long got = skel->bss->port[0].polls.packets;

		if (got)
			enough = got < n ? LOST_MS : QUIET_MS;
		tick();
		quiet++;
		if (seen != calls()) {
			seen = calls();
			quiet = 0;
		}
	}
	return enough == QUIET_MS;
}

static bool send_frames(const char *dev, unsigned int n, const char *mac,
			unsigned int bytes)
{
	struct sockaddr_ll sll = { .sll_family = AF_PACKET,
				   .sll_ifindex = if_nametoindex(dev) };
	static unsigned char frame[ETH_FRAME_LEN];
	struct mmsghdr msg[BATCH] = {};
	struct iovec iov = { frame, bytes };
	int fd = socket(AF_PACKET, SOCK_RAW, 0), i, queued;

	if (fd < 0 || bind(fd, (void *)&sll, sizeof(sll)))
		die("packet socket");
	if (bytes > sizeof(frame) ||
	    sscanf(mac, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &frame[0], &frame[1],
		   &frame[2], &frame[3], &frame[4], &frame[5]) != 6)
		return false;
	memcpy(frame + ETH_ALEN, "\x52\x54\x00\xee\xee\xee", ETH_ALEN);
	/* Set aside for experiments: nobody else sends or wants it. */
	frame[12] = ETH_P_802_EX1 >> 8;
	frame[13] = ETH_P_802_EX1 & 0xff;
	for (i = 0; i < BATCH; i++) {
		msg[i].msg_hdr.msg_iov = &iov;
		msg[i].msg_hdr.msg_iovlen = 1;
	}
	while (n) {
		int sent = sendmmsg(fd, msg, n < BATCH ? n : BATCH, 0);

		if (sent < 0)
			die("send");
		n -= sent;
	}
	do {
		tick();
		if (ioctl(fd, SIOCOUTQ, &queued))
			die("SIOCOUTQ");
	} while (queued);
	close(fd);
	return true;
}

/* Reads @mib, says so, and again. */
static void sink(int listener, unsigned int mib)
{
	int fd = accept(listener, NULL, NULL), round;
	static char buf[MIB];

	for (round = 0; round < 2; round++) {
		unsigned long long left = (unsigned long long)mib * MIB;

		while (left) {
			ssize_t n = recv(fd, buf, left < sizeof(buf) ? left :
					 sizeof(buf), 0);

			if (n <= 0)
				_exit(1);
			left -= n;
		}
		if (write(fd, buf, 1) != 1)
			_exit(1);
	}
	_exit(0);
}

static int stream_listen(const struct sockaddr_in *sin, const char *netns,
			 unsigned int mib)
{
	int up[2], pid, one = 1;
	char path[256], c;

	if (pipe(up))
		die("pipe");
	pid = fork();
	if (!pid) {
		int ns, fd;

		snprintf(path, sizeof(path), "/run/netns/%s", netns);
		ns = open(path, O_RDONLY);
		if (ns < 0 || setns(ns, CLONE_NEWNET))
			die(path);
		fd = socket(AF_INET, SOCK_STREAM, 0);
		if (fd < 0 ||
		    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one,
			       sizeof(one)) ||
		    bind(fd, (void *)sin, sizeof(*sin)) || listen(fd, 1) ||
		    write(up[1], "", 1) != 1)
			die("listen");
		sink(fd, mib);
	}
	close(up[1]);
	if (pid < 0 || read(up[0], &c, 1) != 1)
		die("receiver");
	close(up[0]);
	return pid;
}

static void stream_round(int fd, unsigned int mib)
{
	static char buf[65536];
	unsigned int i;
	char c;

	for (i = 0; i < mib * (MIB / sizeof(buf)); i++)
		if (send(fd, buf, sizeof(buf), 0) != sizeof(buf))
			die("stream");
	if (recv(fd, &c, 1, 0) != 1)
		die("stream");
}

static void attach(struct bpf_link **link, struct bpf_program *prog)
{
	*link = bpf_program__attach(prog);
	if (!*link)
		die(bpf_program__name(prog));
}

static __always_inline void mark(const int offset)
{
	asm volatile("nopl %c0(%%rax)" : : "i" (offset) : "memory");
}

/* Not idle: needs a second call, and a difference. */
static unsigned long long busy_ns(void)
{
	unsigned long long idle = idle_ns();

	return now_ns() - idle;
}

static unsigned long long begin(const char *const *dev, bool always)
{
	struct napi_cost__bss *bss = skel->bss;
	unsigned long long busy;
	int i;

	busy = busy_ns();
	memset(&bss->full, 0, sizeof(bss->full));
	for (i = 0; i < 2; i++) {
		struct port *p = &bss->port[i];

		memset(p, 0, sizeof(*p));
		p->ifindex = if_nametoindex(dev[i]);
		if (!p->ifindex)
			p->ifindex = -1;
		memcpy(&p->name, dev[i], strnlen(dev[i], sizeof(p->name)));
	}
	bss->allocs = 0;
	bss->maps = 0;
	bss->always = always;
	if (!counting)
		mark(MARK_ON);
	return busy;
}

static unsigned long long end(unsigned long long busy)
{
	mark(MARK_OFF);
	skel->bss->always = false;
	return busy_ns() - busy;
}

static void print_cost(const char *name, const struct cost *c)
{
	printf("\"%s\":{\"calls\":%llu,\"packets\":%llu,\"ns\":%llu},", name,
	       c->calls, c->packets, c->ns);
}

static int run(char **word, int words)
{
	struct bpf_program *counter[] = {
		skel->progs.count_map, skel->progs.count_page,
		skel->progs.count_kmalloc, skel->progs.count_object,
		skel->progs.count_bulk,
	};
	struct bpf_link *link[ARRAY_SIZE(counter)] = {};
	const char *const dev[] = { word[2], word[3] };
	struct napi_cost__bss *bss = skel->bss;
	unsigned long long busy, n;
	bool done = true;
	unsigned int i;

	n = strtoull(word[4], NULL, 10);
	counting = atoi(word[1]);
	for (i = 0; counting && i < ARRAY_SIZE(counter); i++)
		attach(&link[i], counter[i]);

	if (!strcmp(word[0], "receive")) {
		busy = begin(dev, false);
		puts("ready");
		done = wait_packets(n);
		busy = end(busy);
	} else if (!strcmp(word[0], "watch")) {
		char line[16];

		busy = begin(dev, false);
		puts("ready");
		done = fgets(line, sizeof(line), stdin);
		busy = end(busy);
	} else if (!strcmp(word[0], "send") && words == 7) {
		busy = begin(dev, true);
		done = send_frames(dev[0], n, word[5], atoi(word[6]));
		busy = end(busy);
	} else if (!strcmp(word[0], "stream") && words == 7) {
		struct sockaddr_in sin = { .sin_family = AF_INET,
					   .sin_port = htons(PORT) };
		int fd, pid, status;

		inet_pton(AF_INET, word[5], &sin.sin_addr);
		pid = stream_listen(&sin, word[6], n);
		fd = socket(AF_INET, SOCK_STREAM, 0);
		if (fd < 0 || connect(fd, (void *)&sin, sizeof(sin)))
			die("connect");
		/* The first round opens the windows. */
		stream_round(fd, n);
		busy = begin(dev, true);
		stream_round(fd, n);
		busy = end(busy);
		close(fd);
		done = waitpid(pid, &status, 0) == pid && !status;
	} else {
		fprintf(stderr, "napi_cost: what is %s?\n", word[0]);
		return 1;
	}
	for (i = 0; i < ARRAY_SIZE(link); i++)
		bpf_link__destroy(link[i]);

	putchar('{');
	print_cost("full", &bss->full);
	print_cost("polls", &bss->port[0].polls);
	print_cost("irqs", &bss->port[0].irqs);
	print_cost("peer_polls", &bss->port[1].polls);
	print_cost("peer_irqs", &bss->port[1].irqs);
	printf("\"n\":%llu,\"busy\":%llu,\"allocs\":%llu,\"maps\":%llu,\"done\":%s}\n",
	       n, busy, bss->allocs, bss->maps, done ? "true" : "false");
	return 0;
}

int main(void)
{
	char line[256];

	setlinebuf(stdout);
	libbpf_set_print(on_libbpf);
	skel = napi_cost__open();
	if (!skel ||
	    (bpf_program__set_attach_target(skel->progs.count_bulk, 0,
					    "kmem_cache_alloc_bulk_noprof") &&
	     bpf_program__set_attach_target(skel->progs.count_bulk, 0,
					    "kmem_cache_alloc_bulk")) ||
	    napi_cost__load(skel))
		die("load");
	attach(&skel->links.poll_begin, skel->progs.poll_begin);
	attach(&skel->links.poll_end, skel->progs.poll_end);
	attach(&skel->links.irq_begin, skel->progs.irq_begin);
	attach(&skel->links.irq_end, skel->progs.irq_end);

	while (fgets(line, sizeof(line), stdin)) {
		char *word[8], *rest = line;
		int words = 0;

		while (words < 8 &&
		       (word[words] = strtok_r(NULL, "\n ", &rest)))
			words++;
		if (words < 5 || run(word, words))
			return 1;
	}
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Numbered test frames: send them, receive and judge them, or inject them
 * into the emulator's wire from the host.  What they look like: frame.h.
 */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PROGRAM		"frames"
#include "frame.h"

#define BATCH		64
#define UDP_ROOM	65536
#define MAX_PIECES	17		/* of one frame in the kernel */
#define RETRY_LIMIT_NS	(30 * 1000000000ULL)
#define WINDOW		64		/* frames on their way, with --ack */
#define ACK_LIMIT_NS	(10 * 1000000000ULL)

static struct {
	const char	*iface, *udp, *ready, *to, *ack;
	unsigned int	rate, apart, timeout, idle_ms, hold, pieces;
} opt = {
	.timeout = 30,
};

/* Ends --hold by interrupting its sleep. */
static void on_release(int sig)
{
	(void)sig;
}

/* --- acknowledgments --- */

static uint64_t ack_read(void)
{
	unsigned long long v = 0;
	FILE *f = fopen(opt.ack, "r");

	if (!f)
		die(opt.ack);
	/* Half written is as good as not yet. */
	if (fscanf(f, "%llu", &v) != 1)
		v = 0;
	fclose(f);
	return v;
}

/* The rate that the slowest one on the way can follow is not known. */
static void ack_wait(uint64_t sent, uint64_t ack0)
{
	uint64_t last = 0, since = now_ns();

	while (opt.ack && !stopped) {
		uint64_t seen = ack_read() - ack0;

		if ((int64_t)seen < 0)
			seen = 0;
		if (sent < seen + WINDOW)
			return;
		if (seen != last) {
			last = seen;
			since = now_ns();
		}
		if (now_ns() - since > ACK_LIMIT_NS) {
			fprintf(stderr, "frames: %llu sent, %llu acknowledged; going on without\n",
				(unsigned long long)sent,
				(unsigned long long)seen);
			opt.ack = NULL;
		}
		usleep(200);
	}
}

static void ack_write(int fd, uint64_t n)
{
	char text[24];
	int len = snprintf(text, sizeof(text), "%llu\n", (unsigned long long)n);

	if (pwrite(fd, text, len, 0) != len)
		die(opt.ack);
}

/* --- sending --- */

/* Bytes that wait in, and frames lost at, a UDP socket of this host. */
static void udp_queue(unsigned int port, unsigned long *bytes,
		      unsigned long *drops)
{
	FILE *f = fopen("/proc/net/udp", "r");
	char line[512];

	*bytes = 0;
	*drops = 0;
	if (!f)
		return;
	while (fgets(line, sizeof(line), f)) {
		unsigned long rx, lost;
		unsigned int p;

		if (sscanf(line,
			   " %*d: %*x:%x %*x:%*x %*x %*x:%lx %*x:%*x %*x %*d %*d %*d %*d %*x %lu",
			   &p, &rx, &lost) == 3 && p == port) {
			*bytes = rx;
			*drops = lost;
		}
	}
	fclose(f);
}

static int send_open(unsigned int *port)
{
	int fd;

	if (opt.udp) {
		struct sockaddr_in sin = { .sin_family = AF_INET };
		char host[64];

		if (sscanf(opt.udp, "%63[^:]:%u", host, port) != 2 ||
		    inet_pton(AF_INET, host, &sin.sin_addr) != 1)
			complain("--udp wants ADDRESS:PORT");
		sin.sin_port = htons(*port);
		fd = socket(AF_INET, SOCK_DGRAM, 0);
		if (fd < 0 || connect(fd, (void *)&sin, sizeof(sin)))
			die(opt.udp);
		if (!frame.have_src)
			memcpy(frame.src, "\x52\x54\x00\xee\xee\xee", ETH_ALEN);
	} else {
		struct sockaddr_ll sll = { .sll_family = AF_PACKET };

		sll.sll_ifindex = if_nametoindex(opt.iface);
		if (!sll.sll_ifindex)
			die(opt.iface);
		/* protocol 0: nothing is received by this socket */
		fd = socket(AF_PACKET, SOCK_RAW, 0);
		if (fd < 0 || bind(fd, (void *)&sll, sizeof(sll)))
			die("packet socket");
		if (!frame.have_src)
			iface_mac(fd, opt.iface, frame.src);
	}
	return fd;
}

static int do_send(void)
{
	static uint8_t buf[BATCH][FRAME_MAX + 4];
	unsigned long queued, drops0 = 0, drops = 0;
	uint64_t start, sent = 0, bytes = 0, retries = 0, stuck = 0, ack0 = 0;
	struct mmsghdr msg[BATCH] = {};
	struct iovec iov[BATCH];
	unsigned int longest = frame.size_max > frame.size ?
			       frame.size_max : frame.size;
	unsigned int batch = BATCH, port = 0;
	int fd = send_open(&port);

	if (!frame.have_dst)
		complain("--dst is needed");
	for (int i = 0; i < BATCH; i++) {
		iov[i].iov_base = buf[i];
		msg[i].msg_hdr.msg_iov = &iov[i];
		msg[i].msg_hdr.msg_iovlen = 1;
	}
	/* About a thousand bursts a second, so that a rate is smooth. */
	if (opt.rate && opt.rate / 1000 + 1 < BATCH)
		batch = opt.rate / 1000 + 1;
	if (opt.udp) {
		/*
		 * With its overhead a frame takes up to twice its length of
		 * the 208 KiB that a socket has, and UDP_ROOM may be taken.
		 */
		if (batch > UDP_ROOM / longest)
			batch = UDP_ROOM / longest;
		udp_queue(port, &queued, &drops0);
	}
	if (opt.ack) {
		batch = WINDOW / 4;
		ack0 = ack_read();
	}
	if (opt.apart)
		batch = 1;

	start = now_ns();
	while (sent < frame.count && !stopped) {
		unsigned int n = batch, done = 0;

		if (frame.count - sent < n)
			n = frame.count - sent;
		for (unsigned int i = 0; i < n; i++) {
			iov[i].iov_len = frame_build(buf[i],
						     frame.seq0 + sent + i);
			bytes += iov[i].iov_len;
		}
		ack_wait(sent + n, ack0);
		if (opt.rate)
			sleep_until(start + sent * 1000000000ULL / opt.rate);
		if (opt.apart)
			usleep(opt.apart);
		/* The emulator's socket drops what does not fit: wait. */
		while (opt.udp && !stopped) {
			udp_queue(port, &queued, &drops);
			if (queued < UDP_ROOM)
				break;
			usleep(500);
		}
		while (done < n && !stopped) {
			int rc = sendmmsg(fd, msg + done, n - done, 0);

			if (rc > 0) {
				done += rc;
				stuck = 0;
				continue;
			}
			if (errno != ENOBUFS && errno != EAGAIN &&
			    errno != EINTR)
				die("send");
			/* A full queue; the frame was not sent. */
			retries++;
			if (!stuck)
				stuck = now_ns();
			else if (now_ns() - stuck > RETRY_LIMIT_NS)
				complain("the queue stays full");
			usleep(200);
		}
		sent += done;
	}
	if (opt.udp)
		udp_queue(port, &queued, &drops);
	print_u64("{\"sent\":", sent);
	print_u64(",\"bytes\":", bytes);
	print_u64(",\"retries\":", retries);
	print_u64(",\"socket_drops\":", drops - drops0);
	printf(",\"seconds\":%.3f}\n", (now_ns() - start) / 1e9);
	return sent == frame.count && drops == drops0 ? 0 : 1;
}

/*
 * The payload of each frame in pieces that do not touch each other, and that
 * no copy brings together: the stack is asked to send from where they are.
 */
static int do_send_pieces(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
				   .sin_port = htons(PORT_DST) };
	/* Room for all of a frame, and more than a page, between pieces. */
	const size_t stride = 4 * sysconf(_SC_PAGESIZE);
	struct iovec iov[MAX_PIECES];
	struct msghdr msg = { .msg_name = &sin, .msg_namelen = sizeof(sin),
			      .msg_iov = iov, .msg_iovlen = opt.pieces };
	static uint8_t buf[FRAME_MAX + 4];
	uint8_t *mem, control[128];
	uint64_t sent = 0, bytes = 0;
	int fd, one = 1;

	if (!opt.to || inet_pton(AF_INET, opt.to, &sin.sin_addr) != 1)
		complain("--pieces wants --to with an IPv4 address");
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_ZEROCOPY, &one, sizeof(one)) ||
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, opt.iface,
		       strlen(opt.iface)))
		die("socket");
	mem = mmap(NULL, opt.pieces * stride, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mem == MAP_FAILED)
		die("memory");
	for (; sent < frame.count && !stopped; sent++) {
		size_t left = frame_build(buf, frame.seq0 + sent) - HEADERS;
		struct msghdr note = { .msg_control = control,
				       .msg_controllen = sizeof(control) };
		struct pollfd pfd = { .fd = fd };
		const uint8_t *from = buf + HEADERS;

		for (unsigned int i = 0; i < opt.pieces; i++) {
			iov[i].iov_base = mem + i * stride;
			iov[i].iov_len = left / (opt.pieces - i);
			memcpy(iov[i].iov_base, from, iov[i].iov_len);
			from += iov[i].iov_len;
			left -= iov[i].iov_len;
			bytes += iov[i].iov_len;
		}
		if (sendmsg(fd, &msg, MSG_ZEROCOPY) < 0)
			die("send");
		/* Not before it was sent may the pieces change. */
		if (poll(&pfd, 1, RETRY_LIMIT_NS / 1000000) != 1 ||
		    recvmsg(fd, &note, MSG_ERRQUEUE) < 0)
			die("completion");
	}
	print_u64("{\"sent\":", sent);
	print_u64(",\"bytes\":", bytes + sent * HEADERS);
	printf("}\n");
	return sent == frame.count ? 0 : 1;
}

/* --- receiving --- */

/* The tag that the kernel has taken out of the frame, or -1. */
static int aux_tci(struct msghdr *msg)
{
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level == SOL_PACKET &&
		    c->cmsg_type == PACKET_AUXDATA) {
			struct tpacket_auxdata aux;

			memcpy(&aux, CMSG_DATA(c), sizeof(aux));
			if (aux.tp_status & TP_STATUS_VLAN_VALID)
				return aux.tp_vlan_tci;
		}
	}
	return -1;
}

static int recv_open(void)
{
	struct sockaddr_ll sll = { .sll_family = AF_PACKET,
				   .sll_protocol = htons(ETH_P_ALL) };
	int fd, one = 1, size = 256 << 20;

	sll.sll_ifindex = if_nametoindex(opt.iface);
	if (!sll.sll_ifindex)
		die(opt.iface);
	fd = socket(AF_PACKET, SOCK_RAW, 0);
	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one,
		       sizeof(one)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &one, sizeof(one)) ||
	    bind(fd, (void *)&sll, sizeof(sll)))
		die("packet socket");
	return fd;
}

static int do_recv(void)
{
	static uint8_t buf[BATCH][FRAME_MAX + 128], aux[BATCH][128];
	struct mmsghdr msg[BATCH] = {};
	struct iovec iov[BATCH];
	struct tpacket_stats stats = {};
	socklen_t len = sizeof(stats);
	uint64_t end, start, last = 0;
	int fd = recv_open(), ack = -1;

	if (opt.ack) {
		ack = open(opt.ack, O_WRONLY | O_CREAT | O_TRUNC, 0644);
		if (ack < 0)
			die(opt.ack);
		ack_write(ack, 0);
	}
	frame_expect();
	tell_ready(opt.ready);
	start = now_ns();
	end = start + opt.timeout * 1000000000ULL;
	/* Frames pile up in the socket and keep their memory. */
	if (opt.hold)
		sleep_until(start + opt.hold * 1000000000ULL);

	while (res.unique < frame.count && !stopped) {
		struct pollfd pfd = { .fd = fd, .events = POLLIN };
		uint64_t now;
		int n;

		for (int i = 0; i < BATCH; i++) {
			iov[i] = (struct iovec){ buf[i], sizeof(buf[i]) };
			msg[i].msg_hdr = (struct msghdr) {
				.msg_iov = &iov[i], .msg_iovlen = 1,
				.msg_control = aux[i],
				.msg_controllen = sizeof(aux[i]),
			};
		}
		n = recvmmsg(fd, msg, BATCH, MSG_DONTWAIT, NULL);
		if (n < 0 && errno != EAGAIN && errno != EINTR &&
		    errno != ENETDOWN)
			die("receive");
		for (int i = 0; i < n; i++)
			judge(buf[i], msg[i].msg_len,
			      aux_tci(&msg[i].msg_hdr));
		now = now_ns();
		if (n > 0) {
			last = now;
			if (ack >= 0)
				ack_write(ack, res.received);
			continue;
		}
		if (now >= end)
			break;
		if (opt.idle_ms && last && res.received &&
		    now - last >= opt.idle_ms * 1000000ULL)
			break;
		poll(&pfd, 1, 50);
	}
	getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len);
	frame_report();
	print_u64(",\"socket_drops\":", stats.tp_drops);
	printf(",\"seconds\":%.3f}\n", (now_ns() - start) / 1e9);
	return frame_all_right() ? 0 : 1;
}

/* --- command line --- */

static void usage(int rc)
{
	fputs("usage: frames send IFACE --dst MAC [OPTION]...\n"
	      "       frames inject --udp ADDRESS:PORT --dst MAC [OPTION]...\n"
	      "       frames recv IFACE [OPTION]...\n"
	      "\n"
	      "  --count N      frames (1)\n"
	      "  --seq0 N       first sequence number (0)\n"
	      "  --stream N     stream number, to tell senders apart (0)\n"
	      "  --vlan TCI     tagged frames: priority * 8192 + id\n"
	      "send, inject:\n"
	      "  --size N       bytes without FCS and tag, 60 to 9018 (60)\n"
	      "  --size-max N   sizes from --size to this\n"
	      "  --rate N       frames per second (as fast as possible)\n"
	      "  --apart US     each frame at least so long after the one before\n"
	      "  --ack FILE     a number in FILE grows as frames arrive: no more\n"
	      "                 than 64 are on their way\n"
	      "  --flows N      UDP source ports (1)\n"
	      "  --dsts N       one after the other to N addresses, from that of --dst\n"
	      "                 on, which differ in the last byte (1)\n"
	      "  --hosts N      IPv4 source addresses; the card spreads UDP by these (1)\n"
	      "  --src MAC      source address (the interface's)\n"
	      "  --bad-csum     wrong UDP checksums\n"
	      "  --pieces N     send from a UDP socket, payload in N pieces,\n"
	      "  --to ADDR      to this IPv4 address, untagged\n"
	      "recv:\n"
	      "  --timeout S    give up after so long (30)\n"
	      "  --idle MS      end after so much silence behind the first frame\n"
	      "  --hold S       do not read the socket at first, or until SIGUSR1\n"
	      "  --ready FILE   create FILE when listening\n"
	      "  --ack FILE     keep the number of frames in FILE\n"
	      "\n"
	      "One line of JSON. Exit code: 0 all frames sent, or all received\n"
	      "once and intact; 1 not so; 2 it did not work.\n",
	      rc ? stderr : stdout);
	exit(rc);
}

int main(int argc, char **argv)
{
	static const struct option own[] = {
		{ "rate", 1, 0, 'r' }, { "udp", 1, 0, 'u' },
		{ "timeout", 1, 0, 't' }, { "idle", 1, 0, 'i' },
		{ "hold", 1, 0, 'H' }, { "ready", 1, 0, 'R' },
		{ "pieces", 1, 0, 'p' }, { "to", 1, 0, 'o' },
		{ "ack", 1, 0, 'a' }, { "apart", 1, 0, 'A' },
		{ "help", 0, 0, 'h' }, {}
	};
	const struct option *longopts = frame_longopts(own);
	const char *verb;
	int c;

	while ((c = getopt_long(argc, argv, "h", longopts, NULL)) != -1) {
		switch (c) {
		case 'r':
			opt.rate = number(optarg, 0, 100000000);
			break;
		case 'u':
			opt.udp = optarg;
			break;
		case 't':
			opt.timeout = number(optarg, 1, 1000000);
			break;
		case 'i':
			opt.idle_ms = number(optarg, 0, 1000000);
			break;
		case 'H':
			opt.hold = number(optarg, 0, 1000000);
			break;
		case 'R':
			opt.ready = optarg;
			break;
		case 'p':
			opt.pieces = number(optarg, 1, MAX_PIECES);
			break;
		case 'o':
			opt.to = optarg;
			break;
		case 'a':
			opt.ack = optarg;
			break;
		case 'A':
			opt.apart = number(optarg, 1, 999999);
			break;
		case 'h':
			usage(0);
			break;
		default:
			if (!frame_option(c, optarg))
				usage(2);
		}
	}
	crc_init();
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	signal(SIGUSR1, on_release);
	if (optind >= argc)
		usage(2);
	verb = argv[optind++];
	if (!strcmp(verb, "inject")) {
		if (!opt.udp || optind != argc)
			usage(2);
		return do_send();
	}
	if (optind + 1 != argc || opt.udp)
		usage(2);
	opt.iface = argv[optind];
	if (!strcmp(verb, "send"))
		return opt.pieces ? do_send_pieces() : do_send();
	if (!strcmp(verb, "recv"))
		return do_recv();
	usage(2);
}

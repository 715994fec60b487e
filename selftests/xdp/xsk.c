// SPDX-License-Identifier: GPL-2.0-only
/*
 * An AF_XDP socket on one queue: receives and judges, or sends, numbered test
 * frames (frame.h), or sends back what comes.  The rings are set up by hand,
 * because libxdp 1.3 knows nothing of transmit metadata.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <getopt.h>
#include <linux/if_link.h>
#include <linux/if_xdp.h>
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

#define PROGRAM		"xsk"
#include "../frame.h"

#define BATCH		64
#define MAX_CHUNKS	65536
/* Of a poll by the reader: no other poll has it. */
#define POLL_BUDGET	17

/* Younger than the headers of Debian 12. */
struct umem_reg {
	uint64_t	addr, len;
	uint32_t	chunk_size, headroom, flags, tx_metadata_len;
};

struct tx_metadata {
	uint64_t	flags;
	uint16_t	csum_start, csum_offset;
	uint64_t	launch_time;
};

#define UMEM_TX_METADATA_LEN	(1 << 2)
/* Of an unaligned umem: an address is that of a chunk, and an offset. */
#define OFFSET_SHIFT		XSK_UNALIGNED_BUF_OFFSET_SHIFT
#define TXMD_CHECKSUM		(1 << 1)
#define TX_METADATA		(1 << 1)

struct ring {
	uint32_t	*producer, *consumer, *flags;
	void		*desc;
	uint32_t	size;
	uint32_t	own;		/* our index, not yet shown */
};

static struct {
	const char	*iface, *ready, *prog;
	unsigned int	queue, chunk, headroom, chunks, ring, fill;
	unsigned int	timeout, idle_ms, rate;
	uint16_t	bind;
	int		share;
	bool		fill_wait, blind, csum, csum_early, hold, linger;
	bool		unaligned, busy_poll;
} opt = {
	.share = -1,
	.prog = "build/bpf/xdp_xsk.o", .chunk = 4096, .chunks = 4096,
	.ring = 2048, .timeout = 30,
};

static int sock;
static uint8_t *umem;
static struct ring fill, comp, rx, tx;
static uint64_t stack[MAX_CHUNKS];	/* chunks that are ours */
static unsigned int nstack;
static uint64_t kicks;
static bool bound;
static volatile sig_atomic_t released;

static void on_release(int sig)
{
	(void)sig;
	released = 1;
}

/* --- chunks --- */

/*
 * Unaligned ones have a page each, for they must not cross into another that
 * is not next to it in memory, and begin somewhere in it.
 */
static uint64_t chunk_at(unsigned int i)
{
	if (!opt.unaligned)
		return (uint64_t)i * opt.chunk;
	return i * 4096ULL + i % (4096 / 8 - opt.chunk / 8 + 1) * 8;
}

static uint64_t chunk_of(uint64_t addr)
{
	return opt.unaligned ? addr & XSK_UNALIGNED_BUF_ADDR_MASK :
			       addr & ~(uint64_t)(opt.chunk - 1);
}

static uint8_t *data_at(uint64_t addr)
{
	if (opt.unaligned)
		addr = chunk_of(addr) + (addr >> OFFSET_SHIFT);
	return umem + addr;
}

/* --- rings --- */

static void ring_map(struct ring *r, const struct xdp_ring_offset *off,
		     off_t pgoff, size_t entry)
{
	uint8_t *mem;

	mem = mmap(NULL, off->desc + opt.ring * entry, PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_POPULATE, sock, pgoff);
	if (mem == MAP_FAILED)
		die("ring");
	r->producer = (void *)(mem + off->producer);
	r->consumer = (void *)(mem + off->consumer);
	r->flags = (void *)(mem + off->flags);
	r->desc = mem + off->desc;
	r->size = opt.ring;
	r->own = 0;
}

/* Entries that may be written, or are there to be read. */
static unsigned int ring_room(const struct ring *r)
{
	return r->size - (r->own - __atomic_load_n(r->consumer,
						   __ATOMIC_ACQUIRE));
}

static unsigned int ring_used(const struct ring *r)
{
	return __atomic_load_n(r->producer, __ATOMIC_ACQUIRE) - r->own;
}

static uint64_t *addr_of(const struct ring *r, uint32_t i)
{
	return (uint64_t *)r->desc + (i & (r->size - 1));
}

static struct xdp_desc *desc_of(const struct ring *r, uint32_t i)
{
	return (struct xdp_desc *)r->desc + (i & (r->size - 1));
}

static void show(uint32_t *index, struct ring *r)
{
	__atomic_store_n(index, r->own, __ATOMIC_SEQ_CST);
}

/* After an index was shown: the kernel looks at it again before it sleeps. */
static bool wants_kick(const struct ring *r)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return !(opt.bind & XDP_USE_NEED_WAKEUP) ||
	       (__atomic_load_n(r->flags, __ATOMIC_RELAXED) &
		XDP_RING_NEED_WAKEUP);
}

static bool busy(void)
{
	return errno == ENOBUFS || errno == EAGAIN || errno == EBUSY ||
	       errno == ENETDOWN || errno == EINTR;
}

static void kick_tx(void)
{
	if (!wants_kick(&tx))
		return;
	kicks++;
	if (sendto(sock, NULL, 0, MSG_DONTWAIT, NULL, 0) < 0 && !busy())
		die("kick");
}

static void call_rx(void)
{
	kicks++;
	if (recvfrom(sock, NULL, 0, MSG_DONTWAIT, NULL, NULL) < 0 && !busy())
		die("kick");
}

static void kick_rx(void)
{
	if (bound && wants_kick(&fill))
		call_rx();
}

/* Give the kernel chunks to receive into, --fill of them at a time at most. */
static void fill_up(void)
{
	unsigned int n = ring_room(&fill), i;

	if (opt.fill_wait && !released)
		return;
	if (opt.fill) {
		unsigned int there = fill.size - n;

		n = there < opt.fill ? opt.fill - there : 0;
	}
	if (n > nstack)
		n = nstack;
	if (!n)
		return;
	for (i = 0; i < n; i++)
		*addr_of(&fill, fill.own++) = stack[--nstack];
	show(fill.producer, &fill);
	kick_rx();
	if (opt.fill_wait)
		tell_ready(opt.ready);
	opt.fill_wait = false;
}

static unsigned int reap(void)
{
	unsigned int n = ring_used(&comp), i;

	for (i = 0; i < n; i++)
		stack[nstack++] = chunk_of(*addr_of(&comp, comp.own++));
	if (n)
		show(comp.consumer, &comp);
	return n;
}

/* --- set-up --- */

static void set(int level, int name, int value)
{
	if (setsockopt(sock, level, name, &value, sizeof(value)))
		die("socket option");
}

static void open_rings(void)
{
	struct xdp_mmap_offsets off;
	socklen_t len = sizeof(off);

	set(SOL_XDP, XDP_UMEM_FILL_RING, opt.ring);
	set(SOL_XDP, XDP_UMEM_COMPLETION_RING, opt.ring);
	set(SOL_XDP, XDP_RX_RING, opt.ring);
	set(SOL_XDP, XDP_TX_RING, opt.ring);
	if (getsockopt(sock, SOL_XDP, XDP_MMAP_OFFSETS, &off, &len))
		die("offsets");
	ring_map(&fill, &off.fr, XDP_UMEM_PGOFF_FILL_RING, sizeof(uint64_t));
	ring_map(&comp, &off.cr, XDP_UMEM_PGOFF_COMPLETION_RING,
		 sizeof(uint64_t));
	ring_map(&rx, &off.rx, XDP_PGOFF_RX_RING, sizeof(struct xdp_desc));
	ring_map(&tx, &off.tx, XDP_PGOFF_TX_RING, sizeof(struct xdp_desc));
}

static void open_socket(void)
{
	sock = socket(AF_XDP, SOCK_RAW, 0);
	if (sock < 0)
		die("socket");
}

static void bind_to(unsigned int queue, uint16_t flags, int shared)
{
	struct sockaddr_xdp addr = {
		.sxdp_family = AF_XDP, .sxdp_queue_id = queue,
		.sxdp_flags = flags, .sxdp_shared_umem_fd = shared,
		.sxdp_ifindex = if_nametoindex(opt.iface),
	};

	if (!addr.sxdp_ifindex)
		die(opt.iface);
	if (bind(sock, (void *)&addr, sizeof(addr)))
		die("bind");
}

/* Another socket, which stays bound and is not read from, has a quarter. */
static void share_umem(void)
{
	unsigned int i;
	int first = sock;

	for (i = 0; i < opt.chunks / 4 && i < fill.size; i++)
		*addr_of(&fill, fill.own++) = stack[--nstack];
	show(fill.producer, &fill);
	bind_to(opt.share, opt.bind, 0);
	open_socket();
	open_rings();
	opt.bind = XDP_SHARED_UMEM;
	opt.share = first;
}

static void set_up(bool receive)
{
	size_t size = (size_t)(opt.unaligned ? 4096 : opt.chunk) * opt.chunks;
	struct umem_reg reg = {
		.len = size, .chunk_size = opt.chunk, .headroom = opt.headroom,
	};
	unsigned int i;

	umem = mmap(NULL, size, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (umem == MAP_FAILED)
		die("memory");
	for (i = 0; i < opt.chunks; i++)
		stack[nstack++] = chunk_at(opt.chunks - 1 - i);
	if (opt.unaligned)
		reg.flags = XDP_UMEM_UNALIGNED_CHUNK_FLAG;
	reg.addr = (uintptr_t)umem;
	if (opt.csum) {
		reg.flags |= UMEM_TX_METADATA_LEN;
		reg.tx_metadata_len = sizeof(struct tx_metadata);
	}

	open_socket();
	if (setsockopt(sock, SOL_XDP, XDP_UMEM_REG, &reg, sizeof(reg)))
		die("umem");
	open_rings();
	if (opt.share >= 0)
		share_umem();
	if (opt.busy_poll) {
		set(SOL_SOCKET, SO_PREFER_BUSY_POLL, 1);
		set(SOL_SOCKET, SO_BUSY_POLL, 20);
		set(SOL_SOCKET, SO_BUSY_POLL_BUDGET, POLL_BUDGET);
	}
	/* So that the first frame finds a chunk. */
	if (receive)
		fill_up();
	bind_to(opt.queue, opt.bind, opt.share);
	bound = true;
}

/* The map of sockets of the program that is on the device already. */
static int find_map(uint32_t prog)
{
	struct bpf_prog_info info = {};
	uint32_t ids[16], len = sizeof(info), i;
	int fd = bpf_prog_get_fd_by_id(prog);

	info.nr_map_ids = 16;
	info.map_ids = (uintptr_t)ids;
	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &len))
		die("program");
	close(fd);
	for (i = 0; i < info.nr_map_ids && i < 16; i++) {
		struct bpf_map_info map = {};

		len = sizeof(map);
		fd = bpf_map_get_fd_by_id(ids[i]);
		if (fd >= 0 && !bpf_obj_get_info_by_fd(fd, &map, &len) &&
		    map.type == BPF_MAP_TYPE_XSKMAP)
			return fd;
		if (fd >= 0)
			close(fd);
	}
	return -1;
}

/*
 * Have frames redirected to the socket: by the program that is there, if it
 * has a map of sockets, or by one of our own, whose link ends with us. A
 * program without a map stays, and does what it does.
 */
static void enter_map(void)
{
	struct bpf_link_create_opts opts = {
		.sz = sizeof(opts), .flags = XDP_FLAGS_DRV_MODE,
	};
	int ifindex = if_nametoindex(opt.iface), map;
	struct bpf_object *obj;
	uint32_t prog = 0;

	if (bpf_xdp_query_id(ifindex, 0, &prog))
		die("query");
	if (prog) {
		map = find_map(prog);
		if (map < 0)
			return;
	} else {
		struct bpf_program *p;

		obj = bpf_object__open_file(opt.prog, NULL);
		if (!obj || bpf_object__load(obj))
			die(opt.prog);
		map = bpf_object__find_map_fd_by_name(obj, "xsks");
		p = bpf_object__next_program(obj, NULL);
		if (map < 0 || !p ||
		    bpf_link_create(bpf_program__fd(p), ifindex, BPF_XDP,
				    &opts) < 0)
			die("attach");
	}
	if (bpf_map_update_elem(map, &opt.queue, &sock, BPF_ANY))
		die("map of sockets");
}

static bool is_zero_copy(void)
{
	struct xdp_options o = {};
	socklen_t len = sizeof(o);

	return !getsockopt(sock, SOL_XDP, XDP_OPTIONS, &o, &len) &&
	       (o.flags & XDP_OPTIONS_ZEROCOPY);
}

/* The end of the line: what the kernel has counted for the socket. */
static void report_socket(uint64_t start)
{
	struct xdp_statistics s = {};
	socklen_t len = sizeof(s);

	getsockopt(sock, SOL_XDP, XDP_STATISTICS, &s, &len);
	print_u64(",\"rx_dropped\":", s.rx_dropped);
	print_u64(",\"rx_ring_full\":", s.rx_ring_full);
	print_u64(",\"fill_ring_empty\":", s.rx_fill_ring_empty_descs);
	print_u64(",\"rx_invalid\":", s.rx_invalid_descs);
	print_u64(",\"tx_invalid\":", s.tx_invalid_descs);
	print_u64(",\"kicks\":", kicks);
	printf(",\"zero_copy\":%s", is_zero_copy() ? "true" : "false");
	printf(",\"seconds\":%.3f}\n", (now_ns() - start) / 1e9);
}

/* --- receiving --- */

/* Has the run lasted long enough? Sleeps a little if not. */
static bool give_up(uint64_t now, uint64_t end, uint64_t last)
{
	struct pollfd pfd = { .fd = sock, .events = POLLIN };

	if (stopped || now >= end ||
	    (opt.idle_ms && last && now - last >= opt.idle_ms * 1000000ULL))
		return true;
	if (opt.busy_poll)
		call_rx();
	else
		poll(&pfd, 1, 100);
	return false;
}

static void hold(uint64_t end)
{
	while (opt.hold && !released && now_ns() < end)
		usleep(10000);
}

static int do_rx(void)
{
	uint64_t start, end, last = 0, got = 0;

	frame_expect();
	tell_ready(opt.ready);
	start = now_ns();
	end = start + opt.timeout * 1000000000ULL;
	hold(end);
	while ((opt.blind ? got : res.unique) < frame.count && !stopped) {
		unsigned int n = ring_used(&rx), i;

		if (n > BATCH)
			n = BATCH;
		for (i = 0; i < n; i++) {
			const struct xdp_desc *d = desc_of(&rx, rx.own++);

			if (!opt.blind)
				judge(data_at(d->addr), d->len, -1);
			stack[nstack++] = chunk_of(d->addr);
		}
		if (n)
			show(rx.consumer, &rx);
		got += n;
		fill_up();
		if (n) {
			last = now_ns();
			continue;
		}
		if (give_up(now_ns(), end, last))
			break;
	}
	if (opt.blind)
		res.received = got;
	frame_report();
	report_socket(start);
	return opt.blind ? got < frame.count : !frame_all_right();
}

/* --- sending --- */

/*
 * The UDP checksum is left to the card: the field has the sum of what the
 * stack would have put there, that of the pseudo-header.  With --csum-early
 * not of its addresses: these are in what is to be summed.  No card takes
 * that, which knows TCP and UDP only; the driver has to do it.
 */
static void want_csum(uint8_t *data)
{
	unsigned int l3 = ETH_HLEN + (frame.vlan ? 4 : 0);
	unsigned int l4 = l3 + sizeof(struct frame_ip);
	struct tx_metadata *meta = (void *)(data - sizeof(*meta));
	struct frame_udp *udp = (void *)(data + l4);
	unsigned int early = opt.csum_early ? 8 : 0;
	uint32_t sum;

	sum = csum_add(0, data + l3 + offsetof(struct frame_ip, src),
		       8 - early);
	udp->csum = ~csum_fold(sum + IPPROTO_UDP + ntohs(udp->len));
	memset(meta, 0, sizeof(*meta));
	meta->flags = TXMD_CHECKSUM;
	meta->csum_start = l4 - early;
	meta->csum_offset = offsetof(struct frame_udp, csum) + early;
}

static int do_tx(void)
{
	uint64_t start, end, sent = 0, done = 0, bytes = 0, last;
	unsigned int room = opt.headroom, len = 0;
	unsigned int batch = BATCH;
	uint64_t built = 0;
	uint32_t options = 0;

	if (!frame.have_dst)
		complain("--dst is needed");
	if (!frame.have_src)
		iface_mac(socket(AF_INET, SOCK_DGRAM, 0), opt.iface,
			  frame.src);
	if (opt.csum) {
		room += sizeof(struct tx_metadata);
		options = TX_METADATA;
	}
	/* About a thousand bursts a second, so that a rate is smooth. */
	if (opt.rate && opt.rate / 1000 + 1 < BATCH)
		batch = opt.rate / 1000 + 1;
	tell_ready(opt.ready);
	start = now_ns();
	end = start + opt.timeout * 1000000000ULL;
	hold(end);
	last = now_ns();
	while (done < frame.count && !stopped) {
		unsigned int n = ring_room(&tx), i;

		if (n > batch)
			n = batch;
		if (n > nstack)
			n = nstack;
		if (n > frame.count - sent)
			n = frame.count - sent;
		if (n && opt.rate)
			sleep_until(start + sent * 1000000000ULL / opt.rate);
		for (i = 0; i < n; i++) {
			uint64_t addr = stack[--nstack];

			addr += opt.unaligned ?
				(uint64_t)room << OFFSET_SHIFT : room;
			/* Blind: each chunk keeps the frame it got first. */
			if (!opt.blind || built < opt.chunks) {
				len = frame_build(data_at(addr),
						  frame.seq0 + sent);
				built++;
				if (opt.csum)
					want_csum(data_at(addr));
			}
			*desc_of(&tx, tx.own++) = (struct xdp_desc) {
				.addr = addr, .len = len, .options = options,
			};
			bytes += len;
			sent++;
		}
		if (n)
			show(tx.producer, &tx);
		if (sent > done)
			kick_tx();
		i = reap();
		done += i;
		if (i || n) {
			last = now_ns();
			continue;
		}
		if (now_ns() >= end || now_ns() - last > 10000000000ULL)
			break;
		usleep(100);
	}
	print_u64("{\"sent\":", sent);
	print_u64(",\"completed\":", done);
	print_u64(",\"bytes\":", bytes);
	/* What the kernel has taken out of the ring. */
	print_u64(",\"taken\":", __atomic_load_n(tx.consumer, __ATOMIC_ACQUIRE));
	report_socket(start);
	return done != frame.count;
}

/* --- sending back --- */

static void swap_addresses(uint8_t *p)
{
	uint8_t mac[ETH_ALEN];

	memcpy(mac, p, ETH_ALEN);
	memcpy(p, p + ETH_ALEN, ETH_ALEN);
	memcpy(p + ETH_ALEN, mac, ETH_ALEN);
}

static int do_echo(void)
{
	uint64_t start, end, last = 0, sent = 0, done = 0;

	tell_ready(opt.ready);
	start = now_ns();
	end = start + opt.timeout * 1000000000ULL;
	while (done < frame.count && !stopped) {
		unsigned int n = ring_used(&rx), room = ring_room(&tx), i;

		if (n > BATCH)
			n = BATCH;
		if (n > room)
			n = room;
		for (i = 0; i < n; i++) {
			struct xdp_desc d = *desc_of(&rx, rx.own++);

			swap_addresses(data_at(d.addr));
			d.options = 0;
			*desc_of(&tx, tx.own++) = d;
		}
		if (n) {
			show(rx.consumer, &rx);
			show(tx.producer, &tx);
		}
		sent += n;
		if (sent > done)
			kick_tx();
		i = reap();
		done += i;
		fill_up();
		if (n || i)
			last = now_ns();
		else if (give_up(now_ns(), end, last))
			break;
	}
	print_u64("{\"sent\":", sent);
	print_u64(",\"completed\":", done);
	report_socket(start);
	return done < frame.count;
}

/* --- command line --- */

static void usage(int rc)
{
	fputs("usage: xsk rx|tx|echo DEV [OPTION]...\n"
	      "\n"
	      "rx receives and judges what \"frames send\" sends, tx sends what\n"
	      "\"frames recv\" judges, echo sends everything back.\n"
	      "\n"
	      "  --queue N      of the device (0)\n"
	      "  --zero-copy    or fail; neither: as the kernel likes\n"
	      "  --copy         no zero copy\n"
	      "  --need-wakeup  enter the kernel only when it says so\n"
	      "  --chunk N      bytes of a chunk (4096)\n"
	      "  --headroom N   of the umem (0)\n"
	      "  --chunks N     in the umem (4096)\n"
	      "  --unaligned    chunks of up to 4096 bytes that begin anywhere\n"
	      "  --busy-poll    whoever reads polls the queue, 17 frames at a time\n"
	      "  --share N      umem with another socket, on queue N\n"
	      "  --ring N       entries of each of the four rings (2048)\n"
	      "  --prog OBJ     with a map \"xsks\" (build/bpf/xdp_xsk.o); unused\n"
	      "                 if a program is attached already\n"
	      "  --count N      frames (1)\n"
	      "  --timeout S    give up after so long (30)\n"
	      "  --ready FILE   create FILE when ready\n"
	      "  --blind        rx: do not look at them; tx: build few of them\n"
	      "rx, echo:\n"
	      "  --fill N       at most so many chunks in the fill ring\n"
	      "  --fill-wait    none before SIGUSR1; then FILE is created again\n"
	      "  --idle MS      end after so much silence behind the first frame\n"
	      "rx, tx:\n"
	      "  --hold         take or send no frame before SIGUSR1\n"
	      "  --linger       stay bound after the report, until a signal\n"
	      "  --seq0 --stream --vlan    as for frames\n"
	      "tx:\n"
	      "  --dst --dsts --src --size --size-max --flows --bad-csum    as for frames\n"
	      "  --rate N       frames per second (as fast as possible)\n"
	      "  --csum         ask for the UDP checksum by metadata\n"
	      "  --csum-early   the same, over what no card knows\n"
	      "\n"
	      "One line of JSON. Exit code: 0 all frames received once and intact,\n"
	      "or sent and completed; 1 not so; 2 it did not work.\n",
	      rc ? stderr : stdout);
	exit(rc);
}

int main(int argc, char **argv)
{
	static const struct option own[] = {
		{ "queue", 1, 0, 'Q' }, { "zero-copy", 0, 0, 'z' },
		{ "copy", 0, 0, 'C' }, { "need-wakeup", 0, 0, 'w' },
		{ "chunk", 1, 0, 'k' }, { "headroom", 1, 0, 'a' },
		{ "chunks", 1, 0, 'n' }, { "ring", 1, 0, 'g' },
		{ "prog", 1, 0, 'p' }, { "timeout", 1, 0, 't' },
		{ "ready", 1, 0, 'R' }, { "blind", 0, 0, 'B' },
		{ "fill", 1, 0, 'F' }, { "fill-wait", 0, 0, 'W' },
		{ "hold", 0, 0, 'H' }, { "idle", 1, 0, 'i' },
		{ "rate", 1, 0, 'r' }, { "csum", 0, 0, 'x' },
		{ "linger", 0, 0, 'L' }, { "unaligned", 0, 0, 'U' },
		{ "busy-poll", 0, 0, 'Y' }, { "share", 1, 0, 'N' },
		{ "csum-early", 0, 0, 'X' },
		{ "help", 0, 0, 'h' }, {}
	};
	const struct option *longopts = frame_longopts(own);
	const char *verb;
	int c, rc;

	while ((c = getopt_long(argc, argv, "h", longopts, NULL)) != -1) {
		switch (c) {
		case 'Q':
			opt.queue = number(optarg, 0, 127);
			break;
		case 'z':
			opt.bind |= XDP_ZEROCOPY;
			break;
		case 'C':
			opt.bind |= XDP_COPY;
			break;
		case 'w':
			opt.bind |= XDP_USE_NEED_WAKEUP;
			break;
		case 'k':
			opt.chunk = number(optarg, 2048, 65536);
			break;
		case 'a':
			opt.headroom = number(optarg, 0, 65535);
			break;
		case 'n':
			opt.chunks = number(optarg, 1, MAX_CHUNKS);
			break;
		case 'g':
			opt.ring = number(optarg, 1, 65536);
			break;
		case 'p':
			opt.prog = optarg;
			break;
		case 't':
			opt.timeout = number(optarg, 1, 1000000);
			break;
		case 'R':
			opt.ready = optarg;
			break;
		case 'B':
			opt.blind = true;
			break;
		case 'F':
			opt.fill = number(optarg, 1, 65536);
			break;
		case 'W':
			opt.fill_wait = true;
			break;
		case 'H':
			opt.hold = true;
			break;
		case 'i':
			opt.idle_ms = number(optarg, 0, 1000000);
			break;
		case 'r':
			opt.rate = number(optarg, 0, 100000000);
			break;
		case 'x':
			opt.csum = true;
			break;
		case 'X':
			opt.csum = true;
			opt.csum_early = true;
			break;
		case 'L':
			opt.linger = true;
			break;
		case 'U':
			opt.unaligned = true;
			break;
		case 'Y':
			opt.busy_poll = true;
			break;
		case 'N':
			opt.share = number(optarg, 0, 127);
			break;
		case 'h':
			usage(0);
			break;
		default:
			if (!frame_option(c, optarg))
				usage(2);
		}
	}
	if (optind + 2 != argc)
		usage(2);
	verb = argv[optind];
	opt.iface = argv[optind + 1];
	if (strcmp(verb, "rx") && strcmp(verb, "tx") && strcmp(verb, "echo"))
		usage(2);
	if (opt.unaligned && opt.chunk > 4096)
		complain("--unaligned: --chunk is at most 4096");
	crc_init();
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	signal(SIGUSR1, on_release);
	set_up(strcmp(verb, "tx"));
	if (!strcmp(verb, "tx")) {
		rc = do_tx();
	} else {
		enter_map();
		rc = !strcmp(verb, "rx") ? do_rx() : do_echo();
	}
	fflush(stdout);
	while (opt.linger && !stopped)
		usleep(10000);
	return rc;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the programs share that send or judge numbered test frames; each of them
 * is one file, which has its name in PROGRAM before this.
 *
 * A frame is Ethernet [+ VLAN] + IPv4 + UDP with correct checksums.  The
 * payload carries a stream, a sequence number and a CRC over both and over a
 * filler that depends on them, so that loss, duplication, mixing and
 * corruption are all seen.  The source port changes with the sequence number,
 * which spreads frames over receive queues.
 */
#ifndef SELFTESTS_FRAME_H
#define SELFTESTS_FRAME_H

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

#define MAGIC		0x716c6765u
#define PORT_BASE	20000
#define PORT_DST	9		/* discard */
#define FRAME_MIN	60		/* without FCS */
#define FRAME_MAX	9018

struct frame_ip {
	uint8_t		vhl, tos;
	uint16_t	len, id, frag;
	uint8_t		ttl, proto;
	uint16_t	csum;
	uint32_t	src, dst;
} __attribute__((packed));

struct frame_udp {
	uint16_t	src, dst, len, csum;
} __attribute__((packed));

struct frame_tag {
	uint32_t	magic;
	uint32_t	stream_seq_hi;	/* stream in the upper half */
	uint32_t	seq;
	uint32_t	crc;		/* over the tag before it and the filler */
} __attribute__((packed));

#define HEADERS	(ETH_HLEN + sizeof(struct frame_ip) + sizeof(struct frame_udp))

static struct {
	uint64_t	count, seq0;
	unsigned int	size, size_max, flows, stream, vlan, dsts, hosts;
	uint8_t		dst[ETH_ALEN], src[ETH_ALEN];
	bool		have_dst, have_src, bad_csum;
} frame = {
	.count = 1, .size = FRAME_MIN, .flows = 1, .dsts = 1,
	.hosts = 1,
};

static volatile sig_atomic_t stopped;

static void on_signal(int sig)
{
	(void)sig;
	stopped = 1;
}

static void die(const char *what)
{
	fprintf(stderr, PROGRAM ": %s: %s\n", what, strerror(errno));
	exit(2);
}

static void complain(const char *what)
{
	fprintf(stderr, PROGRAM ": %s\n", what);
	exit(2);
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static void sleep_until(uint64_t t)
{
	struct timespec ts = { t / 1000000000ULL, t % 1000000000ULL };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
}

static void print_u64(const char *key, uint64_t v)
{
	printf("%s%llu", key, (unsigned long long)v);
}

static void tell_ready(const char *path)
{
	FILE *f;

	if (!path)
		return;
	f = fopen(path, "w");
	if (!f || fclose(f))
		die(path);
}

static void iface_mac(int fd, const char *iface, uint8_t *mac)
{
	struct ifreq ifr = {};

	snprintf(ifr.ifr_name, IFNAMSIZ, "%s", iface);
	if (ioctl(fd, SIOCGIFHWADDR, &ifr))
		die(iface);
	memcpy(mac, ifr.ifr_hwaddr.sa_data, ETH_ALEN);
}

static uint64_t number(const char *s, uint64_t min, uint64_t max)
{
	unsigned long long v;
	char *end;

	errno = 0;
	v = strtoull(s, &end, 0);
	if (errno || *end || end == s || *s == '-' || v < min || v > max) {
		fprintf(stderr, PROGRAM ": '%s' is not a number from %llu to %llu\n",
			s, (unsigned long long)min, (unsigned long long)max);
		exit(2);
	}
	return v;
}

static bool mac(const char *s, uint8_t *m)
{
	int n = 0;

	if (sscanf(s, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx%n", &m[0], &m[1], &m[2],
		   &m[3], &m[4], &m[5], &n) != 6 || s[n])
		complain("a MAC address looks like 52:54:00:12:34:00");
	return true;
}

/* --- the frame --- */

static uint32_t crc_table[256];

static void crc_init(void)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t c = i;

		for (int k = 0; k < 8; k++)
			c = c & 1 ? c >> 1 ^ 0xedb88320u : c >> 1;
		crc_table[i] = c;
	}
}

static uint32_t crc32(uint32_t crc, const void *data, size_t len)
{
	const uint8_t *p = data;

	while (len--)
		crc = crc_table[(crc ^ *p++) & 0xff] ^ crc >> 8;
	return crc;
}

static uint32_t csum_add(uint32_t sum, const void *data, size_t len)
{
	const uint8_t *p = data;

	for (; len > 1; p += 2, len -= 2)
		sum += p[0] << 8 | p[1];
	if (len)
		sum += *p << 8;
	return sum;
}

static uint16_t csum_fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum & 0xffff);
}

static uint32_t tag_crc(const struct frame_tag *tag, const uint8_t *filler,
			size_t len)
{
	uint32_t crc = crc32(~0u, tag, offsetof(struct frame_tag, crc));

	return htonl(~crc32(crc, filler, len));
}

/* Sizes of a mixed run follow from the number: every run sends the same. */
static unsigned int frame_size(uint64_t seq)
{
	if (frame.size_max <= frame.size)
		return frame.size;
	return frame.size + (uint32_t)(seq * 2654435761u >> 8) %
			  (frame.size_max - frame.size + 1);
}

static unsigned int frame_build(uint8_t *buf, uint64_t seq)
{
	unsigned int size = frame_size(seq), vlan = frame.vlan ? 4 : 0;
	unsigned int l3 = size - ETH_HLEN;
	uint16_t type = htons(ETH_P_IP);
	struct frame_udp udp;
	struct frame_tag tag;
	struct frame_ip ip;
	uint8_t *p = buf, *filler;
	uint32_t x, sum;
	size_t len;

	memcpy(p, frame.dst, ETH_ALEN);
	p[ETH_ALEN - 1] += seq % frame.dsts;
	memcpy(p + ETH_ALEN, frame.src, ETH_ALEN);
	p += 2 * ETH_ALEN;
	if (vlan) {
		uint16_t tci[2] = { htons(ETH_P_8021Q), htons(frame.vlan) };

		memcpy(p, tci, 4);
		p += 4;
	}
	memcpy(p, &type, 2);
	p += 2;

	ip = (struct frame_ip) {
		.vhl = 0x45, .len = htons(l3), .ttl = 64, .proto = IPPROTO_UDP,
		/* 198.18.0.0/15 is set aside for benchmarks */
		.src = htonl(0xc6130001 + seq % frame.hosts),
		.dst = htonl(0xc6120002),
	};
	ip.csum = csum_fold(csum_add(0, &ip, sizeof(ip)));

	tag = (struct frame_tag) {
		.magic = htonl(MAGIC),
		.stream_seq_hi = htonl(frame.stream << 16 |
				       (uint32_t)(seq >> 32 & 0xffff)),
		.seq = htonl((uint32_t)seq),
	};
	len = l3 - sizeof(ip) - sizeof(udp) - sizeof(tag);
	filler = p + sizeof(ip) + sizeof(udp) + sizeof(tag);
	x = (uint32_t)seq * 2654435761u + frame.stream + 1;
	for (size_t i = 0; i < len; i++) {
		x = x * 1664525u + 1013904223u;
		filler[i] = x >> 24;
	}
	tag.crc = tag_crc(&tag, filler, len);

	udp = (struct frame_udp) {
		.src = htons(PORT_BASE + seq % frame.flows),
		.dst = htons(PORT_DST), .len = htons(l3 - sizeof(ip)),
	};
	sum = csum_add(0, &ip.src, 8) + IPPROTO_UDP + ntohs(udp.len);
	sum = csum_add(sum, &udp, sizeof(udp));
	sum = csum_add(sum, &tag, sizeof(tag));
	udp.csum = csum_fold(csum_add(sum, filler, len));
	if (!udp.csum)
		udp.csum = 0xffff;
	if (frame.bad_csum)
		udp.csum ^= htons(0x5555);

	memcpy(p, &ip, sizeof(ip));
	memcpy(p + sizeof(ip), &udp, sizeof(udp));
	memcpy(p + sizeof(ip) + sizeof(udp), &tag, sizeof(tag));
	return size + vlan;
}

/* --- judging --- */

static struct {
	uint64_t	received, unique, duplicates, corrupt, reordered;
	uint64_t	stray, other, tagged, bytes;
	uint8_t		*seen;
	uint64_t	last[65536];	/* per flow, plus one */
} res;

static void judge(const uint8_t *buf, size_t len, int tci)
{
	size_t off = 2 * ETH_ALEN, l3;
	struct frame_udp udp;
	struct frame_tag tag;
	struct frame_ip ip;
	uint64_t seq, n;
	uint16_t type;

	if (len < off + 2)
		goto other;
	memcpy(&type, buf + off, 2);
	if (type == htons(ETH_P_8021Q) && len >= off + 6) {
		memcpy(&type, buf + off + 2, 2);
		/* No frame of ours has a second tag. */
		tci = tci < 0 ? ntohs(type) : -2;
		off += 4;
		memcpy(&type, buf + off, 2);
	}
	off += 2;
	if (type != htons(ETH_P_IP) ||
	    len < off + sizeof(ip) + sizeof(udp) + sizeof(tag))
		goto other;
	memcpy(&ip, buf + off, sizeof(ip));
	memcpy(&udp, buf + off + sizeof(ip), sizeof(udp));
	if (ip.vhl != 0x45 || ip.proto != IPPROTO_UDP)
		goto other;
	/* A damaged tag must not make a frame of ours look like another's. */
	if (udp.dst != htons(PORT_DST) && udp.src != htons(PORT_DST))
		goto other;
	memcpy(&tag, buf + off + sizeof(ip) + sizeof(udp), sizeof(tag));
	if (tag.magic == htonl(MAGIC) &&
	    ntohl(tag.stream_seq_hi) >> 16 != frame.stream)
		goto other;

	res.received++;
	res.bytes += len;
	res.tagged += tci != -1;
	l3 = ntohs(ip.len);
	if (tag.magic != htonl(MAGIC) || off + l3 > len ||
	    l3 < HEADERS - ETH_HLEN + sizeof(tag) ||
	    tag.crc != tag_crc(&tag, buf + off + sizeof(ip) + sizeof(udp) +
				     sizeof(tag),
			       l3 - sizeof(ip) - sizeof(udp) - sizeof(tag)) ||
	    tci != (frame.vlan ? (int)frame.vlan : -1)) {
		res.corrupt++;
		return;
	}
	seq = (uint64_t)(ntohl(tag.stream_seq_hi) & 0xffff) << 32 |
	      ntohl(tag.seq);
	n = seq - frame.seq0;
	if (seq < frame.seq0 || n >= frame.count) {
		res.stray++;
		return;
	}
	if (res.seen[n / 8] & 1 << n % 8) {
		res.duplicates++;
		return;
	}
	res.seen[n / 8] |= 1 << n % 8;
	res.unique++;
	if (n + 1 < res.last[ntohs(udp.src)])
		res.reordered++;
	else
		res.last[ntohs(udp.src)] = n + 1;
	return;
other:
	res.other++;
}

/* Before the first frame is judged. */
static void frame_expect(void)
{
	res.seen = calloc(1, frame.count / 8 + 1);
	if (!res.seen)
		die("memory");
}

static bool frame_all_right(void)
{
	return res.unique == frame.count && !res.duplicates && !res.corrupt &&
	       !res.stray;
}

/* The first part of a line of JSON; the caller ends it. */
static void frame_report(void)
{
	print_u64("{\"received\":", res.received);
	print_u64(",\"unique\":", res.unique);
	print_u64(",\"missing\":", frame.count - res.unique);
	print_u64(",\"duplicates\":", res.duplicates);
	print_u64(",\"corrupt\":", res.corrupt);
	print_u64(",\"reordered\":", res.reordered);
	print_u64(",\"stray\":", res.stray);
	print_u64(",\"other\":", res.other);
	print_u64(",\"tagged\":", res.tagged);
	print_u64(",\"bytes\":", res.bytes);
}

/* --- options --- */

/* The table for getopt_long(): @own options of a program, and those of frames. */
static const struct option *frame_longopts(const struct option *own)
{
	static const struct option common[] = {
		{ "count", 1, 0, 'c' }, { "seq0", 1, 0, 'q' },
		{ "stream", 1, 0, 'S' }, { "vlan", 1, 0, 'v' },
		{ "size", 1, 0, 's' }, { "size-max", 1, 0, 'm' },
		{ "flows", 1, 0, 'f' }, { "hosts", 1, 0, 'O' },
		{ "dst", 1, 0, 'd' }, { "dsts", 1, 0, 'D' },
		{ "src", 1, 0, 'e' }, { "bad-csum", 0, 0, 'b' },
		{}
	};
	static struct option all[64];
	unsigned int n = 0;

	while (own->name)
		all[n++] = *own++;
	memcpy(all + n, common, sizeof(common));
	return all;
}

/* An option that says what frames are like, by its letter. */
static bool frame_option(int c, const char *arg)
{
	switch (c) {
	case 'c':
		frame.count = number(arg, 1, 1ULL << 32);
		break;
	case 'q':
		frame.seq0 = number(arg, 0, 1ULL << 47);
		break;
	case 'S':
		frame.stream = number(arg, 0, 0xffff);
		break;
	case 'v':
		frame.vlan = number(arg, 1, 0xffff);
		break;
	case 's':
		frame.size = number(arg, FRAME_MIN, FRAME_MAX);
		break;
	case 'm':
		frame.size_max = number(arg, FRAME_MIN, FRAME_MAX);
		break;
	case 'f':
		frame.flows = number(arg, 1, 40000);
		break;
	case 'd':
		frame.have_dst = mac(arg, frame.dst);
		break;
	case 'D':
		frame.dsts = number(arg, 1, 256);
		break;
	case 'O':
		frame.hosts = number(arg, 1, 65534);
		break;
	case 'e':
		frame.have_src = mac(arg, frame.src);
		break;
	case 'b':
		frame.bad_csum = true;
		break;
	default:
		return false;
	}
	return true;
}

#endif

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The parts of qlgestat that no kernel at hand can be made to exercise:
 * counters beyond 32 bits, attributes of a newer kernel, broken messages,
 * counters that go back, names that are not UTF-8.
 */
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <stdlib.h>
#include <string.h>

#include "qlgestat.h"

static unsigned int number, failed;

static void verdict(bool good, const char *what)
{
	number++;
	if (!good)
		failed++;
	fprintf(stderr, "%sok %u - %s\n", good ? "" : "not ", number, what);
}

static char buf[1024] __attribute__((aligned(NLMSG_ALIGNTO)));

static struct nlmsghdr *message(void)
{
	struct nlmsghdr *nlh;

	memset(buf, 0, sizeof(buf));
	nlh = mnl_nlmsg_put_header(buf);
	mnl_nlmsg_put_extra_header(nlh, sizeof(struct genlmsghdr));
	return nlh;
}

static void test_parse(void)
{
	struct nlmsghdr *nlh;
	bool is_queue, good;
	struct queue q;
	int ifindex;

	nlh = message();
	mnl_attr_put_u32(nlh, NETDEV_A_QSTATS_IFINDEX, 7);
	mnl_attr_put_u32(nlh, NETDEV_A_QSTATS_QUEUE_TYPE,
			 NETDEV_QUEUE_TYPE_TX);
	mnl_attr_put_u32(nlh, NETDEV_A_QSTATS_QUEUE_ID, 3);
	mnl_attr_put_u32(nlh, NETDEV_A_QSTATS_TX_PACKETS, 0xffffffff);
	mnl_attr_put_u64(nlh, NETDEV_A_QSTATS_TX_BYTES, 0x123456789abULL);
	good = qstats_parse(nlh, &ifindex, &is_queue, &q);
	verdict(good && ifindex == 7 && is_queue && q.id == 3 &&
		q.type == NETDEV_QUEUE_TYPE_TX, "a queue row is understood");
	verdict(q.stats.value[NETDEV_A_QSTATS_TX_PACKETS] == 0xffffffff &&
		q.stats.value[NETDEV_A_QSTATS_TX_BYTES] == 0x123456789abULL,
		"a counter may have 4 or 8 bytes");
	verdict(!qstats_has(&q.stats, NETDEV_A_QSTATS_TX_STOP) &&
		qstats_has(&q.stats, NETDEV_A_QSTATS_TX_BYTES),
		"only counters in the message are present");

	nlh = message();
	mnl_attr_put_u32(nlh, NETDEV_A_QSTATS_IFINDEX, 7);
	mnl_attr_put_u64(nlh, NETDEV_A_QSTATS_MAX + 1, 1);
	mnl_attr_put_strz(nlh, NETDEV_A_QSTATS_MAX + 200, "from the future");
	mnl_attr_put_u8(nlh, NETDEV_A_QSTATS_SCOPE + 1, 1);
	mnl_attr_put_u32(nlh, NETDEV_A_QSTATS_RX_ALLOC_FAIL, 5);
	good = qstats_parse(nlh, &ifindex, &is_queue, &q);
	verdict(good && !is_queue && q.stats.present ==
		1ULL << NETDEV_A_QSTATS_RX_ALLOC_FAIL &&
		q.stats.value[NETDEV_A_QSTATS_RX_ALLOC_FAIL] == 5,
		"unknown attributes are skipped");

	nlh = message();
	mnl_attr_put_u32(nlh, NETDEV_A_QSTATS_IFINDEX, 7);
	mnl_attr_put_u16(nlh, NETDEV_A_QSTATS_RX_PACKETS, 1);
	verdict(!qstats_parse(nlh, &ifindex, &is_queue, &q),
		"a counter of 2 bytes is refused");

	nlh = message();
	mnl_attr_put_u32(nlh, NETDEV_A_QSTATS_RX_PACKETS, 1);
	verdict(!qstats_parse(nlh, &ifindex, &is_queue, &q),
		"a message without device is refused");

	nlh = message();
	mnl_attr_put_u32(nlh, NETDEV_A_QSTATS_IFINDEX, 7);
	mnl_attr_put_u32(nlh, NETDEV_A_QSTATS_QUEUE_ID, 0);
	verdict(!qstats_parse(nlh, &ifindex, &is_queue, &q),
		"a queue without type is refused");
}

static void test_table(void)
{
	const struct counter *c;
	uint64_t seen = 0;
	unsigned int n = 0;

	for (c = counters; c->attr; c++) {
		seen |= 1ULL << c->attr;
		n++;
	}
	verdict(n == NETDEV_A_QSTATS_MAX - NETDEV_A_QSTATS_RX_PACKETS + 1 &&
		seen == (1ULL << (NETDEV_A_QSTATS_MAX + 1)) -
			(1ULL << NETDEV_A_QSTATS_RX_PACKETS),
		"every counter of the header has a name, once");
}

static void test_rate(void)
{
	const unsigned int attr = NETDEV_A_QSTATS_RX_PACKETS;
	struct qstats now = {}, before = {};
	double rate = -1;

	now.present = 1ULL << attr;
	now.value[attr] = 1500;
	before.value[attr] = 1000;
	verdict(!counter_rate(&now, &before, attr, 1, &rate) &&
		!counter_rate(&now, NULL, attr, 1, &rate),
		"no rate for a counter that was not there before");
	before.present = now.present;
	verdict(counter_rate(&now, &before, attr, 2.5, &rate) && rate == 200,
		"a rate is per second");
	verdict(!qstats_went_back(&now, &before), "a counter that rose");
	now.value[attr] = 999;
	rate = -1;
	verdict(qstats_went_back(&now, &before) && rate == -1 &&
		!counter_rate(&now, &before, attr, 1, &rate) && rate == -1,
		"a counter that went back has no rate");
	now.present = 0;
	verdict(!qstats_went_back(&now, &before),
		"a counter that vanished did not go back");
}

/* Read by jq on the other side of the pipe. */
static void print_json(bool pretty)
{
	json_begin(pretty);
	json_open(NULL, '{');
	json_str("quote", "a\"b\\c\n\x01\x7f");
	json_str("utf8", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\xa7");
	json_str("broken", "x\xff\xc3y\xed\xa0\x80\xc0\xaf");
	json_uint("max", UINT64_MAX);
	json_int("min", INT32_MIN);
	json_double("half", 0.5, 1);
	json_open("empty", '[');
	json_close(']');
	json_open("list", '[');
	json_bool(NULL, true);
	json_open(NULL, '{');
	json_close('}');
	json_close(']');
	json_close('}');
}

int main(int argc, char **argv)
{
	if (argc == 2) {
		print_json(!strcmp(argv[1], "pretty"));
		return 0;
	}
	test_parse();
	test_table();
	test_rate();
	return failed ? 1 : 0;
}

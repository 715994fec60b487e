// SPDX-License-Identifier: GPL-2.0-only
/*
 * netdev_map IFACE: what the kernel's "netdev" family says about a device,
 * one fact per line:
 *
 *	xdp-features 0x7
 *	queue rx 0 napi 8193		"napi -": not told
 *	napi 8193 irq 24
 *
 * netdev_map IFACE watch: "watching", then the features whenever the kernel
 * tells that they have changed.
 *
 * No tool of Debian 12 asks for that.
 */
#include <errno.h>
#include <inttypes.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* <linux/netdev.h>, which Debian 12 lacks; numbers as of Linux 6.12 */
enum {
	CMD_DEV_GET = 1, CMD_DEV_CHANGE_NTF = 4, CMD_QUEUE_GET = 10,
	CMD_NAPI_GET = 11
};

enum { DEV_IFINDEX = 1, DEV_XDP_FEATURES = 3 };
enum { QUEUE_ID = 1, QUEUE_IFINDEX, QUEUE_TYPE, QUEUE_NAPI_ID };
enum { NAPI_IFINDEX = 1, NAPI_ID, NAPI_IRQ };
#define ATTR_MAX	8

static struct mnl_socket *nl;
static unsigned int seq;

static void die(const char *what)
{
	fprintf(stderr, "netdev_map: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int on_attr(const struct nlattr *attr, void *data)
{
	const struct nlattr **table = data;

	if (mnl_attr_get_type(attr) < ATTR_MAX)
		table[mnl_attr_get_type(attr)] = attr;
	return MNL_CB_OK;
}

static void parse(const struct nlmsghdr *nlh, const struct nlattr **table)
{
	memset(table, 0, ATTR_MAX * sizeof(*table));
	mnl_attr_parse(nlh, sizeof(struct genlmsghdr), on_attr, table);
}

struct family {
	uint16_t	id;
	int		mgmt;	/* its group of notifications */
};

static int on_family(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *attr[ATTR_MAX], *group, *part;
	struct family *family = data;

	parse(nlh, attr);
	if (attr[CTRL_ATTR_FAMILY_ID])
		family->id = mnl_attr_get_u16(attr[CTRL_ATTR_FAMILY_ID]);
	if (!attr[CTRL_ATTR_MCAST_GROUPS])
		return MNL_CB_OK;
	mnl_attr_for_each_nested(group, attr[CTRL_ATTR_MCAST_GROUPS]) {
		const struct nlattr *of[ATTR_MAX] = {};

		mnl_attr_for_each_nested(part, group)
			on_attr(part, of);
		if (of[CTRL_ATTR_MCAST_GRP_NAME] && of[CTRL_ATTR_MCAST_GRP_ID] &&
		    !strcmp(mnl_attr_get_str(of[CTRL_ATTR_MCAST_GRP_NAME]), "mgmt"))
			family->mgmt = mnl_attr_get_u32(of[CTRL_ATTR_MCAST_GRP_ID]);
	}
	return MNL_CB_OK;
}

static int on_dev(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *attr[ATTR_MAX];

	parse(nlh, attr);
	if (attr[DEV_IFINDEX] &&
	    mnl_attr_get_u32(attr[DEV_IFINDEX]) == *(const uint32_t *)data &&
	    attr[DEV_XDP_FEATURES])
		printf("xdp-features %#" PRIx64 "\n",
		       mnl_attr_get_u64(attr[DEV_XDP_FEATURES]));
	return MNL_CB_OK;
}

static int on_queue(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *attr[ATTR_MAX];

	(void)data;
	parse(nlh, attr);
	if (!attr[QUEUE_ID] || !attr[QUEUE_TYPE])
		return MNL_CB_ERROR;
	printf("queue %s %u napi ",
	       mnl_attr_get_u32(attr[QUEUE_TYPE]) ? "tx" : "rx",
	       mnl_attr_get_u32(attr[QUEUE_ID]));
	if (attr[QUEUE_NAPI_ID])
		printf("%u\n", mnl_attr_get_u32(attr[QUEUE_NAPI_ID]));
	else
		puts("-");
	return MNL_CB_OK;
}

static int on_napi(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *attr[ATTR_MAX];

	(void)data;
	parse(nlh, attr);
	if (!attr[NAPI_ID])
		return MNL_CB_ERROR;
	printf("napi %u irq ", mnl_attr_get_u32(attr[NAPI_ID]));
	if (attr[NAPI_IRQ])
		printf("%u\n", mnl_attr_get_u32(attr[NAPI_IRQ]));
	else
		puts("-");
	return MNL_CB_OK;
}

/* @attr is put with the value @index, or with the name @name. */
static void ask(uint16_t family, uint8_t cmd, uint16_t flags, uint16_t attr,
		uint32_t index, const char *name, mnl_cb_t cb, void *data)
{
	char buf[8192] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl;
	int rc;

	nlh->nlmsg_type = family;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = ++seq;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = 1;
	if (name)
		mnl_attr_put_strz(nlh, attr, name);
	else
		mnl_attr_put_u32(nlh, attr, index);
	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		die("send");
	do {
		ssize_t len = mnl_socket_recvfrom(nl, buf, sizeof(buf));

		if (len < 0)
			die("receive");
		rc = mnl_cb_run(buf, len, seq, mnl_socket_get_portid(nl), cb,
				data);
	} while (rc > MNL_CB_STOP);
	if (rc < 0)
		die("answer");
}

static int on_change(const struct nlmsghdr *nlh, void *data)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);

	return genl->cmd == CMD_DEV_CHANGE_NTF ? on_dev(nlh, data) : MNL_CB_OK;
}

static void watch(int group, uint32_t index)
{
	char buf[8192] __attribute__((aligned(NLMSG_ALIGNTO)));

	if (mnl_socket_setsockopt(nl, NETLINK_ADD_MEMBERSHIP, &group,
				  sizeof(group)) < 0)
		die("group mgmt");
	setlinebuf(stdout);
	puts("watching");
	for (;;) {
		ssize_t len = mnl_socket_recvfrom(nl, buf, sizeof(buf));

		if (len < 0 || mnl_cb_run(buf, len, 0, 0, on_change, &index) < 0)
			die("receive");
	}
}

int main(int argc, char **argv)
{
	struct family family = {};
	uint32_t index;

	if (argc != 2 && (argc != 3 || strcmp(argv[2], "watch"))) {
		fputs("usage: netdev_map IFACE [watch]\n", stderr);
		return 2;
	}
	index = if_nametoindex(argv[1]);
	if (!index)
		die(argv[1]);
	nl = mnl_socket_open(NETLINK_GENERIC);
	if (!nl || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0)
		die("netlink");
	ask(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, NLM_F_ACK, CTRL_ATTR_FAMILY_NAME,
	    0, "netdev", on_family, &family);
	if (!family.id)
		die("no family netdev");
	if (argc == 3)
		watch(family.mgmt, index);
	ask(family.id, CMD_DEV_GET, NLM_F_ACK, DEV_IFINDEX, index, NULL, on_dev,
	    &index);
	ask(family.id, CMD_QUEUE_GET, NLM_F_DUMP, QUEUE_IFINDEX, index, NULL,
	    on_queue, NULL);
	ask(family.id, CMD_NAPI_GET, NLM_F_DUMP, NAPI_IFINDEX, index, NULL,
	    on_napi, NULL);
	return 0;
}

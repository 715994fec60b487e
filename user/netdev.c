// SPDX-License-Identifier: GPL-2.0-only
/* Queue statistics by the netdev family, names and XDP programs by rtnetlink. */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "qlgestat.h"

/* How often an interrupted dump is asked for anew. */
#define DUMP_TRIES	32

#define RX(attr, name)	\
	{ NETDEV_A_QSTATS_RX_##attr, NETDEV_QUEUE_TYPE_RX, name }
#define TX(attr, name)	\
	{ NETDEV_A_QSTATS_TX_##attr, NETDEV_QUEUE_TYPE_TX, name }

const struct counter counters[] = {
	RX(PACKETS, "packets"),
	RX(BYTES, "bytes"),
	RX(ALLOC_FAIL, "alloc-fail"),
	RX(HW_DROPS, "hw-drops"),
	RX(HW_DROP_OVERRUNS, "hw-drop-overruns"),
	RX(HW_DROP_RATELIMITS, "hw-drop-ratelimits"),
	RX(CSUM_COMPLETE, "csum-complete"),
	RX(CSUM_UNNECESSARY, "csum-unnecessary"),
	RX(CSUM_NONE, "csum-none"),
	RX(CSUM_BAD, "csum-bad"),
	RX(HW_GRO_PACKETS, "hw-gro-packets"),
	RX(HW_GRO_BYTES, "hw-gro-bytes"),
	RX(HW_GRO_WIRE_PACKETS, "hw-gro-wire-packets"),
	RX(HW_GRO_WIRE_BYTES, "hw-gro-wire-bytes"),
	TX(PACKETS, "packets"),
	TX(BYTES, "bytes"),
	TX(STOP, "stop"),
	TX(WAKE, "wake"),
	TX(HW_DROPS, "hw-drops"),
	TX(HW_DROP_ERRORS, "hw-drop-errors"),
	TX(HW_DROP_RATELIMITS, "hw-drop-ratelimits"),
	TX(CSUM_NONE, "csum-none"),
	TX(NEEDS_CSUM, "needs-csum"),
	TX(HW_GSO_PACKETS, "hw-gso-packets"),
	TX(HW_GSO_BYTES, "hw-gso-bytes"),
	TX(HW_GSO_WIRE_PACKETS, "hw-gso-wire-packets"),
	TX(HW_GSO_WIRE_BYTES, "hw-gso-wire-bytes"),
	{ 0 }
};

_Static_assert(NETDEV_A_QSTATS_MAX < 64, "struct qstats has 64 bits");

static uint16_t family;
static char rxbuf[65536];

static int on_error(const struct nlmsghdr *nlh, void *data)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);

	(void)data;
	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*err)) {
		errno = EBADMSG;
		return MNL_CB_ERROR;
	}
	if (!err->error)
		return MNL_CB_STOP;
	errno = abs(err->error);
	return MNL_CB_ERROR;
}

/* libmnl 1.0.4 throws away the error that a dump may end with. */
static int on_done(const struct nlmsghdr *nlh, void *data)
{
	const int *err = mnl_nlmsg_get_payload(nlh);

	(void)data;
	if (mnl_nlmsg_get_payload_len(nlh) >= sizeof(*err) && *err < 0) {
		errno = -*err;
		return MNL_CB_ERROR;
	}
	return MNL_CB_STOP;
}

/*
 * Sends one request and feeds the answers to @cb. A socket of its own each
 * time: what is left of a dump given up half way dies with it.
 * Returns 0 or a negative errno; -EINTR: the dump is not consistent.
 */
static int talk(int bus, struct nlmsghdr *req, mnl_cb_t cb, void *data)
{
	static mnl_cb_t ctl[] = {
		[NLMSG_ERROR] = on_error,
		[NLMSG_DONE] = on_done,
	};
	struct mnl_socket *nl;
	unsigned int port;
	int ret;

	nl = mnl_socket_open2(bus, SOCK_CLOEXEC);
	if (!nl)
		return -errno;
	if (mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0)
		goto err;
	port = mnl_socket_get_portid(nl);
	req->nlmsg_seq = 1;
	if (mnl_socket_sendto(nl, req, req->nlmsg_len) < 0)
		goto err;

	do {
		ssize_t len = mnl_socket_recvfrom(nl, rxbuf, sizeof(rxbuf));

		if (len < 0)
			goto err;
		ret = mnl_cb_run2(rxbuf, len, req->nlmsg_seq, port, cb, data,
				  ctl, sizeof(ctl) / sizeof(ctl[0]));
		/* The answer to a request that is no dump has no "done". */
		if (ret == MNL_CB_OK && !(req->nlmsg_flags & NLM_F_DUMP))
			break;
	} while (ret > MNL_CB_STOP);
	if (ret < 0)
		goto err;
	mnl_socket_close(nl);
	return 0;

err:
	ret = -errno;
	mnl_socket_close(nl);
	return ret;
}

static struct nlmsghdr *genl_request(char *buf, uint16_t type, uint8_t cmd,
				     uint8_t version, uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = version;
	return nlh;
}

struct family_info {
	uint16_t id;
	bool has_qstats;
};

static int on_family(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *attr, *op, *a;
	struct family_info *info = data;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		switch (mnl_attr_get_type(attr)) {
		case CTRL_ATTR_FAMILY_ID:
			if (mnl_attr_validate(attr, MNL_TYPE_U16) < 0)
				return MNL_CB_ERROR;
			info->id = mnl_attr_get_u16(attr);
			break;
		case CTRL_ATTR_OPS:
			mnl_attr_for_each_nested(op, attr)
				mnl_attr_for_each_nested(a, op)
					if (mnl_attr_get_type(a) ==
					    CTRL_ATTR_OP_ID &&
					    mnl_attr_validate(a, MNL_TYPE_U32)
					    >= 0 && mnl_attr_get_u32(a) ==
					    NETDEV_CMD_QSTATS_GET)
						info->has_qstats = true;
			break;
		}
	}
	return MNL_CB_OK;
}

int netdev_open(void)
{
	char buf[256] __attribute__((aligned(NLMSG_ALIGNTO))) = {};
	struct family_info info = {};
	struct nlmsghdr *nlh;
	int err;

	nlh = genl_request(buf, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1, 0);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, NETDEV_FAMILY_NAME);
	err = talk(NETLINK_GENERIC, nlh, on_family, &info);
	if (err == -ENOENT || (!err && !info.has_qstats))
		return fail(EX_KERNEL, "no queue statistics in this kernel, Linux 6.9 has them");
	if (err == -EPERM || err == -EACCES)
		return fail(EX_PERM, "netlink: %s", strerror(-err));
	if (err)
		return fail(EX_FAIL, "netlink: %s", strerror(-err));
	family = info.id;
	return EX_OK;
}

/* A netlink "uint" is as long as its value needs: 4 or 8 bytes. */
static bool get_uint(const struct nlattr *attr, uint64_t *value)
{
	switch (mnl_attr_get_payload_len(attr)) {
	case 4:
		*value = mnl_attr_get_u32(attr);
		return true;
	case 8:
		*value = mnl_attr_get_u64(attr);
		return true;
	}
	return false;
}

bool qstats_parse(const struct nlmsghdr *nlh, int *ifindex, bool *is_queue,
		  struct queue *q)
{
	bool has_type = false, has_id = false;
	const struct nlattr *attr;

	memset(q, 0, sizeof(*q));
	*ifindex = 0;
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		unsigned int type = mnl_attr_get_type(attr);
		uint64_t value;

		if (type > NETDEV_A_QSTATS_MAX ||
		    (type > NETDEV_A_QSTATS_SCOPE &&
		     type < NETDEV_A_QSTATS_RX_PACKETS))
			continue;
		if (!get_uint(attr, &value))
			return false;
		switch (type) {
		case NETDEV_A_QSTATS_IFINDEX:
			*ifindex = value;
			break;
		case NETDEV_A_QSTATS_QUEUE_TYPE:
			q->type = value;
			has_type = true;
			break;
		case NETDEV_A_QSTATS_QUEUE_ID:
			q->id = value;
			has_id = true;
			break;
		case NETDEV_A_QSTATS_SCOPE:
			break;
		default:
			q->stats.value[type] = value;
			q->stats.present |= 1ULL << type;
			break;
		}
	}
	*is_queue = has_type && has_id;
	return *ifindex > 0 && has_type == has_id;
}

static struct dev *get_dev(struct snapshot *s, int ifindex)
{
	size_t i;

	for (i = 0; i < s->n_devs; i++)
		if (s->devs[i].ifindex == ifindex)
			return &s->devs[i];
	return NULL;
}

const struct dev *snapshot_find(const struct snapshot *s, int ifindex)
{
	return get_dev((struct snapshot *)s, ifindex);
}

const struct queue *dev_find_queue(const struct dev *d, uint32_t type,
				   uint32_t id)
{
	size_t i;

	for (i = 0; i < d->n_queues; i++)
		if (d->queues[i].type == type && d->queues[i].id == id)
			return &d->queues[i];
	return NULL;
}

static int on_qstats(const struct nlmsghdr *nlh, void *data)
{
	struct snapshot *s = data;
	bool is_queue;
	struct queue q;
	struct dev *d;
	void *grown;
	int ifindex;

	if (!qstats_parse(nlh, &ifindex, &is_queue, &q)) {
		errno = EBADMSG;
		return MNL_CB_ERROR;
	}
	d = get_dev(s, ifindex);
	if (!is_queue) {
		if (d)
			return MNL_CB_OK;
		grown = reallocarray(s->devs, s->n_devs + 1, sizeof(*s->devs));
		if (!grown)
			return MNL_CB_ERROR;
		s->devs = grown;
		d = &s->devs[s->n_devs++];
		memset(d, 0, sizeof(*d));
		d->ifindex = ifindex;
		d->stats = q.stats;
		return MNL_CB_OK;
	}

	/* A device that came between the two dumps has to wait. */
	if (!d)
		return MNL_CB_OK;
	grown = reallocarray(d->queues, d->n_queues + 1, sizeof(*d->queues));
	if (!grown)
		return MNL_CB_ERROR;
	d->queues = grown;
	d->queues[d->n_queues++] = q;
	return MNL_CB_OK;
}

static int get_qstats(int ifindex, bool per_queue, struct snapshot *s)
{
	char buf[256] __attribute__((aligned(NLMSG_ALIGNTO))) = {};
	struct nlmsghdr *nlh;

	nlh = genl_request(buf, family, NETDEV_CMD_QSTATS_GET,
			   NETDEV_FAMILY_VERSION, NLM_F_DUMP);
	if (ifindex)
		mnl_attr_put_u32(nlh, NETDEV_A_QSTATS_IFINDEX, ifindex);
	if (per_queue)
		mnl_attr_put_u32(nlh, NETDEV_A_QSTATS_SCOPE,
				 NETDEV_QSTATS_SCOPE_QUEUE);
	return talk(NETLINK_GENERIC, nlh, on_qstats, s);
}

static void add_xdp(struct dev *d, const char *mode, uint32_t id)
{
	if (id && d->n_xdp < sizeof(d->xdp) / sizeof(d->xdp[0]))
		d->xdp[d->n_xdp++] = (struct xdp_prog){ mode, id };
}

static void parse_xdp(const struct nlattr *nest, struct dev *d)
{
	static const char * const modes[] = {
		[XDP_ATTACHED_DRV] = "native",
		[XDP_ATTACHED_SKB] = "generic",
		[XDP_ATTACHED_HW] = "offload",
	};
	uint32_t id[IFLA_XDP_MAX + 1] = {};
	const struct nlattr *attr;
	unsigned int attached = 0;

	mnl_attr_for_each_nested(attr, nest) {
		unsigned int type = mnl_attr_get_type(attr);

		if (type == IFLA_XDP_ATTACHED &&
		    mnl_attr_validate(attr, MNL_TYPE_U8) >= 0)
			attached = mnl_attr_get_u8(attr);
		else if (type <= IFLA_XDP_MAX &&
			 mnl_attr_validate(attr, MNL_TYPE_U32) >= 0)
			id[type] = mnl_attr_get_u32(attr);
	}
	if (attached == XDP_ATTACHED_MULTI) {
		add_xdp(d, "native", id[IFLA_XDP_DRV_PROG_ID]);
		add_xdp(d, "generic", id[IFLA_XDP_SKB_PROG_ID]);
		add_xdp(d, "offload", id[IFLA_XDP_HW_PROG_ID]);
	} else if (attached < sizeof(modes) / sizeof(modes[0]) &&
		   modes[attached]) {
		add_xdp(d, modes[attached], id[IFLA_XDP_PROG_ID]);
	}
}

static int on_link(const struct nlmsghdr *nlh, void *data)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;
	struct snapshot *s = data;
	struct dev *d;

	if (nlh->nlmsg_type != RTM_NEWLINK ||
	    mnl_nlmsg_get_payload_len(nlh) < sizeof(*ifi))
		return MNL_CB_OK;
	d = get_dev(s, ifi->ifi_index);
	if (!d)
		return MNL_CB_OK;
	d->up = ifi->ifi_flags & IFF_UP;
	mnl_attr_for_each(attr, nlh, sizeof(*ifi)) {
		switch (mnl_attr_get_type(attr)) {
		case IFLA_IFNAME:
			if (mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0)
				snprintf(d->name, sizeof(d->name), "%s",
					 mnl_attr_get_str(attr));
			break;
		case IFLA_XDP:
			parse_xdp(attr, d);
			break;
		}
	}
	return MNL_CB_OK;
}

static int get_links(int ifindex, struct snapshot *s)
{
	char buf[256] __attribute__((aligned(NLMSG_ALIGNTO))) = {};
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *ifi;

	nlh->nlmsg_type = RTM_GETLINK;
	nlh->nlmsg_flags = NLM_F_REQUEST | (ifindex ? 0 : NLM_F_DUMP);
	ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	ifi->ifi_index = ifindex;
	mnl_attr_put_u32(nlh, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	return talk(NETLINK_ROUTE, nlh, on_link, s);
}

static int by_ifindex(const void *a, const void *b)
{
	const struct dev *x = a, *y = b;

	return (x->ifindex > y->ifindex) - (x->ifindex < y->ifindex);
}

static int by_queue(const void *a, const void *b)
{
	const struct queue *x = a, *y = b;

	if (x->type != y->type)
		return (x->type > y->type) - (x->type < y->type);
	return (x->id > y->id) - (x->id < y->id);
}

static int take_once(int ifindex, struct snapshot *s)
{
	size_t i, kept = 0;
	int err;

	memset(s, 0, sizeof(*s));
	s->real_ns = now_ns(CLOCK_REALTIME);
	s->mono_ns = now_ns(CLOCK_MONOTONIC);
	err = get_qstats(ifindex, false, s);
	if (!err)
		err = get_qstats(ifindex, true, s);
	if (!err)
		err = get_links(ifindex, s);
	if (err) {
		snapshot_free(s);
		return err;
	}

	/* Nameless: gone between the dumps. */
	for (i = 0; i < s->n_devs; i++) {
		if (s->devs[i].name[0])
			s->devs[kept++] = s->devs[i];
		else
			free(s->devs[i].queues);
	}
	s->n_devs = kept;
	if (kept)
		qsort(s->devs, kept, sizeof(*s->devs), by_ifindex);
	for (i = 0; i < kept; i++)
		if (s->devs[i].n_queues)
			qsort(s->devs[i].queues, s->devs[i].n_queues,
			      sizeof(struct queue), by_queue);
	return ifindex && !kept ? -ENODEV : 0;
}

int snapshot_take(int ifindex, const char *name, struct snapshot *s)
{
	unsigned int tries = 0;
	int err;

	do {
		err = take_once(ifindex, s);
	} while (err == -EINTR && ++tries < DUMP_TRIES);

	switch (err) {
	case 0:
		return EX_OK;
	case -ENODEV:
		return fail(EX_NODEV, "%s: no such device", name);
	case -EOPNOTSUPP:
		return fail(EX_DRIVER, "%s: its driver has no queue statistics",
			    name);
	case -EPERM:
	case -EACCES:
		return fail(EX_PERM, "netlink: %s", strerror(-err));
	case -EINTR:
		return fail(EX_FAIL, "netlink: the devices change faster than they can be read");
	default:
		return fail(EX_FAIL, "netlink: %s", strerror(-err));
	}
}

void snapshot_free(struct snapshot *s)
{
	size_t i;

	for (i = 0; i < s->n_devs; i++)
		free(s->devs[i].queues);
	free(s->devs);
	memset(s, 0, sizeof(*s));
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Preloaded into qlgestat. Marks the first $NETLINK_INTR netlink dumps as
 * inconsistent, which the kernel does only when it loses a race; the answer
 * itself is left as it came.
 */
#include <dlfcn.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <sys/socket.h>

ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
	static ssize_t (*real)(int, struct msghdr *, int);
	static long left = -1;
	struct nlmsghdr *nlh;
	ssize_t len;
	size_t rest;

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "recvmsg");
	if (left < 0)
		left = atol(getenv("NETLINK_INTR") ?: "0");
	len = real(fd, msg, flags);
	if (len < 0 || !left)
		return len;
	/* Not every message of a dump says that it belongs to one. */
	for (nlh = msg->msg_iov[0].iov_base, rest = len; NLMSG_OK(nlh, rest);
	     nlh = NLMSG_NEXT(nlh, rest)) {
		if (nlh->nlmsg_flags & NLM_F_MULTI) {
			nlh->nlmsg_flags |= NLM_F_DUMP_INTR;
			left--;
			break;
		}
	}
	return len;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * xdp_attach [-b] DEV OBJ PIN: attaches the XDP program of an object file by a
 * BPF link, in native mode, pins the link and ends.  With -b the program is
 * bound to the device, so that it may ask for metadata.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifndef BPF_F_XDP_DEV_BOUND_ONLY
#define BPF_F_XDP_DEV_BOUND_ONLY	(1U << 6)
#endif

static int fail(const char *what, int err)
{
	fprintf(stderr, "xdp_attach: %s: %s\n", what, strerror(err));
	return 1;
}

int main(int argc, char **argv)
{
	struct bpf_link_create_opts opts = {
		.sz = sizeof(opts), .flags = XDP_FLAGS_DRV_MODE,
	};
	bool bound = argc > 1 && !strcmp(argv[1], "-b");
	struct bpf_program *prog;
	struct bpf_object *obj;
	int ifindex, fd;

	if (argc != 4 + bound) {
		fprintf(stderr, "usage: xdp_attach [-b] DEV OBJ PIN\n");
		return 2;
	}
	argv += bound;
	ifindex = if_nametoindex(argv[1]);
	if (!ifindex)
		return fail(argv[1], errno);
	obj = bpf_object__open_file(argv[2], NULL);
	if (!obj)
		return fail(argv[2], errno);
	prog = bpf_object__next_program(obj, NULL);
	if (!prog)
		return fail("no program", ENOENT);
	if (bound) {
		bpf_program__set_ifindex(prog, ifindex);
		bpf_program__set_flags(prog, bpf_program__flags(prog) |
					     BPF_F_XDP_DEV_BOUND_ONLY);
	}
	if (bpf_object__load(obj))
		return fail("load", errno);
	fd = bpf_link_create(bpf_program__fd(prog), ifindex, BPF_XDP, &opts);
	if (fd < 0)
		return fail("attach", errno);
	if (bpf_obj_pin(fd, argv[3]))
		return fail("pin", errno);
	close(fd);
	bpf_object__close(obj);
	return 0;
}

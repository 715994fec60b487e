# SPDX-License-Identifier: GPL-2.0-only
#
# Front door; "make help" lists the targets.  Everything built lies in build/,
# slow artefacts (QEMU, guest kernels) in $QLGE_CACHE, by default
# ~/.cache/qlge.

VERSION := 0.1.0
B := $(CURDIR)/build
PREFIX ?= /usr/local
DESTDIR ?=
# For "install": where a kernel's build tree is.
KDIR ?= /lib/modules/$(shell uname -r)/build
CFLAGS ?= -O2 -g

help:
	@echo 'qlge $(VERSION): driver, tools and tests for QLogic QLE81xx/QLE82xx'
	@echo
	@echo '  make deps      install the Debian packages that the rest needs (root)'
	@echo '  make all       build the driver for Debian'\''s 6.12, BPF programs, qlgestat'
	@echo '  make demo      see it work in a virtual machine, with a summary'
	@echo '  make check     run all tests (ONLY=regex: some of them)'
	@echo '  make check-newest  the suites of the driver on Linux 7.3'
	@echo '  make check-debug   all of them on the debug kernel'
	@echo '  make lint      static checks alone'
	@echo '  make vm        a shell in the guest (KERNEL=stock|debug|old|newest-stock|newest)'
	@echo '  make fuzz      fuzz the emulated card until ctrl-c'
	@echo '  make bench     guest instructions per packet'
	@echo '  make dkms      install the driver by DKMS, for every kernel from 6.12 on'
	@echo '  make install-user  install BPF programs and qlgestat'
	@echo '  make install   install driver (one kernel, KDIR=), BPF programs and qlgestat'
	@echo '  make intree    put the driver into a kernel tree (DEST=)'
	@echo '  make clean     remove build/; the cache stays'
	@echo
	@echo 'check and demo do all their set-up themselves.  On two cores without KVM'
	@echo 'demo takes 4 minutes the first time, check about 40, later less than 30.'

deps:
	@selftests/deps.sh

all: deps
	selftests/vm/module.sh stock
	$(MAKE) -j$(shell nproc) -C bpf O=$(B)/bpf
	$(MAKE) -j$(shell nproc) -C user O=$(B)/user BPF_O=$(B)/bpf

# Tools that run in the guest, and the module for the debug kernel.
tests: all $(B)/selftests/frames $(B)/selftests/flags $(B)/selftests/netdev_map \
		$(B)/selftests/xdp_attach $(B)/selftests/xsk
	$(MAKE) -C selftests/faults O=$(B)/selftests BPF_O=$(B)/bpf
	$(MAKE) -j$(shell nproc) -C selftests/tool O=$(B)/tool BPF_O=$(B)/bpf
	$(MAKE) -C selftests/bench O=$(B)/selftests
	selftests/vm/module.sh debug
	selftests/vm/module.sh stock $(B)/selftests/pm/stock selftests/nic/pm
	selftests/vm/module.sh debug $(B)/selftests/pm/debug selftests/nic/pm

$(B)/selftests/frames: selftests/frames.c selftests/frame.h
$(B)/selftests/sample: selftests/demo/sample.c
$(B)/selftests/flags: selftests/vm/flags.c
$(B)/selftests/frames $(B)/selftests/sample $(B)/selftests/flags:
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -Wall -Wextra -Werror -o $@ $<

$(B)/selftests/netdev_map: selftests/nic/netdev_map.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -Wall -Wextra -Werror -o $@ $< -lmnl

$(B)/selftests/xdp_attach: selftests/xdp/xdp_attach.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -Wall -Wextra -Werror -o $@ $< -lbpf

$(B)/selftests/xsk: selftests/xdp/xsk.c selftests/frame.h
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -Wall -Wextra -Werror -o $@ $< -lbpf

check: deps
	@selftests/check.sh

# As long as make check itself, so not a part of it; the build for this kernel
# is.
check-newest: tests
	selftests/vm/module.sh newest
	selftests/vm/module.sh newest $(B)/selftests/pm/newest selftests/nic/pm
	selftests/check-kernel.sh newest

# An hour: make check has only the most important of them.
check-debug: tests
	selftests/check-kernel.sh debug

demo: all $(B)/selftests/frames $(B)/selftests/sample
	$(MAKE) -C selftests/faults O=$(B)/selftests BPF_O=$(B)/bpf
	selftests/demo/run.sh

bench: all $(B)/selftests/frames $(B)/selftests/xsk
	$(MAKE) -C selftests/bench O=$(B)/selftests
	selftests/bench/run.sh

lint: deps
	selftests/lint.sh

KERNEL ?= stock
vm: all $(B)/selftests/frames
	@[ $(KERNEL) = old ] || selftests/vm/module.sh $(KERNEL)
	selftests/vm/run.sh --kernel $(KERNEL) --shell

FUZZ_SECONDS ?= 0
fuzz: deps
	$(MAKE) -C selftests/emulator fuzz FUZZ_SECONDS=$(FUZZ_SECONDS)

# The kernel's own modules_install skips depmod where there is no System.map.
install: install-driver install-user
install-driver:
	@[ -f '$(KDIR)/Makefile' ] || { \
		echo 'no build tree of a kernel at $(KDIR): install linux-headers-amd64, or set KDIR=' >&2; \
		exit 1; }
	selftests/vm/module.sh $(KDIR) $(B)/kernel/install
	$(MAKE) -C $(KDIR) M=$(B)/kernel/install \
		INSTALL_MOD_PATH=$(DESTDIR) DEPMOD=true modules_install
	depmod $(if $(DESTDIR),-b $(DESTDIR)) \
		"$$($(MAKE) -s --no-print-directory -C $(KDIR) kernelrelease)"

install-user:
	$(MAKE) -C bpf O=$(B)/bpf PREFIX=$(PREFIX) DESTDIR=$(DESTDIR) install
	$(MAKE) -C user O=$(B)/user BPF_O=$(B)/bpf PREFIX=$(PREFIX) \
		DESTDIR=$(DESTDIR) install

DKMS_SRC := $(DESTDIR)/usr/src/qlge-$(VERSION)
dkms-tree:
	rm -rf $(DKMS_SRC)
	install -d $(DKMS_SRC)/kernel
	install -m 644 kernel/*.[ch] kernel/Kbuild kernel/Makefile kernel/compat.sh \
		$(DKMS_SRC)/kernel
	sed 's/#MODULE_VERSION#/$(VERSION)/' dkms.conf >$(DKMS_SRC)/dkms.conf

# For people who build kernels: DEST is a tree of the newest source.
intree:
	@kernel/intree.sh '$(DEST)'

dkms: dkms-tree
	@command -v dkms >/dev/null || \
		{ echo 'dkms is missing: apt-get install dkms' >&2; exit 1; }
	dkms build --force qlge/$(VERSION)
	dkms install --force qlge/$(VERSION)

clean:
	rm -rf build

.PHONY: help deps all tests check check-newest check-debug demo bench lint vm fuzz install \
	install-driver install-user intree dkms dkms-tree clean

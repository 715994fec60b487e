#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Installs what is missing of the Debian packages this tree needs.

set -euo pipefail

packages=(
	# kernels and modules
	gcc make bc bison flex libelf-dev libssl-dev dwarves lz4 kmod cpio
	xz-utils perl rsync
	# the emulator
	dpkg-dev ninja-build meson pkg-config libglib2.0-dev libpixman-1-dev
	libfdt-dev libcap-ng-dev libattr1-dev python3 seabios qemu-system-data
	libcmocka-dev
	# BPF and qlgestat
	clang llvm libclang-rt-14-dev libbpf-dev bpftool libmnl-dev zlib1g-dev
	linux-libc-dev
	# the guest
	busybox-static iproute2 ethtool iputils-ping util-linux jq gojq valgrind
	socat man-db xdp-tools
	# static checks
	sparse cppcheck shellcheck codespell git
)

missing=()
for p in "${packages[@]}"; do
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null)" = installed ] ||
		missing+=("$p")
done
[ ${#missing[@]} -gt 0 ] || exit 0

echo "deps: installing ${missing[*]}" >&2
if [ "$(id -u)" != 0 ]; then
	echo "deps: error: only root can install packages" >&2
	echo "deps: cure:  run make deps as root" >&2
	exit 1
fi
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { apt-get -q update &&
       apt-get -q -y --no-install-recommends install "${missing[@]}"; } >"$log" 2>&1; then
	tail -n 15 "$log" >&2
	echo "deps: error: the packages cannot be installed" >&2
	echo "deps: cure:  this needs Debian 12 and a network; see the lines above" >&2
	exit 1
fi

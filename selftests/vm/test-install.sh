#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The ways to install: "make intree" with the newest kernel's source, where the
# driver builds as a part of the kernel, without qlge_compat.h; "make install",
# after which modprobe finds the module; what DKMS is told.

set -uo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
exec 3>&1
# shellcheck source=selftests/vm/tap.sh
. selftests/vm/tap.sh

O=$PWD/build/install
dir=drivers/net/ethernet/qlogic
rm -rf "$O"
mkdir -p "$O"

source=$(selftests/vm/kernels.sh newest-source) || exit 1
settings=$(selftests/vm/kernels.sh newest-stock) || exit 1
eval "$settings"

# A tree that can be changed: links, but for the path to the driver.
lower()
{
	local path=$1 entry

	for entry in "$source/$path"* "$source/$path".[a-z]*; do
		[ ! -e "$entry" ] || ln -s "$entry" "$O/tree/$path"
	done
}

make_tree()
{
	local path='' part

	mkdir -p "$O/tree"
	lower ''
	for part in drivers net ethernet qlogic; do
		path+=$part
		rm "$O/tree/$path"
		mkdir "$O/tree/$path"
		path+=/
		lower "$path"
	done
	# What is written to must be no link.
	for part in Kconfig Makefile; do
		cp --remove-destination "$source/$dir/$part" "$O/tree/$dir/"
	done
}

intree()
{
	make -s --no-print-directory intree DEST="$1"
}

refused()
{
	! intree "$1" >"$O/refused.log" 2>&1 &&
		[ "$(grep -c '^intree: error: ' "$O/refused.log")" = 1 ] &&
		grep -q "$2" "$O/refused.log"
}

# Everything of the installed tree that is no link.
sum()
{
	find "$O/tree" -type f -print0 | sort -z | xargs -0 sha256sum
}

same()
{
	sum >"$O/before"
	intree "$O/tree" && sum | cmp - "$O/before"
}

# Debian's configuration with the driver: in a copy of the prepared tree, so
# that only the driver has to be built.
configure()
{
	cp -a "$KERNEL_BUILD" "$O/build" &&
	echo 'CONFIG_QLGE=m' >>"$O/build/.config" &&
	make -s -C "$O/tree" O="$O/build" olddefconfig prepare \
		>"$O/configure.log" 2>&1 &&
	grep -x 'CONFIG_QLGE=m' "$O/build/.config"
}

build()
{
	make -C "$O/tree" O="$O/build" -j"$(nproc)" W=1 KBUILD_MODPOST_WARN=1 \
		"$dir/qlge/" >"$O/build.log" 2>&1 &&
	! grep -E 'warning:|error:' "$O/build.log"
}

objects()
{
	local f

	for f in kernel/*.c; do
		[ -s "$O/build/$dir/qlge/$(basename "$f" .c).o" ] ||
			{ echo "$f was not built"; return 1; }
	done
}

check "a directory that is no kernel tree is refused" \
	refused "$O" 'no kernel source tree'
check "... and stays as it was" test ! -e "$O/drivers"
check "no directory is refused" refused '' 'no tree given'
check "a copy of the newest source" make_tree || exit 1
check "install" intree "$O/tree" || exit 1
check "install again changes nothing" same
check "without compatibility code" \
	test -z "$(grep -rl 'qlge_compat\|QLGE_HAVE' "$O/tree/$dir/qlge")"
check "configuration" configure
check "builds with W=1, no warnings" build || cat "$O/build.log" >&2
check "every file of the driver was built" objects

# As a part of the kernel, without what a kernel can do without.
without=(XDP_SOCKETS VLAN_8021Q IPV6 SUSPEND HIBERNATION XEN)
small()
{
	local name

	{
		echo 'CONFIG_QLGE=y'
		printf '# CONFIG_%s is not set\n' "${without[@]}"
	} >>"$O/build/.config"
	make -s -C "$O/tree" O="$O/build" olddefconfig prepare \
		>"$O/configure.log" 2>&1 &&
		grep -x 'CONFIG_QLGE=y' "$O/build/.config" || return 1
	for name in "${without[@]}" PM_SLEEP; do
		! grep "^CONFIG_$name=" "$O/build/.config" || return 2
	done
	rm -r "${O:?}/build/$dir/qlge"
}
check "another configuration" small
check "builds with W=1, no warnings" build || cat "$O/build.log" >&2
check "every file of the driver was built" objects

settings=$(selftests/vm/kernels.sh stock) || exit 1
eval "$settings"

not_built()
{
	! make -s install-driver KDIR="$O/none" DESTDIR="$O/root" >"$O/refused.log" 2>&1 &&
		grep -q "^no build tree of a kernel at $O/none: " "$O/refused.log" &&
		[ ! -e "$O/root" ]
}

installed()
{
	make -s --no-print-directory install DESTDIR="$O/root" KDIR="$KERNEL_BUILD" \
		>"$O/install.log" 2>&1 || { cat "$O/install.log"; return 1; }
	# Anything else of that kernel is not there, depmod may say so.
	modprobe -d "$O/root" -S "$KERNEL_RELEASE" --show-depends \
		pci:v00001077d00008012sv00001077sd00000001bc02sc00i00 |
		grep "/qlge\.ko"
}

exclusive()
{
	local re v

	re=$(sed -n "s/^BUILD_EXCLUSIVE_KERNEL=\"\(.*\)\"$/\1/p" dkms.conf)
	for v in 6.12.0 6.12.117+deb12-amd64 6.20.1 7.3.4+deb13-amd64 10.1.0; do
		[[ $v =~ $re ]] || { echo "$v is left out"; return 1; }
	done
	for v in 5.10.0-33-amd64 6.1.0-56-amd64 6.9.1 6.11.12; do
		[[ ! $v =~ $re ]] || { echo "$v is not left out"; return 1; }
	done
}

check "without a kernel's build tree nothing is installed" not_built
check "installed, modprobe finds it by the card's id" installed
check "the programs and the tool are installed" test \
	-f "$O/root/usr/local/lib/qlge/bpf/xdp_stats.o" -a \
	-x "$O/root/usr/local/sbin/qlgestat"
check "DKMS builds for kernels from 6.12 on only" exclusive
done_testing

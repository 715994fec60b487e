#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# "make intree" with the newest kernel's source: the driver builds there as a
# part of the kernel, without qlge_compat.h.

set -uo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
exec 3>&1
# shellcheck source=selftests/vm/tap.sh
. selftests/vm/tap.sh

O=$PWD/build/intree
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
	refused "$O" 'no kernel source tree' || true
check "... and stays as it was" test ! -e "$O/drivers" || true
check "no directory is refused" refused '' 'no tree given' || true
check "a copy of the newest source" make_tree || exit 1
check "install" intree "$O/tree" || exit 1
check "install again changes nothing" same || true
check "without compatibility code" \
	test -z "$(grep -rl 'qlge_compat\|QLGE_HAVE' "$O/tree/$dir/qlge")" || true
check "configuration" configure || true
check "builds with W=1, no warnings" build || cat "$O/build.log" >&2
check "every file of the driver was built" objects || true
done_testing

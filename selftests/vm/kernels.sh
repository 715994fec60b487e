#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The guest kernels.  "kernels.sh FLAVOUR" makes a kernel ready and prints
# shell assignments on stdout:
#
#	KERNEL_RELEASE	its uname -r
#	KERNEL_IMAGE	what QEMU boots
#	KERNEL_MODROOT	directory with lib/modules/$KERNEL_RELEASE
#	KERNEL_BUILD	tree for building modules with M=, empty for "old"
#
#	stock	the newest 6.12 image of Debian 12's security suite
#	debug	Debian's linux-source-6.12 with debug.config
#	old	Debian 12's own 6.1, the last with a qlge driver
#	newest-stock
#		the newest 7.3 image of trixie-backports
#	newest	its source with debug.config, less what is slow
#
# "kernels.sh newest-source" prints the path of that source.

set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=selftests/vm/fetch.sh
. "$HERE/fetch.sh"

# Change it when the build below changes in a way that the configuration
# does not show.
RECIPE=1

say()
{
	echo "kernels: $*" >&2
}

die()
{
	say "error: $1"
	say "cure:  $2"
	exit 1
}

print_kernel()
{
	printf 'KERNEL_RELEASE=%q\nKERNEL_IMAGE=%q\nKERNEL_MODROOT=%q\nKERNEL_BUILD=%q\n' \
		"$1" "$2" "$3" "$4"
}

# Package versions move with every security update; a kernel that is already
# in the cache is used for a day without asking again.
packaged()
{
	local image_re=$1 want_headers=$2 image release version dir base build=

	image=$(fetch_resolve "$image_re")
	version=$(fetch_version "$image")
	release=${image#linux-image-}
	release=${release%-unsigned}
	dir=$QLGE_CACHE/kernel-$release-$version
	mkdir -p "$QLGE_CACHE"
	(
		flock 8
		[ ! -e "$dir/ready" ] || exit 0
		rm -rf "$dir"
		fetch_deb "${image//+/\\+}" "$dir" >/dev/null
		if [ "$want_headers" = yes ]; then
			base=${release%-amd64}
			for pkg in "linux-headers-$release" \
				   "linux-headers-$base-common" \
				   "linux-kbuild-$base"; do
				fetch_deb "${pkg//+/\\+}" "$dir" >/dev/null
			done
			# The package expects to live in /usr/src.
			sed -i "s#^include /usr/src#include $dir/usr/src#" \
				"$dir/usr/src/linux-headers-$release/Makefile"
		fi
		depmod -b "$dir" "$release"
		touch "$dir/ready"
	) 8>"$dir.lock" 9>&-
	[ "$want_headers" = no ] || build=$dir/usr/src/linux-headers-$release
	print_kernel "$release" "$dir/boot/vmlinuz-$release" "$dir" "$build"
}

# One line a minute or so is enough to see that it lives.
progress()
{
	awk -v out="$1" '
		{ print >out; fflush(out) }
		/^  (CC|AS|LD|AR)/ && ++n % 250 == 0 {
			printf "kernels: %d objects built\n", n >"/dev/stderr"
		}
		/^  (BTF|LD *vmlinux|LZ4|KSYMS)/ {
			printf "kernels:%s\n", $0 >"/dev/stderr"
		}'
}

# check_config FRAGMENT: what it wants is in .config
check_config()
{
	local line lost=

	while read -r line; do
		grep -qxF "$line" .config || lost+=" ${line%%=*}"
	done <"$1"
	[ -z "$lost" ] ||
		die "the kernel configuration lost:$lost" \
			"add what they depend on to selftests/vm/debug.config"
}

check_tools()
{
	local tool

	for tool in pahole lz4 bc flex bison; do
		command -v "$tool" >/dev/null ||
			die "$tool is missing" "run make deps"
	done
}

# build_image DIR NAME: in a configured tree
build_image()
{
	local dir=$1 name=$2 release mods

	if ! nice make -j"$(nproc)" LOCALVERSION="-qlge-$name" bzImage modules 2>&1 |
			progress "$dir/build.log"; then
		tail -n 20 "$dir/build.log" >&2
		die "the $name kernel does not build" "see $dir/build.log"
	fi
	check_config "$dir/fragment"
	cp arch/x86/boot/bzImage System.map "$dir/"
	release=$(cat include/config/kernel.release)
	mods=$dir/lib/modules/$release
	mkdir -p "$mods"
	cp modules.builtin modules.builtin.modinfo modules.order "$mods/"
	depmod -b "$dir" "$release"
}

# Keep what M= builds and checkpatch need, and vmlinux for BTF.
prune()
{
	say "pruning the build tree"
	rm -rf Documentation sound samples drivers fs block crypto ipc mm net \
		security virt rust vmlinux.o vmlinux.a vmlinux.unstripped \
		.tmp_vmlinux* init io_uring
	find kernel lib arch -name '*.[cSoa]' -delete
	find . -name '.*.cmd' -not -path './scripts/*' -not -path './tools/*' -delete
	rm -rf arch/x86/boot
}

build_debug()
{
	local dir=$1 tree=$1/tree

	check_tools
	if [ ! -e "$dir/unpacked" ]; then
		rm -rf "$tree" "$dir/pkg"
		mkdir -p "$tree"
		fetch_deb 'linux-source-6\.12' "$dir/pkg" >/dev/null
		say "unpacking the kernel source"
		tar -C "$tree" --strip-components=1 \
			-xf "$dir/pkg/usr/src/linux-source-6.12.tar.xz"
		rm -rf "$dir/pkg"
		touch "$dir/unpacked"
	fi
	cd "$tree"
	grep ^CONFIG_ "$HERE/debug.config" >"$dir/fragment"
	KCONFIG_ALLCONFIG=$dir/fragment make -s allnoconfig >&2
	check_config "$dir/fragment"
	say "building the debug kernel, about 12 minutes, log in $dir/build.log"
	build_image "$dir" debug
	prune
	cat include/config/kernel.release >"$dir/release"
	rm -f "$dir/unpacked"
}

debug()
{
	local version hash dir

	version=$(fetch_version linux-source-6.12)
	hash=$({ echo "$version $RECIPE"; grep ^CONFIG_ "$HERE/debug.config"; } |
	       sha256sum | cut -c1-12)
	dir=$QLGE_CACHE/kernel-debug-$hash
	mkdir -p "$dir"
	if [ ! -e "$dir/release" ]; then
		# Two runs at once: the second waits for the first.
		(
			flock 8
			[ -e "$dir/release" ] || build_debug "$dir"
		) 8>"$dir/lock" 9>&-
	fi
	print_kernel "$(cat "$dir/release")" "$dir/bzImage" "$dir" "$dir/tree"
}

# newest_fragment: debug.config without what makes a build or a run slow.  The
# new locking rules of the network core are the reason to have this kernel, so
# lockdep stays.
newest_fragment()
{
	grep ^CONFIG_ "$HERE/debug.config" |
		grep -vE '^CONFIG_(KASAN|UBSAN|DEBUG_KMEMLEAK|DEBUG_OBJECTS|KUNIT)'
}

# The source, shared by all that is built from it with O=.
newest_source()
{
	local dir

	newest_version=$(fetch_version linux-source-7.3)
	dir=$QLGE_CACHE/source-$newest_version
	newest_tree=$dir/tree
	mkdir -p "$dir"
	(
		flock 8
		[ ! -e "$dir/ready" ] || exit 0
		rm -rf "$dir/tree" "$dir/pkg"
		mkdir -p "$dir/tree"
		fetch_deb 'linux-source-7\.3' "$dir/pkg" >/dev/null
		say "unpacking the source of $newest_version"
		# Nothing of these is built here, but Kconfig reads all trees.
		tar -C "$dir/tree" --strip-components=1 \
			--exclude='*/Documentation/*/*' \
			--exclude='*/drivers/gpu/*.[chS]' \
			--exclude='*/sound/*.[chS]' \
			--exclude='*/drivers/media/*.[chS]' \
			-xf "$dir/pkg/usr/src/linux-source-7.3.tar.xz"
		rm -rf "$dir/pkg"
		touch "$dir/ready"
	) 8>"$dir/lock" 9>&-
}

# Debian's headers package of this kernel cannot be used as it is: it was
# configured for a newer gcc and a newer libc.  Its configuration, the list of
# what the kernel exports and its BTF can, in a tree prepared here.
newest_stock()
{
	local dir binary release pkg image

	newest_source
	binary=$(fetch_resolve 'linux-binary-7\.3\.[0-9]+\+deb13-amd64')
	release=${binary#linux-binary-}
	dir=$QLGE_CACHE/kernel-$release-$newest_version-$RECIPE
	mkdir -p "$dir"
	(
		flock 8
		[ ! -e "$dir/ready" ] || exit 0
		check_tools
		find "$dir" -mindepth 1 -maxdepth 1 -not -name lock -exec rm -rf {} +
		mkdir -p "$dir/build"
		for pkg in base binary modules headers; do
			pkg=linux-$pkg-$release
			fetch_deb "${pkg//+/\\+}" "$dir" >/dev/null
		done
		depmod -b "$dir/usr" "$release"
		cp "$dir/usr/src/linux-headers-$release"/{.config,Module.symvers,vmlinux} \
			"$dir/build/"
		echo "${release#"$(make -s -C "$newest_tree" kernelversion)"}" \
			>"$dir/build/localversion"
		say "preparing $release for building modules"
		{
			make -C "$newest_tree" O="$dir/build" olddefconfig &&
			nice make -C "$newest_tree" O="$dir/build" \
				-j"$(nproc)" modules_prepare
		} >"$dir/build.log" 2>&1 || {
			tail -n 20 "$dir/build.log" >&2
			die "$release cannot be prepared" "see $dir/build.log"
		}
		[ "$(cat "$dir/build/include/config/kernel.release")" = "$release" ] ||
			die "the source is not that of $release" "remove $dir"
		touch "$dir/ready"
	) 8>"$dir/lock" 9>&-
	image=$dir/usr/lib/modules/$release/vmlinuz
	print_kernel "$release" "$image" "$dir/usr" "$dir/build"
}

newest()
{
	local dir hash

	newest_source
	hash=$({ echo "$newest_version $RECIPE"; newest_fragment; } |
	       sha256sum | cut -c1-12)
	dir=$QLGE_CACHE/kernel-newest-$hash
	mkdir -p "$dir"
	(
		flock 8
		[ ! -e "$dir/release" ] || exit 0
		check_tools
		mkdir -p "$dir/build"
		newest_fragment >"$dir/fragment"
		KCONFIG_ALLCONFIG=$dir/fragment make -s -C "$newest_tree" \
			O="$dir/build" allnoconfig >&2
		cd "$dir/build"
		check_config "$dir/fragment"
		say "building the newest kernel, about 15 minutes, log in $dir/build.log"
		build_image "$dir" newest
		prune
		cat include/config/kernel.release >"$dir/release"
	) 8>"$dir/lock" 9>&-
	print_kernel "$(cat "$dir/release")" "$dir/bzImage" "$dir" "$dir/build"
}

case "${1:-}" in
newest|newest-stock|newest-source)
	fetch_from trixie-backports
	;;
esac

case "${1:-}" in
stock)
	packaged 'linux-image-6\.12\.[0-9]+\+deb12-amd64-unsigned' yes
	;;
old)
	packaged 'linux-image-6\.1\.0-[0-9]+-amd64' no
	;;
debug)
	debug
	;;
newest)
	newest
	;;
newest-stock)
	newest_stock
	;;
newest-source)
	newest_source
	echo "$newest_tree"
	;;
*)
	echo "usage: kernels.sh stock|debug|old|newest|newest-stock|newest-source" >&2
	exit 2
	;;
esac

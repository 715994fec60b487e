#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Print the path of a qemu-system-x86_64 that knows "-device qlge".
#
# QLGE_QEMU_FROM=trixie: from the source in that release of Debian, not in this.
#
# The QEMU tree is unpacked and configured once per package version and set of
# flags; a change of the device rebuilds its objects only.  Finished binaries
# are kept by the hash of the device sources, so that two checkouts can use one
# cache.

set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=selftests/vm/fetch.sh
source "$here/../vm/fetch.sh"
[ -z "${QLGE_QEMU_FROM:-}" ] || fetch_from "$QLGE_QEMU_FROM"

flags=(--target-list=x86_64-softmmu --without-default-features --enable-tcg
       --enable-kvm --enable-plugins --enable-fdt=system --enable-virtfs
       --enable-attr --enable-cap-ng --disable-docs --disable-tools)
device=(qlge_core.h qlge_core_int.h qlge_core.c qlge_core_mpi.c
	qlge_core_filter.c qlge_core_rx.c qlge_core_tx.c
	qlge_core_fault.c qlge_core_state.c
	qlge_qemu_compat.h qlge_qemu.c)

say()
{
	echo "qemu: $*" >&2
}

die()
{
	say "error: $1"
	say "cure:  $2"
	exit 1
}

version=$(fetch_version qemu-system-x86)
is_7=
[[ ! $version =~ ^([0-9]+:)?7\. ]] || is_7=yes
# The source of Debian 13 comes without firmware images.
[ "$is_7" ] || flags+=(--disable-install-blobs --python=/usr/bin/python3)
# Written for this version.
patches=(${is_7:+"$here"/qemu-tcg.patch "$here"/qemu-dispatch.patch
	"$here"/qemu-pause.patch "$here"/qemu-cmpxchg.patch})
base=$QLGE_CACHE/qemu-$({ printf '%s\n' "$version" "${flags[@]}"
		cat /dev/null "${patches[@]}"; } |
	sha256sum | cut -c 1-12)
key=$(cd "$here" && sha256sum "${device[@]}" qemu.sh |
	sha256sum | cut -c 1-12)
binary=$base/bin-$key/qemu-system-x86_64

build()
{
	local src=$base/src dir=$base/src/hw/net/qlge log=$base/build.log f line
	local set=softmmu_ss

	if [ ! -e "$base/unpacked" ]; then
		rm -rf "$src"
		fetch_source qemu "$src"
		for f in "${patches[@]}"; do
			patch -p1 -d "$src" -s <"$f" >&2 ||
				die "$f does not apply to QEMU $version" \
				    "adapt it, or drop it if this version has the fix"
		done
		touch "$base/unpacked"
	fi

	# Copied only where the contents differ, so that the time stamps that
	# ninja looks at tell the truth whichever checkout they come from.
	mkdir -p "$dir"
	for f in "${device[@]}"; do
		cmp -s "$here/$f" "$dir/$f" || cp "$here/$f" "$dir/$f"
	done
	if ! grep -q '^config QLGE_PCI' "$src/hw/net/Kconfig"; then
		printf '\nconfig QLGE_PCI\n    bool\n    default y if PCI_DEVICES\n    depends on PCI && MSI_NONBROKEN\n' \
			>>"$src/hw/net/Kconfig"
	fi
	! grep -q '^system_ss' "$src/hw/net/meson.build" || set=system_ss
	line=$(printf "$set.add(when: 'CONFIG_QLGE_PCI', if_true: files(%s))" \
		"$(printf "'qlge/%s', " "${device[@]}" | sed 's/, $//')")
	if ! grep -qxF "$line" "$src/hw/net/meson.build"; then
		sed -i '/CONFIG_QLGE_PCI/d' "$src/hw/net/meson.build"
		echo "$line" >>"$src/hw/net/meson.build"
	fi

	mkdir -p "$base/build"
	if [ "${QLGE_QEMU_FROM:-}" ]; then
		# It wants a meson of its own age.
		fetch_deb meson "$base/meson" >&2
		PYTHONPATH=$base/meson/usr/lib/python3/dist-packages
		export PYTHONPATH
	fi
	if [ ! -e "$base/build/build.ninja" ]; then
		say "configuring QEMU $version"
		(cd "$base/build" && ../src/configure "${flags[@]}") >"$log" 2>&1 ||
			{ tail -n 20 "$log" >&2
			  die "configure failed, see $log" "run make deps"; }
	fi
	say "building (about 5 minutes the first time, seconds afterwards)"
	(cd "$base/build" && nice ninja -j2 qemu-system-x86_64) 2>&1 |
		tee "$log" | awk '
			match($0, /^\[[0-9]+\/[0-9]+\]/) {
				if (++n % 100 == 0)
					print "qemu: " substr($0, RSTART, RLENGTH)
				next
			}
			/warning:|error:/' >&2 ||
		die "build failed, see $log" "read the log; make deps if a header is missing"

	find "$base" -maxdepth 1 -name 'bin-*' -mtime +7 -exec rm -r {} +
	mkdir -p "$(dirname "$binary")"
	cp "$base/build/qemu-system-x86_64" "$binary.new"
	mv "$binary.new" "$binary"
}

if [ ! -x "$binary" ]; then
	mkdir -p "$base"
	(
		flock 9
		[ -x "$binary" ] || build
	) 9>"$base/lock"
fi
echo "$binary"

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# initramfs.sh RELEASE MODROOT: builds the initramfs of a guest kernel (a
# static busybox, the modules needed to reach the root file system, init) and
# prints its path.

set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
QLGE_CACHE=${QLGE_CACHE:-$HOME/.cache/qlge}

release=$1
modroot=$2
wanted=(virtio_pci virtio_console 9pnet_virtio 9p overlay)

busybox=$(command -v busybox) || {
	echo "initramfs: error: busybox is missing" >&2
	echo "initramfs: cure:  run make deps (package busybox-static)" >&2
	exit 1
}

hash=$({ echo "$release $modroot"; cat "$0" "$HERE/init" "$busybox"; } |
       sha256sum | cut -c1-12)
out=$QLGE_CACHE/initramfs-$hash.cpio
if [ ! -e "$out" ]; then
	dir=$(mktemp -d)
	trap 'rm -rf "$dir"' EXIT
	mkdir -p "$dir"/{bin,dev,proc,sys,modules,root,rw}
	cp "$busybox" "$dir/bin/busybox"
	install -m 755 "$HERE/init" "$dir/init"

	# Dependencies first, each once, uncompressed: insmod can load it and
	# nothing has to be searched for.
	n=0
	for module in "${wanted[@]}"; do
		while read -r verb path _; do
			[ "$verb" = insmod ] || continue
			name=$(basename "$path")
			name=${name%.xz}
			compgen -G "$dir/modules/*-$name" >/dev/null && continue
			target=$dir/modules/$(printf '%02d' "$n")-$name
			case $path in
			*.xz)
				xz -dc "$path" >"$target"
				;;
			*)
				cp "$path" "$target"
				;;
			esac
			n=$((n + 1))
		done < <(modprobe -S "$release" -d "$modroot" --show-depends "$module")
	done
	(cd "$dir" && find . | cpio --quiet -o -H newc -R 0:0) >"$out.$$"
	mv "$out.$$" "$out"
fi
echo "$out"

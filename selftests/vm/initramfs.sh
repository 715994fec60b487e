#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# initramfs.sh RELEASE MODROOT [INIT MODULE...]: builds the initramfs of a guest
# kernel (a static busybox, the modules needed to reach the root file system,
# init) and prints its path.  With INIT another first process, and the modules
# that this one wants: names, or files that need no others.

set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
QLGE_CACHE=${QLGE_CACHE:-$HOME/.cache/qlge}

release=$1
modroot=$2
init=${3:-$HERE/init}
wanted=("${@:4}")
[ $# -gt 2 ] || wanted=(virtio_pci virtio_console 9pnet_virtio 9p overlay)

busybox=$(command -v busybox) || {
	echo "initramfs: error: busybox is missing" >&2
	echo "initramfs: cure:  run make deps (package busybox-static)" >&2
	exit 1
}

files=()
for module in "${wanted[@]}"; do
	[[ $module != */* ]] || files+=("$module")
done
hash=$({ echo "$release $modroot" "${@:3}"
	 cat "$0" "$init" "$busybox" "${files[@]}"; } | sha256sum | cut -c1-12)
out=$QLGE_CACHE/initramfs-$hash.cpio
if [ ! -e "$out" ]; then
	dir=$(mktemp -d)
	trap 'rm -rf "$dir"' EXIT
	mkdir -p "$dir"/{bin,dev,proc,sys,modules,root,rw}
	cp "$busybox" "$dir/bin/busybox"
	install -m 755 "$init" "$dir/init"

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
		done < <(if [[ $module == */* ]]; then
				echo "insmod $module"
			 else
				modprobe -S "$release" -d "$modroot" --show-depends "$module"
			 fi)
	done
	(cd "$dir" && find . | cpio --quiet -o -H newc -R 0:0) >"$out.$$"
	mv "$out.$$" "$out"
fi
echo "$out"

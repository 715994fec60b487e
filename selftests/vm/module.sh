#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# module.sh KERNEL [OUT [SOURCE [MAKE_ARG...]]]: builds SOURCE (kernel/) for a
# guest kernel into OUT (build/kernel/KERNEL) and prints the path of qlge.ko.
# Kbuild writes next to the sources, so it gets a directory of links.

set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
SRC=$(cd "$HERE/../.." && pwd)

kernel=${1:?kernel}
out=${2:-$SRC/build/kernel/$kernel}
from=$(realpath "${3:-$SRC/kernel}")
make_args=("${@:4}")

# KERNEL may also be the path of a build tree.
if [ -d "$kernel" ]; then
	KERNEL_BUILD=$kernel
else
	settings=$("$HERE/kernels.sh" "$kernel")
	eval "$settings"
fi

mkdir -p "$out"
out=$(cd "$out" && pwd)
find "$out" -maxdepth 1 -xtype l -delete
for f in "$from"/*; do
	[ -f "$f" ] || continue
	ln -sfn "$f" "$out/$(basename "$f")"
done
# A module built for another version of the kernel must not survive.
if [ "$(cat "$out/.built-for" 2>/dev/null)" != "$KERNEL_BUILD" ]; then
	find "$out" -maxdepth 1 -type f -delete
	echo "$KERNEL_BUILD" >"$out/.built-for"
fi
nice make -s -C "$KERNEL_BUILD" M="$out" -j"$(nproc)" "${make_args[@]}" modules >&2
echo "$out/qlge.ko"

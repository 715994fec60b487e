#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# intree.sh TREE: installs the driver in a tree of the newest kernel's source.
# Twice gives the same as once.

set -euo pipefail

SRC=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=${1:-}
parent=drivers/net/ethernet/qlogic

die()
{
	echo "intree: error: $*" >&2
	exit 1
}

[ -n "$tree" ] || die "no tree given, use make intree DEST=linux-tree"
for f in Kbuild MAINTAINERS "$parent/Kconfig" "$parent/Makefile"; do
	[ -f "$tree/$f" ] || die "$tree is no kernel source tree, it has no $f"
done
grep -q '^endif # NET_VENDOR_QLOGIC' "$tree/$parent/Kconfig" ||
	die "$tree/$parent/Kconfig has no end of NET_VENDOR_QLOGIC"

# Nothing of an older version stays.
dest=$tree/$parent/qlge
rm -rf "$dest"
mkdir "$dest"
cp "$SRC"/*.[ch] "$SRC"/{Kconfig,Makefile} "$dest/"
rm -f "$dest/qlge_compat.h"
sed -i '/#include "qlge_compat\.h"/d' "$dest"/*.[ch]

grep -q "$parent/qlge/Kconfig" "$tree/$parent/Kconfig" ||
	sed -i "s,^endif # NET_VENDOR_QLOGIC,source \"$parent/qlge/Kconfig\"\n\n&," \
		"$tree/$parent/Kconfig"
grep -q '(CONFIG_QLGE)' "$tree/$parent/Makefile" ||
	echo 'obj-$(CONFIG_QLGE) += qlge/' >>"$tree/$parent/Makefile"
echo "intree: $dest is ready, CONFIG_QLGE chooses it"

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# check-kernel.sh debug|newest: the suites of the driver that check.sh runs on
# the stock kernel, on another one.  ONLY=regex chooses suites by name.

set -uo pipefail

kernel=${1:?debug or newest}
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
exec 3>&1
# shellcheck source=selftests/vm/tap.sh
. selftests/vm/tap.sh

# Lockdep makes it slower: more time than on the stock kernel.
suites()
{
	sed -nE 's/^\t([a-z-]+)\t+stock\t(.*)/\1 \2/p' selftests/check.sh |
		grep -E ' selftests/(nic|xdp|refill)/' |
		sed -E 's/--timeout [0-9]+/--timeout 1800/'
}

on_kernel()
{
	local name=$1

	shift
	selftests/vm/run.sh --kernel "$kernel" --out "build/vm/$name-$kernel" \
		"$@" >"build/$name-$kernel.log" 2>&1 ||
		{ grep -A1 -E '^(not ok|run\.sh)' "build/$name-$kernel.log"; return 1; }
}

while read -r -u 4 name args; do
	[[ $name =~ ${ONLY:-} ]] || continue
	# shellcheck disable=SC2086,SC2090 # the table's fields are words
	check "$name" on_kernel "$name" $args || true
done 4< <(suites)
done_testing

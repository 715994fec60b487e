#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A test that cannot fail proves nothing: drivers with one part of the refill
# cut out must fail the refill suite, in the test that is about that part.
# Runs on the host; test-mutant.sh guest is what it runs in the guest.

set -uo pipefail

# shellcheck source=selftests/vm/tap.sh
. selftests/vm/tap.sh

O=build/kernel/mutant

# mutant NAME SECTION TEST: SECTION of the suite must fail, in TEST
mutants()
{
	cat <<-'LIST'
	no-work		short	short: ring full again without a packet
	no-watermark	outage	outage: the device keeps its buffers
	LIST
}

# Cuts something out of the copy in $1.
cut_out()
{
	case $2 in
	no-work)
		sed -i '/^static void qlge_rx_refill/,/^}/s/queue_delayed_work([^)]*)/false/' \
			"$1/qlge_rx.c"
		;;
	no-watermark)
		sed -i '/^static bool qlge_bq_hold/,/^}/s/if (fill > .*low)/if (fill || !fill)/' \
			"$1/qlge_rx.c"
		;;
	esac
	# Exactly one line is not what it was.
	[ "$(diff kernel/qlge_rx.c "$1/qlge_rx.c" | grep -c '^>')" = 1 ]
}

if [ "${1:-}" = guest ]; then
	while read -r name section wanted; do
		tap=$OUT/$name.tap
		QLGE_KO=/src/$O-$name/qlge.ko timeout 300 \
			bash selftests/refill/test-refill.sh "$section" 3>"$tap"
		check "$name fails the suite" grep -q '^not ok' "$tap"
		check "$name fails in '$wanted'" \
			grep -qE "^not ok [0-9]+ - $wanted\$" "$tap"
		check "$name was loaded and came to the end" \
			grep -q '^all done' "$tap"
		rmmod qlge
	done < <(mutants)
	done_testing
	exit
fi

exec 3>&1
while read -r name _; do
	src=$O-$name/src
	rm -rf "$src"
	mkdir -p "$src"
	cp kernel/* "$src"
	check "$name: cut out" cut_out "$src" "$name" || exit 1
	selftests/vm/module.sh stock "$O-$name" "$src" || exit 1
done < <(mutants)
selftests/vm/run.sh --kernel stock --timeout 700 --out build/vm/refill-mutant \
	-- selftests/refill/test-mutant.sh guest

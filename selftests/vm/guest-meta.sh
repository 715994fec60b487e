#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Guest half of test-harness.sh: behaves as the argument says.

set -euo pipefail

# shellcheck source=selftests/vm/tap.sh
. selftests/vm/tap.sh

frames=build/selftests/frames

# traffic RX_WANTED NETEM...: 200 frames over a veth pair; the receiver's
# verdict (0 clean, 1 not) must be the one expected
traffic()
{
	local wanted=$1 rc=0

	shift
	rm -f /tmp/ready
	[ $# = 0 ] || tc qdisc replace dev v0 root netem "$@"
	$frames recv v1 --count 200 --timeout 20 --idle 1500 --ready /tmp/ready &
	wait_for 10 test -e /tmp/ready
	$frames send v0 --dst "$(cat /sys/class/net/v1/address)" --count 200 \
		--flows 8 --size-max 1400
	wait $! || rc=$?
	[ $# = 0 ] || tc qdisc del dev v0 root
	[ "$rc" = "$wanted" ]
}

case $1 in
good)
	check "environment" test "$KERNEL" = stock -a -w "$OUT" -a -d build
	check "monitor" qmp '{"execute":"query-status"}'
	! qmp '{"execute":"no-such-command"}' && ok "monitor refuses"
	check "the CPU keeps its flags" build/selftests/flags || true
	modprobe -a veth sch_netem
	ip link add v0 type veth peer name v1
	ip link set v0 up
	ip link set v1 up
	check "frames: clean" traffic 0 || true
	check "frames: loss" traffic 1 loss 10% || true
	check "frames: duplicates" traffic 1 duplicate 10% || true
	check "frames: corruption" traffic 1 corrupt 10% || true
	skip "not here" "on purpose"
	done_testing
	;;
bad)
	ok "one that passes"
	skip "not here" "nobody expects it"
	echo '<4>WARNING: something is wrong' >/dev/kmsg
	# Too low for the console, and then gone for dmesg.
	echo '<6>traps: something crashed' >/dev/kmsg
	dmesg -C
	# no last line
	;;
failing)
	ok "one that passes"
	not_ok "one that fails" "on purpose"
	echo "all done, 2 passed, 1 failed, 0 skipped" >&3
	;;
endless)
	ok "one that passes"
	sleep 1000
	;;
unwatched)
	ok "one that passes"
	# What it does by itself when it has no memory.
	echo off >/sys/kernel/debug/kmemleak
	done_testing
	;;
broken)
	check "load" insmod build/selftests/broken/broken.ko
	rmmod broken
	done_testing
	;;
esac

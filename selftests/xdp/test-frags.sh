#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Native XDP, frames in several buffers: MTU 9000 and programs of the section
# xdp.frags.  Frames of 60 to 9014 bytes, so that every kind of buffer is met.

# Not -e: a check that fails is counted, and the test goes on.
set -uo pipefail

# shellcheck source=selftests/xdp/lib.sh
. selftests/xdp/lib.sh

trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT

P=frags/ LONGEST=9014 HELD_SIZE=8500 SOME=500 MANY=5000 FLOOD=10000
[ ! "$SLOW" ] || SOME=200 MANY=1000 FLOOD=3000

mtus()
{
	ip link set eth0 mtu "$1" && ip -n peer link set eth1 mtu "$1"
}

limits()
{
	mtus 9000 || return 1
	refused 'MTU 9000 exceeds 2026, the limit of programs without xdp.frags' \
		ip link set dev eth0 xdpdrv obj $BPF/xdp_pass.o sec xdp || return 2
	ip -j -d link show dev eth0 | holds '.[0].xdp == null and .[0].mtu == 9000' || return 3
	attach eth0 frags/xdp_pass && ping_both -M "do" -s 8972 || return 4
	refused 'MTU 9000 exceeds 2026' ip -force link set \
		dev eth0 xdpdrv obj $BPF/xdp_pass.o sec xdp || return 5
	attached eth0 xdp_pass && ping_both -M "do" -s 8972 || return 6
	# The other order: a program for one buffer holds the MTU down.
	mtus 1500 && attach eth0 xdp_pass || return 7
	refused 'mtu greater than device maximum' ip link set eth0 mtu 9000 || return 8
	attach eth0 frags/xdp_pass && mtus 9000 && ping_both -M "do" -s 8972
}

diag "$(uname -r), $(nproc) CPUs"
drivers_start
frames_serve
far_start
for dev in eth2 v0 v1; do
	ip link set $dev mtu 9000
done
ip -n far link set eth3 mtu 9000
check "MTU 9000: programs that see one buffer are refused, others are not" limits
attach v1 frags/xdp_pass || die "no XDP on veth"

verdicts
check "ndo_xdp_xmit: frames from veth" redirect_from_veth
detached v0

# --- changes of the frame ---

# A frame of 8028 bytes is in four buffers, with 1884 in the last. Such a one
# may grow into all that is between the headroom and the next buffer.
check "adjust: both ports together" together
check "adjust: front and end grow as far as they can" moves 7900 -216 484 pass
check "adjust: more end than there is is refused" no_move 7900 0 485
check "adjust: a part of the last buffer is cut off" moves 7900 20 -30 pass
check "adjust: just the last buffer is cut off" moves 7900 0 -1884 pass
check "adjust: into the last buffer but one" moves 7900 0 -2000 pass
check "adjust: all buffers but the first are cut off" moves 7900 0 -6500 pass
check "adjust: front grows, two buffers are cut off, sent back" moves 7900 -150 -4000 tx
check "adjust: both ends grow, sent back" moves 7900 -100 200 tx
check "adjust: one buffer is left, sent back" moves 7900 -100 -7000 tx

# --- every buffer comes home ---

# steady COUNTER CHUNKS: many long frames, and the ring takes no more chunks than
# that.  If a buffer of each did not come back it would be hundreds.
steady()
{
	from_peer --count 300 --size 8500 --rate 4000 >/dev/null
	stats eth0 "$LOG/a"
	from_peer --count "$MANY" --size 8500 --rate 4000 >/dev/null
	wait_for 60 all_counted "$LOG/a" "$MANY" || return 1
	stats eth0 "$LOG/b"
	diag "$1: $(grown "$LOG/a" "$LOG/b" "$1") frames, $(grown "$LOG/a" "$LOG/b" rx_chunk_allocs) new chunks, $(grown "$LOG/a" "$LOG/b" rx_chunk_reuse) used again"
	[ "$(grown "$LOG/a" "$LOG/b" "$1")" -gt $((MANY / 2)) ] &&
		[ "$(grown "$LOG/a" "$LOG/b" rx_chunk_allocs)" -le "$2" ] &&
		grew "$LOG/a" "$LOG/b" rx_alloc_fail=0
}

# What stays in the ring comes from no chunk.
stays()
{
	steady "$@" && grew "$LOG/a" "$LOG/b" rx_chunk_reuse=0
}

steady_drop()
{
	attach eth0 frags/xdp_drop && stays rx_xdp_drop 0
}

# So many may be on their way in the transmit queue at a time.
steady_tx()
{
	attach eth0 frags/xdp_tx && stays rx_xdp_tx $((255 * 5 / 15))
}

configure_cut()
{
	attach eth0 frags/xdp_adjust && configure eth0 .data.config 0 -6500 1
}

# What frames that are passed meet afterwards are chunks that come home: if the
# program had cost them a reference each would be taken for lost.
steady_cut()
{
	configure_cut && stays rx_xdp_drop 0 && attach eth0 frags/xdp_pass || return 1
	stats eth0 "$LOG/a"
	from_peer --count 300 --size 8500 --rate 4000 >/dev/null
	wait_for 60 all_counted "$LOG/a" 300 || return 2
	stats eth0 "$LOG/b"
	diag "after the cuts: $(grown "$LOG/a" "$LOG/b" rx_chunk_allocs) new chunks, $(grown "$LOG/a" "$LOG/b" rx_chunk_reuse) used again"
	# Without any coming home it would be 100.
	[ "$(grown "$LOG/a" "$LOG/b" rx_chunk_allocs)" -le 60 ]
}

# charged: what a reader keeps by not reading counts as its memory, all buffers
charged()
{
	local bytes

	attach eth0 frags/xdp_pass || return 1
	stats eth0 "$LOG/a"
	listen eth0 --count 20 --hold 100 --idle 500 --timeout 200 || return 2
	from_peer --count 20 --size 8500 --rate 1000 >/dev/null
	wait_for 20 all_counted "$LOG/a" 20 || return 3
	bytes=$(ss -0 -m | grep -o 'skmem:(r[0-9]*' | tr -dc '0-9\n' | sort -n | tail -n 1)
	kill -USR1 "$listener"
	heard || return 4
	diag "20 frames in five buffers: $bytes bytes"
	[ "$bytes" -ge $((20 * 5 * 2048)) ]
}

# Nobody keeps the frames: their chunks come home and are used again.
steady_pass()
{
	attach eth0 frags/xdp_pass && steady rx_xdp_pass 300
}

apart
ethtool -L eth0 combined 1
wait_for 20 carrier 1
check "steady DROP takes no memory" steady_drop
check "steady TX takes no memory" steady_tx
check "what programs cut off comes back at once" steady_cut
check "steady PASS: chunks come home" steady_pass
check "a reader is charged for every buffer" charged

# --- no memory ---

# Whole frames are dropped at the watermark, of 128 buffers; the device always
# has buffers, whatever the program cuts off.
starved()
{
	local rc=0

	attach eth0 frags/xdp_pass || return 1
	stats eth0 "$LOG/a"
	listen eth0 --count 400 --hold 100 --idle 500 --timeout 200 || return 2
	rm -f "$LOG/inject"
	build/selftests/qlge_inject --dev eth0 --fail all >"$LOG/injected" 2>"$LOG/inject" &
	injector=$!
	wait_for 20 grep -q attached "$LOG/inject" || return 3
	from_peer --count 400 --size 8500 "${acked_by_port[@]}" >/dev/null
	wait_for 20 all_judged "$LOG/a" 400 || rc=4
	stats eth0 "$LOG/b"
	kept "$LOG/b" || rc=5
	configure_cut && from_peer --count 200 --size 8500 "${acked_by_port[@]}" >/dev/null
	wait_for 20 all_judged "$LOG/a" 600 || rc=6
	stats eth0 "$LOG/c"
	kept "$LOG/c" || rc=7
	kill -INT $injector
	wait $injector
	kill -USR1 "$listener"
	heard
	return $rc
}

kept()
{
	local fill

	fill=$(awk '$1 == "rx0_fill_large" { print $2 }' "$1")
	diag "no memory: $(grown "$LOG/a" "$1" rx_recycled) dropped, $fill buffers left"
	[ "$fill" -ge 112 ]
}

# judged BEFORE N: every frame was received or dropped by the driver
all_judged()
{
	stats eth0 "$LOG/now"
	[ $(($(grown "$1" "$LOG/now" rx_packets) +
	     $(grown "$1" "$LOG/now" rx_recycled))) = "$2" ]
}

starved_accounts()
{
	grew "$LOG/a" "$LOG/b" mac_rx_nic_fifo_drop=0 rx_watermark=1 rx_length_errors=0 &&
		[ "$(grown "$LOG/a" "$LOG/b" rx_recycled)" -gt 200 ] &&
		[ "$(grown "$LOG/a" "$LOG/b" rx_packets)" -ge 64 ] &&
		[ "$(jq .unique "$LOG/heard")" = "$(grown "$LOG/a" "$LOG/b" rx_packets)" ] &&
		grew "$LOG/b" "$LOG/c" rx_xdp_drop=200 rx_recycled=0
}

if [ "$KERNEL" != debug ]; then
	check "no memory: the device keeps its buffers" starved
	check "no memory: every frame is accounted for" starved_accounts
	check "memory again: PASS" verdict_pass
fi
ethtool -L eth0 combined "$(nproc)"
wait_for 20 carrier 1

# --- changes under traffic ---

check "programs load and pin" load_pins
check "attach, replace and detach under full traffic: PASS" pass_under_traffic
check "replace under full traffic: TX" tx_under_traffic
check "replace under full traffic: REDIRECT" redirect_under_traffic

# in_place VERDICT: its program, and the counters at its start
in_place()
{
	if [ "$1" = redirect ]; then
		redirect eth0 eth2
	else
		attach eth0 "frags/xdp_$1"
	fi || return 1
	totals eth0 "$LOG/t0"
	cp "$LOG/t0" "$LOG/t1"
}

twice_shorter()
{
	local i

	for i in 1 2; do
		ip link set eth0 mtu 1500 && ip link set eth0 mtu 9000 || return 1
	done
}

# in_each_verdict CHANGE: while frames get it, and it alone
in_each_verdict()
{
	local verdict

	for verdict in pass drop redirect tx; do
		in_place $verdict && goes_on || return 1
		harmless eth0 "$1" && goes_on || return 2
		judged $verdict && attached eth0 xdp_$verdict || return 3
	done
}

mtu_under_traffic()
{
	ip link set eth0 mtu 9000
	with_traffic 3000 in_each_verdict twice_shorter && verdict_tx
}

fatal_error()
{
	local was

	was=$(stat eth0 resets)
	property "$CARD" fault-fe true &&
		wait_for 30 at_least resets $((was + 1)) &&
		wait_for 30 has_carrier eth0 ''
}

resets_under_traffic()
{
	with_traffic 3000 in_each_verdict fatal_error && verdict_pass && verdict_tx
}

CARD=$(card 0)
check "the program survives changes of the MTU under traffic" mtu_under_traffic
check "TX survives down, -G and -L under traffic" rings_under_tx
check "redirection survives down, -G and -L of both its ends" rings_under_redirect
check "reset in the middle of each verdict" resets_under_traffic
rm -f $PINS/xdp_*

# --- frames that stay away ---

check "redirected frames outlive program, rings and driver" held
done_testing

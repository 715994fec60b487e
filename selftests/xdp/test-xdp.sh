#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Native XDP, frames in one buffer.

# Not -e: a check that fails is counted, and the test goes on.
set -uo pipefail

# shellcheck source=selftests/xdp/lib.sh
. selftests/xdp/lib.sh

trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT

# A target that is down takes nothing, and nothing is lost but the frames.
redirect_to_down()
{
	redirect eth0 eth2 || return 1
	ip link set eth2 down
	mixed "$SOME" "${acked_by_port[@]}" || return 1
	ip link set eth2 up
	wait_for 20 has_carrier eth2 '' || return 1
	redirect_port
}

diag "$(uname -r), $(nproc) CPUs"
drivers_start
frames_serve
far_start
# veth takes redirected frames only if it has NAPI, and that with a program.
attach v1 xdp_pass || die "no XDP on veth"

verdicts
# Frames of up to 128 bytes are copied, longer ones mapped.
copied_or_mapped()
{
	LONGEST=192 redirect_port
}
long "REDIRECT to another port: short frames" copied_or_mapped
long "REDIRECT to a port that is down, and up again" redirect_to_down
check "ndo_xdp_xmit: frames from veth" redirect_from_veth
long "ndo_xdp_xmit: a frame that is too short is padded" padded

# Frames that are sent back and frames of another driver wait in two queues of one
# channel, and complete in the same poll when the card sends again.
both_ways()
{
	local card

	card=$(card 0)
	attach eth0 xdp_tx && property "$card" fault-tx-hold true || return 1
	stats eth0 "$LOG/a"
	from_peer --count 30 "${acked_by_port[@]}" >/dev/null
	"$FRAMES" send v1 --dst "$ADDR1" --count 30 --size 200 >/dev/null
	from_peer --count 30 "${acked_by_port[@]}" >/dev/null
	property "$card" fault-tx-hold false
	wait_for 10 tx_counted "$LOG/a" 90
	stats eth0 "$LOG/b"
	grew "$LOG/a" "$LOG/b" rx_xdp_tx=60 xdp_packets=90 xdp_bytes=$((60 * 60 + 30 * 200)) \
		xdp_errors=0 xdp_full=0
}
[ "$SHORT" = short ] || ethtool -L eth0 combined 1
long "TX and ndo_xdp_xmit complete together" both_ways
[ "$SHORT" = short ] || ethtool -L eth0 combined "$(nproc)"
detached v0

# The card does not send; what it has is lost when the port goes down, and
# counted: 30 copied and 30 mapped frames.
held_back()
{
	local card

	card=$(card 2)
	redirect eth0 eth2 || return 1
	property "$card" fault-tx-hold true || return 2
	stats eth0 "$LOG/a"
	stats eth2 "$LOG/c"
	from_peer --count 30 --size 128 "${acked_by_port[@]}" >/dev/null
	from_peer --count 30 --size 129 "${acked_by_port[@]}" >/dev/null
	wait_for 20 all_redirected 60 || return 3
	ip link set eth2 down
	property "$card" fault-tx-hold false
	ip link set eth2 up
	stats eth2 "$LOG/d"
	grew "$LOG/c" "$LOG/d" xdp_dropped=60 xdp_packets=0 || return 4
	wait_for 20 has_carrier eth2 '' && redirect_port
}

all_redirected()
{
	stats eth0 "$LOG/now"
	grew "$LOG/a" "$LOG/now" rx_xdp_redirect="$1"
}
check "REDIRECT to a port that goes down with frames in its queue" held_back

# wrong WHAT: a completion of an XDP queue that cannot be, then all is well
wrong()
{
	local was

	was=$(stat eth0 resets)
	attach eth0 xdp_tx && property "$(card 0)" fault-cqe "\"$1\"" || return 1
	from_peer --count 4 >/dev/null
	wait_for 30 resets_are $((was + 1)) && wait_for 30 has_carrier eth0 '' &&
		attached eth0 xdp_tx && verdict_tx
}

resets_are()
{
	[ "$(stat eth0 resets)" = "$1" ]
}
[ "$SHORT" = short ] || ethtool -L eth0 combined 1
long "TX completion of a request that is not the next" wrong tid@0
long "TX completion of a queue that is not there" wrong queue@0
long "TX completion of a queue of the stack" wrong queue=0@0
[ "$SHORT" = short ] || ethtool -L eth0 combined "$(nproc)"

# --- changes of the frame ---

# A small buffer has 256 bytes, of which the frame takes 128; a large one 2048.
# The front has 256 less the 40 of struct xdp_frame.
long "adjust: both ports together" together
long "adjust: small frame, front and end grow as far as they can" moves 0 -216 128 pass
long "adjust: small frame shrinks" moves 0 20 -30 pass
long "adjust: small frame sent back" moves 0 -100 64 tx
long "adjust: large frame, front and end grow as far as they can" moves 872 -216 1048 pass
# The mark is at the front, which therefore has to grow.
long "adjust: large frame, front grows, end shrinks, sent back" moves 872 -150 -500 tx
long "adjust: more front than there is is refused" no_move 0 -217 0
long "adjust: more end than there is is refused" no_move 0 0 129
[ "$SHORT" = short ] || apart

# --- MTU ---

mtu_limits()
{
	detached eth0
	ip link set eth0 mtu 2027
	refused 'MTU 2027 exceeds 2026, the limit of programs without xdp.frags' \
		ip link set dev eth0 xdpdrv obj $BPF/xdp_pass.o sec xdp || return 1
	ip -j -d link show dev eth0 | holds '.[0].xdp == null and .[0].mtu == 2027' || return 2
	ping_both || return 3
	ip link set eth0 mtu 2026
	ip -n peer link set eth1 mtu 2026
	attach eth0 xdp_pass || return 4
	ping_both -M "do" -s 1998 || return 5
	refused 'mtu greater than device maximum' ip link set eth0 mtu 2027 || return 6
	refused 'mtu greater than device maximum' ip link set eth0 mtu 9000 || return 7
	attached eth0 xdp_pass || return 8
	ip -j link show dev eth0 | holds '.[0].mtu == 2026' || return 9
	ping_both || return 10
	detached eth0
	ip link set eth0 mtu 9000 || return 11
	ip link set eth0 mtu 1500
	ip -n peer link set eth1 mtu 1500
}
long "MTU and program that do not fit are refused with a reason" mtu_limits

# --- names ---

names()
{
	attach eth0 xdp_stats && mixed 50 "${acked_by_port[@]}" || return 1
	bpftool net | tee "$LOG/net"
	grep -qE "^eth0\([0-9]+\) driver id $(prog_id eth0)" "$LOG/net" || return 2
	bpftool prog show id "$(prog_id eth0)" | grep 'name xdp_stats' || return 3
	bpftool map dump id "$(map_id eth0 xdp_counts)" >"$LOG/dump"
	grep -q '"pass": {' "$LOG/dump" || return 4
	holds '[.[0].values[].value.pass.packets] | add == 50' "$LOG/dump"
}
long "bpftool net, prog and map show names" names

# --- changes under traffic ---

check "programs load and pin" load_pins
check "attach, replace and detach under full traffic: PASS" pass_under_traffic
long "replace under full traffic: TX" tx_under_traffic
long "replace under full traffic: REDIRECT" redirect_under_traffic

long "PASS survives down, -G and -L under traffic" rings_under_pass
long "DROP survives down, -G and -L under traffic" rings_under_drop
check "TX survives down, -G and -L under traffic" rings_under_tx
long "redirection survives down, -G and -L of both its ends" rings_under_redirect

# --- cost ---

# probe_maps DIRECTION: mappings for both directions (0) are those of receive
# buffers alone, and those to the device (1) those of frames.
probe_maps()
{
	if [ ! -e $TRACING/events/kprobes/qlge_map ]; then
		echo 'p:qlge_map dma_map_page_attrs dev=%di:x64 dir=%r8:s32' \
			>$TRACING/kprobe_events
	fi
	echo "dir == $1" >$TRACING/events/kprobes/qlge_map/filter
	echo >$TRACING/trace
	echo 1 >$TRACING/events/kprobes/qlge_map/enable
}

maps()
{
	grep -c qlge_map: $TRACING/trace
}

steady_drop()
{
	local n

	swap_to xdp_drop
	from_peer --count 2000 --rate 10000 >/dev/null
	probe_maps 0 || return 1
	stats eth0 "$LOG/a"
	from_peer --count "$MANY" --flows 64 >/dev/null
	wait_for 60 all_counted "$LOG/a" "$MANY" || return 2
	stats eth0 "$LOG/b"
	n=$(maps)
	diag "$(grown "$LOG/a" "$LOG/b" rx_xdp_drop) frames, $n mappings, $(grown "$LOG/a" "$LOG/b" rx_chunk_allocs) chunks"
	grew "$LOG/a" "$LOG/b" rx_chunk_allocs=0 rx_alloc_fail=0 &&
		[ "$n" = 0 ] && [ "$(grown "$LOG/a" "$LOG/b" rx_xdp_drop)" -gt $((MANY / 2)) ] ||
		return 3
	# The same measurement sees what PASS has to allocate.
	swap_to xdp_pass
	listen eth0 --count 1500 --hold 100
	from_peer --count 1500 --size 1000 --rate 3000 >/dev/null
	wait_for 10 grown_chunks "$LOG/b" || return 4
	kill -USR1 $listener
	heard && [ "$(maps)" -gt 10 ]
}

# Each of the peer's frames is mapped once, for its own card; those of up to 128
# bytes are not mapped once more for the card that they leave by.
steady_redirect()
{
	local size port

	redirect eth0 eth2 || return 1
	probe_maps 1
	for size in 128 129; do
		stats eth0 "$LOG/a"
		echo >$TRACING/trace
		from_peer --count 200 --size $size --rate 4000 >/dev/null
		wait_for 10 all_redirected 200 || return 2
		port=$(sed -n 's/.* dev=\(0x[0-9a-f]*\) .*/\1/p' $TRACING/trace |
			sort | uniq -c | awk '$1 >= 200' | wc -l)
		echo "$size bytes: $port ports have mapped them"
		[ "$port" = $((size - 127)) ] || return 3
	done
}

grown_chunks()
{
	stats eth0 "$LOG/now"
	[ "$(grown "$1" "$LOG/now" rx_chunk_allocs)" -gt 10 ]
}

accesses()
{
	echo $(($(property "$CARD" doorbell-writes) + $(property "$CARD" doorbell-reads) +
		$(property "$CARD" reg-reads) + $(property "$CARD" reg-writes)))
}

peer_sent()
{
	[ $(($(rtnl eth1 tx_packets) - $1)) -ge "$2" ]
}

# The card holds frames back and gives them all at once, so that polls are
# full whatever the speed of this machine.
doorbells()
{
	local before after frames i got

	# One flow is one queue.
	swap_to xdp_drop
	before=$(accesses)
	frames=$(rtnl eth0 rx_packets)
	for i in {1..8}; do
		property "$CARD" fault-rx-hold true
		got=$(rtnl eth1 tx_packets)
		from_peer --count 250 >/dev/null
		wait_for 10 peer_sent "$got" 250 || return 1
		got=$(rtnl eth0 rx_packets)
		property "$CARD" fault-rx-hold false
		wait_for 10 received "$got" 250 || return 1
	done
	after=$(accesses)
	frames=$(($(rtnl eth0 rx_packets) - frames))
	diag "$((after - before)) register and doorbell accesses for $frames frames"
	[ $frames = 2000 ] && [ $(((after - before) * 10)) -le $frames ]
}

CARD=$(card 0)
long "steady DROP allocates and maps nothing" steady_drop
long "REDIRECT maps frames of more than 128 bytes only" steady_redirect
[ "$SHORT" = short ] || echo 0 >$TRACING/events/kprobes/qlge_map/enable
echo >$TRACING/kprobe_events
long "at most one access of the card in ten frames" doorbells

# --- frames that stay away ---

check "redirected frames outlive program, rings and driver" held
rm -f $PINS/xdp_*
done_testing

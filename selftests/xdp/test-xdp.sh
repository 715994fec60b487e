#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Native XDP.  The program is on eth0; eth1, in the namespace "peer", is at the
# other end of its wire.  eth2 and eth3, in "far", are another pair, so that a
# frame can come in by one port and leave by another.

# Not -e: a check that fails is counted, and the test goes on.
set -uo pipefail

# shellcheck source=selftests/nic/lib.sh
. selftests/nic/lib.sh

trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT

BPF=build/bpf
PINS=/sys/fs/bpf
MANY=100000 SOME=1000 FLOOD=30000
[ "$KERNEL" != debug ] || MANY=10000 SOME=300 FLOOD=8000

# attach DEV PROG: native, by iproute2; a generic program would pass unnoticed
attach()
{
	ip link set dev "$1" xdpdrv off
	ip link set dev "$1" xdpdrv obj "$BPF/$2.o" sec xdp && attached "$1" "$2"
}

attached()
{
	ip -j -d link show dev "$1" |
		holds --arg name "$2" '.[0].xdp | .mode == 1 and .prog.name == $name'
}

prog_id()
{
	ip -j -d link show dev "$1" | jq '.[0].xdp.prog.id'
}

detached()
{
	ip link set dev "$1" xdpdrv off &&
		ip -j -d link show dev "$1" | holds '.[0].xdp == null'
}

# map_id DEV NAME: a map of the program on DEV
map_id()
{
	local ids

	ids=$(bpftool -j prog show id "$(prog_id "$1")" | jq -c .map_ids)
	bpftool -j map show | jq --argjson ids "$ids" --arg name "$2" \
		'.[] | select(.name == $name and (.id | IN($ids[]))) | .id'
}

# configure DEV MAP VALUE...: 32-bit little-endian words
configure()
{
	local dev=$1 name=$2 word bytes=()

	shift 2
	for word; do
		bytes+=("$((word & 255))" "$((word >> 8 & 255))"
			"$((word >> 16 & 255))" "$((word >> 24 & 255))")
	done
	bpftool map update id "$(map_id "$dev" "$name")" key 0 0 0 0 \
		value "${bytes[@]}"
}

redirect()
{
	attach "$1" xdp_redirect &&
		configure "$1" tx_port "$(cat "/sys/class/net/$2/ifindex")"
}

# received BEFORE N: eth0 has counted so many more, whatever became of them
received()
{
	[ $(($(rtnl eth0 rx_packets) - $1)) -ge "$2" ]
}

# mixed N: frames for small and large buffers, until eth0 has counted them
mixed()
{
	local before

	before=$(rtnl eth0 rx_packets)
	from_peer --count "$1" --size-max 1514 --rate 3000 >"$LOG/sent" || return 1
	wait_for 20 received "$before" "$1"
	jq .bytes "$LOG/sent" >"$LOG/bytes"
}

# exact VERDICT: of $SOME frames all are counted once, and as this
exact()
{
	local v want=()

	for v in pass drop tx redirect aborted; do
		if [ $v = "$1" ]; then
			want+=("rx_xdp_$v=$SOME")
		else
			want+=("rx_xdp_$v=0")
		fi
	done
	grew "$LOG/a" "$LOG/b" "${want[@]}" rx_packets="$SOME" \
		rx_bytes="$(cat "$LOG/bytes")" rx_length_errors=0 rx_alloc_fail=0 \
		mac_rx_nic_fifo_drop=0
}

verdict_pass()
{
	attach eth0 xdp_pass && listen eth0 --count "$SOME" || return 1
	stats eth0 "$LOG/a"
	mixed "$SOME" && heard || return 1
	stats eth0 "$LOG/b"
	exact pass && ping_both
}

verdict_drop()
{
	attach eth0 xdp_drop && listen eth0 --count 1 --timeout 600 || return 1
	stats eth0 "$LOG/a"
	mixed "$SOME" || return 1
	stats eth0 "$LOG/b"
	kill "$listener"
	fails heard && grep -q '"received":0,' "$LOG/heard" && exact drop
}

verdict_tx()
{
	local sent

	attach eth0 xdp_tx && listen_peer eth1 --count "$SOME" || return 1
	stats eth0 "$LOG/a"
	sent=$(rtnl eth0 tx_packets)
	mixed "$SOME" && heard || return 1
	wait_for 10 tx_counted "$LOG/a" "$SOME"
	stats eth0 "$LOG/b"
	exact tx && grew "$LOG/a" "$LOG/b" xdp_packets="$SOME" \
		xdp_bytes="$(cat "$LOG/bytes")" xdp_full=0 xdp_errors=0 tx_packets=0 &&
		[ $(($(rtnl eth0 tx_packets) - sent)) = "$SOME" ]
}

tx_counted()
{
	stats eth0 "$LOG/now"
	grew "$1" "$LOG/now" xdp_packets="$2"
}

# exceptions ACTION: the trace point has a name for known verdicts only
exceptions()
{
	stats eth0 "$LOG/a"
	echo >$TRACING/trace
	echo 1 >$TRACING/events/xdp/xdp_exception/enable
	mixed "$SOME" || return 1
	echo 0 >$TRACING/events/xdp/xdp_exception/enable
	stats eth0 "$LOG/b"
	[ "$(grep -cE "xdp_exception: prog_id=$(prog_id eth0) action=$1 ifindex=$(cat /sys/class/net/eth0/ifindex)" \
		$TRACING/trace)" = "$SOME" ] && exact aborted
}

verdict_aborted()
{
	attach eth0 xdp_aborted && exceptions ABORTED
}

verdict_unknown()
{
	attach eth0 xdp_unknown && exceptions '[^A-Z]*'
}

# In by one port and out by another.
redirect_port()
{
	redirect eth0 eth2 || return 1
	rm -f "$LOG/ready"
	nsenter --net=/run/netns/far "$FRAMES" recv eth3 --count "$SOME" --ready "$LOG/ready" >"$LOG/heard" &
	listener=$!
	wait_for 20 test -e "$LOG/ready"
	stats eth0 "$LOG/a"
	stats eth2 "$LOG/c"
	mixed "$SOME" && heard || return 1
	stats eth0 "$LOG/b"
	stats eth2 "$LOG/d"
	exact redirect && grew "$LOG/c" "$LOG/d" xdp_packets="$SOME" \
		xdp_bytes="$(cat "$LOG/bytes")" tx_packets=0
}

redirect_veth()
{
	redirect eth0 v0 && listen v1 --count "$SOME" || return 1
	stats eth0 "$LOG/a"
	mixed "$SOME" && heard || return 1
	stats eth0 "$LOG/b"
	exact redirect
}

# Frames of another driver: ndo_xdp_xmit
redirect_from_veth()
{
	detached eth0 && redirect v0 eth0 && listen_peer eth1 --count "$SOME" || return 1
	stats eth0 "$LOG/a"
	"$FRAMES" send v1 --dst "$ADDR1" --count "$SOME" --size-max 1514 --rate 3000
	heard || return 1
	wait_for 10 tx_counted "$LOG/a" "$SOME"
	stats eth0 "$LOG/b"
	grew "$LOG/a" "$LOG/b" xdp_packets="$SOME" xdp_errors=0 xdp_full=0 tx_packets=0
}

# A target that is down takes nothing, and nothing is lost but the frames.
redirect_to_down()
{
	redirect eth0 eth2 || return 1
	ip link set eth2 down
	mixed "$SOME" || return 1
	ip link set eth2 up
	wait_for 20 has_carrier eth2 '' || return 1
	redirect_port
}

diag "$(uname -r), $(nproc) CPUs"
drivers_start
modprobe veth 2>/dev/null
ip netns add far
ip link set eth3 netns far
wire_up eth2 '' eth3 far || die "no link of the second pair"
ip -n far link set eth3 promisc on
ip link add v0 type veth peer name v1
ip link set v0 up
ip link set v1 up
# veth takes redirected frames only if it has NAPI, and that with a program.
attach v1 xdp_pass || die "no XDP on veth"

check "PASS" verdict_pass
check "DROP" verdict_drop
check "TX" verdict_tx
check "ABORTED" verdict_aborted
check "unknown verdict" verdict_unknown
check "REDIRECT to another port" redirect_port
check "REDIRECT to veth" redirect_veth
check "REDIRECT to a port that is down, and up again" redirect_to_down
check "ndo_xdp_xmit: frames from veth" redirect_from_veth
detached v0

# --- changes of the frame ---

# Both ports are here meanwhile, for a program that looks at both.
together()
{
	ip -n peer link set eth1 netns 1
	ip link set eth1 up promisc on
	ip link set eth0 promisc on
	wait_for 20 has_carrier eth1 '' && attach eth0 xdp_adjust
}

apart()
{
	ip link set eth0 promisc off
	ip link set eth1 promisc off
	ip link set eth1 netns peer
	ports_up
}

# moves PAD HEAD TAIL pass|tx: five frames come out as expected.  What is sent
# back is no IP: the program would swap addresses that have moved.
moves()
{
	local how=(eth1 eth0 v4) verdict=2

	[ "$4" = pass ] || how=(--swap eth1 eth1 other) verdict=3
	configure eth0 .data.config "$2" "$3" $verdict || return 1
	selftests/tool/frames.py --pad "$1" --head "$2" --tail "$3" "${how[@]}" >"$LOG/frames"
	holds '.seen == {(.expected): 5}' "$LOG/frames"
}

# Nothing comes, and the program has been refused by the helper.
no_move()
{
	configure eth0 .data.config "$2" "$3" 2
	stats eth0 "$LOG/a"
	selftests/tool/frames.py --seconds 1 --pad "$1" --head "$2" --tail "$3" \
		eth1 eth0 v4 >"$LOG/frames"
	stats eth0 "$LOG/b"
	holds '.seen == {}' "$LOG/frames" && grew "$LOG/a" "$LOG/b" rx_xdp_aborted=5
}

# A small buffer has 256 bytes, of which the frame takes 128; a large one 2048.
# The front has 256 less the 40 of struct xdp_frame.
check "adjust: both ports together" together
check "adjust: small frame, front and end grow as far as they can" moves 0 -216 128 pass
check "adjust: small frame shrinks" moves 0 20 -30 pass
check "adjust: small frame sent back" moves 0 -100 64 tx
check "adjust: large frame, front and end grow as far as they can" moves 872 -216 1048 pass
# The mark is at the front, which therefore has to grow.
check "adjust: large frame, front grows, end shrinks, sent back" moves 872 -150 -500 tx
check "adjust: more front than there is is refused" no_move 0 -217 0
check "adjust: more end than there is is refused" no_move 0 0 129
apart

# --- MTU ---

mtu_limits()
{
	detached eth0
	ip link set eth0 mtu 2027
	refused 'MTU 2027 is too large for XDP.* at most 2026' \
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
check "MTU and program that do not fit are refused with a reason" mtu_limits

# --- names ---

names()
{
	attach eth0 xdp_stats && mixed 50 || return 1
	bpftool net | tee "$LOG/net"
	grep -qE "^eth0\([0-9]+\) driver id $(prog_id eth0)" "$LOG/net" || return 2
	bpftool prog show id "$(prog_id eth0)" | grep 'name xdp_stats' || return 3
	bpftool map dump id "$(map_id eth0 xdp_counts)" >"$LOG/dump"
	grep -q '"pass": {' "$LOG/dump" || return 4
	holds '[.[0].values[].value.pass.packets] | add == 50' "$LOG/dump"
}
check "bpftool net, prog and map show names" names

# --- changes under traffic ---

load_pins()
{
	local prog

	for prog in xdp_pass xdp_drop xdp_tx xdp_stats; do
		bpftool prog load $BPF/$prog.o $PINS/$prog || return 1
	done
	bpftool prog load $BPF/xdp_tx.o $PINS/xdp_tx2
}

swap_to()
{
	if [ "$1" = none ]; then
		bpftool net detach xdpdrv dev eth0
	else
		bpftool net attach xdpdrv pinned "$PINS/$1" dev eth0 overwrite
	fi
}

# under_traffic PROG...: these in turn while frames come as fast as they can.
# Every frame that is missing was dropped by the card, before the driver saw
# it, or found a transmit queue full, and both are counted.
under_traffic()
{
	local sender n=0 prog missing lost name

	stats eth0 "$LOG/a"
	stats eth1 "$LOG/c"
	from_peer --count $FLOOD --size-max 1514 --flows 64 >"$LOG/sent" &
	sender=$!
	while kill -0 $sender 2>/dev/null; do
		for prog; do
			swap_to "$prog" || return 1
			n=$((n + 1))
		done
	done
	wait $sender || return 1
	heard
	stats eth0 "$LOG/b"
	stats eth1 "$LOG/d"
	missing=$(jq .missing "$LOG/heard")
	lost=$(($(grown "$LOG/a" "$LOG/b" mac_rx_nic_fifo_drop) +
		$(grown "$LOG/a" "$LOG/b" xdp_full) +
		$(grown "$LOG/c" "$LOG/d" mac_rx_nic_fifo_drop)))
	echo "$n changes, $missing missing, $lost accounted for"
	diag "$* : $n changes, $missing of $FLOOD frames dropped by the card"
	for name in duplicates corrupt stray socket_drops; do
		[ "$(jq .$name "$LOG/heard")" = 0 ] || return 2
	done
	[ "$missing" = "$lost" ] && [ "$missing" -lt $((FLOOD * 9 / 10)) ] && [ $n -ge 4 ]
}

pass_under_traffic()
{
	detached eth0
	listen eth0 --count $FLOOD --idle 3000 --timeout 120 || return 1
	under_traffic xdp_pass xdp_stats none
}

tx_under_traffic()
{
	swap_to xdp_tx
	listen_peer eth1 --count $FLOOD --idle 3000 --timeout 120 || return 1
	under_traffic xdp_tx2 xdp_tx
}

check "programs load and pin" load_pins
check "attach, replace and detach under full traffic: PASS" pass_under_traffic
check "replace under full traffic: TX" tx_under_traffic

# Down, other rings and other channels while frames bounce.
rings_under_tx()
{
	local sender i

	swap_to xdp_tx
	rm -f "$LOG/stop"
	(until [ -e "$LOG/stop" ]; do from_peer --count 500 >/dev/null; done) &
	sender=$!
	for i in 1 2; do
		ip link set eth0 down
		ip link set eth0 up
		ethtool -G eth0 rx 64 tx 64
		ethtool -L eth0 combined 1
		ethtool -L eth0 combined "$(nproc)"
		ethtool -G eth0 rx 512 tx 256
	done
	touch "$LOG/stop"
	wait $sender
	attached eth0 xdp_tx && ports_up && verdict_tx
}
check "the program survives down, -G and -L under traffic" rings_under_tx

# --- cost ---

# Mappings for both directions are those of receive buffers alone.
probe_maps()
{
	echo 'p:qlge_map dma_map_page_attrs dir=%r8:s32' >$TRACING/kprobe_events
	echo 'dir == 0' >$TRACING/events/kprobes/qlge_map/filter
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
	probe_maps || return 1
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

grown_chunks()
{
	stats eth0 "$LOG/now"
	[ "$(grown "$1" "$LOG/now" rx_chunk_allocs)" -gt 10 ]
}

all_counted()
{
	stats eth0 "$LOG/now"
	[ $(($(grown "$1" "$LOG/now" rx_packets) +
	     $(grown "$1" "$LOG/now" mac_rx_nic_fifo_drop))) -ge "$2" ]
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
check "steady DROP allocates and maps nothing" steady_drop
echo 0 >$TRACING/events/kprobes/qlge_map/enable
echo >$TRACING/kprobe_events
check "at most one access of the card in ten frames" doorbells

# --- frames that stay away ---

# Their buffers belong to a slow reader while program, rings and driver go.
held()
{
	local before

	redirect eth0 v0 || return 1
	ethtool -G eth0 rx 256
	wait_for 10 has_carrier eth0 ''
	attached eth0 xdp_redirect || return 2
	listen v1 --count 300 --hold 300 --timeout 400 || return 3
	before=$(rtnl v1 rx_packets)
	from_peer --count 300 --size 1000 --rate 1000 >/dev/null
	wait_for 10 in_socket $((before + 300)) || return 4
	detached eth0
	ping_both || return 5
	ip link set eth0 down
	ip -n peer link set eth1 down
	rmmod qlge || return 6
	[ ! -d /sys/module/qlge ] || return 7
	kill -USR1 "$listener"
	heard
}

in_socket()
{
	[ "$(rtnl v1 rx_packets)" -ge "$1" ]
}
check "redirected frames outlive program, rings and driver" held
rm -f $PINS/xdp_*
done_testing

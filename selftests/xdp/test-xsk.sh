#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# AF_XDP zero copy.  UDP comes by queue 0; "steer" sends it to another one.

# Not -e: a check that fails is counted, and the test goes on.
set -uo pipefail

# shellcheck source=selftests/xdp/lib.sh
. selftests/xdp/lib.sh

trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT

XSK=$PWD/build/selftests/xsk
SOME=300 RATE=800
# Options for frames that are sent, and for who hears them.
TAG=()
[ "$KERNEL" != debug ] || SOME=100

# xsk rx|tx|echo ARG...: on eth0 in the background, ready when this returns;
# its verdict is told by heard.  Binding restarts the rings.
xsk()
{
	local verb=$1

	shift
	rm -f "$LOG/ready"
	"$XSK" "$verb" eth0 --timeout 60 "$@" --ready "$LOG/ready" >"$LOG/heard" &
	listener=$!
	wait_for 20 test -e "$LOG/ready" && wait_for 20 carrier 1
}

# The rings are those of before when the socket has gone.
unbound()
{
	wait_for 20 carrier 1 && sleep 0.2 && wait_for 20 carrier 1
}

# heard_all ZERO_COPY: and the socket was what it should be
heard_all()
{
	heard && holds --argjson zc "$1" '.zero_copy == $zc' "$LOG/heard"
}

# Every frame comes to the socket once and intact, in a chunk of its own.
rx()
{
	xsk rx --zero-copy --count "$SOME" "$@" || return 1
	stats eth0 "$LOG/a"
	mixed "$SOME" "${acked_by_port[@]}" && heard_all true || return 2
	stats eth0 "$LOG/b"
	exact redirect && grew "$LOG/a" "$LOG/b" rx_xsk_copied=0 || return 3
	unbound
}

# The driver always has chunks and says so: nobody has to call.
rx_uncalled()
{
	rx --need-wakeup "$@" && holds '.kicks == 0' "$LOG/heard"
}

tx()
{
	listen_peer eth1 --count "$SOME" "${TAG[@]}" || return 1
	stats eth0 "$LOG/a"
	"$XSK" tx eth0 --zero-copy --dst "$ADDR1" --count "$SOME" \
		--size-max "$LONGEST" --rate "$RATE" "${TAG[@]}" "$@" >"$LOG/sent" || return 2
	cat "$LOG/sent"
	holds '.zero_copy and .completed == .sent and .tx_invalid == 0' "$LOG/sent" || return 3
	heard || return 4
	stats eth0 "$LOG/b"
	grew "$LOG/a" "$LOG/b" xdp_packets="$SOME" xdp_errors=0 xdp_full=0 || return 5
	unbound
}

# Slow: after each frame nothing is under way, and the driver has to say so.
# (Nobody who calls in vain waits for ever: every 5 s the driver looks itself.)
tx_called()
{
	tx --need-wakeup --rate 200 && holds '.kicks > 10' "$LOG/sent"
}

echoed()
{
	local peer rc=0

	listen_peer eth1 --count "$SOME" || return 1
	peer=$listener
	cp "$LOG/heard" "$LOG/peer"
	xsk echo --zero-copy --count "$SOME" "$@" || return 2
	from_peer --count "$SOME" --size-max "$LONGEST" "${acked_by_port[@]}" >/dev/null
	heard || rc=3
	wait $peer || rc=4
	unbound
	return $rc
}

# steer QUEUE: UDP and all else that has a hash
steer()
{
	local w=(0 0)

	w[$1]=1
	ethtool -X eth0 weight "${w[@]}" && ethtool -N eth0 rx-flow-hash udp4 sd
}

unsteer()
{
	ethtool -X eth0 default && ethtool -N eth0 rx-flow-hash udp4 ''
}

# By the rings of that queue, and called there: until the driver looks itself,
# every 5 s, there would be thousands of calls in vain.
tx_other()
{
	tx --queue 1 --need-wakeup || return
	grew "$LOG/a" "$LOG/b" xdp1_packets="$SOME" xdp0_packets=0 &&
		holds --argjson n "$SOME" '.kicks <= 2 * $n' "$LOG/sent"
}

echo_other()
{
	local rc=0

	steer 1 || return 1
	echoed --queue 1 --need-wakeup || rc=2
	unsteer
	return $rc
}

other_queue()
{
	local rc=0

	steer 1 || return 1
	rx --queue 1 --need-wakeup "$@" || rc=2
	unsteer
	return $rc
}

# With interrupts put off, whoever reads polls, and his polls bring the frames:
# the trace point tells them by their budget.
polled()
{
	local sys=/sys/class/net/eth0 napi=$TRACING/events/napi/napi_poll rc=0 n

	echo 200 >$sys/napi_defer_hard_irqs
	echo 2000000000 >$sys/gro_flush_timeout
	echo >$TRACING/trace
	echo 'budget == 17' >"$napi/filter"
	echo 1 >"$napi/enable"
	rx --busy-poll --need-wakeup || rc=1
	echo 0 >"$napi/enable"
	echo 0 >"$napi/filter"
	echo 0 >$sys/gro_flush_timeout
	echo 0 >$sys/napi_defer_hard_irqs
	n=$(awk '/for device eth0 work/ { n += $(NF - 2) } END { print n + 0 }' \
		$TRACING/trace)
	echo "the reader polled $n of $SOME frames"
	[ $rc = 0 ] && [ "$n" -ge $((SOME * 3 / 4)) ]
}

# The rings start again, twice, under a socket whose sender polls; and still his
# calls reach the queue: in vain he would call thousands of times, until frames
# that come, or the look that the driver takes every 5 s, have it polled.
polled_after()
{
	local sender rc=0

	xsk tx --zero-copy --busy-poll --hold --dst "$ADDR1" --count "$SOME" || return 1
	sender=$listener
	mv "$LOG/heard" "$LOG/heard.sent"
	xsk rx --zero-copy --queue 1 || return 2
	kill "$listener"
	wait "$listener"
	unbound
	listen_peer eth1 --count "$SOME" || return 3
	kill -USR1 $sender
	heard || rc=4
	wait $sender || rc=5
	cat "$LOG/heard.sent"
	unbound
	[ $rc = 0 ] && holds --argjson n "$SOME" '.kicks < $n' "$LOG/heard.sent"
}

# A socket of either kind, one on each queue.
copy_beside()
{
	local copy rc=0

	# The program is that of the first one, which therefore has to last.
	xsk rx --copy --queue 1 --count "$SOME" --stream 1 || return 1
	copy=$listener
	mv "$LOG/heard" "$LOG/heard.copy"
	xsk rx --zero-copy --queue 0 --count "$SOME" || return 2
	from_peer --count "$SOME" --size-max "$LONGEST" "${acked_by_port[@]}" >/dev/null
	heard_all true || rc=3
	unbound && steer 1
	from_peer --count "$SOME" --stream 1 --size-max "$LONGEST" "${acked_by_port[@]}" >/dev/null
	wait "$copy" || rc=4
	cat "$LOG/heard.copy"
	holds '.zero_copy | not' "$LOG/heard.copy" || rc=5
	unsteer
	return $rc
}

# --- refusals ---

features()
{
	build/selftests/netdev_map eth0 | sed -n 's/^xdp-features //p'
}

limits()
{
	local with without told

	with=$(features)
	build/selftests/netdev_map eth0 watch >"$LOG/told" &
	told=$!
	wait_for 10 grep -q watching "$LOG/told"
	ip link set eth0 mtu 1780 || return 1
	# 2048 bytes less 256 in front
	refused 'bind: Invalid argument' "$XSK" rx eth0 --zero-copy --chunk 2048 || return 2
	ip link set eth0 mtu 2027
	without=$(features)
	# Zero copy, and that alone.
	echo "features $with, $without"
	[ $((with ^ without)) = 8 ] && [ $((with & 8)) = 8 ] || return 3
	refused 'bind: Operation not supported' "$XSK" rx eth0 --zero-copy --timeout 1 || return 4
	ip link set eth0 mtu 1500
	[ "$(features)" = "$with" ] || return 5
	# Once for each change, though the MTU changed more often.
	wait_for 10 grep -q "$with" "$LOG/told"
	# A ring that is too short for the spares, up or down.
	ethtool -G eth0 rx 64 && [ "$(features)" = "$without" ] || return 5
	refused 'bind: Operation not supported' "$XSK" rx eth0 --zero-copy --timeout 1 || return 5
	ip link set eth0 down
	ethtool -G eth0 rx 512
	[ "$(features)" = "$with" ] || return 5
	ports_up
	wait_for 10 eval '[ "$(grep -c "$with" "$LOG/told")" = 2 ]'
	kill $told
	wait $told
	[ "$(sed 's/xdp-features //' "$LOG/told" | xargs)" = \
		"watching $without $with $without $with" ] || return 5
	# Room for the frame, not for the longest ones in a step of buffers.
	ip link set eth0 mtu 100
	refused 'bind: Invalid argument' "$XSK" rx eth0 --zero-copy --chunk 2048 \
		--headroom 1344 || return 6
	dmesg | grep 'AF_XDP zero copy refused: chunks are too small' && carrier 1 || return 6
	ip link set eth0 mtu 1500
	xsk rx --zero-copy --chunk 2048 --queue 1 || return 7
	refused 'mtu greater than device maximum' ip link set eth0 mtu 1771 || return 8
	ip link set eth0 mtu 1770 && ip link set eth0 mtu 1500 || return 9
	refused 'bind: Device or resource busy' "$XSK" rx eth0 --zero-copy --queue 1 || return 10
	fails ethtool -L eth0 combined 1 || return 11
	refused 'AF_XDP zero copy needs a receive ring of 128' ethtool -G eth0 rx 64 ||
		return 12
	kill "$listener"
	wait "$listener"
	unbound
	ip link set eth0 mtu 9000 && ip link set eth0 mtu 1500 && ping_both
}

# --- the fill ring ---

polls()
{
	awk '/NET_RX/ { for (i = 2; i <= NF; i++) n += $i } END { print n }' /proc/softirqs
}

# One call, after the ring was filled, and then the flag is clear again; the poll
# that clears it may bring frames.
starve_called()
{
	starve --need-wakeup && holds '.kicks == 1 or .kicks == 2' "$LOG/heard"
}

# Nobody gives the queue a chunk: its frames are lost, and nothing else is.
starve()
{
	local before n

	xsk rx --zero-copy --count "$SOME" --fill-wait "$@" || return 1
	stats eth0 "$LOG/a"
	from_peer --count 1000 --stream 7 --size-max "$LONGEST" --rate 2000 >/dev/null
	wait_for 10 all_counted_or_lost 1000 || return 2
	# TCP comes by both queues; that of the other one arrives.
	steer 1
	tcp down || return 3
	unsteer
	wait_for 5 quiet || return 4
	before=$(polls)
	sleep 1
	n=$(($(polls) - before))
	diag "$n polls in a second of starvation"
	[ $n -lt 100 ] || return 5
	rm "$LOG/ready"
	kill -USR1 "$listener"
	wait_for 5 test -e "$LOG/ready" || return 6
	stats eth0 "$LOG/a"
	mixed "$SOME" "${acked_by_port[@]}" && heard_all true || return 7
	stats eth0 "$LOG/b"
	diag "$(grown "$LOG/a" "$LOG/b" rx_xsk_copied) of $SOME frames copied"
	exact redirect || return 8
	unbound
}

# The same with frames too long for any chunk, of which each takes six large
# buffers: the shortest ring has room for one more at all times.
starve_long()
{
	local rc=0

	ethtool -G eth0 rx 128
	ip -n peer link set eth1 mtu 9000
	xsk rx --zero-copy --chunk 2048 --count 1 --timeout 600 --fill-wait || return 1
	stats eth0 "$LOG/a"
	from_peer --count 100 --stream 7 --size 9014 --rate 1000 >/dev/null
	# By the other queue.
	steer 1
	ping_both || rc=2
	unsteer
	wait_for 10 too_long 100 || rc=3
	kill "$listener"
	wait "$listener"
	unbound
	ip -n peer link set eth1 mtu 1500
	ethtool -G eth0 rx 512
	return $rc
}

too_long()
{
	stats eth0 "$LOG/b"
	[ $(($(grown "$LOG/a" "$LOG/b" rx_length_errors) +
	     $(grown "$LOG/a" "$LOG/b" mac_rx_nic_fifo_drop))) -ge "$1" ]
}

quiet()
{
	local n

	n=$(rtnl eth0 rx_packets)
	sleep 0.5
	[ "$(rtnl eth0 rx_packets)" = "$n" ]
}

all_counted_or_lost()
{
	stats eth0 "$LOG/now"
	[ $(($(grown "$LOG/a" "$LOG/now" rx_recycled) +
	     $(grown "$LOG/a" "$LOG/now" mac_rx_nic_fifo_drop))) -ge "$1" ]
}

# partial COPIED CHUNKS ARG...: fewer than the queue has room for.  With too few
# to have some with the card at all times frames are copied.  Some of its buffers
# are spares all the time, so the driver wants to be called.
partial()
{
	local got

	xsk rx --zero-copy --count 100 --chunks "$2" "${@:3}" || return 1
	stats eth0 "$LOG/a"
	from_peer --count 100 --size-max "$LONGEST" --rate 50 >/dev/null
	# A reader that the host does not let run has all chunks of a small pool:
	# what comes meanwhile is dropped, and counted.
	heard || [ "$1" = 1 ] || return 2
	holds '.zero_copy and .corrupt == 0 and .duplicates == 0 and .unique > 50' "$LOG/heard" ||
		return 5
	got=$(jq .unique "$LOG/heard")
	stats eth0 "$LOG/b"
	grew "$LOG/a" "$LOG/b" rx_recycled=$((100 - got)) rx_xdp_redirect="$got" || return 3
	diag "$2 chunks: $(grown "$LOG/a" "$LOG/b" rx_xsk_copied) of 100 frames copied"
	[ $(($(grown "$LOG/a" "$LOG/b" rx_xsk_copied) > 0)) = "$1" ] || return 4
	holds '.kicks > 10' "$LOG/heard" || return 6
	unbound
}

# --- verdicts on a queue of a socket that gets nothing ---

# verdict PROG: the test of the verdict, with a socket bound
verdict()
{
	xsk_for_nobody || return 1
	"verdict_$1" || return 2
	stats eth0 "$LOG/c"
	grew "$LOG/a" "$LOG/c" rx_xsk_copied=0 || return 3
	nobody_leaves
}

xsk_for_nobody()
{
	# The program stays when the socket comes: it has no map of sockets.
	attach eth0 xdp_pass || return 1
	xsk rx --zero-copy --count 1 --need-wakeup --timeout 600 || return 2
	nobody=$listener
}

nobody_leaves()
{
	kill "$nobody"
	wait "$nobody"
	unbound && detached eth0
}

redirect_out()
{
	ip link add v0 type veth peer name v1
	ip link set v0 up
	ip link set v1 up
	attach v1 xdp_pass || return 1
	xsk_for_nobody || return 2
	redirect_veth || return 3
	nobody_leaves
	ip link del v0
}

# The program is told what it is told on any queue: here a hash and a tag.
metadata()
{
	build/selftests/xdp_attach -b eth0 build/bpf/xdp_meta.o $PINS/meta || return 1
	xsk rx --zero-copy --count 1 --timeout 600 || return 2
	nobody=$listener
	steer 0 && listen eth0 --count 50 || return 3
	from_peer --count 50 "${acked[@]}" && heard || return 4
	ip link add link eth0 name eth0.77 type vlan id 77
	ip link set eth0.77 up
	listen eth0 --count 50 --vlan 77 || return 5
	from_peer --count 50 --vlan 77 "${acked[@]}" && heard || return 6
	ip link del eth0.77
	bpftool -j map dump id "$(map_id eth0 .data.answers)" |
		jq '[.. | objects | select(has("wrong"))][0]' | tee "$LOG/answers"
	unsteer
	rm $PINS/meta
	kill "$nobody"
	wait "$nobody"
	holds '.l3_ipv4 >= 50 and .tag == 50 and .tci == 77 and .wrong == 0' "$LOG/answers" &&
		unbound
}

# --- checksums ---

# csum N ARG...: one is asked for, which for N frames the card adds; the other
# card says what it makes of it
csum()
{
	local n=$1 asked=$TRACING/events/kprobes/asked rc=0

	shift
	echo 'p:asked qlge_tx_csum' >$TRACING/kprobe_events || return 1
	echo 1 >"$asked/enable"
	echo >$TRACING/trace
	stats eth1 "$LOG/c"
	tx "$@" || rc=2
	stats eth1 "$LOG/d"
	echo 0 >"$asked/enable"
	echo "the card was asked for $(grep -c asked: $TRACING/trace), not $n"
	[ "$(grep -c asked: $TRACING/trace)" = "$n" ] || rc=3
	echo >$TRACING/kprobe_events
	[ $rc = 0 ] && grew "$LOG/c" "$LOG/d" rx_csum_bad=0 rx_csum_unnecessary="$SOME"
}

csum_card()
{
	csum "$SOME" --csum || return 1
	# What the test would see if nobody did it.
	stats eth1 "$LOG/c"
	tx --bad-csum || return 2
	stats eth1 "$LOG/d"
	grew "$LOG/c" "$LOG/d" rx_csum_bad="$SOME"
}

csum_tagged()
{
	local TAG=(--vlan 77) rc=0

	ip -n peer link add link eth1 name eth1.77 type vlan id 77
	ip -n peer link set eth1.77 up
	csum "$SOME" --csum || rc=1
	ip -n peer link del eth1.77
	return $rc
}

# --- changes while it is bound ---

# What came a moment ago is sent back, not just what came at first.
echoes()
{
	wait_for 20 at_least xdp_packets $(($(stat eth0 xdp_packets) + 50))
}

# Frames all the time, in both directions, while rings come and go.
changes()
{
	local sender rc=0

	xsk echo --zero-copy --need-wakeup --count 100000000 --timeout 600 || return 1
	rm -f "$LOG/stop"
	(until [ -e "$LOG/stop" ]; do
		from_peer --count 200 --size-max "$LONGEST" --rate 4000 >/dev/null
	done) &
	sender=$!
	{ ethtool -G eth0 rx 128 tx 64 && echoes; } || rc=2
	ip link set eth0 mtu 1000
	ip link set eth0 down
	ip link set eth0 mtu 1500
	{ ip link set eth0 up && echoes; } || rc=3
	{ ethtool -G eth0 rx 4096 tx 1024 && echoes; } || rc=4
	{ reset_card && echoes; } || rc=5
	{ ethtool -G eth0 rx 512 tx 256 && echoes; } || rc=6
	{ ethtool -L eth0 combined 1 && echoes; } || rc=7
	{ ethtool -L eth0 combined 2 && echoes; } || rc=8
	touch "$LOG/stop"
	wait $sender
	kill "$listener"
	wait "$listener"
	cat "$LOG/heard"
	holds '.completed > 100' "$LOG/heard" || rc=9
	unbound
	ports_up
	ping_both || rc=10
	return $rc
}

# Sockets come and go under traffic, one of them by force.
binds()
{
	local sender i rc=0

	rm -f "$LOG/stop"
	(until [ -e "$LOG/stop" ]; do
		from_peer --count 200 --size-max "$LONGEST" --rate 4000 >/dev/null
	done) &
	sender=$!
	for i in 1 2 3; do
		{ xsk echo --zero-copy --count 1000000 && echoes; } || rc=1
		[ $i != 2 ] || kill -9 "$listener"
		kill "$listener"
		wait "$listener"
	done
	touch "$LOG/stop"
	wait $sender
	unbound
	ping_both || rc=2
	return $rc
}

# A full ring is there when the queue starts, and nothing is completed: what is
# taken is what one poll may send, and one more every 5 s, when the driver looks.
bounded()
{
	local card start most rc=0

	card=$(card 0)
	xsk tx --zero-copy --need-wakeup --hold --dst "$ADDR1" --count 1000 || return 1
	ip link set eth0 down
	property "$card" fault-tx-hold true || return 2
	kill -USR1 "$listener"
	sleep 0.5
	start=$SECONDS
	ip link set eth0 up
	wait_for 20 carrier 1
	sleep 1
	kill "$listener"
	wait "$listener"
	cat "$LOG/heard"
	most=$((64 * (2 + (SECONDS - start) / 5)))
	holds --argjson most $most '.sent == 1000 and .taken >= 64 and .taken <= $most' \
		"$LOG/heard" || rc=3
	property "$card" fault-tx-hold false
	unbound
	ports_up
	ping_both || rc=4
	return $rc
}

# The driver goes away under the socket.
unload()
{
	xsk echo --zero-copy --count 1000000 || return 1
	from_peer --count 500 --rate 2000 >/dev/null
	ip -n peer link set eth1 down
	rmmod qlge || return 2
	kill "$listener"
	wait "$listener"
	[ ! -d /sys/module/qlge ]
}

diag "$(uname -r), $(nproc) CPUs"
drivers_start

check "receive" rx
check "receive, need_wakeup, chunks of 2048 bytes" rx_uncalled --chunk 2048
check "receive on the other queue" other_queue
check "send" tx
check "send, need_wakeup" tx_called
check "send on the other queue, need_wakeup" tx_other
check "send back" echoed --need-wakeup
check "send back on the other queue" echo_other
for verb in rx tx; do
	check "unaligned chunks: $verb" $verb --unaligned --chunk 2048 --headroom 8
done
check "unaligned chunks: send back" echoed --unaligned --chunk 3000
check "one umem on two queues: receive" rx --share 1
check "one umem on two queues: receive on the other" other_queue --share 0
check "one umem on two queues: send" tx --share 1
check "receive, whoever reads polls" polled
check "send, whoever sends polls, also after a restart" polled_after
check "a socket with copies beside it" copy_beside
check "pools and MTUs that do not fit are refused; xdp_features say so" limits
check "an empty fill ring starves its own queue only, until it is filled" starve
check "the same, need_wakeup" starve_called
check "the same, with frames that no chunk can hold" starve_long
check "16 chunks" partial 1 16
check "40 chunks, need_wakeup" partial 1 40 --need-wakeup
check "200 chunks, need_wakeup" partial 0 200 --need-wakeup
for verdict in pass drop tx aborted; do
	check "verdict $verdict on its queue" verdict $verdict
done
check "redirect elsewhere from its queue" redirect_out
check "programs are told hash and tag" metadata
check "transmit checksum by metadata" csum_card
check "transmit checksum by metadata, VLAN tag" csum_tagged
check "transmit checksum that the card cannot do" csum 0 --csum-early
check "-G, MTU, down, up and reset while frames are sent back" changes
check "sockets come and go under traffic" binds
check "a poll sends a bounded number of frames" bounded
check "the driver goes away under a socket" unload
done_testing

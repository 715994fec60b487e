#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# More channels than any other suite has.  Layout pair, 12 CPUs.

set -uo pipefail

# shellcheck source=selftests/nic/lib.sh
. selftests/nic/lib.sh
# shellcheck source=selftests/xdp/attach.sh
. selftests/xdp/attach.sh

trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT

BPF=build/bpf
# The kernel with checks is built for no more than 8.
CPUS=$(nproc)
LAST=$((CPUS - 1))

# fired: how often the last vector has, on the last CPU
fired()
{
	awk -v d="eth0-TxRx-$LAST" -v cpu="$LAST" '$NF == d { print $(2 + cpu) }' \
		/proc/interrupts
}

most()
{
	ethtool -l eth0
	[ "$CPUS" = 12 ] || [ "$SLOW" ] || return 1
	[ "$(ethtool -l eth0 | awk '/^Combined/ { print $2 }' | xargs)" = "$CPUS $CPUS" ] &&
		[ "$(grep -c 'eth0-TxRx-' /proc/interrupts)" = "$CPUS" ] &&
		[ "$(find /sys/class/net/eth0/queues/ -name '?x-*' | wc -l)" = $((2 * CPUS)) ]
}

# Of 64 connections that nobody accepts one frame each arrives, at the last
# queue and its CPU.
receive()
{
	local before weights=() q

	weights[LAST]=1
	for ((q = 0; q < LAST; q++)); do
		weights[q]=0
	done
	ethtool -X eth0 weight "${weights[@]}" || return 1
	before=$(fired)
	stats eth0 "$LOG/a"
	in_peer bash -c 'for i in {1..64}; do
		exec 3<>/dev/tcp/10.0.0.1/7; done' 2>/dev/null
	stats eth0 "$LOG/b"
	grew "$LOG/a" "$LOG/b" "rx${LAST}_packets=64" rx_packets=64 || return 2
	echo "on CPU $LAST: $before, then $(fired)"
	[ "$(fired)" -gt "$before" ] || return 3
	ethtool -X eth0 default
}

# leaves CPU QUEUE: by which one frames of this CPU do
leaves()
{
	stats eth0 "$LOG/a"
	listen_peer eth1 --count 20
	taskset -c "$1" "$FRAMES" send eth0 --dst "$ADDR1" --count 20 >/dev/null
	heard || return 1
	stats eth0 "$LOG/b"
	grew "$LOG/a" "$LOG/b" "tx$2_packets=20" tx_packets=20
}

# One of the queues there are.
few()
{
	local q sum=0

	ethtool -L eth0 combined 4 && wait_for 10 has_carrier eth0 '' || return 1
	stats eth0 "$LOG/a"
	listen_peer eth1 --count 20
	taskset -c "$LAST" "$FRAMES" send eth0 --dst "$ADDR1" --count 20 >/dev/null
	heard || return 2
	stats eth0 "$LOG/b"
	for q in 0 1 2 3; do
		sum=$((sum + $(grown "$LOG/a" "$LOG/b" "tx${q}_packets")))
	done
	[ $sum = 20 ] && ping_both
}

sent()
{
	stats eth0 "$LOG/b"
	grew "$LOG/a" "$LOG/b" xdp_packets="$1"
}

# From several CPUs at once: each frame arrives once and intact.
redirected()
{
	local n=400 cpu pids=()

	listen_peer eth1 --count $n || return 1
	stats eth0 "$LOG/a"
	for cpu in 3 "$LAST"; do
		taskset -c "$cpu" "$FRAMES" send v1 --dst "$ADDR1" --count $((n / 2)) \
			--seq0 $((cpu == 3 ? 0 : n / 2)) --rate 1000 >/dev/null &
		pids+=($!)
	done
	wait "${pids[@]}"
	heard || return 2
	wait_for 10 sent $n
	grep ^xdp_ "$LOG/b"
	grew "$LOG/a" "$LOG/b" xdp_packets=$n xdp_errors=0 xdp_full=0 tx_packets=0
}

diag "$(uname -r), $(nproc) CPUs of $(cat /sys/devices/system/cpu/possible)"
drivers_start
modprobe veth 2>/dev/null
ip link add v0 type veth peer name v1
ip link set v0 up
ip link set v1 up
check "a channel for each of many CPUs" most
check "the last queue receives, on the last CPU" receive
check "the first, the middle and the last queue send, each for its CPU" eval \
	'leaves 0 0 && leaves $((CPUS / 2)) $((CPUS / 2)) && leaves $LAST $LAST'
attach v0 xdp_redirect && configure v0 tx_port "$(cat /sys/class/net/eth0/ifindex)"
check "ndo_xdp_xmit: by the queues of two CPUs" redirected
check "four channels: the last CPU sends" few
check "ndo_xdp_xmit: more CPUs than channels" redirected
check "driver printed no error" driver_errors
check "no window was used without its semaphore" owned
check "rmmod" rmmod qlge
done_testing

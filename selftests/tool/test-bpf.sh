#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Every XDP object does what it says on drivers that are not ours, veth and
# virtio_net: what a program does wrong shows here and not in the tests of the
# driver. No address is configured, so nobody but this test sends frames.
#
# shellcheck disable=SC2016 # programs of jq have dollars of their own

# Not -e: a check that fails is counted, and the test goes on.
set -uo pipefail

# shellcheck source=selftests/vm/tap.sh
. selftests/vm/tap.sh
# shellcheck source=selftests/xdp/attach.sh
. selftests/xdp/attach.sh

BPF=build/bpf
tracing=/sys/kernel/tracing
log=$(mktemp -d)

trap 'kill $(jobs -p) 2>/dev/null' EXIT

frames_serve
modprobe -a virtio_net veth || die "no modules"
wait_for 20 test -e /sys/class/net/eth0 -a -e /sys/class/net/eth1 ||
	die "no ports"
ip link add v0 type veth peer name v1
ip link add w0 type veth peer name w1
for dev in eth0 eth1 v0 v1 w0 w1; do
	# The frames have addresses of their own.
	ip link set $dev up promisc on
done
# veth can take frames from XDP_TX and XDP_REDIRECT only with NAPI, and has
# that only with a program.
for dev in v0 w1; do
	ip link set dev $dev xdpdrv obj $BPF/xdp_pass.o sec xdp ||
		die "no XDP on $dev"
done

# arrive ARG...: what frames.py expects is all that comes, and it comes
arrive()
{
	frames_ask "$@" >"$log/frames"
	cat "$log/frames"
	holds '.seen == {(.expected): 5}' "$log/frames"
}

# vanish ARG...: nothing comes
vanish()
{
	frames_ask --seconds 0.5 "$@" >"$log/frames"
	cat "$log/frames"
	holds '.seen == {}' "$log/frames"
}

xdp_drops()
{
	ethtool -S "$1" | awk '/rx[^:]*0_xdp_drops:/ { n += $2 } END { print n + 0 }'
}

dropped()
{
	[ $(($(xdp_drops "$1") - $2)) = 5 ]
}

exceptions()
{
	echo >$tracing/trace
	echo 1 >$tracing/events/xdp/xdp_exception/enable
	vanish "${@:4}" || return 1
	echo 0 >$tracing/events/xdp/xdp_exception/enable
	cat $tracing/trace
	[ "$(grep -cE "xdp_exception: prog_id=$1 action=$2 ifindex=$3" \
		$tracing/trace)" = 5 ]
}

prog_id()
{
	ip -j -d link show dev "$1" | jq '.[0].xdp.prog.id'
}

# suite DEV PEER "HEAD TAIL"...: the program is on DEV, PEER is at the other
# end of its wire; by how much to move the ends of a frame
suite()
{
	local dev=$1 peer=$2 before index kind head tail bytes
	shift 2
	index=$(cat "/sys/class/net/$dev/ifindex")

	check "$dev: xdp_pass loads" attach "$dev" xdp_pass
	for kind in v4 v6 other; do
		check "$dev: xdp_pass passes $kind unchanged" \
			arrive "$peer" "$dev" $kind
	done

	check "$dev: xdp_drop loads" attach "$dev" xdp_drop
	before=$(xdp_drops "$dev")
	check "$dev: xdp_drop lets nothing through" vanish "$peer" "$dev" v4
	check "$dev: xdp_drop: the driver counts drops" \
		wait_for 10 dropped "$dev" "$before"

	check "$dev: xdp_aborted loads" attach "$dev" xdp_aborted
	check "$dev: xdp_aborted raises the exception" exceptions \
		"$(prog_id "$dev")" ABORTED "$index" "$peer" "$dev" v4

	check "$dev: xdp_unknown loads" attach "$dev" xdp_unknown
	# The trace point has a name for known verdicts only.
	check "$dev: xdp_unknown raises the exception" exceptions \
		"$(prog_id "$dev")" '[^A-Z]*' "$index" "$peer" "$dev" v4

	check "$dev: xdp_tx loads" attach "$dev" xdp_tx
	for kind in v4 v6 other; do
		check "$dev: xdp_tx sends $kind back, turned around" \
			arrive --swap "$peer" "$peer" $kind
	done
	check "$dev: xdp_tx keeps frames from the stack" \
		vanish "$peer" "$dev" v4

	check "$dev: xdp_redirect loads" attach "$dev" xdp_redirect
	check "$dev: xdp_redirect with an empty map aborts" exceptions \
		"$(prog_id "$dev")" ABORTED "$index" "$peer" "$dev" v4
	check "$dev: xdp_redirect: bpftool sets the target" \
		configure "$dev" tx_port "$(cat /sys/class/net/w0/ifindex)"
	check "$dev: xdp_redirect sends out of another device" \
		arrive "$peer" w1 v4

	check "$dev: xdp_stats loads" attach "$dev" xdp_stats
	check "$dev: xdp_stats passes if not told otherwise" \
		arrive "$peer" "$dev" v4
	check "$dev: xdp_stats: set to DROP" configure "$dev" .data.config 1
	check "$dev: xdp_stats drops" vanish "$peer" "$dev" v6
	check "$dev: xdp_stats: set to TX" configure "$dev" .data.config 3
	check "$dev: xdp_stats sends back" arrive --swap "$peer" "$peer" v4
	bpftool -j map dump id "$(map_id "$dev" xdp_counts)" >"$log/dump"
	# 5 frames each, of 14 + 20 + 8 + 86 bytes with IPv4, 20 more with IPv6.
	check "$dev: xdp_stats: bpftool map dump has names and numbers" holds '
		[.[0].formatted.values[].value] as $v |
		def sum(f): [$v[] | f] | add;
		[sum(.pass.packets), sum(.drop.packets), sum(.tx.packets),
		 sum(.pass.bytes), sum(.drop.bytes), sum(.tx.bytes),
		 sum(.aborted.packets)] == [5, 5, 5, 640, 740, 640, 0]' \
		"$log/dump"
	check "$dev: xdp_stats: the dump for people has names" \
		grep -q '"drop": {' <(bpftool map dump id "$(map_id "$dev" xdp_counts)")

	check "$dev: xdp_adjust loads" attach "$dev" xdp_adjust
	for bytes; do
		read -r head tail <<<"$bytes"
		configure "$dev" .data.config "$head" "$tail" 2
		check "$dev: xdp_adjust: head $head, tail $tail" arrive \
			--head "$head" --tail "$tail" "$peer" "$dev" v4
	done
	check "$dev: xdp_adjust counts what it adjusted" \
		result "$dev" adjusted $(($# * 5))
	configure "$dev" .data.config 5000 0 2
	check "$dev: xdp_adjust: more than there is" vanish "$peer" "$dev" v4
	check "$dev: xdp_adjust counts refusals" result "$dev" refused 5
	ip link set dev "$dev" xdpdrv off
}

result()
{
	bpftool -j map dump id "$(map_id "$1" .data.result)" >"$log/dump"
	cat "$log/dump"
	holds --arg key "$2" --argjson value "$3" '
		[.. | objects | select(has($key)) | .[$key]] | first == $value' \
		"$log/dump"
}

# veth hands on the skb of the sender, whose buffer may end with the frame.
suite v1 v0 "-8 0" "8 0" "0 -16" "-40 -20"
suite eth0 eth1 "-8 0" "8 0" "0 16" "0 -16" "-40 -20" "6 32" "-200 0"

by_bpftool()
{
	local object name

	for object in "$BPF"/xdp_*.o; do
		name=$(basename "$object" .o)
		# Bound to one device, which bpftool 7.1 cannot do.
		[ "$name" != xdp_meta ] || continue
		bpftool prog load "$object" "/sys/fs/bpf/$name" &&
			bpftool net attach xdpdrv pinned "/sys/fs/bpf/$name" \
				dev eth0 overwrite &&
			[ "$(ip -j -d link show dev eth0 |
				jq -r '.[0].xdp.prog.name')" = "$name" ] ||
			return 1
		rm "/sys/fs/bpf/$name"
	done
	bpftool net detach xdpdrv dev eth0
}
check "bpftool loads and attaches every object" by_bpftool

done_testing

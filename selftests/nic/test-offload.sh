#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# VLAN insertion, stripping and filter, each on and off; segmentation with and
# without a tag; frames in many pieces; what the card is not asked for; the
# counters of all that.  eth0 is tested, eth1 in "peer" is the other end.
#
# Packet sockets show a tag the same way wherever it was taken out.  Bytes tell:
# the driver counts a frame as the card hands it over, the MAC as on the wire.

# Not -e: a check that fails is counted, and the test goes on.
set -uo pipefail

# shellcheck source=selftests/nic/lib.sh
. selftests/nic/lib.sh

trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT

BLOCK_MB=2
[ ! "$SLOW" ] || BLOCK_MB=1
MANY=4000
[ ! "$SLOW" ] || MANY=1000

mtu()
{
	ip link set eth0 mtu "$1" && ip -n peer link set eth1 mtu "$1"
}

# feature NAME on|off...: of eth0, as ethtool -k says it
feature()
{
	ethtool -k eth0 | grep -x "$1: $2"
}

vlans_up()
{
	modprobe 8021q 2>/dev/null
	# IPv6 sends frames of its own, and others are counted here. The guest
	# has it switched off, a new namespace not.
	in_peer sh -c 'for i in all default; do
		echo 1 >/proc/sys/net/ipv6/conf/$i/disable_ipv6
	done'
	ip link add link eth0 name v0 type vlan id 42 || return 1
	ip -n peer link add link eth1 name v1 type vlan id 42 || return 1
	ip addr add 10.0.42.1/24 dev v0
	ip -n peer addr add 10.0.42.2/24 dev v1
	ip link set v0 up
	ip -n peer link set v1 up
}

# --- VLAN: insertion ---

# sent SIZE EXTRA [TCI]: frames of v0, in which the driver counts EXTRA bytes
# for the tag; the wire always has one, and everything else is intact
sent()
{
	local n=50 tci=${3:-42}

	stats eth0 "$LOG/a"
	listen_peer eth1 --count $n --vlan "$tci"
	"$FRAMES" send v0 --dst "$ADDR1" --count $n --size "$1" || return 1
	heard || return 2
	stats eth0 "$LOG/b"
	grew "$LOG/a" "$LOG/b" tx_packets=$n tx_bytes=$((n * ($1 + $2))) \
		mac_tx_bytes=$((n * ($1 + 8)))
}

insertion()
{
	ethtool -K eth0 txvlan "$1" && feature tx-vlan-offload "$1" || return 1
	sent 60 "$2" && sent 1514 "$2" || return 2
	# The priority is a part of the tag.
	ip link set v0 type vlan egress-qos-map 0:5
	sent 300 "$2" $((5 * 8192 + 42)) || return 3
	ip link set v0 type vlan egress-qos-map 0:0
}

# --- VLAN: stripping ---

# got SIZE EXTRA [TCI]: frames of the peer, handed over with EXTRA bytes of tag
got()
{
	local n=50 tci=${3:-42}

	stats eth0 "$LOG/a"
	listen eth0 --count $n --vlan "$tci"
	from_peer --vlan "$tci" --count $n --size "$1" >/dev/null || return 1
	heard || return 2
	stats eth0 "$LOG/b"
	grew "$LOG/a" "$LOG/b" rx_packets=$n rx_bytes=$((n * ($1 + $2))) \
		mac_rx_bytes=$((n * ($1 + 8)))
}

tag_bytes()
{
	got 100 "$1"
}

# strip on|off: the card follows soon
strip()
{
	ethtool -K eth0 rxvlan "$1" && feature rx-vlan-offload "$1" &&
		wait_for 10 tag_bytes "$([ "$1" = on ] && echo 0 || echo 4)"
}

# Shortest, at the border of small buffers, in one large one, in several.
sizes()
{
	local size

	for size in 60 252 254 256 258 1514 2044 2046 2050 6000 9014; do
		got $size "$1" || return 1
	done
	got 300 "$1" $((5 * 8192 + 42))
}

stripping()
{
	local rc=0

	strip "$1" || return 1
	mtu 9000
	sizes "$2" || rc=2
	mtu 1500
	return $rc
}

# Two equal tags: only one of them is the card's.
two_tags()
{
	[ -e /sys/class/net/w0 ] || {
		ip -n peer link add link v1 name w1 type vlan id 42
		ip -n peer link set w1 up
		ip link add link v0 name w0 type vlan id 42
		ip link set w0 up
	}
	listen w0 --count 50
	peer_frames send w1 --dst "$ADDR0" --count 50 --size 100 >/dev/null
	heard
}

kept()
{
	strip off && reset_card && got 100 4 && down_up && got 100 4 &&
		strip on && reset_card && got 100 0 && down_up && got 100 0
}

# A program does not see a stripped tag; the stack gets it all the same.
with_program()
{
	local rc=0

	ip link set dev eth0 xdpdrv obj build/bpf/xdp_pass.o sec xdp || return 1
	strip off && got 1000 4 && got 60 4 && strip on && got 1000 0 &&
		got 60 0 || rc=2
	ip link set dev eth0 xdpdrv off
	return $rc
}

# Tagged and untagged frames while everything is switched: none is lost, no
# tag is lost or doubled.
under_traffic()
{
	local tagged plain i sender sum total rc=0

	rm -f "$LOG"/ready.?
	stats eth0 "$LOG/a"
	"$FRAMES" recv eth0 --count "$MANY" --vlan 42 --stream 1 \
		--timeout 90 --ready "$LOG/ready.1" >"$LOG/heard.1" &
	tagged=$!
	"$FRAMES" recv eth0 --count "$MANY" --stream 2 \
		--timeout 90 --ready "$LOG/ready.2" >"$LOG/heard.2" &
	plain=$!
	wait_for 20 test -e "$LOG/ready.1" -a -e "$LOG/ready.2"
	from_peer --count "$MANY" --rate 1000 --vlan 42 --stream 1 --size-max 1514 \
		--flows 50 >/dev/null &
	sender=$!
	from_peer --count "$MANY" --rate 1000 --stream 2 --size-max 1514 \
		--flows 50 >/dev/null &
	sender+=" $!"
	for ((i = 0; i < 6; i++)); do
		ethtool -K eth0 rxvlan off
		ethtool -K eth0 rx-vlan-filter off
		sleep 0.1
		ethtool -K eth0 rxvlan on
		ethtool -K eth0 rx-vlan-filter on
		sleep 0.1
	done
	# shellcheck disable=SC2086 # two of them
	wait $sender
	wait $tagged || rc=1
	wait $plain || rc=2
	stats eth0 "$LOG/b"
	cat "$LOG"/heard.?
	total=$(jq -s 'map(.bytes) | add' "$LOG"/heard.?)
	sum=$(($(grown "$LOG/a" "$LOG/b" rx_bytes) - total))
	echo "$((sum / 4)) of $MANY tags were left in the frame"
	[ $rc = 0 ] && [ $sum -gt 0 ] && [ $sum -lt $((MANY * 4)) ]
}

# --- VLAN: filter ---

# id N: frames with this tag that arrive
id()
{
	wait_for 10 arrive "$2" --dst "$ADDR0" --vlan "$1"
}

own_ids()
{
	id 42 3 && id 43 0 && id 4094 0 && id 1 0 &&
		id $((7 * 8192 + 42)) 3 &&
		# a priority without a VLAN
		id $((5 * 8192)) 3
}

filter()
{
	feature rx-vlan-filter on && own_ids || return 1
	reset_card && own_ids || return 2
	down_up && own_ids || return 3
	ethtool -K eth0 rx-vlan-filter off
	id 43 3 && id 42 3 || return 4
	reset_card && id 43 3 || return 5
	# An id that the card has not been told of while it did not filter.
	ip link add link eth0 name v4094 type vlan id 4094
	ethtool -K eth0 rx-vlan-filter on
	id 43 0 && id 42 3 && id 4094 3 || return 6
	ip link set eth0 down
	ip link del v4094
	ip link add link eth0 name v43 type vlan id 43
	ip link set eth0 up
	wait_for 20 has_carrier eth0 ''
	id 43 3 && id 4094 0 && id 42 3 || return 7
	ip link del v43
	own_ids
}

sees_all()
{
	ip link set eth0 promisc on
	id 43 3 && reset_card && id 43 3 || return 1
	ip link set eth0 promisc off
	own_ids
}

# --- segmentation ---

# segmented up|down ADDR0 ADDR1: TCP of large sends, by this card
segmented()
{
	stats eth0 "$LOG/a"
	tcp up "$@" && tcp down "$@" || return 1
	stats eth0 "$LOG/b"
	[ "$(grown "$LOG/a" "$LOG/b" tx_gso_packets)" -gt 10 ] &&
		[ "$(grown "$LOG/a" "$LOG/b" tx_gso_wire_packets)" -gt 500 ] &&
		grew "$LOG/a" "$LOG/b" rx_csum_bad=0 rx_length_errors=0
}

tso_vlan()
{
	local addrs=("$@")

	ethtool -K eth0 txvlan on
	segmented "${addrs[@]}" || return 1
	ethtool -K eth0 txvlan off
	segmented "${addrs[@]}" || return 2
	ethtool -K eth0 txvlan on
}

# Only here is IPv6 on.
tso_vlan6()
{
	local rc=0

	echo 0 >/proc/sys/net/ipv6/conf/v0/disable_ipv6
	in_peer sh -c 'echo 0 >/proc/sys/net/ipv6/conf/v1/disable_ipv6'
	ip addr add fd42::1/64 dev v0 nodad
	ip -n peer addr add fd42::2/64 dev v1 nodad
	tso_vlan fd42::1 fd42::2 || rc=$?
	echo 1 >/proc/sys/net/ipv6/conf/v0/disable_ipv6
	in_peer sh -c 'echo 1 >/proc/sys/net/ipv6/conf/v1/disable_ipv6'
	return $rc
}

# Ten segments of one request, counted at each level.
counted()
{
	stats eth0 "$LOG/a"
	$QLGESTAT -j show eth0 >"$LOG/c"
	"$VNET" eth0 "$ADDR1" tcp 14480 1448
	wait_for 5 at_least tx_packets $(($(awk '$1 == "tx_packets" { print $2 }' "$LOG/a") + 10))
	stats eth0 "$LOG/b"
	$QLGESTAT -j show eth0 >"$LOG/d"
	grew "$LOG/a" "$LOG/b" tx_packets=10 tx_bytes=$((14480 + 540)) tx_csum=1 \
		tx_gso_packets=1 tx_gso_bytes=$((14480 + 54)) \
		tx_gso_wire_packets=10 tx_gso_wire_bytes=$((14480 + 540)) \
		mac_tx_pkts=10 mac_tx_bytes=$((14480 + 580)) tx_errors=0 &&
	holds -n --slurpfile a "$LOG/c" --slurpfile b "$LOG/d" '
		[["packets", 10], ["bytes", 15020], ["needs-csum", 1],
		 ["hw-gso-packets", 1], ["hw-gso-bytes", 14534],
		 ["hw-gso-wire-packets", 10], ["hw-gso-wire-bytes", 15020],
		 ["hw-drops", 0]] |
		all(. as [$k, $n] | $b[0][0].tx[$k] - $a[0][0].tx[$k] == $n and
		    $a[0][0].tx[$k] != null)'
}

# What the card is not asked for is done by the stack, or not at all.
not_asked()
{
	# UDP-Lite, SCTP: a field somewhere is not enough.  Nor is UDP, if options
	# come before it.
	stats eth0 "$LOG/a"
	stats eth1 "$LOG/c"
	"$VNET" eth0 "$ADDR1" 136 6 && "$VNET" eth0 "$ADDR1" 99 16 &&
		"$VNET" eth0 "$ADDR1" udp6 1 || return 1
	wait_for 5 at_least tx_packets $(($(awk '$1 == "tx_packets" { print $2 }' "$LOG/a") + 3))
	stats eth0 "$LOG/b"
	stats eth1 "$LOG/d"
	grew "$LOG/a" "$LOG/b" tx_csum=0 tx_csum_none=3 &&
		grew "$LOG/c" "$LOG/d" rx_packets=3 || return 2
	# Plain UDP and TCP headers: the card does it.
	"$VNET" eth0 "$ADDR1" 17 6 && "$VNET" eth0 "$ADDR1" 6 16 &&
		"$VNET" eth0 "$ADDR1" udp6 0 || return 3
	stats eth0 "$LOG/c"
	grew "$LOG/b" "$LOG/c" tx_csum=3 || return 4
	# Segments that would be the longest frame, and longer ones.
	"$VNET" eth0 "$ADDR1" tcp 28500 9500 || return 5
	stats eth0 "$LOG/d"
	grew "$LOG/c" "$LOG/d" tx_gso_packets=1 tx_dropped=0 || return 6
	"$VNET" eth0 "$ADDR1" tcp 28800 9600 || return 7
	wait_for 5 at_least tx_packets $(($(awk '$1 == "tx_packets" { print $2 }' "$LOG/c") + 3))
	stats eth0 "$LOG/a"
	grew "$LOG/d" "$LOG/a" tx_gso_packets=0 tx_dropped=3 tx_errors=0
}

# --- pieces ---

# The card takes each piece as it is: one mapping each, one for the headers.
mappings()
{
	echo 0 >$TRACING/events/kprobes/mapping/enable
	echo "$(grep -c mapping: $TRACING/trace) mappings, for $1"
	[ "$(grep -c mapping: $TRACING/trace)" -ge "$1" ]
}

# pieces DEV ADDR [RECV_ARG...]: up to 8 fit a request, the rest is in a list
pieces()
{
	local n rc=0 dev=$1 addr=$2

	shift 2
	mtu 9000
	ip link set v0 mtu 9000
	ip -n peer link set v1 mtu 9000
	echo 'p:mapping dma_map_page_attrs dir=%r8:s32' >$TRACING/kprobe_events || return 4
	# To the device.
	echo 'dir == 1' >$TRACING/events/kprobes/mapping/filter
	for n in 1 6 7 8 9 12 17; do
		stats eth0 "$LOG/a"
		echo >$TRACING/trace
		echo 1 >$TRACING/events/kprobes/mapping/enable
		listen_peer eth1 --count 20 "$@"
		"$FRAMES" send "$dev" --to "$addr" --pieces $n --count 20 \
			--size 9000 || rc=1
		heard || rc=2
		stats eth0 "$LOG/b"
		mappings $((20 * (n + 1))) || rc=5
		grew "$LOG/a" "$LOG/b" tx_csum=20 tx_dropped=0 || rc=3
		[ $rc = 0 ] || break
	done
	echo >$TRACING/kprobe_events
	mtu 1500
	return $rc
}

# --- the rest ---

# drops NAME: a receive counter of the device
drops()
{
	$QLGESTAT -j show eth0 | jq ".[0].rx.\"$1\""
}

# missed N: what rtnl says of frames that the card had no room for
missed()
{
	echo "missed $(rtnl eth0 rx_missed_errors), not $1"
	[ "$(rtnl eth0 rx_missed_errors)" = "$1" ]
}

# The card has room for 256 frames that it cannot hand over.
overrun()
{
	local before sum

	before=$(drops hw-drops)
	[ "$before" != null ] || return 1
	property "$(card 0)" fault-rx-hold true
	from_peer --count 400 >/dev/null || return 2
	# Nobody asks the card, as reading qstats would.
	wait_for 15 missed $((before + 144))
	property "$(card 0)" fault-rx-hold false
	missed $((before + 144)) || return 5
	sum=$(drops hw-drops)
	echo "$before, $sum"
	[ "$sum" = $((before + 144)) ] && [ "$(drops hw-drop-overruns)" = "$sum" ] ||
		return 3
	reset_card && missed "$sum" && [ "$(drops hw-drops)" = "$sum" ] || return 4
	down_up && missed "$sum" && [ "$(drops hw-drops)" = "$sum" ] || return 6
	# What nobody has read when it goes down is not forgotten.
	property "$(card 0)" fault-rx-hold true
	from_peer --count 300 >/dev/null || return 7
	ip link set eth0 down
	property "$(card 0)" fault-rx-hold false
	missed $((sum + 44)) || return 8
	ip link set eth0 up && wait_for 20 has_carrier eth0 '' &&
		missed $((sum + 44))
}

# One queue has nothing to spread, so there is no hash to hand up.
hashing()
{
	feature receive-hashing on || return 1
	ethtool -L eth0 combined 1 && feature receive-hashing 'off \[requested on\]' ||
		return 2
	ethtool -L eth0 combined 2 && feature receive-hashing on &&
		wait_for 20 has_carrier eth0 ''
}

refuses()
{
	local before name

	before=$(ethtool -k eth0)
	for name in rx-vlan-stag-hw-parse rx-vlan-stag-filter \
		tx-vlan-stag-hw-insert tx-udp-segmentation rx-fcs; do
		refused 'Could not change|not change any' ethtool -K eth0 $name on ||
			return 1
	done
	refused 'nvalid|range' ip link add link eth0 name v9 type vlan id 4095 ||
		return 2
	[ "$(ethtool -k eth0)" = "$before" ] && own_ids
}

VNET=selftests/nic/vnet.py
diag "$(uname -r), $(nproc) CPUs"
drivers_start
check "VLAN devices" vlans_up
check "VLAN insertion by the card" insertion on 0
check "VLAN insertion by the stack" insertion off 4
check "VLAN stripping by the card" stripping on 0
check "two equal tags" two_tags
check "VLAN stripping by the stack" stripping off 4
check "two equal tags, none stripped" two_tags
ip link del w0
ip -n peer link del w1
check "stripping is kept over a reset, down and up" kept
check "stripping with a program attached" with_program
check "VLAN filter" filter
check "a promiscuous interface sees every VLAN" sees_all
check "everything is switched under traffic" under_traffic
check "ten segments, counted" counted
check "offloads that the request cannot express" not_asked
check "frames that found no room in the card" overrun
check "receive hash needs more than one queue" hashing
# From here on neighbours are asked for, so frames are not counted one by one.
check "TCP over a VLAN with segmentation" tso_vlan 10.0.42.1 10.0.42.2
check "TCP over IPv6 over a VLAN with segmentation" tso_vlan6
check "frames in up to 18 pieces" pieces eth0 10.0.0.2
check "frames in up to 18 pieces with a tag" pieces v0 10.0.42.2 --vlan 42
check "what is refused changes nothing" refuses
check "traffic after all that" eval 'ports_up && ping_both'
check "the driver printed no error" driver_errors
check "rmmod" rmmod qlge
done_testing

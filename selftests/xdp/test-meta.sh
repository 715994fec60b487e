#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What XDP programs hear of the card, BPF links, and libxdp's dispatcher.

# Not -e: a check that fails is counted, and the test goes on.
set -uo pipefail

# shellcheck source=selftests/xdp/lib.sh
. selftests/xdp/lib.sh

trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT

ATTACH=build/selftests/xdp_attach
SOME=200
[ ! "$SLOW" ] || SOME=50

diag "$(uname -r), $(nproc) CPUs"
drivers_start

# --- metadata ---

# data_of MAP-ID: the one value of a map with BTF, as JSON
data_of()
{
	bpftool -j map dump id "$1" |
		jq '[.. | objects | select(has("wrong") or has("same"))][0]'
}

tc_map()
{
	bpftool -j map show | jq '[.[] | select(.name == ".data.found")][-1].id'
}

# zero MAP-ID BYTES: all counters
zero()
{
	# shellcheck disable=SC2046 # many words
	bpftool map update id "$1" key 0 0 0 0 value $(yes 0 | head -n "$2")
}

# 9 counters of xdp_meta, 6 of tc_meta
meta_zero()
{
	zero "$(map_id eth0 .data.answers)" 72 && zero "$(tc_map)" 48
}

# meta_says ANSWERS FOUND: jq filters for what program and stack have seen
meta_says()
{
	data_of "$(map_id eth0 .data.answers)" >"$LOG/answers"
	data_of "$(tc_map)" >"$LOG/found"
	jq -c . "$LOG/answers" "$LOG/found"
	holds "$1" "$LOG/answers" && holds "$2" "$LOG/found"
}

meta_attach()
{
	tc qdisc add dev eth0 clsact &&
		tc filter add dev eth0 ingress bpf da obj build/bpf/tc_meta.o sec tc &&
		$ATTACH -b eth0 build/bpf/xdp_meta.o $PINS/meta &&
		attached eth0 xdp_meta
}

silent()
{
	stats eth0 "$LOG/a"
	sleep 0.5
	stats eth0 "$LOG/b"
	grew "$LOG/a" "$LOG/b" rx_packets=0
}

# Nothing but test frames shall come.
only_test_frames()
{
	in_peer bash -c 'echo 1 >/proc/sys/net/ipv6/conf/eth1/disable_ipv6'
	wait_for 5 silent && meta_zero
}

hash_udp()
{
	only_test_frames && listen eth0 --count "$SOME" || return 1
	from_peer --count "$SOME" --flows 16 "${acked[@]}" && heard || return 2
	meta_says "(.no_hash == $SOME or .l3_ipv4 == $SOME) and .no_tag == $SOME and .wrong == 0 and .tcp_ipv4 == 0" \
		".same + .no_hash == $SOME and .hash_differs == 0 and .tag_differs == 0 and .missing == 0"
}

hash_tcp()
{
	only_test_frames && tcp down || return 1
	# Many connections that nobody accepts, too.
	in_peer bash -c 'for i in {1..32}; do
		exec 3<>/dev/tcp/10.0.0.1/7; done' 2>/dev/null
	meta_says ".tcp_ipv4 > 40 and .wrong == 0 and .tcp_ipv4 + .no_hash + .l3_ipv4 == .no_tag" \
		".same > 35 and .hash_differs == 0 and .queue_differs == 0 and .missing == 0"
}

# The peer's own IPv6 frames, of neighbour discovery, are counted as well.
hash_ipv6()
{
	in_peer sh -c 'echo 0 >/proc/sys/net/ipv6/conf/eth1/disable_ipv6'
	echo 0 >/proc/sys/net/ipv6/conf/eth0/disable_ipv6
	ip addr add fd00::1/64 dev eth0 nodad
	ip -n peer addr add fd00::2/64 dev eth1 nodad
	ip neigh replace fd00::2 lladdr "$ADDR1" dev eth0
	ip -n peer neigh replace fd00::1 lladdr "$ADDR0" dev eth1
	meta_zero && tcp down fd00::1 fd00::2 || return 1
	meta_says ".tcp_ipv6 > 10 and .tcp_ipv4 == 0 and .l3_ipv6 == 0 and .wrong == 0" \
		".same > 5 and .hash_differs == 0 and .missing == 0" || return 2
	# Without ports, if asked for.
	ethtool -N eth0 rx-flow-hash udp6 sd && meta_zero || return 3
	in_peer ping -6 -q -c 3 -i 0.2 -W 2 fd00::1 || return 4
	meta_says ".l3_ipv6 >= 3 and .l3_ipv4 == 0 and .tcp_ipv6 == 0 and .wrong == 0" \
		".same >= 3 and .hash_differs == 0 and .missing == 0" || return 5
	ethtool -N eth0 rx-flow-hash udp6 ''
	echo 1 >/proc/sys/net/ipv6/conf/eth0/disable_ipv6
}

# A frame that is no IP has no hash.
hash_none()
{
	ip link set eth0 promisc on
	only_test_frames || return 1
	in_peer selftests/tool/frames.py <<<"--seconds 1 eth1 eth1 other" >/dev/null
	ip link set eth0 promisc off
	wait_for 5 meta_says ".no_hash == 5 and .l3_ipv4 == 0 and .tcp_ipv4 == 0 and .wrong == 0" \
		".no_hash == 5 and .missing == 0"
}

# What the user has switched off is not told, to program and stack alike.
hash_off()
{
	ethtool -K eth0 rxhash off && only_test_frames && listen eth0 --count 20 || return 1
	from_peer --count 20 "${acked[@]}" && heard || return 2
	meta_says ".no_hash == 20 and .l3_ipv4 == 0" ".no_hash == 20" || return 3
	tcp down || return 4
	meta_says ".no_hash > 100 and .tcp_ipv4 == 0" ".same == 0 and .missing == 0" || return 5
	ethtool -K eth0 rxhash on
}

# tag ANSWERS: what the program hears of the tag of 30 frames
tag()
{
	ip link add link eth0 name eth0.77 type vlan id 77
	ip link set eth0.77 up
	only_test_frames && listen eth0 --vlan 77 --count 30 || return 1
	from_peer --count 30 --vlan 77 "${acked[@]}" && heard || return 2
	ip link del eth0.77
	meta_says "$1 and .wrong == 0" ".tag_differs == 0 and .missing == 0"
}

tag_stripped()
{
	ethtool -k eth0 | grep -q '^rx-vlan-offload: on' &&
		tag ".tag == 30 and .no_tag == 0 and .tci == 77"
}

# Then it is in the frame.
tag_left()
{
	ethtool -K eth0 rxvlan off && ethtool -k eth0 | grep -q '^rx-vlan-offload: off' &&
		tag ".no_tag == 30 and .tag == 0" || return 1
	ethtool -K eth0 rxvlan on
}

check "a program bound to the device and its partner at tc attach" meta_attach
check "UDP: hash of its addresses or none, as the skb has; data_meta reaches tc" hash_udp
check "TCP: hash of its type, and the skb's" hash_tcp
check "IPv6: hash of its type, and the skb's" hash_ipv6
check "no IP: no hash" hash_none
check "hash switched off: none for the program either" hash_off
check "VLAN tag that the card strips" tag_stripped
check "VLAN tag that stays in the frame: none for the program" tag_left
tc qdisc del dev eth0 clsact


# --- links ---

# The link lives as long as its pin, and its program may be exchanged.
link_survives()
{
	attached eth0 xdp_meta || return 1
	refused . ip link set dev eth0 xdpdrv obj $BPF/xdp_pass.o sec xdp || return 2
	refused . ip link set dev eth0 xdpdrv off || return 3
	rm $PINS/meta
	wait_for 5 no_program || return 4
	$ATTACH eth0 $BPF/xdp_drop.o $PINS/link && attached eth0 xdp_drop || return 5
	bpftool link show pinned $PINS/link | tee "$LOG/link"
	grep -q 'xdp' "$LOG/link" || return 6
	stats eth0 "$LOG/a"
	mixed 50 || return 7
	stats eth0 "$LOG/b"
	grew "$LOG/a" "$LOG/b" rx_xdp_drop=50 || return 8
	# Rings come and go under it.
	ip link set eth0 down
	ports_up
	ethtool -G eth0 rx 64 && wait_for 20 carrier 1 || return 9
	attached eth0 xdp_drop || return 10
	stats eth0 "$LOG/a"
	mixed 50 || return 11
	stats eth0 "$LOG/b"
	grew "$LOG/a" "$LOG/b" rx_xdp_drop=50 || return 12
	rm $PINS/link
	wait_for 5 no_program && ping_both
}

no_program()
{
	ip -j -d link show dev eth0 | holds '.[0].xdp == null'
}

# A link is refused for the same reasons as any program.
link_refused()
{
	ip link set eth0 mtu 9000
	fails $ATTACH eth0 $BPF/xdp_pass.o $PINS/link || return 1
	no_program || return 2
	$ATTACH eth0 $BPF/frags/xdp_pass.o $PINS/link || return 3
	attached eth0 xdp_pass || return 4
	rm $PINS/link
	ip link set eth0 mtu 1500
	wait_for 5 no_program
}
check "a BPF link survives its opener, down and new rings" link_survives
check "a BPF link that does not fit the MTU is refused" link_refused

# --- libxdp ---

# Two programs under the dispatcher; the second one drops.
dispatcher()
{
	ping_both || return 1
	xdp-loader load -m native -s xdp eth0 $BPF/xdp_pass.o $BPF/xdp_drop.o || return 2
	xdp-loader status eth0 | tee "$LOG/status"
	grep -q 'xdp_dispatcher.*native' "$LOG/status" || return 3
	grep -q ' xdp_pass ' "$LOG/status" && grep -q ' xdp_drop ' "$LOG/status" || return 4
	stats eth0 "$LOG/a"
	mixed 100 || return 5
	stats eth0 "$LOG/b"
	grew "$LOG/a" "$LOG/b" rx_xdp_drop=100 rx_xdp_pass=0 || return 6
	xdp-loader unload eth0 --all || return 7
	wait_for 5 no_program && ping_both
}

# xdp-loader 1.3.1 never loads its dispatcher with frags support, whatever the
# section: it is a program that sees one buffer.
dispatcher_limit()
{
	ip link set eth0 mtu 9000
	refused 'not supported' xdp-loader load -m native -s xdp.frags eth0 \
		$BPF/frags/xdp_pass.o || return 1
	no_program || return 2
	ip link set eth0 mtu 2026
	xdp-loader load -m native -s xdp.frags eth0 $BPF/frags/xdp_pass.o || return 3
	refused 'mtu greater than device maximum' ip link set eth0 mtu 9000 || return 4
	xdp-loader unload eth0 --all || return 5
	ip link set eth0 mtu 1500
	wait_for 5 no_program && ping_both
}
check "two programs by libxdp's dispatcher" dispatcher
check "the dispatcher is refused where it does not fit, and limits the MTU" dispatcher_limit
done_testing

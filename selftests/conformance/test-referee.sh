#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The referee: Debian 6.1's stock qlge driver on the emulated card.  What it
# does on a real card it must do here; what it shows wrong is the emulator's
# bug.  Run with the 6.1 kernel and several CPUs.

set -uo pipefail

# shellcheck source=selftests/conformance/lib.sh
. selftests/conformance/lib.sh

MB=${1:-200}

counters_agree()
{
	local before after name want n=100 size=1042
	declare -A b

	for name in tx_pkts tx_bytes tx_ucast_pkts tx_1024_to_1518_pkts; do
		b[$name]=$(stat eth0 $name)
		b[${name/tx/rx}]=$(stat eth1 "${name/tx/rx}")
	done
	b[rx_nic_fifo_drop]=$(stat eth1 rx_nic_fifo_drop)
	ping -q -f -c $n -s 1000 10.0.0.2
	for name in tx_pkts tx_ucast_pkts tx_1024_to_1518_pkts tx_bytes; do
		want=$n
		# counted with FCS
		[ $name != tx_bytes ] || want=$((n * (size + 4)))
		after=$(stat eth0 $name)
		before=${b[$name]}
		echo "$name: $before -> $after, want +$want"
		[ $((after - before)) = $want ] || return 1
		name=${name/tx/rx}
		after=$(stat eth1 "$name")
		before=${b[$name]}
		echo "peer $name: $before -> $after, want +$want"
		[ $((after - before)) = $want ] || return 1
	done
	[ "$(stat eth1 rx_nic_fifo_drop)" = "${b[rx_nic_fifo_drop]}" ]
}

# A frame for an address nobody has: taken in promiscuous mode only.
promiscuous()
{
	local n

	ip neigh replace 10.0.0.9 lladdr 02:00:00:00:00:99 dev eth0
	n=$(in_peer cat /sys/class/net/eth1/statistics/rx_packets)
	ping -q -c 3 -i 0.2 -W 1 10.0.0.9 || true
	[ "$(in_peer cat /sys/class/net/eth1/statistics/rx_packets)" = "$n" ] ||
		return 1
	ip -n peer link set eth1 promisc on
	ping -q -c 3 -i 0.2 -W 1 10.0.0.9 || true
	ip -n peer link set eth1 promisc off
	[ "$(in_peer cat /sys/class/net/eth1/statistics/rx_packets)" = \
		$((n + 3)) ]
}

# A group nobody joined is filtered; after joining it arrives.
multicast()
{
	local n m

	ip route replace 224.0.0.0/4 dev eth0
	n=$(in_peer cat /sys/class/net/eth1/statistics/rx_packets)
	ping -q -c 3 -i 0.2 -W 1 -I eth0 239.1.2.3 || true
	m=$(in_peer cat /sys/class/net/eth1/statistics/rx_packets)
	[ "$m" = "$n" ] || return 1
	ip -n peer maddr add 01:00:5e:01:02:03 dev eth1
	ping -q -c 3 -i 0.2 -W 1 -I eth0 239.1.2.3 || true
	ip -n peer maddr del 01:00:5e:01:02:03 dev eth1
	[ "$(in_peer cat /sys/class/net/eth1/statistics/rx_packets)" = \
		$((n + 3)) ]
}

vlan_ping()
{
	ping -q -c 3 -i 0.2 -W 2 10.0.42.2 &&
		in_peer ping -q -c 3 -i 0.2 -W 2 10.0.42.1
}

vlan_transfer()
{
	local pid

	in_peer timeout 300 socat -u -b 131072 TCP-LISTEN:5042,reuseaddr - |
		sha256sum | cut -c 1-64 >/tmp/sum.vlan &
	pid=$!
	wait_for 5 listening 5042 in_peer
	blocks 8 | timeout 300 socat -u -b 131072 - TCP:10.0.42.2:5042
	wait $pid
	[ "$(cat /tmp/sum.vlan)" = "${SUMS[8]}" ]
}

# The filter drops a tag the peer has not announced, before its stack sees it.
vlan_filter()
{
	local n

	ip link add link eth0 name v7 type vlan id 7
	ip link set v7 up
	ip addr add 10.0.7.1/24 dev v7
	ip neigh replace 10.0.7.2 lladdr "$(mac eth1 peer)" dev v7
	n=$(in_peer cat /sys/class/net/eth1/statistics/rx_packets)
	ping -q -c 3 -i 0.2 -W 1 10.0.7.2 || true
	ip link del v7
	[ "$(in_peer cat /sys/class/net/eth1/statistics/rx_packets)" = "$n" ]
}

cycles()
{
	local i

	for i in {1..10}; do
		ip link set eth0 down
		ip -n peer link set eth1 down
		ports_up || return 1
		ping -q -c 1 -W 2 10.0.0.2 || return 1
	done
}

# Many flows at once: every receive vector of the peer must get some.
# Where each goes is chance: that one queue of four gets none of 16 happens once
# in 25 times, of 64 never.
flows()
{
	local i pids before after n round

	mapfile -t before < <(interrupts eth1)
	for round in {1..4}; do
		pids=()
		for i in {1..16}; do
			transfer 2 up $((6000 + 16 * round + i)) &
			pids+=($!)
		done
		for i in "${pids[@]}"; do
			wait "$i" || return 1
		done
		mapfile -t after < <(interrupts eth1)
		echo "before ${before[*]}, after ${after[*]}"
		[ "${#after[@]}" = "$(nproc)" ] || return 1
		n=0
		for i in "${!after[@]}"; do
			[ $((after[i] - before[i])) -le 20 ] || n=$((n + 1))
		done
		[ $n != "$(nproc)" ] || return 0
	done
	return 1
}

# link up|down: the emulator pulls the plug and puts it back
link()
{
	local up=true state=1

	[ "$1" = up ] || up=false state=0
	qmp '{"execute":"set_link","arguments":{"name":"p0","up":'$up'}}' &&
		wait_for 10 grep -qx $state /sys/class/net/eth0/carrier
}

link_flap()
{
	link down && link up && ping_both -s 56
}

# The error bit must bring the driver to a reset after which traffic flows.
fatal_error()
{
	property "$CARD" fault-fe true || return 1
	# The property shows the device's bit; the reset clears it.
	wait_for 20 reads fault-fe false || return 1
	wait_for 20 ping -q -c 1 -W 1 10.0.0.2
}

# reads PROPERTY VALUE: of the card
reads()
{
	[ "$(property "$CARD" "$1")" = "$2" ]
}

# said WORDS...: in the driver's log since mark
said()
{
	local words

	for words in "$@"; do
		wait_for 10 eval "dmesg | grep -qF '$words'" ||
			{ echo "no '$words'"; return 1; }
	done
}

changes()
{
	echo $(($(cat /sys/class/net/eth0/carrier_changes) - CHANGES))
}

mark()
{
	dmesg -C
	CHANGES=0
	CHANGES=$(changes)
}

# changed N: the carrier has come and gone N times since mark, and is there
changed()
{
	wait_for 10 eval '[ "$(changes)" = '"$1"' ]' || {
		echo "$(changes) changes"
		return 1
	}
	wait_for 10 carrier 1
}

# All of it in 5 ms, and the driver hears of each.
quick_flaps()
{
	mark
	property "$CARD" fault-flap 3 && changed 6 && ping_both
}

# idc WORD: a request of another function, and the acknowledgment; its fourth
# word has never been read (errata.rst)
idc()
{
	local acks words

	mark
	acks=$(property "$CARD" idc-acks)
	property "$CARD" fault-aen "\"8101 $1 22222222 33333333 44444444\"" &&
		wait_for 10 reads idc-acks $((acks + 1)) &&
		said 'Enter!' || return 1
	words=$(property "$CARD" idc-ack)
	echo "acknowledged $words"
	[[ $words = "\"$1 22222222 33333333 "* ]]
}

idc_request()
{
	idc 1220100 && ping_both && [ "$(changes)" = 0 ]
}

# The driver takes the link for down until the card says that it is up.
idc_link_down()
{
	idc 100100 || return 1
	wait_for 10 eval '[ "$(changes)" = 1 ]' || return 2
	! ping -q -c 1 -W 1 10.0.0.2 || return 3
	property "$CARD" fault-flap 1
	changed 2 && ping_both
}

# A new firmware tells its revision.
firmware_error()
{
	mark
	property "$CARD" fault-aen '"8002"' &&
		said 'System Error.' 'Firmware Revision' && changed 2 && ping_both
}

# chip_event CODE WORDS...
chip_event()
{
	mark
	property "$CARD" fault-event "$1" && said "${@:2}" && changed 2 &&
		ping_both
}

new_mac()
{
	ip link set eth0 address "$(mac eth0)"
}

# Counters are those of the last time, an address is refused, traffic goes on.
without_semaphores()
{
	local n

	n=$(stat eth0 tx_pkts)
	mark
	property "$CARD" fault-sem $((3 | 3 << 6)) && ping_both || return 1
	[ "$(stat eth0 tx_pkts)" = "$n" ] && said 'get xgmac sem' || return 2
	! new_mac
}

semaphores()
{
	local rc=0

	without_semaphores || rc=$?
	property "$CARD" fault-sem 0
	[ $rc = 0 ] || return $rc
	dmesg -C
	new_mac && ping_both && counters_agree && errors
}

# Late, but before the driver gives up.
firmware_silent()
{
	local pid

	mark
	property "$CARD" fault-mpi 1 || return 1
	ethtool -a eth0 &
	pid=$!
	sleep 1
	kill -0 $pid || return 2
	property "$CARD" fault-mpi 0
	wait $pid && ping_both && errors
}

# The full dump stops the firmware and ends with its soft reset.
register_dump()
{
	[ "$(ethtool -d eth0 raw on | wc -c)" -gt 100000 ]
}

diag "$(uname -r), $(nproc) CPUs"
check "probe" qlge_load
check "probe prints no error" errors
ports_in_place
check "link up" carrier 1
check "ethtool reports 10 Gb/s" eval 'ethtool eth0 | grep -q "Speed: 10000Mb/s"'
check "ping in both directions" ping_both
check "counters agree with what was sent" counters_agree
check "unicast filter and promiscuous mode" promiscuous
check "multicast filter" multicast

prepare_data
sum_of 2 >/dev/null
sum_of 8 >/dev/null
sum_of "$MB" >/dev/null
start=$SECONDS
check "$MB MB of TCP out" transfer "$MB" up
check "$MB MB of TCP in" transfer "$MB" down
diag "$((2 * MB)) MB took $((SECONDS - start)) s"
diag "FIFO drops $(stat eth0 rx_nic_fifo_drop) and $(stat eth1 rx_nic_fifo_drop)"
check "many flows reach every receive queue" flows

modprobe 8021q
vlan_up
check "VLAN ping" vlan_ping
check "VLAN TCP" vlan_transfer
ethtool -K eth0 rxvlan off
wait_for 10 carrier 1
check "VLAN ping without stripping" vlan_ping
ethtool -K eth0 rxvlan on
in_peer ethtool -K eth1 rxvlan off
in_peer ethtool -K eth1 rxvlan on
wait_for 10 carrier 1
check "VLAN ping with stripping again" vlan_ping
check "VLAN filter" vlan_filter
ip link del v0
ip -n peer link del v1

ip link set eth0 mtu 9000
ip -n peer link set eth1 mtu 9000
wait_for 10 carrier 1
ports_up
check "MTU 9000 ping" ping_both -M "do" -s 8972
check "MTU 9000 TCP out" transfer 8 up
check "MTU 9000 TCP in" transfer 8 down
ip link set eth0 mtu 1500
ip -n peer link set eth1 mtu 1500
ports_up

check "ten down and up cycles" cycles
check "no error so far" errors
check "link flap" link_flap
CARD=$(card 0)
check "recovery from a fatal error" fatal_error
check "three link flaps in 5 ms" quick_flaps
check "request of another function" idc_request
check "request to take the link down" idc_link_down
check "firmware error" firmware_error
check "chip event: management processor" chip_event 8 \
	'Management Processor Fatal Error.' 'Firmware Revision'
check "chip event: ECC error" chip_event 7 'Soft ECC error detected.'
check "semaphores held elsewhere" semaphores
check "firmware silent for a while" firmware_silent
dmesg -C
# The driver polls the completion queue of its loopback frames 2 ms after the
# last one while NAPI may be at it as well, which shows if the host lets one
# virtual CPU wait for so long: on one CPU they are less likely to meet, and a
# driver that has lost count is loaded again.
self_test()
{
	local irq round

	for round in 1 2 3; do
		while read -r irq; do
			echo 0 >"/proc/irq/$irq/smp_affinity_list"
		done < <(awk -F: '/ eth0-rx-/ { print $1 + 0 }' /proc/interrupts)
		! taskset -c 0 ethtool -t eth0 offline | tee /dev/stderr |
			grep -q "result is PASS" || return 0
		diag "self test: round $round failed"
		rmmod qlge
		qlge_load || return 1
		ports_in_place
	done
	return 1
}
check "ethtool -t" self_test
ports_up
check "ping after the self test" ping_both
check "register dump" register_dump
check "pause parameters" eval 'ethtool -a eth0'

rmmod qlge
check "reload" qlge_load
ports_in_place
check "ping after the reload" ping_both
check "no error since" errors
done_testing

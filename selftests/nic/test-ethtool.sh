#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What ethtool can see and set, each with the effect it has.  Layout quad, 4
# CPUs: eth0 and eth1 (in the namespace "peer") are 8000 cards with MSI-X, eth2
# is an 8012 with MSI, eth3 one with a single MSI-X vector.

set -uo pipefail

# shellcheck source=selftests/nic/lib.sh
. selftests/nic/lib.sh

trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT

# raw_frames N HEX: from the peer
raw_frames()
{
	nsenter --net=/run/netns/peer perl -e '
		my ($n, $hex, $index) = @ARGV;
		socket(my $s, 17, 3, 0) or die "socket: $!";
		my $to = pack("SniSCCa8", 17, 0, $index, 0, 0, 6, "");
		send($s, pack("H*", $hex), 0, $to) or die "send: $!" for 1..$n' \
		"$1" "$2" "$(in_peer cat /sys/class/net/eth1/ifindex)"
}

# --- wake on LAN: "test-ethtool.sh wol", with a card that can ---

wol_is()
{
	ethtool eth0 | grep -E "^	Wake-on: $1\$"
}

wol()
{
	ethtool eth0 | grep 'Supports Wake-on: g' && wol_is g || return 1
	ethtool -s eth0 wol d && wol_is d || return 2
	refused 'unsupported|nvalid|cannot' ethtool -s eth0 wol u && wol_is d || return 3
	ethtool -s eth0 wol g && wol_is g
}

# magic_packet ADDRESS: to everybody, naming this one
magic_packet()
{
	raw_frames 1 "ffffffffffff${ADDR1//:/}0842ffffffffffff$(printf "${1//:/}%.0s" {1..16})"
}

wakes_are()
{
	[ "$(property "$CARD" wol-wakes)" = "$1" ]
}

# asleep MODE WAKES: suspended, the card is armed so, and a magic packet wakes
# so many times more; afterwards it carries traffic again
asleep()
{
	local wakes slot

	wakes=$(property "$CARD" wol-wakes)
	slot=$(basename "$(readlink /sys/class/net/eth0/device)")
	insmod "build/selftests/pm/$KERNEL/suspend_one.ko" slot="$slot" || return 1
	echo "mode $(property "$CARD" wol-mode), address $(property "$CARD" wol-magic)"
	[ "$(property "$CARD" wol-mode)" = "$1" ] || return 2
	# One of somebody else, and frames that are none, wake nobody.
	magic_packet "$ADDR1" && from_peer --count 5 >/dev/null && magic_packet "$ADDR0" || return 3
	wait_for 5 wakes_are $((wakes + $2)) || return 4
	sleep 0.3
	wakes_are $((wakes + $2)) || return 5
	rmmod suspend_one
	wait_for 20 carrier 1 && ping_both
}

# The address that counts is the one at the time.
armed()
{
	asleep 65538 1 || return 1
	[ "$(property "$CARD" wol-magic)" = "\"$ADDR0\"" ] || return 2
	ip link set eth0 address 52:54:00:00:00:77
	ADDR0=$(mac eth0)
	ports_up
	asleep 65538 1 && [ "$(property "$CARD" wol-magic)" = "\"$ADDR0\"" ]
}

disarmed()
{
	ethtool -s eth0 wol d && asleep 0 0 && ethtool -s eth0 wol g && asleep 65538 1
}

asleep_down()
{
	ip link set eth0 down
	insmod "build/selftests/pm/$KERNEL/suspend_one.ko" \
		slot="$(basename "$(readlink /sys/class/net/eth0/device)")" || return 1
	[ "$(property "$CARD" wol-mode)" = 65538 ] || return 2
	rmmod suspend_one
	ports_up
	wait_for 20 carrier 1 && ping_both
}

# quiet: nothing of the card reaches memory or a CPU, whatever comes in
quiet()
{
	local c before=()

	for c in dma-reads dma-writes interrupts tx-frames; do
		before+=("$(property "$CARD" $c)")
	done
	from_peer --count 20 >/dev/null && magic_packet "$ADDR0" || return 1
	sleep 0.3
	for c in dma-reads dma-writes interrupts tx-frames; do
		echo "$c: ${before[0]}, then $(property "$CARD" $c)"
		[ "$(property "$CARD" $c)" = "${before[0]}" ] || return 1
		before=("${before[@]:1}")
	done
}

# As before a reboot; here the device is used again.
shut_down()
{
	local slot wakes

	wakes=$(property "$CARD" wol-wakes)
	slot=$(basename "$(readlink /sys/class/net/eth0/device)")
	insmod "build/selftests/pm/$KERNEL/suspend_one.ko" slot="$slot" shutdown=1 || return 1
	echo "mode $(property "$CARD" wol-mode), address $(property "$CARD" wol-magic)"
	[ "$(property "$CARD" wol-mode)" = 65538 ] &&
		[ "$(property "$CARD" wol-magic)" = "\"$ADDR0\"" ] || return 2
	# Bit 2 of the command: no master of the bus any more.
	[ $(($(od -An -tu1 -j4 -N1 "/sys/bus/pci/devices/$slot/config") & 4)) = 0 ] || return 3
	quiet || return 4
	wakes_are $((wakes + 1)) || return 5
	refused "No such device" ethtool -G eth0 rx 512 || return 6
	rmmod suspend_one
	echo "$slot" >/sys/bus/pci/drivers/qlge/unbind
	bind "$slot" eth0 || return 7
	ADDR0=$(mac eth0)
	ports_up
	wait_for 20 carrier 1 && ping_both
}

if [ "${1:-}" = wol ]; then
	drivers_start
	CARD=$(card 0)
	check "wake on LAN: a mezzanine card can, and does by default" wol
	check "wake on LAN: armed by suspend, with the address in use" armed
	ADDR0=$(mac eth0)
	check "wake on LAN: off is off" disarmed
	check "wake on LAN: armed while down" asleep_down
	check "driver printed no error" driver_errors
	# Nobody unbinds what has been shut down, and newer kernels mind that it
	# takes no VLAN away any more.
	check "shutdown: armed, silent, and revived by another bind" shut_down
	check "nor then" eval '! dmesg -l emerg,alert,crit,err,warn | grep qlge |
		grep -vE "loading out-of-tree|module verification|failed to kill vid 0081/0"'
	check "rmmod" rmmod qlge
	done_testing
	exit
fi

# --- before the first open ---

fw_version()
{
	ethtool -i "$1" | grep -E '^firmware-version: [0-9]+\.[0-9]+\.[0-9]+$'
}

diag "$(uname -r), $(nproc) CPUs"
qlge_load || die "qlge does not load"
check "firmware version is known before the first open" eval \
	'[ "$(cat /sys/class/net/eth0/operstate)" = down ] && fw_version eth0'
ports_in_place
carrier 1 || die "no link"
ADDR0=$(mac eth0) ADDR1=$(mac eth1 peer)
CARD=$(card 0)

# reset: of the running interface, and traffic after it
reset()
{
	local n

	n=$(stat eth0 resets)
	property "$CARD" fault-fe true || return 1
	wait_for 20 at_least resets $((n + 1)) &&
		wait_for 20 has_carrier eth0 '' && ping -q -c 1 -W 2 10.0.0.2
}

down_up()
{
	ip link set eth0 down
	ports_up
	wait_for 10 ping -q -c 1 -W 2 10.0.0.2
}

settings()
{
	ethtool -g eth0
	ethtool -l eth0
	ethtool -c eth0
	ethtool -x eth0
	ethtool -a eth0
	for t in tcp4 udp4 tcp6 udp6; do
		ethtool -n eth0 rx-flow-hash $t
	done
}

# untouched CMD...: CMD succeeds, changes nothing and stops nothing
untouched()
{
	local before resets

	before=$(settings)
	resets=$(stat eth0 resets)
	"$@" || return 1
	[ "$before" = "$(settings)" ] && [ "$resets" = "$(stat eth0 resets)" ] &&
		ping -q -c 1 -W 2 10.0.0.2
}

# said PATTERN CMD...: refused, and the log says why
said()
{
	local pattern=$1

	shift
	dmesg -C
	fails "$@" && dmesg | grep -E "$pattern" && dmesg -C
}

# --- coalescing ---

# irqs NAME: how often the vectors whose name begins so have fired
irqs()
{
	awk -v d="$1" 'index($NF, d) == 1 {
		for (i = 2; i <= NF && $i ~ /^[0-9]+$/; i++)
			n += $i
	} END { print n + 0 }' /proc/interrupts
}

# Frames two milliseconds apart, and no sooner when the sender is late: "rx"
# arrive at queue 0, "tx" leave anywhere.
stream()
{
	local before

	before=$(irqs eth0-TxRx-)
	if [ "$1" = rx ]; then
		listen eth0 --count 200 && from_peer --count 200 --apart 2000 >/dev/null && heard
	else
		listen_peer eth1 --count 200 && to_peer --count 200 --apart 2000 >/dev/null && heard
	fi >"$LOG/stream" || return 1
	# The last delay must be over.
	sleep 0.1
	count=$(($(irqs eth0-TxRx-) - before))
}

delays_are()
{
	ethtool -c eth0 | grep -E '^[rt]x-usecs:' | awk '{ print $2 }' | xargs |
		grep -qx "$1 $2"
}

# One interrupt in 65 ms, and some of other origin. On a slow machine the stream
# takes its time; without a delay there are more than 110 on any.
delayed()
{
	local start ms

	start=$(date +%s%3N)
	stream "$1" || return 1
	ms=$(($(date +%s%3N) - start))
	echo "$1: $count interrupts in $ms ms"
	[ "$count" -lt 110 ] && [ "$count" -lt $((44 + ms / 65)) ]
}

coalesce()
{
	local dir=$1

	ethtool -C eth0 rx-usecs 0 tx-usecs 0 && delays_are 0 0 || return 1
	stream "$dir" || return 2
	echo "$dir, no delay: $count interrupts"
	[ "$count" -gt 110 ] || return 3
	ethtool -C eth0 "$dir-usecs" 65000 || return 4
	delayed "$dir" || return 5
	[ "$dir" = rx ] || return 0
	# They survive what replaces or restarts the rings.
	ethtool -G eth0 rx 256 && wait_for 10 has_carrier eth0 '' &&
		delayed rx || return 6
	reset && delayed rx || return 7
	down_up && delayed rx && delays_are 65000 0 && ethtool -G eth0 rx 512
}

check "coalescing: default" delays_are 100 100
check "coalescing: rx-usecs" coalesce rx
check "coalescing: tx-usecs" coalesce tx
ethtool -C eth0 rx-usecs 100 tx-usecs 100
check "coalescing: too much is refused" untouched refused \
	'at most 65535 microseconds' ethtool -C eth0 rx-usecs 65536
check "coalescing: other parameters are refused" untouched refused \
	'unsupported' ethtool -C eth0 rx-frames 5
check "coalescing: the field's limit" eval \
	'ethtool -C eth0 rx-usecs 65535 tx-usecs 65535 && delays_are 65535 65535 &&
	ping -q -c 2 -W 2 10.0.0.2 && ethtool -C eth0 rx-usecs 100 tx-usecs 100'

# --- receive hashing ---

# flows Q|all [ADDRESS]: 64 connections that nobody accepts; of each one frame
# arrives
flows()
{
	local q got

	stats eth0 "$LOG/a"
	in_peer bash -c 'for i in {1..64}; do
		exec 3<>"/dev/tcp/$0/7"; done' "${2:-10.0.0.1}" 2>/dev/null
	stats eth0 "$LOG/b"
	for ((q = 0; q < $(ethtool -l eth0 | awk '/^Combined/ { n = $2 } END { print n }'); q++)); do
		got=$(grown "$LOG/a" "$LOG/b" "rx${q}_packets")
		echo "queue $q: $got"
		case $1 in
		all)
			[ "$got" -gt 2 ] || return 1
			;;
		"$q")
			[ "$got" -ge 64 ] || return 2
			;;
		*)
			[ "$got" -le 2 ] || return 3
			;;
		esac
	done
}

# udp Q: where 64 flows of UDP go
udp()
{
	stats eth0 "$LOG/a"
	listen eth0 --count 64
	from_peer --count 64 --flows 64 >/dev/null
	heard || return 1
	stats eth0 "$LOG/b"
	grew "$LOG/a" "$LOG/b" "rx$1_packets=64"
}

# indirection DEV: the table's entries
indirection()
{
	ethtool -x "$1" | sed -n '/^RSS hash key/q; s/^ *[0-9]*: *//p' | xargs
}

table()
{
	flows all || return 1
	[ "$(indirection eth0 | wc -w)" = 1024 ] || return 2
	ethtool -X eth0 weight 0 1 0 0 && flows 1 || return 3
	down_up && flows 1 || return 4
	reset && flows 1 || return 5
	# The rings of queue 1 stay, and so does the table.
	ethtool -L eth0 combined 2 && wait_for 10 has_carrier eth0 '' && flows 1 || return 6
	ethtool -L eth0 combined 4 && wait_for 10 has_carrier eth0 '' && flows 1 || return 7
	untouched refused 'too low|indirection' ethtool -L eth0 combined 1 || return 8
	ethtool -X eth0 weight 0 0 0 1 && flows 3 || return 9
	# Not chosen any more: it follows the channels.
	ethtool -X eth0 default && flows all || return 10
	ethtool -L eth0 combined 2 && wait_for 10 has_carrier eth0 '' && flows all || return 11
	[ "$(indirection eth0 | tr ' ' '\n' | sort -u | xargs)" = '0 1' ] || return 12
	ethtool -L eth0 combined 4 && wait_for 10 has_carrier eth0 '' && flows all
}

# The hash under a key of zeros is 0, so that everything is in bucket 0.
key()
{
	local zero old

	old=$(ethtool -x eth0 | grep -A 1 '^RSS hash key' | tail -n 1)
	zero=${old//[0-9a-f]/0}
	[ ${#old} = 119 ] && [ "$old" != "$zero" ] || return 1
	ethtool -X eth0 hkey "$zero" && ethtool -x eth0 | grep "$zero" || return 2
	flows 0 || return 3
	down_up && reset && flows 0 || return 4
	ethtool -X eth0 hkey "$old" && flows all
}

# A key of its own, of which the user sees the first part of the other.
ipv6()
{
	local zero old to=fd00::1 rc=0

	in_peer sh -c 'echo 0 >/proc/sys/net/ipv6/conf/eth1/disable_ipv6'
	echo 0 >/proc/sys/net/ipv6/conf/eth0/disable_ipv6
	ip addr add $to/64 dev eth0 nodad
	ip -n peer addr add fd00::2/64 dev eth1 nodad
	old=$(ethtool -x eth0 | grep -A 1 '^RSS hash key' | tail -n 1)
	zero=${old//[0-9a-f]/0}
	{ flows all $to && ethtool -X eth0 hkey "$zero" && flows 0 $to &&
		reset && flows 0 $to; } || rc=1
	ethtool -X eth0 hkey "$old"
	{ ethtool -X eth0 weight 0 0 1 0 && flows 2 $to && ethtool -X eth0 default; } ||
		rc=2
	# By addresses alone all connections are one flow.
	{ ethtool -N eth0 rx-flow-hash udp6 sd && ethtool -N eth0 rx-flow-hash tcp6 sd &&
		fails flows all $to && ethtool -N eth0 rx-flow-hash tcp6 sdfn &&
		flows all $to && ethtool -N eth0 rx-flow-hash udp6 ''; } || rc=3
	echo 1 >/proc/sys/net/ipv6/conf/eth0/disable_ipv6
	in_peer sh -c 'echo 1 >/proc/sys/net/ipv6/conf/eth1/disable_ipv6'
	return $rc
}

while_down()
{
	ip link set eth0 down
	ethtool -X eth0 weight 0 0 1 0 || return 1
	ports_up
	wait_for 10 ping -q -c 1 -W 2 10.0.0.2 && flows 2 || return 2
	ethtool -X eth0 default && flows all
}

fields()
{
	ethtool -n eth0 rx-flow-hash udp4 | grep -qx None || return 1
	ethtool -n eth0 rx-flow-hash tcp4 | grep -q 'L4 bytes 2 & 3' || return 2
	ethtool -X eth0 weight 0 0 1 0
	udp 0 || return 3
	ethtool -N eth0 rx-flow-hash udp4 sd && udp 2 && flows 2 || return 4
	ethtool -n eth0 rx-flow-hash udp4 | grep 'IP DA' || return 5
	reset && udp 2 || return 6
	ethtool -X eth0 default && flows all || return 7
	# By addresses alone all connections are one flow.
	ethtool -N eth0 rx-flow-hash tcp4 sd || return 8
	flows all && return 9
	ethtool -n eth0 rx-flow-hash tcp4 | grep 'IP DA' || return 10
	ethtool -N eth0 rx-flow-hash tcp4 sdfn && flows all || return 11
	ethtool -N eth0 rx-flow-hash udp4 '' && udp 0
}

# unhashed PATTERN TYPE FIELDS: ethtool 6.1 complains, and gives 0
unhashed()
{
	dmesg -C
	ethtool -N eth0 rx-flow-hash "$2" "$3"
	dmesg | grep "$1"
}

check "rxfh: indirection table" table
check "rxfh: key" key
check "rxfh: IPv6" ipv6
check "rxfh: set while down" while_down
check "rxfh: fields" fields
check "rxfh: another hash function is refused" untouched refused \
	'Toeplitz|supported' ethtool -X eth0 hfunc xor
check "rxfh: a queue that is not there is refused" untouched fails \
	ethtool -X eth0 equal 5
check "rxfh: fields the card cannot hash are refused" eval \
	'untouched unhashed "TCP is hashed" tcp4 s &&
	untouched unhashed "IP other than TCP" udp6 sdfn &&
	untouched unhashed "hashes IP only" ether d'

# --- queues and CPUs ---

irq_of()
{
	awk -v d="$1" '$NF == d { sub(":", "", $1); print $1 }' /proc/interrupts
}

affinity_is()
{
	[ "$(cat "/proc/irq/$(irq_of eth0-TxRx-1)/smp_affinity_list")" = "$1" ]
}

affinity()
{
	local irq

	irq=$(irq_of eth0-TxRx-1)
	affinity_is 1 || return 1
	echo 3 >"/proc/irq/$irq/smp_affinity_list"
	affinity_is 3 && ethtool -G eth0 rx 256 && affinity_is 3 || return 2
	ethtool -L eth0 combined 1 && ethtool -L eth0 combined 4 && affinity_is 3 || return 3
	wait_for 10 has_carrier eth0 ''
	down_up && affinity_is 3 || return 4
	reset && affinity_is 3 && [ "$(irq_of eth0-TxRx-1)" = "$irq" ] || return 5
	ethtool -t eth0 offline >/dev/null && affinity_is 3 || return 6
	wait_for 20 has_carrier eth0 ''
	# It is also where the interrupts go.
	before=$(awk -v i="$irq:" '$1 == i { print $5 }' /proc/interrupts)
	ethtool -X eth0 weight 0 1 0 0
	flows 1 || return 7
	ethtool -X eth0 default
	[ "$(awk -v i="$irq:" '$1 == i { print $5 }' /proc/interrupts)" -gt "$before" ] || return 8
	echo 1 >"/proc/irq/$irq/smp_affinity_list"
	ethtool -G eth0 rx 512
}

# xps CPU QUEUE: frames of this CPU leave by this queue
xps()
{
	stats eth0 "$LOG/a"
	listen_peer eth1 --count 20
	taskset -c "$1" "$FRAMES" send eth0 --dst "$ADDR1" --count 20 >/dev/null
	heard || return 1
	stats eth0 "$LOG/b"
	grew "$LOG/a" "$LOG/b" "tx$2_packets=20"
}

maps()
{
	xps 0 0 && xps 1 1 && xps 2 2 && xps 3 3 || return 1
	echo 1 >/sys/class/net/eth0/queues/tx-1/xps_cpus
	echo 2 >/sys/class/net/eth0/queues/tx-0/xps_cpus
	xps 0 1 && xps 1 0 || return 2
	reset && xps 0 1 || return 3
	down_up && ethtool -L eth0 combined 2 && wait_for 10 has_carrier eth0 '' &&
		xps 0 1 || return 4
	ethtool -L eth0 combined 4 && wait_for 10 has_carrier eth0 '' || return 5
	xps 0 1 && xps 1 0 && xps 2 2 && xps 3 3 || return 6
	echo 1 >/sys/class/net/eth0/queues/tx-0/xps_cpus
	echo 2 >/sys/class/net/eth0/queues/tx-1/xps_cpus
	xps 0 0
}

check "affinity of interrupts is kept" affinity
check "XPS: a queue per CPU, unless the user says otherwise" maps
check "0 channels are refused" untouched refused 'combined|channel|nvalid' \
	ethtool -L eth0 combined 0

# --- memory that is not there ---

starved()
{
	local pid rc=0

	rm -f "$LOG/attached"
	build/selftests/qlge_inject --dev eth0 --fail all >"$LOG/inject" 2>"$LOG/attached" &
	pid=$!
	wait_for 20 grep -q attached "$LOG/attached" || return 1
	untouched "$@" || rc=1
	kill $pid
	wait $pid
	cat "$LOG/inject"
	grep -q '"injected":[1-9]' "$LOG/inject" && [ $rc = 0 ]
}
check "no memory: -G is refused and changes nothing" starved \
	refused 'no memory for new rings' ethtool -G eth0 rx 1024
check "no memory: -L is refused and changes nothing" starved \
	said 'no memory for new rings' ethtool -L eth0 combined 2

# --- registers, flash ---

# reg OFFSET: from a dump
reg()
{
	od -An -tu4 -j "$1" -N 4 "$LOG/regs" | tr -d ' '
}

dump()
{
	ethtool -d eth0 raw on >"$LOG/regs" && [ "$(stat_size "$LOG/regs")" = 256 ]
}

stat_size()
{
	wc -c <"$1"
}

registers()
{
	dump || return 1
	echo "STS $(reg 48) REV_ID $(reg 76) INTR_EN $(reg 52)"
	# function 0, port 0 initialized with link; interrupts on; the rest
	[ $(($(reg 48) & 0xff)) = $((0x14)) ] || return 2
	[ $(($(reg 52) & 0x4000)) != 0 ] || return 3
	[ "$(reg 16)" != 0 ] && [ "$(reg 76)" != 0 ] || return 4
	plug p0 false
	wait_for 10 grep -qx 0 /sys/class/net/eth0/carrier
	dump && [ $(($(reg 48) & 0x4)) = 0 ] || return 5
	plug p0 true
	wait_for 10 grep -qx 1 /sys/class/net/eth0/carrier || return 6
	ethtool -d eth0 hex on | grep -q '^0x00f0:'
}

bytes()
{
	ethtool -e "$1" raw on "${@:2}" | od -An -v -tx1 | tr -d ' \n'
}

flash()
{
	[ "$(ethtool -e eth0 raw on | wc -c)" = 512 ] || return 1
	[ "$(ethtool -e eth0 raw on length 4)" = 8000 ] || return 2
	[ "$(bytes eth0 offset 18 length 6)" = "${ADDR0//:/}" ] || return 3
	[ "$(ethtool -e eth2 raw on | wc -c)" = 20 ] || return 4
	[ "$(ethtool -e eth2 raw on length 4)" = 8012 ] || return 5
	[ "$(bytes eth2 offset 12 length 6)" = 525400123402 ] || return 6
	fails ethtool -e eth0 offset 600 length 4
}

check "register dump" registers
check "flash" flash

# --- counters of the standard ---

group()
{
	ethtool -S eth0 --groups eth-mac eth-ctrl rmon eth-phy |
		awk 'NR > 1 { sub(":$", "", $1); print $1, $2 }' >"$1"
}

standard()
{
	group "$LOG/a"
	listen eth0 --count 100
	from_peer --count 100 --size 1000 >/dev/null
	heard || return 1
	listen_peer eth1 --count 50
	to_peer --count 50 --size 200 >/dev/null
	heard || return 2
	group "$LOG/b"
	cat "$LOG/b"
	grew "$LOG/a" "$LOG/b" eth-mac-FramesReceivedOK=100 \
		eth-mac-OctetsReceivedOK=100400 eth-mac-FramesTransmittedOK=50 \
		eth-mac-OctetsTransmittedOK=10200 \
		rx-rmon-etherStatsPkts512to1023Octets=100 \
		tx-rmon-etherStatsPkts128to255Octets=50 \
		tx-rmon-etherStatsPkts512to1023Octets=0 \
		eth-mac-FrameCheckSequenceErrors=0 || return 3
	# One that is not there would not grow, either.
	grep -qx 'eth-phy-SymbolErrorDuringCarrier 0' "$LOG/b"
}

# ranges COMMAND...: another number of frames for each range of lengths, for
# everybody and for a group; FCS counts
ranges()
{
	"$@" --dst ff:ff:ff:ff:ff:ff --count 3 && "$@" --dst 01:00:5e:00:00:fb --count 5 &&
		"$@" --dst "$ADDR0" --count 1 && "$@" --dst "$ADDR0" --count 10 --size 123 &&
		"$@" --dst "$ADDR0" --count 11 --size 124 &&
		"$@" --dst "$ADDR0" --count 12 --size 507 &&
		"$@" --dst "$ADDR0" --count 13 --size 1019 &&
		"$@" --dst "$ADDR0" --count 14 --size 1514
}

# grown_ranges rx|tx Received|Xmitted
grown_ranges()
{
	grew "$LOG/a" "$LOG/b" "$1-rmon-etherStatsPkts64Octets=9" \
		"$1-rmon-etherStatsPkts65to127Octets=10" \
		"$1-rmon-etherStatsPkts128to255Octets=11" \
		"$1-rmon-etherStatsPkts256to511Octets=12" \
		"$1-rmon-etherStatsPkts512to1023Octets=13" \
		"$1-rmon-etherStatsPkts1024to1518Octets=14" \
		"$1-rmon-etherStatsPkts1519to9600Octets=0" \
		"eth-mac-MulticastFrames$2=5" "eth-mac-BroadcastFrames$2=3"
}

lengths()
{
	local n

	group "$LOG/a"
	n=$(stat eth0 mac_rx_pkts)
	ranges peer_frames send eth1 >/dev/null && wait_for 5 at_least mac_rx_pkts $((n + 69)) ||
		return 1
	group "$LOG/b"
	grown_ranges rx ReceivedOK && grew "$LOG/a" "$LOG/b" eth-mac-FramesTransmittedOK=0 ||
		return 2
	group "$LOG/a"
	n=$(stat eth0 mac_tx_pkts)
	ranges "$FRAMES" send eth0 >/dev/null && wait_for 5 at_least mac_tx_pkts $((n + 69)) ||
		return 3
	group "$LOG/b"
	grown_ranges tx XmittedOK && grew "$LOG/a" "$LOG/b" eth-mac-FramesReceivedOK=0
}

# MAC control frames of this kind from the peer
pause_frames()
{
	raw_frames "$1" "0180c200000102000000000188080001$(printf '00%.0s' {1..44})"
}

pause_stats()
{
	local before

	before=$(ethtool -I -a eth0 | awk '/rx_pause_frames/ { print $2 }')
	group "$LOG/a"
	pause_frames 7
	from_peer --count 1 >/dev/null
	sleep 0.2
	group "$LOG/b"
	echo "$before, then $(ethtool -I -a eth0 | awk '/rx_pause_frames/ { print $2 }')"
	grew "$LOG/a" "$LOG/b" eth-ctrl-MACControlFramesReceived=7 || return 1
	[ $(($(ethtool -I -a eth0 | awk '/rx_pause_frames/ { print $2 }') - before)) = 7 ] &&
		[ "$(ethtool -I -a eth0 | awk '/rx_pause_frames/ { print $2 }')" = \
			"$(stat eth0 mac_rx_pause_pkts)" ]
}

check "groups eth-mac, eth-ctrl, eth-phy, rmon" standard
check "groups eth-mac, rmon: lengths, broadcast, multicast" lengths
check "pause frames are counted" pause_stats

# --- settings of the port ---

pause_is()
{
	ethtool -a eth0 | awk '/^RX:/ { rx = $2 } /^TX:/ { tx = $2 } END { print rx, tx }' |
		grep -qx "$1 $1"
}

pause()
{
	pause_is off || return 1
	dmesg -C
	ethtool -A eth0 rx on tx on && pause_is on && dmesg | grep 'faulty' || return 2
	ethtool eth0 | grep 'Advertised pause frame use: Symmetric' || return 3
	down_up && pause_is on && reset && pause_is on || return 4
	ethtool -A eth0 rx off tx off && pause_is off && down_up && pause_is off || return 5
	# What somebody before this driver has left on does not stay.
	ethtool -A eth0 rx on tx on && symmetric 1 || return 6
	rmmod qlge
	qlge_load && ports_in_place && symmetric 0 && pause_is off
}

# symmetric 0|1: pause frames as the card's firmware has been told
symmetric()
{
	echo "link configuration $(property "$CARD" link-config)"
	[ $(($(property "$CARD" link-config) >> 5 & 3)) = "$1" ]
}

led_is()
{
	[ "$(property "$CARD" led)" = "$1" ]
}

# On for a second and off for one, then as before.
identify()
{
	local pid rc=0

	led_is 0 || return 1
	ethtool -p eth0 2 &
	pid=$!
	wait_for 5 led_is $((1000 << 16 | 1000)) || rc=2
	wait $pid || rc=3
	led_is 0 || rc=4
	return $rc
}

link_settings()
{
	ethtool eth0 | tee "$LOG/link"
	grep -q 'Port: FIBRE' "$LOG/link" && grep -q '10000baseSR/Full' "$LOG/link" &&
		grep -q 'Speed: 10000Mb/s' "$LOG/link" &&
		grep -q 'Supported pause frame use: Symmetric' "$LOG/link" &&
		grep -q 'Advertised pause frame use: No' "$LOG/link"
}

# shows PORT SPEED MODE
shows()
{
	ethtool eth0 >"$LOG/link"
	grep -q "Port: $1" "$LOG/link" && grep -q "Speed: $2" "$LOG/link" &&
		grep -q "$3" "$LOG/link"
}

# kind WORD PORT SPEED MODE: the firmware tells of another link
kind()
{
	property "$CARD" fault-aen "\"8011 $1\"" &&
		{ wait_for 5 shows "${@:2}" || { cat "$LOG/link"; return 1; }; }
}

kinds()
{
	kind 15 Twisted 10000Mb 10000baseT/Full && kind d Twisted 1000Mb 10000baseT &&
		kind 5 Twisted 100Mb 10000baseT && kind 13 None 10000Mb 10000baseKR/Full &&
		kind 0 FIBRE 10000Mb 10000baseSR && kind 14 None 10000Mb 10000baseKX4/Full &&
		kind 12 FIBRE 10000Mb 10000baseSR && kind 15 Twisted 10000Mb 10000baseT/Full &&
		kind 11 FIBRE 10000Mb 10000baseSR
}

check "link settings" link_settings
check "link settings of other links" kinds
check "pause: off, and on only if the user insists" pause
check "pause: one direction alone is refused" untouched said \
	'both directions' ethtool -A eth0 rx on tx off
check "pause: negotiation is refused" untouched said \
	'not negotiated' ethtool -A eth0 autoneg on
check "identify: the LED blinks and is as before" identify
check "wake on LAN: this card cannot" eval \
	'ethtool eth0 | grep "Supports Wake-on: d" && untouched refused "supported|permitted" \
	ethtool -s eth0 wol g'
check "FEC is not supported" refused 'supported' ethtool --show-fec eth0

# --- self test ---

# result NAME: of the last self test, 0 is good
result()
{
	awk -v n="$1" '$1 == n { print $NF }' "$LOG/test"
}

passes()
{
	ethtool -t "$1" "$2" >"$LOG/test"
	cat "$LOG/test"
	grep -qx 'The test result is PASS' "$LOG/test"
}

# The frames of the test are not seen by anybody.
offline()
{
	local before after

	before=$(cat /sys/class/net/eth0/statistics/{rx,tx}_packets | xargs)
	passes eth0 offline || return 1
	after=$(cat /sys/class/net/eth0/statistics/{rx,tx}_packets | xargs)
	echo "$before, then $after"
	[ "$before" = "$after" ] || return 2
	wait_for 20 has_carrier eth0 '' && ping_both && flows all
}

# Frames that have been sent while the test begins may be lost, no more.
under_traffic()
{
	local pid rc=0 i

	in_peer ping -q -f 10.0.0.1 >/dev/null 2>&1 &
	pid=$!
	for i in 1 2; do
		passes eth0 offline || rc=1
		wait_for 20 has_carrier eth0 '' || rc=2
	done
	kill $pid
	wait $pid 2>/dev/null
	[ $rc = 0 ] && ping_both
}

while_closed()
{
	ip link set eth0 down
	passes eth0 offline || return 1
	[ "$(cat /sys/class/net/eth0/operstate)" = down ] || return 2
	down_up
}

# Frames do not come back: this test fails, the others do not.
held()
{
	local rc=0

	property "$CARD" fault-rx-hold true
	fails passes eth0 offline || rc=1
	property "$CARD" fault-rx-hold false
	[ $rc = 0 ] && [ "$(result Loopback)" != 0 ] && [ "$(result Interrupts)" = 0 ] &&
		[ "$(result Registers)" = 0 ] || return 2
	wait_for 20 has_carrier eth0 '' && ping_both && passes eth0 offline &&
		wait_for 20 has_carrier eth0 ''
}

# Messages are lost until the driver has missed that of the firmware.
silent()
{
	local pid rc=0

	dmesg -C
	property "$CARD" fault-irq-lost 1000 || return 1
	passes eth0 offline >/dev/null &
	pid=$!
	wait_for 30 eval 'dmesg | grep "vector 0 does not fire"' || rc=2
	property "$CARD" fault-irq-lost 0
	wait $pid && return 3
	cat "$LOG/test"
	[ $rc = 0 ] && [ "$(result Interrupts)" != 0 ] && [ "$(result Loopback)" = 0 ] &&
		[ "$(result Registers)" = 0 ] && [ "$(result Memory)" = 0 ] || return 4
	# If it was up again before that, the service work finds what is missing.
	wait_for 20 has_carrier eth0 '' && wait_for 20 ping -q -c 1 -W 1 10.0.0.2 && ping_both
}

# taken SEMAPHORE BAD GOOD: what somebody else has taken cannot be tested
taken()
{
	local rc=0

	property "$CARD" fault-sem $((3 << $1)) || return 1
	fails passes eth0 offline || rc=2
	property "$CARD" fault-sem 0
	[ $rc = 0 ] && [ "$(result "$2")" != 0 ] && [ "$(result "$3")" = 0 ]
}

# While it is closed, so that there is nothing to start afterwards: that would
# fail as well.
windows()
{
	local rc=0

	ip link set eth0 down
	taken 4 Registers Memory || rc=1
	taken 6 Memory Registers || rc=2
	down_up || rc=3
	return $rc
}

corrupt_flash()
{
	local rc=0

	property "$CARD" fault-flash true
	fails passes eth0 online || rc=1
	property "$CARD" fault-flash false
	[ $rc = 0 ] && [ "$(result Flash)" != 0 ] && [ "$(result Link)" = 0 ] && passes eth0 online
}

unplugged()
{
	local rc=0

	plug p0 false
	wait_for 10 grep -qx 0 /sys/class/net/eth0/carrier
	fails passes eth0 online || rc=1
	plug p0 true
	[ $rc = 0 ] && [ "$(result Link)" != 0 ] &&
		wait_for 10 grep -qx 1 /sys/class/net/eth0/carrier
}

check "driver printed no error so far" driver_errors
check "self test, online" passes eth0 online
check "self test, offline" offline
check "self test under traffic" under_traffic
check "self test of an interface that is down" while_closed
check "self test finds frames that do not come back" held
check "self test finds interrupts that do not arrive" silent
check "self test finds registers and memory that it cannot have" windows
check "self test finds a corrupt flash" corrupt_flash
check "self test finds a missing link" unplugged

# --- one MSI, one MSI-X vector, INTx ---

ip link set eth2 up
ip link set eth3 up
wait_for 20 has_carrier eth2 ''
check "self test with MSI" passes eth2 offline

messages()
{
	awk -v "name=$1-TxRx-0" '$NF == name { for (i = 2; i <= cpus + 1; i++) n += $i }
		END { print n + 0 }' "cpus=$(nproc)" /proc/interrupts
}

# interrupted COUNT: a frame arrives, and that is told by more than COUNT
interrupted()
{
	"$FRAMES" send eth3 --dst "$(mac eth2)" --count 1 >/dev/null
	sleep 0.2
	[ "$(messages eth2)" -gt "$1" ]
}

all_lost()
{
	interrupted 0
	[ "$(property "$1" fault-irq-lost)" = 0 ]
}

# After a message that nobody got: the second look is up to 10 s later.
msi_lost()
{
	local card

	card=$(card 2)
	interrupted "$(messages eth2)" || return 1
	property "$card" fault-irq-lost 1
	wait_for 10 all_lost "$card" || return 2
	wait_for 15 interrupted "$(messages eth2)" || return 3
	interrupted "$(messages eth2)"
}
check "a lost MSI: interrupts go on" msi_lost
check "self test with one MSI-X vector" passes eth3 offline

one_channel()
{
	ethtool -l eth2 | grep -A 4 maximums | grep 'Combined:.*1$' &&
		[ "$(indirection eth2 | tr ' ' '\n' | sort | uniq -c | xargs)" = '1024 0' ] &&
		ethtool -C eth2 rx-usecs 20 && ethtool -c eth2 | grep 'rx-usecs:.*20$'
}
check "one channel: no table to speak of, coalescing works" one_channel

# What "pci=nomsi" does, for one device.
by_intx()
{
	local slot now rc=0

	slot=$(basename "$(readlink /sys/class/net/eth2/device)")
	echo "$slot" >/sys/bus/pci/drivers/qlge/unbind
	echo 0 >"/sys/bus/pci/devices/$slot/msi_bus"
	echo "$slot" >/sys/bus/pci/drivers/qlge/bind || return 1
	now=$(ls "/sys/bus/pci/devices/$slot/net")
	ip link set "$now" up
	wait_for 20 has_carrier "$now" '' &&
		grep "IO-APIC.* $now-TxRx-0" /proc/interrupts &&
		passes "$now" offline || rc=2
	echo "$slot" >/sys/bus/pci/drivers/qlge/unbind
	echo 1 >"/sys/bus/pci/devices/$slot/msi_bus"
	return $rc
}
check "self test with INTx" by_intx
check "no window was used without its semaphore" owned
check "rmmod" rmmod qlge
done_testing

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The driver as a network driver.  eth0 and eth1, in the namespace "peer", are
# two ports of 8000 cards on one wire; eth2 and eth3 of 8012 cards on another:
# eth2 has no MSI-X, eth3 has one vector.

# Not -e: a check that fails is counted, and the test goes on.
set -uo pipefail

# shellcheck source=selftests/nic/lib.sh
. selftests/nic/lib.sh

trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT

# --- probe ---

address_is()
{
	local ns=()

	[ $# = 2 ] || ns=(ip netns exec "$3")
	[ "$(mac "$1" "${@:3}")" = "$2" ] && "${ns[@]}" ethtool -P "$1" | grep "$2"
}

driver_info()
{
	ethtool -i eth0 | tee "$LOG/info"
	# The card says 0x00010200.
	grep -qx 'driver: qlge' "$LOG/info" &&
		grep -qx 'firmware-version: 1.2.0' "$LOG/info" &&
		grep -qx "bus-info: $(basename "$(readlink /sys/class/net/eth0/device)")" "$LOG/info"
}

ids()
{
	local dev

	for dev in eth0 eth2 eth3; do
		echo "$dev $(cat /sys/class/net/$dev/device/{vendor,device} | xargs)"
	done >"$LOG/ids"
	cat "$LOG/ids"
	diff - "$LOG/ids" <<-IDS
		eth0 0x1077 0x8000
		eth2 0x1077 0x8012
		eth3 0x1077 0x8012
	IDS
}

diag "$(uname -r), $(nproc) CPUs"
drivers_start
check "both PCI ids are probed" ids
check "MAC addresses are the devices'" eval '
	address_is eth0 52:54:00:12:34:00 && address_is eth1 52:54:00:12:34:01 peer &&
	address_is eth2 52:54:00:12:34:02 && address_is eth3 52:54:00:12:34:03'
check "ethtool -i" driver_info
check "link settings" eval 'ethtool eth0 | tee "$LOG/link" &&
	grep -q "Speed: 10000Mb/s" "$LOG/link" && grep -q "Duplex: Full" "$LOG/link" &&
	grep -q "Link detected: yes" "$LOG/link"'

# --- link ---

link_flap()
{
	plug p0 false && wait_for 10 grep -qx 0 /sys/class/net/eth0/carrier &&
		ethtool eth0 | grep 'Speed: Unknown' &&
		plug p0 true && wait_for 10 grep -qx 1 /sys/class/net/eth0/carrier
}
check "the carrier follows the cable" link_flap
check "ping in both directions" ping_both
check "ping with the least and the most of one frame" eval \
	'ping_both -s 0 && ping_both -M "do" -s 1472'

# --- offloads ---

with_offloads()
{
	stats eth0 "$LOG/a"
	both_ways "$@" || return 1
	stats eth0 "$LOG/b"
	[ "$(grown "$LOG/a" "$LOG/b" tx_gso_packets)" -gt 10 ] &&
		[ "$(grown "$LOG/a" "$LOG/b" tx_csum)" -gt 10 ] &&
		[ "$(grown "$LOG/a" "$LOG/b" rx_csum_unnecessary)" -gt 10 ] &&
		grew "$LOG/a" "$LOG/b" rx_csum_bad=0 rx_length_errors=0
}

without_offloads()
{
	local dev

	ethtool -K eth0 tx off tso off sg off rx off gro off
	in_peer ethtool -K eth1 tx off tso off sg off rx off gro off
	stats eth0 "$LOG/a"
	both_ways
	dev=$?
	stats eth0 "$LOG/b"
	ethtool -K eth0 tx on tso on sg on rx on gro on
	in_peer ethtool -K eth1 tx on tso on sg on rx on gro on
	[ $dev = 0 ] &&
		grew "$LOG/a" "$LOG/b" tx_gso_packets=0 tx_csum=0 rx_csum_unnecessary=0 &&
		[ "$(grown "$LOG/a" "$LOG/b" rx_csum_none)" -gt 10 ]
}

# Checksum without segmentation, pieces without either.
one_by_one()
{
	ethtool -K eth0 tso off
	stats eth0 "$LOG/a"
	tcp up || return 1
	stats eth0 "$LOG/b"
	ethtool -K eth0 tso on
	grew "$LOG/a" "$LOG/b" tx_gso_packets=0 &&
		[ "$(grown "$LOG/a" "$LOG/b" tx_csum)" -gt 100 ]
}

# udp VERSION ADDRESS PROC: in each frame the card has put a checksum, which for
# IPv6 no card has looked at on the other side, so that the stack there did.
udp()
{
	local pid sum rc=0

	head -c 65536 "$BLOCK" >"$LOG/udp"
	sum=$(sha256sum <"$LOG/udp")
	nsenter --net=/run/netns/peer socat -u "UDP$1-RECV:5001,rcvbuf=1000000" \
		"CREATE:$LOG/udp.got" &
	pid=$!
	wait_for 20 in_peer grep -q ':1389 ' "/proc/net/$3"
	stats eth0 "$LOG/a"
	stats eth1 "$LOG/c"
	socat -u -b 1400 "OPEN:$LOG/udp" "UDP$1:$2:5001"
	wait_for 20 udp_is "$sum" || rc=1
	stats eth0 "$LOG/b"
	stats eth1 "$LOG/d"
	if [ "$1" = 6 ]; then
		# IPv6 sends frames of its own.
		grew "$LOG/c" "$LOG/d" rx_csum_unnecessary=0 &&
			[ "$(grown "$LOG/c" "$LOG/d" rx_csum_none)" -ge 47 ] || rc=2
		# The sum of this one is 0, which has to be ffff on the wire:
		# 0 is no checksum, and with IPv6 not allowed.
		printf '\xde\xc2' | tee -a "$LOG/udp" |
			socat -u - "UDP6:$2:5001,sourceport=5002"
		sum=$(sha256sum <"$LOG/udp")
		wait_for 10 udp_is "$sum" || rc=3
	fi
	kill "$pid"
	wait "$pid"
	[ $rc = 0 ] || return $rc
	grew "$LOG/a" "$LOG/b" tx_csum=47
}

udp_is()
{
	[ "$(sha256sum <"$LOG/udp.got")" = "$1" ]
}

ipv6()
{
	echo "$1" >/proc/sys/net/ipv6/conf/eth0/disable_ipv6
	in_peer sh -c "echo $1 >/proc/sys/net/ipv6/conf/eth1/disable_ipv6"
	[ "$1" = 0 ] || return 0
	ip addr add fd00::1/64 dev eth0 nodad
	ip -n peer addr add fd00::2/64 dev eth1 nodad
	ip neigh replace fd00::2 lladdr "$ADDR1" dev eth0
	ip -n peer neigh replace fd00::1 lladdr "$ADDR0" dev eth1
}

check "TCP with checksum offload and TSO" with_offloads
check "TCP without segmentation offload" one_by_one
check "TCP without offloads" without_offloads
check "UDP with checksum offload" udp 4 10.0.0.2 udp
ipv6 0
check "ping over IPv6" eval 'ping -6 -q -c 3 -i 0.2 -W 2 fd00::2 &&
	in_peer ping -6 -q -c 3 -i 0.2 -W 2 fd00::1'
check "TCP over IPv6 with offloads" with_offloads fd00::1 fd00::2
check "UDP over IPv6 with checksum offload" udp 6 '[fd00::2]' udp6
ipv6 1

# Good ones, bad ones, and such that nobody has looked at. qstats says the same
# as ethtool -S, of the device and of the queues.
csum()
{
	stats eth0 "$LOG/a"
	$QLGESTAT -j show eth0 >"$LOG/qstats.a"
	listen eth0 --count 40
	from_peer --count 20
	from_peer --count 20 --seq0 20 --bad-csum
	heard
	ethtool -K eth0 rx off
	listen eth0 --count 10
	from_peer --count 10
	heard
	ethtool -K eth0 rx on
	stats eth0 "$LOG/b"
	$QLGESTAT -j show eth0 >"$LOG/qstats.b"
	grew "$LOG/a" "$LOG/b" rx_csum_unnecessary=20 rx_csum_bad=20 rx_csum_none=30 &&
		qstats_grew rx csum-unnecessary=20 csum-bad=20 csum-none=30
}

# qstats_grew rx|tx NAME=N...: between the files qstats.a and qstats.b, for the
# device and in the sum of its queues
qstats_grew()
{
	local dir=$1

	shift
	holds --arg dir "$dir" --arg want "$*" -s '
		def device: .[0][$dir];
		def queues(k): [.[0].queues[] | .[$dir] // empty | .[k]];
		. as [$a, $b] | [$want | split(" ")[] | split("=") |
			.[0] as $k | (.[1] | tonumber) as $n |
			[$a, $b | device[$k]] as $d |
			[$a, $b | queues($k)] as $q |
			($d + $q[0] + $q[1] | all(type == "number")) and
			($q[0] | length > 0) and
			$d[1] - $d[0] == $n and
			($q[1] | add) - ($q[0] | add) == $n] |
		debug | all' "$LOG/qstats.a" "$LOG/qstats.b"
}
check "checksums of received frames: good and bad are told apart" csum

modprobe 8021q 2>/dev/null
vlan_ping()
{
	ping -q -c 3 -i 0.2 -W 2 -s 1472 -M "do" 10.0.42.2 &&
		in_peer ping -q -c 3 -i 0.2 -W 2 10.0.42.1
}
vlan_up
check "ping over a VLAN" vlan_ping
check "TCP over a VLAN with offloads" with_offloads 10.0.42.1 10.0.42.2
ip link del v0
ip -n peer link del v1

# --- MTU ---

mtu()
{
	ip link set eth0 mtu "$1" && ip -n peer link set eth1 mtu "${2:-$1}"
}

# Frames that fit the wire and the buffers, but not the MTU: 22 bytes are for
# the Ethernet header and two tags.
length_errors()
{
	[ "$(rtnl eth0 rx_length_errors)" -ge "$1" ]
}

too_long()
{
	local size before rc=0

	mtu 1500 9000
	for size in 1523 2048 3000 9014; do
		stats eth0 "$LOG/a"
		before=$(rtnl eth0 rx_length_errors)
		from_peer --count 20 --size $size >"$LOG/sent" || return 1
		wait_for 10 length_errors $((before + 20))
		stats eth0 "$LOG/b"
		grew "$LOG/a" "$LOG/b" rx_length_errors=20 rx_packets=0 || rc=1
	done
	[ "$(rtnl eth0 rx_length_errors)" = "$(stat eth0 rx_length_errors)" ] || rc=1
	listen eth0 --count 20
	from_peer --count 20 --size 1522
	heard || rc=1
	return $rc
}
mtu 9000
check "MTU 9000: ping" ping_both -M "do" -s 8972
check "MTU 9000: TCP" both_ways
check "MTU 9000: frames of all sizes" eval 'listen eth0 --count 500 &&
	from_peer --count 500 --size 60 --size-max 9014 "${acked[@]}" && heard'
check "MTU 9001 is refused" refused 'mtu|MTU' ip link set eth0 mtu 9001
check "frames longer than the MTU are dropped and counted" too_long
mtu 1500

# --- filters ---

# reach DST N: of 3 frames to this address N arrive at eth0; the fourth, which
# always does, tells when to look
reach()
{
	local before

	before=$(rtnl eth0 rx_packets)
	peer_frames send eth1 --dst "$1" --count 3 >/dev/null
	from_peer --count 1 >/dev/null
	wait_for 5 arrived "$before" $(($2 + 1)) &&
		[ $(($(rtnl eth0 rx_packets) - before)) = $(($2 + 1)) ]
}

arrived()
{
	[ $(($(rtnl eth0 rx_packets) - $1)) -ge "$2" ]
}

# groups add|del: 32 of them
groups()
{
	local i

	# "ip maddr" ends the process, so there is no batch of it.
	for i in {1..32}; do
		ip maddr "$1" "01:00:5e:7f:00:$(printf %02x "$i")" dev eth0
	done
}

multicast()
{
	local other=01:00:5e:01:02:99

	wait_for 10 reach 01:00:5e:01:02:03 0 || return 1
	ip maddr add 01:00:5e:01:02:03 dev eth0
	wait_for 10 reach 01:00:5e:01:02:03 3 || return 2
	wait_for 10 reach $other 0 || return 3
	groups add
	# 33 groups and more are all groups.
	wait_for 10 reach $other 3 || return 4
	groups del
	wait_for 10 reach $other 0 || return 5
	reach 01:00:5e:01:02:03 3 || return 6
	ip link set eth0 allmulticast on
	wait_for 10 reach $other 3 || return 7
	ip link set eth0 allmulticast off
	ip maddr del 01:00:5e:01:02:03 dev eth0
	wait_for 10 reach 01:00:5e:01:02:03 0
}

promiscuous()
{
	reach 02:00:00:00:00:99 0 || return 1
	ip link set eth0 promisc on
	wait_for 10 reach 02:00:00:00:00:99 3 || return 2
	ip link set eth0 promisc off
	wait_for 10 reach 02:00:00:00:00:99 0
}

# The new address takes frames and the old one does not.
reaches_new()
{
	ADDR0=02:00:00:00:00:77 reach 02:00:00:00:00:77 3 &&
		ADDR0=02:00:00:00:00:77 reach "$OLD" 0
}

mac_change()
{
	OLD=$ADDR0
	ip link set eth0 address 02:00:00:00:00:77
	wait_for 10 reaches_new || return 1
	# It is in the card again after both.
	link_flap && wait_for 10 reaches_new || return 2
	ip link set eth0 down
	ip link set eth0 up
	wait_for 10 has_carrier eth0 ''
	wait_for 10 reaches_new || return 3
	ip link set eth0 address "$ADDR0"
	ports_up
	wait_for 10 reach "$OLD" 3
}

check "broadcast arrives" reach ff:ff:ff:ff:ff:ff 3
check "multicast: groups joined, more than there is room for, all" multicast
check "promiscuous mode" promiscuous
check "another MAC address" mac_change

# --- counters ---

mac_counters()
{
	local n=200

	stats eth0 "$LOG/a"
	stats eth1 "$LOG/c"
	listen_peer eth1 --count $n
	to_peer --count $n --size 1000 "${acked[@]}"
	heard || return 1
	stats eth0 "$LOG/b"
	stats eth1 "$LOG/d"
	# with FCS
	grew "$LOG/a" "$LOG/b" mac_tx_pkts=$n mac_tx_bytes=$((n * 1004)) \
		mac_tx_ucast_pkts=$n mac_tx_512_to_1023_pkts=$n \
		tx_packets=$n tx_bytes=$((n * 1000)) mac_rx_pkts=0 &&
	grew "$LOG/c" "$LOG/d" mac_rx_pkts=$n mac_rx_bytes=$((n * 1004)) \
		mac_rx_ucast_pkts=$n rx_packets=$n rx_bytes=$((n * 1000)) \
		mac_rx_nic_fifo_drop=0
}

# After -L and down the rings that are gone belong to the total as well.
queue_sums()
{
	ethtool -S eth0 | awk '
		{ sub(":", "", $1) }
		match($1, /^(rx|tx|xdp)[0-9]+_/) {
			name = $1
			sub(/[0-9]+_/, "_", name)
			if (name !~ /fill/)
				sum[name] += $2
			next
		}
		/^ *(rx|tx|xdp)_/ { total[$1] = $2 }
		END {
			for (n in sum) {
				if (sum[n] != total[n]) {
					print n, sum[n], total[n]
					bad = 1
				}
				seen++
			}
			exit bad || seen < 20 || !sum["rx_packets"]
		}'
}

fresh_counters()
{
	rmmod qlge && qlge_load && ports_in_place && ping_both && queue_sums
}

# Connections that nobody accepts: of each one frame arrives at eth0.
spread()
{
	local q

	stats eth0 "$LOG/a"
	in_peer bash -c 'for i in {1..400}; do
		exec 3<>/dev/tcp/10.0.0.1/7; done' 2>/dev/null
	stats eth0 "$LOG/b"
	grew "$LOG/a" "$LOG/b" rx_packets=400 || return 1
	for ((q = 0; q < $(nproc); q++)); do
		echo "queue $q: $(grown "$LOG/a" "$LOG/b" "rx${q}_packets")"
		[ "$(grown "$LOG/a" "$LOG/b" "rx${q}_packets")" -gt 40 ] || return 1
	done
	# One flow stays on one queue, in order. The sender stays as well: where
	# it runs decides by which queue it sends, and two queues have no order.
	listen eth0 --count 200
	nsenter --net=/run/netns/peer taskset -c 0 "$FRAMES" send eth1 \
		--dst "$ADDR0" --count 200
	heard || return 1
	grep -q '"reordered":0,' "$LOG/heard"
}

# pktgen FILE LINE...: settings
pktgen()
{
	local file=/proc/net/pktgen/$1 line

	shift
	for line; do
		echo "$line" >"$file" || { echo "pktgen: $line"; return 1; }
	done
}

# Frames of which the stack says that more follow are sent by one doorbell. The
# others are for completions, which are made rare. To an address of nobody, so
# that nothing comes back.
doorbells()
{
	local n=2048 card before sent rc=0

	modprobe pktgen 2>/dev/null
	card=$(card 0)
	ethtool -C eth0 tx-usecs 20000
	pktgen kpktgend_0 rem_device_all "add_device eth0" &&
		pktgen eth0 "count $n" "burst 32" "pkt_size 60" "dst 10.0.0.2" \
			"dst_mac 02:00:00:00:00:99" || return 1
	stats eth0 "$LOG/a"
	sent=$(property "$card" tx-frames)
	before=$(property "$card" doorbell-writes)
	pktgen pgctrl start || rc=2
	sent=$(($(property "$card" tx-frames) - sent))
	before=$(($(property "$card" doorbell-writes) - before))
	stats eth0 "$LOG/b"
	pktgen kpktgend_0 rem_device_all
	ethtool -C eth0 tx-usecs 100
	echo "$sent frames, $before doorbells"
	# It counts whole bursts, and may end in one.
	[ $rc = 0 ] && grew "$LOG/a" "$LOG/b" "tx_packets=$sent" tx_dropped=0 &&
		[ "$sent" -ge $n ] && [ "$before" -lt $((sent / 4)) ]
}

check "MAC counters agree with what was sent" mac_counters
check "a burst is sent by few doorbells" doorbells

# A sender without a qdisc has chosen its queue and waits; meanwhile there are
# fewer. The first two frames do not wait.
fewer_meanwhile()
{
	local pid rc=0 dropped

	dropped=$(rtnl eth0 tx_dropped)
	pktgen kpktgend_0 rem_device_all "add_device eth0" &&
		pktgen eth0 "count 3" "burst 1" "delay 3000000000" "pkt_size 60" \
			"queue_map_min 3" "queue_map_max 3" "dst 10.0.0.2" \
			"dst_mac 02:00:00:00:00:99" || return 1
	pktgen pgctrl start & pid=$!
	sleep 1
	ethtool -L eth0 combined 1 || rc=2
	wait $pid
	pktgen kpktgend_0 rem_device_all
	echo "$(rtnl eth0 tx_dropped) dropped, $dropped before"
	[ "$(rtnl eth0 tx_dropped)" = $((dropped + 1)) ] || rc=3
	ethtool -L eth0 combined 4 && wait_for 20 carrier 1 || rc=4
	return $rc
}
check "a frame for a queue that is no more is dropped" fewer_meanwhile
check "rmmod, insmod; queues add up to the totals" fresh_counters
check "RSS spreads flows over all queues" spread

# queue -> NAPI -> interrupt, and that is the one in /proc/interrupts
mapping()
{
	local q irq

	build/selftests/netdev_map eth0 | tee "$LOG/map"
	[ "$(grep -c ^queue "$LOG/map")" = $((2 * $1)) ] || return 1
	grep -q '^xdp-features 0x6f$' "$LOG/map" || return 2
	for ((q = 0; q < $1; q++)); do
		napi=$(awk -v q=$q '$1 == "queue" && $2 == "rx" && $3 == q { print $5 }' "$LOG/map")
		[ "$(awk -v q=$q '$1 == "queue" && $2 == "tx" && $3 == q { print $5 }' "$LOG/map")" = "$napi" ] || return 3
		irq=$(awk -v n="$napi" '$1 == "napi" && $2 == n { print $4 }' "$LOG/map")
		grep -qE "^ *$irq:.* eth0-TxRx-$q\$" /proc/interrupts || return 4
	done
}
check "netlink: queues, their NAPI and interrupt" mapping "$(nproc)"

# --- rings and channels ---

untouched()
{
	local before

	before=$(ethtool -g eth0; ethtool -l eth0; build/selftests/netdev_map eth0)
	"$@" || return 1
	[ "$before" = "$(ethtool -g eth0; ethtool -l eth0; build/selftests/netdev_map eth0)" ] &&
		[ "$(cat /sys/class/net/eth0/carrier)" = 1 ] &&
		ping -q -c 1 -W 2 10.0.0.2
}

ring_is()
{
	ethtool -g eth0 | awk '/^RX:/ { rx = $2 } /^TX:/ { tx = $2 } END { print rx, tx }' |
		grep -qx "$1 $2"
}

resize()
{
	local rx tx

	while read -r rx tx; do
		ethtool -G eth0 rx "$rx" tx "$tx" && ring_is "$rx" "$tx" &&
			wait_for 10 has_carrier eth0 '' && ping_both &&
			tcp down || return 1
	done <<-SIZES
		64 64
		4096 4096
		512 256
	SIZES
}

for size in 100 32 8192 513; do
	check "ring size $size is refused" untouched refused \
		'powers of two|exceeds maximum' ethtool -G eth0 rx $size
done
check "ring size tx 96 is refused" untouched refused 'powers of two' ethtool -G eth0 tx 96
check "0 channels are refused" untouched refused 'nvalid|count|channel' ethtool -L eth0 combined 0
check "too many channels are refused" untouched refused 'exceeds maximum' \
	ethtool -L eth0 combined $(($(nproc) + 1))
check "ring sizes from the least to the most" resize

channels()
{
	local n

	for n in 1 $(($(nproc) / 2)) "$(nproc)"; do
		ethtool -L eth0 combined "$n" && wait_for 10 has_carrier eth0 '' &&
			mapping "$n" && ping_both || return 1
	done
	tcp down
}
check "one, half and all channels" channels

# Down: no queue rows. Up: new rows from 0, and device = base + queues.
base_and_queues()
{
	local n=100

	ip link set eth0 down
	$QLGESTAT -j show eth0 >"$LOG/down"
	ports_up
	listen eth0 --count $n
	from_peer --count $n --flows 20 "${acked[@]}"
	heard || return 1
	$QLGESTAT -j show eth0 >"$LOG/show"
	ip -s -s -j link show eth0 >"$LOG/rtnl"
	holds --argjson n $n --slurpfile down "$LOG/down" \
		--slurpfile rtnl "$LOG/rtnl" '.[0] as $d | $rtnl[0][0].stats64 as $r |
		$down[0][0] as $base |
		def sum(t; k): [$d.queues[] | .[t] // empty | .[k] // 0] | add;
		[$base.rx.packets > 0, $d.rx.packets == $base.rx.packets + $n,
		 sum("rx"; "packets") == $n,
		 all(("rx", "tx") as $t | $d[$t] | keys[] | . as $k |
			$d[$t][$k] == $base[$t][$k] + sum($t; $k); .),
		 $d.rx.packets == $r.rx.packets, $d.rx.bytes == $r.rx.bytes,
		 $d.tx.packets == $r.tx.packets, $d.tx.bytes == $r.tx.bytes] |
		debug | all' "$LOG/show"
}
check "qstats: device = base + queues, as rtnl says" base_and_queues

# replace_rings N: in every way, for the Nth time
replace_rings()
{
	ethtool -G eth0 rx 128 tx 64 && ethtool -L eth0 combined 1 &&
		ip link set eth0 down && ip link set eth0 up &&
		ethtool -G eth0 rx 512 tx 256 &&
		ethtool -L eth0 combined "$(nproc)" &&
		property "$CARD" fault-fe true &&
		wait_for 20 at_least resets $(($1 + RESETS))
}

# Both sources are sampled while everything that replaces rings is done under
# traffic.
never_back()
{
	local i pids rc=0

	$QLGESTAT -j watch eth0 -i 0.05 >"$LOG/watch" &
	pids=($!)
	sample_rtnl >"$LOG/links" &
	pids+=($!)
	in_peer ping -q -f 10.0.0.1 >/dev/null 2>&1 &
	pids+=($!)
	while :; do
		to_peer --count 500 --rate 2000 >/dev/null 2>&1
	done &
	pids+=($!)
	for i in 1 2; do
		replace_rings $i || rc=$i
	done
	kill "${pids[@]}"
	wait "${pids[@]}" 2>/dev/null
	[ $rc = 0 ] || return $rc
	head -n -1 "$LOG/links" >"$LOG/links.whole"
	echo "$(wc -l <"$LOG/watch") samples of qstats, $(wc -l <"$LOG/links.whole") of rtnl"
	holds -s 'length > 10 and ([.[] | [.rx[], .tx[]]] |
		transpose | all(.[]; all(type == "number") and . == sort)) and
		.[0].rx.packets < .[-1].rx.packets' \
		"$LOG/watch" &&
	awk '
		{
			for (i = 1; i <= NF; i++) {
				if ($i < last[i]) {
					print "line", NR, "column", i, last[i], $i
					bad = 1
				}
				last[i] = $i
			}
		}
		NR == 1 { first = $1 }
		END { exit bad || NR < 10 || last[1] <= first }' "$LOG/links.whole"
}

sample_rtnl()
{
	local name line value

	while :; do
		line=
		for name in rx_packets rx_bytes rx_errors rx_dropped \
			tx_packets tx_bytes tx_errors tx_dropped; do
			read -r value <"/sys/class/net/eth0/statistics/$name"
			line+="$value "
		done
		echo "$line"
	done
}

# --- faults ---

CARD=$(card 0)
RESETS=1
fatal_error()
{
	stats eth0 "$LOG/a"
	echo 1 >$TRACING/events/qlge/qlge_reset/enable
	echo >$TRACING/trace
	property "$CARD" fault-fe true || return 1
	wait_for 20 at_least resets 1 || return 2
	[ "$(property "$CARD" fault-fe)" = false ] || return 3
	wait_for 20 has_carrier eth0 ''
	ping_both || return 4
	tcp down || return 5
	stats eth0 "$LOG/b"
	echo 0 >$TRACING/events/qlge/qlge_reset/enable
	grep -qE 'qlge_reset: .*reason=1 result=0' $TRACING/trace || {
		grep qlge_reset $TRACING/trace
		return 6
	}
	grew "$LOG/a" "$LOG/b" resets=1 &&
		[ "$(grown "$LOG/a" "$LOG/b" rx_packets)" -gt 10 ]
}
check "a fatal error is survived, counters are kept" fatal_error
check "no counter ever goes back" never_back
ports_up
check "traffic after all that" eval 'ping_both && both_ways'

cycles()
{
	local i

	for i in {1..10}; do
		ip link set eth0 down
		ip link set eth0 up
		wait_for 10 grep -qx 1 /sys/class/net/eth0/carrier &&
			ip neigh replace 10.0.0.2 lladdr "$ADDR1" dev eth0 &&
			ping -q -c 1 -W 2 10.0.0.2 || return 1
	done
}
check "ten times down and up" cycles

# netconsole sends from any context and polls with budget 0.
netpoll()
{
	local dir=/sys/kernel/config/netconsole/t i load pid rc=0

	modprobe netconsole 2>/dev/null
	mountpoint -q /sys/kernel/config || mount -t configfs configfs /sys/kernel/config
	mkdir $dir || return 1
	echo eth0 >$dir/dev_name
	echo 10.0.0.1 >$dir/local_ip
	echo 10.0.0.2 >$dir/remote_ip
	echo "$ADDR1" >$dir/remote_mac
	nsenter --net=/run/netns/peer socat -u UDP-RECV:6666,rcvbuf=1000000 - >"$LOG/console" &
	pid=$!
	wait_for 10 in_peer grep -q ':1A0A ' /proc/net/udp
	echo 1 >$dir/enabled || rc=1
	rm -f "$LOG/stop"
	(until [ -e "$LOG/stop" ]; do to_peer --count 500 >/dev/null; done) &
	load=$!
	from_peer --count 2000 >/dev/null
	for i in {1..300}; do
		echo "<4>netpoll line $i" >/dev/kmsg
	done
	touch "$LOG/stop"
	wait $load
	# Without load the last one arrives for sure.
	echo "<4>netpoll line 301" >/dev/kmsg
	wait_for 20 grep -q 'netpoll line 301' "$LOG/console" || rc=1
	kill $pid
	wait $pid 2>/dev/null
	echo 0 >$dir/enabled
	rmdir $dir
	i=$(grep -c 'netpoll line' "$LOG/console")
	echo "$i lines"
	# The stack may drop some under load; that it sends at all is the point.
	[ $rc = 0 ] && [ "$i" -gt 100 ] && ping_both
}
check "netconsole under load" netpoll

# --- interrupts and the 8012 ---

kind()
{
	awk -v d="$1-TxRx-" 'index($NF, d) == 1' /proc/interrupts
}

far_ports()
{
	ip link set eth3 netns far 2>/dev/null
	wire_up eth2 '' eth3 far || return 1
	ip addr replace 10.0.2.1/24 dev eth2
	ip -n far addr replace 10.0.2.2/24 dev eth3
	ping -q -c 3 -i 0.2 -W 2 10.0.2.2 &&
		in_far ping -q -c 3 -i 0.2 -W 2 10.0.2.1 || return 1
	# Many frames each way, so that a lost interrupt would show.
	listen eth2 --count 1000 || return 1
	in_far "$FRAMES" send eth3 --dst 52:54:00:12:34:02 --count 1000 --size-max 1514 "${acked[@]}"
	heard || return 1
	listen_in far eth3 --count 1000 || return 1
	"$FRAMES" send eth2 --dst 52:54:00:12:34:03 --count 1000 --size-max 1514 "${acked[@]}"
	heard
}

irqs()
{
	kind eth2
	kind eth3
	kind eth2 | grep -qE "$1" && kind eth3 | grep -qE "$2" &&
		[ "$(kind eth2 | wc -l)-$(kind eth3 | wc -l)" = 1-1 ]
}

ip netns add far
check "8012: MSI and a single MSI-X vector carry traffic" far_ports
check "8012: the kernel uses what there is" irqs 'PCI-MSI-' 'PCI-MSIX-'
slot2=$(basename "$(readlink /sys/class/net/eth2/device)")
slot3=$(in_far readlink /sys/class/net/eth3/device)
slot3=$(basename "$slot3")
diag "$(kind eth2) / $(kind eth3)"

# What "pci=nomsi" does, for one device.
by_intx()
{
	local slot

	ip netns del far
	wait_for 10 test -e /sys/class/net/eth3
	for slot in "$slot2" "$slot3"; do
		echo "$slot" >/sys/bus/pci/drivers/qlge/unbind
		echo 0 >"/sys/bus/pci/devices/$slot/msi_bus"
	done
	bind "$slot2" eth2 && bind "$slot3" eth3 || return 1
	ip netns add far
	far_ports
}
check "8012: INTx carries traffic" by_intx
check "8012: the kernel uses INTx" irqs 'IO-APIC' 'IO-APIC'

# --- probe that fails ---

bad_flash()
{
	local card

	card=$(card 2)
	echo "$slot2" >/sys/bus/pci/drivers/qlge/unbind
	property "$card" fault-flash true || return 1
	dmesg -C
	! echo "$slot2" >/sys/bus/pci/drivers/qlge/bind || return 2
	dmesg | grep 'flash has no valid parameters' || return 3
	[ ! -e "/sys/bus/pci/devices/$slot2/driver" ] || return 4
	property "$card" fault-flash false
	dmesg -C
	bind "$slot2" eth2
}
check "driver printed no error so far" driver_errors
check "a card with an invalid flash is refused, with the reason" bad_flash

check "rmmod" rmmod qlge
done_testing

# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034
#
# Sourced by the XDP tests.  The program is on eth0; eth1, in the namespace
# "peer", is at the other end of its wire.  eth2 and eth3, in "far", are another
# pair, so that a frame can come in by one port and leave by another.

# shellcheck source=selftests/nic/lib.sh
. selftests/nic/lib.sh
# shellcheck source=selftests/xdp/attach.sh
. selftests/xdp/attach.sh

BPF=build/bpf
PINS=/sys/fs/bpf
# Programs of P are used, "" or "frags/"; frames are of 60 to LONGEST bytes.
P='' LONGEST=1514 HELD_SIZE=1000
MANY=100000 SOME=1000 FLOOD=30000
[ ! "$SLOW" ] || MANY=10000 SOME=200 FLOOD=5000

far_start()
{
	modprobe veth 2>/dev/null
	ip netns add far
	ip link set eth3 netns far
	wire_up eth2 '' eth3 far || die "no link of the second pair"
	ip -n far link set eth3 promisc on
	ip link add v0 type veth peer name v1
	ip link set v0 up
	ip link set v1 up
}

redirect()
{
	attach "$1" "${P}xdp_redirect" &&
		configure "$1" tx_port "$(cat "/sys/class/net/$2/ifindex")"
}

# received BEFORE N: eth0 has counted so many more, whatever became of them
received()
{
	[ $(($(rtnl eth0 rx_packets) - $1)) -ge "$2" ]
}

# mixed N ARG...: frames for small and large buffers, until eth0 has counted them
mixed()
{
	local before

	before=$(rtnl eth0 rx_packets)
	from_peer --count "$1" --size-max "$LONGEST" "${@:2}" >"$LOG/sent" || return 1
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
	attach eth0 "${P}xdp_pass" && listen eth0 --count "$SOME" || return 1
	stats eth0 "$LOG/a"
	mixed "$SOME" "${acked[@]}" && heard || return 1
	stats eth0 "$LOG/b"
	exact pass && ping_both
}

verdict_drop()
{
	attach eth0 "${P}xdp_drop" && listen eth0 --count 1 --timeout 600 || return 1
	stats eth0 "$LOG/a"
	mixed "$SOME" "${acked_by_port[@]}" || return 1
	stats eth0 "$LOG/b"
	kill "$listener"
	fails heard && grep -q '"received":0,' "$LOG/heard" && exact drop
}

verdict_tx()
{
	local sent

	attach eth0 "${P}xdp_tx" && listen_peer eth1 --count "$SOME" || return 1
	stats eth0 "$LOG/a"
	sent=$(rtnl eth0 tx_packets)
	mixed "$SOME" "${acked[@]}" && heard || return 1
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
	mixed "$SOME" "${acked_by_port[@]}" || return 1
	echo 0 >$TRACING/events/xdp/xdp_exception/enable
	stats eth0 "$LOG/b"
	[ "$(grep -cE "xdp_exception: prog_id=$(prog_id eth0) action=$1 ifindex=$(cat /sys/class/net/eth0/ifindex)" \
		$TRACING/trace)" = "$SOME" ] && exact aborted
}

verdict_aborted()
{
	attach eth0 "${P}xdp_aborted" && exceptions ABORTED
}

verdict_unknown()
{
	attach eth0 "${P}xdp_unknown" && exceptions '[^A-Z]*'
}

# In by one port and out by another.
redirect_port()
{
	redirect eth0 eth2 || return 1
	listen_in far eth3 --count "$SOME" || return 1
	stats eth0 "$LOG/a"
	stats eth2 "$LOG/c"
	mixed "$SOME" "${acked[@]}" && heard || return 1
	stats eth0 "$LOG/b"
	stats eth2 "$LOG/d"
	exact redirect && grew "$LOG/c" "$LOG/d" xdp_packets="$SOME" \
		xdp_bytes="$(cat "$LOG/bytes")" tx_packets=0
}

# On CPU 0 from whichever CPU it came to.
redirect_cpumap()
{
	attach eth0 "${P}xdp_cpumap" && configure eth0 cpus 512 0 &&
		listen eth0 --count "$SOME" || return 1
	stats eth0 "$LOG/a"
	mixed "$SOME" "${acked[@]}" && heard || return 1
	stats eth0 "$LOG/b"
	exact redirect
}

redirect_veth()
{
	redirect eth0 v0 && listen v1 --count "$SOME" || return 1
	stats eth0 "$LOG/a"
	mixed "$SOME" "${acked[@]}" && heard || return 1
	stats eth0 "$LOG/b"
	exact redirect
}

# Frames of another driver: ndo_xdp_xmit
redirect_from_veth()
{
	detached eth0 && redirect v0 eth0 && listen_peer eth1 --count "$SOME" || return 1
	stats eth0 "$LOG/a"
	"$FRAMES" send v1 --dst "$ADDR1" --count "$SOME" \
		--size-max "$LONGEST" "${acked[@]}"
	heard || return 1
	wait_for 10 tx_counted "$LOG/a" "$SOME"
	stats eth0 "$LOG/b"
	grew "$LOG/a" "$LOG/b" xdp_packets="$SOME" xdp_errors=0 xdp_full=0 tx_packets=0
}

# One frame of 42 bytes, as ARP is: it arrives with zeros behind it, not with
# what the frames before it have left.
padded()
{
	local heard

	detached eth0 && redirect v0 eth0 || return 1
	rm -f "$LOG/ready"
	ip netns exec peer python3 -c '
import socket, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x88b6))
s.bind(("eth1", 0x88b6))
s.settimeout(20)
open(sys.argv[1], "w").close()
print(s.recv(2000).hex())' "$LOG/ready" >"$LOG/padded" &
	heard=$!
	wait_for 20 test -e "$LOG/ready" || return 2
	stats eth0 "$LOG/a"
	python3 -c '
import socket, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("v1", 0))
s.send(bytes.fromhex(sys.argv[1].replace(":", "") + "02000000000188b6" + 28 * "a5"))' \
		"$ADDR1"
	wait $heard || return 3
	wait_for 10 tx_counted "$LOG/a" 1
	stats eth0 "$LOG/b"
	cat "$LOG/padded"
	grep -qE '88b6(a5){28}(00){18}$' "$LOG/padded" &&
		grew "$LOG/a" "$LOG/b" xdp_packets=1 xdp_bytes=60
}

# Both ports are here meanwhile, for a program that looks at both.
together()
{
	ip -n peer link set eth1 netns 1
	ip link set eth1 up promisc on
	ip link set eth0 promisc on
	wait_for 20 has_carrier eth1 '' && attach eth0 "${P}xdp_adjust"
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
	frames_ask --pad "$1" --head "$2" --tail "$3" "${how[@]}" >"$LOG/frames"
	holds '.seen == {(.expected): 5}' "$LOG/frames"
}

# Nothing comes, and the program has been refused by the helper.
no_move()
{
	configure eth0 .data.config "$2" "$3" 2
	stats eth0 "$LOG/a"
	frames_ask --seconds 1 --pad "$1" --head "$2" --tail "$3" eth1 eth0 v4 \
		>"$LOG/frames"
	stats eth0 "$LOG/b"
	holds '.seen == {}' "$LOG/frames" && grew "$LOG/a" "$LOG/b" rx_xdp_aborted=5
}

load_pins()
{
	local prog

	for prog in xdp_pass xdp_drop xdp_tx xdp_stats; do
		bpftool prog load "$BPF/$P$prog.o" $PINS/$prog || return 1
	done
	bpftool prog load "$BPF/${P}xdp_tx.o" $PINS/xdp_tx2
}

swap_to()
{
	if [ "$1" = none ]; then
		bpftool net detach xdpdrv dev eth0
	else
		bpftool net attach xdpdrv pinned "$PINS/$1" dev eth0 overwrite
	fi
}

# under_traffic OUT END NETNS PROG...: these in turn while frames come as fast as
# they can, leave by OUT if they do and end at END. Every frame that is missing
# was dropped by a card, before its driver saw it, or found a transmit queue
# full, and both are counted.
under_traffic()
{
	local out=$1 end=$2 ns=$3 sender n=0 prog missing lost name

	shift 3
	stats eth0 "$LOG/a"
	stats "$end" "$LOG/c" "$ns"
	stats "$out" "$LOG/e"
	from_peer --count $FLOOD --size-max "$LONGEST" --flows 64 >"$LOG/sent" &
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
	stats "$end" "$LOG/d" "$ns"
	stats "$out" "$LOG/f"
	missing=$(jq .missing "$LOG/heard")
	lost=$(($(grown "$LOG/a" "$LOG/b" mac_rx_nic_fifo_drop) +
		$(grown "$LOG/e" "$LOG/f" xdp_full) +
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
	under_traffic eth0 eth1 peer xdp_pass xdp_stats none
}

tx_under_traffic()
{
	swap_to xdp_tx
	listen_peer eth1 --count $FLOOD --idle 3000 --timeout 120 || return 1
	under_traffic eth0 eth1 peer xdp_tx2 xdp_tx
}

redirect_under_traffic()
{
	local prog

	for prog in xdp_redirect xdp_redirect2; do
		bpftool prog load "$BPF/${P}xdp_redirect.o" $PINS/$prog &&
			swap_to $prog && configure eth0 tx_port \
			"$(cat /sys/class/net/eth2/ifindex)" || return 3
	done
	listen_in far eth3 --count $FLOOD --idle 3000 --timeout 120 || return 4
	under_traffic eth2 eth3 far xdp_redirect xdp_redirect2
}

# with_traffic RATE CMD...: frames of all sizes come from the peer meanwhile, as
# fast as they can if RATE is 0
with_traffic()
{
	local rate=$1 sender rc=0

	shift
	rm -f "$LOG/stop"
	(until [ -e "$LOG/stop" ]; do
		from_peer --count 300 --size-max "$LONGEST" --rate "$rate" || exit
	done >/dev/null) &
	sender=$!
	"$@" || rc=$?
	touch "$LOG/stop"
	wait $sender || rc=50
	return $rc
}

# totals DEV FILE: all counters but those of a queue, which end with its ring
totals()
{
	local name value

	ethtool -S "$1" | awk 'NR > 1 && !/^ *(rx|tx|xdp)[0-9]+_/ {
		sub(":", "")
		print $1, $2
	}' >"$2"
	for name in rx_packets rx_bytes tx_packets tx_bytes rx_dropped rx_errors tx_dropped; do
		read -r value <"/sys/class/net/$1/statistics/$name"
		echo "rtnl_$name $value"
	done >>"$2"
}

# monotonic BEFORE AFTER: no counter is smaller, and none is missing
monotonic()
{
	awk '
		FNR == NR { old[$1] = $2; n++; next }
		($1 in old) { n-- }
		($1 in old) && $2 < old[$1] {
			print $1, "was", old[$1], "is", $2
			bad = 1
		}
		END {
			if (n)
				print n, "counters are missing"
			exit bad || n
		}' "$1" "$2"
}

# harmless DEV CMD...: succeeds, and since the one before it no counter of DEV
# went back; $LOG/t1 is what they were.
harmless()
{
	"${@:2}" || {
		echo "'${*:2}' failed"
		return 1
	}
	totals "$1" "$LOG/t2"
	monotonic "$LOG/t1" "$LOG/t2" || {
		echo "after '${*:2}'"
		return 1
	}
	mv "$LOG/t2" "$LOG/t1"
}

# goes_on: frames come to eth0
goes_on()
{
	wait_for 20 received "$(rtnl eth0 rx_packets)" 20 || {
		echo "no frames come"
		return 1
	}
}

# judged VERDICT: since $LOG/t0 eth0 has counted every frame as this, or as one
# that found no way out
judged()
{
	totals eth0 "$LOG/t3"
	awk -v verdict="rx_xdp_$1" '
		FNR == NR { old[$1] = $2; next }
		{ grew[$1] = $2 - old[$1] }
		END {
			print grew["rx_packets"], "frames,", grew[verdict], verdict,
				grew["rx_xdp_aborted"], "aborted"
			exit grew["rx_packets"] != grew[verdict] + grew["rx_xdp_aborted"] ||
				grew[verdict] < 20
		}' "$LOG/t0" "$LOG/t3"
}

smaller_rings()
{
	ip link set "$1" up && ethtool -G "$1" rx 64 tx 64 &&
		ethtool -L "$1" combined 1
}

# One without MSI-X has a single channel.
larger_rings()
{
	ethtool -L "$1" combined \
		"$(ethtool -l "$1" | awk '/^Combined:/ { print $2; exit }')" &&
		ethtool -G "$1" rx 512 tx 256
}

# change_rings DEV: down, other rings and other channels
change_rings()
{
	goes_on || return 1
	totals "$1" "$LOG/t1"
	harmless "$1" ip link set "$1" down &&
		harmless "$1" smaller_rings "$1" && goes_on &&
		harmless "$1" larger_rings "$1" && goes_on
}

# rings_under VERDICT DEV: frames to eth0, whose program gives that verdict
rings_under()
{
	totals eth0 "$LOG/t0"
	with_traffic 0 change_rings "$2" && judged "$1" &&
		attached eth0 "xdp_$1" && ports_up
}

rings_under_pass()
{
	attach eth0 "${P}xdp_pass" && rings_under pass eth0
}

rings_under_drop()
{
	attach eth0 "${P}xdp_drop" && rings_under drop eth0
}

rings_under_tx()
{
	attach eth0 "${P}xdp_tx" && rings_under tx eth0 && verdict_tx
}

# Both ends of a redirection, one after the other.
rings_under_redirect()
{
	redirect eth0 eth2 && rings_under redirect eth2 &&
		rings_under redirect eth0 &&
		wait_for 20 has_carrier eth2 '' && redirect_port
}

all_counted()
{
	stats eth0 "$LOG/now"
	[ $(($(grown "$1" "$LOG/now" rx_packets) +
	     $(grown "$1" "$LOG/now" mac_rx_nic_fifo_drop))) -ge "$2" ]
}

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
	from_peer --count 300 --size "$HELD_SIZE" "${acked_by_port[@]}" >/dev/null
	wait_for 10 in_socket $((before + 300)) || return 4
	# The ring turns under them, ten times.
	attach eth0 "${P}xdp_drop" || return 8
	from_peer --count 3000 --stream 9 --size "$HELD_SIZE" "${acked_by_port[@]}" >/dev/null
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

# With "short" only those that memory and locks take part in most, for the
# debug kernel in make check.
SHORT=${1:-}
long()
{
	[ "$SHORT" = short ] || check "$@"
}

# Every verdict, with the programs of P.
verdicts()
{
	check "PASS" verdict_pass
	check "DROP" verdict_drop
	check "TX" verdict_tx
	check "ABORTED" verdict_aborted
	long "unknown verdict" verdict_unknown
	check "REDIRECT to another port" redirect_port
	long "REDIRECT to veth" redirect_veth
	check "REDIRECT to another CPU" redirect_cpumap
}

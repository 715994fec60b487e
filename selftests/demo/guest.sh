#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The demo, in the guest.  What is for people goes to fd 3 as comments; every
# claim is a test, and one line "claim, measured value, verdict" in $OUT/claims.

# Not -e: a claim that fails is told, and the demo goes on.
set -uo pipefail

# shellcheck source=selftests/vm/tap.sh
. selftests/vm/tap.sh

stat=build/user/qlgestat
frames=$PWD/build/selftests/frames
dir=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null' EXIT

# claim CLAIM MEASURED CMD...: it holds if CMD succeeds
claim()
{
	local name=$1 measured=$2 verdict=holds

	shift 2
	"$@" >/dev/null || verdict=FAILS
	printf '%s\t%s\t%s\n' "$name" "$measured" "$verdict" >>"$OUT/claims"
	if [ $verdict = holds ]; then
		ok "$name: $measured"
	else
		not_ok "$name: $measured" "'$*' is not true"
	fi
}

head_line()
{
	diag
	diag "== $*"
}

# Shows a command and what it says.
show()
{
	diag "\$ $*"
	"$@" 2>&1 | sed 's/^/#   /' >&3
}

in_peer()
{
	ip netns exec peer "$@"
}

now()
{
	echo "$EPOCHREALTIME"
}

# counter NAME: of ethtool -S eth0
counter()
{
	ethtool -S eth0 | awk -v name="$1:" '$1 == name { print $2 }'
}

at_least()
{
	[ "$(counter "$1")" -ge "$2" ]
}

# The lowest of a gauge over all queues.
lowest()
{
	ethtool -S eth0 | awk -v name="^rx[0-9]+_$1:" '
		$1 ~ name && (!n++ || $2 < min) { min = $2 } END { print min }'
}

full()
{
	[ "$(lowest fill_large)" -ge $((ring - 16)) ] &&
		[ "$(lowest fill_small)" -ge $((ring - 16)) ]
}

bpf_drops()
{
	bpftool -j map dump name xdp_counts |
		jq '[.[0].formatted.values[].value.drop.packets] | add'
}

dropped()
{
	[ "$(bpf_drops)" -ge "$1" ]
}

# --- 1: load ---

head_line "1. The driver on Debian's own kernel, $(uname -r)"
diag "\$ insmod qlge.ko"
qlge_load || die "the driver loads"
ip netns add peer
in_peer sysctl -qw net.ipv6.conf.default.disable_ipv6=1
ip link set eth1 netns peer
in_peer sysctl -qw net.ipv6.conf.eth1.disable_ipv6=1
ip addr add 192.0.2.1/24 dev eth0
ip -n peer addr add 192.0.2.2/24 dev eth1
mac=$(cat /sys/class/net/eth0/address)
# Nothing but what the demo sends: no question who has an address.
ip neigh replace 192.0.2.2 dev eth0 nud permanent \
	lladdr "$(in_peer cat /sys/class/net/eth1/address)"
ip -n peer neigh replace 192.0.2.1 dev eth1 nud permanent lladdr "$mac"
ip link set eth0 up
ip -n peer link set eth1 up
wait_for 30 grep -q 1 /sys/class/net/eth0/carrier
wait_for 30 in_peer grep -q 1 /sys/class/net/eth1/carrier
ring=$(ethtool -g eth0 | awk '/^RX:/ { n = $2 } END { print n }')
dmesg -t | grep qlge | tail -n 4 | sed 's/^/#   /' >&3
show ip -br link show eth0
show ip -br -n peer link show eth1

# ports SPEED: both are driven by qlge and run at this
ports()
{
	[ "$(basename "$(readlink /sys/class/net/eth0/device/driver)")" = qlge ] &&
		[ "$(cat /sys/class/net/eth0/speed)" = "$1" ] &&
		[ "$(in_peer ethtool eth1 | awk '/Speed:/ { print $2 }')" = "$1Mb/s" ]
}
claim "both ports of the card have a link" \
	"$(cat /sys/class/net/eth0/speed) Mb/s" ports 10000

# --- 2: native XDP ---

head_line "2. Native XDP by plain ip link, ping through XDP_PASS"
diag "\$ ip link set dev eth0 xdpdrv obj build/bpf/xdp_pass.o sec xdp"
ip link set dev eth0 xdpdrv obj build/bpf/xdp_pass.o sec xdp
diag "\$ bpftool net show dev eth0"
bpftool net show dev eth0 | awk '/driver/ { print "#   " $0 }' >&3
xdp=$($stat -j show eth0 | jq -r '.[0].xdp[0] | "\(.mode) \(.name)"')
claim "ip link attaches a native program" "$xdp" \
	test "$xdp" = "native xdp_pass"
before=$(counter rx_xdp_pass)
diag "\$ ping -c 10 -i 0.1 192.0.2.1"
in_peer ping -q -c 10 -i 0.1 -W 5 192.0.2.1 >"$dir/ping"
sed -n '/transmitted/s/^/#   /p' "$dir/ping" >&3
replies=$(awk '/transmitted/ { print $4 }' "$dir/ping")
passed=$(($(counter rx_xdp_pass) - before))
claim "ping through XDP_PASS" "$replies of 10 answered, the program passed $passed" \
	test "$replies" = 10 -a "$passed" -ge 10

# --- 3: flood ---

flood=50000
head_line "3. A flood of $flood frames of 64 bytes into XDP_DROP"
# A program is replaced in place, but not by another one without "force".
diag "\$ ip -force link set dev eth0 xdpdrv obj build/bpf/xdp_stats.o sec xdp"
ip -force link set dev eth0 xdpdrv obj build/bpf/xdp_stats.o sec xdp
bpftool map update name .data.config key 0 0 0 0 value 1 0 0 0
allocs=$(counter rx_chunk_allocs)
drops=$(counter rx_xdp_drop)
fifo=$(counter mac_rx_nic_fifo_drop)
packets=$($stat -j show eth0 | jq '.[0].rx.packets')
in_peer "$frames" send eth1 --dst "$mac" --count $flood --size 60 \
	--flows 16 --rate 25000 >"$dir/flood"
sent=$(jq .sent "$dir/flood")
wait_for 20 dropped "$sent"
fifo=$(($(counter mac_rx_nic_fifo_drop) - fifo))
diag "\$ bpftool map dump name xdp_counts"
bpftool -j map dump name xdp_counts | jq -r '.[0].formatted.values[] |
	"#   cpu \(.cpu): drop \(.value.drop.packets) frames, " +
	"\(.value.drop.bytes) bytes; pass \(.value.pass.packets)"' >&3
diag "\$ qlgestat show eth0"
$stat show eth0 | awk 'NR < 6 { print "#   " $0 }' >&3
n=$(bpf_drops)
claim "every frame of a flood reaches XDP_DROP" \
	"$n counted by the program, $fifo by the card's full FIFO, $sent sent" \
	test $((n + fifo)) = "$sent" -a "$n" -gt $((flood / 2))
packets=$(($($stat -j show eth0 | jq '.[0].rx.packets') - packets))
drops=$(($(counter rx_xdp_drop) - drops))
claim "bpftool, qlgestat and ethtool agree" "$n, $packets, $drops" \
	test "$n" = "$packets" -a "$n" = "$drops"
allocs=$(($(counter rx_chunk_allocs) - allocs))
claim "no memory is allocated for dropped frames" "$allocs allocations" \
	test "$allocs" = 0
ip -force link set dev eth0 xdpdrv obj build/bpf/xdp_pass.o sec xdp

# --- 4: outage ---

head_line "4. The memory runs out under TCP traffic"
streams=3
# The frames of this stream are kept by a reader that does not read, so their
# buffers cannot be used again, and the ring really needs memory.  Its socket
# sees, and so keeps, those of TCP as well.
"$frames" recv eth0 --count 1000000 --hold 600 --timeout 1 --idle 1000 \
	--ready "$dir/ready" >"$dir/held" &
holder=$!
wait_for 20 test -e "$dir/ready"

# A stream that never repeats, at a pace, until it is told to stop.
block=$(head -c 30000 /dev/urandom | base64 -w 0)
feed()
{
	local i=0 pace

	# "read" sleeps without starting a command.
	exec {pace}<> <(:)
	while [ ! -e "$dir/stop" ]; do
		printf '%012d%s' $((++i)) "$block"
		read -r -t 0.1 -u "$pace"
	done
}
servers=() clients=()
for i in $(seq $streams); do
	timeout 300 socat -u "TCP-LISTEN:500$i,reuseaddr" "OPEN:$dir/got$i,creat" &
	servers+=($!)
	feed | tee "$dir/sent$i" |
		timeout 300 ip netns exec peer socat -u - "TCP:192.0.2.1:500$i,retry=50,interval=0.2" &
	clients+=($!)
done
ip netns exec peer "$frames" send eth1 --dst "$mac" --count 1000000 \
	--size 1000 --rate 500 >"$dir/stream" &
sender=$!

# Of the table of qlgestat watch; awk would wait for more.
queue_rows()
{
	local row

	while read -r row; do
		[[ $row != time* && $row != *' rx-'* ]] || echo "#   $row"
	done
}

# Received by TCP so far, in bytes.
tcp_bytes()
{
	stat -c %s "$dir"/got* 2>/dev/null | awk '{ n += $1 } END { print n + 0 }'
}

tcp_past()
{
	[ "$(tcp_bytes)" -ge "$1" ]
}

wait_for 60 tcp_past 200000 || die "TCP does not start"
$stat -j trace eth0 >"$dir/trace" 2>"$dir/trace.err" &
tracer=$!
wait_for 30 grep -q tracing "$dir/trace.err" || die "no trace points"
build/selftests/sample eth0 20 'rx_*' 'rx*_fill_*' >"$dir/samples" &
sampler=$!
diag "\$ qlgestat watch eth0 -i 1"
$stat watch eth0 -i 1 > >(queue_rows >&3) &
watcher=$!
wait_for 30 tcp_past $(($(tcp_bytes) + 500000)) || die "TCP does not run"

fails=$(counter rx_alloc_fail)
recycled=$(counter rx_recycled)
fifo=$(counter mac_rx_nic_fifo_drop)
marks=$(counter rx_watermark)
build/selftests/qlge_inject --dev eth0 --fail all >"$dir/injected" 2>"$dir/inject.err" &
injector=$!
wait_for 30 grep -q attached "$dir/inject.err" || die "no fault injection"
inject_on=$(now)
diag "  >> every allocation of receive memory fails now, atomic or not"
wait_for 60 at_least rx_watermark $((marks + 1)) ||
	diag "  >> the watermark was not reached"
diag "  >> a ring is at its watermark: large frames are dropped, buffers kept"
wait_for 60 at_least rx_recycled $((recycled + 200))
# Small frames are copied, so they do not need what is missing.
in_peer ping -q -c 15 -i 0.1 -W 5 192.0.2.1 >"$dir/ping"
# Long enough for the longest back-off.
wait_for 60 grep -q '"next-ms":248' "$dir/trace"
tcp_at_end=$(tcp_bytes)
inject_off=$(now)
kill -INT $injector
wait $injector
detached=$(now)
diag "  >> memory is back"
wait_for 30 full && recovered=yes || recovered=no
wait_for 60 tcp_past $((tcp_at_end + 500000)) && alive=yes || alive=no
fails=$(($(counter rx_alloc_fail) - fails))
recycled=$(($(counter rx_recycled) - recycled))

# Let everything run out, then look at what arrived.
kill -INT $sender
wait $sender
touch "$dir/stop"
kill $sampler
for p in "${clients[@]}" "${servers[@]}"; do
	wait "$p"
done
kill -USR1 $holder
wait $holder
kill -INT $watcher $tracer
wait $watcher $tracer
fifo=$(($(counter mac_rx_nic_fifo_drop) - fifo))
cp "$dir/samples" "$dir/trace" "$OUT"
# Failures come before the injector can say that it is there.
first=$(jq -s '[.[] | select(.event == "alloc-fail") | .time] | min' "$dir/trace")
echo "$(printf '%s\n' "$inject_on" "$first" | sort -n | head -n 1) $inject_off" \
	>"$OUT/injection"

# --- 5: judge ---

head_line "5. What was measured"
injected=$(jq .injected "$dir/injected")
claim "alloc_fail rose by exactly the injected failures" "$fails, $injected injected" \
	test "$fails" = "$injected" -a "$injected" -gt 20

low=$((ring / 4))
min=$(awk -v on="$inject_on" -v off="$detached" '
	$1 == "time:" { t = $2 }
	t >= on && t <= off && $1 ~ /^rx[0-9]+_fill_large:/ &&
		(!n++ || $2 < min) { min = $2 }
	END { print min }' "$dir/samples")
claim "the card never ran out of buffers" \
	"lowest $min of $ring, watermark $low, $recycled frames dropped there" \
	test "$min" -ge $((low - 16)) -a "$min" -le $((low + 64)) -a "$recycled" -ge 200

replies=$(awk '/transmitted/ { print $4 }' "$dir/ping")
claim "reception went on during the outage" "$replies of 15 pings answered" \
	test "$replies" = 15

# From the last failure to the moment the driver says that its ring is full.
longest=$(jq -s '[.[] | select(.event == "refill-done") | ."duration-ns"] |
	max // 0 | . / 1e6 | round' "$dir/trace")
after=$(awk -v full=$((ring - 16)) '
	function look()
	{
		if (!t)
			return
		if (fails != old) {
			last = t
			back = 0
		} else if (!back && min >= full) {
			back = t
		}
		old = fails
	}
	$1 == "time:" { look(); t = $2; n = 0; next }
	$1 == "rx_alloc_fail:" { fails = $2 }
	$1 ~ /^rx[0-9]+_fill_(large|small):/ && (!n++ || $2 < min) { min = $2 }
	END { look(); print back ? int((back - last) * 1000 + 0.5) : "never" }' \
	"$dir/samples")
quick()
{
	[ "$recovered" = yes ] && [ "$after" != never ] && [ "$after" -le 1000 ]
}
claim "the rings were full again within a second" \
	"$after ms after the last failure, outage of $longest ms" quick

jq . "$dir/held" >/dev/null || echo '{}' >"$dir/held"
sent=$(jq .sent "$dir/stream")
unique=$(jq .unique "$dir/held")
lost=$((sent - unique))
intact()
{
	[ "$lost" -ge 0 ] && [ "$lost" -le $((recycled + fifo)) ] &&
		holds '.duplicates == 0 and .corrupt == 0 and .stray == 0 and
			.socket_drops == 0 and .unique > 0' "$dir/held"
}
claim "no frame was damaged, doubled or lost uncounted" \
	"$sent sent, $unique intact, $lost lost; counted $((recycled + fifo)), TCP's too" \
	intact

total=0 same=yes
for i in $(seq $streams); do
	total=$((total + $(stat -c %s "$dir/sent$i")))
	a=$(sha256sum <"$dir/sent$i") b=$(sha256sum <"$dir/got$i")
	[ "$a" = "$b" ] && [ -s "$dir/got$i" ] || same=no
done
claim "TCP survived, its checksums are right" \
	"$streams streams, $((total / 1000)) kB, SHA-256 $([ $same = yes ] && echo equal || echo different)" \
	test "$alive-$same" = yes-yes

ip link set dev eth0 xdpdrv off
done_testing

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Sourced by the refill tests: exact injection of allocation failures, traffic
# whose buffers stay away from the ring, and what the driver says about it.
#
# A ring allocates only when its frames keep their buffers, so the receiver
# here is a packet socket that nobody reads until it is told to.
#
# shellcheck disable=SC2034 # the scripts that source this use the results

FRAMES=$PWD/build/selftests/frames
INJECT=$PWD/build/selftests/qlge_inject
QLGESTAT=$PWD/build/user/qlgestat
TRACING=/sys/kernel/tracing
# Debug kernel: the kernel's own fault injection; else the driver's hook.
FAULT=/sys/kernel/debug/fail_page_alloc
SLAB=/sys/kernel/debug/failslab
# "All" of them, but counted: even, and never used up.
MANY=1000000

T=$(mktemp -d)
LEN=512			# of the receive ring
LOW=$((LEN / 4))	# its watermark

# --- the two ports ---

# eth0 is under test, with one queue.  eth1, the sender, drops what comes back
# in XDP: its buffers never leave, so that it never allocates.
setup()
{
	qlge_load || return 1
	if [ ! -e /run/netns/peer ]; then
		# Router solicitations would be packets nobody has sent.
		ip netns add peer
		ip netns exec peer bash -c \
			'echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6'
	fi
	ethtool -L eth0 combined 1 && ethtool -L eth1 combined 1 &&
		ip link set eth1 netns peer && ip link set eth0 up &&
		ip -n peer link set eth1 up && link_up || return 1
	ip -n peer link set eth1 xdpdrv obj build/bpf/xdp_drop.o sec xdp
	read -r MAC </sys/class/net/eth0/address
	# A ring may grow to its length - 1 when it turns for the first time.
	send 40 60 && send 40 1000 &&
		"$FRAMES" send eth0 --dst ff:ff:ff:ff:ff:ff --count 40 --size 60 &&
		"$FRAMES" send eth0 --dst ff:ff:ff:ff:ff:ff --count 40 --size 1000 ||
		return 1
	[ "$KERNEL" != debug ] || fault_ranges
}

link_up()
{
	wait_for 30 grep -q 1 /sys/class/net/eth0/carrier &&
		wait_for 30 ip netns exec peer grep -q 1 /sys/class/net/eth1/carrier
}

# --- counters ---

# snap: ethtool -S of eth0 into S
declare -A S B
snap()
{
	parse < <(ethtool -S eth0)
}

snap_peer()
{
	parse < <(ip netns exec peer ethtool -S eth1)
}

parse()
{
	local key value

	S=()
	while IFS=': ' read -r key value; do
		[ -z "$value" ] || S[$key]=$value
	done
	[ "${#S[@]}" -gt 100 ]
}

# From here on d() counts.
mark()
{
	local key

	snap
	for key in "${!S[@]}"; do
		B[$key]=${S[$key]}
	done
	B[qstat]=$(qstat)
	B[lines]=$(log_lines)
}

# d COUNTER: how much it rose between mark and snap
d()
{
	echo $((S[$1] - B[$1]))
}

qstat()
{
	$QLGESTAT -j show eth0 | jq '.[0].rx."alloc-fail"'
}

# is WHAT OP VALUE, in words that a failure can be read from
is()
{
	if ! test "$1" "$2" "$3"; then
		echo "$1 $2 $3 is not so"
		return 1
	fi
}

full()
{
	local key

	snap || return 1
	for key in "${!S[@]}"; do
		[[ ! $key =~ ^rx[0-9]+_fill_(small|large)$ ]] ||
			[ "${S[$key]}" -ge $((LEN - 16)) ] || {
				echo "$key is ${S[$key]}"
				return 1
			}
	done
}

# Nothing but the refill work can have filled it.
full_without_packet()
{
	local before after

	snap
	before=${S[mac_rx_pkts]}
	wait_for 10 full || { full; return 1; }
	after=${S[mac_rx_pkts]}
	is "$before" = "$after"
}

# Both interfaces to the counter, device and queues.
exact()
{
	local q

	snap
	q=$(qstat)
	is "$(d rx_alloc_fail)" = "$1" && is $((q - B[qstat])) = "$1"
}

# The log has no line per failure.
quiet_log()
{
	is $(($(log_lines) - B[lines])) -le "$1"
}

log_lines()
{
	dmesg | grep -ciE 'qlge|eth[01]|alloc|memory|fault'
}

# --- injection ---

# The addresses of a function of the driver, first and last.
fault_range()
{
	awk -v want="$1" '
		{ name = $3; sub(/\..*/, "", name) }
		name == want { from = $1; next }
		from != "" && $1 > from { print "0x" from, "0x" $1; exit }' \
		"$T/symbols"
}

fault_ranges()
{
	grep '\[qlge\]' /proc/kallsyms | grep -i ' t ' | sort >"$T/symbols"
	read -r PAGES_FROM PAGES_TO < <(fault_range qlge_chunk_alloc_pages)
	read -r SKB_FROM SKB_TO < <(fault_range qlge_rx_alloc_skb)
	[ "${PAGES_TO:-}" ] || die "no symbol qlge_chunk_alloc_pages"
	[ "${SKB_TO:-}" ] || die "no symbol qlge_rx_alloc_skb"
}

# fault_attr DIR FROM TO: only calls from there, each of them, no call trace
fault_attr()
{
	echo 0 >"$1/probability"
	echo 1 >"$1/interval"
	echo 0 >"$1/verbose"
	echo N >"$1/task-filter"
	# The driver's function is among the first eight.  A packet interrupt
	# over the refill work has more than that of its own before it: its
	# allocations are not meant.
	echo 10 >"$1/stacktrace-depth"
	echo "$2" >"$1/require-start"
	echo "$3" >"$1/require-end"
}

# inject_start [--atomic] [--skip N] [--fail K|all]: of the attempts to get a
# chunk from now on the first N succeed, the next K fail.
inject_start()
{
	local skip=0 fail=all atomic='' wait=N

	while [ $# -gt 0 ]; do
		case $1 in
		--atomic)
			atomic=--atomic-only wait=Y
			shift
			;;
		--skip)
			skip=$2
			shift 2
			;;
		--fail)
			fail=$2
			shift 2
			;;
		esac
	done
	if [ "$KERNEL" != debug ]; then
		# What the last one said is not what this one says.
		rm -f "$T/inject"
		# shellcheck disable=SC2086 # empty or one word
		$INJECT --dev eth0 $atomic --skip "$skip" --fail "$fail" \
			>"$T/injected" 2>"$T/inject" &
		INJECTOR=$!
		wait_for 20 grep -q attached "$T/inject" ||
			die "no injection" "$(cat "$T/inject")"
		return
	fi
	# One attempt is order 3, then order 0; "space" is in pages, and must be
	# too little for either when the time has come.
	[ "$fail" = all ] && TIMES=$MANY || TIMES=$((2 * fail))
	fault_attr $FAULT "$PAGES_FROM" "$PAGES_TO"
	echo 0 >$FAULT/min-order
	echo $wait >$FAULT/ignore-gfp-wait
	echo $((8 * skip + 1)) >$FAULT/space
	echo "$TIMES" >$FAULT/times
	echo 100 >$FAULT/probability
}

# No more failures; INJECTED is how many attempts have failed.
inject_stop()
{
	local left json

	if [ "$KERNEL" != debug ]; then
		kill -INT "$INJECTOR"
		wait "$INJECTOR"
		json=$(<"$T/injected")
		[[ $json =~ \"injected\":([0-9]+) ]] || die "no count" "$json"
		INJECTED=${BASH_REMATCH[1]}
		return
	fi
	echo 0 >$FAULT/probability
	read -r left <$FAULT/times
	INJECTED=$(((TIMES - left) / 2))
}

# --- traffic ---

# hold COUNT [SEQ0]: keep the next frames with their buffers
hold()
{
	rm -f "$T/ready"
	$FRAMES recv eth0 --count "$1" --seq0 "${2:-0}" --hold 300 --idle 500 \
		--timeout 310 --ready "$T/ready" >"$T/recv" &
	HOLDER=$!
	wait_for 30 test -e "$T/ready" || die "no receiver"
}

# Read them at last; RECV_* are the receiver's counts.
release()
{
	kill -USR1 "$HOLDER"
	wait "$HOLDER"
	RECV_UNIQUE=$(json unique "$T/recv")
	RECV_BAD=$(($(json duplicates "$T/recv") + $(json corrupt "$T/recv") +
		    $(json stray "$T/recv") + $(json reordered "$T/recv") +
		    $(json socket_drops "$T/recv")))
}

# A reader that never reads, until unpin.
pin()
{
	hold 1
}

unpin()
{
	kill -TERM "$HOLDER"
	wait "$HOLDER"
	return 0
}

json()
{
	local text

	text=$(<"$2")
	[[ $text =~ \"$1\":([0-9]+) ]] || { echo -1; return 1; }
	echo "${BASH_REMATCH[1]}"
}

# send COUNT SIZE [SEQ0 [RATE]]
send()
{
	ip netns exec peer "$FRAMES" send eth1 --dst "$MAC" --count "$1" \
		--size "$2" --seq0 "${3:-0}" --rate "${4:-1500}" >"$T/send"
}

# Without end, until FLOOD is killed or has no interface any more.
flood()
{
	ip netns exec peer "$FRAMES" send eth1 --dst "$MAC" --count 100000000 \
		--size 1000 --rate 1000 >"$T/flood" 2>&1 &
	FLOOD=$!
}

# All of COUNT frames, once and whole, with nobody holding them.
works()
{
	hold "$1"
	send "$1" 1000
	release
	is "$RECV_UNIQUE" = "$1" && is "$RECV_BAD" = 0
}

# moved COUNTER N: it rose by N since mark, the card being slower than send
moved()
{
	wait_for 10 reached "$1" "$2"
	is "$(d "$1")" = "$2"
}

reached()
{
	snap && is "$(d "$1")" -ge "$2"
}

# --- trace ---

trace_start()
{
	echo mono >"$TRACING/trace_clock"
	echo 1 >"$TRACING/events/qlge/enable"
	echo >"$TRACING/trace"
	echo 1 >"$TRACING/tracing_on"
}

# trace_stop NAME: one line per event: seconds, name, key=value...
trace_stop()
{
	echo 0 >"$TRACING/tracing_on"
	sed -n 's/^.* \([0-9]*\.[0-9]*\): qlge_\([a-z_]*\):/\1 \2/p' \
		"$TRACING/trace" | sort -n >"$T/trace"
	cp "$T/trace" "$OUT/trace-$1"
}

# A row of runs of the refill work that all failed: 1 ms, doubling to 248 ms,
# and none earlier than it said.  A jiffy is 4 ms; if the host stops the guest
# for a while the jiffies are behind when the next timer is set, which then
# fires as much earlier as the one before was late.
backoff()
{
	awk '
	$2 != "refill_run" { next }
	{
		for (i = 3; i <= NF; i++) {
			split($i, kv, "=")
			f[kv[1]] = kv[2]
		}
		if (next_ms) {
			wanted = next_ms * 2 > 248 ? 248 : next_ms * 2
			if (f["next_ms"] && f["next_ms"] != wanted)
				bad = bad " " next_ms "->" f["next_ms"]
			late = ($1 - at) * 1000 - next_ms
			if (late + credit < -5)
				bad = bad sprintf(" %.1f ms for %d", ($1 - at) * 1000, next_ms)
			credit = (late > 0) ? late : 0
		} else if (f["next_ms"] && f["next_ms"] != 1) {
			bad = bad " first " f["next_ms"]
		}
		at = $1
		next_ms = f["next_ms"]
		if (next_ms == 248)
			most++
	}
	END {
		if (bad || most < 2) {
			print "wrong:" bad ", " most + 0 " times 248"
			exit 1
		}
	}' "$T/trace"
}

# Milliseconds from the last failure to the full ring.
recovery_ms()
{
	awk '$2 == "alloc_fail" { last = $1 }
		$2 == "refill_done" { full = $1 }
		END { printf "%d\n", (full > last) ? (full - last) * 1000 : 99999 }' \
		"$T/trace"
}

events()
{
	grep -c " $1 " "$T/trace"
}

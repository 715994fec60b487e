#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# test-refill.sh [SECTION]...: what the driver does when memory is short.
# Failures come from fail_page_alloc and failslab on the debug kernel, from the
# driver's fmod_ret hook elsewhere.

# Not -e: a check that fails is counted, and the test goes on.
set -uo pipefail

# shellcheck source=selftests/vm/tap.sh
. selftests/vm/tap.sh
# shellcheck source=selftests/refill/lib.sh
. selftests/refill/lib.sh

# Not by check, whose commands run in a shell of their own.
load()
{
	if setup; then
		ok "$1"
	else
		die "$1" "no driver, or no link"
	fi
}

# --- a short outage: the reserve lasts ---

no_loss()
{
	is "$RECV_UNIQUE" = "$1" && is "$RECV_BAD" = 0 && snap &&
		is "$(d rx_recycled)" = 0 && is "$(d rx_watermark)" = 0 &&
		is "$(d mac_rx_nic_fifo_drop)" = 0
}

test_short()
{
	# NAPI gets nothing at all while less than the reserve is used up.
	mark
	trace_start
	hold 300
	inject_start --atomic
	send 300 1000
	wait_for 10 reached mac_rx_pkts 300
	check "short: ring full again without a packet" full_without_packet
	inject_stop
	release
	trace_stop short
	check "short: no frame lost, doubled or damaged" no_loss 300
	check "short: attempts did fail" is "$INJECTED" -gt 0
	check "short: alloc_fail is what was injected" exact "$INJECTED"
	snap
	check "short: the work had it ready for NAPI" is "$(d rx_stash_hits)" -gt 0
	check "short: the trace has each failure" is "$(events alloc_fail)" = "$INJECTED"
	check "short: the trace sees work and end" eval \
		'is "$(events refill_run)" -gt 0 && is "$(events refill_done)" -gt 0'
	check "short: nothing in the log" quiet_log 0

	# A number of failures known before, with memory between them.
	mark
	hold 900
	inject_start --atomic --skip 2 --fail 3
	send 900 1000
	release
	inject_stop
	check "counted: three failures of the three asked for" is "$INJECTED" = 3
	check "counted: alloc_fail rose by 3" exact 3
	check "counted: no frame lost, doubled or damaged" no_loss 900
	check "counted: ring full again without a packet" full_without_packet
}

# --- an outage until the watermark, and the work fails too ---

accounted()
{
	snap
	is $((RECV_UNIQUE + $(d rx_recycled) + $(d mac_rx_nic_fifo_drop))) = "$1" &&
		is "$RECV_BAD" = 0
}

judged()
{
	snap && is $(($(d rx_packets) + $(d rx_recycled))) -ge "$1"
}

# The longest wait is 248 ms.  A busy host only ever adds to that, so that one
# good round in three is proof.
recovery()
{
	local ms round

	ms=$(recovery_ms)
	for round in 2 3; do
		[ "$ms" -gt 300 ] || break
		diag "round $((round - 1)): $ms ms"
		pin
		trace_start
		inject_start
		send 400 1000
		wait_for 10 grep -q next_ms=248 "$TRACING/trace"
		inject_stop
		wait_for 10 full
		trace_stop "recovery-$round"
		unpin
		ms=$(recovery_ms)
	done
	check "backoff: full 300 ms after the last failure" is "$ms" -le 300
}

# One outage that NAPI ends by itself, because frames come, while the work finds
# no memory yet; the next one does not wait on. With the injector of the stock
# kernel, which can spare NAPI.
anew()
{
	local first stash

	[ "$KERNEL" != debug ] || return 0
	pin
	$INJECT --dev eth0 --bq 3 --fail all >"$T/stash" 2>"$T/stash.err" &
	stash=$!
	wait_for 10 grep -q attached "$T/stash.err"
	trace_start
	inject_start
	send 400 1000
	wait_for 10 grep -q next_ms=248 "$TRACING/trace"
	inject_stop
	send 50 1000
	wait_for 10 full
	trace_start
	inject_start
	send 400 1000
	wait_for 10 grep -q 'refill_run.* next_ms=[1-9]' "$TRACING/trace"
	inject_stop
	kill -INT $stash
	wait $stash
	wait_for 10 full
	trace_stop anew
	unpin
	first=$(awk '$2 == "refill_run" && sub(/.* next_ms=/, "") { print $1; exit }' \
		"$T/trace")
	check "backoff: the next outage starts with 1 ms" is "$first" = 1
}

test_outage()
{
	local start seconds

	mark
	hold 1200
	inject_start
	trace_start
	start=$SECONDS
	send 1000 1000
	wait_for 10 judged 1000
	check "outage: frames are dropped and recycled" is "$(d rx_recycled)" -gt 200
	check "outage: the reserve was delivered" is "$(d rx_packets)" -ge $((LEN - LOW - 32))
	check "outage: the device keeps its buffers" is "${S[rx0_fill_large]}" -ge $((LOW - 16))
	check "outage: the watermark is counted once" is "$(d rx_watermark)" = 1
	check "outage: no frame without a buffer" is "$(d mac_rx_nic_fifo_drop)" = 0
	# Small frames are copied: they need no chunk.
	send 200 60 1000
	wait_for 10 judged 1200
	release
	check "outage: small frames are delivered" is "$RECV_UNIQUE" -ge $((LEN - LOW - 32 + 200))
	check "outage: sent is received and dropped as counted" accounted 1200

	ip link set eth0 xdpdrv obj build/bpf/xdp_drop.o sec xdp
	send 300 1000
	check "outage: XDP_DROP goes on" moved rx_xdp_drop 300
	snap_peer
	B["back"]=${S[rx_xdp_drop]}
	ip link set eth0 xdpdrv off
	ip link set eth0 xdpdrv obj build/bpf/xdp_tx.o sec xdp
	send 300 1000
	check "outage: XDP_TX goes on" moved rx_xdp_tx 300
	snap_peer
	check "outage: what XDP_TX sent has arrived" is \
		$((S[rx_xdp_drop] - B["back"])) = 300
	ip link set eth0 xdpdrv off
	snap
	check "outage: reception never needed the card's FIFO" is "$(d mac_rx_nic_fifo_drop)" = 0

	# NAPI is silent now; the work comes every 248 ms.
	seconds=$((SECONDS - start + 1))
	inject_stop
	check "outage: ring full again without a packet" full_without_packet
	trace_stop outage
	check "outage: alloc_fail is what was injected" exact "$INJECTED"
	check "outage: the trace has each failure" is "$(events alloc_fail)" = "$INJECTED"
	check "outage: the trace has the watermark" is "$(events watermark)" = 1
	check "backoff: 1 ms, doubling to 248 ms" backoff
	check "backoff: bounded work" is "$(events refill_run)" -le $((20 + 5 * seconds))
	check "outage: nothing in the log" quiet_log 0
	recovery
	anew
	check "outage: all as before" works 100
}

# --- skb heads ---

# skb_fails NAME SIZE
skb_fails()
{
	mark
	hold 200
	fault_attr "$SLAB" "$SKB_FROM" "$SKB_TO"
	echo N >"$SLAB/cache-filter"
	echo N >"$SLAB/ignore-gfp-wait"
	echo 0 >"$SLAB/space"
	echo 5 >"$SLAB/times"
	echo 100 >"$SLAB/probability"
	send 200 "$2"
	wait_for 10 reached mac_rx_pkts 200
	release
	echo 0 >"$SLAB/probability"
	check "skb: $1: alloc_fail rose by 5" exact 5
	check "skb: $1: only those frames are lost" is "$RECV_UNIQUE-$RECV_BAD" = 195-0
	check "skb: $1: and counted" accounted 200
	check "skb: $1: ring full" full_without_packet
}

test_skb()
{
	local irq

	[ "$KERNEL" = debug ] || return 0
	# Each CPU keeps the skb heads that its own transmit completions free:
	# on eth1's CPU eth0 would never have to allocate one.
	for irq in /sys/class/net/eth0/device/msi_irqs/*; do
		echo 2 >"/proc/irq/${irq##*/}/smp_affinity"
	done
	for irq in $(ip netns exec peer ls /sys/class/net/eth1/device/msi_irqs); do
		echo 1 >"/proc/irq/$irq/smp_affinity"
	done
	skb_fails copied 60
	skb_fails large 1000
}

# --- frames held on purpose ---

# Memory a packet socket is charged for.
charged()
{
	awk 'NR > 1 && $7 > most { most = $7 } END { print most + 0 }' \
		/proc/net/packet
}

test_held()
{
	local chunks bytes

	mark
	hold 2400
	send 2400 1000 0 3000
	wait_for 20 reached rx_packets 2400
	check "held: reception goes on" is "$(d rx_packets)" = 2400
	chunks=$(d rx_chunk_allocs)
	bytes=$(charged)
	check "held: their buffers were replaced" is "$chunks" -ge 150
	# A chunk is at most order 3; the ring's own share is not the socket's.
	check "held: the socket is charged for the memory it holds" \
		is "$bytes" -ge $(((chunks - 16) * 32768))
	release
	check "held: no frame lost, doubled or damaged" no_loss 2400

	# Now all of that memory is home or gone.
	mark
	hold 600
	send 600 60
	wait_for 20 reached rx_packets 600
	check "held: small frames hold no chunk" is "$(d rx_chunk_allocs)" = 0
	release
	check "held: no small frame lost" no_loss 600
}

# --- configuration meanwhile ---

# op CMD...: ends, and in time; what it says goes to $T/op
op()
{
	local rc=0

	timeout 60 "$@" >"$T/op" 2>&1 || rc=$?
	cat "$T/op"
	return $rc
}

# It must be refused, in words, and the old rings go on.
refused()
{
	local before after rc=0

	snap
	before=${S[rx_packets]}
	timeout 60 "$@" >"$T/op" 2>&1 || rc=$?
	cat "$T/op"
	if [ $rc = 0 ] || [ $rc = 124 ]; then
		echo "rc $rc"
		return 1
	fi
	case $2 in
	-G)
		grep -q "no memory for new rings" "$T/op" || return 1
		;;
	-L)
		dmesg | tail -n 3 | grep -q "no memory for new rings" || return 1
		;;
	esac
	snap
	after=${S[rx_packets]}
	is "$after" -ge "$before" && is "${S[rx0_fill_large]}" -ge $((LOW - 16)) &&
		grep -q 1 /sys/class/net/eth0/carrier
}

recovered()
{
	link_up || { echo "no link"; return 1; }
	full_without_packet && works 60
}

back_to_normal()
{
	inject_stop
	check "$1: works afterwards" recovered
}

# The rx reporter says what devlink's user has to know of it.
reported()
{
	devlink -j health diagnose "pci/$(basename "$(readlink /sys/class/net/eth0/device)")" \
		reporter rx >"$T/diag" || return 1
	holds '[.. | objects | select(has("stash"))] | length == 1 and (.[0] | .outage and
		.large.holding and .large.fill <= .large.watermark and
		.alloc_fail > 0 and .recycled > 0)' "$T/diag"
}

# Everything that does not end the phase.
quiet_ops()
{
	check "$1: attach XDP" op ip link set eth0 xdpdrv obj build/bpf/xdp_pass.o sec xdp
	check "$1: replace XDP" op ip -force link set eth0 xdpdrv obj build/bpf/xdp_stats.o sec xdp
	check "$1: detach XDP" op ip link set eth0 xdpdrv off
	check "$1: MTU" op ip link set eth0 mtu 9000
	check "$1: MTU back" op ip link set eth0 mtu 1500
}

# Nothing to be had by anybody; what the ring has left is used up until the
# state NAME is there.
phase_begin()
{
	local i

	pin
	inject_start
	mark
	for ((i = 0; i < 20; i++)); do
		in_phase "$1" >/dev/null && return
		send 60 1000
	done
	return 1
}

in_phase()
{
	snap
	case $1 in
	draining)
		is "${S[rx0_fill_large]}" -gt $((LOW + 32)) &&
			is "${S[rx0_fill_large]}" -lt $((LEN - 64)) &&
			is "$(d rx_watermark)" = 0
		;;
	holding)
		is "${S[rx0_fill_large]}" -le "$LOW" &&
			is "$(d rx_watermark)" = 1
		;;
	esac
}

phase_short()
{
	local name=$1

	phase_begin "$name"
	check "$name: the state is reached" in_phase "$name"
	[ "$name" != holding ] || check "$name: devlink says so" reported
	quiet_ops "$name"
	check "$name: resize is refused" refused ethtool -G eth0 rx 1024
	check "$name: channels are refused" refused ethtool -L eth0 combined 2
	check "$name: still there" in_phase "$name"
	check "$name: a reset is survived" survives_reset
	check "$name: down" op ip link set eth0 down
	check "$name: open is refused" refused_open
	inject_stop
	check "$name: open" op ip link set eth0 up
	check "$name: works afterwards" recovered
	unpin

	phase_begin "$name"
	# The hook's program holds the module: it goes first, and the outage
	# lasts until the work comes again.
	[ "$KERNEL" = debug ] || inject_stop
	unpin
	check "$name: unload" op rmmod qlge
	[ "$KERNEL" != debug ] || inject_stop
	load "$name: load"
	check "$name: works afterwards" recovered
}

# The reset has to do with the buffers there are.
survives_reset()
{
	mark
	property "$(card 0)" fault-fe true
	wait_for 20 reached resets 1 && link_up || return 1
	send 60 1000
	wait_for 10 judged 60
	is "${S[rx0_fill_large]}" -ge $((LOW - 16)) && is "$(d resets)" = 1
}

refused_open()
{
	! timeout 60 ip link set eth0 up || return 1
	dmesg | tail -n 3 | grep -q "no memory for rings and buffers" &&
		! grep -q 1 /sys/class/net/eth0/carrier 2>/dev/null
}

# NAPI fails, the work gets what it wants, and traffic does not end.
phase_refilling()
{
	local name=refilling

	pin
	inject_start --atomic
	mark
	flood
	check "$name: the state is reached" wait_for 20 \
		reached rx_stash_hits 8
	quiet_ops "$name"
	check "$name: resize" op ethtool -G eth0 rx 1024
	check "$name: resize back" op ethtool -G eth0 rx "$LEN"
	check "$name: channels" op ethtool -L eth0 combined 2
	check "$name: channels back" op ethtool -L eth0 combined 1
	check "$name: down" op ip link set eth0 down
	check "$name: up" op ip link set eth0 up
	link_up
	mark
	check "$name: still short" wait_for 20 reached rx_alloc_fail 1
	property "$(card 0)" fault-fe true
	check "$name: a reset" wait_for 20 reached resets 1
	link_up
	mark
	check "$name: still short after it" wait_for 20 reached rx_alloc_fail 1
	kill -TERM "$FLOOD"
	wait "$FLOOD"
	back_to_normal "$name"

	inject_start --atomic
	flood
	mark
	wait_for 20 reached rx_stash_hits 2
	unpin
	[ "$KERNEL" = debug ] || inject_stop
	check "$name: unload" op rmmod qlge
	# Its interface is gone.
	wait "$FLOOD"
	[ "$KERNEL" != debug ] || inject_stop
	load "$name: load"
	check "$name: works afterwards" recovered
}

# Memory ends in the middle of an allocation.
phase_open()
{
	local name=partial

	snap
	inject_start --skip 5
	check "$name: resize is refused" refused ethtool -G eth0 rx 1024
	inject_stop
	check "$name: works as before" recovered
	ip link set eth0 down
	# All large buffers, small ones above the watermark: it starts, and the
	# work gets the rest.
	inject_start --skip 47
	check "$name: open with what there is" op ip link set eth0 up
	check "$name: link" link_up
	snap
	check "$name: not full, above the watermark" eval '! full &&
		is "${S[rx0_fill_small]}" -gt '"$LOW"
	inject_stop
	check "$name: full and working" recovered
}

test_config()
{
	phase_short draining
	phase_short holding
	phase_refilling
	phase_open
}

load "load"
[ $# -gt 0 ] || set -- short outage skb held config
for section; do
	"test_$section"
done
done_testing

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# guest.sh RUNS [qlge]: one case after the other; lines of JSON in $OUT/runs, one per
# run.  The clock counts instructions here, and idle time passes at once, so
# every time limit is generous.

set -uo pipefail

# shellcheck source=selftests/vm/tap.sh
. selftests/vm/tap.sh

runs=$1 only=${2:-}
count=6000
dir=$(mktemp -d)

# The host injects what is asked for in a file and answers in another.
inject()
{
	echo "$1 $2 $count" >"$OUT/request.tmp"
	mv "$OUT/request.tmp" "$OUT/request"
}

injected()
{
	wait_for 3000 test -e "$OUT/answer" || return 1
	mv "$OUT/answer" "$dir/answer"
	holds '.sent > 0 and .socket_drops == 0' "$dir/answer"
}

# get PATH PROPERTY: of an object in the emulator
get()
{
	qmp "{\"execute\":\"qom-get\",\"arguments\":{\"path\":\"$1\",\"property\":\"$2\"}}" |
		jq .return
}

# The path of the first port in the emulator.
card()
{
	local path=/machine/peripheral-anon dev

	for dev in $(qmp "{\"execute\":\"qom-list\",\"arguments\":{\"path\":\"$path\"}}" |
		     jq -r '.return[] | select(.type == "child<qlge>") | .name'); do
		[ "$(get "$path/$dev" mac)" != '"52:54:00:12:34:00"' ] ||
			echo "$path/$dev"
	done
}

hold()
{
	qmp "{\"execute\":\"qom-set\",\"arguments\":{\"path\":\"$card\",\"property\":\"fault-rx-hold\",\"value\":$1}}"
}

# Frames that the MAC has counted are in the FIFO.
arrived()
{
	[ "$(ethtool -S "$1" | awk '$1 == "mac_rx_pkts:" { print $2 }')" -ge "$2" ]
}

accesses()
{
	local sum=0 n

	for n in reg-reads reg-writes doorbell-reads doorbell-writes; do
		sum=$((sum + $(get "$card" $n)))
	done
	echo "$sum"
}

# one DRIVER DEV MODE ACTION BYTES [--counts]: one run
one()
{
	local driver=$1 dev=$2 mode=$3 action=$4 bytes=$5 before=null after=null
	local mac start counts=${6:-}

	mac=$(cat "/sys/class/net/$dev/address")
	rm -f "$dir"/{cost,err}
	if [ "$driver" = qlge ]; then
		start=$(ethtool -S "$dev" | awk '$1 == "mac_rx_pkts:" { print $2 }')
		hold true >/dev/null || return 1
		# The FCS is not sent.
		inject "$mac" $((bytes - 4))
		injected || return 1
		wait_for 3000 arrived "$dev" $((start + count)) || return 1
	fi
	# shellcheck disable=SC2086 # an option or nothing
	build/selftests/napi_cost $counts "$dev" $count 3000 >"$dir/cost" 2>"$dir/err" &
	wait_for 3000 grep -q attached "$dir/err" || return 1
	if [ "$driver" = qlge ]; then
		before=$(accesses)
		hold false >/dev/null
	else
		inject "$mac" $((bytes - 4))
		injected || return 1
	fi
	wait $! || { cat "$dir"/{err,cost}; return 1; }
	[ "$driver" != qlge ] || after=$(accesses)
	jq -c --arg driver "$driver" --arg mode "$mode" --arg action "$action" \
		--argjson bytes "$bytes" --arg counts "$counts" \
		--argjson mmio "$((after - before))" '
		{driver: $driver, mode: $mode, action: $action, bytes: $bytes,
		 counts: ($counts != "")} + . +
		(if $driver == "qlge" then {mmio: $mmio} else {} end)' \
		"$dir/cost" | tee -a "$OUT/runs"
	holds '.full_polls >= 10' "$dir/cost"
}

# bench DRIVER DEV ACTION BYTES
bench()
{
	local driver=$1 dev=$2 action=$3 bytes=$4 i full=0

	ip link set dev "$dev" xdpdrv obj "build/bpf/xdp_$action.o" sec xdp ||
		return 1
	# The first run warms up: rings, caches, code that patches itself.
	one "$driver" "$dev" warm "$action" "$bytes"
	for ((i = 0; i < runs; i++)); do
		one "$driver" "$dev" native "$action" "$bytes" || return 1
	done
	one "$driver" "$dev" native "$action" "$bytes" --counts || return 1
	if [ "$driver" = qlge ]; then
		full=$(ethtool -S "$dev" | awk '$1 == "xdp_full:" { print $2 }')
	fi
	ip link set dev "$dev" xdpdrv off
	# Frames that found the transmit queue full cost something else.
	[ "$full" = 0 ]
}

qlge_load || die "qlge does not load"
modprobe virtio_net
card=$(card)
[ "$card" ] || die "no card"
v=
for d in /sys/class/net/eth*; do
	[ "$(basename "$(readlink "$d/device/driver")")" != virtio_net ] ||
		v=$(basename "$d")
done
[ "$v" ] || die "no virtio_net"
for d in eth0 "$v"; do
	ip link set "$d" up
	# What is passed up ends here.
	tc qdisc add dev "$d" clsact
	tc filter add dev "$d" ingress matchall action drop
	wait_for 3000 grep -q 1 "/sys/class/net/$d/carrier" || die "no link"
done
ethtool -S eth0 | awk '$1 == "rx0_chunk_allocs:" {
	print "{\"rx_kib_per_queue\":" $2 * 32 "}" }' >"$OUT/memory"
uname -r >"$OUT/kernel"
# All frames of a burst fit, so that none finds the transmit queue full.
ethtool -G eth0 tx 4096 || die "ring refused"
wait_for 3000 grep -q 1 /sys/class/net/eth0/carrier || die "no link"

check "qlge drop 64" bench qlge eth0 drop 64
check "qlge tx 64" bench qlge eth0 tx 64
if [ "$only" ]; then
	done_testing
	exit
fi
check "qlge drop 512" bench qlge eth0 drop 512
check "qlge drop 1500" bench qlge eth0 drop 1500
check "qlge pass 64" bench qlge eth0 pass 64
check "virtio_net drop 64" bench virtio_net "$v" drop 64
check "virtio_net tx 64" bench virtio_net "$v" tx 64
check "virtio_net pass 64" bench virtio_net "$v" pass 64
done_testing

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# guest.sh SET RUNS SIZES: measures the cases of one set; lines of JSON in $OUT/runs,
# one per run.  The clock counts instructions here and the host may be slow:
# every time limit is generous.

set -uo pipefail

# shellcheck source=selftests/vm/tap.sh
. selftests/vm/tap.sh

# driver, mode, action[/setting], frame sizes with FCS; for a stream, MiB
cases()
{
	case $1 in
	check)
		echo qlge native drop 64
		echo qlge native tx 64
		echo qlge native redirect 64
		echo qlge native pass 64
		echo qlge skb tx 64
		echo qlge zerocopy rx 64
		echo qlge zerocopy tx 64
		echo qlge native drop/iommu=1 64
		echo qlge native tx/iommu=1 64
		;;
	qlge)
		for action in drop pass tx redirect; do
			echo qlge native $action "$sizes"
		done
		echo qlge zerocopy rx "$sizes"
		echo qlge zerocopy tx "$sizes"
		echo qlge skb rx "$sizes"
		echo qlge skb tx "$sizes"
		echo qlge skb stream 16
		;;
	scaling)
		for n in 64 128 256 512 1024 2048 4096; do
			echo qlge native "drop/ring=$n" 64
		done
		for n in 0 1 2 3 4; do
			echo qlge native "drop/lookup=$n" 64
		done
		for n in 64 256 1024; do
			echo qlge native "drop/length=$n" 64
		done
		;;
	queues)
		for n in 1 2 3 4; do
			echo qlge native "drop/queues=$n" 64
		done
		;;
	peers)
		peer e1000e generic
		peer e1000e skb
		peer virtio_net native
		peer virtio_net generic
		peer virtio_net skb
		# Its poll does not count what a program takes away.
		echo vmxnet3 native pass "$sizes"
		peer vmxnet3 generic
		peer vmxnet3 skb
		;;
	old)
		peer qlge generic
		peer qlge skb
		;;
	iommu)
		for action in drop tx redirect pass; do
			echo qlge native "$action/iommu=1" 64
		done
		;;
	*)	# a case by itself
		echo "$1"
		;;
	esac
}

peer()
{
	if [ "$2" = skb ]; then
		echo "$1" skb rx "$sizes"
		echo "$1" skb tx "$sizes"
		echo "$1" skb stream 16
	else
		for action in drop pass tx redirect; do
			echo "$1" "$2" $action "$sizes"
		done
	fi
}

set=$1 runs=$2 sizes=${3:-64,512,1500}
count=4000
dir=$(mktemp -d)
socket=

# The host injects what is asked for in a file and answers in another.
inject()
{
	local hosts=1

	# The card spreads UDP by addresses.
	[[ $action != */queues=* ]] || hosts=400
	echo "$1 $(($2 - 4)) $count $hosts" >"$OUT/request.tmp"
	mv "$OUT/request.tmp" "$OUT/request"
	wait_for 3000 test -e "$OUT/answer" || return 1
	mv "$OUT/answer" "$dir/answer"
	[[ $(<"$dir/answer") == *'"sent":'$count,*'"socket_drops":0,'* ]]
}

# ask JSON: as qmp of tap.sh, but the port stays open and no process is
# started, which costs more than all that is measured here.
ask()
{
	echo "$1" >&"$monitor"
	while read -r -t 3000 reply <&"$monitor"; do
		case $reply in
		'{"return"'*)
			return 0
			;;
		'{"error"'*)
			return 1
			;;
		esac
	done
	return 1
}

# card_set PATH PROPERTY VALUE
card_set()
{
	ask '{"execute":"qom-set","arguments":{"path":"'"$1"'","property":"'"$2"'","value":'"$3"'}}'
}

statistic()
{
	cat "/sys/class/net/$1/statistics/$2"
}

# Frames that the MAC has counted are in the FIFO; the old driver calls the
# counter by another name.
in_fifo()
{
	ethtool -S "$1" | awk '$1 ~ /^(mac_)?rx_pkts:$/ { print $2; exit }'
}

arrived()
{
	[ "$(in_fifo "$1")" -ge "$2" ]
}

# Register and doorbell accesses of both ports, in $sum.
accesses()
{
	local port n reply

	sum=0
	[ "$driver" = qlge ] || return 0
	for port in "${cards[@]}"; do
		for n in reg-reads reg-writes doorbell-reads doorbell-writes; do
			ask '{"execute":"qom-get","arguments":{"path":"'"$port"'","property":"'$n'"}}' ||
				return 1
			reply=${reply#*: }
			sum=$((sum + ${reply%%[!0-9]*}))
		done
	done
}

# What proves that all of them went the way they should: a counter.
proof()
{
	case ${action%/*} in
	tx)
		statistic "$dev" tx_packets
		;;
	redirect)
		statistic "$to" tx_packets
		;;
	pass|rx)
		tc -s qdisc show dev "$dev" clsact |
			sed -n '/^qdisc clsact/,$ s/.*(dropped \([0-9]*\),.*/\1/p'
		;;
	*)
		echo 0
		;;
	esac
}

meter()
{
	echo "$*" >&"${METER[1]}"
}

answer()
{
	read -r -t 3000 reply <&"${METER[0]}" || return 1
	[ "$1" != ready ] || [ "$reply" = ready ]
}

# socket rx|tx ARG...: an AF_XDP socket, bound; the binding restarts the rings
socket()
{
	rm -f "$dir/ready"
	build/selftests/xsk "$1" "$dev" --zero-copy --need-wakeup --blind --linger \
		--count $count --chunks 8192 --ring 4096 --timeout 100000 \
		--prog build/bpf/xdp_xsk.o --ready "$dir/ready" "${@:2}" \
		>"$dir/socket" &
	socket=$!
	wait_for 3000 socket_says test -e "$dir/ready"
	[ -e "$dir/ready" ] && ready "$dev"
}

# socket_says CMD...: true, or the socket's process has ended
socket_says()
{
	"$@" || ! kill -0 "$socket" 2>/dev/null
}

# Its report has come; the socket itself stays.
socket_done()
{
	wait_for 3000 socket_says grep -q zero_copy "$dir/socket"
	grep -q zero_copy "$dir/socket"
}

# socket_end: closes it; false if a frame is missing
socket_end()
{
	local process=$socket

	socket=
	kill "$process"
	wait "$process" && ready "$dev"
}

# Each queue has had frames.
spread()
{
	[[ $action = */queues=* ]] || return 0
	ethtool -S "$dev" | awk -v n="${action#*=}" '
		$1 ~ /^rx[0-9]+_packets:$/ && $2 > 100 { queues++ }
		END { exit queues != n }'
}

# one MODE COUNTS: one run; 2 if it says nothing
one()
{
	local counts=$2 mac start sum before proof mmio=null polls='' reply line

	mac=$(<"/sys/class/net/$dev/address")
	[ "$mode-$action" != zerocopy-rx ] || socket rx || return 1
	proof=$(proof)
	accesses || return 1
	case $mode-${action%/*} in
	skb-tx)
		meter send "$counts" "$dev" "$to" $count \
			52:54:00:ee:ee:01 $((bytes - 4))
		;;
	skb-stream)
		meter stream "$counts" "$dev" "$to" "$bytes" 10.9.0.2 peer
		;;
	zerocopy-tx)
		socket tx --hold --dst 52:54:00:ee:ee:01 --size $((bytes - 4)) ||
			return 1
		meter watch "$counts" "$dev" "$to" $count
		answer ready || return 1
		accesses || return 1
		kill -USR1 "$socket"
		socket_done || return 1
		meter stop
		;;
	*)
		polls=yes
		# The buffers of the smallest ring do not fill a poll.
		[[ $action != */ring=64 ]] || polls=
		if [ "$driver" = qlge ]; then
			start=$(in_fifo "$dev")
			card_set "${cards[0]}" fault-rx-hold true || return 1
			inject "$mac" "$bytes" || return 1
			wait_for 3000 arrived "$dev" $((start + count)) ||
				return 1
		fi
		meter receive "$counts" "$dev" "$to" $count
		answer ready || return 1
		accesses || return 1
		if [ "$driver" = qlge ]; then
			card_set "${cards[0]}" fault-rx-hold false
		else
			inject "$mac" "$bytes" || return 1
		fi
		;;
	esac
	before=$sum
	answer result || return 1
	accesses || return 1
	[ "$driver" != qlge ] || mmio=$((sum - before))
	proof=$(($(proof) - proof))
	[ "$mode" != zerocopy ] || { socket_done && socket_end; } || return 1
	# With fewer full polls there is nothing to measure.
	if [ "$polls" ] && [[ ! $reply =~ '"full":{"calls":'[0-9][0-9] ]]; then
		echo "few full polls: $reply"
		return 2
	fi
	printf -v line '{"driver":"%s","mode":"%s","action":"%s","bytes":%s,"counts":%s,"proof":%s,"mmio":%s,%s' \
		"$name" "$1" "$action" "$bytes" "$counts" "$proof" "$mmio" \
		"${reply#\{}"
	echo "$line"
	spread || return 1
	# Our card loses nothing; of others the packets that came are counted.
	[ "$driver" != qlge ] || [[ $reply == *'"done":true'* ]] || return 1
	case $name-${action%/*} in
	qlge-rx)
		# The socket has counted its own.
		[ "$mode" = zerocopy ] || [ "$proof" -ge $count ]
		;;
	qlge-tx|qlge-redirect|qlge-pass)
		# A peer whose transmit queue is full loses frames.
		[ "$proof" -ge $count ]
		;;
	*-pass|*-rx)
		[[ $reply =~ '"polls":{"calls":'[0-9]+',"packets":'([0-9]+) ]] &&
			[ "$proof" -ge "${BASH_REMATCH[1]}" ]
		;;
	esac || return 1
	# Only what has passed is a result.
	echo "$line" >>"$OUT/runs"
}

# again MODE COUNTS: other devices take frames as they come, and when the host is
# slow these come one by one.  Our card gets all of them at once.
again()
{
	local i rc

	for i in {1..5}; do
		one "$@"
		rc=$?
		[ $rc = 2 ] && [ "$driver" != qlge ] || return $rc
	done
	return 1
}

bench()
{
	local i rc=0

	again warm 0 && again "$mode" 1 || rc=1
	for ((i = 0; i < runs && !rc; i++)); do
		again "$mode" 0 || rc=1
	done
	# A run that broke off leaves its socket.
	[ -z "$socket" ] || socket_end || rc=1
	return $rc
}

attach()
{
	local flag=xdpdrv

	[ "$mode" != generic ] || flag=xdpgeneric
	ip link set dev "$1" $flag obj "$2" sec xdp
}

le32()
{
	echo $(($1 & 255)) $(($1 >> 8 & 255)) $(($1 >> 16 & 255)) 0
}

ready()
{
	wait_for 3000 grep -q 1 "/sys/class/net/$1/carrier"
}

# The cards' addresses go through the IOMMU from now on.  That the kernel boots
# with iommu=pt, and passes them on as they are, saves another guest.
translated()
{
	local d pci=() bus=/sys/bus/pci

	for d in "$dev" "$to"; do
		[ -e "/sys/class/net/$d/device/iommu_group" ] || return 1
		[[ $(<"/sys/class/net/$d/device/iommu_group/type") = DMA* ]] ||
			pci+=("$(basename "$(readlink -f "/sys/class/net/$d/device")")")
	done
	# A group that a driver uses stays as it is.  The module keeps its place,
	# which the profile needs.
	for d in "${pci[@]}"; do
		echo "$d" >$bus/drivers/qlge/unbind || return 1
	done
	for d in "${pci[@]}"; do
		echo DMA-FQ >"$bus/devices/$d/iommu_group/type" || return 1
		echo "$d" >$bus/drivers/qlge/bind || return 1
	done
	for d in "$dev" "$to"; do
		[[ $(<"/sys/class/net/$d/device/iommu_group/type") = DMA* ]] &&
			ip link set "$d" up && ready "$d" || return 1
	done
}

setting()
{
	local value=${action#*=} ring=1024 irq

	case $action in
	*/ring=*)
		ring=$value
		;;
	*/queues=*)
		ethtool -L "$dev" combined "$value" || return 1
		# Only TCP is spread unless one asks.
		[ "$value" = 1 ] ||
			ethtool -N "$dev" rx-flow-hash udp4 sd || return 1
		;;
	*/iommu=*)
		translated || return 1
		;;
	esac
	# All frames of a burst fit, so that none finds the transmit queue full.
	[ "$name" != qlge ] || ethtool -G "$dev" rx "$ring" tx 4096
	ready "$dev" || return 1
	# A queue that has just come has an interrupt of its own.
	for irq in /sys/class/net/eth*/device/msi_irqs/*; do
		[ ! -d "/proc/irq/${irq##*/}" ] ||
			echo 1 >"/proc/irq/${irq##*/}/smp_affinity"
	done
	return 0
}

# prepare: program and settings of one case
prepare()
{
	local object

	setting || return 1
	case $mode-$action in
	*-drop/l*)
		object=${action#*/}
		attach "$dev" "build/selftests/bench/xdp_${object/=/_}.o"
		;;
	*-redirect*)
		# Some send only what they are given while they have a program.
		[ "$mode" = generic ] ||
			attach "$to" build/bpf/xdp_pass.o || return 1
		attach "$dev" build/selftests/bench/xdp_redirect.o || return 1
		# shellcheck disable=SC2046 # bytes
		bpftool map update name bench_map key 0 0 0 0 value \
			$(le32 "$(<"/sys/class/net/$to/ifindex")")
		;;
	skb-stream)
		ip netns add peer
		ip link set "$to" netns peer
		ip -n peer link set "$to" up
		ip -n peer addr add 10.9.0.2/24 dev "$to"
		ip addr add 10.9.0.1/24 dev "$dev"
		wait_for 3000 ping -c 1 -W 1 10.9.0.2
		;;
	skb-*|zerocopy-*)
		;;
	*)
		attach "$dev" "build/bpf/xdp_${action%/*}.o"
		;;
	esac || return 1
	case $mode-$action in
	zerocopy-*)
		;;
	*-pass*|*-rx)
		tc qdisc add dev "$dev" clsact &&
			tc filter add dev "$dev" ingress bpf da \
				obj build/selftests/bench/tc_drop.o sec tc
		;;
	esac
}

clean_up()
{
	ip link set dev "$dev" xdpdrv off 2>/dev/null
	ip link set dev "$dev" xdpgeneric off 2>/dev/null
	tc qdisc del dev "$dev" clsact 2>/dev/null
	if [ "$action" = stream ]; then
		ip addr flush dev "$dev"
		ip -n peer link set "$to" netns 1
		ip netns del peer
		ip link set "$to" up
		ready "$to"
	else
		ip link set dev "$to" xdpdrv off 2>/dev/null
	fi
	return 0
}

qlge_load || die "qlge does not load"
modprobe -a virtio_net vmxnet3 e1000e cls_bpf
cards=("$(card 0)" "$(card 1)")
[ "${cards[1]}" ] || die "no cards"
# From here on the monitor belongs to ask().
exec {monitor}<>"$QMP"
declare -A first second
for d in /sys/class/net/eth*; do
	driver=$(basename "$(readlink "$d/device/driver")")
	d=$(basename "$d")
	ip link set "$d" up
	ready "$d" || die "no link at $d"
	if [ "${first[$driver]:-}" ]; then
		second[$driver]=$d
	else
		first[$driver]=$d
	fi
done
# One CPU does it all, with all interrupts, and the others are idle: the clock
# counts all of them.
taskset -p 1 $$
uname -r >"$OUT/kernel"
ethtool -S "${first[qlge]}" | awk '$1 == "rx0_chunk_allocs:" {
	print "{\"rx_kib_per_queue\":" $2 * 32 "}" }' >"$OUT/memory"
coproc METER { build/selftests/napi_cost 2>"$OUT/meter.log"; }

mapfile -t table < <(cases "$set")
for line in "${table[@]}"; do
	read -r driver mode action each <<<"$line"
	name=$driver
	[ "$KERNEL" != old ] || name=qlge-6.1
	dev=${first[$driver]:-} to=${second[$driver]:-}
	if ! check "$name $mode $action: set up" prepare; then
		clean_up
		continue
	fi
	for bytes in ${each//,/ }; do
		check "$name $mode $action $bytes" bench
	done
	clean_up
done
cat /proc/kallsyms >"$OUT/kallsyms"
done_testing

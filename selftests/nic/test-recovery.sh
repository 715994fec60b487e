#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Recovery: every fault that the emulated card can show, and what must survive
# it.  Needs the layout "aer".

# Not -e: a check that fails is counted, and the test goes on.
set -uo pipefail

# shellcheck source=selftests/nic/lib.sh
. selftests/nic/lib.sh
# shellcheck source=selftests/nic/health.sh
. selftests/nic/health.sh

trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT

BPF=build/bpf

program()
{
	ip -j link show eth0 | jq -r '.[0].xdp.prog.id // "none"'
}

vlan_restore()
{
	ip link add link eth0 name eth0.7 type vlan id 7 2>/dev/null
	ip -n peer link add link eth1 name eth1.7 type vlan id 7 2>/dev/null
	ip link set eth0.7 up
	ip -n peer link set eth1.7 up
	ip addr replace 10.0.7.1/24 dev eth0.7
	ip -n peer addr replace 10.0.7.2/24 dev eth1.7
}

# A group address that the stack has registered is in the card's table.
multicast()
{
	listen eth0 --count 20 || return 1
	peer_frames send eth1 --dst 01:00:5e:01:02:03 --count 20 >/dev/null
	heard
}

# mark: the state that must survive; survived: whether it did
mark()
{
	PROGRAM=$(program)
	stats eth0 "$LOG/before"
	RESETS=$(stat eth0 resets)
}

never_back()
{
	awk 'NR == FNR { was[$1] = $2; next }
		# Gauges, and counters of single rings, which may be replaced.
		$1 !~ /^(rx|tx|xdp)[0-9]+_|fill/ && ($1 in was) && $2 < was[$1] {
			print $1, was[$1], $2
			bad = 1
		}
		END { exit bad }' "$LOG/before" "$LOG/after"
}

survived()
{
	wait_for 30 carrier 1 || { echo "no carrier"; return 1; }
	ping_both || return 1
	ping -q -c 2 -i 0.2 -W 2 10.0.7.2 || { echo "no VLAN"; return 1; }
	echo "program $(program), was $PROGRAM"
	[ "$(program)" = "$PROGRAM" ] && [ "$PROGRAM" != none ] &&
		[ "$(ethtool -g eth0 | awk '/^Current/ { c = 1 } c && /^RX:/ { print $2 }')" = 256 ] ||
		return 1
	stats eth0 "$LOG/after"
	never_back && healthy tx rx fw asic
}

# reported REPORTER: one error and one recovery more
reported()
{
	local e errors recovers

	read -r e _ errors recovers < <(all_health | grep "^$1 ")
	echo "$e: error $errors, recover $recovers, was ${ERRORS[$e]} ${RECOVERS[$e]}"
	[ "$errors" = $((ERRORS[$e] + 1)) ] &&
		[ "$recovers" = $((RECOVERS[$e] + 1)) ]
}

declare -A ERRORS RECOVERS
remember()
{
	local e errors recovers

	mark
	ERRORS=() RECOVERS=()
	while read -r e _ errors recovers; do
		ERRORS[$e]=$errors
		RECOVERS[$e]=$recovers
	done < <(all_health)
}

is_reset()
{
	[ "$(stat eth0 resets)" = $((RESETS + 1)) ]
}

diag "$(uname -r), $(nproc) CPUs"
drivers_start
DEV=$(devlink_of eth0)
SLOT=${DEV#pci/}
CARD=$(card 0)
PEER_CARD=$(card 1)
ethtool -G eth0 rx 256 tx 256
ip link set dev eth0 xdpdrv obj $BPF/xdp_pass.o sec xdp || die "no XDP program"
ip maddr add 01:00:5e:01:02:03 dev eth0
vlan_restore
wait_for 20 carrier 1
# Dumps are tested elsewhere and would only take time.
devlink health set "$DEV" reporter fw auto_dump false
remember
check "before any fault" survived

# --- errors of the chip ---

fatal()
{
	remember
	property "$CARD" fault-fe true || return 1
	wait_for 20 is_reset && survived && reported asic && multicast
}
check "fatal error" fatal

chip_event()
{
	remember
	property "$CARD" fault-event "$1" || return 1
	wait_for 20 is_reset && survived && reported asic
}
check "chip event: soft ECC error" chip_event 7
check "chip event: PCI error reading buffers" chip_event 64

# Ten recoveries in a row are allowed, and here come more: a start begins a
# new row.
new_row()
{
	ip link set eth0 down
	ports_up
	ip link set eth0.7 up
}

# One channel: the queues are known. completion WHAT REPORTER: traffic both ways meets a corrupt completion
completion()
{
	remember
	property "$CARD" fault-cqe "\"$1\"" || return 1
	ping -q -c 3 -i 0.2 -W 1 10.0.0.2
	wait_for 20 is_reset && survived && reported "$2"
}
ethtool -L eth0 combined 1
check "receive completion of an impossible length" completion len@0 rx
check "receive completion with a wrong opcode" completion opcode@0 rx
check "transmit completion of a wrong request" completion tid@1 tx
check "index beyond the ring" completion cq-index@1 tx
check "receive completion without any flag" completion flags=0@0 rx

# flags CQ COUNTER: every flag at once is an error of the frame, no more
flags()
{
	remember
	property "$CARD" fault-cqe "\"flags@$1\"" || return 1
	ping -q -c 2 -i 0.2 -W 1 10.0.0.2
	survived && grew "$LOG/before" "$LOG/after" "$2=1" resets=0
}
check "receive completion with every flag" flags 0 rx_mac_errors
check "transmit completion with every flag" flags 1 tx_errors
ethtool -L eth0 combined "$(nproc)"
new_row

tx_stuck()
{
	local rc=0

	remember
	property "$CARD" fault-tx-hold true || return 2
	to_peer --count 400 >/dev/null &
	wait_for 60 is_reset || rc=3
	property "$CARD" fault-tx-hold false
	wait
	[ $rc = 0 ] || return $rc
	survived && reported tx
}

# The stack's watchdog does not look at this queue: whoever finds it full does.
xdp_stuck()
{
	local pid rc=0

	remember
	ip -force link set dev eth0 xdpdrv obj $BPF/xdp_tx.o sec xdp || return 1
	property "$CARD" fault-tx-hold true || return 2
	while :; do
		from_peer --count 20 >/dev/null
		sleep 0.5
	done &
	pid=$!
	wait_for 60 is_reset || rc=3
	kill $pid
	wait
	property "$CARD" fault-tx-hold false
	ip -force link set dev eth0 xdpdrv obj $BPF/xdp_pass.o sec xdp || return 4
	PROGRAM=$(program)
	[ $rc = 0 ] || return $rc
	survived && reported tx
}

# limit_min N: of BQL, which would stop the queues before they are full
limit_min()
{
	local q

	for q in /sys/class/net/eth0/queues/tx-*; do
		echo "$1" >"$q/byte_queue_limits/limit_min" || return 1
	done
}

# One request a millisecond: the queue is full again and again. fq_codel would
# drop frames that wait for so long.
tx_slow()
{
	local rc=0

	remember
	limit_min 1000000 && tc qdisc replace dev eth0 root pfifo &&
		property "$CARD" fault-tx-rate 1 || return 1
	$QLGESTAT -j show eth0 >"$LOG/qstats.a"
	listen_peer eth1 --count 400 --timeout 15 || return 2
	to_peer --count 400 >/dev/null
	heard || rc=3
	$QLGESTAT -j show eth0 >"$LOG/qstats.b"
	property "$CARD" fault-tx-rate 0
	limit_min 0
	tc qdisc del dev eth0 root
	[ $rc = 0 ] && survived || return 4
	# It is woken when a quarter of its 64 entries is free, not for each.
	holds -s '[.[][0].tx | [.stop, .wake]] as [$a, $b] |
		[$b[0] - $a[0], $b[1] - $a[1]] | debug |
		.[0] >= 2 and .[0] <= 400 / 15 and .[1] == .[0]' \
		"$LOG/qstats.a" "$LOG/qstats.b" &&
		grew "$LOG/before" "$LOG/after" resets=0 tx_errors=0 tx_dropped=0 &&
		[ "$(health tx error)" = "${ERRORS[tx]}" ]
}

# The watchdog looks at a queue only when it is full, and a socket sends only so
# much: more than this ring on every kernel.
ethtool -G eth0 tx 64
wait_for 20 carrier 1
check "transmit time-out" tx_stuck
check "transmit time-out of XDP_TX" xdp_stuck
check "slow transmission: the queue stops and is woken" tx_slow
ethtool -G eth0 tx 256
wait_for 20 carrier 1

all_lost()
{
	[ "$(property "$CARD" fault-irq-lost)" = 0 ]
}

# The next two messages do not arrive, perhaps of one vector; the service work
# finds what waits, at its second look, which comes 5 s after the first.
irq_lost()
{
	local rc=0

	remember
	property "$CARD" fault-irq-lost 2 || return 1
	ping -q -i 0.2 -W 1 10.0.0.2 &
	wait_for 60 all_lost || { echo "not lost"; rc=2; }
	kill $!
	wait
	[ $rc = 0 ] || return $rc
	wait_for 15 ping -q -c 1 -W 1 10.0.0.2 &&
		survived && [ "$(stat eth0 resets)" = "$RESETS" ]
}
check "lost interrupts" irq_lost

# --- the link ---

flapped()
{
	[ "$(property "$CARD" fault-flap)" = 0 ]
}

# Of the changes, a millisecond apart, the last one counts.
link_flaps()
{
	local n

	remember
	n=$(cat /sys/class/net/eth0/carrier_down_count)
	property "$CARD" fault-flap 20 || return 1
	wait_for 20 flapped || return 2
	survived || return 3
	n=$(($(cat /sys/class/net/eth0/carrier_down_count) - n))
	echo "the carrier was lost $n times"
	[ "$n" -gt 0 ] && [ "$n" -le 20 ] || return 4
	grew "$LOG/before" "$LOG/after" resets=0 &&
		[ "$(health fw error)" = "${ERRORS[fw]}" ]
}
check "the link flaps" link_flaps

# --- the firmware ---

fw_recovered()
{
	[ "$(health fw recover)" = $((RECOVERS[fw] + 1)) ]
}

fw_error()
{
	remember
	property "$CARD" fault-aen "\"$1\"" || return 1
	wait_for 30 fw_recovered && survived && reported fw &&
		[ "$(stat eth0 resets)" = "$RESETS" ]
}
check "firmware reports a system error" fw_error 8002
check "firmware does not start" fw_error 8401

fw_chip_event()
{
	remember
	property "$CARD" fault-event 8 || return 1
	wait_for 30 fw_recovered && survived && reported fw
}
check "chip event: management processor" fw_chip_event

fw_silent()
{
	remember
	property "$CARD" fault-mpi 1 || return 1
	wait_for 60 fw_recovered && survived && reported fw &&
		[ "$(stat eth0 resets)" = "$RESETS" ]
}
check "silent firmware is found and restarted" fw_silent

# Somebody else has the semaphore of the mailbox; until $1 is in the log.
fw_busy()
{
	remember
	dmesg -C
	property "$CARD" fault-sem $((3 << 14)) &&
		property "$CARD" fault-aen '"8101 00100f00 1 2 3"' || return 1
	wait_for 20 eval "dmesg | grep '$1'" || return 2
}

acks_are()
{
	[ "$(property "$CARD" idc-acks)" = "$1" ]
}

# The event is taken when it is free, and nothing has been reset.
fw_busy_once()
{
	local acks

	acks=$(property "$CARD" idc-acks)
	fw_busy 'held elsewhere' || return
	sleep 1
	ping_both || return 3
	# Of the two visits in that second one says so.
	[ "$(dmesg | grep -c 'held elsewhere')" = 1 ] || return 5
	property "$CARD" fault-sem 0
	wait_for 10 acks_are $((acks + 1)) || return 4
	survived && [ "$(stat eth0 resets)" = "$RESETS" ] &&
		[ "$(health fw error)$(health asic error)" = "${ERRORS[fw]}${ERRORS[asic]}" ]
}
check "mailbox held elsewhere for a while" fw_busy_once

# So does firmware that has died with it.
fw_busy_ever()
{
	fw_busy 'restarting the firmware' || return
	property "$CARD" fault-sem 0
	wait_for 40 fw_recovered && survived && reported fw &&
		[ "$(stat eth0 resets)" = "$RESETS" ]
}
check "mailbox held elsewhere for ever: the firmware is restarted" fw_busy_ever

# Its answers come when nobody waits for them any more.
fw_late()
{
	remember
	dmesg -C
	property "$CARD" fault-mpi 3 || return 1
	devlink dev info "$DEV" >/dev/null
	wait_for 40 eval 'dmesg | grep "does not answer command"' || return 2
	property "$CARD" fault-mpi 0
	wait_for 40 fw_recovered && survived
}
check "late firmware: no stale answer is believed" fw_late

unknown_events()
{
	local e

	remember
	for e in 8110 "8120 1 2 3 4 5" "8130 10" 8131 8fff "8100 0 0 0" "8102 100"; do
		property "$CARD" fault-aen "\"$e\"" || return 1
	done
	survived && [ "$(health fw error)" = "${ERRORS[fw]}" ]
}
check "events that need nothing, and unknown ones" unknown_events

# The acknowledgment carries the words of the request; it is the last command
# with more than one word before the dump reads the mailbox.
idc()
{
	remember
	property "$CARD" fault-aen '"8101 00100f00 11111111 22222222 33333333"' || return 1
	property "$CARD" fault-aen '"8101 00020100 44444444 55555555 66666666"' || return 1
	# It asked for the link to go down; the card says that it is up.
	wait_for 20 carrier 1
	sleep 1
	dump_fw || return 2
	devlink health dump clear "$DEV" reporter fw
	echo "mailbox $(word nic1_mbox 0) $(word nic1_mbox 1) $(word nic1_mbox 2) $(word nic1_mbox 3) $(word nic1_mbox 4)"
	[ "$(word nic1_mbox 1) $(word nic1_mbox 2) $(word nic1_mbox 3) $(word nic1_mbox 4)" = \
		"00020100 44444444 55555555 66666666" ] && survived
}
check "requests of another function are acknowledged" idc

new_row

# --- somebody else resets the device ---

aer()
{
	remember
	dmesg -C
	aer_inject "$CARD" "$SLOT" "$1" || return 1
	wait_for 30 eval "dmesg | grep -E '$2'" || { dmesg | tail -n 5; return 2; }
	survived && multicast
}
check "AER: not fatal, the function is reset" aer POISON_TLP "resetting, reason 6"

# The kernel resets the slot between error_detected() and slot_reset().
check "AER: fatal, the slot is reset" aer MALF_TLP "device recovery successful"

function_reset()
{
	remember
	cat "/sys/bus/pci/devices/$SLOT/reset_method"
	echo 1 >"/sys/bus/pci/devices/$SLOT/reset" || return 1
	survived && multicast
}
check "reset through sysfs" function_reset

sleep_and_wake()
{
	remember
	insmod "build/selftests/pm/$KERNEL/suspend_one.ko" slot="$SLOT" || return 1
	dmesg | grep 'asleep in D3' || return 4
	refused "suspended|No such device|busy" ethtool -G eth0 rx 512 || return 2
	[ "$(cat /sys/class/net/eth0/carrier)" = 0 ] || return 3
	rmmod suspend_one
	survived && multicast
}
check "suspend and resume" sleep_and_wake

sleep_down()
{
	remember
	ip link set eth0 down
	insmod "build/selftests/pm/$KERNEL/suspend_one.ko" slot="$SLOT" || return 1
	refused "No such device" ip link set eth0 up || return 2
	rmmod suspend_one
	ports_up
	ip link set eth0.7 up
	ip maddr add 01:00:5e:01:02:03 dev eth0 2>/dev/null
	survived
}
check "suspend and resume while down" sleep_down

# --- what cannot be healed ---

is_down()
{
	ip -j link show eth0 | jq -e '.[0].flags | index("UP") | not'
}

revive()
{
	ip addr replace 10.0.0.1/24 dev eth0
	ip neigh replace 10.0.0.2 lladdr "$ADDR1" dev eth0
	ip link set eth0.7 up
}

# revived_by REPORTER: the user asks, now that it can be
revived_by()
{
	devlink health recover "$DEV" reporter "$1" || return 9
	revive
	survived
}

fw_dead()
{
	remember
	property "$CARD" fault-mpi 2 || return 1
	devlink dev info "$DEV" >/dev/null
	wait_for 60 is_down || return 2
	state_is fw error || return 3
	# It is closed, and stays so as long as the firmware does.
	ip link set eth0 down || return 4
	refused 'does not open' devlink health recover "$DEV" reporter fw || return 5
	property "$CARD" fault-mpi 0
	revived_by fw
}
check "dead firmware: closed, revived by devlink" fw_dead

# Closed by something else than a recovery; devlink does not call a reporter
# that it takes for healthy.
test_closes()
{
	remember
	property "$CARD" fault-sem $((3 << 4)) || return 1
	ethtool -t eth0 offline >/dev/null
	is_down || return 2
	state_is asic error || return 3
	property "$CARD" fault-sem 0
	revived_by asic
}
check "self test cannot start it again: closed, revived by devlink" test_closes

# Each of the attempts fails, as the one by hand does.
never_starts()
{
	remember
	dmesg -C
	property "$CARD" fault-sem $((3 << 4)) && property "$CARD" fault-fe true || return 1
	wait_for 60 is_down || return 2
	dmesg | grep 'recovery failed' && state_is asic error || return 3
	refused 'does not open' devlink health recover "$DEV" reporter asic || return 4
	property "$CARD" fault-sem 0
	revived_by asic
}
check "a reset that fails: closed, revived by devlink" never_starts

storm()
{
	local i

	remember
	for i in {1..60}; do
		is_down && break
		property "$CARD" fault-fe true
		sleep 0.5
	done
	is_down || return 1
	state_is asic error || return 2
	echo "$(($(stat eth0 resets) - RESETS)) resets"
	[ $(($(stat eth0 resets) - RESETS)) -le 12 ] || return 3
	property "$CARD" fault-fe false 2>/dev/null
	ip link set eth0 up || return 4
	revive
	survived
}
check "errors without end: closed, revived by ip link set up" storm

# removed SLOT: nobody waits for the card. Seconds would depend on the host, but
# a wait that does not end at once sleeps, a thousand times and more.
removed()
{
	local sleeps=$TRACING/events/kprobes/sleeps n

	printf '%s\n' 'p:sleeps usleep_range_state' 'p:sleeps msleep' \
		>$TRACING/kprobe_events || return 1
	echo 1 >"$sleeps/enable"
	echo >$TRACING/trace
	echo 1 >"/sys/bus/pci/devices/$1/remove" || return 2
	echo 0 >"$sleeps/enable"
	n=$(grep -c sleeps: $TRACING/trace)
	echo "slept $n times"
	grep sleeps: $TRACING/trace | head -n 3
	echo >$TRACING/kprobe_events
	[ "$n" -lt 20 ] && [ ! -e "/sys/bus/pci/devices/$1" ]
}

gone()
{
	dmesg -C
	property "$CARD" fault-gone true || return 1
	wait_for 20 is_down || return 2
	refused "No such device" ip link set eth0 up || return 3
	removed "$SLOT" && [ ! -e /sys/class/net/eth0 ] || return 4
	dmesg | grep -c 'does not answer'
}
check "surprise removal" gone

# At once, before the driver has noticed anything.
gone_unnoticed()
{
	local slot

	slot=$(in_peer readlink /sys/class/net/eth1/device)
	slot=$(basename "$slot")
	property "$PEER_CARD" fault-gone true || return 1
	removed "$slot"
}
check "removal that nobody has noticed" gone_unnoticed

back()
{
	property "$CARD" fault-gone false
	property "$PEER_CARD" fault-gone false
	echo 1 >/sys/bus/pci/rescan
	wait_for 20 test -e /sys/class/net/eth0 -a -e /sys/class/net/eth1 || return 1
	ports_in_place
	wait_for 20 carrier 1 && ping_both
}
check "the cards come back" back

is_gone()
{
	[ "$(property "$CARD" fault-gone)" = true ]
}

# gone_in N CMD...: when CMD, or whoever comes first, reads its Nth register
gone_in()
{
	local rc=0

	property "$CARD" fault-gone-after "$1" || return 1
	shift
	timeout 30 "$@" || rc=$?
	if [ $rc = 124 ] || ! wait_for 30 is_gone; then
		property "$CARD" fault-gone-after 0
		property "$CARD" fault-gone false
		return 2
	fi
	removed "$SLOT" || return 3
	property "$CARD" fault-gone false
	echo 1 >/sys/bus/pci/rescan
	wait_for 20 test -e /sys/class/net/eth0 || return 4
	ports_up
	wait_for 20 carrier 1 && ping_both
}

probe()
{
	echo "$SLOT" >/sys/bus/pci/drivers/qlge/bind
}

down_up()
{
	ip link set eth0 down
	ip link set eth0 up
}
export -f probe down_up
export SLOT
echo "$SLOT" >/sys/bus/pci/drivers/qlge/unbind
check "removal during probe" gone_in 20 bash -c probe
check "removal during open" gone_in 150 bash -c down_up
check "removal during a resize" gone_in 100 ethtool -G eth0 rx 256
check "removal during the self test" gone_in 400 ethtool -t eth0 offline
check "removal during a core dump" gone_in 2000 devlink health dump show "$DEV" reporter fw
check "removal during a command of the firmware" gone_in 12 ethtool -A eth0 rx on tx on
check "removal during a read of the flash" gone_in 10 ethtool -e eth0

check "rmmod" rmmod qlge
done_testing

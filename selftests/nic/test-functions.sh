#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Two functions of one card.  Layout twin: eth0 and eth2 are the functions of
# one card, eth1 and eth3 (in the namespace "peer") those of another; eth0 is
# wired to eth1, eth2 to eth3, as in the layout quad.

set -uo pipefail

# shellcheck source=selftests/nic/lib.sh
. selftests/nic/lib.sh
# shellcheck source=selftests/nic/health.sh
. selftests/nic/health.sh

trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT

GROUP=01:00:5e:01:02

# The kernel has met one card after the other.
in_order()
{
	wait_for 20 test -e /sys/class/net/eth3 || return 1
	ip link set eth1 name tmp
	ip link set eth2 name eth1
	ip link set tmp name eth2
}

# second_up: the wire of the second functions
second_up()
{
	ip link set eth3 netns peer 2>/dev/null
	wire_up eth2 '' eth3 peer || return 1
	ip addr replace 10.0.1.1/24 dev eth2
	ip -n peer addr replace 10.0.1.2/24 dev eth3
	ip neigh replace 10.0.1.2 lladdr "$(mac eth3 peer)" dev eth2
	ip -n peer neigh replace 10.0.1.1 lladdr "$(mac eth2)" dev eth3
}

first()
{
	both_ways 10.0.0.1 10.0.0.2 5000
}

second()
{
	both_ways 10.0.1.1 10.0.1.2 "${1:-5001}"
}

both_wires()
{
	local pid rc=0

	first & pid=$!
	second || rc=1
	wait $pid || rc=2
	return $rc
}

# meanwhile CMD...: TCP over the second functions from before CMD until after
# it, and what belongs to that function has heard of nothing
meanwhile()
{
	local pid rc=0 resets

	resets=$(stat eth2 resets)
	rm -f "$LOG/stop"
	(until [ -e "$LOG/stop" ]; do
		second 5009 || exit 1
		echo round
	done) >"$LOG/rounds" 2>&1 & pid=$!
	wait_for 60 grep -q round "$LOG/rounds" || rc=11
	"$@" || rc=$?
	touch "$LOG/stop"
	wait $pid || { cat "$LOG/rounds"; rc=12; }
	[ "$(stat eth2 resets)" = "$resets" ] || rc=13
	return $rc
}

# keeps DEV PEER N: filters of a port do what they did before: its secondary
# address, its group, its VLAN (on the wire N)
keeps()
{
	local dev=$1 peer=$2 n=$3 to

	for to in "02:00:00:00:0$n:01" "$GROUP:0$n"; do
		listen "$dev" --count 10 || return 1
		peer_frames send "$peer" --dst "$to" --count 10 >/dev/null
		heard || { echo "$dev: $to does not arrive"; return 2; }
	done
	ping -q -c 2 -i 0.2 -W 2 "10.0.$((7 + n)).2" || { echo "$dev: no VLAN"; return 3; }
}

configuration()
{
	wait_for 30 carrier 1 && wait_for 30 has_carrier eth2 '' || return 20
	keeps eth0 eth1 0 && keeps eth2 eth3 1
}

# --- both are there ---

diag "$(uname -r), $(nproc) CPUs"
qlge_load || die "qlge does not load" "$(dmesg | tail -n 3)"
in_order || die "not four ports"

found()
{
	dmesg | grep -E "ISP8000, function $1, port $1, 52:54:00:12:34:0$2"
}
check "both functions of both cards" eval 'found 0 0 && found 0 1 && found 1 2 && found 1 3'
ports_in_place
second_up || die "no link"
ADDR0=$(mac eth0) ADDR1=$(mac eth1 peer)
CARD0=$(card 0) CARD2=$(card 2)
DEV0=$(devlink_of eth0) DEV2=$(devlink_of eth2)
for DEV in $DEV0 $DEV2; do
	# Dumps are tested elsewhere and would only take time.
	devlink health set "$DEV" reporter fw auto_dump false
done
prepare_data
BLOCK_SUM=$(sha256sum "$BLOCK" | cut -c 1-64)
check "traffic on both" both_wires

# --- the same registers at the same time ---

# busy DEV PEER N: all that goes through a semaphore, or the mailbox
busy()
{
	local dev=$1 n=$3 i dev_link flash

	dev_link=$(devlink_of "$dev")
	flash=$(ethtool -e "$dev" raw on | sha256sum)
	for i in {1..20}; do
		[ "$(ethtool -e "$dev" raw on | sha256sum)" = "$flash" ] || return 1
		bridge fdb add "02:00:00:00:0$n:$(printf %02x $((i + 16)))" dev "$dev" self || return 2
		ip maddr add "$GROUP:$(printf %02x $((i + 16 + 32 * n)))" dev "$dev" || return 3
		ethtool -C "$dev" rx-usecs $((50 + i)) || return 4
		devlink dev info "$dev_link" >/dev/null || return 5
		ethtool -S "$dev" >/dev/null || return 6
	done
	for i in {1..20}; do
		bridge fdb del "02:00:00:00:0$n:$(printf %02x $((i + 16)))" dev "$dev" self || return 7
		ip maddr del "$GROUP:$(printf %02x $((i + 16 + 32 * n)))" dev "$dev" || return 8
	done
	ethtool -C "$dev" rx-usecs 100
}

configure()
{
	local dev=$1 peer=$2 n=$3

	bridge fdb add "02:00:00:00:0$n:01" dev "$dev" self &&
		ip maddr add "$GROUP:0$n" dev "$dev" &&
		ip link add link "$dev" name "$dev.7" type vlan id 7 &&
		ip -n peer link add link "$peer" name "$peer.7" type vlan id 7 &&
		ip addr add "10.0.$((7 + n)).1/24" dev "$dev.7" &&
		ip -n peer addr add "10.0.$((7 + n)).2/24" dev "$peer.7" &&
		ip link set "$dev.7" up && ip -n peer link set "$peer.7" up
}

contended()
{
	local pid rc=0

	busy eth0 eth1 0 & pid=$!
	busy eth2 eth3 1 || rc=$?
	wait $pid || rc=1$?
	[ $rc = 0 ] && driver_errors && configuration
}

check "filters of both" eval 'configure eth0 eth1 0 && configure eth2 eth3 1 && configuration'
check "semaphores, flash, tables and mailbox used by both at once" contended

arrives()
{
	local before

	before=$(rtnl eth2 rx_packets)
	peer_frames send eth3 --dst "$1" --count 1 >/dev/null
	sleep 0.1
	[ "$(rtnl eth2 rx_packets)" -gt "$before" ]
}

# A semaphore that somebody keeps for a second costs nothing but time.
kept()
{
	dmesg -C
	property "$CARD0" fault-sem $((3 << 6)) || return 1
	bridge fdb add 02:00:00:00:01:55 dev eth2 self
	wait_for 5 eval 'dmesg | grep "held elsewhere"' || return 2
	fails arrives 02:00:00:00:01:55 || return 3
	property "$CARD0" fault-sem 0
	wait_for 10 arrives 02:00:00:00:01:55 || return 4
	bridge fdb del 02:00:00:00:01:55 dev eth2 self
	configuration
}
check "a semaphore that is not given back for a while" kept

# --- requests to each other ---

acks_are()
{
	[ "$(property "$CARD2" idc-acks)" = "$1" ]
}

# The firmware asks the second function before it changes the first one's
# port, and waits for its answer.
idc()
{
	local acks

	acks=$(property "$CARD2" idc-acks)
	property "$CARD0" idc-delay 3000 || return 1
	ethtool -A eth0 rx on tx on || return 2
	property "$CARD0" idc-delay 0
	acks_are $((acks + 1)) || return 3
	ethtool -a eth0 | grep 'RX:.*on' && ethtool -a eth2 | grep 'RX:.*off' || return 4
	property "$CARD2" idc-ack | grep '1220100' || return 5
	ethtool -A eth0 rx off tx off && wait_for 5 acks_are $((acks + 2)) && configuration
}
check "requests of one function are acknowledged by the other" meanwhile idc

# --- the firmware is one ---

declare -A RECOVERS
remember()
{
	for DEV in $DEV0 $DEV2; do
		RECOVERS[$DEV]=$(health fw recover)
	done
	RESETS=$(stat eth0 resets)
	RESETS2=$(stat eth2 resets)
}

# recovered N0 N2: so many recoveries more of each function's firmware
recovered()
{
	DEV=$DEV0
	[ "$(health fw recover)" = $((RECOVERS[$DEV] + $1)) ] && healthy fw || return 1
	DEV=$DEV2
	[ "$(health fw recover)" = $((RECOVERS[$DEV] + $2)) ] && healthy fw
}

# Nothing but the firmware was restarted.
intact()
{
	echo "resets $(stat eth0 resets) $(stat eth2 resets), were $RESETS $RESETS2"
	[ "$(stat eth0 resets) $(stat eth2 resets)" = "$RESETS $RESETS2" ] &&
		configuration && both_wires
}

fw_error()
{
	remember
	property "$CARD0" fault-aen '"8002"' || return 1
	wait_for 30 recovered 1 0 && intact
}
check "firmware error that the owner hears of" fw_error

fw_error_both()
{
	remember
	property "$CARD2" fault-aen '"8002"' && property "$CARD0" fault-aen '"8002"' || return 1
	wait_for 30 recovered 1 1 && intact
}
check "firmware error that both hear of" fw_error_both

# The other function notices first, and may not restart it. It has asked twice
# in vain when the owner gets to know.
fw_silent()
{
	remember
	dmesg -C
	property "$CARD0" fault-mpi 1 || return 1
	devlink dev info "$DEV2" >/dev/null
	wait_for 60 eval '[ "$(dmesg | grep -c "other function restarts")" = 2 ]' || return 2
	devlink dev info "$DEV0" >/dev/null
	wait_for 40 recovered 1 1 || return 3
	intact
}
check "silent firmware that the other function notices first" fw_silent

# --- one alone ---

is_reset()
{
	[ "$(stat eth0 resets)" = $((RESETS + 1)) ]
}

reset_first()
{
	remember
	property "$CARD0" fault-fe true || return 1
	wait_for 20 is_reset && wait_for 20 carrier 1
}
check "reset of one leaves the other alone" meanwhile reset_first
check "and both are as before" eval 'configuration && first'

off_and_on()
{
	local slot=${DEV0#pci/} i

	for i in 1 2; do
		ip link set eth0 down && ip link set eth0 up || return 1
	done
	echo 1 >"/sys/bus/pci/devices/$slot/reset" || return 2
	wait_for 20 carrier 1
}
check "down, up and a reset by the kernel, while the other works" meanwhile off_and_on

unbind_first()
{
	echo "${DEV0#pci/}" >/sys/bus/pci/drivers/qlge/unbind
	[ ! -e /sys/class/net/eth0 ]
}
check "one is unbound while the other works" meanwhile unbind_first

# Now nobody else owns the firmware.
fw_alone()
{
	DEV=$DEV2
	RECOVERS[$DEV]=$(health fw recover)
	property "$CARD2" fault-mpi 1 || return 1
	devlink dev info "$DEV2" >/dev/null
	wait_for 40 eval '[ "$(health fw recover)" = $((RECOVERS[$DEV] + 1)) ] && healthy fw' || return 2
	wait_for 20 has_carrier eth2 '' && keeps eth2 eth3 1
}
check "and restarts the firmware by itself" fw_alone

bind_first()
{
	bind "${DEV0#pci/}" eth0 || return 1
	ports_up
	wait_for 20 carrier 1
}
check "bound again while the other works" meanwhile bind_first
# The other end still has its VLAN.
configure_again()
{
	ip -n peer link del eth1.7
	configure eth0 eth1 0 && configuration && both_wires
}
check "traffic on both again" configure_again

# --- the slot ---

# An error of one function, but the reset of a slot is for both.
fatal()
{
	remember
	dmesg -C
	aer_inject "$CARD0" "${DEV0#pci/}" MALF_TLP || return 1
	wait_for 30 eval 'dmesg | grep "device recovery successful"' || return 2
	ip neigh replace 10.0.0.2 lladdr "$ADDR1" dev eth0
	configuration && both_wires
}
check "fatal PCI error: the slot is reset, both work again" fatal
check "no window was used without its semaphore" owned

check "driver printed no error but those asked for" eval '! dmesg -l emerg,alert,crit,err |
	grep qlge | grep -vE "AER:|fatal error|firmware (error|does not answer)|resetting"'
check "rmmod" rmmod qlge
done_testing

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Address filters of eth0: secondary unicast addresses, multicast, promiscuous,
# station address; and all of it again after a reset, down and up, a pulled
# cable.  What arrives is counted; the frames come from eth1 in "peer".

# Not -e: a check that fails is counted, and the test goes on.
set -uo pipefail

# shellcheck source=selftests/nic/lib.sh
. selftests/nic/lib.sh

trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT

STRANGER=02:00:00:00:00:99
GROUP=01:00:5e:01:02:99
# CAM entries of a function without the one of the station address
ROOM=127

# to ADDRESS N [ARG...]: so many frames arrive
to()
{
	wait_for 10 arrive "$2" --dst "$1" "${@:3}"
}

# Nobody but the driver may be the reason why a frame arrives.
not_promiscuous()
{
	ip -j -d link show eth0 |
		jq -e '.[0] | .promiscuity == 0 and .allmulti == 0'
}

replug()
{
	plug p0 false && wait_for 10 grep -qx 0 /sys/class/net/eth0/carrier &&
		plug p0 true && wait_for 10 has_carrier eth0 ''
}

# again CMD...: holds now, and after everything that empties tables
again()
{
	"$@" || return 1
	reset_card || return 2
	"$@" || return 3
	down_up || return 4
	"$@" || return 5
	replug || return 6
	"$@" || return 7
}

# --- unicast ---

secondary()
{
	printf '02:00:00:00:01:%02x\n' "$1"
}

# fdb add|del FIRST LAST
fdb()
{
	local i

	for ((i = $2; i <= $3; i++)); do
		echo "fdb $1 $(secondary "$i") dev eth0 self"
	done | bridge -force -batch -
}

macvlan_hears()
{
	listen m0 --count 20
	peer_frames send eth1 --dst "$(mac m0)" --count 20 --size 200 >/dev/null
	heard && to "$STRANGER" 0
}

macvlans()
{
	local i

	for i in 0 1 2; do
		ip link add link eth0 name m$i type macvlan mode bridge || return 1
		ip link set m$i up
	done
	for i in 0 1 2; do
		to "$(mac m$i)" 3 || return 2
	done
	not_promiscuous || return 3
	again macvlan_hears || return 4
	MAC1=$(mac m1)
	ip link del m1
	to "$MAC1" 0 && to "$(mac m2)" 3 && to "$ADDR0" 3 || return 5
	ip link del m0
	ip link del m2
}

first_and_last()
{
	to "$(secondary 1)" 3 && to "$(secondary $ROOM)" 3 &&
		to "$(secondary $((ROOM + 1)))" "$1" && to "$STRANGER" "$1" &&
		not_promiscuous
}

as_many_as_fit()
{
	fdb add 1 $ROOM || return 1
	again first_and_last 0
}

too_many()
{
	fdb add $((ROOM + 1)) $((ROOM + 1)) || return 1
	again first_and_last 3 || return 2
	# One that fits takes the place of one that goes.
	fdb del 2 2
	to "$(secondary $((ROOM + 1)))" 3 && to "$STRANGER" 0 &&
		to "$(secondary 2)" 0 && to "$(secondary $ROOM)" 3
}

# An address that hits twice would be a fatal error of the card.
twice()
{
	local resets

	resets=$(stat eth0 resets)
	bridge fdb add "$ADDR0" dev eth0 self
	to "$ADDR0" 3 || return 1
	ip link set eth0 address "$(secondary 5)"
	to "$(secondary 5)" 3 || return 2
	# It is a secondary address now.
	to "$ADDR0" 3 || return 3
	bridge fdb del "$ADDR0" dev eth0 self
	to "$ADDR0" 0 || return 4
	ip link set eth0 address "$ADDR0"
	to "$ADDR0" 3 && to "$(secondary 5)" 3 || return 5
	fdb del 5 5
	to "$(secondary 5)" 0 && [ "$(stat eth0 resets)" = "$resets" ]
}

none_left()
{
	ip link set eth0 down
	fdb del 1 $((ROOM + 1)) 2>/dev/null
	ip link set eth0 up
	wait_for 20 has_carrier eth0 ''
	to "$(secondary 1)" 0 && to "$(secondary 100)" 0 && to "$ADDR0" 3
}

# --- multicast ---

group()
{
	printf '01:00:5e:7f:00:%02x\n' "$1"
}

# groups add|del FIRST LAST
groups()
{
	local i

	# "ip maddr" ends the process, so there is no batch of it.
	for ((i = $2; i <= $3; i++)); do
		ip maddr "$1" "$(group "$i")" dev eth0
	done
}

# each FIRST LAST: all of these groups arrive, one frame of each
each()
{
	local n=$(($2 - $1 + 1))

	to "$(group "$1")" $n --count $n --dsts $n
}

joined()
{
	to $GROUP "$1" && each 1 "$2"
}

multicast()
{
	local here

	# The stack has joined some itself; together they are 32.
	here=$(ip maddr show dev eth0 | grep -c 'link')
	echo "$here groups of the stack"
	to $GROUP 0 || return 1
	groups add 1 $((32 - here))
	again joined 0 $((32 - here)) || return 2
	groups add $((33 - here)) 40
	again joined 3 40 || return 3
	groups del $((33 - here)) 40
	joined 0 $((32 - here)) || return 4
	ip link set eth0 allmulticast on
	again to $GROUP 3 || return 5
	ip link set eth0 allmulticast off
	groups del 1 $((32 - here))
	to $GROUP 0 && to "$(group 1)" 0
}

# --- flags and station address ---

promiscuous()
{
	to "$STRANGER" 0 || return 1
	ip link set eth0 promisc on
	again to "$STRANGER" 3 || return 2
	ip link set eth0 promisc off
	to "$STRANGER" 0 && to "$ADDR0" 3
}

moved()
{
	to 02:00:00:00:00:77 3 && to "$ADDR0" 0
}

mac_change()
{
	ip link set eth0 address 02:00:00:00:00:77
	again moved || return 1
	# While it is down it is written with the next link.
	ip link set eth0 down
	ip link set eth0 address "$ADDR0"
	ip link set eth0 up
	wait_for 20 has_carrier eth0 ''
	to 02:00:00:00:00:77 0 && to "$ADDR0" 3
}

refuses()
{
	refused 'assign|nvalid' ip link set eth0 address 01:00:5e:00:00:01 &&
		refused 'assign|nvalid' ip link set eth0 address 00:00:00:00:00:00 &&
		refused 'xists' bridge fdb add 02:00:00:00:01:01 dev eth0 self &&
		[ "$(mac eth0)" = "$ADDR0" ] && to "$ADDR0" 3
}

diag "$(uname -r), $(nproc) CPUs"
drivers_start
check "secondary addresses of macvlans, not promiscuous" macvlans
check "$ROOM secondary addresses, and everything that empties tables" as_many_as_fit
check "one more: promiscuous, and back" too_many
check "no address is in the CAM twice" twice
fdb add 1 1 2>/dev/null
check "bad addresses are refused" refuses
check "addresses removed while down" none_left
check "32 groups by register, 40 by all-multicast" multicast
check "promiscuous mode" promiscuous
check "another MAC address" mac_change
check "the driver printed no error" driver_errors
check "rmmod" rmmod qlge
done_testing

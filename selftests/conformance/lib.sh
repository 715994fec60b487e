#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Sourced by the referee tests: the stock driver's two ports, eth0 here and
# eth1 in the namespace "peer", and ways to send something over them.

# shellcheck source=selftests/vm/tap.sh
. selftests/vm/tap.sh

BLOCK=/tmp/block
BLOCK_MB=8

# Lines of the driver that no healthy card makes it print.  It reports news of
# the firmware and the link as errors, too.
errors()
{
	! dmesg -l emerg,alert,crit,err,warn | grep -i qlge |
		grep -vE 'staging directory|: (Link is (up|down)\.|Link Up\.|Firmware Revision .*|Queue Port Config Worker!|Hooked intr .*|Enter!|Changing to (jumbo|normal) MTU\.)$'
}

in_peer()
{
	ip netns exec peer "$@"
}

carrier()
{
	[ "$(</sys/class/net/eth0/carrier)" = "$1" ] &&
		[ "$(in_peer cat /sys/class/net/eth1/carrier)" = "$1" ]
}

# Both ports up, with fixed neighbours so that no frame goes unnoticed.
ports_up()
{
	ip link set eth0 up
	ip -n peer link set eth1 up
	wait_for 10 carrier 1
	ip addr replace 10.0.0.1/24 dev eth0
	ip -n peer addr replace 10.0.0.2/24 dev eth1
	ip neigh replace 10.0.0.2 lladdr "$(mac eth1 peer)" dev eth0
	ip -n peer neigh replace 10.0.0.1 lladdr "$(mac eth0)" dev eth1
}

ports_in_place()
{
	ip netns add peer 2>/dev/null || true
	ip link set eth1 netns peer
	ports_up
}

mac()
{
	if [ $# = 2 ]; then
		in_peer cat "/sys/class/net/$1/address"
	else
		cat "/sys/class/net/$1/address"
	fi
}

ping_both()
{
	ping -q -c 3 -i 0.2 -W 2 "$@" 10.0.0.2 &&
		in_peer ping -q -c 3 -i 0.2 -W 2 "$@" 10.0.0.1
}

# stat DEVICE NAME: one counter of ethtool -S
stat()
{
	local ns=()

	[ "$1" != eth1 ] || ns=(in_peer)
	"${ns[@]}" ethtool -S "$1" | awk -v n="$2:" '$1 == n { print $2 }'
}

blocks()
{
	local i

	for ((i = 0; i < $1; i += BLOCK_MB)); do
		cat "$BLOCK"
	done
}

# The expected sum of a transfer is taken from the source, once per size.
declare -A SUMS
prepare_data()
{
	head -c $((BLOCK_MB << 20)) /dev/urandom >"$BLOCK"
}

sum_of()
{
	[ -n "${SUMS[$1]:-}" ] || SUMS[$1]=$(blocks "$1" | sha256sum | cut -c 1-64)
	echo "${SUMS[$1]}"
}

# transfer MB up|down [PORT]: TCP between the ports, compared by SHA-256
transfer()
{
	local mb=$1 port=${3:-5000} got pid here=() there=(in_peer) addr=10.0.0.2

	if [ "$2" = down ]; then
		here=(in_peer)
		there=()
		addr=10.0.0.1
	fi
	"${there[@]}" timeout 300 socat -u -b 131072 "TCP-LISTEN:$port,reuseaddr" - |
		sha256sum | cut -c 1-64 >"/tmp/sum.$port" &
	pid=$!
	wait_for 5 listening "$port" "${there[@]}"
	blocks "$mb" | "${here[@]}" timeout 300 socat -u -b 131072 - "TCP:$addr:$port" || {
		kill "$pid"
		return 1
	}
	wait "$pid"
	got=$(cat "/tmp/sum.$port")
	echo "$mb MB $2: $got"
	[ "$got" = "${SUMS[$mb]}" ]
}

listening()
{
	local port=$1

	shift
	"$@" ss -Hltn "sport = $port" | grep -q LISTEN
}

# interrupts DEVICE: one count per vector, in order
interrupts()
{
	awk -v d="$1" '$NF ~ "^" d "-rx-" {
		n = 0
		for (i = 2; i <= NF && $i ~ /^[0-9]+$/; i++)
			n += $i
		print n
	}' /proc/interrupts
}

# VLAN 42 between the ports
vlan_up()
{
	ip link add link eth0 name v0 type vlan id 42
	ip -n peer link add link eth1 name v1 type vlan id 42
	ip addr add 10.0.42.1/24 dev v0
	ip -n peer addr add 10.0.42.2/24 dev v1
	ip link set v0 up
	ip -n peer link set v1 up
}

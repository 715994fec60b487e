# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034
#
# Sourced by the tests of the driver, nic and xdp: what they share beyond the
# library of the referee tests, whose ports and addresses they use.

# shellcheck source=selftests/conformance/lib.sh
. selftests/conformance/lib.sh

FRAMES=$PWD/build/selftests/frames
QLGESTAT=$PWD/build/user/qlgestat
TRACING=/sys/kernel/tracing
LOG=$(mktemp -d)
# Kernels with checks are several times slower, and find other things.
SLOW=''
case $KERNEL in
debug|newest)
	SLOW=yes
	;;
esac
BLOCK_MB=8
[ ! "$SLOW" ] || BLOCK_MB=2

# What the driver says in a log that nobody expects.
driver_errors()
{
	! dmesg -l emerg,alert,crit,err,warn | grep qlge |
		grep -vE 'loading out-of-tree|module verification|resetting, reason|fatal error'
}

# owned: the driver has written to no window of any card without the semaphore,
# ever since the guest's start
owned()
{
	local card n none=yes

	for card in $(cards); do
		n=$(property "$card" unowned)
		[ "$n" = 0 ] || { echo "$card: '$n'"; return 1; }
		none=
	done
	[ ! "$none" ]
}

in_far()
{
	ip netns exec far "$@"
}

# wire_up DEV NS PEER_DEV PEER_NS: both ends up, nothing else configured
wire_up()
{
	ip ${2:+-n "$2"} link set "$1" up
	ip ${4:+-n "$4"} link set "$3" up
	wait_for 20 has_carrier "$1" "$2" && wait_for 20 has_carrier "$3" "$4"
}

has_carrier()
{
	local path=/sys/class/net/$1/carrier

	if [ "${2:-}" ]; then
		ip netns exec "$2" grep -qx 1 "$path"
	else
		# An interface that is down has none to read.
		[ "$(<"$path")" = 1 ]
	fi
}

# rtnl DEVICE NAME: a counter in sysfs
rtnl()
{
	local path=/sys/class/net/$1/statistics/$2

	if [ "$1" = eth1 ]; then
		in_peer cat "$path"
	else
		echo "$(<"$path")"
	fi
}

# stats DEVICE FILE [NETNS]: all of ethtool -S, as "name value"
stats()
{
	local ns=(${3:+ip netns exec "$3"})

	[ "$1" != eth1 ] || ns=(in_peer)
	"${ns[@]}" ethtool -S "$1" | awk 'NR > 1 { sub(":", "", $1); print $1, $2 }' >"$2"
}

# grown BEFORE AFTER NAME: difference of a counter between two such files
grown()
{
	awk -v n="$3" '$1 == n { d = $2 - d } END { print d + 0 }' "$1" "$2"
}

# grew BEFORE AFTER NAME=N...: says which does not hold
grew()
{
	awk -v want="${*:3}" '
		{ n[f, $1] = $2 }
		END {
			for (i = split(want, pair, " "); i; i--) {
				split(pair[i], w, "=")
				d = n["b", w[1]] - n["a", w[1]]
				if (d != w[2]) {
					print w[1] " grew by " d ", not " w[2]
					bad = 1
				}
			}
			exit bad
		}' f=a "$1" f=b "$2"
}

# at_least NAME N: counter of eth0
at_least()
{
	[ "$(stat eth0 "$1")" -ge "$2" ]
}

# listen_in NETNS DEV ARG...: frames recv in the background, '' is here; ready
# when this returns, its verdict is told by heard.  With acked the sender waits
# for it.
listen_in()
{
	local enter=()

	[ -z "$1" ] || enter=(nsenter --net="/run/netns/$1")
	rm -f "$LOG/ready"
	# Not a function: a signal to $listener is for frames itself.
	"${enter[@]}" "$FRAMES" recv "${@:2}" --ready "$LOG/ready" --ack "$LOG/ack" \
		>"$LOG/heard" &
	listener=$!
	wait_for 20 test -e "$LOG/ready"
}

listen()
{
	listen_in '' "$@"
}

listen_peer()
{
	listen_in peer "$@"
}

heard()
{
	local rc=0

	wait "$listener" || rc=$?
	cat "$LOG/heard"
	return $rc
}

# "ip netns exec" mounts things; frames needs none of them
peer_frames()
{
	nsenter --net=/run/netns/peer "$FRAMES" "$@"
}

# A host that gives the guest no time must not make the card's FIFO run over.
# Where nobody listens, the counter of the first port on the way is enough.
acked=(--ack "$LOG/ack")
acked_by_port=(--ack /sys/class/net/eth0/statistics/rx_packets)

# from_peer ARG...: frames from eth1 to eth0's address
from_peer()
{
	peer_frames send eth1 --dst "$ADDR0" "$@"
}

to_peer()
{
	"$FRAMES" send eth0 --dst "$ADDR1" "$@"
}

# plug p0 true|false: the cable of a port
plug()
{
	qmp '{"execute":"set_link","arguments":{"name":"'"$1"'","up":'"$2"'}}' >/dev/null
}

# refused PATTERN CMD...: fails, and says why
refused()
{
	local pattern=$1 out

	shift
	if out=$("$@" 2>&1); then
		echo "not refused: $*"
		return 1
	fi
	echo "$out"
	grep -qE "$pattern" <<<"$out"
}

fails()
{
	! "$@"
}

# tcp up|down [ADDR0 ADDR1 [PORT]]: TCP between the ports, compared by SHA-256
tcp()
{
	local addr=${3:-10.0.0.2} port=${4:-5000} proto=TCP pid
	local here=() there=(in_peer)

	if [ "$1" = down ]; then
		here=(in_peer)
		there=()
		addr=${2:-10.0.0.1}
	fi
	case $addr in
	*:*)
		proto=TCP6 addr="[$addr]"
		;;
	esac
	"${there[@]}" socat -T 30 -u -b 131072 "$proto-LISTEN:$port,reuseaddr" - |
		sha256sum | cut -c 1-64 >"$LOG/sum.$port" &
	pid=$!
	wait_for 20 listening "$port" "${there[@]}" || return 1
	"${here[@]}" socat -T 30 -u -b 131072 "OPEN:$BLOCK" "$proto:$addr:$port" || {
		kill "$pid"
		return 1
	}
	wait "$pid"
	[ "$(cat "$LOG/sum.$port")" = "$BLOCK_SUM" ]
}

both_ways()
{
	tcp up "$@" && tcp down "$@"
}

drivers_start()
{
	qlge_load || die "qlge does not load" "$(dmesg | tail -n 3)"
	ports_in_place
	carrier 1 || die "no link"
	ADDR0=$(mac eth0) ADDR1=$(mac eth1 peer)
	prepare_data
	BLOCK_SUM=$(sha256sum "$BLOCK" | cut -c 1-64)
}

# arrive N ARG...: of 3 short frames that the peer sends with ARG N arrive at
# eth0; a long one, to the address of the card, always does and tells when to
# look.  Frames that are no TCP all come by one queue.
arrive()
{
	local bytes packets n=$1

	shift
	bytes=$(rtnl eth0 rx_bytes)
	packets=$(rtnl eth0 rx_packets)
	peer_frames send eth1 --count 3 "$@" >/dev/null
	peer_frames send eth1 --dst "$(mac eth0)" --size 1000 >/dev/null
	wait_for 5 grown_by rx_bytes "$bytes" 1000 &&
		[ $(($(rtnl eth0 rx_packets) - packets)) = $((n + 1)) ]
}

# grown_by NAME BEFORE N: a counter of eth0 in sysfs
grown_by()
{
	[ $(($(rtnl eth0 "$1") - $2)) -ge "$3" ]
}

# reset_card: by a fatal error of the card; returns when it works again
reset_card()
{
	local resets

	resets=$(stat eth0 resets)
	property "$(card 0)" fault-fe true &&
		wait_for 20 at_least resets $((resets + 1)) &&
		wait_for 20 has_carrier eth0 ''
}

# down_up: without the neighbours, which nobody here needs
down_up()
{
	ip link set eth0 down && ip link set eth0 up &&
		wait_for 20 has_carrier eth0 ''
}

# bind SLOT DEV: a new interface takes the first free name
bind()
{
	local now

	echo "$1" >/sys/bus/pci/drivers/qlge/bind || return 1
	now=$(ls "/sys/bus/pci/devices/$1/net")
	[ "$now" = "$2" ] || ip link set "$now" name "$2"
}

# serr DEVICE OFFSET BITS: sets bits of configuration space
serr()
{
	local old

	old=$(od -An -tu1 -j"$2" -N1 "$1/config") || return 1
	printf %b "\\x$(printf %02x $((old | $3)))" |
		dd of="$1/config" bs=1 seek="$2" conv=notrunc status=none
}

# aer_inject CARD SLOT ERROR: a PCI error of a card that has a name; the
# emulator sends it only where SERR# is enabled
aer_inject()
{
	local dev=/sys/bus/pci/devices/$2 port

	port=$(dirname "$(readlink -f "$dev")")
	# Bit 8 of the command, bit 1 of the bridge control.
	serr "$dev" 5 1 && serr "$port" 5 1 && serr "$port" 62 2 &&
		qmp '{"execute":"human-monitor-command","arguments":{"command-line":"pcie_aer_inject_error '"${1##*/} $3"'"}}'
}

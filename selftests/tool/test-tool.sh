#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# qlgestat in a guest with two virtio_net ports on one wire: a driver with
# queue statistics that is not ours and lacks alloc-fail. On the old kernel
# there are no queue statistics at all, and that is what is tested there.
#
# shellcheck disable=SC2016 # programs of jq and awk have dollars of their own

# Not -e: a check that fails is counted, and the test goes on.
set -uo pipefail

# shellcheck source=selftests/vm/tap.sh
. selftests/vm/tap.sh

tool=build/user/qlgestat
asan=build/tool/qlgestat
bpf=build/bpf
log=$(mktemp -d)
chmod 755 "$log"

# expect CODE STDERR_REGEX COMMAND...: this exit code, nothing on stdout, and
# exactly one line that says why.
expect()
{
	local code=$1 regex=$2 rc=0

	shift 2
	"$@" >"$log/out" 2>"$log/err" </dev/null || rc=$?
	cat "$log/err"
	[ "$rc" = "$code" ] && [ ! -s "$log/out" ] &&
		[ "$(wc -l <"$log/err")" = 1 ] && grep -qE -- "$regex" "$log/err"
}

not()
{
	! "$@"
}

unprivileged()
{
	setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all \
		--bounding-set=-all "$@"
}

if [ "$KERNEL" = old ]; then
	check "old kernel: show" expect 5 'no queue statistics' $tool show
	check "old kernel: show DEV" expect 5 'no queue statistics' \
		$tool show lo
	check "old kernel: watch" expect 5 'no queue statistics' $tool watch
	check "old kernel: the same with the sanitizers" \
		expect 5 'no queue statistics' $asan show
	check "old kernel: no such device" expect 3 'no such device' \
		$tool show eth9
	done_testing
	exit
fi

modprobe -a virtio_net veth || die "no modules"
wait_for 20 test -e /sys/class/net/eth0 -a -e /sys/class/net/eth1 ||
	die "no ports"
ip netns add peer
ip link set eth1 netns peer
ip addr add 192.0.2.1/24 dev eth0
ip -n peer addr add 192.0.2.2/24 dev eth1
ip link set eth0 up
ip -n peer link set eth1 up
# Without this ARP would send frames when nobody expects any.
ip neigh add 192.0.2.2 lladdr "$(ip netns exec peer cat /sys/class/net/eth1/address)" \
	nud permanent dev eth0
ip -n peer neigh add 192.0.2.1 lladdr "$(cat /sys/class/net/eth0/address)" \
	nud permanent dev eth1
wait_for 20 ping -c 1 -W 1 192.0.2.2 || die "the ports are not connected"

# --- show ---

$tool -j show eth0 >"$log/show"
check "show -j: one device with what it is" holds '
	length == 1 and (.[0] | .ifname == "eth0" and .driver == "virtio_net"
	and .up == true and .xdp == [])' "$log/show"
check "show -j: a row for each queue, rx first" holds '
	.[0].queues | map([."queue-type", ."queue-id"]) ==
	[["rx", 0], ["tx", 0]]' "$log/show"
check "show -j: a counter the driver lacks is absent" holds '
	.[0] | (.rx | has("packets") and (has("alloc-fail") | not)) and
	all(.queues[]; (.rx // {}) | has("alloc-fail") | not)' "$log/show"
check "show -j: the right ifindex" test \
	"$(jq '.[0].ifindex' "$log/show")" = "$(cat /sys/class/net/eth0/ifindex)"

# What the device and its only queues counted, in the words of rtnetlink.
sums_agree()
{
	$tool -j show eth0 >"$log/show"
	ip -j -s link show dev eth0 |
		jq -c '.[0].stats64 | [.rx.packets, .rx.bytes, .tx.packets,
				       .tx.bytes]' >"$log/rtnl"
	jq -c '.[0] | [.rx.packets, .rx.bytes, .tx.packets, .tx.bytes]' \
		"$log/show" >"$log/device"
	jq -c '.[0].queues | [.[0].rx.packets, .[0].rx.bytes, .[1].tx.packets,
			      .[1].tx.bytes]' "$log/show" >"$log/queues"
	paste "$log/rtnl" "$log/device" "$log/queues"
	cmp "$log/rtnl" "$log/device" && cmp "$log/device" "$log/queues"
}
check "show: device, queues and ip -s agree" sums_agree
before=$(jq -c '.[0] | [.rx.packets, .rx.bytes, .tx.packets, .tx.bytes]' \
	 "$log/show")
# 14 + 20 + 8 + 100 bytes each way.
ping -q -c 10 -i 0.01 -s 100 192.0.2.2
check "show: agree again after traffic" sums_agree
check "show: ten pings are ten frames of 142 bytes" holds -n \
	--argjson a "$before" --argjson b "$(cat "$log/device")" \
	'[range(4) | $b[.] - $a[.]] == [10, 1420, 10, 1420]'

$tool show eth0 >"$log/text"
check "show: the table has the numbers" grep -qE \
	"^  rx-0 +$(jq '.[0].rx.packets' "$log/show") +$(jq '.[0].rx.bytes' "$log/show")\$" \
	"$log/text"
check "show: no column for an absent counter" \
	not grep -q alloc-fail "$log/text"
check "show: the same when asked again" \
	cmp "$log/text" <($tool show eth0)

ip link add v0 type veth peer name v1
ip netns exec peer "$PWD/$tool" -j show >"$log/peer"
check "show without DEV: those with statistics" \
	holds '[.[].ifname] == ["eth0"]' <($tool -j show)
check "show in another namespace" \
	holds '[.[].ifname] == ["eth1"]' "$log/peer"
check "a driver without queue statistics: veth" \
	expect 4 'v0: its driver has no queue statistics' $tool show v0
check "a driver without queue statistics: lo" \
	expect 4 'lo: its driver has no queue statistics' $tool watch lo
check "no such device" expect 3 'eth9: no such device' $tool show eth9
ip netns add empty
check "no device at all: an empty list, success" \
	test "$(ip netns exec empty "$PWD/$tool" -j show)" = "[]"
ip netns del empty

ip -n peer link set eth1 down
ip netns exec peer "$PWD/$tool" -j show eth1 >"$log/down"
check "a device that is down has no queues, but counters" holds '
	.[0] | .up == false and .queues == [] and .rx.packets > 0' "$log/down"
ip -n peer link set eth1 up

# --- XDP, privileges ---

ip link set dev eth0 xdpdrv obj $bpf/xdp_pass.o sec xdp
id=$(ip -j -d link show eth0 | jq '.[0].xdp.prog.id')
check "show: native program with id and name" holds --argjson id "$id" \
	'.[0].xdp == [{mode: "native", id: $id, name: "xdp_pass"}]' \
	<($tool -j show eth0)
check "show: native program in the text" \
	grep -q "^[0-9]*: eth0: up, driver virtio_net, xdp native id $id xdp_pass\$" \
	<($tool show eth0)
unprivileged $tool -j show eth0 >"$log/user"
check "unprivileged: all but the program's name" holds --argjson id "$id" \
	'.[0] | .xdp == [{mode: "native", id: $id}] and .rx.packets > 0 and
	(.queues | length) > 0' "$log/user"
ip link set dev eth0 xdpdrv off
ip link set dev eth0 xdpgeneric obj $bpf/xdp_drop.o sec xdp
check "show: generic program" holds \
	'.[0].xdp | length == 1 and .[0].mode == "generic" and
	 .[0].name == "xdp_drop"' <($tool -j show eth0)
ip link set dev eth0 xdpgeneric off
check "unprivileged: watch" test \
	"$(unprivileged $tool -j watch -c 2 -i 0.1 | wc -l)" = 2

# --- interrupted dumps ---

with_fault()
{
	NETLINK_INTR=$1 LD_PRELOAD=build/tool/netlink_fault.so "${@:2}"
}
with_fault 5 $tool -j show eth0 >"$log/retried"
check "an interrupted dump is done again, no row twice" holds \
	'.[0].queues | map([."queue-type", ."queue-id"]) ==
	[["rx", 0], ["tx", 0]]' "$log/retried"
check "endlessly interrupted: it gives up" \
	expect 1 'netlink: ' with_fault 1000000 $tool show eth0

# --- watch ---

ping -q -i 0.02 -s 1000 192.0.2.2 >"$log/ping" &
ping_pid=$!
$tool -j watch eth0 -i 0.5 -c 4 >"$log/watch"
check "watch: exit code and number of lines" \
	test "$?-$(wc -l <"$log/watch")" = 0-4
# Each rate is what the two readings beside it say, up to its rounding.
check "watch: rates are differences per second" holds -s '
	def agree($new; $old; $rate; $seconds):
		(($new - $old) / $seconds - $rate | fabs) < 1;
	. as $l | all(range(1; length) as $i | [$l[$i], $l[$i - 1]];
		.[0] as $n | .[1] as $o |
		agree($n.rx.packets; $o.rx.packets; $n."rx-rate".packets;
		      $n.interval) and
		agree($n.tx.bytes; $o.tx.bytes; $n."tx-rate".bytes;
		      $n.interval) and
		agree($n.queues[0].rx.bytes; $o.queues[0].rx.bytes;
		      $n.queues[0]."rx-rate".bytes; $n.interval)) and
	any(.[]; ."rx-rate".packets > 0)' "$log/watch"
check "watch: the interval is kept" holds -s '
	.[3].time - .[0].time >= 1.4 and
	(map(.interval) | add >= 1.9)' "$log/watch"
$tool watch eth0 -i 0.2 -c 2 >"$log/text"
check "watch: one heading, then four rows each time" \
	test "$(awk '{ print $3 }' "$log/text" | tr '\n' ' ')" = \
	"queue rx tx rx-0 tx-0 rx tx rx-0 tx-0 "
check "watch: packets per second in the text" \
	awk '$3 == "rx-0" && $4 > 0 { n++ } END { exit !n }' "$log/text"

lines()
{
	[ "$(wc -l <"$2")" -ge "$1" ]
}

# stopped_by SIGNAL: the exit code, and nothing half written.  What the one before
# has written must not be taken for this one's, which may not have begun yet.
stopped_by()
{
	local rc=0

	rm -f "$log/stopped"
	$tool -j watch -i 0.02 >"$log/stopped" 2>"$log/err" &
	wait_for 20 lines 3 "$log/stopped"
	kill -"$1" $!
	wait $! || rc=$?
	cat "$log/err"
	[ $rc = 0 ] && [ ! -s "$log/err" ] &&
		[ "$(tail -c 1 "$log/stopped" | od -An -tx1)" = " 0a" ] &&
		[ "$(jq -s length "$log/stopped")" = "$(wc -l <"$log/stopped")" ]
}
check "watch: SIGINT ends it cleanly" stopped_by INT
check "watch: SIGTERM ends it cleanly" stopped_by TERM
sleep_long()
{
	rm -f "$log/stopped"
	$tool watch -i 3600 >"$log/stopped" &
	wait_for 20 test -s "$log/stopped"
	kill -INT $!
	wait $!
}
check "watch: SIGINT ends a long sleep" timeout 60 bash -c \
	"$(declare -f sleep_long wait_for); tool=$tool log=$log; sleep_long"

reader_gone()
{
	# shellcheck disable=SC2086 # $1 is empty or a trap
	bash -c "$1 $tool -j watch -i 0.02; echo \$? >$log/rc" 2>"$log/err" |
		head -n 2 >/dev/null
	wait_for 20 test -s "$log/rc"
	cat "$log/rc" "$log/err"
	[ "$(cat "$log/rc")" = "$2" ] && [ ! -s "$log/err" ]
	local rc=$?
	rm -f "$log/rc"
	return $rc
}
check "watch: SIGPIPE ends it silently" reader_gone "" 141
check "watch: so does EPIPE where SIGPIPE is ignored" \
	reader_gone "trap '' PIPE;" 1
full_disk()
{
	$tool watch -i 0.02 >/dev/full
}
check "watch: a full disk is an error" expect 1 'write error' full_disk
kill $ping_pid
wait $ping_pid

# --- devices that come and go ---

driver=/sys/bus/virtio/drivers/virtio_net
vdev=$(basename "$(readlink -f /sys/class/net/eth0/device)")
rc=0
$tool -j watch eth0 -i 0.05 >"$log/gone" 2>"$log/err" &
one=$!
ip netns exec peer "$PWD/$tool" -j watch -i 0.05 >"$log/none" 2>&1 &
two=$!
$tool -j watch -i 0.05 >"$log/all" 2>&1 &
all=$!
wait_for 20 lines 3 "$log/gone"
wait_for 20 lines 3 "$log/all"
echo "$vdev" >$driver/unbind
wait $one || rc=$?
check "watch DEV: ends with 3 when the device disappears" test $rc = 3
check "watch DEV: says so in one line" \
	test "$(cat "$log/err")" = "qlgestat: eth0: no such device"
check "watch DEV: the lines before are complete" \
	holds -s 'length > 0 and all(.[]; .ifname == "eth0")' "$log/gone"
n=$(wc -l <"$log/all")
echo "$vdev" >$driver/bind
wait_for 20 test -e /sys/class/net/eth0
ip link set eth0 up
check "watch: goes on and finds the new device" \
	wait_for 20 lines $((n + 3)) "$log/all"
check "watch: another namespace is not concerned" \
	wait_for 20 lines 10 "$log/none"
kill -INT $all $two
wait $all $two
check "watch: a new device of the same name has no rate at first" holds -s '
	. as $l |
	[range(1; length) | select($l[.].ifindex != $l[. - 1].ifindex)] |
	length == 1 and (.[0] as $new |
	($l[$new] | has("rx-rate") | not) and
	($l[$new + 1] | has("rx-rate")))' "$log/all"

# --- names are chosen by others ---

ip link add 'z$(>out)' type dummy 2>/dev/null
complete()
{
	cd "$log" && bash -c '. "$OLDPWD"/user/qlgestat.bash
		COMP_WORDS=(qlgestat show "$1") COMP_CWORD=2
		_qlgestat
		printf "%s\n" "${COMPREPLY[@]}"' _ "$1"
}
rm -f "$log/out"
check "completion: a name is quoted, not run" \
	test "$(complete z)-$(ls "$log/out" 2>/dev/null)" = 'z\$\(\>out\)-'
ip link del 'z$(>out)'

# --- trace without the driver ---

check "trace: the module is not loaded" \
	expect 7 'is qlge loaded' $tool trace
check "trace: not a device of qlge" expect 4 'driver is not qlge' \
	$tool trace eth0
check "trace: unprivileged" expect 6 'Permission denied' \
	unprivileged $tool trace
unmounted()
{
	unshare -m bash -c "umount /sys/kernel/debug/tracing
		umount /sys/kernel/tracing /sys/kernel/debug; $tool trace"
}
check "trace: no tracefs" expect 7 'tracefs is not mounted' unmounted

# --- once more with the sanitizers ---

check "sanitizers: show" $asan show
check "sanitizers: show -j" holds 'length > 0' <($asan -j show)
check "sanitizers: a driver without statistics" expect 4 'no queue' \
	$asan show v0
check "sanitizers: watch" test "$($asan -j watch -c 2 -i 0.1 | wc -l)" = 2
check "sanitizers: interrupted dump" env ASAN_OPTIONS=verify_asan_link_order=0 \
	NETLINK_INTR=5 LD_PRELOAD=build/tool/netlink_fault.so $asan show
check "sanitizers: trace" expect 7 'qlge loaded' $asan trace

ip link del v0
done_testing

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# qlgestat on the driver it is named after: queue rows with alloc-fail, and
# trace through an outage whose failures are counted out by qlge_inject.
#
# shellcheck disable=SC2016,SC2119 # programs of jq have dollars of their own

# Not -e: a check that fails is counted, and the test goes on.
set -uo pipefail

# shellcheck source=selftests/vm/tap.sh
. selftests/vm/tap.sh

tool=build/user/qlgestat
asan=build/tool/qlgestat
inject=build/selftests/qlge_inject
frames=build/selftests/frames
log=$(mktemp -d)
# What traces the module keeps it loaded.
trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT

qlge_load || die "qlge does not load"
ip netns add peer
ip link set eth1 netns peer
ip link set eth0 up
ip -n peer link set eth1 up
wait_for 20 grep -q 1 /sys/class/net/eth0/carrier || die "no link"
mac=$(cat /sys/class/net/eth0/address)
channels=$(find /sys/class/net/eth0/queues -name 'rx-*' | wc -l)

$tool -j show eth0 >"$log/show"
check "show: qlge has alloc-fail, for the device and each queue" \
	holds --argjson n "$channels" '.[0] | .driver == "qlge" and
	.rx."alloc-fail" == 0 and ([.queues[] |
	select(."queue-type" == "rx" and .rx."alloc-fail" == 0)] | length) == $n' \
	"$log/show"

# pin COUNT: frames for a reader that is stopped until all are sent, so that
# their buffers cannot be reused and new ones must be allocated.
pin()
{
	rm -f "$log/ready"
	$frames recv eth0 --count "$1" --timeout 120 --idle 2000 --ready "$log/ready" \
		>"$log/recv" &
	local receiver=$!
	wait_for 20 test -e "$log/ready" || return 1
	kill -STOP $receiver
	ip netns exec peer "$PWD/$frames" send eth1 --dst "$mac" \
		--count "$1" --size 1000 --rate 4000 >"$log/send"
	kill -CONT $receiver
	wait $receiver
}

follow()
{
	rm -f "$log/err"
	"$@" >"$log/trace" 2>"$log/err" &
	follower=$!
	wait_for 20 grep -q tracing "$log/err" ||
		die "no trace" "$(cat "$log/err")"
}

# inject ARG...: the first frames of pin() are the first to need memory
inject()
{
	rm -f "$log/inject"
	$inject --dev eth0 "$@" >"$log/injected" 2>"$log/inject" &
	injector=$!
	wait_for 20 grep -q attached "$log/inject" ||
		die "no injection" "$(cat "$log/inject")"
}

events()
{
	holds -s '[.[].event] | contains(["refill-done"])' "$log/trace"
}

# Whether frames are lost depends on how long the outage is in their time.
follow $tool -j trace eth0
check "trace: the module cannot be unloaded meanwhile" \
	bash -c '! rmmod qlge'
$tool -j watch eth0 -i 0.2 >"$log/watch" &
watch=$!
inject --skip 2 --fail 40
pin 1500
check "inject: every frame that came was whole, and came once" holds \
	'.received > 500 and .duplicates == 0 and .corrupt == 0' "$log/recv"
check "trace: sees the end of the outage" wait_for 20 events
kill -INT $injector $watch
wait $injector
wait $watch
# An event may be on its way when the last counter has been read.
sleep 0.2
kill -INT $follower
wait $follower
check "trace: SIGINT is a success" test $? = 0
cp "$log/trace" "$OUT/trace.json"

check "inject: fails exactly what it was told" holds \
	'.injected == 40 and .calls >= 42' "$log/injected"
$tool -j show eth0 >"$log/show"
check "show: alloc-fail is what was injected, queues and device" holds '
	.[0] | .rx."alloc-fail" == 40 and
	([.queues[].rx."alloc-fail" // 0] | add) == 40' "$log/show"
check "watch: saw it rise" holds -s '
	.[0].rx."alloc-fail" == 0 and .[-1].rx."alloc-fail" == 40 and
	any(.[]; ."rx-rate"."alloc-fail" > 0)' "$log/watch"

check "trace: every event is about eth0 and happened just now" holds -s '
	length >= 3 and all(.[]; .ifname == "eth0" and
	(now - .time | . > 0 and . < 120))' "$log/trace"
check "trace: an outage begins with a failure in NAPI" holds -s '
	.[0] | .event == "alloc-fail" and .bq == "large" and
	.atomic == true and ."alloc-fails" == 1 and .fill > 0' "$log/trace"
check "trace: an outage ends with the ring full" holds -s '
	sort_by(.time) | map(select(.event != "refill-run")) | .[-1] |
	.event == "refill-done" and .fill > 480' "$log/trace"
check "trace: between them the work is scheduled and runs" holds -s '
	sort_by(.time) | [.[].event] |
	index("refill-sched") < index("refill-done") and
	index("refill-run") != null' "$log/trace"
# What the kernel did not let it see is told.
lost=$(sed -n 's/^qlgestat: \([0-9]*\) events lost$/\1/p' "$log/err")
check "trace: the outages account for every failure" holds -s \
	--argjson lost "${lost:-0}" '
	[.[] | select(.event == "refill-done") | ."alloc-fails"] | add |
	. <= 40 and . >= 40 - $lost and $lost < 5' "$log/trace"
# The driver counts from the end of the poll in which the first one failed.
check "trace: the driver and the observer measure the same duration" holds -s '
	[.[] | select(.event == "refill-done")] | length > 0 and all(.[];
	."duration-ns" > 0 and ."duration-ns" <= ."since-ns" and
	."since-ns" - ."duration-ns" < 50e6)' "$log/trace"
check "trace: the work waits longer each time" holds -s '
	[.[] | select(.again) | ."next-ms"] | . as $ms | .[0] == 1 and
	all(range(1; length); $ms[.] == 2 * $ms[. - 1])' "$log/trace"
check "trace: the lowest fill is what the events say" holds -s '
	(map(select(.event == "refill-done") | ."min-fill") | min) <=
	(map(.fill // empty) | min)' "$log/trace"

pin 300
check "inject: nothing fails after it has gone" holds \
	'.[0].rx."alloc-fail" == 40' <($tool -j show eth0)

# As people see it, and with the sanitizers.
follow timeout -s INT 120 $asan trace -c 3
inject --fail 5 --once --seconds 120
pin 1500
wait $injector
rc=0
wait $follower || rc=$?
check "trace: COUNT ends it" test $rc = 0
cat "$log/err"
check "trace: three lines for people" test "$(wc -l <"$log/trace")" = 3
check "trace: what a line looks like" grep -qE \
	'^[0-9:]{8}\.[0-9]{6} eth0 +rx-[0-9]+ +alloc-fail +large, atomic context, fill [0-9]+, 1 so far$' \
	"$log/trace"
cp "$log/trace" "$OUT/trace.txt"
check "sanitizers: not a word" test "$(grep -vc tracing "$log/err")" = 0

# Only the device asked for.
# "ip netns exec" would hide tracefs.
follow nsenter --net=/run/netns/peer $tool -j trace eth1
inject --fail 5 --once --seconds 120
pin 1500
wait $injector
kill -INT $follower
wait $follower
check "trace: nothing of a device not asked for" \
	test "$?-$(wc -l <"$log/trace")" = 0-0

ip link set dev eth0 xdpdrv obj build/bpf/xdp_stats.o sec xdp
check "show: native XDP on qlge" holds '.[0].xdp |
	length == 1 and .[0].mode == "native" and .[0].name == "xdp_stats"' \
	<($tool -j show eth0)
ip link set dev eth0 xdpdrv off

before=$($tool -j show eth0 | jq -c '.[0].rx')
ip link set eth0 down
check "show: down: no queues, and no counter went back" holds \
	--argjson before "$before" '.[0] | .queues == [] and
	.rx.packets >= $before.packets and
	.rx."alloc-fail" == $before."alloc-fail"' <($tool -j show eth0)

ip link set eth0 up
slot=$(basename "$(readlink /sys/class/net/eth0/device)")
follow timeout 60 $tool trace eth0
echo "$slot" >/sys/bus/pci/drivers/qlge/unbind
rc=0
wait $follower || rc=$?
check "trace DEV: ends with 3 when the device disappears" test $rc = 3
check "trace DEV: says so in one line" \
	test "$(grep -v tracing "$log/err")" = "qlgestat: eth0: no such device"

done_testing

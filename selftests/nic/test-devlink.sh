#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# devlink: versions, health reporters, firmware core dump, recovery by hand.

# Not -e: a check that fails is counted, and the test goes on.
set -uo pipefail

# shellcheck source=selftests/nic/lib.sh
. selftests/nic/lib.sh
# shellcheck source=selftests/nic/health.sh
. selftests/nic/health.sh

trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT

diag "$(uname -r), $(nproc) CPUs"
drivers_start
DEV=$(devlink_of eth0)
CARD=$(card 0)

info()
{
	devlink -j dev info "$DEV" | tee "$LOG/info"
	holds --arg v "$(ethtool -i eth0 | awk '/^firmware-version/ { print $2 }')" '
		.info[] | .driver == "qlge" and .versions.running.fw == $v and
		.versions.fixed."asic.id" == "ISP8000" and
		(.versions.fixed."asic.rev" | test("^[0-9a-f]{8}$")) and
		(.versions.fixed."board.id" | test("^[0-9a-f]{4}:[0-9a-f]{4}$"))' \
		"$LOG/info"
}

# An interface that was never up does not know its firmware yet.
info_when_down()
{
	local slot=${DEV#pci/}

	ip link set eth0 down
	echo "$slot" >/sys/bus/pci/drivers/qlge/unbind
	[ "$(devlink -j dev | jq "[.dev | keys[] | select(. == \"$DEV\")] | length")" = 0 ] || return 1
	echo "$slot" >/sys/bus/pci/drivers/qlge/bind
	wait_for 10 test -e /sys/class/net/eth0 || return 2
	devlink -j dev info "$DEV" | tee "$LOG/info"
	holds '.info[].versions.running.fw | test("^[0-9]+\\.[0-9]+\\.[0-9]+$")' "$LOG/info" || return 3
	ports_up
	ping_both
}

port()
{
	devlink -j port show | tee "$LOG/port"
	holds --arg d "$DEV/0" '.port[$d] | .type == "eth" and .netdev == "eth0"' "$LOG/port"
}

reporters()
{
	devlink -j health show | tee "$LOG/health"
	holds --arg d "$DEV" '.health[$d] | (map(.reporter) | sort) == ["asic", "fw", "rx", "tx"] and
		all(.[]; .state == "healthy" and .error == 0 and .recover == 0 and .auto_recover)' \
		"$LOG/health"
}

check "versions" info
check "versions of an interface that was never up; unbind, bind" info_when_down
check "port" port
check "four reporters, healthy" reporters

# --- diagnose ---

diagnose_tx()
{
	ping_both
	devlink -j health diagnose "$DEV" reporter tx | tee "$LOG/diag"
	holds --argjson n "$(nproc)" '[.. | objects | select(.kind == "stack")] |
		length == $n and all(.[]; .prod < .length and .cons == .prod and
			.cq_prod == .cq_cons and .stopped == false) and
		any(.[]; .prod > 0)' "$LOG/diag"
}

diagnose_rx()
{
	devlink -j health diagnose "$DEV" reporter rx | tee "$LOG/diag"
	holds --argjson n "$(nproc)" '[.. | objects | select(has("stash"))] |
		length == $n and all(.[]; .outage == false and .broken == false and
			.large.fill > .large.watermark and .small.fill <= .small.length and
			.large.holding == false and .alloc_fail == 0)' "$LOG/diag"
}

diagnose_fw()
{
	devlink -j health diagnose "$DEV" reporter fw | tee "$LOG/diag"
	holds '[.. | objects | select(has("answers"))] | .[0] | .answers and .owner and
		(.paused or .in_reset | not)' "$LOG/diag"
}

diagnose_asic()
{
	devlink -j health diagnose "$DEV" reporter asic | tee "$LOG/diag"
	# Function 0, link up, port initialized; no error.
	holds '[.. | objects | select(has("sts"))] | .[0] | .answers and .err_sts == 0 and
		.resets == 0 and (.sts / 4 % 2 | floor) == 1 and (.sts / 16 % 2 | floor) == 1' \
		"$LOG/diag"
}

check "diagnose tx" diagnose_tx
check "diagnose rx" diagnose_rx
check "diagnose fw" diagnose_fw
check "diagnose asic" diagnose_asic

# --- dumps of rings and registers ---

# dump REPORTER: a new one
dump()
{
	devlink health dump clear "$DEV" reporter "$1" || return 1
	devlink -j health dump show "$DEV" reporter "$1" >"$LOG/dump"
}

# The last request that was sent is a frame of ping, and done with.
dump_tx()
{
	ping_both
	dump tx || return 1
	holds --argjson n "$(nproc)" '[.. | objects | select(has("requests"))] |
		(map(select(.kind == "stack")) | length) == $n and
		all(.[]; (.requests | length) == 16 and .requests[4].index == .cons) and
		any(.[]; .kind == "stack" and .requests[3].data[0] == 1 and
			(.completions | length) == 16 and .completions[4].index == .cq_cons)' \
		"$LOG/dump"
}

dump_rx()
{
	ping_both
	dump rx || return 1
	holds --argjson n "$(nproc)" '[.. | objects | select(has("completions"))] |
		length == $n and all(.[]; (.completions | length) == 16 and
			.completions[4].index == .cq_cons) and
		any(.[]; .completions[3].data[0] == 32)' "$LOG/dump"
}

# The same registers in the same place as in ethtool -d.
dump_asic()
{
	local reg

	dump asic || return 1
	ethtool -d eth0 raw on >"$LOG/regs"
	for reg in 12 13 19; do
		od -An -t u4 -j $((4 * reg)) -N 4 "$LOG/regs"
	done | tee "$LOG/some"
	holds --argjson some "[$(paste -s -d , "$LOG/some")]" '[.. | objects | select(has("control"))] |
		.[0].control | length == 64 and [.[12, 13, 19]] == $some' "$LOG/dump"
}

check "dump tx: indices, requests, completions" dump_tx
check "dump rx: indices, completions" dump_rx
check "dump asic: the registers" dump_asic

# --- the core dump ---

# Name, number of words.
expected_segments()
{
	cat <<-LIST
		core 143
		test_logic 23
		rmii 64
		fcmac1 64
		fcmac2 64
		fc1_mbox 64
		ide 64
		nic1_mbox 64
		smbus 64
		fc2_mbox 64
		nic2_mbox 64
		i2c 64
		memc 256
		pbus 256
		mde 6
		nic1_control 64
		nic2_control 64
		nic1_xgmac 464
		nic2_xgmac 464
		wcs_ram 8192
		memc_ram 8192
		xaui_an 14
		xaui_hss_pcs 33
		xfi_an 14
		xfi_train 12
		xfi_hss_pcs 15
		xfi_hss_tx 32
		xfi_hss_rx 32
		xfi_hss_pll 32
		misc_nic_info 4
		intr_states 17
		cam_entries 144
		routing_words 16
		ets 10
		probe_dump 4386
		routing_index 192
		mac_protocol 19712
		xaui2_an 14
		xaui2_hss_pcs 33
		xfi2_an 14
		xfi2_train 12
		xfi2_hss_pcs 15
		xfi2_hss_tx 32
		xfi2_hss_rx 32
		xfi2_hss_pll 32
		sem_regs 4
	LIST
}

dump_segments()
{
	dump_fw || return 1
	awk 'NF == 2 { n[$1]++ } END { for (s in n) print s, n[s] }' "$LOG/words" |
		sort >"$LOG/segments"
	expected_segments | sort | diff - "$LOG/segments" &&
		grep -qx 'semaphore: *true' "$LOG/flags" &&
		grep -qx 'paused: *true' "$LOG/flags" && grep -qx 'ram: *true' "$LOG/flags"
}

# The dump says what is known from elsewhere.
dump_contents()
{
	local addr

	# The even function's STS; the CAM entry of the station address.
	addr=${ADDR0//:/}
	echo "sts $(word nic1_control 12), cam $(word cam_entries 0) $(word cam_entries 1) $(word cam_entries 2)"
	[ $((0x$(word nic1_control 12) & 0x14)) = 20 ] &&
		[ "$(word cam_entries 0)" = "${addr:4}" ] &&
		[ "$(word cam_entries 1)" = "0000${addr:0:4}" ] &&
		[ "$(word cam_entries 2)" = 00000011 ] &&
		[ "$(word routing_words 3)" = 00000001 ] &&
		[ "$(word misc_nic_info 0)" = "$(printf '%08x' $(($(nproc) * 2)))" ] &&
		[ "$(word nic1_xgmac 66)" = 00000c40 ] &&
		[ "$(word mac_protocol 0)" = 06000000 ] &&
		[ "$(word mac_protocol 1)" = "${addr:4}" ] &&
		[ "$(word xfi_hss_tx 5)" = deadbeef ]
}

works_after_dump()
{
	# The firmware has restarted and says so; what it forgot is back.
	wait_for 20 carrier 1 && ping_both && tcp down &&
		healthy fw && [ "$(stat eth0 resets)" = 0 ]
}

dump_again()
{
	# It is kept until cleared.
	devlink health dump clear "$DEV" reporter fw || return 1
	(while :; do ping -q -c 5 -i 0.02 10.0.0.2 >/dev/null; done) &
	local load=$!
	dump_fw
	local rc=$?
	kill $load
	wait $load 2>/dev/null
	[ $rc = 0 ] && devlink health dump clear "$DEV" reporter fw && works_after_dump
}

check "core dump: every segment, in full" dump_segments
check "core dump: contents" dump_contents
check "link and traffic after it" works_after_dump
check "again, under traffic" dump_again
dump_down()
{
	ip link set eth0 down
	dump_fw && [ "$(word cam_entries 0)" = 00000000 ] || return 1
	devlink health dump clear "$DEV" reporter fw
	ports_up
	ping_both
}
check "core dump while the interface is down" dump_down

# --- recovery by hand ---

recover_healthy()
{
	devlink health recover "$DEV" reporter asic && [ "$(stat eth0 resets)" = 0 ]
}
check "nothing is recovered that is healthy" recover_healthy

by_hand()
{
	devlink health set "$DEV" reporter asic auto_recover false || return 1
	property "$CARD" fault-fe true
	wait_for 20 state_is asic error || return 2
	# It is left alone.
	sleep 2
	state_is asic error && [ "$(stat eth0 resets)" = 0 ] || return 3
	[ "$(health asic error) $(health asic recover)" = "1 0" ] || return 4
	[ "$(property "$CARD" fault-fe)" = true ] || return 5
	devlink health recover "$DEV" reporter asic || return 6
	wait_for 20 carrier 1
	[ "$(health asic recover) $(stat eth0 resets)" = "1 1" ] && healthy asic && ping_both
}
check "without auto_recover an error waits for the user" by_hand

# Down and up is a recovery as well.
by_down_up()
{
	property "$CARD" fault-fe true
	wait_for 20 state_is asic error || return 1
	ip link set eth0 down
	ports_up
	healthy asic && ping_both
}
check "... or for the next start" by_down_up

# New rings are a start, too.
by_resize()
{
	property "$CARD" fault-fe true
	wait_for 20 state_is asic error || return 1
	ethtool -G eth0 tx 128 && healthy asic || return 2
	ethtool -G eth0 tx 256 && wait_for 20 carrier 1 && ping_both
}
check "... whatever it is for" by_resize

# refused WORDS CMD...: it fails, and says so
refused()
{
	local words=$1 out

	shift
	out=$("$@" 2>&1) && { echo "taken: $*"; return 1; }
	grep -F "$words" <<<"$out" || { echo "$out"; return 1; }
}

# Somebody has the semaphore of control blocks when settings are loaded.
not_taken()
{
	local before resets

	before=$(ethtool -c eth0; ethtool -x eth0; ethtool -g eth0)
	resets=$(stat eth0 resets)
	property "$CARD" fault-sem $((3 << 4)) || return 1
	refused 'device refused the delays' ethtool -C eth0 rx-usecs 33 || return 2
	# The tool may use the old interface, whose words are in the log.
	fails ethtool -X eth0 equal 1 || return 3
	dmesg | grep 'device refused it' || return 7
	wait_for 20 state_is asic error || return 4
	property "$CARD" fault-sem 0
	devlink health recover "$DEV" reporter asic || return 5
	wait_for 20 carrier 1
	diff - <(ethtool -c eth0; ethtool -x eth0; ethtool -g eth0) <<<"$before" || return 6
	healthy asic && ping_both && [ "$(stat eth0 resets)" = $((resets + 1)) ]
}
check "settings that the device does not take: words, and the old ones" not_taken

# Nor does it take the old rings then.
rings_not_taken()
{
	local before

	before=$(ethtool -g eth0)
	property "$CARD" fault-sem $((3 << 4)) || return 1
	refused 'back to the old ones' ethtool -G eth0 tx 128 || return 2
	[ "$(cat /sys/class/net/eth0/flags)" = 0x1002 ] && state_is asic error || return 3
	property "$CARD" fault-sem 0
	devlink health recover "$DEV" reporter asic || return 4
	wait_for 20 carrier 1
	diff - <(ethtool -g eth0) <<<"$before" || return 5
	healthy asic && ping_both
}
check "rings that the device does not take" rings_not_taken

grace()
{
	devlink health set "$DEV" reporter asic auto_recover true grace_period 600000 || return 1
	property "$CARD" fault-fe true
	wait_for 20 state_is asic error || return 2
	sleep 1
	state_is asic error || return 3
	devlink health recover "$DEV" reporter asic || return 4
	devlink health set "$DEV" reporter asic grace_period 0
	wait_for 20 carrier 1
	healthy asic && ping_both
}
check "a grace period is respected" grace

# One channel: the queue is known.
bad_completion()
{
	local resets

	ethtool -L eth0 combined 1 && wait_for 20 carrier 1 || return 1
	devlink health dump clear "$DEV" reporter rx || return 2
	resets=$(stat eth0 resets)
	property "$CARD" fault-cqe '"len@0"' || return 3
	ping -q -c 3 -i 0.2 -W 1 10.0.0.2
	wait_for 20 eval '[ "$(stat eth0 resets)" = $((resets + 1)) ]' || return 4
	wait_for 20 carrier 1
	devlink -j health dump show "$DEV" reporter rx >"$LOG/dump" || return 5
	holds '[.. | objects | select(has("completions"))] | length == 1 and
		(.[0].completions[3].data | .[0] == 32 and .[4:8] == [255, 255, 255, 255])' "$LOG/dump" || return 6
	ethtool -L eth0 combined "$(nproc)" && wait_for 20 carrier 1 && ping_both
}
check "a bad completion is in the dump taken before the reset" bad_completion

check "no window was used without its semaphore" owned
check "rmmod" rmmod qlge
no_devlink()
{
	[ "$(devlink -j dev | jq '[.dev | keys[] | select(startswith("pci/"))] | length')" = 0 ]
}
check "nothing of devlink stays" no_devlink
done_testing

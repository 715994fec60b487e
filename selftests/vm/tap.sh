#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Sourced by the test scripts: TAP on fd 3, one line per verdict, and the line
# run.sh believes.

TAP_PASSED=0
TAP_FAILED=0
TAP_SKIPPED=0

diag()
{
	echo "# $*" >&3
}

ok()
{
	TAP_PASSED=$((TAP_PASSED + 1))
	echo "ok $((TAP_PASSED + TAP_FAILED + TAP_SKIPPED)) - $1" >&3
}

not_ok()
{
	TAP_FAILED=$((TAP_FAILED + 1))
	echo "not ok $((TAP_PASSED + TAP_FAILED + TAP_SKIPPED)) - $1" >&3
	[ -z "${2:-}" ] || diag "$2"
}

skip()
{
	TAP_SKIPPED=$((TAP_SKIPPED + 1))
	echo "ok $((TAP_PASSED + TAP_FAILED + TAP_SKIPPED)) - $1 # SKIP ${2:-}" >&3
}

# check NAME CMD...: passes when CMD succeeds; its output explains a failure,
# the log tells how long it took.  Long names: CMD may be a function that uses the caller's variables.
check()
{
	local tap_name=$1 tap_out tap_rc=0 tap_start=$SECONDS

	shift
	tap_out=$("$@" 2>&1) || tap_rc=$?
	echo "== $((SECONDS - tap_start)) s: $tap_name"
	[ -z "$tap_out" ] || echo "$tap_out"
	if [ $tap_rc = 0 ]; then
		ok "$tap_name"
	else
		not_ok "$tap_name" \
			"'$*' gave $tap_rc: $(tail -n 3 <<<"$tap_out" | tr '\n' ' ')"
	fi
	return $tap_rc
}

# jq itself compiles its library each time: 170 million instructions, half a
# second in a guest, which was most of what these tests took.
jq()
{
	gojq "$@"
}

# holds JQ_ARG...: the filter says true. Not "jq -e": version 1.6 of jq calls
# an empty input a success.
holds()
{
	local out

	out=$(jq "$@") || return
	[ "$out" = true ] || {
		echo "jq says ${out:-nothing}"
		return 1
	}
}

# wait_for SECONDS CMD...: until CMD succeeds, at most so long
wait_for()
{
	local tap_end=$((${EPOCHREALTIME/./} + $1 * 1000000))

	shift
	until "$@" >/dev/null 2>&1; do
		[ "${EPOCHREALTIME/./}" -lt "$tap_end" ] || return 1
		sleep 0.1
	done
}

# Ends the test at once; without the last line the run counts as failed.
die()
{
	not_ok "${1:-died}" "${2:-}"
	exit 1
}

done_testing()
{
	echo "1..$((TAP_PASSED + TAP_FAILED + TAP_SKIPPED))" >&3
	echo "all done, $TAP_PASSED passed, $TAP_FAILED failed, $TAP_SKIPPED skipped" >&3
	# Nothing at all is no success.
	[ "$TAP_FAILED" = 0 ] && [ "$TAP_PASSED" -gt 0 ]
}

# Loads the driver under test and waits for both ports.
qlge_load()
{
	if [ "$KERNEL" = old ]; then
		modprobe qlge "$@" || return 1
	else
		insmod "$QLGE_KO" "$@" || return 1
	fi
	wait_for 20 test -e /sys/class/net/eth0 -a -e /sys/class/net/eth1
}

# qmp JSON: one command to the emulator's monitor, prints the answer; fails on
# an error.  The tests of link changes and faults use it from within the guest.
qmp()
{
	local line fd rc=1 command

	exec {fd}<>"$QMP" || return 1
	# The first call has to leave the negotiation mode, the others get an
	# error for trying; events may come between.
	for command in '{"execute":"qmp_capabilities"}' "$1"; do
		echo "$command" >&"$fd"
		rc=1
		while read -r -t 60 line <&"$fd"; do
			case $line in
			'{"return"'*)
				rc=0
				break
				;;
			'{"error"'*)
				break
				;;
			esac
			line=
		done
	done
	exec {fd}>&-
	echo "$line"
	[ "$rc" = 0 ] || echo "qmp: $1: ${line:-no answer}" >&2
	return "$rc"
}

# cards: paths of all our cards in the emulator; they have names or not
cards()
{
	local path

	for path in /machine/peripheral-anon /machine/peripheral; do
		qmp '{"execute":"qom-list","arguments":{"path":"'$path'"}}' |
			grep -o '"name": "[^"]*", "type": "child<qlge>"' |
			cut -d'"' -f4 | sed "s|^|$path/|"
	done
}

# card N: path of the card of port N.  The emulator has to be asked only once,
# also by those that call this in subshells.
card()
{
	local card mac known=/tmp/cards

	if [ ! -e $known ]; then
		for card in $(cards); do
			mac=$(property "$card" mac)
			[ "$mac" ] || return 1
			echo "$mac $card"
		done >"$known.$BASHPID"
		mv "$known.$BASHPID" $known
	fi
	while read -r mac card; do
		[ "$mac" != "\"52:54:00:12:34:0$1\"" ] || echo "$card"
	done <$known
}

# property CARD NAME [VALUE]: reads or sets a property of the card
property()
{
	local args='"path":"'$1'","property":"'$2'"'

	if [ $# = 3 ]; then
		qmp '{"execute":"qom-set","arguments":{'"$args"',"value":'"$3"'}}' >/dev/null
	else
		qmp '{"execute":"qom-get","arguments":{'"$args"'}}' |
			sed -n 's/.*"return": \([^,}]*\)}.*/\1/p'
	fi
}

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs every suite, two at a time, and adds up.  The last line is
# "N passed, N failed, N skipped".  ONLY=regex chooses suites by name, LONG=1 adds
# those marked "long:".

set -euo pipefail

SRC=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$SRC"

# One suite per line: a name, "host" or the guest's kernel, then a command for
# the host, or options of run.sh and the guest's script.
suites()
{
	cat <<-'LIST'
	lint		host	selftests/lint.sh
	emulator	host	make -C selftests/emulator check
	harness		host	selftests/vm/test-harness.sh
	referee		old	--smp 4 --timeout 900 -- selftests/conformance/test-referee.sh
	referee-irq	host	selftests/conformance/run-irq.sh
	tool-host	host	selftests/tool/test-host.sh
	tool		stock	--layout virtio -- selftests/tool/test-tool.sh
	tool-old	old	--layout none -- selftests/tool/test-tool.sh
	bpf		stock	--layout virtio -- selftests/tool/test-bpf.sh
	tool-qlge	stock	-- selftests/tool/test-qlge.sh
	state		host	selftests/conformance/test-state.py
	state-qemu10	long:host	env QLGE_QEMU_FROM=trixie selftests/conformance/test-state.py
	state-guest	host	selftests/conformance/test-state-guest.py stock
	state-guest-old	long:host	selftests/conformance/test-state-guest.py old
	nic		stock	--smp 4 --layout quad --timeout 900 -- selftests/nic/test-nic.sh
	offload		stock	--layout pair --timeout 900 -- selftests/nic/test-offload.sh
	filter		stock	--layout pair --timeout 900 -- selftests/nic/test-filter.sh
	ethtool		stock	--smp 4 --layout quad --timeout 900 -- selftests/nic/test-ethtool.sh
	wol		stock	--layout pair --timeout 300 --qemu-arg -global --qemu-arg qlge.sub-device-id=0x0180 -- selftests/nic/test-ethtool.sh wol
	queues		long:stock	--smp 12 --layout pair --timeout 300 -- selftests/nic/test-queues.sh
	functions	stock	--layout twin --timeout 900 -- selftests/nic/test-functions.sh
	devlink		stock	--timeout 300 -- selftests/nic/test-devlink.sh
	recovery	stock	--layout aer --timeout 900 --allow NETDEV.WATCHDOG -- selftests/nic/test-recovery.sh
	nic-faults	debug	--mem 1024 --timeout 900 -- selftests/nic/test-faults.sh
	xdp		stock	--smp 4 --layout quad --timeout 900 -- selftests/xdp/test-xdp.sh
	xdp-frags	stock	--smp 4 --layout quad --timeout 900 -- selftests/xdp/test-frags.sh
	xdp-meta	stock	--layout quad --timeout 600 -- selftests/xdp/test-meta.sh
	xsk		stock	--smp 2 --layout pair --timeout 900 -- selftests/xdp/test-xsk.sh
	xdp-debug	debug	--mem 1024 --smp 2 --layout quad --timeout 1800 -- selftests/xdp/test-xdp.sh short
	refill		stock	--timeout 900 -- selftests/refill/test-refill.sh
	refill-debug	debug	--mem 1024 --timeout 1800 -- selftests/refill/test-refill.sh
	bench		host	selftests/bench/run.sh --check
	refill-mutant	host	selftests/refill/test-mutant.sh
	install		host	selftests/vm/test-install.sh
	LIST
}

say()
{
	echo "check: $*" >&2
}

CHECK=build/check
passed=0 failed=0 skipped=0
summary=()
began=$SECONDS

# record NAME RC SECONDS: a suite's own lines count; one that gives none is
# itself one test, and one that fails in spite of its lines is a failure more.
record()
{
	local name=$1 rc=$2 seconds=$3 p f s verdict=ok

	read -r p f s < <(awk '
		/^not ok/ { f++; next }
		/^ok .*# SKIP/ { s++; next }
		/^ok/ { p++ }
		END { print p + 0, f + 0, s + 0 }' "$CHECK/$name.log")
	if [ "$rc" != 0 ]; then
		verdict=FAILED
		[ "$f" -gt 0 ] || f=1
	elif [ $((p + f + s)) = 0 ]; then
		p=1
	elif [ "$f" -gt 0 ]; then
		verdict=FAILED
	fi
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	summary+=("$(printf '%-24s %-7s %4d passed %3d failed %3d skipped %5d s' \
		"$name" "$verdict" "$p" "$f" "$s" "$seconds")")
}

# step NAME CMD...: output goes to the terminal and to a log
step()
{
	local name=$1 start=$SECONDS rc=0

	shift
	say "$name: $*"
	"$@" 2>&1 </dev/null | tee "$CHECK/$name.log" ||
		rc=${PIPESTATUS[0]}
	record "$name" "$rc" $((SECONDS - start))
	return "$rc"
}

# suite NAME WHERE ARG...: output goes to a log, what went wrong is shown
suite()
{
	local name=$1 where=$2 log=$CHECK/$1.log start=$SECONDS rc=0

	shift 2
	[ "$where" = host ] ||
		set -- selftests/vm/run.sh --kernel "$where" --out "build/vm/$name" "$@"
	say "$name: $*"
	"$@" >"$log" 2>&1 </dev/null || rc=$?
	echo "$rc $((SECONDS - start))" >"$CHECK/$name.rc"
	say "$name: exit code $rc after $((SECONDS - start)) s"
	[ "$rc" = 0 ] || why "$name" >&2
}

# why NAME: what a failed suite says
why()
{
	tail -n 40 "$CHECK/$1.log"
	grep -A1 -E '^(not ok|run\.sh: reason)' "$CHECK/$1.log" || true
}

# lane: takes the next suite until there is none
lane()
{
	local name where args

	while read -r name where args < <(next); do
		# shellcheck disable=SC2086 # the table's fields are words
		suite "$name" "$where" $args
	done
}

next()
{
	(
		flock 9
		head -n 1 "$CHECK/queue"
		sed -i 1d "$CHECK/queue"
	) 9>"$CHECK/lock"
}

chosen()
{
	local name rest

	while read -r name rest; do
		[[ $rest != long:* || ${LONG:-} ]] || continue
		[[ ! $name =~ ${ONLY:-} ]] || echo "$name ${rest#long:}"
	done < <(suites)
}

finish()
{
	local line name verdict

	for line in "${summary[@]}"; do
		read -r name verdict _ <<<"$line"
		[ "$verdict" = ok ] || { echo; echo "$name:"; why "$name"; }
	done
	echo
	printf '%s\n' "${summary[@]}"
	echo "$((SECONDS - began)) seconds, logs in $CHECK and build/vm"
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" = 0 ] || exit 1
	exit 0
}

# A function, so that the file may change while it runs.
main()
{
	local name rc seconds

	[ "$(chosen)" ] || {
		say "no suite matches '${ONLY:-}'"
		exit 1
	}
	mkdir -p "$CHECK"
	# Without these nothing else means anything.
	step build-emulator selftests/emulator/qemu.sh || finish
	step build make tests || finish
	export FETCH_SAME_DAY=y

	rm -f "$CHECK"/*.rc
	# The lane in the background does not hear Ctrl-C by itself.
	trap 'trap - INT TERM; kill 0' INT TERM
	# The slow ones first, so that both lanes end at about the same time.
	{ chosen | grep -w debug || true; chosen | grep -vw debug || true; } \
		>"$CHECK/queue"
	lane &
	lane
	wait
	while read -r name _; do
		rc=1 seconds=0
		# Without this file it did not end, and its log may be an old one.
		if [ -e "$CHECK/$name.rc" ]; then
			read -r rc seconds <"$CHECK/$name.rc" || true
		else
			: >"$CHECK/$name.log"
		fi
		record "$name" "$rc" "$seconds"
	done < <(chosen)
	finish
}

# test-harness.sh sources this and brings suites of its own.
[ "${BASH_SOURCE[0]}" != "$0" ] || main

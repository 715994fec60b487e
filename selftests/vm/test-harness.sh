#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The harness must say no: every way in which a run can be bad has to fail it,
# for the right reason.

set -euo pipefail

SRC=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$SRC"
exec 3>&1
# shellcheck source=selftests/vm/tap.sh
. selftests/vm/tap.sh

out=build/vm/harness
guest=selftests/vm/guest-meta.sh

# vm RC ARG...: run.sh must exit with RC
vm()
{
	local wanted=$1 rc=0

	shift
	# The guest's own lines are not results of this suite.
	selftests/vm/run.sh --layout none --out $out "$@" >$out.log 2>&1 || rc=$?
	[ "$rc" = "$wanted" ] || { tail -n 5 $out.log; return 1; }
}

# reason TEXT: the verdict must give it
reason()
{
	grep -qF -- "$1" $out/verdict
}

mkdir -p $out

check "good run passes" vm 0 --allow-skip 'not here' -- $guest good || true

check "bad run fails" vm 1 -- $guest bad || true
check "... no last line" reason "no 'all done' line" || true
check "... unexpected skip" reason "unexpected skip: 2 - not here" || true
check "... warning in the log" reason "WARNING: something is wrong" || true
check "... line that was cleared" reason "traps: something crashed" || true

check "failing test fails the run" vm 1 -- $guest failing || true
check "... failed test" reason "1 tests failed" || true
check "... wrong count" reason "the counts of the last line" || true

check "endless run times out" vm 124 --timeout 12 -- $guest endless || true

# Stopped, it hears of no signal but one.
hung()
{
	local pid rc=0

	selftests/vm/run.sh --layout none --out $out --timeout 5 -- $guest endless \
		>$out.log 2>&1 &
	pid=$!
	wait_for 20 pgrep -P $pid qemu-system || return 1
	kill -STOP "$(pgrep -P $pid qemu-system)"
	wait $pid || rc=$?
	[ $rc = 124 ]
}
check "an emulator that hangs is killed" hung || true

check "missing deny list" vm 2 --deny build/no-such-list -- $guest good || true
check "... named" grep -q "no patterns in build/no-such-list" $out.log || true
grep -v '^[^#]' selftests/vm/deny.list >build/empty-list
check "empty deny list" vm 2 --deny build/empty-list -- $guest good || true
{ cat selftests/vm/deny.list; echo 'half of (a pattern'; } >build/bad-list
check "deny list with an error" vm 2 --deny build/bad-list -- $guest good || true
check "expected lines with an error" vm 2 --allow '[' -- $guest good || true
check "nothing is not what is expected" vm 2 --allow '' -- $guest good || true

mkdir -p build/selftests/broken/src
cp selftests/vm/broken.c build/selftests/broken/src/
echo 'obj-m := broken.o' >build/selftests/broken/src/Makefile
check "module with errors builds" selftests/vm/module.sh debug \
	build/selftests/broken build/selftests/broken/src || true
check "debug kernel fails the run" vm 1 --mem 1024 --kernel debug -- $guest broken || true
check "... leak" grep -q 'unreferenced object .*(size 512)' $out/kmemleak || true
check "... overrun" reason "BUG: KASAN: slab-out-of-bounds in broken_overrun" || true
check "... sleep under a spinlock" \
	reason "sleeping function called from invalid context" || true
check "... lock order" reason "possible circular locking" || true
check "... lockdep was off then" reason "lockdep was off" || true
if [ "${LONG:-}" ]; then
	check "without kmemleak the run fails" \
		vm 1 --mem 1024 --kernel debug -- $guest unwatched || true
	check "... no report" reason "no kmemleak report" || true
fi

# --- check.sh and its parts, with suites of their own ---

check "no test is no success" \
	bash -c '. selftests/vm/tap.sh; exec 3>/dev/null; ! done_testing' || true

# adds_up RC LAST_LINE NAME...: check.sh with these suites
adds_up()
{
	local wanted=$1 last=$2 name pid rc=0

	shift 2
	SUITES=$(for name; do echo "$name host build/suites/$name"; done)
	SUITES=$SUITES setsid bash -c '
		. selftests/check.sh
		CHECK=build/suites
		suites() { echo "$SUITES"; }
		step() { :; }
		main' >$out.log 2>&1 &
	pid=$!
	wait $pid || rc=$?
	# The lane in the background may have lost its parent.
	wait_for 10 eval "! pgrep -g $pid"
	tail -n 3 $out.log
	[ "$rc" = "$wanted" ] && [ "$(tail -n 1 $out.log)" = "$last" ]
}

mkdir -p build/suites
for name in 'good:echo ok 1 - a; echo ok 2 - b' 'silent:true' 'mute:exit 3' \
		'liar:echo ok 1 - a; echo not ok 2 - b' \
		'quitter:echo ok 1 - a; exit 1' 'killer:kill -KILL $PPID'; do
	printf '#!/bin/sh\n%s\n' "${name#*:}" >"build/suites/${name%%:*}"
	chmod +x "build/suites/${name%%:*}"
done
unset ONLY
check "suites add up" adds_up 0 "3 passed, 0 failed, 0 skipped" good silent || true
check "a suite that fails without a word" adds_up 1 \
	"2 passed, 1 failed, 0 skipped" good mute || true
check "a suite that fails but says it did not" adds_up 1 \
	"2 passed, 1 failed, 0 skipped" liar silent || true
check "a suite that fails after its last line" adds_up 1 \
	"3 passed, 1 failed, 0 skipped" good quitter || true
# Whichever lane it was, this is no success.
check "a lane that dies" eval '! adds_up 0 "2 passed, 0 failed, 0 skipped" killer good' || true
ONLY=typo check "no such suite" adds_up 1 "check: no suite matches 'typo'" good || true
ONLY=typo check "no such suite of the driver" \
	eval '! selftests/check-kernel.sh newest >/dev/null' || true
done_testing

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

check "failing test fails the run" vm 1 -- $guest failing || true
check "... failed test" reason "1 tests failed" || true
check "... wrong count" reason "the counts of the last line" || true

check "endless run times out" vm 124 --timeout 12 -- $guest endless || true

check "missing deny list" vm 2 --deny build/no-such-list -- $guest good || true
check "... named" grep -q "no patterns in build/no-such-list" $out.log || true
grep -v '^[^#]' selftests/vm/deny.list >build/empty-list
check "empty deny list" vm 2 --deny build/empty-list -- $guest good || true

mkdir -p build/selftests/broken/src
cp selftests/vm/broken.c build/selftests/broken/src/
echo 'obj-m := broken.o' >build/selftests/broken/src/Makefile
check "module with errors builds" selftests/vm/module.sh debug \
	build/selftests/broken build/selftests/broken/src || true
check "debug kernel fails the run" vm 1 --kernel debug -- $guest broken || true
check "... leak" grep -q 'unreferenced object .*(size 512)' $out/kmemleak || true
check "... overrun" reason "BUG: KASAN: slab-out-of-bounds in broken_overrun" || true
check "... sleep under a spinlock" \
	reason "sleeping function called from invalid context" || true
check "... lock order" reason "possible circular locking" || true
done_testing

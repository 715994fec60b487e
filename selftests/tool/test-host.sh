#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What can be tested of qlgestat on the build host, whatever its kernel: the
# parts in isolation, the texts against each other, arguments and exit codes,
# all with the sanitizers' build, and valgrind over the ordinary one.

# Not -e: a check that fails is counted, and the test goes on.
set -uo pipefail

cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=selftests/vm/tap.sh
. selftests/vm/tap.sh
mkdir -p build/tool
exec 3>&1 >build/tool/test-host.log 2>&1

log=$(mktemp -d) || exit 1
trap 'rm -rf "$log"' EXIT

for dir in user selftests/tool; do
	make -C "$dir" >"$log/build" 2>&1 || {
		cat "$log/build"
		die "build $dir"
	}
done
tool=build/tool/qlgestat

# --- the parts ---

while read -r line; do
	name=${line#* - }
	case $line in
	ok*)
		ok "unit: $name"
		;;
	*)
		not_ok "unit: $name" "$line"
		;;
	esac
done < <(build/tool/unit 2>&1)
wait $! || not_ok "unit: comes to its end"

json_is()
{
	build/tool/unit "$1" | holds '. == {
		quote: "a\"b\\c\n\u0001\u007f", utf8: "é€🐧",
		broken: "x\ufffd\ufffdy\ufffd\ufffd\ufffd\ufffd\ufffd",
		max: 18446744073709551615, min: -2147483648, half: 0.5,
		empty: [], list: [true, {}] }'
}
check "JSON means what was written" json_is json
check "pretty JSON means the same" json_is pretty
check "JSON is one line" test "$(build/tool/unit json | wc -l)" = 1

# --- one truth in four places ---

same()
{
	[ -n "$1" ] && diff <(printf '%s\n' "$1") <(printf '%s\n' "$2")
}

"$tool" --help >"$log/help"
MANWIDTH=80 MAN_KEEP_FORMATTING='' man -l user/qlgestat.8 >"$log/man"

section()
{
	awk -v s="$1" '/^[A-Z]/ { on = $0 == s; next } on' "$log/man"
}

help_options=$(grep -oE '^  -[a-zA-Z], --[a-z]+( [A-Z]+)?' "$log/help" | sort)
man_options=$(section OPTIONS |
	      grep -oE '^       -[a-zA-Z], --[a-z]+( [A-Z]+)?$' |
	      sed 's/^     //' | sort)
check "man page and --help have the same options" \
	same "$help_options" "$man_options"

code_options=$(sed -n "s/^\t{ \"\([a-z]*\)\".*'\(.\)' },/-\2 --\1/p" \
	       user/qlgestat.c | sort)
check "--help has the options of the code" same "$code_options" \
	"$(awk '{ sub(",", "", $1); print $1, $2 }' <<<"$help_options" | sort)"

complete()
{
	bash -c '. user/qlgestat.bash
		COMP_WORDS=(qlgestat "$@") COMP_CWORD=$#
		_qlgestat
		printf "%s\n" "${COMPREPLY[@]}"' _ "$@"
}
check "completion has the options of --help" \
	same "$(complete - | sort)" \
	"$(awk '{ sub(",", "", $1); print $1; print $2 }' <<<"$help_options" |
	   sort)"

help_commands=$(sed -n 's/.*qlgestat \[OPTIONS\] //p' "$log/help")
check "man page and --help have the same synopsis" same "$help_commands" \
	"$(section SYNOPSIS | sed -n 's/.*qlgestat \[OPTIONS\] //p')"
check "man page describes the commands of --help" \
	same "$(awk '{ print $1 }' <<<"$help_commands")" \
	"$(section COMMANDS | grep -oE '^       [a-z]+' | tr -d ' ')"
check "completion has the commands of --help" \
	same "$(awk '{ print $1 }' <<<"$help_commands")" "$(complete "")"
check "completion names devices after a command" \
	grep -qx lo <(complete -i 1 show "")
check "completion has no second device" same "[]" "[$(complete show lo "")]"

check "man page has the exit codes of the code" \
	same "$(sed -n 's/^\tEX_[A-Z]*\t*= \([0-9]*\).*/\1/p' user/qlgestat.h)" \
	"$(section "EXIT STATUS" | grep -oE '^       [0-9]+' | tr -d ' ')"
check "man page has no warnings" same "[]" \
	"[$(man --warnings -l -Tutf8 user/qlgestat.8 2>&1 >/dev/null)]"

# --- arguments and exit codes ---

# expect CODE STDERR_REGEX ARG...: this exit code, nothing on stdout, and one
# line that says why; the hint of usage errors may follow.
expect()
{
	local code=$1 regex=$2 rc=0

	shift 2
	timeout 60 "$tool" "$@" >"$log/out" 2>"$log/err" </dev/null || rc=$?
	cat "$log/err"
	[ "$rc" = "$code" ] && [ ! -s "$log/out" ] &&
		head -n 1 "$log/err" | grep -qE -- "$regex" &&
		[ "$(grep -vc '^Try ' "$log/err")" = 1 ]
}

usage_errors=(
	"frobnicate" "x" "''" "show:a:b" "watch:a:b:c" "show:-i:1" "show:-c:1"
	"trace:-i:1" "watch:-i:0" "watch:-i:-1" "watch:-i:abc" "watch:-i:1e9"
	"watch:-i:inf" "watch:-i:0x1" "watch:-i:1 " "watch:-i:1.2.3"
	"watch:-i:" "watch:-c:0" "watch:-c:-1" "watch:-c:1x" "watch:-c:"
	"watch:-c:99999999999999999999" "watch:-c" "show:--nonsense" "-x"
)
for args in "${usage_errors[@]}"; do
	IFS=: read -ra argv <<<"$args:"
	[ "$args" != "''" ] || argv=("")
	[[ $args != *: ]] || argv+=("")
	check "wrong usage: $args" expect 2 '^(qlgestat|build/tool/qlgestat): ' \
		"${argv[@]}"
done

no_arguments()
{
	local rc=0

	"$tool" >"$log/out" 2>"$log/err" || rc=$?
	[ "$rc" = 2 ] && [ ! -s "$log/out" ] && diff "$log/help" "$log/err"
}
check "no arguments: the help on stderr, exit code 2" no_arguments

for command in s sh show w watch t trace; do
	check "no such device: $command" expect 3 'nosuchdev: no such device' \
		"$command" nosuchdev
done
check "a name too long for a device" expect 3 'no such device' show \
	abcdefghijklmnopqrstuvwxyz
check "trace of a device that is not qlge" expect 4 'driver is not qlge' \
	trace lo

version_is()
{
	"$tool" -V | grep -qE '^qlgestat [0-9.]+, libbpf [0-9.]+$' &&
		"$tool" --version --json |
		holds 'keys == ["libbpf", "version"]'
}
check "version, plain and JSON" version_is

write_error()
{
	local rc=0

	"$tool" "$@" >/dev/full 2>"$log/err" || rc=$?
	[ "$rc" = 1 ] && grep -q 'write error: No space left' "$log/err"
}
check "full disk: --help" write_error --help
check "full disk: --version" write_error --version

# --- valgrind ---

# Whatever the kernel answers here, the memory must be right.
clean_under_valgrind()
{
	local rc=0

	valgrind -q --error-exitcode=99 --leak-check=full \
		--errors-for-leak-kinds=definite,indirect,possible \
		--log-file="$log/valgrind" \
		build/user/qlgestat "$@" >"$log/out" 2>&1 || rc=$?
	cat "$log/valgrind"
	[ "$rc" != 99 ] && [ ! -s "$log/valgrind" ]
}
check "valgrind: show" clean_under_valgrind show
check "valgrind: show -j" clean_under_valgrind -j show
check "valgrind: show lo" clean_under_valgrind show lo
check "valgrind: watch" clean_under_valgrind watch -c 3 -i 0.01
check "valgrind: trace" clean_under_valgrind trace lo

done_testing

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# make demo: guest.sh in a virtual machine, shown to people; then the table of
# what was claimed and measured, and the picture.

set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
SRC=$(cd "$HERE/../.." && pwd)
cd "$SRC"
out=build/demo
claims=13	# as many must hold

bold='' green='' red='' dim='' off=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
	bold=$'\e[1m' green=$'\e[32m' red=$'\e[31m' dim=$'\e[2m' off=$'\e[0m'
fi

# TAP for people: comments are the text, "ok" is a tick.
pretty()
{
	local line

	while IFS= read -r line; do
		case $line in
		'# == '*)
			echo "$bold${line#\# == }$off"
			;;
		'# $ '*)
			echo "  $dim\$$off ${line#\# \$ }"
			;;
		'#   >> '*)
			echo "  $bold>>${line#\#   >>}$off"
			;;
		'#'*)
			line=${line#\#}
			echo "${line:+ $line}"
			;;
		'ok '*)
			echo "  ${green}ok$off      ${line#ok * - }"
			;;
		'not ok '*)
			echo "  ${red}NOT ok$off  ${line#not ok * - }"
			;;
		esac
	done
}

table()
{
	awk -F '\t' -v ok="$green" -v bad="$red" -v bold="$bold" -v off="$off" '
		{
			claim[NR] = $1; value[NR] = $2; verdict[NR] = $3
			if (length($1) > w) w = length($1)
			if (length($2) > v) v = length($2)
		}
		END {
			printf "%s%-*s  %-*s  %s%s\n", bold, w, "claim", v,
				"measured", "verdict", off
			for (i = 1; i <= NR; i++)
				printf "%-*s  %-*s  %s%s%s\n", w, claim[i], v,
					value[i], verdict[i] == "holds" ? ok : bad,
					verdict[i], off
		}' "$1"
}

trap 'exit 130' INT TERM
start=$SECONDS
mkdir -p "$out"
rm -f "$out"/{claims,samples,trace,injection,timeline.svg}
echo "${bold}qlge: a card without hardware, a driver without stalls$off"
echo "${dim}Set-up: the emulated card and Debian's kernel (slow the first time)$off"
selftests/emulator/qemu.sh >/dev/null
selftests/vm/kernels.sh stock >/dev/null
echo "${dim}Set-up took $((SECONDS - start)) s; the demo takes a minute or two$off"

rc=0
selftests/vm/run.sh --kernel stock --timeout 600 --out "$out" \
	-- selftests/demo/guest.sh 2>"$out/run.log" | pretty || rc=${PIPESTATUS[0]}

# The last claim is the harness's: it has read the kernel's log and unloaded
# the driver.
touch "$out/claims"
if [ "$rc" = 0 ]; then
	printf '%s\t%s\t%s\n' "the driver unloads, the kernel complains of nothing" \
		"run passed" holds >>"$out/claims"
else
	printf '%s\t%s\t%s\n' "the driver unloads, the kernel complains of nothing" \
		"exit code $rc" FAILS >>"$out/claims"
fi

echo
table "$out/claims"
echo
held=$(grep -c $'\tholds$' "$out/claims" || true)
total=$(wc -l <"$out/claims")
drawn=no
if [ -s "$out/samples" ] && [ -s "$out/injection" ]; then
	read -r begin end <"$out/injection"
	if awk -v on="$begin" -v off="$end" \
		-f "$HERE/timeline.awk" "$out/samples" >"$out/timeline.svg"; then
		drawn=yes
		echo "timeline:  $out/timeline.svg"
	fi
fi
echo "logs:      $out/{script.log,console.log,trace,samples}"
echo "time:      $((SECONDS - start)) s"

if [ "$rc" != 0 ]; then
	sed 's/^/demo: /' "$out/run.log" | tail -n 5 >&2
fi
if [ "$rc" = 0 ] && [ "$held" = "$total" ] && [ "$total" = $claims ] &&
   [ $drawn = yes ]; then
	echo "${green}All $total claims hold.$off"
	exit 0
fi
[ $drawn = yes ] || echo "There is no timeline." >&2
echo "${red}$held of $claims claims hold.$off"
exit 1

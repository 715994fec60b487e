# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Sourced by the tests of devlink and of recovery, after lib.sh: health
# reporters of the device in $DEV.

devlink_of()
{
	echo "pci/$(basename "$(readlink "/sys/class/net/$1/device")")"
}

# health REPORTER FIELD
health()
{
	devlink -j health show "$DEV" reporter "$1" |
		jq -r --arg d "$DEV" --arg f "$2" '.health[$d][0][$f]'
}

state_is()
{
	[ "$(health "$1" state)" = "$2" ]
}

# all_health: "NAME STATE ERRORS RECOVERIES" of each
all_health()
{
	devlink -j health show |
		jq -r --arg d "$DEV" '.health[$d][] |
			"\(.reporter) \(.state) \(.error) \(.recover)"'
}

# healthy REPORTER...
healthy()
{
	local r state found=' '

	while read -r r state _; do
		[ "$state" != healthy ] || found+="$r "
	done < <(all_health)
	for r; do
		[[ $found == *" $r "* ]] || {
			echo "$r is not healthy"
			return 1
		}
	done
}

# dump_fw: the core dump, as lines "segment word" of hexadecimal numbers
dump_fw()
{
	devlink -p health dump show "$DEV" reporter fw >"$LOG/dump" || return 1
	awk -v flags="$LOG/flags" -v words="$LOG/words" '
		{
			for (i = 1; i <= NF; i++) {
				if ($i ~ /^[a-z0-9_]+:$/) {
					segment = substr($i, 1, length($i) - 1)
				} else if ($i ~ /^(true|false)$/) {
					print segment ": " $i >flags
				} else if ($i ~ /^[0-9a-f][0-9a-f]$/) {
					# Bytes, least significant first.
					w = $i w
					if (length(w) == 8) {
						print segment, w >words
						w = ""
					}
				}
			}
		}' "$LOG/dump"
}

# word SEGMENT N: from the last dump
word()
{
	awk -v s="$1" -v n="$2" '$1 == s && i++ == n { print $2; exit }' "$LOG/words"
}

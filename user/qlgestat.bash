# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# bash completion for qlgestat(8)

_qlgestat()
{
	local cur=${COMP_WORDS[COMP_CWORD]}
	local prev=${COMP_WORDS[COMP_CWORD - 1]}
	local commands="show watch trace"
	local options="-i --interval -c --count -j --json -p --pretty
		-d --debug -h --help -V --version"
	local i command="" dev=""

	COMPREPLY=()
	case $prev in
	-i | --interval | -c | --count)
		return
		;;
	esac
	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
		return
	fi
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-i | --interval | -c | --count)
			((i++))
			;;
		-*) ;;
		*)
			dev=$command
			command=${COMP_WORDS[i]}
			;;
		esac
	done
	if [[ -z $command ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$cur")
	elif [[ -z $dev ]]; then
		# Not compgen -W, which expands words, and a name may be $(...).
		for i in /sys/class/net/"$cur"*/; do
			i=${i%/}
			[[ ! -d $i ]] || COMPREPLY+=("$(printf %q "${i##*/}")")
		done
	fi
}

complete -F _qlgestat qlgestat

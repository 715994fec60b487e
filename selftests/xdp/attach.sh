# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Sourced by the tests of XDP programs, on the driver and on others: attach
# programs of $BPF, reach their maps, see what becomes of a frame.

# attach DEV PROG: native, by iproute2; a generic program would pass unnoticed
attach()
{
	local sec=xdp

	[[ $2 != frags/* ]] || sec=xdp.frags
	ip link set dev "$1" xdpdrv off
	ip link set dev "$1" xdpdrv obj "$BPF/$2.o" sec $sec &&
		attached "$1" "$(basename "$2")"
}

attached()
{
	ip -j -d link show dev "$1" |
		holds --arg name "$2" '.[0].xdp | .mode == 1 and .prog.name == $name'
}

prog_id()
{
	ip -j -d link show dev "$1" | jq '.[0].xdp.prog.id'
}

detached()
{
	ip link set dev "$1" xdpdrv off &&
		ip -j -d link show dev "$1" | holds '.[0].xdp == null'
}

# map_id DEV NAME: a map of the program on DEV
map_id()
{
	local ids

	ids=$(bpftool -j prog show id "$(prog_id "$1")" | jq -c .map_ids)
	bpftool -j map show | jq --argjson ids "$ids" --arg name "$2" \
		'.[] | select(.name == $name and (.id | IN($ids[]))) | .id'
}

# configure DEV MAP VALUE...: 32-bit little-endian words
configure()
{
	local dev=$1 name=$2 word bytes=()

	shift 2
	for word; do
		bytes+=("$((word & 255))" "$((word >> 8 & 255))"
			"$((word >> 16 & 255))" "$((word >> 24 & 255))")
	done
	bpftool map update id "$(map_id "$dev" "$name")" key 0 0 0 0 \
		value "${bytes[@]}"
}

# frames_serve: starts frames.py, for the devices of this namespace
frames_serve()
{
	local dir

	dir=$(mktemp -d)
	mkfifo "$dir/ask" "$dir/answer"
	selftests/tool/frames.py <"$dir/ask" >"$dir/answer" &
	exec 8>"$dir/ask" 9<"$dir/answer"
}

# frames_ask ARG...: one command, and the answer
frames_ask()
{
	local line

	echo "$@" >&8
	read -r -t 60 line <&9 && echo "$line"
}

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# make bench: guest instructions, device accesses, allocations and mappings
# per packet.  A table, and build/bench/bench.json.
#
# With --check: what is counted, and no comparison.

set -euo pipefail

SRC=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$SRC"
out=build/bench
runs=5 only=
[ "${1:-}" != --check ] || { runs=1; only=qlge; }

# Beside the guest, on the host: injects what guest.sh asks for.
if [ "${1:-}" = --host ]; then
	while :; do
		sleep 0.05
		[ -e "$OUT/request" ] || continue
		read -r mac size count <"$OUT/request"
		rm "$OUT/request"
		build/selftests/frames inject --udp "127.0.0.1:$INJECT_PORT" \
			--dst "$mac" --size "$size" --count "$count" \
			>"$OUT/answer.tmp" || true
		mv "$OUT/answer.tmp" "$OUT/answer"
	done
fi

mkdir -p "$out"
rm -f "$out"/{runs,memory,kernel,request,answer,bench.json}
rc=0
selftests/vm/run.sh --kernel stock --icount --smp 1 --layout inject \
	--timeout 1800 --out "$out" --append init_on_alloc=0 \
	--host 'selftests/bench/run.sh --host' \
	--qemu-arg -global --qemu-arg qlge.fifo-frames=8192 \
	--qemu-arg -global --qemu-arg qlge.fifo-bytes=16777216 \
	--qemu-arg -netdev --qemu-arg hubport,id=p8,hubid=0 \
	--qemu-arg -device \
	--qemu-arg virtio-net-pci,netdev=p8,mac=52:54:00:12:34:08,romfile= \
	-- selftests/bench/guest.sh "$runs" $only || rc=$?
[ -s "$out/runs" ] || exit "$((rc ? rc : 1))"

jq -s --arg kernel "$(cat "$out/kernel")" --slurpfile memory "$out/memory" '
	def median: sort | .[length / 2 | floor];
	def round3: . * 1000 | round / 1000;
	map(select(.mode == "native")) |
	group_by([.driver, .action, .bytes]) | map(
		map(select(.counts)) as $counted |
		map(select(.counts | not)) as $timed |
		($timed | map(.full_ns / (.full_polls * 64))) as $insn |
		.[0] | {
		driver, mode, action, frame_bytes: .bytes,
		insn_per_packet: ($insn | median | round),
		mmio_per_packet: (if .mmio == null then null else
			($timed | map(.mmio / .packets) | median | round3) end),
		allocs_per_packet: ($counted | map(.pages / .packets) | median | round3),
		dma_maps_per_packet: ($counted | map(.maps / .packets) | median | round3),
		spread_percent: ((($insn | max) - ($insn | min)) * 100 /
			($insn | median) | round3),
		full_polls: ($timed | map(.full_polls) | add),
		polls: ($timed | map(.polls) | add)
	}) | {kernel: $kernel} + $memory[0] + {cases: .}' "$out/runs" >"$out/bench.json"

echo
echo "guest instructions per packet in full polls, Linux $(cat "$out/kernel")"
jq -r '.cases[] | [.driver, .mode, .action, .frame_bytes, .insn_per_packet,
	(.mmio_per_packet // "-"), .allocs_per_packet, .dma_maps_per_packet,
	.spread_percent] | @tsv' "$out/bench.json" | awk -F '\t' '
	function row(f) {
		printf "%-11s %-7s %-7s %6s %8s %12s %9s %9s %9s\n", f[1], f[2],
			f[3], f[4], f[5], f[6], f[7], f[8], f[9]
	}
	BEGIN {
		split("driver\tmode\taction\tbytes\tinsn\taccesses\tallocs\tmappings\tspread %",
			head, "\t")
		row(head)
	}
	{ split($0, f, "\t"); row(f) }'
jq -r '"receive memory per queue: \(.rx_kib_per_queue) KiB"' "$out/bench.json"
echo "json: $out/bench.json"

# What is counted has targets; instructions are for the reader.
jq -e '[.cases[] | select(.driver == "qlge" and (.action == "drop" or .action == "tx"))] |
	length > 0 and all(.[]; .allocs_per_packet == 0 and
	.dma_maps_per_packet == 0 and .mmio_per_packet <= 0.1)' \
	"$out/bench.json" >/dev/null || {
	echo "allocations, mappings or device accesses miss their targets" >&2
	rc=1
}
jq -e '.rx_kib_per_queue <= 2048' "$out/bench.json" >/dev/null || {
	echo "more than 2 MiB of receive memory per queue" >&2
	rc=1
}
exit $rc

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Boots test-irq.sh with the two functions of one 8012 card, so that the
# second port's half of the registers gets its turn.

set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
args=()
qemu()
{
	local a

	for a; do
		args+=(--qemu-arg "$a")
	done
}

qemu -device "pcie-root-port,id=rp0,chassis=1,slot=1"
for n in 0 1; do
	qemu -netdev "hubport,id=p$n,hubid=0" \
		-device "qlge,netdev=p$n,bus=rp0,addr=0.$n,multifunction=on,mac=52:54:00:12:34:0$n,device-id=0x8012,romfile="
done
exec selftests/vm/run.sh --kernel old --smp 1 --layout none --timeout 600 \
	"${args[@]}" "$@" -- selftests/conformance/test-irq.sh

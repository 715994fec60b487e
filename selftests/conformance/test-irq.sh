#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The stock driver with each kind of interrupt, on an 8012, whose ports the host
# sets up by itself.  Started by run-irq.sh.

set -uo pipefail

# shellcheck source=selftests/conformance/lib.sh
. selftests/conformance/lib.sh

MB=${1:-24}

# How the kernel routes the first port's interrupt; with INTx both functions
# share the line.
kind()
{
	grep -E ' eth0-(rx-0|single_irq)(,|$)' /proc/interrupts
}

functions()
{
	local d=/sys/class/net/eth

	[ "$(cat ${d}0/device/device ${d}1/device/device)" = $'0x8012\n0x8012' ] &&
		[[ $(readlink -f ${d}0/device) == *.0 ]] &&
		[[ $(readlink -f ${d}1/device) == *.1 ]]
}

prepare_data
sum_of "$MB" >/dev/null
kinds=(MSI-X MSI INTx)
routes=('PCI-MSI.*eth0-rx-0' 'PCI-MSI.*single_irq' 'IO-APIC.*single_irq')
for i in 0 1 2; do
	check "probe with ${kinds[i]}" qlge_load "qlge_irq_type=$i"
	check "an 8012, functions 0 and 1" functions
	ports_in_place
	check "link up with ${kinds[i]}" carrier 1
	check "the kernel uses ${kinds[i]}" eval "kind | grep -E '${routes[i]}'"
	check "ping with ${kinds[i]}" ping_both
	check "TCP out with ${kinds[i]}" transfer "$MB" up
	check "TCP in with ${kinds[i]}" transfer "$MB" down
	check "ethtool -t with ${kinds[i]}" \
		eval 'ethtool -t eth0 offline | grep -q "result is PASS"'
	rmmod qlge
done
check "no error" errors
done_testing

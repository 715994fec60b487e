#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Probe and open when memory is refused, one allocation after the other.  Needs
# the debug kernel.

# Not -e: a check that fails is counted, and the test goes on.
set -uo pipefail

# shellcheck source=selftests/nic/lib.sh
. selftests/nic/lib.sh

drivers_start
slot0=$(basename "$(readlink /sys/class/net/eth0/device)")

# Every allocation below the driver fails once, in probe and in open. Not those
# of ACPI, which evaluates the interrupt routing and reads what it has freed
# when it finds no memory.
fault()
{
	local f acpi acpi_end

	acpi=$(awk '$3 == "acpi_pci_irq_enable" { print $1 }' /proc/kallsyms)
	acpi_end=$(awk '$3 == "acpi_pci_irq_disable" { print $1 }' /proc/kallsyms)
	for f in failslab fail_page_alloc; do
		echo 0 >/sys/kernel/debug/$f/verbose
		echo N >/sys/kernel/debug/$f/ignore-gfp-wait
		echo 32 >/sys/kernel/debug/$f/stacktrace-depth
		echo "0x$1" >/sys/kernel/debug/$f/require-start
		printf '0x%x\n' $((0x$1 + $2)) >/sys/kernel/debug/$f/require-end
		echo "0x$acpi" >/sys/kernel/debug/$f/reject-start
		echo "0x$acpi_end" >/sys/kernel/debug/$f/reject-end
	done
	echo 0 >/sys/kernel/debug/fail_page_alloc/min-order
}

# nth N CMD...: CMD with its Nth allocation failing; sets left to what remains
nth()
{
	local n=$1 rc=0

	shift
	echo "$n" >/proc/thread-self/fail-nth
	"$@" || rc=$?
	read -r left </proc/thread-self/fail-nth
	echo 0 >/proc/thread-self/fail-nth
	return $rc
}

bind0()
{
	echo "$slot0" >/sys/bus/pci/drivers/qlge/bind
}

probe_faults()
{
	local n failed=0 left=

	[ ! -e "/sys/bus/pci/devices/$slot0/driver" ] ||
		echo "$slot0" >/sys/bus/pci/drivers/qlge/unbind
	# One by one at first, where they are the driver's own.
	for ((n = 1; n < 3000; n += n < 40 ? 1 : n / 8)); do
		if nth $n bind0 2>/dev/null; then
			echo "$slot0" >/sys/bus/pci/drivers/qlge/unbind
		else
			failed=$((failed + 1))
			[ ! -e "/sys/bus/pci/devices/$slot0/driver" ] || return 1
		fi
		[ "$left" = 0 ] || break
	done
	echo "$n allocations at most, $failed of them refuse the card"
	bind "$slot0" eth0
	[ "$left" != 0 ] && [ $failed -gt 10 ]
}

# The program must not be started by a fork: fail-nth belongs to one task.
open_once()
{
	(
		echo "$1" >/proc/thread-self/fail-nth
		exec ip link set eth0 up
	) 2>/dev/null
}

open_faults()
{
	local n failed=0 which=

	ip link set eth0 down
	ethtool -L eth0 combined 1
	ethtool -G eth0 rx 64 tx 64
	# Each open takes seconds here: all of the first, which are rings, and a
	# sample of the others, which are mostly buffers, which are not needed.
	for ((n = 1; n < 120; n += n < 20 ? 1 : 10)); do
		if open_once $n; then
			ip link set eth0 down
		else
			failed=$((failed + 1)) which+=" $n"
		fi
	done
	echo "$failed of them refuse to open:$which"
	ports_up
	[ $failed -gt 3 ] && ping_both
}

text=$(cat /sys/module/qlge/sections/.text)
fault "${text#0x}" "$(awk '$1 == "qlge" { print $2 }' /proc/modules)"
check "every allocation in probe fails once" probe_faults
check "allocations in open fail one after another" open_faults
check "rmmod" rmmod qlge
done_testing

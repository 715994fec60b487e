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

# address SYMBOL
address()
{
	awk -v s="$1" '$3 == s { print "0x" $1; exit }' /proc/kallsyms
}

# between FAULT WHAT FIRST LAST: allocations below the code between two addresses
# are to fail (WHAT: require), or are not to (reject)
between()
{
	local f=/sys/kernel/debug/$1/$2

	echo "$3" >"$f-start"
	echo "$4" >"$f-end"
}

# Every allocation below the driver, but not those of ACPI, which evaluates the
# interrupt routing and reads what it has freed when it finds no memory.
fault_all()
{
	local f text end

	text=$(cat /sys/module/qlge/sections/.text)
	end=$((text + $(awk '$1 == "qlge" { print $2 }' /proc/modules)))
	for f in failslab fail_page_alloc; do
		echo 0 >/sys/kernel/debug/$f/verbose
		echo N >/sys/kernel/debug/$f/ignore-gfp-wait
		echo 32 >/sys/kernel/debug/$f/stacktrace-depth
		between $f require "$text" "$(printf '0x%x' "$end")"
		between $f reject "$(address acpi_pci_irq_enable)" \
			"$(address acpi_pci_irq_disable)"
	done
	echo 0 >/sys/kernel/debug/fail_page_alloc/min-order
}

# Only what the driver itself asks for: kmalloc() and coherent memory, and not
# what the debug kernel needs for its records of them, which differs each time.
# (The pages of buffers are selftests/refill's.)
fault_own()
{
	local c

	for c in /sys/kernel/slab/kmalloc-*/failslab; do
		echo 1 >"$c"
	done
	echo Y >/sys/kernel/debug/failslab/cache-filter
	between fail_page_alloc require "$(address qlge_dma_alloc)" \
		"$(address qlge_dma_free)"
	between fail_page_alloc reject "$(address debug_dma_alloc_coherent)" \
		"$(address debug_dma_free_coherent)"
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
	local n failed=0 which='' opened=0

	ip link set eth0 down
	ethtool -L eth0 combined 1
	ethtool -G eth0 rx 64 tx 64
	# Ten in a row that are not needed: those after the rings and interrupts.
	for ((n = 1; opened < 10; n++)); do
		if open_once $n; then
			ip link set eth0 down
			opened=$((opened + 1))
		else
			failed=$((failed + 1)) which+=" $n" opened=0
		fi
	done
	echo "$failed of them refuse to open:$which"
	ports_up
	# 29 in all: rings, what is kept of their entries, interrupts.
	[ $failed -ge 25 ] && ping_both
}

# changed SETTING
changed()
{
	[ "$(ethtool -g eth0 | awk '/^Current/ { c = 1 } c && /^RX:/ { print $2 }')" = "$1" ]
}

# While it is up: what is refused leaves the old rings running.
resize_faults()
{
	local n failed=0 resized=0 which=''

	ports_up
	for ((n = 1; resized < 5 && n < 200; n++)); do
		if (echo "$n" >/proc/thread-self/fail-nth
		    exec ethtool -G eth0 rx 128 tx 128) 2>/dev/null; then
			resized=$((resized + 1))
			ethtool -G eth0 rx 64 tx 64 && changed 64 || return 2
		else
			failed=$((failed + 1)) which+=" $n" resized=0
			changed 64 && wait_for 20 has_carrier eth0 '' &&
				ping -q -c 1 -W 2 10.0.0.2 || return 1
		fi
	done
	echo "$failed of them refuse to resize:$which"
	# As many as in open, but for the interrupts.
	[ $failed -ge 20 ] && [ $resized = 5 ] && ping_both
}

fault_all
check "every allocation in probe fails once" probe_faults
fault_own
check "allocations in open fail one after another" open_faults
check "allocations in a resize fail one after another" resize_faults
check "rmmod" rmmod qlge
done_testing

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Process 1 of the guest after init: the rest of the set-up, then the test
# script, then the checks every test ends with.  /out/job, written by run.sh,
# says what to do.

export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
# With a locale each command opens a dozen files of the host for it, which is half
# of the time that it takes here.
export HOME=/root TERM=dumb LC_ALL=C

power_off()
{
	sync
	echo o >/proc/sysrq-trigger
	# No command can be loaded any more, and process 1 must not end.
	while :; do
		:
	done
}

give_up()
{
	echo "guest: $*" >/dev/console
	power_off
}

# shellcheck disable=SC1091 # exists only in the guest
. /out/job || give_up "no job"
export KERNEL QLGE_KO OUT=/out

mount -t tmpfs tmpfs /tmp
mount -t tmpfs tmpfs /run
mkdir -p /dev/pts /dev/shm /run/lock /run/netns
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t debugfs debugfs /sys/kernel/debug
mount -t tracefs tracefs /sys/kernel/tracing
mount -t bpf bpf /sys/fs/bpf
ln -sf /proc/self/fd /dev/fd

release=$(uname -r)
mkdir -p "/lib/modules/$release"
mount --bind "/cache/$MODULES" "/lib/modules/$release" ||
	give_up "no modules for $release"

# Ports of the virtio console have no stable device name without udev.
for p in /sys/class/virtio-ports/*; do
	name=
	[ ! -e "$p/name" ] || name=$(<"$p/name")
	case $name in
	tap)
		TAP=/dev/${p##*/}
		;;
	qmp)
		QMP=/dev/${p##*/}
		export QMP
		;;
	esac
done

ip link set lo up
# Router advertisements and duplicate address detection would add frames that
# no test has sent.
echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
hostname qlge 2>/dev/null || true
cd /src || give_up "no source tree"

if [ "${#JOB[@]}" = 0 ]; then
	setsid -c bash -i </dev/ttyS0 >/dev/ttyS0 2>&1
	power_off
fi

[ -n "${TAP:-}" ] || give_up "no result port"
echo "guest: $(cut -d' ' -f1 /proc/uptime) s, running ${JOB[*]}" >/dev/console
bash "${JOB[@]}" 3>"$TAP" >/out/script.log 2>&1 </dev/null
echo $? >/out/status
echo "guest: $(cut -d' ' -f1 /proc/uptime) s, done" >/dev/console

# The driver must be able to leave, and take everything with it.
if [ -d /sys/module/qlge ]; then
	rmmod qlge 2>/out/rmmod || true
	[ ! -d /sys/module/qlge ] || echo "qlge cannot be unloaded" >>/out/rmmod
	[ -s /out/rmmod ] || rm -f /out/rmmod
fi
if [ "$KERNEL" = debug ]; then
	# Objects younger than five seconds are not reported, and only those
	# whose contents did not change since the scan before.
	kmemleak=/sys/kernel/debug/kmemleak
	sleep 5
	# Out of memory it switches itself off, and then refuses to scan.
	echo scan >$kmemleak && echo scan >$kmemleak &&
		cat $kmemleak >/out/kmemleak.tmp &&
		mv /out/kmemleak.tmp /out/kmemleak
fi
if [ "$KERNEL" = debug ] || [ "$KERNEL" = newest ]; then
	# These two switch themselves off as well.
	grep -q N /sys/kernel/debug/dma-api/disabled &&
		cat /sys/kernel/debug/dma-api/error_count >/out/dma_errors
	grep -qE '^ *debug_locks: *1$' /proc/lockdep_stats && : >/out/lockdep
fi
# Not dmesg: a test may have cleared what that shows.
perl -MFcntl -MErrno=EPIPE,EAGAIN -e '
	sysopen(my $f, "/dev/kmsg", O_RDONLY | O_NONBLOCK) or die "kmsg: $!";
	for (;;) {
		my $n = sysread($f, my $line, 16384);
		next if !defined $n && $! == EPIPE;	# overwritten meanwhile
		last if !defined $n && $! == EAGAIN;
		die "kmsg: $!" if !$n;
		$line =~ s{^\d+,\d+,(\d+)[^;]*;}{sprintf "[%12.6f] ", $1 / 1e6}e;
		print $line;
	}' >/out/dmesg.tmp && mv /out/dmesg.tmp /out/dmesg
power_off

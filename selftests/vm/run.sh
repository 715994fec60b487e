#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Boots a guest, runs one script in it, and believes nothing but positive
# evidence.  See Documentation/testing.rst.

set -euo pipefail

# A guest may run for minutes: the brace makes bash read all of this file
# before it starts, so that an edit meanwhile does no harm.
{
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
SRC=$(cd "$HERE/../.." && pwd)
export QLGE_CACHE=${QLGE_CACHE:-$HOME/.cache/qlge}

usage()
{
	cat >&2 <<-USAGE
	usage: run.sh [OPTION]... -- GUEST_SCRIPT [ARG]...
	       run.sh [OPTION]... --shell

	  --kernel stock|debug|old|newest-stock|newest
	                            6.12, its debug build, 6.1, 7.3, or 7.3
	                            with lockdep (stock)
	  --smp N                   virtual CPUs (2)
	  --mem MB                  memory (1024, kernels built here 2048)
	  --timeout S               seconds for the whole run (600)
	  --out DIR                 results (build/vm/NAME-KERNEL)
	  --layout L                pair, pair8012, quad, twin, aer, inject, virtio,
	                            none (pair)
	  --icount                  one instruction, of any CPU, is one nanosecond
	  --host CMD                run CMD on the host beside the guest, with
	                            OUT, QMP, INJECT_PORT and LISTEN_PORT set
	  --append STR              more kernel command line
	  --qemu-arg ARG            more QEMU arguments
	  --allow REGEX             console lines that are expected here
	  --allow-skip REGEX        names of tests that may be skipped
	  --deny FILE               list of forbidden console lines

	The exit code is 0 passed, 1 failed, 2 harness error, 124 timeout.
	USAGE
	exit 2
}

error()
{
	echo "run.sh: error: $1" >&2
	echo "run.sh: cure:  $2" >&2
	exit 2
}

kernel=stock smp=2 mem='' timeout=600 out='' layout=pair icount='' host=''
append='' shell='' deny=$HERE/deny.list
qemu_args=() allow=() allow_skip=()
while [ $# -gt 0 ]; do
	case $1 in
	--kernel|--smp|--mem|--timeout|--out|--layout|--host|--append|--deny)
		[ $# -ge 2 ] || usage
		declare "${1#--}=$2"
		shift 2
		;;
	--qemu-arg)
		qemu_args+=("$2")
		shift 2
		;;
	--allow)
		allow+=("$2")
		shift 2
		;;
	--allow-skip)
		allow_skip+=("$2")
		shift 2
		;;
	--icount)
		icount=yes
		shift
		;;
	--shell)
		shell=yes
		shift
		;;
	--)
		shift
		break
		;;
	*)
		usage
		;;
	esac
done
[ $# -gt 0 ] || [ "$shell" ] || usage
case $kernel in
stock|old|newest-stock)
	: "${mem:=1024}"
	;;
debug|newest)
	: "${mem:=2048}"
	;;
*)
	usage
	;;
esac
if [ -z "$shell" ] && [ ! -f "$SRC/$1" ]; then
	error "no guest script $1" "give its path below $SRC"
fi

# The forbidden lines are half of the verdict: without them nothing passes.
if ! patterns=$(grep -vE '^(#|$)' "$deny" 2>/dev/null); then
	error "no patterns in $deny" "restore the file"
fi
# grep's "no match" is 1; an error of grep must not look like that.
for re in "$patterns" "${allow[@]}"; do
	rc=0
	grep -qE -- "$re" </dev/null || rc=$?
	if [ -z "$re" ] || [ "$rc" != 1 ]; then
		error "'$re' is no regular expression" "correct it"
	fi
done

# --- the parts ---

settings=$("$HERE/kernels.sh" "$kernel") || exit 2
eval "$settings"
# A kernel update may have come since; the guest would not load the module.
built=$SRC/build/kernel/$kernel/.built-for
if [ -e "$built" ] && [ "$(<"$built")" != "$KERNEL_BUILD" ]; then
	error "the driver in build/ is for another kernel than $KERNEL_RELEASE" \
		"selftests/vm/module.sh $kernel builds it again"
fi
initrd=$("$HERE/initramfs.sh" "$KERNEL_RELEASE" "$KERNEL_MODROOT") || exit 2
# QLGE_QEMU: another emulator, for layouts without our device.
qemu=${QLGE_QEMU:-$("$SRC/selftests/emulator/qemu.sh")} || exit 2

name=shell
[ "$shell" ] || name=$(basename "$1" .sh)
out=${out:-$SRC/build/vm/$name-$kernel}
mkdir -p "$out"
out=$(cd "$out" && pwd)
rm -f "$out"/{result.tap,console.log,dmesg,kmemleak,dma_errors,lockdep,rmmod,status,script.log,job,verdict}
: >"$out/result.tap"

# Sockets need a short path, whatever the output directory is called.
run=$(mktemp -d /tmp/qlge-vm.XXXXXX)
helpers=()
qemu_pid=
# shellcheck disable=SC2317 # called by the trap
cleanup()
{
	for pid in $qemu_pid "${helpers[@]}"; do
		kill "$pid" 2>/dev/null || true
	done
	rm -rf "$run"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

{
	printf 'KERNEL=%q\nMODULES=%q\nQLGE_KO=/src/build/kernel/%q/qlge.ko\n' \
		"$kernel" "${KERNEL_MODROOT#"$QLGE_CACHE"/}/lib/modules/$KERNEL_RELEASE" \
		"$kernel"
	printf 'JOB=('
	[ $# = 0 ] || printf '%q ' "$@"
	printf ')\n'
} >"$out/job"

# A port nobody listens on; the test is gone before anyone could notice a
# race for it.
free_port()
{
	local port

	while :; do
		port=$((20000 + RANDOM % 20000))
		grep -qi ":$(printf '%04X' "$port") " /proc/net/udp || break
	done
	echo "$port"
}

nic()
{
	local model=$1 n=$2

	shift 2
	args+=(-netdev "hubport,id=p$n,hubid=$((n / 2))"
	       -device "pcie-root-port,id=rp$n,chassis=$((n + 1)),slot=$((n + 1))"
	       -device "$model,netdev=p$n,bus=rp$n,mac=52:54:00:12:34:0$n,romfile=$*")
}

# A port of more than 2.5 GT/s says whether its link is up, and QEMU sets that
# bit only where no ACPI takes care of hot plug: after a reset of the slot the
# kernel would wait for it in vain.
slow_ports()
{
	args+=(-global pcie-root-port.x-speed=2_5)
}

share()
{
	local tag=$1 path=$2 mode=$3

	args+=(-virtfs "local,path=$path,mount_tag=$tag,security_model=none,multidevs=remap$mode")
}

args=(-M q35 -nodefaults -display none -no-reboot -smp "$smp" -m "$mem"
      -L "$(dirname "$qemu")/pc-bios" -L /usr/share/seabios -L /usr/share/qemu
      -kernel "$KERNEL_IMAGE" -initrd "$initrd")

# Under TCG, rep movsb copies byte by byte and stac/clac end a translation
# block: without these features the kernel chooses code that is faster here.
cpu=max,erms=off,fsrm=off,smap=off,la57=off
if [ "$icount" ]; then
	args+=(-accel "tcg,thread=single" -icount "shift=0,sleep=off" -cpu "$cpu")
elif [ -w /dev/kvm ] && grep -qwE 'vmx|svm' /proc/cpuinfo; then
	args+=(-accel kvm -cpu host)
else
	args+=(-accel "tcg,thread=multi" -cpu "$cpu")
fi

share host / ,readonly=on
share src "$SRC" ,readonly=on
share cache "$QLGE_CACHE" ,readonly=on
share out "$out" ''

qmp=$run/qmp
args+=(-chardev "socket,id=mon,path=$qmp,server=on,wait=off" -mon "chardev=mon,mode=control"
       -chardev "socket,id=mon2,path=$run/qmp2,server=on,wait=off" -mon "chardev=mon2,mode=control"
       -chardev "socket,id=gmon,path=$run/qmp2"
       -device virtio-serial-pci
       -chardev "file,id=tap,path=$out/result.tap"
       -device "virtserialport,chardev=tap,name=tap"
       -device "virtserialport,chardev=gmon,name=qmp")

case $layout in
pair|inject)
	nic qlge 0 ,device-id=0x8000
	nic qlge 1 ,device-id=0x8000
	;;
pair8012)
	nic qlge 0 ,device-id=0x8012
	nic qlge 1 ,device-id=0x8012
	;;
quad)	# two wires; the second pair has to do with MSI and with one vector
	nic qlge 0 ,device-id=0x8000
	nic qlge 1 ,device-id=0x8000
	nic qlge 2 ,device-id=0x8012,msix=off
	nic qlge 3 ,device-id=0x8012,vectors=1
	;;
twin)	# as quad, but the two wires join two functions of two cards
	slow_ports
	for n in 0 1; do
		args+=(-device "pcie-root-port,id=rp$n,chassis=$((n + 1)),slot=$((n + 1))")
		for f in 0 1; do
			args+=(-netdev "hubport,id=p$((2 * f + n)),hubid=$f"
			       -device "qlge,id=nic$((2 * f + n)),netdev=p$((2 * f + n)),bus=rp$n,addr=0.$f,multifunction=on,mac=52:54:00:12:34:0$((2 * f + n)),romfile=")
		done
	done
	;;
aer)	# errors are injected by name
	slow_ports
	nic qlge 0 ,device-id=0x8000,id=nic0
	nic qlge 1 ,device-id=0x8000,id=nic1
	;;
virtio)
	nic virtio-net-pci 0
	nic virtio-net-pci 1
	;;
none)
	;;
*)
	usage
	;;
esac
inject_port='' listen_port=''
if [ "$layout" = inject ]; then
	inject_port=$(free_port)
	listen_port=$(free_port)
	args+=(-netdev "socket,id=inj,udp=127.0.0.1:$listen_port,localaddr=127.0.0.1:$inject_port"
	       -netdev "hubport,id=p2,hubid=0,netdev=inj")
fi

cmdline="console=ttyS0 net.ifnames=0 no_timer_check panic=-1 loglevel=6 mitigations=off"
cmdline+=" watchdog_thresh=60 tsc=reliable dummy.numdummies=0 rdinit=/init $append"
args+=(-append "$cmdline")
args+=("${qemu_args[@]}")

if [ "$shell" ]; then
	echo "run.sh: $kernel kernel, leave with ctrl-d; monitor at $qmp" >&2
	"$qemu" "${args[@]}" -serial mon:stdio
	exit 0
fi
args+=(-serial "file:$out/console.log")

# --- the run ---

start=$SECONDS
"$qemu" "${args[@]}" </dev/null >"$out/qemu.log" 2>&1 &
qemu_pid=$!
tail -n +1 -s 0.5 -f --pid=$qemu_pid "$out/result.tap" &
tail_pid=$!
helpers+=("$tail_pid")
if [ "$host" ]; then
	OUT=$out QMP=$qmp INJECT_PORT=$inject_port LISTEN_PORT=$listen_port \
		bash -c "cd $(printf %q "$SRC") && $host" >"$out/host.log" 2>&1 &
	helpers+=($!)
fi

timed_out=
while kill -0 "$qemu_pid" 2>/dev/null; do
	if [ $((SECONDS - start)) -ge "$timeout" ]; then
		timed_out=yes
		kill "$qemu_pid" 2>/dev/null || true
		# Unless it hangs itself, then it does not hear that.
		(sleep 5; kill -KILL "$qemu_pid" 2>/dev/null) &
		helpers+=($!)
		break
	fi
	sleep 0.3
done
qemu_rc=0
wait "$qemu_pid" || qemu_rc=$?
qemu_pid=
wait "$tail_pid" || true

# --- the verdict ---

tap=$out/result.tap
reasons=()
fail()
{
	reasons+=("$1")
}

last=$(tail -n 1 "$tap")
if [[ $last =~ ^all\ done,\ ([0-9]+)\ passed,\ ([0-9]+)\ failed,\ ([0-9]+)\ skipped$ ]]; then
	passed=${BASH_REMATCH[1]} failed=${BASH_REMATCH[2]} skipped=${BASH_REMATCH[3]}
	[ "$failed" = 0 ] || fail "$failed tests failed"
	[ "$passed" -gt 0 ] || fail "nothing passed"
	# The counts must be those of the lines above them.
	[ "$passed $failed $skipped" = "$(awk '
		/^not ok/ { f++; next }
		/^ok .*# SKIP/ { s++; next }
		/^ok/ { p++ }
		END { print p + 0, f + 0, s + 0 }' "$tap")" ] ||
		fail "the counts of the last line are not those of the results"
else
	fail "no 'all done' line"
fi

while IFS= read -r line; do
	expected=
	for re in "${allow_skip[@]}"; do
		[[ ! $line =~ $re ]] || expected=yes
	done
	[ "$expected" ] || fail "unexpected skip: ${line#ok }"
done < <(grep '^ok .*# SKIP' "$tap" || true)

hits=$(cat "$out/console.log" "$out/dmesg" 2>/dev/null | tr -d '\r' |
       grep -aE -- "$patterns" | sort -u) || true
for re in "${allow[@]}"; do
	hits=$(grep -avE -- "$re" <<<"$hits") || true
done
[ -z "$hits" ] || fail "forbidden on the console: $(head -n 20 <<<"$hits")"

[ -s "$out/console.log" ] || fail "the console is empty"
[ "$(cat "$out/status" 2>/dev/null)" = 0 ] ||
	fail "the script gave '$(cat "$out/status" 2>/dev/null)', see $out/script.log"
[ -e "$out/dmesg" ] || fail "the guest did not finish its final checks"
[ ! -e "$out/rmmod" ] || fail "$(cat "$out/rmmod")"
if [ "$kernel" = debug ]; then
	[ -e "$out/kmemleak" ] || fail "no kmemleak report"
	[ ! -s "$out/kmemleak" ] || fail "kmemleak: $(grep -c ^unref "$out/kmemleak") objects, see $out/kmemleak"
fi
if [ "$kernel" = debug ] || [ "$kernel" = newest ]; then
	[ "$(cat "$out/dma_errors" 2>/dev/null)" = 0 ] ||
		fail "DMA-API errors: $(cat "$out/dma_errors" 2>/dev/null || echo 'its checks were off')"
	[ -e "$out/lockdep" ] || fail "lockdep was off at the end"
fi
[ "$qemu_rc" = 0 ] || [ "$timed_out" ] ||
	fail "QEMU gave $qemu_rc: $(tail -n 2 "$out/qemu.log")"

{
	echo "$name on $kernel: $((SECONDS - start)) s"
	[ -z "$timed_out" ] || echo "timeout after $timeout s"
	[ ${#reasons[@]} = 0 ] || printf 'reason: %s\n' "${reasons[@]}"
} >"$out/verdict"
sed 's/^/run.sh: /' "$out/verdict" >&2
if [ "$timed_out" ]; then
	exit 124
fi
if [ ${#reasons[@]} -gt 0 ]; then
	echo "run.sh: FAILED, logs in $out" >&2
	exit 1
fi
echo "run.sh: passed" >&2
exit 0
}

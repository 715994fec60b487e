#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Static checks, one verdict per tool.

# Not -e: a check that fails is counted, and the next one runs.
set -uo pipefail

SRC=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$SRC" || exit 1
exec 3>&1
# shellcheck source=selftests/vm/tap.sh
. selftests/vm/tap.sh
# shellcheck source=selftests/vm/fetch.sh
. selftests/vm/fetch.sh

O=build/lint
mkdir -p "$O"

# Text of ours; the fuzzer's inputs are none.
files()
{
	git ls-files -co --exclude-standard -- "$@" | grep -v /corpus/ |
		while read -r f; do
			[ ! -f "$f" ] || echo "$f"
		done
}

# quiet CMD...: no output, besides success, is what clean means
quiet()
{
	local out rc=0

	out=$("$@" 2>&1) || rc=$?
	[ -z "$out" ] || { echo "$out"; return 1; }
	return $rc
}

# The kernel's style checker is part of the source package only.
checkpatch_dir()
{
	local version dir

	version=$(fetch_version linux-source-6.12)
	dir=$QLGE_CACHE/checkpatch-$version
	if [ ! -e "$dir/ready" ]; then
		rm -rf "$dir"
		mkdir -p "$dir"
		fetch_deb 'linux-source-6\.12' "$dir/pkg" >/dev/null
		tar -C "$dir" --strip-components=2 \
			-xf "$dir/pkg/usr/src/linux-source-6.12.tar.xz" \
			linux-source-6.12/scripts/{checkpatch.pl,spelling.txt,const_structs.checkpatch}
		rm -rf "$dir/pkg"
		touch "$dir/ready"
	fi
	echo "$dir"
}

# Rules about the kernel's own types, helpers and macros do not fit programs.
USER_IGNORE=PREFER_KERNEL_TYPES,VOLATILE,BIT_MACRO,ARRAY_SIZE,STRNCPY
USER_IGNORE+=,SSCANF_TO_KSTRTO,PREFER_DEFINED_ATTRIBUTE_MACRO,CAMELCASE
# libbpf wants globals of BPF programs initialised; words in messages are not
# function names.
USER_IGNORE+=,GLOBAL_INITIALISERS,EMBEDDED_FUNCTION_NAME
# The macros of trace headers have their own layout throughout the kernel.
TRACE_IGNORE=OPEN_ENDED_LINE,PARENTHESIS_ALIGNMENT

checkpatch()
{
	local dir rc=0

	dir=$(checkpatch_dir)
	quiet perl "$dir/checkpatch.pl" --no-tree --strict --quiet --terse \
		--show-types --no-summary "$@" || rc=$?
	rm -f .checkpatch-camelcase.*
	return $rc
}

# One build: gcc with W=1, sparse behind it.
gcc_sparse()
{
	rm -rf "$O/gcc"
	selftests/vm/module.sh stock "$O/gcc" kernel W=1 C=2 >"$O/gcc.log" 2>&1 || {
		cat "$O/gcc.log"
		return 1
	}
	! grep -E 'warning:|error:' "$O/gcc.log"
}

# The newest kernel, with Debian's configuration and list of exported symbols.
newest_w1()
{
	rm -rf "$O/newest"
	selftests/vm/module.sh newest-stock "$O/newest" kernel W=1 \
		>"$O/newest.log" 2>&1 || {
		cat "$O/newest.log"
		return 1
	}
	! grep -iE 'warning:|error:|undefined!' "$O/newest.log"
}

# compat KERNEL: all that qlge_compat.h supplies, whether used or not
compat()
{
	local o=$O/compat-$1

	rm -rf "$o"
	mkdir -p "$o/src"
	cp kernel/{Kbuild,compat.sh,qlge_compat.h} selftests/vm/compat.c "$o/src"
	printf '%s\n' 'obj-m += qlge.o' 'qlge-y := compat.o' >"$o/src/Makefile"
	selftests/vm/module.sh "$1" "$o" "$o/src" W=1 >"$o.log" 2>&1 || {
		cat "$o.log"
		return 1
	}
	! grep -iE 'warning:|error:|undefined!' "$o.log"
}

# The headers package is configured for gcc.  clang reads the same command
# lines without the options that it does not have.
clang_w1()
{
	local cmd f bad=0 build

	build=$(cat "$O/gcc/.built-for")
	cat >"$O/clang.h" <<-'UNDO'
		#undef CONFIG_CC_IS_GCC
		#define CONFIG_CC_IS_CLANG 1
		#undef CONFIG_CC_HAS_NAMED_AS
		#undef CONFIG_USE_X86_SEG_SUPPORT
	UNDO
	for f in "$O"/gcc/.qlge_*.o.cmd; do
		[ -e "$f" ] || { echo "no command lines, the gcc build failed"; return 1; }
		cmd=$(sed -n '1s/^savedcmd_[^ ]* := //p' "$f" | sed 's/ ; .*//')
		cmd=${cmd#*gcc-12 }
		cmd=$(tr ' ' '\n' <<<"$cmd" | grep -vE '^-(mindirect-branch|mfunction-return|fconserve-stack|fno-allow-store-data-races|mpreferred-stack-boundary|fmin-function-alignment|mskip-rax-setup|fno-ipa|fno-var-tracking|fno-tree|mrecord-mcount|fno-partial-inlining|fno-reorder|falign-|ftrivial-auto-var-init|fzero-call-used-regs|flive-patching|Wp,-MMD|Wimplicit-fallthrough=|Wno-(alloc-size|maybe|stringop|packed-not|restrict|dangling-pointer|format-overflow|format-truncation)|fplugin)' |
			tr '\n' ' ')
		cmd=${cmd/\/kconfig.h /\/kconfig.h -include $SRC/$O/clang.h }
		if ! (cd "$build" &&
		      sh -c "clang -fsyntax-only -mstack-alignment=8 -Werror \
			-Wno-unknown-warning-option -Wno-gnu \
			-Wno-unused-command-line-argument \
			-Wno-address-of-packed-member \
			-Wno-error=frame-larger-than $cmd"); then
			bad=1
		fi
	done
	return $bad
}

# It does not see the headers: macros that do not look like C are explained
# (a semicolon in such an argument would switch all checks off).  Arithmetic on
# void pointers is GNU C, which is what all of this is written in.  A frame to
# send has at least one segment (tx.c).
c_check()
{
	quiet cppcheck -q --enable=warning,portability,performance \
		--std=c11 --inline-suppr --error-exitcode=1 -j 2 \
		--suppress=arithOperationsOnVoidPointer \
		--suppress=nullPointer:kernel/qlge_tx.c \
		'-DSEC(x)=' '-DBTF_SET8_START(x)=' '-DBTF_SET8_END(x)=' \
		'-DBTF_ID_FLAGS(...)=' \
		'-Dnetdev_for_each_mc_addr(a,b)=while((a=next_of(b)))' \
		'-Dlist_for_each_entry_safe(a,b,c,d)=while((a=next_of(c)))' \
		'-Dmnl_attr_for_each(a,...)=while((a=next_of(0)))' \
		'-Dmnl_attr_for_each_nested(a,b)=while((a=next_of(b)))' "$@"
}

spdx()
{
	local f bad=0

	while read -r f; do
		case $f in
		LICENSES/*|debian/*|*.csv)
			continue
			;;
		esac
		if ! head -n 2 "$f" | grep -q 'SPDX-License-Identifier: '; then
			echo "$f: no licence in the first two lines"
			bad=1
		fi
	done < <(files)
	return $bad
}

# The tree speaks only of itself: no mirror's address, nobody's home.
foreign_words()
{
	local work=work cache=cache deb=deb

	! files | xargs -d '\n' grep -nIE \
		"/$work/|($deb|snapshot|security|ftp)\.debian\.|/root/\.$cache"
}

scripts()
{
	files | while read -r f; do
		! head -n 1 "$f" | grep -qE '^#!.*(bash|busybox sh)' || echo "$f"
	done
}

# Names that look like typing errors.
spelling()
{
	files | grep -v ^LICENSES/ | quiet xargs -d '\n' codespell -q 3 -L wqs,xdpf,nin,fof,ue,ect,cna,te
}

mapfile -t driver < <(files 'kernel/*.[ch]')
mapfile -t trace < <(files 'kernel/*_trace.h')
mapfile -t core < <(files 'kernel/*.[ch]' | grep -v '_trace\.h$')
mapfile -t programs < <(files 'user/*.[ch]' 'bpf/*.[ch]' 'selftests/*.[ch]' |
			grep -v '_uapi\.h$')
mapfile -t shell < <(scripts)

# Nothing to look at is nothing found, and proves nothing.
if [ ${#core[@]} = 0 ] || [ ${#trace[@]} = 0 ] || [ ${#programs[@]} = 0 ] ||
   [ ${#shell[@]} = 0 ]; then
	die "no sources: this needs a git checkout"
fi

# Before anything has run that leaves files behind, or takes them away.
check "licence tags" spdx
check "foreign words" foreign_words
# CAMELCASE: names of link modes come from ethtool.
check "checkpatch: driver" checkpatch --ignore CAMELCASE -f "${core[@]}"
check "checkpatch: trace points" checkpatch --ignore "$TRACE_IGNORE" -f "${trace[@]}"
check "checkpatch: programs" checkpatch --ignore "$USER_IGNORE" -f "${programs[@]}"
check "gcc W=1 and sparse" gcc_sparse
check "clang W=1" clang_w1
check "gcc W=1, newest kernel" newest_w1
check "compatibility, stock kernel" compat stock
check "compatibility, newest kernel" compat newest-stock
check "cppcheck" c_check "${driver[@]}" "${programs[@]}"
# SC2016, SC2119: conditions for eval, functions with optional arguments.
check "shellcheck" quiet shellcheck -x -P SCRIPTDIR -P . -e SC2016,SC2119 \
	"${shell[@]}"
check "codespell" spelling
done_testing

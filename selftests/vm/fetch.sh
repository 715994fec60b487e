#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Sourced library: Debian packages and package sources, through an apt
# configuration of our own.  It is derived from the system's list of sources
# (same mirror, same keys) plus source packages; the system's own files and
# lists are never written.

QLGE_CACHE=${QLGE_CACHE:-$HOME/.cache/qlge}
FETCH_DIR=$QLGE_CACHE/apt
FETCH_SUITE=

# fetch_from SUITE: from now on, packages come from this suite of the mirror
# that has the release, and from nothing else.
fetch_from()
{
	FETCH_SUITE=$1
	FETCH_DIR=$QLGE_CACHE/apt-$1
}

fetch_say()
{
	echo "fetch: $*" >&2
}

fetch_die()
{
	fetch_say "error: $1"
	fetch_say "cure:  $2"
	return 1
}

# One "deb" and one "deb-src" line per suite.  Backports and foreign archives
# stay out, unless asked for: the newest version of the release itself is what
# is wanted.
fetch_sources()
{
	local codename
	local -a files=()

	codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	mapfile -t files < <(find /etc/apt/sources.list /etc/apt/sources.list.d \
		-maxdepth 1 -type f \( -name '*.list' -o -name '*.sources' \) \
		2>/dev/null || true)
	[ ${#files[@]} -gt 0 ] || return 0

	awk -v code="$codename" -v other="$FETCH_SUITE" '
		function wanted(suite) {
			return suite == code || (!other &&
			       (suite == code "-updates" ||
				suite == code "-security"))
		}
		function emit(uri, suite, opts) {
			if (other)
				suite = other
			print "deb " opts uri " " suite " main"
			print "deb-src " opts uri " " suite " main"
		}
		function flush_stanza(  i, j, nu, ns, u, s) {
			if (enabled && types ~ /(^| )deb( |$)/ &&
			    comps ~ /(^| )main( |$)/) {
				nu = split(uris, u, " ")
				ns = split(suites, s, " ")
				for (i = 1; i <= nu; i++)
					for (j = 1; j <= ns; j++)
						if (wanted(s[j]))
							emit(u[i], s[j], key)
			}
			types = uris = suites = comps = key = ""
			enabled = 1
		}
		FNR == 1 { flush_stanza() }
		FILENAME ~ /\.sources$/ {
			if ($0 ~ /^[ \t]*$/) { flush_stanza(); next }
			if ($0 ~ /^#/) next
			name = tolower($1)
			value = $0
			sub(/^[^:]*:[ \t]*/, "", value)
			if (name == "types:") types = value
			else if (name == "uris:") uris = value
			else if (name == "suites:") suites = value
			else if (name == "components:") comps = value
			else if (name == "signed-by:" && value ~ /^\//)
				key = "[signed-by=" value "] "
			else if (name == "enabled:" && value ~ /^no/) enabled = 0
			next
		}
		$1 == "deb" {
			opts = ""
			if (match($0, /\[[^]]*\]/)) {
				opts = substr($0, RSTART, RLENGTH) " "
				sub(/\[[^]]*\]/, "")
			}
			for (i = 4; i <= NF; i++)
				if ($i == "main" && wanted($3))
					emit($2, $3, opts)
		}
		END { flush_stanza() }
	' "${files[@]}" | sort -u
}

# apt-get and apt-cache with our directories.  Everything runs as the caller:
# the sandbox user cannot reach a cache below a private home.
fetch_apt()
{
	local cmd=$1

	shift
	"$cmd" -q \
		-o Dir::Etc::sourcelist="$FETCH_DIR/sources.list" \
		-o Dir::Etc::sourceparts=- \
		-o Dir::State::lists="$FETCH_DIR/lists" \
		-o Dir::Cache="$FETCH_DIR/cache" \
		-o Dir::Cache::pkgcache=pkgcache.bin \
		-o Dir::Cache::srcpkgcache=srcpkgcache.bin \
		-o APT::Sandbox::User=root \
		-o Acquire::Languages=none \
		-o Acquire::Retries=3 "$@"
}

# Lists are refreshed once a day: a security update replaces kernel packages
# and the old ones disappear from the mirror.  Without a network an existing
# list still serves for what is cached.  FETCH_SAME_DAY=y: a list that is there
# will do, because what comes has to fit what was built a moment ago.
fetch_update()
{
	local stamp=$FETCH_DIR/updated

	mkdir -p "$FETCH_DIR"/{lists/partial,cache/archives/partial,debs,sources}
	if [ -n "$(find "$stamp" -mmin -1440 2>/dev/null)" ] ||
	   { [ "${FETCH_SAME_DAY:-}" ] && [ -e "$stamp" ]; }; then
		return 0
	fi
	fetch_sources >"$FETCH_DIR/sources.list"
	if [ ! -s "$FETCH_DIR/sources.list" ]; then
		fetch_die "no source for this Debian release in /etc/apt" \
			"add the main component of the release and of its security suite"
		return 1
	fi
	fetch_say "updating package lists"
	if fetch_apt apt-get -o APT::Update::Error-Mode=any update \
			>"$FETCH_DIR/update.log" 2>&1; then
		touch "$stamp"
	elif [ -e "$stamp" ]; then
		fetch_say "update failed (see $FETCH_DIR/update.log), using the old lists"
	else
		tail -n 5 "$FETCH_DIR/update.log" >&2
		fetch_die "apt-get update failed, see $FETCH_DIR/update.log" \
			"check the network and the sources in /etc/apt"
	fi
}

# Several jobs may want packages at the same time.
fetch_locked()
{
	if ! mkdir -p "$FETCH_DIR" 2>/dev/null || [ ! -w "$FETCH_DIR" ]; then
		fetch_die "the cache $FETCH_DIR cannot be written" \
			"set QLGE_CACHE to a directory of yours"
		return 1
	fi
	(
		flock 9
		fetch_update || exit 1
		"$@"
	) 9>"$FETCH_DIR/lock"
}

fetch_resolve_locked()
{
	local name

	name=$(fetch_apt apt-cache pkgnames | grep -xE "$1" | sort -V | tail -n 1) || true
	if [ -z "$name" ]; then
		fetch_die "no package matches '$1'" \
			"this needs Debian 12 with its security suite in /etc/apt"
		return 1
	fi
	echo "$name"
}

# fetch_resolve REGEX: name of the newest package that matches
fetch_resolve()
{
	fetch_locked fetch_resolve_locked "$1"
}

# "name version" of a package's newest version
fetch_version_locked()
{
	local v

	v=$(fetch_apt apt-cache show --no-all-versions "$1" |
	    sed -n 's/^Version: //p' | head -n 1)
	[ -n "$v" ] || fetch_die "package $1 has no version" "run apt-get update"
	echo "$v"
}

fetch_version()
{
	fetch_locked fetch_version_locked "$1"
}

fetch_deb_locked()
{
	local name=$1 dest=$2 version file mark=$2/.fetched-$1

	version=$(fetch_version_locked "$name") || return 1
	if [ "$(cat "$mark" 2>/dev/null)" = "$name $version" ]; then
		return 0
	fi
	file=$(find "$FETCH_DIR/debs" -name "${name}_${version//:/%3a}_*.deb" | head -n 1)
	if [ -z "$file" ]; then
		fetch_say "downloading $name $version"
		if ! (cd "$FETCH_DIR/debs" &&
		      fetch_apt apt-get download "$name=$version" >&2); then
			rm -f "$FETCH_DIR/updated"
			fetch_die "download of $name $version failed" \
				"check the network; the lists are refreshed on the next run"
			return 1
		fi
		file=$(find "$FETCH_DIR/debs" -name "${name}_${version//:/%3a}_*.deb" | head -n 1)
	fi
	fetch_say "unpacking $name $version"
	mkdir -p "$dest"
	dpkg -x "$file" "$dest" ||
		{ rm -f "$file"; fetch_die "cannot unpack $file" "run again, it was removed"; return 1; }
	echo "$name $version" >"$mark"
}

# fetch_deb REGEX DEST: unpack the newest package that matches into DEST and
# print its name
fetch_deb()
{
	local name

	name=$(fetch_resolve "$1") || return 1
	fetch_locked fetch_deb_locked "$name" "$2" || return 1
	echo "$name"
}

fetch_source_locked()
{
	local pkg=$1 dest=$2 dir=$FETCH_DIR/sources/$1 dsc

	if ! command -v dpkg-source >/dev/null; then
		fetch_die "dpkg-source is missing" "run make deps (package dpkg-dev)"
		return 1
	fi
	mkdir -p "$dir"
	fetch_say "downloading the source of $pkg"
	if ! (cd "$dir" && fetch_apt apt-get --only-source --download-only \
			source "$pkg" >&2); then
		fetch_die "no source of $pkg" "check the network, then run again"
		return 1
	fi
	dsc=$(find "$dir" -name '*.dsc' | sort -V | tail -n 1)
	fetch_say "unpacking $(basename "$dsc" .dsc)"
	rm -rf "$dest"
	mkdir -p "$(dirname "$dest")"
	# apt has already checked the files against the signed index
	dpkg-source --no-check -x "$dsc" "$dest" >&2
}

# fetch_source PKG DEST: unpack a source package with its patches into DEST,
# which is replaced
fetch_source()
{
	fetch_locked fetch_source_locked "$1" "$2"
}

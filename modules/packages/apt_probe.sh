# apt probe
# Says in one go what the package system of a Debian host holds and what apt-get would do about it. Nothing is changed.
#   $1 state  $2 upgrade verb and its options, or empty  $3 options of apt-get  $4 flags: purge only_upgrade autoremove
#   autoclean clean security  $5 a .deb file, or empty  $6... package specifications
export LC_ALL=C DEBIAN_FRONTEND=noninteractive
set -f
state=$1 verb=$2 opts=$3 flags=" $4 " deb=$5
shift 5
nl='
'
section() { printf '@@ %s\n' "$1"; }
flag() { case $flags in *" $1 "*) return 0 ;; esac; return 1; }

if ! command -v apt-get >/dev/null 2>&1; then
	section missing
	exit 0
fi

lists=/var/lib/apt/lists/ archives=/var/cache/apt/archives/ status=/var/lib/dpkg/status
eval "$(apt-config shell lists Dir::State::lists/d archives Dir::Cache::archives/d status Dir::State::status/f 2>/dev/null)"

section lists
printf '%s\n' "$lists"

section cache
date +%s
stat -c %Y "${lists%/}/../periodic/update-success-stamp" "$lists" 2>/dev/null

# busy: is a dpkg at work right now? Its journal is then no sign of an interruption.
busy() {
	for file in "${status%/*}/lock-frontend" "${status%/*}/lock"; do
		inode=$(ls -i "$file" 2>/dev/null) && grep -q ":${inode%% *} " /proc/locks 2>/dev/null && return 0
	done
	return 1
}

section journal
busy || ls "${status%/*}/updates" 2>/dev/null | grep '^[0-9][0-9]*$'

# Tables of name|version lines. have: what is installed; what is only provided by it has the version "". some: also what was begun and
# not finished. left: also configuration that remains.
all=$(dpkg-query -W -f='${db:Status-Abbrev}|${Package}|${Architecture}|${Version}|${Provides}\n' 2>/dev/null)
have=$nl$(printf '%s\n' "$all" | awk -F'|' '
	substr($1, 2, 1) != "i" && substr($1, 2, 1) != "t" && substr($1, 2, 1) != "W" { next }
	{ print $2 "|" $4; print $2 ":" $3 "|" $4; names[$2] = 1 }
	$5 != "" { n = split($5, p, /, */); for (i = 1; i <= n; i++) { sub(/ .*/, "", p[i]); virtual[p[i]] = 1 } }
	END { for (v in virtual) if (!(v in names)) print v "|" }')$nl
some=$nl$(printf '%s\n' "$all" | awk -F'|' 'substr($1, 2, 1) !~ /[nc]/ { print $2 "|"; print $2 ":" $3 "|" }')$nl
left=$nl$(printf '%s\n' "$all" | awk -F'|' 'substr($1, 2, 1) != "n" { print $2 "|"; print $2 ":" $3 "|" }')$nl

# lookup NAME TABLE: is it there? sets ver
lookup() {
	case $2 in *"$nl$1|"*) ;; *) return 1 ;; esac
	ver=${2#*"$nl$1|"}
	ver=${ver%%"$nl"*}
}

# matching GLOB: the names that it stands for, on this host or in the index
matching() {
	if [ "$state" = absent ]; then
		table=$some
		flag purge && table=$left
		candidates=$(printf '%s' "$table" | awk -F'|' '$1 != "" && $1 !~ /:/ { print $1 }')
	else
		candidates=$(apt-cache pkgnames "${1%%[*?[]*}" 2>/dev/null | sort)
	fi
	for name in $candidates; do
		case $name in $1) printf '%s\n' "$name" ;; esac
	done
}

# wanted NAME SPEC: prints SPEC if apt-get has to deal with it
wanted() {
	case $state in
	absent)
		if lookup "$1" "$some" || { flag purge && lookup "$1" "$left"; }; then printf '%s\n' "$1"; fi ;;
	latest)
		if ! flag only_upgrade || lookup "$1" "$have"; then printf '%s\n' "$2"; fi ;;
	*)
		if lookup "$1" "$have"; then
			case $2 in
			*'>='*) dpkg --compare-versions "$ver" ge "${2#*>=}" || printf '%s\n' "$1" ;;
			*=*) case $ver in ${2#*=}) ;; *) printf '%s\n' "$2" ;; esac ;;
			esac
		elif ! flag only_upgrade; then
			case $2 in *'>='*) printf '%s\n' "$1" ;; *) printf '%s\n' "$2" ;; esac
		fi ;;
	esac
}

pick() {
	for spec; do
		name=${spec%%[=>]*}
		case $name in
		*[*?[]*)
			found=$(matching "$name")
			[ -n "$found" ] || printf 'none %s\n' "$name"
			for name in $found; do wanted "$name" "$name${spec#"${spec%%[=>]*}"}" | sed 's/^/want /'; done ;;
		*) wanted "$name" "$spec" | sed 's/^/want /' ;;
		esac
	done
}

simulate() {
	section sim
	apt-get -s -y $opts "$@" 2>&1
	rc=$?
	section rc
	echo $rc
}

# newer_secure: what a repository of security updates has newer, at its version there
newer_secure() {
	apt-get -s -y $opts dist-upgrade 2>/dev/null | awk '
		/^Inst [^ ]+ \[/ && tolower($0) ~ /security/ {
			v = $0
			sub(/^[^(]*\(/, "", v)
			sub(/ .*/, "", v)
			print "want " $2 "=" v
		}'
}

if flag security; then
	picked=$(newer_secure)
elif [ "$state" = build-dep ]; then
	picked=$(for spec; do printf 'want %s\n' "$spec"; done)
else
	picked=$(pick "$@")
fi
section picked
[ -z "$picked" ] || printf '%s\n' "$picked"
want=$(printf '%s\n' "$picked" | sed -n 's/^want //p')

if [ -n "$deb" ]; then
	section deb
	if [ -f "$deb" ] && fields=$(dpkg-deb -f "$deb" Package Version 2>&1); then
		printf '%s\n' "$fields"
		lookup "$(printf '%s\n' "$fields" | sed -n 's/^Package: //p')" "$have" && printf 'Installed: %s\n' "$ver"
		simulate install "$deb"
	else
		printf 'Error: %s\n' "${fields:-no such file: $deb}"
	fi
elif [ -n "$verb" ]; then
	if ! flag security; then
		simulate $verb
	elif [ -n "$want" ]; then
		simulate install --only-upgrade $want
	fi
elif [ "$state" = fixed ]; then
	simulate -f install $want
elif [ -n "$want" ]; then
	case $state in
	absent) if flag purge; then simulate purge $want; else simulate remove $want; fi ;;
	build-dep) simulate build-dep $want ;;
	*) simulate install $want ;;
	esac
fi

if flag autoremove; then
	section autoremove
	if flag purge; then apt-get -s -y autoremove --purge 2>&1; else apt-get -s -y autoremove 2>&1; fi
fi
if flag autoclean; then
	section autoclean
	apt-get -s -y autoclean 2>&1
fi
if flag clean; then
	section clean
	ls "$archives" 2>/dev/null | grep '\.deb$'
fi
exit 0

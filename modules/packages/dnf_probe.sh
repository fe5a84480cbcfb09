# dnf probe
# Says in one go what the rpm database of a host holds and what dnf would do about it. Nothing is changed.
#   $1 present, absent, latest, upgrade, autoremove, list or none   $2 options of dnf, one a line   $3 installation root
#   $4 flags: update_only   $5 what to list, or empty   $6... package specifications
export LC_ALL=C
set -f
nl='
'
IFS=$nl
what=$1 opts=$2 root=$3 flags=" $4 " list=$5
shift 5
section() { printf '@@ %s\n' "$1"; }
flag() { case $flags in *" $1 "*) return 0 ;; esac; return 1; }

if ! command -v dnf >/dev/null 2>&1; then
	section missing
	command -v yum microdnf 2>/dev/null
	exit 0
fi

# -qa knows globs, -q alone NAME-VERSION-RELEASE.ARCH
installed() {
	rpm --root "$root" -qa -- "$1" 2>/dev/null | grep -q . || rpm --root "$root" -q -- "$1" >/dev/null 2>&1 ||
		rpm --root "$root" -q --whatprovides -- "$1" >/dev/null 2>&1
}

# Each specification that dnf has to deal with. Groups, files, URLs and comparisons only dnf itself understands.
pick() {
	for spec; do
		case $spec in
		@* | */*.rpm | *[\<\>]*) known= ;;
		*) known=no; installed "$(printf '%s\n' "$spec" | sed 's/-[0-9]*:/-/')" && known=yes ;;
		esac
		case $what:$known in
		present:yes) ;;
		absent:no) printf 'none %s\n' "$spec" ;;
		latest:no) if flag update_only; then printf 'none %s\n' "$spec"; else printf 'want %s\n' "$spec"; fi ;;
		*) printf 'want %s\n' "$spec" ;;
		esac
	done
}

simulate() {
	section sim
	said=$(dnf --assumeno $opts "$@" 2>&1 </dev/null)
	printf '%s\n' "$said"
	# which versions there are of what stands in its table: it tells only those that come
	names=$(printf '%s\n' "$said" | sed -n 's/^ \([^ ][^ ]*\).*/\1/p' | sort -u)
	section had
	[ -z "$names" ] || rpm --root "$root" -q --qf '%{NAME}|%|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}|%{ARCH}\n' -- $names 2>/dev/null | grep '|'
}

fields='%{name}|%{epoch}|%{version}|%{release}|%{arch}|%{repoid}\n'
rows() { dnf -q $opts repoquery --qf "$fields" "$@" 2>&1 </dev/null; }
rpmrows() { rpm --root "$root" -qa --qf '%{NAME}|%{EPOCH}|%{VERSION}|%{RELEASE}|%{ARCH}|@System\n' "$@" | grep -v '^gpg-pubkey|'; }

if [ "$what" = list ]; then
	case $list in
	installed) section installed; rpmrows ;;
	updates | upgrades) section available; rows --upgrades ;;
	available) section available; rows --available ;;
	repos | repositories) section repos; dnf -q $opts repolist --enabled 2>&1 | sed 1d ;;
	*) section installed; rpmrows -- "$list"; section available; rows --available -- "$list" ;;
	esac
	exit 0
fi

picked=$(pick "$@")
section picked
[ -z "$picked" ] || printf '%s\n' "$picked"
want=$(printf '%s\n' "$picked" | sed -n 's/^want //p')

case $what in
upgrade | autoremove) simulate "$what" ;;
*)
	if [ -n "$want" ]; then
		case $what in
		absent) simulate remove $want ;;
		latest) if flag update_only; then simulate upgrade $want; else simulate install $want; fi ;;
		present) simulate install $want ;;
		esac
	fi ;;
esac
exit 0

# package versions
# Says of the packages $@ which versions are installed and which the repositories have, as name|version|architecture lines. Changes nothing.
export LC_ALL=C
section() { printf '@@ %s\n' "$1"; }
section kernel
uname -r

if command -v apt-get >/dev/null 2>&1; then
	section manager
	echo apt
	section architecture
	dpkg --print-architecture
	names=$*
	for arch in $(dpkg --print-foreign-architectures); do
		for name in $names; do set -- "$@" "$name:$arch"; done
	done
	section installed
	dpkg-query -W -f='${db:Status-Abbrev}|${Package}|${Version}|${Architecture}\n' -- "$@" 2>/dev/null | sed -n 's/^.[itWFU][^|]*|//p'
	section available
	# "name | version | source", the name with the architecture where that is a foreign one
	apt-cache madison -- "$@" 2>/dev/null | grep ' Packages$' | sed 's/^ *//; s/ *| */|/g' | while IFS='|' read -r name version rest; do
		case $name in
		*:*) printf '%s|%s|%s\n' "${name%%:*}" "$version" "${name#*:}" ;;
		*) printf '%s|%s|\n' "$name" "$version" ;;
		esac
	done | sort -u
elif command -v dnf >/dev/null 2>&1; then
	section manager
	echo dnf
	section architecture
	uname -m
	section installed
	rpm -q --qf '%{NAME}|%|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}|%{ARCH}\n' -- "$@" 2>/dev/null | grep '|'
	rows=$(dnf -q repoquery --available --qf '%{name}|%{epoch}:%{version}-%{release}|%{arch}\n' -- "$@" 2>&1 </dev/null)
	if [ $? -ne 0 ]; then
		section fault
		printf '%s\n' "$rows" | grep -v '|' | head -n 3
	fi
	section available
	printf '%s\n' "$rows" | grep '|' | sort -u
fi
exit 0

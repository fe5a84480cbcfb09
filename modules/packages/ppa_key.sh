# import the key of a ppa: $1 its fingerprint, $2 the name of the file for it
export LC_ALL=C
for d in /etc/apt/keyrings /etc/apt/trusted.gpg.d /usr/share/keyrings; do
	for f in "$d"/*.gpg "$d"/*.asc /etc/apt/trusted.gpg; do
		[ -f "$f" ] && gpg --batch --with-colons --show-keys "$f" 2>/dev/null | grep -q "^fpr:.*:$1:" && exit 0
	done
done
server=hkp://keyserver.ubuntu.com:80
if command -v apt-key >/dev/null; then
	exec apt-key adv --recv-keys --no-tty --keyserver "$server" "$1"
fi
t=$(mktemp -d) || exit 1
trap 'rm -rf "$t"' EXIT
gpg --homedir "$t" --batch --no-tty --keyserver "$server" --recv-keys "$1" || exit 1
for d in /etc/apt/trusted.gpg.d /etc/apt/keyrings /usr/share/keyrings; do
	[ -d "$d" ] || continue
	gpg --homedir "$t" --batch --no-tty --export "$1" >"$t/key" && [ -s "$t/key" ] || exit 1
	cat "$t/key" >"$d/$2" && chmod 644 "$d/$2"
	exit
done
echo "Unable to find any existing apt gpgp repo directories" >&2
exit 1

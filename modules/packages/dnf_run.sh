# dnf run
# Runs dnf and says after it which packages came and went. $1 is the installation root, the rest is the command.
root=$1
shift
packages() {
	rpm --root "$root" -qa --qf '%{NAME}-%|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}.%{ARCH}\n' 2>/dev/null | grep -v '^gpg-pubkey-' | sort
}
before=$(packages)
"$@" </dev/null
rc=$?
after=$(packages)
printf '@@ packages\n'
{
	printf '%s\n' "$before" | sed 's/^/- /'
	printf '%s\n' "$after" | sed 's/^/+ /'
} | sort -k 2 | uniq -u -f 1
exit $rc

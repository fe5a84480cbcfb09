# home of a user
# $1 make: the home $2 as a copy of $3; own: give the home $2 to the user $4.
if [ "$1" = own ]; then
	ids=$(getent passwd "$4" 2>/dev/null || grep "^$4:" /etc/passwd)
	ids=$(printf %s "$ids" | cut -d: -f3,4)
	find "$2" ! -type l -exec chown "$ids" {} +
	exit
fi
[ ! -e "$2" ] || exit 0
if [ -e "$3" ] && [ "$3" != /dev/null ]; then
	mkdir -p "$2" && cp -RPp "$3/." "$2/"
else
	mkdir -p "$2"
fi || exit 1
[ -e /etc/login.defs ] || exit 0
mode=$(awk '$1 == "HOME_MODE" && $2 ~ /^[0-7]+$/ { print $2; exit }' /etc/login.defs)
if [ -z "$mode" ]; then
	mask=$(awk '$1 == "UMASK" && $2 ~ /^[0-7]+$/ { m = $2 } END { print m }' /etc/login.defs)
	mode=755
	[ -z "$mask" ] || mode=$(printf %o $((0777 & ~0$mask)))
fi
chmod "$mode" "$2"

# lock holder
# Prints the process that holds a lock on the file $1, and its command line. $2 is its id where that is known already.
pid=$2
if [ -z "$pid" ]; then
	inode=$(ls -i "$1" 2>/dev/null | awk '{ print $1 }')
	pid=$(awk -v inode="$inode" '{ n = split($6, id, ":"); if (inode != "" && id[n] == inode && $2 != "->") { print $5; exit } }' /proc/locks 2>/dev/null)
fi
[ -n "$pid" ] || exit 0
command=$(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null)
printf '%s %s\n' "$pid" "${command% }"

# reboot
# Reboots in $1 minutes and tells users $2; $3... are directories to look in before PATH.
minutes=$1 message=$2
shift 2
for dir; do
	[ ! -x "$dir/shutdown" ] || exec "$dir/shutdown" -r "$minutes" "$message"
done
command -v shutdown >/dev/null 2>&1 && exec shutdown -r "$minutes" "$message"
if [ "$minutes" -gt 0 ]; then
	nohup sh -c 'sleep "$1"; reboot' drydock $((minutes * 60)) >/dev/null 2>&1 &
	exit 0
fi
exec reboot

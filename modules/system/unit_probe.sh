# unit probe
# Looks at a service. $1 what keeps services: auto, systemd, openrc or sysvinit  $2 its name, or empty  $3 systemd's scope  $4 OpenRC's
# runlevel  $5... commands of systemctl to be given first.
export LC_ALL=C
keeper=$1 name=$2 scope=--$3 runlevel=$4
shift 4
section() { printf '@@ %s\n' "$1"; }

if [ "$keeper" = auto ]; then
	keeper=none
	if command -v systemctl >/dev/null 2>&1 && { [ -d /run/systemd/system ] || [ ! -e /sbin/openrc-run ]; }; then
		keeper=systemd
	elif command -v rc-service >/dev/null 2>&1; then
		keeper=openrc
	elif command -v service >/dev/null 2>&1 || [ -d /etc/init.d ]; then
		keeper=sysvinit
	fi
elif [ "$keeper" = systemd ] && ! command -v systemctl >/dev/null 2>&1; then
	keeper=none
fi
section keeper
echo "$keeper"

case $keeper in
systemd)
	if [ "$scope" = --user ] && [ -z "$XDG_RUNTIME_DIR" ]; then
		XDG_RUNTIME_DIR=/run/user/$(id -u)
		export XDG_RUNTIME_DIR
	fi
	for word; do
		said=$(systemctl "$scope" "$word" 2>&1) || { section refused; printf '%s: %s\n' "$word" "$said"; exit 0; }
	done
	[ -n "$name" ] || exit 0
	section show
	systemctl "$scope" show "$name" 2>&1
	rc=$?
	section showrc
	echo $rc
	section enabled
	systemctl "$scope" is-enabled "$name" 2>/dev/null
	rc=$?
	section enabledrc
	echo $rc
	if [ -x "/etc/init.d/$name" ]; then
		section script
		ls -d /etc/rc[0-9S].d/S??"$name" 2>/dev/null
	fi ;;
openrc)
	[ -e "/etc/init.d/$name" ] && section script
	section status
	rc-service "$name" status 2>&1
	rc=$?
	section statusrc
	echo $rc
	[ ! -e "/etc/runlevels/$runlevel/$name" ] || section starts ;;
sysvinit)
	[ -e "/etc/init.d/$name" ] && section script
	section status
	if command -v service >/dev/null 2>&1; then service "$name" status 2>&1; else "/etc/init.d/$name" status 2>&1; fi
	rc=$?
	section statusrc
	echo $rc
	for link in /etc/rc[2345].d/S[0-9][0-9]"$name"; do
		[ ! -e "$link" ] || { section starts; break; }
	done ;;
esac
exit 0

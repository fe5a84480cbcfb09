# hostname
# Prints the host name now, the one kept for the next boot, and how it is kept; $1 says how, or is empty.
how=$1
if [ -z "$how" ]; then
	how=generic
	if [ -d /run/systemd/system ] && command -v hostnamectl >/dev/null 2>&1; then
		how=systemd
	elif [ -e /etc/conf.d/hostname ]; then
		how=openrc
	elif [ -e /etc/HOSTNAME ] && [ ! -e /etc/hostname ]; then
		how=sles
	fi
fi
printf '@@ how\n%s\n@@ now\n' "$how"
hostname 2>/dev/null || uname -n
echo '@@ kept'
case $how in
openrc) sed -n 's/^hostname="\{0,1\}\([^"]*\)"\{0,1\}.*/\1/p' /etc/conf.d/hostname ;;
sles) head -n 1 /etc/HOSTNAME ;;
*) grep -v '^#' /etc/hostname 2>/dev/null | head -n 1 ;;
esac
echo '@@ fqdn'
hostname -f 2>/dev/null
exit 0

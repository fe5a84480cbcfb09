# services
export LC_ALL=C
if command -v rc-status >/dev/null 2>&1; then
	echo '@@ openrc'
	rc-status -a -s -m 2>&1 | grep '^ '
elif command -v service >/dev/null 2>&1 && command -v update-rc.d >/dev/null 2>&1; then
	echo '@@ sysv'
	service --status-all 2>&1
fi
if command -v systemctl >/dev/null 2>&1 && [ -d /run/systemd/system ]; then
	echo '@@ units'
	systemctl list-units --no-pager --no-legend --type service --all --plain
	echo '@@ files'
	files=$(systemctl list-unit-files --no-pager --no-legend --type service --all)
	printf '%s\n' "$files"
	echo '@@ states'
	# Templates (name@.service) have no state; asking for one would end the answer.
	names=$(printf '%s\n' "$files" | awk '$1 ~ /\.service$/ && $1 !~ /@\.service$/ { print $1 }')
	[ -z "$names" ] || systemctl show --property=Names,ActiveState $names 2>/dev/null
fi
exit 0

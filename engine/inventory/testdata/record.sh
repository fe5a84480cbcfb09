#!/bin/sh
# Records what ansible-inventory (ansible-core 2.19) says about each case: want.json, the inventory as it is written, and merged.json,
# the variables of each host. Run it where ansible-core is installed, from this folder.
for dir in */; do
	( cd "$dir" || exit
	set --
	for source in $(cat args); do set -- "$@" -i "$source"; done
	ansible-inventory "$@" --list --export >want.json 2>/dev/null
	ansible-inventory "$@" --list >merged.json 2>/dev/null )
done

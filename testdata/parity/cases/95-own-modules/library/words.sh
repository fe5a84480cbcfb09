#!/bin/sh
. "$1"
if [ "$_ansible_check_mode" = True ]; then changed=false; else changed=true; fi
printf '{"changed": %s, "a": "%s", "b": "%s", "from_env": "%s", "no_log": "%s"}' "$changed" "$a" "$b" "$MINE" "$_ansible_no_log"

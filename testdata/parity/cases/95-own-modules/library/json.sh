#!/bin/sh
# WANT_JSON
echo "noise before"
printf '{"changed": true, "given": %s}\n' "$(cat "$1")"

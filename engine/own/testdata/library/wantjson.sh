#!/bin/sh
# WANT_JSON
echo "some noise before"
printf '{"changed": true, "given": %s, "count": %s}\n' "$(cat "$1")" "$#"

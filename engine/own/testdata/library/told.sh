#!/bin/sh
# WANT_JSON: what the protocol adds to the arguments, as pairs, since keys that begin with _ansible_ are taken out of answers.
printf '{"told": %s}\n' "$(sed -e 's/"_ansible_\([a-z_]*\)": /], ["\1", /g' -e 's/, \], \[/], [/g' -e 's/^{\], /[/' -e 's/}$/]]/' "$1")"

#!/bin/sh
cat <<'EOF' | sed 's/^/{"whole": /; s/$/}/'
<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>
EOF

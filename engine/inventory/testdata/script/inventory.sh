#!/bin/sh
case "$1" in
--list) cat <<'J'
{"web": {"hosts": ["h1", "h2"], "vars": {"a": 1, "t": "{{ a }}"}, "children": ["sub"]},
 "sub": ["h3"], "lonely": {"x": 1}, "db": {"children": ["web"]},
 "_meta": {"hostvars": {"h1": {"k": "v", "l": [1, {"m": null}]}, "h3": {"f": 1.0}}}}
J
;;
*) exit 1 ;;
esac

#!/bin/sh
. "$1"
case $kind in
nothing) ;;
text) echo "no json"; exit 3 ;;
fails) echo '{"failed": true, "msg": "as asked", "n": 1}' ;;
wordless) echo '{"failed": true}' ;;
rc) echo '{"rc": 4, "stdout": "x", "stderr": "y\\nz"}' ;;
exits) echo '{"changed": true}'; exit 7 ;;
skipped) echo '{"skipped": true, "msg": "not now"}' ;;
junk) printf 'before\n{"changed": false,\n "deep": {"a": [1, 2.5, null, true]}}\n' ;;
results) echo '{"results": ["a", "b"]}' ;;
diff) echo '{"changed": true, "diff": {"before": "a\\nb\\n", "after": "a\\nc\\n", "before_header": "old", "after_header": "new"}}' ;;
esac

#!/bin/sh
echo '{"changed": true, "diff": {"before": "a", "after": {"k": 1}, "before_header": "x"}}'

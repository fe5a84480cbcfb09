#!/bin/sh
echo '{"rc": 5, "stdout": "a\\nb", "results": "text", "_ansible_x": 1, "deep": {"_ansible_y": 2}}'

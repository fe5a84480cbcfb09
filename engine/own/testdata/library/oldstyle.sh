#!/bin/sh
. "$1"
printf '{"a": "%s", "b": "%s", "check": "%s", "name": "%s"}' "$a" "$b" "$_ansible_check_mode" "$_ansible_module_name"

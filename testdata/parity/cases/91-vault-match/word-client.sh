#!/bin/sh
[ "$1 $2" = "--vault-id two" ] || exit 2
echo second

#!/bin/sh
echo '{"by": "role"}'

#!/bin/sh
echo '{"by": "far"}'

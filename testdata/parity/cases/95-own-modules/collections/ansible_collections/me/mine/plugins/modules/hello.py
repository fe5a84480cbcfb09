#!/bin/sh
# WANT_JSON, and not Python whatever the name says
echo '{"by": "collection"}'

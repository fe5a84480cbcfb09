#!/bin/sh
echo '{"by": "the role, which comes later"}'

#!/bin/sh
echo '{"failed": true, "extra": 1}'

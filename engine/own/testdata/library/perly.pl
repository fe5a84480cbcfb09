#!/usr/bin/perl
# WANT_JSON
open(my $f, '<', $ARGV[0]);
local $/;
my ($name) = <$f> =~ /"name": "([^"]*)"/;
print "{\"changed\": true, \"hello\": \"$name\", \"ansible_facts\": {\"perl_said\": \"$name\", \"ansible_user\": \"x\"}, \"warnings\": [\"careful\"]}\ntrailing junk\n";

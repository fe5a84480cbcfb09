package main

import (
	"strings"
	"testing"
)

func TestArrange(t *testing.T) {
	for _, c := range []struct{ line, want, fails string }{
		{line: "-i hosts.yml maintenance.yml --limit k3s_workers --tags prepare,restore",
			want: "-i=hosts.yml --limit=k3s_workers --tags=prepare,restore -- maintenance.yml"},
		{line: "p.yml -vvv -bK", want: "-v -v -v -b -K -- p.yml"},
		{line: "-ihosts p.yml", want: "-i=hosts -- p.yml"},
		{line: "-vi hosts p.yml", want: "-v -i=hosts -- p.yml"},
		{line: "-e a=b p.yml -e c=d", want: "-e=a=b -e=c=d -- p.yml"},
		{line: "--extra-vars=a=b p.yml", want: "--extra-vars=a=b -- p.yml"},
		{line: "p.yml --lim w", want: "--limit=w -- p.yml"},
		{line: "p.yml -- -x", want: "-- p.yml -x"},
		{line: "--list p.yml", fails: "not clear: it may mean --list-hosts or --list-tags or --list-tasks"},
		{line: "--nosuch", fails: "there is no option --nosuch"},
		{line: "-Z", fails: "there is no option -Z"},
		{line: "p.yml --limit", fails: "--limit needs a value"},
		{line: "--check=yes p.yml", fails: "takes no value"},
	} {
		got, err := arrange(strings.Fields(c.line), runFlags())
		switch {
		case c.fails == "" && (err != nil || strings.Join(got, " ") != c.want):
			t.Errorf("%s: %q, %v; want %q", c.line, strings.Join(got, " "), err, c.want)
		case c.fails != "" && (err == nil || !strings.Contains(err.Error(), c.fails)):
			t.Errorf("%s: error %v, want %q", c.line, err, c.fails)
		}
	}
}

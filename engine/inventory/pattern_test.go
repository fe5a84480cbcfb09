package inventory

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/source"
)

// parse loads an inventory from texts by file name; the sources are the names.
func parse(t testing.TB, files map[string]string, sources ...string) *Inventory {
	t.Helper()
	inv, ds := Load(sources, Options{Tree: tree(files)})
	if ds.HasErrors() {
		t.Fatalf("diagnostics: %v", ds)
	}
	return inv
}

// The answers are those of ansible-core 2.19; the first block is testdata/parity/cases/07-host-patterns.
func TestMatch(t *testing.T) {
	inv := parse(t, map[string]string{"/i/hosts": "[web]\nh1\nh2\nh3\n[db]\nh3\nh4\nh5\n[prod]\nh1\nh3\nh5\n", "/i/more": "[none]\n[w2]\nh2\nh5\n"}, "/i/hosts")
	for pattern, want := range map[string]string{
		"all":               "h1 h2 h3 h4 h5",
		"*":                 "h1 h2 h3 h4 h5",
		"web:db":            "h1 h2 h3 h4 h5",
		"db:web":            "h3 h4 h5 h1 h2",
		"web:&prod":         "h1 h3",
		"web:!prod":         "h2",
		"!prod:web:db":      "h2 h4",
		"web:db:&prod:!h5":  "h1 h3",
		"~h[1-3]":           "h1 h2 h3",
		"h*:!h[45]":         "h1 h2 h3 h4 h5",
		"web[0]":            "h1",
		"web[-1]":           "h3",
		"web[0:1]":          "h1 h2",
		"web[1:]":           "h2 h3",
		"all[2:3]":          "h3 h4",
		"h4,h1":             "h4 h1",
		"!h1":               "h2 h3 h4 h5",
		"&prod":             "h1 h3 h5",
		"w*":                "h1 h2 h3",
		"all:!~h[2-5]":      "h1",
		"ungrouped":         "",
		"localhost":         "localhost",
		"127.0.0.1":         "127.0.0.1",
		"h1,h1,web":         "h1 h2 h3",
		"web[5:9]":          "",
		"web[2:0]":          "h3",
		"web[0:99]":         "h1 h2 h3",
		"a*":                "h1 h2 h3 h4 h5",
		"h[12]*":            "h1 h2",
		"h[!12]*":           "h3 h4 h5",
		"h?":                "h1 h2 h3 h4 h5",
		"~(?!h[12]).*3":     "h3",
		"~web|db":           "h1 h2 h3 h4 h5",
		"all,!web:&prod,h4": "h1 h2 h3 h4 h5",
		"web, db":           "h1 h2 h3 h4 h5",
		"":                  "h1 h2 h3 h4 h5",
		"web*[-1]":          "h3",
	} {
		got, _, err := inv.Match(pattern)
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%q: %v %v, want %s", pattern, got, err, want)
		}
	}
	if got, _, err := inv.Match("h4", "web:!h2"); err != nil || strings.Join(got, " ") != "h4 h1 h3" {
		t.Errorf("a list of patterns: %v %v", got, err)
	}
}

// Without care for duplicates: a host in two matched groups counts twice for an index, as in Ansible.
func TestIndexCountsDuplicates(t *testing.T) {
	inv := parse(t, map[string]string{"/i/hosts": "[w1]\nh1\nh2\n[w2]\nh2\nh3\n"}, "/i/hosts")
	if got, _, err := inv.Match("w*[2]"); err != nil || !reflect.DeepEqual(got, []string{"h2"}) {
		t.Errorf("w*[2]: %v %v", got, err)
	}
}

func TestMatchWarningsAndErrors(t *testing.T) {
	inv := parse(t, map[string]string{"/i/hosts": "[web]\nh1\nh2\n[none]\n"}, "/i/hosts")
	for _, c := range []struct{ pattern, hosts, warning, err string }{
		{"nosuch:h2", "h2", "Could not match supplied host pattern, ignoring: nosuch", ""},
		{"nosuch", "", "Could not match supplied host pattern, ignoring: nosuch", ""},
		{"web:!gone", "h1 h2", "Could not match supplied host pattern, ignoring: gone", ""},
		{"none", "", "", ""},
		{"h[45]", "", "Could not match supplied host pattern, ignoring: h", ""},
		{"web[5]", "", "", "no hosts matched the subscripted pattern 'web[5]': there are only 2"},
		{"web[-3]", "", "", "no hosts matched the subscripted pattern 'web[-3]': there are only 2"},
		{"web[99999999999999999999]", "", "", "no hosts matched the subscripted pattern 'web[99999999999999999999]': there are only 2"},
		{"~h(", "", "", "invalid host list pattern: ~h("},
		{"web,db:&web", "h1 h2", "Could not match supplied host pattern, ignoring: db:&web", ""},
	} {
		hosts, warnings, err := inv.Match(c.pattern)
		said := ""
		if err != nil {
			said = err.Error()
		}
		if strings.Join(hosts, " ") != c.hosts || strings.Join(warnings, "|") != c.warning || said != c.err {
			t.Errorf("%q: hosts %v, warnings %q, error %q; want %+v", c.pattern, hosts, warnings, said, c)
		}
	}
}

func TestAddressesInPatterns(t *testing.T) {
	inv := parse(t, map[string]string{"/i/hosts": "fe80::1\n[2001:db8::1]:22\n10.0.0.1\nweb1.example.com\n"}, "/i/hosts")
	for pattern, want := range map[string]string{
		"fe80::1":              "fe80::1",
		"2001:db8::1":          "2001:db8::1",
		"10.0.0.1:fe80::1":     "10.0.0.1",
		"10.0.0.1,fe80::1":     "10.0.0.1 fe80::1",
		"*.example.com":        "web1.example.com",
		"web1.example.com:!~1": "web1.example.com",
	} {
		got, _, err := inv.Match(pattern)
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%q: %v %v, want %q", pattern, got, err, want)
		}
	}
}

func TestLimit(t *testing.T) {
	inv := parse(t, map[string]string{"/i/hosts": "[web]\nh1\nh2\n[db]\nh3\nh4\n"}, "/i/hosts")
	files := map[string]string{"retry": "h2\n\n  h3  \nweb:db\n"}
	read := func(name string) ([]byte, error) {
		if text, ok := files[name]; ok {
			return []byte(text), nil
		}
		return nil, errors.New("no such file")
	}
	for text, want := range map[string]string{"": "h1 h2 h3 h4", "db:!h4": "h3", "h4,h1": "h1 h4", "@retry": "h2 h3", "@retry,h1": "h1 h2 h3", "!web": "h3 h4"} {
		limit, err := ReadLimit(text, read)
		if err != nil {
			t.Fatal(err)
		}
		got, _, err := inv.Limit([]string{"h1", "h2", "h3", "h4"}, limit)
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("limit %q: %v %v, want %s", text, got, err, want)
		}
	}
	if _, err := ReadLimit("@gone", read); err == nil || err.Error() != "unable to find limit file gone: no such file" {
		t.Errorf("missing file: %v", err)
	}
}

func tree(files map[string]string) *source.Tree {
	return source.NewTree("/", source.Layer{Name: "test", FS: memory(files), Base: "/"})
}

func FuzzPattern(f *testing.F) {
	for _, s := range []string{"all", "web:&prod:!h5", "~h[1-3]", "h*:!h[45]", "web[0:2]", "[", "![", "a,b", "[::1]:22", "[!]", "x[!]a]", "~(", "é*", "web[1-]"} {
		f.Add(s)
	}
	inv := parse(f, map[string]string{"/i/hosts": "[web]\nh1\nh2\n[db]\nh3\nlocalhost\n"}, "/i/hosts")
	f.Fuzz(func(t *testing.T, pattern string) {
		hosts, _, err := inv.Match(pattern)
		if err != nil && hosts != nil && len(hosts) > 0 {
			t.Errorf("%q gives hosts %v and an error %v", pattern, hosts, err)
		}
		seen := map[string]bool{}
		for _, h := range hosts {
			if seen[h] || inv.Host(h) == nil {
				t.Errorf("%q gives %s twice, or it is no host", pattern, h)
			}
			seen[h] = true
		}
	})
}

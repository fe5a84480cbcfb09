package ansible_test

import (
	"errors"
	"io/fs"
	"path"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/jinja/ansible"
	"github.com/drydock-dev/drydock/engine/value"
)

// bench is a Language over files in memory.
type bench struct {
	*testing.T
	l     *jinja.Language
	files fstest.MapFS
	env   mapEnv
}

func newBench(t *testing.T) *bench {
	b := &bench{T: t, l: jinja.New(), files: fstest.MapFS{}}
	b.env.vars = value.NewMap("playbook_dir", "/pb", "role_path", "/pb/roles/web", "name", "web01",
		"groups", value.NewMap("all", []any{"a", "b", "c"}, "web", []any{"a", "b"}, "db", []any{"b"}))
	rel := func(p string) string { return strings.TrimPrefix(path.Clean(p), "/") }
	ansible.Extend(b.l, ansible.IO{
		ReadFile: func(p string) ([]byte, error) { return b.files.ReadFile(rel(p)) },
		WriteFile: func(p string, data []byte, mode fs.FileMode) error {
			b.files[rel(p)] = &fstest.MapFile{Data: data, Mode: mode}
			return nil
		},
		Stat: func(p string) (fs.FileInfo, error) { return b.files.Stat(rel(p)) },
		Glob: func(p string) ([]string, error) {
			m, err := b.files.Glob(rel(p))
			for i := range m {
				m[i] = "/" + m[i]
			}
			return m, err
		},
		Pipe: func(command string) (string, int, error) {
			return "ran " + command + "\n", map[bool]int{true: 3}[command == "false"], nil
		},
		HTTP: func(r ansible.Request) ([]byte, int, error) {
			if strings.HasSuffix(r.URL, "/missing") {
				return nil, 404, nil
			}
			return []byte("one\ntwo " + r.Headers["X-A"] + "\n"), 200, nil
		},
		Resolve: func(name, kind string) ([]string, error) {
			if name == "nowhere" {
				return nil, errors.New("no such host")
			}
			return []string{name + " " + kind}, nil
		},
		Config: func(key string) (any, string, bool) { return 5, "default", key == "DEFAULT_FORKS" },
		Now:    func() time.Time { return time.Date(2024, 2, 29, 13, 4, 5, 6000, time.UTC) },
	})
	return b
}

func (b *bench) file(name, text string) {
	b.files[strings.TrimPrefix(name, "/")] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
}

// eval is the printed value of an expression, or its error.
func (b *bench) eval(src string) string {
	b.Helper()
	t, errs := b.l.Parse(jinja.Source{Text: "{{ " + src + " }}"})
	if errs.HasErrors() {
		return "error: " + errs[0].Summary
	}
	v, err := t.Eval(b.env)
	if err != nil {
		return "error: " + err.Error()
	}
	return value.Repr(v)
}

func (b *bench) want(table map[string]string) {
	b.Helper()
	for src, want := range table {
		if got := b.eval(src); got != want {
			b.Errorf("%s\n got %s\nwant %s", src, got, want)
		}
	}
}

func TestFileLookups(t *testing.T) {
	b := newBench(t)
	b.file("/pb/roles/web/files/motd", "role\n")
	b.file("/pb/files/motd", "playbook\n")
	b.file("/pb/files/other", "  x  \n")
	b.file("/pb/vars.yml", "a: 1")
	b.file("/pb/files/d/b.conf", "")
	b.file("/pb/files/d/a.conf", "")
	b.file("/pb/roles/web/templates/t.j2", "{{ name }} {{ extra }}\n{% include 'part.j2' %}")
	b.file("/pb/roles/web/templates/part.j2", "part of {{ name }}\n")
	b.file("/pb/files/t.csv", "k,v,w\nx,1,2\ny,3,4\n")
	b.file("/pb/files/c.ini", "[DEFAULT]\nall=1\n[s]\nKey = v\nlist = a\n  b\n[empty]\n")
	b.want(map[string]string{
		"lookup('file', 'motd')":                                           "'role'",
		"lookup('file', 'motd', rstrip=false)":                             `'role\n'`,
		"lookup('file', 'other', lstrip=true)":                             "'x'",
		"lookup('file', '/pb/vars.yml') | from_yaml":                       "{'a': 1}",
		"q('fileglob', 'd/*.conf')":                                        "['/pb/files/d/a.conf', '/pb/files/d/b.conf']",
		"q('first_found', ['nope', 'motd', 'files/motd'])":                 "['/pb/roles/web/files/motd']",
		"q('first_found', ['nope'], skip=true)":                            "[]",
		"q('first_found', {'files': 'a,b.conf', 'paths': ['files/d']})":    "['/pb/files/d/b.conf']",
		"lookup('template', 't.j2', template_vars={'extra': 1})":           `'web01 1\npart of web01'`,
		"lookup('csvfile', 'y', file='t.csv', delimiter=',')":              "'3'",
		"lookup('csvfile', 'x file=t.csv delimiter=, col=2')":              "'2'",
		"lookup('csvfile', 'z', file='t.csv', delimiter=',', default='d')": "'d'",
		"lookup('ini', 'key', section='s', file='c.ini')":                  "'v'",
		"lookup('ini', 'list section=s file=c.ini')":                       `'a\nb'`,
		"lookup('ini', 'all', section='empty', file='c.ini')":              "'1'",
		"lookup('ini', 'k.*', section='s', file='c.ini', re=true)":         "'v'",
		"lookup('ini', 'nope', section='s', file='c.ini', default='d')":    "'d'",
		"'motd' is file": "False", "'/pb/files/motd' is file": "True", "'/pb/files/motd' is exists": "True",
	})
	if got := b.eval("lookup('file', 'nope')"); !strings.Contains(got, "Unable to access the file 'nope': File not found") || !strings.Contains(got, "/pb/roles/web/files/nope") {
		t.Errorf("a missing file must name where it was looked for: %s", got)
	}
}

func TestWorldLookups(t *testing.T) {
	b := newBench(t)
	b.want(map[string]string{
		"lookup('pipe', 'date')":                         "'ran date'",
		"lookup('pipe', 'false')":                        "error: The lookup plugin 'pipe' failed: lookup_plugin.pipe(false) returned 3",
		"q('lines', 'a', 'b')":                           "['ran a', 'ran b']",
		"q('url', 'http://x/y', headers={'X-A': 'h'})":   "['one', 'two h']",
		"lookup('url', 'http://x/y', split_lines=false)": `'one\ntwo \n'`,
		"lookup('csvfile')":                              "error: The lookup plugin 'csvfile' failed: Search key is required but was not found",
		"lookup('nested')":                               "error: The lookup plugin 'nested' failed: with_nested requires at least one element in the nested list",
		"q('sequence', 'start=0 junk=3')":                "error: The lookup plugin 'sequence' failed: unrecognized arguments to with_sequence: ['junk']",
		"[True] | items2dict":                            "error: The filter plugin 'ansible.builtin.items2dict' failed: items2dict requires a list of dictionaries, got [True] instead.",
		"'/a' | commonpath":                              "error: The filter plugin 'ansible.builtin.commonpath' failed: |commonpath expects sequence, got <class 'str'> instead.",
		"[{}] | subelements([])":                         "error: The filter plugin 'ansible.builtin.subelements' failed: subelements is empty",
		"[(1, 2)] | ansible._protomatter.finalize":       "[[1, 2]]",
		"lookup('url', 'http://x/missing')":              "error: The lookup plugin 'url' failed: Received HTTP error for http://x/missing : HTTP Error 404",
		"lookup('dig', 'h', qtype='TXT')":                "'h TXT'",
		"lookup('dig', 'nowhere')":                       "'NXDOMAIN'",
		"lookup('config', 'DEFAULT_FORKS')":              "5",
		"lookup('config', 'NOPE')":                       "error: The lookup plugin 'config' failed: no config definition exists for 'NOPE'",
		"q('config', 'NOPE', on_missing='skip')":         "[]",
		"q('inventory_hostnames', 'all:!db')":            "['a', 'c']",
		"q('inventory_hostnames', 'web:&db')":            "['b']",
		"q('inventory_hostnames', 'c')":                  "['c']",
		"q('varnames', '^(name|groups)$')":               "['name', 'groups']",
		"now(fmt='%Y-%m-%d %H:%M')":                      "'2024-02-29 13:04'",
		"now()":                                          "'2024-02-29 13:04:05.000006'",
		"'%A %j' | strftime":                             "'Thursday 060'",
		"lookup('fi' ~ 'l', 'x')":                        `error: there is no lookup named 'fil', did you mean "file"?`,
		"lookup('env', 'X')":                             "''",
	})
}

// TestPasswordLookup: a password is made once and read from its file afterwards.
func TestPasswordLookup(t *testing.T) {
	b := newBench(t)
	first := b.eval("lookup('password', 'cred/x length=12 chars=digits')")
	again := b.eval("lookup('password', 'cred/x length=99')")
	if first != again || len(first) != 14 || strings.Trim(first, "'0123456789") != "" {
		t.Errorf("got %s, then %s", first, again)
	}
	kept := b.files["pb/cred/x"]
	if kept == nil || string(kept.Data) != strings.Trim(first, "'")+"\n" || kept.Mode != 0o600 {
		t.Errorf("the file is %v", kept)
	}
	hashed := b.eval("lookup('password', 'cred/y', encrypt='md5_crypt')")
	if again := b.eval("lookup('password', 'cred/y', encrypt='md5_crypt')"); hashed != again || !strings.HasPrefix(hashed, "'$1$") {
		t.Errorf("got %s, then %s", hashed, again)
	}
}

// TestWithLookups: with_items and its kin always answer with a list.
func TestWithLookups(t *testing.T) {
	b := newBench(t)
	b.file("/pb/files/motd", "")
	for _, c := range []struct {
		name  string
		terms []any
		want  string
	}{
		{"items", []any{1, []any{2, 3}}, "[1, 2, 3]"},
		{"dict", []any{value.NewMap("a", 1)}, "[{'key': 'a', 'value': 1}]"},
		{"nested", []any{[]any{1, 2}, []any{"x"}}, "[[1, 'x'], [2, 'x']]"},
		{"first_found", []any{"nope", "motd"}, "['/pb/files/motd']"},
		{"first_found", []any{value.Undefined{Hint: "gone"}, "/nope"}, "error: The lookup plugin 'first_found' failed: No file was found when using first_found. (/nope)"},
		{"ansible.builtin.sequence", []any{"count=2"}, "['1', '2']"},
		{"fileglob", []any{"/nothing/*"}, "[]"},
	} {
		got, err := ansible.Lookup(b.l, c.name, b.env, c.terms, &value.Map{})
		text := value.Repr(got)
		if err != nil {
			text = "error: " + err.Error()
		}
		if text != c.want {
			t.Errorf("with_%s\n got %s\nwant %s", c.name, text, c.want)
		}
	}
}

func TestJSONQuery(t *testing.T) {
	b := newBench(t)
	doc, err := value.ParseJSON([]byte(`{"people": [{"name": "b", "age": 30, "tags": ["x", "y"]}, {"name": "a", "age": 20, "tags": []}, {"name": "c"}],
		"reservations": [{"instances": [{"id": 1, "state": "run"}, {"id": 2, "state": "stop"}]}, {"instances": [{"id": 3, "state": "run"}]}],
		"ops": {"f1": {"n": 1}, "f2": {"n": 2}, "f3": {"m": 3}}, "odd key": 7, "list": [0, 1, 2, 3, 4, 5]}`))
	if err != nil {
		t.Fatal(err)
	}
	b.env.vars.Set("doc", doc)
	for query, want := range map[string]string{
		"people[0].name":                               "'b'",
		"people[-1].name":                              "'c'",
		"people[*].name":                               "['b', 'a', 'c']",
		"people[].age":                                 "[30, 20]",
		"people[?age > `20`].name":                     "['b']",
		"people[?age >= `20`] | [0].name":              "'b'",
		"people[?name=='a'].age | [0]":                 "20",
		"people[?!age].name":                           "['c']",
		"people[?age && name != 'a'].name":             "['b']",
		"people[?contains(tags || `[]`, 'x')].name":    "['b']",
		"people[:2].{n: name, a: age}":                 "[{'n': 'b', 'a': 30}, {'n': 'a', 'a': 20}]",
		"people[0].[name, age]":                        "['b', 30]",
		"reservations[*].instances[*].id":              "[[1, 2], [3]]",
		"reservations[].instances[].id":                "[1, 2, 3]",
		"reservations[].instances[?state=='run'].id[]": "[1, 3]",
		"ops.*.n":                             "[1, 2]",
		"ops.keys(@)":                         "['f1', 'f2', 'f3']",
		`"odd key"`:                           "7",
		"list[1:4]":                           "[1, 2, 3]",
		"list[::-2]":                          "[5, 3, 1]",
		"list[10]":                            "None",
		"nope.deeper":                         "None",
		"length(people)":                      "3",
		"sort_by(people[?age], &age)[*].name": "['a', 'b']",
		"max_by(people[?age], &age).name":     "'b'",
		"sum(list)":                           "15",
		"avg(list)":                           "2.5",
		"join('-', people[*].name)":           "'b-a-c'",
		"map(&name, people)":                  "['b', 'a', 'c']",
		"sort(people[*].name) | [0]":          "'a'",
		"reverse(list)[0]":                    "5",
		"to_string(list)":                     "'[0,1,2,3,4,5]'",
		"to_number('12')":                     "12",
		"type(ops)":                           "'object'",
		"not_null(nope, list[1])":             "1",
		"merge(ops.f1, ops.f3)":               "{'n': 1, 'm': 3}",
		"starts_with(people[0].name, 'b')":    "True",
		"floor(`2.7`)":                        "2",
		"`[1, {\"a\": 2}]`[1].a":              "2",
		"(people | [0]).name":                 "'b'",
		"people[0].nope || 'none'":            "'none'",
		"people[":                             "error: The filter plugin 'community.general.json_query' failed: json_query: unexpected 'end' in the query",
		"nosuch(@)":                           "error: The filter plugin 'community.general.json_query' failed: json_query: unknown function: nosuch()",
		"sum(people)":                         "error: The filter plugin 'community.general.json_query' failed: json_query: sum() cannot take a value of type object",
	} {
		b.env.vars.Set("query", query)
		if got := b.eval("doc | json_query(query)"); got != want {
			t.Errorf("%s\n got %s\nwant %s", query, got, want)
		}
	}
}

func TestNiceYAML(t *testing.T) {
	v := value.NewMap("changed", true, "stdout", "a\tb  \nc \n", "lines", []any{"x: y", 1})
	want := "    changed: true\n    lines:\n    - 'x: y'\n    - 1\n    stdout: |-\n        a        b\n        c\n"
	if got := ansible.NiceYAML(v); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestRefusals: what IO does not give cannot be done, and says so.
func TestRefusals(t *testing.T) {
	l := jinja.New()
	ansible.Extend(l, ansible.IO{})
	for _, src := range []string{"lookup('pipe', 'x')", "lookup('file', 'x')", "lookup('url', 'x')", "'*' | fileglob", "lookup('dig', 'x')"} {
		tmpl, _ := l.Parse(jinja.Source{Text: "{{ " + src + " }}"})
		if v, err := tmpl.Eval(mapEnv{&value.Map{}}); err == nil {
			t.Errorf("%s: no error but %v", src, v)
		}
	}
}

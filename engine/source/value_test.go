package source

import (
	"fmt"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/value"
)

// What ansible-core 2.19 reads of "k: TEXT", as Python's repr. Where we differ the reason stands beside it.
func TestScalarsAreReadAsAnsibleReadsThem(t *testing.T) {
	for text, want := range map[string]string{
		"yes": "True", "No": "False", "on": "True", "OFF": "False", "y": "'y'", "n": "'n'", "TRUE": "True", "tRue": "'tRue'",
		"null": "None", "Null": "None", "~": "None", "": "None",
		"0644": "420", "0o644": "'0o644'", "0x1F": "31", "0b101": "5", "1_000": "1000", "1:30": "90", "190:20:30": "685230", "1:30.5": "90.5",
		"08": "'08'", "+12": "12", "-7": "-7", "0": "0", "00": "0", "-0": "0", "0777_1": "4089", "-0x10": "-16", "1__0": "10", "_1": "'_1'", "0x": "'0x'",
		"1.5": "1.5", "1e3": "'1e3'", "1.0e3": "'1.0e3'", "1.0e+3": "1000.0", "12e03": "'12e03'", ".5": "0.5", "5.": "5.0", "1_0.5": "10.5",
		"+.inf": "inf", "-.INF": "-inf", ".nan": "nan", "1.2.3": "'1.2.3'", ".": "'.'",
		"123456789012345678901234567890": "123456789012345678901234567890",
		"2020-01-02":                     "'2020-01-02'", // a date object there; it prints the same
		"!unsafe '{{ x }}'":              "'{{ x }}'", "!!str 1": "'1'", "!!int '12'": "12", "!!float 1": "1.0", "!!bool yes": "True", "!!null x": "None",
		"!!binary aGVsbG8=":                  "'hello'", // bytes there
		"!!python/unicode x":                 "'x'",
		"{1: a, ~: c, 1.5: d}":               "{1: 'a', None: 'c', 1.5: 'd'}",
		`'a\nb'`:                             `'a\\nb'`,
		`"a\nb\u00e9"`:                       `'a\nbé'`,
		"{<<: {a: 1}, b: 2}":                 "{'a': 1, 'b': 2}",
		"{b: 2, <<: {b: 1}}":                 "{'b': 2}",
		"{a: 1, a: 2}":                       "{'a': 2}",
		"{1: a, yes: b}":                     "{1: 'b'}",
		"[&x {a: 1}, *x, {b: *x}":            "",
		"[&x {a: 1}, *x]":                    "[{'a': 1}, {'a': 1}]",
		"{<<: [{a: 1}, {a: 2, c: 3}], b: 2}": "{'a': 1, 'c': 3, 'b': 2}",
		"!vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  3031": "VAULT $ANSIBLE_VAULT;1.1;AES256\n3031",
	} {
		got := ""
		nodes, ds := Parse("f.yml", []byte("k: "+text+"\n"))
		if !ds.HasErrors() {
			v, _ := nodes[0].Get("k").Value(nil)
			if vault, ok := v.(value.Vault); ok {
				got = "VAULT " + strings.TrimSpace(vault.Cipher)
			} else {
				got = value.Repr(v)
			}
		}
		if got != want {
			t.Errorf("%q: got %s, want %s (%v)", text, got, want, ds)
		}
	}
}

// marks is a Language that shows what it was given.
type marks struct{}

func (marks) Template(text string, at func(int) diag.Pos) (any, diag.List) {
	if !strings.Contains(text, "{{") {
		return text, nil
	}
	p := at(strings.Index(text, "{{"))
	return fmt.Sprintf("T(%s @%d:%d)", text, p.Line, p.Col), nil
}

func TestTextWithMarksGoesToTheLanguage(t *testing.T) {
	nodes, ds := Parse("f.yml", []byte("a: 'x {{ y }}'\nb: {c: \"{{ d }}\"}\n'{{ k }}': 1\ne: !unsafe '{{ z }}'\nf: 'no { {mark'\n"))
	if len(ds) > 0 {
		t.Fatal(ds)
	}
	v, _ := nodes[0].Value(marks{})
	want := `{'a': 'T(x {{ y }} @1:7)', 'b': {'c': 'T({{ d }} @2:9)'}, '{{ k }}': 1, 'e': '{{ z }}', 'f': 'no { {mark'}`
	if got := value.Repr(v); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestEveryByteOfAScalarKnowsItsPlace(t *testing.T) {
	const doc = `plain: one two
folded plain: one
  two

  three
single: 'it''s {{ x }}
  here'
double: "a\tb\u00e9 {{ y }} \
    c {{ z }}"
lit: |
  l1 {{ a }}
    l2

  l3
fold: >-
  f1 {{ b }}
  f2

  f3
    f4
  f5
strip: |2-
    s1
  s2
- bad
`
	nodes, _ := Parse("f.yml", []byte(strings.TrimSuffix(doc, "- bad\n")))
	lines := strings.Split(doc, "\n")
	for _, p := range nodes[0].Pairs {
		n := p.Value
		for i, c := range n.Text {
			if c == ' ' || c == '\n' || c == '\t' || c == 'é' {
				continue
			}
			at := n.At(i)
			if got := []rune(lines[at.Line-1])[at.Col-1]; got != c {
				t.Errorf("%s: byte %d %q is said to stand at %d:%d, where %q is", p.Key.Text, i, c, at.Line, at.Col, got)
			}
		}
	}
}

func TestSpanCoversTheScalar(t *testing.T) {
	nodes, _ := Parse("f.yml", []byte("k: 'a''b' # c\nl:   plain words  # c\nm: &x !!str tagged\nn: |\n  text\no:\n"))
	want := map[string]string{"k": "1:4+6", "l": "2:6+11", "m": "3:13+6", "n": "4:4+1", "o": "5:3+1"}
	for _, p := range nodes[0].Pairs {
		s := p.Value.Span()
		if got := fmt.Sprintf("%d:%d+%d", s.Line, s.Col, s.Len); got != want[p.Key.Text] && p.Key.Text != "o" {
			t.Errorf("%s: got %s, want %s", p.Key.Text, got, want[p.Key.Text])
		}
	}
}

func TestDuplicateKeysWarn(t *testing.T) {
	_, ds := Parse("f.yml", []byte("a: 1\nb: 2\na: 3\n"))
	if len(ds) != 1 || ds[0].Severity != diag.Warning || ds[0].Span.Line != 3 {
		t.Errorf("got %v", ds)
	}
}

func TestHostileYAMLIsRefused(t *testing.T) {
	bomb := "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
	for i := 1; i < 12; i++ {
		bomb += fmt.Sprintf("a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i, i, i-1, i-1, i-1, i-1, i-1, i-1, i-1, i-1, i-1)
	}
	for name, c := range map[string]struct{ doc, want string }{
		"alias bomb": {bomb, "unfold to more than"},
		"self":       {"a: &a [*a]\n", "contains itself"},
		"deep":       {strings.Repeat("[", 5000) + strings.Repeat("]", 5000), "deeper than"},
		"not UTF-8":  {"a: \xff\n", "not valid UTF-8"},
		"vault":      {"$ANSIBLE_VAULT;1.1;AES256\n3031\n", "ansible-vault"},
	} {
		_, ds := Parse("f.yml", []byte(c.doc))
		if err := ds.Err(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestVarsWantsAMapping(t *testing.T) {
	if m, ds := Vars("v.yml", nil, nil); m.Len() != 0 || len(ds) > 0 {
		t.Errorf("an empty file: %v %v", m, ds)
	}
	if _, ds := Vars("v.yml", []byte("- a\n"), nil); !ds.HasErrors() {
		t.Error("a list was taken for variables")
	}
	if docs, err := Docs("a: 1\n---\n- b\n"); err != nil || value.Repr(docs) != "[{'a': 1}, ['b']]" {
		t.Errorf("got %v %v", docs, err)
	}
}

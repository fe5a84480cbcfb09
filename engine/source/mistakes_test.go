package source

import (
	"fmt"
	"strings"
	"testing"
)

func TestUsualMistakesAreExplained(t *testing.T) {
	for name, c := range map[string]struct{ doc, at, want string }{
		"tab":              {"a:\n\tb: 1\n", "2:1", "a tab is used"},
		"tab deeper":       {"- hosts: all\n  tasks:\n\t- name: x\n", "3:1", "a tab is used"},
		"bare template":    {"- name: x\n  debug:\n    msg: {{ foo }}\n", "3:10", `quote it: "{{ foo }}"`},
		"bare, comment":    {"a: {{ b }}  # c\n", "1:4", `quote it: "{{ b }}")`},
		"bare and more":    {"- name: x\n  debug:\n    msg: {{ foo }}/bar\n", "3:10", "must be quoted"},
		"bare statement":   {"a: {% if x %}1{% endif %}\n", "1:4", "must be quoted"},
		"bare in list":     {"a:\n  - {{ b }} c\n", "2:5", "must be quoted"},
		"bare in flow":     {"- {name: a, command: echo {{ x }} y}\n", "1:27", "must be quoted"},
		"no space":         {"- hosts: all\n  name:foo\n  tasks: []\n", "2:7", "a space is missing"},
		"inner colon":      {"- name: install: the thing\n", "1:16", `may not contain ": "`},
		"after quote":      {"a: \"x\" y\n", "1:4", "text follows the closing quote"},
		"open quote":       {"a: \"x\nb: 1\n", "1:4", "never closed"},
		"open bracket":     {"a: [1, 2\nb: 1\n", "1:4", "not closed"},
		"at sign":          {"a: @x\n", "1:4", "may not begin with"},
		"percent":          {"a:\n  - %x\n", "2:5", "may not begin with"},
		"star":             {"minute: */5\n", "1:9", "read as an alias"},
		"unknown alias":    {"a: 1\nb: *x\n", "2:4", "no anchor &x"},
		"dedent to middle": {"a:\n    b: 1\n  c: 2\n", "3:3", "try 1 or 5"},
		"indent of list":   {"- hosts: h1\n  tasks:\n    - name: x\n      debug: {}\n     bad: indent\n", "5:6", "try 1 or 3 or 5 or 7"},
		"unknown tag":      {"a: !unsave x\n", "1:4", "did you mean !unsafe?"},
		"list as key":      {"? [a, b]\n: 1\n", "1:3", "must be a single value"},
		"merge of text":    {"a: {<<: b}\n", "1:9", "<< wants a mapping"},
	} {
		_, ds := Parse("f.yml", []byte(c.doc))
		if len(ds) == 0 {
			t.Errorf("%s: no error", name)
			continue
		}
		at := fmt.Sprintf("%d:%d", ds[0].Span.Line, ds[0].Span.Col)
		if at != c.at || !strings.Contains(ds[0].Error(), c.want) {
			t.Errorf("%s: got %v", name, ds)
		}
	}
}

// FuzzScalarMap holds the promise of At: for any document that parses, every scalar's characters lead back to themselves.
func FuzzScalarMap(f *testing.F) {
	for _, seed := range []string{"a: b c\n", "a: 'it''s'\n", "a: \"x\\ty\"\n", "a: |\n  x\n\n  y\n", "a: >\n  x\n  y\n\n   z\n", "- >2-\n    x\n", "a: b\n  c\n\n  d\n", "&a !!str x", "?", "a: \"xt \"\"\n\xde"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, doc string) {
		nodes, _ := Parse("f.yml", []byte(doc))
		for _, n := range nodes {
			if n.size < 10_000 { // aliases may unfold to much more than the document
				checkPlaces(t, n)
			}
		}
	})
}

func checkPlaces(t *testing.T, n *Node) {
	for _, item := range n.Items {
		checkPlaces(t, item)
	}
	for _, p := range n.Pairs {
		checkPlaces(t, p.Key)
		checkPlaces(t, p.Value)
	}
	if n.Kind != Scalar {
		return
	}
	last := 0
	for i, off := range n.offsets() {
		if off < last || off > len(n.src.data) {
			t.Fatalf("%q: byte %d maps to %d after %d", n.Text, i, off, last)
		}
		last = off
	}
	n.Span()
}

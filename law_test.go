package drydock_test

// The reader of testdata/deps.txt.

import (
	"go/token"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
)

// law is what testdata/deps.txt says.
type law struct {
	above  map[string]map[string]bool // package → packages that may import it directly
	nevers []never
	owners map[string][]string // path prefix of a heavy package → its importers
}

// never forbids imports by patterns (path.Match).
type never struct{ from, to []string }

func readLaw(t *testing.T) law {
	t.Helper()
	text, err := os.ReadFile("testdata/deps.txt")
	if err != nil {
		t.Fatal(err)
	}
	l := law{above: map[string]map[string]bool{}, owners: map[string][]string{}}
	for _, rule := range rules(string(text)) {
		switch {
		case strings.HasPrefix(rule, "!"):
			from, to, ok := strings.Cut(rule[1:], "->")
			if !ok {
				t.Fatalf("no -> in %q", rule)
			}
			l.nevers = append(l.nevers, never{names(from), names(to)})
		case strings.HasPrefix(rule, "@"):
			heavy, owners, ok := strings.Cut(rule[1:], ": ")
			if !ok {
				t.Fatalf("no owner in %q", rule)
			}
			l.owners[strings.TrimSpace(heavy)] = names(owners)
		default:
			l.order(t, rule)
		}
	}
	return l
}

// rules drops comments and joins lines that go on (the next begins with `<`).
func rules(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		line = strings.TrimSpace(line)
		switch {
		case line == "":
		case strings.HasPrefix(line, "<"):
			out[len(out)-1] += line
		default:
			out = append(out, line)
		}
	}
	return out
}

func names(s string) []string {
	var out []string
	for n := range strings.SplitSeq(s, ",") {
		out = append(out, strings.TrimSpace(n))
	}
	return out
}

// order reads `a, b < c`.
func (l law) order(t *testing.T, rule string) {
	t.Helper()
	low, high, ok := strings.Cut(rule, "<")
	if !ok {
		t.Fatalf("no < in %q", rule)
	}
	for _, a := range names(low) {
		if l.above[a] == nil {
			l.above[a] = map[string]bool{}
		}
		for _, b := range names(high) {
			l.above[a][b] = true
		}
	}
}

// allows tells whether importer stands above imported.
func (l law) allows(imported, importer string) bool {
	for up := range l.above[imported] {
		if up == importer || l.allows(up, importer) {
			return true
		}
	}
	return false
}

func (l law) checkImport(t *testing.T, at token.Position, importer, imported string) {
	t.Helper()
	if !l.allows(imported, importer) {
		t.Errorf("%s: %s may not import %s", at, importer, imported)
	}
	for _, n := range l.nevers {
		if matches(n.from, importer) && matches(n.to, imported) {
			t.Errorf("%s: %s must never import %s", at, importer, imported)
		}
	}
}

func (l law) checkOwner(t *testing.T, at token.Position, importer, imported string) {
	t.Helper()
	for heavy, owners := range l.owners {
		under := imported == heavy || strings.HasPrefix(imported, strings.TrimSuffix(heavy, "/")+"/")
		if under && !slices.Contains(owners, importer) {
			t.Errorf("%s: %s belongs to %s, not to %s", at, heavy, strings.Join(owners, ", "), importer)
		}
	}
}

func matches(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		ok, err := path.Match(p, name)
		return err == nil && ok
	})
}

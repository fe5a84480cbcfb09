package module_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
)

func TestSections(t *testing.T) {
	for _, c := range []struct {
		out  string
		want map[string]string
	}{
		{"", map[string]string{"": ""}},
		{"motd\n@@ a\n1\n\n@@ b\n@@ c\nlast", map[string]string{"": "motd\n", "a": "1\n\n", "b": "", "c": "last"}},
		{"@@ a\nx @@ b\n@@ a\ny\n", map[string]string{"": "", "a": "x @@ b\ny\n"}},
	} {
		if got := module.Sections(c.out); !maps.Equal(got, c.want) {
			t.Errorf("Sections(%q) = %q, want %q", c.out, got, c.want)
		}
	}
}

func TestLines(t *testing.T) {
	if got := module.Lines("a\r\n\n b\nc"); !slices.Equal(got, []string{"a", " b", "c"}) {
		t.Errorf("got %q", got)
	}
}

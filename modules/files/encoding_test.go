package files

import (
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
)

// The wanted bytes and messages are Python's: text.encode(name).
func TestEncode(t *testing.T) {
	for _, c := range []struct{ text, name, want, err string }{
		{"é", "utf-8", "\xc3\xa9", ""},
		{"é", "utf-8-sig", "\xef\xbb\xbf\xc3\xa9", ""},
		{"aé😀", "UTF-16-LE", "a\x00\xe9\x00\x3d\xd8\x00\xde", ""},
		{"aé", "utf_16_be", "\x00a\x00\xe9", ""},
		{"a", "utf-16", "\xff\xfea\x00", ""},
		{"né", "latin-1", "n\xe9", ""},
		{"n€", "iso-8859-1", "", `'latin-1' codec can't encode character '\u20ac' in position 1: ordinal not in range(256)`},
		{"é", "ascii", "", `'ascii' codec can't encode character '\xe9' in position 0: ordinal not in range(128)`},
		{"a“€ÿ", "windows-1252", "a\x93\x80\xff", ""},
		{"\u0081", "cp1252", "", `'charmap' codec can't encode character '\x81' in position 0: character maps to <undefined>`},
		{"a😀", "cp1252", "", `'charmap' codec can't encode character '\U0001f600' in position 1: character maps to <undefined>`},
		{"a", "klingon", "", "unknown encoding: klingon"},
	} {
		got, err := encode(c.text, c.name)
		said := ""
		if err != nil {
			said = err.Error()
		}
		if got != c.want || said != c.err {
			t.Errorf("%q in %s: %q, %q; want %q, %q", c.text, c.name, got, said, c.want, c.err)
		}
	}
}

func TestTemplateInAnotherEncoding(t *testing.T) {
	set := func(h *moduletest.Host) { h.Control.Add("templates/t", "é\n") }
	moduletest.Run(t, Template, []moduletest.Case{
		{Name: "latin", Set: set, Plan: module.KindChange, Args: []any{"src", "t", "dest", "$DIR/f", "output_encoding", "latin-1"}, After: map[string]string{"f": "\xe9\n"},
			Want: map[string]any{"size": 2}},
		{Name: "not to be written", Set: set, Trips: -1, Args: []any{"src", "t", "dest", "$DIR/f", "output_encoding", "ascii"}, Fails: "can't encode character"},
	})
}

package diag

import (
	"errors"
	"strings"
	"testing"
)

func lineOf(text string) func(string, int) (string, bool) {
	return Lines(func(file string) ([]byte, error) {
		if file != "m.yml" {
			return nil, errors.New("no such file")
		}
		return []byte(text), nil
	})
}

func TestPrinterPointsAtThePlace(t *testing.T) {
	d := Diagnostic{
		Summary: `module ansible.builtin.copy has no argument "dst"`,
		Span:    Span{Pos: Pos{File: "m.yml", Line: 42, Col: 5}, Len: 3},
		Hint:    `did you mean "dest"?`,
		Notes:   []string{`task "Write the banner", role k3s`},
	}
	p := Printer{Line: lineOf(strings.Repeat("\n", 41) + "    dst: /etc/motd\n")}
	want := `error: module ansible.builtin.copy has no argument "dst"
  --> m.yml:42:5
   |
42 |     dst: /etc/motd
   |     ^^^ did you mean "dest"?
   |
   = task "Write the banner", role k3s
`
	if got := p.Format(d); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestPrinterExcerpts(t *testing.T) {
	for name, c := range map[string]struct {
		p    Printer
		line string
		span Span
		want string
	}{
		"tab":         {Printer{}, "\ta: b", Span{Pos{"m.yml", 1, 2}, 1}, "1 |     a: b\n  |     ^\n"},
		"wide":        {Printer{}, "名: x", Span{Pos{"m.yml", 1, 4}, 1}, "1 | 名: x\n  |     ^\n"},
		"wide span":   {Printer{}, "a: 名前", Span{Pos{"m.yml", 1, 4}, 2}, "1 | a: 名前\n  |    ^^^^\n"},
		"past end":    {Printer{}, "a:", Span{Pos{"m.yml", 1, 4}, 1}, "1 | a:\n  |    ^\n"},
		"span to end": {Printer{}, "a: bcd", Span{Pos{"m.yml", 1, 4}, 3}, "1 | a: bcd\n  |    ^^^\n"},
		"control":     {Printer{}, "a: \x1b[2J", Span{Pos{"m.yml", 1, 1}, 1}, "1 | a: ·[2J\n  | ^\n"},
		"line only":   {Printer{}, "a: b", Span{Pos{"m.yml", 1, 0}, 0}, "1 | a: b\n"},
		"narrow": {Printer{Width: 30}, strings.Repeat("x", 40) + "HERE" + strings.Repeat("y", 40), Span{Pos{"m.yml", 1, 41}, 4},
			"1 | …xxxxxxxHEREyyyyyyyyyyyyy…\n  |         ^^^^\n"},
	} {
		c.p.Line = lineOf(c.line + "\n")
		got := c.p.Format(Diagnostic{Summary: "s", Span: c.span})
		_, excerpt, _ := strings.Cut(got, "  |\n")
		if excerpt != c.want {
			t.Errorf("%s: got\n%swant\n%s", name, excerpt, c.want)
		}
	}
}

func TestPrinterWithoutExcerpt(t *testing.T) {
	p := Printer{Line: lineOf(""), Color: true}
	got := p.Format(Diagnostic{Severity: Warning, Summary: "s", Hint: "h", Span: Span{Pos: Pos{File: "other.yml"}}})
	want := "\x1b[1;33mwarning\x1b[0m\x1b[1m: s\x1b[0m\n \x1b[1;34m-->\x1b[0m other.yml\n  \x1b[1;34m=\x1b[0m h\n"
	if got != want {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

func TestPrintSeparatesDiagnostics(t *testing.T) {
	var b strings.Builder
	if err := (&Printer{}).Print(&b, List{{Summary: "one"}, {Summary: "two"}}); err != nil || b.String() != "error: one\n\nerror: two\n" {
		t.Errorf("got %q, %v", b.String(), err)
	}
}

func TestNearest(t *testing.T) {
	names := []string{"dest", "src", "mode", "name", "gather_facts", "ansible.builtin.copy", "owner", "group"}
	for word, want := range map[string]string{
		"dst": "dest", "nmae": "name", "gather_fact": "gather_facts", "Mode": "mode", "ansible.builtin.cpoy": "ansible.builtin.copy",
		"xyzzy": "", "": "", "name": "", "gropu": "group",
	} {
		if got := Nearest(word, names); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
}

func TestListErr(t *testing.T) {
	var l List
	l.Warnf(Span{}, "w")
	if l.Err() != nil || l.HasErrors() {
		t.Error("a warning is no error")
	}
	l.Addf(Span{Pos: Pos{"b.yml", 2, 1}}, "second")
	l.Addf(Span{Pos: Pos{"a.yml", 1, 1}}, "first")
	l.Addf(Span{Pos: Pos{"b.yml", 2, 1}}, "second")
	if err := l.Err(); err == nil || err.Error() != "a.yml:1:1: first\nb.yml:2:1: second" {
		t.Errorf("got %v", err)
	}
}

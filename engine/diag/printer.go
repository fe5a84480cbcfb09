package diag

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Printer shows diagnostics with the line they are about and a caret below the place.
type Printer struct {
	// Line returns the text of a line of a file, counted from 1, and whether it is known. Nil: no excerpts.
	Line  func(file string, line int) (string, bool)
	Color bool // with ANSI colours
	// ErrorWord and WarningWord stand before a diagnostic; empty: "error" and "warning".
	ErrorWord, WarningWord string
	Width                  int // of the screen, 0: unknown; longer lines of the file are cut around the place
}

// tabWidth is how far a tab reaches in an excerpt: where the author's editor shows it is not known.
const tabWidth = 4

// longest is how much of a line is shown where the width of the screen is not known.
const longest = 400

// Lines makes a Printer's Line of a function that reads files; each file is read once.
func Lines(read func(file string) ([]byte, error)) func(file string, line int) (string, bool) {
	files := map[string][]string{}
	return func(file string, n int) (string, bool) {
		lines, ok := files[file]
		if !ok {
			if data, err := read(file); err == nil {
				lines = strings.Split(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n")
			}
			files[file] = lines
		}
		if n < 1 || n > len(lines) {
			return "", false
		}
		return lines[n-1], true
	}
}

// Print writes the diagnostics of a list, a blank line between them.
func (p *Printer) Print(w io.Writer, list List) error {
	for i, d := range list {
		text := p.Format(d)
		if i > 0 {
			text = "\n" + text
		}
		if _, err := io.WriteString(w, text); err != nil {
			return err
		}
	}
	return nil
}

// Format is the text of one diagnostic, several lines with their ends.
func (p *Printer) Format(d Diagnostic) string {
	var b strings.Builder
	word, ink := cmp.Or(p.ErrorWord, "error"), red
	if d.Severity == Warning {
		word, ink = cmp.Or(p.WarningWord, "warning"), yellow
	}
	b.WriteString(p.paint(ink, word) + p.paint(bold, ": "+d.Summary) + "\n")
	gutter := strings.Repeat(" ", len(strconv.Itoa(d.Span.Line)))
	if d.Span.Line == 0 {
		gutter = " "
	}
	if d.Span.File != "" {
		fmt.Fprintf(&b, "%s%s %s\n", gutter, p.paint(blue, "-->"), d.Span.Pos)
	}
	shown := p.excerpt(&b, d, ink, gutter)
	if d.Hint != "" && !shown {
		fmt.Fprintf(&b, "%s %s %s\n", gutter, p.paint(blue, "="), d.Hint)
	}
	for _, note := range d.Notes {
		fmt.Fprintf(&b, "%s %s %s\n", gutter, p.paint(blue, "="), note)
	}
	return b.String()
}

// Excerpt is the line at a place with a caret and a hint, several lines with their ends; nothing where the line is not known.
func (p *Printer) Excerpt(at Pos, hint string) string {
	var b strings.Builder
	gutter := strings.Repeat(" ", len(strconv.Itoa(at.Line)))
	p.excerpt(&b, Diagnostic{Span: Span{Pos: at}, Hint: hint}, red, gutter)
	return b.String()
}

// excerpt writes the line and the caret with the hint beside it; it tells whether it could.
func (p *Printer) excerpt(b *strings.Builder, d Diagnostic, ink, gutter string) bool {
	if p.Line == nil || d.Span.Line == 0 {
		return false
	}
	line, ok := p.Line(d.Span.File, d.Span.Line)
	if !ok {
		return false
	}
	bar := p.paint(blue, "|")
	text, at, n := p.window(strings.TrimRight(line, " \t\r"), d.Span, len(gutter)+3)
	fmt.Fprintf(b, "%s %s\n", gutter, bar)
	fmt.Fprintf(b, "%s %s %s\n", p.paint(blue, strconv.Itoa(d.Span.Line)), bar, text)
	if d.Span.Col > 0 {
		caret := strings.Repeat("^", n)
		if d.Hint != "" {
			caret += " " + d.Hint
		}
		fmt.Fprintf(b, "%s %s %s%s\n", gutter, bar, strings.Repeat(" ", at), p.paint(ink, caret))
	}
	if len(d.Notes) > 0 {
		fmt.Fprintf(b, "%s %s\n", gutter, bar)
	}
	return d.Span.Col > 0
}

// window expands tabs and, on a narrow screen, cuts the line around the span. It returns the text, and where in it and how long the caret is,
// in screen columns.
func (p *Printer) window(line string, s Span, margin int) (text string, at, n int) {
	var b strings.Builder
	col, width := 1, 0
	for _, r := range line {
		if col == s.Col {
			at = width
		}
		if col == s.Col+max(s.Len, 1) {
			n = width - at
		}
		if r == '\t' {
			pad := tabWidth - width%tabWidth
			b.WriteString(strings.Repeat(" ", pad))
			width += pad
		} else {
			b.WriteRune(printable(r))
			width += columns(r)
		}
		col++
	}
	if s.Col >= col {
		at = width + s.Col - col
	}
	if n == 0 {
		n = max(1, width-at)
		if s.Len <= 1 {
			n = 1
		}
	}
	return p.cut(b.String(), at, n, margin)
}

// cut leaves of a line what fits on the screen, the place within it.
func (p *Printer) cut(text string, at, n, margin int) (string, int, int) {
	room := p.Width - margin
	if p.Width == 0 {
		room = longest
	}
	if room < 20 || utf8.RuneCountInString(text) <= room {
		return text, at, n
	}
	runes := []rune(text)
	from := max(0, min(at-room/3, len(runes)-room))
	to := min(len(runes), from+room)
	n = max(1, min(n, to-at))
	cut := string(runes[from:to])
	if to < len(runes) {
		cut = string(runes[from:to-1]) + "…"
	}
	if from > 0 {
		cut = "…" + string([]rune(cut)[1:])
	}
	return cut, at - from, n
}

// printable keeps control characters of a file from steering the terminal.
func printable(r rune) rune {
	if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
		return '·'
	}
	return r
}

// columns is how wide a character is on the screen: two for those of Chinese, Japanese and Korean and for emoji.
func columns(r rune) int {
	switch {
	case r >= 0x1100 && r <= 0x115f, r >= 0x2e80 && r <= 0xa4cf, r >= 0xac00 && r <= 0xd7a3, r >= 0xf900 && r <= 0xfaff,
		r >= 0xfe30 && r <= 0xfe6f, r >= 0xff00 && r <= 0xff60, r >= 0xffe0 && r <= 0xffe6, r >= 0x1f300 && r <= 0x1faff, r >= 0x20000 && r <= 0x3fffd:
		return 2
	}
	return 1
}

const (
	bold   = "1"
	red    = "1;31"
	yellow = "1;33"
	blue   = "1;34"
)

func (p *Printer) paint(ink, s string) string {
	if !p.Color {
		return s
	}
	return "\x1b[" + ink + "m" + s + "\x1b[0m"
}

package source

import (
	"sort"
	"unicode/utf8"

	"github.com/drydock-dev/drydock/engine/diag"
)

// text is a file's content with the beginnings of its lines, as YAML counts lines.
type text struct {
	name  string
	data  string
	lines []int
}

func newText(name, data string) *text {
	t := &text{name: name, data: data, lines: []int{0}}
	for i := 0; i < len(data); {
		n := breakAt(data, i)
		if n == 0 {
			i++
			continue
		}
		i += n
		t.lines = append(t.lines, i)
	}
	return t
}

// breakAt is the length of the line break at i, 0 if there is none. YAML 1.1 counts NEL, LS and PS as breaks too.
func breakAt(s string, i int) int {
	switch {
	case s[i] == '\n':
		return 1
	case s[i] == '\r':
		if i+1 < len(s) && s[i+1] == '\n' {
			return 2
		}
		return 1
	case s[i] == 0xC2 && i+1 < len(s) && s[i+1] == 0x85:
		return 2
	case s[i] == 0xE2 && i+2 < len(s) && s[i+1] == 0x80 && (s[i+2] == 0xA8 || s[i+2] == 0xA9):
		return 3
	}
	return 0
}

// offset is the byte at a line and column, both from 1.
func (t *text) offset(line, col int) int {
	if line < 1 || line > len(t.lines) {
		return len(t.data)
	}
	return t.forward(t.lines[line-1], col-1)
}

// forward is the byte that stands n characters after byte i.
func (t *text) forward(i, n int) int {
	for ; n > 0 && i < len(t.data); n-- {
		_, size := utf8.DecodeRuneInString(t.data[i:])
		i += size
	}
	return i
}

// pos is the place of a byte.
func (t *text) pos(offset int) diag.Pos {
	line := sort.SearchInts(t.lines, offset+1)
	start := t.lines[line-1]
	return diag.Pos{File: t.name, Line: line, Col: 1 + utf8.RuneCountInString(t.data[start:min(offset, len(t.data))])}
}

// line is the text of a line without its break; line counts from 1.
func (t *text) line(n int) string {
	if n < 1 || n > len(t.lines) {
		return ""
	}
	start := t.lines[n-1]
	end := start
	for end < len(t.data) && breakAt(t.data, end) == 0 {
		end++
	}
	return t.data[start:end]
}

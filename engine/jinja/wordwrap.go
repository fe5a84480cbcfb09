package jinja

import (
	"strings"
	"unicode/utf8"
)

func wordwrapFilter(c *Call, in any) (any, error) {
	p, err := c.Bind("width", "break_long_words", "wrapstring", "break_on_hyphens")
	if err != nil {
		return nil, err
	}
	s, err := c.Text(in)
	if err != nil {
		return nil, err
	}
	width, err := p.Int(0, 79)
	if err != nil {
		return nil, err
	}
	if width < 1 && s != "" {
		return nil, valueError("invalid width %d (must be > 0)", width)
	}
	sep, given, err := p.OptText(2)
	if err != nil {
		return nil, err
	}
	if !given {
		sep = "\n"
	}
	w := wrapper{width: width, breakLong: p.Bool(1, true), hyphens: p.Bool(3, true)}
	var out []string
	for _, line := range strings.Split(strings.TrimSuffix(s, "\n"), "\n") {
		out = append(out, strings.Join(w.wrap(line), sep))
	}
	return strings.Join(out, sep), nil
}

// wrapper breaks lines between words.
type wrapper struct {
	width     int
	breakLong bool
	hyphens   bool
}

// wrap breaks one line into lines that fit.
func (w wrapper) wrap(line string) []string {
	chunks := w.chunks(line)
	lines := []string{}
	for len(chunks) > 0 {
		if len(lines) > 0 && strings.TrimSpace(chunks[0]) == "" {
			chunks = chunks[1:]
			continue
		}
		n, length := 0, 0
		for n < len(chunks) && length+utf8.RuneCountInString(chunks[n]) <= w.width {
			length += utf8.RuneCountInString(chunks[n])
			n++
		}
		current := append([]string{}, chunks[:n]...)
		chunks = chunks[n:]
		if len(chunks) > 0 && utf8.RuneCountInString(chunks[0]) > w.width {
			switch {
			case w.breakLong:
				head := w.head(chunks[0], w.width-length)
				current = append(current, head)
				chunks[0] = chunks[0][len(head):]
			case n == 0:
				current, chunks = append(current, chunks[0]), chunks[1:]
			}
		}
		if m := len(current); m > 0 && strings.TrimSpace(current[m-1]) == "" {
			current = current[:m-1]
		}
		if len(current) > 0 {
			lines = append(lines, strings.Join(current, ""))
		}
	}
	return lines
}

// head is the part of a word too long for a line that is put into the room left: up to its last hyphen, if it may break there.
func (w wrapper) head(word string, room int) string {
	head := string([]rune(word)[:room])
	if i := strings.LastIndexByte(head, '-'); w.hyphens && i > 0 && strings.Trim(head[:i], "-") != "" {
		return head[:i+1]
	}
	return head
}

// chunks cuts a line into words, the spaces between them, and words at their hyphens.
func (w wrapper) chunks(line string) []string {
	var out []string
	for line != "" {
		isSpace := line[0] == ' '
		n := 0
		for n < len(line) && (line[n] == ' ') == isSpace {
			n++
			if w.hyphens && !isSpace && n < len(line) && line[n-1] == '-' && n > 1 && isLetter(line[n-2]) && isLetter(line[n]) {
				break
			}
		}
		out = append(out, line[:n])
		line = line[n:]
	}
	return out
}

func isLetter(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' || b >= utf8.RuneSelf }

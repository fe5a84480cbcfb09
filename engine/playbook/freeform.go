package playbook

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/drydock-dev/drydock/engine/diag"
)

// This file holds the reading of arguments that are written as text: `copy: src=a dest="b c"`, `command: ls -l chdir=/tmp`.

// Arg is one k=v of a free-form text.
type Arg struct {
	Name  string
	At    diag.Span // of the name
	Value Text      // quotes and escapes undone
}

// rawOptions are the k=v that a command line may hold for its module; all others belong to the command.
var rawOptions = map[string]bool{"creates": true, "removes": true, "chdir": true, "executable": true, "warn": true,
	"stdin": true, "stdin_add_newline": true, "strip_empty_ends": true, "expand_argument_vars": true, "argv": true}

// SplitArgs takes the k=v out of a free-form text. With raw the text is a command line: only the k=v that commands know are taken, and
// the rest stays as it was written. Without raw, rest holds the words that are no k=v.
func SplitArgs(t Text, raw bool) (args []Arg, rest Text, ds diag.List) {
	t = joinLines(t)
	words, open := splitWords(t.Text)
	if open >= 0 {
		ds.Add(diag.Diagnostic{Summary: "a quote or template that is opened in these arguments is never closed",
			Span: diag.Span{Pos: t.At(open)}, Hint: "opened here"})
		return nil, t, ds
	}
	var kept [][2]int
	for _, w := range words {
		word := t.Sub(w[0], w[1])
		eq := equals(word.Text)
		if eq <= 0 || raw && !rawOptions[word.Text[:eq]] {
			kept = append(kept, w)
			continue
		}
		args = append(args, Arg{Name: strings.TrimSpace(word.Text[:eq]), At: word.Sub(0, eq).Span(),
			Value: unquote(unescape(word.Sub(eq+1, len(word.Text))))})
	}
	if raw && len(kept) > 0 {
		last := &kept[len(kept)-1]
		last[1] = blanksAfter(t.Text, last[1])
	}
	return args, keep(t, kept), ds
}

// joinLines takes out the backslashes that stand alone at the end of a line, and with each the line end: what follows belongs to the line.
func joinLines(t Text) Text {
	words, open := splitWords(t.Text)
	if open >= 0 || !strings.Contains(t.Text, "\\\n") {
		return t
	}
	var b strings.Builder
	var from []int
	begin := 0
	add := func(end int) {
		b.WriteString(t.Text[begin:end])
		for ; begin < end; begin++ {
			from = append(from, begin)
		}
	}
	for _, w := range words {
		if !continued(t.Text, w[0]) {
			continue
		}
		add(w[0])
		if begin = w[0] + 2; begin < len(t.Text) && t.Text[begin] == ' ' {
			begin++ // there is a blank before the backslash already
		}
	}
	add(len(t.Text))
	return mapped(t, b.String(), from)
}

// continued tells whether the word at i is a backslash that ends its line.
func continued(s string, i int) bool { return strings.HasPrefix(s[i:], "\\\n") }

// equals is the byte of the first = that no backslash precedes, -1 if there is none. A name may be made by templates.
func equals(s string) int {
	for i := 0; i < len(s); i++ {
		switch {
		case strings.HasPrefix(s[i:], "{{") && strings.Contains(s[i:], "}}"):
			i += strings.Index(s[i:], "}}") + 1
		case strings.HasPrefix(s[i:], "{{") || strings.HasPrefix(s[i:], "{%") || s[i] == '"' || s[i] == '\'':
			return -1
		case s[i] == '=' && (i == 0 || s[i-1] != '\\'):
			return i
		}
	}
	return -1
}

// splitWords finds the words of a text: blanks within quotes and templates do not end them. Open is where something begins that never
// ends, or -1.
func splitWords(s string) (words [][2]int, open int) {
	begin := -1
	for i := 0; i < len(s); {
		if strings.IndexByte(" \t\r\n", s[i]) >= 0 {
			if begin >= 0 {
				words = append(words, [2]int{begin, i})
				begin = -1
			}
			i++
			continue
		}
		if begin < 0 {
			begin = i
			if continued(s, i) {
				words = append(words, [2]int{i, i + 1})
				begin = -1
				i++
				continue
			}
		}
		n := spanAt(s, i)
		if n == 0 {
			return nil, i
		}
		i += n
	}
	if begin >= 0 {
		words = append(words, [2]int{begin, len(s)})
	}
	return words, -1
}

// spanAt is the length of what stands at i as one piece: an escaped character, a quoted text, a template or a single byte. 0: it does not end.
func spanAt(s string, i int) int {
	switch {
	case s[i] == '\\' && i+1 < len(s):
		return 2
	case s[i] == '"' || s[i] == '\'':
		return quoted(s, i)
	case s[i] == '{' && i+1 < len(s):
		switch s[i+1] {
		case '{':
			return template(s, i, "}}")
		case '%':
			return template(s, i, "%}")
		case '#':
			if end := strings.Index(s[i:], "#}"); end >= 0 {
				return end + 2
			}
			return 1 // ${#array[@]} of a shell
		}
	}
	return 1
}

func quoted(s string, i int) int {
	for j := i + 1; j < len(s); j++ {
		switch {
		case s[j] == '\\':
			j++
		case s[j] == s[i]:
			return j + 1 - i
		case strings.HasPrefix(s[j:], "{{"):
			if n := template(s, j, "}}"); n > 0 {
				j += n - 1
			}
		}
	}
	return 0
}

// template is the length of a template that begins at i; the mark that ends it does not count within a string.
func template(s string, i int, end string) int {
	for j := i + 2; j < len(s); j++ {
		if strings.HasPrefix(s[j:], end) {
			return j + len(end) - i
		}
		if s[j] == '"' || s[j] == '\'' {
			if n := strings.IndexByte(s[j+1:], s[j]); n >= 0 {
				j += n + 1
			}
		}
	}
	return 0
}

// keep makes one text of the words that are left, with the blanks between them as they were.
func keep(t Text, words [][2]int) Text {
	var b strings.Builder
	var from []int // the byte of t for each byte
	for i, w := range words {
		begin := w[0]
		if i > 0 {
			begin = words[i-1][1]
			if next := strings.TrimLeft(t.Text[begin:w[0]], " \t\r\n"); next != "" {
				begin = blanksBefore(t.Text, w[0]) // something was taken out between the two
			}
		}
		for k := begin; k < w[1]; k++ {
			b.WriteByte(t.Text[k])
			from = append(from, k)
		}
	}
	return mapped(t, b.String(), from)
}

func blanksBefore(s string, i int) int {
	for i > 0 && strings.IndexByte(" \t\r\n", s[i-1]) >= 0 {
		i--
	}
	return i
}

// blanksAfter is where the blanks that belong to a word before i end: a command keeps those at its end, but for the one that parts it
// from the word that follows.
func blanksAfter(s string, i int) int {
	for i < len(s) && strings.IndexByte(" \t\r\n", s[i]) >= 0 {
		i++
	}
	if i < len(s) && s[i-1] == ' ' {
		i--
	}
	return i
}

// mapped is a text whose bytes come from the given bytes of another.
func mapped(t Text, s string, from []int) Text {
	return Text{Text: s, At: func(o int) diag.Pos {
		switch {
		case o < len(from):
			return t.At(from[max(0, o)])
		case len(from) == 0:
			return t.At(0)
		}
		return t.At(from[len(from)-1] + 1)
	}}
}

// unquote takes off quotes that enclose the whole text.
func unquote(t Text) Text {
	s := t.Text
	if n := len(s); n > 1 && (s[0] == '"' || s[0] == '\'') && s[n-1] == s[0] && s[n-2] != '\\' {
		return t.Sub(1, n-1)
	}
	return t
}

// unescape undoes the backslash escapes that Ansible knows in k=v values.
func unescape(t Text) Text {
	if strings.IndexByte(t.Text, '\\') < 0 {
		return t
	}
	var b strings.Builder
	var from []int
	for i := 0; i < len(t.Text); {
		out, n := escapeAt(t.Text[i:])
		for range len(out) {
			from = append(from, i)
		}
		b.WriteString(out)
		i += n
	}
	return mapped(t, b.String(), from)
}

// escapeAt reads the character at the start of s, which may be an escape; n is how many bytes it took.
func escapeAt(s string) (out string, n int) {
	if len(s) < 2 || s[0] != '\\' {
		return s[:1], 1
	}
	if i := strings.IndexByte(`\'"abfnrtv`, s[1]); i >= 0 {
		return "\\'\"\a\b\f\n\r\t\v"[i : i+1], 2
	}
	if digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[s[1]]; digits > 0 && len(s) >= 2+digits {
		if code, err := strconv.ParseUint(s[2:2+digits], 16, 32); err == nil && utf8.ValidRune(rune(code)) {
			return fmt.Sprintf("%c", rune(code)), 2 + digits
		}
	}
	return s[:1], 1
}

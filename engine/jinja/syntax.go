package jinja

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/diag"
)

// syntax is how templates are marked and how the white space around the marks is treated.
type syntax struct {
	blockStart, blockEnd       string
	variableStart, variableEnd string
	commentStart, commentEnd   string
	lineStatement, lineComment string // prefixes; empty: none
	newline                    string // what ends a line of the result
	trimBlocks, lstripBlocks   bool
	keepTrailingNewline        bool
	literalBackslashes         bool // in the strings of {{ }}
}

// standard is the syntax of playbooks: a block swallows the newline after it, a backslash in {{ }} stands for itself.
func standard() syntax {
	return syntax{
		blockStart: "{%", blockEnd: "%}", variableStart: "{{", variableEnd: "}}", commentStart: "{#", commentEnd: "#}",
		newline: "\n", trimBlocks: true, literalBackslashes: true,
	}
}

// headerMark begins a first line that changes the syntax of the text below it.
const headerMark = "#jinja2:"

// header reads the `#jinja2: trim_blocks: False, ...` line of a text. It returns how many bytes it takes.
func (s *syntax) header(text string) (int, error) {
	if !strings.HasPrefix(text, headerMark) {
		return 0, nil
	}
	end := strings.IndexByte(text, '\n')
	if end < 0 {
		return 0, fmt.Errorf("no newline after the #jinja2: line")
	}
	for _, pair := range strings.Split(text[len(headerMark):end], ",") {
		key, val, ok := strings.Cut(pair, ":")
		if !ok {
			return 0, fmt.Errorf("no colon in %q of the #jinja2: line", strings.TrimSpace(pair))
		}
		if err := s.set(strings.TrimSpace(key), strings.TrimSpace(val)); err != nil {
			return 0, err
		}
	}
	return end + 1, nil
}

// set changes one property by its Jinja name to a Python literal.
func (s *syntax) set(key, literal string) error {
	flags := map[string]*bool{
		"trim_blocks": &s.trimBlocks, "lstrip_blocks": &s.lstripBlocks, "keep_trailing_newline": &s.keepTrailingNewline,
	}
	if p, ok := flags[key]; ok {
		on, err := pythonBool(literal)
		*p = on
		return err
	}
	texts := map[string]*string{
		"block_start_string": &s.blockStart, "block_end_string": &s.blockEnd,
		"variable_start_string": &s.variableStart, "variable_end_string": &s.variableEnd,
		"comment_start_string": &s.commentStart, "comment_end_string": &s.commentEnd,
		"line_statement_prefix": &s.lineStatement, "line_comment_prefix": &s.lineComment,
		"newline_sequence": &s.newline,
	}
	p, ok := texts[key]
	if !ok {
		return fmt.Errorf("the #jinja2: line has no setting %q%s", key, hint(diag.Nearest(key, append(names(texts), names(flags)...))))
	}
	if len(literal) < 2 || (literal[0] != '\'' && literal[0] != '"') || literal[len(literal)-1] != literal[0] {
		return fmt.Errorf("%s of the #jinja2: line must be a quoted text", key)
	}
	*p = unescape(literal[1 : len(literal)-1])
	return nil
}

func pythonBool(literal string) (bool, error) {
	switch literal {
	case "True":
		return true, nil
	case "False":
		return false, nil
	}
	return false, fmt.Errorf("%q of the #jinja2: line is not True or False", literal)
}

func hint(near string) string {
	if near == "" {
		return ""
	}
	return fmt.Sprintf(", did you mean %q?", near)
}

// unescape replaces the escapes of a Python string literal.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i += writeEscape(&b, s[i+1:])
	}
	return b.String()
}

var simpleEscapes = map[byte]string{
	'\\': `\`, '\'': "'", '"': `"`, 'a': "\a", 'b': "\b", 'f': "\f", 'n': "\n", 'r': "\r", 't': "\t", 'v': "\v", '\n': "",
}

var hexDigits = map[byte]int{'x': 2, 'u': 4, 'U': 8}

// writeEscape writes what the escape after a backslash stands for and returns how many bytes of s it took.
func writeEscape(b *strings.Builder, s string) int {
	c := s[0]
	if text, ok := simpleEscapes[c]; ok {
		b.WriteString(text)
		return 1
	}
	if n, ok := hexDigits[c]; ok && len(s) > n {
		if code, err := strconv.ParseUint(s[1:1+n], 16, 32); err == nil {
			b.WriteRune(rune(code))
			return 1 + n
		}
	}
	if c >= '0' && c <= '7' {
		n := 1
		for n < 3 && n < len(s) && s[n] >= '0' && s[n] <= '7' {
			n++
		}
		code, _ := strconv.ParseUint(s[:n], 8, 32)
		b.WriteRune(rune(code))
		return n
	}
	b.WriteByte('\\')
	b.WriteByte(c)
	return 1
}

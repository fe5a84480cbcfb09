package jinja

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// operators, the longest first.
var operators = []string{
	"//", "**", "==", "!=", ">=", "<=",
	"+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".", ":", "|", ",", ";",
}

var closers = map[string]byte{"(": ')', "[": ']', "{": '}'}

// space moves over white space.
func (l *lexer) space() {
	for l.pos < len(l.text) {
		r, n := utf8.DecodeRuneInString(l.text[l.pos:])
		if !unicode.IsSpace(r) {
			return
		}
		l.pos += n
	}
}

// exprToken takes one token of an expression.
func (l *lexer) exprToken() {
	c := l.text[l.pos]
	switch {
	case c >= '0' && c <= '9':
		l.number()
	case c == '\'' || c == '"':
		l.quoted(c)
	case isNameRune(l.text[l.pos:]):
		l.name()
	default:
		l.operator()
	}
}

func isNameRune(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r)
}

func (l *lexer) name() {
	start := l.pos
	for l.pos < len(l.text) && isNameRune(l.text[l.pos:]) {
		_, n := utf8.DecodeRuneInString(l.text[l.pos:])
		l.pos += n
	}
	l.emit(tokName, l.text[start:l.pos], start)
}

func (l *lexer) operator() {
	for _, op := range operators {
		if strings.HasPrefix(l.text[l.pos:], op) {
			l.bracket(op)
			l.emit(tokOp, op, l.pos)
			l.pos += len(op)
			return
		}
	}
	r, _ := utf8.DecodeRuneInString(l.text[l.pos:])
	e := &lexError{at: l.pos, len: 1, msg: "unexpected character " + quoteRune(r)}
	switch {
	case strings.HasPrefix(l.text[l.pos:], "&&"):
		e.hint = `write "and"`
	case r == '!':
		e.hint = `write "not"`
	}
	panic(e)
}

func quoteRune(r rune) string { return "'" + string(r) + "'" }

// bracket keeps the account of open brackets: inside them, }} is no end of an output.
func (l *lexer) bracket(op string) {
	if c, ok := closers[op]; ok {
		l.open = append(l.open, opener{c, l.pos})
		if len(l.open) > maxDepth {
			l.fail(l.pos, "brackets are nested too deeply")
		}
		return
	}
	if op != ")" && op != "]" && op != "}" {
		return
	}
	n := len(l.open)
	if n == 0 {
		l.fail(l.pos, "unexpected '%s'", op)
	}
	if want := l.open[n-1].close; want != op[0] {
		l.fail(l.pos, "unexpected '%s', expected '%c'", op, want)
	}
	l.open = l.open[:n-1]
}

// quoted takes a string literal.
func (l *lexer) quoted(quote byte) {
	start := l.pos
	for i := start + 1; i < len(l.text); i++ {
		switch l.text[i] {
		case '\\':
			i++
		case quote:
			raw := l.text[start+1 : i]
			if !l.literalBackslashes {
				raw = unescape(raw)
			}
			l.emit(tokString, raw, start)
			l.pos = i + 1
			return
		}
	}
	l.fail(start, "the string is not closed: no %c follows", quote)
}

// number takes an integer or float literal; after a dot it is always an integer, so that a.1.0 are two items.
func (l *lexer) number() {
	start := l.pos
	afterDot := len(l.tokens) > 0 && l.tokens[len(l.tokens)-1].val == "." && l.tokens[len(l.tokens)-1].kind == tokOp
	if n := radixLen(l.text[start:]); n > 0 {
		l.pos += n
		l.emit(tokInt, strings.ReplaceAll(l.text[start:l.pos], "_", ""), start)
		return
	}
	l.pos += digitsLen(l.text[l.pos:])
	kind := tokInt
	if !afterDot {
		if n := fractionLen(l.text[l.pos:]); n > 0 {
			l.pos += n
			kind = tokFloat
		}
		if n := exponentLen(l.text[l.pos:]); n > 0 {
			l.pos += n
			kind = tokFloat
		}
	}
	text := strings.ReplaceAll(l.text[start:l.pos], "_", "")
	if kind == tokInt && len(text) > 1 && strings.Trim(text, "0") != "" && text[0] == '0' {
		l.fail(start, "a number must not begin with 0")
	}
	l.emit(kind, text, start)
}

// digitsLen is the length of decimal digits with single underscores between them.
func digitsLen(s string) int {
	n := 0
	for n < len(s) {
		switch {
		case s[n] >= '0' && s[n] <= '9':
			n++
		case s[n] == '_' && n > 0 && n+1 < len(s) && s[n+1] >= '0' && s[n+1] <= '9':
			n++
		default:
			return n
		}
	}
	return n
}

func fractionLen(s string) int {
	if s == "" || s[0] != '.' {
		return 0
	}
	if n := digitsLen(s[1:]); n > 0 {
		return n + 1
	}
	return 0
}

func exponentLen(s string) int {
	if s == "" || (s[0] != 'e' && s[0] != 'E') {
		return 0
	}
	i := 1
	if i < len(s) && (s[i] == '+' || s[i] == '-') {
		i++
	}
	if n := digitsLen(s[i:]); n > 0 {
		return i + n
	}
	return 0
}

// radixLen is the length of a number like 0x1f, 0o17 or 0b11, 0 if there is none.
func radixLen(s string) int {
	if len(s) < 3 || s[0] != '0' {
		return 0
	}
	digits := map[byte]string{'x': "0123456789abcdefABCDEF", 'o': "01234567", 'b': "01"}[s[1]|0x20]
	n := 2
	for digits != "" && n < len(s) {
		next := n
		if s[next] == '_' {
			next++
		}
		if next == len(s) || strings.IndexByte(digits, s[next]) < 0 {
			break
		}
		n = next + 1
	}
	if n == 2 {
		return 0
	}
	return n
}

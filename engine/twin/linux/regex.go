package linux

// Regular expressions of POSIX, translated into Go's. Back references are refused.

import (
	"errors"
	"regexp"
	"strings"
)

var errBackReference = errors.New("back references in a pattern are not played by the twin")

// compileRegex reads a basic or an extended expression. It matches the leftmost longest, as POSIX has it.
func compileRegex(text string, extended, fold bool) (*regexp.Regexp, error) {
	out, err := translate(text, extended)
	if err != nil {
		return nil, err
	}
	if fold {
		out = "(?i)" + out
	}
	re, err := regexp.Compile("(?s)" + out)
	if err != nil {
		return nil, err
	}
	re.Longest()
	return re, nil
}

// special are the characters that mean something by themselves in Go's syntax.
const special = `\.+*?()|[]{}^$`

// translate turns POSIX syntax into Go's.
func translate(text string, extended bool) (string, error) {
	var b strings.Builder
	atStart := true // where * is a letter and ^ an anchor
	for i := 0; i < len(text); i++ {
		c := text[i]
		start := atStart
		atStart = false
		switch {
		case c == '[':
			class, n := bracketClass(text[i:])
			if n == 0 {
				return "", errors.New("Unmatched [, [^, [:, [., or [=") //nolint:staticcheck // grep's words
			}
			b.WriteString(class)
			i += n - 1
		case c == '\\' && i+1 < len(text):
			i++
			if err := escaped(&b, text[i], extended); err != nil {
				return "", err
			}
			atStart = !extended && (text[i] == '(' || text[i] == '|')
		case c == '.':
			b.WriteByte('.')
		case c == '*' && start && !extended:
			b.WriteString(`\*`)
		case c == '*':
			b.WriteByte('*')
		case c == '^' && (extended || start):
			b.WriteString("^")
			atStart = true
		case c == '$' && (extended || i+1 == len(text) || strings.HasPrefix(text[i+1:], `\)`) || strings.HasPrefix(text[i+1:], `\|`)):
			b.WriteByte('$')
		case extended && strings.IndexByte("+?(){}|", c) >= 0:
			if c == '{' && (i+1 == len(text) || text[i+1] < '0' || text[i+1] > '9') {
				b.WriteByte('\\')
			}
			b.WriteByte(c)
			atStart = c == '(' || c == '|'
		case strings.IndexByte(special, c) >= 0:
			b.WriteByte('\\')
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), nil
}

// escaped writes what a backslash and a character mean.
func escaped(b *strings.Builder, c byte, extended bool) error {
	switch {
	case c >= '1' && c <= '9':
		return errBackReference
	case !extended && strings.IndexByte("(){}|+?", c) >= 0:
		b.WriteByte(c)
	case strings.IndexByte("wWbBsS", c) >= 0:
		b.WriteByte('\\')
		b.WriteByte(c)
	case c == '<' || c == '>':
		b.WriteString(`\b`)
	case c == 'n':
		b.WriteString(`\n`)
	case c == 't':
		b.WriteString(`\t`)
	case c == '`':
		b.WriteString(`\A`)
	case c == '\'':
		b.WriteString(`\z`)
	default:
		b.WriteString(regexp.QuoteMeta(string(c)))
	}
	return nil
}

// bracketClass translates a bracket expression and tells its length; 0: it has no end.
func bracketClass(text string) (string, int) {
	i := 1
	var b strings.Builder
	b.WriteByte('[')
	if i < len(text) && text[i] == '^' {
		b.WriteByte('^')
		i++
	}
	for first := true; i < len(text); first = false {
		c := text[i]
		switch {
		case c == ']' && !first:
			b.WriteByte(']')
			return b.String(), i + 1
		case c == '[' && i+1 < len(text) && text[i+1] == ':':
			end := strings.Index(text[i:], ":]")
			if end < 0 {
				return "", 0
			}
			b.WriteString(text[i : i+end+2])
			i += end + 2
			continue
		case c == '\\' && i+1 < len(text) && (text[i+1] == 'n' || text[i+1] == 't'): // as sed has it
			b.WriteString(text[i : i+2])
			i += 2
			continue
		case strings.IndexByte(`\[]&~`, c) >= 0:
			b.WriteByte('\\')
		}
		b.WriteByte(c)
		i++
	}
	return "", 0
}

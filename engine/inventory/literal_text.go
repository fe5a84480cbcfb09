package inventory

import (
	"strconv"
	"strings"
)

// This file reads the texts among Python literals: quotes, prefixes, escapes, neighbours that become one.

// strings reads one text or several that follow one another, all of characters or all of bytes.
func (p *literal) strings() (any, error) {
	var all strings.Builder
	var bytes bool
	for first := true; ; first = false {
		s, isBytes, err := p.string()
		if err != nil || !first && isBytes != bytes {
			return nil, errNotLiteral
		}
		bytes = isBytes
		all.WriteString(s)
		if !p.startsString() {
			return all.String(), nil
		}
	}
}

// startsString tells whether another text follows.
func (p *literal) startsString() bool {
	p.space()
	rest := p.text[p.pos:]
	prefix := len(rest) - len(strings.TrimLeft(rest, "rRbBuU"))
	return prefix < len(rest) && prefix <= 2 && (rest[prefix] == '\'' || rest[prefix] == '"')
}

// string reads one text and tells whether it is one of bytes.
func (p *literal) string() (text string, bytes bool, err error) {
	p.space()
	start := p.pos
	for p.pos < len(p.text) && isWordByte(p.text[p.pos]) {
		p.pos++
	}
	prefix := strings.ToLower(p.text[start:p.pos])
	switch prefix {
	case "", "u", "b", "r", "rb", "br":
	default:
		return "", false, errNotLiteral
	}
	bytes = strings.Contains(prefix, "b")
	quote := p.text[p.pos : p.pos+1]
	if triple := strings.Repeat(quote, 3); strings.HasPrefix(p.text[p.pos:], triple) {
		quote = triple
	}
	p.pos += len(quote)
	if text, err = p.body(quote); err == nil && !strings.Contains(prefix, "r") {
		text, err = unescape(text)
	}
	return text, bytes, err
}

// body is the text up to the closing quote, escapes untouched.
func (p *literal) body(quote string) (string, error) {
	start := p.pos
	for p.pos < len(p.text) {
		switch {
		case strings.HasPrefix(p.text[p.pos:], quote):
			p.pos += len(quote)
			return p.text[start : p.pos-len(quote)], nil
		case p.text[p.pos] == '\\':
			p.pos += 2
		case p.text[p.pos] == '\n' && len(quote) == 1:
			return "", errNotLiteral
		default:
			p.pos++
		}
	}
	return "", errNotLiteral
}

// simpleEscapes are the escapes of one letter.
var simpleEscapes = map[byte]string{
	'\\': "\\", '\'': "'", '"': `"`, 'a': "\a", 'b': "\b", 'f': "\f", 'n': "\n", 'r': "\r", 't': "\t", 'v': "\v", '\n': "",
}

func unescape(s string) (string, error) {
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			out.WriteByte(s[i])
			continue
		}
		i++
		if plain, ok := simpleEscapes[s[i]]; ok {
			out.WriteString(plain)
			continue
		}
		size, err := codeEscape(&out, s[i:])
		if err != nil {
			return "", err
		}
		i += size - 1
	}
	return out.String(), nil
}

// codeEscape writes the character of an escape by number, \x41 or \101, and tells the length of what follows the backslash.
// An escape that Python does not know stays as it is.
func codeEscape(out *strings.Builder, s string) (int, error) {
	digits, base, from := 0, 16, 1
	switch c := s[0]; {
	case c == 'x':
		digits = 2
	case c == 'u':
		digits = 4
	case c == 'U':
		digits = 8
	case c == 'N': // a character by its name: nobody writes that into an inventory
		return 0, errNotLiteral
	case c >= '0' && c <= '7':
		base, from = 8, 0
		for digits < 3 && digits < len(s) && s[digits] >= '0' && s[digits] <= '7' {
			digits++
		}
	default:
		out.WriteByte('\\')
		out.WriteByte(c)
		return 1, nil
	}
	if len(s) < from+digits {
		return 0, errNotLiteral
	}
	n, err := strconv.ParseUint(s[from:from+digits], base, 32)
	if err != nil || n > 0x10ffff {
		return 0, errNotLiteral
	}
	out.WriteRune(rune(n))
	return from + digits, nil
}

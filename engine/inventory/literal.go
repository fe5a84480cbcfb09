package inventory

import (
	"errors"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/drydock-dev/drydock/engine/value"
)

// This file gives the values of INI inventories their types, as Ansible does by reading them as Python literals: 3 is a number, '3' a text,
// [1, 'a'] a list, True a boolean; what is no literal is the text itself.

// errNotLiteral says that a text is no Python literal, so that it stands for itself.
var errNotLiteral = errors.New("not a literal")

// maxNesting is how deep brackets may be nested, as in Python.
const maxNesting = 200

// typed gives the value of a variable of an INI inventory.
func typed(text string) any {
	v, err := parseLiteral(text)
	if err != nil {
		return text
	}
	return v
}

func parseLiteral(text string) (any, error) {
	p := &literal{text: strings.TrimLeft(text, " \t")}
	v, err := p.tupleOrOne()
	if err != nil {
		return nil, err
	}
	if p.space(); p.pos < len(p.text) {
		return nil, errNotLiteral
	}
	return v, nil
}

type literal struct {
	text  string
	pos   int
	depth int
}

// space skips white space and a comment.
func (p *literal) space() {
	for p.pos < len(p.text) {
		switch p.text[p.pos] {
		case ' ', '\t', '\f':
			p.pos++
		case '\n', '\r':
			if p.depth == 0 {
				return
			}
			p.pos++
		case '#':
			if end := strings.IndexByte(p.text[p.pos:], '\n'); end >= 0 {
				p.pos += end
			} else {
				p.pos = len(p.text)
			}
		default:
			return
		}
	}
}

// next tells the byte that comes next after white space, 0 at the end.
func (p *literal) next() byte {
	p.space()
	if p.pos >= len(p.text) {
		return 0
	}
	return p.text[p.pos]
}

func (p *literal) accept(c byte) bool {
	if p.next() != c {
		return false
	}
	p.pos++
	return true
}

// tupleOrOne reads one value, or several between commas, which are a tuple and become a list.
func (p *literal) tupleOrOne() (any, error) {
	first, err := p.one()
	if err != nil || !p.accept(',') {
		return first, err
	}
	items := []any{first}
	for p.startsValue() {
		v, err := p.one()
		if err != nil {
			return nil, err
		}
		items = append(items, v)
		if !p.accept(',') {
			break
		}
	}
	return items, nil
}

func (p *literal) startsValue() bool {
	c := p.next()
	return c != 0 && c != ')' && c != ']' && c != '}'
}

func (p *literal) one() (any, error) {
	switch c := p.next(); {
	case c == '(' || c == '[' || c == '{':
		return p.bracket(c)
	case c == '-' || c == '+':
		p.pos++
		return p.signed(c == '-')
	case c >= '0' && c <= '9', c == '.':
		return p.number()
	case c == '\'' || c == '"':
		return p.strings()
	}
	return p.name()
}

// bracket reads what stands in brackets.
func (p *literal) bracket(open byte) (any, error) {
	if p.depth++; p.depth > maxNesting {
		return nil, errNotLiteral
	}
	defer func() { p.depth-- }()
	p.pos++
	switch open {
	case '(':
		return p.paren()
	case '[':
		return p.items(nil, ']')
	}
	return p.braces()
}

func (p *literal) paren() (any, error) {
	if p.accept(')') {
		return []any{}, nil
	}
	v, err := p.tupleOrOne()
	if err != nil {
		return nil, err
	}
	if !p.accept(')') {
		return nil, errNotLiteral
	}
	return v, nil
}

// items reads values between commas up to a closing bracket.
func (p *literal) items(items []any, end byte) (any, error) {
	if items == nil {
		items = []any{}
	}
	for !p.accept(end) {
		v, err := p.one()
		if err != nil {
			return nil, err
		}
		items = append(items, v)
		if !p.accept(',') {
			if p.accept(end) {
				break
			}
			return nil, errNotLiteral
		}
	}
	return items, nil
}

// braces reads a dictionary or a set; a set becomes a list.
func (p *literal) braces() (any, error) {
	m := &value.Map{}
	if p.accept('}') {
		return m, nil
	}
	key, err := p.one()
	if err != nil {
		return nil, err
	}
	if !p.accept(':') {
		return p.set(key)
	}
	for {
		v, err := p.one()
		if err != nil {
			return nil, err
		}
		if !hashable(key) {
			return nil, errNotLiteral
		}
		m.Set(key, v)
		comma := p.accept(',')
		if p.accept('}') {
			return m, nil
		}
		if !comma {
			return nil, errNotLiteral
		}
		if key, err = p.one(); err != nil {
			return nil, err
		}
		if !p.accept(':') {
			return nil, errNotLiteral
		}
	}
}

func (p *literal) set(first any) (any, error) {
	rest := []any{}
	if p.accept(',') {
		v, err := p.items(nil, '}')
		if err != nil {
			return nil, err
		}
		rest = v.([]any)
	} else if !p.accept('}') {
		return nil, errNotLiteral
	}
	unique := &value.Map{}
	for _, v := range append([]any{first}, rest...) {
		if !hashable(v) {
			return nil, errNotLiteral
		}
		unique.Set(v, nil)
	}
	return unique.Keys(), nil
}

func hashable(v any) bool {
	switch v.(type) {
	case []any, *value.Map:
		return false
	}
	return true
}

func (p *literal) signed(minus bool) (any, error) {
	c := p.next()
	if (c < '0' || c > '9') && c != '.' {
		return nil, errNotLiteral
	}
	v, err := p.number()
	if err != nil || !minus {
		return v, err
	}
	switch x := v.(type) {
	case int:
		return -x, nil
	case float64:
		return -x, nil
	case *big.Int:
		return new(big.Int).Neg(x), nil
	}
	return nil, errNotLiteral
}

var (
	wholeNumber = regexp.MustCompile(`^(?:0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|[1-9](?:_?[0-9])*|0(?:_?0)*)`)
	pointNumber = regexp.MustCompile(`^(?:(?:[0-9](?:_?[0-9])*)?\.[0-9](?:_?[0-9])*|[0-9](?:_?[0-9])*\.?)(?:[eE][+-]?[0-9](?:_?[0-9])*)?`)
)

// number reads a number. A zero may not lead a whole number: 0644 is a text.
func (p *literal) number() (any, error) {
	rest := p.text[p.pos:]
	whole, point := wholeNumber.FindString(rest), pointNumber.FindString(rest)
	if strings.HasPrefix(rest, "...") {
		p.pos += 3
		return "...", nil
	}
	if len(point) > len(whole) && !strings.ContainsAny(point, ".eE") {
		return nil, errNotLiteral
	}
	p.pos += max(len(whole), len(point))
	if p.pos < len(p.text) && isWordByte(p.text[p.pos]) || whole == "" && point == "" {
		return nil, errNotLiteral
	}
	if len(point) > len(whole) {
		f, _ := strconv.ParseFloat(strings.ReplaceAll(point, "_", ""), 64) // out of range is infinite, as in Python
		return f, nil
	}
	n, ok := new(big.Int).SetString(whole, 0)
	if !ok {
		return 0, nil // zeros only
	}
	if n.IsInt64() {
		return int(n.Int64()), nil
	}
	return n, nil
}

func isWordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= utf8.RuneSelf
}

// name reads True, False, None, set(), or the letters before a text: r”, b”, u”.
func (p *literal) name() (any, error) {
	start := p.pos
	for p.pos < len(p.text) && isWordByte(p.text[p.pos]) {
		p.pos++
	}
	word := p.text[start:p.pos]
	if p.pos < len(p.text) && (p.text[p.pos] == '\'' || p.text[p.pos] == '"') {
		p.pos = start
		return p.strings()
	}
	switch word {
	case "True":
		return true, nil
	case "False":
		return false, nil
	case "None":
		return nil, nil
	case "set":
		if p.accept('(') && p.accept(')') {
			return []any{}, nil
		}
	}
	return nil, errNotLiteral
}

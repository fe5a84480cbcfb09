package jinja

import (
	"math"
	"strings"
	"unicode/utf8"

	"github.com/drydock-dev/drydock/engine/value"
)

// The methods of str that lay a text out: padding, tabs, replacing characters.

func zfill(c *Call, in any) (any, error) {
	p, err := c.BindPositional("width!")
	if err != nil {
		return nil, err
	}
	width, err := p.Int(0, 0)
	if err != nil {
		return nil, err
	}
	s := in.(string)
	sign := ""
	if s != "" && (s[0] == '-' || s[0] == '+') {
		sign, s = s[:1], s[1:]
	}
	zeros, err := padding("0", width-len(sign)-utf8.RuneCountInString(s))
	return sign + zeros + s, err
}

// padding is a text n times, refused if that is too long.
func padding(s string, n int) (string, error) {
	if n > maxText/max(1, len(s)) {
		return "", limitError("a text of width %d is too long", n)
	}
	return strings.Repeat(s, max(n, 0)), nil
}

// justify pads a text: 0 at its end, 1 at its beginning, 2 at both.
func justify(where int) Func {
	return func(c *Call, in any) (any, error) {
		p, err := c.BindPositional("width!", "fillchar")
		if err != nil {
			return nil, err
		}
		width, err := p.Int(0, 0)
		if err != nil {
			return nil, err
		}
		fill, err := p.Text(1, " ")
		if err != nil {
			return nil, err
		}
		if utf8.RuneCountInString(fill) != 1 {
			return nil, typeError("the fill character must be exactly one character long")
		}
		return justified(in.(string), width, fill, where)
	}
}

func justified(s string, width int, fill string, where int) (string, error) {
	n := max(width-utf8.RuneCountInString(s), 0)
	left := 0
	switch where {
	case 1:
		left = n
	case 2:
		left = n/2 + (n & width & 1)
	}
	before, err := padding(fill, left)
	if err != nil {
		return "", err
	}
	after, err := padding(fill, n-left)
	return before + s + after, err
}

func expandTabs(c *Call, in any) (any, error) {
	p, err := c.Bind("tabsize")
	if err != nil {
		return nil, err
	}
	size, err := p.Int(0, 8)
	if err != nil || size > math.MaxInt16 {
		return nil, err
	}
	var b strings.Builder
	col := 0
	for _, r := range in.(string) {
		switch {
		case r == '\t' && size > 0:
			n := size - col%size
			b.WriteString(strings.Repeat(" ", n))
			col += n
		case r == '\t':
		case r == '\n' || r == '\r':
			b.WriteRune(r)
			col = 0
		default:
			b.WriteRune(r)
			col++
		}
	}
	return b.String(), nil
}

func translateMethod(c *Call, in any) (any, error) {
	p, err := c.BindPositional("table!")
	if err != nil {
		return nil, err
	}
	table, ok := AsMap(p.Any(0, nil))
	if !ok {
		return nil, typeError("translate needs a mapping")
	}
	var b strings.Builder
	for _, r := range in.(string) {
		switch to, ok := table.Get(int(r)); x := to.(type) {
		case int:
			b.WriteRune(rune(x))
		case string:
			b.WriteString(x)
		default:
			if !ok {
				b.WriteRune(r)
			}
		}
	}
	return b.String(), nil
}

// makeTransMethod makes the table of translate: of a mapping, or of the characters of two texts and those of a third to be dropped.
func makeTransMethod(c *Call, _ any) (any, error) {
	p, err := c.BindPositional("x!", "y", "z")
	if err != nil {
		return nil, err
	}
	table := &value.Map{}
	if !p.Has(1) {
		m, ok := AsMap(p.Any(0, nil))
		if !ok {
			return nil, typeError("if you give only one argument to maketrans it must be a dict")
		}
		for k, v := range m.All() {
			if s, ok := k.(string); ok && utf8.RuneCountInString(s) == 1 {
				r, _ := utf8.DecodeRuneInString(s)
				k = int(r)
			}
			table.Set(k, v)
		}
		return table, nil
	}
	var parts [3][]rune
	for i := range parts {
		s, err := p.Text(i, "")
		if err != nil {
			return nil, err
		}
		parts[i] = []rune(s)
	}
	if len(parts[0]) != len(parts[1]) {
		return nil, valueError("the first two maketrans arguments must have equal length")
	}
	for i, r := range parts[0] {
		table.Set(int(r), int(parts[1][i]))
	}
	for _, r := range parts[2] {
		table.Set(int(r), nil)
	}
	return table, nil
}

package jinja

import (
	"strings"
	"unicode"
)

// The methods of str that ask what characters a text has.

// asks makes a method without arguments of a question about a text.
func asks(is func(s string) bool) Func {
	return func(c *Call, in any) (any, error) {
		_, err := c.BindPositional()
		return is(in.(string)), err
	}
}

func all(is func(rune) bool) Func {
	return asks(func(s string) bool {
		return s != "" && strings.IndexFunc(s, func(r rune) bool { return !is(r) }) < 0
	})
}

// digitForms are the characters that are digits but no decimals: superscripts, circled digits and the like.
var digitForms = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0xb2, 0xb3, 1}, {0xb9, 0xb9, 1}, {0x1369, 0x1371, 1}, {0x19da, 0x19da, 1}, {0x2070, 0x2070, 1}, {0x2074, 0x2079, 1},
		{0x2080, 0x2089, 1}, {0x2460, 0x2468, 1}, {0x2474, 0x247c, 1}, {0x2488, 0x2490, 1}, {0x24ea, 0x24ea, 1}, {0x24f5, 0x24fd, 1},
		{0x24ff, 0x24ff, 1}, {0x2776, 0x277e, 1}, {0x2780, 0x2788, 1}, {0x278a, 0x2792, 1},
	},
	LatinOffset: 2,
}

func isDigit(r rune) bool { return unicode.IsDigit(r) || unicode.Is(digitForms, r) }

func cased(want, other func(rune) bool) Func {
	return asks(func(s string) bool { return strings.IndexFunc(s, want) >= 0 && strings.IndexFunc(s, other) < 0 })
}

func isIdentifier(s string) bool {
	for i, r := range s {
		if r != '_' && !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r)) {
			return false
		}
	}
	return s != ""
}

func isPrintable(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
}

func isTitle(s string) bool { return strings.IndexFunc(s, unicode.IsLetter) >= 0 && title(s) == s }

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > unicode.MaxASCII }) < 0
}

package jinja

import (
	"strings"
	"unicode"
)

// The methods of str that ask what characters a text has.

func all(is func(rune) bool) Func {
	return func(_ *Call, in any) (any, error) {
		s := in.(string)
		return s != "" && strings.IndexFunc(s, func(r rune) bool { return !is(r) }) < 0, nil
	}
}

func cased(want, other func(rune) bool) Func {
	return func(_ *Call, in any) (any, error) {
		s := in.(string)
		return strings.IndexFunc(s, want) >= 0 && strings.IndexFunc(s, other) < 0, nil
	}
}

func isIdentifierMethod(_ *Call, in any) (any, error) {
	for i, r := range in.(string) {
		if r != '_' && !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r)) {
			return false, nil
		}
	}
	return in != "", nil
}

func isPrintableMethod(_ *Call, in any) (any, error) {
	return strings.IndexFunc(in.(string), func(r rune) bool { return !unicode.IsPrint(r) }) < 0, nil
}

func isTitleMethod(_ *Call, in any) (any, error) {
	s := in.(string)
	return strings.IndexFunc(s, unicode.IsLetter) >= 0 && title(s) == s, nil
}

func isASCIIMethod(_ *Call, in any) (any, error) {
	return strings.IndexFunc(in.(string), func(r rune) bool { return r > unicode.MaxASCII }) < 0, nil
}

package inventory

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dlclark/regexp2"
)

// This file tests names against one word of a pattern: a plain name, a glob, or a regular expression of Python's dialect.

// matchTimeout bounds a regular expression that would try for ever.
const matchTimeout = 300 * time.Millisecond

// compilePattern makes a test of a pattern: after ~ a regular expression for the beginning of a name, else a glob for the whole. The test
// fails where a regular expression takes too long.
func compilePattern(pattern string) (func(name string) (bool, error), error) {
	expr, isRegexp := strings.CutPrefix(pattern, "~")
	if !isRegexp {
		if !strings.ContainsAny(pattern, "*?[") {
			return func(name string) (bool, error) { return name == pattern, nil }, nil
		}
		expr = "(?s)" + globExpr(pattern) + `\z`
	}
	re, err := regexp2.Compile(`\A(?:`+expr+`)`, regexp2.None)
	if err != nil {
		return nil, fmt.Errorf("invalid host list pattern: %s", pattern)
	}
	re.MatchTimeout = matchTimeout
	return func(name string) (bool, error) {
		ok, err := re.MatchString(name)
		if err != nil {
			return false, fmt.Errorf("the pattern %s takes too long to compare with %q; write it without nested repetitions", pattern, name)
		}
		return ok, nil
	}, nil
}

// globExpr writes a glob as a regular expression: * ? [abc] [!abc]. A bracket that does not close is itself.
func globExpr(glob string) string {
	var out strings.Builder
	for i := 0; i < len(glob); {
		r, size := utf8.DecodeRuneInString(glob[i:])
		switch r {
		case '*':
			out.WriteString(".*")
		case '?':
			out.WriteString(".")
		case '[':
			size = classSize(glob[i:])
			out.WriteString(class(glob[i : i+size]))
		default:
			out.WriteString(regexp.QuoteMeta(glob[i : i+size]))
		}
		i += size
	}
	return out.String()
}

// classSize is the length of a class from its opening to its closing bracket, 1 if it does not close.
func classSize(s string) int {
	i := 1
	if i < len(s) && s[i] == '!' {
		i++
	}
	if i < len(s) && s[i] == ']' {
		i++
	}
	end := strings.IndexByte(s[min(i, len(s)):], ']')
	if end < 0 {
		return 1
	}
	return i + end + 1
}

func class(s string) string {
	if len(s) == 1 {
		return `\[`
	}
	body := strings.NewReplacer(`\`, `\\`, `[`, `\[`, `]`, `\]`, `^`, `\^`).Replace(s[1 : len(s)-1])
	if rest, ok := strings.CutPrefix(body, "!"); ok {
		return "[^" + rest + "]"
	}
	return "[" + body + "]"
}

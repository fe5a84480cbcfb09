package value

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Str prints a value as Python's str() does: True, None, 1.0, ['a', 'b'].
func Str(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return Repr(v)
}

// Repr prints a value as Python's repr() does.
func Repr(v any) string {
	var b strings.Builder
	repr(&b, v)
	return b.String()
}

func repr(b *strings.Builder, v any) {
	switch x := v.(type) {
	case nil:
		b.WriteString("None")
	case bool:
		if x {
			b.WriteString("True")
		} else {
			b.WriteString("False")
		}
	case int:
		b.WriteString(strconv.Itoa(x))
	case *big.Int:
		b.WriteString(x.String())
	case float64:
		b.WriteString(FormatFloat(x))
	case string:
		reprString(b, x)
	case []any:
		reprSeq(b, "[", "]", x)
	case *List:
		reprSeq(b, "[", "]", x.Items)
	case Tuple:
		if len(x) == 1 {
			reprSeq(b, "(", ",)", x)
		} else {
			reprSeq(b, "(", ")", x)
		}
	case *Map:
		b.WriteByte('{')
		for i, k := range x.keys {
			if b.Len() > maxRepr {
				return
			}
			if i > 0 {
				b.WriteString(", ")
			}
			repr(b, k)
			b.WriteString(": ")
			repr(b, x.vals[i])
		}
		b.WriteByte('}')
	case fmt.Stringer:
		b.WriteString(x.String())
	default:
		fmt.Fprintf(b, "%v", x)
	}
}

// maxRepr is where printing a container ends: one whose parts are shared can be longer than any memory.
const maxRepr = 64 << 20

func reprSeq(b *strings.Builder, open, end string, items []any) {
	b.WriteString(open)
	for i, it := range items {
		if b.Len() > maxRepr {
			return
		}
		if i > 0 {
			b.WriteString(", ")
		}
		repr(b, it)
	}
	b.WriteString(end)
}

// FormatFloat prints a float as Python does: the shortest text that reads back the same, with .0 for whole numbers.
func FormatFloat(f float64) string {
	switch {
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	case math.IsNaN(f):
		return "nan"
	}
	if a := math.Abs(f); a != 0 && (a >= 1e16 || a < 1e-4) {
		s := strconv.FormatFloat(f, 'e', -1, 64)
		return s
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// reprString quotes as Python does: single quotes unless the text has some and no double ones.
func reprString(b *strings.Builder, s string) {
	quote := byte('\'')
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		quote = '"'
	}
	b.WriteByte(quote)
	for i, r := range s {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD"): // a byte that is no text, as Python keeps it
			fmt.Fprintf(b, `\udc%02x`, s[i])
		case r == rune(quote) || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < 0x20 || r == 0x7f || (r < 0x100 && !unicode.IsPrint(r)):
			fmt.Fprintf(b, `\x%02x`, r)
		case r < 0x10000 && !unicode.IsPrint(r):
			fmt.Fprintf(b, `\u%04x`, r)
		case !unicode.IsPrint(r):
			fmt.Fprintf(b, `\U%08x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte(quote)
}

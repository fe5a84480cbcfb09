package jinja

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/drydock-dev/drydock/engine/value"
)

// formatSpec is Python's format specification: [[fill]align][sign][#][0][width][grouping][.precision][type].
type formatSpec struct {
	fill      string
	align     byte // < > = ^ or 0
	sign      byte // + - space or 0
	alt       bool
	width     int
	group     byte // , _ or 0
	precision int  // -1: none
	kind      byte // or 0
}

const maxWidth = 1 << 20

func parseFormatSpec(s string) (formatSpec, error) {
	f := formatSpec{fill: " ", precision: -1}
	whole := s
	if _, n := utf8.DecodeRuneInString(s); n > 0 && len(s) > n && isAlign(s[n]) {
		f.fill, f.align, s = s[:n], s[n], s[n+1:]
	} else if s != "" && isAlign(s[0]) {
		f.align, s = s[0], s[1:]
	}
	if s != "" && strings.IndexByte("+- ", s[0]) >= 0 {
		f.sign, s = s[0], s[1:]
	}
	s = strings.TrimPrefix(s, "z")
	if strings.HasPrefix(s, "#") {
		f.alt, s = true, s[1:]
	}
	if strings.HasPrefix(s, "0") {
		if f.align == 0 {
			f.fill, f.align = "0", '='
		}
		s = s[1:]
	}
	var err error
	if f.width, s, err = takeNumber(s, 0); err != nil {
		return f, err
	}
	if s != "" && (s[0] == ',' || s[0] == '_') {
		f.group, s = s[0], s[1:]
	}
	if strings.HasPrefix(s, ".") {
		if f.precision, s, err = takeNumber(s[1:], -2); err != nil || f.precision == -2 {
			return f, valueError("format specifier missing precision")
		}
	}
	if len(s) > 1 {
		return f, valueError("invalid format specifier '%s'", whole)
	}
	if s != "" {
		f.kind = s[0]
	}
	return f, nil
}

func isAlign(c byte) bool { return c == '<' || c == '>' || c == '=' || c == '^' }

// takeNumber takes decimal digits off a text.
func takeNumber(s string, otherwise int) (n int, rest string, err error) {
	i := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	if i == 0 {
		return otherwise, s, nil
	}
	n, err = strconv.Atoi(s[:i])
	if err != nil || n > maxWidth {
		return 0, s, limitError("a width of %s is too big", s[:i])
	}
	return n, s[i:], nil
}

// formatted is a value that reads format specifications itself, as dates do.
type formatted interface {
	Format(spec string) (string, error)
}

// formatValue is Python's format(v, spec).
func (f *frame) formatValue(v any, spec string) (string, error) {
	if spec == "" {
		return f.str(v)
	}
	if err := use(v); err != nil {
		return "", err
	}
	if x, ok := v.(formatted); ok {
		return x.Format(spec)
	}
	s, err := parseFormatSpec(spec)
	if err != nil {
		return "", err
	}
	switch x := v.(type) {
	case string:
		return s.text(x)
	case float64:
		return s.float(x)
	}
	if b := value.Big(v); b != nil {
		return s.integer(b)
	}
	return "", typeError("unsupported format string passed to %s.__format__", value.TypeName(v))
}

func (s formatSpec) text(x string) (string, error) {
	if s.kind != 0 && s.kind != 's' {
		return "", valueError("unknown format code '%c' for object of type 'str'", s.kind)
	}
	if s.group != 0 {
		return "", valueError("cannot specify '%c' with 's'", s.group)
	}
	if s.sign != 0 || s.align == '=' && s.fill != "0" {
		return "", valueError("sign or '=' alignment not allowed in string format specifier")
	}
	if s.precision >= 0 {
		if runes := []rune(x); len(runes) > s.precision {
			x = string(runes[:s.precision])
		}
	}
	return s.pad("", x, '<'), nil
}

// pad aligns a sign and digits, or a text without a sign, to the width.
func (s formatSpec) pad(sign, body string, align byte) string {
	if s.align != 0 {
		align = s.align
	}
	n := s.width - utf8.RuneCountInString(sign) - utf8.RuneCountInString(body)
	if n <= 0 {
		return sign + body
	}
	switch align {
	case '=':
		return sign + strings.Repeat(s.fill, n) + body
	case '>':
		return strings.Repeat(s.fill, n) + sign + body
	case '^':
		return strings.Repeat(s.fill, n/2) + sign + body + strings.Repeat(s.fill, n-n/2)
	}
	return sign + body + strings.Repeat(s.fill, n)
}

func (s formatSpec) signOf(negative bool) string {
	switch {
	case negative:
		return "-"
	case s.sign == '+' || s.sign == ' ':
		return string(s.sign)
	}
	return ""
}

var radixes = map[byte]struct {
	base   int
	prefix string
}{'b': {2, "0b"}, 'o': {8, "0o"}, 'x': {16, "0x"}, 'X': {16, "0X"}, 'd': {10, ""}, 'n': {10, ""}, 0: {10, ""}}

// character is the character of a code point.
func character(code *big.Int) (string, error) {
	if !code.IsInt64() || code.Sign() < 0 || code.Int64() > unicode.MaxRune {
		return "", valueError("%%c arg not in range(0x110000)")
	}
	return string(rune(code.Int64())), nil
}

func (s formatSpec) integer(b *big.Int) (string, error) {
	if s.kind == 'c' {
		c, err := character(b)
		return s.pad("", c, '<'), err
	}
	r, ok := radixes[s.kind]
	if !ok {
		if strings.IndexByte("eEfFgG%", s.kind) < 0 {
			return "", valueError("unknown format code '%c' for object of type 'int'", s.kind)
		}
		f, _ := new(big.Float).SetInt(b).Float64()
		return s.float(f)
	}
	if s.precision >= 0 {
		return "", valueError("precision not allowed in integer format specifier")
	}
	digits := new(big.Int).Abs(b).Text(r.base)
	if s.kind == 'X' {
		digits = strings.ToUpper(digits)
	}
	size := 3
	if r.base != 10 {
		size = 4
	}
	sign := s.signOf(b.Sign() < 0)
	if s.alt {
		sign += r.prefix
	}
	return s.pad(sign, s.grouped(digits, size, len(sign)), '>'), nil
}

// grouped puts separators between digits; zeros that fill the width are digits, too.
func (s formatSpec) grouped(digits string, size, signLen int) string {
	if s.group == 0 {
		return digits
	}
	if s.align == '=' && s.fill == "0" {
		for len(digits)+(len(digits)-1)/size < s.width-signLen {
			digits = "0" + digits
		}
	}
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%size == 0 {
			b.WriteByte(s.group)
		}
		b.WriteRune(d)
	}
	return b.String()
}

func (s formatSpec) float(x float64) (string, error) {
	kind, precision := s.kind, s.precision
	switch kind {
	case 0, 'n':
		if precision < 0 && kind == 0 {
			return s.padFloat(x, value.FormatFloat(math.Abs(x))), nil
		}
		kind = 'g'
	case '%':
		return s.percentage(x), nil
	case 'e', 'E', 'f', 'F', 'g', 'G':
	default:
		return "", valueError("unknown format code '%c' for object of type 'float'", kind)
	}
	if precision < 0 {
		precision = 6
	}
	text := formatFloat(math.Abs(x), kind, precision, s.alt)
	if s.kind == 0 && !strings.ContainsAny(text, ".e") {
		text += ".0"
	}
	return s.padFloat(x, text), nil
}

func (s formatSpec) percentage(x float64) string {
	precision := s.precision
	if precision < 0 {
		precision = 6
	}
	return s.padFloat(x, strconv.FormatFloat(math.Abs(x)*100, 'f', precision, 64)+"%")
}

func (s formatSpec) padFloat(x float64, digits string) string {
	sign := s.signOf(math.Signbit(x))
	if end := strings.IndexFunc(digits, func(r rune) bool { return !unicode.IsDigit(r) }); s.group != 0 && end != 0 {
		if end < 0 {
			end = len(digits)
		}
		digits = s.grouped(digits[:end], 3, len(sign)+len(digits)-end) + digits[end:]
	}
	return s.pad(sign, digits, '>')
}

// formatFloat prints a float that is not negative in one of C's ways: e, f or g.
func formatFloat(x float64, kind byte, precision int, alt bool) string {
	if math.IsInf(x, 0) || math.IsNaN(x) {
		if kind < 'a' {
			return strings.ToUpper(value.FormatFloat(x))
		}
		return value.FormatFloat(x)
	}
	switch kind {
	case 'f', 'F':
		return strconv.FormatFloat(x, 'f', precision, 64)
	case 'e', 'E':
		return strconv.FormatFloat(x, kind, precision, 64)
	}
	text := general(x, max(precision, 1), alt)
	if kind == 'G' {
		return strings.ToUpper(text)
	}
	return text
}

// general prints the shortest of the fixed and the exponent form with so many digits.
func general(x float64, precision int, alt bool) string {
	exp := strconv.FormatFloat(x, 'e', precision-1, 64)
	mantissa, power, _ := strings.Cut(exp, "e")
	n, _ := strconv.Atoi(power)
	text := exp
	if n >= -4 && n < precision {
		mantissa = strconv.FormatFloat(x, 'f', precision-1-n, 64)
		power, text = "", mantissa
	}
	if alt {
		return text
	}
	if strings.Contains(mantissa, ".") {
		mantissa = strings.TrimRight(strings.TrimRight(mantissa, "0"), ".")
	}
	if power != "" {
		return mantissa + "e" + power
	}
	return mantissa
}

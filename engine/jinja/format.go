package jinja

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/drydock-dev/drydock/engine/value"
)

// formatMethod is str.format.
func formatMethod(c *Call, in any) (any, error) {
	return c.frame.format(in.(string), c.Args, c.Kwargs)
}

func formatMapMethod(c *Call, in any) (any, error) {
	p, err := c.Bind("mapping")
	if err != nil {
		return nil, err
	}
	m, ok := AsMap(p.Any(0, nil))
	if !ok {
		return nil, typeError("format_map needs a mapping")
	}
	return c.frame.format(in.(string), nil, m)
}

// formatter fills the fields of one format string.
type formatter struct {
	f                   *frame
	args                []any
	named               *value.Map
	next                int  // the next automatic index
	byNumber, automatic bool // how fields were numbered so far
}

func (f *frame) format(s string, args []any, named *value.Map) (string, error) {
	return (&formatter{f: f, args: args, named: named}).fill(s, 0)
}

func (m *formatter) fill(s string, depth int) (string, error) {
	var b strings.Builder
	for s != "" {
		i := strings.IndexAny(s, "{}")
		if i < 0 {
			b.WriteString(s)
			break
		}
		b.WriteString(s[:i])
		if i+1 < len(s) && s[i+1] == s[i] {
			b.WriteByte(s[i])
			s = s[i+2:]
			continue
		}
		if s[i] == '}' {
			return "", valueError("single '}' encountered in format string")
		}
		field, rest, err := cutField(s[i+1:])
		if err != nil {
			return "", err
		}
		text, err := m.field(field, depth)
		if err != nil {
			return "", err
		}
		b.WriteString(text)
		s = rest
	}
	return b.String(), nil
}

// cutField cuts a field at the brace that closes it.
func cutField(s string) (field, rest string, err error) {
	depth := 1
	for i := range len(s) {
		switch s[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return s[:i], s[i+1:], nil
			}
		}
	}
	return "", "", valueError("expected '}' before end of string")
}

func (m *formatter) field(field string, depth int) (string, error) {
	if depth > 1 {
		return "", valueError("max string recursion exceeded")
	}
	name, spec := field, ""
	if i := strings.IndexByte(field, ':'); i >= 0 {
		name, spec = field[:i], field[i+1:]
	}
	name, conversion, converted := strings.Cut(name, "!")
	v, err := m.lookup(name)
	if err != nil {
		return "", err
	}
	if converted {
		if v, err = m.convert(v, conversion); err != nil {
			return "", err
		}
	}
	if spec, err = m.fill(spec, depth+1); err != nil {
		return "", err
	}
	return m.f.formatValue(v, spec)
}

func (m *formatter) convert(v any, how string) (any, error) {
	s, err := m.f.str(v)
	if err != nil {
		return nil, err
	}
	switch how {
	case "s":
		return s, nil
	case "r":
		return value.Repr(m.f.settle(v)), nil
	case "a":
		return asciiOnly(value.Repr(m.f.settle(v))), nil
	}
	return nil, valueError("unknown conversion specifier '%s'", how)
}

// asciiOnly escapes all but ASCII, as Python's ascii() does.
func asciiOnly(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r <= unicode.MaxASCII:
			b.WriteRune(r)
		case r <= 0xff:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	return b.String()
}

// lookup finds the value of a field name: an index or name, then attributes and items.
func (m *formatter) lookup(name string) (any, error) {
	head := name
	if i := strings.IndexAny(name, ".["); i >= 0 {
		head = name[:i]
	}
	v, err := m.argument(head)
	for rest := name[len(head):]; rest != "" && err == nil; {
		if rest[0] == '.' {
			end := len(rest)
			if i := strings.IndexAny(rest[1:], ".["); i >= 0 {
				end = i + 1
			}
			v, err = m.attr(v, rest[1:end])
			rest = rest[end:]
			continue
		}
		end := strings.IndexByte(rest, ']')
		if end < 0 {
			return nil, valueError("missing ']' in format string")
		}
		v, err = m.item(v, formatKey(rest[1:end]))
		rest = rest[end+1:]
	}
	return v, err
}

// attr is an attribute; a key of a mapping is none here.
func (m *formatter) attr(v any, name string) (any, error) {
	switch v.(type) {
	case *value.Map, value.Object:
		return nil, value.Errorf(value.KeyError, "'dict' object has no attribute %s", value.Repr(name))
	}
	found, err := m.f.attr(v, name)
	if err == nil && Missing(found) {
		return nil, value.Errorf(value.KeyError, "'%s' object has no attribute %s", value.TypeName(v), value.Repr(name))
	}
	return found, err
}

// item is an item; one that is missing is an error of its own.
func (m *formatter) item(v, key any) (any, error) {
	found, err := m.f.item(v, key)
	if err != nil || !Missing(found) {
		return found, err
	}
	_, isIndex := key.(int)
	switch _, isMap := AsMap(v); {
	case isMap:
		return nil, value.Errorf(value.KeyError, "%s", value.Repr(key))
	case isSequence(v) && isIndex:
		return nil, value.Errorf(value.IndexError, "%s index out of range", value.TypeName(v))
	case isSequence(v):
		return nil, typeError("%s indices must be integers or slices, not str", value.TypeName(v))
	}
	return nil, typeError("'%s' object is not subscriptable", value.TypeName(v))
}

func formatKey(s string) any {
	if n, err := strconv.Atoi(s); err == nil {
		return n
	}
	return s
}

func (m *formatter) argument(head string) (any, error) {
	i := m.next
	if head == "" {
		m.next++
		m.automatic = true
	} else {
		n, err := strconv.Atoi(head)
		if err != nil {
			v, ok := m.named.Get(head)
			if !ok {
				return nil, value.Errorf(value.KeyError, "%s", value.Repr(head))
			}
			return v, nil
		}
		i, m.byNumber = n, true
	}
	if m.byNumber && m.automatic {
		return nil, valueError("cannot switch between manual field specification and automatic field numbering")
	}
	if i < 0 || i >= len(m.args) {
		return nil, value.Errorf(value.IndexError, "replacement index %d out of range for positional args tuple", i)
	}
	return m.args[i], nil
}

// percent is Python's text % values.
func (f *frame) percent(s string, v any) (any, error) {
	v = f.settle(v)
	p := &percenter{f: f, args: []any{v}}
	if t, ok := v.(value.Tuple); ok {
		p.args = t
	}
	p.mapping, p.isMapping = AsMap(v)
	var b strings.Builder
	for s != "" {
		i := strings.IndexByte(s, '%')
		if i < 0 {
			b.WriteString(s)
			break
		}
		b.WriteString(s[:i])
		text, rest, err := p.conversion(s[i+1:])
		if err != nil {
			return nil, err
		}
		b.WriteString(text)
		s = rest
	}
	_, list := v.([]any)
	if p.used < len(p.args) && !p.isMapping && !(list && p.used == 0) {
		return nil, typeError("not all arguments converted during string formatting")
	}
	return b.String(), nil
}

// percenter hands out the values of one % operation.
type percenter struct {
	f         *frame
	args      []any
	used      int
	named     bool // a key was used: there are no others
	mapping   *value.Map
	isMapping bool
}

func (p *percenter) next() (any, error) {
	if p.used >= len(p.args) || p.named {
		return nil, typeError("not enough arguments for format string")
	}
	p.used++
	return p.args[p.used-1], nil
}

// conversion prints one conversion; s begins behind its percent sign.
func (p *percenter) conversion(s string) (text, rest string, err error) {
	var key string
	named := false
	if strings.HasPrefix(s, "%") {
		return "%", s[1:], nil
	}
	if strings.HasPrefix(s, "(") {
		end := strings.IndexByte(s, ')')
		if end < 0 {
			return "", "", valueError("incomplete format key")
		}
		key, s, named = s[1:end], s[end+1:], true
	}
	spec, s, err := p.spec(s)
	if err != nil {
		return "", "", err
	}
	if s == "" {
		return "", "", valueError("incomplete format")
	}
	kind, rest := s[0], s[1:]
	var v any
	if named {
		ok := false
		if !p.isMapping {
			return "", "", typeError("format requires a mapping")
		}
		if v, ok = p.mapping.Get(key); !ok {
			return "", "", value.Errorf(value.KeyError, "%s", value.Repr(key))
		}
		p.named = true
	} else if v, err = p.next(); err != nil {
		return "", "", err
	}
	text, err = p.convert(v, kind, spec)
	return text, rest, err
}

// spec reads flags, width and precision.
func (p *percenter) spec(s string) (formatSpec, string, error) {
	f := formatSpec{fill: " ", precision: -1, align: '>'}
	for s != "" && strings.IndexByte("#0- +", s[0]) >= 0 {
		switch s[0] {
		case '#':
			f.alt = true
		case '0':
			if f.align != '<' {
				f.fill, f.align = "0", '='
			}
		case '-':
			f.fill, f.align = " ", '<'
		case '+':
			f.sign = '+'
		case ' ':
			if f.sign == 0 {
				f.sign = ' '
			}
		}
		s = s[1:]
	}
	var err error
	if f.width, s, err = p.number(s, 0); err != nil {
		return f, s, err
	}
	if strings.HasPrefix(s, ".") {
		f.precision, s, err = p.number(s[1:], 0)
	}
	for s != "" && strings.IndexByte("hlL", s[0]) >= 0 {
		s = s[1:]
	}
	return f, s, err
}

func (p *percenter) number(s string, otherwise int) (int, string, error) {
	if !strings.HasPrefix(s, "*") {
		return takeNumber(s, otherwise)
	}
	v, err := p.next()
	if err != nil {
		return 0, s, err
	}
	n, ok := AsInt(v)
	if !ok || n > maxWidth {
		return 0, s, typeError("* wants int")
	}
	return n, s[1:], nil
}

func (p *percenter) convert(v any, kind byte, spec formatSpec) (string, error) {
	if err := use(v); err != nil {
		return "", err
	}
	switch kind {
	case 's', 'r', 'a':
		s, err := p.f.str(v)
		switch kind {
		case 'r':
			s = value.Repr(v)
		case 'a':
			s = asciiOnly(value.Repr(v))
		}
		if spec.precision >= 0 && len([]rune(s)) > spec.precision {
			s = string([]rune(s)[:spec.precision])
		}
		if spec.align == '=' {
			spec.fill, spec.align = " ", '>'
		}
		return spec.pad("", s, '>'), err
	case 'c':
		if b := value.Big(v); b != nil {
			c, err := character(b)
			return spec.pad("", c, '>'), err
		}
		if s, ok := v.(string); ok && utf8.RuneCountInString(s) == 1 {
			return spec.pad("", s, '>'), nil
		}
		return "", typeError("%%c requires int or char")
	case 'd', 'i', 'u', 'x', 'X', 'o':
		return p.integer(v, kind, spec)
	case 'e', 'E', 'f', 'F', 'g', 'G':
		if value.Big(v) == nil {
			if _, ok := v.(float64); !ok {
				return "", typeError("must be real number, not %s", value.TypeName(v))
			}
		}
		spec.kind = kind
		return spec.float(toFloat(v))
	}
	return "", valueError("unsupported format character '%c'", kind)
}

func (p *percenter) integer(v any, kind byte, spec formatSpec) (string, error) {
	b := value.Big(v)
	if f, ok := v.(float64); ok && strings.IndexByte("diu", kind) >= 0 && !math.IsInf(f, 0) && !math.IsNaN(f) {
		b, _ = big.NewFloat(math.Trunc(f)).Int(nil)
	}
	if b == nil {
		return "", typeError("%%%c format: a real number is required, not %s", kind, value.TypeName(v))
	}
	if spec.precision > 0 {
		digits, sign := new(big.Int).Abs(b).String(), spec.signOf(b.Sign() < 0)
		return spec.pad(sign, strings.Repeat("0", max(spec.precision-len(digits), 0))+digits, '>'), nil
	}
	spec.precision = -1
	spec.kind = map[byte]byte{'d': 'd', 'i': 'd', 'u': 'd', 'x': 'x', 'X': 'X', 'o': 'o'}[kind]
	return spec.integer(b)
}

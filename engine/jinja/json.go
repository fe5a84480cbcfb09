package jinja

import (
	"fmt"
	"math/big"
	"strings"
	"unicode/utf16"

	"github.com/drydock-dev/drydock/engine/value"
)

// JSONOptions says how EncodeJSON writes, by the arguments of Python's json.dumps.
type JSONOptions struct {
	Indented bool
	Indent   int
	SortKeys bool
	Unicode  bool // characters beyond ASCII stay as they are
	ItemSep  string
	KeySep   string
	// TextKeys makes all keys text first: of two that are the same then, the last wins.
	TextKeys  bool
	AllScalar func(v any) (any, error) // what other values become; nil: they are an error
}

// EncodeJSON writes a value as Python's json.dumps does.
func EncodeJSON(v any, o JSONOptions) (string, error) {
	if o.ItemSep == "" {
		o.ItemSep = ", "
		if o.Indented {
			o.ItemSep = ","
		}
	}
	if o.KeySep == "" {
		o.KeySep = ": "
	}
	e := &jsonEncoder{JSONOptions: o}
	err := e.value(v, 0)
	return e.b.String(), err
}

type jsonEncoder struct {
	JSONOptions
	b strings.Builder
}

func (e *jsonEncoder) value(v any, depth int) error {
	if depth > 1000 {
		return value.Errorf(value.Recursion, "the value is nested too deeply")
	}
	switch x := v.(type) {
	case nil:
		e.b.WriteString("null")
	case bool:
		fmt.Fprint(&e.b, x)
	case int, *big.Int:
		e.b.WriteString(value.Str(x))
	case float64:
		e.b.WriteString(jsonFloat(x))
	case string:
		e.text(x)
	case value.Undefined:
		return use(x)
	case []any, value.Tuple, *value.List:
		items, _ := value.Items(x)
		return e.list(items, depth)
	default:
		if m, ok := AsMap(v); ok {
			return e.mapping(m, depth)
		}
		return e.other(v, depth)
	}
	return nil
}

func (e *jsonEncoder) other(v any, depth int) error {
	if j, ok := v.(interface{ JSON() string }); ok {
		e.text(j.JSON())
		return nil
	}
	if r, ok := v.(rangeValue); ok && e.TextKeys {
		items, err := r.list()
		if err != nil {
			return err
		}
		return e.list(items, depth)
	}
	if f, ok := v.(interface{ Final() (any, error) }); ok {
		fin, err := f.Final()
		if err != nil {
			return err
		}
		return e.value(fin, depth)
	}
	return typeError("object of type %s is not JSON serializable", value.TypeName(v))
}

func jsonFloat(f float64) string {
	switch s := value.FormatFloat(f); s {
	case "inf":
		return "Infinity"
	case "-inf":
		return "-Infinity"
	case "nan":
		return "NaN"
	default:
		return s
	}
}

func (e *jsonEncoder) newline(depth int) {
	if e.Indented {
		e.b.WriteByte('\n')
		e.b.WriteString(strings.Repeat(" ", min(depth*e.Indent, 1<<16)))
	}
}

func (e *jsonEncoder) list(items []any, depth int) error {
	if len(items) == 0 {
		e.b.WriteString("[]")
		return nil
	}
	e.b.WriteByte('[')
	if e.b.Len() > maxText {
		return limitError("a text of more than %d bytes is too long", maxText)
	}
	for i, it := range items {
		if i > 0 {
			e.b.WriteString(e.ItemSep)
		}
		e.newline(depth + 1)
		if err := e.value(it, depth+1); err != nil {
			return err
		}
	}
	e.newline(depth)
	e.b.WriteByte(']')
	return nil
}

func (e *jsonEncoder) mapping(m *value.Map, depth int) error {
	if e.TextKeys {
		var err error
		if m, err = textKeys(m); err != nil {
			return err
		}
	}
	keys := m.Keys()
	if len(keys) == 0 {
		e.b.WriteString("{}")
		return nil
	}
	if e.SortKeys {
		if err := value.Sort(keys, nil, false); err != nil {
			return err
		}
	}
	if e.b.Len() > maxText {
		return limitError("a text of more than %d bytes is too long", maxText)
	}
	e.b.WriteByte('{')
	for i, k := range keys {
		if i > 0 {
			e.b.WriteString(e.ItemSep)
		}
		e.newline(depth + 1)
		if err := e.key(k); err != nil {
			return err
		}
		e.b.WriteString(e.KeySep)
		if err := e.value(m.Value(k), depth+1); err != nil {
			return err
		}
	}
	e.newline(depth)
	e.b.WriteByte('}')
	return nil
}

// textKeys is a mapping with its keys as JSON writes them.
func textKeys(m *value.Map) (*value.Map, error) {
	var out *value.Map
	i := 0
	for k, v := range m.All() {
		if _, ok := k.(string); !ok && out == nil {
			out = firstEntries(m, i)
		}
		if i++; out == nil {
			continue
		}
		e := &jsonEncoder{}
		if err := e.key(k); err != nil {
			return nil, err
		}
		name := k
		if _, ok := k.(string); !ok {
			name = strings.Trim(e.b.String(), `"`)
		}
		out.Set(name, v)
	}
	if out == nil {
		return m, nil
	}
	return out, nil
}

func (e *jsonEncoder) key(k any) error {
	switch x := k.(type) {
	case string:
		e.text(x)
		return nil
	case nil, bool, int, *big.Int, float64:
		e.b.WriteByte('"')
		err := e.value(x, 0)
		e.b.WriteByte('"')
		return err
	}
	return typeError("keys must be str, int, float, bool or None, not %s", value.TypeName(k))
}

var jsonEscapes = map[rune]string{'"': `\"`, '\\': `\\`, '\n': `\n`, '\r': `\r`, '\t': `\t`, '\f': `\f`, '\b': `\b`}

func (e *jsonEncoder) text(s string) {
	e.b.WriteByte('"')
	for _, r := range s {
		esc, ok := jsonEscapes[r]
		switch {
		case ok:
			e.b.WriteString(esc)
		case r < 0x20 || (r > 0x7e && r < 0x10000 && !e.Unicode):
			fmt.Fprintf(&e.b, `\u%04x`, r)
		case r >= 0x10000 && !e.Unicode:
			hi, lo := utf16.EncodeRune(r)
			fmt.Fprintf(&e.b, `\u%04x\u%04x`, hi, lo)
		default:
			e.b.WriteRune(r)
		}
	}
	e.b.WriteByte('"')
}

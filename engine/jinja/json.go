package jinja

import (
	"fmt"
	"math/big"
	"sort"
	"strings"
	"unicode/utf16"

	"github.com/drydock-dev/drydock/engine/value"
)

// JSONOptions says how EncodeJSON writes, by the arguments of Python's json.dumps.
type JSONOptions struct {
	Indented  bool
	Indent    int
	SortKeys  bool
	Unicode   bool // characters beyond ASCII stay as they are
	ItemSep   string
	KeySep    string
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

// PrettyPrint prints a value as Python's pprint does: on one line where it fits into 80 columns, else one item a line.
func PrettyPrint(v any, indent int) string {
	one := value.Repr(sortedKeys(v))
	if len(one)+indent <= 80 {
		return one
	}
	open, end := "[", "]"
	var parts []string
	switch x := v.(type) {
	case *value.Map:
		open, end = "{", "}"
		m := sortedKeys(x).(*value.Map)
		for k, item := range m.All() {
			head := value.Repr(k) + ": "
			parts = append(parts, head+PrettyPrint(item, indent+1+len(head)))
		}
	case value.Tuple:
		open, end = "(", ")"
		for _, it := range x {
			parts = append(parts, PrettyPrint(it, indent+1))
		}
	default:
		items, ok := value.Items(v)
		if !ok {
			return one
		}
		for _, it := range items {
			parts = append(parts, PrettyPrint(it, indent+1))
		}
	}
	return open + strings.Join(parts, ",\n"+strings.Repeat(" ", indent+1)) + end
}

func sortedKeys(v any) any {
	switch x := v.(type) {
	case *value.Map:
		keys := x.Keys()
		sort.SliceStable(keys, func(i, j int) bool {
			c, err := value.Compare(keys[i], keys[j])
			return err == nil && c == -1
		})
		m := &value.Map{}
		for _, k := range keys {
			m.Set(k, sortedKeys(x.Value(k)))
		}
		return m
	case []any:
		out := make([]any, len(x))
		for i, it := range x {
			out[i] = sortedKeys(it)
		}
		return out
	}
	return v
}

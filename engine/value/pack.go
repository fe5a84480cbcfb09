package value

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Pack writes a value as JSON from which Unpack makes the same value again: whole numbers stay apart from others, mappings keep their order
// and keys of every kind, text keeps bytes that are no UTF-8. What JSON has no form for is an object of one key that begins with $:
//
//	{"$f": "nan"}  {"$b": base64}  {"$t": tuple}  {"$m": [[key, value], ...]}  {"$o": omit}
//
// Templates, objects and what else exists only while something is evaluated cannot be packed; that is an error.
func Pack(v any) ([]byte, error) { return pack(nil, v, 0) }

// maxPacked is how deep packed values may lie in each other: each level may take two of JSON's.
const maxPacked = maxJSONDepth/3 - 1

func pack(b []byte, v any, depth int) ([]byte, error) {
	if depth > maxPacked {
		return nil, fmt.Errorf("a value whose nesting is deeper than %d levels cannot be packed", maxPacked)
	}
	switch x := v.(type) {
	case nil:
		return append(b, "null"...), nil
	case bool:
		return strconv.AppendBool(b, x), nil
	case int:
		return strconv.AppendInt(b, int64(x), 10), nil
	case *big.Int:
		return x.Append(b, 10), nil
	case float64:
		return packFloat(b, x), nil
	case string:
		return packText(b, x)
	case []any:
		return packItems(b, x, depth)
	case *List:
		return packItems(b, x.Items, depth)
	case Tuple:
		return packMarked(b, 't', func(b []byte) ([]byte, error) { return packItems(b, x, depth) })
	case *Map:
		return packMap(b, x, depth)
	case Omit:
		return append(b, `{"$o":null}`...), nil
	}
	return nil, fmt.Errorf("a value of the type %s cannot be packed", TypeName(v))
}

func packMarked(b []byte, mark byte, inner func([]byte) ([]byte, error)) ([]byte, error) {
	b, err := inner(append(b, '{', '"', '$', mark, '"', ':'))
	return append(b, '}'), err
}

func packFloat(b []byte, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(strconv.AppendFloat(append(b, `{"$f":"`...), f, 'g', -1, 64), `"}`...)
	}
	text := strconv.FormatFloat(f, 'g', -1, 64)
	if !strings.ContainsAny(text, ".e") {
		text += ".0"
	}
	return append(b, text...)
}

func packText(b []byte, s string) ([]byte, error) {
	if !utf8.ValidString(s) {
		return append(base64.StdEncoding.AppendEncode(append(b, `{"$b":"`...), []byte(s)), `"}`...), nil
	}
	text, err := json.Marshal(s)
	return append(b, text...), err
}

func packItems(b []byte, items []any, depth int) ([]byte, error) {
	b = append(b, '[')
	for i, item := range items {
		if i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = pack(b, item, depth+1); err != nil {
			return nil, err
		}
	}
	return append(b, ']'), nil
}

// packMap writes a mapping as an object where it can be one: with keys that are plain text.
func packMap(b []byte, m *Map, depth int) ([]byte, error) {
	for k := range m.All() {
		if s, ok := k.(string); !ok || strings.HasPrefix(s, "$") || !utf8.ValidString(s) {
			return packMarked(b, 'm', func(b []byte) ([]byte, error) { return packPairs(b, m, depth) })
		}
	}
	b = append(b, '{')
	for k, v := range m.All() {
		if b[len(b)-1] != '{' {
			b = append(b, ',')
		}
		var err error
		if b, err = packText(b, k.(string)); err != nil {
			return nil, err
		}
		if b, err = pack(append(b, ':'), v, depth+1); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

func packPairs(b []byte, m *Map, depth int) ([]byte, error) {
	pairs := make([]any, 0, m.Len())
	for k, v := range m.All() {
		pairs = append(pairs, []any{k, v})
	}
	return packItems(b, pairs, depth)
}

// Unpack reads what Pack wrote.
func Unpack(data []byte) (any, error) {
	v, err := ParseJSON(data)
	if err != nil {
		return nil, err
	}
	return unpack(v)
}

func unpack(v any) (any, error) {
	switch x := v.(type) {
	case []any:
		return x, unpackItems(x)
	case *Map:
		if x.Len() == 1 {
			if mark := Str(x.keys[0]); strings.HasPrefix(mark, "$") {
				return unpackMarked(mark, x.vals[0])
			}
		}
		return x, unpackItems(x.vals)
	}
	return v, nil
}

func unpackItems(items []any) error {
	for i, item := range items {
		var err error
		if items[i], err = unpack(item); err != nil {
			return err
		}
	}
	return nil
}

func unpackMarked(mark string, v any) (any, error) {
	text, _ := v.(string)
	items, _ := v.([]any)
	switch mark {
	case "$f":
		return strconv.ParseFloat(text, 64)
	case "$b":
		data, err := base64.StdEncoding.DecodeString(text)
		return string(data), err
	case "$o":
		return Omit{}, nil
	case "$t":
		return Tuple(items), unpackItems(items)
	case "$m":
		return unpackPairs(items)
	}
	return nil, fmt.Errorf("packed values have no mark %q", mark)
}

func unpackPairs(pairs []any) (any, error) {
	m := &Map{}
	for _, p := range pairs {
		pair, ok := p.([]any)
		if !ok || len(pair) != 2 {
			return nil, fmt.Errorf("a packed mapping has an entry that is no pair")
		}
		if err := unpackItems(pair); err != nil {
			return nil, err
		}
		m.Set(pair[0], pair[1])
	}
	return m, nil
}

// UnmarshalJSON reads an object in its own order.
func (m *Map) UnmarshalJSON(data []byte) error {
	v, err := ParseJSON(data)
	if err != nil {
		return err
	}
	switch x := v.(type) {
	case nil:
	case *Map:
		*m = *x
	default:
		return fmt.Errorf("a mapping is wanted, this is %s", TypeName(v))
	}
	return nil
}

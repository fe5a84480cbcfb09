package value

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"strings"
)

// ParseJSON reads one JSON value; objects become ordered Maps, whole numbers int (or *big.Int), others float64.
func ParseJSON(data []byte) (any, error) {
	d := &jsonReader{Decoder: json.NewDecoder(bytes.NewReader(data))}
	d.UseNumber()
	v, err := readJSON(d)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("text after the JSON value at offset %d", d.InputOffset())
	}
	return v, nil
}

// maxJSONDepth is how deep lists and objects may lie in each other.
const maxJSONDepth = 1000

type jsonReader struct {
	*json.Decoder
	depth int
}

func readJSON(d *jsonReader) (any, error) {
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch x := t.(type) {
	case json.Number:
		return number(x)
	case json.Delim:
		if d.depth++; d.depth > maxJSONDepth {
			return nil, fmt.Errorf("the nesting is deeper than %d levels at offset %d", maxJSONDepth, d.InputOffset())
		}
		defer func() { d.depth-- }()
		if x == '[' {
			return readArray(d)
		}
		return readObject(d)
	}
	return t, nil
}

func number(n json.Number) (any, error) {
	if strings.ContainsAny(string(n), ".eE") {
		return n.Float64()
	}
	if i, err := n.Int64(); err == nil {
		return int(i), nil
	}
	b, ok := new(big.Int).SetString(string(n), 10)
	if !ok {
		return nil, fmt.Errorf("bad number %s", n)
	}
	return b, nil
}

func readArray(d *jsonReader) (any, error) {
	out := []any{}
	for d.More() {
		v, err := readJSON(d)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	_, err := d.Token()
	return out, err
}

func readObject(d *jsonReader) (any, error) {
	m := &Map{}
	for d.More() {
		k, err := d.Token()
		if err != nil {
			return nil, err
		}
		v, err := readJSON(d)
		if err != nil {
			return nil, err
		}
		m.Set(k, v)
	}
	_, err := d.Token()
	return m, err
}

// MarshalJSON writes the mapping in its own order; keys that are not strings are printed as Python's json does.
func (m *Map) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, k := range m.Keys() {
		if i > 0 {
			b.WriteByte(',')
		}
		key, err := encode(jsonKey(k))
		if err != nil {
			return nil, err
		}
		b.Write(key)
		b.WriteByte(':')
		val, err := encode(m.vals[i])
		if err != nil {
			return nil, err
		}
		b.Write(val)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func jsonKey(k any) string {
	switch x := k.(type) {
	case string:
		return x
	case nil:
		return "null"
	case bool:
		if x {
			return "true"
		}
		return "false"
	}
	return Str(k)
}

// encode is json.Marshal without escaping <, > and &.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

package export

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/value"
)

// tomlWriter writes TOML: plain values of a table first, then the tables in it, as the format asks.
type tomlWriter struct{ b strings.Builder }

func writeTOML(m *value.Map) (string, error) {
	w := &tomlWriter{}
	if err := w.table(m, nil); err != nil {
		return "", err
	}
	return w.b.String(), nil
}

// table writes the entries of a table; its own headline is out already.
func (w *tomlWriter) table(m *value.Map, name []string) error {
	var later []string
	for k, v := range m.All() {
		key := value.Str(k)
		if _, isTable := v.(*value.Map); isTable {
			later = append(later, key)
			continue
		}
		text, err := tomlValue(v)
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		fmt.Fprintf(&w.b, "%s = %s\n", tomlKey(key), text)
	}
	for _, key := range later {
		sub := m.Value(key).(*value.Map)
		path := append(append([]string(nil), name...), tomlKey(key))
		if w.b.Len() > 0 {
			w.b.WriteByte('\n')
		}
		if headed(sub) {
			fmt.Fprintf(&w.b, "[%s]\n", strings.Join(path, "."))
		}
		if err := w.table(sub, path); err != nil {
			return err
		}
	}
	return nil
}

// headed tells whether a table needs a headline of its own: it is empty or has plain values.
func headed(m *value.Map) bool {
	for _, v := range m.All() {
		if _, isTable := v.(*value.Map); !isTable {
			return true
		}
	}
	return m.Len() == 0
}

func tomlKey(s string) string {
	for _, r := range s {
		if r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return tomlText(s)
		}
	}
	if s == "" {
		return `""`
	}
	return s
}

func tomlValue(v any) (string, error) {
	switch x := v.(type) {
	case bool:
		return strconv.FormatBool(x), nil
	case int, *big.Int:
		return value.Str(x), nil
	case float64:
		if math.IsInf(x, 0) || math.IsNaN(x) {
			return strings.ToLower(value.FormatFloat(x)), nil
		}
		return value.FormatFloat(x), nil
	case string:
		return tomlText(x), nil
	case []any:
		return tomlArray(x)
	case *value.Map:
		return tomlInline(x)
	}
	return "", fmt.Errorf("TOML has no way to write %s", value.TypeName(v))
}

func tomlArray(list []any) (string, error) {
	if len(list) == 0 {
		return "[]", nil
	}
	var b strings.Builder
	b.WriteString("[\n")
	for _, item := range list {
		text, err := tomlValue(item)
		if err != nil {
			return "", err
		}
		b.WriteString("    " + strings.ReplaceAll(text, "\n", "\n    ") + ",\n")
	}
	b.WriteByte(']')
	return b.String(), nil
}

func tomlInline(m *value.Map) (string, error) {
	var parts []string
	for k, v := range m.All() {
		text, err := tomlValue(v)
		if err != nil {
			return "", err
		}
		parts = append(parts, tomlKey(value.Str(k))+" = "+text)
	}
	if parts == nil {
		return "{}", nil
	}
	return "{ " + strings.Join(parts, ", ") + " }", nil
}

// tomlText is a basic string.
func tomlText(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case strings.ContainsRune("\b\t\n\f\r", r):
			b.WriteString(map[rune]string{'\b': `\b`, '\t': `\t`, '\n': `\n`, '\f': `\f`, '\r': `\r`}[r])
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

package kubernetes

// append_hash: the name of a ConfigMap or Secret with a hash of what it holds, as Ansible's module makes it.

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/drydock-dev/drydock/engine/value"
)

// hashed is the definition under its longer name.
func hashed(def *value.Map) *value.Map {
	key := "name"
	name := str(def, "metadata", "name")
	if prefix := str(def, "metadata", "generateName"); name == "" && prefix != "" {
		key, name = "generateName", prefix
	}
	keys := []string{"data", "kind", key}
	if str(def, "kind") == "Secret" {
		keys = append(keys, "type")
	}
	var text strings.Builder
	for i, k := range keys {
		v, ok := def.Get(k)
		switch {
		case k == key:
			v = name
		case !ok:
			v = ""
		}
		text.WriteString(map[bool]string{true: "{", false: ","}[i == 0] + pythonJSON(k) + ":" + pythonJSON(v))
	}
	text.WriteString("}")
	sum := sha256.Sum256([]byte(text.String()))
	short := strings.NewReplacer("0", "g", "1", "h", "3", "k", "a", "m", "e", "t").Replace(hex.EncodeToString(sum[:])[:10])
	meta, _ := def.Value("metadata").(*value.Map)
	return def.Clone().Set("metadata", meta.Clone().Set(key, name+"-"+short))
}

// pythonJSON writes a value as Python's json does without spaces: keys sorted, nothing but ASCII.
func pythonJSON(v any) string {
	switch x := v.(type) {
	case *value.Map:
		var parts []string
		for k, item := range x.All() {
			parts = append(parts, pythonJSON(value.Str(k))+":"+pythonJSON(item))
		}
		slices.Sort(parts)
		return "{" + strings.Join(parts, ",") + "}"
	case []any:
		parts := make([]string, len(x))
		for i, item := range x {
			parts[i] = pythonJSON(item)
		}
		return "[" + strings.Join(parts, ",") + "]"
	case string:
		return pythonText(x)
	case nil:
		return "null"
	case bool:
		return fmt.Sprint(x)
	}
	return value.Str(v)
}

func pythonText(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	short := map[rune]string{'"': `\"`, '\\': `\\`, '\n': `\n`, '\r': `\r`, '\t': `\t`, '\b': `\b`, '\f': `\f`}
	for _, r := range s {
		switch esc := short[r]; {
		case esc != "":
			b.WriteString(esc)
		case r >= 0x10000:
			hi, lo := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, hi, lo)
		case r < ' ' || r > '~':
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

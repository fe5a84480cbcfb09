package jinja

import (
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/drydock-dev/drydock/engine/value"
)

// Python's bytes: what str.encode() makes.

// bytesValue is Python's bytes.
type bytesValue string

// TypeName is Python's name of the type.
func (bytesValue) TypeName() string { return "bytes" }

// String prints the bytes as Python does.
func (b bytesValue) String() string {
	quote := byte('\'')
	if strings.Contains(string(b), "'") && !strings.Contains(string(b), `"`) {
		quote = '"'
	}
	var out strings.Builder
	out.WriteString("b" + string(quote))
	for _, c := range []byte(b) {
		switch {
		case c == quote || c == '\\':
			out.WriteString("\\" + string(c))
		case c == '\n':
			out.WriteString(`\n`)
		case c == '\r':
			out.WriteString(`\r`)
		case c == '\t':
			out.WriteString(`\t`)
		case c < 0x20 || c > 0x7e:
			fmt.Fprintf(&out, `\x%02x`, c)
		default:
			out.WriteByte(c)
		}
	}
	out.WriteByte(quote)
	return out.String()
}

// Len is the number of bytes.
func (b bytesValue) Len() int { return len(b) }

// Items are the bytes as numbers.
func (b bytesValue) Items() []any {
	out := make([]any, len(b))
	for i, c := range []byte(b) {
		out[i] = int(c)
	}
	return out
}

// EqualTo compares with another value.
func (b bytesValue) EqualTo(other any) bool { return any(b) == other }

// Final makes the bytes text.
func (b bytesValue) Final() (any, error) { return string(b), nil }

// Bytes returns the content of Python's bytes, and whether a value is that.
func Bytes(v any) (string, bool) {
	b, ok := v.(bytesValue)
	return string(b), ok
}

// codecParams are the arguments of encode and decode.
func codecParams(c *Call) (encoding, errors string, err error) {
	p, err := c.Bind("encoding", "errors")
	if err != nil {
		return "", "", err
	}
	if encoding, err = p.Text(0, "utf-8"); err != nil {
		return "", "", err
	}
	errors, err = p.Text(1, "strict")
	return encoding, errors, err
}

func encodeMethod(c *Call, in any) (any, error) {
	encoding, errors, err := codecParams(c)
	if err != nil {
		return nil, err
	}
	data, err := Encode(in.(string), encoding, errors)
	return bytesValue(data), err
}

func decodeMethod(c *Call, in any) (any, error) {
	encoding, errors, err := codecParams(c)
	if err != nil {
		return nil, err
	}
	s := string(in.(bytesValue))
	switch errors {
	case "ignore", "replace":
		s = strings.ToValidUTF8(s, map[string]string{"replace": "\uFFFD"}[errors])
	}
	return Decode([]byte(s), encoding, errors == "strict")
}

// bytesMethods are the methods of bytes: its own, and those of str that mean the same for bytes.
func bytesMethods(text map[string]Func) map[string]Func {
	out := map[string]Func{
		"decode": decodeMethod,
		"hex":    func(_ *Call, in any) (any, error) { return hex.EncodeToString([]byte(in.(bytesValue))), nil },
	}
	for _, name := range []string{
		"upper", "lower", "split", "rsplit", "splitlines", "strip", "lstrip", "rstrip", "replace", "startswith", "endswith",
		"removeprefix", "removesuffix", "find", "rfind", "index", "rindex", "count", "isdigit", "isalpha", "isalnum", "isspace",
		"isupper", "islower", "zfill", "ljust", "rjust", "center", "join", "partition", "rpartition", "capitalize", "title", "swapcase",
	} {
		out[name] = asBytes(text[name])
	}
	return out
}

// asBytes makes a method of bytes of one of str: its arguments and results are bytes where those of the other are texts.
func asBytes(fn Func) Func {
	return func(c *Call, in any) (any, error) {
		args := make([]any, len(c.Args))
		for i, a := range c.Args {
			args[i] = mapTexts(a, func(v any) any {
				b, ok := v.(bytesValue)
				if ok {
					return string(b)
				}
				return v
			})
			if _, isText := c.Args[i].(string); isText {
				return nil, typeError("a bytes-like object is required, not 'str'")
			}
		}
		inner := *c
		inner.Args = args
		out, err := fn(&inner, string(in.(bytesValue)))
		return mapTexts(out, func(v any) any {
			s, ok := v.(string)
			if ok {
				return bytesValue(s)
			}
			return v
		}), err
	}
}

// mapTexts applies a function to a value or to the items of a list or tuple.
func mapTexts(v any, fn func(any) any) any {
	switch x := v.(type) {
	case []any:
		out := make([]any, len(x))
		for i, it := range x {
			out[i] = fn(it)
		}
		return out
	case value.Tuple:
		return value.Tuple(mapTexts([]any(x), fn).([]any))
	}
	return fn(v)
}

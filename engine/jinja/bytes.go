package jinja

import (
	"strings"

	"github.com/drydock-dev/drydock/engine/value"
)

// Python's bytes: what str.encode() makes.

type bytesValue string

func (bytesValue) TypeName() string { return "bytes" }

func (b bytesValue) String() string { return "b" + value.Repr(string(b)) }

func (b bytesValue) Len() int { return len(b) }

func (b bytesValue) EqualTo(other any) bool { return any(b) == other }

func (b bytesValue) Final() (any, error) { return string(b), nil }

func encodeMethod(c *Call, in any) (any, error) {
	_, err := c.Bind("encoding", "errors")
	return bytesValue(in.(string)), err
}

func bytesMethods() map[string]Func {
	return map[string]Func{
		"decode": func(c *Call, in any) (any, error) {
			_, err := c.Bind("encoding", "errors")
			return string(in.(bytesValue)), err
		},
		"hex": func(_ *Call, in any) (any, error) {
			const digits = "0123456789abcdef"
			var b strings.Builder
			for _, x := range []byte(in.(bytesValue)) {
				b.WriteByte(digits[x>>4])
				b.WriteByte(digits[x&15])
			}
			return b.String(), nil
		},
	}
}

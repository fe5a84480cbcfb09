package jinja

import (
	"strings"

	"github.com/drydock-dev/drydock/engine/value"
)

// Python's bytes: what str.encode() makes.

// bytesValue is Python's bytes.
type bytesValue string

// TypeName is Python's name of the type.
func (bytesValue) TypeName() string { return "bytes" }

// String prints the bytes as Python does.
func (b bytesValue) String() string { return "b" + value.Repr(string(b)) }

// Len is the number of bytes.
func (b bytesValue) Len() int { return len(b) }

// EqualTo compares with another value.
func (b bytesValue) EqualTo(other any) bool { return any(b) == other }

// Final makes the bytes text.
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

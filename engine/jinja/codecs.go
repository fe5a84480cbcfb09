package jinja

import (
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/drydock-dev/drydock/engine/value"
)

// The encodings of texts that Python content names: UTF-8, UTF-16, Latin-1 and ASCII.

// Encode makes bytes of a text. What the encoding lacks is an error, or, with errors "ignore", left out, with "replace", a question mark.
func Encode(s, encoding, errors string) ([]byte, error) {
	name := codec(encoding)
	var limit rune
	switch name {
	case "utf-8":
		return []byte(s), nil
	case "utf-16", "utf-16-le", "utf-16-be":
		return encodeUTF16(s, name), nil
	case "latin-1":
		limit = 0xff
	case "ascii":
		limit = 0x7f
	default:
		return nil, valueError("unknown encoding: %s", encoding)
	}
	out := make([]byte, 0, len(s))
	for _, r := range s {
		switch {
		case r <= limit:
			out = append(out, byte(r))
		case errors == "ignore":
		case errors == "replace":
			out = append(out, '?')
		default:
			return nil, valueError("'%s' codec can't encode character %s", encoding, value.Repr(string(r)))
		}
	}
	return out, nil
}

// Decode makes text of bytes. Bytes that mean nothing in UTF-8 stay as they are unless strict is set: written out again they are the same.
func Decode(data []byte, encoding string, strict bool) (string, error) {
	name := codec(encoding)
	switch name {
	case "utf-8":
		if strict && !utf8.Valid(data) {
			return "", valueError("'utf-8' codec can't decode the bytes")
		}
		return string(data), nil
	case "utf-16", "utf-16-le", "utf-16-be":
		return decodeUTF16(data, name)
	case "latin-1", "ascii":
		var b strings.Builder
		for _, c := range data {
			if name == "ascii" && c > 0x7f {
				return "", valueError("'ascii' codec can't decode byte 0x%02x", c)
			}
			b.WriteRune(rune(c))
		}
		return b.String(), nil
	}
	return "", valueError("unknown encoding: %s", encoding)
}

// codec is the plain name of an encoding.
func codec(name string) string {
	switch n := strings.ToLower(strings.ReplaceAll(name, "_", "-")); n {
	case "utf8", "u8", "utf-8-strict":
		return "utf-8"
	case "utf16", "u16":
		return "utf-16"
	case "utf-16le", "utf16-le":
		return "utf-16-le"
	case "utf-16be", "utf16-be":
		return "utf-16-be"
	case "latin1", "latin", "iso-8859-1", "iso8859-1", "l1", "cp819":
		return "latin-1"
	case "us-ascii", "646":
		return "ascii"
	default:
		return n
	}
}

func encodeUTF16(s, name string) []byte {
	order := binary.AppendByteOrder(binary.LittleEndian)
	if name == "utf-16-be" {
		order = binary.BigEndian
	}
	var out []byte
	if name == "utf-16" {
		out = append(out, 0xff, 0xfe)
	}
	for _, u := range utf16.Encode([]rune(s)) {
		out = order.AppendUint16(out, u)
	}
	return out
}

func decodeUTF16(data []byte, name string) (string, error) {
	order := binary.ByteOrder(binary.LittleEndian)
	if name == "utf-16-be" {
		order = binary.BigEndian
	}
	if name == "utf-16" && len(data) > 1 && (data[0] == 0xff && data[1] == 0xfe || data[0] == 0xfe && data[1] == 0xff) {
		if data[0] == 0xfe {
			order = binary.BigEndian
		}
		data = data[2:]
	}
	if len(data)%2 != 0 {
		return "", valueError("'%s' codec can't decode the bytes: truncated data", name)
	}
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = order.Uint16(data[2*i:])
	}
	return string(utf16.Decode(units)), nil
}

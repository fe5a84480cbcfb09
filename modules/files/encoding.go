// Encodings of text other than UTF-8, by the names that Python has for them (template's output_encoding).
package files

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"
)

// encode writes a text in an encoding. What the encoding cannot write, and an unknown encoding, are errors in Python's words.
func encode(text, encoding string) (string, error) {
	name := strings.NewReplacer("_", "-", " ", "-").Replace(strings.ToLower(encoding))
	switch name {
	case "utf-8", "utf8", "u8", "cp65001":
		return text, nil
	case "utf-8-sig":
		return "\ufeff" + text, nil
	case "utf-16-le", "utf-16le":
		return wide(text, binary.LittleEndian), nil
	case "utf-16-be", "utf-16be":
		return wide(text, binary.BigEndian), nil
	case "utf-16", "utf16", "u16":
		return wide("\ufeff"+text, binary.LittleEndian), nil
	case "latin-1", "latin1", "iso-8859-1", "iso8859-1", "8859", "cp819", "l1":
		return narrow(text, "latin-1", "ordinal not in range(256)", func(r rune) (byte, bool) { return byte(r), r < 256 })
	case "ascii", "us-ascii", "646":
		return narrow(text, "ascii", "ordinal not in range(128)", func(r rune) (byte, bool) { return byte(r), r < 128 })
	case "cp1252", "windows-1252", "1252":
		return narrow(text, "charmap", "character maps to <undefined>", toWindows)
	}
	return "", fmt.Errorf("unknown encoding: %s", encoding)
}

// wide is UTF-16 in an order of bytes.
func wide(text string, order binary.AppendByteOrder) string {
	var out []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		out = order.AppendUint16(out, unit)
	}
	return string(out)
}

// narrow writes a byte for each character.
func narrow(text, codec, why string, to func(r rune) (byte, bool)) (string, error) {
	out := make([]byte, 0, len(text))
	for i, r := range []rune(text) {
		b, ok := to(r)
		if !ok {
			return "", fmt.Errorf("'%s' codec can't encode character '%s' in position %d: %s", codec, escaped(r), i, why)
		}
		out = append(out, b)
	}
	return string(out), nil
}

// escaped is how Python shows a character that it cannot write.
func escaped(r rune) string {
	switch {
	case r < 0x100:
		return fmt.Sprintf(`\x%02x`, r)
	case r < 0x10000:
		return fmt.Sprintf(`\u%04x`, r)
	}
	return fmt.Sprintf(`\U%08x`, r)
}

// windows are the characters that Windows-1252 has from 0x80 to 0x9f, where ISO 8859-1 has controls; 0: none.
var windows = []rune{'€', 0, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0, 'Ž', 0, 0, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0, 'ž', 'Ÿ'}

func toWindows(r rune) (byte, bool) {
	if r < 0x80 || r >= 0xa0 && r < 0x100 {
		return byte(r), true
	}
	i := slices.Index(windows, r)
	return byte(0x80 + i), r != 0 && i >= 0
}

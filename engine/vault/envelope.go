package vault

import (
	"bytes"
	"encoding/hex"
	"strings"
)

// This file holds the text around the cipher: a header line, then hexadecimal lines of 80.

// Envelope is a vault text taken apart.
type Envelope struct {
	Version string // 1.1, or 1.2 if there is a label
	Cipher  string // AES256
	ID      string // the label in the header; empty: none
	body    []byte // hexadecimal, lines joined
}

// Parse takes a vault text apart. The cipher is not looked at.
func Parse(data []byte) (Envelope, error) {
	if !Is(data) {
		return Envelope{}, ErrPlain
	}
	lines := splitLines(data)
	fields := strings.Split(strings.TrimSpace(string(lines[0])), ";")
	if len(fields) < 3 {
		return Envelope{}, &FormatError{"Vault envelope format error."}
	}
	e := Envelope{Version: strings.TrimSpace(fields[1]), Cipher: strings.TrimSpace(fields[2]), body: bytes.Join(lines[1:], nil)}
	if len(fields) > 3 {
		e.ID = strings.TrimSpace(fields[3])
	}
	return e, nil
}

// splitLines cuts at \n, \r\n and \r; it returns at least one line.
func splitLines(data []byte) [][]byte {
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	data = bytes.ReplaceAll(data, []byte("\r"), []byte("\n"))
	return bytes.Split(data, []byte("\n"))
}

// sealed are the three parts of the body.
type sealed struct{ salt, mac, cipher []byte }

// parts undoes the two layers of hexadecimal.
func (e Envelope) parts() (sealed, error) {
	inner, err := unhex(e.body)
	if err != nil {
		return sealed{}, err
	}
	fields := bytes.SplitN(inner, []byte("\n"), 3)
	if len(fields) != 3 {
		return sealed{}, &FormatError{"Vault vaulttext format error."}
	}
	var out [3][]byte
	for i, f := range fields {
		if out[i], err = unhex(f); err != nil {
			return sealed{}, err
		}
	}
	return sealed{salt: out[0], mac: out[1], cipher: out[2]}, nil
}

func unhex(text []byte) ([]byte, error) {
	if len(text)%2 != 0 {
		return nil, &FormatError{"Vault format unhexlify error: Odd-length string"}
	}
	out := make([]byte, hex.DecodedLen(len(text)))
	if _, err := hex.Decode(out, text); err != nil {
		return nil, &FormatError{"Vault format unhexlify error: Non-hexadecimal digit found"}
	}
	return out, nil
}

// text writes the envelope of the parts: with a label it is format 1.2, without one 1.1.
func (s sealed) text(id string) []byte {
	inner := strings.Join([]string{hex.EncodeToString(s.salt), hex.EncodeToString(s.mac), hex.EncodeToString(s.cipher)}, "\n")
	body := hex.EncodeToString([]byte(inner))
	var b bytes.Buffer
	if id != "" && id != DefaultID {
		b.WriteString(header + ";1.2;AES256;" + id + "\n")
	} else {
		b.WriteString(header + ";1.1;AES256\n")
	}
	for len(body) > 0 {
		n := min(80, len(body))
		b.WriteString(body[:n] + "\n")
		body = body[n:]
	}
	return b.Bytes()
}

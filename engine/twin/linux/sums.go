package linux

// Checksums and encodings: md5sum, sha1sum ..., base64, od.

import (
	"bytes"
	"crypto/md5"  //nolint:gosec // a program of the host
	"crypto/sha1" //nolint:gosec // as above
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"
)

// sum makes the program of a checksum.
func sum(algorithm func() hash.Hash) program {
	return func(p *process) int {
		o, ok := p.options("bctz", "check=c", "binary=b", "quiet=z", "status=z")
		if !ok {
			return 1
		}
		if o.has('c') {
			return p.checkSums(o, algorithm)
		}
		code := 0
		for _, name := range inputs(o.rest) {
			texts, bad := p.texts([]string{name})
			if bad != 0 {
				code = bad
				continue
			}
			h := algorithm()
			h.Write(texts[0])
			p.print(hex.EncodeToString(h.Sum(nil)) + "  " + name + "\n")
		}
		return code
	}
}

func (p *process) checkSums(o *options, algorithm func() hash.Hash) int {
	texts, code := p.texts(o.rest)
	for _, line := range linesOf(bytes.Join(texts, nil)) {
		want, name, ok := strings.Cut(line, " ")
		if !ok {
			continue
		}
		name = strings.TrimLeft(name, " *")
		data, err := p.view().ReadFile(name)
		h := algorithm()
		h.Write(data)
		verdict := "OK"
		if err != nil || hex.EncodeToString(h.Sum(nil)) != want {
			verdict, code = "FAILED", 1
		}
		if !o.has('z') {
			p.print(name + ": " + verdict + "\n")
		}
	}
	return code
}

func sums() map[string]program {
	return map[string]program{
		"md5sum": sum(md5.New), "sha1sum": sum(sha1.New), "sha224sum": sum(sha256.New224), "sha256sum": sum(sha256.New),
		"sha384sum": sum(sha512.New384), "sha512sum": sum(sha512.New),
	}
}

func base64Program(p *process) int {
	o, ok := p.options("diw:", "decode=d", "ignore-garbage=i", "wrap=w")
	if !ok {
		return 1
	}
	texts, code := p.texts(o.rest)
	if code != 0 {
		return code
	}
	if o.has('d') {
		clean := strings.Join(strings.Fields(string(texts[0])), "")
		data, err := base64.StdEncoding.DecodeString(clean)
		p.print(string(data))
		if err != nil {
			return p.complain("invalid input")
		}
		return 0
	}
	text := base64.StdEncoding.EncodeToString(texts[0])
	width := 76
	fmt.Sscan(o.value('w', "76"), &width)
	for width > 0 && len(text) > width {
		p.print(text[:width] + "\n")
		text = text[width:]
	}
	p.print(text)
	if width > 0 && text != "" {
		p.print("\n")
	}
	return 0
}

// od prints bytes: -An -tx1, -tu1, -c.
func od(p *process) int {
	o, ok := p.options("A:t:vcN:j:xw:")
	if !ok {
		return 1
	}
	texts, code := p.texts(o.rest)
	data := bytes.Join(texts, nil)
	if o.has('N') {
		n := len(data)
		fmt.Sscan(o.value('N', ""), &n)
		data = data[:min(n, len(data))]
	}
	form := map[string]string{"x1": " %02x", "u1": " %3d", "o1": " %03o", "d1": " %4d"}[o.value('t', "")]
	if form == "" {
		return p.refuse("-t " + o.value('t', "?"))
	}
	for at := 0; at < len(data); at += 16 {
		if o.value('A', "o") != "n" {
			p.printf("%07o", at)
		}
		for _, b := range data[at:min(at+16, len(data))] {
			p.printf(form, b)
		}
		p.print("\n")
	}
	if o.value('A', "o") != "n" {
		p.printf("%07o\n", len(data))
	}
	return code
}

package linux

// Programs that read text and write a part of it: head, tail, cut, tr, sort, uniq, wc, seq, tac, rev, paste, cmp.

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
)

// texts are the contents of files, or of the standard input without names. bad is the status where one could not be read.
func (p *process) texts(names []string) (texts [][]byte, bad int) {
	for _, name := range inputs(names) {
		if name == "-" {
			texts = append(texts, p.input())
			continue
		}
		data, err := p.view().ReadFile(name)
		if err != nil {
			bad = 1
			if p.name() == "head" || p.name() == "tail" {
				p.complain("cannot open '%s' for reading: %s", name, said(err))
			} else {
				p.complain("%s: %s", name, said(err))
			}
			continue
		}
		texts = append(texts, data)
	}
	return texts, bad
}

// linesOf splits a text at line ends, which are taken off.
func linesOf(text []byte) []string {
	if len(text) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

// oldCount turns head -5 and tail -5 into -n 5.
func (p *process) oldCount() {
	if len(p.args) > 1 && len(p.args[1]) > 1 && (p.args[1][0] == '-' || p.args[1][0] == '+' && p.name() == "tail") &&
		strings.Trim(p.args[1][1:], "0123456789") == "" {
		n := strings.TrimPrefix(p.args[1], "-")
		p.args = append([]string{p.args[0], "-n", n}, p.args[2:]...)
	}
}

func head(p *process) int {
	p.oldCount()
	o, ok := p.options("n:c:qvz", "lines=n", "bytes=c", "quiet=q")
	if !ok {
		return 1
	}
	texts, code := p.texts(o.rest)
	for i, text := range texts {
		if len(texts) > 1 && !o.has('q') {
			p.printf("%s==> %s <==\n", map[bool]string{true: "\n"}[i > 0], o.rest[i])
		}
		if o.has('c') {
			n, _ := strconv.Atoi(o.value('c', ""))
			if n < 0 {
				n = max(len(text)+n, 0)
			}
			p.print(string(text[:min(n, len(text))]))
			continue
		}
		n, _ := strconv.Atoi(o.value('n', "10"))
		lines := bytes.SplitAfter(text, []byte("\n"))
		if n < 0 {
			n = max(len(linesOf(text))+n, 0)
		}
		p.print(string(bytes.Join(lines[:min(n, len(lines))], nil)))
	}
	return code
}

func tail(p *process) int {
	p.oldCount()
	o, ok := p.options("n:c:qz", "lines=n", "bytes=c", "quiet=q")
	if !ok {
		return 1
	}
	texts, code := p.texts(o.rest)
	for _, text := range texts {
		spec := o.value('n', o.value('c', "10"))
		n, _ := strconv.Atoi(strings.TrimLeft(spec, "+-"))
		parts := bytes.SplitAfter(text, []byte("\n"))
		if o.has('c') {
			parts = bytes.SplitAfter(text, nil)
		}
		if len(parts) > 0 && len(parts[len(parts)-1]) == 0 {
			parts = parts[:len(parts)-1]
		}
		from := max(len(parts)-n, 0)
		if strings.HasPrefix(spec, "+") {
			from = min(max(n-1, 0), len(parts))
		}
		p.print(string(bytes.Join(parts[from:], nil)))
	}
	return code
}

// span is a part of a list like 2,4-7,9-.
type span struct{ from, to int }

func parseSpans(text string) ([]span, bool) {
	var out []span
	for _, part := range strings.Split(text, ",") {
		a, b, ranged := strings.Cut(part, "-")
		s := span{1, 1 << 30}
		var err error
		if a != "" {
			if s.from, err = strconv.Atoi(a); err != nil || s.from < 1 {
				return nil, false
			}
		}
		if !ranged {
			s.to = s.from
		} else if b != "" {
			if s.to, err = strconv.Atoi(b); err != nil {
				return nil, false
			}
		}
		out = append(out, s)
	}
	return out, true
}

func cut(p *process) int {
	o, ok := p.options("f:d:c:b:sn", "fields=f", "delimiter=d", "characters=c", "bytes=b", "only-delimited=s", "output-delimiter=n", "complement=s")
	if !ok {
		return 1
	}
	for _, a := range p.args {
		if strings.HasPrefix(a, "--output") || a == "--complement" {
			return p.refuse(a)
		}
	}
	spans, ok := parseSpans(o.value('f', o.value('c', o.value('b', ""))))
	if !ok {
		return p.complain("invalid field range")
	}
	within := func(n int) bool {
		return slices.ContainsFunc(spans, func(s span) bool { return n >= s.from && n <= s.to })
	}
	texts, code := p.texts(o.rest)
	d := o.value('d', "\t")
	for _, text := range texts {
		for _, line := range linesOf(text) {
			parts, join := strings.Split(line, d), d
			if !o.has('f') {
				parts, join = strings.Split(line, ""), ""
			} else if len(parts) == 1 {
				if !o.has('s') {
					p.print(line + "\n")
				}
				continue
			}
			var kept []string
			for i, part := range parts {
				if within(i + 1) {
					kept = append(kept, part)
				}
			}
			p.print(strings.Join(kept, join) + "\n")
		}
	}
	return code
}

// trSet fills in ranges, classes and escapes of tr.
func trSet(s string) []byte {
	var out []byte
	classes := map[string]string{"[:digit:]": "0123456789", "[:lower:]": "abcdefghijklmnopqrstuvwxyz", "[:upper:]": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
		"[:space:]": "\t\n\v\f\r ", "[:blank:]": "\t ", "[:punct:]": "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"}
	classes["[:alpha:]"] = classes["[:upper:]"] + classes["[:lower:]"]
	classes["[:alnum:]"] = classes["[:digit:]"] + classes["[:alpha:]"]
	one := func(i int) (byte, int) {
		if s[i] != '\\' || i+1 == len(s) {
			return s[i], 1
		}
		end := i + 1
		for end < len(s) && end < i+4 && s[end] >= '0' && s[end] <= '7' {
			end++
		}
		if end > i+1 {
			n, _ := strconv.ParseUint(s[i+1:end], 8, 16)
			return byte(n), end - i
		}
		text, _ := unescape(s[i:i+2], false)
		return text[len(text)-1], 2
	}
	for i := 0; i < len(s); {
		found := false
		for name, set := range classes {
			if strings.HasPrefix(s[i:], name) {
				out, i, found = append(out, set...), i+len(name), true
			}
		}
		if found {
			continue
		}
		c, n := one(i)
		i += n
		if i+1 < len(s) && s[i] == '-' {
			last, n := one(i + 1)
			for b := int(c); b <= int(last); b++ {
				out = append(out, byte(b))
			}
			i += 1 + n
			continue
		}
		out = append(out, c)
	}
	return out
}

func tr(p *process) int {
	o, ok := p.options("+dscCt", "delete=d", "squeeze-repeats=s", "complement=c")
	if !ok || len(o.rest) == 0 {
		return p.complain("missing operand")
	}
	var in, drop, squeeze [256]bool
	var to [256]byte
	set := trSet(o.rest[0])
	for _, c := range set {
		in[c] = true
	}
	if o.has('c') || o.has('C') {
		set = nil
		for c := range 256 {
			if in[c] = !in[c]; in[c] {
				set = append(set, byte(c))
			}
		}
	}
	for c := range 256 {
		to[c], drop[c], squeeze[c] = byte(c), o.has('d') && in[c], o.has('s') && !o.has('d') && len(o.rest) == 1 && in[c]
	}
	if len(o.rest) > 1 {
		second := trSet(o.rest[1])
		for i, c := range set {
			if len(second) > 0 && !o.has('d') {
				to[c] = second[min(i, len(second)-1)]
			}
		}
		for _, c := range second {
			squeeze[c] = o.has('s')
		}
	}
	last := -1
	var out []byte
	for _, c := range p.input() {
		if drop[c] {
			continue
		}
		if c = to[c]; squeeze[c] && int(c) == last {
			continue
		}
		out, last = append(out, c), int(c)
	}
	p.print(string(out))
	return 0
}

func wc(p *process) int {
	o, ok := p.options("lwcmL", "lines=l", "words=w", "bytes=c", "chars=m")
	if !ok {
		return 1
	}
	texts, code := p.texts(o.rest)
	var total [4]int
	width := 1
	if len(o.given) != 1 || len(texts) > 1 {
		width = 7
		if len(o.rest) > 0 {
			width = len(strconv.Itoa(len(bytes.Join(texts, nil))))
		}
	}
	show := func(n [4]int, name string) {
		var words []string
		for i, letter := range []byte("lwmc") {
			if o.has(letter) || len(o.given) == 0 && letter != 'm' {
				words = append(words, padded(strconv.Itoa(width), strconv.Itoa(n[i])))
			}
		}
		if name != "" {
			words = append(words, name)
		}
		p.print(strings.Join(words, " ") + "\n")
	}
	for i, text := range texts {
		n := [4]int{bytes.Count(text, []byte("\n")), len(bytes.Fields(text)), len([]rune(string(text))), len(text)}
		for k := range n {
			total[k] += n[k]
		}
		name := ""
		if len(o.rest) > 0 {
			name = o.rest[i]
		}
		show(n, name)
	}
	if len(texts) > 1 {
		show(total, "total")
	}
	return code
}

func seq(p *process) int {
	sep, args := "\n", p.operands()
	for len(args) > 0 && strings.HasPrefix(args[0], "-s") {
		if sep = args[0][2:]; sep == "" && len(args) > 1 {
			sep, args = args[1], args[1:]
		}
		args = args[1:]
	}
	var n []int
	for _, a := range args {
		i, err := strconv.Atoi(a)
		if err != nil {
			return p.refuse(a)
		}
		n = append(n, i)
	}
	first, step, last := 1, 1, 0
	switch len(n) {
	case 1:
		last = n[0]
	case 2:
		first, last = n[0], n[1]
	case 3:
		first, step, last = n[0], n[1], n[2]
	}
	var out []string
	for i := first; step > 0 && i <= last || step < 0 && i >= last; i += step {
		out = append(out, strconv.Itoa(i))
	}
	if len(out) > 0 {
		p.print(strings.Join(out, sep) + "\n")
	}
	return 0
}

func tac(p *process) int {
	texts, code := p.texts(p.operands())
	for _, text := range texts {
		lines := linesOf(text)
		slices.Reverse(lines)
		for _, line := range lines {
			p.print(line + "\n")
		}
	}
	return code
}

func paste(p *process) int {
	o, ok := p.options("sd:", "serial=s", "delimiters=d")
	if !ok {
		return 1
	}
	if !o.has('s') {
		return p.refuse("without -s")
	}
	texts, code := p.texts(o.rest)
	for _, text := range texts {
		p.print(strings.Join(linesOf(text), o.value('d', "\t")) + "\n")
	}
	return code
}

func cmpProgram(p *process) int {
	o, ok := p.options("s", "silent=s", "quiet=s")
	if !ok || len(o.rest) != 2 {
		return 2
	}
	texts, bad := p.texts(o.rest)
	switch {
	case bad != 0:
		return 2
	case bytes.Equal(texts[0], texts[1]):
		return 0
	}
	if !o.has('s') {
		at := 0
		for at < min(len(texts[0]), len(texts[1])) && texts[0][at] == texts[1][at] {
			at++
		}
		p.printf("%s %s differ: byte %d, line %d\n", o.rest[0], o.rest[1], at+1, 1+bytes.Count(texts[0][:at], []byte("\n")))
	}
	return 1
}

package linux

// sort and uniq.

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// sortKey is a -k of sort: fields from one to another, compared as flags say.
type sortKey struct {
	from, to             int
	fromChar, toChar     int
	numeric, reverse     bool
	blanks, version, own bool
}

func parseKey(text string) (sortKey, bool) {
	k := sortKey{to: 1 << 20}
	from, to, ranged := strings.Cut(text, ",")
	read := func(s string, field, char *int) bool {
		at := len(strings.TrimRight(s, "nrbVfdiM"))
		for _, flag := range s[at:] {
			k.own = true
			switch flag {
			case 'n':
				k.numeric = true
			case 'r':
				k.reverse = true
			case 'b':
				k.blanks = true
			case 'V':
				k.version = true
			default:
				return false
			}
		}
		f, c, dotted := strings.Cut(s[:at], ".")
		n, err := strconv.Atoi(f)
		*field = n
		if err == nil && dotted {
			*char, err = strconv.Atoi(c)
		}
		return err == nil
	}
	ok := read(from, &k.from, &k.fromChar)
	if ranged {
		ok = ok && read(to, &k.to, &k.toChar)
	}
	return k, ok
}

// fields splits a line for sort: at sep, or where blanks begin, which belong to the field behind them.
func sortFields(line, sep string) []string {
	if sep != "" {
		return strings.Split(line, sep)
	}
	var out []string
	start, word := 0, false
	for i, c := range []byte(line) {
		blank := c == ' ' || c == '\t'
		if blank && word {
			out, start = append(out, line[start:i]), i
		}
		word = !blank
	}
	return append(out, line[start:])
}

func (k sortKey) of(line, sep string) string {
	f := sortFields(line, sep)
	if k.from > len(f) {
		return ""
	}
	part := f[k.from-1 : min(k.to, len(f))]
	if k.to < k.from {
		return ""
	}
	join := sep
	text := strings.Join(part, join)
	if k.blanks || k.numeric {
		text = strings.TrimLeft(text, " \t")
	}
	if k.fromChar > 1 {
		text = text[min(k.fromChar-1, len(text)):]
	}
	return text
}

func number(text string) float64 {
	text = strings.TrimLeft(text, " \t")
	end := 0
	for end < len(text) && (text[end] >= '0' && text[end] <= '9' || text[end] == '.' || end == 0 && text[end] == '-') {
		end++
	}
	n, _ := strconv.ParseFloat(text[:end], 64)
	return n
}

func (k sortKey) compare(a, b, sep string) int {
	x, y := a, b
	if k.from > 0 {
		x, y = k.of(a, sep), k.of(b, sep)
	}
	n := strings.Compare(x, y)
	switch {
	case k.numeric:
		n = cmp.Compare(number(x), number(y))
	case k.version:
		n = compareDeb(x, y)
	}
	if k.reverse {
		return -n
	}
	return n
}

func sortProgram(p *process) int {
	o, ok := p.options("nrubk:t:Vszo:cfd", "numeric-sort=n", "reverse=r", "unique=u", "key=k", "field-separator=t", "version-sort=V", "stable=s", "output=o",
		"zero-terminated=z", "check=c")
	if !ok {
		return 2
	}
	if o.has('c') || o.has('f') || o.has('d') {
		return p.refuse("-" + string(o.last("cfd")))
	}
	whole := sortKey{numeric: o.has('n'), reverse: o.has('r'), version: o.has('V')}
	var keys []sortKey
	for _, text := range o.all('k') {
		k, ok := parseKey(text)
		if !ok {
			return p.refuse("-k " + text)
		}
		if !k.own {
			k.numeric, k.reverse, k.version = whole.numeric, whole.reverse, whole.version
		}
		keys = append(keys, k)
	}
	if len(keys) == 0 {
		keys = []sortKey{whole}
	}
	texts, code := p.texts(o.rest)
	end := "\n"
	if o.has('z') {
		end = "\x00"
	}
	var lines []string
	for _, text := range texts {
		if len(text) > 0 {
			lines = append(lines, strings.Split(strings.TrimSuffix(string(text), end), end)...)
		}
	}
	text := strings.Join(inOrder(lines, keys, o), end)
	if len(lines) > 0 {
		text += end
	}
	if o.has('o') {
		if err := p.view().WriteFile(o.value('o', ""), []byte(text), 0o666); err != nil {
			return p.complain("open failed: %s: %s", o.value('o', ""), said(err)) + 1
		}
		return code
	}
	p.print(text)
	return min(code*2, 2)
}

// inOrder sorts lines by keys, and by the whole line where these are equal.
func inOrder(lines []string, keys []sortKey, o *options) []string {
	sep := o.value('t', "")
	byKeys := func(a, b string) int {
		for _, k := range keys {
			if n := k.compare(a, b, sep); n != 0 {
				return n
			}
		}
		return 0
	}
	slices.SortStableFunc(lines, func(a, b string) int {
		n := byKeys(a, b)
		if n == 0 && !o.has('s') && !o.has('u') {
			if n = strings.Compare(a, b); o.has('r') {
				n = -n
			}
		}
		return n
	})
	if o.has('u') {
		lines = slices.CompactFunc(lines, func(a, b string) bool { return byKeys(a, b) == 0 })
	}
	return lines
}

func uniq(p *process) int {
	o, ok := p.options("cdiuf:s:w:", "count=c", "repeated=d", "unique=u", "skip-fields=f", "ignore-case=i", "skip-chars=s")
	if !ok {
		return 1
	}
	skip, _ := strconv.Atoi(o.value('f', "0"))
	chars, _ := strconv.Atoi(o.value('s', "0"))
	key := func(line string) string {
		for range skip {
			line = strings.TrimLeft(line, " \t")
			at := strings.IndexAny(line, " \t")
			if at < 0 {
				return ""
			}
			line = line[at:]
		}
		line = line[min(chars, len(line)):]
		if o.has('i') {
			line = strings.ToLower(line)
		}
		return line
	}
	texts, code := p.texts(o.rest[:min(len(o.rest), 1)])
	var lines []string
	if len(texts) > 0 {
		lines = linesOf(texts[0])
	}
	for i := 0; i < len(lines); {
		n := 1
		for i+n < len(lines) && key(lines[i+n]) == key(lines[i]) {
			n++
		}
		if !(o.has('d') && n == 1 || o.has('u') && n > 1) {
			if o.has('c') {
				p.printf("%7d ", n)
			}
			p.print(lines[i] + "\n")
		}
		i += n
	}
	return code
}

package linux

import (
	"regexp"
	"strconv"
	"strings"
)

// globRegex makes a regular expression of a pattern of the shell.
func globRegex(pattern string, fold bool) *regexp.Regexp {
	var b strings.Builder
	if fold {
		b.WriteString("(?i)")
	}
	b.WriteString("(?s)^")
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; c {
		case '*':
			b.WriteString(".*")
		case '?':
			b.WriteString(".")
		case '[':
			class, n := bracketClass(strings.Replace(pattern[i:], "[!", "[^", 1))
			if n == 0 {
				b.WriteString(`\[`)
				continue
			}
			b.WriteString(class)
			i += n - 1
		case '\\':
			if i+1 < len(pattern) {
				i++
			}
			b.WriteString(regexp.QuoteMeta(pattern[i : i+1]))
		default:
			b.WriteString(regexp.QuoteMeta(string(c)))
		}
	}
	re, err := regexp.Compile(b.String() + "$")
	if err != nil {
		return regexp.MustCompile("^" + regexp.QuoteMeta(pattern) + "$")
	}
	return re
}

func xargs(p *process) int {
	o, ok := p.options("+0rn:I:d:P:tL:", "null=0", "no-run-if-empty=r", "max-args=n", "delimiter=d", "max-procs=P", "replace=I")
	if !ok {
		return 1
	}
	argv := o.rest
	if len(argv) == 0 {
		argv = []string{"echo"}
	}
	items := xargsItems(string(p.input()), o)
	with := func(child *process) { child.stdin = nil }
	code := 0
	note := func(status int) bool {
		switch {
		case status == 255:
			code = 124
			return false
		case status == 126, status == 127:
			code = status
			return false
		case status != 0:
			code = 123
		}
		return true
	}
	if o.has('I') {
		for _, item := range items {
			words := make([]string, len(argv))
			for i, w := range argv {
				words[i] = strings.ReplaceAll(w, o.value('I', "{}"), item)
			}
			if !note(p.run(words, with)) {
				break
			}
		}
		return code
	}
	n := len(items)
	if o.has('n') {
		n, _ = strconv.Atoi(o.value('n', ""))
	} else if o.has('L') {
		n, _ = strconv.Atoi(o.value('L', ""))
	}
	if len(items) == 0 {
		if !o.has('r') {
			note(p.run(argv, with))
		}
		return code
	}
	for len(items) > 0 {
		k := min(max(n, 1), len(items))
		if !note(p.run(append(append([]string(nil), argv...), items[:k]...), with)) {
			break
		}
		items = items[k:]
	}
	return code
}

// xargsItems splits the input: at NULs, at a delimiter, at lines for -I, else at blanks with quotes.
func xargsItems(text string, o *options) []string {
	split := func(sep string) []string {
		if text == "" {
			return nil
		}
		return strings.Split(strings.TrimSuffix(text, sep), sep)
	}
	switch {
	case o.has('0'):
		return split("\x00")
	case o.has('d'):
		sep, _ := unescape(o.value('d', ""), false)
		return split(sep)
	case o.has('I'):
		var out []string
		for _, line := range split("\n") {
			if line = strings.TrimLeft(line, " \t"); line != "" {
				out = append(out, line)
			}
		}
		return out
	}
	var out []string
	var word strings.Builder
	in, quoted := false, byte(0)
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quoted != 0:
			if c == quoted {
				quoted = 0
			} else {
				word.WriteByte(c)
			}
		case c == '\'' || c == '"':
			quoted, in = c, true
		case c == '\\' && i+1 < len(text):
			i++
			word.WriteByte(text[i])
			in = true
		case c == ' ' || c == '\t' || c == '\n':
			if in {
				out = append(out, word.String())
				word.Reset()
			}
			in = false
		default:
			word.WriteByte(c)
			in = true
		}
	}
	if in {
		out = append(out, word.String())
	}
	return out
}

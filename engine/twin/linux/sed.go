package linux

// Running a script of sed.

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// editor is one sed at work on one input.
type editor struct {
	p       *process
	script  []*sedCommand
	quiet   bool
	end     string
	lines   []string
	next    int // the line to be read next
	partial bool
	space   string // the pattern space
	hold    string
	out     *bytes.Buffer
	after   []string // what a has added
	swapped bool     // for t
	quit    bool
	again   bool // D begins anew without reading
	code    int
	err     error
}

func sed(p *process) int {
	o, ok := p.options("nEre:f:i::szu", "quiet=n", "silent=n", "expression=e", "file=f", "regexp-extended=E", "in-place=i", "null-data=z", "separate=s",
		"unbuffered=u", "follow-symlinks=u")
	if !ok {
		return 1
	}
	scripts, names := o.all('e'), o.rest
	for _, file := range o.all('f') {
		data, err := p.view().ReadFile(file)
		if err != nil {
			return p.complain("couldn't open file %s: %s", file, said(err))
		}
		scripts = append(scripts, string(data))
	}
	if len(scripts) == 0 {
		if len(names) == 0 {
			return p.complain("no script specified")
		}
		scripts, names = names[:1], names[1:]
	}
	text := strings.Join(scripts, "\n")
	parse := func() ([]*sedCommand, error) {
		return (&sedParser{text: text, extended: o.has('E') || o.has('r')}).commands(false)
	}
	if _, err := parse(); err != nil {
		if errors.Is(err, errBackReference) {
			return p.refuse("with a back reference")
		}
		return p.complain("-e expression #1: %v", err)
	}
	end := "\n"
	if o.has('z') {
		end = "\x00"
	}
	run := func(data []byte) *editor {
		script, _ := parse() // anew, since a script remembers its ranges
		e := &editor{p: p, script: script, quiet: o.has('n'), end: end, out: &bytes.Buffer{}}
		if len(data) > 0 {
			e.partial = !bytes.HasSuffix(data, []byte(end))
			e.lines = strings.Split(strings.TrimSuffix(string(data), end), end)
		}
		e.run()
		return e
	}
	if o.has('i') {
		return p.edit(names, o.value('i', ""), run)
	}
	texts, code := p.texts(names)
	if code != 0 {
		code = 2
	}
	e := run(bytes.Join(texts, nil))
	p.print(e.out.String())
	if e.err != nil {
		return p.refuse(e.err.Error())
	}
	return max(code, e.code)
}

// edit is sed -i: each file is replaced by its output.
func (p *process) edit(names []string, suffix string, run func([]byte) *editor) int {
	code := 0
	for _, name := range names {
		v := p.view()
		i, err := v.Lstat(name)
		if err != nil {
			code = p.complain("can't read %s: %s", name, said(err)) + 3
			continue
		}
		data, err := v.ReadFile(name)
		if err != nil {
			code = p.complain("can't read %s: %s", name, said(err)) + 3
			continue
		}
		if suffix != "" {
			if err := v.WriteFile(name+suffix, data, i.Perm()); err != nil {
				return p.complain("cannot rename %s: %s", name, said(err)) + 3
			}
		}
		e := run(data)
		if e.err != nil {
			return p.refuse(e.err.Error())
		}
		fresh := name + "." + p.letters(6)
		if err = v.WriteFile(fresh, e.out.Bytes(), 0o600); err == nil {
			_ = v.Chown(fresh, i.UID, i.GID, false) // only root may
			if err = v.Chmod(fresh, i.Perm()); err == nil {
				err = v.Rename(fresh, name)
			}
		}
		if err != nil {
			return p.complain("couldn't open temporary file %s: %s", fresh, said(err)) + 3
		}
		code = max(code, e.code)
	}
	return code
}

func (e *editor) run() {
	for !e.quit && (e.again || e.next < len(e.lines)) {
		if !e.again {
			e.space = e.lines[e.next]
			e.next++
		}
		e.again, e.swapped = false, false
		deleted := e.all(e.script) == flowDelete
		if !deleted && !e.quiet {
			e.put(e.space)
		}
		e.flush()
	}
}

// put writes the pattern space; the last line ends as the input did.
func (e *editor) put(text string) {
	e.out.WriteString(text)
	if !(e.partial && e.next == len(e.lines)) {
		e.out.WriteString(e.end)
	}
}

func (e *editor) flush() {
	for _, text := range e.after {
		e.out.WriteString(text)
	}
	e.after = nil
}

// flow is how a command goes on.
type flow int

const (
	flowOn flow = iota
	flowDelete
	flowEnd
	flowBranch
)

// all runs commands. A branch looks for its label from the top of the script, in blocks too, as far as this twin needs: at the top.
func (e *editor) all(script []*sedCommand) flow {
	for at := 0; at < len(script); at++ {
		c := script[at]
		if !e.applies(c) {
			continue
		}
		f, label := e.one(c)
		switch f {
		case flowOn:
			continue
		case flowBranch:
			if label == "" {
				return flowEnd
			}
			to := -1
			for k, c := range e.script {
				if c.name == ':' && c.with == label {
					to = k
				}
			}
			if to < 0 {
				e.err = fmt.Errorf("can't find label for jump to `%s'", label)
				e.quit = true
				return flowDelete
			}
			return e.all(e.script[to:])
		}
		return f
	}
	return flowOn
}

func (e *editor) matches(a sedAddress) bool {
	switch {
	case a.re != nil:
		return a.re.MatchString(e.space)
	case a.last:
		return e.next == len(e.lines)
	case a.step > 0:
		return e.next >= a.line && (e.next-a.line)%a.step == 0
	}
	return e.next == a.line
}

func (e *editor) applies(c *sedCommand) bool {
	yes := true
	switch {
	case !c.from.set:
	case !c.to.set:
		yes = e.matches(c.from)
	case c.active:
		c.active = !e.rangeEnds(c)
		if c.to.re == nil && !c.to.last && c.to.plus == 0 && e.next > c.until {
			yes = false
		}
	case e.matches(c.from) || c.from.line == 0 && c.from.re == nil && !c.from.last && e.next == 1:
		c.until = c.to.line
		if c.to.plus > 0 {
			c.until = e.next + c.to.plus
		}
		zero := c.from.line == 0 && c.from.re == nil && !c.from.last
		c.active = c.to.re != nil && !(zero && e.matches(c.to)) || c.to.last && e.next < len(e.lines) || c.to.re == nil && !c.to.last && e.next < c.until
	default:
		yes = false
	}
	return yes != c.negate
}

func (e *editor) rangeEnds(c *sedCommand) bool {
	if c.to.re != nil || c.to.last {
		return e.matches(c.to)
	}
	return e.next >= c.until
}

//house:dispatch
func (e *editor) one(c *sedCommand) (flow, string) {
	switch c.name {
	case '{':
		return e.all(c.block), ""
	case 's':
		e.substitute(c)
	case 'y':
		e.space = strings.Map(func(r rune) rune {
			if at := bytes.IndexRune(c.to0, r); at >= 0 {
				return rune(c.to1[at])
			}
			return r
		}, e.space)
	case 'p':
		e.out.WriteString(e.space + e.end)
	case 'P':
		first, _, _ := strings.Cut(e.space, "\n")
		e.out.WriteString(first + e.end)
	case 'd':
		return flowDelete, ""
	case 'D':
		_, rest, more := strings.Cut(e.space, "\n")
		e.space, e.again = rest, more
		return flowDelete, ""
	case '=':
		fmt.Fprintf(e.out, "%d\n", e.next)
	case 'a':
		e.after = append(e.after, c.with)
	case 'i':
		e.out.WriteString(c.with)
	case 'c':
		if !c.to.set || !c.active || c.negate {
			e.out.WriteString(c.with)
		}
		return flowDelete, ""
	case 'n', 'N':
		return e.read(c.name), ""
	case 'g':
		e.space = e.hold
	case 'G':
		e.space += "\n" + e.hold
	case 'h':
		e.hold = e.space
	case 'H':
		e.hold += "\n" + e.space
	case 'x':
		e.space, e.hold = e.hold, e.space
	case 'z':
		e.space = ""
	case 'q', 'Q':
		e.quit, e.code = true, c.quit
		if c.name == 'Q' {
			return flowDelete, ""
		}
		return flowEnd, ""
	case 'b':
		return flowBranch, c.with
	case 't', 'T':
		was := e.swapped
		e.swapped = false
		if was == (c.name == 't') {
			return flowBranch, c.with
		}
	case 'r':
		if data, err := e.p.view().ReadFile(c.with); err == nil {
			e.after = append(e.after, string(data))
		}
	case ':':
	default:
		e.err = fmt.Errorf("command %c", c.name)
		e.quit = true
	}
	return flowOn, ""
}

// read is n and N: the next line instead of this one, or behind it.
func (e *editor) read(name byte) flow {
	if e.next >= len(e.lines) {
		e.quit = true
		return flowEnd // GNU prints the pattern space
	}
	if name == 'n' {
		if !e.quiet {
			e.put(e.space)
		}
		e.flush()
		e.space = e.lines[e.next]
	} else {
		e.space += "\n" + e.lines[e.next]
	}
	e.next++
	return flowOn
}

func (e *editor) substitute(c *sedCommand) {
	if c.re == nil {
		return
	}
	var b strings.Builder
	done, n, changed := 0, 0, false
	for _, m := range c.re.FindAllStringSubmatchIndex(e.space, -1) {
		if n++; n < c.nth {
			continue
		}
		b.WriteString(e.space[done:m[0]])
		b.WriteString(replacement(c.with, e.space, m))
		done, changed = m[1], true
		if !c.global {
			break
		}
	}
	if !changed {
		return
	}
	b.WriteString(e.space[done:])
	e.space, e.swapped = b.String(), true
	if c.print {
		e.out.WriteString(e.space + e.end)
	}
}

// replacement fills in & and \1, and the case changes \U \L \u \l \E.
func replacement(with, text string, m []int) string {
	var b strings.Builder
	var mode, once byte
	put := func(s string) {
		switch mode {
		case 'U':
			s = strings.ToUpper(s)
		case 'L':
			s = strings.ToLower(s)
		}
		if once != 0 && s != "" {
			if once == 'u' {
				s = strings.ToUpper(s[:1]) + s[1:]
			} else {
				s = strings.ToLower(s[:1]) + s[1:]
			}
			once = 0
		}
		b.WriteString(s)
	}
	group := func(n int) {
		if 2*n+1 < len(m) && m[2*n] >= 0 {
			put(text[m[2*n]:m[2*n+1]])
		}
	}
	for i := 0; i < len(with); i++ {
		c := with[i]
		switch {
		case c == '&':
			group(0)
		case c == '\\' && i+1 < len(with):
			i++
			switch n := with[i]; {
			case n >= '0' && n <= '9':
				group(int(n - '0'))
			case n == 'U' || n == 'L':
				mode = n
			case n == 'E':
				mode = 0
			case n == 'u' || n == 'l':
				once = n
			case n == 'n':
				put("\n")
			case n == 't':
				put("\t")
			default:
				put(string(n))
			}
		default:
			put(string(c))
		}
	}
	return b.String()
}

package linux

import (
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/twin/disk"
)

// grepper is one grep.
type grepper struct {
	*process
	o             *options
	re            *regexp.Regexp
	named         bool
	limit         int
	before, after int
	found         bool
	bad           bool
}

func grep(p *process) int {
	letters := "EFGPivnclLqshHowxe:f:rRm:A:B:C:aIzUbTy"
	o, ok := p.options(letters, "extended-regexp=E", "fixed-strings=F", "ignore-case=i", "invert-match=v", "line-number=n", "count=c",
		"files-with-matches=l", "files-without-match=L", "quiet=q", "silent=q", "no-messages=s", "no-filename=h", "with-filename=H",
		"only-matching=o", "word-regexp=w", "line-regexp=x", "regexp=e", "file=f", "recursive=r", "max-count=m", "after-context=A",
		"before-context=B", "context=C", "text=a", "null-data=z", "color=T", "include=P")
	if !ok {
		return 2
	}
	if o.has('P') || o.has('b') {
		return p.refuse("-" + string(o.last("Pb")))
	}
	g := &grepper{process: p, o: o, limit: 1 << 30}
	names, code := g.prepare()
	if code != 0 {
		return code
	}
	g.named = (len(names) > 1 || o.has('r') || o.has('R') || o.has('H')) && !o.has('h')
	for _, name := range names {
		g.visit(name)
		if g.found && o.has('q') {
			return 0
		}
	}
	switch {
	case g.bad:
		return 2
	case g.found:
		return 0
	}
	return 1
}

// prepare compiles the patterns and tells which files are to be searched.
func (g *grepper) prepare() (names []string, code int) {
	o, names := g.o, g.o.rest
	patterns := o.all('e')
	for _, file := range o.all('f') {
		data, err := g.view().ReadFile(file)
		if err != nil {
			return nil, g.complain("%s: %s", file, said(err)) + 1
		}
		patterns = append(patterns, linesOf(data)...)
	}
	if !o.has('e') && !o.has('f') {
		if len(names) == 0 {
			return nil, g.complain("usage: grep [OPTION]... PATTERNS [FILE]...") + 1
		}
		patterns, names = strings.Split(names[0], "\n"), names[1:]
	}
	for _, n := range []struct {
		letter byte
		into   *int
	}{{'m', &g.limit}, {'A', &g.after}, {'B', &g.before}} {
		if o.has(n.letter) {
			*n.into, _ = strconv.Atoi(o.value(n.letter, ""))
		}
	}
	if o.has('C') {
		g.after, _ = strconv.Atoi(o.value('C', ""))
		g.before = g.after
	}
	var err error
	if g.re, err = compilePatterns(patterns, o); err != nil {
		if err == errBackReference {
			return nil, g.refuse("with a back reference")
		}
		return nil, g.complain("%v", err) + 1
	}
	if len(names) == 0 {
		names = []string{"-"}
		if o.has('r') || o.has('R') {
			names = []string{"."}
		}
	}
	return names, 0
}

func compilePatterns(patterns []string, o *options) (*regexp.Regexp, error) {
	var parts []string
	for _, text := range patterns {
		part := regexp.QuoteMeta(text)
		if !o.has('F') {
			var err error
			if part, err = translate(text, o.has('E')); err != nil {
				return nil, err
			}
		}
		parts = append(parts, "(?:"+part+")")
	}
	whole := strings.Join(parts, "|")
	if len(parts) == 0 {
		whole = `\z.` // no pattern matches nothing
	}
	switch {
	case o.has('x'):
		whole = "^(?:" + whole + ")$"
	case o.has('w'):
		whole = `\b(?:` + whole + `)\b`
	}
	flags := "(?s)"
	if o.has('i') || o.has('y') {
		flags = "(?is)"
	}
	re, err := regexp.Compile(flags + whole)
	if err == nil {
		re.Longest()
	}
	return re, err
}

// visit searches a file, or with -r what is below a directory.
func (g *grepper) visit(name string) {
	if name == "-" {
		g.search("(standard input)", g.input())
		return
	}
	i, err := g.view().Stat(name)
	if err == nil && i.IsDir() {
		if !g.o.has('r') && !g.o.has('R') {
			if !g.o.has('s') {
				g.complain("%s: Is a directory", name)
			}
			return
		}
		kids, _ := g.view().ReadDir(name)
		for _, kid := range kids {
			if kid.Kind() != disk.Symlink || g.o.has('R') {
				g.visit(path.Join(name, kid.Base))
			}
		}
		return
	}
	data, err := g.view().ReadFile(name)
	if err != nil {
		g.bad = true
		if !g.o.has('s') {
			g.complain("%s: %s", name, said(err))
		}
		return
	}
	g.search(name, data)
}

func (g *grepper) search(name string, data []byte) {
	end := "\n"
	if g.o.has('z') {
		end = "\x00"
	}
	var lines []string
	if len(data) > 0 {
		lines = strings.Split(strings.TrimSuffix(string(data), end), end)
	}
	prefix, count, shown := "", 0, -1
	if g.named {
		prefix = name
	}
	quiet := g.o.has('q') || g.o.has('c') || g.o.has('l') || g.o.has('L')
	for n := 0; n < len(lines) && count < g.limit; n++ {
		if g.re.MatchString(lines[n]) == g.o.has('v') {
			continue
		}
		count++
		g.found = g.found || !g.o.has('L')
		if quiet {
			if g.o.has('q') || g.o.has('l') {
				break
			}
			continue
		}
		from := max(n-g.before, shown+1)
		if shown >= 0 && from > shown+1 && g.before+g.after > 0 {
			g.print("--\n")
		}
		for k := from; k < n; k++ {
			g.show(prefix, "-", k, lines[k], end)
		}
		g.hit(prefix, n, lines[n], end)
		shown = n
		for k := n + 1; k <= min(n+g.after, len(lines)-1) && g.re.MatchString(lines[k]) == g.o.has('v'); k++ {
			g.show(prefix, "-", k, lines[k], end)
			shown = k
		}
	}
	switch {
	case g.o.has('q'):
	case g.o.has('l') && count > 0:
		g.print(name + "\n")
	case g.o.has('L') && count == 0:
		g.found = true
		g.print(name + "\n")
	case g.o.has('c'):
		if prefix != "" {
			g.print(prefix + ":")
		}
		g.print(strconv.Itoa(count) + "\n")
	}
}

func (g *grepper) hit(prefix string, n int, line, end string) {
	if !g.o.has('o') || g.o.has('v') {
		g.show(prefix, ":", n, line, end)
		return
	}
	for _, part := range g.re.FindAllString(line, -1) {
		if part != "" {
			g.show(prefix, ":", n, part, end)
		}
	}
}

func (g *grepper) show(prefix, mark string, n int, line, end string) {
	if prefix != "" {
		g.print(prefix + mark)
	}
	if g.o.has('n') {
		g.print(strconv.Itoa(n+1) + mark)
	}
	g.print(line + end)
}

package linux

// Programs that look at files: ls, stat, readlink, realpath, basename, dirname, df, du.

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/engine/twin/disk"
)

// lister is one ls.
type lister struct {
	*process
	o *options
	v disk.View
}

func ls(p *process) int {
	o, ok := p.options("1aAdlihnrtSRFpLgoqNU", "all=a", "almost-all=A", "directory=d", "inode=i", "reverse=r", "recursive=R", "human-readable=h")
	if !ok {
		return 2
	}
	l := lister{p, o, p.view()}
	names := o.rest
	if len(names) == 0 {
		names = []string{"."}
	}
	code := 0
	var plain, dirs []disk.Info
	for _, name := range names {
		i, err := l.look(name)
		if err != nil {
			code = p.complain("cannot access '%s': %s", name, said(err)) + 1
			continue
		}
		i.Base = name
		if i.IsDir() && !o.has('d') {
			dirs = append(dirs, i)
		} else {
			plain = append(plain, i)
		}
	}
	l.show(plain, "")
	for n, d := range dirs {
		if n > 0 || len(plain) > 0 {
			p.print("\n")
		}
		code = max(code, l.directory(d.Base, len(names) > 1 || o.has('R')))
	}
	return code
}

// look is lstat; a link that is named and leads to a directory is followed, unless -d or -l asks for the link.
func (l lister) look(name string) (disk.Info, error) {
	i, err := l.v.Lstat(name)
	if err == nil && i.Kind() == disk.Symlink && (l.o.has('L') || !l.o.has('d') && !l.o.has('l')) {
		if to, err := l.v.Stat(name); err == nil {
			return to, nil
		}
	}
	return i, err
}

func (l lister) directory(name string, title bool) int {
	list, err := l.v.ReadDir(name)
	if err != nil {
		return l.complain("cannot open directory '%s': %s", name, said(err)) + 1
	}
	if title {
		l.print(name + ":\n")
	}
	if l.o.has('a') {
		self, _ := l.v.Stat(name)
		parent, _ := l.v.Stat(name + "/..")
		self.Base, parent.Base = ".", ".."
		list = append([]disk.Info{self, parent}, list...)
	} else if !l.o.has('A') {
		list = slices.DeleteFunc(list, func(i disk.Info) bool { return strings.HasPrefix(i.Base, ".") })
	}
	if l.o.has('l') {
		l.printf("total %d\n", blocksOf(list)/2)
	}
	l.show(list, name)
	code := 0
	for _, i := range list {
		if l.o.has('R') && i.IsDir() && i.Base != "." && i.Base != ".." {
			l.print("\n")
			code = max(code, l.directory(path.Join(name, i.Base), true))
		}
	}
	return code
}

func blocksOf(list []disk.Info) int64 {
	n := int64(0)
	for _, i := range list {
		n += blocks(i)
	}
	return n
}

// blocks is the space of a file in units of 512 bytes.
func blocks(i disk.Info) int64 {
	if i.Kind() != disk.Regular && !i.IsDir() {
		return 0
	}
	return (i.Length + 4095) / 4096 * 8
}

func (l lister) show(list []disk.Info, dir string) {
	switch {
	case l.o.has('t'):
		slices.SortStableFunc(list, func(a, b disk.Info) int { return b.Mtime.Compare(a.Mtime) })
	case l.o.has('S'):
		slices.SortStableFunc(list, func(a, b disk.Info) int { return int(b.Length - a.Length) })
	}
	if l.o.has('r') {
		slices.Reverse(list)
	}
	for _, i := range list {
		if l.o.has('i') {
			l.printf("%d ", i.Ino)
		}
		if l.o.has('l') || l.o.has('n') || l.o.has('g') || l.o.has('o') {
			l.long(i)
		}
		l.print(i.Base)
		switch {
		case i.IsDir() && (l.o.has('F') || l.o.has('p')):
			l.print("/")
		case i.Kind() == disk.Symlink && l.o.has('l'):
			l.print(" -> " + i.Target)
		case i.Kind() == disk.Symlink && l.o.has('F'):
			l.print("@")
		case l.o.has('F') && i.Kind() == disk.Regular && i.Mask&0o111 != 0:
			l.print("*")
		}
		l.print("\n")
	}
}

func (l lister) long(i disk.Info) {
	owner, group := strconv.Itoa(i.UID), strconv.Itoa(i.GID)
	if !l.o.has('n') {
		owner, group = or(l.userName(i.UID), owner), or(l.groupName(i.GID), group)
	}
	when := i.Mtime.UTC().Format("Jan _2 15:04")
	if age := l.clock.Now().Sub(i.Mtime); age > 180*24*time.Hour || age < -time.Hour {
		when = i.Mtime.UTC().Format("Jan _2  2006")
	}
	size := strconv.FormatInt(i.Length, 10)
	if l.o.has('h') {
		size = human(i.Length)
	}
	l.printf("%s %d %s %s %s %s ", shownMode(i.Mask), i.Links, owner, group, size, when)
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// human is a size for people.
func human(n int64) string {
	if n < 1024 {
		return strconv.FormatInt(n, 10)
	}
	f, unit := float64(n), -1
	for f >= 1024 && unit < 5 {
		f, unit = f/1024, unit+1
	}
	if f < 10 {
		return fmt.Sprintf("%.1f%c", f, "KMGTPE"[unit])
	}
	return fmt.Sprintf("%.0f%c", f, "KMGTPE"[unit])
}

func readlink(p *process) int {
	o, ok := p.options("fenqm", "canonicalize=f", "no-newline=n")
	if !ok || len(o.rest) == 0 {
		return 1
	}
	code := 0
	for _, name := range o.rest {
		var to string
		var err error
		switch {
		case o.has('f'), o.has('m'):
			to, err = p.view().Real(name)
		case o.has('e'):
			if to, err = p.view().Real(name); err == nil {
				_, err = p.view().Stat(to)
			}
		default:
			to, err = p.view().Readlink(name)
		}
		if err != nil {
			code = 1
			continue
		}
		p.print(to)
		if !o.has('n') {
			p.print("\n")
		}
	}
	return code
}

func realpath(p *process) int {
	o, ok := p.options("emsqz")
	if !ok {
		return 1
	}
	code := 0
	for _, name := range o.rest {
		to, err := p.view().Real(name)
		if err == nil && o.has('e') {
			_, err = p.view().Stat(to)
		}
		if err != nil {
			code = p.complain("%s: %s", name, said(err))
			continue
		}
		p.print(to + "\n")
	}
	return code
}

func basename(p *process) int {
	o, ok := p.options("+as:z", "suffix=s", "multiple=a")
	if !ok || len(o.rest) == 0 {
		return p.complain("missing operand")
	}
	names, suffix := o.rest, o.value('s', "")
	if !o.has('a') && !o.has('s') {
		names = o.rest[:1]
		if len(o.rest) > 1 {
			suffix = o.rest[1]
		}
	}
	for _, name := range names {
		base := path.Base(name)
		if name == "" {
			base = ""
		}
		if base != suffix {
			base = strings.TrimSuffix(base, suffix)
		}
		p.print(base + "\n")
	}
	return 0
}

func dirname(p *process) int {
	o, ok := p.options("z")
	if !ok || len(o.rest) == 0 {
		return p.complain("missing operand")
	}
	for _, name := range o.rest {
		dir := "."
		trimmed := strings.TrimRight(name, "/")
		if at := strings.LastIndexByte(trimmed, '/'); at >= 0 {
			dir = or(strings.TrimRight(trimmed[:at], "/"), "/")
		} else if trimmed == "" && name != "" {
			dir = "/"
		}
		p.print(dir + "\n")
	}
	return 0
}

func df(p *process) int {
	o, ok := p.options("hkPTBi:t:x:lm", "output=i")
	if !ok {
		return 1
	}
	if o.has('i') {
		return p.refuse("--output")
	}
	size, free := p.disk.Space()
	show := func(n int64) string { return strconv.FormatInt(n/1024, 10) }
	head := "1K-blocks"
	switch {
	case o.has('h'):
		show, head = human, "Size"
	case o.has('m'):
		show, head = func(n int64) string { return strconv.FormatInt(n>>20, 10) }, "1M-blocks"
	case o.has('P'):
		head = "1024-blocks"
	}
	percent := 0
	if size > 0 {
		percent = int(((size-free)*100 + size - 1) / size)
	}
	p.printf("%-14s %9s %9s %9s %4s %s\n", "Filesystem", head, "Used", map[bool]string{true: "Avail", false: "Available"}[o.has('h')],
		map[bool]string{true: "Capacity", false: "Use%"}[o.has('P')], "Mounted on")
	p.printf("%-14s %9s %9s %9s %3d%% %s\n", "/dev/sda1", show(size), show(size-free), show(free), percent, "/")
	return 0
}

func du(p *process) int {
	o, ok := p.options("shkbacm", "summarize=s", "human-readable=h", "bytes=b")
	if !ok {
		return 1
	}
	for _, name := range o.rest {
		n := p.weigh(name, o.has('b'))
		text := strconv.FormatInt((n+1023)/1024, 10)
		switch {
		case o.has('h'):
			text = human(n)
		case o.has('b'):
			text = strconv.FormatInt(n, 10)
		}
		p.print(text + "\t" + name + "\n")
	}
	return 0
}

// weigh is the space of a file with all below it.
func (p *process) weigh(name string, apparent bool) int64 {
	i, err := p.view().Lstat(name)
	if err != nil {
		return 0
	}
	n := blocks(i) * 512
	if apparent {
		n = i.Length
	}
	if i.IsDir() {
		kids, _ := p.view().ReadDir(name)
		for _, kid := range kids {
			n += p.weigh(path.Join(name, kid.Base), apparent)
		}
	}
	return n
}

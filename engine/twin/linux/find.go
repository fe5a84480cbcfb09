package linux

// find, which and xargs.

import (
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/engine/twin/disk"
)

// finder is one find.
type finder struct {
	*process
	v        disk.View
	words    []string // of the expression, while it is read
	min, max int
	depth    bool
	follow   bool
	pruned   bool
	acts     bool // an action is there, so that nothing is printed by itself
	batches  []*batch
	unknown  string
	code     int
}

// batch is an -exec with + at its end.
type batch struct {
	argv  []string
	names []string
}

// found is a file that find has come to.
type found struct {
	name string
	info disk.Info
}

type predicate func(f found) bool

func find(p *process) int {
	f := &finder{process: p, v: p.view(), max: 1 << 30}
	args := p.operands()
	for len(args) > 0 && (args[0] == "-L" || args[0] == "-H" || args[0] == "-P") {
		f.follow = args[0] == "-L"
		args = args[1:]
	}
	var roots []string
	for len(args) > 0 && !strings.HasPrefix(args[0], "-") && args[0] != "!" && args[0] != "(" {
		roots, args = append(roots, args[0]), args[1:]
	}
	if len(roots) == 0 {
		roots = []string{"."}
	}
	f.words = args
	test := f.either()
	if f.unknown != "" || len(f.words) > 0 {
		return p.refuse(or(f.unknown, strings.Join(f.words, " ")))
	}
	for _, root := range roots {
		if i, err := f.v.Lstat(root); err != nil {
			f.code = p.complain("‘%s’: %s", root, said(err))
		} else {
			f.walk(found{root, i}, 0, test)
		}
	}
	for _, b := range f.batches {
		if len(b.names) > 0 {
			f.code = max(f.code, p.run(append(append([]string(nil), b.argv...), b.names...), nil))
		}
	}
	return f.code
}

func (f *finder) walk(at found, depth int, test predicate) {
	if f.follow {
		if i, err := f.v.Stat(at.name); err == nil {
			at.info = i
		}
	}
	look := func() {
		if depth >= f.min && (test == nil || test(at)) && !f.acts {
			f.print(at.name + "\n")
		}
	}
	f.pruned = false
	if !f.depth {
		look()
	}
	if at.info.IsDir() && depth < f.max && !f.pruned {
		kids, err := f.v.ReadDir(at.name)
		if err != nil {
			f.code = f.complain("‘%s’: %s", at.name, said(err))
		}
		for _, kid := range kids {
			f.walk(found{strings.TrimSuffix(at.name, "/") + "/" + kid.Base, kid}, depth+1, test)
		}
	}
	if f.depth {
		look()
	}
}

func (f *finder) next() string {
	if len(f.words) == 0 {
		f.unknown = "an expression without its end"
		return ""
	}
	w := f.words[0]
	f.words = f.words[1:]
	return w
}

func (f *finder) either() predicate {
	left := f.both()
	for len(f.words) > 0 && (f.words[0] == "-o" || f.words[0] == "-or") {
		f.words = f.words[1:]
		a, b := left, f.both()
		left = func(x found) bool { return (a == nil || a(x)) || b == nil || b(x) }
	}
	return left
}

func (f *finder) both() predicate {
	var all []predicate
	for len(f.words) > 0 && f.words[0] != "-o" && f.words[0] != "-or" && f.words[0] != ")" {
		if f.words[0] == "-a" || f.words[0] == "-and" {
			f.words = f.words[1:]
			continue
		}
		if t := f.one(); t != nil {
			all = append(all, t)
		}
		if f.unknown != "" {
			return nil
		}
	}
	return func(x found) bool {
		for _, t := range all {
			if !t(x) {
				return false
			}
		}
		return true
	}
}

// one reads a test, an action or an option, which is nil.
//
//house:dispatch
func (f *finder) one() predicate {
	switch w := f.next(); w {
	case "!", "-not":
		t := f.one()
		return func(x found) bool { return t != nil && !t(x) }
	case "(":
		t := f.either()
		if f.next() != ")" {
			f.unknown = "( without )"
		}
		return t
	case "-maxdepth":
		f.max, _ = strconv.Atoi(f.next())
	case "-mindepth":
		f.min, _ = strconv.Atoi(f.next())
	case "-depth":
		f.depth = true
	case "-xdev", "-mount", "-noleaf":
	case "-name", "-iname", "-path", "-ipath", "-wholename":
		return f.glob(w, f.next())
	case "-type":
		kinds := f.next()
		return func(x found) bool { return strings.Contains(kinds, kindLetter(x.info)) }
	case "-empty":
		return func(x found) bool {
			kids, _ := f.v.ReadDir(x.name)
			return x.info.IsDir() && len(kids) == 0 || x.info.Kind() == disk.Regular && x.info.Length == 0
		}
	case "-newer":
		i, err := f.v.Stat(f.next())
		return func(x found) bool { return err == nil && x.info.Mtime.After(i.Mtime) }
	case "-mtime", "-mmin", "-size", "-links":
		return f.amount(w, f.next())
	case "-perm":
		return f.perm(f.next())
	case "-user", "-uid":
		id, _ := f.userID(f.next())
		return func(x found) bool { return x.info.UID == id }
	case "-group", "-gid":
		id, _ := f.groupID(f.next())
		return func(x found) bool { return x.info.GID == id }
	case "-true":
		return func(found) bool { return true }
	case "-prune":
		return func(found) bool { f.pruned = true; return true }
	case "-quit":
		f.unknown = w
	case "-print", "-print0":
		f.acts = true
		end := map[string]string{"-print": "\n", "-print0": "\x00"}[w]
		return func(x found) bool { f.print(x.name + end); return true }
	case "-printf":
		f.acts = true
		return f.printfOf(f.next())
	case "-delete":
		f.acts, f.depth = true, true
		return f.remove
	case "-exec", "-execdir":
		f.acts = true
		return f.exec()
	default:
		f.unknown = w
	}
	return nil
}

func kindLetter(i disk.Info) string {
	return map[uint32]string{disk.Regular: "f", disk.Directory: "d", disk.Symlink: "l", disk.Pipe: "p", disk.Socket: "s", disk.Block: "b",
		disk.Character: "c"}[i.Kind()]
}

func (f *finder) glob(w, pattern string) predicate {
	re := globRegex(pattern, strings.HasPrefix(w, "-i"))
	return func(x found) bool {
		name := x.name
		if strings.HasSuffix(w, "name") && w != "-wholename" {
			name = path.Base(x.name)
		}
		return re.MatchString(name)
	}
}

// amount compares a number: +n more, -n less, n as many.
func (f *finder) amount(w, text string) predicate {
	sign, unit := text[:min(1, len(text))], int64(512)
	text = strings.TrimLeft(text, "+-")
	if w == "-size" && text != "" {
		if u, ok := map[byte]int64{'c': 1, 'k': 1 << 10, 'M': 1 << 20, 'G': 1 << 30, 'b': 512}[text[len(text)-1]]; ok {
			unit, text = u, text[:len(text)-1]
		}
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		f.unknown = w + " " + text
	}
	return func(x found) bool {
		var have int64
		age := f.clock.Now().Sub(x.info.Mtime)
		switch w {
		case "-mtime":
			have = int64(age / (24 * time.Hour))
		case "-mmin":
			have = int64((age + time.Minute - 1) / time.Minute)
		case "-links":
			have = int64(x.info.Links)
		default:
			have = (x.info.Length + unit - 1) / unit
		}
		switch sign {
		case "+":
			return have > n
		case "-":
			return have < n
		}
		return have == n
	}
}

func (f *finder) perm(text string) predicate {
	mode, err := parseMode(strings.TrimLeft(text, "-/"), 0, false)
	if err != nil {
		f.unknown = "-perm " + text
	}
	return func(x found) bool {
		switch text[0] {
		case '-':
			return x.info.Perm()&mode == mode
		case '/':
			return mode == 0 || x.info.Perm()&mode != 0
		}
		return x.info.Perm() == mode
	}
}

func (f *finder) remove(x found) bool {
	if x.name == "." {
		return true
	}
	err := f.v.Remove(x.name)
	if x.info.IsDir() {
		err = f.v.Rmdir(x.name)
	}
	if err != nil {
		f.code = f.complain("cannot delete ‘%s’: %s", x.name, said(err))
	}
	return err == nil
}

// exec reads a command up to ; or {} +.
func (f *finder) exec() predicate {
	var argv []string
	for {
		w := f.next()
		if f.unknown != "" {
			return nil
		}
		if w == "+" && len(argv) > 0 && argv[len(argv)-1] == "{}" {
			b := &batch{argv: argv[:len(argv)-1]}
			f.batches = append(f.batches, b)
			return func(x found) bool { b.names = append(b.names, x.name); return true }
		}
		if w == ";" {
			break
		}
		argv = append(argv, w)
	}
	return func(x found) bool {
		words := make([]string, len(argv))
		for i, w := range argv {
			words[i] = strings.ReplaceAll(w, "{}", x.name)
		}
		return f.run(words, nil) == 0
	}
}

// printfOf is -printf with the directives that are used: %p %f %h %s %m %y %T@ %u %g %l.
func (f *finder) printfOf(form string) predicate {
	form, _ = unescape(form, false)
	return func(x found) bool {
		r := strings.NewReplacer("%%", "%", "%p", x.name, "%f", path.Base(x.name), "%h", path.Dir(x.name), "%s", strconv.FormatInt(x.info.Length, 10),
			"%m", strconv.FormatUint(uint64(x.info.Perm()), 8), "%y", kindLetter(x.info), "%T@", strconv.FormatInt(x.info.Mtime.Unix(), 10)+".0000000000",
			"%u", f.userName(x.info.UID), "%g", f.groupName(x.info.GID), "%l", x.info.Target, "%i", strconv.FormatUint(x.info.Ino, 10), "%n", strconv.Itoa(x.info.Links))
		f.print(r.Replace(form))
		return true
	}
}

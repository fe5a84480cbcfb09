package linux

// Programs that change files: mkdir, rmdir, rm, cp, mv, ln, touch, chmod, chown, chgrp, mktemp, truncate, tee, cat.

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/engine/twin/disk"
)

// each does something to each operand and complains where it fails, in coreutils' words: "cannot remove 'x': ...".
func (p *process) each(names []string, what string, do func(name string) error) int {
	code := 0
	for _, name := range names {
		if err := do(name); err != nil {
			code = p.complain("%s '%s': %s", what, name, said(err))
		}
	}
	return code
}

func cat(p *process) int {
	o, ok := p.options("ubnsvAEeTt")
	if !ok {
		return 1
	}
	if len(o.given) > 0 && !o.has('u') {
		return p.refuse("with options")
	}
	code := 0
	for _, name := range inputs(o.rest) {
		if name == "-" {
			if p.stdin != nil {
				if _, err := io.Copy(p.out, p.stdin); err != nil {
					return p.complain("write error: %s", said(err))
				}
			}
			continue
		}
		data, err := p.view().ReadFile(name)
		if err != nil {
			code = p.complain("%s: %s", name, said(err))
			continue
		}
		if _, err := p.out.Write(data); err != nil {
			return p.complain("write error: %s", said(err))
		}
	}
	if err := p.out.Flush(); err != nil && !errors.Is(err, os.ErrClosed) {
		return p.complain("write error: %s", said(err))
	}
	return code
}

func inputs(names []string) []string {
	if len(names) == 0 {
		return []string{"-"}
	}
	return names
}

func mkdir(p *process) int {
	o, ok := p.options("pm:vZ", "parents=p", "mode=m")
	if !ok {
		return 1
	}
	v := p.view()
	return p.each(o.rest, "cannot create directory", func(name string) error {
		if o.has('p') {
			if err := v.MkdirAll(name, 0o777); err != nil {
				return err
			}
		} else if err := v.Mkdir(name, 0o777); err != nil {
			return err
		}
		if !o.has('m') {
			return nil
		}
		mode, err := parseMode(o.value('m', ""), 0o777, true)
		if err != nil {
			return err
		}
		return v.Chmod(name, mode)
	})
}

func rmdir(p *process) int {
	o, ok := p.options("p", "ignore-fail-on-non-empty=p")
	if !ok {
		return 1
	}
	return p.each(o.rest, "failed to remove", p.view().Rmdir)
}

func rm(p *process) int {
	o, ok := p.options("rRfdiv", "recursive=r", "force=f", "dir=d")
	if !ok {
		return 1
	}
	v := p.view()
	return p.each(o.rest, "cannot remove", func(name string) error {
		i, err := v.Lstat(name)
		switch {
		case errors.Is(err, fs.ErrNotExist) && o.has('f'):
			return nil
		case err != nil:
			return err
		case i.IsDir() && (o.has('r') || o.has('R')):
			return v.RemoveAll(name)
		case i.IsDir() && o.has('d'):
			return v.Rmdir(name)
		}
		return v.Remove(name)
	})
}

// target is where a file goes: into a directory, or to the name itself.
func target(v disk.View, o *options, from, to string) string {
	if i, err := v.Stat(to); err == nil && i.IsDir() && !o.has('T') {
		if l, err := v.Lstat(to); o.has('n') && err == nil && l.Kind() == disk.Symlink {
			return to
		}
		return strings.TrimRight(to, "/") + "/" + path.Base(from)
	}
	return to
}

// arrangement is who goes where, for cp, mv and ln.
func (p *process) arrangement(o *options) (from []string, to string, ok bool) {
	if o.has('t') {
		return o.rest, o.value('t', ""), len(o.rest) > 0
	}
	if len(o.rest) < 2 {
		p.complain("missing file operand")
		return nil, "", false
	}
	return o.rest[:len(o.rest)-1], o.rest[len(o.rest)-1], true
}

func mv(p *process) int {
	o, ok := p.options("fivTt:u", "force=f", "no-target-directory=T", "target-directory=t", "no-clobber=u")
	if !ok {
		return 1
	}
	from, to, ok := p.arrangement(o)
	if !ok {
		return 1
	}
	v, code := p.view(), 0
	for _, name := range from {
		dest := target(v, o, name, to)
		if _, err := v.Lstat(name); err != nil {
			code = p.complain("cannot stat '%s': %s", name, said(err))
			continue
		}
		if err := v.Rename(name, dest); err != nil {
			code = p.complain("cannot move '%s' to '%s': %s", name, dest, said(err))
		}
	}
	return code
}

func ln(p *process) int {
	o, ok := p.options("sfnvTt:r", "symbolic=s", "force=f", "no-dereference=n", "no-target-directory=T")
	if !ok {
		return 1
	}
	if o.has('r') {
		return p.refuse("-r")
	}
	if len(o.rest) == 1 {
		o.rest = append(o.rest, ".")
	}
	from, to, ok := p.arrangement(o)
	if !ok {
		return 1
	}
	v, code := p.view(), 0
	for _, name := range from {
		dest := target(v, o, name, to)
		if _, err := v.Lstat(dest); err == nil && o.has('f') {
			_ = v.Remove(dest) // what follows says why it could not
		}
		var err error
		if o.has('s') {
			err = v.Symlink(name, dest)
		} else {
			err = v.Link(name, dest)
		}
		if err != nil {
			kind := map[bool]string{true: "symbolic", false: "hard"}[o.has('s')]
			code = p.complain("failed to create %s link '%s': %s", kind, dest, said(err))
		}
	}
	return code
}

func touch(p *process) int {
	o, ok := p.options("camhd:r:t:", "no-create=c", "date=d", "reference=r", "no-dereference=h", "time=t")
	if !ok {
		return 1
	}
	v, at := p.view(), p.clock.Now()
	atime, mtime := at, at
	switch {
	case o.has('r'):
		i, err := v.Stat(o.value('r', ""))
		if err != nil {
			return p.complain("failed to get attributes of '%s': %s", o.value('r', ""), said(err))
		}
		atime, mtime = i.Atime, i.Mtime
	case o.has('d'):
		t, err := parseDate(o.value('d', ""), at)
		if err != nil {
			return p.complain("invalid date format '%s'", o.value('d', ""))
		}
		atime, mtime = t, t
	case o.has('t'):
		t, err := time.Parse("200601021504.05", o.value('t', ""))
		if err != nil {
			if t, err = time.Parse("200601021504", o.value('t', "")); err != nil {
				return p.complain("invalid date format '%s'", o.value('t', ""))
			}
		}
		atime, mtime = t, t
	}
	if o.has('a') && !o.has('m') {
		mtime = time.Time{}
	}
	if o.has('m') && !o.has('a') {
		atime = time.Time{}
	}
	return p.each(o.rest, "cannot touch", func(name string) error {
		if _, err := v.Lstat(name); err != nil {
			if o.has('c') || !errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			f, err := v.Open(name, os.O_WRONLY|os.O_CREATE, 0o666)
			if err != nil {
				return err
			}
			_ = f.Close()
		}
		return v.Chtimes(name, atime, mtime, !o.has('h'))
	})
}

// below calls do for a file and, with deep, for all below it.
func (p *process) below(name string, deep bool, do func(name string) error) error {
	i, err := p.view().Lstat(name)
	if err != nil {
		return err
	}
	if deep && i.IsDir() {
		kids, err := p.view().ReadDir(name)
		if err != nil {
			return err
		}
		for _, kid := range kids {
			if err := p.below(name+"/"+kid.Base, true, do); err != nil {
				return err
			}
		}
	}
	return do(name)
}

func chmod(p *process) int {
	if len(p.args) > 1 && strings.HasPrefix(p.args[1], "-") && strings.Trim(p.args[1], "-rwxXst") == "" && p.args[1] != "--" {
		p.args = append([]string{p.args[0], "--", "a" + p.args[1]}, p.args[2:]...) // chmod -x is a mode, no option
	}
	o, ok := p.options("Rfvc", "recursive=R", "reference=r")
	if !ok || len(o.rest) < 2 {
		return p.complain("missing operand")
	}
	v := p.view()
	return p.each(o.rest[1:], "cannot access", func(name string) error {
		return p.below(name, o.has('R'), func(name string) error {
			i, err := v.Lstat(name)
			if err != nil {
				return err
			}
			if i.Kind() == disk.Symlink {
				if o.has('R') {
					return nil
				}
				if i, err = v.Stat(name); err != nil {
					return err
				}
			}
			mode, err := parseMode(o.rest[0], i.Perm(), i.IsDir())
			if err != nil {
				return err
			}
			return v.Chmod(name, mode)
		})
	})
}

func chown(p *process) int {
	o, ok := p.options("RhfvcP", "recursive=R", "no-dereference=h")
	if !ok || len(o.rest) < 2 {
		return p.complain("missing operand")
	}
	who, uid, gid := o.rest[0], -1, -1
	if p.name() == "chgrp" {
		who = ":" + who
	}
	owner, group, has := strings.Cut(who, ":")
	if owner != "" {
		if uid, ok = p.userID(owner); !ok {
			return p.complain("invalid user: '%s'", o.rest[0])
		}
	}
	switch {
	case group != "":
		if gid, ok = p.groupID(group); !ok {
			return p.complain("invalid group: '%s'", o.rest[0])
		}
	case has && owner != "":
		if u, ok := p.userNamed(owner); ok {
			gid = u.gid
		}
	}
	return p.each(o.rest[1:], "changing ownership of", func(name string) error {
		return p.below(name, o.has('R'), func(name string) error {
			return p.view().Chown(name, uid, gid, !o.has('h') && !o.has('R'))
		})
	})
}

func mktemp(p *process) int {
	o, ok := p.options("dqutp:", "directory=d", "tmpdir=p", "dry-run=u", "quiet=q")
	if !ok {
		return 1
	}
	template := "tmp.XXXXXXXXXX"
	if len(o.rest) > 0 {
		template = o.rest[0]
	}
	stem := strings.TrimRight(template, "X")
	if len(template)-len(stem) < 3 {
		return p.complain("too few X's in template '%s'", template)
	}
	if len(o.rest) == 0 || o.has('t') || o.has('p') {
		stem = or(or(o.value('p', ""), p.getenv("TMPDIR")), "/tmp") + "/" + stem
	}
	name := stem + p.letters(len(template)-len(strings.TrimRight(template, "X")))
	var err error
	switch {
	case o.has('u'):
	case o.has('d'):
		err = p.view().Mkdir(name, 0o700)
	default:
		err = p.view().WriteFile(name, nil, 0o600)
	}
	if err != nil {
		return p.complain("failed to create file via template '%s': %s", template, said(err))
	}
	p.print(name + "\n")
	return 0
}

// letters are n of them, by the chance of the host.
func (h *Host) letters(n int) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	b := make([]byte, n)
	for i := range b {
		b[i] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"[h.random.IntN(62)]
	}
	return string(b)
}

func truncate(p *process) int {
	o, ok := p.options("cs:", "size=s", "no-create=c")
	if !ok {
		return 1
	}
	n, err := strconv.Atoi(o.value('s', ""))
	if err != nil || n < 0 {
		return p.refuse("-s " + o.value('s', ""))
	}
	return p.each(o.rest, "cannot open", func(name string) error {
		old, err := p.view().ReadFile(name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		data := make([]byte, n)
		copy(data, old)
		return p.view().WriteFile(name, data, 0o666)
	})
}

func tee(p *process) int {
	o, ok := p.options("ai", "append=a")
	if !ok {
		return 1
	}
	flags := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	if o.has('a') {
		flags = os.O_WRONLY | os.O_CREATE | os.O_APPEND
	}
	code, to := 0, []io.Writer{p.out}
	for _, name := range o.rest {
		f, err := p.view().Open(name, flags, 0o666)
		if err != nil {
			code = p.complain("%s: %s", name, said(err))
			continue
		}
		to = append(to, f)
	}
	if p.stdin != nil {
		if _, err := io.Copy(io.MultiWriter(to...), p.stdin); err != nil {
			code = p.complain("write error: %s", said(err))
		}
	}
	return code
}

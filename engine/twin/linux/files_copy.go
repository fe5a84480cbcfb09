package linux

// cp and install.

import (
	"path"

	"github.com/drydock-dev/drydock/engine/twin/disk"
)

// copier is one cp.
type copier struct {
	*process
	o        *options
	v        disk.View
	deep     bool
	preserve bool
	links    bool // copy links as links
}

func cp(p *process) int {
	o, ok := p.options("aprRdfPLHvTt:nuilE:", "archive=a", "recursive=r", "no-dereference=P", "dereference=L", "force=f", "no-target-directory=T",
		"preserve=p", "target-directory=t", "reflink=u")
	if !ok {
		return 1
	}
	from, to, ok := p.arrangement(o)
	if !ok {
		return 1
	}
	deep := o.has('r') || o.has('R') || o.has('a')
	c := copier{process: p, o: o, v: p.view(), deep: deep, preserve: o.has('p') || o.has('a'), links: (deep || o.has('P') || o.has('d')) && !o.has('L')}
	code := 0
	for _, name := range from {
		code = max(code, c.copy(name, target(c.v, o, name, to)))
	}
	return code
}

func (c copier) copy(from, to string) int {
	i, err := c.v.Stat(from)
	if c.links {
		i, err = c.v.Lstat(from)
	}
	if err != nil {
		return c.complain("cannot stat '%s': %s", from, said(err))
	}
	switch {
	case i.IsDir() && !c.deep:
		return c.complain("-r not specified; omitting directory '%s'", from)
	case i.IsDir():
		return c.directory(from, to, i)
	case i.Kind() == disk.Symlink:
		_ = c.v.Remove(to) // what follows says why it could not
		if err := c.v.Symlink(i.Target, to); err != nil {
			return c.complain("cannot create symbolic link '%s': %s", to, said(err))
		}
		return 0
	}
	data, err := c.v.ReadFile(from)
	if err != nil {
		return c.complain("cannot open '%s' for reading: %s", from, said(err))
	}
	if old, err := c.v.Stat(to); err == nil && old.Ino == i.Ino {
		return c.complain("'%s' and '%s' are the same file", from, to)
	}
	if err := c.v.WriteFile(to, data, i.Perm()); err != nil {
		return c.complain("cannot create regular file '%s': %s", to, said(err))
	}
	return c.keep(to, i)
}

func (c copier) directory(from, to string, i disk.Info) int {
	kids, err := c.v.ReadDir(from)
	if err != nil {
		return c.complain("cannot access '%s': %s", from, said(err))
	}
	if !c.v.Exists(to) {
		if err := c.v.Mkdir(to, i.Perm()|0o700); err != nil {
			return c.complain("cannot create directory '%s': %s", to, said(err))
		}
	}
	code := 0
	for _, kid := range kids {
		code = max(code, c.copy(path.Join(from, kid.Base), path.Join(to, kid.Base)))
	}
	return max(code, c.keep(to, i))
}

// keep gives a copy the owner, mode and times of the original, where that is asked for.
func (c copier) keep(to string, i disk.Info) int {
	if !c.preserve {
		return 0
	}
	_ = c.v.Chown(to, i.UID, i.GID, false) // only root may
	if err := c.v.Chmod(to, i.Perm()); err != nil {
		return c.complain("preserving permissions for '%s': %s", to, said(err))
	}
	if err := c.v.Chtimes(to, i.Atime, i.Mtime, false); err != nil {
		return c.complain("preserving times for '%s': %s", to, said(err))
	}
	return 0
}

func install(p *process) int {
	o, ok := p.options("dDm:o:g:cvpTt:", "directory=d", "mode=m", "owner=o", "group=g", "no-target-directory=T")
	if !ok {
		return 1
	}
	v := p.view()
	finish := func(name string) error {
		mode, err := parseMode(o.value('m', "755"), 0, false)
		if err != nil {
			return err
		}
		uid, gid := -1, -1
		if o.has('o') {
			uid, _ = p.userID(o.value('o', ""))
		}
		if o.has('g') {
			gid, _ = p.groupID(o.value('g', ""))
		}
		if err := v.Chown(name, uid, gid, true); err != nil {
			return err
		}
		return v.Chmod(name, mode)
	}
	if o.has('d') {
		return p.each(o.rest, "cannot create directory", func(name string) error {
			if err := v.MkdirAll(name, 0o755); err != nil {
				return err
			}
			return finish(name)
		})
	}
	from, to, ok := p.arrangement(o)
	if !ok {
		return 1
	}
	return p.each(from, "cannot install", func(name string) error {
		data, err := v.ReadFile(name)
		if err != nil {
			return err
		}
		dest := target(v, o, name, to)
		if o.has('D') {
			if err := v.MkdirAll(path.Dir(dest), 0o755); err != nil {
				return err
			}
		}
		if err := v.WriteFile(dest, data, 0o600); err != nil {
			return err
		}
		return finish(dest)
	})
}

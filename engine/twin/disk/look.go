package disk

// What can be done without changing anything.

import (
	"slices"
	"strings"
	"syscall"
)

// Stat looks at what a path leads to.
func (v View) Stat(p string) (Info, error) { return v.stat(p, true) }

// Lstat looks at what stands at a path, which may be a link.
func (v View) Lstat(p string) (Info, error) { return v.stat(p, false) }

func (v View) stat(p string, follow bool) (Info, error) {
	v.disk.mu.Lock()
	defer v.disk.mu.Unlock()
	at, err := v.found(p, follow)
	if err != nil {
		return Info{}, failed("stat", p, err)
	}
	return at.node.info(p[strings.LastIndexByte(p, '/')+1:]), nil
}

// Exists tells whether a path leads to something.
func (v View) Exists(p string) bool {
	_, err := v.Stat(p)
	return err == nil
}

// Access tells by its error whether the user has rights on what a path leads to.
func (v View) Access(p string, want uint32) error {
	v.disk.mu.Lock()
	defer v.disk.mu.Unlock()
	at, err := v.found(p, true)
	if err == nil && !v.may(at.node, want) {
		err = syscall.EACCES
	}
	return failed("access", p, err)
}

// Readlink is where a symbolic link points, as it was written.
func (v View) Readlink(p string) (string, error) {
	i, err := v.Lstat(p)
	if err == nil && i.Kind() != Symlink {
		err = failed("readlink", p, syscall.EINVAL)
	}
	return i.Target, err
}

// Real is the path without links. The last part may be missing when all before it is there.
func (v View) Real(p string) (string, error) {
	v.disk.mu.Lock()
	defer v.disk.mu.Unlock()
	at, err := v.find(p, true)
	return at.path, failed("realpath", p, err)
}

// ReadDir lists a directory by name.
func (v View) ReadDir(p string) ([]Info, error) {
	v.disk.mu.Lock()
	defer v.disk.mu.Unlock()
	at, err := v.found(p, true)
	switch {
	case err != nil:
	case !at.node.isDir():
		err = syscall.ENOTDIR
	case !v.may(at.node, Read):
		err = syscall.EACCES
	}
	if err != nil {
		return nil, failed("open", p, err)
	}
	list := make([]Info, 0, len(at.node.kids))
	for name, n := range at.node.kids {
		list = append(list, n.info(name))
	}
	slices.SortFunc(list, func(a, b Info) int { return strings.Compare(a.Base, b.Base) })
	return list, nil
}

// ReadFile is what a file holds. It is not to be changed.
func (v View) ReadFile(p string) ([]byte, error) {
	v.disk.mu.Lock()
	at, err := v.found(p, true)
	switch {
	case err != nil:
	case at.node.isDir():
		err = syscall.EISDIR
	case !v.may(at.node, Read):
		err = syscall.EACCES
	}
	if err != nil {
		v.disk.mu.Unlock()
		return nil, failed("open", p, err)
	}
	source, data := at.node.source, at.node.content()
	at.node.atime = v.disk.now()
	v.disk.mu.Unlock()
	if source != nil { // without the lock: it may look at the disk
		return []byte(source()), nil
	}
	return data, nil
}

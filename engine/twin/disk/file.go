package disk

// Files that are open, and those that make up their content.

import (
	"io"
	"os"
	"path"
	"syscall"
	"time"
)

// File is an open file.
type File struct {
	disk   *Disk
	node   *node
	path   string
	offset int64
	flags  int
	made   []byte // what a file with a source has made up
}

// Open opens a file by the flags of the os package; the umask is taken off perm where it is made.
func (v View) Open(p string, flags int, perm uint32) (*File, error) {
	f := &File{disk: v.disk, path: p, flags: flags}
	var source func() string
	err := v.change("open", p, true, func(at place) error {
		n, err := v.opened(at, flags, perm)
		if err != nil {
			return err
		}
		f.node, source = n, n.source
		if flags&os.O_TRUNC != 0 && n.kind() == Regular && n.sink == nil {
			v.disk.used -= n.size()
			n.text, n.data, n.hole = "", nil, 0
			n.mtime = v.disk.now()
			n.ctime = n.mtime
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	switch {
	case source != nil:
		f.made = []byte(source())
	case f.node.hole > 0:
		f.made = make([]byte, f.node.hole)
	}
	return f, nil
}

// opened is the node to be opened, which may have to be made.
func (v View) opened(at place, flags int, perm uint32) (*node, error) {
	n := at.node
	writes := flags&(os.O_WRONLY|os.O_RDWR) != 0
	switch {
	case n == nil && flags&os.O_CREATE == 0:
		return nil, syscall.ENOENT
	case n == nil:
		n = v.newNode(Regular|perm&^v.Umask&0o7777, at.dir)
		return n, v.add(at, n)
	case flags&os.O_EXCL != 0:
		return nil, syscall.EEXIST
	case n.isDir() && writes:
		return nil, syscall.EISDIR
	case writes && !v.may(n, Write), flags&os.O_WRONLY == 0 && !v.may(n, Read):
		return nil, syscall.EACCES
	}
	return n, nil
}

// Info is what stat says of the open file.
func (f *File) Info() Info {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	return f.node.info(path.Base(f.path))
}

// Read reads on from where the last Read ended.
func (f *File) Read(p []byte) (int, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if f.node.isDir() {
		return 0, failed("read", f.path, syscall.EISDIR)
	}
	n := 0
	switch {
	case f.made != nil:
		n = copy(p, f.made[min(f.offset, int64(len(f.made))):])
	case f.node.data != nil:
		n = copy(p, f.node.data[min(f.offset, int64(len(f.node.data))):])
	case f.node.kind() == Regular:
		n = copy(p, f.node.text[min(f.offset, int64(len(f.node.text))):])
	}
	f.offset += int64(n)
	if n == 0 && len(p) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

// Write writes on from where the last Write ended, or at the end.
func (f *File) Write(p []byte) (int, error) {
	f.disk.mu.Lock()
	n := f.node
	if n.sink != nil {
		f.disk.mu.Unlock() // it may look at the disk
		return len(p), failed("write", f.path, n.sink(p))
	}
	defer f.disk.mu.Unlock()
	if n.kind() != Regular {
		return len(p), nil
	}
	if f.flags&os.O_APPEND != 0 {
		f.offset = n.size()
	}
	grows := max(f.offset+int64(len(p))-n.size(), 0)
	if n.links > 0 {
		if err := f.disk.take(grows); err != nil {
			return 0, failed("write", f.path, err)
		}
	}
	if f.offset == n.size() {
		if n.data == nil {
			n.data = n.content()
		}
		n.data = append(n.data, p...) // who reads holds the old length
	} else { // a new array, since readers may hold the old one
		whole := make([]byte, n.size()+grows)
		copy(whole, n.content())
		copy(whole[f.offset:], p)
		n.data = whole
	}
	n.text, n.hole, f.made = "", 0, nil
	f.offset += int64(len(p))
	n.mtime = f.disk.now()
	n.ctime = n.mtime
	return len(p), nil
}

// Close closes the file. What was written is there already.
func (f *File) Close() error { return nil }

// WriteFile makes a file or replaces what it holds.
func (v View) WriteFile(p string, data []byte, perm uint32) error {
	f, err := v.Open(p, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, perm)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return err
}

// MkdirAll makes a directory and those above it.
func (v View) MkdirAll(p string, perm uint32) error {
	p = v.Abs(p)
	if i, err := v.Stat(p); err == nil {
		if i.IsDir() {
			return nil
		}
		return failed("mkdir", p, syscall.ENOTDIR)
	}
	if err := v.MkdirAll(path.Dir(p), perm); err != nil {
		return err
	}
	if err := v.Mkdir(p, perm); err != nil && !v.Exists(p) {
		return err
	}
	return nil
}

// RemoveAll takes away what stands at a path with all below it.
func (v View) RemoveAll(p string) error {
	i, err := v.Lstat(p)
	if err != nil {
		return nil
	}
	if !i.IsDir() {
		return v.Remove(p)
	}
	kids, err := v.ReadDir(p)
	if err != nil {
		return err
	}
	for _, kid := range kids {
		if err := v.RemoveAll(p + "/" + kid.Base); err != nil {
			return err
		}
	}
	return v.Rmdir(p)
}

// Set puts a file with its content where nothing or a file is, with the directories above it. The text is kept as it is, so that many disks
// can share it.
func (d *Disk) Set(p, text string, perm uint32) error {
	return d.put(p, func(n *node) {
		n.mode, n.text, n.data, n.hole, n.source, n.sink = Regular|perm, text, nil, 0, nil, nil
	})
}

// SetHole puts a file of so many zeros, which take space on the disk but no memory.
func (d *Disk) SetHole(p string, size int64, perm uint32) error {
	if _, free := d.Space(); free < size {
		return failed("write", p, syscall.ENOSPC)
	}
	return d.put(p, func(n *node) {
		n.mode, n.text, n.data, n.hole, n.source, n.sink = Regular|perm, "", nil, size, nil, nil
	})
}

// SetSource puts a file that makes up its content at each reading. sink takes what is written; nil: it is forgotten.
func (d *Disk) SetSource(p string, perm uint32, source func() string, sink func([]byte) error) error {
	if sink == nil {
		sink = func([]byte) error { return nil }
	}
	return d.put(p, func(n *node) {
		n.mode, n.text, n.data, n.hole, n.source, n.sink = Regular|perm, "", nil, 0, source, sink
	})
}

func (d *Disk) put(p string, fill func(*node)) error {
	root := d.As(User{})
	if err := root.MkdirAll(path.Dir(p), 0o755); err != nil {
		return err
	}
	return root.change("set", p, true, func(at place) error {
		n := at.node
		if n == nil {
			n = d.newNode(Regular, 0, 0)
			if err := root.add(at, n); err != nil {
				return err
			}
		}
		d.used -= n.size()
		fill(n)
		d.used += n.size()
		n.mtime = d.now()
		n.ctime = n.mtime
		return nil
	})
}

// Age sets when a file was last changed.
func (d *Disk) Age(p string, mtime time.Time) error {
	return d.As(User{}).Chtimes(p, mtime, mtime, false)
}

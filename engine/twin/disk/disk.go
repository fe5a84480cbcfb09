package disk

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Disk is a file system. Its views may be used from everywhere at once.
type Disk struct {
	mu       sync.Mutex
	now      func() time.Time
	root     *node
	lastIno  uint64
	capacity int64
	used     int64
}

// New makes an empty disk of so many bytes that tells its times by now.
func New(now func() time.Time, capacity int64) *Disk {
	d := &Disk{now: now, capacity: capacity}
	d.root = d.newNode(Directory|0o755, 0, 0)
	d.root.links = 2
	return d
}

// Space is how large the disk is and how much of it is free.
func (d *Disk) Space() (capacity, free int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.capacity, max(d.capacity-d.used, 0)
}

// SetSpace makes the disk larger or smaller, whatever it holds.
func (d *Disk) SetSpace(capacity int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.capacity = capacity
}

// Used is how many bytes files hold, those counted that Reserve has taken.
func (d *Disk) Used() int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.used
}

// Reserve takes space for what is not kept as a file here, an installed package say; a negative number gives it back.
func (d *Disk) Reserve(bytes int64) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.take(bytes)
}

func (d *Disk) take(bytes int64) error {
	if bytes > 0 && d.used+bytes > d.capacity {
		return syscall.ENOSPC
	}
	d.used += bytes
	return nil
}

func (d *Disk) newNode(mode uint32, uid, gid int) *node {
	d.lastIno++
	t := d.now()
	n := &node{ino: d.lastIno, mode: mode, uid: uid, gid: gid, links: 1, atime: t, mtime: t, ctime: t}
	if n.isDir() {
		n.kids, n.links = map[string]*node{}, 2
	}
	return n
}

// User is who uses a disk, and where they stand.
type User struct {
	UID, GID int
	Groups   []int
	Dir      string // working directory
	Umask    uint32
}

// View is a disk as a user sees it. A View is small and copied freely.
type View struct {
	disk *Disk
	User
}

// As is the disk for a user.
func (d *Disk) As(u User) View {
	if u.Dir == "" {
		u.Dir = "/"
	}
	return View{d, u}
}

// Abs is a path from the root on, cleaned but with its links.
func (v View) Abs(p string) string {
	if !strings.HasPrefix(p, "/") {
		p = v.Dir + "/" + p
	}
	return path.Clean(p)
}

// The rights that may be asked for.
const (
	Execute = 1
	Write   = 2
	Read    = 4
)

// may tells whether the user has all rights in want on a node.
func (v View) may(n *node, want uint32) bool {
	if v.UID == 0 {
		return want&Execute == 0 || n.isDir() || n.mode&0o111 != 0
	}
	perm := n.mode
	switch {
	case n.uid == v.UID:
		perm >>= 6
	case n.gid == v.GID || slices.Contains(v.Groups, n.gid):
		perm >>= 3
	}
	return perm&want == want
}

// place is where a path leads: the directory, the name in it, and what is there, which may be nothing.
type place struct {
	dir  *node
	name string
	node *node
	path string // without links on the way
}

const maxLinks = 40

// find walks a path. follow says whether a link at its end is followed. A missing last part is no error, a missing directory is.
func (v View) find(p string, follow bool) (place, error) {
	if p == "" {
		return place{}, syscall.ENOENT
	}
	links := 0
	return v.walk(v.disk.root, "", v.start(p), follow || strings.HasSuffix(p, "/") && strings.Trim(p, "/") != "", &links)
}

// start is the path from the root, not cleaned, because a/../b is not b where a is a link.
func (v View) start(p string) string {
	if strings.HasPrefix(p, "/") {
		return p
	}
	return v.Dir + "/" + p
}

func (v View) walk(at *node, here, p string, follow bool, links *int) (place, error) {
	trail := []place{{node: at, path: here}}
	parts := strings.FieldsFunc(p, func(r rune) bool { return r == '/' })
	for i, part := range parts {
		cur := trail[len(trail)-1]
		switch {
		case cur.node == nil:
			return place{}, syscall.ENOENT
		case !cur.node.isDir():
			return place{}, syscall.ENOTDIR
		case !v.may(cur.node, Execute):
			return place{}, syscall.EACCES
		case part == ".":
			continue
		case part == "..":
			trail = trail[:max(len(trail)-1, 1)]
			continue
		}
		next := place{dir: cur.node, name: part, node: cur.node.kids[part], path: cur.path + "/" + part}
		if next.node != nil && next.node.kind() == Symlink && (i < len(parts)-1 || follow) {
			if *links++; *links > maxLinks {
				return place{}, syscall.ELOOP
			}
			rest := append([]string{next.node.text}, parts[i+1:]...)
			target := strings.Join(rest, "/")
			if !strings.HasPrefix(target, "/") {
				target = cur.path + "/" + target
			}
			return v.walk(v.disk.root, "", target, follow, links)
		}
		trail = append(trail, next)
	}
	end := trail[len(trail)-1]
	if end.path == "" {
		end.path = "/"
	}
	return end, nil
}

// found is find for what must be there.
func (v View) found(p string, follow bool) (place, error) {
	at, err := v.find(p, follow)
	if err == nil && at.node == nil {
		err = syscall.ENOENT
	}
	if err == nil && strings.HasSuffix(p, "/") && !at.node.isDir() {
		err = syscall.ENOTDIR
	}
	return at, err
}

func failed(op, p string, err error) error {
	if err == nil {
		return nil
	}
	return &fs.PathError{Op: op, Path: p, Err: err}
}

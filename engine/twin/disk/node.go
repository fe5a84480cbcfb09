// Package disk is a Unix file system that is not there: paths, modes, owners, links, times and space, in memory.
//
// A disk is used by someone: As gives the view of a user with a working directory and a umask, who may or may not do a thing, as the
// permissions say. Errors are those of the real calls (*fs.PathError with a syscall.Errno), so that programs say of them what programs say.
//
//	d := disk.New(time.Now, 8<<30)
//	root := d.As(disk.User{Dir: "/"})
//	err := root.WriteFile("/etc/hostname", []byte("worker-1\n"), 0o644)
package disk

import (
	"io/fs"
	"time"
)

// The types of files, as stat has them in the upper bits of a mode.
const (
	TypeMask  = 0o170000
	Pipe      = 0o010000
	Character = 0o020000
	Directory = 0o040000
	Block     = 0o060000
	Regular   = 0o100000
	Symlink   = 0o120000
	Socket    = 0o140000
)

// node is a file, whatever its names are.
type node struct {
	ino                 uint64
	mode                uint32 // type and permissions, as stat has them
	uid, gid            int
	links               int
	atime, mtime, ctime time.Time
	text                string // what a regular file held at first, or where a symbolic link leads
	data                []byte // what it holds since it was written; then text is empty
	hole                int64  // so many zeros that take no memory, where there is neither text nor data
	kids                map[string]*node
	source              func() string           // makes up the content at each reading
	sink                func(text []byte) error // takes what is written
	device              uint32                  // of a device file
}

func (n *node) kind() uint32 { return n.mode & TypeMask }

func (n *node) isDir() bool { return n.kind() == Directory }

func (n *node) size() int64 {
	switch {
	case n.source != nil:
		return 0
	case n.isDir():
		return 4096
	}
	return n.hole + int64(len(n.text)+len(n.data))
}

// content is what the file holds now. It is not to be changed.
func (n *node) content() []byte {
	switch {
	case n.data != nil:
		return n.data[:len(n.data):len(n.data)]
	case n.hole > 0:
		return make([]byte, n.hole)
	}
	return []byte(n.text)
}

// Info is what stat says of a file. It is an fs.FileInfo.
type Info struct {
	Base                string
	Ino                 uint64
	Mask                uint32 // type and permissions, as stat has them
	UID, GID            int
	Links               int
	Length              int64
	Device              uint32
	Atime, Mtime, Ctime time.Time
	Target              string // of a symbolic link
}

func (n *node) info(base string) Info {
	i := Info{Base: base, Ino: n.ino, Mask: n.mode, UID: n.uid, GID: n.gid, Links: n.links, Length: n.size(), Device: n.device,
		Atime: n.atime, Mtime: n.mtime, Ctime: n.ctime}
	if n.kind() == Symlink {
		i.Target = n.text
	}
	return i
}

// Kind is the type of the file, one of the constants.
func (i Info) Kind() uint32 { return i.Mask & TypeMask }

// Perm is the permissions with the set-id and sticky bits.
func (i Info) Perm() uint32 { return i.Mask & 0o7777 }

// Name is the last part of the path it was asked by.
func (i Info) Name() string { return i.Base }

// Size is the length in bytes.
func (i Info) Size() int64 { return i.Length }

// Mode is the mode as Go has it.
func (i Info) Mode() fs.FileMode {
	m := fs.FileMode(i.Mask & 0o777)
	switch i.Kind() {
	case Directory:
		m |= fs.ModeDir
	case Symlink:
		m |= fs.ModeSymlink
	case Pipe:
		m |= fs.ModeNamedPipe
	case Socket:
		m |= fs.ModeSocket
	case Character:
		m |= fs.ModeDevice | fs.ModeCharDevice
	case Block:
		m |= fs.ModeDevice
	}
	for bit, is := range map[uint32]fs.FileMode{0o4000: fs.ModeSetuid, 0o2000: fs.ModeSetgid, 0o1000: fs.ModeSticky} {
		if i.Mask&bit != 0 {
			m |= is
		}
	}
	return m
}

// ModTime is when the content was last changed.
func (i Info) ModTime() time.Time { return i.Mtime }

// IsDir tells whether it is a directory.
func (i Info) IsDir() bool { return i.Kind() == Directory }

// Sys is nil: there is no real file.
func (i Info) Sys() any { return nil }

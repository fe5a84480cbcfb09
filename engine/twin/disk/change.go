package disk

// What changes names and attributes.

import (
	"syscall"
	"time"
)

// change runs f on what a path leads to, under the lock.
func (v View) change(op, p string, follow bool, f func(at place) error) error {
	v.disk.mu.Lock()
	defer v.disk.mu.Unlock()
	at, err := v.find(p, follow)
	if err == nil {
		err = f(at)
	}
	return failed(op, p, err)
}

// add puts a new node under a name.
func (v View) add(at place, n *node) error {
	switch {
	case at.node != nil:
		return syscall.EEXIST
	case at.dir == nil || at.dir.links == 0:
		return syscall.ENOENT
	case !v.may(at.dir, Write|Execute):
		return syscall.EACCES
	}
	at.dir.kids[at.name] = n
	if n.isDir() {
		at.dir.links++
	}
	v.touchDir(at.dir)
	return nil
}

func (v View) touchDir(dir *node) {
	dir.mtime = v.disk.now()
	dir.ctime = dir.mtime
}

func (v View) newNode(mode uint32, parent *node) *node {
	n := v.disk.newNode(mode, v.UID, v.GID)
	if parent != nil && parent.mode&0o2000 != 0 {
		n.gid = parent.gid
		if n.isDir() {
			n.mode |= 0o2000
		}
	}
	return n
}

// Mkdir makes a directory; the umask is taken off perm.
func (v View) Mkdir(p string, perm uint32) error {
	return v.change("mkdir", p, false, func(at place) error {
		return v.add(at, v.newNode(Directory|perm&^v.Umask&0o7777, at.dir))
	})
}

// Symlink makes a symbolic link at p that leads to target.
func (v View) Symlink(target, p string) error {
	return v.change("symlink", p, false, func(at place) error {
		n := v.newNode(Symlink|0o777, at.dir)
		n.text = target
		return v.add(at, n)
	})
}

// Mknod makes a pipe, a socket or a device.
func (v View) Mknod(p string, mode, device uint32) error {
	return v.change("mknod", p, false, func(at place) error {
		n := v.newNode(mode&^v.Umask, at.dir)
		n.device = device
		return v.add(at, n)
	})
}

// Link gives a file another name.
func (v View) Link(old, p string) error {
	return v.change("link", p, false, func(at place) error {
		from, err := v.found(old, false)
		if err != nil {
			return err
		}
		if from.node.isDir() {
			return syscall.EPERM
		}
		if err := v.add(at, from.node); err != nil {
			return err
		}
		from.node.links++
		from.node.ctime = v.disk.now()
		return nil
	})
}

// mayRemove tells whether a name may be taken out of its directory, by the sticky bit too.
func (v View) mayRemove(at place) error {
	switch {
	case at.node == nil:
		return syscall.ENOENT
	case at.dir == nil:
		return syscall.EBUSY
	case !v.may(at.dir, Write|Execute):
		return syscall.EACCES
	case at.dir.mode&0o1000 != 0 && v.UID != 0 && v.UID != at.node.uid && v.UID != at.dir.uid:
		return syscall.EPERM
	}
	return nil
}

// drop takes a name away, and the file with its last one.
func (v View) drop(at place) {
	delete(at.dir.kids, at.name)
	v.touchDir(at.dir)
	if at.node.isDir() {
		at.dir.links--
		at.node.links = 0
		return
	}
	if at.node.links--; at.node.links == 0 && at.node.kind() == Regular {
		v.disk.used -= at.node.size()
	}
}

// Remove takes a file away (unlink).
func (v View) Remove(p string) error {
	return v.change("remove", p, false, func(at place) error {
		if err := v.mayRemove(at); err != nil {
			return err
		}
		if at.node.isDir() {
			return syscall.EISDIR
		}
		v.drop(at)
		return nil
	})
}

// Rmdir takes an empty directory away.
func (v View) Rmdir(p string) error {
	return v.change("rmdir", p, false, func(at place) error {
		if err := v.mayRemove(at); err != nil {
			return err
		}
		switch {
		case !at.node.isDir():
			return syscall.ENOTDIR
		case len(at.node.kids) > 0:
			return syscall.ENOTEMPTY
		}
		v.drop(at)
		return nil
	})
}

// Rename moves a file in one step; what stood at the new name is gone.
func (v View) Rename(old, p string) error {
	return v.change("rename", p, false, func(at place) error {
		from, err := v.found(old, false)
		if err != nil {
			return err
		}
		if err := v.mayRemove(from); err != nil {
			return err
		}
		if at.node == from.node {
			return nil
		}
		if at.node != nil {
			if err := v.giveWay(at, from.node.isDir()); err != nil {
				return err
			}
			at.node = nil
		}
		if err := v.add(at, from.node); err != nil {
			return err
		}
		delete(from.dir.kids, from.name)
		if from.node.isDir() {
			from.dir.links--
		}
		v.touchDir(from.dir)
		from.node.ctime = v.disk.now()
		return nil
	})
}

// giveWay removes what stands where something is moved to.
func (v View) giveWay(at place, directory bool) error {
	if err := v.mayRemove(at); err != nil {
		return err
	}
	switch {
	case at.node.isDir() && !directory:
		return syscall.EISDIR
	case !at.node.isDir() && directory:
		return syscall.ENOTDIR
	case len(at.node.kids) > 0:
		return syscall.ENOTEMPTY
	}
	v.drop(at)
	return nil
}

// own runs f on a node that is there and belongs to the user.
func (v View) own(op, p string, follow bool, f func(n *node) error) error {
	return v.change(op, p, follow, func(at place) error {
		switch {
		case at.node == nil:
			return syscall.ENOENT
		case v.UID != 0 && v.UID != at.node.uid:
			return syscall.EPERM
		}
		at.node.ctime = v.disk.now()
		return f(at.node)
	})
}

// Chmod sets the permissions of what a path leads to.
func (v View) Chmod(p string, perm uint32) error {
	return v.own("chmod", p, true, func(n *node) error {
		n.mode = n.mode&TypeMask | perm&0o7777
		return nil
	})
}

// Chown sets the owner and the group; -1 leaves one as it is. Only root gives files away.
func (v View) Chown(p string, uid, gid int, follow bool) error {
	return v.own("chown", p, follow, func(n *node) error {
		if v.UID != 0 && (uid >= 0 && uid != n.uid || gid >= 0 && gid != n.gid && gid != v.GID) {
			return syscall.EPERM
		}
		if uid >= 0 {
			n.uid = uid
		}
		if gid >= 0 {
			n.gid = gid
		}
		if n.kind() == Regular {
			n.mode &^= 0o6000
		}
		return nil
	})
}

// Chtimes sets when a file was read and changed; the zero time leaves one as it is.
func (v View) Chtimes(p string, atime, mtime time.Time, follow bool) error {
	return v.own("utimes", p, follow, func(n *node) error {
		if !atime.IsZero() {
			n.atime = atime
		}
		if !mtime.IsZero() {
			n.mtime = mtime
		}
		return nil
	})
}

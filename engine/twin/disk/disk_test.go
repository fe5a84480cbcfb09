package disk_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/engine/twin/disk"
)

func newDisk(t *testing.T) (*disk.Disk, disk.View) {
	t.Helper()
	d := disk.New(time.Now, 1<<20)
	return d, d.As(disk.User{})
}

// ops are what can be done to files, on this disk and on a real one.
type ops interface {
	mkdir(p string) error
	write(p, text string) error
	symlink(to, p string) error
	link(from, p string) error
	rename(from, p string) error
	remove(p string) error
	rmdir(p string) error
	read(p string) (string, error)
}

type twin struct{ v disk.View }

func (w twin) mkdir(p string) error        { return w.v.Mkdir(p, 0o755) }
func (w twin) write(p, text string) error  { return w.v.WriteFile(p, []byte(text), 0o644) }
func (w twin) symlink(to, p string) error  { return w.v.Symlink(to, p) }
func (w twin) link(from, p string) error   { return w.v.Link(from, p) }
func (w twin) rename(from, p string) error { return w.v.Rename(from, p) }
func (w twin) remove(p string) error       { return w.v.Remove(p) }
func (w twin) rmdir(p string) error        { return w.v.Rmdir(p) }
func (w twin) read(p string) (string, error) {
	data, err := w.v.ReadFile(p)
	return string(data), err
}

type actual struct{ dir string }

func (r actual) at(p string) string          { return filepath.Join(r.dir, p) }
func (r actual) mkdir(p string) error        { return os.Mkdir(r.at(p), 0o755) }
func (r actual) write(p, text string) error  { return os.WriteFile(r.at(p), []byte(text), 0o644) }
func (r actual) symlink(to, p string) error  { return os.Symlink(to, r.at(p)) }
func (r actual) link(from, p string) error   { return os.Link(r.at(from), r.at(p)) }
func (r actual) rename(from, p string) error { return syscall.Rename(r.at(from), r.at(p)) }
func (r actual) remove(p string) error       { return syscall.Unlink(r.at(p)) }
func (r actual) rmdir(p string) error        { return syscall.Rmdir(r.at(p)) }
func (r actual) read(p string) (string, error) {
	data, err := os.ReadFile(r.at(p))
	return string(data), err
}

// story does one thing after the other and writes down how each went.
func story(o ops) (log []string) {
	note := func(what string, err error) {
		var no syscall.Errno
		errors.As(err, &no)
		log = append(log, fmt.Sprintf("%s: %d", what, no))
	}
	read := func(p string) {
		text, err := o.read(p)
		note("read "+p+" "+text, err)
	}
	note("mkdir a", o.mkdir("a"))
	note("mkdir a again", o.mkdir("a"))
	note("mkdir in nothing", o.mkdir("x/y"))
	note("write", o.write("a/f", "one"))
	note("write through a file", o.write("a/f/g", "x"))
	note("write a directory", o.write("a", "x"))
	note("symlink", o.symlink("a/f", "l"))
	note("symlink to nothing", o.symlink("nowhere", "dangling"))
	note("loop", o.symlink("loop", "loop"))
	read("l")
	read("dangling")
	read("loop")
	read("a")
	note("write through the link", o.write("l", "two"))
	read("a/f")
	note("link", o.link("a/f", "h"))
	note("link a directory", o.link("a", "h2"))
	note("link over", o.link("a/f", "l"))
	note("write through dangling", o.write("dangling", "made"))
	read("nowhere")
	note("rename over", o.rename("h", "nowhere"))
	read("dangling")
	note("rename a directory over a file", o.rename("a", "nowhere"))
	note("rename a file over a directory", o.rename("nowhere", "a"))
	note("rename nothing", o.rename("gone", "z"))
	note("rmdir full", o.rmdir("a"))
	note("rmdir a file", o.rmdir("nowhere"))
	note("unlink a directory", o.remove("a"))
	note("unlink the link", o.remove("l"))
	read("a/f")
	note("rename a directory", o.rename("a", "b"))
	read("b/../b/f")
	note("unlink", o.remove("b/f"))
	note("rmdir", o.rmdir("b"))
	note("unlink again", o.remove("b/f"))
	return log
}

func TestAsARealFileSystem(t *testing.T) {
	_, root := newDisk(t)
	got, want := story(twin{root}), story(actual{t.TempDir()})
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%q, the real one has %q", got[i], want[i])
		}
	}
}

func TestPermissions(t *testing.T) {
	d, root := newDisk(t)
	ann := d.As(disk.User{UID: 1, GID: 1, Groups: []int{5}, Umask: 0o027})
	for _, err := range []error{root.MkdirAll("/home/ann", 0o755), root.Chown("/home/ann", 1, 1, true), root.Mkdir("/tmp", 0o777), root.Chmod("/tmp", 0o1777),
		root.Mkdir("/secret", 0o700), root.WriteFile("/secret/x", nil, 0o644), root.WriteFile("/group", []byte("g"), 0o640), root.Chown("/group", 0, 5, true),
		root.WriteFile("/tmp/root", nil, 0o666), ann.WriteFile("/home/ann/f", []byte("x"), 0o666), ann.Mkdir("/home/ann/d", 0o777)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if i, _ := ann.Stat("/home/ann/f"); i.Perm() != 0o640 || i.UID != 1 {
		t.Errorf("a new file is %o of %d", i.Perm(), i.UID)
	}
	for what, err := range map[string]error{
		"read in a closed directory": func() error { _, err := ann.ReadFile("/secret/x"); return err }(),
		"write in the root":          ann.WriteFile("/x", nil, 0o644), "write a file of the group": ann.WriteFile("/group", nil, 0o644),
		"list": func() error { _, err := ann.ReadDir("/secret"); return err }(),
	} {
		if !errors.Is(err, fs.ErrPermission) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for what, err := range map[string]error{"remove another's file from /tmp": ann.Remove("/tmp/root"), "chmod another's": ann.Chmod("/group", 0o666),
		"give away": ann.Chown("/home/ann/f", 2, -1, true)} {
		if !errors.Is(err, syscall.EPERM) && !errors.Is(err, syscall.EACCES) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if data, err := ann.ReadFile("/group"); err != nil || string(data) != "g" {
		t.Errorf("a file of one's group: %q, %v", data, err)
	}
}

func TestSpace(t *testing.T) {
	d, root := newDisk(t)
	if err := root.WriteFile("/big", make([]byte, 1<<20), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := root.WriteFile("/more", []byte("x"), 0o644); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("a full disk says %v", err)
	}
	if err := root.Remove("/big"); err != nil || d.Used() != 0 {
		t.Errorf("%d bytes are left, %v", d.Used(), err)
	}
	if err := d.SetHole("/hole", 1000, 0o600); err != nil || d.Used() != 1000 {
		t.Errorf("a hole takes %d bytes, %v", d.Used(), err)
	}
	if data, _ := root.ReadFile("/hole"); len(data) != 1000 {
		t.Errorf("a hole holds %d bytes", len(data))
	}
	if err := d.SetHole("/hole2", 1<<20, 0o600); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("a hole too large: %v", err)
	}
}

func TestReadersKeepWhatTheyHaveOpened(t *testing.T) {
	d, root := newDisk(t)
	if err := d.Set("/f", "first", 0o644); err != nil {
		t.Fatal(err)
	}
	data, _ := root.ReadFile("/f")
	f, err := root.Open("/f", os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := io.WriteString(f, "+more"); err != nil {
			t.Fatal(err)
		}
	}
	if after, _ := root.ReadFile("/f"); string(data) != "first" || string(after) != "first+more+more+more" {
		t.Errorf("before %q, after %q", data, after)
	}
	n := 0
	if err := d.SetSource("/proc/n", 0o444, func() string { n++; return fmt.Sprint(n) }, nil); err != nil {
		t.Fatal(err)
	}
	one, _ := root.ReadFile("/proc/n")
	two, _ := root.ReadFile("/proc/n")
	if string(one) != "1" || string(two) != "2" {
		t.Errorf("a source says %q, then %q", one, two)
	}
}

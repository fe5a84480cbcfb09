// Package source reads the files that people write: through layers of file systems, as YAML nodes that know their file, line
// and column, and from there as values.
//
// It is the only package that parses YAML for the engine. It knows nothing of plays or inventories.
package source

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"path"
	"sort"
	"strings"
	"sync"

	"github.com/drydock-dev/drydock/engine/vault"
)

// Layer is a file system and the folder at which it appears.
type Layer struct {
	Name string // said in events: "disk", "embedded"
	FS   fs.FS
	Base string // absolute; a file a/b of FS is seen as Base/a/b
}

// Embedded is a layer of files within the binary, seen as if they lay in the folder root.
func Embedded(root string, files fs.FS) Layer {
	return Layer{Name: "embedded", FS: files, Base: path.Clean(root)}
}

// Use tells of one file that was read: what a run was made of.
type Use struct {
	Path   string // as it was asked for
	Origin string // name of the layer
	SHA256 string // of the content, in hexadecimal
}

// Tree is a stack of layers of which the first that has a file gives it. A role (roles/NAME at the root) is one unit: if a layer has its
// folder, no file of it comes from a later layer. Names are absolute or relative to the root. A Tree is safe for concurrent use.
type Tree struct {
	root   string
	layers []Layer
	ring   *vault.Keyring

	mu   sync.Mutex
	used map[string]Use
	read int // files whose use was recorded, again where one is read again with another content
}

// NewTree makes a tree. The root is the absolute folder that relative names begin from.
func NewTree(root string, layers ...Layer) *Tree {
	return &Tree{root: path.Clean(root), layers: layers, used: map[string]Use{}}
}

// Unlock gives the tree the passwords with which ReadFile opens vault files, and returns it. It is called before the tree is used.
func (t *Tree) Unlock(ring *vault.Keyring) *Tree {
	t.ring = ring
	return t
}

// Root is the folder that relative names begin from.
func (t *Tree) Root() string { return t.root }

// Abs makes a name absolute.
func (t *Tree) Abs(name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	return path.Join(t.root, name)
}

// within returns the name that the layer has for an absolute one.
func (l Layer) within(abs string) (string, bool) {
	if abs == l.Base {
		return ".", true
	}
	base := strings.TrimSuffix(l.Base, "/") + "/"
	return strings.CutPrefix(abs, base)
}

// unit returns the folder that a name shares its layer with: the role it belongs to, or "".
func (t *Tree) unit(abs string) string {
	rest, ok := strings.CutPrefix(abs, strings.TrimSuffix(t.root, "/")+"/roles/")
	if !ok || rest == "" {
		return ""
	}
	name, _, _ := strings.Cut(rest, "/")
	return path.Join(t.root, "roles", name)
}

// candidates are the layers that may give a file, with the name each has for it.
func (t *Tree) candidates(abs string) []Layer {
	unit := t.unit(abs)
	var out []Layer
	for _, l := range t.layers {
		if _, ok := l.within(abs); !ok {
			continue
		}
		out = append(out, l)
		if unit == "" {
			continue
		}
		if in, ok := l.within(unit); ok {
			if _, err := fs.Stat(l.FS, in); err == nil {
				break
			}
		}
	}
	return out
}

// find calls try with the layers in order until one of them does not answer that the file is missing.
func (t *Tree) find(op, name string, try func(l Layer, in string) error) error {
	abs := t.Abs(name)
	err := error(fs.ErrNotExist)
	for _, l := range t.candidates(abs) {
		in, _ := l.within(abs)
		if err = try(l, in); !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	if err == nil {
		return nil
	}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return &fs.PathError{Op: op, Path: name, Err: err}
}

// ReadFile reads a file, opens it if ansible-vault has encrypted it, and remembers that it was used. A file that no password opens is a
// *LockedError. (Open hands out files as they lie there.)
func (t *Tree) ReadFile(name string) ([]byte, error) {
	data, err := t.ReadRaw(name)
	if err != nil || !vault.Is(data) {
		return data, err
	}
	plain, err := t.ring.Open(data)
	if err != nil {
		return nil, newLocked(name, data, err)
	}
	return plain, nil
}

// ReadRaw is ReadFile for those who want a vault file as it is.
func (t *Tree) ReadRaw(name string) ([]byte, error) {
	var data []byte
	err := t.find("read", name, func(l Layer, in string) error {
		b, err := fs.ReadFile(l.FS, in)
		if err == nil {
			data = b
			t.record(name, l.Name, b)
		}
		return err
	})
	return data, err
}

func (t *Tree) record(name, origin string, data []byte) {
	sum := sha256.Sum256(data)
	t.mu.Lock()
	defer t.mu.Unlock()
	use := Use{Path: name, Origin: origin, SHA256: hex.EncodeToString(sum[:])}
	if t.used[name] != use {
		t.used[name] = use
		t.read++
	}
}

// Reads counts the files that ReadFile has read. While it stays the same, so does Used.
func (t *Tree) Reads() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.read
}

// Used lists the files that ReadFile has read, by path.
func (t *Tree) Used() []Use {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make([]Use, 0, len(t.used))
	for _, u := range t.used {
		out = append(out, u)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Path < out[j].Path })
	return out
}

// Open opens a file or a folder of the first layer that has it. Unlike ReadFile it does not record the use.
func (t *Tree) Open(name string) (fs.File, error) {
	var f fs.File
	err := t.find("open", name, func(l Layer, in string) (err error) {
		f, err = l.FS.Open(in)
		return err
	})
	if err != nil {
		return nil, err
	}
	return f, nil
}

// Stat tells what a name is.
func (t *Tree) Stat(name string) (fs.FileInfo, error) {
	var info fs.FileInfo
	err := t.find("stat", name, func(l Layer, in string) (err error) {
		info, err = fs.Stat(l.FS, in)
		return err
	})
	return info, err
}

// Lstat is Stat that does not follow a symbolic link.
func (t *Tree) Lstat(name string) (fs.FileInfo, error) {
	var info fs.FileInfo
	err := t.find("lstat", name, func(l Layer, in string) (err error) {
		info, err = fs.Lstat(l.FS, in)
		return err
	})
	return info, err
}

// ReadLink tells where a symbolic link points, as it is written.
func (t *Tree) ReadLink(name string) (string, error) {
	var to string
	err := t.find("readlink", name, func(l Layer, in string) (err error) {
		to, err = fs.ReadLink(l.FS, in)
		return err
	})
	return to, err
}

// IsFile tells whether a name is a file (not a folder).
func (t *Tree) IsFile(name string) bool {
	info, err := t.Stat(name)
	return err == nil && !info.IsDir()
}

// IsDir tells whether a name is a folder.
func (t *Tree) IsDir(name string) bool {
	info, err := t.Stat(name)
	return err == nil && info.IsDir()
}

// ReadDir lists a folder, the layers laid over one another, by name.
func (t *Tree) ReadDir(name string) ([]fs.DirEntry, error) {
	abs := t.Abs(name)
	seen := map[string]fs.DirEntry{}
	found := false
	for _, l := range t.candidates(abs) {
		in, _ := l.within(abs)
		entries, err := fs.ReadDir(l.FS, in)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, &fs.PathError{Op: "readdir", Path: name, Err: err}
		}
		found = true
		for _, e := range entries {
			if _, ok := seen[e.Name()]; !ok {
				seen[e.Name()] = e
			}
		}
	}
	if !found {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrNotExist}
	}
	out := make([]fs.DirEntry, 0, len(seen))
	for _, e := range seen {
		out = append(out, e)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name() < out[j].Name() })
	return out, nil
}

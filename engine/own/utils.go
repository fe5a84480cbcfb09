package own

import (
	"archive/zip"
	"bytes"
	"embed"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// This file holds the archive of what a Python module imports: ours, and what the content has of its own.

//go:embed all:python
var ours embed.FS

// utils makes the archive for one module, once.
type utils struct {
	library *Library
	module  *program
	once    sync.Once
	data    []byte
	err     error
}

// fullName is the module's name within Python: relative imports begin from it.
func (u *utils) fullName() string {
	_, rest, ok := strings.Cut(u.module.path, "/ansible_collections/")
	if !ok {
		return "ansible.modules." + leaf(u.module.name)
	}
	return "ansible_collections." + strings.ReplaceAll(strings.TrimSuffix(rest, path.Ext(rest)), "/", ".")
}

// archive is a zip file that Python runs: its __main__ calls the module.
func (u *utils) archive() ([]byte, error) {
	u.once.Do(func() { u.data, u.err = u.build() })
	return u.data, u.err
}

func (u *utils) build() ([]byte, error) {
	files := map[string][]byte{}
	if err := u.addOurs(files); err != nil {
		return nil, err
	}
	for _, dir := range u.folders() {
		u.addFolder(files, dir, "ansible/module_utils")
	}
	u.addCollections(files)
	files[strings.ReplaceAll(strings.TrimSuffix(u.fullName(), "."+leaf(u.fullName())), ".", "/")+"/__init__.py"] = []byte{}
	return pack(files)
}

func (u *utils) addOurs(files map[string][]byte) error {
	return fs.WalkDir(ours, "python", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".py" {
			return err
		}
		data, err := ours.ReadFile(name)
		files[strings.TrimPrefix(name, "python/")] = data
		return err
	})
}

// folders are the module_utils that lie beside the module: of its role, of the content met so far, as configured.
func (u *utils) folders() []string {
	u.library.mu.Lock()
	defer u.library.mu.Unlock()
	out := []string{path.Join(path.Dir(path.Dir(u.module.path)), "module_utils")}
	for _, dir := range u.library.content {
		out = append(out, path.Join(dir, "module_utils"))
	}
	return append(out, u.library.Utils...)
}

// addFolder adds the Python files of a folder; those that are there already stay, so the first folder wins, and ours above all.
func (u *utils) addFolder(files map[string][]byte, dir, as string) {
	entries, err := u.library.Files.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		full, name := path.Join(dir, e.Name()), path.Join(as, e.Name())
		switch {
		case strings.HasPrefix(e.Name(), "."):
		case u.library.Files.IsDir(full):
			u.addFolder(files, full, name)
		case path.Ext(name) == ".py" && files[name] == nil:
			if data, err := u.library.Files.ReadFile(full); err == nil {
				files[name] = append([]byte{}, data...)
			}
		}
	}
}

var collectionImport = regexp.MustCompile(`ansible_collections\.(\w+)\.(\w+)\.plugins\.module_utils`)

// addCollections adds the module_utils of the module's own collection and of those that it or they import, and theirs.
func (u *utils) addCollections(files map[string][]byte) {
	var wanted, done []string
	if parts := strings.Split(u.fullName(), "."); parts[0] == "ansible_collections" {
		wanted = append(wanted, parts[1]+"/"+parts[2])
	}
	wanted = append(wanted, imported(u.module.body)...)
	for len(wanted) > 0 {
		next := wanted[0]
		wanted = wanted[1:]
		if slices.Contains(done, next) {
			continue
		}
		done = append(done, next)
		wanted = append(wanted, u.addCollection(files, next)...)
	}
}

// addCollection adds one collection's module_utils and returns the collections that they import.
func (u *utils) addCollection(files map[string][]byte, name string) (imports []string) {
	u.library.mu.Lock()
	roots := u.library.collectionRoots()
	u.library.mu.Unlock()
	for _, root := range roots {
		dir := path.Join(root, "ansible_collections", name, "plugins", "module_utils")
		if !u.library.Files.IsDir(dir) {
			continue
		}
		as := path.Join("ansible_collections", name, "plugins", "module_utils")
		u.addFolder(files, dir, as)
		for file, body := range files {
			if strings.HasPrefix(file, as+"/") {
				imports = append(imports, imported(body)...)
			}
		}
		return imports
	}
	return nil
}

func imported(body []byte) []string {
	var out []string
	for _, m := range collectionImport.FindAllSubmatch(body, -1) {
		out = append(out, string(m[1])+"/"+string(m[2]))
	}
	return out
}

// pack writes files and the packages above them into a zip, always the same bytes for the same files.
func pack(files map[string][]byte) ([]byte, error) {
	for name := range files {
		for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
			if init := dir + "/__init__.py"; files[init] == nil {
				files[init] = []byte{}
			}
		}
	}
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, name := range names {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(files[name]); err != nil {
			return nil, err
		}
	}
	err := z.Close()
	return out.Bytes(), err
}

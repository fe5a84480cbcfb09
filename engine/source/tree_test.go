package source

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

func layered(disk, embedded map[string]string) *Tree {
	files := func(m map[string]string) fs.FS {
		out := fstest.MapFS{}
		for name, text := range m {
			out[name] = &fstest.MapFile{Data: []byte(text)}
		}
		return out
	}
	return NewTree("/home/u/p", Layer{Name: "disk", FS: files(disk), Base: "/"}, Embedded("/home/u/p", files(embedded)))
}

func TestFirstLayerThatHasAFileGivesIt(t *testing.T) {
	tree := layered(
		map[string]string{"home/u/p/group_vars/all.yml": "disk", "home/u/p/roles/mine/tasks/main.yml": "mine", "etc/x": "x"},
		map[string]string{"group_vars/all.yml": "emb", "group_vars/web.yml": "emb web", "roles/mine/templates/t.j2": "emb t",
			"roles/shipped/tasks/main.yml": "shipped", "roles/shipped/files/f": "f"},
	)
	for name, want := range map[string]string{
		"group_vars/all.yml":                  "disk",
		"group_vars/web.yml":                  "emb web",
		"/home/u/p/group_vars/web.yml":        "emb web",
		"roles/shipped/../shipped/files/f":    "f",
		"/etc/x":                              "x",
		"../../u/p/roles/mine/tasks/main.yml": "mine",
		"roles/mine/templates/t.j2":           "", // never half a role
		"nosuch":                              "",
		"/group_vars/web.yml":                 "",
	} {
		data, err := tree.ReadFile(name)
		if string(data) != want || (want == "") != errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: got %q, %v", name, data, err)
		}
	}
	if _, err := tree.ReadFile("nosuch"); err == nil || !strings.Contains(err.Error(), "nosuch") {
		t.Errorf("the error does not name the file: %v", err)
	}
}

func TestFoldersLieOverOneAnother(t *testing.T) {
	tree := layered(
		map[string]string{"home/u/p/group_vars/a.yml": "", "home/u/p/roles/r/x": "", "home/u/p/roles/own/x": ""},
		map[string]string{"group_vars/b.yml": "", "roles/r/y": "", "roles/shipped/x": ""},
	)
	for dir, want := range map[string]string{"group_vars": "a.yml b.yml", "roles/r": "x", "roles": "own r shipped"} {
		entries, err := tree.ReadDir(dir)
		var names []string
		for _, e := range entries {
			names = append(names, e.Name())
		}
		if got := strings.Join(names, " "); got != want || err != nil {
			t.Errorf("%s: got %s, %v", dir, got, err)
		}
	}
	if _, err := tree.ReadDir("nosuch"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	if !tree.IsDir("roles/shipped") || tree.IsFile("roles") || !tree.IsFile("roles/r/x") || tree.IsFile("roles/r/y") {
		t.Error("files and folders are confused")
	}
}

func TestReadingIsRecorded(t *testing.T) {
	tree := layered(map[string]string{"home/u/p/b": "abc"}, map[string]string{"a": ""})
	for _, name := range []string{"b", "a", "b", "nosuch"} {
		_, _ = tree.ReadFile(name)
	}
	used := tree.Used()
	if len(used) != 2 || used[0].Path != "a" || used[0].Origin != "embedded" || used[1].Origin != "disk" ||
		used[1].SHA256 != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" {
		t.Errorf("got %+v", used)
	}
}

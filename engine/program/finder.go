package program

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/playbook"
	"github.com/drydock-dev/drydock/engine/source"
)

// This file holds the finding of content in folders, for Lint.

// finder sorts files and folders into what they are.
type finder struct {
	*pass
	disk   *source.Tree
	survey *Survey

	playbooks, files, vars, templates []string // as people name them
	roles                             []string // absolute
}

// passedOver are folders in which no content of the project lies.
var passedOver = []string{"node_modules", "venv", "__pycache__", "ansible_collections", "files", "library", "module_utils", "filter_plugins"}

// add sorts one path in.
func (f *finder) add(name string) {
	switch {
	case f.disk.IsDir(name):
		f.folder(name, 0)
	case f.disk.IsFile(name):
		f.file(name, true)
	default:
		f.ds.Add(diag.Diagnostic{Summary: "there is no file or folder " + name, Missing: true})
	}
}

// folder looks through a folder and those below it.
func (f *finder) folder(dir string, depth int) {
	if f.isRole(dir) {
		f.roles = append(f.roles, f.disk.Abs(dir))
	}
	entries, err := f.disk.ReadDir(dir)
	if err != nil || depth > 12 {
		return
	}
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		switch {
		case strings.HasPrefix(e.Name(), ".") || slices.Contains(passedOver, e.Name()):
		case f.disk.IsDir(name):
			f.part(name, depth)
		case isYAML(name):
			f.file(name, false)
		}
	}
}

// part goes into a folder, by what its name says is in it.
func (f *finder) part(dir string, depth int) {
	switch base := path.Base(dir); {
	case f.isRole(path.Dir(dir)) && slices.Contains([]string{"tasks", "handlers", "defaults", "vars", "meta"}, base):
	case base == "templates":
		f.templates = append(f.templates, f.below(dir, func(name string) bool { return strings.HasSuffix(name, ".j2") })...)
	case base == "group_vars" || base == "host_vars":
		f.vars = append(f.vars, f.below(dir, isYAML)...)
	default:
		f.folder(dir, depth+1)
	}
}

func (f *finder) isRole(dir string) bool {
	for _, file := range []string{"tasks/main.yml", "tasks/main.yaml", "meta/main.yml", "meta/main.yaml"} {
		if f.disk.IsFile(path.Join(dir, file)) {
			return true
		}
	}
	return false
}

// file tells a playbook from tasks and variables. Of a file that was found and not named, what is none of these is passed over.
func (f *finder) file(name string, named bool) {
	n, ds := f.read(name, diag.Span{})
	if ds.HasErrors() {
		if named || f.inContent(name) {
			f.ds.Add(ds...)
		}
		return
	}
	if n.IsNull() || len(n.Items) == 0 {
		if named && n != nil && n.Kind == source.Mapping {
			f.vars = append(f.vars, name)
		}
		return
	}
	first := n.Items[0]
	switch {
	case first.Kind != source.Mapping:
	case first.Get("hosts") != nil || importsPlaybook(first):
		f.playbooks = append(f.playbooks, name)
	case named || f.inContent(name):
		f.files = append(f.files, name)
	}
}

func importsPlaybook(n *source.Node) bool {
	return slices.ContainsFunc(n.Pairs, func(p source.Pair) bool { return playbook.Directive(p.Key.Text) == "import_playbook" })
}

// inContent tells whether a file lies where tasks are kept.
func (f *finder) inContent(name string) bool {
	return slices.ContainsFunc(strings.Split(path.Dir(name), "/"), func(dir string) bool {
		return dir == "tasks" || dir == "handlers" || dir == "playbooks"
	})
}

// below lists the files of a folder and of those below it that are wanted.
func (f *finder) below(dir string, wanted func(string) bool) []string {
	entries, err := f.disk.ReadDir(dir)
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		switch {
		case strings.HasPrefix(e.Name(), "."):
		case f.disk.IsDir(name):
			out = append(out, f.below(name, wanted)...)
		case wanted(name):
			out = append(out, name)
		}
	}
	return out
}

func isYAML(name string) bool {
	ext := path.Ext(name)
	return ext == ".yml" || ext == ".yaml"
}

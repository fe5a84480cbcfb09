package own

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/drydock-dev/drydock/engine/module"
)

// This file holds where modules are looked for.

// Files are the content, as source.Tree has it.
type Files interface {
	ReadFile(name string) ([]byte, error)
	ReadDir(name string) ([]fs.DirEntry, error)
	IsFile(name string) bool
	IsDir(name string) bool
	Abs(name string) string
}

// Options say where modules lie besides the playbooks and roles themselves; all folders are absolute.
type Options struct {
	Files       Files
	Modules     []string // --module-path, library of ansible.cfg
	Utils       []string // module_utils of ansible.cfg
	Collections []string // that hold ansible_collections
	Python      string   // interpreter_python of ansible.cfg; empty or auto: found on each host
}

// Library finds modules of the content's own. It is safe for concurrent use.
type Library struct {
	Options
	mu      sync.Mutex
	content []string // the folders of playbooks and roles, in the order in which they were met
	folders map[string]map[string]string
	found   map[string]*program // by path
}

// New makes a library that knows only the configured folders yet.
func New(o Options) *Library {
	return &Library{Options: o, folders: map[string]map[string]string{}, found: map[string]*program{}}
}

// Add makes the modules of a playbook's folder or of a role known: those in library/ and, for a playbook, in collections/.
func (l *Library) Add(dir string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if dir = l.Files.Abs(dir); !slices.Contains(l.content, dir) {
		l.content = append(l.content, dir)
	}
}

// Find finds the module that a task means by a name; near is the folder of the file that the task stands in. A file that is there and cannot be
// read is not found.
func (l *Library) Find(name, near string) (module.Module, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	short := strings.TrimPrefix(name, "ansible.legacy.")
	var file string
	switch at := l.Files.Abs(near); {
	case strings.Contains(short, "."):
		file = l.inCollection(short)
	case l.hasAction(short):
	default:
		if file = l.inFolders(short); file == "" {
			file = l.inSame(short, at)
		}
	}
	if file == "" {
		return nil, false
	}
	if p := l.found[file]; p != nil {
		return p, true
	}
	body, err := l.Files.ReadFile(file)
	if err != nil {
		return nil, false
	}
	p := &program{name: short, path: file, body: body, style: styleOf(body)}
	p.utils = &utils{library: l, module: p}
	l.found[file] = p
	return p, true
}

// inFolders looks for a name without dots: in all playbooks and roles met so far, in that order, then as configured. A role's own task may so get
// the module of a playbook or of a role before it, as in Ansible.
func (l *Library) inFolders(name string) string {
	for _, dir := range l.content {
		if file := l.index(path.Join(dir, "library"), 0)[name]; file != "" {
			return file
		}
	}
	for _, dir := range l.Modules {
		if file := l.index(dir, 2)[name]; file != "" {
			return file
		}
	}
	return ""
}

// inSame looks for a short name in the collection that the task itself is part of.
func (l *Library) inSame(name, near string) string {
	_, within, ok := strings.Cut(near, "/ansible_collections/")
	parts := strings.Split(within, "/")
	if !ok || len(parts) < 3 {
		return ""
	}
	return l.inCollection(parts[0] + "." + parts[1] + "." + name)
}

// hasAction tells whether a plugin of the controller goes with a module of a short name: without it the module would do half of the work.
func (l *Library) hasAction(name string) bool {
	for _, dir := range l.content {
		if l.Files.IsFile(path.Join(dir, "action_plugins", name+".py")) {
			return true
		}
	}
	return false
}

// notModules are endings of files that lie beside modules.
var notModules = []string{".pyc", ".pyo", ".swp", ".bak", ".rpm", ".md", ".txt", ".rst", ".yaml", ".yml", ".ini", ".orig", ".ps1"}

// index lists the modules of a folder by name, and those of so many levels of folders below it; the first of a name wins.
func (l *Library) index(dir string, levels int) map[string]string {
	if names, ok := l.folders[dir]; ok {
		return names
	}
	names := map[string]string{}
	l.collect(dir, names, levels)
	l.folders[dir] = names
	return names
}

func (l *Library) collect(dir string, names map[string]string, levels int) {
	entries, err := l.Files.ReadDir(dir)
	if err != nil {
		return
	}
	var below []string
	for _, e := range entries {
		name, full := e.Name(), path.Join(dir, e.Name())
		switch {
		case strings.HasPrefix(name, ".") || strings.HasPrefix(name, "__") || strings.HasSuffix(name, "~") || slices.Contains(notModules, path.Ext(name)):
		case l.Files.IsDir(full):
			below = append(below, full)
		case names[baseName(name)] == "":
			names[baseName(name)] = full
		}
	}
	for _, d := range below {
		if levels > 0 {
			l.collect(d, names, levels-1)
		}
	}
}

// inCollection looks for namespace.collection.name. A module that a plugin of the controller goes with is left alone: it would do half of
// its work.
func (l *Library) inCollection(name string) string {
	parts := strings.Split(name, ".")
	if len(parts) < 3 {
		return ""
	}
	for _, root := range l.collectionRoots() {
		plugins := path.Join(root, "ansible_collections", parts[0], parts[1], "plugins")
		rest := path.Join(parts[2:]...)
		if l.Files.IsFile(path.Join(plugins, "action", rest+".py")) {
			return ""
		}
		if file := path.Join(plugins, "modules", rest+".py"); l.Files.IsFile(file) {
			return file
		}
		if file := l.index(path.Join(plugins, "modules"), 0)[parts[len(parts)-1]]; file != "" && path.Ext(file) != ".py" {
			return file
		}
	}
	return ""
}

// collectionRoots are the folders that may hold ansible_collections, those beside the content first.
func (l *Library) collectionRoots() []string {
	var out []string
	for _, dir := range l.content {
		out = append(out, path.Join(dir, "collections"))
	}
	return append(out, l.Collections...)
}

// Unused lists the plugins beside the content that run inside Ansible only: of actions, callbacks, variables, strategies and connections.
func (l *Library) Unused() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []string
	for _, dir := range l.content {
		for _, kind := range []string{"action_plugins", "callback_plugins", "vars_plugins", "strategy_plugins", "connection_plugins"} {
			entries, err := l.Files.ReadDir(path.Join(dir, kind))
			for _, e := range entries {
				if err == nil && path.Ext(e.Name()) == ".py" && !strings.HasPrefix(e.Name(), "_") {
					out = append(out, path.Join(dir, kind, e.Name()))
				}
			}
		}
	}
	return out
}

// Names lists what can be found by a short name, for suggestions.
func (l *Library) Names() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []string
	for _, dir := range l.content {
		for name := range l.index(path.Join(dir, "library"), 0) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

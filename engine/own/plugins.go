package own

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"strings"
	"sync"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

// This file holds filter, test and lookup plugins of the content's own. They are Python and run in a process beside this one, which is started when
// a name is met that nothing else explains, and lives until the end.

// Plugins runs plugins of the content's own. It is safe for concurrent use: each call has a process of its own while it runs, since a plugin
// may ask for a variable whose template uses another.
type Plugins struct {
	library *Library
	start   func(program string) (io.ReadWriteCloser, error)
	folders map[string][]string // of ansible.cfg, by kind

	mu     sync.Mutex
	all    []*process
	idle   []*process
	loaded map[string]bool     // files that were looked into
	known  map[string]plugin   // by kind and name
	broken map[string][]string // files that could not be loaded, and why, by kind
}

// plugin is one filter, test or lookup.
type plugin struct {
	kind, key, name string
	file            pluginFile
}

// NewPlugins makes the plugins beside the modules of a library. Start starts a Python that runs a program and returns its input and output;
// folders are those of ansible.cfg by kind: filter, test, lookup.
func NewPlugins(l *Library, folders map[string][]string, start func(program string) (io.ReadWriteCloser, error)) *Plugins {
	return &Plugins{library: l, start: start, folders: folders, loaded: map[string]bool{}, known: map[string]plugin{}, broken: map[string][]string{}}
}

// Find finds a plugin by kind (filter, test, lookup) and name; reason says why one that may be there cannot be had.
func (p *Plugins) Find(kind, name string) (fn jinja.Func, reason string, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if found, ok := p.known[kind+" "+name]; ok {
		return p.function(found), "", true
	}
	for _, f := range p.files(kind, name) {
		if err := p.learn(kind, f); err != nil {
			p.broken[kind] = append(p.broken[kind], fmt.Sprintf("%s may have it: %v", f.path, err))
		}
	}
	if found, ok := p.known[kind+" "+name]; ok {
		return p.function(found), "", true
	}
	if why := p.broken[kind]; len(why) > 0 {
		return nil, why[0], false
	}
	return nil, "", false
}

// pluginFile is a file of plugins and what stands before their names.
type pluginFile struct{ path, prefix string }

// files are those that may have a plugin and are not loaded yet.
func (p *Plugins) files(kind, name string) []pluginFile {
	p.library.mu.Lock()
	defer p.library.mu.Unlock()
	var out []pluginFile
	add := func(dir, prefix string) {
		entries, err := p.library.Files.ReadDir(dir)
		if err != nil {
			return
		}
		for _, e := range entries {
			file := path.Join(dir, e.Name())
			if path.Ext(file) == ".py" && !strings.HasPrefix(e.Name(), "_") && !p.loaded[kind+file] {
				out = append(out, pluginFile{file, prefix})
			}
		}
	}
	for _, dir := range p.library.content {
		add(path.Join(dir, kind+"_plugins"), "")
	}
	for _, dir := range p.folders[kind] {
		add(dir, "")
	}
	if parts := strings.Split(name, "."); len(parts) >= 3 {
		for _, root := range p.library.collectionRoots() {
			add(path.Join(root, "ansible_collections", parts[0], parts[1], "plugins", kind), parts[0]+"."+parts[1]+".")
		}
	}
	return out
}

// learn has a file loaded and remembers its names.
func (p *Plugins) learn(kind string, f pluginFile) error {
	p.loaded[kind+f.path] = true
	one, err := p.take()
	if err != nil {
		return err
	}
	defer p.give(one)
	names, err := one.load(kind, f)
	if err != nil {
		return err
	}
	for _, short := range names {
		key := f.module(kind)
		if kind != "lookup" {
			key += ":" + short
		}
		if full := kind + " " + f.prefix + short; p.known[full].key == "" {
			p.known[full] = plugin{kind, key, f.prefix + short, f}
		}
	}
	return nil
}

// take is a process that nobody uses, a new one if need be. The caller holds the lock.
func (p *Plugins) take() (*process, error) {
	if n := len(p.idle); n > 0 {
		one := p.idle[n-1]
		p.idle = p.idle[:n-1]
		return one, nil
	}
	program, err := controllerSide.ReadFile("controller/server.py")
	if err != nil {
		return nil, err
	}
	files, err := importable()
	if err != nil {
		return nil, err
	}
	talk, err := p.start(string(program))
	if err != nil {
		return nil, fmt.Errorf("plugins in Python need a python3 on this machine: %w", err)
	}
	one := &process{talk: talk, lines: bufio.NewReader(talk), loaded: map[string]bool{}}
	p.all = append(p.all, one)
	p.library.mu.Lock()
	roots := value.From(p.library.collectionRoots())
	p.library.mu.Unlock()
	return one, one.send(value.NewMap("files", files, "roots", roots))
}

// give hands a process back. One that has ended is not used again. The caller holds the lock.
func (p *Plugins) give(one *process) {
	if !one.ended {
		p.idle = append(p.idle, one)
	}
}

// module is the name under which Python knows a file.
func (f pluginFile) module(kind string) string {
	if f.prefix != "" {
		return "ansible_collections." + f.prefix + "plugins." + kind + "." + baseName(f.path)
	}
	sum := sha256.Sum256([]byte(f.path))
	return fmt.Sprintf("drydock_%s_%s_%x", kind, strings.ReplaceAll(baseName(f.path), "-", "_"), sum[:4])
}

// function makes a filter, test or lookup of a plugin.
func (p *Plugins) function(of plugin) jinja.Func {
	return func(c *jinja.Call, in any) (any, error) {
		args := append([]any{in}, c.Args...)
		if of.kind == "lookup" {
			args, _ = in.([]any)
			args = append([]any{}, args...)
		}
		for _, a := range args {
			if err := jinja.Use(a); err != nil {
				return nil, err
			}
		}
		answer, err := p.call(of, c, args)
		if err != nil {
			return nil, fmt.Errorf("The %s plugin '%s' failed: %w", of.kind, of.name, err) //nolint:staticcheck // Ansible's words
		}
		if of.kind == "test" {
			return value.Truth(answer), nil
		}
		return answer, nil
	}
}

// call runs a plugin in a process that it has for itself.
func (p *Plugins) call(of plugin, c *jinja.Call, args []any) (any, error) {
	p.mu.Lock()
	one, err := p.take()
	p.mu.Unlock()
	if err != nil {
		return nil, err
	}
	defer func() {
		p.mu.Lock()
		p.give(one)
		p.mu.Unlock()
	}()
	if !one.loaded[of.kind+of.file.path] {
		if _, err := one.load(of.kind, of.file); err != nil {
			return nil, err
		}
	}
	kwargs := c.Kwargs
	if kwargs == nil {
		kwargs = &value.Map{}
	}
	request := value.NewMap("do", "call", "kind", of.kind, "key", of.key, "args", args, "kwargs", kwargs)
	answer, err := one.exchange(request, func(what, text string) *value.Map { return asked(c, what, text) })
	if err != nil {
		return nil, err
	}
	return answer.Value("value"), nil
}

// asked answers what a plugin wants to know while it runs.
func asked(c *jinja.Call, what, text string) *value.Map {
	var v any
	err := error(nil)
	switch what {
	case "var":
		raw, ok, lookupErr := c.Env.Lookup(text)
		if err = lookupErr; err == nil {
			if !ok {
				return value.NewMap("found", false)
			}
			v, err = jinja.Resolve(raw, c.Env)
		}
	case "names":
		if n, ok := c.Env.(jinja.Namer); ok {
			v = value.From(n.Names())
		}
	}
	if err != nil {
		return value.NewMap("error", err.Error())
	}
	return value.NewMap("found", true, "value", plain(v))
}

// plain is a value that JSON can hold; what a variable that is an object (hostvars) holds is asked for bit by bit, or not at all.
func plain(v any) any {
	if _, err := json.Marshal(v); err != nil {
		return value.Str(v)
	}
	return v
}

// Close ends the processes.
func (p *Plugins) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, one := range p.all {
		one.talk.Close()
	}
	p.all, p.idle = nil, nil
}

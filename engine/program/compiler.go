package program

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"sync"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/source"
	"github.com/drydock-dev/drydock/engine/value"
)

// Options are what a Compiler works with.
type Options struct {
	Tree            *source.Tree
	Lang            *jinja.Language
	Registry        *module.Registry
	Own             OwnModules // nil: the content has none
	CollectionsPath []string   // folders with ansible_collections, beside those that belong to a playbook
	RolesPath       []string   // folders in which roles are looked for, beside those that belong to a playbook
	ExtraVars       *value.Map // -e: known before any host is
	PrivateRoles    *bool      // whether variables of roles are their own where no public: says it; nil: those of included roles are

	// Late leaves mistakes that Ansible finds only when a task is reached to the run: they become that task's failure. The Language is
	// to be Late, too.
	Late bool
	// SkipUnsupported makes tasks whose module Drydock does not have fail when they are reached, instead of a mistake; the warnings list
	// them. Late does so for modules that Ansible may have.
	SkipUnsupported bool
}

// Compiler turns files into what a run carries out. It reads each file once, keeps what it has made of it, and is used again at run
// time for what is included then. It is safe for concurrent use.
type Compiler struct {
	Options
	mu    sync.Mutex
	files map[fileKey]*file
	vars  map[string]*varsFile
	uses  map[string]int // how often the tasks of a file were placed: makes their IDs unique

	unsupported []Unsupported
	sights      *sights // of Lint; nil: nobody counts
}

type fileKey struct {
	name     string
	handlers bool
}

// NewCompiler makes a compiler.
func NewCompiler(o Options) *Compiler {
	return &Compiler{
		Options: o,
		files:   map[fileKey]*file{},
		vars:    map[string]*varsFile{},
		uses:    map[string]int{},
	}
}

// Compile compiles playbooks with all that they name, and reports every mistake of every file. The program is complete only if the list holds
// no error.
func (c *Compiler) Compile(playbooks []string) (*Program, diag.List) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := newPass(c)
	out := &Program{}
	for _, name := range playbooks {
		pb := &Playbook{File: name}
		found, collection := p.collectionPlaybook(name, c.Tree.Abs("."))
		if found == "" {
			found = c.findPlaybook(name)
		} else {
			pb.File = found
		}
		pb.Plays = p.playbook(found, diag.Span{}, importing{in: collection})
		out.Playbooks = append(out.Playbooks, pb)
	}
	if !p.Late {
		p.checkHandlers(out)
	}
	out.Unsupported = slices.Clone(c.unsupported)
	p.warnUnsupported(out.Unsupported)
	return out, grouped(p.ds.Sorted())
}

// findPlaybook is the file that a name on the command line means: the name itself or, where there is no such file, one of the playbooks folder, in
// which the shipped ones lie.
func (c *Compiler) findPlaybook(name string) string {
	shipped := path.Join("playbooks", name)
	if !path.IsAbs(name) && !c.Tree.IsFile(name) && c.Tree.IsFile(shipped) {
		return shipped
	}
	return name
}

// pass is one call of the compiler: it collects what is wrong.
type pass struct {
	*Compiler
	ds       diag.List
	reported map[any]bool // files whose mistakes are in ds
	checking int          // above 0 while something is compiled only to find its mistakes
	checked  map[string]bool
}

func newPass(c *Compiler) *pass {
	return &pass{Compiler: c, reported: map[any]bool{}, checked: map[string]bool{}}
}

// read reads the one document of a file. Missing is said of the place that named it.
func (p *pass) read(name string, namedAt diag.Span) (*source.Node, diag.List) {
	var ds diag.List
	data, err := p.Tree.ReadFile(name)
	if err != nil {
		d := source.Unreadable(err, namedAt, fmt.Sprintf("the file %s cannot be read: %v", name, cause(err)))
		if errors.Is(err, fs.ErrNotExist) {
			d.Summary, d.Missing = fmt.Sprintf("there is no file %s", name), true
		}
		return nil, append(ds, d)
	}
	return source.One(name, data)
}

// cause is an error without the path that it repeats.
func cause(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// file is a file of tasks or handlers, its tasks lowered but not yet placed anywhere.
type file struct {
	name  string
	nodes []Node
	ds    []mistake
}

// mistake is a diagnostic and the task it is in.
type mistake struct {
	diag.Diagnostic
	task string
}

// tasksFile reads a file of tasks, once; the mistakes in it are reported once a pass, with the way that led to it.
func (p *pass) tasksFile(name string, handlers bool, namedAt diag.Span, sc scope) *file {
	key := fileKey{p.Tree.Abs(name), handlers}
	f := p.files[key]
	if f == nil {
		n, ds := p.read(name, namedAt)
		f = &file{name: name}
		lw := &lowering{pass: p, dir: path.Dir(name)}
		lw.add(ds)
		if n != nil && !ds.HasErrors() {
			nodes, more := p.parserIn(path.Dir(name)).Tasks(n, handlers)
			lw.add(more)
			f.nodes = lw.nodes(nodes)
		}
		f.ds = lw.mistakes
		if n != nil {
			p.files[key] = f
		}
	}
	p.report(f, f.ds, sc)
	return f
}

func (p *pass) report(of any, mistakes []mistake, sc scope) {
	if p.reported[of] {
		return
	}
	p.reported[of] = true
	for _, m := range mistakes {
		d := m.Diagnostic
		if note := sc.note(m.task); note != "" {
			d.Notes = append(slices.Clip(d.Notes), note)
		}
		p.ds.Add(d)
	}
}

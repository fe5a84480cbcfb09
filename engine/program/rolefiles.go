package program

import (
	"fmt"
	"path"
	"strings"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/source"
	"github.com/drydock-dev/drydock/engine/value"
)

// This file holds the reading of a role's variables and of its meta.

// varsFile is a file of variables, read once.
type varsFile struct {
	vars *value.Map
	ds   []mistake
}

// roleVars reads the defaults or vars of a role: main, or the file that is asked for, or all files of a folder of that name.
func (p *pass) roleVars(role *Role, folder, name string, at diag.Span, sc scope) *value.Map {
	if file, ok := p.roleFile(role, folder, or(name, "main"), at); ok {
		return p.varsOf(file, at, sc)
	}
	out := &value.Map{}
	dir := path.Join(p.show(role.Path), folder, or(name, "main"))
	if p.Tree.IsDir(dir) {
		p.varsOfDir(dir, out, at, sc)
	} else if name != "" {
		p.ds.Add(noFile("file", name, at, []string{dir + ".yml"}))
	}
	return out
}

func (p *pass) varsOfDir(dir string, out *value.Map, at diag.Span, sc scope) {
	entries, err := p.Tree.ReadDir(dir)
	if err != nil {
		p.ds.Addf(at, "the folder %s cannot be read: %v", dir, cause(err))
	}
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		switch ext := path.Ext(e.Name()); {
		case strings.HasPrefix(e.Name(), ".") || strings.HasSuffix(e.Name(), "~"):
		case e.IsDir():
			p.varsOfDir(name, out, at, sc)
		case ext == ".yml" || ext == ".yaml" || ext == ".json" || ext == "":
			out.Merge(p.varsOf(name, at, sc))
		}
	}
}

func (p *pass) varsOf(name string, at diag.Span, sc scope) *value.Map {
	key := p.Tree.Abs(name)
	f := p.Compiler.vars[key]
	if f == nil {
		f = &varsFile{vars: &value.Map{}}
		n, ds := p.read(name, at)
		if n != nil && !ds.HasErrors() {
			var more diag.List
			f.vars, more = varsNode(n, p)
			ds.Add(more...)
		}
		for _, d := range ds {
			f.ds = append(f.ds, mistake{Diagnostic: d})
		}
		p.Compiler.vars[key] = f
	}
	p.report(f, f.ds, sc)
	return f.vars
}

func varsNode(n *source.Node, p *pass) (*value.Map, diag.List) {
	var ds diag.List
	if n.IsNull() {
		return &value.Map{}, nil
	}
	if n.Kind != source.Mapping {
		ds.Add(diag.Diagnostic{Summary: fmt.Sprintf("a file of variables holds a mapping, this is %s", n.Kind), Span: n.Span(), Hint: "write name: value"})
		return &value.Map{}, ds
	}
	v, ds := n.Value(p.Lang)
	return v.(*value.Map), ds
}

// meta is what the meta folder of a role says.
type meta struct {
	dependencies    []roleUse
	allowDuplicates bool
	collections     []string     // in which short names are looked for, after the role's own
	specs           *source.Node // argument_specs
}

// roleMeta reads meta/main.yml and meta/argument_specs.yml.
func (p *pass) roleMeta(role *Role, sc scope) meta {
	var m meta
	at := diag.Span{Pos: sc.from}
	if file, ok := p.roleFile(role, "meta", "main", diag.Span{}); ok {
		n, ds := p.read(file, at)
		lw := &lowering{pass: p, dir: path.Dir(file)}
		lw.add(ds)
		if n != nil && !ds.HasErrors() && !n.IsNull() {
			m = lw.metaMapping(n, sc)
		}
		p.reportOnce(p.Tree.Abs(file), lw.mistakes, sc)
	}
	if file, ok := p.roleFile(role, "meta", "argument_specs", diag.Span{}); ok {
		n, ds := p.read(file, at)
		lw := &lowering{pass: p}
		lw.add(ds)
		p.reportOnce(p.Tree.Abs(file), lw.mistakes, sc)
		if specs := n.Get("argument_specs"); specs != nil {
			m.specs = specs
		}
	}
	return m
}

func (p *pass) reportOnce(key string, ms []mistake, sc scope) { p.report("meta "+key, ms, sc) }

// metaMapping reads the mapping of meta/main.yml.
func (lw *lowering) metaMapping(n *source.Node, sc scope) meta {
	var m meta
	if n.Kind != source.Mapping {
		lw.errorf(n.Span(), "", "the meta of a role is a mapping, this is %s", n.Kind)
		return m
	}
	if dup := n.Get("allow_duplicates"); !dup.IsNull() {
		v, _ := dup.Plain()
		m.allowDuplicates = v == true
	}
	m.specs = n.Get("argument_specs")
	if list := n.Get("collections"); list != nil && list.Kind == source.Sequence {
		for _, item := range list.Items {
			m.collections = append(m.collections, item.Text)
		}
	}
	roles, ds := lw.parserIn(lw.dir).Roles(n.Get("dependencies"))
	lw.add(ds)
	for _, r := range roles {
		u, ok := lw.named(lw.lowerRole(r), r.Name, sc)
		if ok && !r.Name.IsNull() {
			m.dependencies = append(m.dependencies, u)
		}
	}
	return m
}

// argumentCheck is the implicit first task of a role that describes its arguments; nil if it does not.
func (p *pass) argumentCheck(role *Role, u roleUse, m meta, sc scope) *Task {
	entry := strings.TrimSuffix(strings.TrimSuffix(or(u.from.Tasks, "main"), ".yml"), ".yaml")
	spec := m.specs.Get(entry)
	if u.from.NoValidate || spec.IsNull() || spec.Kind != source.Mapping {
		return nil
	}
	const action = "ansible.builtin.validate_argument_spec"
	mod, ok := p.Registry.Lookup(action)
	if !ok {
		return nil
	}
	title := fmt.Sprintf("Validating arguments against arg spec '%s'", entry)
	if short := spec.Get("short_description"); !short.IsNull() {
		title += " - " + short.Text
	}
	options, _ := spec.Get("options").Value(nil)
	if options == nil {
		options = &value.Map{}
	}
	params := role.Params
	if params == nil {
		params = &value.Map{}
	}
	k := Keywords{Tags: []any{"always"}}.under(sc.Keywords)
	return &Task{
		ID: p.implicitID(u.pos, "validate_argument_spec"), Pos: spec.Pos, Name: title, Role: role, Action: action, Kind: KindModule, Module: mod,
		Keywords: k, Notify: sc.notify,
		Args: value.NewMap("argument_spec", options, "provided_arguments", params, "validate_args_context",
			value.NewMap("type", "role", "name", role.Name, "argument_spec_name", entry, "path", role.Path)),
	}
}

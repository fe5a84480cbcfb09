package program

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

// This file holds the placing of lowered nodes: copies of them that have inherited what surrounds them, imports replaced by what they
// import.

// place places nodes in a scope.
func (p *pass) place(nodes []Node, sc scope) []Node {
	var out []Node
	suffix := p.suffix(sc.file)
	for _, n := range nodes {
		out = append(out, p.placeNode(n, sc, suffix)...)
	}
	return out
}

// suffix tells the tasks of a file that is used more than once apart: their IDs end in it.
func (p *pass) suffix(file string) string {
	if p.checking > 0 {
		return ""
	}
	p.uses[file]++
	if n := p.uses[file]; n > 1 {
		return fmt.Sprintf("#%d", n)
	}
	return ""
}

func (p *pass) placeNode(n Node, sc scope, suffix string) []Node {
	switch x := n.(type) {
	case *Block:
		return []Node{p.placeBlock(x, sc, suffix)}
	case *Task:
		return p.placeTask(x, sc, suffix)
	}
	return nil
}

func (p *pass) placeBlock(x *Block, sc scope, suffix string) *Block {
	b := *x
	b.Role = sc.role
	b.Keywords = x.Keywords.under(sc.Keywords)
	b.notify = join(sc.notify, x.notify)
	sc.inherited = inherited{b.Keywords, b.notify}
	sc = sc.knowing(x.Vars...)
	for _, part := range []*[]Node{&b.Tasks, &b.Rescue, &b.Always} {
		placed := []Node{}
		for _, n := range *part {
			placed = append(placed, p.placeNode(n, sc, suffix)...)
		}
		*part = placed
	}
	return &b
}

func (p *pass) placeTask(x *Task, sc scope, suffix string) []Node {
	t := *x
	t.ID = x.Pos.String() + suffix
	t.Role = sc.role
	t.Keywords = x.Keywords.under(sc.Keywords)
	t.Notify = join(sc.notify, x.Notify)
	p.checkMissing(&t, sc)
	if t.Include != nil {
		in := *x.Include
		in.outer, in.playDir, in.depth = sc.inherited, sc.dir, sc.depth
		t.Include = &in
	}
	switch t.Kind {
	case kindImportTasks:
		return p.importTasks(&t, sc)
	case kindImportRole:
		return p.importRole(&t, sc)
	case KindIncludeTasks, KindIncludeRole:
		p.checkInclude(&t, sc)
	case KindMeta:
		if t.Meta == "end_role" && t.Role == nil {
			p.ds.Addf(diag.Span{Pos: t.Pos}, "end_role stands outside of a role")
		}
	}
	return []Node{&t}
}

// checkMissing reports a required argument that neither the task nor a module_defaults around it gives.
func (p *pass) checkMissing(t *Task, sc scope) {
	if t.missing == nil {
		return
	}
	for _, d := range t.ModuleDefaults {
		m, ok := d.(*value.Map)
		if !ok || m.Has(t.Module.Spec().Name) {
			return
		}
		for _, k := range m.Keys() {
			if strings.HasPrefix(value.Str(k), "group/") {
				return
			}
		}
	}
	p.report(t.missing, []mistake{*t.missing}, sc)
}

// within is the scope of what a static import brings in: all its keywords are handed down, its vars as those of a block.
func (t *Task) within(sc scope) scope {
	sc.inherited = inherited{t.Keywords, t.Notify}
	sc.inherited = sc.inherited.with(t.OwnVars)
	return sc.knowing(t.OwnVars)
}

// importTasks is what the file of an import_tasks holds.
func (p *pass) importTasks(t *Task, sc scope) []Node {
	inner := t.within(sc)
	name, ok := p.known(t.Include.File, "file", t.Include.at, inner)
	if !ok {
		return nil
	}
	found, searched := p.findTasks(name, t, inner, true)
	if found == "" {
		p.missing(noFile("file", name, t.Include.at, searched), sc, t)
		return nil
	}
	inner, ok = inner.into(p.Tree.Abs(found), t.Pos)
	if !ok {
		p.missing(diag.Diagnostic{Summary: fmt.Sprintf("%s imports itself", found), Span: t.Include.at}, sc, t)
		return nil
	}
	inner.file = found
	f := p.tasksFile(found, t.Handler, t.Include.at, inner)
	return p.place(f.nodes, inner)
}

// missing reports what is wrong with an import or include, with the task it is in.
func (p *pass) missing(d diag.Diagnostic, sc scope, t *Task) {
	if note := sc.note(p.titleOf(t)); note != "" {
		d.Notes = append(d.Notes, note)
	}
	p.ds.Add(d)
}

// titleOf is the name that the author gave a task, or "".
func (p *pass) titleOf(t *Task) string {
	switch x := t.Name.(type) {
	case string:
		return x
	case *jinja.Template:
		return x.Text()
	}
	return ""
}

// known evaluates a name that must be known at load. False: it is not, which has been reported.
func (p *pass) known(v any, what string, at diag.Span, sc scope) (string, bool) {
	t, ok := v.(*jinja.Template)
	if !ok {
		return value.Str(v), true
	}
	got, err := t.Eval(p.loadEnv(sc))
	if err != nil && p.sights != nil {
		return "", false
	}
	if err != nil {
		p.ds.Add(diag.Diagnostic{Span: at, Summary: fmt.Sprintf("the name of the imported %s cannot be known before the run: %v", what, err),
			Hint: "include_" + map[string]string{"file": "tasks", "role": "role"}[what] + " is resolved for each host"})
		return "", false
	}
	return value.Str(got), true
}

// checkInclude compiles what a dynamic include names literally, only to find its mistakes before a host is touched.
func (p *pass) checkInclude(t *Task, sc scope) {
	if sc.play == nil {
		return // at run time the include is about to happen anyway
	}
	if p.Late { // only the modules that are missing count: the rest shows when the include is reached
		ds, reported := p.ds, maps.Clone(p.reported)
		defer func() { p.ds, p.reported = ds, reported }()
	}
	inner := sc
	inner.inherited = inherited{Keywords: Keywords{Collections: sc.Collections}}
	switch t.Kind {
	case KindIncludeTasks:
		p.checkIncludeTasks(t, sc, inner)
	case KindIncludeRole:
		p.checkIncludeRole(t, inner)
	}
}

func (p *pass) checkIncludeTasks(t *Task, sc, inner scope) {
	name, ok := t.Include.File.(string)
	if !ok {
		return
	}
	found, searched := p.findTasks(name, t, sc, false)
	if found == "" {
		p.missing(noFile("file", name, t.Include.at, searched), sc, t)
		return
	}
	inner, ok = inner.into(p.Tree.Abs(found), t.Pos)
	key := fmt.Sprint(found, t.Handler, sc.role != nil && slices.Contains(inner.over, sc.role.Path))
	if !ok || p.checked[key] {
		return
	}
	p.checked[key] = true
	p.checking++
	inner.file = found
	f := p.tasksFile(found, t.Handler, t.Include.at, inner)
	p.place(f.nodes, inner)
	p.checking--
}

func (p *pass) checkIncludeRole(t *Task, sc scope) {
	name, literal := t.Include.Name.(string)
	from, fixed := t.Include.from()
	if !literal || !fixed {
		return
	}
	key := fmt.Sprint("role ", name, from)
	if p.checked[key] {
		return
	}
	p.checked[key] = true
	p.checking++
	p.useRole(roleUse{name: name, at: t.Include.at, pos: t.Pos, from: from, included: true}, sc)
	p.checking--
}

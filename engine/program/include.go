package program

import (
	"fmt"
	"slices"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

// This file holds what the compiler does at run time: dynamic includes.

// importRole is what an import_role brings in, in its place. The role's handlers and, unless it is private, its variables join the play's.
func (p *pass) importRole(t *Task, sc scope) []Node {
	inner := t.within(sc)
	name, ok := p.known(t.Include.Name, "role", t.Include.at, inner)
	if !ok {
		return nil
	}
	from, _ := t.Include.from()
	if !p.knownFiles(&from, t.Include, inner) {
		return nil
	}
	from.Public = literal(t.Include.Public, p.PublicRole(true))
	inner.inherited = inherited{t.Keywords, t.Notify}
	used := p.useRole(roleUse{name: name, at: t.Include.at, pos: t.Pos, vars: t.OwnVars, from: from, included: true}, inner)
	if sc.play != nil && p.checking == 0 {
		sc.play.Used = append(sc.play.Used, used.roles...)
		for _, r := range used.roles {
			sc.play.Handlers = append(sc.play.Handlers, r.Handlers...)
			if r.Public {
				sc.play.Roles = append(sc.play.Roles, r)
			}
		}
	}
	return asNodes(used.blocks)
}

// knownFiles evaluates the names of files of an imported role that are templates. False: one cannot be known at load, which has been reported.
func (p *pass) knownFiles(from *RoleFrom, in *Include, sc scope) bool {
	for _, x := range []struct {
		into *string
		v    any
	}{{&from.Tasks, in.TasksFrom}, {&from.Vars, in.VarsFrom}, {&from.Defaults, in.DefaultsFrom}, {&from.Handlers, in.HandlersFrom}} {
		if _, template := x.v.(*jinja.Template); !template {
			continue
		}
		name, ok := p.known(x.v, "role", in.at, sc)
		if !ok {
			return false
		}
		*x.into = name
	}
	return true
}

func asNodes(blocks []*Block) []Node {
	var out []Node
	for _, b := range blocks {
		out = append(out, b)
	}
	return out
}

// included is the scope of what a dynamic include brings in: what surrounds the include, what it applies, its own variables — not its own
// when, tags and the like.
func (t *Task) included() scope {
	in := t.Include.outer
	if apply := t.Include.Apply; apply != nil {
		in.Keywords = apply.under(in.Keywords)
		in.notify = join(in.notify, t.Include.applyNotify)
	}
	if t.OwnVars.Len() > 0 {
		in.Params = join(in.Params, []*value.Map{t.OwnVars})
	}
	sc := scope{inherited: in, role: t.Role, from: t.Pos, dir: t.Include.playDir, depth: t.Include.depth + 1}
	return sc.knowing(in.Vars...).knowing(in.Params...)
}

// maxIncludes is how many dynamic includes may be inside each other. Files may include themselves, as long as a condition ends it.
const maxIncludes = 1000

// endless tells whether an include goes on for ever, and reports it.
func (p *pass) endless(t *Task, sc scope) bool {
	if sc.depth <= maxIncludes {
		return false
	}
	p.ds.Add(diag.Diagnostic{Summary: fmt.Sprintf("more than %d includes are inside each other", maxIncludes), Span: t.Include.at,
		Hint: "a file that includes itself needs a condition that ends it"})
	return true
}

// IncludeTasks compiles the file that an include_tasks names, in the place of the task; its variables are those of t.OwnVars. Blocks are not
// filtered by tags. Handlers of roles that are imported in it are found by HandlersOf.
func (c *Compiler) IncludeTasks(t *Task, file string) ([]*Block, diag.List) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := newPass(c)
	sc := t.included()
	if p.endless(t, sc) {
		return nil, p.ds
	}
	found, searched := p.findTasks(file, t, sc, false)
	if found == "" {
		p.missing(noFile("file", file, t.Include.at, searched), sc, t)
		return nil, p.ds
	}
	sc.file = found
	sc.over = []string{c.Tree.Abs(found)}
	nodes := p.place(p.tasksFile(found, t.Handler, t.Include.at, sc).nodes, sc)
	if p.ds.HasErrors() || len(nodes) == 0 {
		return nil, p.ds.Sorted()
	}
	return []*Block{{Pos: t.Pos, Role: t.Role, Keywords: sc.Keywords, notify: sc.notify, Tasks: nodes}}, p.ds.Sorted()
}

// IncludeRole compiles the role that an include_role names, in the place of the task. The role's Handlers hold those of its dependencies and
// imports too.
func (c *Compiler) IncludeRole(t *Task, name string, from RoleFrom) (*Role, []*Block, diag.List) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := newPass(c)
	sc := t.included()
	if p.endless(t, sc) {
		return nil, nil, p.ds
	}
	if !literal(t.Include.RolespecValidate, true) {
		from.NoValidate = true
	}
	used := p.useRole(roleUse{name: name, at: t.Include.at, pos: t.Pos, from: from, included: true}, sc)
	if used.role == nil || p.ds.HasErrors() {
		if !p.ds.HasErrors() {
			p.ds.Addf(t.Include.at, "the role %s cannot be used", name)
		}
		return nil, nil, p.ds.Sorted()
	}
	used.role.Handlers = HandlersOf(used.blocks)
	return used.role, used.blocks, p.ds.Sorted()
}

// HandlersOf are the handlers of the roles that blocks belong to, each once, in the order of their roles.
func HandlersOf(blocks []*Block) []*Block {
	var out []*Block
	var walk func(nodes []Node)
	walk = func(nodes []Node) {
		for _, n := range nodes {
			b, ok := n.(*Block)
			if !ok {
				continue
			}
			if b.Role != nil {
				for _, h := range b.Role.Handlers {
					if !slices.Contains(out, h) {
						out = append(out, h)
					}
				}
			}
			walk(b.Tasks)
			walk(b.Rescue)
			walk(b.Always)
		}
	}
	walk(asNodes(blocks))
	return out
}

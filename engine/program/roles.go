package program

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/playbook"
	"github.com/drydock-dev/drydock/engine/source"
	"github.com/drydock-dev/drydock/engine/value"
)

// RoleFrom says which files of a role are meant, and how it is used. Empty names mean main.
type RoleFrom struct {
	Tasks, Vars, Defaults, Handlers string
	Public, AllowDuplicates         bool
	NoValidate                      bool // rolespec_validate: false
}

// from reads what an include names literally. False: a part of it is a template.
func (in *Include) from() (RoleFrom, bool) {
	f := RoleFrom{AllowDuplicates: literal(in.AllowDuplicates, true), NoValidate: !literal(in.RolespecValidate, true)}
	for _, x := range []struct {
		into *string
		v    any
	}{{&f.Tasks, in.TasksFrom}, {&f.Vars, in.VarsFrom}, {&f.Defaults, in.DefaultsFrom}, {&f.Handlers, in.HandlersFrom}} {
		if _, template := x.v.(*jinja.Template); template {
			return f, false
		}
		if x.v != nil {
			*x.into = value.Str(x.v)
		}
	}
	return f, true
}

// literal is a boolean as it was written, also as a text (public=no); fallback stands for what says nothing, or is a template.
func literal(v any, fallback bool) bool {
	if b, err := module.ToBool(v); err == nil && v != nil {
		return b == true
	}
	return fallback
}

// PublicRole tells whether tasks outside a role see its variables where no public: says so. Static roles are those of plays and imports.
func (c *Compiler) PublicRole(static bool) bool {
	if c.PrivateRoles != nil {
		return !*c.PrivateRoles
	}
	return static
}

// roleUse is one use of a role, lowered.
type roleUse struct {
	name     string
	at       diag.Span // of the name
	pos      diag.Pos
	own      Keywords   // what the use itself says: when, tags, become, ...
	vars     *value.Map // vars: at the level of blocks
	params   *value.Map
	from     RoleFrom
	included bool // by include_role or import_role
}

// usedRole is what using a role comes to.
type usedRole struct {
	roles  []*Role  // dependencies before those that need them, itself last
	blocks []*Block // of all of them, in order
	role   *Role
}

// useRole compiles a use of a role: its dependencies, its variables, tasks and handlers.
func (p *pass) useRole(u roleUse, sc scope) (used usedRole) {
	at := p.locate(u.name, sc)
	if at.dir == "" {
		p.ds.Add(p.noRole(u, sc, at.searched))
		return used
	}
	p.addContent(at.dir)
	inner, ok := sc.into(at.dir+"?"+u.from.Tasks, u.pos)
	if !ok {
		p.ds.Addf(u.at, "the role %s depends on itself", u.name)
		return used
	}
	role := &Role{Name: at.fullName(), Short: at.name, Collection: at.collection, Path: at.dir, Params: u.params,
		AllowDuplicates: u.included && u.from.AllowDuplicates}
	if sc.role != nil {
		role.Parents = append(slices.Clip(sc.role.Parents), sc.role)
	}
	role.Public = u.from.Public
	if !u.included {
		role.Public = p.PublicRole(true)
	}
	if role.Dependency = !u.included && sc.role != nil; role.Dependency {
		role.Callers = sc.role.Callers
	} else if sc.role != nil {
		role.Callers = append(slices.Clip(sc.role.Callers), sc.role)
	}
	role.Key = keyOf(u, at.dir)
	inner.role = role
	inner.Keywords = u.own.under(sc.Keywords)
	inner.conditions(u.own.When, sc, role)
	inner.inherited = inner.inherited.with(u.vars)
	inner.Collections = at.searching()
	return p.roleParts(role, u, inner)
}

func (p *pass) noRole(u roleUse, sc scope, searched []string) diag.Diagnostic {
	d := noFile("role", u.name, u.at, searched)
	var names []string
	for _, dir := range append([]string{path.Join(sc.dir, "roles"), p.Tree.Abs("roles")}, p.RolesPath...) {
		entries, _ := p.Tree.ReadDir(dir)
		for _, e := range entries {
			names = append(names, e.Name())
		}
	}
	if near := diag.Nearest(u.name, names); near != "" {
		d.Hint = fmt.Sprintf("did you mean %q?", near)
	} else if collection, _, _, ok := splitName(u.name); ok {
		d.Hint = fmt.Sprintf("install the collection: ansible-galaxy collection install %s -p collections", collection)
	}
	return d
}

// keyOf is equal for two uses of which Ansible runs the second only if duplicates are allowed.
func keyOf(u roleUse, dir string) string {
	return fmt.Sprint(dir, "|", spell(u.params), "|", spell(u.vars), "|", spell(u.own.When), "|", spell(u.own.Tags), "|",
		u.from.Tasks, "|", u.from.Vars, "|", u.from.Defaults)
}

// spell prints a value with its templates as they were written.
func spell(v any) string {
	switch x := v.(type) {
	case *jinja.Template:
		return "{" + x.Text() + "}"
	case []any:
		var parts []string
		for _, item := range x {
			parts = append(parts, spell(item))
		}
		return "[" + strings.Join(parts, ",") + "]"
	case *value.Map:
		var parts []string
		for k, item := range x.All() {
			parts = append(parts, value.Repr(k)+":"+spell(item))
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
	return value.Repr(v)
}

// roleParts reads the files of a role and places its tasks and handlers.
func (p *pass) roleParts(role *Role, u roleUse, sc scope) (used usedRole) {
	meta := p.roleMeta(role, sc)
	role.AllowDuplicates = role.AllowDuplicates || meta.allowDuplicates
	role.Defaults = p.roleVars(role, "defaults", u.from.Defaults, u.at, sc)
	role.Vars = p.roleVars(role, "vars", u.from.Vars, u.at, sc)
	for _, dep := range meta.dependencies {
		d := p.useRole(dep, sc)
		used.roles = append(used.roles, d.roles...)
		used.blocks = append(used.blocks, d.blocks...)
	}
	sc.Collections = join(sc.Collections, meta.collections) // not those in which dependencies are looked for
	sc = sc.knowing(role.Defaults, role.Vars, role.Params)
	role.Handlers = p.roleHandlers(role, u, sc)
	b := &Block{Pos: u.pos, Role: role, Keywords: sc.Keywords, notify: sc.notify}
	if check := p.argumentCheck(role, u, meta, sc); check != nil {
		b.Tasks = append(b.Tasks, check)
	}
	b.Tasks = append(b.Tasks, p.roleTasks(role, u, sc)...)
	used.role = role
	used.roles = append(used.roles, role)
	used.blocks = append(used.blocks, b, p.complete(role, u, sc))
	return used
}

// complete is the implicit end of a role: from here on it has run.
func (p *pass) complete(role *Role, u roleUse, sc scope) *Block {
	always := Keywords{Tags: []any{"always"}}
	t := &Task{ID: p.implicitID(u.pos, "role_complete"), Pos: u.pos, Role: role, Action: "meta", Kind: KindMeta, Meta: "role_complete",
		Implicit: true, Args: &value.Map{}, Keywords: always}
	return &Block{Pos: u.pos, Role: role, Tasks: []Node{t}, Keywords: always}
}

// implicitID names a task that nobody wrote.
func (p *pass) implicitID(pos diag.Pos, what string) string {
	id := pos.String() + ":" + what
	return id + p.suffix(id)
}

func (p *pass) roleTasks(role *Role, u roleUse, sc scope) []Node {
	name := u.from.Tasks
	file, ok := p.roleFile(role, "tasks", or(name, "main"), u.at)
	if !ok {
		if name != "" {
			p.ds.Add(noFile("file", name, u.at, []string{path.Join(p.show(role.Path), "tasks", name+".yml")}))
		}
		return nil
	}
	inner := sc
	inner.over = append(slices.Clip(sc.over), p.Tree.Abs(file))
	inner.file = file
	return p.place(p.tasksFile(file, false, u.at, inner).nodes, inner)
}

func (p *pass) roleHandlers(role *Role, u roleUse, sc scope) []*Block {
	file, ok := p.roleFile(role, "handlers", or(u.from.Handlers, "main"), u.at)
	if !ok {
		if u.from.Handlers != "" {
			p.ds.Add(noFile("file", u.from.Handlers, u.at, []string{path.Join(p.show(role.Path), "handlers", u.from.Handlers+".yml")}))
		}
		return nil
	}
	sc.file = file
	nodes := p.place(p.tasksFile(file, true, u.at, sc).nodes, sc)
	if len(nodes) == 0 {
		return nil
	}
	return []*Block{{Pos: u.pos, Role: role, Keywords: sc.Keywords, Tasks: nodes}}
}

func or(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}

// lowerRole reads a use of a role as a play or a role's meta writes it.
func (lw *lowering) lowerRole(r *playbook.Role) roleUse {
	u := roleUse{name: r.Name.Text, at: r.Name.Span(), pos: r.Pos, own: lw.keywords(r.Keys), vars: lw.maps(r.Keys, "vars"), params: &value.Map{}}
	for _, p := range r.Params {
		u.params.Set(p.Key.Text, lw.value(p.Value))
	}
	return u
}

// named gives a role whose name is a template its name, as far as that can be known.
func (p *pass) named(u roleUse, n *source.Node, sc scope) (roleUse, bool) {
	if !playbook.IsTemplate(n) {
		return u, true
	}
	v, ds := n.Value(p.Lang)
	p.ds.Add(ds...)
	if ds.HasErrors() {
		return u, false
	}
	name, ok := p.known(v, "role", u.at, sc)
	u.name = name
	return u, ok
}

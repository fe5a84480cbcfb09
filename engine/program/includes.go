package program

import (
	"fmt"
	"strings"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/playbook"
	"github.com/drydock-dev/drydock/engine/source"
	"github.com/drydock-dev/drydock/engine/value"
)

// This file holds the arguments of include_tasks, import_tasks, include_role and import_role.

// includeArgs are the arguments of an include, as nodes; the file of include_tasks may stand free.
type includeArgs struct {
	*lowering
	what  string
	nodes map[string]any
	at    map[string]diag.Span
	apply *source.Node
}

// readInclude reads the arguments whose names are known; free is the one that free text means.
func (lw *lowering) readInclude(x *playbook.Task, free string, known ...string) *includeArgs {
	in := &includeArgs{lowering: lw, what: playbook.Directive(x.Action), nodes: map[string]any{}, at: map[string]diag.Span{}}
	for _, n := range []*source.Node{x.Keys.Get("args"), x.Args} {
		if n.IsNull() {
			continue
		}
		for _, p := range n.Pairs {
			in.set(p, free, known)
		}
	}
	if x.Free != nil {
		in.text(*x.Free, free, known)
	}
	return in
}

func (in *includeArgs) set(p source.Pair, free string, known []string) {
	name := p.Key.Text
	if name == "_raw_params" || name == "role" && free == "name" {
		name = free
	}
	switch {
	case !has(known, name):
		in.unknownKey(in.what, p.Key, known)
	case name == "apply":
		in.apply = p.Value
	default:
		in.nodes[name], in.at[name] = in.value(p.Value), p.Value.Span()
	}
}

// text reads `file.yml`, and `name=x tasks_from=y`.
func (in *includeArgs) text(t playbook.Text, free string, known []string) {
	args, rest, ds := playbook.SplitArgs(t, false)
	in.add(ds)
	for _, a := range args {
		if !has(known, a.Name) {
			in.errorf(a.At, "set variables with vars:", "%s has no argument %q", in.what, a.Name)
			continue
		}
		in.nodes[a.Name], in.at[a.Name] = in.template(a.Value), a.Value.Span()
	}
	if rest.Text = strings.TrimSpace(rest.Text); rest.Text != "" {
		in.nodes[free], in.at[free] = in.template(rest), rest.Span()
	}
}

func (lw *lowering) template(t playbook.Text) any {
	v, ds := lw.Lang.Template(t.Text, t.At)
	lw.add(ds)
	return v
}

func has(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func (lw *lowering) includeTasks(t *Task, x *playbook.Task) bool {
	known := []string{"file", "apply"}
	if t.Kind == kindImportTasks {
		known = known[:1]
	}
	in := lw.readInclude(x, "file", known...)
	t.Include = &Include{File: in.nodes["file"], Dir: lw.dir}
	t.Include.at = in.at["file"]
	lw.apply(t, in.apply)
	if t.Include.File == nil {
		lw.errorf(x.Span(), "name it: "+in.what+": FILE", "%s names no file", in.what)
		return false
	}
	return lw.noLoop(t, x, in.what, "include_tasks")
}

func (lw *lowering) includeRole(t *Task, x *playbook.Task) bool {
	known := []string{"name", "tasks_from", "vars_from", "defaults_from", "handlers_from", "public", "allow_duplicates", "rolespec_validate", "apply"}
	if t.Kind == kindImportRole {
		known = known[:len(known)-1]
	}
	in := lw.readInclude(x, "name", known...)
	n := in.nodes
	t.Include = &Include{
		Name: n["name"], TasksFrom: n["tasks_from"], VarsFrom: n["vars_from"], DefaultsFrom: n["defaults_from"], HandlersFrom: n["handlers_from"],
		Public: n["public"], AllowDuplicates: n["allow_duplicates"], RolespecValidate: n["rolespec_validate"], Dir: lw.dir,
	}
	t.Include.at = in.at["name"]
	lw.apply(t, in.apply)
	if t.Include.Name == nil {
		lw.errorf(x.Span(), "name it: name: ROLE", "%s names no role", in.what)
		return false
	}
	return lw.noLoop(t, x, in.what, "include_role")
}

// noLoop refuses a loop around an import, which happens once and before any host is known.
func (lw *lowering) noLoop(t *Task, x *playbook.Task, what, instead string) bool {
	if what == instead || x.With == "" && x.Keys.Get("loop") == nil {
		return true
	}
	at := x.Keys.Span("loop")
	if x.With != "" {
		at = x.WithKey.Span()
	}
	lw.errorf(at, "use "+instead, "%s cannot be looped over", what)
	return false
}

// apply reads the keywords that an include gives to all it brings in.
func (lw *lowering) apply(t *Task, n *source.Node) {
	if n.IsNull() {
		return
	}
	if n.Kind != source.Mapping {
		lw.errorf(n.Span(), "", "apply wants a mapping of keywords, this is %s", n.Kind)
		return
	}
	keys, ds := playbook.BlockKeywords(n)
	lw.add(ds)
	k := lw.keywords(keys)
	if vars := lw.maps(keys, "vars"); vars.Len() > 0 {
		k.Vars = []*value.Map{vars}
	}
	t.Include.Apply = &k
	t.Include.applyNotify = lw.list(keys, "notify")
}

// noFile says that a literal file is not there and where it was looked for.
func noFile(what, name string, at diag.Span, searched []string) diag.Diagnostic {
	d := diag.Diagnostic{Summary: fmt.Sprintf("there is no %s %q", what, name), Span: at, Missing: true}
	for _, s := range searched {
		d.Notes = append(d.Notes, "looked for "+s)
	}
	return d
}

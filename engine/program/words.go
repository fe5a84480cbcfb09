package program

import (
	"strings"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/playbook"
	"github.com/drydock-dev/drydock/engine/source"
	"github.com/drydock-dev/drydock/engine/value"
)

// lowering turns the AST of one file into nodes of a program that stand alone: templates parsed, modules found, arguments checked,
// nothing inherited.
type lowering struct {
	*pass
	dir      string // of the file
	task     string // the name of the task at hand
	mistakes []mistake
}

func (lw *lowering) add(ds diag.List) {
	for _, d := range ds {
		lw.mistakes = append(lw.mistakes, mistake{d, lw.task})
	}
}

func (lw *lowering) errorf(at diag.Span, hint, format string, args ...any) {
	var ds diag.List
	ds.Addf(at, format, args...)
	ds[0].Hint = hint
	lw.add(ds)
}

// lacks reports what Ansible has and Drydock does not.
func (lw *lowering) lacks(what string, at diag.Span, hint, format string, args ...any) {
	lw.errorf(at, hint, format, args...)
	lw.mistakes[len(lw.mistakes)-1].Lacks = what
}

// value is what a node says, with templates; nil for null and for what is not there.
func (lw *lowering) value(n *source.Node) any {
	if n.IsNull() {
		return nil
	}
	v, ds := n.Value(lw.Lang)
	lw.add(ds)
	return v
}

// single is the value of a keyword.
func (lw *lowering) single(keys playbook.Keywords, name string) any { return lw.value(keys.Get(name)) }

// list is the value of a keyword that is a list or one item.
func (lw *lowering) list(keys playbook.Keywords, name string) []any {
	switch v := lw.single(keys, name).(type) {
	case nil:
		return nil
	case []any:
		return flat(v)
	default:
		return []any{v}
	}
}

func flat(list []any) []any {
	out := []any{}
	for _, v := range list {
		if inner, ok := v.([]any); ok {
			out = append(out, flat(inner)...)
			continue
		}
		out = append(out, v)
	}
	return out
}

// tags splits a single text at its commas; the items of a list are taken as they are, and those that are no text match no tag of the
// command line, as in Ansible.
func (lw *lowering) tags(keys playbook.Keywords) []any {
	if s, ok := lw.single(keys, "tags").(string); ok {
		var out []any
		for _, tag := range strings.Split(s, ",") {
			out = union(out, []any{strings.TrimSpace(tag)})
		}
		return out
	}
	var out []any
	for _, v := range lw.list(keys, "tags") {
		if v != nil {
			out = union(out, []any{v})
		}
	}
	return out
}

// maps is the value of a keyword that is a mapping or a list of mappings: one mapping, the later winning.
func (lw *lowering) maps(keys playbook.Keywords, name string) *value.Map {
	switch v := lw.single(keys, name).(type) {
	case *value.Map:
		return v
	case []any:
		out := &value.Map{}
		for _, item := range v {
			if m, ok := item.(*value.Map); ok {
				out.Merge(m)
			}
		}
		return out
	case *jinja.Template:
		lw.errorf(keys.Get(name).Span(), "write a mapping; its values may be templates", "%s as a whole cannot be a template", name)
	}
	return nil
}

// conditions are the expressions of a keyword; nil: it is not there.
func (lw *lowering) conditions(keys playbook.Keywords, name string) []any {
	return lw.conditionsOf(keys.Get(name))
}

func (lw *lowering) conditionsOf(n *source.Node) []any {
	if n.IsNull() {
		return nil
	}
	items := []*source.Node{n}
	if n.Kind == source.Sequence {
		items = n.Items
	}
	out := []any{}
	for _, item := range items {
		if c := lw.condition(item); c != nil {
			out = append(out, c)
		}
	}
	return out
}

func (lw *lowering) condition(n *source.Node) any {
	switch {
	case n.Kind != source.Scalar || n.IsNull():
		return nil
	case n.Tag == source.TagBool:
		v, _ := n.Plain()
		return v
	case n.Tag == source.TagUnsafe || n.Tag == source.TagVault:
		lw.errorf(n.Span(), "", "a condition cannot be %s", n.Tag)
		return nil
	}
	t, ds := lw.Lang.ParseExpr(jinja.Source{Text: n.Text, At: n.At})
	lw.add(ds)
	if t == nil || ds.HasErrors() {
		return nil
	}
	return t
}

// keywords are those that plays, blocks, tasks and roles have in common. The vars of blocks are among them.
func (lw *lowering) keywords(keys playbook.Keywords) Keywords {
	k := Keywords{
		When:           lw.conditions(keys, "when"),
		Tags:           lw.tags(keys),
		Environment:    lw.list(keys, "environment"),
		ModuleDefaults: lw.moduleDefaults(keys),
		Collections:    texts(lw.list(keys, "collections")),
	}
	for i, name := range singleNames {
		*k.singles()[i] = lw.single(keys, name)
	}
	lw.unsupported(keys)
	return k
}

// singleNames are the keywords of singles, in its order.
var singleNames = []string{
	"become", "become_user", "become_method", "become_flags", "become_exe",
	"connection", "remote_user", "port",
	"delegate_to", "delegate_facts", "run_once",
	"ignore_errors", "ignore_unreachable", "any_errors_fatal",
	"no_log", "check_mode", "diff", "throttle", "timeout", "debugger",
}

// moduleDefaults has modules by their full name, so that however a task names its module they are found.
func (lw *lowering) moduleDefaults(keys playbook.Keywords) []any {
	list := lw.list(keys, "module_defaults")
	for i, item := range list {
		m, ok := item.(*value.Map)
		if !ok {
			lw.errorf(keys.Get("module_defaults").Span(), "the arguments of a module may be a template: {ping: \"{{ ping_defaults }}\"}",
				"module_defaults is a mapping of modules or groups, or a list of such mappings; as a whole it cannot be a template")
			continue
		}
		full := &value.Map{}
		for k, v := range m.All() {
			if mod, known := lw.Registry.Lookup(value.Str(k)); known {
				k = mod.Spec().Name
			}
			full.Set(k, v)
		}
		list[i] = full
	}
	return list
}

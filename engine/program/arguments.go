package program

import (
	"fmt"
	"strings"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/playbook"
	"github.com/drydock-dev/drydock/engine/source"
	"github.com/drydock-dev/drydock/engine/value"
)

// This file holds the arguments of modules: from a mapping, from k=v text, from args, and what of them can be checked before a run.

// moduleAction finds the task's module and reads its arguments. args: is weaker than what stands with the module.
func (lw *lowering) moduleAction(t *Task, x *playbook.Task) bool {
	m, ok := lw.moduleNamed(x.Action, lw.dir)
	if x.Chosen != nil {
		t.Chosen, m, ok = lw.template(*x.Chosen), standIn(x.Action), true
	}
	if !ok {
		if m, ok = lw.standIn(x); !ok {
			lw.unknownModule(x)
			return false
		}
	}
	t.Module = m
	a := &arguments{lowering: lw, of: t, m: m, into: t.Args, given: map[string]bool{}}
	if args := x.Keys.Get("args"); playbook.IsTemplate(args) {
		t.ArgsFrom = lw.value(args)
		a.open = true
	} else if !args.IsNull() {
		a.mapping(args)
	}
	if x.Args != nil {
		a.mapping(x.Args)
	}
	if x.Free != nil {
		t.ArgsFrom = a.free(*x.Free, t.ArgsFrom)
	}
	a.required(t, x)
	return true
}

func (lw *lowering) unknownModule(x *playbook.Task) {
	hint := "drydock doc lists the modules; more can lie in library/"
	if near := lw.nearModule(x.Action); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	lw.lacks("module "+x.Action, x.Span(), hint, "there is no module %q", x.Action)
}

// arguments collects those of one task.
type arguments struct {
	*lowering
	of    *Task
	m     module.Module
	into  *value.Map
	given map[string]bool
	open  bool // further arguments are known only at run time
}

func (a *arguments) mapping(n *source.Node) {
	if n.Kind != source.Mapping {
		a.errorf(n.Span(), "", "the arguments of %s are a mapping, this is %s", a.m.Spec().Name, n.Kind)
		return
	}
	for _, p := range n.Pairs {
		if a.m.Spec().AnyArgs && playbook.IsTemplate(p.Key) { // set_fact: the run evaluates the name
			_, ds := a.Lang.Template(p.Key.Text, p.Key.At)
			a.add(ds)
		}
		a.set(p.Key.Text, p.Key.Span(), p.Value)
	}
}

// set adds an argument that was written as a node.
func (a *arguments) set(name string, at diag.Span, n *source.Node) {
	param, ok := a.declared(name, at)
	if !ok {
		return
	}
	if param.Unevaluated {
		a.expressions(n)
		v, _ := n.Value(nil)
		a.into.Set(name, v)
		return
	}
	v, ds := n.Value(a.Lang)
	a.add(ds)
	a.into.Set(name, v)
	a.literal(param, v, n.Span())
}

// declared finds the parameter for a name, or reports why there is none. A module that takes any argument has an empty one for each.
func (a *arguments) declared(name string, at diag.Span) (module.Param, bool) {
	a.given[name] = true
	param, ok := module.ParamOf(a.m, name)
	spec := a.m.Spec()
	switch {
	case ok || spec.AnyArgs:
		return param, true
	case name == "_raw_params" && spec.FreeForm != "":
		return param, true
	}
	if a.Late {
		return param, true // the module refuses it when it is asked
	}
	for _, lacking := range spec.Lacks {
		if lacking == name {
			a.lacks("argument "+spec.Name+": "+name, at, "Ansible has it, Drydock does not carry it out", "the argument %q of %s is not supported", name, spec.Name)
			return param, false
		}
	}
	hint := ""
	if near := diag.Nearest(name, paramNames(a.m)); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	a.errorf(at, hint, "module %s has no argument %q", spec.Name, name)
	return param, false
}

func paramNames(m module.Module) []string {
	var out []string
	for _, p := range m.Params() {
		out = append(append(out, p.Name), p.Aliases...)
	}
	return out
}

// literal checks a value that holds no template against what the module takes.
func (a *arguments) literal(p module.Param, v any, at diag.Span) {
	if p.Name == "" || v == nil || a.Late || !isLiteral(v) {
		return
	}
	if err := p.Accepts(v); err != nil {
		a.errorf(at, nearChoice(p, v), "argument %q of %s: %v", p.Name, a.m.Spec().Name, err)
	}
}

func nearChoice(p module.Param, v any) string {
	s, ok := v.(string)
	if near := diag.Nearest(s, p.Choices); ok && near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return ""
}

func isLiteral(v any) bool {
	switch x := v.(type) {
	case *jinja.Template, value.Vault:
		return false
	case []any:
		for _, item := range x {
			if !isLiteral(item) {
				return false
			}
		}
	case *value.Map:
		for _, item := range x.All() {
			if !isLiteral(item) {
				return false
			}
		}
	}
	return true
}

// expressions reports what is wrong in arguments that are expressions (assert that, debug var); they are evaluated by the module.
func (a *arguments) expressions(n *source.Node) {
	for _, item := range n.Items {
		a.expressions(item)
	}
	if n.Kind == source.Scalar && n.Tag == source.TagString {
		_, ds := a.Lang.ParseExpr(jinja.Source{Text: n.Text, At: n.At})
		a.add(ds)
	}
}

// free reads k=v text. A text that is one template gives a mapping of arguments at run time, unless the module takes free-form text itself.
func (a *arguments) free(t playbook.Text, from any) any {
	spec := a.m.Spec()
	if spec.FreeForm == "" && wholeTemplate(t.Text) {
		v, ds := a.Lang.Template(t.Text, t.At)
		a.add(ds)
		a.open = true
		return v
	}
	args, rest, ds := playbook.SplitArgs(t, takesCommand(spec))
	a.add(ds)
	for _, arg := range args {
		if _, known := module.ParamOf(a.m, arg.Name); !known && takesCommand(spec) {
			continue // taken out of the line as Ansible does, and not heeded (raw, script)
		}
		a.setText(arg.Name, arg.At, arg.Value)
	}
	if strings.TrimSpace(rest.Text) == "" {
		return from
	}
	switch {
	case spec.FreeForm != "":
		a.setText(spec.FreeForm, rest.Span(), rest)
	case a.Late:
		a.of.Broken = fmt.Sprintf("Action '%s' does not support raw params.", spec.Name)
	default:
		hint := "write the arguments as a mapping, or as name=value"
		if name, text, ok := strings.Cut(strings.TrimSpace(rest.Text), ":"); ok && text != "" && text[0] != ' ' && !strings.ContainsAny(name, " /'\"") {
			hint = fmt.Sprintf("a space is missing after the colon: %s: %s", name, text)
		}
		a.errorf(rest.Span(), hint, "module %s takes no free-form text", spec.Name)
	}
	return from
}

// takesCommand tells whether the free-form text is a command line, in which k=v mostly belongs to the command.
func takesCommand(s module.Spec) bool {
	switch s.Name[strings.LastIndexByte(s.Name, '.')+1:] {
	case "command", "shell", "raw", "script":
		return true
	}
	return false
}

func wholeTemplate(s string) bool {
	s = strings.TrimSpace(s)
	return strings.HasPrefix(s, "{{") && strings.HasSuffix(s, "}}") && strings.Count(s, "{{") == 1
}

// setText adds an argument that was written as k=v.
func (a *arguments) setText(name string, at diag.Span, t playbook.Text) {
	param, ok := a.declared(name, at)
	if !ok {
		return
	}
	if param.Unevaluated {
		_, ds := a.Lang.ParseExpr(jinja.Source{Text: t.Text, At: t.At})
		a.add(ds)
		a.into.Set(name, t.Text)
		return
	}
	v, ds := a.Lang.Template(t.Text, t.At)
	a.add(ds)
	a.into.Set(name, v)
	a.literal(param, v, t.Span())
}

// required notes an argument that is missing, unless some are known only at run time. It is reported where the task is placed: the
// module_defaults there may give it.
func (a *arguments) required(t *Task, x *playbook.Task) {
	if a.open || a.Late {
		return
	}
	if a.given["_raw_params"] {
		a.given[a.m.Spec().FreeForm] = true
	}
	if err := module.CheckRequired(a.m, a.given); err != nil {
		t.missing = &mistake{diag.Diagnostic{Summary: fmt.Sprintf("module %s: %v", a.m.Spec().Name, err), Span: x.Span()}, a.task}
	}
}

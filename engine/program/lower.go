package program

import (
	"fmt"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/playbook"
	"github.com/drydock-dev/drydock/engine/source"
	"github.com/drydock-dev/drydock/engine/value"
)

// Kinds of task that stand only in lowered files: placing them puts what they import in their stead.
const (
	kindImportTasks Kind = -1 - iota
	kindImportRole
)

func (lw *lowering) nodes(nodes []playbook.Node) []Node {
	var out []Node
	for _, n := range nodes {
		switch x := n.(type) {
		case *playbook.Block:
			out = append(out, lw.block(x))
		case *playbook.Task:
			if t := lw.lowerTask(x); t != nil {
				out = append(out, t)
			}
		}
	}
	return out
}

func (lw *lowering) block(x *playbook.Block) *Block {
	lw.sees(x.Pos, "")
	b := &Block{Pos: x.Pos, Name: lw.single(x.Keys, "name"), Keywords: lw.keywords(x.Keys), notify: lw.list(x.Keys, "notify")}
	if vars := lw.maps(x.Keys, "vars"); vars.Len() > 0 {
		b.Vars = []*value.Map{vars}
	}
	b.Tasks, b.Rescue, b.Always = lw.nodes(x.Tasks), lw.nodes(x.Rescue), lw.nodes(x.Always)
	return b
}

// lowerTask lowers a task; nil if it has no action that is known.
func (lw *lowering) lowerTask(x *playbook.Task) *Task {
	name := x.Keys.Get("name")
	if !name.IsNull() {
		lw.task = name.Text
	}
	defer func() { lw.task = "" }()
	lw.sees(x.Pos, x.Action)
	t := &Task{Pos: x.Pos, Name: lw.value(name), Action: x.Action, Handler: x.Handler, Args: &value.Map{}}
	lw.common(t, x)
	lw.loop(t, x)
	if x.Local {
		t.DelegateTo = "localhost"
	}
	if !lw.action(t, x) {
		return nil
	}
	return t
}

// common lowers the keywords that do not depend on the action.
func (lw *lowering) common(t *Task, x *playbook.Task) {
	k := x.Keys
	t.Keywords = lw.keywords(k)
	t.OwnVars = lw.maps(k, "vars")
	t.Register = lw.single(k, "register")
	t.Until = lw.conditions(k, "until")
	t.ChangedWhen = lw.conditions(k, "changed_when")
	t.FailedWhen = lw.conditions(k, "failed_when")
	t.Retries, t.Delay = lw.single(k, "retries"), lw.single(k, "delay")
	t.Notify = lw.list(k, "notify")
	t.Listen = lw.list(k, "listen")
	t.Async, t.Poll = lw.single(k, "async"), lw.single(k, "poll")
}

func (lw *lowering) loop(t *Task, x *playbook.Task) {
	switch {
	case x.With != "":
		t.LoopWith, t.Loop = x.With, lw.value(x.WithList)
		if _, ok := lw.Lang.Lookup(x.With); !ok && !lw.Late {
			lw.lacks("lookup "+x.With, x.WithKey.Span(), "", "there is no lookup %q to loop with", x.With)
		}
	case x.Keys.Get("loop") != nil:
		if t.Loop = lw.single(x.Keys, "loop"); t.Loop == nil {
			t.Loop = []any{}
		}
		lw.literalLoop(x.Keys.Get("loop"))
	}
	if lc := x.Keys.Get("loop_control"); !lc.IsNull() {
		lw.loopControl(t, lc)
	}
}

// literalLoop refuses a loop over what is plainly no list.
func (lw *lowering) literalLoop(n *source.Node) {
	if lw.Late {
		return
	}
	if n.Kind == source.Mapping {
		lw.errorf(n.Span(), "use the dict2items filter", "loop wants a list, this is a mapping")
	} else if n.Kind == source.Scalar && !n.IsNull() && !playbook.IsTemplate(n) {
		lw.errorf(n.Span(), fmt.Sprintf(`to loop over a variable write "{{ %s }}"`, n.Text), "loop wants a list, this is %q", n.Text)
	}
}

func (lw *lowering) loopControl(t *Task, n *source.Node) {
	if n.Kind != source.Mapping {
		return // reported by the parser, or a template
	}
	c := &t.LoopControl
	fields := map[string]*any{"label": &c.Label, "pause": &c.Pause, "extended": &c.Extended, "extended_allitems": &c.ExtendedAllItems}
	for _, p := range n.Pairs {
		switch name := p.Key.Text; {
		case name == "loop_var":
			c.LoopVar = lw.nameOrTemplate(p.Value)
		case name == "index_var":
			c.IndexVar = lw.nameOrTemplate(p.Value)
		case name == "break_when":
			c.BreakWhen = lw.conditionsOf(p.Value)
		case fields[name] != nil:
			*fields[name] = lw.value(p.Value)
		default:
			lw.unknownKey("loop_control", p.Key, []string{"loop_var", "index_var", "break_when", "label", "pause", "extended", "extended_allitems"})
		}
	}
}

// nameOrTemplate is what names a variable, perhaps only when the task is reached.
func (lw *lowering) nameOrTemplate(n *source.Node) any {
	if playbook.IsTemplate(n) {
		return lw.value(n)
	}
	return lw.name(n)
}

// name is the text of a node that names a variable.
func (lw *lowering) name(n *source.Node) string {
	if n.IsNull() {
		return ""
	}
	if n.Kind != source.Scalar || !playbook.IsVariableName(n.Text) {
		lw.errorf(n.Span(), "letters, digits and _ only, no digit first", "%q cannot be the name of a variable", n.Text)
	}
	return n.Text
}

func (lw *lowering) unknownKey(what string, key *source.Node, known []string) {
	hint := ""
	if near := diag.Nearest(key.Text, known); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	lw.errorf(key.Span(), hint, "%s has no key %q", what, key.Text)
}

// action lowers what the task does. False: that is not known, which has been reported.
func (lw *lowering) action(t *Task, x *playbook.Task) bool {
	switch playbook.Directive(x.Action) {
	case "meta":
		t.Kind = KindMeta
		return lw.meta(t, x)
	case "include_tasks":
		t.Kind = KindIncludeTasks
		return lw.includeTasks(t, x)
	case "import_tasks":
		t.Kind = kindImportTasks
		return lw.includeTasks(t, x)
	case "include_role":
		if x.Handler {
			lw.errorf(x.Span(), "notify a handler of the role, or use include_tasks", "a role cannot be a handler")
			return false
		}
		t.Kind = KindIncludeRole
		return lw.includeRole(t, x)
	case "import_role":
		t.Kind = kindImportRole
		return lw.includeRole(t, x)
	case "include":
		lw.errorf(x.Span(), "write include_tasks, or import_tasks for a static include", "include no longer exists")
		return false
	case "import_playbook":
		lw.errorf(x.Span(), "put it among the plays", "import_playbook cannot stand in a list of tasks")
		return false
	}
	return lw.moduleAction(t, x)
}

// metas are the actions of meta.
var metas = []string{"flush_handlers", "refresh_inventory", "noop", "clear_facts", "clear_host_errors", "end_play", "end_host", "end_batch",
	"end_role", "reset_connection"}

func (lw *lowering) meta(t *Task, x *playbook.Task) bool {
	at := x.Span()
	switch {
	case x.Free != nil:
		t.Meta, at = x.Free.Text, x.Free.Span()
	case x.Args.Get("_raw_params") != nil:
		t.Meta, at = x.Args.Get("_raw_params").Text, x.Args.Get("_raw_params").Span()
	}
	if t.Meta == "end_role" && x.Handler {
		lw.errorf(at, "", "end_role cannot be a handler")
		return false
	}
	for _, m := range metas {
		if m == t.Meta {
			return true
		}
	}
	if lw.Late && t.Meta != "" {
		return true
	}
	hint := ""
	if near := diag.Nearest(t.Meta, metas); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	if t.Meta == "" {
		lw.errorf(at, "such as meta: flush_handlers", "meta says nothing")
	} else {
		lw.errorf(at, hint, "meta has no action %q", t.Meta)
	}
	return false
}

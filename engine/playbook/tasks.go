package playbook

import (
	"fmt"
	"strings"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/source"
)

// nodes reads a list of tasks and blocks; what names it in messages.
func (r *reader) nodes(what string, n *source.Node, handlers bool) []Node {
	if n.IsNull() {
		return nil
	}
	if n.Kind == source.Scalar {
		r.add(n.Span(), "begin each task with a dash", "%s is a list, this is a single value: %s", what, n.Text)
		return nil
	}
	if n.Kind != source.Sequence {
		r.add(n.Span(), "begin each task with a dash", "%s is a list, this is %s", what, n.Kind)
		return nil
	}
	var out []Node
	for _, item := range n.Items {
		switch {
		case item.IsNull():
			r.ds.Addf(item.Span(), "an empty item in a list of tasks")
		case item.Kind != source.Mapping:
			r.ds.Addf(item.Span(), "a task is a mapping, this is %s", item.Kind)
		case r.looksLikePlay(item):
			r.add(item.Span(), "a whole playbook is read with import_playbook, beside the plays", "this is a play, not a task")
		case item.Get("block") != nil || item.Get("rescue") != nil || item.Get("always") != nil:
			out = append(out, r.block(item, handlers))
		default:
			if t := r.task(item, handlers); t != nil {
				out = append(out, t)
			}
		}
	}
	return out
}

func (r *reader) looksLikePlay(n *source.Node) bool {
	return n.Get("hosts") != nil && (n.Get("tasks") != nil || n.Get("roles") != nil)
}

func (r *reader) block(n *source.Node, handlers bool) Node {
	b := &Block{Pos: n.Pos}
	if n.Get("block") == nil {
		r.ds.Addf(n.Span(), "rescue and always belong to a block, which is missing here")
	}
	for _, p := range n.Pairs {
		switch p.Key.Text {
		case "block":
			b.Tasks = r.nodes("block", p.Value, handlers)
		case "rescue":
			b.Rescue = r.nodes("rescue", p.Value, handlers)
		case "always":
			b.Always = r.nodes("always", p.Value, handlers)
		default:
			r.keyword(&b.Keys, p, inBlock, "a block")
		}
	}
	return b
}

// task reads a task: keywords, one action, maybe a with_X loop.
func (r *reader) task(n *source.Node, handler bool) *Task {
	t := &Task{Pos: n.Pos, Handler: handler}
	var actions, plain []source.Pair
	for _, p := range n.Pairs {
		name := p.Key.Text
		switch {
		case name == "action" || name == "local_action":
			actions = append(actions, p)
		case strings.HasPrefix(name, "with_"):
			r.with(t, p)
		case r.isKeyword(name):
			plain = append(plain, p)
		default:
			actions = append(actions, p)
		}
	}
	chosen, ok := r.choose(n, actions)
	if !ok {
		return nil
	}
	r.action(t, chosen)
	where, what := r.whereOf(t)
	for _, p := range plain {
		r.keyword(&t.Keys, p, where, what)
	}
	if t.With != "" && t.Keys.Get("loop") != nil {
		r.ds.Addf(t.WithKey.Span(), "a task has either loop or with_%s, not both", t.With)
	}
	return t
}

// isKeyword tells words that say how from the one that says what. gather_facts is both: a keyword of plays and a module.
func (r *reader) isKeyword(name string) bool {
	if k, ok := keywords[name]; ok && k.where&onTasks == 0 && r.IsModule(name) {
		return false
	}
	if _, old := removed[name]; old && name != "include" {
		return true
	}
	_, ok := keywords[name]
	return ok
}

// whereOf tells which keywords the task may have: an include takes fewer.
func (r *reader) whereOf(t *Task) (place, string) {
	switch d := Directive(t.Action); {
	case d == "include_tasks" || d == "include_role":
		return inInclude, d
	case t.Handler:
		return inHandler, "a handler"
	}
	return inTask, "a task"
}

func (r *reader) with(t *Task, p source.Pair) {
	if t.With != "" {
		r.ds.Addf(p.Key.Span(), "a task has one loop, this one has with_%s too", t.With)
		return
	}
	t.With, t.WithKey, t.WithList = strings.TrimPrefix(p.Key.Text, "with_"), p.Key, p.Value
	if p.Value.IsNull() {
		r.ds.Addf(p.Key.Span(), "%s has no value", p.Key.Text)
	}
}

// choose finds the action among the words of a task that are no keywords. Those that are left over are misspelt keywords or a second action.
func (r *reader) choose(n *source.Node, actions []source.Pair) (source.Pair, bool) {
	if len(actions) == 0 {
		r.add(n.Span(), "add a module, such as command: ...", "the task does nothing: no module is named in it")
		return source.Pair{}, false
	}
	best := actions[0]
	for _, rank := range []func(source.Pair) bool{r.isAction, notNearKeyword} {
		if found := first(actions, rank); found >= 0 {
			best = actions[found]
			break
		}
	}
	for _, p := range actions {
		if p.Key == best.Key {
			continue
		}
		if r.isAction(p) {
			r.ds.Addf(p.Key.Span(), "a task has one action, this one has %s and %s", best.Key.Text, p.Key.Text)
			continue
		}
		r.unknownWord(p)
	}
	return best, true
}

func (r *reader) unknownWord(p source.Pair) {
	hint := ""
	if near := diag.Nearest(p.Key.Text, TaskKeywords()); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	} else if k, ok := keywords[p.Key.Text]; ok {
		hint = "it may stand on " + places(k.where)
	}
	r.add(p.Key.Span(), hint, "%q is neither a keyword of a task nor a module", p.Key.Text)
}

func first(pairs []source.Pair, is func(source.Pair) bool) int {
	for i, p := range pairs {
		if is(p) {
			return i
		}
	}
	return -1
}

func (r *reader) isAction(p source.Pair) bool {
	name := p.Key.Text
	return name == "action" || name == "local_action" || Directive(name) != "" || r.IsModule(name)
}

func notNearKeyword(p source.Pair) bool {
	return strings.Contains(p.Key.Text, ".") || diag.Nearest(p.Key.Text, TaskKeywords()) == ""
}

// action sets the task's action and arguments, from `module: arguments` or from `action: module arguments`.
func (r *reader) action(t *Task, p source.Pair) {
	t.Word = p.Key
	switch p.Key.Text {
	case "action", "local_action":
		t.Local = p.Key.Text == "local_action"
		r.oldAction(t, p)
		return
	}
	t.Action = p.Key.Text
	r.arguments(t, p.Value)
}

func (r *reader) arguments(t *Task, n *source.Node) {
	switch {
	case n.IsNull():
	case n.Kind == source.Mapping:
		t.Args = n
	case n.Kind == source.Sequence:
		r.ds.Addf(n.Span(), "the arguments of %s are a mapping, this is a list", t.Action)
	default:
		t.Free = &Text{Text: n.Text, At: n.At}
	}
}

// oldAction reads action: NAME k=v ..., and action: {module: NAME, ...}.
func (r *reader) oldAction(t *Task, p source.Pair) {
	n := p.Value
	switch {
	case n.Kind == source.Mapping && n.Get("module") != nil:
		r.splitAction(t, n.Get("module"))
		t.Args = unnested(without(n, "module"))
	case n.Kind == source.Scalar && strings.TrimSpace(n.Text) != "":
		r.splitAction(t, n)
	default:
		r.ds.Addf(p.Key.Span(), "%s wants the name of a module", p.Key.Text)
		t.Action = p.Key.Text
	}
}

// splitAction parts the name of the module, which may be a template, from the arguments after it.
func (r *reader) splitAction(t *Task, n *source.Node) {
	words, open := splitWords(n.Text)
	if open >= 0 || len(words) == 0 {
		words = [][2]int{{0, len(n.Text)}}
	}
	all := Text{Text: n.Text, At: n.At}
	name := all.Sub(words[0][0], words[0][1])
	t.Action, t.Word = name.Text, n
	if strings.Contains(t.Action, "{{") || strings.Contains(t.Action, "{%") {
		t.Chosen = &name
	}
	if rest := strings.TrimLeft(n.Text[words[0][1]:], " \t\n"); rest != "" {
		free := all.Sub(len(n.Text)-len(rest), len(n.Text))
		t.Free = &free
	}
}

// unnested is a mapping of arguments with those that stand in its args beside the others.
func unnested(n *source.Node) *source.Node {
	inner := n.Get("args")
	if inner.IsNull() || inner.Kind != source.Mapping {
		return n
	}
	m := *without(n, "args")
	m.Pairs = append(m.Pairs[:len(m.Pairs):len(m.Pairs)], inner.Pairs...)
	return &m
}

// without is a mapping less one key.
func without(n *source.Node, key string) *source.Node {
	m := *n
	m.Pairs = nil
	for _, p := range n.Pairs {
		if p.Key.Text != key {
			m.Pairs = append(m.Pairs, p)
		}
	}
	return &m
}

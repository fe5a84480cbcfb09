package run

import (
	"errors"
	"fmt"
	"slices"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/program"
	"github.com/drydock-dev/drydock/engine/value"
)

// This file holds how a Scout reads the tasks that lie before a host.

// Prospect is one task that a run may come to on a host.
type Prospect struct {
	Ref        event.TaskRef
	Module     module.Module
	Args       *value.Map // evaluated, as far as that can be done
	Unknown    []string   // arguments that only the run itself can evaluate
	Sure       bool       // all of its conditions are known to hold; else they depend on what the run finds
	Disruption module.Disruption
	Delegate   string // the host it is delegated to; empty: its own
	open       func() (module.Host, error)
}

// Open gives the host that the task would act on, for looking only.
func (p Prospect) Open() (module.Host, error) { return p.open() }

// Prospects are the tasks before a host that wants chooses, in order, with those of files and roles that are included: rescue is left out, and so
// is what tags, known conditions and check_mode leave out. Unread names includes that cannot be read yet.
func (l *Leg) Prospects(host string, wants func(module.Module) bool) (found []Prospect, unread []string) {
	w := &walk{Leg: l, host: host, wants: wants}
	w.blocks(l.play.Blocks, reach{sure: true})
	w.blocks(l.play.Handlers, reach{})
	return w.found, w.unread
}

// walk goes through the tasks of one host.
type walk struct {
	*Leg
	host   string
	wants  func(module.Module) bool
	found  []Prospect
	unread []string
}

// reach is how a task is come to.
type reach struct {
	depth int  // of includes
	sure  bool // the conditions of all of these are known to hold
}

// deepest is how many includes inside each other are followed: a file may include itself under a condition that nobody knows yet.
const deepest = 12

func (w *walk) blocks(blocks []*program.Block, via reach) {
	for _, b := range blocks {
		w.nodes(b.Tasks, via)
		w.nodes(b.Always, via)
	}
}

func (w *walk) nodes(nodes []program.Node, via reach) {
	for _, n := range nodes {
		switch x := n.(type) {
		case *program.Block:
			w.blocks([]*program.Block{x}, via)
		case *program.Task:
			w.task(x, via)
		}
	}
}

func (w *walk) task(t *program.Task, via reach) {
	if t.Kind == program.KindMeta || !t.Handler && !w.scout.r.selects(w.play)(t) {
		return
	}
	at := w.worker(w.host, t)
	holds, sure := at.foretell(t.When, at.env)
	if !holds {
		return
	}
	if t.Kind == program.KindIncludeTasks || t.Kind == program.KindIncludeRole {
		w.include(at, reach{via.depth + 1, via.sure && sure})
		return
	}
	if t.Module == nil || !w.wants(t.Module) {
		return
	}
	if t.CheckMode != nil && at.truth(t.CheckMode, at.env) {
		return
	}
	for _, item := range w.items(at) {
		w.prospect(at, item, via.sure && sure)
	}
}

// foretell evaluates conditions as far as they are known. One that is known not to hold decides; one that is not known leaves the rest open.
func (w *worker) foretell(conds []any, env jinja.Env) (holds, sure bool) {
	sure = true
	for _, c := range conds {
		ok, _, err := w.all([]any{c}, env)
		switch {
		case err != nil:
			sure = false
		case !ok:
			return false, true
		}
	}
	return true, sure
}

// items are the environments of a task's loop: one without a loop; one in which the item is unknown where the loop is.
func (w *walk) items(at *worker) []jinja.Env {
	if at.task.Loop == nil && at.task.LoopWith == "" {
		return []jinja.Env{at.env}
	}
	name := "item"
	if n, err := at.textIn(at.task.LoopControl.LoopVar, at.env); err == nil && n != "" {
		name = n
	}
	list, err := at.items()
	if err != nil {
		return []jinja.Env{&dimmed{at.env, map[string]bool{name: true}}}
	}
	var out []jinja.Env
	for _, item := range list {
		out = append(out, &overlay{under: at.env, local: value.NewMap(name, item)})
	}
	return out
}

func (w *walk) prospect(at *worker, env jinja.Env, sure bool) {
	p := Prospect{Ref: at.ref, Module: at.task.Module, Sure: sure}
	p.Args, p.Unknown = at.knownArgs(env)
	delegate, err := at.textIn(at.task.DelegateTo, env)
	if err != nil {
		p.Unknown = append(p.Unknown, "delegate_to")
	}
	p.Delegate = delegate
	p.Disruption = module.DisruptionOf(p.Module, p.Args)
	p.open = func() (module.Host, error) { return w.open(at, delegate) }
	w.found = append(w.found, p)
}

// knownArgs evaluates arguments one by one and names those that cannot be yet.
func (w *worker) knownArgs(env jinja.Env) (out *value.Map, unknown []string) {
	out, err := w.defaults(env)
	if err != nil {
		out, unknown = &value.Map{}, []string{"module_defaults"}
	}
	if w.task.ArgsFrom != nil {
		v, err := jinja.Resolve(w.task.ArgsFrom, env)
		more, ok := v.(*value.Map)
		if err != nil || !ok {
			unknown = append(unknown, "args")
		} else {
			out.Merge(more)
		}
	}
	for k, raw := range w.task.Args.All() {
		name, v, err := w.arg(value.Str(k), raw, env)
		switch _, omit := v.(value.Omit); {
		case err != nil:
			unknown = append(unknown, name)
		case omit:
			out.Delete(name)
		default:
			out.Set(name, v)
		}
	}
	return out, unknown
}

// include goes on into what a task includes.
func (w *walk) include(at *worker, via reach) {
	if via.depth > deepest {
		w.leave(at, errors.New("too many includes inside each other"))
		return
	}
	for _, env := range w.items(at) {
		blocks, err := w.read(at, env)
		if err != nil {
			w.leave(at, err)
			continue
		}
		w.scout.dims(blocks)
		w.blocks(blocks, via)
	}
}

func (w *walk) leave(at *worker, err error) {
	text := fmt.Sprintf("%s (%s): %v", at.ref.Name, at.task.Pos, err)
	if !slices.Contains(w.unread, text) {
		w.unread = append(w.unread, text)
	}
}

// read compiles what an include names for the host.
func (w *walk) read(at *worker, env jinja.Env) ([]*program.Block, error) {
	t := *at.task
	if t.Kind == program.KindIncludeTasks {
		file, err := at.textIn(t.Include.File, env)
		if err != nil {
			return nil, err
		}
		blocks, mistakes := w.scout.r.Compiler.IncludeTasks(&t, file)
		return blocks, mistakes.Err()
	}
	use, err := at.roleUse(t.Include, env)
	if err != nil {
		return nil, err
	}
	role, blocks, mistakes := w.scout.r.Compiler.IncludeRole(&t, use.name, use.from)
	if mistakes.HasErrors() {
		return nil, mistakes.Err()
	}
	w.blocks(role.Handlers, reach{depth: deepest})
	return blocks, nil
}

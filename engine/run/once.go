package run

import (
	"context"
	"errors"
	"fmt"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/program"
	"github.com/drydock-dev/drydock/engine/value"
)

// once is what came of doing a task for one item, or for the one time there is.
type once struct {
	result   *value.Map
	status   event.Status
	effects  []effect
	include  *inclusion
	delegate string
	ref      event.TaskRef // with the action that was chosen
	diffs    []event.Diff
	verbose  bool
	final    bool // the module was never asked: neither failed_when nor another try changes it
	past     bool // it was done and told by an earlier process
	err      error
}

func (o *once) visibleDiffs(show bool) []event.Diff {
	if !show {
		return nil
	}
	return o.diffs
}

// once does the task in one environment: condition, arguments, the host, tries.
func (w *worker) once(ctx context.Context, env jinja.Env) *once {
	if r, skip := w.skipped(env); r != nil {
		if skip {
			return &once{result: r, status: event.Skipped}
		}
		return &once{result: r, status: event.Failed}
	}
	if w.task.Broken != "" {
		return failedWith("Task failed: %s", w.task.Broken).failed()
	}
	if err := w.misread(env); err != nil {
		return &once{result: broken(err), status: event.Failed}
	}
	switch w.task.Kind {
	case program.KindIncludeTasks, program.KindIncludeRole:
		return w.inclusion(env)
	}
	if w.task.Chosen != nil {
		chosen, err := w.choose(env)
		if err != nil {
			return &once{result: broken(err), status: event.Failed}
		}
		defer func(w *worker) {
			w.cause, w.secret, w.acted, w.jobs, w.lost = chosen.cause, chosen.secret, chosen.acted, chosen.jobs, chosen.lost
		}(w)
		w = chosen
	}
	delegate, err := w.textIn(w.task.DelegateTo, env)
	if err != nil {
		return &once{result: broken(err), status: event.Failed}
	}
	if delegate != "" {
		if env, err = w.delegated(env, delegate); err != nil {
			return &once{result: broken(err), status: event.Failed}
		}
	}
	o := w.tries(ctx, env, delegate)
	o.delegate, o.ref = delegate, w.ref
	if errors.Is(o.err, errUnreachable) {
		o.result, o.status, o.err = unreachable(o.err), event.Unreachable, nil
	}
	return o
}

// skipped evaluates `when`. A nil result means that the task goes on; else it is the result of a task that is skipped or, with
// skip false, whose condition cannot be evaluated.
func (w *worker) skipped(env jinja.Env) (result *value.Map, skip bool) {
	ok, cond, err := w.all(w.task.When, env)
	if err != nil {
		w.blame(err, env)
		return value.NewMap("changed", false, "failed", true, "msg", fmt.Sprintf("Task failed: %v", err)), false
	}
	if ok {
		return nil, false
	}
	return value.NewMap("changed", false, "skipped", true, "skip_reason", "Conditional result was False", "false_condition", cond), true
}

// args evaluates the arguments; what is omitted is not there.
func (w *worker) args(env jinja.Env) (*value.Map, error) {
	out, err := w.defaults(env)
	if err != nil {
		return nil, err
	}
	if w.task.ArgsFrom != nil {
		v, err := jinja.Resolve(w.task.ArgsFrom, env)
		if err != nil {
			return nil, unresolved("args", err)
		}
		more, ok := v.(*value.Map)
		if !ok {
			return nil, fmt.Errorf("the value of 'args' is %s, not a mapping", value.TypeName(v))
		}
		out.Merge(more)
	}
	for k, raw := range w.task.Args.All() {
		name, v, err := w.arg(value.Str(k), raw, env)
		if err != nil {
			return nil, err
		}
		if _, omit := v.(value.Omit); omit {
			out.Delete(name)
			continue
		}
		out.Set(name, v)
	}
	if w.task == w.Setup && !out.Has("gather_subset") && len(w.r.GatherSubset) > 0 {
		out.Set("gather_subset", value.From(w.r.GatherSubset))
	}
	return out, nil
}

// arg evaluates one argument, and its name.
func (w *worker) arg(written string, raw any, env jinja.Env) (name string, v any, err error) {
	if name, err = w.argName(written, env); err != nil {
		return written, nil, err
	}
	if p, ok := module.ParamOf(w.task.Module, name); ok && p.Unevaluated {
		return name, raw, nil
	}
	if v, err = jinja.Resolve(raw, env); err != nil {
		return name, nil, unresolved(name, err)
	}
	return name, v, nil
}

// unresolved says of which argument the value could not be evaluated.
func unresolved(name string, err error) error {
	return fmt.Errorf("Error while resolving value for '%s': %w", name, jinja.Rendering("template", err))
}

// argName evaluates the name of an argument: set_fact takes templates there.
func (w *worker) argName(name string, env jinja.Env) (string, error) {
	if !jinja.HasTemplate(name) {
		return name, nil
	}
	t, mistakes := w.r.Lang.Parse(jinja.Source{Text: name})
	if err := mistakes.Err(); err != nil {
		return "", err
	}
	v, err := t.Eval(env)
	return value.Str(v), err
}

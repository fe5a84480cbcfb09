package run

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/drydock-dev/drydock/engine/conn"
	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/guard"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// try asks the module for its plan and has it carried out.
func (w *worker) try(ctx context.Context, env jinja.Env, delegate string) *once {
	args, err := w.args(env)
	if err != nil {
		w.blame(err, env)
		name := w.task.Module.Spec().Name
		return &once{final: true, result: value.NewMap("changed", false, "failed", true,
			"msg", fmt.Sprintf("Task failed: Finalization of task args for '%s' failed: %v", name, err))}
	}
	host, err := w.open(env, delegate)
	if err != nil {
		return w.failure(err)
	}
	whole := ctx
	limit := float64(w.r.TaskTimeout)
	if w.task.Timeout != nil {
		limit = w.float(w.task.Timeout, env)
	}
	if limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = module.Timeout(ctx, seconds(limit), &timeoutError{limit})
		defer cancel()
	}
	if w.limitOf(env) > 0 {
		return w.async(whole, ctx, env, host, args, delegate)
	}
	return w.invoked(w.perform(ctx, env, host, args, delegate), args)
}

// perform has a module carried out whose arguments are known and whose host is open.
func (w *worker) perform(ctx context.Context, env jinja.Env, host *machine, args *value.Map, delegate string) *once {
	plan, err := w.plan(ctx, host, args)
	if err != nil {
		return w.failure(cause(ctx, err))
	}
	check := w.checks(w.task, env)
	w.disruption = module.DisruptionOf(w.task.Module, args)
	w.veiled = w.hidden(env)
	res, err := w.carryOut(ctx, plan, host, check)
	if err != nil {
		return w.failure(cause(ctx, err))
	}
	return w.outcome(res, host, delegate, env)
}

// plan asks the module. What it noted in a process that died is offered once: the next try is a new one.
func (w *worker) plan(ctx context.Context, host *machine, args *value.Map) (module.Plan, error) {
	defer func() { w.note = nil }()
	return w.task.Module.Plan(ctx, host, args)
}

// actor is a host that can be allowed to act.
type actor interface {
	module.Host
	mayAct()
	unlock() // takes the lock of check mode off the connection
}

// carryOut is the one place where a plan becomes an act, and the one that knows check mode: in it, Apply is not called.
// That the act begins is told before it does; an event that cannot be kept stops it.
func (w *worker) carryOut(ctx context.Context, p module.Plan, host actor, check bool) (module.Result, error) {
	switch {
	case p.Kind() == module.KindDone:
		return p.Result(), nil
	case p.Kind() == module.KindForeign:
		return w.call(ctx, p.Call(), host, check)
	case check && p.Kind() == module.KindOpaque:
		r := p.Result()
		r.Skipped, r.Changed = true, false
		if r.Msg == "" {
			r.Msg = p.Why()
		}
		return r, nil
	case check:
		r := p.Result()
		r.Changed = !p.Quiet()
		d := p.Diff()
		r.Diff = &d
		return r, nil
	}
	if wait := p.StandBy(); wait != nil {
		if r, err := wait(ctx, host); err != nil || r.Failed {
			return r, err
		}
	}
	defer w.leave(ctx)
	if skip, err := w.begin(ctx, host, w.announcement(p, host)); err != nil || skip != "" {
		return module.Result{Skipped: skip != "", Msg: skip}, err
	}
	r, err := p.Apply()(ctx, host)
	if told := w.tellPackages(r.Packages, host); told != nil {
		return r, told
	}
	if err == nil && r.Diff == nil && p.Kind() == module.KindChange {
		d := p.Diff()
		r.Diff = &d
	}
	return r, err
}

// begin comes before an act: the guard is asked, and what begins is told. A text says why the task is left out instead.
func (w *worker) begin(ctx context.Context, host actor, note *value.Map) (skip string, err error) {
	if err := w.mayDisrupt(ctx, host); err != nil {
		return "", err
	}
	host.mayAct() // the guard marks the Node before it is cordoned
	begun := event.ApplyStarted{Host: w.host, Task: w.ref, Note: note, Step: w.part}
	if skip, err := w.permit(ctx, host, &begun); err != nil || skip != "" {
		return skip, err
	}
	begun.At = w.r.Clock.Now()
	if err := w.giveUp(); err != nil {
		return "", &sinkError{err}
	}
	w.acted = true
	if err := w.r.bus.emit(begun); err != nil {
		return "", &sinkError{err}
	}
	if err := w.r.Memory.Commit(); err != nil {
		return "", &sinkError{err}
	}
	return "", nil
}

// call lets a program of the content's own do, in check mode too: it is told, and the connection is opened to it.
func (w *worker) call(ctx context.Context, call module.Call, host actor, check bool) (module.Result, error) {
	host.mayAct()
	if !check {
		if skip, err := w.begin(ctx, host, nil); err != nil || skip != "" {
			return module.Result{Skipped: skip != "", Msg: skip}, err
		}
	}
	host.unlock()
	return call(ctx, host, check)
}

// sinkError marks that an event could not be kept, which ends the run.
type sinkError struct{ error }

func (e *sinkError) Unwrap() error { return e.error }

type timeoutError struct{ seconds float64 }

func (e *timeoutError) Error() string {
	return fmt.Sprintf("Timed out after %v second(s).", time.Duration(e.seconds*float64(time.Second)).Seconds())
}

// cause prefers the reason for which a context ended to the bare fact.
func cause(ctx context.Context, err error) error {
	var late *timeoutError
	if errors.As(context.Cause(ctx), &late) {
		return late
	}
	return err
}

// failure sorts an error of the way to a host: closed (unreachable), a failure of the task, or the end of the run.
func (w *worker) failure(err error) *once {
	var sink *sinkError
	var late *timeoutError
	var locked *guard.Locked
	var held *HeldError
	switch {
	case errors.As(err, &held):
		return &once{err: held}
	case errors.As(err, &locked):
		return &once{err: &contentError{text: locked.Error(), code: ExitLocked}}
	case errors.As(err, &late):
		o := failedWith("Task failed: %v", err)
		o.result.Set("timedout", value.NewMap("frame", "Configure `DISPLAY_TRACEBACK` to see a traceback on timeout errors.", "period", int(late.seconds)))
		return o
	case errors.As(err, &sink):
		return &once{err: sink.error}
	case errors.Is(err, conn.ErrBecome):
		return failedWith("Task failed: %v", err)
	case errors.Is(err, conn.ErrUnreachable), errors.Is(err, conn.ErrHostKey), errors.Is(err, conn.ErrAuth):
		return &once{err: errors.Join(errUnreachable, err)}
	case errors.Is(err, context.Canceled):
		return &once{err: err}
	}
	return failedWith("Task failed: %v", err)
}

func failedWith(format string, args ...any) *once {
	return &once{result: value.NewMap("changed", false, "failed", true, "msg", fmt.Sprintf(format, args...))}
}

// speaks tells whether a result is to be shown whole: debug, and assert unless it is quiet.
func (w *worker) speaks(env jinja.Env) bool {
	switch w.task.Module.Spec().Name {
	case "ansible.builtin.debug":
		return true
	case "ansible.builtin.assert":
		return !w.truth(w.task.Args.Value("quiet"), env)
	}
	return false
}

// outcome makes the result of a task of what its module answered.
func (w *worker) outcome(r module.Result, host *machine, delegate string, env jinja.Env) *once {
	grown := w.grow(&r)
	if r.Secret { // written only then: a job that this process carries out may be reading it
		w.secret = true
	}
	o := &once{result: resultMap(r), verbose: w.speaks(env), effects: grown}
	if len(r.Warnings) > 0 && !w.hidden(env) { // they quote what a task works with
		for _, text := range r.Warnings {
			if err := w.emit(event.Message{Level: "warning", Text: text}); err != nil {
				return &once{err: err}
			}
		}
	}
	target := w.host
	if delegate != "" && w.truth(w.task.DelegateFacts, env) {
		target = delegate
	}
	if r.Facts != nil {
		o.effects = append(o.effects, effect{host: target, kind: setFacts, vars: r.Facts})
	}
	if r.HostVars != nil {
		o.effects = append(o.effects, effect{host: target, kind: setHostVars, vars: r.HostVars})
	}
	if r.Vars != nil {
		o.effects = append(o.effects, effect{host: target, kind: setIncluded, vars: r.Vars})
	}
	if d := r.Diff; d != nil && r.Changed {
		o.diffs = append(o.diffs, event.Diff{Before: d.Before, After: d.After, BeforeHeader: d.BeforeHeader, AfterHeader: d.AfterHeader, Prepared: d.Prepared})
		if w.showsDiffOf(w.task, env) && !o.result.Has("diff") {
			o.result.Set("diff", d.Value())
		}
	}
	return o
}

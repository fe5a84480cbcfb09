package run

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

// tries does the task until it is as wanted: once without until and retries.
func (w *worker) tries(ctx context.Context, env jinja.Env, delegate string) *once {
	limit, delay, err := w.limit(env)
	if err != nil {
		return &once{result: broken(err), status: event.Failed}
	}
	for n := 1; ; n++ {
		o := w.try(ctx, env, delegate)
		if o.err != nil {
			return o
		}
		if o.final {
			return w.settled(o)
		}
		if limit > 1 {
			o.result.Set("attempts", n)
		}
		seen := w.registered(env, o.result)
		if err := w.judge(seen, o); err != nil {
			return w.settled(o)
		}
		if limit <= 1 {
			return w.settled(o)
		}
		if met, err := w.met(seen, o); met || err != nil {
			if err != nil {
				o.result = broken(err)
			}
			return w.settled(o)
		}
		if n >= limit {
			o.result.Set("attempts", limit-1)
			o.result.Set("failed", true)
			return w.settled(o)
		}
		if o.err = w.again(ctx, o, n, limit, delay, env, delegate); o.err != nil {
			return o
		}
	}
}

// limit is the number of tries and the time between them; 5 s unless the task says otherwise, as in Ansible.
func (w *worker) limit(env jinja.Env) (int, time.Duration, error) {
	t := w.task
	delay := 5.0
	if t.Delay != nil {
		delay = w.float(t.Delay, env)
	}
	if t.Retries == nil {
		if len(t.Until) > 0 {
			return 4, seconds(delay), nil
		}
		return 1, 0, nil
	}
	v, err := jinja.Resolve(t.Retries, env)
	if err != nil {
		return 0, 0, err
	}
	if _, omit := v.(value.Omit); omit {
		return 1, 0, nil
	}
	n, ok := toInt(v)
	if !ok {
		return 0, 0, fmt.Errorf("the value of 'retries' is not a number: %s", value.Repr(v))
	}
	return max(n, 0) + 1, seconds(max(delay, 0)), nil
}

// registered is the environment with the task's result under the name of register.
func (w *worker) registered(env jinja.Env, result *value.Map) jinja.Env {
	local := &value.Map{}
	if name, err := w.textIn(w.task.Register, env); err == nil && name != "" {
		local.Set(name, result)
	}
	for _, k := range []any{"ansible_facts"} {
		if facts, ok := result.Get(k); ok && w.task.Module.Spec().Controller {
			if m, ok := facts.(*value.Map); ok {
				local.Merge(m)
			}
		}
	}
	if local.Len() == 0 {
		return env
	}
	return &overlay{under: env, local: local}
}

// judge applies changed_when and failed_when to a result. Its error says that a condition could not be evaluated, which is a
// failure of the task.
func (w *worker) judge(env jinja.Env, o *once) error {
	if isTruthy(o.result.Value("skipped")) {
		return nil
	}
	if len(w.task.ChangedWhen) > 0 {
		ok, _, err := w.all(w.task.ChangedWhen, env)
		if err != nil {
			return conditionFailed(o, "changed_when", err)
		}
		o.result.Set("changed", ok)
		o.result.Set("changed_when_result", ok)
	}
	if len(w.task.FailedWhen) == 0 {
		return nil
	}
	failed, _, err := w.all(w.task.FailedWhen, env)
	if err != nil {
		return conditionFailed(o, "failed_when", err)
	}
	was := isTruthy(o.result.Value("failed"))
	o.result.Set("failed", failed)
	o.result.Set("failed_when_result", failed)
	if failed && !was && !w.task.Module.Spec().Controller {
		o.result.Set("msg", "Task failed: Action failed: A 'failed_when' expression evaluated to 'True'.")
	}
	return nil
}

func conditionFailed(o *once, keyword string, err error) error {
	o.result.Set(keyword+"_result", err.Error())
	o.result.Set("failed", true)
	o.result.Set("msg", fmt.Sprintf("Task failed: Action failed: A '%s' expression failed: %v", keyword, err))
	return err
}

// met tells whether the tries are over: until holds or, without it, the task did not fail.
func (w *worker) met(env jinja.Env, o *once) (bool, error) {
	if len(w.task.Until) == 0 {
		return !isTruthy(o.result.Value("failed")), nil
	}
	ok, _, err := w.all(w.task.Until, env)
	return ok, err
}

// again tells of a try in vain and waits for the next.
func (w *worker) again(ctx context.Context, o *once, n, limit int, delay time.Duration, env jinja.Env, delegate string) error {
	ref := w.ref
	ref.NoLog = w.hidden(env)
	err := w.emit(event.Retry{Host: w.host, DelegatedTo: delegate, Task: ref, Attempts: n, Retries: limit, Result: shown(o.result, ref.NoLog)})
	if err != nil {
		return err
	}
	return w.r.Clock.Sleep(ctx, delay)
}

// isFailed tells whether a result is a failure: as failed_when says, where it says something, for it outlasts tries in vain.
func isFailed(r *value.Map) bool {
	if v, ok := r.Value("failed_when_result").(bool); ok {
		return v
	}
	return isTruthy(r.Value("failed"))
}

// settled reads the status off a finished result.
func (w *worker) settled(o *once) *once {
	switch {
	case isFailed(o.result):
		o.status = event.Failed
	case isTruthy(o.result.Value("skipped")):
		o.status = event.Skipped
	case isTruthy(o.result.Value("changed")):
		o.status = event.Changed
	default:
		o.status = event.OK
	}
	if o.status == event.Failed {
		o.effects = nil
	}
	return o
}

// errUnreachable marks errors that mean that the way to a host is closed.
var errUnreachable = errors.New("unreachable")

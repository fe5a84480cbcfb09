package run

import (
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/program"
	"github.com/drydock-dev/drydock/engine/strategy"
)

// confirm asks, with --step, whether a task is to be done.
func (b *batchRun) confirm(t *program.Task, steps []strategy.Step) (bool, error) {
	if !b.r.stepping {
		return true, nil
	}
	answer, err := b.r.Confirm(b.nameOf(t, b.env(steps[0].Host, t, nil)))
	if err != nil {
		return false, err
	}
	if answer == Continue {
		b.r.stepping = false
	}
	return answer != No, nil
}

// skipAll passes over a task that a person did not want.
func (b *batchRun) skipAll(steps []strategy.Step) {
	for _, s := range steps {
		b.sched.Record(strategy.Outcome{Host: s.Host, Task: s.Task})
	}
}

// checks tells whether a task runs in check mode: as it says, else as the command line says.
func (p *playRun) checks(t *program.Task, env jinja.Env) bool {
	if t.CheckMode != nil {
		return p.truth(t.CheckMode, env)
	}
	return p.r.Check
}

// hides tells whether no_log covers a task: as it says, else as configured. What cannot be evaluated hides.
func (p *playRun) hides(t *program.Task, env jinja.Env) bool {
	if t.NoLog == nil {
		return p.r.NoLog
	}
	v, err := jinja.Resolve(t.NoLog, env)
	if err != nil {
		return true
	}
	hidden, err := module.ToBool(v)
	return err != nil || hidden == true
}

// showsDiffOf tells whether a task's difference is shown.
func (p *playRun) showsDiffOf(t *program.Task, env jinja.Env) bool {
	if t.Diff != nil {
		return p.truth(t.Diff, env)
	}
	return p.r.Diff
}

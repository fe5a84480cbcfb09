package run

import (
	"fmt"
	"strings"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/program"
	"github.com/drydock-dev/drydock/engine/strategy"
	"github.com/drydock-dev/drydock/engine/value"
)

// announce tells that a task begins.
func (b *batchRun) announce(t *program.Task, steps []strategy.Step) error {
	if t.Implicit && t != b.Setup {
		return nil
	}
	if err := b.locked(steps[:1]); err != nil { // the first host's variables are needed for the task's name already
		return err
	}
	begun := event.TaskStarted{Task: b.refOf(t, b.env(steps[0].Host, t, nil))}
	if b.r.ShowArgs && !begun.Task.NoLog {
		begun.Args, _ = unevaluated(t.Args).(*value.Map)
	}
	if err := b.emit(begun); err != nil {
		return err
	}
	return b.locked(steps)
}

// locked ends the run where the variables of a host lie in a vault file that no password opens.
func (b *batchRun) locked(steps []strategy.Step) error {
	for _, s := range steps {
		if file := b.r.Vars.Locked(s.Host, b.Dir); file != nil {
			d := file.Diagnostic()
			d.Notes = append(d.Notes, fmt.Sprintf("the variables of host %s", s.Host))
			return &contentError{list: diag.List{d}, code: ExitUnreachable}
		}
	}
	return nil
}

// once tells whether a task runs for the first of its hosts only.
func (b *batchRun) once(t *program.Task, host string) bool {
	if t.Module != nil && t.Module.Spec().RunsOnce {
		return true
	}
	return b.truth(t.RunOnce, b.env(host, t, nil))
}

// report tells of a step's result as soon as it is there.
func (b *batchRun) report(a *answer) error {
	if a.err != nil {
		return a.err
	}
	if !b.debugs(a) { // a person has the last word on it
		if err := b.keep(a); err != nil {
			return err
		}
	}
	return b.quietly(a.quiet, func() error { return b.tell(a) })
}

// tell tells of a result.
func (b *batchRun) tell(a *answer) error {
	if a.changed() && a.status == event.Changed {
		if err := b.checkNotify(a); err != nil {
			return err
		}
		if err := b.notifyAtOnce(a); err != nil {
			return err
		}
	}
	ref := a.ref
	ref.NoLog = a.noLog
	return b.emit(event.HostResult{
		Host: a.host, Task: ref, Status: a.status, Result: shown(a.result, a.noLog),
		Loop: a.loop, DelegatedTo: delegatedShown(a), Diff: b.diffsShown(a), At: a.began.Add(a.took), Duration: a.took, Verbose: a.verbose && !a.noLog, Cause: a.cause,
		Ignored: a.status == event.Unreachable && b.truth(a.task.IgnoreUnreachable, a.env),
	})
}

func delegatedShown(a *answer) string {
	if a.loop {
		return ""
	}
	return a.delegate
}

func (b *batchRun) diffsShown(a *answer) []event.Diff {
	if a.loop || a.noLog || !b.showsDiffOf(a.task, a.env) {
		return nil
	}
	return a.diffs
}

// settle takes answers into the variables, the tally and the scheduler.
func (b *batchRun) settle(answers []*answer) error {
	groups, err := b.include(answers)
	if err != nil {
		return err
	}
	for _, a := range answers {
		if err := b.quietly(a.quiet, func() error { return b.remember(a) }); err != nil {
			return err
		}
		b.count(a, b.record(a, groups[a]))
	}
	return nil
}

// record tells the scheduler and returns whether a rescue takes care of a failure.
func (b *batchRun) record(a *answer, blocks []*program.Block) (rescued bool) {
	o := strategy.Outcome{Host: a.host, Task: a.task, Ran: a.status != event.Skipped && a.status != event.Unreachable, Include: blocks}
	switch a.status {
	case event.Failed:
		o.Verdict = strategy.Failed
	case event.Unreachable:
		if !b.truth(a.task.IgnoreUnreachable, a.env) {
			o.Verdict = strategy.Unreachable
			b.r.unreachable[a.host], b.removed[a.host] = true, true
		}
	}
	rescued = b.sched.Record(o)
	if a.status == event.Failed {
		if rescued {
			b.r.Vars.SetHostVars(a.host, value.NewMap("ansible_failed_task", taskFacts(a), "ansible_failed_result", registered(a.result)))
		}
		if b.control.Failed(a.host) {
			b.removed[a.host] = true
		}
	}
	return rescued
}

// taskFacts is ansible_failed_task.
func taskFacts(a *answer) *value.Map {
	name := a.ref.Name
	if a.task.Name == nil {
		name = "" // what its author gave it
	}
	name = strings.TrimPrefix(name, rolePrefix(a.task))
	return value.NewMap("name", name, "action", a.task.Action, "args", &value.Map{}, "role", roleName(a.task))
}

func roleName(t *program.Task) any {
	if t.Role == nil {
		return nil
	}
	return t.Role.Name
}

// remember registers a result and applies its effects.
func (b *batchRun) remember(a *answer) error {
	name, err := b.textIn(a.task.Register, a.env)
	if err != nil {
		return b.mistake(a.task.Pos, "register: %v", err)
	}
	if name != "" {
		b.r.Vars.Register(a.host, name, registered(a.result))
	}
	for _, e := range a.effects {
		if err := b.apply(e); err != nil {
			return b.mistake(a.task.Pos, "%v", err)
		}
	}
	if a.task == b.Setup || len(a.effects) > 0 {
		if err := b.readFiles(a.host); err != nil {
			return err
		}
	}
	if a.status == event.Changed {
		return b.notify(a)
	}
	return nil
}

func (b *batchRun) apply(e effect) error {
	switch e.kind {
	case setFacts:
		b.r.Vars.SetFacts(e.host, e.vars)
		return b.tellLate()
	case setHostVars:
		b.r.Vars.SetHostVars(e.host, e.vars)
	case setIncluded:
		b.r.Vars.IncludeVars(e.host, e.vars)
	case setInventory:
		return b.takeInventory(e.added)
	case keepStats:
		b.r.tally.keep(e.host, e.stats)
	}
	return nil
}

// tellLate warns of what the store met besides.
func (b *batchRun) tellLate() error {
	for _, d := range b.r.Vars.Late() {
		if err := b.emit(event.Message{Level: "warning", Text: d.Error()}); err != nil {
			return err
		}
	}
	return nil
}

// count adds a result to the recap.
func (b *batchRun) count(a *answer, rescued bool) {
	t := b.r.tally.of(a.host)
	switch a.status {
	case event.OK:
		t.OK += max(1, len(a.includes)) // what is included counts, not the task
	case event.Changed:
		t.OK++
		t.Changed++
	case event.Skipped:
		t.Skipped++
	case event.Ignored:
		t.OK++
		t.Ignored++
		if isTruthy(a.result.Value("changed")) {
			t.Changed++
		}
	case event.Failed:
		if rescued {
			t.Rescued++
		} else {
			t.Failed++
		}
	case event.Unreachable:
		if b.r.unreachable[a.host] {
			t.Unreachable++
		} else {
			t.OK++ // ignore_unreachable, as Ansible counts it
			t.Ignored++
		}
	}
}

// shareOnce gives what a run_once task registered and set to the hosts that it also stands for.
func (b *batchRun) shareOnce(a *answer, rest []strategy.Step) {
	shares := b.truth(a.task.RunOnce, a.env)
	name, _ := b.textIn(a.task.Register, a.env)
	for _, s := range rest {
		if shares && name != "" {
			b.r.Vars.Register(s.Host, name, registered(a.result))
		}
		for _, e := range a.effects {
			if shares && e.host == a.host && e.shared() {
				e.host = s.Host
				_ = b.apply(e) // only the inventory can refuse, and it is not shared
			}
		}
		o := strategy.Outcome{Host: s.Host, Task: s.Task, Ran: true}
		if a.status == event.Failed {
			o.Verdict = strategy.Failed
		}
		b.sched.Record(o)
	}
}

// checkFatal fails the other hosts where any_errors_fatal, a failed run_once or max_fail_percentage say so.
func (b *batchRun) checkFatal(t *program.Task, steps []strategy.Step, answers []*answer, once bool) error {
	bad := map[string]bool{}
	for _, a := range answers {
		if a.status == event.Failed || a.status == event.Unreachable && b.r.unreachable[a.host] {
			bad[a.host] = true
		}
	}
	if len(bad) == 0 {
		return nil
	}
	env := b.env(steps[0].Host, t, nil)
	fatal := once || b.truth(t.AnyErrorsFatal, env) || t.AnyErrorsFatal == nil && b.r.AnyFatal
	if fatal {
		b.failOthers(bad)
		return nil
	}
	if b.MaxFailPercent == nil || !b.tooMany(env) {
		return nil
	}
	b.failOthers(bad)
	b.stop = true
	return b.emit(event.NoHostsRemaining{}, event.NoHostsRemaining{}) // Ansible says so twice: the limit is passed, nobody is left
}

func (b *batchRun) failOthers(bad map[string]bool) {
	for _, h := range b.control.Active() {
		if !bad[h] {
			b.control.Fail(h)
			if b.control.Failed(h) {
				b.removed[h] = true
			}
		}
	}
}

// tooMany tells whether more hosts of the batch have failed than max_fail_percentage allows; rescued ones do not count.
func (b *batchRun) tooMany(env jinja.Env) bool {
	text, err := b.textIn(b.MaxFailPercent, env)
	if err != nil || text == "" {
		return false
	}
	failed := 0
	for _, h := range b.batch {
		if b.r.failed[h] || b.r.unreachable[h] || b.removed[h] && b.control.Failed(h) {
			failed++
		}
	}
	return float64(failed)*100 > b.float(b.MaxFailPercent, env)*float64(len(b.batch))
}

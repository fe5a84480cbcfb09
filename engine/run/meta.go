package run

import (
	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/program"
	"github.com/drydock-dev/drydock/engine/strategy"
	"github.com/drydock-dev/drydock/engine/value"
)

// forAll are the meta tasks that are decided on the first host and hold for all.
var forAll = map[string]bool{
	"end_play": true, "end_batch": true, "clear_host_errors": true, "clear_facts": true, "refresh_inventory": true,
}

// metas does a meta task on the hosts that are at it.
func (b *batchRun) metas(errands []errand) error {
	for i, e := range errands {
		if i > 0 && forAll[e.Task.Meta] {
			b.sched.Record(strategy.Outcome{Host: e.Host, Task: e.Task})
			continue
		}
		if err := b.meta(e); err != nil {
			return err
		}
	}
	return nil
}

// meta does a meta task on one host, again where an earlier process has done it: it acts on this one.
func (b *batchRun) meta(e errand) error {
	told := e.recorded != nil || b.r.resuming && e.Task.Implicit && !b.alive[e.Host]
	return b.quietly(b.quiet || told, func() error { return b.metaOf(e) })
}

// holds tells whether a meta task's condition does, as it was found before if it was.
func (b *batchRun) holds(e errand, env jinja.Env) (bool, error) {
	if m, ok := unpacked(e.recorded); ok {
		return isTruthy(m.Value("holds")), nil
	}
	ok, _, err := b.all(e.Task.When, env)
	if err != nil { // nobody is at work whom it could fail: it ends the run, as in Ansible
		return false, b.mistake(e.Task.Pos, "%v", err)
	}
	if e.key == "" {
		return ok, nil
	}
	return ok, b.r.Memory.Keep(e.key, packed(value.NewMap("holds", ok)))
}

func (b *batchRun) metaOf(e errand) error {
	s, t := e.Step, e.Task
	env := b.env(s.Host, t, nil)
	if err := b.announce(t, []strategy.Step{s}); err != nil {
		return err
	}
	outcome := strategy.Outcome{Host: s.Host, Task: t}
	ok, err := b.holds(e, env)
	if err != nil {
		return err
	}
	if !ok {
		b.sched.Record(outcome)
		return b.tellMeta(s, metaSkipped(s))
	}
	if t.Meta == "flush_handlers" {
		if b.control.Flushing(s.Host) {
			return b.mistake(t.Pos, "flush_handlers cannot be used as a handler")
		}
		if err := b.deliver(s.Host); err != nil {
			return err
		}
		b.control.Flush(s.Host)
	}
	b.sched.Record(outcome)
	if err := b.carryMeta(s, t); err != nil {
		return err
	}
	return b.tellMeta(s, metaDone(s))
}

// tellMeta says what came of a meta task that somebody wrote.
func (b *batchRun) tellMeta(s strategy.Step, text string) error {
	if s.Task.Implicit {
		return nil
	}
	return b.emit(event.Message{Level: "meta", Text: "META: " + text})
}

// metaDone is what a meta task that was done has done, in Ansible's words.
func metaDone(s strategy.Step) string {
	switch s.Task.Meta {
	case "flush_handlers":
		return "triggered running handlers for " + s.Host
	case "refresh_inventory":
		return "inventory successfully refreshed"
	case "clear_facts":
		return "facts cleared"
	case "clear_host_errors":
		return "cleared host errors"
	case "end_batch":
		return "ending batch"
	case "end_play":
		return "ending play"
	case "end_host":
		return "ending play for " + s.Host
	case "end_role":
		if s.Task.Role != nil {
			return "ending role " + s.Task.Role.Name + " for " + s.Host
		}
	case "reset_connection":
		return "reset connection"
	}
	return s.Task.Meta
}

// metaSkipped says of a meta task whose condition does not hold what goes on without it.
func metaSkipped(s strategy.Step) string {
	reason := s.Task.Meta + " conditional evaluated to False"
	switch s.Task.Meta {
	case "flush_handlers":
		reason += ", not running handlers for " + s.Host
	case "clear_facts":
		reason += ", not clearing facts and fact cache for " + s.Host
	case "clear_host_errors":
		reason += ", not clearing host error state for " + s.Host
	case "end_batch":
		reason += ", continuing current batch"
	case "end_play":
		reason += ", continuing play"
	case "end_host":
		reason += ", continuing execution for " + s.Host
	case "end_role":
		if s.Task.Role != nil {
			reason += "continuing role " + s.Task.Role.Name + " for " + s.Host
		}
	}
	return reason
}

// carryMeta is what each meta task does; the scheduler has been told of it already.
func (b *batchRun) carryMeta(s strategy.Step, t *program.Task) error {
	switch t.Meta {
	case "role_complete":
		b.control.CompleteRole(s.Host, t.Role)
	case "end_host":
		b.control.End(s.Host)
		b.removed[s.Host] = true
	case "end_role":
		if t.Role != nil {
			b.control.EndRole(s.Host, t.Role)
		}
	case "end_batch", "end_play":
		for _, h := range b.control.Active() {
			b.control.End(h)
		}
		b.endPlay = b.endPlay || t.Meta == "end_play"
	case "clear_facts":
		for _, h := range b.hosts {
			b.r.Vars.ClearFacts(h)
		}
		return b.tellLate()
	case "clear_host_errors":
		b.control.Revive()
		for _, h := range b.hosts {
			delete(b.r.failed, h)
			delete(b.r.unreachable, h)
		}
	case "reset_connection":
		b.resetConnection(s)
	case "refresh_inventory":
		return b.refreshInventory(t)
	case "flush_handlers", "noop":
	default:
		return b.mistake(t.Pos, "invalid meta action requested: %s", t.Meta)
	}
	return nil
}

// refreshInventory reads the inventory anew; what was learned about hosts stays, and this play keeps its hosts.
func (b *batchRun) refreshInventory(t *program.Task) error {
	if b.r.Reload == nil {
		return nil
	}
	inv, err := b.r.Reload()
	if err != nil {
		return b.mistake(t.Pos, "refresh_inventory: %v", err)
	}
	if err := b.r.Vars.SetInventory(b.r.ground.replace(inv)).Err(); err != nil {
		return b.mistake(t.Pos, "refresh_inventory: %v", err)
	}
	return nil
}

// resetConnection drops the connection of a host; the next task dials anew.
func (b *batchRun) resetConnection(s strategy.Step) {
	w := &worker{playRun: b.playRun, host: s.Host, task: s.Task, env: b.env(s.Host, s.Task, nil)}
	if how, err := w.connection(w.env, ""); err == nil {
		b.r.pool.get(how).Reset()
	}
}

package run

import (
	"fmt"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/program"
	"github.com/drydock-dev/drydock/engine/value"
)

// notified are the names that a task notifies.
func (p *playRun) notified(a *answer) ([]string, error) {
	var out []string
	for _, raw := range a.task.Notify {
		v, err := jinja.Resolve(raw, a.env)
		if err != nil {
			return nil, p.mistake(a.task.Pos, "notify: %v", err)
		}
		list, ok := v.([]any)
		if !ok {
			list = []any{v}
		}
		for _, x := range list {
			out = append(out, value.Str(x))
		}
	}
	return out, nil
}

// checkNotify makes sure, before the result is told, that what a task notifies is there.
func (b *batchRun) checkNotify(a *answer) error {
	names, err := b.notified(a)
	if err != nil {
		return err
	}
	for _, n := range names {
		if len(b.handlersNamed(n)) == 0 {
			return b.mistake(a.task.Pos, "%s", fmt.Sprintf(
				"The requested handler '%s' was not found in either the main handlers list nor in the listening handlers list", n))
		}
	}
	return nil
}

// notify keeps notifications for the next flush; within one they count at once.
func (b *batchRun) notify(a *answer) error {
	names, err := b.notified(a)
	if err != nil {
		return err
	}
	b.pending[a.host] = append(b.pending[a.host], names...)
	if b.control.Flushing(a.host) {
		return b.deliver(a.host)
	}
	return nil
}

// deliver turns a host's notifications into handlers to run.
func (b *batchRun) deliver(host string) error {
	names := b.pending[host]
	delete(b.pending, host)
	seen := map[*program.Task]bool{}
	for _, n := range names {
		for _, h := range b.handlersNamed(n) {
			if seen[h] {
				continue
			}
			seen[h] = true
			b.control.Notify(host, h)
			if err := b.r.bus.emit(event.Notified{Handler: b.nameOf(h, b.playEnv()), Host: host}); err != nil {
				return err
			}
		}
	}
	return nil
}

// handlersNamed finds the handler of a name, the last one defined, and all that listen to it.
func (b *batchRun) handlersNamed(name string) []*program.Task {
	var named, listening []*program.Task
	env := b.playEnv()
	for _, h := range b.control.Handlers() {
		if bare := b.bareName(h, env); h.Name != nil && (bare == name || rolePrefix(h)+bare == name) {
			named = []*program.Task{h}
		}
		for _, l := range h.Listen {
			if s, err := b.textIn(l, env); err == nil && s == name {
				listening = append(listening, h)
			}
		}
	}
	return append(named, listening...)
}

package run

import (
	"fmt"
	"slices"

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
		if err := b.warnUnusable(n); err != nil {
			return err
		}
		if len(b.handlersNamed(n)) == 0 {
			text := fmt.Sprintf("The requested handler '%s' was not found in either the main handlers list nor in the listening handlers list", n)
			if !b.r.MissingHandlers {
				return b.mistake(a.task.Pos, "%s", text)
			}
			if err := b.emit(event.Message{Level: "warning", Text: text}); err != nil {
				return err
			}
		}
	}
	return nil
}

// warnUnusable tells of the handlers that are passed over on the way to one of a name, since their own names cannot be known.
func (b *batchRun) warnUnusable(name string) error {
	env := b.playEnv()
	for _, h := range b.control.Candidates() {
		t, ok := h.Name.(*jinja.Template)
		if !ok {
			if bare := b.bareName(h, env); bare == name || rolePrefix(h)+bare == name {
				return nil
			}
			continue
		}
		_, err := t.Eval(env)
		if err == nil || h.Listen != nil {
			continue
		}
		err = b.r.bus.warn(fmt.Sprintf("Handler '%s' is unusable because it has no listen topics and the name could not be templated "+
			"(host-specific variables are not supported in handler names). The error: %v", t.Text(), err))
		if err != nil {
			return err
		}
	}
	return nil
}

// notify keeps notifications for the next flush. Within one they have counted already.
func (b *batchRun) notify(a *answer) error {
	names, err := b.notified(a)
	if err != nil {
		return err
	}
	if !b.control.Flushing(a.host) {
		b.pending[a.host] = append(b.pending[a.host], names...)
	}
	return nil
}

// notifyAtOnce delivers what a handler notifies, which is told before the handler's own result.
func (b *batchRun) notifyAtOnce(a *answer) error {
	names, err := b.notified(a)
	if err != nil || !b.control.Flushing(a.host) {
		return err
	}
	b.pending[a.host] = append(b.pending[a.host], names...)
	return b.deliver(a.host)
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
			if !b.control.Notify(host, h) {
				continue
			}
			if err := b.emit(event.Notified{Handler: b.nameOf(h, b.playEnv()), Host: host}); err != nil {
				return err
			}
		}
	}
	return nil
}

// handlersNamed finds the handler of a name, the first of the candidates, and all that listen to it; of those that listen and have the same
// name the first alone. Topics are no templates.
func (b *batchRun) handlersNamed(name string) []*program.Task {
	var named, listening []*program.Task
	env := b.playEnv()
	heard := map[string]bool{}
	for _, h := range b.control.Candidates() {
		bare := b.bareName(h, env)
		if named == nil && h.Name != nil && (bare == name || rolePrefix(h)+bare == name || h.Role != nil && h.Role.Short+" : "+bare == name) {
			named = []*program.Task{h}
		}
		if !slices.Contains(h.Listen, any(name)) || h.Name != nil && heard[bare] {
			continue
		}
		heard[bare] = true
		listening = append(listening, h)
	}
	for _, h := range named {
		listening = slices.DeleteFunc(listening, func(l *program.Task) bool { return l == h })
	}
	return append(named, listening...)
}

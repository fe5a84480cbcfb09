package run

import (
	"context"
	"errors"
	"fmt"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/guard"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// This file holds what stands between a plan and its act where a cluster may be hurt: the guard, which no module can pass by.

// Guard gives leave for what changes hosts and disrupts nodes.
type Guard interface {
	// Enter is asked before the first change of a host, whatever it is: another run that holds the cluster is found there, before anything
	// is written. Its Request has no Disruption.
	Enter(ctx context.Context, r guard.Request) error
	// Permit is asked before each disruption and returns when it may happen. A *guard.Refusal fails the task, a *guard.Locked ends the run.
	Permit(ctx context.Context, r guard.Request) (guard.Answer, error)
}

// ExitLocked is the code of a run that another run's hold on the cluster has ended.
const ExitLocked = 5

// permit asks the guard for an act. A text says why the task is left out.
func (w *worker) permit(ctx context.Context, host actor, begun *event.ApplyStarted) (skip string, err error) {
	if w.r.Guard == nil {
		return "", nil
	}
	req := w.request(host)
	if err := w.enter(ctx, req); err != nil {
		return "", err
	}
	req.Disruption = w.disruption
	if req.Kind == module.NoDisruption {
		return "", nil
	}
	answer, err := w.asks(ctx, req)
	w.done = answer.Done
	gate := event.Gate{
		Host: w.host, Task: w.ref, Disrupts: req.What, At: w.r.Clock.Now(),
		Cluster: answer.Cluster, Node: answer.Node, Passed: err == nil, Evidence: told(answer.Evidence),
	}
	var no *guard.Refusal
	if errors.As(err, &no) {
		gate.Node, gate.Evidence = no.Node, told(no.Broken)
	}
	if answer.Node != "" || err != nil {
		if lost := w.r.bus.emit(gate); lost != nil {
			return "", &sinkError{lost}
		}
	}
	if answer.Skip != "" {
		if lost := w.r.bus.emit(event.Message{Level: "warning", Text: answer.Skip}); lost != nil {
			return "", &sinkError{lost}
		}
	}
	begun.Disrupts, begun.Node = req.What, answer.Node
	return answer.Skip, err
}

// asks waits for the guard's answer, until a person asks the run to stop: what was not begun is not begun then. What gives a node back, and what
// belongs to a rescue that runs because of that, goes on.
func (w *worker) asks(ctx context.Context, req guard.Request) (guard.Answer, error) {
	if w.undoes || req.Kind == module.Uncordon {
		return w.r.Guard.Permit(ctx, req)
	}
	waiting, cancel := w.r.untilStop(ctx)
	defer cancel()
	answer, err := w.r.Guard.Permit(waiting, req)
	if err != nil && ctx.Err() == nil && waiting.Err() != nil {
		return answer, errAskedToStop
	}
	return answer, err
}

// leave tells the guard that the act it gave leave for is over, whatever it came to.
func (w *worker) leave(ctx context.Context) {
	if done := w.done; done != nil {
		w.done = nil
		done(context.WithoutCancel(ctx))
	}
}

// letGo gives the clusters back that the guard holds. That this fails is no harm: the hold runs out.
func (r *runner) letGo(ctx context.Context) {
	g, ok := r.Guard.(interface {
		Close(ctx context.Context) error
	})
	if !ok {
		return
	}
	if err := g.Close(ctx); err != nil {
		_ = r.bus.emit(event.Message{Level: "warning", Text: err.Error()})
	}
}

// request is what the guard is told of the task, without what it disrupts.
func (w *worker) request(host module.Host) guard.Request {
	return guard.Request{Host: w.host, Task: w.ref.Name, On: host, Site: site{w, host}}
}

// enter asks, once for each host, whether the run may change anything.
func (w *worker) enter(ctx context.Context, req guard.Request) error {
	if w.r.Guard == nil {
		return nil
	}
	w.r.entries.Lock()
	defer w.r.entries.Unlock()
	if w.r.entered[w.host] {
		return nil
	}
	if err := w.r.Guard.Enter(ctx, req); err != nil {
		return err
	}
	w.r.entered[w.host] = true
	return nil
}

func told(evidence []guard.Evidence) []event.Evidence {
	out := make([]event.Evidence, len(evidence))
	for i, e := range evidence {
		out[i] = event.Evidence{Check: e.Check, About: e.About, Found: e.Found, State: string(e.State)}
	}
	return out
}

// site is the run as the guard sees it from a task.
type site struct {
	w  *worker
	on module.Host // nil: no task is at its host
}

// Hosts are the inventory's.
func (s site) Hosts() []string {
	var out []string
	for _, h := range s.w.r.ground.now().Hosts() {
		out = append(out, h.Name)
	}
	return out
}

// Reach opens a host as tasks of the play would, as root where its connection's user is another.
func (s site) Reach(_ context.Context, host string) (module.Host, error) {
	if s.on != nil && host == s.w.host && s.on.Name() == host {
		return s.on, nil
	}
	env, err := s.w.delegated(s.w.env, host)
	if err != nil {
		return nil, err
	}
	t := *s.w.task
	t.Environment, t.BecomeUser = nil, nil
	if host != "localhost" {
		t.Become = true
	} else {
		t.Become = false
	}
	at := *s.w
	at.task = &t
	m, err := at.open(env, host)
	if err != nil {
		return nil, fmt.Errorf("reach %s: %w", host, err)
	}
	m.mayAct()
	return m, nil
}

// Var answers a variable as tasks of a host see it.
func (s site) Var(host, name string) (any, bool) {
	env := s.w.env
	if host != s.w.host {
		other, err := s.w.delegateEnv(env, host)
		if err != nil {
			return nil, false
		}
		env = other
	}
	v, ok, err := env.Lookup(name)
	if err != nil || !ok {
		return nil, false
	}
	v, err = jinja.Resolve(v, env)
	if _, omit := v.(value.Omit); err != nil || omit {
		return nil, false
	}
	return v, true
}

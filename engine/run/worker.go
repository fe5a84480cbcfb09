package run

import (
	"context"
	"time"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/program"
	"github.com/drydock-dev/drydock/engine/value"
)

// worker does one task on one host. It lives in a goroutine of its own, reads a snapshot, and changes nothing but the
// host; what is to be remembered goes into the answer.
type worker struct {
	*playRun
	host   string
	task   *program.Task
	ref    event.TaskRef
	env    jinja.Env
	cause  *event.Cause // of the failure of the task, or of the item under way
	secret bool         // a module said that its result is
	turn   *turn        // of the batch that the task belongs to

	step   string     // the key under which the answer is kept; empty: it is not
	part   string     // the same, or that of the item under way
	note   *value.Map // what the plan noted in a process that has died
	silent bool       // an earlier process has told of it
	undoes bool       // the run was asked to stop: this belongs to a rescue or an always
	acted  bool       // a change was announced
	jobs   []*job     // what is left to this process
	lost   bool       // a result is kept by this process alone

	done       func(context.Context) // tells the guard that what it gave leave for is over; nil: nothing is
	disruption module.Disruption     // what the module takes from a cluster, called as it is
	veiled     bool                  // no_log covers what it does
}

// answer is what came of a step.
type answer struct {
	host     string
	task     *program.Task
	ref      event.TaskRef
	env      jinja.Env
	status   event.Status
	result   *value.Map // as registered
	loop     bool
	effects  []effect
	includes []inclusion
	delegate string
	diffs    []event.Diff
	began    time.Time
	took     time.Duration
	noLog    bool
	cause    *event.Cause
	verbose  bool
	err      error // what ends the run: the content, or a sink that takes no more

	step  string // the key under which it is kept; empty: it is not
	quiet bool   // it was told by an earlier process
	acted bool   // a change was announced
	jobs  []*job // that are left to this process
	lost  bool   // a result is kept by this process alone
}

// effect is a change to the variables of a host, or to what the run knows.
type effect struct {
	host  string // whose
	kind  effectKind
	vars  *value.Map
	added string              // the host that the inventory has gained
	stats *module.CustomStats // of keepStats
}

type effectKind int

const (
	setFacts     effectKind = iota // ansible_facts
	setHostVars                    // as set_fact
	setIncluded                    // as include_vars
	setInventory                   // the inventory has grown
	keepStats                      // as set_stats
)

// inclusion is a file or role that a task includes for a host, with the variables of its item.
type inclusion struct {
	file string
	role roleUse
	vars *value.Map
	item any
}

func (a *answer) changed() bool {
	return a.status == event.Changed || isTruthy(a.result.Value("changed"))
}

// do does the task: once, or once for each item.
func (w *worker) do(ctx context.Context) *answer {
	begin := w.r.Clock.Now()
	w.ref, w.turn = w.refOf(w.task, w.env), w.playRun.turn
	a := &answer{host: w.host, task: w.task, ref: w.ref, env: w.env, step: w.step, quiet: w.silent}
	if w.task.Loop == nil && w.task.LoopWith == "" {
		w.single(ctx, a)
	} else {
		w.each(ctx, a)
	}
	a.began, a.took = begin, w.r.Clock.Now().Sub(begin)
	a.noLog, a.acted, a.jobs, a.lost = w.hidden(w.env), w.acted, w.jobs, w.lost
	if !a.loop {
		a.cause = w.causeOf(a.status, a.noLog)
	}
	return a
}

func (w *worker) single(ctx context.Context, a *answer) {
	o := w.once(ctx, w.env)
	a.result, a.status, a.err = o.result, o.status, o.err
	a.effects, a.delegate, a.diffs, a.verbose = o.effects, o.delegate, o.diffs, o.verbose
	if o.ref.Action != "" {
		a.ref = o.ref
	}
	if o.include != nil {
		a.includes = []inclusion{*o.include}
	}
	a.status = w.forgive(a.status, w.env)
}

// forgive turns a failure into an ignored one where the task says so.
func (w *worker) forgive(s event.Status, env jinja.Env) event.Status {
	if s == event.Failed && w.truth(w.task.IgnoreErrors, env) {
		return event.Ignored
	}
	return s
}

// emit tells of something unless an earlier process has told of it.
func (w *worker) emit(e event.Event) error {
	if w.silent {
		return nil
	}
	return w.r.bus.emit(e)
}

// hidden tells whether no_log covers the task, or its result is secret by itself.
func (w *worker) hidden(env jinja.Env) bool { return w.secret || w.hides(w.task, env) }

package run

import (
	"context"
	"fmt"
	"slices"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/program"
	"github.com/drydock-dev/drydock/engine/strategy"
	"github.com/drydock-dev/drydock/engine/value"
)

// This file holds the loop of the strategies in which hosts do not wait for each other, and what throttle says.

// flow is what a batch has under way whose hosts go their own ways.
type flow struct {
	answers chan *answer
	held    []errand       // those that wait: for what comes before them, or because throttle holds them back
	busy    map[string]int // how many hosts are at a task
	running int
}

// freely is the loop of free and host_pinned: each host goes on as soon as its own step is done.
func (b *batchRun) freely(ctx context.Context) error {
	f := &flow{answers: make(chan *answer), busy: map[string]int{}}
	var failure error
	for {
		if failure == nil && ctx.Err() == nil {
			failure = b.begin(ctx, f)
		}
		if f.running == 0 {
			return failure
		}
		a := <-f.answers
		f.running--
		f.busy[a.task.ID]--
		if err := b.finish(ctx, a); err != nil && failure == nil {
			failure = err
		}
	}
}

// begin begins all that may begin. What an earlier process has done comes first, in the order in which it was
// done, since what one host does may end the play for all.
func (b *batchRun) begin(ctx context.Context, f *flow) error {
	for {
		f.held = b.dropped(f.held)
		steps, err := b.next()
		if err != nil {
			return err
		}
		fresh, err := b.errands(steps)
		if err != nil {
			return err
		}
		waiting := append(f.held, fresh...)
		f.held = nil
		if i := earliest(waiting); i >= 0 {
			f.held = slices.Delete(slices.Clone(waiting), i, i+1)
			if err := b.relive(ctx, waiting[i]); err != nil {
				return err
			}
			continue
		}
		if b.heedStop() {
			f.held = waiting
			continue
		}
		more := false
		for _, e := range waiting {
			more = more || e.Task.Kind == program.KindMeta // it is done at once, and its host goes on
			if err := b.launch(ctx, e, f); err != nil {
				return err
			}
		}
		if !more {
			return nil
		}
	}
}

// dropped passes over what was handed out before the run was asked to stop and has not begun.
func (b *batchRun) dropped(waiting []errand) []errand {
	if !b.r.stopped {
		return waiting
	}
	return slices.DeleteFunc(waiting, func(e errand) bool {
		if e.windUp {
			return false
		}
		b.sched.Record(strategy.Outcome{Host: e.Host, Task: e.Task})
		return true
	})
}

// earliest is the errand that was done first by an earlier process, -1: none was. Of what belongs to one host alone and is not kept (the ends of
// sections and roles), what stands before such an errand comes at once.
func earliest(waiting []errand) int {
	found := -1
	for i, e := range waiting {
		if e.live() {
			continue
		}
		if found < 0 || e.order < waiting[found].order {
			found = i
		}
	}
	if found < 0 {
		return -1
	}
	if i := slices.IndexFunc(waiting, func(e errand) bool { return e.Task.Kind == program.KindMeta && e.Task.Implicit }); i >= 0 {
		return i
	}
	return found
}

// relive settles what was done by an earlier process.
func (b *batchRun) relive(ctx context.Context, e errand) error {
	switch {
	case e.Task.Kind == program.KindMeta:
		return b.meta(e)
	case e.passed:
		b.skipAll([]strategy.Step{e.Step})
		return nil
	case e.past != nil:
		return b.finish(ctx, e.past)
	}
	return b.finish(ctx, b.worker(e).do(ctx))
}

// launch begins a step of one host, or holds it back.
func (b *batchRun) launch(ctx context.Context, e errand, f *flow) error {
	s := e.Step
	if s.Task.Kind == program.KindMeta {
		return b.meta(e)
	}
	limit, err := b.throttle(s)
	if err != nil {
		return err
	}
	if limit > 0 && f.busy[s.Task.ID] >= limit {
		f.held = append(f.held, e)
		return nil
	}
	if b.truth(s.Task.RunOnce, b.env(s.Host, s.Task, nil)) {
		err := b.r.bus.warn("Using run_once with the free strategy is not currently supported. This task will still be executed for every host in the inventory list.")
		if err != nil {
			return err
		}
	}
	if err := b.announce(s.Task, []strategy.Step{s}); err != nil {
		return err
	}
	if err := b.start(ctx, e, f.answers); err != nil {
		return err
	}
	f.running++
	f.busy[s.Task.ID]++
	return nil
}

// finish tells of the answer of one host and takes it in.
func (b *batchRun) finish(ctx context.Context, a *answer) error {
	if err := b.report(a); err != nil {
		return err
	}
	done := []*answer{a}
	if err := b.debug(ctx, done); err != nil {
		return err
	}
	return b.settle(done)
}

// throttle is how many hosts may be at a task at once; 0: as many as there are forks. What is no number ends the run, as in Ansible.
func (b *batchRun) throttle(s strategy.Step) (int, error) {
	if s.Task.Throttle == nil {
		return 0, nil
	}
	v, err := jinja.Resolve(s.Task.Throttle, b.env(s.Host, s.Task, nil))
	if _, omit := v.(value.Omit); err == nil && omit {
		return 0, nil
	}
	if err == nil {
		if n, ok := toInt(v); ok {
			return n, nil
		}
		err = fmt.Errorf("invalid literal for int() with base 10: %s", value.Repr(v))
	}
	return 0, b.mistake(s.Task.Pos, "Failed to convert the throttle value to an integer: %v", err)
}

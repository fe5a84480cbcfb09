package run

import (
	"context"
	"fmt"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/program"
	"github.com/drydock-dev/drydock/engine/strategy"
	"github.com/drydock-dev/drydock/engine/value"
)

// This file holds the loop of the strategies in which hosts do not wait for each other, and what throttle says.

// flow is what a batch has under way whose hosts go their own ways.
type flow struct {
	answers chan *answer
	held    []strategy.Step // those whose task throttle holds back
	busy    map[string]int  // how many hosts are at a task
	running int
}

// freely is the loop of free and host_pinned: each host goes on as soon as its own step is done.
func (b *batchRun) freely(ctx context.Context) error {
	f := &flow{answers: make(chan *answer), busy: map[string]int{}}
	var failure error
	for {
		if failure == nil && ctx.Err() == nil {
			b.heedStop()
			steps := append(f.held, b.sched.Next()...)
			f.held = nil
			for i := 0; i < len(steps) && failure == nil; i++ {
				failure = b.launch(ctx, steps[i], f)
			}
			if f.running == 0 && len(steps) > 0 && failure == nil {
				continue // only meta tasks: the scheduler has more
			}
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

// launch begins a step of one host, or holds it back.
func (b *batchRun) launch(ctx context.Context, s strategy.Step, f *flow) error {
	if s.Task.Kind == program.KindMeta {
		return b.meta(ctx, s)
	}
	limit, err := b.throttle(s)
	if err != nil {
		return err
	}
	if limit > 0 && f.busy[s.Task.ID] >= limit {
		f.held = append(f.held, s)
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
	f.running++
	f.busy[s.Task.ID]++
	b.start(ctx, s, f.answers)
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

package run

import (
	"slices"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/program"
	"github.com/drydock-dev/drydock/engine/strategy"
)

// This file holds the files of tasks that run on a host around the task that disrupts its node. They are put around it as if the task were an
// include of three: the hook before, the task itself, the hook after. So they are tasks of the host like others, in the same journal and view; one
// that fails fails the host there, and rescue and always follow. A task with a loop or run_once has no hooks.

// Hooks are those of a host, whose variables it may ask for: files of tasks before and after a kind of disruption, empty where there is none. A
// host without any has nil.
type Hooks func(lookup func(name string) (any, bool)) (around func(module.Disrupting) (before, after string), err error)

// pair are the hooks of a task.
type pair struct{ before, after string }

// hook puts hooks around the steps that disrupt hosts which have some, and returns the steps that are left for now.
func (b *batchRun) hook(steps []strategy.Step) ([]strategy.Step, error) {
	if b.r.Hooks == nil {
		return steps, nil
	}
	type group struct {
		task *program.Task
		pair
	}
	rest := make([]strategy.Step, 0, len(steps))
	hosts := map[group][]string{}
	var order []group
	for _, s := range steps {
		hooks, err := b.hooksOf(s)
		if err != nil {
			return nil, err
		}
		g := group{s.Task, hooks}
		if hooks == (pair{}) {
			rest = append(rest, s)
			continue
		}
		if hosts[g] == nil {
			order = append(order, g)
		}
		hosts[g] = append(hosts[g], s.Host)
	}
	for _, g := range order {
		blocks, err := b.around(g.task, g.pair, hosts[g])
		if err != nil {
			return nil, err
		}
		for _, h := range hosts[g] {
			b.sched.Record(strategy.Outcome{Host: h, Task: g.task, Include: blocks})
		}
	}
	return rest, nil
}

// hooksOf are the hooks of a step. What cannot be evaluated has none: it fails by itself.
func (b *batchRun) hooksOf(s strategy.Step) (pair, error) {
	t := s.Task
	if t.Kind != program.KindModule || t.Module == nil || t.Module.Spec().Disrupts == nil || t.Loop != nil || t.LoopWith != "" || t.RunOnce != nil || b.hooked[t] {
		return pair{}, nil
	}
	w := b.worker(errand{Step: s})
	around, err := b.r.Hooks(func(name string) (any, bool) { return site{w, nil}.Var(s.Host, name) })
	if around == nil || err != nil {
		return pair{}, err
	}
	if left, _ := w.skipped(w.env); left != nil {
		return pair{}, nil
	}
	args, err := w.args(w.env)
	if err != nil {
		return pair{}, nil //nolint:nilerr // the task says it
	}
	before, after := around(module.DisruptionOf(t.Module, args).Kind)
	return pair{before, after}, nil
}

// around makes the block of a task between its hooks.
func (b *batchRun) around(t *program.Task, hooks pair, hosts []string) ([]*program.Block, error) {
	before, err := b.hookFile(hooks.before, hosts)
	if err != nil {
		return nil, err
	}
	after, err := b.hookFile(hooks.after, hosts)
	if err != nil {
		return nil, err
	}
	own := *t
	b.hooked[&own] = true
	return []*program.Block{{Pos: t.Pos, Role: t.Role, Tasks: slices.Concat(before, []program.Node{&own}, after)}}, nil
}

// hookFile compiles a hook and tells of it.
func (b *batchRun) hookFile(file string, hosts []string) ([]program.Node, error) {
	if file == "" {
		return nil, nil
	}
	blocks, mistakes := b.r.Compiler.Hook(b.Play, file)
	if mistakes.HasErrors() {
		return nil, &contentError{list: mistakes, code: ExitParse}
	}
	var out []program.Node
	for _, x := range blocks {
		out = append(out, x)
	}
	return out, b.quietly(b.replaying, func() error {
		return b.emit(event.Included{File: b.r.Content.Abs(file), Hosts: hosts})
	})
}

// next are the next steps to be done, hooks put around those that have some. Hosts that go their own ways begin with theirs at once.
func (b *batchRun) next() ([]strategy.Step, error) {
	_, inStep := b.sched.(*strategy.Linear)
	var out []strategy.Step
	for {
		steps := b.sched.Next()
		rest, err := b.hook(steps)
		out = append(out, rest...)
		if err != nil || len(rest) == len(steps) || inStep && len(rest) > 0 {
			return out, err
		}
	}
}

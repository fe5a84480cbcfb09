package engine

import (
	"context"
	"fmt"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/guard"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/program"
	"github.com/drydock-dev/drydock/engine/run"
	"github.com/drydock-dev/drydock/engine/strategy"
)

// This file holds how a run comes to its guard.

// unguarded is what a run without a guard is told to say.
const unguarded = "the guard is off: nothing keeps this run from disrupting two nodes at once, a quorum, or the last replica of a volume"

// guarded makes the guard of a run, if it is to have one, and adds what is to be told of that.
func (j *Job) guarded(o *run.Options) error {
	switch {
	case j.Guard == nil || j.Check:
		return nil
	case j.Guard.Mode == guard.Off:
		o.Begin = append(o.Begin, event.Message{Level: "warning", Text: unguarded})
		return nil
	}
	cfg := *j.Guard
	cfg.Run, cfg.Disrupts = j.Options.Begin.Run, j.mayDisrupt()
	g, err := guard.New(cfg)
	if err != nil {
		return fmt.Errorf("guard: %w", err)
	}
	o.Guard = g
	return nil
}

// mayDisrupt tells whether tasks of the job are known to disrupt nodes, wherever their conditions and tags lead. What it cannot see beforehand
// (a file or a role whose name is a template, arguments that are) the guard meets when it is asked.
func (j *Job) mayDisrupt() bool {
	s := disruptionScan{compiler: j.compiler, seen: map[string]bool{}}
	for _, pb := range j.Program.Playbooks {
		for _, p := range pb.Plays {
			if s.blocks(p.Blocks, 0) || s.blocks(p.Handlers, 0) {
				return true
			}
		}
	}
	return false
}

// disruptionScan goes through tasks, and through the files that they include by name.
type disruptionScan struct {
	compiler *program.Compiler
	seen     map[string]bool
}

// deepestInclude is how many includes inside each other are followed.
const deepestInclude = 12

func (s *disruptionScan) blocks(blocks []*program.Block, depth int) bool {
	for _, t := range strategy.Tasks(blocks) {
		if s.task(t, depth) {
			return true
		}
	}
	return false
}

func (s *disruptionScan) task(t *program.Task, depth int) bool {
	switch t.Kind {
	case program.KindModule:
		return t.Module != nil && t.Args != nil && module.DisruptionOf(t.Module, t.Args).Kind != module.NoDisruption
	case program.KindIncludeTasks, program.KindIncludeRole:
		if depth < deepestInclude {
			return s.blocks(s.included(t), depth+1)
		}
	}
	return false
}

// included are the tasks of a file or a role that an include names in plain words; mistakes in it are told when it is reached.
func (s *disruptionScan) included(t *program.Task) []*program.Block {
	file, isFile := t.Include.File.(string)
	role, isRole := t.Include.Name.(string)
	from, _ := t.Include.TasksFrom.(string)
	key := t.Include.Dir + "\x00" + file + "\x00" + role + "\x00" + from
	if s.seen[key] {
		return nil
	}
	s.seen[key] = true
	switch {
	case t.Kind == program.KindIncludeTasks && isFile:
		blocks, _ := s.compiler.IncludeTasks(t, file)
		return blocks
	case t.Kind == program.KindIncludeRole && isRole:
		_, blocks, _ := s.compiler.IncludeRole(t, role, program.RoleFrom{Tasks: from})
		return blocks
	}
	return nil
}

// Run carries the job out. Closing stop asks it to end what is begun and then to stop; ctx stops it now. It returns Ansible's
// exit code; an error says what ended the run early.
func (j *Job) Run(ctx context.Context, sink event.Sink, stop <-chan struct{}) (int, error) {
	defer j.clients.Close()
	defer j.plugins.Close()
	o := j.runOptions(sink, stop)
	if err := j.guarded(&o); err != nil {
		return run.ExitError, err
	}
	return run.Run(ctx, o)
}

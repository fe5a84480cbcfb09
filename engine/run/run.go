package run

import (
	"context"
	"strings"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/program"
)

// runner is a run under way. Its maps belong to the goroutine of the loop.
type runner struct {
	Options
	pool        *pool
	bus         *bus
	tally       *tally
	failed      map[string]bool // hosts that failed in a play so far; they take no part in later ones
	unreachable map[string]bool
	stepping    bool // --step still asks
	stopped     bool // the run has been asked to stop
}

// Run carries a program out and returns the exit code. The error is for what ended the run early: the content, a sink that
// could not take an event, a cancelled ctx. Failed and unreachable hosts are no error; the code tells of them.
func Run(ctx context.Context, o Options) (exit int, err error) {
	if o.Clock == nil {
		o.Clock = module.RealClock{}
	}
	if o.Forks < 1 {
		o.Forks = 5
	}
	r := &runner{
		Options: o, pool: newPool(o.Connect), tally: newTally(),
		failed: map[string]bool{}, unreachable: map[string]bool{}, stepping: o.Confirm != nil,
	}
	r.bus = &bus{sink: o.Sink}
	defer r.pool.close()
	for _, pb := range o.Program.Playbooks {
		code, err := r.playbook(ctx, pb)
		exit = max(exit, code)
		if err != nil {
			return max(exit, ExitError), err
		}
		if code != ExitOK || r.stopped {
			break
		}
	}
	if err := r.bus.emit(r.tally.stats()); err != nil {
		return ExitError, err
	}
	return exit, nil
}

func (r *runner) playbook(ctx context.Context, pb *program.Playbook) (int, error) {
	if err := r.bus.emit(event.PlaybookStarted{File: pb.File}); err != nil {
		return ExitError, err
	}
	for _, p := range pb.Plays {
		goOn, err := r.play(ctx, p)
		if err != nil {
			return r.code(), err
		}
		if !goOn {
			break
		}
	}
	return r.code(), nil
}

// code is the exit code so far: unreachable wins over failed, as in Ansible.
func (r *runner) code() int {
	switch {
	case len(r.unreachable) > 0:
		return ExitUnreachable
	case len(r.failed) > 0:
		return ExitFailed
	}
	return ExitOK
}

// selects tells whether tags and --start-at-task choose a task of a play.
func (r *runner) selects(p *playRun) func(*program.Task) bool {
	return func(t *program.Task) bool {
		if t == p.Setup {
			return p.gatheringSelected()
		}
		if !program.Selected(p.tagsOf(t), r.Tags, r.Skip) {
			return false
		}
		return p.started(t)
	}
}

// started tells whether --start-at-task has been reached. The first task whose name is the wanted one begins the run.
func (p *playRun) started(t *program.Task) bool {
	if p.r.StartAt == "" {
		return true
	}
	name := p.nameOf(t, nil)
	if name == p.r.StartAt || strings.TrimPrefix(name, rolePrefix(t)) == p.r.StartAt {
		p.r.StartAt = ""
		return true
	}
	return false
}

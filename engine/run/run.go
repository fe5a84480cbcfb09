package run

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/inventory"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/program"
	"github.com/drydock-dev/drydock/engine/strategy"
)

// runner is a run under way. Its maps belong to the goroutine of the loop.
type runner struct {
	Options
	pool        *pool
	lodgings    lodgings
	bus         *bus
	tally       *tally
	jobs        *jobs
	ground      *ground
	left        map[string]bool // hosts that --limit leaves of the inventory leftOf
	leftOf      *inventory.Inventory
	failed      map[string]bool // hosts that failed in a play so far; they take no part in later ones
	unreachable map[string]bool
	stepping    bool           // --step still asks
	stopped     bool           // the run has been asked to stop
	held        *HeldError     // the run ends, because it is not the time for the next hosts
	touched     atomic.Bool    // a node was disrupted
	played      int            // plays so far
	resuming    bool           // an earlier process of this run has died
	live        bool           // something is done that no earlier process has done
	heads       []event.Event  // what has begun and is told with the first event that belongs to it
	keeping     sync.WaitGroup // for answers that are kept when their jobs end

	entries sync.Mutex
	entered map[string]bool // hosts that the guard lets the run change
}

// Run carries a program out and returns the exit code. The error is for what ended the run early: the content, a sink that
// could not take an event, a cancelled ctx. Failed and unreachable hosts are no error; the code tells of them.
func Run(ctx context.Context, o Options) (exit int, err error) {
	r := newRunner(o)
	ctx = module.WithClock(ctx, r.Clock)
	defer r.pool.close()
	defer r.lodgings.clear(ctx)
	defer r.letGo(ctx)
	if err := r.bus.emit(o.Begin...); err != nil {
		return ExitError, err
	}
	exit, err = r.playbooks(ctx)
	if told := r.bus.emit(r.finished(ctx, exit, err)); err == nil && told != nil {
		return ExitError, told
	}
	return exit, err
}

// finished is the last event of the run.
func (r *runner) finished(ctx context.Context, exit int, err error) event.RunFinished {
	e := event.RunFinished{At: r.Clock.Now(), Exit: exit, Stopped: r.stopped || r.held != nil || ctx.Err() != nil}
	if err != nil {
		e.Error = err.Error()
	}
	return e
}

// playbooks carries out one playbook after the other and closes with the figures of all.
func (r *runner) playbooks(ctx context.Context) (exit int, err error) {
	for _, pb := range r.Program.Playbooks {
		code, err := r.playbook(ctx, pb)
		exit = max(exit, code)
		if err != nil {
			_ = r.settleJobs(ctx) // what ended the run is the error to tell
			return exitOf(err), err
		}
		if code != ExitOK || r.stopped || r.held != nil {
			break
		}
	}
	if err := r.settleJobs(ctx); err != nil {
		return ExitError, err
	}
	if err := r.bus.emit(r.tally.stats()); err != nil {
		return ExitError, err
	}
	if r.held != nil {
		if exit == ExitOK {
			exit = ExitHeld
		}
		return exit, r.held
	}
	if r.StartAt != "" {
		return exit, &contentError{text: fmt.Sprintf("no task named %q was found to start at; what is included at run time cannot be named", r.StartAt)}
	}
	return exit, nil
}

func newRunner(o Options) *runner {
	if o.Clock == nil {
		o.Clock = module.RealClock{}
	}
	if o.Forks < 1 {
		o.Forks = 5
	}
	r := &runner{
		Options: o, pool: newPool(o.Connect), tally: newTally(), jobs: newJobs(),
		ground: &ground{inv: o.Inventory}, failed: map[string]bool{}, unreachable: map[string]bool{}, stepping: o.Confirm != nil, entered: map[string]bool{},
	}
	if r.Memory == nil {
		r.Memory = amnesia{}
	}
	r.bus = &bus{sink: o.Sink}
	r.resuming = slices.ContainsFunc(o.Begin, func(e event.Event) bool { _, ok := e.(event.RunResumed); return ok })
	return r
}

// exitOf is the code of a run that ended early.
func exitOf(err error) int {
	var content *contentError
	var held *HeldError
	switch {
	case errors.As(err, &held):
		return ExitHeld
	case errors.As(err, &content) && content.code != 0:
		return content.code
	}
	return ExitError
}

func (r *runner) playbook(ctx context.Context, pb *program.Playbook) (int, error) {
	if err := r.head(event.PlaybookStarted{File: pb.File}); err != nil {
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
		return (t.Implicit || !p.before[t]) && program.Selected(p.tagsOf(t), r.Tags, r.Skip)
	}
}

// startAt finds the task that --start-at-task names: what stands before it in this play is passed over, and a play that
// does not have it is passed over as a whole. What is included at run time cannot be named, as in Ansible.
func (p *playRun) startAt() {
	if p.r.StartAt == "" {
		return
	}
	p.before = map[*program.Task]bool{}
	for _, t := range strategy.Tasks(p.Blocks) {
		name := p.nameOf(t, nil)
		if p.r.StartAt != "" && !t.Implicit && (matches(p.r.StartAt, name) || matches(p.r.StartAt, strings.TrimPrefix(name, rolePrefix(t)))) {
			p.r.StartAt = ""
		}
		p.before[t] = p.r.StartAt != ""
	}
}

// matches compares a name with what --start-at-task gives, which may hold the wildcards of a glob.
func matches(wanted, name string) bool {
	ok, err := path.Match(wanted, name)
	return wanted == name || err == nil && ok
}

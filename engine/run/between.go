package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/pace"
	"github.com/drydock-dev/drydock/engine/program"
	"github.com/drydock-dev/drydock/engine/value"
)

// This file holds what stands between one batch of hosts and the next: whether it is time for them. A play with serial asks before each of its
// batches; any other asks before the first disruption in it. What has begun is finished, whatever the time: a batch in which there was a
// disruption is marked in the memory of the run, so that this holds for a later process, too.

// Between decides whether it is time for the next hosts.
type Between interface {
	// Next returns when hosts may be begun with; it waits for what passes by itself. A text says why the run is to end before them instead.
	Next(ctx context.Context, a pace.Ahead) (ends string, err error)
	// Over tells that hosts were out of service, done with in this time from the beginning of their batch.
	Over(hosts []string, took time.Duration)
}

// ExitHeld is the code of a run that ended before hosts for which it was not the time.
const ExitHeld = 3

// HeldError says that the run ended before hosts for which it was not the time.
type HeldError struct {
	Hosts   []string
	Why     string
	Touched bool // hosts before them have been out of service, or may have been in an earlier process
}

// Error says it.
func (e *HeldError) Error() string {
	text := fmt.Sprintf("the run ended before %s: %s", strings.Join(e.Hosts, ", "), e.Why)
	if !e.Touched {
		text += "; no node was touched"
	}
	return text
}

// errAskedToStop says that a person asked the run to stop while it waited.
var errAskedToStop = errors.New("the run was asked to stop while it waited")

// turn is the turn of one batch.
type turn struct {
	hosts []string
	key   string // of its mark in the memory of the run
	began time.Time
	taken bool // an earlier process has begun with it

	mu      sync.Mutex
	asked   bool
	refused error // nil: Between has let the hosts in
	touched bool  // one of them was disrupted by this process
}

func (p *playRun) newTurn(hosts []string) *turn {
	t := &turn{hosts: hosts, began: p.r.Clock.Now(), key: key(strconv.Itoa(p.index), "turn", strconv.Itoa(p.batchIndex))}
	t.taken = p.r.Memory.Recall(t.key).Answer != nil
	t.asked = t.taken
	return t
}

// letIn asks before a batch of a play with serial. Without an error and without leave the run ends here.
func (p *playRun) letIn(ctx context.Context, hosts []string) (bool, error) {
	p.turn = p.newTurn(hosts)
	if p.Serial == nil || p.r.Check || len(hosts) == 0 {
		return true, nil
	}
	t := &program.Task{Pos: p.Pos, Action: "between", Keywords: p.Keywords, Args: &value.Map{}}
	w := &worker{playRun: p, host: hosts[0], task: t, env: p.env(hosts[0], t, nil)}
	err := p.turn.ask(ctx, w, nil, p.emit)
	var held *HeldError
	switch {
	case errors.As(err, &held):
		p.r.held = held
		return false, nil
	case errors.Is(err, errAskedToStop):
		p.r.stopped = true
		return false, nil
	}
	return err == nil, err
}

// mayDisrupt asks before the first disruption of a batch, if nobody has asked for it yet. What gives a node back needs no leave.
func (w *worker) mayDisrupt(ctx context.Context, host module.Host) error {
	if k := w.disruption.Kind; k == module.NoDisruption || k == module.Uncordon {
		return nil
	}
	if err := w.turn.ask(ctx, w, host, w.r.bus.emit); err != nil {
		return err
	}
	w.turn.mu.Lock()
	defer w.turn.mu.Unlock()
	w.r.touched.Store(true)
	if w.turn.touched {
		return nil
	}
	w.turn.touched = true
	if err := w.r.Memory.Keep(w.turn.key, packed(&value.Map{})); err != nil {
		return &sinkError{err}
	}
	return nil
}

// ask asks for the hosts of the turn. All of them have the one answer.
func (t *turn) ask(ctx context.Context, w *worker, on module.Host, emit func(...event.Event) error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.asked && w.r.Between != nil {
		t.refused = t.next(ctx, w, pace.Ahead{Hosts: t.hosts, Site: site{w, on}, Tell: tellHeld(w.r, t.hosts, emit)})
		t.began = w.r.Clock.Now()
	}
	t.asked = true
	return t.refused
}

// next asks Between.
func (t *turn) next(ctx context.Context, w *worker, a pace.Ahead) error {
	waiting, cancel := w.r.untilStop(ctx)
	defer cancel()
	ends, err := w.r.Between.Next(waiting, a)
	switch {
	case err != nil && ctx.Err() == nil && waiting.Err() != nil:
		return errAskedToStop
	case err == nil && ends != "":
		return &HeldError{Hosts: t.hosts, Why: ends, Touched: w.r.touched.Load() || w.r.resuming}
	}
	return err
}

// tellHeld tells what holds hosts back.
func tellHeld(r *runner, hosts []string, emit func(...event.Event) error) func(pace.Hold) error {
	return func(h pace.Hold) error {
		err := emit(event.Held{Hosts: hosts, By: h.By, Why: h.Why, Since: h.Since, At: r.Clock.Now(), Ends: h.Ends})
		if err != nil {
			return &sinkError{err}
		}
		return nil
	}
}

// over marks a batch that has come to its end, and tells how long its hosts were in work, if they were. One that was wound up or has lost hosts
// begins again with a later process: its mark goes.
func (p *playRun) over(hosts []string) error {
	lost := slices.ContainsFunc(hosts, func(h string) bool { return p.r.failed[h] || p.r.unreachable[h] })
	if lost || p.r.stopped {
		return p.r.Memory.Keep(p.turn.key, nil)
	}
	if p.turn.taken {
		return nil
	}
	if p.r.Between != nil && p.turn.touched {
		p.r.Between.Over(hosts, p.r.Clock.Now().Sub(p.turn.began))
	}
	return p.r.Memory.Keep(p.turn.key, packed(&value.Map{}))
}

// untilStop is ctx until a person asks the run to stop.
func (r *runner) untilStop(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	if r.Stop != nil {
		go func() {
			select {
			case <-r.Stop:
				cancel()
			case <-ctx.Done():
			}
		}()
	}
	return ctx, cancel
}

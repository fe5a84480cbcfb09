package run

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/program"
	"github.com/drydock-dev/drydock/engine/strategy"
	"github.com/drydock-dev/drydock/engine/value"
)

// This file holds how a run is taken up again: it is played once more from its beginning, and a step whose answer an earlier process has kept
// is settled with it instead of being done. So facts, registers, the place in blocks and handlers come to be what they were, by the same code.

// Memory is what a run knows of itself beyond the death of its process. Steps are named by keys whose parts are divided by slashes.
type Memory interface {
	// Recall returns what an earlier process has left of a step.
	Recall(step string) event.Kept
	// Keep keeps the answer of a step. Nil forgets what was kept of it and of the steps below it.
	Keep(step string, answer []byte) error
	// Commit returns when all that was told and kept so far would outlast a loss of power.
	Commit() error
}

// amnesia is the memory of a run that is not kept.
type amnesia struct{}

func (amnesia) Recall(string) event.Kept  { return event.Kept{} }
func (amnesia) Keep(string, []byte) error { return nil }
func (amnesia) Commit() error             { return nil }
func (r *runner) remembers() bool         { _, no := r.Memory.(amnesia); return !no }
func (p *playRun) place(host string) string {
	return key(strconv.Itoa(p.index), strconv.Itoa(p.batchIndex), host)
}

// key joins the parts of a step's name.
func key(parts ...string) string {
	for i, p := range parts {
		parts[i] = strings.ReplaceAll(strings.ReplaceAll(p, "%", "%25"), "/", "%2F")
	}
	return strings.Join(parts, "/")
}

// errand is a step with its place in the memory of the run.
type errand struct {
	strategy.Step
	key      string     // empty: it is not kept
	past     *answer    // as it was kept: there is nothing to do
	passed   bool       // nobody wanted it done
	again    bool       // it was done, and is done again without a word: what it does cannot be written down, and it is done to no host
	begun    event.Kept // it had begun when the process died
	order    int        // of what was kept; 0: nothing
	windUp   bool       // it was handed out after the run was asked to stop
	recorded []byte     // what was kept, of meta tasks
}

// live tells whether something is to be done that is to be told.
func (e errand) live() bool { return e.past == nil && !e.passed && !e.again && e.recorded == nil }

// begins tells whether an errand is the first that goes beyond what an earlier process has done. The ends of sections and roles are not kept.
func (e errand) begins() bool {
	return e.live() && !(e.Task.Kind == program.KindMeta && e.Task.Implicit)
}

// errands looks up what is known of steps.
func (b *batchRun) errands(steps []strategy.Step) ([]errand, error) {
	out := make([]errand, len(steps))
	for i, s := range steps {
		e, err := b.errand(s)
		if err != nil {
			return nil, err
		}
		out[i] = e
	}
	return out, nil
}

func (b *batchRun) errand(s strategy.Step) (errand, error) {
	e := errand{Step: s, windUp: b.r.stopped}
	defer func() { b.alive[s.Host] = b.alive[s.Host] || e.begins() }()
	if !b.r.remembers() || s.Task.Kind == program.KindMeta && s.Task.Implicit {
		return e, nil
	}
	if b.r.stopped { // what rescue and always do now is not to be known later
		return e, nil
	}
	name := b.stepName(s)
	b.begun[name]++
	e.key = name + "/" + strconv.Itoa(b.begun[name])
	kept := b.r.Memory.Recall(e.key)
	e.order = kept.Order
	if kept.Begun {
		e.begun = kept
	}
	if kept.Answer == nil {
		return e, nil
	}
	if s.Task.Kind == program.KindMeta {
		e.recorded = kept.Answer
		return e, nil
	}
	b.recollect(&e, kept.Answer)
	return e, nil
}

// giveUp forgets, before a host undoes what it has done in this batch since the run was asked to stop, that it was done: it is to begin again.
func (w *worker) giveUp() error {
	if !w.undoes {
		return nil
	}
	return w.r.Memory.Keep(w.place(w.host), nil)
}

// stepName is the name of a step apart from how often it comes. Lines that are put in before a task leave it what it is; without a name of its
// own a task is known by its arguments.
func (b *batchRun) stepName(s strategy.Step) string {
	t := s.Task
	name := ""
	if t.Name != nil {
		name = written(t.Name)
	} else {
		named := value.Repr(unevaluated(t.Args)) + t.Meta
		if t.Include != nil {
			named += written(t.Include.File) + written(t.Include.Name)
		}
		sum := sha256.Sum256([]byte(named))
		name = "#" + hex.EncodeToString(sum[:4])
	}
	return b.place(s.Host) + "/" + key(t.Pos.File, t.Action, name)
}

// stepsOf are the steps of errands.
func stepsOf(es []errand) []strategy.Step {
	out := make([]strategy.Step, len(es))
	for i, e := range es {
		out[i] = e.Step
	}
	return out
}

// emit tells of something unless it was told by an earlier process. What the events belong to is told before them.
func (p *playRun) emit(events ...event.Event) error {
	if p.quiet {
		return nil
	}
	heads := p.r.heads
	p.r.heads, p.r.live = nil, true
	return p.r.bus.emit(append(heads, events...)...)
}

// head tells that a play or a playbook begins; where a run is taken up again, not before something in it is told.
func (r *runner) head(e event.Event) error {
	if !r.resuming {
		return r.bus.emit(e)
	}
	if _, ok := e.(event.PlaybookStarted); ok {
		r.heads = nil
	} else if n := len(r.heads); n > 0 {
		if _, ok := r.heads[n-1].(event.PlayStarted); ok {
			r.heads = r.heads[:n-1]
		}
	}
	r.heads = append(r.heads, e)
	return nil
}

// quietly does something whose events were told before.
func (b *batchRun) quietly(quiet bool, do func() error) error {
	was := b.quiet
	b.quiet = quiet
	defer func() { b.quiet = was }()
	return do()
}

// tellBegun warns of a step that may have been done in part.
func (b *batchRun) tellBegun(e errand) error {
	if !e.begun.Begun {
		return nil
	}
	return b.emit(event.Message{Level: "warning", Text: fmt.Sprintf("%s had begun on %s when the run ended before its time; it is planned again",
		strconv.Quote(b.nameOf(e.Task, b.env(e.Host, e.Task, nil))), e.Host)})
}

// keep keeps an answer before it counts.
func (b *batchRun) keep(a *answer) error {
	if a.step == "" || a.quiet || a.lost {
		return nil
	}
	data, err := pack(a)
	switch {
	case err != nil && a.acted: // it is planned again
		return nil
	case err != nil:
		data = packed(value.NewMap("again", true))
	}
	if len(a.jobs) > 0 {
		b.r.keepLater(a, data)
		return nil
	}
	return b.r.Memory.Keep(a.step, data)
}

// keepLater keeps an answer when the jobs that it leaves to this process have ended: should it die before, they are lost.
func (r *runner) keepLater(a *answer, data []byte) {
	r.keeping.Go(func() {
		for _, j := range a.jobs {
			if <-j.done; !j.whole {
				return
			}
		}
		_ = r.Memory.Keep(a.step, data) // the next event finds that nothing can be written
	})
}

// settledBatches are the batches of a play as they were when it first began: neither a shuffle nor an inventory that has changed since moves
// hosts from one to another. Hosts that are gone are left out.
func (p *playRun) settledBatches(batches [][]string) ([][]string, error) {
	at := key(strconv.Itoa(p.index), "batches")
	m, ok := unpacked(p.r.Memory.Recall(at).Answer)
	if !ok {
		return batches, p.r.Memory.Keep(at, packed(value.NewMap("batches", value.From(batches))))
	}
	var out [][]string
	p.hosts = nil
	lists, _ := m.Value("batches").([]any)
	for _, list := range lists {
		var batch []string
		names, _ := list.([]any)
		for _, n := range names {
			name := value.Str(n)
			if p.r.ground.now().Host(name) == nil {
				if err := p.r.bus.warn(fmt.Sprintf("%s is no longer in the inventory; the run goes on without it", name)); err != nil {
					return nil, err
				}
				continue
			}
			batch = append(batch, name)
		}
		p.hosts = append(p.hosts, batch...)
		out = append(out, batch)
	}
	return out, nil
}

package faults

// A process that carries a run out, and can die at any record of its journal: from then on nothing is written, no connection is open and none
// can be opened, as after kill -9.

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	drydock "github.com/drydock-dev/drydock"
	"github.com/drydock-dev/drydock/engine"
	"github.com/drydock-dev/drydock/engine/config"
	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/guard"
	"github.com/drydock-dev/drydock/engine/journal"
	"github.com/drydock-dev/drydock/engine/render"
	"github.com/drydock-dev/drydock/engine/run"
	"github.com/drydock-dev/drydock/engine/source"
	"github.com/drydock-dev/drydock/engine/twin"
	"github.com/drydock-dev/drydock/modules"
)

// plan says what becomes of a process.
type plan struct {
	dies   int // after so many records; 0: it lives
	stops  int // the person presses ctrl+C after so many records; 0: never
	accept []string
	extra  []string
	limit  string
	resume string // the run that is taken up again; empty: it begins one
	at     func(event.Event)
}

// outcome is what came of a process.
type outcome struct {
	content content
	run     string
	code    int
	err     error
	died    bool
	records int
	events  []event.Event
}

// process is one that is under way.
type process struct {
	*bed
	plan
	w    *journal.Writer
	view event.Sink
	net  *network
	soft chan struct{}
	kill context.CancelFunc

	lock    sync.Mutex
	dead    bool
	records int
	events  []event.Event
}

var errDead = errors.New("the process is dead")

// begin carries a content out.
func (b *bed) begin(c content, p plan) outcome {
	b.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	x := &process{bed: b, plan: p, net: newNetwork(b.dir), soft: make(chan struct{}), kill: cancel}
	defer x.net.cut()
	b.accepted = append(b.accepted, p.accept...)
	o, err := b.options(c, p)
	b.must(err)
	o.Instead = &engine.Instead{Connect: x.net, Disk: folder{b.dir}, Refuse: refuse}
	job, ds := engine.Load(o)
	b.must(ds.Err())
	if err := x.open(c, job); errors.Is(err, journal.ErrFinished) {
		return outcome{content: c, run: p.resume, err: err}
	} else {
		b.must(err)
	}
	code, err := job.Run(ctx, x, x.soft)
	if !x.dead {
		b.must(x.w.Close())
	} else if closed := x.w.Close(); closed != nil {
		b.t.Fatal(closed) // it gives the lock back
	}
	if err != nil {
		fmt.Fprintln(b, err)
	}
	b.keep(x.events, x.dead)
	return outcome{content: c, run: x.w.ID, code: code, err: err, died: x.dead, records: x.records, events: x.events}
}

func refuse(what string) error { return fmt.Errorf("this test does not let a run do this: %s", what) }

// options are those of a command line.
func (b *bed) options(c content, p plan) (engine.Options, error) {
	none := func(string) (string, bool) { return "", false }
	cfg, ds := config.Load(config.Machine{Getenv: none, Cwd: b.dir, Home: b.dir, ReadFile: source.ReadDisk, Stat: os.Stat})
	kept, err := c.settled()
	if err := errors.Join(ds.Err(), err); err != nil {
		return engine.Options{}, err
	}
	if c.text != "" {
		if err := os.WriteFile(b.dir+"/"+c.playbook, []byte(c.text), 0o600); err != nil {
			return engine.Options{}, err
		}
	}
	return engine.Options{
		Playbooks: []string{c.playbook}, Inventory: []string{b.dir + "/hosts.yml"}, Config: cfg, Registry: modules.Builtin(), Settings: kept, Limit: p.limit,
		Embedded: source.Embedded(b.dir, drydock.Content), Forks: 5, Vault: b.ring, ExtraVars: p.extra, Verbosity: 3,
		Guard:   &guard.Config{Accept: p.accept, Holder: "tester@here", Runs: b.ranHere},
		Machine: engine.Machine{Getenv: none, Cwd: b.dir, Home: b.dir, User: "nobody", Clock: b.site.Clock},
	}, nil
}

// ranHere tells the guard of other runs, as the command does.
func (b *bed) ranHere(id string) (known, unfinished bool) {
	r, err := b.runs.Find(id)
	if err != nil || r.ID != id {
		return false, false
	}
	return true, b.runs.Unfinished(id)
}

// open begins the journal, or goes on with it.
func (x *process) open(c content, job *engine.Job) error {
	o := journal.Origin{Now: x.site.Clock.Now, Key: x.key, Version: "test", Pid: 1, Args: []string{"run", c.playbook}, ReadFile: job.ReadRaw}
	x.view = render.NewAnsible(render.Options{Out: x.bed, Err: x.bed, Verbosity: 3})
	job.Memory = x
	if x.resume == "" {
		w, err := x.runs.Create(o)
		if err != nil {
			return err
		}
		x.w, job.Begin.Run = w, w.ID
		return nil
	}
	found, err := x.runs.Find(x.resume)
	if err != nil {
		return err
	}
	r, err := x.runs.Resume(found, o)
	if err != nil {
		return err
	}
	x.w, job.Begin.Run, job.Resumed = r.Writer, r.ID, &r.Told
	return r.Begin()
}

// record writes one record, if the process lives to do so.
func (x *process) record(write func() error) error {
	x.lock.Lock()
	defer x.lock.Unlock()
	if x.dead {
		return errDead
	}
	if err := write(); err != nil {
		return err
	}
	x.records++
	if x.records == x.stops {
		close(x.soft)
	}
	if x.records == x.dies {
		x.dead = true
		x.net.cut()
		x.kill()
		return errDead
	}
	return nil
}

// Emit writes an event down, then shows it.
func (x *process) Emit(e event.Event) error {
	err := x.record(func() error {
		if err := x.w.Emit(e); err != nil {
			return err
		}
		x.events = append(x.events, e)
		return x.view.Emit(e)
	})
	if err == nil && x.at != nil {
		x.at(e)
	}
	return err
}

// Keep writes an answer down.
func (x *process) Keep(step string, answer []byte) error {
	return x.record(func() error { return x.w.Keep(step, answer) })
}

// Recall is what an earlier process has left.
func (x *process) Recall(step string) event.Kept { return x.w.Recall(step) }

// Commit has nothing to do: the machine that the test runs on does not die.
func (x *process) Commit() error {
	x.lock.Lock()
	defer x.lock.Unlock()
	if x.dead {
		return errDead
	}
	return nil
}

var _ run.Memory = (*process)(nil)

// keep adds the acts of a process to those of the bed. What was under way when it died ends then; of a process that came to its end every act must
// have ended, too.
func (b *bed) keep(events []event.Event, died bool) {
	b.t.Helper()
	acts, now := twin.Acts(events), b.site.Clock.Now()
	if !died {
		for _, v := range twin.Completed(acts) {
			b.t.Error(v)
		}
	}
	for i := range acts {
		if acts[i].Ended.IsZero() {
			acts[i].Ended = now
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.acts = append(b.acts, acts...)
}

// refusedBy are the checks of the guard that let nothing pass, each once.
func (o outcome) refusedBy() string {
	var out []string
	for _, e := range o.events {
		g, ok := e.(event.Gate)
		if !ok || g.Passed {
			continue
		}
		for _, v := range g.Evidence {
			if v.State == string(guard.Breaks) && !strings.Contains(" "+strings.Join(out, " ")+" ", " "+v.Check+" ") {
				out = append(out, v.Check)
			}
		}
	}
	return strings.Join(out, " ")
}

// pause lets time pass in the twin.
func (b *bed) pause(d time.Duration) {
	b.t.Helper()
	b.must(b.site.Clock.Sleep(context.Background(), d))
}

package run

import (
	"context"
	"errors"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/guard"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/program"
	"github.com/drydock-dev/drydock/engine/strategy"
	"github.com/drydock-dev/drydock/engine/value"
)

// Scout sees where a run would go without going there: which plays, over which hosts in which order, with which tasks. It opens hosts for
// looking only. What a task of the run itself would find out (registered results, set_fact) it does not know, and says so instead of guessing.
//
// It is used by one goroutine, except for Open and what that opens.
type Scout struct {
	r    *runner
	legs []*Leg
	dim  map[string]bool // variables that only the run itself gives a value
}

// Leg is one play over its hosts.
type Leg struct {
	Name    string
	Pos     diag.Pos
	Batches [][]string // the hosts in order, as serial cuts them
	scout   *Scout
	play    *playRun
	sites   map[string]*outlook
}

// NewScout makes a scout of what a run is made of. Close ends its connections.
func NewScout(o Options) *Scout {
	o.Guard, o.Confirm, o.Console = nil, nil, nil
	return &Scout{r: newRunner(o)}
}

// Close ends all connections.
func (s *Scout) Close() { s.r.pool.close() }

// Learn gives a host facts, as gathering them would.
func (s *Scout) Learn(host string, facts *value.Map) { s.r.Vars.SetFacts(host, facts) }

// Legs are the plays that match hosts, in order.
func (s *Scout) Legs() ([]*Leg, error) {
	if s.legs != nil {
		return s.legs, nil
	}
	s.dim = map[string]bool{}
	for _, pb := range s.r.Program.Playbooks {
		for _, p := range pb.Plays {
			pr := s.r.newPlay(p)
			if err := pr.settleHosts(); err != nil {
				return nil, err
			}
			batches, err := pr.batches()
			if err != nil {
				return nil, err
			}
			for _, q := range p.VarsPrompt {
				s.dim[q.Name] = !s.r.Vars.Extra(q.Name)
			}
			s.dims(append(p.Blocks[:len(p.Blocks):len(p.Blocks)], p.Handlers...))
			if len(batches) > 0 {
				s.legs = append(s.legs, &Leg{Name: pr.name, Pos: p.Pos, Batches: batches, scout: s, play: pr})
			}
		}
	}
	return s.legs, nil
}

// dims notes the variables to which tasks give a value while they run.
func (s *Scout) dims(blocks []*program.Block) {
	for _, t := range strategy.Tasks(blocks) {
		if name, ok := t.Register.(string); ok {
			s.mark(name)
		}
		if t.Kind != program.KindModule || t.Module == nil || t.Module.Spec().Name != "ansible.builtin.set_fact" {
			continue
		}
		for _, name := range t.Args.Keys() {
			s.mark(value.Str(name))
		}
	}
}

func (s *Scout) mark(name string) {
	if name != "" && name != "cacheable" && !s.r.Vars.Extra(name) {
		s.dim[name] = true
	}
}

func (l *Leg) worker(host string, t *program.Task) *worker {
	w := &worker{playRun: l.play, host: host, task: t, env: l.env(host, t)}
	w.ref = l.play.refOf(t, w.env)
	return w
}

// open opens the host of a worker's task read-only, whatever the task says of check mode.
func (l *Leg) open(w *worker, delegate string) (module.Host, error) {
	t := *w.task
	t.CheckMode, t.Environment = true, nil
	at := *w
	at.task = &t
	env := w.env
	if delegate != "" {
		var err error
		if env, err = at.delegated(env, delegate); err != nil {
			return nil, err
		}
	}
	return at.open(env, delegate)
}

// Site is the run as a guard would see it from a task of a host, except that what it reaches can only be looked at.
func (l *Leg) Site(host string) guard.Site {
	if l.sites[host] == nil {
		if l.sites == nil {
			l.sites = map[string]*outlook{}
		}
		l.sites[host] = &outlook{l, l.onlooker(host)}
	}
	return l.sites[host]
}

// onlooker is a worker that has no task.
func (l *Leg) onlooker(host string) *worker {
	return l.worker(host, &program.Task{Pos: l.Pos, Action: "plan", Keywords: l.play.Keywords, Args: &value.Map{}})
}

// outlook is the site of a scout.
type outlook struct {
	leg *Leg
	w   *worker
}

// Hosts are the inventory's.
func (o *outlook) Hosts() []string { return site{w: o.w}.Hosts() }

// Var answers a variable as tasks of a host see it.
func (o *outlook) Var(host, name string) (any, bool) { return site{w: o.w}.Var(host, name) }

// Reach opens a host for looking only, as root where it is another machine.
func (o *outlook) Reach(_ context.Context, host string) (module.Host, error) {
	t := *o.w.task
	t.Become, t.BecomeUser = host != "localhost", nil
	at := *o.w
	at.task = &t
	if host == o.w.host {
		host = ""
	}
	return o.leg.open(&at, host)
}

// ErrNotYet says of a variable that only the run itself will give it a value.
var ErrNotYet = errors.New("only the run itself will know")

// dimmed is an environment in which such variables are errors instead of undefined: a default must not take their place.
type dimmed struct {
	under jinja.Env
	dim   map[string]bool
}

// Lookup answers from below, except what is not known yet.
func (d *dimmed) Lookup(name string) (any, bool, error) {
	if d.dim[name] {
		return nil, false, &notYet{name}
	}
	return d.under.Lookup(name)
}

type notYet struct{ name string }

func (e *notYet) Error() string { return "the value of " + e.name + " is found out by the run itself" }
func (e *notYet) Unwrap() error { return ErrNotYet }

// env is what a task of a host sees as far as it is known.
func (l *Leg) env(host string, t *program.Task) *dimmed {
	return &dimmed{l.play.env(host, t, nil), l.scout.dim}
}

// Begin reads the vars_files of a host, whose names may need its facts; its site knows them from then on.
func (l *Leg) Begin(host string) error {
	if err := l.play.readFiles(host); err != nil {
		return err
	}
	if o := l.sites[host]; o != nil {
		o.w = l.onlooker(host)
	}
	return nil
}

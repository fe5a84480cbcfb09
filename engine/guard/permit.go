package guard

// Permit: the cluster is held, the checks are made, what passes by itself is waited for, the node is marked.

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// Enter is asked before the first change of a host, whatever it is. A run that is known to disrupt nodes takes the cluster here, so that a second
// one has written nothing when it finds it taken. What cannot be told yet matters only when a node is to be disrupted.
func (g *Guard) Enter(ctx context.Context, r Request) error {
	if !g.cfg.Disrupts {
		return nil
	}
	c, err := g.clusterOf(ctx, r)
	var no *Refusal
	if errors.As(err, &no) || c == nil && err == nil {
		return nil
	}
	if err != nil {
		return err
	}
	c.turn.Lock()
	defer c.turn.Unlock()
	if c.hold != nil {
		return nil
	}
	if err := g.secure(ctx, c, r); !away(err) {
		return err
	}
	return nil
}

// clusterOf is the cluster of a task's host; nil: none. Where the host is the machine that Drydock runs on, it is the one of its kubeconfig.
func (g *Guard) clusterOf(ctx context.Context, r Request) (*cluster, error) {
	if r.Host == localhost {
		c, err := g.enter(ctx, r, door{host: localhost, access: kube.Access{Kubeconfig: g.kubeconfig(r, r.Host)}})
		if err != nil {
			return nil, nil //nolint:nilerr // it may have none
		}
		return c, nil
	}
	acts := r.On.Name()
	if acts != r.Host {
		view, err := r.Site.Reach(ctx, r.Host)
		if err != nil {
			return nil, nil //nolint:nilerr // the task is not at that host
		}
		r.On = view
	}
	p, err := g.locate(ctx, r)
	if err != nil && r.On.Name() != acts {
		return nil, nil //nolint:nilerr // the task is not at that host
	}
	if err != nil {
		return nil, err
	}
	return p.cluster, nil
}

// Permit is asked before each disruption and returns when it may happen.
func (g *Guard) Permit(ctx context.Context, r Request) (Answer, error) {
	p, err := g.find(ctx, r)
	if err != nil || p.cluster == nil {
		return Answer{}, err
	}
	w := g.newWait(r, p)
	for {
		answer, open, err := g.decide(ctx, r, p, w)
		if err != nil || open == nil {
			return answer, err
		}
		if err := w.more(ctx, open); err != nil {
			return answer, err
		}
	}
}

// find locates, and is patient for a while with clusters that do not answer.
func (g *Guard) find(ctx context.Context, r Request) (*place, error) {
	clock := module.ClockOf(r.On.Controller())
	limit := g.cfg.Limits.Patience
	g.mu.Lock()
	if len(g.clusters) > 0 { // one of them may be it, as soon as it answers
		limit = g.cfg.Limits.Wait
	}
	g.mu.Unlock()
	for end := clock.Now().Add(limit); ; {
		p, err := g.locate(ctx, r)
		var no *Refusal
		if !errors.As(err, &no) || !no.silent || !clock.Now().Before(end) {
			return p, err
		}
		r.On.Progress(fmt.Sprintf("%s waits until %s at the latest: %s", r.What, end.UTC().Format("15:04:05 MST"), no.Broken[0].Found))
		if err := clock.Sleep(ctx, g.cfg.Limits.Look); err != nil {
			return nil, err
		}
	}
}

// decide makes one decision. Findings that are returned are waited for.
func (g *Guard) decide(ctx context.Context, r Request, p *place, w *wait) (Answer, []kube.Finding, error) {
	c := p.cluster
	c.turn.Lock()
	defer c.turn.Unlock()
	answer := Answer{Node: p.node, Cluster: c.name}
	pic, all, err := g.findings(ctx, r, p)
	switch {
	case away(err) && ctx.Err() == nil:
		return answer, []kube.Finding{unanswered(c, err)}, nil
	case kube.Forbidden(err):
		return answer, nil, fmt.Errorf("the guard may not look at cluster %s: %w; give its kubeconfig the right to, or name another in %s", c.name, err, KubeconfigVariable)
	case err != nil:
		return answer, nil, err
	}
	answer.Evidence = g.told(all)
	against := slices.DeleteFunc(kube.Against(all), g.accepted)
	if hopeless := brokenOf(against); len(hopeless) > 0 {
		return answer, nil, &Refusal{Request: r, Node: p.node, Broken: w.broken(hopeless)}
	}
	if w.over(against) {
		return answer, nil, &Refusal{Request: r, Node: p.node, Broken: w.broken(against)}
	}
	if len(against) > 0 {
		return answer, against, nil
	}
	err = g.grant(ctx, r, p, pic, &answer)
	if away(err) && ctx.Err() == nil {
		return answer, []kube.Finding{unanswered(c, err)}, nil
	}
	return answer, nil, err
}

// brokenOf are the findings that no waiting will change.
func brokenOf(all []kube.Finding) []kube.Finding {
	return slices.DeleteFunc(slices.Clone(all), func(f kube.Finding) bool { return f.Grade != kube.Broken })
}

// findings holds the cluster and looks at it.
func (g *Guard) findings(ctx context.Context, r Request, p *place) (picture, []kube.Finding, error) {
	if err := g.secure(ctx, p.cluster, r); err != nil {
		return picture{}, nil, err
	}
	pic, err := p.cluster.see(ctx, r)
	if err != nil {
		return pic, nil, err
	}
	if !pic.census.Has(p.node) {
		return pic, []kube.Finding{{Check: kube.CheckNode, About: p.node, Grade: kube.Broken, Found: "the cluster has no node " + p.node}}, nil
	}
	all, err := g.inspect(ctx, r, p, pic)
	return pic, all, err
}

// unanswered is an API server that is away: nothing is known then, and no knowledge is no leave.
func unanswered(c *cluster, err error) kube.Finding {
	return kube.Finding{Check: CheckCluster, About: c.name, Grade: kube.Passing, Found: fmt.Sprintf("the API server of cluster %s does not answer: %v", c.name, err), Mend: "bring the control plane back"}
}

// grant gives the leave: the hold is looked at a last time, and the node is marked before it is cordoned.
func (g *Guard) grant(ctx context.Context, r Request, p *place, pic picture, answer *Answer) error {
	c := p.cluster
	if r.Kind == module.Uncordon {
		return g.giveBack(ctx, r, p, pic, answer)
	}
	w := c.work[p.node]
	var err error
	if w == nil {
		err = c.note(ctx, pic.client, g.cfg.Run, p.node)
	} else {
		err = g.secure(ctx, c, r)
	}
	if err != nil {
		return err
	}
	if r.Kind == module.Cordon || r.Kind == module.Drain {
		if err := g.mark(ctx, r, p, pic); err != nil {
			return err
		}
	}
	if w == nil {
		w = &work{node: p.node}
		c.work[p.node] = w
	}
	w.host, w.acting, w.since, w.settled = p.host, r.What, module.ClockOf(r.On.Controller()).Now(), false
	w.booted = w.booted || r.Kind == module.Reboot || r.Kind == module.Restart || r.Kind == module.Stop
	c.calm, c.looks = time.Time{}, 0
	answer.Done = func(context.Context) {
		c.turn.Lock()
		defer c.turn.Unlock()
		w.acting = ""
	}
	return nil
}

// mark says on the node who takes it and how it was before. It is written before the cordon: a mark without a cordon is no harm, a cordon without
// one would belong to nobody.
func (g *Guard) mark(ctx context.Context, r Request, p *place, pic picture) error {
	m := pic.census.MarksOf(p.node)
	if m.Run == g.cfg.Run {
		return nil
	}
	before := pic.census.Cordoned(p.node)
	if m.Run != "" { // a run that is over, or that a person has written off: what was before it counts
		before = before && m.Before
	}
	return kube.Mark(ctx, pic.client, p.node, kube.Marks{Run: g.cfg.Run, At: pic.census.Now, Reason: r.What + ": " + r.Task, Before: before})
}

// giveBack lets a node be uncordoned that this run, or one known here, has cordoned. Any other cordon is somebody's intention.
func (g *Guard) giveBack(ctx context.Context, r Request, p *place, pic picture, answer *Answer) error {
	c := p.cluster
	m := pic.census.MarksOf(p.node)
	known, _ := g.knows(m.Run)
	ours := m.Run != "" && (m.Run == g.cfg.Run || known)
	switch {
	case !pic.census.Cordoned(p.node):
		return g.secure(ctx, c, r)
	case m.Run == "":
		answer.Skip = fmt.Sprintf("node %s stays cordoned: no run of Drydock has cordoned it, so it is not for this one to undo", p.node)
	case !ours:
		answer.Skip = fmt.Sprintf("node %s stays cordoned: run %s has cordoned it (%s), of which nothing is known here", p.node, m.Run, m.Reason)
	case m.Before:
		answer.Skip = fmt.Sprintf("node %s stays cordoned, as it was before this run", p.node)
		g.forget(c, p.node)
		return kube.Mark(ctx, pic.client, p.node, kube.Marks{})
	}
	if answer.Skip != "" {
		return nil
	}
	if err := g.secure(ctx, c, r); err != nil {
		return err
	}
	answer.Done = func(ctx context.Context) { g.given(ctx, r, p) }
	return nil
}

// given takes the marks off a node that takes pods again. One that does not (the task failed) keeps them; marks that stay for another reason are
// overwritten by the next run, as they mean nothing without a cordon.
func (g *Guard) given(ctx context.Context, r Request, p *place) {
	c := p.cluster
	c.turn.Lock()
	defer c.turn.Unlock()
	_ = c.each(ctx, r, func(k kube.Cluster) error {
		census, err := kube.ReadCensus(ctx, k)
		if err != nil || census.Cordoned(p.node) {
			return err
		}
		return kube.Mark(ctx, k, p.node, kube.Marks{})
	})
	if w := c.work[p.node]; w != nil {
		w.acting = ""
	}
}

// forget ends the work on a node that stays as it is.
func (g *Guard) forget(c *cluster, node string) {
	if w := c.work[node]; w != nil {
		w.acting = ""
	}
}

// The variables of a host by which its limits are set, in seconds.
const (
	WaitVariable  = "drydock_guard_timeout"                // for nodes, servers and the API to come back: 900
	StillVariable = "drydock_longhorn_no_progress_timeout" // for volumes that are rebuilt, without any progress: 900
)

// wait is the waiting of one request: since when for what, and until when.
type wait struct {
	r       Request
	clock   module.Clock
	limits  Limits
	eager   bool // this run has disrupted something before: what it waits for may be its own doing
	pending map[string]*pending
}

// pending is one finding that is waited for.
type pending struct {
	since, moved time.Time // moved: when its words last changed
	looks        int       // how often it was seen; where progress counts, since the last
	told         time.Time
	text         string
}

func (g *Guard) newWait(r Request, p *place) *wait {
	p.cluster.turn.Lock()
	defer p.cluster.turn.Unlock()
	limits := g.cfg.Limits
	for name, limit := range map[string]*time.Duration{WaitVariable: &limits.Wait, StillVariable: &limits.Still} {
		if v, ok := r.Site.Var(r.Host, name); ok {
			if n, err := strconv.ParseFloat(value.Str(v), 64); err == nil && n >= 0 {
				*limit = time.Duration(n * float64(time.Second))
			}
		}
	}
	limits.Patience = min(limits.Patience, limits.Wait)
	return &wait{r: r, clock: module.ClockOf(r.On.Controller()), limits: limits, eager: len(p.cluster.work) > 0, pending: map[string]*pending{}}
}

// slow are the checks of what takes as long as it takes: it is waited for while it moves.
var slow = []string{kube.CheckDegraded, kube.CheckSettled, kube.CheckFailed}

// until is when a finding is waited for no longer.
func (w *wait) until(f kube.Finding, p *pending) time.Time {
	switch {
	case slices.Contains(slow, f.Check):
		return p.moved.Add(w.limits.Still)
	case w.eager || f.Check == CheckCluster:
		return p.since.Add(w.limits.Wait)
	}
	return p.since.Add(w.limits.Patience)
}

// fewLooks are how often something must have been looked at before it is given up, whatever the clock says: a machine that slept has not waited.
const fewLooks = 5

func (w *wait) late(f kube.Finding, p *pending, now time.Time) bool {
	return p.looks >= fewLooks && !now.Before(w.until(f, p))
}

func keyOf(f kube.Finding) string { return f.Check + "=" + f.About }

// over tells whether something has been waited for long enough. It keeps account of what is new and what has changed.
func (w *wait) over(all []kube.Finding) bool {
	now := w.clock.Now()
	still := map[string]*pending{}
	late := false
	for _, f := range all {
		key := keyOf(f)
		p := w.pending[key]
		if p == nil {
			p = &pending{since: now, moved: now, text: f.Found}
		}
		if p.text != f.Found {
			p.text, p.moved = f.Found, now
			if slices.Contains(slow, f.Check) {
				p.looks = 0
			}
		}
		p.looks++
		still[key] = p
		late = late || w.late(f, p, now)
	}
	w.pending = still
	return late
}

// broken makes evidence of what is refused, with how long it was waited for.
func (w *wait) broken(all []kube.Finding) []Evidence {
	now := w.clock.Now()
	var out []Evidence
	for _, f := range all {
		e := Evidence{Check: f.Check, About: f.About, Found: f.Found, State: Breaks, Mend: f.Mend, Accept: f.Accept()}
		if f.Check == CheckCluster || f.Check == kube.CheckNode {
			e.Accept = ""
		}
		if p := w.pending[keyOf(f)]; p != nil && now.Sub(p.since) >= time.Second {
			e.Found += fmt.Sprintf(", for %s now", now.Sub(p.since).Round(time.Second))
		}
		out = append(out, e)
	}
	return out
}

// retell is how often a line about a wait is said again.
const retell = 30 * time.Second

// more says what is waited for and lets some time pass.
func (w *wait) more(ctx context.Context, all []kube.Finding) error {
	now := w.clock.Now()
	for _, f := range all {
		p := w.pending[keyOf(f)]
		if p == nil { // the API server, which is not among the findings of a picture
			p = &pending{since: now, moved: now, text: f.Found}
			w.pending[keyOf(f)] = p
		}
		if f.Check == CheckCluster {
			p.looks++
		}
		if w.late(f, p, now) {
			return &Refusal{Request: w.r, Broken: w.broken(all)}
		}
		if p.told.IsZero() || p.moved.After(p.told) || now.Sub(p.told) >= retell {
			p.told = now
			w.r.On.Progress(fmt.Sprintf("%s waits: %s (since %s, until %s at the latest)", w.r.What, strings.TrimSuffix(f.Found, "."),
				p.since.UTC().Format("15:04:05"), w.until(f, p).UTC().Format("15:04:05 MST")))
		}
	}
	return w.clock.Sleep(ctx, w.limits.Look)
}

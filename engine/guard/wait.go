package guard

// Waiting for what passes by itself: what is said of it, until when it lasts, and what wakes it.

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

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

	cluster *cluster
	stirred chan struct{} // something has changed; nil: nobody watches yet
	unwatch context.CancelFunc
	watched sync.WaitGroup
}

// pending is one finding that is waited for.
type pending struct {
	since, moved time.Time // moved: when its words last changed
	looks        int       // how often it was seen; where progress counts, since the last
	told         time.Time
	text         string
}

// newWait begins the waiting of a request, with the limits that its host's variables set.
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
	return &wait{r: r, clock: module.ClockOf(r.On.Controller()), limits: limits, eager: len(p.cluster.work) > 0, pending: map[string]*pending{}, cluster: p.cluster}
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
	return w.rest(ctx)
}

// breath is the least time between two looks, however much changes.
const breath = time.Second

// rest waits until something changes, or it is time to look again.
func (w *wait) rest(ctx context.Context) error {
	w.watch(ctx)
	if err := w.clock.Sleep(ctx, min(breath, w.limits.Look)); err != nil {
		return err
	}
	until, wake := context.WithCancel(ctx)
	defer wake()
	go func() {
		select {
		case <-w.stirred:
			wake()
		case <-until.Done():
		}
	}()
	if err := w.clock.Sleep(until, max(0, w.limits.Look-breath)); ctx.Err() != nil {
		return err
	}
	return nil
}

// watch begins to watch the cluster, once. It has a client of its own, whose requests tell nobody of their troubles.
func (w *wait) watch(ctx context.Context) {
	if w.stirred != nil {
		return
	}
	w.stirred = make(chan struct{}, 1)
	var client kube.Cluster
	err := w.cluster.each(ctx, w.r, func(k kube.Cluster) error { client = kube.Telling(k, func(string) {}); return nil })
	if err != nil {
		return // then it is looked at by the clock alone
	}
	ctx, w.unwatch = context.WithCancel(ctx)
	w.watched.Go(func() {
		kube.Stir(ctx, client, kube.LonghornNamespace, func() {
			select {
			case w.stirred <- struct{}{}:
			default:
			}
		})
	})
}

// end stops watching.
func (w *wait) end() {
	if w.unwatch != nil {
		w.unwatch()
		w.watched.Wait()
	}
}

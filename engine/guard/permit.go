package guard

// Permit: the cluster is held, the checks are made, what passes by itself is waited for, the node is marked.

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/module"
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
	defer w.end()
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

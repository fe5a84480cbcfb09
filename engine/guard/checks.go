package guard

// Which checks a disruption needs, and what they find. The checks themselves are pure functions of package kube.

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/module"
)

// inspect are the findings about a disruption of a place.
func (g *Guard) inspect(ctx context.Context, r Request, p *place, pic picture) ([]kube.Finding, error) {
	if r.Kind == module.Uncordon {
		return g.beforeGivingBack(ctx, r, p, pic)
	}
	fresh := !(pic.census.Cordoned(p.node) && pic.census.MarksOf(p.node).Run == g.cfg.Run) // a node that takes pods is touched anew
	out := g.ownWork(p, pic)
	out = append(out, pic.census.Others(p.node, g.cfg.Run)...)
	out = append(out, pic.foreign.Findings(pic.census)...)
	out = append(out, g.control(ctx, r, p, pic)...)
	if fresh {
		more, err := g.previous(ctx, r, p, pic)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	more, err := g.storage(ctx, r, p, pic, fresh)
	return append(out, more...), err
}

// ownWork is what this run, or another of this machine, is at with the node itself and with others.
func (g *Guard) ownWork(p *place, pic picture) []kube.Finding {
	var out []kube.Finding
	for _, w := range p.cluster.busy(p.node) {
		out = append(out, kube.Finding{Check: kube.CheckOtherNode, About: w.node, Grade: kube.Passing,
			Found: fmt.Sprintf("this run is at node %s (%s)", w.node, w.acting), Mend: "take the nodes one after the other: serial: 1"})
	}
	return append(out, g.otherWork(pic.census, p.node)...)
}

// otherWork is what another run, of this machine or not, is at with a node.
func (g *Guard) otherWork(c kube.Census, node string) []kube.Finding {
	m := c.MarksOf(node)
	if m.Run == "" || m.Run == g.cfg.Run || !c.Cordoned(node) {
		return nil
	}
	if known, _ := g.knows(m.Run); known {
		return nil // it is over, or has died: what it left behind is ours to clear
	}
	return []kube.Finding{{
		Check: kube.CheckOtherRun, About: node, Also: []string{"", m.Run}, Grade: kube.Broken,
		Found: fmt.Sprintf("node %s is in work by run %s, of which nothing is known here", node, m.Run),
		Mend:  "let that run end where it was begun; if it is lost: kubectl uncordon " + node,
	}}
}

func (g *Guard) knows(run string) (known, died bool) {
	if g.cfg.Runs == nil {
		return false, false
	}
	return g.cfg.Runs(run)
}

// control checks the control plane, if the node is of it.
func (g *Guard) control(ctx context.Context, r Request, p *place, pic picture) []kube.Finding {
	if !pic.census.Server(p.node) && !slices.Contains(pic.census.Voters(), p.node) {
		return nil
	}
	out := pic.census.ServerFindings(p.node)
	if !slices.Contains(pic.census.Voters(), p.node) {
		return out
	}
	q := pic.census.Quorum(p.node, g.askEtcd(ctx, r, p, pic))
	return append(out, q.Findings(g.serversToCome(p, pic))...)
}

// serversToCome are the servers that this run may come to after a node, as far as it has seen which hosts are which.
func (g *Guard) serversToCome(p *place, pic picture) []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	var out []string
	for _, o := range g.places {
		if o.cluster == p.cluster && o.node != p.node && p.cluster.work[o.node] == nil && slices.Contains(pic.census.Voters(), o.node) && !slices.Contains(out, o.node) {
			out = append(out, o.node)
		}
	}
	slices.Sort(out)
	return out
}

// askEtcd asks the members of etcd themselves, as far as their hosts are of the inventory. Where none answers, nothing is known of any; a member that
// is silent while others answer is a flaw.
func (g *Guard) askEtcd(ctx context.Context, r Request, p *place, pic picture) map[string]kube.EtcdSeen {
	hosts := map[string]string{} // by node
	for _, h := range r.Site.Hosts() {
		t := kube.Traits{Inventory: h, Variable: g.variable(r, h, kube.NodeVariable), Names: []string{g.variable(r, h, "ansible_host")}}
		if node, err := pic.census.Match(t); err == nil && slices.Contains(pic.census.Voters(), node) {
			hosts[node] = h
			p.cluster.addDoor(door{host: h})
		}
	}
	if p.host != "" {
		hosts[p.node] = p.host
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	seen := map[string]kube.EtcdSeen{}
	silent := map[string]bool{}
	for node, h := range hosts {
		wg.Go(func() {
			view, err := r.Site.Reach(ctx, h)
			var s kube.EtcdSeen
			if err == nil {
				s, err = kube.SeeEtcd(ctx, view)
			}
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				seen[node] = s
			} else {
				silent[node] = true
			}
		})
	}
	wg.Wait()
	if len(seen) > 0 {
		for node := range silent {
			seen[node] = kube.EtcdSeen{HasLeader: true} // and not healthy
		}
	}
	return seen
}

// previous are the nodes that this run has disrupted before: they must be back, and all well for a while.
func (g *Guard) previous(ctx context.Context, r Request, p *place, pic picture) ([]kube.Finding, error) {
	before := p.cluster.before(p.node)
	var out []kube.Finding
	for _, w := range before {
		more, err := g.back(ctx, r, w, pic)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
		if pic.storage != nil {
			out = append(out, pic.storage.Unsettled(w.node)...)
		}
	}
	if len(before) == 0 || pic.storage == nil && !g.anyVoter(before, pic) {
		for _, w := range before {
			w.settled = len(out) == 0
		}
		return out, nil
	}
	return append(out, g.calm(r, p.cluster, before, len(out) == 0)...), nil
}

func (g *Guard) anyVoter(all []*work, pic picture) bool {
	return slices.ContainsFunc(all, func(w *work) bool { return slices.Contains(pic.census.Voters(), w.node) })
}

// looksNeeded is how often all must be seen to be well.
const looksNeeded = 3

// calm wants all to be well for a while: Longhorn's words, and an election's, come late.
func (g *Guard) calm(r Request, c *cluster, before []*work, well bool) []kube.Finding {
	now := module.ClockOf(r.On.Controller()).Now()
	if !well {
		c.calm, c.looks = now, 0
		return nil
	}
	if c.looks == 0 {
		c.calm = now
	}
	c.looks++
	if c.looks >= looksNeeded && now.Sub(c.calm) >= g.cfg.Limits.Settle {
		for _, w := range before {
			w.settled = true
		}
		c.looks = 0
		return nil
	}
	return []kube.Finding{{Check: kube.CheckSettled, About: before[len(before)-1].node, Grade: kube.Passing,
		Found: fmt.Sprintf("all is well after %s; it must stay so for %s", before[len(before)-1].node, g.cfg.Limits.Settle)}}
}

// back checks that a node which was disrupted is there again.
func (g *Guard) back(ctx context.Context, r Request, w *work, pic picture) ([]kube.Finding, error) {
	var boot kube.Boot
	if w.booted && w.host != "" {
		view, err := r.Site.Reach(ctx, w.host)
		if err == nil {
			var s shown
			s, err = lookAt(ctx, view)
			boot = s.boot
		}
		if away(err) {
			return []kube.Finding{{Check: kube.CheckReturned, About: w.node, Grade: kube.Passing, Found: fmt.Sprintf("host %s of node %s cannot be reached", w.host, w.node), Mend: "bring the host back"}}, nil
		}
		if err != nil {
			return nil, err
		}
	}
	out := pic.census.Returned(w.node, boot)
	if pic.storage != nil {
		out = append(out, pic.drivers.Missing(w.node)...)
		out = append(out, pic.storage.Unserved(w.node)...)
	}
	return out, nil
}

// storage checks Longhorn: all of it before a node is touched; while it is in work, that no volume depends on it, as volumes lack its replicas then;
// and what is still on the node before it goes down.
func (g *Guard) storage(ctx context.Context, r Request, p *place, pic picture, fresh bool) ([]kube.Finding, error) {
	if pic.storage == nil {
		return nil, nil
	}
	var out []kube.Finding
	s := *pic.storage
	switch {
	case r.Kind == module.Upgrade && fresh:
		out = s.Ailing()
	case r.Kind == module.Upgrade:
	case fresh:
		out = s.Preflight(p.node, pic.ties)
	default:
		out = s.Blockers(p.node)
	}
	if r.Kind != module.Reboot && r.Kind != module.Stop {
		return out, nil
	}
	out = append(out, s.InUse(p.node, pic.ties)...)
	if p.host == "" {
		return out, nil
	}
	view, err := r.Site.Reach(ctx, p.host)
	if err != nil {
		return nil, err
	}
	host, err := lookAt(ctx, view)
	if err != nil {
		return nil, err
	}
	return append(out, host.mounted(p.node, pic.census.Cordoned(p.node))...), nil
}

// beforeGivingBack checks that a node which this run took down is there again before pods are sent to it.
func (g *Guard) beforeGivingBack(ctx context.Context, r Request, p *place, pic picture) ([]kube.Finding, error) {
	w := p.cluster.work[p.node]
	switch {
	case w != nil && !w.booted:
		return nil, nil
	case w == nil && (pic.census.MarksOf(p.node).Run != g.cfg.Run || !pic.census.Cordoned(p.node)):
		return nil, nil
	case w == nil: // an earlier process of this run took it, and may have rebooted it
		w = &work{node: p.node, booted: true}
	}
	w.host = cmp.Or(w.host, p.host)
	return g.back(ctx, r, w, pic)
}

// told makes evidence of findings.
func (g *Guard) told(all []kube.Finding) []Evidence {
	out := make([]Evidence, len(all))
	for i, f := range all {
		out[i] = Evidence{Check: f.Check, About: f.About, Found: f.Found, State: State(f.Grade), Mend: f.Mend, Accept: f.Accept()}
		if f.Grade != kube.Sound && g.accepted(f) {
			out[i].State = Accepted
		}
	}
	return out
}

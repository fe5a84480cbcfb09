package guard

// What a plan may ask of the guard: the same ways to the same node, and nothing is held, marked or waited for.

import (
	"context"

	"github.com/drydock-dev/drydock/engine/kube"
)

// Spot is where a host is, as the guard finds it.
type Spot struct {
	Node    string
	Cluster string // its identity; empty: the host is of no cluster
	Name    string // of the cluster, for people
	Door    string // by which it was entered, for people
	Reader  kube.Reader
}

// Locate finds the node that a request's host is. A *Refusal says that it cannot be told. A host that showed no sign of a cluster is looked for again
// among the clusters that others have shown since.
func (g *Guard) Locate(ctx context.Context, r Request) (Spot, error) {
	g.mu.Lock()
	if p := g.places[r.On.Name()]; p != nil && p.cluster == nil {
		delete(g.places, r.On.Name())
	}
	g.mu.Unlock()
	p, err := g.locate(ctx, r)
	if err != nil || p.cluster == nil {
		return Spot{}, err
	}
	s := Spot{Node: p.node, Cluster: p.cluster.id, Name: p.cluster.name}
	err = p.cluster.each(ctx, r, func(k kube.Cluster) error {
		s.Reader = k
		return nil
	})
	p.cluster.doorsMu.Lock()
	s.Door = p.cluster.doors[0].String()
	p.cluster.doorsMu.Unlock()
	return s, err
}

// Mounted is what of Longhorn the host of a request has mounted itself.
func (g *Guard) Mounted(ctx context.Context, r Request, s Spot) ([]kube.Finding, error) {
	host, err := lookAt(ctx, r.On)
	if err != nil {
		return nil, err
	}
	return host.mounted(s.Node, false), nil
}

// Accepts tells whether a person has accepted a finding.
func (g *Guard) Accepts(f kube.Finding) bool { return f.Grade != kube.Sound && g.accepted(f) }

// Mode is how strict the guard is.
func (g *Guard) Mode() Mode { return g.cfg.Mode }

// InWork is what another run is at with a node that is cordoned. Nothing is found of one that nobody has marked, or whose run is over.
func (g *Guard) InWork(c kube.Census, node string) []kube.Finding { return g.otherWork(c, node) }

// Inherits tells whether a run may take a Lease at once: who holds it was begun here and has died, so that nobody will renew it. What that run has
// left in work is found by the marks of the nodes.
func (g *Guard) Inherits(l kube.Lease) bool {
	_, died := g.knows(l.Run)
	return died && l.Holder != "" && l.Run != g.cfg.Run
}

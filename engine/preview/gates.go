package preview

import (
	"context"
	"slices"
	"sync"

	"github.com/drydock-dev/drydock/engine/guard"
	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/module"
)

// This file holds the guard's checks as a plan sees them: the same decisions over the same objects, for each node as if it were the next.

// weigh says what the guard would find if the node were disrupted now.
func (s *subject) weigh(g *guard.Guard, n *Node) {
	f := s.place.field
	found := f.census.Others(n.Node, "")
	q := f.census.Quorum(n.Node, f.etcd)
	if q.Member {
		n.Quorum = &Quorum{Members: q.Members, Healthy: q.Healthy, Needed: q.Needed, Left: q.Left, Holds: q.Holds(), Leader: q.Leader, Words: q.Words()}
	}
	found = append(found, q.Findings(s.later)...)
	found = append(found, f.census.ServerFindings(n.Node)...)
	if f.storage != nil {
		found = append(found, f.storage.Preflight(n.Node, f.ties)...)
		if !n.Drained && s.goesDown() {
			found = append(append(found, f.storage.InUse(n.Node, f.ties)...), s.mounted...)
		}
	}
	for _, x := range found {
		file(g, x, n)
	}
	if n.Cordoned {
		s.cordoned(g, n)
	}
}

// told are the checks whose finding is worth a word although nothing is wrong.
var told = []string{kube.CheckLeaderLast, kube.CheckServer}

// file makes a blocker of a finding that speaks against the node, a note of one that should be known.
func file(g *guard.Guard, f kube.Finding, n *Node) {
	switch {
	case f.Grade != kube.Sound:
		n.Blockers = append(n.Blockers, blockerOf(g, f))
	case slices.Contains(told, f.Check):
		n.Notes = append(n.Notes, f.Found)
	}
}

// blockerOf is a finding as the preview has it. What passes by itself is waited for in a run; a plan says that it is not so now.
func blockerOf(g *guard.Guard, f kube.Finding) Blocker {
	return Blocker{
		Check: f.Check, About: f.About, Found: f.Found, Mend: f.Mend, Accept: f.Accept(), Passes: f.Grade == kube.Passing, Accepted: g.Accepts(f),
	}
}

// cordoned says whose a cordon is that is there already: what nobody of Drydock has done, Drydock does not undo.
func (s *subject) cordoned(g *guard.Guard, n *Node) {
	for _, f := range g.InWork(s.place.census, n.Node) {
		n.Blockers = append(n.Blockers, blockerOf(g, f))
	}
	if s.place.census.MarksOf(n.Node).Run == "" {
		n.Notes = append(n.Notes, "it is cordoned already, by no run of Drydock: it will stay so")
	}
}

// hear asks the members of etcd what they say of themselves, where a member is to be disrupted; and tells each server which ones come after it.
func (l *looker) hear(ctx context.Context) {
	for _, f := range l.fields {
		var members []*subject
		for _, s := range l.subjects {
			if s.place.field == f && slices.Contains(f.census.Voters(), s.place.node) {
				members = append(members, s)
			}
		}
		for i, s := range members {
			for _, after := range members[i+1:] {
				s.later = append(s.later, after.place.node)
			}
		}
		if len(members) > 0 {
			f.etcd = l.seeEtcd(ctx, f, members[0].Site.Reach)
		}
	}
}

// feel asks the hosts themselves what of Longhorn they have mounted, where a node goes down without a drain.
func (l *looker) feel(ctx context.Context) {
	l.each(func(s *subject) {
		if s.place.field == nil || s.place.storage == nil || len(s.drains) > 0 || !s.goesDown() {
			return
		}
		found, err := l.Guard.Mounted(ctx, s.request(), s.spot)
		if err != nil {
			s.blind = append(s.blind, err)
		}
		s.mounted = found
	})
}

// goesDown tells whether the run takes down what the node lives on.
func (s *subject) goesDown() bool {
	return slices.ContainsFunc(s.prospects, func(p Prospect) bool { return down(p.Disruption.Kind) })
}

func down(k module.Disrupting) bool {
	return k == module.Reboot || k == module.Restart || k == module.Stop
}

// seeEtcd asks every member that a host of the inventory is. One that does not answer is not among the answers.
func (l *looker) seeEtcd(ctx context.Context, f *field, reach func(context.Context, string) (module.Host, error)) map[string]kube.EtcdSeen {
	seen := map[string]kube.EtcdSeen{}
	var mu sync.Mutex
	l.atOnce(len(l.Hosts), func(i int) {
		node := l.nodeOf(f, l.Hosts[i])
		if !slices.Contains(f.census.Voters(), node) {
			return
		}
		host, err := reach(ctx, l.Hosts[i])
		if err != nil {
			return
		}
		if said, err := kube.SeeEtcd(ctx, host); err == nil {
			mu.Lock()
			seen[node] = said
			mu.Unlock()
		}
	})
	return seen
}

// nodeOf is the node of a host of the inventory: as it was found, else by its name alone.
func (l *looker) nodeOf(f *field, host string) string {
	for _, s := range l.subjects {
		if s.Host == host {
			return s.place.node
		}
	}
	node, err := f.census.Match(kube.Traits{Inventory: host})
	if err != nil {
		return ""
	}
	return node
}

package preview

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/module"
)

// This file holds the guard's checks as a plan sees them: the same decisions over the same objects, for each node as if it were the next.

// weigh says what the guard would find if the node were disrupted now.
func (s *subject) weigh(n *Node) {
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
		if !n.Drained && (n.Has(string(module.Reboot)) || n.Has(string(module.Restart))) {
			found = append(found, f.storage.InUse(n.Node, f.ties)...)
		}
	}
	for _, x := range found {
		s.file(x, n)
	}
	if n.Cordoned {
		s.cordoned(n)
	}
}

// told are the checks whose finding is worth a word although nothing is wrong.
var told = []string{kube.CheckLeaderLast, kube.CheckServer}

// file makes a blocker of a finding that speaks against the node, a note of one that should be known.
func (s *subject) file(f kube.Finding, n *Node) {
	switch {
	case f.Grade != kube.Sound:
		n.Blockers = append(n.Blockers, s.blockerOf(f))
	case slices.Contains(told, f.Check):
		n.Notes = append(n.Notes, f.Found)
	}
}

func (s *subject) blockerOf(f kube.Finding) Blocker { return blockerOf(f, s.accept) }

// blockerOf is a finding as the preview has it. What passes by itself is waited for in a run; a plan says that it is not so now.
func blockerOf(f kube.Finding, accept []string) Blocker {
	return Blocker{
		Check: f.Check, About: f.About, Found: f.Found, Mend: f.Mend, Accept: f.Accept(), Passes: f.Grade == kube.Passing,
		Accepted: accepted(f, accept),
	}
}

// accepted tells whether a person has taken a finding on.
func accepted(f kube.Finding, accept []string) bool {
	return slices.ContainsFunc(accept, func(word string) bool {
		check, about, _ := strings.Cut(word, "=")
		return check == f.Check && f.Names(about)
	})
}

// cordoned says whose a cordon is that is there already: what nobody of Drydock has done, Drydock does not undo.
func (s *subject) cordoned(n *Node) {
	switch m := s.place.census.MarksOf(n.Node); {
	case m.Run != "":
		n.Blockers = append(n.Blockers, Blocker{
			Check: kube.CheckOtherRun, About: n.Node, Found: "it is cordoned by run " + m.Run + ", which has not given it back",
			Mend: "go on with that run: drydock resume " + m.Run, Accept: "--accept " + kube.CheckOtherRun + "=" + n.Node,
			Accepted: accepted(kube.Finding{Check: kube.CheckOtherRun, About: n.Node}, s.accept),
		})
	default:
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

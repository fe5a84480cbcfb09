package kube

// Does etcd keep its quorum without one member? Decided without etcdctl: from the condition that K3s' leader writes to each member's node, and from
// what the members say of themselves (etcd_seen.go) where they could be asked.

import (
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// etcdIsVoter is the condition by which K3s says whether a node is a voting member. The leader looks every 15 s and renews it every 5 min.
const etcdIsVoter corev1.NodeConditionType = "EtcdIsVoter"

// staleVote is the age from which on the condition says nothing any more.
const staleVote = 6 * time.Minute

// Quorum is the arithmetic of one member that goes away.
type Quorum struct {
	Node    string
	Member  bool // the node is a member; the rest says nothing otherwise
	Members int  // that etcd counts, dead ones too
	Healthy int  // voters that are known to be well, the node's own included
	Needed  int  // for a quorum
	Left    int  // healthy voters without the node
	Could   int  // voters without the node if all servers that are nodes were well
	Leader  bool // the node is known to lead
	Flaws   []Flaw
}

// Flaw is why a server does not count as a healthy voter.
type Flaw struct{ Node, Why string }

// Holds tells whether the others are a quorum.
func (q Quorum) Holds() bool { return !q.Member || q.Left >= q.Needed }

// Quorum does the sum for a node. seen is what members say of themselves, by node; those that could not be asked are not in it.
func (c Census) Quorum(node string, seen map[string]EtcdSeen) Quorum {
	q := Quorum{Node: node}
	voters := c.Voters()
	told := c.tellsVoters()
	for _, name := range voters {
		why := c.voteFlaw(name, told, seen)
		switch {
		case name == node:
			q.Member = true
			q.Leader = seen[name].Leader
		case why == "":
			q.Left++
		}
		if why == "" {
			q.Healthy++
		} else {
			q.Flaws = append(q.Flaws, Flaw{name, why})
		}
	}
	q.Members = len(voters)
	for _, s := range seen {
		q.Members = max(q.Members, s.Members)
	}
	q.Needed, q.Could = q.Members/2+1, len(voters)-1
	return q
}

// tellsVoters tells whether this K3s writes the condition at all: old ones do not.
func (c Census) tellsVoters() bool {
	for _, n := range c.Nodes {
		if _, ok := nodeCondition(n, etcdIsVoter); ok {
			return true
		}
	}
	return false
}

// voteFlaw says why a server does not count as a healthy voter; empty: it does. What is not known speaks against it.
func (c Census) voteFlaw(name string, told bool, seen map[string]EtcdSeen) string {
	n, _ := c.node(name)
	vote, has := nodeCondition(n, etcdIsVoter)
	own, asked := seen[name]
	switch {
	case unready(n) != "":
		return "its node " + unready(n)
	case told && !has:
		return "nothing says that it is a voting member (condition EtcdIsVoter is missing)"
	case told && vote.Status != corev1.ConditionTrue:
		return strings.TrimSpace(fmt.Sprintf("is no healthy voter: %s %s", vote.Reason, vote.Message))
	case told && c.Now.Sub(vote.LastHeartbeatTime.Time) > staleVote:
		return fmt.Sprintf("was last seen as a voter %s ago, which is too long to count on", ago(c.Now.Sub(vote.LastHeartbeatTime.Time)))
	case asked:
		return own.flaw()
	}
	return ""
}

// Words says the sum: "3 members, quorum 2, 2 healthy voters left without n1".
func (q Quorum) Words() string {
	if !q.Member {
		return fmt.Sprintf("%s is no member of etcd", q.Node)
	}
	s := fmt.Sprintf("etcd has %s and needs %d; without %s %s", count(q.Members, "member"), q.Needed, q.Node, left(q.Left))
	for _, f := range q.Flaws {
		s += fmt.Sprintf("; %s %s", f.Node, f.Why)
	}
	return s
}

func left(n int) string {
	if n == 1 {
		return "1 healthy voter is left"
	}
	return fmt.Sprintf("%d healthy voters are left", n)
}

// Findings are what the sum means. later are the servers that the run will still come to.
func (q Quorum) Findings(later []string) []Finding {
	if !q.Member {
		return nil
	}
	out := []Finding{{Check: CheckQuorum, About: q.Node, Grade: Sound, Found: q.Words()}}
	first := &out[0]
	switch {
	case q.Holds():
	case q.Members <= 2:
		first.Grade = Broken
		first.Mend = fmt.Sprintf("%s cannot spare one: the API is away until %s is back. A third server would change that", count(q.Members, "member"), q.Node)
	case q.Could < q.Needed:
		first.Grade = Broken
		first.Mend = "remove the members that are dead (etcdctl member remove), or bring them back"
	default:
		first.Grade, first.Mend = Passing, "bring the servers named back, and look at their k3s"
	}
	if q.Leader && len(later) > 0 {
		out = append(out, Finding{Check: CheckLeaderLast, About: q.Node, Grade: Sound,
			Found: fmt.Sprintf("%s leads etcd, and %s still to go: with the leader last there are fewer elections", q.Node, isOrAre(later))})
	}
	return out
}

func isOrAre(names []string) string {
	if len(names) == 1 {
		return names[0] + " is"
	}
	return strings.Join(names, ", ") + " are"
}

// ServerFindings are about a server of a cluster without embedded etcd: it has sqlite, or a database elsewhere.
func (c Census) ServerFindings(node string) []Finding {
	if !c.Server(node) || len(c.Voters()) > 0 {
		return nil
	}
	var others []string
	for _, n := range c.Nodes {
		if n.Name != node && isServer(n) && unready(n) == "" {
			others = append(others, n.Name)
		}
	}
	f := Finding{Check: CheckServer, About: node, Grade: Sound}
	if len(others) == 0 {
		f.Found = node + " is the only server: the API is away until it is back; pods go on"
	} else {
		f.Found = "servers besides " + node + ": " + strings.Join(others, ", ")
	}
	return []Finding{f}
}

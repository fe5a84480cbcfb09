package kube

// Longhorn's rule for letting an instance manager go, foretold: what would hold the drain of a node.

import (
	"fmt"
	"slices"
	"strings"

	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
)

// The settings of node-drain-policy that change the rule; without one of them Longhorn blocks when the last replica is on the node.
const (
	alwaysAllow   = "always-allow"
	blockEviction = "block-for-eviction"
	allowStopped  = "allow-if-replica-is-stopped"
)

// Attached names the volumes in use on a node: none may be there when it reboots.
func (s Storage) Attached(node string) []string {
	var out []string
	for _, v := range s.Volumes {
		if v.Status.CurrentNodeID == node {
			out = append(out, v.Name)
		}
	}
	slices.Sort(out)
	return out
}

// Holds says what keeps Longhorn from removing the budgets of a node's instance managers once the node is cordoned and its volumes
// are detached. Nothing means that the drain will get through.
func (s Storage) Holds(node string) []string {
	if s.DrainPolicy == alwaysAllow {
		return nil
	}
	var out []string
	for _, r := range s.Replicas {
		if h, held := s.hold(r); r.Spec.NodeID == node && held {
			out = append(out, h.text())
		}
	}
	slices.Sort(out)
	return out
}

// Blockers are the same by cause, as findings about volumes. A policy that lets the last replica go does not make it safe: it is found all the same.
func (s Storage) Blockers(node string) []Finding {
	var out []Finding
	for _, r := range s.Replicas {
		if h, held := s.hold(r); r.Spec.NodeID == node && held {
			out = append(out, s.blocker(h))
		}
	}
	slices.SortFunc(out, func(a, b Finding) int { return strings.Compare(a.About+a.Check, b.About+b.Check) })
	return out
}

// hold is a replica that keeps its node from being drained.
type hold struct {
	replica longhorn.Replica
	evict   bool   // all replicas must leave first
	twins   []twin // of the volume on other nodes, none of them safe
}

// twin is another replica of a volume and why it does not count as safe.
type twin struct {
	name, node string
	flaw       flaw
}

// flaw is why a replica does not count as safe.
type flaw int

const (
	safe     flaw = iota
	unusable      // its last rebuild did not end well
	shut          // on a cordoned node
	unserved      // its node has no running instance manager with a budget
	homeless      // recorded on a node that was deleted: Longhorn's rule ends in an error, whatever else there is
)

// hold tells whether a replica keeps its node from being drained.
func (s Storage) hold(r longhorn.Replica) (hold, bool) {
	h := hold{replica: r}
	switch {
	case s.DrainPolicy == blockEviction:
		h.evict = true
		return h, true
	case s.DrainPolicy == allowStopped && r.Spec.DesireState == longhorn.InstanceStateStopped && r.Status.CurrentState == longhorn.InstanceStateStopped:
		return h, false
	case r.Spec.HealthyAt == "" && r.Spec.FailedAt == "" && !s.strays(r.Spec.VolumeName): // never used
		return h, false
	}
	held := true
	for _, other := range s.Replicas {
		if other.Spec.VolumeName != r.Spec.VolumeName || other.Spec.NodeID == r.Spec.NodeID {
			continue
		}
		f := s.flaw(other)
		held = held && f != safe
		h.twins = append(h.twins, twin{other.Name, other.Spec.NodeID, f})
	}
	return h, held || s.strays(r.Spec.VolumeName)
}

// strays tells whether a usable replica of a volume is recorded on a node that is no more.
func (s Storage) strays(volume string) bool {
	return slices.ContainsFunc(s.Replicas, func(r longhorn.Replica) bool { return r.Spec.VolumeName == volume && s.flaw(r) == homeless })
}

// flaw says why a replica does not count as safe.
func (s Storage) flaw(r longhorn.Replica) flaw {
	cordoned, exists := s.Cordoned[r.Spec.NodeID]
	switch {
	case !usable(r):
		return unusable
	case !exists && s.whole():
		return homeless
	case cordoned:
		return shut
	}
	for _, im := range s.InstanceManagers {
		if s.serves(im, r) && im.Status.CurrentState == longhorn.InstanceManagerStateRunning && s.Guarded[im.Name] {
			return safe
		}
	}
	return unserved
}

// whole tells whether the nodes of the cluster are known.
func (s Storage) whole() bool { return len(s.Cordoned) > 0 }

// serves tells whether an instance manager is a replica's: the one that it names, else that of its node and engine.
func (s Storage) serves(im longhorn.InstanceManager, r longhorn.Replica) bool {
	if r.Status.InstanceManagerName != "" {
		return im.Name == r.Status.InstanceManagerName
	}
	return im.Spec.NodeID == r.Spec.NodeID && im.Spec.DataEngine == r.Spec.DataEngine
}

// text says a hold in words.
func (h hold) text() string {
	name := fmt.Sprintf("replica %s of volume %s", h.replica.Name, h.replica.Spec.VolumeName)
	switch {
	case h.evict:
		return name + " must leave the node first (node-drain-policy block-for-eviction)"
	case len(h.twins) == 0:
		return name + " is the only one"
	}
	return name + " has no safe twin: " + h.others()
}

func (h hold) others() string {
	words := map[flaw]string{
		unusable: "is not usable", shut: "is on cordoned node %s", homeless: "is recorded on node %s, which is no more",
		unserved: "is on node %s, which has no running instance manager with a budget",
	}
	var out []string
	for _, t := range h.twins {
		if t.flaw == safe {
			continue
		}
		w := words[t.flaw]
		if strings.Contains(w, "%s") {
			w = fmt.Sprintf(w, t.node)
		}
		out = append(out, t.name+" "+w)
	}
	return strings.Join(out, ", ")
}

// has tells whether a twin has a flaw.
func (h hold) has(f flaw) bool {
	return slices.ContainsFunc(h.twins, func(t twin) bool { return t.flaw == f })
}

// blocker is a hold as a finding, by its cause.
func (s Storage) blocker(h hold) Finding {
	v, node := h.replica.Spec.VolumeName, h.replica.Spec.NodeID
	f := Finding{About: v, Also: []string{s.claimOf(v)}, Grade: Broken}
	switch {
	case h.has(homeless):
		f.Check, f.Found = CheckNodeGone, fmt.Sprintf("%s: %s; Longhorn blocks every drain of its nodes then", s.called(v), h.others())
		f.Mend = "delete that replica in Longhorn"
	case h.evict:
		f.Check, f.Found = CheckEviction, fmt.Sprintf("%s: Longhorn keeps %s from being drained until its replica has moved (node-drain-policy %s)", s.called(v), node, blockEviction)
		f.Mend = "ask Longhorn to evict the node's replicas first, or choose another node-drain-policy"
	case len(h.twins) == 0:
		f.Check, f.Found = CheckSingle, fmt.Sprintf("%s has its only replica on %s: it is away while the node is", s.called(v), node)
		f.Mend = "give it a second replica"
	case h.has(unserved):
		f.Check, f.Grade, f.Found = CheckAway, Passing, fmt.Sprintf("%s: without %s no replica of it is served: %s", s.called(v), node, h.others())
		f.Mend = "look at the instance-manager pods of these nodes"
	case h.has(shut):
		f.Check, f.Found = CheckAway, fmt.Sprintf("%s: its other replicas do not count: %s", s.called(v), h.others())
		f.Mend = "uncordon these nodes"
	default:
		f.Check, f.Found = CheckFailed, fmt.Sprintf("%s: %s has its only usable replica: %s", s.called(v), node, h.others())
		f.Mend = "let Longhorn rebuild the other replicas"
		if s.healthOf(s.volume(v)).Condition == Pending {
			f.Grade = Passing
		}
	}
	return f
}

// On names the volumes that are in use on a node or have a replica there.
func (s Storage) On(node string) []string {
	out := s.Attached(node)
	for _, r := range s.Replicas {
		if r.Spec.NodeID == node && !slices.Contains(out, r.Spec.VolumeName) {
			out = append(out, r.Spec.VolumeName)
		}
	}
	slices.Sort(out)
	return out
}

// Ready tells whether Longhorn says that a node is ready.
func (s Storage) Ready(node string) bool {
	for _, n := range s.Nodes {
		if c, ok := condition(n.Status.Conditions, longhorn.NodeConditionTypeReady); n.Name == node && ok {
			return c.Status == longhorn.ConditionStatusTrue
		}
	}
	return false
}

package twin

// The invariants: what no maintenance may do to a cluster, whatever its content and whatever goes wrong meanwhile. Each is a function of the
// trace alone (and, for the last two, of what the run itself has written), so that anybody can check them, on any trace.

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Violation is an invariant that did not hold.
type Violation struct {
	Invariant string
	At        time.Time
	What      string
}

// Error says it in a line.
func (v Violation) Error() string { return v.Invariant + ": " + v.What }

// Invariant is a rule that holds on every trace of a good maintenance.
type Invariant struct {
	Name, Doc string
	Check     func(t Trace) []Violation
}

// Invariants are the rules over the trace alone.
func Invariants() []Invariant {
	return []Invariant{
		{"one-at-a-time", "no node is taken away while another is away", OneAtATime},
		{"quorum", "the run never takes etcd's majority of voters away", Quorum},
		{"replica", "every volume keeps a usable replica off the node that is down", UsableReplica},
		{"clean-shutdown", "no machine goes down while a volume is attached to it", CleanShutdown},
		{"foreign-cordon", "a cordon that somebody else made is never undone", ForeignCordons},
	}
}

// Judge checks all invariants over the trace.
func Judge(t Trace) []Violation {
	var out []Violation
	for _, i := range Invariants() {
		out = append(out, i.Check(t)...)
	}
	return out
}

// OneAtATime: whoever takes a node away (cordons it, shuts it down, stops its K3s) finds all other nodes there: up, ready, schedulable. A node that
// is away already may be worked on further. What fails by accident, and what somebody else cordons, is not the run's act.
func OneAtATime(t Trace) []Violation {
	var out []Violation
	w := newWorld()
	for _, e := range t {
		taken := e.Kind == Cordoned || e.Kind == GoingDown || e.Kind == Down || e.Kind == K3sStopped
		if taken && w.begun && !w.excused(e) && !w.away(e.Node) && e.Node != "" {
			if others := w.othersAway(e.Node); len(others) > 0 {
				out = append(out, Violation{"one-at-a-time", e.At, fmt.Sprintf("%s was taken away (%s) while %s was away", e.Node, e.Kind, strings.Join(others, ", "))})
			}
		}
		w.apply(e)
	}
	return out
}

// Quorum: when the run takes a server away, the voters that are left are a majority of all. A cluster of one voter has none to keep: its
// API is away for as long as its only server is. That a further server fails by accident is not the run's doing.
func Quorum(t Trace) []Violation {
	var out []Violation
	w := newWorld()
	for _, e := range t {
		w.apply(e)
		if e.Kind == Voters && w.begun && e.Total > 1 && e.Alive <= e.Total/2 && !w.accident {
			out = append(out, Violation{"quorum", e.At, fmt.Sprintf("%d of etcd's %d voters were alive", e.Alive, e.Total)})
		}
	}
	return out
}

// UsableReplica: while a machine is down by the run's act, every volume that ever had a usable replica has one on another machine that is up. As
// long as another machine has failed by accident nothing is said: with two machines away no run can keep that promise.
func UsableReplica(t Trace) []Violation {
	var out []Violation
	w := newWorld()
	told := map[string]bool{}
	for _, e := range t {
		w.apply(e)
		if !w.begun || len(w.failed) > 0 {
			continue
		}
		for _, node := range w.nodesDown() {
			for _, v := range w.volumes() {
				if key := v + " " + node; w.usableOff(v, node) == 0 && !told[key] {
					told[key] = true
					out = append(out, Violation{"replica", e.At, fmt.Sprintf("volume %s had no usable replica off %s while it was down", v, node)})
				}
			}
		}
	}
	return out
}

// CleanShutdown: when a machine loses its power by the run's act, no volume is attached to its node. One that is sees a power cut, and may lose
// what its file system had not written.
func CleanShutdown(t Trace) []Violation {
	var out []Violation
	w := newWorld()
	for _, e := range t {
		if e.Kind == Down && w.begun && !w.excused(e) {
			for _, v := range w.attachedTo(e.Node) {
				out = append(out, Violation{"clean-shutdown", e.At, fmt.Sprintf("%s went down with volume %s attached", e.Node, v)})
			}
		}
		w.apply(e)
	}
	return out
}

// ForeignCordons: a node that was cordoned before the run, or by somebody else during it, stays cordoned.
func ForeignCordons(t Trace) []Violation {
	var out []Violation
	w := newWorld()
	for _, e := range t {
		if e.Kind == Uncordoned && w.foreign[e.Node] {
			out = append(out, Violation{"foreign-cordon", e.At, fmt.Sprintf("the cordon of %s, which somebody else had made, was undone", e.Node)})
		}
		w.apply(e)
	}
	return out
}

// Restored: at the end no node that is up is left cordoned by the run, and no machine is left down. A run that stopped half way may leave one node so;
// what it says of it, and whether resume ends it, is for others to check.
func Restored(t Trace) []Violation {
	var out []Violation
	w := newWorld()
	for _, e := range t {
		w.apply(e)
	}
	for _, node := range w.names() {
		n := w.nodes[node]
		switch {
		case n.down:
			out = append(out, Violation{"restored", t[len(t)-1].At, node + " is still down"})
		case n.cordoned && !w.foreign[node]:
			out = append(out, Violation{"restored", t[len(t)-1].At, node + " is still cordoned"})
		}
	}
	return out
}

// world is a site as far as the invariants go, folded from a trace.
type world struct {
	begun    bool
	nodes    map[string]*nodeState
	expected map[string]bool              // nodes that somebody else is about to cordon
	foreign  map[string]bool              // nodes with a cordon that is not the run's
	failed   map[string]bool              // nodes that went down by accident and are not back
	accident bool                         // the last machine that went away did so by accident
	uses     map[string]string            // volume: the node it is attached to
	replicas map[string]map[string]string // volume: usable replica: node
}

type nodeState struct{ known, ready, cordoned, down, idle bool }

func newWorld() *world {
	return &world{
		nodes: map[string]*nodeState{}, expected: map[string]bool{}, foreign: map[string]bool{}, failed: map[string]bool{}, uses: map[string]string{},
		replicas: map[string]map[string]string{},
	}
}

// apply takes an event in.
func (w *world) apply(e Event) {
	n := w.node(e.Node)
	switch e.Kind {
	case Begun:
		w.begun = true
	case GoingDown, Down:
		if !n.down { // a machine that is down has been going down: what has failed since was not to be known
			w.accident = w.failed[e.Node]
		}
		n.down = true
	case Up:
		n.down, n.idle = false, true // K3s is not there yet
		delete(w.failed, e.Node)
	case K3sStopped:
		n.idle, w.accident = true, w.failed[e.Node]
	case K3sStarted:
		n.idle = false
	case Cordoned:
		n.cordoned = true
		w.foreign[e.Node] = !w.begun || w.expected[e.Node]
		delete(w.expected, e.Node)
	case Uncordoned:
		n.cordoned = false
		delete(w.foreign, e.Node)
	case Ready:
		n.known, n.ready = true, true
	case NotReady:
		n.ready = false
	case Attached:
		w.uses[e.Object] = e.Node
	case Detached:
		delete(w.uses, e.Object)
	case ReplicaUsable:
		if w.replicas[e.From] == nil {
			w.replicas[e.From] = map[string]string{}
		}
		w.replicas[e.From][e.Object] = e.Node
	case ReplicaLost:
		delete(w.replicas[e.From], e.Object)
	case ForeignCordon:
		w.expected[e.Node] = true
	case Accident:
		w.failed[e.Node] = true
	}
}

func (w *world) node(name string) *nodeState {
	if w.nodes[name] == nil {
		w.nodes[name] = &nodeState{}
	}
	return w.nodes[name]
}

// excused tells whether a change of a node is not the run's: somebody else cordons it, or it fails.
func (w *world) excused(e Event) bool {
	return e.Kind == Cordoned && w.expected[e.Node] || w.failed[e.Node]
}

// away tells whether a node cannot take pods, or does not run those that it has.
func (w *world) away(node string) bool {
	n := w.node(node)
	return n.down || n.idle || n.cordoned || n.known && !n.ready
}

func (w *world) othersAway(node string) []string {
	return slices.DeleteFunc(w.names(), func(n string) bool { return n == node || !w.away(n) })
}

// names are the nodes of the cluster, in order.
func (w *world) names() []string {
	var out []string
	for name, n := range w.nodes {
		if n.known {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

func (w *world) nodesDown() []string {
	return slices.DeleteFunc(w.names(), func(n string) bool { return !w.nodes[n].down })
}

// volumes are those that have, or have had, a usable replica.
func (w *world) volumes() []string {
	var out []string
	for v := range w.replicas {
		out = append(out, v)
	}
	slices.Sort(out)
	return out
}

func (w *world) attachedTo(node string) []string {
	var out []string
	for v, on := range w.uses {
		if on == node {
			out = append(out, v)
		}
	}
	slices.Sort(out)
	return out
}

// usableOff counts the usable replicas of a volume on other machines that are up.
func (w *world) usableOff(volume, node string) int {
	n := 0
	for _, on := range w.replicas[volume] {
		if on != node && !w.node(on).down {
			n++
		}
	}
	return n
}

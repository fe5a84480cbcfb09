package twin

// What happened in a site, as data. The trace is written by the twin itself, from what its machines do and from what its cluster stores, and
// not by the run that is judged by it.

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// Kind says what an Event is.
type Kind string

// The kinds of events. How the site is before anything happens is told by the same kinds, up to Begun.
const (
	Begun Kind = "begun" // the site is at rest: what follows is the work of a run, or of faults

	GoingDown      Kind = "going-down" // Host has begun to shut down
	Down           Kind = "down"       // the power of Host is off
	Up             Kind = "up"         // Host has booted; To is the boot id
	K3sStopped     Kind = "k3s-stopped"
	K3sStarted     Kind = "k3s-started"
	PackageChanged Kind = "package" // Object changed on Host From a version To another

	Cordoned   Kind = "cordoned" // Node became unschedulable
	Uncordoned Kind = "uncordoned"
	Ready      Kind = "ready" // the cluster calls Node ready
	NotReady   Kind = "not-ready"
	Voters     Kind = "voters" // Alive of etcd's Total voters are alive

	Attached      Kind = "attached" // the volume Object is in use on Node
	Detached      Kind = "detached"
	Robust        Kind = "robust"         // the volume Object is called To: healthy, degraded, faulted, unknown
	ReplicaUsable Kind = "replica-usable" // the replica Object of the volume From, on Node, has all the data
	ReplicaLost   Kind = "replica-lost"
	PodEnding     Kind = "pod-ending" // the pod Object on Node was evicted or deleted

	ForeignCordon Kind = "foreign-cordon" // somebody else is about to cordon Node
	Accident      Kind = "accident"       // Host is about to fail by a fault, not by anybody's act
	Misfire       Kind = "misfire"        // the fault Object, which waited for its event, could not be let loose
)

// Event is one thing that happened.
type Event struct {
	At           time.Time
	Kind         Kind
	Host         string // in the inventory
	Node         string // in the cluster
	Object       string
	From, To     string
	Total, Alive int
}

// Trace is what happened, in order.
type Trace []Event

// Trace is what has happened so far.
func (s *Site) Trace() Trace { return s.record.trace() }

// Follow lets f be called with every event to come, in order. It is called where the event happens and must neither block nor ask the site.
func (s *Site) Follow(f func(Event)) {
	s.record.mu.Lock()
	defer s.record.mu.Unlock()
	s.record.tell = append(s.record.tell, f)
}

// Since is the part of a trace that follows Begun.
func (t Trace) Since() Trace {
	i := slices.IndexFunc(t, func(e Event) bool { return e.Kind == Begun })
	return t[i+1:]
}

// recorder writes a trace. It follows the objects of a cluster and notes what changes for a maintenance.
type recorder struct {
	now func() time.Time

	mu     sync.Mutex
	events Trace
	uses   map[string]string // volumes that are attached, by name: their nodes
	waits  []wait
	tell   []func(Event)
}

// wait is what is done once when an event comes.
type wait struct {
	is func(Event) bool
	do func()
}

func newRecorder(now func() time.Time) *recorder {
	return &recorder{now: now, uses: map[string]string{}}
}

func (r *recorder) note(e Event) {
	e.At = r.now()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
	for _, tell := range r.tell {
		tell(e)
	}
	r.waits = slices.DeleteFunc(r.waits, func(w wait) bool {
		due := w.is(e)
		if due {
			go w.do() // who has told of the event may hold locks
		}
		return due
	})
}

// await does something once, in a goroutine of its own, when an event comes.
func (r *recorder) await(is func(Event) bool, do func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waits = append(r.waits, wait{is, do})
}

func (r *recorder) trace() Trace {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.events)
}

// attached are the volumes on a node.
func (r *recorder) attached(node string) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []string
	for v, on := range r.uses {
		if on == node {
			out = append(out, v)
		}
	}
	slices.Sort(out)
	return out
}

// follow notes what a changed object means, and names the nodes on which other volumes are attached than before.
func (r *recorder) follow(resource string, before, after map[string]any) (moved []string) {
	name := cmp.Or(word(after, "metadata", "name"), word(before, "metadata", "name"))
	switch resource {
	case "nodes":
		r.followNode(name, before, after)
	case "volumes.longhorn.io":
		return r.followVolume(name, before, after)
	case "replicas.longhorn.io":
		was, is := usable(before), usable(after)
		o := after
		if o == nil {
			o = before
		}
		r.changed(was, is, ReplicaUsable, ReplicaLost, Event{Node: word(o, "spec", "nodeID"), Object: name, From: word(o, "spec", "volumeName")})
	case "pods":
		ending := func(p map[string]any) bool { return p == nil || field(p, "metadata", "deletionTimestamp") != nil }
		if before != nil && !ending(before) && ending(after) {
			r.note(Event{Kind: PodEnding, Node: word(before, "spec", "nodeName"), Object: word(before, "metadata", "namespace") + "/" + name})
		}
	}
	return nil
}

func (r *recorder) followNode(name string, before, after map[string]any) {
	cordoned := func(o map[string]any) bool { return field(o, "spec", "unschedulable") == true }
	r.changed(cordoned(before), cordoned(after), Cordoned, Uncordoned, Event{Node: name})
	r.changed(ready(before), ready(after), Ready, NotReady, Event{Node: name})
}

func (r *recorder) followVolume(name string, before, after map[string]any) (moved []string) {
	was, is := word(before, "status", "currentNodeID"), word(after, "status", "currentNodeID")
	if was != is {
		r.mu.Lock()
		delete(r.uses, name)
		if is != "" {
			r.uses[name] = is
		}
		r.mu.Unlock()
		r.changed(was != "", false, Attached, Detached, Event{Node: was, Object: name})
		r.changed(false, is != "", Attached, Detached, Event{Node: is, Object: name})
		moved = slices.DeleteFunc([]string{was, is}, func(n string) bool { return n == "" })
	}
	if now := word(after, "status", "robustness"); now != "" && now != word(before, "status", "robustness") {
		r.note(Event{Kind: Robust, Object: name, To: now})
	}
	return moved
}

// changed notes one of two kinds when what it is about has become so.
func (r *recorder) changed(was, is bool, on, off Kind, e Event) {
	switch {
	case is && !was:
		e.Kind = on
	case was && !is:
		e.Kind = off
	default:
		return
	}
	r.note(e)
}

// usable tells whether a replica holds all the data of its volume, by the two fields that Longhorn goes by.
func usable(replica map[string]any) bool {
	return word(replica, "spec", "healthyAt") != "" && word(replica, "spec", "failedAt") == ""
}

func ready(node map[string]any) bool {
	conditions, _ := field(node, "status", "conditions").([]any)
	return slices.ContainsFunc(conditions, func(c any) bool {
		cond, _ := c.(map[string]any)
		return word(cond, "type") == "Ready" && word(cond, "status") == "True"
	})
}

// field is what stands in an object at a path; nil: nothing.
func field(o map[string]any, path ...string) any {
	var v any = o
	for _, key := range path {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[key]
	}
	return v
}

func word(o map[string]any, path ...string) string {
	s, _ := field(o, path...).(string)
	return s
}

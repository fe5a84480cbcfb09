// Package guard decides whether a node of a cluster may be disrupted now. What must hold (no other node out of service, etcd's quorum without
// this voter, Longhorn's volumes safe without this node) is decided by pure functions over the cluster's objects; Guard gathers them, waits
// for what passes by itself, takes the cluster's lock, and refuses the rest with reasons. run asks it before every Apply that disrupts.
package guard

import (
	"context"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
)

// Request asks leave for one disruption.
type Request struct {
	module.Disruption
	Host string      // inventory name of the host that the task acts on
	Task string      // the task, for messages
	On   module.Host // the host of the task: to be looked at, to say what is waited for
	Site Site
}

// Site is what the guard may see of the run around a task.
type Site interface {
	// Hosts are the inventory's, in its order.
	Hosts() []string
	// Reach gives a host as the run reaches it, by its inventory name; localhost is the machine that Drydock runs on. Its commands become root
	// where that is how its tasks do.
	Reach(ctx context.Context, host string) (module.Host, error)
	// Var answers a variable as tasks of a host see it, evaluated; false: there is none.
	Var(host, name string) (any, bool)
}

// Answer is the leave to go on.
type Answer struct {
	Node     string // the Node that the host is; empty: the host is of no cluster
	Cluster  string // which cluster, for people
	Evidence []Evidence
	// Skip, when not empty, says why the task is to be left out instead of carried out: a foreign cordon is never undone.
	Skip string
	// Done, when not nil, is called when the Apply has ended, whatever it came to.
	Done func(ctx context.Context)
}

// Evidence is what a check of the guard found at the time of the decision.
type Evidence struct {
	Check string // its name, as --accept takes it: longhorn-single-replica
	About string // what it was found about: a node, a volume, a claim
	Found string // in words
	State State
	// Mend says what would change it, Accept is the option that overrides this one check; empty: nothing would, or none does.
	Mend, Accept string
}

// State is what a check came to.
type State string

// The states.
const (
	Holds    State = "holds"    // nothing to say against it
	Waits    State = "waits"    // does not hold yet, and may soon
	Breaks   State = "breaks"   // does not hold, and waiting will not help
	Accepted State = "accepted" // does not hold, and a person has accepted it
)

// Refusal says that a disruption may not happen. It fails the task.
type Refusal struct {
	Request Request
	Node    string
	Broken  []Evidence
	silent  bool // a cluster that did not answer may be the one
}

// Error says what was refused and why, and for each reason what would change it and which option overrides it.
func (r *Refusal) Error() string {
	what := r.Request.What
	if r.Node != "" && !strings.Contains(what, r.Node) {
		what += " of node " + r.Node
	}
	var out []string
	for _, e := range r.Broken {
		s := e.Found
		if e.Mend != "" {
			s += " (" + e.Mend
			if e.Accept != "" {
				s += "; to go on all the same: " + e.Accept
			}
			s += ")"
		} else if e.Accept != "" {
			s += " (to go on all the same: " + e.Accept + ")"
		}
		out = append(out, s)
	}
	return what + " refused: " + strings.Join(out, "; ")
}

// Locked says that another run holds the cluster. It ends the run with exit code 5; nothing was written.
type Locked struct {
	Cluster, Holder, Run string
	Age                  string // since it was taken, for people
}

// Error says it in a line.
func (l *Locked) Error() string {
	return "cluster " + l.Cluster + " is held by " + l.Holder + " (run " + l.Run + ") since " + l.Age
}

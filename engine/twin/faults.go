package twin

// Faults by name: one table over those of machines and those of the cluster, and when each is let loose.

import (
	"fmt"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/twin/cluster"
	"github.com/drydock-dev/drydock/engine/twin/linux"
)

// Fault is something that is wrong with a site, from the beginning or from an event on.
type Fault struct {
	Name string
	On   string // the host, volume, budget, time ... that it concerns, as FaultDoc.Takes says; empty: one is chosen
	At   Kind   // the first event of this kind lets it loose; empty: it is there from the beginning
}

// String is the fault as ParseFault reads it.
func (f Fault) String() string {
	s := f.Name
	if f.On != "" {
		s += "=" + f.On
	}
	if f.At != "" {
		s += "@" + string(f.At)
	}
	return s
}

// FaultDoc says what a fault is.
type FaultDoc struct {
	Name, Doc string
	Takes     string // what may stand behind the name; empty: nothing
	Case      string // of the suite of faults, where it stands for one: F13

	inject func(s *Site, f Fault) error
}

// Faults lists all faults by name.
func Faults() []FaultDoc {
	out := []FaultDoc{{Name: "power-lost", Doc: "the machine loses its power and stays off", Takes: "host", Case: "F26", inject: func(s *Site, f Fault) error {
		n, err := s.victim(f)
		if err == nil {
			s.Crash(n.Name, 0)
		}
		return err
	}}}
	for _, d := range linux.Faults() {
		out = append(out, FaultDoc{Name: string(d.Name), Doc: d.Doc, Takes: "host", inject: func(s *Site, f Fault) error {
			n, err := s.victim(f)
			if err == nil {
				s.Hosts[n.Name].Break(d.Name) // known: it stands in its list
			}
			return err
		}})
	}
	for _, d := range cluster.Faults() {
		out = append(out, FaultDoc{Name: d.Name, Doc: d.Doc, Takes: string(d.Arg), Case: d.Case, inject: func(s *Site, f Fault) error {
			return s.injectCluster(d, f)
		}})
	}
	slices.SortFunc(out, func(a, b FaultDoc) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// injectCluster lets a fault of the cluster loose; a host of the inventory may be named for its node.
func (s *Site) injectCluster(d cluster.Named, f Fault) error {
	if s.API == nil {
		return fmt.Errorf("fault %s: no host is a node of a cluster", f.Name)
	}
	on := f.On
	host, rest, more := strings.Cut(on, ",")
	if n, ok := s.node(host); ok {
		on = n.Node
		if more {
			on += "," + rest
		}
	}
	if d.Arg == cluster.OnOwner {
		if on == "" {
			n, err := s.victim(f)
			if err != nil {
				return err
			}
			on = n.Node
		}
		node, _, _ := strings.Cut(on, ",")
		s.record.note(Event{Kind: ForeignCordon, Node: node})
	}
	return s.API.Inject(f.Name, on)
}

// triggers are the events that a fault may wait for.
var triggers = []Kind{Cordoned, PodEnding, PackageChanged, GoingDown, Down, Up, K3sStarted, Uncordoned}

// ParseFault reads NAME, NAME=ON, and either with @EVENT behind it.
func ParseFault(text string) (Fault, error) {
	text, at, _ := strings.Cut(text, "@")
	name, on, _ := strings.Cut(text, "=")
	if !slices.ContainsFunc(Faults(), func(d FaultDoc) bool { return d.Name == name }) {
		return Fault{}, fmt.Errorf("there is no fault %q", name)
	}
	if at != "" && !slices.Contains(triggers, Kind(at)) {
		return Fault{}, fmt.Errorf("a fault may wait for one of %v, not for %q", triggers, at)
	}
	return Fault{Name: name, On: on, At: Kind(at)}, nil
}

// Break lets a fault loose on a site, now or when its event comes.
func (s *Site) Break(f Fault) error {
	all := Faults()
	i := slices.IndexFunc(all, func(d FaultDoc) bool { return d.Name == f.Name })
	if i < 0 {
		return fmt.Errorf("there is no fault %q", f.Name)
	}
	if f.At == "" {
		return all[i].inject(s, f)
	}
	s.record.await(func(e Event) bool { return e.Kind == f.At }, func() {
		if err := all[i].inject(s, f); err != nil {
			s.record.note(Event{Kind: Misfire, Object: f.String(), To: err.Error()})
		}
	})
	return nil
}

// victim is the machine that a fault is on: the one that was named, else the second agent, so that one is seen to go well before.
func (s *Site) victim(f Fault) (Node, error) {
	if f.On != "" {
		n, ok := s.node(f.On)
		if !ok {
			return Node{}, fmt.Errorf("fault %s: there is no host %s", f.Name, f.On)
		}
		return n, nil
	}
	var all []Node
	for _, role := range []Role{Agent, Server} {
		for _, n := range s.spec.Nodes {
			if n.Role == role {
				all = append(all, n)
			}
		}
	}
	if len(all) == 0 {
		return Node{}, fmt.Errorf("fault %s: no host is a node of a cluster", f.Name)
	}
	return all[min(1, len(all)-1)], nil
}

package twin

// Faults by name: one table over those of machines and those of the cluster.

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/engine/twin/cluster"
	"github.com/drydock-dev/drydock/engine/twin/linux"
)

// Fault is something that is wrong with a site.
type Fault struct {
	Name string
	Host string // empty: a host is chosen that the fault concerns
}

// String is the fault as ParseFault reads it.
func (f Fault) String() string {
	if f.Host == "" {
		return f.Name
	}
	return f.Name + "=" + f.Host
}

// FaultDoc says what a fault is.
type FaultDoc struct {
	Name, Doc string
	On        Where

	inject func(s *Site, n Node) error
}

// Where says what a fault is on.
type Where string

// The places.
const (
	OnHost    Where = "host"
	OnServer  Where = "server"
	OnCluster Where = "cluster"
)

// Faults lists all faults, those of machines first.
func Faults() []FaultDoc {
	var out []FaultDoc
	for _, f := range linux.Faults() {
		out = append(out, FaultDoc{Name: string(f.Name), Doc: f.Doc, On: OnHost, inject: func(s *Site, n Node) error {
			s.Hosts[n.Name].Break(f.Name) // known: it stands in its list
			return nil
		}})
	}
	return append(out, ownFaults()...)
}

// ownFaults are those that concern machines and cluster together.
func ownFaults() []FaultDoc {
	return []FaultDoc{
		{Name: "foreign-cordon", Doc: "a person has cordoned the node and means it", On: OnHost, inject: func(s *Site, n Node) error { return s.Cordon(n.Node) }},
		{Name: "power-lost", Doc: "the machine loses its power when another one is rebooted, and stays off", On: OnHost, inject: func(s *Site, n Node) error {
			s.when(func(e Event) bool { return e.Kind == GoingDown && e.Node != n.Node }, func() { s.Crash(n.Name, 0) })
			return nil
		}},
		{Name: "budget-blocks", Doc: "a disruption budget allows no pod of a workload with a pod on the node to be moved", On: OnHost, inject: budgetBlocks},
		{Name: "api-away", Doc: "the API breaks every connection for a minute from the first cordon on", On: OnCluster, inject: func(s *Site, _ Node) error {
			s.when(func(e Event) bool { return e.Kind == Cordoned }, func() {
				s.API.Break(cluster.Fault{Times: -1})
				s.Clock.After(time.Minute, s.API.Mend)
			})
			return nil
		}},
	}
}

// budgetBlocks puts a workload onto the node whose budget can never be met.
func budgetBlocks(s *Site, n Node) error {
	return s.API.Load(fmt.Sprintf(`apiVersion: v1
kind: Pod
metadata: {name: stubborn, namespace: default, labels: {app: stubborn}, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: stubborn, uid: stubborn, controller: true}]}
spec: {nodeName: %s, containers: [{name: stubborn, image: example.org/stubborn:1}]}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: stubborn, namespace: default}
spec: {maxUnavailable: 0, selector: {matchLabels: {app: stubborn}}}
`, n.Node))
}

// ParseFault reads NAME or NAME=HOST.
func ParseFault(text string) (Fault, error) {
	name, host, _ := strings.Cut(text, "=")
	if !slices.ContainsFunc(Faults(), func(d FaultDoc) bool { return d.Name == name }) {
		return Fault{}, fmt.Errorf("there is no fault %q", name)
	}
	return Fault{Name: name, Host: host}, nil
}

// Break lets a fault loose on a site.
func (s *Site) Break(f Fault) error {
	all := Faults()
	i := slices.IndexFunc(all, func(d FaultDoc) bool { return d.Name == f.Name })
	if i < 0 {
		return fmt.Errorf("there is no fault %q", f.Name)
	}
	n, err := s.victim(all[i], f.Host)
	if err != nil {
		return err
	}
	return all[i].inject(s, n)
}

// victim is the machine that a fault is on: the one that was named, else the second of those it concerns, so that one is seen to go well before.
func (s *Site) victim(d FaultDoc, host string) (Node, error) {
	if host != "" {
		n, ok := s.node(host)
		if !ok {
			return Node{}, fmt.Errorf("fault %s: there is no host %s", d.Name, host)
		}
		return n, nil
	}
	var all []Node
	for _, role := range []Role{Agent, Server} {
		for _, n := range s.spec.Nodes {
			if n.Role == role && (d.On != OnServer || role == Server) {
				all = append(all, n)
			}
		}
	}
	if len(all) == 0 {
		return Node{}, fmt.Errorf("fault %s: no host is a node of a cluster", d.Name)
	}
	return all[min(1, len(all)-1)], nil
}

// when does something once, as soon as an event is written down that it waits for.
func (s *Site) when(is func(Event) bool, do func()) { s.record.await(is, do) }

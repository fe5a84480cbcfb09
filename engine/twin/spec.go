package twin

// What a twin is to be: nodes, workloads, times, faults.

import (
	"cmp"
	"fmt"
	"time"

	"github.com/drydock-dev/drydock/engine/twin/cluster"
	"github.com/drydock-dev/drydock/engine/twin/linux"
)

// Role is what a machine does in the cluster.
type Role string

// The roles.
const (
	Server Role = "server" // runs k3s, with a member of etcd
	Agent  Role = "agent"  // runs k3s-agent
	Alone  Role = "alone"  // belongs to no cluster: a load balancer, say
)

// Node is a machine. Only its name is required.
type Node struct {
	Name    string       // in the inventory
	Node    string       // its name in the cluster; empty: the same
	Role    Role         // empty: Agent
	Family  linux.Family // empty: Debian
	Address string       // empty: made of its place in the list
	User    string       // who logs in and may sudo; empty: ops
	// Cordoned says that somebody has cordoned the node before.
	Cordoned bool
	// Packages are what it has besides those of every machine of its family; nil: the updates of linux.Updates, a kernel among them. An empty
	// list leaves nothing to update.
	Packages []linux.Package
	Files    map[string]string
}

// Spec says what a site is to be.
type Spec struct {
	Nodes []Node
	// Apps are the workloads; nil: those of cluster.Sized, with Longhorn's volumes in every way they can be used.
	Apps       []cluster.AppSpec
	Settings   map[string]string // of Longhorn
	NoLonghorn bool
	SQLite     bool   // in the place of etcd
	Objects    string // YAML documents that are put into the cluster when it is at rest
	// Controller makes a machine that belongs to no cluster and reaches all others, for what tasks do on localhost.
	Controller bool
	// SudoPassword is what sudo asks for on every machine; empty: it asks for nothing.
	SudoPassword string
	// KeepLines lets every machine write down the command lines that come to it.
	KeepLines bool

	Speed  float64 // how many times as fast as the world's the clock runs; 0: it jumps
	Seed   uint64  // of all that is random; 0: times are exact
	Faults []Fault
	Times  Times // the zero Times: Usual
	// Scripts are the parsed scripts of the machines' shells, to be shared by many sites; nil: its own.
	Scripts *linux.Scripts
}

// Times is how long things take.
type Times struct {
	Shutdown, Boot, Package, K3s            time.Duration
	PodStart, PodStop, Attach, Rebuild, Lag time.Duration
}

// Usual are the times of a small cluster of real machines, whose replicas lack little when their node is back.
func Usual() Times {
	c := cluster.Realistic()
	return Times{
		Shutdown: 6 * time.Second, Boot: 35 * time.Second, Package: 2 * time.Second, K3s: 8 * time.Second,
		PodStart: c.PodStart, PodStop: c.PodStop, Attach: c.Attach, Rebuild: 20 * time.Second, Lag: c.Lag,
	}
}

// Sized is a site of so many servers and agents; every second machine of a role is a Red Hat one.
func Sized(servers, agents int) Spec {
	var s Spec
	for i := range servers {
		s.Nodes = append(s.Nodes, Node{Name: fmt.Sprintf("master-%d", i+1), Role: Server, Family: alternate(i)})
	}
	for i := range agents {
		s.Nodes = append(s.Nodes, Node{Name: fmt.Sprintf("worker-%d", i+1), Role: Agent, Family: alternate(i)})
	}
	return s
}

func alternate(i int) linux.Family {
	if i%2 == 1 {
		return linux.RedHat
	}
	return linux.Debian
}

// filled is the spec with what was left out.
func (s Spec) filled() Spec {
	s.Nodes = append([]Node(nil), s.Nodes...)
	servers, agents := 0, 0
	for i := range s.Nodes {
		n := &s.Nodes[i]
		n.Node, n.Role = cmp.Or(n.Node, n.Name), cmp.Or(n.Role, Agent)
		n.Family, n.User = cmp.Or(n.Family, linux.Debian), cmp.Or(n.User, "ops")
		place := &agents
		if n.Role == Server {
			place = &servers
		}
		*place++
		if n.Address == "" {
			n.Address = fmt.Sprintf("10.%d.%d.%d", map[Role]int{Server: 0, Agent: 1, Alone: 2}[n.Role], *place/250, 10+*place%250)
		}
		if n.Packages == nil {
			n.Packages = linux.Updates(n.Family)
		}
	}
	if s.Apps == nil {
		s.Apps = cluster.Sized(servers, agents).Apps
		if s.NoLonghorn {
			s.Apps = s.Apps[:1]
		}
	}
	if s.Times == (Times{}) {
		s.Times = Usual()
	}
	return s
}

// described is the cluster of a site, whose hosts are there already.
func (s *Site) described() cluster.Spec {
	c := cluster.Spec{Apps: s.spec.Apps, Settings: s.spec.Settings, NoLonghorn: s.spec.NoLonghorn, SQLite: s.spec.SQLite}
	for _, n := range s.spec.Nodes {
		h := s.Hosts[n.Name]
		if n.Role == Alone {
			continue
		}
		id, _ := h.Root().ReadFile("/etc/machine-id") // every host has one
		c.Nodes = append(c.Nodes, cluster.NodeSpec{
			Name: n.Node, Address: n.Address, Server: n.Role == Server, BootID: h.BootID(), Kernel: h.Kernel(), MachineID: string(id[:max(len(id)-1, 0)]),
			OS: map[linux.Family]string{linux.Debian: "Debian GNU/Linux 12 (bookworm)", linux.RedHat: "Rocky Linux 9.5 (Blue Onyx)"}[n.Family],
		})
	}
	return c
}

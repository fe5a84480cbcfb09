package twin

// A site: hosts, their SSH servers, the cluster over them, and the clock of all.

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/drydock-dev/drydock/engine/twin/cluster"
	"github.com/drydock-dev/drydock/engine/twin/linux"
	"github.com/drydock-dev/drydock/engine/twin/machine"
)

// ControllerName is the name of the machine of Spec.Controller.
const ControllerName = "controller"

// Site is a running twin. Its methods may be called from everywhere.
type Site struct {
	Clock    *Clock
	Hosts    map[string]*linux.Host      // by their names in the inventory
	Machines map[string]*machine.Machine // the SSH servers before them
	API      *cluster.Cluster            // nil: none of the hosts is a node

	spec   Spec
	names  map[string]string // of hosts, by their nodes
	record *recorder
	cancel context.CancelFunc

	mu     sync.Mutex
	voters [2]int            // of etcd: all, and those alive
	asked  []string          // addresses at which the site has nothing, and that were asked for
	booted map[string]string // hosts whose K3s has not been started since their boot, with its boot id
}

// Start makes a site that is at rest and has all its faults. It runs until Close or the end of ctx.
func Start(ctx context.Context, spec Spec) (*Site, error) {
	s := &Site{
		Clock: NewClock(spec.Speed), Hosts: map[string]*linux.Host{}, Machines: map[string]*machine.Machine{},
		spec: spec.filled(), names: map[string]string{}, booted: map[string]string{},
	}
	s.record = newRecorder(s.Clock.Now)
	ctx, s.cancel = context.WithCancel(ctx)
	err := s.build(ctx)
	if err != nil {
		s.Close()
		return nil, fmt.Errorf("twin: %w", err)
	}
	return s, nil
}

func (s *Site) build(ctx context.Context) error {
	scripts := s.spec.Scripts
	if scripts == nil {
		scripts = &linux.Scripts{}
	}
	nodes := s.spec.Nodes
	if s.spec.Controller {
		nodes = append(nodes[:len(nodes):len(nodes)], Node{Name: ControllerName, Node: ControllerName, Role: Alone, Family: linux.Debian, Address: "10.2.0.2", User: "ops", Packages: []linux.Package{}})
	}
	for _, n := range nodes {
		h, err := linux.New(s.host(n, scripts))
		if err != nil {
			return err
		}
		s.Hosts[n.Name] = h
		if n.Role != Alone {
			s.names[n.Node] = n.Name
		}
	}
	if len(s.names) > 0 {
		if err := s.buildCluster(); err != nil {
			return err
		}
	}
	for _, n := range nodes {
		if err := s.connect(ctx, n); err != nil {
			return err
		}
	}
	for _, n := range s.spec.Nodes {
		if n.Cordoned && n.Role != Alone {
			if err := s.Cordon(n.Node); err != nil {
				return err
			}
		}
	}
	for _, f := range s.spec.Faults {
		if err := s.Break(f); err != nil {
			return err
		}
	}
	s.members()
	s.record.note(Event{Kind: Begun})
	return nil
}

// host is the config of a machine.
func (s *Site) host(n Node, scripts *linux.Scripts) linux.Config {
	t := s.spec.Times
	c := linux.Config{
		Name: n.Node, FQDN: n.Name, Family: n.Family, Addr: n.Address, Users: []string{n.User}, SudoPassword: s.spec.SudoPassword, Packages: n.Packages,
		Files: map[string]string{}, Clock: s.Clock, BootTime: t.Boot, ShutdownTime: t.Shutdown, PackageTime: t.Package, Seed: s.spec.Seed,
		Hooks: s.hooks(n), Scripts: scripts, KeepLines: s.spec.KeepLines,
	}
	switch n.Role {
	case Server:
		c.Units = []linux.Unit{{Name: "k3s", Description: "Lightweight Kubernetes"}}
		if !s.spec.SQLite {
			c.Files["/var/lib/rancher/k3s/server/db/etcd/name"] = n.Node + "\n"
		}
	case Agent:
		c.Units = []linux.Unit{{Name: "k3s-agent", Description: "Lightweight Kubernetes"}}
	}
	for name, text := range n.Files {
		c.Files[name] = text
	}
	return c
}

// buildCluster makes the cluster, and writes down how it is before anything happens.
func (s *Site) buildCluster() error {
	t := s.spec.Times
	api, err := cluster.K3s(cluster.Config{
		PodStart: t.PodStart, PodStop: t.PodStop, Attach: t.Attach, Rebuild: t.Rebuild, Lag: t.Lag, Seed: s.spec.Seed,
		After: s.Clock.After, Now: s.Clock.Now, Watch: s.watch,
	}, s.described())
	if err != nil {
		return err
	}
	s.API = api
	if err := api.Load(s.spec.Objects); err != nil {
		return err
	}
	for _, n := range s.spec.Nodes {
		if n.Role == Server {
			if err := s.Hosts[n.Name].Disk().Set("/etc/rancher/k3s/k3s.yaml", string(s.Kubeconfig()), 0o600); err != nil {
				return err
			}
		}
	}
	return nil
}

// Kubeconfig is what K3s writes on its servers: the API at port 6443 of the machine itself.
func (s *Site) Kubeconfig() []byte {
	return []byte(strings.ReplaceAll(string(s.API.Kubeconfig()), s.API.Address(), "127.0.0.1:6443"))
}

// connect puts an SSH server before a machine; one client key opens them all.
func (s *Site) connect(ctx context.Context, n Node) error {
	c := machine.Config{Forward: s.forward(n)}
	for _, m := range s.Machines {
		c.AuthorizedKeys = append(c.AuthorizedKeys, m.ClientPublicKey())
	}
	m, err := s.Hosts[n.Name].Start(ctx, c)
	if err != nil {
		return err
	}
	s.Machines[n.Name] = m
	return nil
}

// Close ends the site: no process, no file, no port of it is left.
func (s *Site) Close() {
	s.Clock.Close()
	s.cancel()
	for _, m := range s.Machines {
		m.Close()
	}
	if s.API != nil {
		s.API.Close()
	}
}

// Spec is what the site was made of, with what was left out filled in.
func (s *Site) Spec() Spec { return s.spec }

// Strangers are the addresses at which the site has nothing and that something on its machines wanted to reach, in order. None of them was.
func (s *Site) Strangers() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.asked...)
}

// node is the description of a host; false: it is the controller, or nobody.
func (s *Site) node(host string) (Node, bool) {
	for _, n := range s.spec.Nodes {
		if n.Name == host {
			return n, true
		}
	}
	return Node{}, false
}

package twin

// What ties the machines to the cluster: power, K3s' units, and the volumes that are attached.

import (
	"fmt"
	"time"

	"github.com/drydock-dev/drydock/engine/twin/linux"
)

// hooks tell the cluster, and the trace, what happens to a machine.
func (s *Site) hooks(n Node) linux.Hooks {
	hooks := linux.Hooks{
		GoingDown: func(*linux.Host) { s.record.note(Event{Kind: GoingDown, Host: n.Name, Node: n.Node}) },
		Upgraded: func(_ *linux.Host, name, before, after string) {
			s.record.note(Event{Kind: PackageChanged, Host: n.Name, Node: n.Node, Object: name, From: before, To: after})
		},
		Down: func(*linux.Host) { s.down(n) },
		Up:   func(h *linux.Host, id string) { s.up(n, h, id) },
	}
	if n.Role == Server || n.Role == Agent {
		hooks.UnitStarted = func(h *linux.Host, unit string) {
			if unit == n.unit() {
				s.started(n, h)
			}
		}
		hooks.UnitStopped = func(h *linux.Host, unit string) {
			if unit == n.unit() && h.On() { // a machine that goes down is told as such
				s.record.note(Event{Kind: K3sStopped, Host: n.Name, Node: n.Node})
				s.API.ServiceStopped(n.Node)
				s.members()
			}
		}
	}
	return hooks
}

// unit is K3s' unit on the machine.
func (n Node) unit() string {
	if n.Role == Server {
		return "k3s"
	}
	return "k3s-agent"
}

func (s *Site) down(n Node) {
	s.record.note(Event{Kind: Down, Host: n.Name, Node: n.Node})
	if n.Role == Alone {
		return
	}
	s.API.NodeDown(n.Node)
	s.members()
}

func (s *Site) up(n Node, h *linux.Host, id string) {
	s.record.note(Event{Kind: Up, Host: n.Name, Node: n.Node, To: id})
	s.mu.Lock()
	s.booted[n.Name] = id
	s.mu.Unlock()
	s.mount(n.Name, nil) // nothing that was attached is, whatever the cluster still believes
}

// started waits until K3s has come up, and tells the cluster that the node is there: anew after a boot.
func (s *Site) started(n Node, h *linux.Host) {
	s.mu.Lock()
	id, boot := s.booted[n.Name]
	delete(s.booted, n.Name)
	s.mu.Unlock()
	if !boot {
		id = h.BootID()
	}
	s.Clock.After(s.spec.Times.K3s, func() {
		if !h.On() || h.BootID() != id || !h.Active(n.unit()) {
			return
		}
		if boot {
			s.API.NodeUp(n.Node, id, h.Kernel())
		} else {
			s.API.ServiceStarted(n.Node)
		}
		s.record.note(Event{Kind: K3sStarted, Host: n.Name, Node: n.Node})
		s.members()
	})
}

// members notes how many of etcd's voters are alive.
func (s *Site) members() {
	if s.API == nil {
		return
	}
	voters, alive := 0, 0
	for _, m := range s.API.EtcdMembers() {
		if m.Learner {
			continue
		}
		voters++
		if m.Healthy {
			alive++
		}
	}
	s.mu.Lock()
	changed := s.voters != [2]int{voters, alive}
	s.voters = [2]int{voters, alive}
	s.mu.Unlock()
	if changed {
		s.record.note(Event{Kind: Voters, Total: voters, Alive: alive})
	}
}

// watch follows the objects of the cluster. Its lock is held.
func (s *Site) watch(resource string, before, after map[string]any) {
	moved := s.record.follow(resource, before, after)
	for _, node := range moved {
		if host := s.names[node]; host != "" && s.Hosts[host].On() {
			s.mount(host, s.record.attached(node))
		}
	}
}

// mount shows the volumes that are attached to a host as its kernel does: a block device of an iSCSI session, mounted where the CSI driver does it.
func (s *Site) mount(host string, volumes []string) {
	var mounts []linux.Mount
	var targets []string
	for _, v := range volumes {
		dir := fmt.Sprintf("/var/lib/kubelet/plugins/kubernetes.io/csi/driver.longhorn.io/%s/globalmount", v)
		mounts = append(mounts, linux.Mount{Device: "/dev/longhorn/" + v, Dir: dir, Type: "ext4", Options: "rw,relatime"})
		targets = append(targets, "iqn.2019-10.io.longhorn:"+v)
	}
	s.Hosts[host].SetMounts(mounts)
	s.Hosts[host].SetISCSI(targets)
}

// Cordon marks a node unschedulable as another person does: the maintenance must leave it so.
func (s *Site) Cordon(node string) error {
	s.record.note(Event{Kind: ForeignCordon, Node: node})
	return s.API.Change("nodes", "", node, func(o map[string]any) {
		spec, _ := o["spec"].(map[string]any)
		if spec == nil {
			spec = map[string]any{}
			o["spec"] = spec
		}
		spec["unschedulable"] = true
	})
}

// Crash takes the power of a machine away, as an accident that is nobody's act, and gives it back when after is over; 0: never.
func (s *Site) Crash(host string, after time.Duration) {
	s.record.note(Event{Kind: Accident, Host: host, Node: s.nodeOf(host)})
	s.Hosts[host].Crash()
	if after > 0 {
		s.Clock.After(after, s.Hosts[host].Boot)
	}
}

func (s *Site) nodeOf(host string) string {
	n, _ := s.node(host)
	return n.Node
}

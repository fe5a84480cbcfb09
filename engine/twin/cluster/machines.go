package cluster

// The machines under the nodes, as the cluster notices them: heartbeats that stop, nodes that are not heard of, nodes that are back.
// A heartbeat is no event: it is worked out when somebody looks, so that time in which nothing happens costs nothing.

import (
	"slices"
	"time"
)

// machine is what a node stands on.
type machine struct {
	down  bool      // power is off, or it boots
	idle  bool      // K3s is stopped on it
	since time.Time // when its kubelet began to report
	seen  time.Time // when its kubelet was last heard of; while it lives: now
	epoch int       // changes with every stop and start, so that a timer knows whether it is still meant
	// The last boot ID and kernel that were reported, or would have been.
	boot, kernel string
	stale        bool // the fault: its node keeps its old status whatever happens
	stuck        bool // it has, since it went down
	noCSI        bool // the fault: Longhorn's CSI driver does not register
}

func (m *machine) lives() bool { return !m.down && !m.idle }

// How often a kubelet reports an unchanged status, and renews its lease.
const (
	statusEvery = 5 * time.Minute
	leaseEvery  = 10 * time.Second
)

// machine returns what a node stands on.
func (c *Cluster) machine(node string) *machine {
	m := c.machines[node]
	if m == nil {
		now := c.config.Now()
		m = &machine{since: now, seen: now}
		c.machines[node] = m
	}
	return m
}

// living tells whether a node's kubelet works. A node that was loaded without a machine lives by what its condition says.
func (c *Cluster) living(w *World, node string) bool {
	if m := c.machines[node]; m != nil {
		return m.lives()
	}
	n, ok := w.see("nodes", "", node)
	return ok && ready(n)
}

// running tells whether a node's machine has power, K3s or not: containers live on when their K3s is stopped.
func (c *Cluster) running(w *World, node string) bool {
	if m := c.machines[node]; m != nil {
		return !m.down
	}
	return c.living(w, node)
}

// NodeDown says that a node's machine has lost power or begun to reboot: its containers are gone, its kubelet is silent, its etcd
// member is away. The cluster notices after Config.Grace.
func (c *Cluster) NodeDown(node string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	m := c.machine(node)
	if m.down {
		return
	}
	c.noteLoss(node)
	was := m.lives()
	m.down = true
	if was {
		c.silence(node, m)
	}
	c.crash(node)
	c.vote()
	c.world.reconcile()
}

// NodeUp says that a node's machine has booted and K3s runs on it; an empty bootID or kernel stays as it was.
func (c *Cluster) NodeUp(node, bootID, kernel string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	m := c.machine(node)
	booted := m.down
	m.down, m.idle = false, false
	c.vote()
	c.whenWritable(func() {
		c.report(node, m, bootID, kernel)
		if booted {
			c.restartPods(&c.world, node)
		}
	})
}

// ServiceStopped says that K3s was stopped on a machine that stays up: its containers go on, nobody reports them.
func (c *Cluster) ServiceStopped(node string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	m := c.machine(node)
	if m.down || m.idle {
		return
	}
	m.idle = true
	c.silence(node, m)
	c.vote()
	c.world.reconcile()
}

// ServiceStarted says that K3s was started again.
func (c *Cluster) ServiceStarted(node string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	m := c.machine(node)
	if m.down || !m.idle {
		return
	}
	m.idle = false
	c.vote()
	c.whenWritable(func() { c.report(node, m, "", "") })
}

// Serves tells whether a server answers the API at its own address: K3s runs on it, and etcd has a majority.
func (c *Cluster) Serves(node string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	n, ok := c.world.see("nodes", "", node)
	return ok && at(n, "metadata", "labels", serverLabel) == "true" && c.machine(node).lives() && !c.world.still
}

// deleted forgets what belonged to an object that is gone: a node takes its pods, its lease and its member of etcd along, as K3s does.
func (c *Cluster) deleted(resource string, o map[string]any) {
	w, name := &c.world, nameOf(o)
	switch resource {
	case "pods":
		delete(c.halted, text(o, "metadata", "uid"))
	case "nodes":
		for _, p := range w.all("pods") {
			if text(p, "spec", "nodeName") == name && ownerUID(p) != "" {
				w.Delete("pods", namespaceOf(p), nameOf(p))
			}
		}
		w.Delete("leases", "kube-node-lease", name)
		w.Delete("csinodes", "", name)
		w.Delete(lhNodes, lhNamespace, name)
		w.Delete(managers, lhNamespace, managerOf(name))
		c.etcd.members = slices.DeleteFunc(c.etcd.members, func(m Member) bool { return m.Node == name })
		delete(c.machines, name)
		c.vote()
	}
}

// whenWritable does something now, or as soon as the cluster can be written to.
func (c *Cluster) whenWritable(do func()) {
	if c.world.still {
		c.parked = append(c.parked, do)
		return
	}
	do()
	c.world.reconcile()
}

// silence notes that a kubelet is not heard of from now on, and lets the node controller find out.
func (c *Cluster) silence(node string, m *machine) {
	m.seen = c.config.Now()
	m.epoch++
	epoch := m.epoch
	if m.stale {
		m.stuck = true
		return
	}
	c.wait(c.config.Grace, func() {
		if m.epoch == epoch && !m.stale {
			c.miss(node, m)
		}
	})
}

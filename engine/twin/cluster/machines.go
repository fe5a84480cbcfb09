package cluster

// The machines under the nodes, as the cluster notices them: heartbeats that stop, nodes that are not heard of, nodes that are back.
// A heartbeat is no event: it is worked out when somebody looks, so that time in which nothing happens costs nothing.

import (
	"fmt"
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

// miss says what the node controller says of a node that it has not heard of for the grace period, and later evicts its pods.
func (c *Cluster) miss(node string, m *machine) {
	w := &c.world
	n, ok := w.Get("nodes", "", node)
	if !ok {
		return
	}
	setNodeConditions(n, "Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.", c.config.Now())
	for _, effect := range []string{"NoSchedule", "NoExecute"} {
		taint(n, unreachable, effect)
	}
	w.Set(n)
	for _, p := range w.all("pods") {
		if text(p, "spec", "nodeName") == node && ready(p) {
			w.podDown(p, "NodeLost", false)
		}
	}
	if c.config.Toleration < 0 {
		return
	}
	epoch := m.epoch
	c.wait(c.config.Toleration, func() {
		if m.epoch == epoch {
			c.evictLost(node)
		}
	})
}

const unreachable = "node.kubernetes.io/unreachable"

// evictLost asks the pods of a lost node to end, but those of daemons; they cannot, as long as their kubelet is silent.
func (c *Cluster) evictLost(node string) {
	w := &c.world
	for _, p := range w.all("pods") {
		owners := list(p, "metadata", "ownerReferences")
		if text(p, "spec", "nodeName") == node && (len(owners) == 0 || text(owners[0], "kind") != "DaemonSet") {
			c.end(w.mustKind("v1", "Pod"), copyOf(p), -1)
		}
	}
}

// report writes what a kubelet says when it starts.
func (c *Cluster) report(node string, m *machine, bootID, kernel string) {
	m.epoch++
	if bootID != "" {
		m.boot = bootID
	}
	if kernel != "" {
		m.kernel = kernel
	}
	if m.stuck || !m.lives() {
		return
	}
	m.since = c.config.Now()
	w := &c.world
	n, ok := w.Get("nodes", "", node)
	if !ok {
		return
	}
	if bootID != "" {
		put(n, bootID, "status", "nodeInfo", "bootID")
	}
	if kernel != "" {
		put(n, kernel, "status", "nodeInfo", "kernelVersion")
	}
	setNodeConditions(n, "True", "KubeletReady", "kubelet is posting ready status", m.since)
	untaint(n, unreachable)
	w.Set(n)
	for _, p := range w.all("pods") {
		if text(p, "spec", "nodeName") == node && notHeardOf(p) {
			c.podUp(w, p)
		}
	}
}

// notHeardOf tells whether a pod is called not ready only because its kubelet was silent.
func notHeardOf(p map[string]any) bool {
	for _, cond := range list(p, "status", "conditions") {
		if text(cond, "type") == "Ready" {
			return text(cond, "reason") == "NodeLost"
		}
	}
	return false
}

// setNodeConditions sets a node's Ready, and what else its kubelet reports.
func setNodeConditions(n map[string]any, status, reason, message string, now time.Time) {
	var rest []any
	for _, one := range list(n, "status", "conditions") {
		switch text(one, "type") {
		case "Ready", "MemoryPressure", "DiskPressure", "PIDPressure":
		default:
			rest = append(rest, one)
		}
	}
	changed := stamp(now)
	for _, one := range list(n, "status", "conditions") {
		if text(one, "type") == "Ready" && text(one, "status") == status {
			changed = text(one, "lastTransitionTime")
		}
	}
	beat := stamp(now)
	if status != "True" { // the last one heard of
		for _, one := range list(n, "status", "conditions") {
			if text(one, "type") == "Ready" {
				beat = text(one, "lastHeartbeatTime")
			}
		}
	}
	other := "False"
	if status != "True" {
		other = status
	}
	all := []any{map[string]any{"type": "Ready", "status": status, "reason": reason, "message": message, "lastHeartbeatTime": beat, "lastTransitionTime": changed}}
	for _, kind := range []string{"MemoryPressure", "DiskPressure", "PIDPressure"} {
		all = append(all, map[string]any{"type": kind, "status": other, "reason": fmt.Sprintf("KubeletHas%s", map[string]string{
			"MemoryPressure": "SufficientMemory", "DiskPressure": "NoDiskPressure", "PIDPressure": "SufficientPID"}[kind]),
			"lastHeartbeatTime": beat, "lastTransitionTime": changed})
	}
	put(n, append(rest, all...), "status", "conditions")
}

func taint(n map[string]any, key, effect string) {
	for _, t := range list(n, "spec", "taints") {
		if text(t, "key") == key && text(t, "effect") == effect {
			return
		}
	}
	put(n, append(list(n, "spec", "taints"), map[string]any{"key": key, "effect": effect}), "spec", "taints")
}

func untaint(n map[string]any, key string) {
	var rest []any
	for _, t := range list(n, "spec", "taints") {
		if text(t, "key") != key {
			rest = append(rest, t)
		}
	}
	if rest == nil {
		put(n, nil, "spec", "taints")
		return
	}
	put(n, rest, "spec", "taints")
}

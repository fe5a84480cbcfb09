package cluster

// What is said of a node in its object: by its kubelet when it starts, by the node controller when it is silent.

import (
	"fmt"
	"time"
)

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

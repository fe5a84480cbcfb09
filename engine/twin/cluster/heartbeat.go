package cluster

// What moves with the clock only when somebody looks: heartbeats of nodes, leases of kubelets, EtcdIsVoter.

import (
	"time"
)

// shown is an object as a client sees it now. What is stored is not changed; what does not move with time is returned as it is.
func (c *Cluster) shown(kind Kind, o map[string]any) map[string]any {
	switch {
	case kind.Name == "Node" && kind.Group == "":
		if m := c.machines[nameOf(o)]; m != nil {
			return c.shownNode(o, m)
		}
	case kind.Name == "Lease" && namespaceOf(o) == "kube-node-lease":
		if m := c.machines[nameOf(o)]; m != nil {
			o = copyOf(o)
			put(o, microStamp(beat(m.since, c.lastSeen(m), leaseEvery)), "spec", "renewTime")
		}
	}
	return o
}

func (c *Cluster) shownNode(o map[string]any, m *machine) map[string]any {
	o = copyOf(o)
	for _, one := range list(o, "status", "conditions") {
		cond, _ := one.(map[string]any)
		switch text(cond, "type") {
		case "Ready", "MemoryPressure", "DiskPressure", "PIDPressure":
			last := beat(m.since, c.lastSeen(m), statusEvery)
			if stamp(last) > text(cond, "lastHeartbeatTime") && text(cond, "status") != "Unknown" {
				put(cond, stamp(last), "lastHeartbeatTime")
			}
		case voterCondition:
			if last := c.etcd.lastBeat(c.config.Now()); stamp(last) > text(cond, "lastHeartbeatTime") {
				put(cond, stamp(last), "lastHeartbeatTime")
			}
		}
	}
	return o
}

// lastSeen is when a machine's kubelet was last heard of.
func (c *Cluster) lastSeen(m *machine) time.Time {
	if m.lives() && !m.stuck && !c.world.still {
		return c.config.Now()
	}
	return m.seen
}

// beat is the last of the beats since a time up to another.
func beat(since, until time.Time, every time.Duration) time.Time {
	if until.Before(since) {
		return since
	}
	return since.Add(until.Sub(since) / every * every)
}

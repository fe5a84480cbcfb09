package cluster

// What must never happen, written down when it does: the judges of a simulated maintenance read it.

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// The kinds of incidents.
const (
	DirtyShutdown = "dirty-shutdown" // a node went down while a volume was attached to it
	NoReplica     = "no-replica"     // a node went down and took the last usable replica of a volume with it
	VolumeFaulted = "volume-faulted" // a volume in use lost its last replica
	QuorumLost    = "quorum-lost"    // etcd has no majority any more
	TwoNodesDown  = "two-nodes-down" // a node went down while another was away
)

// Incident is something that no maintenance may cause.
type Incident struct {
	Time   time.Time
	Kind   string
	Object string // name of the volume or node
	What   string
}

// Incidents lists what has happened so far, oldest first.
func (c *Cluster) Incidents() []Incident {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.incidents)
}

func (c *Cluster) record(kind, object, what string) {
	c.incidents = append(c.incidents, Incident{c.config.Now(), kind, object, what})
}

// noteLoss writes down what the loss of a node does to volumes and to the rest of the nodes.
func (c *Cluster) noteLoss(node string) {
	for _, name := range slices.Sorted(maps.Keys(c.machines)) {
		if name != node && c.machines[name].down {
			c.record(TwoNodesDown, node, fmt.Sprintf("went down while %s was down", name))
		}
	}
	for _, v := range c.world.all(volumes) {
		name := nameOf(v)
		if text(v, "status", "currentNodeID") == node {
			c.record(DirtyShutdown, name, fmt.Sprintf("was attached to %s when it went down", node))
		}
		here, elsewhere := c.usableReplicas(name, node)
		if here > 0 && elsewhere == 0 {
			c.record(NoReplica, name, fmt.Sprintf("had no usable replica off %s when it went down", node))
		}
	}
}

// usableReplicas counts a volume's replicas with good data on a node, and on others whose machines run.
func (c *Cluster) usableReplicas(volume, node string) (here, elsewhere int) {
	for _, r := range c.world.all(replicas) {
		switch {
		case text(r, "spec", "volumeName") != volume || text(r, "spec", "healthyAt") == "" || text(r, "spec", "failedAt") != "":
		case text(r, "spec", "nodeID") == node:
			here++
		case c.running(&c.world, text(r, "spec", "nodeID")):
			elsewhere++
		}
	}
	return here, elsewhere
}

package cluster

// Faults of nodes and of etcd.

import (
	"maps"
	"slices"
	"strings"
	"time"
)

func nodeFaults() []Named {
	return []Named{
		{"other-node-cordoned", "a node is cordoned, by nobody or by whoever the annotation names", "F02", "openshift/machine-api-operator#1066", OnOwner, cordonNode, nil},
		{"csi-missing", "Longhorn's CSI driver does not register on the node when it is back", "F33", "longhorn/longhorn#12175", OnNode,
			func(c *Cluster, arg string) error { return c.mark(arg, func(m *machine) { m.noCSI = true }) },
			func(c *Cluster) { c.unmark(func(m *machine) { m.noCSI = false }) }},
		{"stale-ready", "the node stays Ready with its old boot ID, whatever its machine does", "F32", "ansible/ansible#78007", OnNode,
			func(c *Cluster, arg string) error { return c.mark(arg, func(m *machine) { m.stale = true }) }, refresh},
	}
}

func cordonNode(c *Cluster, arg string) error {
	name, note, _ := strings.Cut(arg, ",")
	node, err := c.aNode(name)
	if err != nil {
		return err
	}
	c.world.update("nodes", "", node, func(o map[string]any) {
		put(o, true, "spec", "unschedulable")
		if key, v, ok := strings.Cut(note, "="); ok {
			put(o, v, "metadata", "annotations", key)
		}
	})
	return nil
}

func (c *Cluster) mark(arg string, f func(*machine)) error {
	node, err := c.aNode(arg)
	if err != nil {
		return err
	}
	f(c.machine(node))
	return nil
}

func (c *Cluster) unmark(f func(*machine)) {
	for _, m := range c.machines {
		f(m)
	}
	c.world.dirty[storagePods] = true
}

// refresh lets the nodes that told nothing tell what they have to.
func refresh(c *Cluster) {
	for _, node := range slices.Sorted(maps.Keys(c.machines)) {
		if m := c.machines[node]; m.stale {
			m.stale, m.stuck = false, false
			if m.lives() {
				c.report(node, m, m.boot, m.kernel)
			} else {
				c.miss(node, m)
			}
		}
	}
}

func etcdFaults() []Named {
	return []Named{
		{"etcd-ghost", "etcd has a member whose node is no more: it counts, and never votes", "F22", "k3s-io/k3s#4870", OnNone,
			func(c *Cluster, _ string) error {
				c.etcd.members = append(c.etcd.members, Member{Name: "master-gone-" + digest("gone", 8), ID: 0xdead, Address: "10.0.0.99"})
				c.vote()
				return nil
			}, func(c *Cluster) { c.dropGhosts(); c.vote() }},
		{"etcd-learner", "a server's member is a learner yet", "F22", "k3s-io/k3s#2316", OnNode,
			func(c *Cluster, arg string) error {
				return c.member(arg, func(m *Member) { m.Learner = true })
			}, func(c *Cluster) { c.eachMember(func(m *Member) { m.Learner = false }); c.vote() }},
		{"etcd-unhealthy", "a server's member does not keep up", "F22", "k3s-io/k3s#4870", OnNode,
			func(c *Cluster, arg string) error {
				return c.member(arg, func(m *Member) { c.etcd.sick = append(c.etcd.sick, m.Node) })
			}, func(c *Cluster) { c.etcd.sick = nil; c.vote() }},
		{"etcd-stale-heartbeat", "EtcdIsVoter was last confirmed ten minutes ago, and is not confirmed any more", "F24", "k3s-io/k3s pkg/etcd", OnNone,
			staleVoters, func(c *Cluster) {
				c.etcd.held, c.etcd.frozen, c.etcd.since = false, time.Time{}, c.config.Now()
				c.markVoters()
			}},
	}
}

func (c *Cluster) dropGhosts() {
	var rest []Member
	for _, m := range c.etcd.members {
		if m.Node != "" {
			rest = append(rest, m)
		}
	}
	c.etcd.members = rest
}

func (c *Cluster) eachMember(f func(*Member)) {
	for i := range c.etcd.members {
		f(&c.etcd.members[i])
	}
}

func (c *Cluster) member(arg string, f func(*Member)) error {
	node, err := c.aServer(arg)
	if err != nil {
		return err
	}
	c.eachMember(func(m *Member) {
		if m.Node == node {
			f(m)
		}
	})
	c.vote()
	return nil
}

// staleVoters dates the confirmations of all voters back, and holds them there.
func staleVoters(c *Cluster, _ string) error {
	then := c.config.Now().Add(-10 * time.Minute)
	c.etcd.held, c.etcd.frozen, c.etcd.since = true, then, then
	for _, n := range c.world.List("nodes") {
		for _, one := range list(n, "status", "conditions") {
			if cond, ok := one.(map[string]any); ok && text(cond, "type") == voterCondition {
				cond["lastHeartbeatTime"] = stamp(then)
			}
		}
		c.world.Set(n) // cannot fail: it was there
	}
	return nil
}

package cluster

// The etcd under the servers: members, who of them is alive, who leads, whether a majority can write.

import (
	"fmt"
	"slices"
	"time"
)

const (
	serverLabel    = "node-role.kubernetes.io/control-plane"
	etcdLabel      = "node-role.kubernetes.io/etcd"
	voterCondition = "EtcdIsVoter"
)

// voterEvery is how often the leader confirms an unchanged EtcdIsVoter.
const voterEvery = 5 * time.Minute

// Member is a member of etcd.
type Member struct {
	Name    string // of its node, with a suffix, as K3s names it
	Node    string // empty: a ghost, whose node is no more
	ID      uint64
	Address string // of its machine
	Learner bool
	Healthy bool // it is alive and follows the leader
	Leader  bool
}

// etcd is the data store of a cluster; one without members is another one that never fails.
type etcd struct {
	members []Member
	leader  string    // node of the leader; empty: none
	changes int       // of leaders
	sick    []string  // the fault: nodes whose member does not keep up
	since   time.Time // when the leader began to confirm the voters
	frozen  time.Time // the fault or the loss of the majority: the time of the last confirmation; zero: it goes on
	held    bool      // the fault: confirmations stay frozen
}

// lastBeat is when the leader last confirmed the voters.
func (e *etcd) lastBeat(now time.Time) time.Time {
	if !e.frozen.IsZero() {
		now = e.frozen
	}
	return beat(e.since, now, voterEvery)
}

// EtcdMembers lists the members of etcd as its own API would, ghosts and learners among them.
func (c *Cluster) EtcdMembers() []Member {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := slices.Clone(c.etcd.members)
	for i := range out {
		out[i].Healthy = c.memberUp(out[i]) && !c.world.still
		out[i].Leader = out[i].Node != "" && out[i].Node == c.etcd.leader
	}
	return out
}

// Quorate tells whether the API can be written to and read from.
func (c *Cluster) Quorate() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.world.still
}

// memberUp tells whether a member is alive and well.
func (c *Cluster) memberUp(m Member) bool {
	return m.Node != "" && c.machine(m.Node).lives() && !slices.Contains(c.etcd.sick, m.Node)
}

// voters counts the members that vote, ghosts among them, and those of them that are alive.
func (c *Cluster) voters() (all, alive int) {
	for _, m := range c.etcd.members {
		if m.Learner {
			continue
		}
		all++
		if c.memberUp(m) {
			alive++
		}
	}
	return all, alive
}

// vote finds the leader anew after a member came or went: without a majority there is none, and everything stands still.
func (c *Cluster) vote() {
	e := &c.etcd
	if len(e.members) == 0 {
		c.voteWithoutEtcd()
		return
	}
	all, alive := c.voters()
	if alive < all/2+1 {
		if !c.world.still {
			c.freeze(fmt.Sprintf("%d of %d voters are alive", alive, all))
		}
		return
	}
	lead := func(node string) bool {
		return slices.ContainsFunc(e.members, func(m Member) bool { return m.Node == node && !m.Learner && c.memberUp(m) })
	}
	if !lead(e.leader) {
		for _, m := range e.members {
			if lead(m.Node) {
				e.leader = m.Node
				e.changes++
				break
			}
		}
	}
	c.thaw()
	c.markVoters()
}

// voteWithoutEtcd is for another data store: it is there as long as a server is.
func (c *Cluster) voteWithoutEtcd() {
	switch there := c.served(); {
	case there:
		c.thaw()
	case !c.world.still:
		c.freeze("")
	}
}

// served tells whether any server's K3s runs. A cluster that was not built of machines is served always.
func (c *Cluster) served() bool {
	servers := 0
	for _, n := range c.world.all("nodes") {
		if at(n, "metadata", "labels", serverLabel) != "true" {
			continue
		}
		servers++
		if m := c.machines[nameOf(n)]; m == nil || m.lives() {
			return true
		}
	}
	return servers == 0
}

// freeze ends all writing: watches end, controllers wait. Why is empty where the loss is no fault of etcd's.
func (c *Cluster) freeze(why string) {
	e := &c.etcd
	e.leader = ""
	now := c.config.Now()
	if e.frozen.IsZero() {
		e.frozen = now
	}
	for _, m := range c.machines {
		if m.lives() {
			m.seen = now
		}
	}
	c.world.still = true
	c.world.closeWatches()
	if why != "" {
		c.record(QuorumLost, "etcd", why)
	}
}

// thaw lets writing go on, with what had to wait first.
func (c *Cluster) thaw() {
	if !c.world.still {
		return
	}
	c.world.still = false
	if !c.etcd.held {
		c.etcd.frozen, c.etcd.since = time.Time{}, c.config.Now()
	}
	parked := c.parked
	c.parked = nil
	for _, do := range parked {
		do()
	}
	c.world.reconcile()
}

// markVoters writes the condition by which K3s' leader tells of each server how its member is.
func (c *Cluster) markVoters() {
	e := &c.etcd
	if e.held {
		return
	}
	now := c.config.Now()
	for _, m := range e.members {
		n, ok := c.world.Get("nodes", "", m.Node)
		if m.Node == "" || !ok {
			continue
		}
		status, reason := "True", "MemberNotLearner"
		switch {
		case m.Learner:
			status, reason = "False", "MemberIsLearner"
		case !c.memberUp(m):
			status, reason = "False", "Unhealthy"
		}
		if setCondition(n, map[string]any{"type": voterCondition, "status": status, "reason": reason, "message": "", "lastHeartbeatTime": stamp(now)}, now) {
			c.world.Set(n)
		}
	}
}

// setCondition puts a condition in its place, and tells whether that changes its status or reason.
func setCondition(o, cond map[string]any, now time.Time) bool {
	all := list(o, "status", "conditions")
	for i, one := range all {
		if text(one, "type") != text(cond, "type") {
			continue
		}
		if text(one, "status") == text(cond, "status") && text(one, "reason") == text(cond, "reason") {
			return false
		}
		put(cond, stamp(now), "lastTransitionTime")
		all[i] = cond
		return true
	}
	put(cond, stamp(now), "lastTransitionTime")
	put(o, append(all, cond), "status", "conditions")
	return true
}

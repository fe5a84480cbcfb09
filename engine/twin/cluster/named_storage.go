package cluster

// Faults of Longhorn.

import (
	"errors"
	"fmt"
	"slices"
)

var errNoLonghorn = errors.New("the cluster has no Longhorn")

func storageFaults() []Named {
	all := []Named{
		{"volume-degraded", "a replica of a volume in use has failed, and its rebuild does not move", "F14", "longhorn/longhorn#5781", OnVolume, degrade, thawRebuilds},
		{"volume-faulted", "all replicas of a volume have failed, and none can be salvaged", "F14", "longhorn/longhorn#1035", OnVolume, faultVolume, nil},
		{"rebuild-frozen", "rebuilds begin and make no progress", "F16", "longhorn/longhorn#11113", OnNone,
			func(c *Cluster, _ string) error { c.storage.frozen[""] = true; return nil }, thawRebuilds},
		{"single-replica", "a volume has one replica, and that on the node", "F13", "longhorn/longhorn#2237", OnNode, single, nil},
		{"manual-attachment", "a volume is attached to the node by hand: Kubernetes will never move it", "F17", "longhorn/longhorn#3048", OnNode, attachByHand, freeTickets},
		{"orphan-engine", "the node's instance manager runs an engine that no object tells of", "F18", "longhorn/longhorn#6552", OnNode,
			func(c *Cluster, arg string) error {
				node, err := c.aNode(arg)
				c.storage.orphans["pvc-gone-e-0"] = node
				c.world.dirty[managers] = true
				return err
			}, func(c *Cluster) { clear(c.storage.orphans); c.world.dirty[managers] = true }},
		{"replica-on-deleted-node", "a volume has the record of a replica on a node that is no more", "F18", "longhorn/longhorn#10833", OnVolume, leaveReplica, nil},
		{"robustness-lags", "after an uncordon degraded volumes are called healthy for 10 s", "F15", "longhorn/longhorn#5781", OnNone,
			func(c *Cluster, _ string) error { c.storage.flatters = true; return nil }, func(c *Cluster) { c.storage.flatters = false }},
		{"share-slow", "share managers take 90 s to start: clients of shared volumes hang", "F19", "longhorn/longhorn#9022", OnNone,
			func(c *Cluster, _ string) error { c.storage.slowShares = true; return nil }, func(c *Cluster) { c.storage.slowShares = false }},
	}
	for i := range all {
		inject, heal := all[i].inject, all[i].heal
		all[i].inject = func(c *Cluster, arg string) error {
			if c.storage == nil {
				return errNoLonghorn
			}
			return inject(c, arg)
		}
		all[i].heal = func(c *Cluster) {
			if c.storage != nil && heal != nil {
				heal(c)
			}
		}
	}
	return all
}

// degrade fails the last replica of a volume that is not where the volume is used.
func degrade(c *Cluster, arg string) error {
	v, err := c.aVolume(arg)
	if err != nil {
		return err
	}
	all := c.world.replicasOfVolume(nameOf(v))
	slices.Reverse(all)
	for _, r := range all {
		if usable(r) && text(r, "spec", "nodeID") != text(v, "status", "currentNodeID") {
			c.storage.frozen[nameOf(v)] = true
			c.failReplica(&c.world, r)
			return nil
		}
	}
	return fmt.Errorf("volume %s has no replica that could fail", nameOf(v))
}

func thawRebuilds(c *Cluster) {
	clear(c.storage.frozen)
	waiting := c.storage.waiting
	c.storage.waiting = nil
	for _, goOn := range waiting {
		goOn()
	}
}

func faultVolume(c *Cluster, arg string) error {
	v, err := c.aVolume(arg)
	if err != nil {
		return err
	}
	now := stamp(c.config.Now())
	for _, r := range c.world.replicasOfVolume(nameOf(v)) {
		delete(c.storage.rebuilds, nameOf(r))
		c.world.amend(r, to(now, "spec", "failedAt"), to(now, "spec", "lastFailedAt"), to("", "spec", "healthyAt"),
			to("stopped", "spec", "desireState"), to("stopped", "status", "currentState"))
	}
	return nil
}

// single leaves the first volume with a replica on the node with that replica alone.
func single(c *Cluster, arg string) error {
	node, err := c.aNode(arg)
	if err != nil {
		return err
	}
	for _, r := range c.world.all(replicas) {
		if text(r, "spec", "nodeID") != node || !usable(r) {
			continue
		}
		volume := text(r, "spec", "volumeName")
		c.world.update(volumes, lhNamespace, volume, func(o map[string]any) { put(o, int64(1), "spec", "numberOfReplicas") })
		for _, other := range c.world.replicasOfVolume(volume) {
			if nameOf(other) != nameOf(r) {
				c.world.Delete(replicas, lhNamespace, nameOf(other))
			}
		}
		return nil
	}
	return fmt.Errorf("node %s has no replica", node)
}

// attachByHand adds a ticket of Longhorn's own API to a volume that is in use on the node, or to one that is not in use at all.
func attachByHand(c *Cluster, arg string) error {
	node, err := c.aNode(arg)
	if err != nil {
		return err
	}
	chosen := ""
	for _, v := range c.world.all(volumes) {
		here := text(v, "status", "currentNodeID") == node
		if here || chosen == "" && text(v, "status", "state") == "detached" {
			chosen = nameOf(v)
		}
		if here {
			break
		}
	}
	if chosen == "" {
		chosen = "by-hand"
		c.makeVolume(&c.world, nil, VolumeSpec{Name: chosen, Size: 1 << 30, Replicas: min(3, len(c.world.all(lhNodes)))})
	}
	c.world.update(lhTickets, lhNamespace, chosen, func(o map[string]any) {
		put(o, map[string]any{"id": byHand, "nodeID": node, "type": "longhorn-api", "generation": int64(0)}, "spec", "attachmentTickets", byHand)
	})
	return nil
}

const byHand = "longhorn-ui"

func freeTickets(c *Cluster) {
	for _, a := range c.world.all(lhTickets) {
		c.world.amend(a, to(nil, "spec", "attachmentTickets", byHand))
	}
}

func leaveReplica(c *Cluster, arg string) error {
	v, err := c.aVolume(arg)
	if err != nil {
		return err
	}
	r := c.newReplica(&c.world, nameOf(v), "worker-gone")
	put(r, stamp(c.config.Now()), "spec", "failedAt")
	put(r, stamp(c.config.Now()), "spec", "lastFailedAt")
	put(r, "unknown", "status", "currentState")
	return c.world.Set(r)
}

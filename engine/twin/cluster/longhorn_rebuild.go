package cluster

// Replicas that have failed are rebuilt where they were; if their node stays away, elsewhere.

import (
	"cmp"
	"slices"
	"time"
)

// rebuild is one that is under way.
type rebuild struct {
	volume   string
	progress int
}

// rebuildSteps is in how many steps progress is told.
const rebuildSteps = 10

// replenish starts the rebuilds that volumes in use need and lets go of replicas that are too many.
func (c *Cluster) replenish(w *World) {
	c.evictReplicas(w)
	for _, v := range w.all(volumes) {
		name := nameOf(v)
		if text(v, "status", "state") != "attached" || text(w.engine(name), "status", "currentState") != "running" {
			continue
		}
		all := w.replicasOfVolume(name)
		good, busy := 0, false
		for _, r := range all {
			busy = busy || c.storage.rebuilds[nameOf(r)] != nil
			if usable(r) && !flag(r, "spec", "evictionRequested") {
				good++
			}
		}
		switch wanted := int(number(v, "spec", "numberOfReplicas")); {
		case busy:
		case good >= wanted:
			c.prune(w, all)
		case good == 0 && c.wornOut(w, name):
		default:
			c.repair(w, v, all)
		}
	}
}

// prune removes what a volume that has enough good replicas does not need.
func (c *Cluster) prune(w *World, all []map[string]any) {
	for _, r := range all {
		if _, exists := w.see(lhNodes, lhNamespace, text(r, "spec", "nodeID")); exists && (text(r, "spec", "failedAt") != "" || flag(r, "spec", "evictionRequested")) {
			w.Delete(replicas, lhNamespace, nameOf(r))
		}
	}
}

// repair reuses a failed replica whose node is back, or makes a new one when waiting for it has been in vain.
func (c *Cluster) repair(w *World, v map[string]any, all []map[string]any) {
	wait := false
	for _, r := range all {
		_, exists := w.see(lhNodes, lhNamespace, text(r, "spec", "nodeID"))
		if text(r, "spec", "failedAt") == "" || flag(r, "spec", "evictionRequested") || !exists {
			continue
		}
		if node := text(r, "spec", "nodeID"); c.serving(w, node) && storageReady(w, node) {
			c.startRebuild(w, nameOf(v), nameOf(r))
			return
		}
		failed, err := time.Parse(time.RFC3339, text(r, "spec", "lastFailedAt"))
		left := failed.Add(w.settingSeconds("replica-replenishment-wait-interval", 10*time.Minute)).Sub(c.config.Now())
		if err == nil && left > 0 {
			wait = true
			c.lookAgain(nameOf(r), left)
		}
	}
	if node := c.homeFor(w, all); node != "" && !wait {
		r := c.newReplica(w, nameOf(v), node)
		w.Set(r)
		c.startRebuild(w, nameOf(v), nameOf(r))
	}
}

// lookAgain wakes the controllers when the waiting time of a replica is over, once.
func (c *Cluster) lookAgain(replica string, left time.Duration) {
	key := "replenish " + replica
	if c.world.pending[key] {
		return
	}
	c.world.pending[key] = true
	c.config.After(left, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.world.pending, key)
		c.world.dirty[replicas] = true
		c.world.reconcile()
	})
}

func storageReady(w *World, node string) bool {
	n, _ := w.see(lhNodes, lhNamespace, node)
	return conditionOf(n, "Ready") == "True" && flag(n, "spec", "allowScheduling")
}

// homeFor finds a node for one more replica: one that has none of this volume, with the fewest of all.
func (c *Cluster) homeFor(w *World, has []map[string]any) string {
	load := map[string]int{}
	for _, r := range w.all(replicas) {
		load[text(r, "spec", "nodeID")]++
	}
	var nodes []string
	for _, n := range w.all(lhNodes) {
		name := nameOf(n)
		taken := slices.ContainsFunc(has, func(r map[string]any) bool { return text(r, "spec", "nodeID") == name })
		if !taken && storageReady(w, name) && conditionOf(n, "Schedulable") == "True" && c.serving(w, name) {
			nodes = append(nodes, name)
		}
	}
	slices.SortStableFunc(nodes, func(a, b string) int { return cmp.Compare(load[a], load[b]) })
	if len(nodes) == 0 {
		return ""
	}
	return nodes[0]
}

// newReplica is a replica that holds nothing yet.
func (c *Cluster) newReplica(w *World, volume, node string) map[string]any {
	w.serial++
	name := volume + "-r-" + digest(stamp(c.config.Now())+volume+node+string(rune(w.serial)), 8)
	r := lhObject("Replica", name, map[string]any{
		"volumeName": volume, "nodeID": node, "diskID": digest("uuid "+node, 32), "diskPath": "/var/lib/longhorn/", "dataDirectoryName": volume + "-" + digest(name, 8),
		"dataEngine": "v1", "engineName": engineOf(volume), "active": true, "desireState": "stopped", "healthyAt": "", "failedAt": "", "lastHealthyAt": "",
		"lastFailedAt": "", "image": lhImage("longhorn-engine"), "evictionRequested": false,
	})
	put(r, map[string]any{"longhornvolume": volume, lhNodeLabel: node}, "metadata", "labels")
	put(r, map[string]any{"currentState": "stopped", "currentImage": "", "instanceManagerName": ""}, "status")
	return r
}

// startRebuild begins to copy data to a replica.
func (c *Cluster) startRebuild(w *World, volume, replica string) {
	b := &rebuild{volume: volume}
	c.storage.rebuilds[replica] = b
	w.update(replicas, lhNamespace, replica, func(o map[string]any) {
		put(o, "", "spec", "failedAt")
		put(o, "", "spec", "healthyAt")
		put(o, "running", "spec", "desireState")
		put(o, "running", "status", "currentState")
		put(o, managerOf(text(o, "spec", "nodeID")), "status", "instanceManagerName")
	})
	c.rebuildOn(replica, b)
}

// rebuildOn takes the next step of a rebuild after its time. One that was given up, or stands still by a fault, does not move.
func (c *Cluster) rebuildOn(replica string, b *rebuild) {
	step := func() {
		if c.storage.rebuilds[replica] != b {
			return
		}
		if c.storage.frozen[""] || c.storage.frozen[b.volume] {
			c.storage.waiting = append(c.storage.waiting, func() { c.rebuildOn(replica, b) })
			return
		}
		if b.progress += 100 / rebuildSteps; b.progress < 100 {
			c.tellProgress(b.volume)
			c.rebuildOn(replica, b)
			return
		}
		c.rebuilt(replica)
	}
	if c.config.Rebuild == 0 && !c.storage.frozen[""] && !c.storage.frozen[b.volume] {
		c.rebuilt(replica)
		return
	}
	c.wait(c.config.Rebuild/rebuildSteps, step)
}

// tellProgress lets an engine tell how far a rebuild is. No controller acts on that, so none is woken.
func (c *Cluster) tellProgress(volume string) {
	w := &c.world
	awake := w.dirty[engines]
	c.tellEngine(w, w.engine(volume), w.replicasOfVolume(volume))
	if !awake {
		delete(w.dirty, engines)
	}
}

func (c *Cluster) rebuilt(replica string) {
	delete(c.storage.rebuilds, replica)
	now := stamp(c.config.Now())
	c.world.update(replicas, lhNamespace, replica, func(o map[string]any) {
		put(o, now, "spec", "healthyAt")
		put(o, now, "spec", "lastHealthyAt")
	})
}

// evictReplicas asks replicas to leave cordoned nodes where node-drain-policy wants that.
func (c *Cluster) evictReplicas(w *World) {
	policy := w.setting("node-drain-policy", defaultDrainPolicy)
	for _, r := range w.all(replicas) {
		node := text(r, "spec", "nodeID")
		leave := w.cordoned(node) && (policy == "block-for-eviction" ||
			policy == "block-for-eviction-if-contains-last-replica" && (flag(r, "spec", "evictionRequested") || w.lastProtected(r)))
		if leave != flag(r, "spec", "evictionRequested") {
			w.update(replicas, lhNamespace, nameOf(r), func(o map[string]any) { put(o, leave, "spec", "evictionRequested") })
		}
	}
	for _, n := range w.all(lhNodes) {
		evicting := slices.ContainsFunc(w.all(replicas), func(r map[string]any) bool {
			return text(r, "spec", "nodeID") == nameOf(n) && flag(r, "spec", "evictionRequested")
		})
		if evicting != flag(n, "status", "autoEvicting") {
			w.update(lhNodes, lhNamespace, nameOf(n), func(o map[string]any) { put(o, evicting, "status", "autoEvicting") })
		}
	}
}

// lastProtected tells whether no other replica of the volume is good and protected.
func (w *World) lastProtected(r map[string]any) bool {
	return text(r, "spec", "healthyAt")+text(r, "spec", "failedAt") != "" && !w.protectedElsewhere(text(r, "spec", "volumeName"), text(r, "spec", "nodeID"))
}

package cluster

// Volumes go where they are used: from a pod's claim to the node the pod is on, and away when it is gone.

import (
	"maps"
	"slices"
)

// attachments moves every volume to where it is wanted.
func (c *Cluster) attachments(w *World) {
	users := w.users()
	c.publish(w, users)
	for _, v := range w.all(volumes) {
		name := nameOf(v)
		wanted := users[name]
		if sharedVolume(v) {
			wanted = map[string]bool{}
			if p, ok := w.see("pods", lhNamespace, "share-manager-"+name); ok && text(p, "spec", "nodeName") != "" {
				wanted[text(p, "spec", "nodeName")] = true
			}
		}
		c.move(w, v, c.ticketed(w, name, wanted))
	}
}

// ticketed adds the nodes to which a volume was attached by hand, and those on which Longhorn itself needs it.
func (c *Cluster) ticketed(w *World, volume string, wanted map[string]bool) map[string]bool {
	a, ok := w.see(lhTickets, lhNamespace, volume)
	if !ok {
		return wanted
	}
	out := maps.Clone(wanted)
	for _, t := range fieldsOf(a, "spec", "attachmentTickets") {
		node := text(t, "nodeID")
		if text(t, "type") == "csi-attacher" || node == "" {
			continue
		}
		if text(t, "type") == "longhorn-api" && w.cordoned(node) && w.setting("detach-manually-attached-volumes-when-cordoned", "false") == "true" {
			continue
		}
		if out == nil {
			out = map[string]bool{}
		}
		out[node] = true
	}
	return out
}

// move attaches a volume that is wanted somewhere, and detaches one that is not wanted where it is.
func (c *Cluster) move(w *World, v map[string]any, wanted map[string]bool) {
	name, here := nameOf(v), text(v, "status", "currentNodeID")
	if c.storage.moving[name] != 0 {
		return
	}
	switch text(v, "status", "state") {
	case "attached":
		crashed := text(w.engine(name), "status", "currentState") == "error"
		switch {
		case crashed && (c.serving(w, here) || !wanted[here]):
			c.detached(w, name)
		case !crashed && c.wornOut(w, name):
			c.detached(w, name)
		case !wanted[here]:
			w.update(volumes, lhNamespace, name, func(o map[string]any) { put(o, "detaching", "status", "state") })
			c.moveLater(name, func() { c.detached(&c.world, name) })
		}
	default:
		nodes := slices.Sorted(maps.Keys(wanted))
		nodes = slices.DeleteFunc(nodes, func(n string) bool { return !c.serving(w, n) })
		if len(nodes) == 0 || !c.attachable(w, name) {
			return
		}
		node := nodes[0]
		w.update(volumes, lhNamespace, name, func(o map[string]any) {
			put(o, node, "spec", "nodeID")
			put(o, "attaching", "status", "state")
			put(o, node, "status", "currentNodeID")
		})
		c.moveLater(name, func() { c.attached(&c.world, name, node) })
	}
}

// moveLater ends a move after its time, unless it was taken over by another.
func (c *Cluster) moveLater(volume string, end func()) {
	s := c.storage
	s.moves++
	number := s.moves
	s.moving[volume] = number
	do := func() {
		if s.moving[volume] == number {
			delete(s.moving, volume)
			end()
		}
	}
	if c.config.Attach == 0 {
		do()
		return
	}
	c.wait(c.config.Attach, do)
}

// wornOut tells whether a volume in use has lost all its replicas: Longhorn detaches it.
func (c *Cluster) wornOut(w *World, volume string) bool {
	return !slices.ContainsFunc(w.replicasOfVolume(volume), func(r map[string]any) bool {
		return text(r, "status", "currentState") == "running" && usable(r)
	})
}

// attachable tells whether there is data to attach. If all replicas have failed, those whose node is back are taken for good again.
func (c *Cluster) attachable(w *World, volume string) bool {
	all := w.replicasOfVolume(volume)
	for _, r := range all {
		if text(r, "spec", "failedAt") == "" && c.serving(w, text(r, "spec", "nodeID")) {
			return true
		}
	}
	if slices.ContainsFunc(all, func(r map[string]any) bool { return usable(r) }) || w.setting("auto-salvage", "true") != "true" {
		return false
	}
	salvaged := false
	for _, r := range all {
		if text(r, "spec", "healthyAt") == "" || !c.serving(w, text(r, "spec", "nodeID")) {
			continue
		}
		salvaged = true
		w.update(replicas, lhNamespace, nameOf(r), func(o map[string]any) { put(o, "", "spec", "failedAt") })
	}
	return salvaged
}

// attached says that a volume is in use on a node, with all of its replicas that can be.
func (c *Cluster) attached(w *World, volume, node string) {
	v, ok := w.see(volumes, lhNamespace, volume)
	if !ok {
		return
	}
	if !c.serving(w, node) {
		c.detached(w, volume)
		return
	}
	now := stamp(c.config.Now())
	for _, r := range w.replicasOfVolume(volume) {
		if text(r, "spec", "failedAt") != "" || !c.serving(w, text(r, "spec", "nodeID")) {
			if usable(r) { // its node is away: what is written from now on is not there
				w.update(replicas, lhNamespace, nameOf(r), func(o map[string]any) { put(o, now, "spec", "failedAt"); put(o, now, "spec", "lastFailedAt") })
			}
			continue
		}
		w.update(replicas, lhNamespace, nameOf(r), func(o map[string]any) {
			if text(o, "spec", "healthyAt") == "" {
				put(o, now, "spec", "healthyAt")
			}
			put(o, now, "spec", "lastHealthyAt")
			put(o, "running", "spec", "desireState")
			put(o, "running", "status", "currentState")
			put(o, managerOf(text(o, "spec", "nodeID")), "status", "instanceManagerName")
		})
	}
	w.update(engines, lhNamespace, engineOf(volume), func(o map[string]any) {
		put(o, node, "spec", "nodeID")
		put(o, "running", "spec", "desireState")
		put(o, "running", "status", "currentState")
		put(o, managerOf(node), "status", "instanceManagerName")
		put(o, "/dev/longhorn/"+volume, "status", "endpoint")
	})
	v = copyOf(v)
	put(v, "attached", "status", "state")
	put(v, node, "status", "currentNodeID")
	put(v, node, "status", "ownerID")
	w.Set(v)
}

// detached says that a volume is not in use. A rebuild that was under way has come to nothing.
func (c *Cluster) detached(w *World, volume string) {
	delete(c.storage.moving, volume)
	for _, r := range w.replicasOfVolume(volume) {
		if text(r, "status", "currentState") != "running" {
			continue
		}
		if !usable(r) {
			c.failReplica(w, r)
			continue
		}
		w.update(replicas, lhNamespace, nameOf(r), func(o map[string]any) {
			put(o, "stopped", "spec", "desireState")
			put(o, "stopped", "status", "currentState")
			put(o, "", "status", "instanceManagerName")
		})
	}
	w.update(engines, lhNamespace, engineOf(volume), func(o map[string]any) {
		put(o, "", "spec", "nodeID")
		put(o, "stopped", "spec", "desireState")
		put(o, "stopped", "status", "currentState")
		put(o, "", "status", "instanceManagerName")
		put(o, "", "status", "endpoint")
	})
	w.update(volumes, lhNamespace, volume, func(o map[string]any) {
		put(o, "", "spec", "nodeID")
		put(o, "detached", "status", "state")
		put(o, "", "status", "currentNodeID")
	})
}

package cluster

// Kubelets: pods that start, end, and start again with their node.

import (
	"time"
)

// kubelets schedules pods and runs them.
func (c *Cluster) kubelets(w *World) {
	for _, p := range w.all("pods") {
		if text(p, "spec", "nodeName") == "" {
			w.schedule(p)
			continue
		}
		if c.living(w, text(p, "spec", "nodeName")) {
			c.runPod(w, p)
		}
	}
}

// schedule gives a pod a node.
func (w *World) schedule(p map[string]any) {
	node := ""
	if at(p, "metadata", "deletionTimestamp") == nil {
		node = w.place(p)
	}
	switch {
	case node != "":
		p = copyOf(p)
		put(p, node, "spec", "nodeName")
		w.Set(p)
	case text(p, "status", "phase") == "":
		p = copyOf(p)
		put(p, "Pending", "status", "phase")
		setCondition(p, map[string]any{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "no node takes the pod"}, w.now())
		w.Set(p)
	}
}

// runPod plays the kubelet of a pod's node.
func (c *Cluster) runPod(w *World, p map[string]any) {
	switch phase := text(p, "status", "phase"); {
	case at(p, "metadata", "deletionTimestamp") != nil:
		if len(list(p, "metadata", "finalizers")) == 0 {
			c.later(c.config.PodStop, p, "stop", func(w *World, p map[string]any) {
				if c.living(w, text(p, "spec", "nodeName")) {
					w.Delete("pods", namespaceOf(p), nameOf(p))
				}
			})
		}
	case (phase == "" || phase == "Pending" || c.halted[text(p, "metadata", "uid")]) && c.mounted(w, p):
		c.later(c.startTime(p), p, "start", func(w *World, p map[string]any) { c.podUp(w, p) })
	}
}

// startTime is how long a pod takes to start.
func (c *Cluster) startTime(p map[string]any) time.Duration {
	if c.storage != nil && c.storage.slowShares && text(p, "metadata", "labels", lhShareLabel) != "" {
		return c.config.PodStart + 90*time.Second
	}
	return c.config.PodStart
}

// podUp says that a pod runs, with all that a kubelet says then.
func (c *Cluster) podUp(w *World, p map[string]any) {
	if !c.living(w, text(p, "spec", "nodeName")) {
		return
	}
	delete(c.halted, text(p, "metadata", "uid"))
	since := stamp(c.config.Now())
	p = copyOf(p)
	put(p, "Running", "status", "phase")
	if at(p, "status", "startTime") == nil {
		put(p, since, "status", "startTime")
	}
	var states []any
	for i, name := range containerNames(p) {
		before := int64(0)
		if old := list(p, "status", "containerStatuses"); i < len(old) {
			before = number(old[i], "restartCount")
			if at(old[i], "state", "terminated") != nil {
				before++
			}
		}
		states = append(states, map[string]any{
			"name": name, "ready": true, "started": true, "restartCount": before, "image": text(list(p, "spec", "containers")[i], "image"),
			"imageID": "", "state": map[string]any{"running": map[string]any{"startedAt": since}},
		})
	}
	if states != nil {
		put(p, states, "status", "containerStatuses")
	}
	if n, ok := w.see("nodes", "", text(p, "spec", "nodeName")); ok && addressOf(n) != "" {
		put(p, addressOf(n), "status", "hostIP")
	}
	put(p, []any{
		map[string]any{"type": "Ready", "status": "True", "lastTransitionTime": since},
		map[string]any{"type": "ContainersReady", "status": "True", "lastTransitionTime": since},
		map[string]any{"type": "PodScheduled", "status": "True", "lastTransitionTime": since},
	}, "status", "conditions")
	w.Set(p)
}

// addressOf is a node's internal address.
func addressOf(node map[string]any) string {
	for _, a := range list(node, "status", "addresses") {
		if text(a, "type") == "InternalIP" {
			return text(a, "address")
		}
	}
	return ""
}

// podDown says that a pod's containers are not running: its node went down or is not heard of.
func (w *World) podDown(p map[string]any, why string, ended bool) {
	p = copyOf(p)
	var conditions []any
	for _, one := range list(p, "status", "conditions") {
		if kind := text(one, "type"); kind == "Ready" || kind == "ContainersReady" {
			one = map[string]any{"type": kind, "status": "False", "reason": why, "lastTransitionTime": stamp(w.now())}
		}
		conditions = append(conditions, one)
	}
	put(p, conditions, "status", "conditions")
	for _, one := range list(p, "status", "containerStatuses") {
		if s, ok := one.(map[string]any); ok && ended {
			s["ready"] = false
			s["state"] = map[string]any{"terminated": map[string]any{"exitCode": int64(255), "reason": "Unknown"}}
		}
	}
	w.Set(p)
}

// restartPods begins to start the containers of a node that has booted again; kubelets goes on when their volumes are there.
func (c *Cluster) restartPods(w *World, node string) {
	for _, p := range w.all("pods") {
		if text(p, "spec", "nodeName") != node || text(p, "status", "phase") != "Running" || at(p, "metadata", "deletionTimestamp") != nil {
			continue
		}
		w.podDown(p, "ContainersNotReady", true)
		c.halted[text(p, "metadata", "uid")] = true
	}
}

// later does something with a pod after a while, once; a pod that is another by then is left alone. Without a while it is done now.
func (c *Cluster) later(d time.Duration, p map[string]any, what string, do func(*World, map[string]any)) {
	if d == 0 {
		now, ok := c.world.Get("pods", namespaceOf(p), nameOf(p))
		if ok {
			do(&c.world, now)
		}
		return
	}
	uid := text(p, "metadata", "uid")
	if c.world.pending[what+uid] {
		return
	}
	c.world.pending[what+uid] = true
	c.wait(d, func() {
		delete(c.world.pending, what+uid)
		now, ok := c.world.Get("pods", namespaceOf(p), nameOf(p))
		if !ok || text(now, "metadata", "uid") != uid || (what == "start") != (at(now, "metadata", "deletionTimestamp") == nil) {
			return
		}
		do(&c.world, now)
	})
}

// wait does something after a while, under the lock; what falls into a time in which nothing can be written is done at its end.
func (c *Cluster) wait(d time.Duration, do func()) {
	c.config.After(c.jitter(d), func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.world.still {
			c.parked = append(c.parked, do)
			return
		}
		do()
		c.world.reconcile()
	})
}

// jitter makes a time a tenth longer or shorter by the seed's chance; without a seed it is kept.
func (c *Cluster) jitter(d time.Duration) time.Duration {
	if c.chance == nil || d <= 0 {
		return d
	}
	return d*9/10 + time.Duration(c.chance.Int64N(int64(d)/5+1))
}

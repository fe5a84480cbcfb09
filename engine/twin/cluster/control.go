package cluster

// Controllers, scheduler and kubelets, each as far as a drain can tell.

import (
	"fmt"
	"time"
)

// control is one round of everything that acts by itself.
func (c *Cluster) control(w *World) {
	for _, d := range w.List("deployments") {
		w.ensureReplicaSet(d)
	}
	for _, rs := range w.List("replicasets") {
		w.scale(rs, func(int) string { w.serial++; return fmt.Sprintf("%s-%05d", text(rs, "metadata", "name"), w.serial) })
	}
	for _, s := range w.List("statefulsets") {
		w.scale(s, func(i int) string { return fmt.Sprintf("%s-%d", text(s, "metadata", "name"), i) })
	}
	for _, d := range w.List("daemonsets") {
		w.everywhere(d)
	}
	for _, p := range w.List("pods") {
		c.runPod(w, p)
	}
	w.countBudgets()
	w.countDeployments()
}

// ensureReplicaSet keeps one replica set for a deployment.
func (w *World) ensureReplicaSet(d map[string]any) {
	name := text(d, "metadata", "name") + "-rs"
	namespace := text(d, "metadata", "namespace")
	rs, ok := w.Get("replicasets", namespace, name)
	if !ok {
		rs = map[string]any{"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": map[string]any{
			"name": name, "namespace": namespace, "ownerReferences": []any{ownerRef(d)},
		}}
	}
	put(rs, replicasOf(d), "spec", "replicas")
	put(rs, at(d, "spec", "selector"), "spec", "selector")
	put(rs, at(d, "spec", "template"), "spec", "template")
	w.Set(rs) // cannot fail: the kind is built in
}

// scale makes the pods that an owner lacks. One that ends is no longer counted, except by name.
func (w *World) scale(owner map[string]any, name func(i int) string) {
	alive, taken := 0, map[string]bool{}
	for _, p := range w.podsOf(owner) {
		taken[text(p, "metadata", "name")] = true
		if at(p, "metadata", "deletionTimestamp") == nil {
			alive++
		}
	}
	for i := 0; int64(alive) < replicasOf(owner) && int64(i) < replicasOf(owner)+int64(len(taken)); i++ {
		if n := name(i); !taken[n] && (text(owner, "kind") != "StatefulSet" || int64(i) < replicasOf(owner)) {
			w.makePod(owner, n, "")
			alive++
		}
	}
}

// everywhere keeps a daemon's pod on every node, cordoned or not.
func (w *World) everywhere(owner map[string]any) {
	has := map[string]bool{}
	for _, p := range w.podsOf(owner) {
		has[text(p, "spec", "nodeName")] = true
	}
	for _, n := range w.List("nodes") {
		node := text(n, "metadata", "name")
		if !has[node] {
			w.makePod(owner, text(owner, "metadata", "name")+"-"+node, node)
		}
	}
}

func (w *World) podsOf(owner map[string]any) []map[string]any {
	var out []map[string]any
	for _, p := range w.List("pods") {
		for _, ref := range list(p, "metadata", "ownerReferences") {
			if text(ref, "uid") == text(owner, "metadata", "uid") {
				out = append(out, p)
			}
		}
	}
	return out
}

func (w *World) makePod(owner map[string]any, name, node string) {
	template, _ := at(owner, "spec", "template").(map[string]any)
	pod := map[string]any{}
	if template != nil {
		pod = copyOf(template)
	}
	pod["apiVersion"], pod["kind"] = "v1", "Pod"
	put(pod, name, "metadata", "name")
	put(pod, text(owner, "metadata", "namespace"), "metadata", "namespace")
	put(pod, []any{ownerRef(owner)}, "metadata", "ownerReferences")
	if node != "" {
		put(pod, node, "spec", "nodeName")
	}
	w.Set(pod) // cannot fail: the kind is built in
}

func ownerRef(o map[string]any) map[string]any {
	return map[string]any{
		"apiVersion": o["apiVersion"], "kind": o["kind"], "name": text(o, "metadata", "name"), "uid": text(o, "metadata", "uid"), "controller": true,
	}
}

// runPod schedules a pod and plays its kubelet. A kubelet whose node is not ready does nothing.
func (c *Cluster) runPod(w *World, p map[string]any) {
	if text(p, "spec", "nodeName") == "" {
		if node := w.place(); node != "" && at(p, "metadata", "deletionTimestamp") == nil {
			put(p, node, "spec", "nodeName")
		} else if text(p, "status", "phase") == "" {
			put(p, "Pending", "status", "phase")
		}
		w.Set(p)
		return
	}
	n, ok := w.Get("nodes", "", text(p, "spec", "nodeName"))
	if !ok || !ready(n) {
		return
	}
	switch phase := text(p, "status", "phase"); {
	case at(p, "metadata", "deletionTimestamp") != nil:
		if len(list(p, "metadata", "finalizers")) == 0 {
			c.later(c.config.PodStop, p, "stop", func(w *World, p map[string]any) {
				w.Delete("pods", text(p, "metadata", "namespace"), text(p, "metadata", "name"))
			})
		}
	case phase == "" || phase == "Pending":
		c.later(c.config.PodStart, p, "start", func(w *World, p map[string]any) {
			put(p, "Running", "status", "phase")
			put(p, []any{map[string]any{"type": "Ready", "status": "True"}}, "status", "conditions")
			w.Set(p)
		})
	}
}

// later does something with a pod after a while, once; a pod that is another by then is left alone. Without a while it is done now.
func (c *Cluster) later(d time.Duration, p map[string]any, what string, do func(*World, map[string]any)) {
	if d == 0 {
		do(&c.world, p)
		return
	}
	uid := text(p, "metadata", "uid")
	if c.world.pending[what+uid] {
		return
	}
	c.world.pending[what+uid] = true
	c.config.After(d, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.world.pending, what+uid)
		now, ok := c.world.Get("pods", text(p, "metadata", "namespace"), text(p, "metadata", "name"))
		if !ok || text(now, "metadata", "uid") != uid || (what == "start") != (at(now, "metadata", "deletionTimestamp") == nil) {
			return
		}
		do(&c.world, now)
		c.world.reconcile()
	})
}

// place finds the node with the fewest pods that takes one.
func (w *World) place() string {
	load := map[string]int{}
	for _, p := range w.List("pods") {
		load[text(p, "spec", "nodeName")]++
	}
	best := ""
	for _, n := range w.List("nodes") {
		name := text(n, "metadata", "name")
		if flag(n, "spec", "unschedulable") || !ready(n) {
			continue
		}
		if best == "" || load[name] < load[best] {
			best = name
		}
	}
	return best
}

// countDeployments brings the status of deployments up to date.
func (w *World) countDeployments() {
	for _, d := range w.List("deployments") {
		rs, _ := w.Get("replicasets", text(d, "metadata", "namespace"), text(d, "metadata", "name")+"-rs")
		all, up := int64(0), int64(0)
		for _, p := range w.podsOf(rs) {
			if at(p, "metadata", "deletionTimestamp") != nil {
				continue
			}
			all++
			if ready(p) {
				up++
			}
		}
		status := map[string]any{"observedGeneration": number(d, "metadata", "generation"), "replicas": all, "updatedReplicas": all}
		for field, n := range map[string]int64{"readyReplicas": up, "availableReplicas": up, "unavailableReplicas": all - up} {
			if n > 0 {
				status[field] = n
			}
		}
		available := "False"
		if up >= replicasOf(d)-replicasOf(d)/4 { // as with the default maxUnavailable of a rolling update
			available = "True"
		}
		status["conditions"] = []any{map[string]any{"type": "Available", "status": available}}
		put(d, status, "status")
		w.Set(d)
	}
}

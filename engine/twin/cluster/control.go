package cluster

// The controllers of workloads: what owns pods makes the ones it lacks.

import (
	"fmt"
)

// controllers lists the built-in ones in the order in which they act, each with what wakes it.
func (c *Cluster) controllers() []controller {
	return []controller{
		{[]string{"deployments", "replicasets", "statefulsets", "daemonsets", "pods", "nodes"}, c.workloads, false},
		{[]string{"persistentvolumeclaims", "volumes.longhorn.io"}, c.provision, false},
		{[]string{
			storagePods, "nodes", "persistentvolumeclaims", "persistentvolumes", "volumes.longhorn.io", "engines.longhorn.io", "replicas.longhorn.io",
			"instancemanagers.longhorn.io", "nodes.longhorn.io", "sharemanagers.longhorn.io", "volumeattachments.longhorn.io", "settings.longhorn.io", "snapshots.longhorn.io",
		}, c.longhorn, false},
		{[]string{"pods", "nodes", "volumes.longhorn.io", "sharemanagers.longhorn.io", "persistentvolumeclaims"}, c.kubelets, false},
		{[]string{"pods", "poddisruptionbudgets", "replicasets", "statefulsets"}, (*World).countBudgets, true},
		{[]string{"pods", "deployments", "replicasets", "statefulsets", "daemonsets", "nodes"}, (*World).countWorkloads, true},
	}
}

// workloads makes what deployments, replica sets, stateful sets and daemon sets lack.
func (c *Cluster) workloads(w *World) {
	c.collect(w)
	for _, d := range w.all("deployments") {
		w.ensureReplicaSet(d)
	}
	mine := w.podsByOwner()
	for _, rs := range w.all("replicasets") {
		c.scalePods(w, rs, mine[text(rs, "metadata", "uid")], func(int) string { w.serial++; return fmt.Sprintf("%s-%05d", nameOf(rs), w.serial) })
	}
	for _, s := range w.all("statefulsets") {
		c.scalePods(w, s, mine[text(s, "metadata", "uid")], func(i int) string { return fmt.Sprintf("%s-%d", nameOf(s), i) })
	}
	for _, d := range w.all("daemonsets") {
		w.everywhere(d, mine[text(d, "metadata", "uid")])
	}
}

// ensureReplicaSet keeps one replica set for a deployment.
func (w *World) ensureReplicaSet(d map[string]any) {
	name := nameOf(d) + "-rs"
	rs, ok := w.see("replicasets", namespaceOf(d), name)
	if !ok {
		rs = map[string]any{"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": map[string]any{
			"name": name, "namespace": namespaceOf(d), "ownerReferences": []any{ownerRef(d)},
		}}
	}
	w.amend(rs, to(replicasOf(d), "spec", "replicas"), to(at(d, "spec", "selector"), "spec", "selector"), to(at(d, "spec", "template"), "spec", "template"))
}

// scalePods makes the pods that an owner lacks and ends those it has too many of, the last first. One that ends is no longer counted,
// except by name.
func (c *Cluster) scalePods(w *World, owner map[string]any, pods []map[string]any, name func(i int) string) {
	wanted := replicasOf(owner)
	var alive []map[string]any
	taken := map[string]bool{}
	for _, p := range pods {
		taken[nameOf(p)] = true
		if at(p, "metadata", "deletionTimestamp") == nil && !finished(p) {
			alive = append(alive, p)
		}
	}
	for i := int64(len(alive)) - 1; i >= wanted; i-- {
		c.end(w.mustKind("v1", "Pod"), copyOf(alive[i]), -1)
	}
	have := int64(len(alive))
	for i := int64(0); have < wanted && i < wanted+int64(len(taken)); i++ {
		if n := name(int(i)); !taken[n] && (text(owner, "kind") != "StatefulSet" || i < wanted) {
			w.makePod(owner, n, "")
			have++
		}
	}
}

func (w *World) mustKind(apiVersion, name string) Kind {
	k, _ := w.kindOf(apiVersion, name)
	return k
}

func finished(pod map[string]any) bool {
	phase := text(pod, "status", "phase")
	return phase == "Succeeded" || phase == "Failed"
}

// everywhere keeps a daemon's pod on every node that its selector takes, cordoned or not.
func (w *World) everywhere(owner map[string]any, pods []map[string]any) {
	has := map[string]bool{}
	for _, p := range pods {
		has[text(p, "spec", "nodeName")] = true
	}
	for _, n := range w.all("nodes") {
		node := nameOf(n)
		if !has[node] && selected(fieldsOf(owner, "spec", "template", "spec", "nodeSelector"), n) {
			w.makePod(owner, nameOf(owner)+"-"+node, node)
		}
	}
}

// podsByOwner sorts the pods by the UIDs of their owners.
func (w *World) podsByOwner() map[string][]map[string]any {
	out := map[string][]map[string]any{}
	for _, p := range w.all("pods") {
		for _, ref := range list(p, "metadata", "ownerReferences") {
			uid := text(ref, "uid")
			out[uid] = append(out[uid], p)
		}
	}
	return out
}

func (w *World) makePod(owner map[string]any, name, node string) {
	pod := map[string]any{}
	if template := fieldsOf(owner, "spec", "template"); template != nil {
		pod = copyOf(template)
	}
	pod["apiVersion"], pod["kind"] = "v1", "Pod"
	put(pod, name, "metadata", "name")
	put(pod, namespaceOf(owner), "metadata", "namespace")
	put(pod, []any{ownerRef(owner)}, "metadata", "ownerReferences")
	if node != "" {
		put(pod, node, "spec", "nodeName")
	}
	w.claimFor(owner, pod, name)
	w.Set(pod) // cannot fail: the kind is built in
}

// claimFor gives a pod of a stateful set the claims that its templates ask for.
func (w *World) claimFor(owner, pod map[string]any, name string) {
	for _, t := range list(owner, "spec", "volumeClaimTemplates") {
		claim := nameOf(t) + "-" + name
		volumes := append(list(pod, "spec", "volumes"), map[string]any{"name": nameOf(t), "persistentVolumeClaim": map[string]any{"claimName": claim}})
		put(pod, volumes, "spec", "volumes")
		if _, ok := w.see("persistentvolumeclaims", namespaceOf(owner), claim); ok {
			continue
		}
		w.Set(map[string]any{"apiVersion": "v1", "kind": "PersistentVolumeClaim", // cannot fail: the kind is built in
			"metadata": map[string]any{"name": claim, "namespace": namespaceOf(owner)}, "spec": at(t, "spec")})
	}
}

func ownerRef(o map[string]any) map[string]any {
	return map[string]any{
		"apiVersion": o["apiVersion"], "kind": o["kind"], "name": nameOf(o), "uid": text(o, "metadata", "uid"), "controller": true, "blockOwnerDeletion": true,
	}
}

// collect ends what owners that are gone have left behind.
func (c *Cluster) collect(w *World) {
	gone := w.gone
	w.gone = nil
	for _, uid := range gone {
		for _, resource := range []string{"replicasets", "pods"} {
			for _, o := range w.all(resource) {
				for _, ref := range list(o, "metadata", "ownerReferences") {
					if text(ref, "uid") == uid {
						c.end(w.mustKind(text(o, "apiVersion"), text(o, "kind")), copyOf(o), -1)
					}
				}
			}
		}
	}
}

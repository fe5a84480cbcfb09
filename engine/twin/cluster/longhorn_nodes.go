package cluster

// Longhorn's nodes and instance managers.

import (
	"slices"
	"time"
)

// storageNodes keeps an object of Longhorn's for every node, with what Longhorn thinks of it.
func (c *Cluster) storageNodes(w *World) {
	managerPods := map[string]bool{}
	for _, p := range w.all("pods") {
		if namespaceOf(p) == lhNamespace && text(p, "metadata", "labels", "app") == "longhorn-manager" {
			managerPods[text(p, "spec", "nodeName")] = ready(p)
		}
	}
	for _, n := range w.all("nodes") {
		name := nameOf(n)
		c.noteCordon(name, flag(n, "spec", "unschedulable"))
		known, ok := w.see(lhNodes, lhNamespace, name)
		conditions := storageConditions(n, managerPods[name])
		if ok && !slices.ContainsFunc(conditions, func(c map[string]any) bool { return conditionOf(known, text(c, "type")) != text(c, "status") }) {
			continue
		}
		o := copyOf(known)
		if !ok {
			disk := map[string]any{"path": "/var/lib/longhorn/", "allowScheduling": true, "evictionRequested": false, "storageReserved": int64(0), "diskType": "filesystem"}
			o = lhObject("Node", name, map[string]any{
				"name": name, "allowScheduling": true, "evictionRequested": false, "disks": map[string]any{diskOf(name): disk}, "tags": []any{},
			})
			put(o, map[string]any{diskOf(name): c.diskStatus(name)}, "status", "diskStatus")
		}
		for _, cond := range conditions {
			setCondition(o, cond, c.config.Now())
		}
		w.Set(o)
	}
}

// noteCordon begins, where the fault wants it, the time after an uncordon in which volumes are called better than they are.
func (c *Cluster) noteCordon(node string, cordoned bool) {
	s := c.storage
	if s.wasCordoned[node] && !cordoned && s.flatters {
		s.flatter = c.config.Now().Add(flattery)
		c.wait(flattery, func() { c.world.dirty[volumes] = true })
	}
	s.wasCordoned[node] = cordoned
}

const flattery = 10 * time.Second

// drivers keeps the objects that tell which CSI drivers a node has: Longhorn's, while its plugin runs there.
func (c *Cluster) drivers(w *World) {
	plugins := map[string]bool{}
	for _, p := range w.all("pods") {
		if namespaceOf(p) == lhNamespace && text(p, "metadata", "labels", "app") == "longhorn-csi-plugin" {
			plugins[text(p, "spec", "nodeName")] = text(p, "status", "phase") == "Running" && !c.halted[text(p, "metadata", "uid")]
		}
	}
	for _, n := range w.all("nodes") {
		name := nameOf(n)
		o, ok := w.see("csinodes", "", name)
		all := []any{}
		if plugins[name] && (!c.machine(name).noCSI || len(list(o, "spec", "drivers")) > 0) {
			all = append(all, map[string]any{"name": lhDriver, "nodeID": name, "topologyKeys": nil})
		}
		if !ok {
			o = map[string]any{"apiVersion": "storage.k8s.io/v1", "kind": "CSINode", "metadata": map[string]any{"name": name, "ownerReferences": []any{ownerRef(n)}}}
		}
		w.amend(o, to(all, "spec", "drivers"))
	}
}

func diskOf(node string) string { return "default-disk-" + digest("disk "+node, 12) }

func (c *Cluster) diskStatus(node string) map[string]any {
	now := stamp(c.config.Now())
	good := func(kind string) map[string]any {
		return map[string]any{"type": kind, "status": "True", "reason": "", "message": "", "lastProbeTime": "", "lastTransitionTime": now}
	}
	return map[string]any{
		"diskUUID": digest("uuid "+node, 32), "storageAvailable": int64(90 << 30), "storageMaximum": int64(100 << 30), "storageScheduled": int64(0),
		"conditions": []any{good("Ready"), good("Schedulable")},
	}
}

// storageConditions says what Longhorn thinks of a node.
func storageConditions(n map[string]any, manager bool) []map[string]any {
	cond := func(kind, status, reason, message string) map[string]any {
		return map[string]any{"type": kind, "status": status, "reason": reason, "message": message, "lastProbeTime": ""}
	}
	isReady, schedulable := cond("Ready", "True", "", "Node is ready"), cond("Schedulable", "True", "", "")
	switch {
	case !ready(n):
		isReady = cond("Ready", "False", "KubernetesNodeNotReady", "Kubernetes node "+nameOf(n)+" not ready")
	case !manager:
		isReady = cond("Ready", "False", "ManagerPodDown", "manager pod of node "+nameOf(n)+" is not running")
	}
	if flag(n, "spec", "unschedulable") {
		schedulable = cond("Schedulable", "False", "KubernetesNodeCordoned", "Node "+nameOf(n)+" is cordoned")
	}
	out := []map[string]any{isReady, schedulable}
	for _, kind := range []string{"MountPropagation", "RequiredPackages", "KernelModulesLoaded", "NFSClientInstalled"} {
		out = append(out, cond(kind, "True", "", ""))
	}
	return append(out, cond("Multipathd", "True", "", ""))
}

// instanceManagers keeps the object and the pod of one instance manager on every node. A pod is not made anew on a cordoned node.
func (c *Cluster) instanceManagers(w *World) {
	for _, n := range w.all(lhNodes) {
		node := nameOf(n)
		name := managerOf(node)
		im, ok := w.see(managers, lhNamespace, name)
		if !ok {
			w.Set(lhObject("InstanceManager", name, map[string]any{"nodeID": node, "type": "aio", "dataEngine": "v1", "image": lhImage("longhorn-instance-manager")}))
			im, _ = w.see(managers, lhNamespace, name)
		}
		pod, exists := w.see("pods", lhNamespace, name)
		uid := text(pod, "metadata", "uid")
		if had := c.storage.pods[node]; had != "" && had != uid {
			c.storage.died[node] = true
			c.storage.pods[node] = ""
		}
		state := "stopped"
		kubeNode, _ := w.see("nodes", "", node)
		switch {
		case exists && !ready(kubeNode):
			state = "unknown"
		case exists && ready(pod) && at(pod, "metadata", "deletionTimestamp") == nil:
			state = "running"
			c.storage.pods[node] = uid
		case exists:
			state = "starting"
		case !w.cordoned(node) && conditionOf(n, "Ready") == "True":
			w.Set(managerPod(im, node))
			state = "starting"
		}
		if text(im, "status", "currentState") != state {
			w.update(managers, lhNamespace, name, func(o map[string]any) {
				put(o, state, "status", "currentState")
				put(o, node, "status", "ownerID")
			})
		}
	}
}

func lhImage(name string) string { return "longhornio/" + name + ":v1.12.0" }

func managerPod(im map[string]any, node string) map[string]any {
	return map[string]any{
		"apiVersion": "v1", "kind": "Pod",
		"metadata": map[string]any{
			"name": nameOf(im), "namespace": lhNamespace, "ownerReferences": []any{ownerRef(im)}, "labels": managerLabels(nameOf(im), node),
		},
		"spec": map[string]any{
			"nodeName": node, "containers": []any{map[string]any{"name": "instance-manager", "image": lhImage("longhorn-instance-manager")}},
			"volumes": []any{map[string]any{"name": "host", "hostPath": map[string]any{"path": "/"}}},
		},
	}
}

func managerLabels(name, node string) map[string]any {
	return map[string]any{
		lhComponent: "instance-manager", "longhorn.io/instance-manager-type": "aio", "longhorn.io/instance-manager-image": "imi-" + digest(lhImage(""), 8),
		lhNodeLabel: node, "longhorn.io/managed-by": "longhorn-manager", "longhorn.io/data-engine": "v1", "longhorn.io/instance-manager": name,
	}
}

// crash says that everything that ran on a node is gone.
func (c *Cluster) crash(node string) {
	if c.storage != nil {
		c.storage.died[node] = true
		c.world.dirty[managers] = true
	}
}

// bury notices the instances that have died: replicas that ran have failed, engines are in error.
func (c *Cluster) bury(w *World) {
	if len(c.storage.died) == 0 {
		return
	}
	died := c.storage.died
	c.storage.died = map[string]bool{}
	for _, e := range w.all(engines) {
		if died[text(e, "spec", "nodeID")] && text(e, "status", "currentState") == "running" {
			w.update(engines, lhNamespace, nameOf(e), func(o map[string]any) { put(o, "error", "status", "currentState") })
		}
	}
	for _, r := range w.all(replicas) {
		if died[text(r, "spec", "nodeID")] && text(r, "status", "currentState") == "running" {
			c.failReplica(w, r)
		}
	}
}

// failReplica marks a replica as one that may not be used before it is rebuilt.
func (c *Cluster) failReplica(w *World, r map[string]any) {
	delete(c.storage.rebuilds, nameOf(r))
	now := stamp(c.config.Now())
	w.update(replicas, lhNamespace, nameOf(r), func(o map[string]any) {
		put(o, now, "spec", "failedAt")
		put(o, now, "spec", "lastFailedAt")
		put(o, "stopped", "spec", "desireState")
		put(o, "stopped", "status", "currentState")
	})
	volume := text(r, "spec", "volumeName")
	v, _ := w.see(volumes, lhNamespace, volume)
	if text(v, "status", "state") != "attached" {
		return
	}
	for _, other := range w.replicasOfVolume(volume) {
		if usable(other) {
			return
		}
	}
	c.record(VolumeFaulted, volume, "lost its last usable replica, on "+text(r, "spec", "nodeID"))
}

package cluster

// Share managers: the NFS servers through which several nodes use one volume.

// shareManagers keeps a share manager for every shared volume, with a pod while somebody uses it.
func (c *Cluster) shareManagers(w *World) {
	var users map[string]map[string]bool
	for _, v := range w.all(volumes) {
		if !sharedVolume(v) {
			continue
		}
		if users == nil {
			users = w.users()
		}
		name := nameOf(v)
		s, ok := w.see(shares, lhNamespace, name)
		if !ok {
			w.Set(lhObject("ShareManager", name, map[string]any{"image": lhImage("longhorn-share-manager")}))
			s, _ = w.see(shares, lhNamespace, name)
		}
		pod, running := w.see("pods", lhNamespace, "share-manager-"+name)
		state := "stopped"
		switch {
		case !running && len(users[name]) > 0:
			w.Set(sharePod(s))
			state = "starting"
		case running && len(users[name]) == 0:
			c.end(w.mustKind("v1", "Pod"), copyOf(pod), -1)
		case running && ready(pod) && at(pod, "metadata", "deletionTimestamp") == nil:
			state = "running"
		case running:
			state = "starting"
		}
		c.tellShare(w, s, state, text(pod, "spec", "nodeName"))
	}
}

func (c *Cluster) tellShare(w *World, s map[string]any, state, node string) {
	if text(s, "status", "state") == state && text(s, "status", "ownerID") == node {
		return
	}
	w.update(shares, lhNamespace, nameOf(s), func(o map[string]any) {
		endpoint := ""
		if state == "running" {
			endpoint = "nfs://10.43.7." + digits(nameOf(s))[:2] + "/" + nameOf(s)
		}
		put(o, map[string]any{"state": state, "endpoint": endpoint, "ownerID": node}, "status")
	})
}

func sharePod(s map[string]any) map[string]any {
	name := nameOf(s)
	return map[string]any{
		"apiVersion": "v1", "kind": "Pod",
		"metadata": map[string]any{
			"name": "share-manager-" + name, "namespace": lhNamespace, "ownerReferences": []any{ownerRef(s)},
			"labels": map[string]any{lhComponent: "share-manager", lhShareLabel: name, "longhorn.io/managed-by": "longhorn-manager"},
		},
		"spec": map[string]any{"containers": []any{map[string]any{"name": "share-manager", "image": lhImage("longhorn-share-manager")}}},
	}
}

package cluster

// Between Kubernetes and Longhorn: whose pods use which volume where, and the attachments that tell of it.

import (
	"maps"
	"slices"
)

// volumeOf is the Longhorn volume behind a claim; empty: none.
func (w *World) volumeOf(namespace, claim string) string {
	c, ok := w.see("persistentvolumeclaims", namespace, claim)
	if !ok {
		return ""
	}
	pv, ok := w.see("persistentvolumes", "", text(c, "spec", "volumeName"))
	if !ok || text(pv, "spec", "csi", "driver") != lhDriver {
		return ""
	}
	return text(pv, "spec", "csi", "volumeHandle")
}

func sharedVolume(v map[string]any) bool { return text(v, "spec", "accessMode") == "rwx" }

// users says for each volume on which nodes pods use it, by volume.
func (w *World) users() map[string]map[string]bool {
	out := map[string]map[string]bool{}
	for _, p := range w.all("pods") {
		node := text(p, "spec", "nodeName")
		if node == "" || finished(p) {
			continue
		}
		for _, claim := range claimsOf(p) {
			volume := w.volumeOf(namespaceOf(p), claim)
			if volume == "" {
				continue
			}
			if out[volume] == nil {
				out[volume] = map[string]bool{}
			}
			out[volume][node] = true
		}
	}
	return out
}

// mounted tells whether the volumes of a pod are where it is, so that its containers can start.
func (c *Cluster) mounted(w *World, p map[string]any) bool {
	if c.storage == nil {
		return true
	}
	node := text(p, "spec", "nodeName")
	if volume := text(p, "metadata", "labels", lhShareLabel); volume != "" {
		return w.attachedTo(volume, node)
	}
	for _, claim := range claimsOf(p) {
		o, ok := w.see("persistentvolumeclaims", namespaceOf(p), claim)
		if !ok || text(o, "status", "phase") != "Bound" {
			return false
		}
		volume := w.volumeOf(namespaceOf(p), claim)
		if volume == "" {
			continue
		}
		v, _ := w.see(volumes, lhNamespace, volume)
		if sharedVolume(v) && text(v, "status", "shareState") != "running" || !sharedVolume(v) && !w.attachedTo(volume, node) {
			return false
		}
	}
	return true
}

func (w *World) attachedTo(volume, node string) bool {
	v, _ := w.see(volumes, lhNamespace, volume)
	return text(v, "status", "state") == "attached" && text(v, "status", "currentNodeID") == node && text(w.engine(volume), "status", "currentState") == "running"
}

// publish keeps Kubernetes' attachments and Longhorn's tickets in step with the pods.
func (c *Cluster) publish(w *World, users map[string]map[string]bool) {
	has := map[string]bool{}
	for _, a := range w.all("volumeattachments") {
		node := text(a, "spec", "nodeName")
		pv, _ := w.see("persistentvolumes", "", text(a, "spec", "source", "persistentVolumeName"))
		volume := text(pv, "spec", "csi", "volumeHandle")
		if text(a, "spec", "attacher") != lhDriver {
			continue
		}
		if !users[volume][node] {
			w.Delete("volumeattachments", "", nameOf(a))
			w.ticket(volume, nameOf(a), "")
			continue
		}
		has[volume+" "+node] = true
		v, _ := w.see(volumes, lhNamespace, volume)
		if up := w.attachedTo(volume, node) || sharedVolume(v) && text(v, "status", "state") == "attached"; up != flag(a, "status", "attached") {
			a = copyOf(a)
			put(a, up, "status", "attached")
			w.Set(a)
		}
	}
	for _, volume := range slices.Sorted(maps.Keys(users)) {
		for _, node := range slices.Sorted(maps.Keys(users[volume])) {
			if has[volume+" "+node] {
				continue
			}
			name := "csi-" + digest(volume+" "+node, 32) + digest(node+" "+volume, 32)
			w.Set(map[string]any{
				"apiVersion": "storage.k8s.io/v1", "kind": "VolumeAttachment", "metadata": map[string]any{"name": name},
				"spec":   map[string]any{"attacher": lhDriver, "nodeName": node, "source": map[string]any{"persistentVolumeName": w.pvOf(volume)}},
				"status": map[string]any{"attached": false},
			})
			w.ticket(volume, name, node)
		}
	}
}

// pvOf is the persistent volume of a Longhorn volume.
func (w *World) pvOf(volume string) string {
	v, _ := w.see(volumes, lhNamespace, volume)
	if name := text(v, "status", "kubernetesStatus", "pvName"); name != "" {
		return name
	}
	return volume
}

// ticket adds the CSI attacher's ticket to a volume's attachment, or takes it back if it names no node.
func (w *World) ticket(volume, id, node string) {
	w.update(lhTickets, lhNamespace, volume, func(o map[string]any) {
		if node == "" {
			put(o, nil, "spec", "attachmentTickets", id)
			put(o, nil, "status", "attachmentTicketStatuses", id)
			return
		}
		put(o, map[string]any{"id": id, "nodeID": node, "type": "csi-attacher", "generation": int64(0), "parameters": map[string]any{}}, "spec", "attachmentTickets", id)
		put(o, map[string]any{"id": id, "satisfied": true, "generation": int64(0), "conditions": []any{}}, "status", "attachmentTicketStatuses", id)
	})
}

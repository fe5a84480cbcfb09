package cluster

// Volumes made for claims.

import (
	"fmt"
	"strconv"
)

// VolumeSpec is a volume of Longhorn, or a folder of a node's own disk.
type VolumeSpec struct {
	Name     string   // of the volume; empty: made of the claim's UID, as Longhorn does
	Names    []string // of the volumes of a StatefulSet, one for each pod; those left out are made as Name is
	Size     int64    // in bytes; 0: 10 GiB
	Replicas int      // 0: 3
	On       []string // nodes of the replicas; those left out are chosen
	Shared   bool     // ReadWriteMany, by a share manager
	Local    string   // the node whose disk holds it: no volume of Longhorn's
}

// provision makes volumes for the claims of Longhorn's class that have none, and removes what belonged to a volume that is gone.
func (c *Cluster) provision(w *World) {
	if c.storage == nil {
		return
	}
	for _, claim := range w.all("persistentvolumeclaims") {
		class := at(claim, "spec", "storageClassName")
		if text(claim, "spec", "volumeName") != "" || class != nil && class != "longhorn" {
			continue
		}
		mode := list(claim, "spec", "accessModes")
		c.bind(w, claim, VolumeSpec{Shared: len(mode) > 0 && mode[0] == "ReadWriteMany"})
	}
	for _, resource := range []string{engines, replicas} {
		for _, o := range w.all(resource) {
			if _, ok := w.see(volumes, lhNamespace, text(o, "spec", "volumeName")); !ok {
				w.Delete(resource, lhNamespace, nameOf(o))
			}
		}
	}
}

// bind makes a volume and binds a claim to it.
func (c *Cluster) bind(w *World, claim map[string]any, s VolumeSpec) {
	if s.Name == "" {
		s.Name = "pvc-" + text(claim, "metadata", "uid")
	}
	if s.Size == 0 {
		s.Size = 10 << 30
	}
	if s.Replicas == 0 {
		s.Replicas = max(3, len(s.On))
	}
	mode := "ReadWriteOnce"
	if s.Shared {
		mode = "ReadWriteMany"
	}
	if s.Local == "" {
		c.makeVolume(w, claim, s)
	}
	w.Set(persistentVolume(claim, s, mode))
	w.update("persistentvolumeclaims", namespaceOf(claim), nameOf(claim), func(o map[string]any) {
		put(o, s.Name, "spec", "volumeName")
		put(o, []any{mode}, "spec", "accessModes")
		put(o, map[string]any{"phase": "Bound", "accessModes": []any{mode}, "capacity": map[string]any{"storage": quantity(s.Size)}}, "status")
	})
}

func quantity(bytes int64) string { return fmt.Sprintf("%dMi", bytes>>20) }

func persistentVolume(claim map[string]any, s VolumeSpec, mode string) map[string]any {
	spec := map[string]any{
		"capacity": map[string]any{"storage": quantity(s.Size)}, "accessModes": []any{mode}, "persistentVolumeReclaimPolicy": "Delete",
		"claimRef": map[string]any{"apiVersion": "v1", "kind": "PersistentVolumeClaim", "namespace": namespaceOf(claim), "name": nameOf(claim),
			"uid": text(claim, "metadata", "uid")},
	}
	if s.Local == "" {
		spec["storageClassName"] = "longhorn"
		spec["csi"] = map[string]any{"driver": lhDriver, "volumeHandle": s.Name, "fsType": "ext4"}
	} else {
		spec["storageClassName"] = "local-path"
		spec["local"] = map[string]any{"path": "/var/lib/rancher/k3s/storage/" + s.Name}
		need := map[string]any{"key": "kubernetes.io/hostname", "operator": "In", "values": []any{s.Local}}
		put(spec, []any{map[string]any{"matchExpressions": []any{need}}}, "nodeAffinity", "required", "nodeSelectorTerms")
	}
	return map[string]any{"apiVersion": "v1", "kind": "PersistentVolume", "metadata": map[string]any{"name": s.Name}, "spec": spec,
		"status": map[string]any{"phase": "Bound"}}
}

// makeVolume makes a Longhorn volume with its engine, its replicas and its attachment.
func (c *Cluster) makeVolume(w *World, claim map[string]any, s VolumeSpec) {
	now := stamp(c.config.Now())
	access := "rwo"
	if s.Shared {
		access = "rwx"
	}
	labels := map[string]any{"longhornvolume": s.Name}
	v := lhObject("Volume", s.Name, map[string]any{
		"size": strconv.FormatInt(s.Size, 10), "numberOfReplicas": s.Replicas, "accessMode": access, "dataLocality": "disabled", "dataEngine": "v1",
		"frontend": "blockdev", "nodeID": "", "migratable": false, "staleReplicaTimeout": 30, "image": lhImage("longhorn-engine"),
	})
	put(v, labels, "metadata", "labels")
	put(v, map[string]any{
		"state": "detached", "robustness": "unknown", "currentNodeID": "", "ownerID": "", "currentImage": lhImage("longhorn-engine"),
		"conditions": []any{map[string]any{"type": "Scheduled", "status": "True", "reason": "", "message": "", "lastProbeTime": "", "lastTransitionTime": now}},
		"kubernetesStatus": map[string]any{"pvName": s.Name, "pvStatus": "Bound", "namespace": namespaceOf(claim), "pvcName": nameOf(claim),
			"lastPVCRefAt": "", "lastPodRefAt": ""},
	}, "status")
	w.Set(v)
	e := lhObject("Engine", engineOf(s.Name), map[string]any{
		"volumeName": s.Name, "volumeSize": strconv.FormatInt(s.Size, 10), "nodeID": "", "dataEngine": "v1", "desireState": "stopped", "active": true,
		"image": lhImage("longhorn-engine"), "replicaAddressMap": map[string]any{},
	})
	put(e, labels, "metadata", "labels")
	put(e, map[string]any{"currentState": "stopped", "instanceManagerName": "", "endpoint": ""}, "status")
	w.Set(e)
	w.Set(lhObject("VolumeAttachment", s.Name, map[string]any{"volume": s.Name, "attachmentTickets": map[string]any{}}))
	for i := range s.Replicas {
		node := ""
		if i < len(s.On) {
			node = s.On[i]
		} else {
			node = c.homeFor(w, w.replicasOfVolume(s.Name))
		}
		if node == "" {
			w.update(volumes, lhNamespace, s.Name, func(o map[string]any) {
				setCondition(o, map[string]any{"type": "Scheduled", "status": "False", "reason": "ReplicaSchedulingFailure",
					"message": "precheck new replica failed: no node has room", "lastProbeTime": ""}, c.config.Now())
			})
			return
		}
		w.Set(c.newReplica(w, s.Name, node))
	}
}

package cluster

// Snapshots: of volumes, which are there as soon as they are asked for, and of etcd, which K3s tells of in objects.

import (
	"strconv"
)

const snapshots = "snapshots.longhorn.io"

// takeSnapshots makes the snapshots of volumes that are in use ready.
func (c *Cluster) takeSnapshots(w *World) {
	for _, s := range w.all(snapshots) {
		v, ok := w.see(volumes, lhNamespace, text(s, "spec", "volume"))
		if flag(s, "status", "readyToUse") || !ok || text(v, "status", "state") != "attached" {
			continue
		}
		w.amend(s, to(map[string]any{
			"readyToUse": true, "creationTime": stamp(c.config.Now()), "size": int64(64 << 20), "restoreSize": number(v, "spec", "size"), "userCreated": true,
			"markRemoved": false, "parent": "", "error": "", "ownerID": text(v, "status", "currentNodeID"),
		}, "status"))
	}
}

// EtcdSnapshot tells of a snapshot of etcd that a server has taken, as K3s does in an object; location is its file's URL.
func (c *Cluster) EtcdSnapshot(node, name, location string, size int64) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.config.Now()
	err := c.world.Set(map[string]any{
		"apiVersion": "k3s.cattle.io/v1", "kind": "ETCDSnapshotFile",
		"metadata": map[string]any{"name": "local-" + name + "-" + digest(node+name, 6), "labels": map[string]any{"etcd.k3s.cattle.io/snapshot-storage-node": node}},
		"spec":     map[string]any{"snapshotName": name, "nodeName": node, "location": location},
		"status":   map[string]any{"creationTime": stamp(now), "readyToUse": true, "size": strconv.FormatInt(size, 10)},
	})
	c.world.reconcile()
	return err
}

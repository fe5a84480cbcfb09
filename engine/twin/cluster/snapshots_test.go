package cluster

import (
	"strings"
	"testing"
)

// TestSnapshots takes one of a volume through the API and one of etcd as a server does.
func TestSnapshots(t *testing.T) {
	b := k3s(t, Sized(3, 0))
	volume := nameOf(b.volume("cms"))
	path := "/apis/longhorn.io/v1beta2/namespaces/longhorn-system/snapshots"
	if got := b.do("POST", path, "application/json", `{"apiVersion":"longhorn.io/v1beta2","kind":"Snapshot","metadata":{"name":"s1"},"spec":{"volume":"`+volume+`","createSnapshot":true}}`); !strings.HasPrefix(got, "201") {
		t.Fatal(got)
	}
	if got := b.field(snapshots, lhNamespace, "s1", "status", "readyToUse"); got != true {
		t.Errorf("ready to use: %v", got)
	}
	if err := b.EtcdSnapshot("master-1", "on-demand-1", "file:///var/lib/rancher/k3s/server/db/snapshots/on-demand-1", 1<<20); err != nil {
		t.Fatal(err)
	}
	if got := b.do("GET", "/apis/k3s.cattle.io/v1/etcdsnapshotfiles", "", ""); !strings.Contains(got, `"snapshotName":"on-demand-1"`) || !strings.Contains(got, `"readyToUse":true`) {
		t.Errorf("the snapshot of etcd: %s", got)
	}
}

// TestANodeIsRemoved deletes a server from the cluster.
func TestANodeIsRemoved(t *testing.T) {
	b := k3s(t, Sized(3, 1))
	b.NodeDown("master-3")
	if got := b.do("DELETE", "/api/v1/nodes/master-3", "", ""); !strings.HasPrefix(got, "200") {
		t.Fatal(got)
	}
	for _, p := range b.List("pods") {
		if text(p, "spec", "nodeName") == "master-3" {
			t.Errorf("pod %s is still there", nameOf(p))
		}
	}
	if _, ok := b.Get(lhNodes, lhNamespace, "master-3"); ok || len(b.EtcdMembers()) != 2 {
		t.Errorf("Longhorn knows it: %t; etcd has %d members", ok, len(b.EtcdMembers()))
	}
}

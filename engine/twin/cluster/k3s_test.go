package cluster

import (
	"strings"
	"testing"
)

// TestAReadyCluster looks at what K3s has built: everything runs and is healthy.
func TestAReadyCluster(t *testing.T) {
	b := k3s(t, Sized(3, 3))
	for _, n := range b.List("nodes") {
		if !ready(n) {
			t.Errorf("node %s is not ready", nameOf(n))
		}
		if server := strings.HasPrefix(nameOf(n), "master"); (conditionOf(n, voterCondition) == "True") != server {
			t.Errorf("node %s: EtcdIsVoter is %q", nameOf(n), conditionOf(n, voterCondition))
		}
	}
	for _, p := range b.List("pods") {
		if !ready(p) {
			t.Errorf("pod %s is not ready: %v", nameOf(p), p["status"])
		}
	}
	vols := b.List(volumes)
	if len(vols) != 5 {
		t.Errorf("%d volumes", len(vols))
	}
	for _, v := range vols {
		if text(v, "status", "state") != "attached" || text(v, "status", "robustness") != "healthy" {
			t.Errorf("volume %s is %v", nameOf(v), v["status"])
		}
		if got := len(b.world.replicasOfVolume(nameOf(v))); int64(got) != number(v, "spec", "numberOfReplicas") {
			t.Errorf("volume %s has %d replicas", nameOf(v), got)
		}
	}
	if got := len(b.List("poddisruptionbudgets")); got != 6+2+2 {
		t.Errorf("%d budgets", got)
	}
	if m := b.EtcdMembers(); len(m) != 3 || !m[0].Leader || !m[0].Healthy || m[1].Leader {
		t.Errorf("members: %+v", m)
	}
}

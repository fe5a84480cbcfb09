package cluster

import (
	"strings"
	"testing"
	"time"
)

// kinds lists the kinds of a cluster's incidents, each once.
func (b bed) incidentKinds() string {
	seen := map[string]bool{}
	var out []string
	for _, i := range b.Incidents() {
		if !seen[i.Kind] {
			out = append(out, i.Kind)
		}
		seen[i.Kind] = true
	}
	return strings.Join(out, " ")
}

func small(replicas int, on ...string) Spec {
	s := Sized(3, 0)
	s.Apps = []AppSpec{{Kind: "StatefulSet", Name: "db", Volume: &VolumeSpec{Name: "pvc-db", Replicas: replicas, On: on}}}
	return s
}

// TestPowerIsLostUnderAVolume takes the node away on which a volume is in use, for half an hour.
func TestPowerIsLostUnderAVolume(t *testing.T) {
	b := k3s(t, small(2))
	v := b.volume("data-db-0")
	node := text(v, "status", "currentNodeID")
	b.NodeDown(node)
	if got := b.incidentKinds(); got != DirtyShutdown {
		t.Errorf("incidents %s: %v", got, b.Incidents())
	}
	b.pass(49 * time.Second)
	if !ready(mustGet(t, b, "nodes", "", node)) {
		t.Error("not ready before the grace period is over")
	}
	b.pass(5 * time.Second)
	n := mustGet(t, b, "nodes", "", node)
	if conditionOf(n, "Ready") != "Unknown" || len(list(n, "spec", "taints")) != 2 || ready(mustGet(t, b, "pods", "default", "db-0")) {
		t.Errorf("after the grace period: %v, %v", at(n, "spec"), at(n, "status", "conditions"))
	}
	if got := text(mustGet(t, b, lhNodes, lhNamespace, node), "status", "conditions"); got != "" || reasonOf(mustGet(t, b, lhNodes, lhNamespace, node), "Ready") != "KubernetesNodeNotReady" {
		t.Error("Longhorn does not know")
	}
	if v = b.volume("data-db-0"); text(v, "status", "robustness") != "unknown" || text(v, "status", "currentNodeID") != node {
		t.Errorf("its volume: %v", v["status"])
	}
	b.pass(30 * time.Minute)
	if at(mustGet(t, b, "pods", "default", "db-0"), "metadata", "deletionTimestamp") == nil {
		t.Error("its pod is not asked to end")
	}
	b.NodeUp(node, "boot-2", "")
	b.pass(5 * time.Minute)
	if v = b.volume("data-db-0"); text(v, "status", "robustness") != "healthy" || !ready(mustGet(t, b, "pods", "default", "db-0")) {
		t.Errorf("in the end: %v", v["status"])
	}
	if n := mustGet(t, b, "nodes", "", node); list(n, "spec", "taints") != nil || !ready(n) {
		t.Errorf("the node: %v", n["spec"])
	}
}

// TestTheLastReplicaGoes takes the only copy of a volume away, which is in use elsewhere; with its node it comes back.
func TestTheLastReplicaGoes(t *testing.T) {
	b := k3s(t, small(1, "master-3"))
	if got := text(b.volume("data-db-0"), "status", "currentNodeID"); got == "master-3" {
		t.Fatalf("attached to %s", got)
	}
	b.NodeDown("master-3")
	b.pass(20 * time.Second)
	if got := b.incidentKinds(); got != NoReplica+" "+VolumeFaulted {
		t.Errorf("incidents %s", got)
	}
	if v := b.volume("data-db-0"); text(v, "status", "robustness") != "faulted" || text(v, "status", "state") != "detached" {
		t.Errorf("the volume: %v", v["status"])
	}
	b.NodeUp("master-3", "", "")
	b.pass(time.Minute)
	if v := b.volume("data-db-0"); text(v, "status", "robustness") != "healthy" {
		t.Errorf("salvaged: %v", v["status"])
	}
	b.NodeDown("master-1")
	b.NodeDown("master-2")
	if got := b.incidentKinds(); !strings.Contains(got, TwoNodesDown) || !strings.Contains(got, QuorumLost) {
		t.Errorf("incidents %s", got)
	}
}

// TestAReplicaIsMadeElsewhere waits for a node until Longhorn does not wait any longer.
func TestAReplicaIsMadeElsewhere(t *testing.T) {
	b := k3s(t, Sized(3, 3))
	v := nameOf(b.volume("cms"))
	node := b.otherReplica("cms", text(b.volume("cms"), "status", "currentNodeID"))
	b.NodeDown(node)
	b.pass(9 * time.Minute)
	if got := len(b.world.replicasOfVolume(v)); got != 2 || text(b.volume("cms"), "status", "robustness") != "degraded" {
		t.Errorf("after 9 minutes there are %d replicas", got)
	}
	b.pass(5 * time.Minute)
	for _, r := range b.world.replicasOfVolume(v) {
		if text(r, "spec", "nodeID") == node || !usable(r) {
			t.Errorf("replica %v", r["spec"])
		}
	}
	if text(b.volume("cms"), "status", "robustness") != "healthy" {
		t.Error("it is not healthy")
	}
}

// TestServiceStops stops K3s and leaves the machine alone.
func TestServiceStops(t *testing.T) {
	b := k3s(t, Sized(3, 3))
	before := b.List(replicas)
	b.ServiceStopped("worker-2")
	b.pass(2 * time.Minute)
	if ready(mustGet(t, b, "nodes", "", "worker-2")) {
		t.Error("the node is ready")
	}
	for i, r := range b.List(replicas) {
		if text(r, "spec", "failedAt") != text(before[i], "spec", "failedAt") {
			t.Errorf("replica %s has failed", nameOf(r))
		}
	}
	b.ServiceStarted("worker-2")
	b.pass(10 * time.Second)
	for _, p := range b.List("pods") {
		if text(p, "spec", "nodeName") == "worker-2" && (!ready(p) || number(list(p, "status", "containerStatuses")[0], "restartCount") != 0) {
			t.Errorf("pod %s: %v", nameOf(p), p["status"])
		}
	}
	if b.robust() != "attached healthy" || b.Incidents() != nil {
		t.Errorf("volumes are %s, incidents %v", b.robust(), b.Incidents())
	}
}

// TestDrainPolicies drains a node with one replica of a volume under each policy, for each way the volume's other replica may be.
func TestDrainPolicies(t *testing.T) {
	const node = "master-3"
	for _, c := range []struct {
		policy, other string // how the other replica is
		through       bool
	}{
		{"block-if-contains-last-replica", "good", true},
		{"block-if-contains-last-replica", "failed", false},
		{"block-if-contains-last-replica", "cordoned", false},
		{"block-if-contains-last-replica", "none", false},
		{"allow-if-replica-is-stopped", "none", false},
		{"allow-if-replica-is-stopped", "none, and the volume is detached", true},
		{"block-if-contains-last-replica", "none, and the volume is detached", false},
		{"always-allow", "none", true},
		{"block-for-eviction", "good", true}, // as its replica moves to the third node; likewise below
		{"block-for-eviction-if-contains-last-replica", "none", true},
		{"block-for-eviction-if-contains-last-replica", "cordoned", true},
		{"block-for-eviction-if-contains-last-replica", "good", true},
	} {
		on := []string{node, "master-2"}
		if strings.HasPrefix(c.other, "none") {
			on = on[:1]
		}
		s := small(len(on), on...)
		s.Settings = map[string]string{"node-drain-policy": c.policy}
		b := k3s(t, s)
		for _, r := range b.List(replicas) {
			if text(r, "spec", "nodeID") == "master-2" && c.other == "failed" {
				b.Inject("rebuild-frozen", "")
				b.Change(replicas, lhNamespace, nameOf(r), func(o map[string]any) {
					put(o, stamp(b.handClock.Now()), "spec", "failedAt")
					put(o, "stopped", "status", "currentState")
				})
			}
		}
		if c.other == "cordoned" {
			b.cordon("master-2", true)
		}
		if strings.HasSuffix(c.other, "detached") {
			b.Change("statefulsets", "default", "db", func(o map[string]any) { put(o, int64(0), "spec", "replicas") })
			b.pass(30 * time.Second)
		}
		b.cordon(node, true)
		b.drain(node, 300)
		if got := len(b.movable(node)) == 0; got != c.through {
			t.Errorf("%s, other replica %s: through is %t, %d pods are left", c.policy, c.other, got, len(b.movable(node)))
		}
	}
}

// TestIdleTimeCostsNothing looks away for a day: nothing is written, no timer runs; heartbeats have moved all the same.
func TestIdleTimeCostsNothing(t *testing.T) {
	b := k3s(t, Sized(3, 3))
	version := b.world.version
	b.pass(24 * time.Hour)
	if b.world.version != version || len(b.timers) != 0 {
		t.Errorf("%d writes, %d timers", b.world.version-version, len(b.timers))
	}
	n := mustGet(t, b, "nodes", "", "master-1")
	if now := stamp(b.handClock.Now()); heartbeat(n, "Ready") != now || heartbeat(n, voterCondition) != now {
		t.Errorf("heartbeats %v", at(n, "status", "conditions"))
	}
	if got := b.field("leases", "kube-node-lease", "worker-1", "spec", "renewTime"); got != microStamp(b.handClock.Now()) {
		t.Errorf("lease %v", got)
	}
	b.pass(time.Second)
	b.NodeDown("worker-1")
	last := b.field("leases", "kube-node-lease", "worker-1", "spec", "renewTime")
	b.pass(time.Hour)
	if got := b.field("leases", "kube-node-lease", "worker-1", "spec", "renewTime"); got != last {
		t.Errorf("the lease of a dead kubelet moved from %v to %v", last, got)
	}
}

package cluster

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// inject lets a fault loose and fails the test where that is refused.
func (b bed) inject(name, arg string) {
	b.t.Helper()
	if err := b.Inject(name, arg); err != nil {
		b.t.Fatal(err)
	}
}

// expect compares two texts of a fault's test.
func (b bed) expect(what, got, want string) {
	b.t.Helper()
	if !strings.Contains(got, want) {
		b.t.Errorf("%s: %.300s, want %s", what, got, want)
	}
}

// code asks the server without a network, as connections may break.
func (b bed) code(method, path string) (code int) {
	defer func() {
		if recover() != nil {
			code = -1 // the connection was broken
		}
	}()
	r := httptest.NewRequest(method, path, nil)
	r.Header.Set("Authorization", "Bearer "+b.token)
	w := httptest.NewRecorder()
	b.ServeHTTP(w, r)
	return w.Code
}

// reboot takes a node down and up again, without a drain.
func (b bed) reboot(node string) {
	b.NodeDown(node)
	b.pass(30 * time.Second)
	b.NodeUp(node, "boot-2", "6.1.0-2")
	b.pass(20 * time.Second)
}

// faultTests shows for each fault that it does what it says.
func faultTests() map[string]func(b bed) {
	const node = "worker-3"
	webPod := func(b bed) string {
		for _, p := range b.List("pods") {
			if strings.HasPrefix(nameOf(p), "web-") {
				return nameOf(p)
			}
		}
		return ""
	}
	return map[string]func(b bed){
		"api-gone": func(b bed) {
			b.inject("api-gone", "60s")
			if got := b.code("GET", "/api/v1/nodes"); got != -1 {
				b.t.Errorf("answered %d", got)
			}
			b.pass(61 * time.Second)
			if got := b.code("GET", "/api/v1/nodes"); got != 200 {
				b.t.Errorf("after a minute %d", got)
			}
		},
		"api-503": func(b bed) {
			b.inject("api-503", "")
			if got := b.code("GET", "/api/v1/nodes"); got != 503 {
				b.t.Errorf("answered %d", got)
			}
			if err := b.Heal("api-503"); err != nil || b.code("GET", "/api/v1/nodes") != 200 {
				b.t.Error("does not heal", err)
			}
		},
		"watch-410": func(b bed) {
			b.inject("watch-410", "")
			b.expect("a watch", b.do("GET", "/api/v1/pods?watch=1&resourceVersion=1", "", ""), `"code":410`)
		},
		"pdb-never": func(b bed) {
			b.inject("pdb-never", "default/web")
			b.pass(time.Hour)
			b.expect("an eviction", b.evict("default", webPod(b)), "429")
		},
		"pdb-after": func(b bed) {
			b.inject("pdb-after", "default/web:2")
			pod := webPod(b)
			for i, want := range []string{"429", "429", "201"} {
				if got := b.evict("default", pod); !strings.HasPrefix(got, want) {
					b.t.Errorf("eviction %d: %s", i, got)
				}
			}
		},
		"pod-stuck-terminating": func(b bed) {
			pod := webPod(b)
			b.inject("pod-stuck-terminating", "default/"+pod)
			b.expect("the eviction", b.evict("default", pod), "201")
			b.pass(time.Hour)
			if b.field("pods", "default", pod, "metadata", "deletionTimestamp") == nil {
				b.t.Error("it does not end")
			}
			b.Heal("pod-stuck-terminating")
			b.pass(5 * time.Second)
			if _, ok := b.Get("pods", "default", pod); ok {
				b.t.Error("it is still there")
			}
		},
		"clock-skew": func(b bed) {
			b.inject("clock-skew", "-10m")
			b.do("POST", "/api/v1/namespaces/default/configmaps", "application/json", `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"}}`)
			b.expect("a stamp", text(mustGet(b.t, b, "configmaps", "default", "x"), "metadata", "creationTimestamp"), stamp(b.handClock.Now().Add(-10*time.Minute)))
		},
		"volume-degraded": func(b bed) {
			b.inject("volume-degraded", "default/cms")
			b.pass(time.Hour)
			v := b.volume("cms")
			b.expect("its robustness", text(v, "status", "robustness"), "degraded")
			b.Heal("volume-degraded")
			b.pass(2 * time.Minute)
			b.expect("healed", text(b.volume("cms"), "status", "robustness"), "healthy")
		},
		"volume-faulted": func(b bed) {
			b.inject("volume-faulted", "default/cms")
			b.pass(time.Hour)
			b.expect("its robustness", text(b.volume("cms"), "status", "robustness"), "faulted")
		},
		"rebuild-frozen": func(b bed) {
			b.inject("rebuild-frozen", "")
			b.reboot(node)
			before := rebuilds(b)
			b.pass(time.Hour)
			if rebuilds(b) != before || b.robust() == "attached healthy" {
				b.t.Errorf("rebuilds went from %d to %d, volumes are %s", before, rebuilds(b), b.robust())
			}
			b.Heal("rebuild-frozen")
			b.pass(5 * time.Minute)
			b.expect("healed", b.robust(), "attached healthy")
		},
		"single-replica": func(b bed) {
			b.inject("single-replica", node)
			b.cordon(node, true)
			_, refused := b.drain(node, 120)
			if !refused[managerOf(node)] || len(b.movable(node)) != 1 {
				b.t.Errorf("%d pods are left", len(b.movable(node)))
			}
		},
		"manual-attachment": func(b bed) {
			b.inject("manual-attachment", node)
			b.pass(10 * time.Second)
			b.cordon(node, true)
			b.drain(node, 120)
			if len(b.movable(node)) == 0 {
				b.t.Error("the drain got through")
			}
			b.Heal("manual-attachment")
			if b.drain(node, 60); len(b.movable(node)) != 0 {
				b.t.Error("the drain does not get through")
			}
		},
		"orphan-engine": func(b bed) {
			b.inject("orphan-engine", node)
			b.cordon(node, true)
			if b.drain(node, 120); len(b.movable(node)) != 1 {
				b.t.Error("the drain got through")
			}
			b.Heal("orphan-engine")
			if b.drain(node, 60); len(b.movable(node)) != 0 {
				b.t.Error("the drain does not get through")
			}
		},
		"replica-on-deleted-node": func(b bed) {
			b.inject("replica-on-deleted-node", "default/cms")
			b.pass(time.Hour)
			found := false
			for _, r := range b.List(replicas) {
				found = found || text(r, "spec", "nodeID") == "worker-gone"
			}
			if !found {
				b.t.Error("the record is gone")
			}
		},
		"robustness-lags": func(b bed) {
			b.inject("robustness-lags", "")
			used := text(b.volume("cms"), "status", "currentNodeID")
			other := b.otherReplica("cms", used)
			b.cordon(other, true)
			b.drain(other, 120)
			b.pass(5 * time.Second)
			b.expect("before", text(b.volume("cms"), "status", "robustness"), "degraded")
			b.cordon(other, false)
			b.pass(5 * time.Second)
			b.expect("5 s after the uncordon", text(b.volume("cms"), "status", "robustness"), "healthy")
			b.pass(8 * time.Second)
			b.expect("13 s after", text(b.volume("cms"), "status", "robustness"), "degraded")
			b.pass(2 * time.Minute)
			b.expect("in the end", text(b.volume("cms"), "status", "robustness"), "healthy")
		},
		"share-slow": func(b bed) {
			b.inject("share-slow", "")
			share := "share-manager-" + nameOf(b.volume("files"))
			b.expect("the eviction", b.evict(lhNamespace, share), "201")
			b.pass(60 * time.Second)
			b.expect("after a minute", text(b.volume("files"), "status", "shareState"), "starting")
			b.pass(60 * time.Second)
			b.expect("after two", text(b.volume("files"), "status", "shareState"), "running")
		},
		"other-node-cordoned": func(b bed) {
			b.inject("other-node-cordoned", node+",example.org/by=alice")
			if b.field("nodes", "", node, "spec", "unschedulable") != true || b.field("nodes", "", node, "metadata", "annotations", "example.org/by") != "alice" {
				b.t.Error("it is not cordoned by alice")
			}
		},
		"csi-missing": func(b bed) {
			b.inject("csi-missing", node)
			b.reboot(node)
			if got, _ := b.field("csinodes", "", node, "spec", "drivers").([]any); len(got) != 0 {
				b.t.Errorf("drivers %v", got)
			}
			b.Heal("csi-missing")
			if got, _ := b.field("csinodes", "", node, "spec", "drivers").([]any); len(got) != 1 {
				b.t.Errorf("healed: drivers %v", got)
			}
		},
		"stale-ready": func(b bed) {
			b.inject("stale-ready", node)
			old := b.field("nodes", "", node, "status", "nodeInfo", "bootID")
			down := stamp(b.handClock.Now())
			b.NodeDown(node)
			b.pass(10 * time.Minute)
			b.NodeUp(node, "boot-2", "")
			b.pass(10 * time.Minute)
			n := mustGet(b.t, b, "nodes", "", node)
			if !ready(n) || b.field("nodes", "", node, "status", "nodeInfo", "bootID") != old || heartbeat(n, "Ready") > down {
				b.t.Errorf("ready %t, boot %v, heartbeat %s", ready(n), at(n, "status", "nodeInfo"), heartbeat(n, "Ready"))
			}
			b.Heal("stale-ready")
			if got := b.field("nodes", "", node, "status", "nodeInfo", "bootID"); got != "boot-2" {
				b.t.Errorf("healed: boot ID %v", got)
			}
		},
		"etcd-ghost": func(b bed) {
			b.inject("etcd-ghost", "")
			if m := b.EtcdMembers(); len(m) != 4 || m[3].Healthy || m[3].Node != "" {
				b.t.Errorf("members %+v", m)
			}
			if !b.Quorate() {
				b.t.Error("three of four have no quorum")
			}
			b.NodeDown("master-2")
			if b.Quorate() {
				b.t.Error("two of four, a ghost among them, have a quorum")
			}
		},
		"etcd-learner": func(b bed) {
			b.inject("etcd-learner", "master-2")
			b.expect("the reason", reasonOf(mustGet(b.t, b, "nodes", "", "master-2"), voterCondition), "MemberIsLearner")
		},
		"etcd-unhealthy": func(b bed) {
			b.inject("etcd-unhealthy", "master-1") // the leader
			b.expect("the reason", reasonOf(mustGet(b.t, b, "nodes", "", "master-1"), voterCondition), "Unhealthy")
			b.expect("its health", b.etcd2381("master-1", "/health"), `"health":"false"`)
			b.expect("the new leader", b.etcd2381("master-2", "/metrics"), "etcd_server_is_leader 1")
		},
		"etcd-stale-heartbeat": func(b bed) {
			b.inject("etcd-stale-heartbeat", "")
			b.pass(time.Hour)
			if got := heartbeat(mustGet(b.t, b, "nodes", "", "master-1"), voterCondition); got != stamp(b.handClock.Now().Add(-70*time.Minute)) {
				b.t.Errorf("confirmed at %s", got)
			}
			b.Heal("etcd-stale-heartbeat")
			if got := heartbeat(mustGet(b.t, b, "nodes", "", "master-1"), voterCondition); got != stamp(b.handClock.Now()) {
				b.t.Errorf("healed: confirmed at %s", got)
			}
		},
		"kured-lock": func(b bed) {
			b.inject("kured-lock", node)
			b.expect("the lock", text(mustGet(b.t, b, "daemonsets", "kube-system", "kured"), "metadata", "annotations", kuredLock), `"nodeID":"worker-3"`)
		},
		"suc-plan": func(b bed) {
			b.inject("suc-plan", node)
			b.expect("the plan", b.do("GET", "/apis/upgrade.cattle.io/v1/plans", "", ""), `"applying":["worker-3"]`)
			b.expect("its job", b.do("GET", "/apis/batch/v1/jobs", "", ""), "apply-k3s-server-on-worker-3")
		},
		"foreign-lease": func(b bed) {
			b.inject("foreign-lease", "")
			b.pass(35 * time.Second)
			b.expect("its time", text(mustGet(b.t, b, "leases", "kube-system", "drydock"), "spec", "renewTime"), microStamp(b.handClock.Now().Add(-5*time.Second)))
			b.Heal("foreign-lease")
			b.pass(time.Hour)
			b.expect("its time", text(mustGet(b.t, b, "leases", "kube-system", "drydock"), "spec", "renewTime"), microStamp(b.handClock.Now().Add(-time.Hour-5*time.Second)))
		},
	}
}

func TestNamedFaults(t *testing.T) {
	tests := faultTests()
	for _, f := range Faults() {
		test := tests[f.Name]
		if test == nil {
			t.Errorf("fault %s has no test", f.Name)
			continue
		}
		if f.Doc == "" || f.Case == "" {
			t.Errorf("fault %s does not say what it is", f.Name)
		}
		t.Run(f.Name, func(t *testing.T) { test(k3s(t, Sized(3, 3))) })
	}
}

// volume is the one of a claim of namespace default.
func (b bed) volume(claim string) map[string]any {
	b.t.Helper()
	for _, v := range b.List(volumes) {
		if text(v, "status", "kubernetesStatus", "pvcName") == claim {
			return v
		}
	}
	b.t.Fatalf("no volume of claim %s", claim)
	return nil
}

// otherReplica names a node with a replica of a claim's volume, but not this node.
func (b bed) otherReplica(claim, node string) string {
	for _, r := range b.List(replicas) {
		if text(r, "spec", "volumeName") == nameOf(b.volume(claim)) && text(r, "spec", "nodeID") != node {
			return text(r, "spec", "nodeID")
		}
	}
	return ""
}

func heartbeat(o map[string]any, kind string) string {
	return ofCondition(o, kind, "lastHeartbeatTime")
}

func reasonOf(o map[string]any, kind string) string { return ofCondition(o, kind, "reason") }

func ofCondition(o map[string]any, kind, field string) string {
	for _, c := range list(o, "status", "conditions") {
		if text(c, "type") == kind {
			return text(c, field)
		}
	}
	return ""
}

// etcd2381 asks a server's etcd at its port for metrics.
func (b bed) etcd2381(node, path string) string {
	w := httptest.NewRecorder()
	b.EtcdHandler(node).ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w.Body.String()
}

package kube

import (
	"strings"
	"testing"

	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
)

// pair is a volume v of two replicas on n1 and n2, in use on n1, on a cluster of three nodes.
func pair(fs ...func(s *Storage)) Storage {
	s := Storage{Cordoned: map[string]bool{}, Guarded: map[string]bool{}}
	s.Volumes = []longhorn.Volume{volume(func(v *longhorn.Volume) {
		v.Status.KubernetesStatus.Namespace, v.Status.KubernetesStatus.PVCName = "default", "data"
	})}
	keep := func(*longhorn.Replica) {}
	s.Replicas = []longhorn.Replica{replicaOn("a", "n1", keep), replicaOn("b", "n2", keep)}
	e := engine(map[string]longhorn.ReplicaMode{"a": longhorn.ReplicaModeRW, "b": longhorn.ReplicaModeRW}, nil)
	e.Name = "v-e-0"
	s.Engines = []longhorn.Engine{e}
	for _, n := range []string{"n1", "n2", "n3"} {
		im := longhorn.InstanceManager{}
		im.Name, im.Spec.NodeID, im.Status.CurrentState = "im-"+n, n, longhorn.InstanceManagerStateRunning
		s.InstanceManagers = append(s.InstanceManagers, im)
		s.Guarded[im.Name], s.Cordoned[n] = true, false
		s.Nodes = append(s.Nodes, storageNode(n, func(*longhorn.Node) {}))
	}
	s.InstanceManagers[0].Status.InstanceEngines = map[string]longhorn.InstanceProcess{"v-e-0": {}}
	for _, f := range fs {
		f(&s)
	}
	return s
}

func alone(s *Storage) { s.Replicas = s.Replicas[:1] }
func detached(s *Storage) {
	s.Volumes[0].Status.State, s.Volumes[0].Status.Robustness, s.Volumes[0].Status.CurrentNodeID = longhorn.VolumeStateDetached, longhorn.VolumeRobustnessUnknown, ""
	s.InstanceManagers[0].Status.InstanceEngines = nil
}
func degraded(s *Storage) { s.Volumes[0].Status.Robustness = longhorn.VolumeRobustnessDegraded }
func failedB(s *Storage)  { s.Replicas[1].Spec.FailedAt = "2026-01-02T00:00:00Z" }

func TestPreflight(t *testing.T) {
	cases := []struct {
		name string
		s    Storage
		a    Attachments
		want string
		says string
	}{
		{name: "all well", s: pair(), want: "longhorn=n1 holds", says: "1 have to do with n1"},
		{name: "F13: the only replica", s: pair(alone), want: "longhorn-single-replica=v breaks", says: "volume v (default/data) has its only replica on n1"},
		{name: "a policy that lets it go makes nothing safe", s: pair(alone, func(s *Storage) { s.DrainPolicy = alwaysAllow }), want: "longhorn-single-replica=v breaks"},
		{name: "detached, and the policy lets stopped ones be", s: pair(alone, detached, func(s *Storage) {
			s.DrainPolicy = allowStopped
			s.Replicas[0].Spec.DesireState, s.Replicas[0].Status.CurrentState = longhorn.InstanceStateStopped, longhorn.InstanceStateStopped
		}), want: "longhorn=n1 holds"},
		{name: "faulted", s: pair(func(s *Storage) { s.Volumes[0].Status.Robustness = longhorn.VolumeRobustnessFaulted }), want: "longhorn-faulted=v breaks"},
		{name: "F14: degraded, the other replica failed", s: pair(degraded, failedB), want: "longhorn-degraded=v waits, longhorn-replicas-failed=v waits", says: "n1 has its only usable replica: b is not usable"},
		{name: "detached, the other replica failed", s: pair(detached, failedB), want: "longhorn-replicas-failed=v breaks"},
		{name: "attaching", s: pair(func(s *Storage) { s.Volumes[0].Status.State = longhorn.VolumeStateAttaching }), want: "longhorn-moving=v waits"},
		{name: "no place", s: pair(degraded, func(s *Storage) { s.Volumes[0].Spec.NumberOfReplicas = 4 }), want: "longhorn-no-place=v breaks"},
		{name: "the other node is cordoned", s: pair(func(s *Storage) { s.Cordoned["n2"] = true }), want: "longhorn-replica-away=v breaks", says: "b is on cordoned node n2"},
		{name: "the other node has no manager", s: pair(func(s *Storage) { s.InstanceManagers[1].Status.CurrentState = longhorn.InstanceManagerStateError }),
			want: "longhorn-replica-away=v waits", says: "no running instance manager"},
		{name: "the replica names its manager", s: pair(func(s *Storage) { s.Replicas[1].Status.InstanceManagerName = "im-old" }), want: "longhorn-replica-away=v waits"},
		{name: "F18: a replica on a deleted node", s: pair(func(s *Storage) { s.Replicas = append(s.Replicas, replicaOn("c", "n9", func(*longhorn.Replica) {})) }),
			want: "longhorn-replica-node-gone=v breaks", says: "c is recorded on node n9, which is no more"},
		{name: "block for eviction", s: pair(func(s *Storage) { s.DrainPolicy = blockEviction }), want: "longhorn-block-for-eviction=v breaks"},
		{name: "F17: attached by hand", s: pair(), a: Attachments{Tickets: []Ticket{{"v", "n1", "longhorn-api"}, {"v", "n1", "csi-attacher"}, {"w", "n2", "longhorn-api"}}},
			want: "longhorn-manual-attachment=v breaks", says: "detach-manually-attached-volumes-when-cordoned"},
		{name: "attached by hand, and Longhorn detaches it", s: pair(), a: Attachments{DetachManual: true, Tickets: []Ticket{{"v", "n1", "longhorn-api"}}}, want: "longhorn=n1 holds"},
		{name: "F18: an orphan engine", s: pair(func(s *Storage) { s.Engines = nil }), want: "longhorn-orphan-engine=v-e-0 breaks", says: "Longhorn has no record of it"},
		{name: "another node of Longhorn is down", s: pair(func(s *Storage) { s.Nodes[2].Status.Conditions[0].Status = longhorn.ConditionStatusFalse }), want: "longhorn-node=n3 waits"},
		{name: "this one being down is not its business", s: pair(func(s *Storage) { s.Nodes[0].Status.Conditions[0].Status = longhorn.ConditionStatusFalse }), want: "longhorn=n1 holds"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := c.s.Preflight("n1", c.a)
			if grades(got) != c.want || !strings.Contains(texts(got), c.says) {
				t.Errorf("%s\n%s\nwant %s: %s", grades(got), texts(got), c.want, c.says)
			}
		})
	}
}

func TestInUse(t *testing.T) {
	cases := []struct {
		name string
		s    Storage
		a    Attachments
		want string
	}{
		{name: "F20: attached, and nobody drains", s: pair(), want: "longhorn-attached=v breaks"},
		{name: "attached, being drained", s: pair(func(s *Storage) { s.Cordoned["n1"] = true }), want: "longhorn-attached=v waits"},
		{name: "detached", s: pair(detached)},
		{name: "only the engine is left", s: pair(detached, func(s *Storage) {
			s.InstanceManagers[0].Status.InstanceEngines = map[string]longhorn.InstanceProcess{"v-e-0": {}}
		}), want: "longhorn-attached=v breaks"},
		{name: "only Kubernetes holds it", s: pair(detached), a: Attachments{Kubernetes: map[string][]string{"n1": {"v"}, "n2": {"w"}}}, want: "longhorn-attached=v breaks"},
	}
	for _, c := range cases {
		if got := grades(c.s.InUse("n1", c.a)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestUnsettled(t *testing.T) {
	cases := map[string]struct {
		s    Storage
		want string
	}{
		"whole":                             {pair(), ""},
		"F15: called healthy too early":     {pair(func(s *Storage) { s.Engines[0].Status.ReplicaModeMap["b"] = longhorn.ReplicaModeWO }), "longhorn-degraded=v waits"},
		"a resting volume lost its replica": {pair(detached, failedB), "longhorn-settled=v waits"},
	}
	for name, c := range cases {
		if got := grades(c.s.Unsettled("n2")); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestBackInStorage(t *testing.T) {
	pod := func(name, app, node string, ready corev1.ConditionStatus) corev1.Pod {
		p := corev1.Pod{}
		p.Name, p.Labels, p.Spec.NodeName = name, map[string]string{"app": app}, node
		p.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: ready}}
		return p
	}
	csi := func(node string, drivers ...string) storagev1.CSINode {
		n := storagev1.CSINode{}
		n.Name = node
		for _, d := range drivers {
			n.Spec.Drivers = append(n.Spec.Drivers, storagev1.CSINodeDriver{Name: d})
		}
		return n
	}
	yes, no := corev1.ConditionTrue, corev1.ConditionFalse
	cases := []struct {
		name string
		d    Drivers
		says string
	}{
		{"nothing is known", Drivers{}, ""},
		{"all there", Drivers{Pods: []corev1.Pod{pod("m1", appServer, "n1", yes)}, CSI: []storagev1.CSINode{csi("n1", LonghornDriver), csi("n2", LonghornDriver)}}, ""},
		{"not Ready", Drivers{Pods: []corev1.Pod{pod("m1", appPlugin, "n1", no)}}, "pod m1 on n1 is not Ready"},
		{"no pod yet", Drivers{Pods: []corev1.Pod{pod("m2", appServer, "n2", yes)}}, "no longhorn-manager pod runs on n1"},
		{"F33: not registered", Drivers{CSI: []storagev1.CSINode{csi("n1"), csi("n2", LonghornDriver)}}, "not registered with the kubelet of n1"},
	}
	for _, c := range cases {
		if got := texts(c.d.Missing("n1")); !strings.Contains(got, c.says) || (c.says == "") != (got == "") {
			t.Errorf("%s: %q, want %q", c.name, got, c.says)
		}
	}
	down := pair(func(s *Storage) { s.InstanceManagers[0].Status.CurrentState = longhorn.InstanceManagerStateStopped })
	if got := texts(down.Unserved("n1")); !strings.Contains(got, "instance manager im-n1 of n1 is stopped") {
		t.Errorf("%q", got)
	}
	down.Cordoned["n1"] = true
	if got := texts(down.Unserved("n1")); got != "" {
		t.Errorf("on a cordoned node Longhorn starts no instance manager, so none is waited for: %q", got)
	}
	disk := pair(func(s *Storage) {
		s.Nodes[0].Status.DiskStatus = map[string]*longhorn.DiskStatus{"d": {Conditions: []longhorn.Condition{{Type: longhorn.DiskConditionTypeReady, Status: longhorn.ConditionStatusFalse}}}}
	})
	if got := texts(disk.Unserved("n1")); !strings.Contains(got, "disk d of n1 is not ready") {
		t.Errorf("%q", got)
	}
}

// TestAccept: the flag that a finding names is one that names it.
func TestAccept(t *testing.T) {
	f := pair(alone).Blockers("n1")[0]
	if got, want := f.Accept(), "--accept longhorn-single-replica=default/data"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	for _, word := range []string{"v", "default/data"} {
		if !f.Names(word) {
			t.Errorf("%s does not name %+v", word, f)
		}
	}
	if f.Names("other") || f.Names("") {
		t.Error("a finding goes by any name")
	}
}

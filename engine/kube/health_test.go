package kube

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"

	"github.com/drydock-dev/drydock/engine/twin/cluster"
)

// volume makes a volume of two replicas in use on n1, changed by f.
func volume(f func(v *longhorn.Volume)) longhorn.Volume {
	v := longhorn.Volume{}
	v.Name, v.Spec.NumberOfReplicas = "v", 2
	v.Status.State, v.Status.Robustness, v.Status.CurrentNodeID = longhorn.VolumeStateAttached, longhorn.VolumeRobustnessHealthy, "n1"
	f(&v)
	return v
}

func storageNode(name string, f func(n *longhorn.Node)) longhorn.Node {
	n := longhorn.Node{}
	n.Name, n.Spec.AllowScheduling = name, true
	n.Status.Conditions = []longhorn.Condition{{Type: longhorn.NodeConditionTypeReady, Status: longhorn.ConditionStatusTrue}}
	f(&n)
	return n
}

func engine(modes map[string]longhorn.ReplicaMode, rebuilds map[string]*longhorn.RebuildStatus) longhorn.Engine {
	e := longhorn.Engine{}
	e.Spec.VolumeName, e.Status.ReplicaModeMap, e.Status.RebuildStatus = "v", modes, rebuilds
	return e
}

func TestHealth(t *testing.T) {
	keep := func(*longhorn.Node) {}
	down := func(n *longhorn.Node) { n.Status.Conditions[0].Status = longhorn.ConditionStatusFalse }
	closed := func(n *longhorn.Node) { n.Spec.AllowScheduling = false }
	degraded := func(v *longhorn.Volume) { v.Status.Robustness = longhorn.VolumeRobustnessDegraded }
	noPlace := func(v *longhorn.Volume) {
		degraded(v)
		v.Status.Conditions = []longhorn.Condition{{Type: longhorn.VolumeConditionTypeScheduled, Status: longhorn.ConditionStatusFalse, Reason: "ReplicaSchedulingFailure", Message: "no disk"}}
	}
	two := []longhorn.Node{storageNode("n1", keep), storageNode("n2", keep)}
	rw, wo := longhorn.ReplicaModeRW, longhorn.ReplicaModeWO
	cases := []struct {
		name string
		s    Storage
		v    func(v *longhorn.Volume)
		want Condition
		why  string
	}{
		{name: "healthy", v: func(*longhorn.Volume) {}, want: Healthy},
		{name: "detached", v: func(v *longhorn.Volume) {
			v.Status.State, v.Status.Robustness = longhorn.VolumeStateDetached, longhorn.VolumeRobustnessUnknown
		}, want: Resting},
		{name: "faulted while detached", v: func(v *longhorn.Volume) {
			v.Status.State, v.Status.Robustness = longhorn.VolumeStateDetached, longhorn.VolumeRobustnessFaulted
		}, want: Hopeless, why: "faulted"},
		{name: "attaching", v: func(v *longhorn.Volume) { v.Status.State = longhorn.VolumeStateAttaching }, want: Pending, why: "attaching"},
		{name: "unknown while attached", v: func(v *longhorn.Volume) { v.Status.Robustness = longhorn.VolumeRobustnessUnknown }, want: Pending, why: "unknown"},
		{name: "no word yet", v: func(v *longhorn.Volume) { v.Status.Robustness = "" }, want: Pending, why: "unknown"},
		{name: "degraded with room", s: Storage{Nodes: two}, v: degraded, want: Pending, why: "degraded"},
		{name: "rebuilding", s: Storage{Engines: []longhorn.Engine{engine(nil, map[string]*longhorn.RebuildStatus{
			"a": {IsRebuilding: true, Progress: 40}, "b": {IsRebuilding: true, Progress: 70}, "c": {Progress: 10}})}}, v: degraded, want: Pending, why: "rebuilding a replica, 40 %"},
		{name: "called healthy too early", s: Storage{Engines: []longhorn.Engine{engine(map[string]longhorn.ReplicaMode{"a": rw, "b": wo}, nil)}},
			v: func(*longhorn.Volume) {}, want: Pending, why: "1 of 2 replicas in use"},
		{name: "healthy by its engine too", s: Storage{Engines: []longhorn.Engine{engine(map[string]longhorn.ReplicaMode{"a": rw, "b": rw}, nil)}}, v: func(*longhorn.Volume) {}, want: Healthy},
		{name: "share starts", v: func(v *longhorn.Volume) {
			v.Spec.AccessMode, v.Status.ShareState = longhorn.AccessModeReadWriteMany, longhorn.ShareManagerStateStarting
		}, want: Pending, why: "its share manager is starting"},
		{name: "more replicas than nodes", s: Storage{Nodes: []longhorn.Node{storageNode("n1", keep), storageNode("n2", closed)}}, v: degraded, want: Hopeless, why: "wants 2 replicas on 1 node"},
		{name: "more replicas than nodes, but they may share one", s: Storage{SoftAntiAffinity: true, Nodes: two[:1]}, v: degraded, want: Pending, why: "degraded"},
		{name: "a node that is down may come back", s: Storage{Nodes: []longhorn.Node{storageNode("n1", keep), storageNode("n2", down)}}, v: noPlace, want: Pending, why: "waiting for n2 (not ready)"},
		{name: "a cordoned node too", s: Storage{Nodes: two, Cordoned: map[string]bool{"n2": true}}, v: noPlace, want: Pending, why: "waiting for n2 (cordoned)"},
		{name: "no place", s: Storage{Nodes: two}, v: noPlace, want: Hopeless, why: "a replica finds no place: ReplicaSchedulingFailure no disk"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			c.s.Volumes = []longhorn.Volume{volume(c.v)}
			h := c.s.Health()[0]
			if h.Condition != c.want || !strings.Contains(h.Why, c.why) || (c.why == "") != (h.Why == "") {
				t.Errorf("%s: %q, want %s: %q", h.Condition, h.Why, c.want, c.why)
			}
		})
	}
}

// replicaOn makes a usable replica of volume v.
func replicaOn(name, node string, f func(r *longhorn.Replica)) longhorn.Replica {
	r := longhorn.Replica{}
	r.Name, r.Spec.VolumeName, r.Spec.NodeID, r.Spec.HealthyAt = name, "v", node, "2026-01-01T00:00:00Z"
	r.Spec.DesireState, r.Status.CurrentState = longhorn.InstanceStateRunning, longhorn.InstanceStateRunning
	f(&r)
	return r
}

// TestHolds plays Longhorn's rule for the budgets of instance managers.
func TestHolds(t *testing.T) {
	keep := func(*longhorn.Replica) {}
	failed := func(r *longhorn.Replica) { r.Spec.FailedAt = "2026-01-02T00:00:00Z" }
	unused := func(r *longhorn.Replica) { r.Spec.HealthyAt = "" }
	stopped := func(r *longhorn.Replica) {
		r.Spec.DesireState, r.Status.CurrentState = longhorn.InstanceStateStopped, longhorn.InstanceStateStopped
	}
	a, b := replicaOn("a", "n1", keep), replicaOn("b", "n2", keep)
	cases := []struct {
		name     string
		replicas []longhorn.Replica
		policy   string
		set      func(s *Storage)
		want     string
	}{
		{name: "a twin elsewhere", replicas: []longhorn.Replica{a, b}},
		{name: "the only one", replicas: []longhorn.Replica{a}, want: "replica a of volume v is the only one"},
		{name: "the only one, and nobody cares", replicas: []longhorn.Replica{a}, policy: "always-allow"},
		{name: "never used", replicas: []longhorn.Replica{replicaOn("a", "n1", unused)}},
		{name: "a failed one is held too", replicas: []longhorn.Replica{replicaOn("a", "n1", failed)}, want: "the only one"},
		{name: "the twin has failed", replicas: []longhorn.Replica{a, replicaOn("b", "n2", failed)}, want: "b is not usable"},
		{name: "the twin is on a cordoned node", replicas: []longhorn.Replica{a, b}, set: func(s *Storage) { s.Cordoned["n2"] = true }, want: "b is on cordoned node n2"},
		{name: "the twin's manager has no budget", replicas: []longhorn.Replica{a, b}, set: func(s *Storage) { s.Guarded["im-n2"] = false }, want: "no running instance manager"},
		{name: "the twin's manager does not run", replicas: []longhorn.Replica{a, b}, set: func(s *Storage) {
			s.InstanceManagers[1].Status.CurrentState = longhorn.InstanceManagerStateError
		}, want: "no running instance manager"},
		{name: "all must leave", replicas: []longhorn.Replica{a, b}, policy: "block-for-eviction", want: "must leave the node first"},
		{name: "stopped ones may stay", replicas: []longhorn.Replica{replicaOn("a", "n1", stopped)}, policy: "allow-if-replica-is-stopped"},
		{name: "stopped ones count by default", replicas: []longhorn.Replica{replicaOn("a", "n1", stopped)}, want: "the only one"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := Storage{Replicas: c.replicas, DrainPolicy: c.policy, Cordoned: map[string]bool{}, Guarded: map[string]bool{}}
			for _, n := range []string{"n1", "n2"} {
				im := longhorn.InstanceManager{}
				im.Name, im.Spec.NodeID, im.Status.CurrentState = "im-"+n, n, longhorn.InstanceManagerStateRunning
				s.InstanceManagers = append(s.InstanceManagers, im)
				s.Guarded[im.Name] = true
			}
			if c.set != nil {
				c.set(&s)
			}
			got := strings.Join(s.Holds("n1"), "; ")
			if !strings.Contains(got, c.want) || (c.want == "") != (got == "") {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestNoLonghornIsToldFromHalfOfOne(t *testing.T) {
	namespace := fmt.Sprintf("apiVersion: v1\nkind: Namespace\nmetadata: {name: %s}\n", LonghornNamespace)
	cases := []struct {
		name     string
		config   cluster.Config
		manifest string
		fault    *cluster.Fault
		none     bool
		says     string
	}{
		{name: "none", none: true, says: "no Longhorn"},
		{name: "only the namespace", manifest: namespace, says: "does not serve longhorn.io/v1beta2"},
		{name: "only the kinds", config: cluster.Config{Kinds: cluster.Longhorn()}, says: "has no namespace longhorn-system"},
		{name: "all", config: cluster.Config{Kinds: cluster.Longhorn()}, manifest: namespace},
		{name: "an API in trouble", config: cluster.Config{Kinds: cluster.Longhorn()}, manifest: namespace, fault: &cluster.Fault{Times: -1, Status: 503}, says: "503"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, c.config, c.manifest, func(t *testing.T, b *bed) {
				if c.fault != nil {
					b.Break(*c.fault)
				}
				_, err := ReadStorage(context.Background(), b.client, LonghornNamespace)
				if (err == nil) != (c.says == "") || errors.Is(err, ErrNoLonghorn) != c.none || err != nil && c.fault == nil && !strings.Contains(err.Error(), c.says) {
					t.Errorf("error %v, want %q", err, c.says)
				}
			})
		})
	}
}

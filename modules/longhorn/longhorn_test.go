package longhorn

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/engine/twin/cluster"
	"github.com/drydock-dev/drydock/engine/value"
)

// storage is a Longhorn of two nodes and two volumes, each with a replica on both.
const storage = `
apiVersion: v1
kind: Namespace
metadata: {name: longhorn-system}
---
apiVersion: longhorn.io/v1beta2
kind: Node
metadata: {name: n1, namespace: longhorn-system}
spec: {allowScheduling: true}
status: {conditions: [{type: Ready, status: 'True'}]}
---
apiVersion: longhorn.io/v1beta2
kind: Node
metadata: {name: n2, namespace: longhorn-system}
spec: {allowScheduling: true}
status: {conditions: [{type: Ready, status: 'True'}]}
---
apiVersion: longhorn.io/v1beta2
kind: Volume
metadata: {name: a, namespace: longhorn-system}
spec: {numberOfReplicas: 2, size: '1073741824'}
status: {state: attached, robustness: healthy, currentNodeID: n1, kubernetesStatus: {namespace: default, pvcName: data}}
---
apiVersion: longhorn.io/v1beta2
kind: Volume
metadata: {name: b, namespace: longhorn-system}
spec: {numberOfReplicas: 2, size: '1073741824'}
status: {state: attached, robustness: healthy, currentNodeID: n2}
---
apiVersion: longhorn.io/v1beta2
kind: Engine
metadata: {name: a-e, namespace: longhorn-system}
spec: {volumeName: a, nodeID: n1, volumeSize: '1073741824'}
---
apiVersion: longhorn.io/v1beta2
kind: Replica
metadata: {name: a-r, namespace: longhorn-system}
spec: {volumeName: a, nodeID: n1, volumeSize: '1073741824', healthyAt: '2026-01-01T00:00:00Z'}
status: {currentState: running}
`

type bed struct {
	*cluster.Cluster
	host *moduletest.Script
	t    *testing.T
}

func inBubble(t *testing.T, manifest string, test func(t *testing.T, b *bed)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		pipe := cluster.NewPipe()
		twin, err := cluster.Start(cluster.Config{Listener: pipe, Kinds: append(cluster.Longhorn(), snapshotKind())})
		if err != nil {
			t.Fatal(err)
		}
		if err := twin.Load(manifest); err != nil {
			t.Fatal(err)
		}
		text := string(twin.Kubeconfig())
		host := moduletest.NewScript(t, moduletest.Answer{
			On: "script: look for a kubeconfig*", Stdout: fmt.Sprintf("file %d /etc/rancher/k3s/k3s.yaml\n%s\n", len(text), text),
		})
		host.Dialer = func(network, address string) (net.Conn, error) {
			return pipe.Dial(context.Background(), network, address)
		}
		clients := kube.NewClients()
		host.Control.Services[kube.ServiceKey{}] = clients
		host.Control.Services[module.ClockKey{}] = module.RealClock{}
		defer func() { clients.Close(); twin.Close() }()
		test(t, &bed{twin, host, t})
	})
}

// run plans a task, which is all that these modules do, and returns how long it took.
func (b *bed) run(m module.Module, args ...any) (module.Result, time.Duration) {
	b.t.Helper()
	start := time.Now()
	p, err := m.Plan(context.Background(), b.host.View(), value.NewMap(args...))
	if err != nil || p.Kind() != module.KindDone {
		b.t.Fatalf("plan of kind %v, error %v", p.Kind(), err)
	}
	for _, r := range b.Requests() {
		if r.Changes() {
			b.t.Errorf("a module that looks has written: %s %s", r.Method, r.Path)
		}
	}
	return p.Result(), time.Since(start)
}

// status sets fields of an object's status.
func (b *bed) status(resource, name string, pairs ...any) {
	b.t.Helper()
	err := b.Change(resource+".longhorn.io", kube.LonghornNamespace, name, func(o map[string]any) {
		s, _ := o["status"].(map[string]any)
		if s == nil {
			s = map[string]any{}
			o["status"] = s
		}
		for i := 0; i < len(pairs); i += 2 {
			s[pairs[i].(string)] = pairs[i+1]
		}
	})
	if err != nil {
		b.t.Error(err)
	}
}

func (b *bed) said(text string) bool {
	return strings.Contains(strings.Join(b.host.Said(), "\n"), text)
}

func TestWaitIsShortWhenAllIsWell(t *testing.T) {
	inBubble(t, storage, func(t *testing.T, b *bed) {
		r, took := b.run(Wait)
		if r.Failed || r.Changed || r.Data.Value("looks") != 3 || took != 10*time.Second {
			t.Errorf("after %v: %+v with %v", took, r, r.Data)
		}
	})
}

func TestWaitFollowsARebuildAndNoticesARelapse(t *testing.T) {
	inBubble(t, storage, func(t *testing.T, b *bed) {
		rebuild := func(percent int64) {
			b.status("engines", "a-e", "rebuildStatus", map[string]any{"r": map[string]any{"isRebuilding": percent < 100, "progress": percent}})
		}
		b.status("volumes", "a", "robustness", "degraded")
		for i := range int64(9) {
			time.AfterFunc(time.Duration(i)*time.Minute, func() { rebuild(i * 10) })
		}
		time.AfterFunc(9*time.Minute, func() { rebuild(100); b.status("volumes", "a", "robustness", "healthy") })
		time.AfterFunc(9*time.Minute+8*time.Second, func() { b.status("volumes", "a", "robustness", "degraded") }) // after two good looks
		time.AfterFunc(10*time.Minute+2*time.Second, func() { b.status("volumes", "a", "robustness", "healthy") })
		r, took := b.run(Wait, "no_progress_timeout", 90)
		if r.Failed || took < 10*time.Minute+10*time.Second || took > 10*time.Minute+20*time.Second {
			t.Errorf("after %v: %+v", took, r)
		}
		if want := "volume a (default/data): rebuilding a replica, 30 %"; !b.said(want) {
			t.Errorf("nobody was told %q in %q", want, b.host.Said())
		}
	})
}

func TestWaitGivesUp(t *testing.T) {
	cases := []struct {
		name  string
		args  []any
		set   func(b *bed)
		says  string
		after time.Duration
	}{
		{"without progress", []any{"no_progress_timeout", 60}, func(b *bed) { b.status("volumes", "a", "robustness", "degraded") },
			"no progress for 60 s: volume a (default/data): degraded", time.Minute},
		{"at its time", []any{"timeout", 30}, func(b *bed) { b.status("volumes", "a", "robustness", "degraded") },
			"not healthy after 30 s: volume a (default/data): degraded", 30 * time.Second},
		{"soon on what is hopeless", nil, func(b *bed) { b.status("volumes", "b", "state", "detached", "robustness", "faulted") },
			"waiting is of no use: volume b: faulted, none of its replicas is usable", 5 * time.Second},
		{"on a volume that is not there", []any{"volumes", []any{"a", "z"}}, func(*bed) {}, "no such volume: z", 0},
		{"on an API that is gone", []any{"timeout", 120}, func(b *bed) { b.Break(cluster.Fault{Times: -1, Status: 503}) }, "503", 90 * time.Second},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, storage, func(t *testing.T, b *bed) {
				c.set(b)
				r, took := b.run(Wait, c.args...)
				if !r.Failed || took < c.after || took > 2*c.after+time.Minute || c.says != "503" && r.Msg != c.says {
					t.Errorf("after %v: %q, want %q", took, r.Msg, c.says)
				}
			})
		})
	}
}

func TestWaitMayLookAtAPart(t *testing.T) {
	inBubble(t, storage, func(t *testing.T, b *bed) {
		b.status("volumes", "b", "robustness", "degraded")
		for _, args := range [][]any{{"volumes", []any{"a"}}, {"node", "n1"}} {
			if r, took := b.run(Wait, args...); r.Failed || took != 10*time.Second {
				t.Errorf("%v, after %v: %+v", args, took, r)
			}
		}
		if r, _ := b.run(Wait, "node", "n2", "timeout", 10); !r.Failed {
			t.Errorf("a degraded volume on n2 gave %+v", r)
		}
	})
}

func TestNoLonghornIsSkipped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pipe := cluster.NewPipe()
		twin, err := cluster.Start(cluster.Config{Listener: pipe})
		if err != nil {
			t.Fatal(err)
		}
		text := string(twin.Kubeconfig())
		host := moduletest.NewScript(t, moduletest.Answer{On: "script: look for a kubeconfig*", Stdout: fmt.Sprintf("file %d k\n%s\n", len(text), text)})
		host.Dialer = func(network, address string) (net.Conn, error) {
			return pipe.Dial(context.Background(), network, address)
		}
		clients := kube.NewClients()
		host.Control.Services[kube.ServiceKey{}] = clients
		b := &bed{twin, host, t}
		for _, m := range Modules() {
			if r, _ := b.run(m); !r.Skipped || r.Failed || r.Msg != "the cluster has no Longhorn" {
				t.Errorf("%s gave %+v", m.Spec().Name, r)
			}
		}
		clients.Close()
		twin.Close()
	})
}

func TestInfo(t *testing.T) {
	inBubble(t, storage, func(t *testing.T, b *bed) {
		r, _ := b.run(Info)
		want := "[{'name': 'n1', 'ready': True, 'allow_scheduling': True, 'cordoned': False, 'attached_volumes': ['a'], 'drain_blockers': ['replica a-r of volume a is the only one']}, " +
			"{'name': 'n2', 'ready': True, 'allow_scheduling': True, 'cordoned': False, 'attached_volumes': ['b'], 'drain_blockers': []}]"
		if got := value.Repr(r.Data.Value("nodes")); got != want {
			t.Errorf("nodes\n%s\nwant\n%s", got, want)
		}
		for key, n := range map[string]int{"volumes": 2, "replicas": 1, "engines": 1} {
			if list, _ := r.Data.Value(key).([]any); len(list) != n {
				t.Errorf("%s: %s", key, value.Repr(r.Data.Value(key)))
			}
		}
		r, _ = b.run(Info, "node", "n2")
		if list, _ := r.Data.Value("volumes").([]any); len(list) != 1 || list[0].(*value.Map).Value("name") != "b" {
			t.Errorf("volumes on n2: %s", value.Repr(r.Data.Value("volumes")))
		}
	})
}

func TestModulesConform(t *testing.T) { moduletest.Conform(t, module.NewRegistry(Modules()...)) }

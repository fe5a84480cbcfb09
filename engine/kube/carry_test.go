package kube

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/engine/twin/cluster"
)

func TestDrainWaitsForItsBudget(t *testing.T) {
	config := cluster.Config{PodStart: 3 * time.Second, PodStop: time.Second}
	inBubble(t, config, threeNodes()+web(6, "maxUnavailable: 1"), func(t *testing.T, b *bed) {
		time.Sleep(time.Minute) // all pods are ready
		start := time.Now()
		moved, err := b.drain("n1", DrainOptions{Timeout: 5 * time.Minute})
		if err != nil || moved != 2 {
			t.Fatalf("moved %d, error %v", moved, err)
		}
		if left := b.podsOn("n1"); len(left) > 0 {
			t.Errorf("still on the node: %v", left)
		}
		if d := time.Since(start); d < 4*time.Second || d > 10*time.Second {
			t.Errorf("took %v: the second pod may go when the first is back, after 4 s, and no more than 2 s later", d)
		}
		if want := "The disruption budget web needs 5 healthy pods and has 5 currently"; !b.heard(want) {
			t.Errorf("nobody was told %q in %q", want, b.said)
		}
	})
}

func TestDrainFailsClosedWhenABudgetNeverAllows(t *testing.T) {
	inBubble(t, cluster.Config{}, threeNodes()+web(3, "minAvailable: 3"), func(t *testing.T, b *bed) {
		plan, err := PlanDrain(context.Background(), b.client, "n1", DrainOptions{})
		if err != nil || len(plan.Pods) != 1 || plan.Pods[0].Waits != "PDB default/web can never allow a disruption: it wants 3 healthy of 3" {
			t.Errorf("the plan is %+v, error %v", plan.Pods, err)
		}
		start := time.Now()
		moved, err := b.drain("n1", DrainOptions{Timeout: time.Minute})
		var left *Remaining
		if !errors.As(err, &left) || moved != 0 {
			t.Fatalf("moved %d, error %v", moved, err)
		}
		for _, want := range []string{"node n1 is not drained: timeout reached while pods were still running", "default/web-rs-", "The disruption budget web needs 3 healthy pods and has 3 currently"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("the error does not say %q: %v", want, err)
			}
		}
		if d := time.Since(start); d < time.Minute || d > 61*time.Second {
			t.Errorf("gave up after %v", d)
		}
	})
}

func TestDrainNamesAPodThatDoesNotEnd(t *testing.T) {
	pod := threeNodes() + `---
apiVersion: v1
kind: Pod
metadata: {name: stuck, namespace: default, finalizers: [example.com/hold], ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: x, uid: u, controller: true}]}
spec: {nodeName: n1, terminationGracePeriodSeconds: 5}
status: {phase: Running, conditions: [{type: Ready, status: 'True'}]}
`
	inBubble(t, cluster.Config{}, pod, func(t *testing.T, b *bed) {
		_, err := b.drain("n1", DrainOptions{Timeout: time.Minute})
		for _, want := range []string{"default/stuck (terminating since", "grace period 5s", "held by finalizers example.com/hold"} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("the error does not say %q: %v", want, err)
			}
		}
	})
}

func TestDrainSeesPodsThatComeMeanwhile(t *testing.T) {
	late := `
apiVersion: v1
kind: Pod
metadata: {name: late, namespace: default, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: x, uid: u, controller: true}]}
spec: {nodeName: n1}
`
	config := cluster.Config{PodStop: 2 * time.Second}
	inBubble(t, config, threeNodes()+web(3, "maxUnavailable: 3"), func(t *testing.T, b *bed) {
		time.AfterFunc(time.Second, func() { // after the list, before the pods of the list are gone
			if err := b.Load(late); err != nil {
				t.Error(err)
			}
		})
		moved, err := b.drain("n1", DrainOptions{Timeout: time.Minute})
		if err != nil || moved != 2 || len(b.podsOn("n1")) > 0 {
			t.Errorf("moved %d, error %v, still there %v", moved, err, b.podsOn("n1"))
		}
	})
}

func TestDrainKeepsItsOrder(t *testing.T) {
	longhorn := func(name, component string) string {
		return `---
apiVersion: v1
kind: Pod
metadata: {name: ` + name + `, namespace: default, labels: {longhorn.io/component: ` + component + `}, ownerReferences: [{apiVersion: longhorn.io/v1beta2, kind: X, name: x, uid: u, controller: true}]}
spec: {nodeName: n1}
`
	}
	manifest := threeNodes() + longhorn("a-manager", "instance-manager") + longhorn("b-share", "share-manager") + web(9, "maxUnavailable: 9")
	inBubble(t, cluster.Config{PodStop: time.Second}, manifest, func(t *testing.T, b *bed) {
		if _, err := b.drain("n1", DrainOptions{Timeout: time.Minute, DisableEviction: true}); err != nil {
			t.Fatal(err)
		}
		var order []string
		for _, r := range b.Requests() {
			if r.Changes() && strings.Contains(r.Path, "/pods/") {
				order = append(order, r.Method+" "+r.Path[strings.LastIndex(r.Path, "/pods/")+6:])
			}
		}
		got := strings.Join(order, " ")
		share, manager := strings.Index(got, "DELETE b-share"), strings.Index(got, "POST a-manager/eviction")
		if share < 0 || manager < share || !strings.HasPrefix(got, "DELETE web-rs-") {
			t.Errorf("pods went in the order %q; the instance manager must be evicted, never deleted", got)
		}
	})
}

func TestDrainOutlastsAnAPIServerInTrouble(t *testing.T) {
	faults := map[string]cluster.Fault{
		"answers 503":       {Times: 5, Status: http.StatusServiceUnavailable},
		"breaks off":        {Times: 5},
		"answers 500 lists": {Times: 3, Status: http.StatusInternalServerError, Match: func(r *http.Request) bool { return r.Method == http.MethodGet }},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			inBubble(t, cluster.Config{PodStop: time.Second}, threeNodes()+web(6, "maxUnavailable: 2"), func(t *testing.T, b *bed) {
				b.Break(fault)
				moved, err := b.drain("n1", DrainOptions{Timeout: 5 * time.Minute})
				if err != nil || moved != 2 || len(b.podsOn("n1")) > 0 {
					t.Errorf("moved %d, error %v, still there %v", moved, err, b.podsOn("n1"))
				}
				if !b.heard("trying again") {
					t.Errorf("nobody was told: %q", b.said)
				}
			})
		})
	}
}

func TestDrainNeverTakesSilenceForEmptiness(t *testing.T) {
	inBubble(t, cluster.Config{}, threeNodes()+web(3, "maxUnavailable: 1"), func(t *testing.T, b *bed) {
		b.Break(cluster.Fault{Times: -1, Status: http.StatusServiceUnavailable})
		if moved, err := b.drain("n1", DrainOptions{Timeout: time.Hour}); err == nil {
			t.Errorf("a dead API server made a drained node, %d pods moved", moved)
		}
	})
}

func TestDrainListsAgainWhenItsWatchExpires(t *testing.T) {
	config := cluster.Config{PodStop: 10 * time.Second}
	inBubble(t, config, threeNodes()+web(3, "maxUnavailable: 3"), func(t *testing.T, b *bed) {
		time.AfterFunc(5*time.Second, b.Forget)
		moved, err := b.drain("n1", DrainOptions{Timeout: time.Minute})
		if err != nil || moved != 1 {
			t.Errorf("moved %d, error %v", moved, err)
		}
	})
}

func TestDrainGivesUpAtOnceOnAPodOfTwoBudgets(t *testing.T) {
	second := strings.ReplaceAll(web(3, "maxUnavailable: 1"), "metadata: {name: web, namespace: default}\nspec: {max", "metadata: {name: web2, namespace: default}\nspec: {max")
	inBubble(t, cluster.Config{}, threeNodes()+web(3, "maxUnavailable: 1")+second, func(t *testing.T, b *bed) {
		start := time.Now()
		_, err := b.drain("n1", DrainOptions{Timeout: time.Hour})
		if err == nil || !strings.Contains(err.Error(), "more than one PodDisruptionBudget") || time.Since(start) > time.Minute {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
	})
}

func TestDrainEndsWithItsContext(t *testing.T) {
	inBubble(t, cluster.Config{}, threeNodes()+web(3, "minAvailable: 3"), func(t *testing.T, b *bed) {
		ctx, cancel := context.WithCancel(context.Background())
		plan, err := PlanDrain(ctx, b.client, "n1", DrainOptions{})
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Minute, cancel)
		if _, err := plan.Carry(ctx, b.client, b.tell); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	})
}

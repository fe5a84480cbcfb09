package kube

import (
	"context"
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"

	"github.com/drydock-dev/drydock/engine/twin/cluster"
)

func keptOn(name, volume, node string, good bool) longhorn.Replica {
	r := longhorn.Replica{}
	r.Name, r.Spec.VolumeName, r.Spec.NodeID, r.Spec.HealthyAt = name, volume, node, "2026-01-01T00:00:00Z"
	if !good {
		r.Spec.FailedAt = "2026-01-02T00:00:00Z"
	}
	return r
}

func TestExposed(t *testing.T) {
	named := func(name, node string) longhorn.Volume {
		return volume(func(v *longhorn.Volume) { v.Name, v.Status.CurrentNodeID = name, node })
	}
	s := Storage{
		Volumes: []longhorn.Volume{named("b-two", "n2"), named("a-last", "n1"), named("c-far", "n2"), named("d-failed", "n3"), named("e-used", "n1")},
		Replicas: []longhorn.Replica{
			keptOn("b1", "b-two", "n1", true), keptOn("b2", "b-two", "n2", true), keptOn("b3", "b-two", "n3", true),
			keptOn("a1", "a-last", "n1", true), keptOn("a2", "a-last", "n2", false),
			keptOn("c1", "c-far", "n2", true),
			keptOn("d1", "d-failed", "n1", false), keptOn("d2", "d-failed", "n3", true),
			keptOn("e1", "e-used", "n2", true),
		},
	}
	var got []string
	for _, e := range s.Exposed("n1") {
		got = append(got, fmt.Sprintf("%s attached=%t here=%t elsewhere=%d", e.Volume, e.Attached, e.Here, e.Elsewhere))
	}
	want := "a-last attached=true here=true elsewhere=0, b-two attached=false here=true elsewhere=2, " +
		"d-failed attached=false here=false elsewhere=1, e-used attached=true here=false elsewhere=1"
	if strings.Join(got, ", ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, ", "), want)
	}
}

func TestPins(t *testing.T) {
	kind := cluster.Kind{Version: "v1", Name: "PersistentVolume", Plural: "persistentvolumes"}
	volume := func(name, claim, source, affinity string) string {
		return "apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: " + name + "}\nspec:\n  claimRef: {namespace: default, name: " + claim + "}\n  " + source + "\n  " + affinity + "\n---\n"
	}
	host := func(names string) string {
		return "nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [" + names + "]}]}]}}"
	}
	manifest := volume("pv1", "data", "hostPath: {path: /x}", host("n1")) + volume("pv2", "both", "local: {path: /y}", host("n2, n1")) +
		volume("pv3", "free", "csi: {driver: driver.longhorn.io, volumeHandle: v}", "persistentVolumeReclaimPolicy: Delete")
	inBubble(t, cluster.Config{Kinds: []cluster.Kind{kind}}, manifest, func(t *testing.T, b *bed) {
		pins, err := ReadPins(context.Background(), b.client)
		if err != nil {
			t.Fatal(err)
		}
		if len(pins) != 2 || pins["default/data"].Kind != "hostPath" || fmt.Sprint(pins["default/both"].Nodes) != "[n1 n2]" {
			t.Errorf("pins: %+v", pins)
		}
		claims := []string{"default/free", "default/data", "default/both"}
		if on := pins.On("n1", claims); fmt.Sprint(on) != "[default/data]" {
			t.Errorf("on n1: %v", on)
		}
		if on := pins.On("n2", claims); on != nil {
			t.Errorf("on n2: %v", on)
		}
	})
}

func TestABudgetThatCanAllowNothingIsToldFromOneThatCannotNow(t *testing.T) {
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "a", Labels: map[string]string{"app": "a"}}}
	p.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}}
	budget := func(name string, expected, desired, healthy, allowed int32) policyv1.PodDisruptionBudget {
		return policyv1.PodDisruptionBudget{
			ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name},
			Spec:       policyv1.PodDisruptionBudgetSpec{Selector: &metav1.LabelSelector{MatchLabels: p.Labels}},
			Status:     policyv1.PodDisruptionBudgetStatus{ExpectedPods: expected, DesiredHealthy: desired, CurrentHealthy: healthy, DisruptionsAllowed: allowed},
		}
	}
	for name, c := range map[string]struct {
		budgets      []policyv1.PodDisruptionBudget
		waits, never bool
	}{
		"allows one":  {budgets: []policyv1.PodDisruptionBudget{budget("b", 2, 1, 2, 1)}},
		"none now":    {budgets: []policyv1.PodDisruptionBudget{budget("b", 2, 1, 1, 0)}, waits: true},
		"none ever":   {budgets: []policyv1.PodDisruptionBudget{budget("b", 1, 1, 1, 0)}, waits: true, never: true},
		"two budgets": {budgets: []policyv1.PodDisruptionBudget{budget("b", 2, 1, 2, 1), budget("c", 2, 1, 2, 1)}, waits: true, never: true},
	} {
		if why, never := holdBack(p, c.budgets); (why != "") != c.waits || never != c.never {
			t.Errorf("%s: %q, never %t", name, why, never)
		}
	}
}

func TestClaimsOfAPod(t *testing.T) {
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web-0"}}
	p.Spec.Volumes = []corev1.Volume{
		{Name: "v", VolumeSource: corev1.VolumeSource{PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: "data"}}},
		{Name: "scratch", VolumeSource: corev1.VolumeSource{Ephemeral: &corev1.EphemeralVolumeSource{}}},
		{Name: "e", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}},
	}
	if got := claimsOf(p); fmt.Sprint(got) != "[default/data default/web-0-scratch]" {
		t.Errorf("claims: %v", got)
	}
}

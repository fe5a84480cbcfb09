package kube

import (
	"context"
	"fmt"
	"io"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/kubectl/pkg/drain"

	"github.com/drydock-dev/drydock/engine/twin/cluster"
)

// podTable lists pods by what a drain may see in them: every combination of owner, phase, mirror and emptyDir.
func podTable() []corev1.Pod {
	yes := true
	owners := map[string]*metav1.OwnerReference{
		"none":     nil,
		"rs":       {APIVersion: "apps/v1", Kind: "ReplicaSet", Name: "rs", UID: "1", Controller: &yes},
		"ds":       {APIVersion: "apps/v1", Kind: "DaemonSet", Name: "ds", UID: "2", Controller: &yes},
		"gone-ds":  {APIVersion: "apps/v1", Kind: "DaemonSet", Name: "gone", UID: "3", Controller: &yes},
		"other-ds": {APIVersion: "example.com/v1", Kind: "DaemonSet", Name: "ds", UID: "4", Controller: &yes},
		"im":       {APIVersion: "longhorn.io/v1beta2", Kind: "InstanceManager", Name: "im", UID: "5", Controller: &yes},
		"no-ctl":   {APIVersion: "apps/v1", Kind: "ReplicaSet", Name: "rs", UID: "1"},
	}
	var out []corev1.Pod
	for owner, ref := range owners {
		for _, phase := range []corev1.PodPhase{corev1.PodRunning, corev1.PodSucceeded, corev1.PodFailed, corev1.PodPending} {
			for i := range 4 {
				p := corev1.Pod{
					TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
					ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: fmt.Sprintf("%s-%s-%d", owner, phase, i), Annotations: map[string]string{}},
					Spec:       corev1.PodSpec{NodeName: "n1"}, Status: corev1.PodStatus{Phase: phase},
				}
				if ref != nil {
					p.OwnerReferences = []metav1.OwnerReference{*ref}
				}
				if i&1 != 0 {
					p.Annotations[corev1.MirrorPodAnnotationKey] = "x"
				}
				if i&2 != 0 {
					p.Spec.Volumes = []corev1.Volume{{Name: "v", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}}}
				}
				out = append(out, p)
			}
		}
	}
	return out
}

// TestVerdictsAreThoseOfKubectl asks kubectl's own drain library and PlanDrain about the same pods on the same API, for every
// combination of options.
func TestVerdictsAreThoseOfKubectl(t *testing.T) {
	twin, err := cluster.Start(cluster.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer twin.Close()
	// A node that is not ready: nothing plays its kubelet, so that the pods stay as they are.
	manifest := "apiVersion: v1\nkind: Node\nmetadata: {name: n1}\n---\napiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: ds, namespace: default}\n"
	if err := twin.Load(manifest); err != nil {
		t.Fatal(err)
	}
	twin.Delete("pods", "default", "ds-n1") // made by the daemon set itself; it comes back, and is in both lists
	for _, p := range podTable() {
		if err := twin.Set(asMap(t, p)); err != nil {
			t.Fatal(err)
		}
	}
	kubectl, ours := clientsOf(t, twin)
	for i := range 8 {
		o := DrainOptions{Force: i&1 != 0, IgnoreDaemonSets: i&2 != 0, DeleteEmptyDir: i&4 != 0}
		t.Run(fmt.Sprintf("%+v", o), func(t *testing.T) {
			h := drain.Helper{
				Ctx: context.Background(), Client: kubectl, Force: o.Force, IgnoreAllDaemonSets: o.IgnoreDaemonSets,
				DeleteEmptyDirData: o.DeleteEmptyDir, Out: io.Discard, ErrOut: io.Discard,
			}
			list, refusals := h.GetPodsForDeletion("n1")
			var want []string
			for _, p := range list.Pods() {
				want = append(want, p.Namespace+"/"+p.Name)
			}
			plan, err := PlanDrain(context.Background(), ours, "n1", o)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, v := range plan.Moving() {
				got = append(got, v.Ref())
			}
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("moves\n%v\nkubectl moves\n%v", got, want)
			}
			if (plan.Err() == nil) != (len(refusals) == 0) {
				t.Errorf("error %v, kubectl %v", plan.Err(), refusals)
			}
			if len(plan.Pods) < len(podTable()) {
				t.Errorf("%d verdicts on %d pods", len(plan.Pods), len(podTable()))
			}
		})
	}
}

func clientsOf(t *testing.T, twin *cluster.Cluster) (kubernetes.Interface, Reader) {
	t.Helper()
	cfg, err := clientcmd.RESTConfigFromKubeConfig(twin.Kubeconfig())
	if err != nil {
		t.Fatal(err)
	}
	cfg.QPS = -1
	kubectl, err := kubernetes.NewForConfig(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return kubectl, dialled(t, twin)
}

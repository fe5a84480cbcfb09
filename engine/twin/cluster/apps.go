package cluster

// Workloads of a short description.

import (
	"cmp"
	"fmt"
)

// AppSpec is a workload: a Deployment, StatefulSet, DaemonSet, or one naked Pod.
type AppSpec struct {
	Kind, Namespace, Name string // Kind empty: Deployment; Namespace empty: default
	Replicas              int    // 0: 1
	// MinAvailable or MaxUnavailable, a number or a percentage, gives it a budget.
	MinAvailable, MaxUnavailable string
	EmptyDir                     bool
	// Volume gives every pod of a StatefulSet a volume of its own, and all pods of any other kind one together.
	Volume *VolumeSpec
	Labels map[string]string // of the pods, besides app
}

// ownApps are the workloads that K3s brings; metrics-server keeps its files in an emptyDir, which is what drains stumble over.
func ownApps() []AppSpec {
	return []AppSpec{
		{Namespace: "kube-system", Name: "coredns", Labels: map[string]string{"k8s-app": "kube-dns"}},
		{Namespace: "kube-system", Name: "local-path-provisioner"},
		{Namespace: "kube-system", Name: "metrics-server", EmptyDir: true, Labels: map[string]string{"k8s-app": "metrics-server"}},
		{Namespace: "kube-system", Name: "traefik", Labels: map[string]string{"app.kubernetes.io/name": "traefik"}},
		{Kind: "DaemonSet", Namespace: "kube-system", Name: "svclb-traefik", Labels: map[string]string{"svccontroller.k3s.cattle.io/svcname": "traefik"}},
	}
}

// addApp adds a workload with its claim and its budget.
func (c *Cluster) addApp(w *World, a AppSpec) {
	a.Kind, a.Namespace = cmp.Or(a.Kind, "Deployment"), cmp.Or(a.Namespace, "default")
	if _, ok := w.see("namespaces", "", a.Namespace); !ok {
		w.Set(namespaceObject(a.Namespace))
	}
	if a.Volume != nil {
		w.reconcile() // so that its replicas find their nodes
	}
	pod := podOf(a)
	if a.Volume != nil && a.Kind != "StatefulSet" {
		c.addClaim(w, a.Namespace, a.Name, *a.Volume)
	}
	for i := range max(1, a.Replicas) {
		if a.Volume != nil && a.Kind == "StatefulSet" {
			v := *a.Volume
			if i < len(v.Names) {
				v.Name = v.Names[i]
			}
			c.addClaim(w, a.Namespace, fmt.Sprintf("data-%s-%d", a.Name, i), v)
		}
	}
	if a.Kind == "Pod" {
		pod["apiVersion"], pod["kind"] = "v1", "Pod"
		put(pod, a.Name, "metadata", "name")
		put(pod, a.Namespace, "metadata", "namespace")
		w.Set(pod)
	} else {
		w.Set(ownerOf(a, pod))
	}
	if field, n := "minAvailable", a.MinAvailable; n != "" || a.MaxUnavailable != "" {
		if n == "" {
			field, n = "maxUnavailable", a.MaxUnavailable
		}
		w.Set(map[string]any{"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": map[string]any{"name": a.Name, "namespace": a.Namespace},
			"spec": map[string]any{field: amount(n), "selector": map[string]any{"matchLabels": map[string]any{"app": a.Name}}}})
	}
}

// amount is a number or a percentage, as budgets have it.
func amount(text string) any {
	var n int64
	if _, err := fmt.Sscanf(text, "%d", &n); err == nil && fmt.Sprint(n) == text {
		return n
	}
	return text
}

func podOf(a AppSpec) map[string]any {
	labels := map[string]any{"app": a.Name}
	for key, v := range a.Labels {
		labels[key] = v
	}
	spec := map[string]any{"containers": []any{map[string]any{"name": a.Name, "image": "example.org/" + a.Name + ":1"}}}
	var all []any
	if a.EmptyDir {
		all = append(all, map[string]any{"name": "tmp", "emptyDir": map[string]any{}})
	}
	if a.Volume != nil && a.Kind != "StatefulSet" {
		all = append(all, map[string]any{"name": "data", "persistentVolumeClaim": map[string]any{"claimName": a.Name}})
	}
	if all != nil {
		spec["volumes"] = all
	}
	if a.Kind == "DaemonSet" {
		spec["tolerations"] = []any{map[string]any{"operator": "Exists"}}
	}
	return map[string]any{"metadata": map[string]any{"labels": labels}, "spec": spec}
}

func ownerOf(a AppSpec, template map[string]any) map[string]any {
	spec := map[string]any{"selector": map[string]any{"matchLabels": map[string]any{"app": a.Name}}, "template": template}
	if a.Kind != "DaemonSet" {
		spec["replicas"] = max(1, a.Replicas)
	}
	if a.Kind == "StatefulSet" {
		spec["serviceName"] = a.Name
		if a.Volume != nil {
			spec["volumeClaimTemplates"] = []any{map[string]any{"metadata": map[string]any{"name": "data"}, "spec": map[string]any{
				"storageClassName": "longhorn", "accessModes": []any{"ReadWriteOnce"},
			}}}
		}
	}
	return map[string]any{"apiVersion": "apps/v1", "kind": a.Kind, "metadata": map[string]any{"name": a.Name, "namespace": a.Namespace}, "spec": spec}
}

func (c *Cluster) addClaim(w *World, namespace, name string, s VolumeSpec) {
	class := "longhorn"
	if s.Local != "" {
		class = "local-path"
	}
	claim := map[string]any{"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": map[string]any{"name": name, "namespace": namespace},
		"spec": map[string]any{"storageClassName": class}}
	w.Set(claim)
	claim, _ = w.see("persistentvolumeclaims", namespace, name)
	c.bind(w, claim, s)
}

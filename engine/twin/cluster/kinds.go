package cluster

import (
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	policyv1 "k8s.io/api/policy/v1"
	storagev1 "k8s.io/api/storage/v1"
)

// Kind is a kind of objects that the cluster serves.
type Kind struct {
	Group, Version, Name, Plural string
	Short                        []string
	Namespaced                   bool
	Status                       bool // has a status subresource
	// Type is the Go type of a built-in kind, by which strategic merges know their keys; custom resources have none.
	Type any
	// Columns are what a table shows of a custom resource besides name and age.
	Columns []Column
}

// resource is the name by which a kind is asked for: pods, volumes.longhorn.io.
func (k Kind) resource() string {
	if k.Group == "" || k.Type != nil {
		return k.Plural
	}
	return k.Plural + "." + k.Group
}

func (k Kind) apiVersion() string {
	if k.Group == "" {
		return k.Version
	}
	return k.Group + "/" + k.Version
}

// builtin lists the kinds that every cluster has.
func builtin() []Kind {
	return []Kind{
		{Version: "v1", Name: "Namespace", Plural: "namespaces", Short: []string{"ns"}, Status: true, Type: corev1.Namespace{}},
		{Version: "v1", Name: "Node", Plural: "nodes", Short: []string{"no"}, Status: true, Type: corev1.Node{}},
		{Version: "v1", Name: "Pod", Plural: "pods", Short: []string{"po"}, Namespaced: true, Status: true, Type: corev1.Pod{}},
		{Version: "v1", Name: "ConfigMap", Plural: "configmaps", Short: []string{"cm"}, Namespaced: true, Type: corev1.ConfigMap{}},
		{Version: "v1", Name: "Secret", Plural: "secrets", Namespaced: true, Type: corev1.Secret{}},
		{Version: "v1", Name: "Service", Plural: "services", Short: []string{"svc"}, Namespaced: true, Status: true, Type: corev1.Service{}},
		{Version: "v1", Name: "PersistentVolumeClaim", Plural: "persistentvolumeclaims", Short: []string{"pvc"}, Namespaced: true, Status: true, Type: corev1.PersistentVolumeClaim{}},
		{Version: "v1", Name: "PersistentVolume", Plural: "persistentvolumes", Short: []string{"pv"}, Status: true, Type: corev1.PersistentVolume{}},
		{Version: "v1", Name: "ServiceAccount", Plural: "serviceaccounts", Short: []string{"sa"}, Namespaced: true, Type: corev1.ServiceAccount{}},
		//lint:ignore SA1019 servers serve it all the same
		{Version: "v1", Name: "Endpoints", Plural: "endpoints", Short: []string{"ep"}, Namespaced: true, Type: corev1.Endpoints{}},
		{Version: "v1", Name: "Event", Plural: "events", Short: []string{"ev"}, Namespaced: true, Type: corev1.Event{}},
		{Group: "apps", Version: "v1", Name: "Deployment", Plural: "deployments", Short: []string{"deploy"}, Namespaced: true, Status: true, Type: appsv1.Deployment{}},
		{Group: "apps", Version: "v1", Name: "ReplicaSet", Plural: "replicasets", Short: []string{"rs"}, Namespaced: true, Status: true, Type: appsv1.ReplicaSet{}},
		{Group: "apps", Version: "v1", Name: "StatefulSet", Plural: "statefulsets", Short: []string{"sts"}, Namespaced: true, Status: true, Type: appsv1.StatefulSet{}},
		{Group: "apps", Version: "v1", Name: "DaemonSet", Plural: "daemonsets", Short: []string{"ds"}, Namespaced: true, Status: true, Type: appsv1.DaemonSet{}},
		{Group: "batch", Version: "v1", Name: "Job", Plural: "jobs", Namespaced: true, Status: true, Type: batchv1.Job{}},
		{Group: "coordination.k8s.io", Version: "v1", Name: "Lease", Plural: "leases", Namespaced: true, Type: coordinationv1.Lease{}},
		{Group: "discovery.k8s.io", Version: "v1", Name: "EndpointSlice", Plural: "endpointslices", Namespaced: true, Type: discoveryv1.EndpointSlice{}},
		{Group: "storage.k8s.io", Version: "v1", Name: "StorageClass", Plural: "storageclasses", Short: []string{"sc"}, Type: storagev1.StorageClass{}},
		{Group: "storage.k8s.io", Version: "v1", Name: "VolumeAttachment", Plural: "volumeattachments", Status: true, Type: storagev1.VolumeAttachment{}},
		{Group: "storage.k8s.io", Version: "v1", Name: "CSINode", Plural: "csinodes", Type: storagev1.CSINode{}},
		{Group: "storage.k8s.io", Version: "v1", Name: "CSIDriver", Plural: "csidrivers", Type: storagev1.CSIDriver{}},
		{Group: "policy", Version: "v1", Name: "PodDisruptionBudget", Plural: "poddisruptionbudgets", Short: []string{"pdb"}, Namespaced: true, Status: true, Type: policyv1.PodDisruptionBudget{}},
		{Group: "apiextensions.k8s.io", Version: "v1", Name: "CustomResourceDefinition", Plural: "customresourcedefinitions", Short: []string{"crd"}, Status: true, Type: struct{}{}},
	}
}

// register serves the kinds of a custom resource definition, and tells so in its status.
func (w *World) register(o map[string]any) {
	if text(o, "kind") != "CustomResourceDefinition" {
		return
	}
	for _, v := range list(o, "spec", "versions") {
		k := Kind{
			Group: text(o, "spec", "group"), Version: text(v, "name"), Name: text(o, "spec", "names", "kind"),
			Plural: text(o, "spec", "names", "plural"), Namespaced: text(o, "spec", "scope") == "Namespaced",
			Status: at(v, "subresources", "status") != nil,
		}
		for _, short := range list(o, "spec", "names", "shortNames") {
			s, _ := short.(string)
			k.Short = append(k.Short, s)
		}
		if flag(v, "served") {
			w.addKind(k)
		}
	}
	put(o, []any{map[string]any{"type": "Established", "status": "True"}}, "status", "conditions")
}

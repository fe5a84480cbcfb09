package cluster

import (
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
)

// Kind is a kind of objects that the cluster serves.
type Kind struct {
	Group, Version, Name, Plural string
	Short                        []string
	Namespaced                   bool
	Status                       bool // has a status subresource
	// Type is the Go type of a built-in kind, by which strategic merges know their keys; custom resources have none.
	Type any
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
		{Group: "apps", Version: "v1", Name: "Deployment", Plural: "deployments", Short: []string{"deploy"}, Namespaced: true, Status: true, Type: appsv1.Deployment{}},
		{Group: "apps", Version: "v1", Name: "ReplicaSet", Plural: "replicasets", Short: []string{"rs"}, Namespaced: true, Status: true, Type: appsv1.ReplicaSet{}},
		{Group: "apps", Version: "v1", Name: "StatefulSet", Plural: "statefulsets", Short: []string{"sts"}, Namespaced: true, Status: true, Type: appsv1.StatefulSet{}},
		{Group: "apps", Version: "v1", Name: "DaemonSet", Plural: "daemonsets", Short: []string{"ds"}, Namespaced: true, Status: true, Type: appsv1.DaemonSet{}},
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
		if _, known := w.kindOf(k.apiVersion(), k.Name); !known && flag(v, "served") {
			w.kinds = append(slices.Clip(w.kinds), k)
		}
	}
	put(o, []any{map[string]any{"type": "Established", "status": "True"}}, "status", "conditions")
}

// Longhorn lists the kinds that Longhorn brings, for Config.Kinds.
func Longhorn() []Kind {
	var out []Kind
	for name, short := range map[string]string{
		"Volume": "lhv", "Engine": "lhe", "Replica": "lhr", "Node": "lhn", "InstanceManager": "lhim", "Setting": "lhs", "ShareManager": "lhsm",
	} {
		out = append(out, Kind{
			Group: "longhorn.io", Version: "v1beta2", Name: name, Plural: strings.ToLower(name) + "s",
			Short: []string{short}, Namespaced: true, Status: true,
		})
	}
	return out
}

package cluster

// The scheduler: which node takes a pod.

import (
	"slices"
)

// place finds the node for a pod: of those that may take it the one with the fewest pods of the same owner, then of all; empty: none.
func (w *World) place(pod map[string]any) string {
	owner := ownerUID(pod)
	load, kin := map[string]int{}, map[string]int{}
	for _, p := range w.all("pods") {
		node := text(p, "spec", "nodeName")
		load[node]++
		if owner != "" && ownerUID(p) == owner {
			kin[node]++
		}
	}
	best := ""
	for _, n := range w.all("nodes") {
		name := nameOf(n)
		if !w.takes(n, pod) {
			continue
		}
		if best == "" || kin[name] < kin[best] || kin[name] == kin[best] && load[name] < load[best] {
			best = name
		}
	}
	return best
}

func ownerUID(pod map[string]any) string {
	for _, ref := range list(pod, "metadata", "ownerReferences") {
		return text(ref, "uid")
	}
	return ""
}

// takes tells whether a node may get a pod.
func (w *World) takes(node, pod map[string]any) bool {
	return !flag(node, "spec", "unschedulable") && ready(node) && selected(fieldsOf(pod, "spec", "nodeSelector"), node) &&
		tolerated(node, pod, "NoSchedule") && tolerated(node, pod, "NoExecute") && w.reaches(nameOf(node), pod)
}

// selected tells whether a node has the labels of a selector.
func selected(selector, node map[string]any) bool {
	for key, v := range selector {
		if at(node, "metadata", "labels", key) != v {
			return false
		}
	}
	return true
}

// tolerated tells whether a pod tolerates all of a node's taints of an effect.
func tolerated(node, pod map[string]any, effect string) bool {
	for _, taint := range list(node, "spec", "taints") {
		if text(taint, "effect") == effect && !slices.ContainsFunc(list(pod, "spec", "tolerations"), func(t any) bool { return tolerates(t, taint) }) {
			return false
		}
	}
	return true
}

func tolerates(t, taint any) bool {
	if e := text(t, "effect"); e != "" && e != text(taint, "effect") {
		return false
	}
	if text(t, "operator") == "Exists" {
		return text(t, "key") == "" || text(t, "key") == text(taint, "key")
	}
	return text(t, "key") == text(taint, "key") && text(t, "value") == text(taint, "value")
}

// reaches tells whether the volumes of a pod's claims may be used on a node: those on a node's own disk are nowhere else.
func (w *World) reaches(node string, pod map[string]any) bool {
	for _, claim := range claimsOf(pod) {
		c, ok := w.see("persistentvolumeclaims", namespaceOf(pod), claim)
		if !ok {
			continue
		}
		pv, _ := w.see("persistentvolumes", "", text(c, "spec", "volumeName"))
		for _, term := range list(pv, "spec", "nodeAffinity", "required", "nodeSelectorTerms") {
			for _, need := range list(term, "matchExpressions") {
				if text(need, "key") == "kubernetes.io/hostname" && !slices.Contains(list(need, "values"), any(node)) {
					return false
				}
			}
		}
	}
	return true
}

// claimsOf names the claims that a pod uses.
func claimsOf(pod map[string]any) []string {
	var out []string
	for _, v := range list(pod, "spec", "volumes") {
		if name := text(v, "persistentVolumeClaim", "claimName"); name != "" {
			out = append(out, name)
		}
	}
	return out
}

package kube

// PodDisruptionBudgets: what they allow a pod, said in words.

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// holdBack says which budget keeps a pod from being evicted now, empty if none does, and whether it always will.
func holdBack(p *corev1.Pod, all []policyv1.PodDisruptionBudget) (why string, never bool) {
	if finished(p) || p.Status.Phase == corev1.PodPending || p.DeletionTimestamp != nil {
		return "", false // an eviction does not ask budgets then
	}
	mine := budgetsOf(p, all)
	if len(mine) > 1 {
		names := make([]string, len(mine))
		for i, b := range mine {
			names[i] = b.Name
		}
		return fmt.Sprintf("PDBs %s select it together, and the API server evicts no pod of two budgets", strings.Join(names, " and ")), true
	}
	for _, b := range mine {
		if text, never := explain(b); text != "" && !excused(p, b) {
			return text, never
		}
	}
	return "", false
}

func budgetsOf(p *corev1.Pod, all []policyv1.PodDisruptionBudget) []policyv1.PodDisruptionBudget {
	var out []policyv1.PodDisruptionBudget
	for _, b := range all {
		s, err := metav1.LabelSelectorAsSelector(b.Spec.Selector)
		if err == nil && b.Namespace == p.Namespace && s.Matches(labels.Set(p.Labels)) {
			out = append(out, b)
		}
	}
	return out
}

// explain says why a budget allows nothing now, and whether it ever will.
func explain(b policyv1.PodDisruptionBudget) (why string, never bool) {
	s := b.Status
	name := "PDB " + b.Namespace + "/" + b.Name
	switch {
	case s.ObservedGeneration < b.Generation:
		return name + " has just changed and is not counted yet", false
	case s.DisruptionsAllowed > 0:
		return "", false
	case s.ExpectedPods > 0 && s.DesiredHealthy >= s.ExpectedPods:
		return fmt.Sprintf("%s can never allow a disruption: it wants %d healthy of %d", name, s.DesiredHealthy, s.ExpectedPods), true
	}
	return fmt.Sprintf("%s allows 0 disruptions: %d of %d healthy, needs %d", name, s.CurrentHealthy, s.ExpectedPods, s.DesiredHealthy), false
}

// excused tells whether a pod that is not ready may go although the budget allows nothing.
func excused(p *corev1.Pod, b policyv1.PodDisruptionBudget) bool {
	for _, c := range p.Status.Conditions {
		if c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue {
			return false
		}
	}
	always := b.Spec.UnhealthyPodEvictionPolicy != nil && *b.Spec.UnhealthyPodEvictionPolicy == policyv1.AlwaysAllow
	return always || b.Status.CurrentHealthy >= b.Status.DesiredHealthy && b.Status.DesiredHealthy > 0
}

package cluster

// Evictions and the arithmetic of budgets.

import (
	"fmt"
	"math"
	"net/http"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
)

func (c *Cluster) evict(k call) (int, any, error) {
	body, err := k.object()
	if err != nil {
		return 0, nil, err
	}
	o, ok := c.world.Get("pods", k.namespace, k.name)
	if !ok || k.kind.Name != "Pod" {
		return 0, nil, apierrors.NewNotFound(k.group(), k.name)
	}
	if err := precondition(k, o, text(body, "deleteOptions", "preconditions", "uid")); err != nil {
		return 0, nil, err
	}
	if err := c.world.allows(o); err != nil {
		return 0, nil, err
	}
	if !k.dryRun {
		options, _ := body["deleteOptions"].(map[string]any)
		c.end(k.kind, o, grace(options))
	}
	return http.StatusCreated, metav1.Status{TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: metav1.StatusSuccess}, nil
}

// allows asks the budgets that select a pod.
func (w *World) allows(o map[string]any) error {
	phase := text(o, "status", "phase")
	if phase == "Succeeded" || phase == "Failed" || phase == "Pending" || at(o, "metadata", "deletionTimestamp") != nil {
		return nil
	}
	mine := w.budgetsOf(o)
	switch {
	case len(mine) == 0:
		return nil
	case len(mine) > 1:
		return apierrors.NewInternalError(fmt.Errorf("This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.")) //nolint:staticcheck // the real server's words
	}
	b := mine[0]
	unhealthyMayGo := b.Spec.UnhealthyPodEvictionPolicy != nil && *b.Spec.UnhealthyPodEvictionPolicy == policyv1.AlwaysAllow ||
		b.Status.CurrentHealthy >= b.Status.DesiredHealthy && b.Status.DesiredHealthy > 0
	if b.Status.DisruptionsAllowed > 0 || !ready(o) && unhealthyMayGo {
		return nil
	}
	refusal := apierrors.NewTooManyRequests("Cannot evict pod as it would violate the pod's disruption budget.", 0)
	refusal.ErrStatus.Details.Causes = []metav1.StatusCause{{
		Type:    policyv1.DisruptionBudgetCause,
		Message: fmt.Sprintf("The disruption budget %s needs %d healthy pods and has %d currently", b.Name, b.Status.DesiredHealthy, b.Status.CurrentHealthy),
	}}
	return refusal
}

func (w *World) budgetsOf(pod map[string]any) []policyv1.PodDisruptionBudget {
	var out []policyv1.PodDisruptionBudget
	for _, o := range w.all("poddisruptionbudgets") {
		var b policyv1.PodDisruptionBudget
		into(o, &b)
		if selects(b.Spec.Selector, b.Namespace, pod) {
			out = append(out, b)
		}
	}
	return out
}

func selects(s *metav1.LabelSelector, namespace string, pod map[string]any) bool {
	selector, err := metav1.LabelSelectorAsSelector(s)
	return err == nil && namespace == text(pod, "metadata", "namespace") && selector.Matches(labels.Set(labelsOf(pod)))
}

func ready(pod map[string]any) bool {
	for _, cond := range list(pod, "status", "conditions") {
		if text(cond, "type") == string(corev1.PodReady) {
			return text(cond, "status") == string(corev1.ConditionTrue)
		}
	}
	return false
}

// countBudgets brings every budget's status up to date.
func (w *World) countBudgets() {
	for _, o := range w.all("poddisruptionbudgets") {
		var b policyv1.PodDisruptionBudget
		into(o, &b)
		pods, healthy := int64(0), int64(0)
		for _, p := range w.all("pods") {
			if !selects(b.Spec.Selector, b.Namespace, p) {
				continue
			}
			pods++
			if ready(p) && at(p, "metadata", "deletionTimestamp") == nil {
				healthy++
			}
		}
		expected, desired := w.wanted(b, pods)
		w.setStatus(o, map[string]any{
			"observedGeneration": number(o, "metadata", "generation"), "currentHealthy": healthy, "desiredHealthy": desired,
			"expectedPods": expected, "disruptionsAllowed": max(0, healthy-desired),
		})
	}
}

// wanted says how many pods a budget counts on and how many of them must be healthy.
func (w *World) wanted(b policyv1.PodDisruptionBudget, pods int64) (expected, desired int64) {
	share := func(v *intstr.IntOrString) int64 {
		n, err := intstr.GetScaledValueFromIntOrPercent(v, int(expected), true)
		if err != nil {
			return math.MaxInt32
		}
		return int64(n)
	}
	expected = pods
	if b.Spec.MaxUnavailable != nil || b.Spec.MinAvailable != nil && b.Spec.MinAvailable.Type == intstr.String {
		expected = w.scaleOf(b)
	}
	switch {
	case b.Spec.MaxUnavailable != nil:
		desired = max(0, expected-share(b.Spec.MaxUnavailable))
	case b.Spec.MinAvailable != nil:
		desired = share(b.Spec.MinAvailable)
	}
	return expected, desired
}

// scaleOf sums the replicas that the controllers of a budget's pods want.
func (w *World) scaleOf(b policyv1.PodDisruptionBudget) (n int64) {
	for _, resource := range []string{"replicasets", "statefulsets"} {
		for _, o := range w.all(resource) {
			template, _ := at(o, "spec", "template").(map[string]any)
			if template != nil && selects(b.Spec.Selector, text(o, "metadata", "namespace"), withNamespace(template, o)) && b.Namespace == text(o, "metadata", "namespace") {
				n += replicasOf(o)
			}
		}
	}
	return n
}

func withNamespace(template, owner map[string]any) map[string]any {
	out := copyOf(template)
	put(out, text(owner, "metadata", "namespace"), "metadata", "namespace")
	return out
}

func replicasOf(o map[string]any) int64 {
	if at(o, "spec", "replicas") == nil {
		return 1
	}
	return number(o, "spec", "replicas")
}

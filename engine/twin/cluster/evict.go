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
	if err := c.allows(&c.world, o); err != nil {
		return 0, nil, err
	}
	if !k.dryRun {
		options, _ := body["deleteOptions"].(map[string]any)
		c.end(k.kind, o, grace(options))
	}
	return http.StatusCreated, metav1.Status{TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: metav1.StatusSuccess}, nil
}

// allows asks the budgets that select a pod.
func (c *Cluster) allows(w *World, o map[string]any) error {
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
	if key := b.Namespace + "/" + b.Name; c.refusals[key] > 0 {
		c.refusals[key]--
		b.Status.DisruptionsAllowed = 0
	}
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

// budget is a PodDisruptionBudget as it is worked with: decoded once for every generation.
type budget struct {
	policyv1.PodDisruptionBudget
	selector labels.Selector
}

// budget decodes a stored budget; what its spec means is kept until that changes.
func (w *World) budget(o map[string]any) budget {
	key := text(o, "metadata", "uid")
	known, ok := w.budgets[key]
	if !ok || known.Generation != number(o, "metadata", "generation") {
		known = budget{}
		into(o, &known.PodDisruptionBudget)
		var err error
		if known.selector, err = metav1.LabelSelectorAsSelector(known.Spec.Selector); err != nil {
			known.selector = labels.Nothing()
		}
		w.budgets[key] = known
	}
	known.Status.CurrentHealthy = int32(number(o, "status", "currentHealthy"))
	known.Status.DesiredHealthy = int32(number(o, "status", "desiredHealthy"))
	known.Status.DisruptionsAllowed = int32(number(o, "status", "disruptionsAllowed"))
	return known
}

func (b budget) selects(pod map[string]any, namespace string) bool {
	return b.Namespace == namespace && b.selector.Matches(labelsOf(pod))
}

func (w *World) budgetsOf(pod map[string]any) []budget {
	var out []budget
	for _, o := range w.all("poddisruptionbudgets") {
		if b := w.budget(o); b.selects(pod, namespaceOf(pod)) {
			out = append(out, b)
		}
	}
	return out
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
		b := w.budget(o)
		pods, healthy := int64(0), int64(0)
		for _, p := range w.all("pods") {
			if !b.selects(p, namespaceOf(p)) {
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
func (w *World) wanted(b budget, pods int64) (expected, desired int64) {
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
func (w *World) scaleOf(b budget) (n int64) {
	for _, resource := range []string{"replicasets", "statefulsets"} {
		for _, o := range w.all(resource) {
			if template := fieldsOf(o, "spec", "template"); template != nil && b.selects(template, namespaceOf(o)) {
				n += replicasOf(o)
			}
		}
	}
	return n
}

func replicasOf(o map[string]any) int64 {
	if at(o, "spec", "replicas") == nil {
		return 1
	}
	return number(o, "spec", "replicas")
}

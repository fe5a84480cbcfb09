package kube

// PlanDrain: what draining a node means, before anything is touched.

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// DrainOptions are the choices of a drain, as in kubectl and Ansible's k8s_drain.
type DrainOptions struct {
	Force            bool   // also pods that no controller will make anew
	IgnoreDaemonSets bool   // leave pods of DaemonSets
	DeleteEmptyDir   bool   // also pods that lose local data
	DisableEviction  bool   // delete instead of evict: budgets are not asked (Longhorn's instance managers excepted)
	GraceSeconds     *int   // for a pod to end; nil: its own
	Selector         string // only pods with these labels
	Timeout          time.Duration
	// Timeout bounds the whole drain; 0 means that it may take for ever.
}

// DrainPlan is what draining a node means.
type DrainPlan struct {
	Node    string
	Pods    []PodVerdict // by namespace and name
	options DrainOptions
}

// PlanDrain looks at the pods of a node and at the budgets that hold them, and decides. It changes nothing.
func PlanDrain(ctx context.Context, r Reader, node string, o DrainOptions) (DrainPlan, error) {
	list, err := r.List(ctx, pods, podsOf(node, o))
	if err != nil {
		return DrainPlan{}, err
	}
	pdbs, err := listBudgets(ctx, r)
	if err != nil {
		return DrainPlan{}, err
	}
	plan := DrainPlan{Node: node, options: o}
	daemons := map[string]bool{}
	for _, item := range list.Items {
		var p corev1.Pod
		if err := item.Into(&p); err != nil {
			return DrainPlan{}, err
		}
		has, err := hasDaemonSet(ctx, r, &p, daemons)
		if err != nil {
			return DrainPlan{}, err
		}
		plan.Pods = append(plan.Pods, verdictOn(&p, o, has, pdbs))
	}
	slices.SortFunc(plan.Pods, func(a, b PodVerdict) int { return strings.Compare(a.Ref(), b.Ref()) })
	return plan, nil
}

func verdictOn(p *corev1.Pod, o DrainOptions, hasDaemonSet bool, pdbs []policyv1.PodDisruptionBudget) PodVerdict {
	v := PodVerdict{Namespace: p.Namespace, Name: p.Name, UID: string(p.UID), Claims: claimsOf(p), wave: waveOf(p)}
	action, why := judge(p, o, hasDaemonSet)
	v.Action, v.Why = action, string(why)
	if v.Action == Move && !o.deletes(v) {
		v.Waits, v.Never = holdBack(p, pdbs)
	}
	return v
}

// deletes tells whether a pod is deleted without asking its budget. Longhorn's instance managers never are: their budget is what
// keeps the last replica of a volume alive.
func (o DrainOptions) deletes(v PodVerdict) bool {
	return o.DisableEviction && v.wave != instanceManagers
}

func podsOf(node string, o DrainOptions) Query {
	return Query{Fields: "spec.nodeName=" + node, Labels: o.Selector}
}

func listBudgets(ctx context.Context, r Reader) ([]policyv1.PodDisruptionBudget, error) {
	list, err := r.List(ctx, budgets, Query{})
	if err != nil {
		if Forbidden(err) || NotFound(err) {
			return nil, nil // they only explain; the server enforces them in any case
		}
		return nil, err
	}
	out := make([]policyv1.PodDisruptionBudget, len(list.Items))
	for i, item := range list.Items {
		if err := item.Into(&out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// hasDaemonSet tells whether the DaemonSet that controls a pod exists; each is asked for once.
func hasDaemonSet(ctx context.Context, r Reader, p *corev1.Pod, asked map[string]bool) (bool, error) {
	owner := metav1.GetControllerOf(p)
	if !ofDaemonSet(owner) {
		return false, nil
	}
	key := p.Namespace + "/" + owner.Name
	if has, ok := asked[key]; ok {
		return has, nil
	}
	_, err := r.Get(ctx, daemonSets, p.Namespace, owner.Name)
	if err != nil && !NotFound(err) {
		return false, err
	}
	asked[key] = err == nil
	return asked[key], nil
}

// Moving returns the pods that the drain moves.
func (p DrainPlan) Moving() []PodVerdict { return p.with(Move) }

func (p DrainPlan) with(a Action) []PodVerdict {
	var out []PodVerdict
	for _, v := range p.Pods {
		if v.Action == a {
			out = append(out, v)
		}
	}
	return out
}

// Err says which pods the drain may not touch and which option would allow it; nil if there are none.
func (p DrainPlan) Err() error {
	remedy := map[string]string{
		string(isDaemon):    "DaemonSet-managed Pods (use option ignore_daemonsets set to yes)",
		string(isStray):     "Pods of a DaemonSet that is gone (use option force set to yes)",
		string(hasLocal):    "Pods with local storage (use option delete_emptydir_data set to yes)",
		string(isUnmanaged): "Pods not managed by ReplicationController, ReplicaSet, Job, DaemonSet or StatefulSet (use option force set to yes)",
	}
	texts := grouped(p.with(Refuse), func(why, pods string) string { return "cannot delete " + remedy[why] + ": " + pods + "." })
	if len(texts) == 0 {
		return nil
	}
	return fmt.Errorf("Pod deletion errors: %s", strings.Join(texts, " ")) //nolint:staticcheck // Ansible's words
}

// Warnings says what a person should know about a drain that may go on.
func (p DrainPlan) Warnings() []string {
	what := map[string]string{
		string(isDaemon): "Ignoring DaemonSet-managed Pods", string(isStray): "Deleting Pods of a DaemonSet that is gone",
		string(isMirror): "cannot delete mirror Pods using API server", string(hasLocal): "Deleting Pods with local storage",
		string(isUnmanaged): "Deleting Pods not managed by ReplicationController, ReplicaSet, Job, DaemonSet or StatefulSet",
	}
	var noted []PodVerdict
	for _, v := range p.Pods {
		if v.Why != "" && v.Action != Refuse {
			noted = append(noted, v)
		}
	}
	return grouped(noted, func(why, pods string) string { return what[why] + ": " + pods + "." })
}

// grouped says one thing for all pods of one reason, in the order in which reasons first appear.
func grouped(vs []PodVerdict, say func(why, pods string) string) []string {
	var order []string
	refs := map[string][]string{}
	for _, v := range vs {
		if refs[v.Why] == nil {
			order = append(order, v.Why)
		}
		refs[v.Why] = append(refs[v.Why], v.Ref())
	}
	out := make([]string, len(order))
	for i, why := range order {
		out[i] = say(why, strings.Join(refs[why], ","))
	}
	return out
}

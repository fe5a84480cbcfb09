package kubernetes

// k8s_drain: cordon, drain, uncordon.

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// K8sDrain cordons, drains and uncordons nodes.
var K8sDrain = module.Define(module.Spec{
	Name:     "kubernetes.core.k8s_drain",
	Aliases:  []string{"community.kubernetes.k8s_drain"},
	Doc:      "Drain, cordon or uncordon a node; evictions that a disruption budget refuses are tried again until the time is up, and then the task fails.",
	Lacks:    kube.Lacks(),
	Disrupts: drainDisrupts,
}, planDrain)

// drainDisrupts tells which of its three things the module is to do.
func drainDisrupts(args module.Args) module.Disruption {
	kind := module.Drain
	switch args.Value("state") {
	case "cordon":
		kind = module.Cordon
	case "uncordon":
		kind = module.Uncordon
	}
	node, _ := args.Value("name").(string)
	return module.Disruption{Kind: kind, Node: node, What: string(kind) + " of node " + node, Access: args}
}

type drainArgs struct {
	kube.Access
	State         string     `arg:"state,default=drain,choices=cordon|drain|uncordon" doc:"What to do."`
	Name          string     `arg:"name,required" doc:"Name of the node."`
	DeleteOptions *value.Map `arg:"delete_options" doc:"How to drain: force, ignore_daemonsets, delete_emptydir_data, disable_eviction, terminate_grace_period (0: the pod's own), wait_timeout (seconds for the whole drain; 0: for ever; not given: 600), wait_sleep (taken, but pods are watched)."`
	PodSelectors  []string   `arg:"pod_selectors,alias=label_selectors" doc:"Only pods that match all these label selectors."`
}

func planDrain(ctx context.Context, v module.View, a drainArgs) (module.Plan, error) {
	o, err := drainOptions(a)
	if err != nil {
		return module.Done(module.Fail("%v", err)), nil
	}
	r, err := kube.Read(ctx, v, a.Access)
	if err != nil {
		return failed(ctx, err)
	}
	schedulable, err := kube.Schedulable(ctx, r, a.Name)
	switch {
	case kube.NotFound(err):
		return module.Done(module.Fail("Node %s not found.", a.Name)), nil
	case err != nil:
		return failed(ctx, err)
	case a.State == "drain":
		return planEmptying(ctx, r, a, o, schedulable)
	}
	word, on := "schedulable", a.State == "uncordon"
	if !on {
		word = "unschedulable"
	}
	if schedulable == on {
		return module.Done(answer(fmt.Sprintf("node %s already marked %s.", a.Name, word))), nil
	}
	done := answer(fmt.Sprintf("node %s marked %s.", a.Name, word))
	return module.Change(scheduling(schedulable, on), func(ctx context.Context, h module.Host) (module.Result, error) {
		if err := mark(ctx, h, a, on); err != nil {
			return failure(ctx, err)
		}
		done.Changed = true
		return done, nil
	}).Predicting(done), nil
}

func answer(text string) module.Result { return module.Result{}.With("result", text) }

func scheduling(before, after bool) module.Diff {
	text := func(on bool) string { return fmt.Sprintf("spec:\n  unschedulable: %v\n", !on) }
	return module.Text(text(before), text(after))
}

func mark(ctx context.Context, h module.Host, a drainArgs, on bool) error {
	c, err := kube.Open(ctx, h, a.Access)
	if err != nil {
		return err
	}
	return kube.SetSchedulable(ctx, c, a.Name, on)
}

// drainOptions reads what a task says of its drain.
func drainOptions(a drainArgs) (kube.DrainOptions, error) {
	o, err := kube.DrainOptionsOf(a.DeleteOptions)
	o.Selector = strings.Join(a.PodSelectors, ",")
	return o, err
}

// planEmptying plans a drain. What it may not touch is found out before the node is cordoned.
func planEmptying(ctx context.Context, r kube.Reader, a drainArgs, o kube.DrainOptions, schedulable bool) (module.Plan, error) {
	plan, err := kube.PlanDrain(ctx, r, a.Name, o)
	if err != nil {
		return failed(ctx, err)
	}
	if err := plan.Err(); err != nil {
		return module.Done(module.Fail("%v", err)), nil
	}
	moving := plan.Moving()
	result := drained(a.Name, schedulable, len(moving))
	result.Warnings = plan.Warnings()
	if !schedulable && len(moving) == 0 {
		return module.Done(result), nil
	}
	return module.Change(emptying(a.Name, moving, schedulable), func(ctx context.Context, h module.Host) (module.Result, error) {
		return empty(ctx, h, a, o)
	}).Predicting(result), nil
}

// drained makes the result in Ansible's words.
func drained(node string, schedulable bool, pods int) module.Result {
	text := fmt.Sprintf("node %s already marked unschedulable.", node)
	if schedulable {
		text = fmt.Sprintf("node %s marked unschedulable.", node)
	}
	if pods > 0 {
		text += fmt.Sprintf(" %d Pod(s) deleted from node.", pods)
	}
	return answer(text)
}

// emptying shows what a drain takes off the node, and what each pod will wait for.
func emptying(node string, moving []kube.PodVerdict, schedulable bool) module.Diff {
	d := scheduling(schedulable, false)
	if !schedulable {
		d = module.Diff{}
	}
	if len(moving) > 0 {
		d.Before += "pods on " + node + ":\n"
	}
	for _, p := range moving {
		d.Before += "- " + p.Ref()
		if p.Waits != "" {
			d.Before += "  # " + p.Waits
		}
		d.Before += "\n"
	}
	return d
}

// empty cordons, looks again and carries the drain out. When it does not succeed, the node stays cordoned: what becomes of it is
// decided by rescue.
func empty(ctx context.Context, h module.Host, a drainArgs, o kube.DrainOptions) (module.Result, error) {
	c, err := kube.Open(ctx, h, a.Access)
	if err != nil {
		return failure(ctx, err)
	}
	schedulable, err := kube.Schedulable(ctx, c, a.Name)
	if err != nil {
		return failure(ctx, err)
	}
	if schedulable {
		if err := kube.SetSchedulable(ctx, c, a.Name, false); err != nil {
			return failure(ctx, err)
		}
	}
	plan, err := kube.PlanDrain(ctx, c, a.Name, o)
	if err != nil {
		return changedBefore(ctx, err, schedulable)
	}
	moved, err := plan.Carry(ctx, c, h.Progress)
	if err != nil {
		return changedBefore(ctx, err, schedulable || moved > 0)
	}
	r := drained(a.Name, schedulable, moved)
	r.Changed, r.Warnings = schedulable || moved > 0, plan.Warnings()
	return r, nil
}

// changedBefore is the failure of a drain that has changed something before; pods lists those that are still there, with the reason.
func changedBefore(ctx context.Context, cause error, changed bool) (module.Result, error) {
	r, err := failure(ctx, cause)
	r.Changed = changed
	var left *kube.Remaining
	if errors.As(cause, &left) {
		pods := make([]any, len(left.Pods))
		for i, p := range left.Pods {
			pods[i] = value.NewMap("pod", p.Ref, "reason", p.Why)
		}
		r = r.With("pods", pods)
	}
	return r, err
}

package preview

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// This file holds what the drains of a run would do to the pods of a node.

// drain is how a task of the run drains.
type drain struct {
	kube.Access
	kube.DrainOptions
	task Prospect
}

// drainModule is the module whose arguments are known here; other drains are commands, of which only the disruption is.
const drainModule = "kubernetes.core.k8s_drain"

// drainArgs are the arguments of k8s_drain that matter beforehand; the module contract reads them, as it does for the module itself.
type drainArgs struct {
	kube.Access
	DeleteOptions *value.Map `arg:"delete_options" doc:"How to drain."`
	PodSelectors  []string   `arg:"pod_selectors,alias=label_selectors" doc:"Only these pods."`
}

// drainsOf reads the drains before a host. Arguments that only the run knows leave the rest as it is, except those that say which pods go and how.
func drainsOf(ctx context.Context, s *subject) ([]drain, error) {
	var out []drain
	for _, p := range s.prospects {
		if p.Disruption.Kind != module.Drain || p.Module.Spec().Name != drainModule {
			continue
		}
		if slices.Contains(p.Unknown, "pod_selectors") || slices.Contains(p.Unknown, "label_selectors") {
			continue // it names pods that are part of what another look shows
		}
		if hidden := slices.DeleteFunc(slices.Clone(p.Unknown), func(a string) bool { return a == "name" }); len(hidden) > 0 {
			return nil, fmt.Errorf("%s: its %s is only found out by the run itself", p.Task, strings.Join(hidden, ", "))
		}
		d, err := readDrain(ctx, p)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.Task, err)
		}
		out = append(out, d)
	}
	return out, nil
}

// readDrain decodes the arguments of a drain.
func readDrain(ctx context.Context, p Prospect) (drain, error) {
	d := drain{task: p}
	reader := module.Define(module.Spec{Name: drainModule, Doc: "Read the arguments of a drain.", AnyArgs: true},
		func(_ context.Context, _ module.View, a drainArgs) (module.Plan, error) {
			var err error
			d.Access = a.Access
			d.DrainOptions, err = kube.DrainOptionsOf(a.DeleteOptions)
			d.Selector = strings.Join(a.PodSelectors, ",")
			return module.Done(module.Result{}), err
		})
	plan, err := reader.Plan(ctx, nil, p.Args)
	if r := plan.Result(); err == nil && r.Failed {
		err = errors.New(r.Msg)
	}
	return d, err
}

// emptied plans the drains of the host's node.
func (s *subject) emptied(ctx context.Context) {
	for _, d := range s.drains {
		plan, err := kube.PlanDrain(ctx, s.place.reader, s.place.node, d.DrainOptions)
		if err != nil {
			s.blind = append(s.blind, fmt.Errorf("the pods of node %s: %w", s.place.node, err))
			return
		}
		s.pods = merged(s.pods, plan.Pods)
	}
}

// merged adds what a further drain does with pods: one that moves by any of them moves, one that any refuses is refused.
func merged(pods, more []kube.PodVerdict) []kube.PodVerdict {
	for _, v := range more {
		i := slices.IndexFunc(pods, func(p kube.PodVerdict) bool { return p.Ref() == v.Ref() })
		switch {
		case i < 0:
			pods = append(pods, v)
		case v.Action == kube.Refuse || pods[i].Action == kube.Leave:
			pods[i] = v
		}
	}
	return pods
}

// podsOf are the pods as the preview has them, with what keeps the drain from moving them.
func (s *subject) podsOf() (pods []Pod, blockers []Blocker) {
	for _, v := range s.pods {
		p := Pod{Name: v.Ref(), Fate: Moves, Why: v.Why, Waits: v.Waits}
		switch v.Action {
		case kube.Leave:
			p.Fate = Stays
		case kube.Refuse:
			p.Fate = Refused
		}
		if v.Longhorns() {
			p.Waits = "" // Longhorn takes this budget away itself, unless its rules say no: that is another check
		}
		if p.Fate == Moves {
			p.Pinned = s.place.pins.On(s.place.node, v.Claims)
		}
		if b := p.blocker(v.Never); b != nil {
			blockers = append(blockers, *b)
		}
		pods = append(pods, p)
	}
	return pods, blockers
}

// remedies say what would let a drain move a pod that it may not touch, by the reason.
var remedies = map[string]string{
	"DaemonSet-managed":           "delete_options: {ignore_daemonsets: true} leaves it where it is",
	"of a DaemonSet that is gone": "delete_options: {force: true} deletes it for good",
	"with local storage":          "delete_options: {delete_emptydir_data: true} moves it and loses what is in its emptyDir",
	"not managed by a controller": "delete_options: {force: true} deletes it for good: nothing makes it anew",
}

// blocker says why a drain cannot move a pod; nil: it can.
func (p Pod) blocker(never bool) *Blocker {
	b := Blocker{Check: CheckPods, About: p.Name}
	switch {
	case p.Fate == Refused:
		b.Found, b.Mend = "the drain would refuse a pod "+p.Why, remedies[p.Why]
	case p.Fate == Moves && p.Waits != "" && never:
		b.Found, b.Mend = p.Waits, "run one more of it, or let its budget allow one to be away"
	case p.Fate == Moves && p.Waits != "":
		b.Found, b.Mend = p.Waits, "wait until all of it is healthy, or see what keeps it from that"
	default:
		return nil
	}
	return &b
}

package longhorn

// longhorn_info: the storage of a cluster as a result.

import (
	"context"

	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// Info reads Longhorn's state.
var Info = module.Define(module.Spec{
	Name:    "drydock.core.longhorn_info",
	Aliases: []string{"drydock.longhorn.longhorn_info"},
	Doc:     "Read how Longhorn's volumes, replicas and nodes are, and what would hold the drain of each node.",
	Lacks:   kube.Lacks(),
}, planInfo)

type infoArgs struct {
	kube.Access
	Place
	Node string `arg:"node" doc:"Only this node, the volumes in use on it and the replicas that it holds."`
}

func planInfo(ctx context.Context, v module.View, a infoArgs) (module.Plan, error) {
	r, err := kube.Read(ctx, v, a.Access)
	if err != nil {
		return failed(ctx, err)
	}
	s, err := kube.ReadStorage(ctx, r, a.Namespace)
	if err != nil {
		return failed(ctx, err)
	}
	result := module.Result{}.With("longhorn", true).With("drain_policy", s.DrainPolicy)
	result = result.With("volumes", volumes(s, a.Node)).With("replicas", replicas(s, a.Node))
	return module.Done(result.With("engines", engines(s, a.Node)).With("nodes", nodes(s, a.Node))), nil
}

func volumes(s kube.Storage, node string) []any {
	health := map[string]kube.Health{}
	for _, h := range s.Health() {
		health[h.Volume] = h
	}
	out := []any{}
	for _, v := range s.Volumes {
		if node != "" && v.Status.CurrentNodeID != node {
			continue
		}
		h := health[v.Name]
		out = append(out, value.NewMap(
			"name", v.Name, "claim", h.Claim, "state", string(v.Status.State), "robustness", string(v.Status.Robustness),
			"node", v.Status.CurrentNodeID, "replicas", v.Spec.NumberOfReplicas, "access_mode", string(v.Spec.AccessMode),
			"share_state", string(v.Status.ShareState), "condition", string(h.Condition), "why", h.Why, "rebuild_percent", rebuilt(h),
		))
	}
	return out
}

// rebuilt is the progress of a rebuild, null without one.
func rebuilt(h kube.Health) any {
	if h.Percent < 0 {
		return nil
	}
	return h.Percent
}

func replicas(s kube.Storage, node string) []any {
	out := []any{}
	for _, r := range s.Replicas {
		if node != "" && r.Spec.NodeID != node {
			continue
		}
		out = append(out, value.NewMap(
			"name", r.Name, "volume", r.Spec.VolumeName, "node", r.Spec.NodeID, "state", string(r.Status.CurrentState),
			"healthy_at", r.Spec.HealthyAt, "failed_at", r.Spec.FailedAt,
		))
	}
	return out
}

func engines(s kube.Storage, node string) []any {
	out := []any{}
	for _, e := range s.Engines {
		if node != "" && e.Spec.NodeID != node {
			continue
		}
		modes := &value.Map{}
		for name, m := range e.Status.ReplicaModeMap {
			modes.Set(name, string(m))
		}
		out = append(out, value.NewMap("name", e.Name, "volume", e.Spec.VolumeName, "node", e.Spec.NodeID,
			"state", string(e.Status.CurrentState), "replica_modes", modes))
	}
	return out
}

// nodes tells for each node what is in use there and what would hold its drain.
func nodes(s kube.Storage, node string) []any {
	out := []any{}
	for _, n := range s.Nodes {
		if node != "" && n.Name != node {
			continue
		}
		out = append(out, value.NewMap(
			"name", n.Name, "ready", s.Ready(n.Name), "allow_scheduling", n.Spec.AllowScheduling, "cordoned", s.Cordoned[n.Name],
			"attached_volumes", value.From(s.Attached(n.Name)), "drain_blockers", value.From(s.Holds(n.Name)),
		))
	}
	return out
}

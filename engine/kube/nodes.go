package kube

// The nodes of a cluster, with what a maintenance must know of each.

import (
	"context"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// NodeState is a node as the cluster sees it.
type NodeState struct {
	Name      string
	Addresses []string // IP addresses and host names
	Server    bool     // it carries a control plane
	Etcd      bool     // it is a member of the embedded etcd
	Ready     bool
	Cordoned  bool
}

// ReadNodes lists the nodes, by name.
func ReadNodes(ctx context.Context, r Reader) ([]NodeState, error) {
	list, err := listOf[corev1.Node](ctx, r, nodes, "")
	if err != nil {
		return nil, err
	}
	out := make([]NodeState, len(list))
	for i, n := range list {
		out[i] = stateOf(n)
	}
	slices.SortFunc(out, func(a, b NodeState) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

func stateOf(n corev1.Node) NodeState {
	s := NodeState{Name: n.Name, Cordoned: n.Spec.Unschedulable}
	for _, label := range []string{"node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"} {
		_, has := n.Labels[label]
		s.Server = s.Server || has
	}
	_, s.Etcd = n.Labels["node-role.kubernetes.io/etcd"]
	for _, a := range n.Status.Addresses {
		s.Addresses = append(s.Addresses, a.Address)
	}
	for _, c := range n.Status.Conditions {
		if c.Type == corev1.NodeReady {
			s.Ready = c.Status == corev1.ConditionTrue
		}
	}
	return s
}

// ClusterID is what tells one cluster from another: the identity of its namespace kube-system, which nobody can make again.
func ClusterID(ctx context.Context, r Reader) (string, error) {
	o, err := r.Get(ctx, namespaces, "", "kube-system")
	if err != nil {
		return "", err
	}
	return o.UID(), nil
}

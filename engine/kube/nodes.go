package kube

// The nodes of a census, in words that need no Kubernetes types.

import (
	"context"
	"slices"
)

// NodeState is a node as the cluster sees it.
type NodeState struct {
	Name     string
	Server   bool   // it carries a control plane
	Etcd     bool   // it is a member of the embedded etcd
	Unready  string // why it is not Ready; empty: it is
	Cordoned bool
}

// States are the nodes, by name.
func (c Census) States() []NodeState {
	voters := c.Voters()
	out := make([]NodeState, len(c.Nodes))
	for i, n := range c.Nodes {
		out[i] = NodeState{Name: n.Name, Server: isServer(n), Etcd: slices.Contains(voters, n.Name), Unready: unready(n), Cordoned: n.Spec.Unschedulable}
	}
	return out
}

// ClusterID is what tells one cluster from another: the identity of its namespace kube-system, which nobody can make again.
func ClusterID(ctx context.Context, r Reader) (string, error) {
	o, err := r.Get(ctx, namespaces, "", "kube-system")
	if err != nil {
		return "", err
	}
	return o.UID(), nil
}

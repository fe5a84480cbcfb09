package kube

// The census: the cluster's nodes, read together, with the time as the cluster has it. The decisions about nodes are pure functions over it.

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// Census is the nodes of a cluster at one time.
type Census struct {
	Nodes []corev1.Node // by name
	Now   time.Time     // by the API server's clock, or by the newest word of a node where that is later
}

// The labels by which K3s says what a node does.
const (
	labelControlPlane = "node-role.kubernetes.io/control-plane"
	labelMaster       = "node-role.kubernetes.io/master"
	labelEtcd         = "node-role.kubernetes.io/etcd"
)

// ReadCensus lists the nodes and asks for the time. The clock of this machine has no say: it may be wrong.
func ReadCensus(ctx context.Context, r Reader) (Census, error) {
	list, err := listOf[corev1.Node](ctx, r, nodes, "")
	if err != nil {
		return Census{}, err
	}
	now, err := ServerTime(ctx, r)
	if err != nil {
		return Census{}, err
	}
	return TakeCensus(list, now), nil
}

// TakeCensus makes a census of nodes; now is the API server's time.
func TakeCensus(list []corev1.Node, now time.Time) Census {
	c := Census{Nodes: list, Now: now}
	slices.SortFunc(c.Nodes, func(a, b corev1.Node) int { return strings.Compare(a.Name, b.Name) })
	for _, n := range list {
		for _, k := range n.Status.Conditions {
			if k.LastHeartbeatTime.After(c.Now) {
				c.Now = k.LastHeartbeatTime.Time
			}
		}
	}
	return c
}

// Names are the names of the nodes.
func (c Census) Names() []string {
	out := make([]string, len(c.Nodes))
	for i, n := range c.Nodes {
		out[i] = n.Name
	}
	return out
}

// Has tells whether there is a node of a name.
func (c Census) Has(node string) bool {
	_, ok := c.node(node)
	return ok
}

// Cordoned tells whether a node takes no pods.
func (c Census) Cordoned(node string) bool {
	n, _ := c.node(node)
	return n.Spec.Unschedulable
}

// BootID is the boot that a node has told of; empty: it has told of none.
func (c Census) BootID(node string) string {
	n, _ := c.node(node)
	return n.Status.NodeInfo.BootID
}

// Server tells whether a node carries a control plane.
func (c Census) Server(node string) bool {
	n, _ := c.node(node)
	return isServer(n)
}

// Voters are the nodes that are members of the embedded etcd.
func (c Census) Voters() []string {
	var out []string
	for _, n := range c.Nodes {
		if hasEtcd(n) {
			out = append(out, n.Name)
		}
	}
	return out
}

func (c Census) node(name string) (corev1.Node, bool) {
	for _, n := range c.Nodes {
		if n.Name == name {
			return n, true
		}
	}
	return corev1.Node{}, false
}

func isServer(n corev1.Node) bool {
	_, plane := n.Labels[labelControlPlane]
	_, master := n.Labels[labelMaster]
	return plane || master
}

func hasEtcd(n corev1.Node) bool {
	_, has := n.Labels[labelEtcd]
	return has
}

// nodeCondition is a condition of a node.
func nodeCondition(n corev1.Node, name corev1.NodeConditionType) (corev1.NodeCondition, bool) {
	for _, c := range n.Status.Conditions {
		if c.Type == name {
			return c, true
		}
	}
	return corev1.NodeCondition{}, false
}

// unready says why a node is not Ready; empty: it is.
func unready(n corev1.Node) string {
	c, ok := nodeCondition(n, corev1.NodeReady)
	switch {
	case !ok:
		return "has not said yet whether it is Ready"
	case c.Status == corev1.ConditionTrue:
		return ""
	case c.Message != "":
		return fmt.Sprintf("is not Ready (%s: %s)", c.Reason, c.Message)
	case c.Reason != "":
		return fmt.Sprintf("is not Ready (%s)", c.Reason)
	}
	return "is not Ready"
}

// ServerTime is the time by the clock of the API server.
func ServerTime(ctx context.Context, r Reader) (time.Time, error) {
	c, ok := r.(interface {
		date(context.Context) (time.Time, error)
	})
	if !ok {
		return time.Time{}, errNoProbe
	}
	return c.date(ctx)
}

func (t told) date(ctx context.Context) (time.Time, error) {
	return t.client.date(withProgress(ctx, t.progress))
}

func (c *client) date(ctx context.Context) (time.Time, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.kinds.base+"/version", nil)
	if err != nil {
		return time.Time{}, err
	}
	resp, err := c.kinds.http.Do(req)
	if err != nil {
		return time.Time{}, fmt.Errorf("ask the API server for its time: %w", err)
	}
	resp.Body.Close()
	at, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return time.Time{}, fmt.Errorf("ask the API server for its time: %w", err)
	}
	return at, nil
}

package pace

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/drydock-dev/drydock/engine/guard"
	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/value"
)

// This file holds the pods that block while they are there.

// pods asks the cluster for pods of each selector that are not at their end. No answer blocks, since nobody knows then.
func (w *waiting) pods(ctx context.Context) []blocker {
	if len(w.Settings.BlockingPods) == 0 {
		return nil
	}
	cluster, err := w.Cluster(ctx, w.ahead)
	if err != nil {
		return []blocker{{"pod", fmt.Sprintf("the cluster does not say which pods there are: %v", err)}}
	}
	on, err := w.nodes(ctx, cluster)
	if err != nil {
		return []blocker{{"pod", fmt.Sprintf("the cluster does not say which nodes there are: %v", err)}}
	}
	var out []blocker
	for _, selector := range w.Settings.BlockingPods {
		found, err := kube.Unfinished(ctx, cluster, selector)
		if err != nil {
			out = append(out, blocker{"pod", fmt.Sprintf("the cluster does not say which pods match %s: %v", selector, err)})
			continue
		}
		for _, pod := range found {
			if node := pod.Node(); on == nil || slices.Contains(on, node) {
				out = append(out, blocker{"pod", fmt.Sprintf("pod %s/%s, which %s matches, is on %s", pod.Namespace(), pod.Name(), selector, cmp.Or(node, "no node yet"))})
			}
		}
	}
	return out
}

// nodes are those whose pods count, nil if all do: that is asked for, or it cannot be told which node one of the hosts is.
func (w *waiting) nodes(ctx context.Context, cluster kube.Reader) ([]string, error) {
	if w.Settings.PodScope != "node" {
		return nil, nil
	}
	census, err := kube.ReadCensus(ctx, cluster)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, h := range w.ahead.Hosts {
		t := kube.Traits{Inventory: h, Variable: w.text(h, kube.NodeVariable)}
		if at := w.text(h, "ansible_host"); at != "" {
			t.Names, t.Addresses = []string{at}, []string{at}
		}
		node, err := census.Match(t)
		if err != nil {
			return nil, nil //nolint:nilerr // then all pods count
		}
		out = append(out, node)
	}
	return out, nil
}

// text is a variable of a host; empty: there is none.
func (w *waiting) text(host, name string) string {
	v, _ := w.ahead.Site.Var(host, name)
	s, _ := v.(string)
	return s
}

// FindCluster reaches the cluster by a kubeconfig of the controller that a host's variable or the settings name, else by the first that the
// controller or a host of the inventory has.
func FindCluster(kubeconfig string) func(context.Context, Ahead) (kube.Reader, error) {
	return func(ctx context.Context, a Ahead) (kube.Reader, error) {
		named := kubeconfig
		if v, ok := a.Site.Var(a.Hosts[0], guard.KubeconfigVariable); ok {
			named = value.Str(v)
		}
		if named != "" {
			return read(ctx, a.Site, "localhost", kube.Access{Kubeconfig: named})
		}
		cluster, first := read(ctx, a.Site, "localhost", kube.Access{})
		if first == nil {
			return cluster, nil
		}
		for _, h := range a.Site.Hosts() {
			if cluster, err := read(ctx, a.Site, h, kube.Access{}); err == nil {
				return cluster, nil
			}
		}
		return nil, first
	}
}

func read(ctx context.Context, site guard.Site, host string, a kube.Access) (kube.Reader, error) {
	h, err := site.Reach(ctx, host)
	if err != nil {
		return nil, err
	}
	return kube.Read(ctx, h, a)
}

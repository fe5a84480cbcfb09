package pace

import (
	"context"
	"fmt"

	"github.com/drydock-dev/drydock/engine/guard"
	"github.com/drydock-dev/drydock/engine/kube"
)

// This file holds the pods that block while they are there.

// pods asks the cluster for pods of each selector that are not at their end. No answer blocks, since nobody knows then.
func (w *waiting) pods(ctx context.Context) []blocker {
	if len(w.Settings.BlockingPods) == 0 {
		return nil
	}
	cluster, err := w.Cluster(ctx, w.ahead.Site)
	if err != nil {
		return []blocker{{"pod", fmt.Sprintf("the cluster does not say which pods there are: %v", err)}}
	}
	var out []blocker
	for _, selector := range w.Settings.BlockingPods {
		found, err := kube.Unfinished(ctx, cluster, selector)
		if err != nil {
			out = append(out, blocker{"pod", fmt.Sprintf("the cluster does not say which pods match %s: %v", selector, err)})
			continue
		}
		for _, pod := range found {
			out = append(out, blocker{"pod", fmt.Sprintf("pod %s/%s, which %s matches, is there", pod.Namespace(), pod.Name(), selector)})
		}
	}
	return out
}

// FindCluster reaches the cluster by a kubeconfig of the controller that is named, else by the first that the controller or a host of the
// inventory has.
func FindCluster(kubeconfig string) func(context.Context, guard.Site) (kube.Reader, error) {
	return func(ctx context.Context, site guard.Site) (kube.Reader, error) {
		if kubeconfig != "" {
			return read(ctx, site, "localhost", kube.Access{Kubeconfig: kubeconfig})
		}
		cluster, first := read(ctx, site, "localhost", kube.Access{})
		if first == nil {
			return cluster, nil
		}
		for _, h := range site.Hosts() {
			if cluster, err := read(ctx, site, h, kube.Access{}); err == nil {
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

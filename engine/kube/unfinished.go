package kube

import (
	"context"
	"slices"
)

// Unfinished lists the pods that match a label selector, in any namespace, and are pending or running.
func Unfinished(ctx context.Context, r Reader, labels string) ([]Object, error) {
	all, err := r.List(ctx, pods, Query{Labels: labels})
	return slices.DeleteFunc(all.Items, func(p Object) bool {
		phase := p.text("status", "phase")
		return phase == "Succeeded" || phase == "Failed"
	}), err
}

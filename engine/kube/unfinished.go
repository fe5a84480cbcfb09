package kube

import (
	"context"
	"slices"

	"k8s.io/apimachinery/pkg/labels"
)

// CheckSelector tells what is wrong with a label selector.
func CheckSelector(selector string) error {
	_, err := labels.Parse(selector)
	return err
}

// Unfinished lists the pods that match a label selector, in any namespace, and are pending or running.
func Unfinished(ctx context.Context, r Reader, selector string) ([]Object, error) {
	all, err := r.List(ctx, pods, Query{Labels: selector})
	return slices.DeleteFunc(all.Items, func(p Object) bool {
		phase := p.text("status", "phase")
		return phase == "Succeeded" || phase == "Failed"
	}), err
}

// Node is the node that a pod is on; empty: none yet.
func (o Object) Node() string { return o.text("spec", "nodeName") }

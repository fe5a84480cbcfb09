package kube

import (
	"context"

	"github.com/drydock-dev/drydock/engine/value"
)

// Schedulable tells whether a node takes new pods.
func Schedulable(ctx context.Context, r Reader, node string) (bool, error) {
	o, err := r.Get(ctx, nodes, "", node)
	if err != nil {
		return false, err
	}
	off, _ := o.at("spec", "unschedulable").(bool)
	return !off, nil
}

// SetSchedulable lets a node take new pods, or not (a cordon).
func SetSchedulable(ctx context.Context, c Cluster, node string, on bool) error {
	_, err := c.Write(ctx, Write{
		Verb: Patch, Patch: Merge, Kind: nodes, Name: node,
		Body: value.NewMap("spec", value.NewMap("unschedulable", !on)),
	})
	return err
}

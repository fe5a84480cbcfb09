package kube

// Longhorn's objects, read together: the picture on which the verdicts of health.go and eviction_rule.go are pure functions.

import (
	"context"
	"errors"
	"fmt"

	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	corev1 "k8s.io/api/core/v1"
)

// LonghornNamespace is where Longhorn lives unless it was told otherwise.
const LonghornNamespace = "longhorn-system"

// longhornVersion is the API that all Longhorn releases since 1.3 serve.
const longhornVersion = "longhorn.io/v1beta2"

// ErrNoLonghorn says that the cluster has no Longhorn: neither its kinds nor its namespace.
var ErrNoLonghorn = errors.New("the cluster has no Longhorn")

// Storage is the state of a cluster's Longhorn at one time.
type Storage struct {
	Volumes          []longhorn.Volume
	Engines          []longhorn.Engine
	Replicas         []longhorn.Replica
	Nodes            []longhorn.Node
	InstanceManagers []longhorn.InstanceManager
	DrainPolicy      string          // setting node-drain-policy
	SoftAntiAffinity bool            // setting replica-soft-anti-affinity: two replicas may share a node
	Guarded          map[string]bool // instance managers that have their PodDisruptionBudget
	Cordoned         map[string]bool // nodes that take no pods
}

// ReadStorage reads Longhorn's objects of a namespace. That there is no Longhorn at all is ErrNoLonghorn; half of one is another error.
func ReadStorage(ctx context.Context, r Reader, namespace string) (Storage, error) {
	volumes, err := findLonghorn(ctx, r, namespace)
	if err != nil {
		return Storage{}, err
	}
	s := Storage{Guarded: map[string]bool{}, Cordoned: map[string]bool{}}
	if s.Volumes, err = listOf[longhorn.Volume](ctx, r, volumes, namespace); err != nil {
		return s, err
	}
	of := func(name, plural string) Kind {
		return Kind{Group: "longhorn.io", Version: "v1beta2", Name: name, Plural: plural, Namespaced: true}
	}
	if s.Engines, err = listOf[longhorn.Engine](ctx, r, of("Engine", "engines"), namespace); err != nil {
		return s, err
	}
	if s.Replicas, err = listOf[longhorn.Replica](ctx, r, of("Replica", "replicas"), namespace); err != nil {
		return s, err
	}
	if s.Nodes, err = listOf[longhorn.Node](ctx, r, of("Node", "nodes"), namespace); err != nil {
		return s, err
	}
	if s.InstanceManagers, err = listOf[longhorn.InstanceManager](ctx, r, of("InstanceManager", "instancemanagers"), namespace); err != nil {
		return s, err
	}
	return s, s.readAround(ctx, r, of("Setting", "settings"), namespace)
}

// findLonghorn resolves the kind of volumes, and tells a cluster without Longhorn from one whose Longhorn cannot be read.
func findLonghorn(ctx context.Context, r Reader, namespace string) (Kind, error) {
	kind, kindErr := r.Find(ctx, longhornVersion, "Volume")
	if kindErr != nil && !errors.Is(kindErr, ErrNoKind) {
		return Kind{}, kindErr
	}
	_, err := r.Get(ctx, namespaces, "", namespace)
	switch {
	case err != nil && !NotFound(err):
		return Kind{}, err
	case err != nil && kindErr != nil:
		return Kind{}, ErrNoLonghorn
	case err != nil:
		return Kind{}, fmt.Errorf("the cluster serves %s, but has no namespace %s: give namespace:", longhornVersion, namespace)
	case kindErr != nil:
		return Kind{}, fmt.Errorf("the cluster has namespace %s, but does not serve %s: is this a Longhorn older than 1.3, or half removed?", namespace, longhornVersion)
	}
	return kind, nil
}

// readAround reads what Longhorn's decisions depend on besides its own objects.
func (s *Storage) readAround(ctx context.Context, r Reader, settings Kind, namespace string) error {
	all, err := listOf[longhorn.Setting](ctx, r, settings, namespace)
	if err != nil {
		return err
	}
	for _, one := range all {
		switch one.Name {
		case "node-drain-policy":
			s.DrainPolicy = one.Value
		case "replica-soft-anti-affinity":
			s.SoftAntiAffinity = one.Value == "true"
		}
	}
	list, err := r.List(ctx, budgets, Query{Namespace: namespace})
	if err != nil && !Forbidden(err) {
		return err
	}
	for _, o := range list.Items {
		s.Guarded[o.Name()] = true
	}
	machines, err := listOf[corev1.Node](ctx, r, nodes, "")
	for _, n := range machines {
		s.Cordoned[n.Name] = n.Spec.Unschedulable
	}
	return err
}

// listOf lists a kind as its Go type. A kind that the server does not have (an older Longhorn) has no objects.
func listOf[T any](ctx context.Context, r Reader, k Kind, namespace string) ([]T, error) {
	list, err := r.List(ctx, k, Query{Namespace: namespace})
	if err != nil {
		if NotFound(err) {
			return nil, nil
		}
		return nil, err
	}
	out := make([]T, len(list.Items))
	for i, o := range list.Items {
		if err := o.Into(&out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func condition(all []longhorn.Condition, name string) (longhorn.Condition, bool) {
	for _, c := range all {
		if c.Type == name {
			return c, true
		}
	}
	return longhorn.Condition{}, false
}

// usable tells whether a replica holds data that can be worked with: the last rebuild ended well, nothing failed since.
func usable(r longhorn.Replica) bool { return r.Spec.HealthyAt != "" && r.Spec.FailedAt == "" }

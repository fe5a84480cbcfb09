package kube

// Stir: to be woken when something changes of what the checks look at, instead of looking again and again.

import (
	"context"
	"sync"
)

// Stir watches nodes and, where there is Longhorn, its volumes, engines, replicas and nodes, and calls woken after every change, until ctx ends. It
// returns when all watches have ended. What cannot be watched wakes nobody.
func Stir(ctx context.Context, r Reader, namespace string, woken func()) {
	longhornKind := func(name, plural string) Kind {
		return Kind{Group: "longhorn.io", Version: "v1beta2", Name: name, Plural: plural, Namespaced: true}
	}
	watched := map[Kind]string{
		nodes: "", longhornKind("Volume", "volumes"): namespace, longhornKind("Engine", "engines"): namespace,
		longhornKind("Replica", "replicas"): namespace, longhornKind("Node", "nodes"): namespace,
	}
	var wg sync.WaitGroup
	for k, ns := range watched {
		wg.Go(func() {
			first := true
			_ = Observe(ctx, r, k, Query{Namespace: ns}, nil, func([]Object) (bool, error) {
				if !first {
					woken()
				}
				first = false
				return false, nil
			})
		})
	}
	wg.Wait()
}

package kube

// Waiting by watching: the state of a query, kept up to date and looked at after every change.

import (
	"context"
	"slices"
	"time"
)

// relist is the pause before a list after a watch that ended or could not be had.
const relist = time.Second

// Observe lists a query and watches it, and calls look with all its objects (by namespace and name) first, after every change and
// whenever wake is sent to, until look says that it is done or fails. A server that is away meanwhile is waited for; the end comes
// from ctx, whose cause is returned then. wake may be nil.
func Observe(ctx context.Context, r Reader, k Kind, q Query, wake <-chan struct{}, look func([]Object) (done bool, err error)) error {
	for {
		list, err := r.List(ctx, k, q)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil && !Transient(err):
			return err
		case err == nil:
			v := view{items: map[string]Object{}, look: look}
			for _, o := range list.Items {
				v.items[o.Namespace()+"/"+o.Name()] = o
			}
			if done, err := v.follow(ctx, r, k, q, list.ResourceVersion, wake); done || err != nil {
				return err
			}
		}
		if !pause(ctx, relist) {
			return context.Cause(ctx)
		}
	}
}

// view is the state of a query.
type view struct {
	items map[string]Object
	look  func([]Object) (bool, error)
}

// follow looks and applies events until done; (false, nil) means that the watch ended and a new list is due.
func (v *view) follow(ctx context.Context, r Reader, k Kind, q Query, from string, wake <-chan struct{}) (bool, error) {
	if done, err := v.look(v.sorted()); done || err != nil {
		return done, err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	events, err := r.Watch(ctx, k, q, from)
	if err != nil {
		return false, nil // not served, not allowed or not reachable: the lists go on
	}
	for {
		select {
		case <-ctx.Done():
			return false, context.Cause(ctx)
		case <-wake:
		case e, ok := <-events:
			if !ok {
				return false, nil
			}
			v.apply(e)
		}
		if done, err := v.look(v.sorted()); done || err != nil {
			return done, err
		}
	}
}

func (v *view) apply(e Event) {
	key := e.Object.Namespace() + "/" + e.Object.Name()
	switch e.Type {
	case Added, Modified:
		v.items[key] = e.Object
	case Deleted:
		delete(v.items, key)
	}
}

func (v *view) sorted() []Object {
	keys := make([]string, 0, len(v.items))
	for k := range v.items {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	out := make([]Object, len(keys))
	for i, k := range keys {
		out[i] = v.items[k]
	}
	return out
}

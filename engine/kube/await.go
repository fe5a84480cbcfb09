package kube

import (
	"context"
	"errors"
	"time"

	"github.com/drydock-dev/drydock/engine/module"
)

// errWaitTime ends an Await whose time is up.
var errWaitTime = errors.New("time is up")

// Await watches a query until enough says so of its objects, or the time is up: then reached is false and the objects are those
// seen last. That time ran out because the server did not answer is an error.
func Await(ctx context.Context, r Reader, k Kind, q Query, timeout time.Duration, enough func([]Object) bool) (last []Object, reached bool, err error) {
	ctx, cancel := module.Timeout(ctx, timeout, errWaitTime)
	defer cancel()
	looked := false
	err = Observe(ctx, r, k, q, nil, func(items []Object) (bool, error) {
		looked, last = true, items
		return enough(items), nil
	})
	if errors.Is(err, errWaitTime) && looked {
		return last, false, nil
	}
	return last, err == nil, err
}

// Package kubernetes holds the modules that work on a cluster: k8s, k8s_info, k8s_drain and the wait for an API server.
//
// Their arguments and results are those of Ansible's collection kubernetes.core. They are better in what they wait for: watches instead
// of polls, evictions that a budget refuses are tried again, and a time that is up is a failure.
package kubernetes

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// Modules returns the modules of this package.
func Modules() []module.Module {
	return []module.Module{
		K8s, K8sInfo, K8sDrain, K8sTaint, K8sScale, K8sJSONPatch, K8sClusterInfo, K8sExec, K8sLog, APIReady,
	}
}

// failure makes of an error of the cluster a failed result, with the server's status and reason where it gave them. A host that cannot
// be reached and a run that was cancelled stay errors.
func failure(ctx context.Context, err error) (module.Result, error) {
	if errors.Is(err, module.ErrUnreachable) || errors.Is(err, module.ErrAuth) || errors.Is(err, module.ErrHostKey) || ctx.Err() != nil {
		return module.Result{}, err
	}
	r := module.Fail("%v", err)
	if code, reason := kube.Code(err); code != 0 {
		r = r.With("status", code).With("reason", reason)
	}
	return r, nil
}

// failed is failure as a plan.
func failed(ctx context.Context, err error) (module.Plan, error) {
	r, err := failure(ctx, err)
	if err != nil {
		return module.Plan{}, err
	}
	return module.Done(r), nil
}

// suboptions checks that a dict argument holds no key but these.
func suboptions(name string, m *value.Map, known ...string) error {
	for _, k := range m.Keys() {
		found := false
		for _, one := range known {
			found = found || k == one
		}
		if !found {
			return fmt.Errorf("unsupported parameters: %s.%s; it has %v", name, value.Str(k), known)
		}
	}
	return nil
}

// boolOf reads a boolean out of a dict argument; absent is false.
func boolOf(m *value.Map, key string) (bool, error) {
	v := m.Value(key)
	if v == nil {
		return false, nil
	}
	b, err := module.ToBool(v)
	if err != nil {
		return false, fmt.Errorf("%s: %w", key, err)
	}
	return b.(bool), nil
}

// intOf reads a whole number out of a dict argument; absent is nil.
func intOf(m *value.Map, key string) (*int, error) {
	switch v := m.Value(key).(type) {
	case nil:
		return nil, nil
	case int:
		return &v, nil
	case string:
		if v == "" {
			return nil, nil
		}
		n, err := strconv.Atoi(v)
		if err == nil {
			return &n, nil
		}
	}
	return nil, fmt.Errorf("%s: %s cannot be converted to an int", key, value.Repr(m.Value(key)))
}

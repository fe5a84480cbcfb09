// Package longhorn holds the modules about Longhorn's storage: longhorn_wait waits until the volumes of a cluster are whole,
// longhorn_info says how they are and what the drain of each node would wait for, longhorn_snapshot keeps their state of now.
package longhorn

import (
	"context"
	"errors"

	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/module"
)

// Modules returns the modules of this package.
func Modules() []module.Module { return []module.Module{Wait, Info, Snapshot} }

// Place says where Longhorn lives. It is embedded in the arguments of all of them.
type Place struct {
	Namespace string `arg:"namespace,default=longhorn-system" doc:"Namespace that Longhorn was installed in."`
}

// failed makes of an error of the cluster a failed result; a cluster without Longhorn is a skipped one. A host that cannot be reached
// and a run that was cancelled stay errors.
func failed(ctx context.Context, err error) (module.Plan, error) {
	switch {
	case errors.Is(err, kube.ErrNoLonghorn):
		r := module.Result{Skipped: true, Msg: err.Error()}
		return module.Done(r.With("longhorn", false)), nil
	case errors.Is(err, module.ErrUnreachable), errors.Is(err, module.ErrAuth), errors.Is(err, module.ErrHostKey), ctx.Err() != nil:
		return module.Plan{}, err
	}
	return module.Done(module.Fail("%v", err)), nil
}

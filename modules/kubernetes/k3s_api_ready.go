package kubernetes

// k3s_api_ready: wait until an API server says that it is ready to serve.

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/module"
)

// APIReady waits for an API server's /readyz.
var APIReady = module.Define(module.Spec{
	Name:  "drydock.core.k3s_api_ready",
	Doc:   "Wait until the API server of a K3s server answers that it is ready. Run on a server, it asks that server's own API.",
	Lacks: kube.Lacks(),
}, planAPIReady)

type apiReadyArgs struct {
	kube.Access
	Timeout  int `arg:"timeout,default=300" doc:"Seconds to wait before the task fails."`
	Interval int `arg:"interval,default=1" doc:"Seconds between two questions."`
}

// planAPIReady waits within the plan: it only reads, and check mode is to know the answer as well.
func planAPIReady(ctx context.Context, v module.View, a apiReadyArgs) (module.Plan, error) {
	clock := module.ClockOf(v.Controller())
	began := clock.Now()
	for {
		why, err := askReady(ctx, v, a.Access)
		waited := clock.Now().Sub(began)
		switch {
		case err != nil:
			return failed(ctx, err)
		case why == "":
			return module.Done(module.Result{Msg: "the API server is ready"}.With("waited", int(waited.Seconds()))), nil
		case waited >= time.Duration(a.Timeout)*time.Second:
			return module.Done(module.Fail("the API server is not ready after %d s: %s", a.Timeout, why)), nil
		}
		v.Progress(fmt.Sprintf("waiting for the API server since %s: %s", waited.Round(time.Second), why))
		if err := clock.Sleep(ctx, time.Duration(a.Interval)*time.Second); err != nil {
			return module.Plan{}, err
		}
	}
}

// askReady returns what speaks against the API server, or nothing. What waiting cannot mend is an error.
func askReady(ctx context.Context, v module.View, a kube.Access) (why string, err error) {
	r, err := kube.Read(ctx, v, a)
	if err != nil {
		return "", err
	}
	answer, err := kube.Ready(ctx, r)
	switch {
	case err != nil && kube.Transient(err):
		return err.Error(), nil
	case err != nil:
		return "", err
	case !answer.Ready:
		return "failing checks: " + strings.Join(answer.Failing, ", "), nil
	}
	return "", nil
}

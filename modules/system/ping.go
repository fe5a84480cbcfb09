package system

import (
	"context"

	"github.com/drydock-dev/drydock/engine/module"
)

// Ping tells whether a host can be reached and runs commands.
var Ping = module.Define(module.Spec{
	Name: "ansible.builtin.ping",
	Doc:  "Check that the host is reachable and runs commands.",
}, planPing)

type pingArgs struct {
	Data string `arg:"data,default=pong" doc:"What to answer; crash makes the task fail."`
}

func planPing(ctx context.Context, v module.View, a pingArgs) (module.Plan, error) {
	out, err := v.Query(ctx, module.Cmd{Script: "# ping\nexit 0"})
	switch {
	case err != nil:
		return module.Plan{}, err
	case out.Rc != 0:
		return module.Done(module.Fail("the host does not run commands: %s", said(out)).With("rc", out.Rc)), nil
	case a.Data == "crash":
		return module.Done(module.Fail("boom")), nil
	}
	return module.Done(module.Result{}.With("ping", a.Data)), nil
}

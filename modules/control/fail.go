package control

import (
	"context"

	"github.com/drydock-dev/drydock/engine/module"
)

// Fail fails with a message.
var Fail = module.Define(module.Spec{
	Name:       "ansible.builtin.fail",
	Doc:        "Fail with a message.",
	Controller: true,
}, func(_ context.Context, _ module.View, a failArgs) (module.Plan, error) {
	return module.Done(module.Result{Failed: true}.With("msg", orText(a.Msg, "Failed as requested from task"))), nil
})

type failArgs struct {
	Msg any `arg:"msg,type=raw" doc:"The message; Failed as requested from task if not given."`
}

package control

import (
	"context"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// Assert fails unless all of some conditions hold.
var Assert = module.Define(module.Spec{
	Name:       "ansible.builtin.assert",
	Doc:        "Fail unless conditions hold.",
	Controller: true,
}, planAssert)

type assertArgs struct {
	That       []any `arg:"that,required,raw,elements=raw" doc:"The conditions, written as for when; all must hold."`
	FailMsg    any   `arg:"fail_msg,type=raw,alias=msg" doc:"What to say when one does not; default Assertion failed."`
	SuccessMsg any   `arg:"success_msg,type=raw" doc:"What to say when all do; default All assertions passed."`
	Quiet      bool  `arg:"quiet,default=no" doc:"Say it only with -v."`
}

func planAssert(_ context.Context, v module.View, a assertArgs) (module.Plan, error) {
	for _, that := range a.That {
		ok, err := holds(v.Controller(), that)
		if err != nil {
			return module.Plan{}, err
		}
		if !ok {
			r := module.Result{Failed: true}.With("evaluated_to", false).With("assertion", that)
			return module.Done(r.With("msg", orText(a.FailMsg, "Assertion failed"))), nil
		}
	}
	return module.Done(module.Result{}.With("msg", orText(a.SuccessMsg, "All assertions passed"))), nil
}

// holds evaluates one condition; a boolean is its own answer.
func holds(c module.Controller, that any) (bool, error) {
	if b, ok := that.(bool); ok {
		return b, nil
	}
	return c.Test(value.Str(that))
}

func orText(v any, otherwise string) any {
	if v == nil {
		return otherwise
	}
	return v
}

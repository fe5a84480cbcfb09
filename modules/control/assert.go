package control

import (
	"context"
	"errors"

	"github.com/drydock-dev/drydock/engine/module"
)

// Assert fails unless all of some conditions hold.
var Assert = module.Define(module.Spec{
	Name:       "ansible.builtin.assert",
	Doc:        "Fail unless conditions hold.",
	Controller: true,
}, planAssert)

type assertArgs struct {
	That       any  `arg:"that,required,raw" doc:"A condition, written as for when, or a list of them; all must hold."`
	FailMsg    any  `arg:"fail_msg,type=raw,alias=msg" doc:"What to say when one does not; default Assertion failed."`
	SuccessMsg any  `arg:"success_msg,type=raw" doc:"What to say when all do; default All assertions passed."`
	Quiet      bool `arg:"quiet,default=no" doc:"Say it only with -v."`
}

func planAssert(_ context.Context, v module.View, a assertArgs) (module.Plan, error) {
	conditions, ok := a.That.([]any)
	if !ok {
		conditions = []any{a.That}
	}
	for _, that := range conditions {
		ok, err := holds(v.Controller(), that)
		if err != nil {
			return module.Done(module.Fail("Task failed: %v", err)), nil
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
	text, ok := that.(string)
	if !ok {
		return false, errors.New("conditional expressions must be strings")
	}
	return c.Test(text)
}

func orText(v any, otherwise string) any {
	if v == nil {
		return otherwise
	}
	return v
}

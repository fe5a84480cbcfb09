package control

import (
	"context"
	"errors"
	"fmt"

	"github.com/drydock-dev/drydock/engine/module"
)

// Debug prints a message or the value of an expression.
var Debug = module.Define(module.Spec{
	Name:       "ansible.builtin.debug",
	Doc:        "Print a message, or the value of an expression.",
	Controller: true,
}, planDebug)

type debugArgs struct {
	Msg       any     `arg:"msg,type=raw,default=Hello world!" doc:"What to print."`
	Var       *string `arg:"var,raw" doc:"The expression whose value is printed, written without braces."`
	Verbosity int     `arg:"verbosity,default=0" doc:"How many -v it takes to see it."`
}

func planDebug(_ context.Context, v module.View, a debugArgs) (module.Plan, error) {
	level, err := v.Controller().Eval("ansible_verbosity | default(0)")
	if err != nil {
		return module.Plan{}, err
	}
	if n, ok := level.(int); ok && n < a.Verbosity {
		return module.Done(module.Result{Skipped: true}.With("skipped_reason", "Verbosity threshold not met.")), nil
	}
	switch {
	case a.Var != nil && a.Msg != nil && a.Msg != "Hello world!":
		return module.Done(module.Fail("parameters are mutually exclusive: msg|var")), nil
	case a.Var == nil && a.Msg == nil:
		return module.Done(module.Result{}), nil
	case a.Var == nil:
		return module.Done(module.Result{}.With("msg", a.Msg)), nil
	}
	val, err := v.Controller().Eval(*a.Var)
	if errors.Is(err, module.ErrUndefined) {
		val, err = fmt.Sprintf("<< error 1 - %v >>", err), nil // the text that ansible-core 2.19 shows
	}
	if err != nil {
		return module.Done(module.Fail("Task failed: Error while resolving `var` expression: %v", err)), nil
	}
	return module.Done(module.Result{}.With(*a.Var, val)), nil
}

package control

import (
	"context"
	"errors"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// ValidateArgumentSpec holds variables against a description of what a role takes. The engine puts it before the tasks of each role
// that has one.
var ValidateArgumentSpec = module.Define(module.Spec{
	Name:       "ansible.builtin.validate_argument_spec",
	Doc:        "Check that variables are as an argument specification wants them.",
	Controller: true,
}, planValidateArgumentSpec)

type validateArgumentSpecArgs struct {
	Spec     *value.Map `arg:"argument_spec,required" doc:"The options by name, each with type, required, choices, elements, options, ..."`
	Provided *value.Map `arg:"provided_arguments" doc:"Values that are stronger than the variables of the same names."`
	Context  *value.Map `arg:"validate_args_context" doc:"What is being checked; shown in the result."`
}

func planValidateArgumentSpec(_ context.Context, v module.View, a validateArgumentSpecArgs) (module.Plan, error) {
	given, err := givenArguments(v.Controller(), a)
	if err != nil {
		return module.Done(module.Fail("Task failed: %v", err)), nil
	}
	where := a.Context
	if where == nil {
		where = &value.Map{}
	}
	s := &specCheck{}
	s.all(a.Spec, given)
	if len(s.errs) == 0 {
		return module.Done(module.Result{Msg: "The arg spec validation passed"}.With("validate_args_context", where)), nil
	}
	r := module.Fail("Validation of arguments failed:\n%s", strings.Join(s.errs, "\n"))
	return module.Done(r.With("validate_args_context", where).With("argument_spec_data", a.Spec).With("argument_errors", value.From(s.errs))), nil
}

// givenArguments are the variables that the specification names, and what is provided besides.
func givenArguments(c module.Controller, a validateArgumentSpecArgs) (*value.Map, error) {
	given := &value.Map{}
	for k := range a.Spec.All() {
		name := value.Str(k)
		got, err := c.Eval(name)
		switch {
		case err == nil:
			given.Set(name, got)
		case errors.Is(err, module.ErrUndefined) && strings.Contains(err.Error(), "'"+name+"'"):
			// the variable itself is not there; one that it is made of would be a mistake
		default:
			return nil, err
		}
	}
	for k, got := range a.Provided.All() {
		given.Set(k, got)
	}
	return given, nil
}

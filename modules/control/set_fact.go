package control

import (
	"context"
	"fmt"
	"regexp"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// SetFact sets variables of the host for the rest of the run. Its arguments have no names of their own, so it reads them itself.
var SetFact module.Module = setFact{}

type setFact struct{}

func (setFact) Spec() module.Spec {
	return module.Spec{
		Name:       "ansible.builtin.set_fact",
		Doc:        "Set variables of the host for the rest of the run; each argument is one.",
		AnyArgs:    true,
		Controller: true,
	}
}

func (setFact) Params() []module.Param {
	return []module.Param{{
		Name: "cacheable", Type: "bool", Default: "no",
		Doc: "Accepted: there is no cache of facts between runs, so the variable lasts for this one.",
	}}
}

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func (setFact) Plan(_ context.Context, _ module.View, args *value.Map) (module.Plan, error) {
	facts := &value.Map{}
	for k, v := range args.All() {
		name := value.Str(k)
		if name == "cacheable" {
			continue
		}
		if !variableName.MatchString(name) {
			return module.Plan{}, fmt.Errorf("Invalid variable name '%s'.", name)
		}
		facts.Set(name, v)
	}
	if facts.Len() == 0 {
		return module.Done(module.Fail("No key/value pairs provided, at least one is required for this action to succeed")), nil
	}
	return module.Done(module.Result{HostVars: facts}.With("ansible_facts", facts)), nil
}

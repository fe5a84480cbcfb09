package control

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// SetFact sets variables of the host for the rest of the run. Its arguments have no names of their own, so it reads them itself.
var SetFact module.Module = setFact{}

type setFact struct{}

// Spec says what set_fact is.
func (setFact) Spec() module.Spec {
	return module.Spec{
		Name:       "ansible.builtin.set_fact",
		Doc:        "Set variables of the host for the rest of the run; each argument is one.",
		AnyArgs:    true,
		Controller: true,
	}
}

// Params is the one argument that is no variable.
func (setFact) Params() []module.Param {
	return []module.Param{{
		Name: "cacheable", Type: "bool", Default: "no",
		Doc: "Make the variables facts of the host too, found in ansible_facts.",
	}}
}

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// reserved tells the words of Python, which Ansible takes for no names of variables.
func reserved(name string) bool {
	return slices.Contains(strings.Fields("False None True and as assert async await break class continue def del elif else except finally for from "+
		"global if import in is lambda nonlocal not or pass raise return try while with yield"), name)
}

// Plan answers the variables.
func (setFact) Plan(_ context.Context, _ module.View, args *value.Map) (module.Plan, error) {
	facts, cacheable := &value.Map{}, false
	for k, v := range args.All() {
		name := value.Str(k)
		if name == "cacheable" {
			b, err := module.ToBool(v)
			if err != nil {
				return module.Done(module.Fail("argument 'cacheable': %v", err)), nil
			}
			cacheable = b == true
			continue
		}
		if !variableName.MatchString(name) || reserved(name) {
			return module.Done(module.Fail("Task failed: Invalid variable name '%s'.", name)), nil
		}
		facts.Set(name, v)
	}
	if facts.Len() == 0 {
		return module.Done(module.Fail("No key/value pairs provided, at least one is required for this action to succeed")), nil
	}
	r := module.Result{HostVars: facts}.With("ansible_facts", facts)
	if cacheable {
		r.Facts = facts
	}
	return module.Done(r), nil
}

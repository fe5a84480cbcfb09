package control

import (
	"context"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// GroupBy puts the host of the task into a group of the inventory.
var GroupBy = module.Define(module.Spec{
	Name:       "ansible.builtin.group_by",
	Doc:        "Put the host into a group of the inventory that is named by a variable of it, for the plays that follow.",
	Controller: true,
}, planGroupBy)

type groupByArgs struct {
	Key     *string `arg:"key" doc:"The name of the group; spaces become hyphens. It must be given."`
	Parents any     `arg:"parents,default=all" doc:"The groups that hold the group: a list, or the name of one."`
}

func planGroupBy(_ context.Context, _ module.View, a groupByArgs) (module.Plan, error) {
	if a.Key == nil {
		return module.Done(module.Fail("the 'key' param is required when using group_by")), nil
	}
	hyphens := func(s string) string { return strings.ReplaceAll(s, " ", "-") }
	list, ok := a.Parents.([]any)
	if !ok {
		list = []any{a.Parents}
	}
	parents := []string{}
	for _, p := range list {
		parents = append(parents, hyphens(value.Str(p)))
	}
	group := hyphens(*a.Key)
	r := module.Result{Growth: &module.Growth{Group: group, Parents: parents}}
	return module.Done(r.With("add_group", group).With("parent_groups", value.From(parents))), nil
}

package control

import (
	"context"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// AddHost adds a host to the inventory of the run. All of its arguments but the name and the groups are variables of the host, so it
// reads them itself.
var AddHost module.Module = addHost{}

type addHost struct{}

// Spec says what add_host is.
func (addHost) Spec() module.Spec {
	return module.Spec{
		Name:       "ansible.builtin.add_host",
		Doc:        "Add a host to the inventory, for the plays that follow; further arguments are its variables.",
		AnyArgs:    true,
		Controller: true,
		RunsOnce:   true,
	}
}

// Params are the arguments that are no variables.
func (addHost) Params() []module.Param {
	return []module.Param{
		{Name: "name", Aliases: []string{"hostname", "host"}, Type: "str", Doc: "The host, which may be given as name:port."},
		{Name: "groups", Aliases: []string{"groupname", "group"}, Type: "list", Elements: "str", Doc: "The groups it is to be in, made where there is none."},
	}
}

// Plan answers what the inventory is to gain.
func (addHost) Plan(_ context.Context, _ module.View, args *value.Map) (module.Plan, error) {
	given := first(args, "name", "hostname", "host")
	if given == nil {
		return module.Done(module.Fail("name, host or hostname needs to be provided")), nil
	}
	groups, ok := groupNames(first(args, "groupname", "groups", "group"))
	if !ok {
		return module.Done(module.Fail("Groups must be specified as a list.")), nil
	}
	name, port := hostPort(value.Str(given))
	vars := &value.Map{}
	for k, v := range args.All() {
		switch value.Str(k) {
		case "name", "hostname", "groupname", "groups":
		default: // host and group are left among the variables, as in Ansible
			vars.Set(k, v)
		}
	}
	if port != 0 {
		vars.Set("ansible_ssh_port", port)
	}
	told := value.NewMap("host_name", name, "groups", value.From(groups), "host_vars", vars)
	return module.Done(module.Result{Growth: &module.Growth{Host: name, Groups: groups, Vars: vars}}.With("add_host", told)), nil
}

// first is the first of several arguments that is given.
func first(args *value.Map, names ...string) any {
	for _, name := range names {
		if v, ok := args.Get(name); ok {
			return v
		}
	}
	return nil
}

// groupNames reads a list of groups, or a text with commas.
func groupNames(v any) ([]string, bool) {
	var list []any
	switch x := v.(type) {
	case nil:
	case string:
		if x == "" {
			break
		}
		for part := range strings.SplitSeq(x, ",") {
			list = append(list, part)
		}
	case []any:
		list = x
	default:
		return nil, false
	}
	names := []string{}
	for _, x := range list {
		names = append(names, strings.TrimSpace(value.Str(x)))
	}
	return names, true
}

// hostPort parts name:port; an IPv6 address has its port only behind brackets.
func hostPort(given string) (name string, port int) {
	head, tail, ok := strings.Cut(given, ":")
	if inner, rest, bracketed := strings.Cut(strings.TrimPrefix(given, "["), "]"); bracketed && strings.HasPrefix(given, "[") {
		head, tail, ok = inner, strings.TrimPrefix(rest, ":"), strings.HasPrefix(rest, ":")
		given = inner
	}
	if !ok || strings.Contains(tail, ":") {
		return given, 0
	}
	if n, err := strconv.Atoi(tail); err == nil && n > 0 && n < 1<<16 {
		return head, n
	}
	return given, 0
}

package system

import (
	"context"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
	"github.com/drydock-dev/drydock/modules/onhost"
)

// Getent reads entries of the databases of names: users, groups, hosts.
var Getent = module.Define(module.Spec{
	Name: "ansible.builtin.getent",
	Doc:  "Read entries of a database of names (passwd, group, hosts) as facts.",
}, planGetent)

type getentArgs struct {
	Database string  `arg:"database,required" doc:"The database."`
	Key      *string `arg:"key" doc:"The entry; all of them if none is given."`
	Service  *string `arg:"service" doc:"Where to look instead of what the host is set up for."`
	Split    *string `arg:"split" doc:"What parts the fields: a colon for passwd, shadow, group and gshadow, else blanks."`
	FailKey  bool    `arg:"fail_key,default=yes" doc:"Fail if there is no such entry."`
}

func planGetent(ctx context.Context, v module.View, a getentArgs) (module.Plan, error) {
	argv := []string{"getent", a.Database}
	if a.Key != nil {
		argv = append(argv, *a.Key)
	}
	if a.Service != nil {
		argv = append(argv, "-s", *a.Service)
	}
	out, err := v.Query(ctx, onhost.Tool(argv...))
	if err != nil {
		return module.Plan{}, err
	}
	tree := &value.Map{}
	facts := dict("getent_"+a.Database, tree)
	msg := "Unexpected failure!"
	switch out.Rc {
	case 0:
		a.entries(tree, out.Stdout)
		return module.Done(module.Result{Facts: facts}), nil
	case 1:
		msg = "Missing arguments, or database unknown."
	case 2:
		msg = "One or more supplied key could not be found in the database."
		if !a.FailKey && a.Key != nil {
			tree.Set(*a.Key, nil)
			return module.Done(module.Result{Facts: facts, Msg: msg}), nil
		}
	case 3:
		msg = "Enumeration not supported on this database."
	case 127:
		return onhost.Missing("getent"), nil
	}
	return module.Done(module.Fail("%s", msg)), nil
}

// entries reads the lines: the fields by the first one of each. What comes several times is a list of such.
func (a getentArgs) entries(tree *value.Map, text string) {
	split := ""
	switch a.Database {
	case "passwd", "shadow", "group", "gshadow":
		split = ":"
	}
	if a.Split != nil {
		split = *a.Split
	}
	seen := map[string]int{}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		parts := strings.Fields(line)
		if split != "" {
			parts = strings.Split(line, split)
		}
		if len(parts) == 0 {
			continue
		}
		name, rest := parts[0], value.From(append([]string{}, parts[1:]...))
		have := tree.Value(name)
		switch seen[name]++; seen[name] {
		case 1:
			tree.Set(name, rest)
		case 2:
			tree.Set(name, []any{have, rest})
		default:
			tree.Set(name, append(have.([]any), rest))
		}
	}
}

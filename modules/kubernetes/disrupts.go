package kubernetes

// What the modules of objects take from a cluster when the object is a Node.

import (
	"regexp"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// objectDisrupts tells it of k8s: a cordon or its end by the object itself, or the removal of a Node. A definition that stands in a file is not
// opened for this.
func objectDisrupts(args module.Args) module.Disruption {
	return through(args, objectDisruption(args))
}

func objectDisruption(args module.Args) module.Disruption {
	absent := args.Value("state") == "absent"
	for _, key := range []string{"definition", "resource_definition", "inline"} {
		if d := definitionDisrupts(args.Value(key), args, absent); d.Kind != module.NoDisruption {
			return d
		}
	}
	if args.Value("kind") == "Node" && absent {
		return nodeDisruption(module.Drain, "deletion", args.Value("name"))
	}
	return module.Disruption{}
}

func definitionDisrupts(v any, args module.Args, absent bool) module.Disruption {
	switch x := v.(type) {
	case []any:
		for _, item := range x {
			if d := definitionDisrupts(item, args, absent); d.Kind != module.NoDisruption {
				return d
			}
		}
	case *value.Map:
		kind, name := x.Value("kind"), any(nil)
		if kind == nil {
			kind = args.Value("kind")
		}
		if meta, ok := x.Value("metadata").(*value.Map); ok {
			name = meta.Value("name")
		}
		if name == nil {
			name = args.Value("name")
		}
		spec, _ := x.Value("spec").(*value.Map)
		switch {
		case kind != "Node":
		case absent:
			return nodeDisruption(module.Drain, "deletion", name)
		case spec.Has("unschedulable"):
			return scheduled(spec.Value("unschedulable"), name)
		}
	case string:
		return textDisrupts(x, absent)
	}
	return module.Disruption{}
}

var (
	nodeInText  = regexp.MustCompile(`(?m)^\s*"?kind"?:\s*"?Node"?\s*,?\s*$`)
	nameInText  = regexp.MustCompile(`(?m)^\s*"?name"?:\s*"?([^"\s,]+)|metadata:\s*\{[^}]*name:\s*([^,}\s]+)`)
	shutInText  = regexp.MustCompile(`"?unschedulable"?:\s*(true|yes|on)\b`)
	openInText  = regexp.MustCompile(`"?unschedulable"?:\s*(false|no|off|null)\b`)
	schedulable = "/spec/unschedulable"
)

// textDisrupts looks into a definition written as YAML.
func textDisrupts(text string, absent bool) module.Disruption {
	if !nodeInText.MatchString(text) {
		return module.Disruption{}
	}
	name := ""
	if m := nameInText.FindStringSubmatch(text); m != nil {
		name = m[1] + m[2]
	}
	switch {
	case absent:
		return nodeDisruption(module.Drain, "deletion", name)
	case shutInText.MatchString(text):
		return nodeDisruption(module.Cordon, "cordon", name)
	case openInText.MatchString(text):
		return nodeDisruption(module.Uncordon, "uncordon", name)
	}
	return module.Disruption{}
}

// patchDisrupts tells it of k8s_json_patch.
func patchDisrupts(args module.Args) module.Disruption { return through(args, patchDisruption(args)) }

func patchDisruption(args module.Args) module.Disruption {
	list, _ := args.Value("patch").([]any)
	if args.Value("kind") != "Node" {
		return module.Disruption{}
	}
	for _, item := range list {
		op, ok := item.(*value.Map)
		if !ok || op.Value("path") != schedulable {
			continue
		}
		if op.Value("op") == "remove" {
			return scheduled(false, args.Value("name"))
		}
		return scheduled(op.Value("value"), args.Value("name"))
	}
	return module.Disruption{}
}

// taintDisrupts tells it of k8s_taint: NoExecute drives pods off.
func taintDisrupts(args module.Args) module.Disruption { return through(args, taintDisruption(args)) }

func taintDisruption(args module.Args) module.Disruption {
	list, _ := args.Value("taints").([]any)
	if args.Value("state") == "absent" {
		return module.Disruption{}
	}
	for _, item := range list {
		if t, ok := item.(*value.Map); ok && t.Value("effect") == "NoExecute" {
			return nodeDisruption(module.Drain, "taint NoExecute", args.Value("name"))
		}
	}
	return module.Disruption{}
}

func scheduled(unschedulable, name any) module.Disruption {
	if off, err := module.ToBool(unschedulable); err == nil && off == true {
		return nodeDisruption(module.Cordon, "cordon", name)
	}
	return nodeDisruption(module.Uncordon, "uncordon", name)
}

func nodeDisruption(kind module.Disrupting, what string, name any) module.Disruption {
	node, _ := name.(string)
	return module.Disruption{Kind: kind, Node: node, What: what + " of node " + node}
}

// through adds the arguments by which the task reaches its cluster.
func through(args module.Args, d module.Disruption) module.Disruption {
	if d.Kind != module.NoDisruption {
		d.Access = args
	}
	return d
}

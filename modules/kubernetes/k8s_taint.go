package kubernetes

// k8s_taint: taints of a node.

import (
	"context"
	"fmt"

	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// K8sTaint sets and removes taints of a node.
var K8sTaint = module.Define(module.Spec{
	Name:  "kubernetes.core.k8s_taint",
	Doc:   "Set or remove taints of a node.",
	Lacks: kube.Lacks(), Disrupts: taintDisrupts,
}, planTaint)

type taintArgs struct {
	kube.Access
	Name    string `arg:"name,required" doc:"Name of the node."`
	State   string `arg:"state,default=present,choices=present|absent" doc:"Whether the taints are to be there."`
	Taints  []any  `arg:"taints,required,elements=dict" doc:"The taints: key, effect and value; without an effect all of the key are meant, for removal."`
	Replace bool   `arg:"replace,default=no" doc:"With state present, remove all other taints."`
}

func planTaint(ctx context.Context, v module.View, a taintArgs) (module.Plan, error) {
	wanted, err := taintsOf(a.Taints)
	if err != nil {
		return module.Done(module.Fail("%v", err)), nil
	}
	r, err := kube.Read(ctx, v, a.Access)
	if err != nil {
		return failed(ctx, err)
	}
	node, err := getNode(ctx, r, a.Name)
	switch {
	case kube.NotFound(err):
		return module.Done(module.Fail("Node '%s' has not been found.", a.Name)), nil
	case err != nil:
		return failed(ctx, err)
	}
	have, _ := at(node.Value(), "spec", "taints").([]any)
	next, changes := a.next(have, wanted)
	if !changes {
		return module.Done(module.Result{}.With("result", node.Value())), nil
	}
	d := module.Text(shownTaints(have), shownTaints(next))
	return module.Change(d, func(ctx context.Context, h module.Host) (module.Result, error) {
		return a.patch(ctx, h, wanted)
	}).Predicting(module.Result{}.With("result", &value.Map{})), nil
}

// taintsOf checks the form of taints.
func taintsOf(list []any) ([]any, error) {
	for _, one := range list {
		m, _ := one.(*value.Map)
		if err := suboptions("taints", m, "key", "value", "effect", "timeAdded"); err != nil {
			return nil, err
		}
		if m.Value("key") == nil {
			return nil, fmt.Errorf("missing required arguments: key found in taints")
		}
	}
	return list, nil
}

func getNode(ctx context.Context, r kube.Reader, name string) (kube.Object, error) {
	kind, err := r.Find(ctx, "v1", "Node")
	if err != nil {
		return kube.Object{}, err
	}
	return r.Get(ctx, kind, "", name)
}

// sameTaint tells whether two taints are one: key and effect, or the key alone where one has no effect.
func sameTaint(a, b any) bool {
	ea, eb := at(a, "effect"), at(b, "effect")
	return value.Equal(at(a, "key"), at(b, "key")) && (ea == nil || eb == nil || value.Equal(ea, eb))
}

// less are the taints of a that are not in b.
func less(a, b []any) []any {
	out := []any{}
	for _, x := range a {
		if !hasTaint(b, x, sameTaint) {
			out = append(out, x)
		}
	}
	return out
}

func hasTaint(list []any, x any, same func(a, b any) bool) bool {
	for _, y := range list {
		if same(x, y) {
			return true
		}
	}
	return false
}

// next is what the node's taints are to be, and whether that is something else.
func (a taintArgs) next(have, wanted []any) ([]any, bool) {
	rest := less(have, wanted)
	if a.State == "absent" {
		return rest, len(rest) < len(have)
	}
	exact := func(x, y any) bool { return sameTaint(x, y) && value.Equal(at(x, "value"), at(y, "value")) }
	for _, x := range wanted {
		if hasTaint(have, x, exact) {
			continue
		}
		if a.Replace && len(less(wanted, have)) > 0 {
			return wanted, true
		}
		return append(rest, wanted...), true
	}
	return have, false
}

func shownTaints(list []any) string {
	out := ""
	for _, t := range list {
		out += value.Str(at(t, "key"))
		if v := at(t, "value"); v != nil {
			out += "=" + value.Str(v)
		}
		if e := at(t, "effect"); e != nil {
			out += ":" + value.Str(e)
		}
		out += "\n"
	}
	return out
}

// patch sets the taints over those that the node has now.
func (a taintArgs) patch(ctx context.Context, h module.Host, wanted []any) (module.Result, error) {
	c, err := kube.Open(ctx, h, a.Access)
	if err != nil {
		return failure(ctx, err)
	}
	node, err := getNode(ctx, c, a.Name)
	if err != nil {
		return failure(ctx, err)
	}
	kind, err := c.Find(ctx, "v1", "Node")
	if err != nil {
		return failure(ctx, err)
	}
	have, _ := at(node.Value(), "spec", "taints").([]any)
	next, changes := a.next(have, wanted)
	body := value.NewMap("metadata", value.NewMap("resourceVersion", str(node.Value(), "metadata", "resourceVersion")), "spec", value.NewMap("taints", next))
	done, err := c.Write(ctx, kube.Write{Verb: kube.Patch, Patch: kube.Merge, Kind: kind, Name: a.Name, Body: body})
	if err != nil {
		return failure(ctx, err)
	}
	result := done.Object.Value()
	if a.State == "absent" {
		result = &value.Map{} // as Ansible's module answers
	}
	return module.Result{Changed: changes, Warnings: done.Warnings}.With("result", result), nil
}

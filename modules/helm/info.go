package helm

import (
	"context"
	"slices"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// Info reads a release.
var Info = module.Define(module.Spec{
	Name:    "kubernetes.core.helm_info",
	Aliases: []string{"community.kubernetes.helm_info", "community.general.helm_info"},
	Doc:     "Read a release: its state, values, manifest, notes and hooks.",
}, planInfo)

type infoArgs struct {
	access
	Name      string   `arg:"release_name,required,alias=name" doc:"Name of the release."`
	Namespace string   `arg:"release_namespace,required,alias=namespace" doc:"Namespace of the release."`
	States    []string `arg:"release_state" doc:"Releases in these states: all, deployed, failed, pending, superseded, uninstalled, uninstalling; deployed and failed if not given."`
	AllValues bool     `arg:"get_all_values,default=no" doc:"Answer the values of the chart too, not only those that were given."`
}

func planInfo(ctx context.Context, v module.View, a infoArgs) (module.Plan, error) {
	if err := a.exclusive(true); err != nil {
		return module.Done(module.Fail("%v", err)), nil
	}
	list, values := &line{}, &line{}
	list.WriteString(helmMark + " list --output=yaml")
	for _, state := range a.States {
		known := slices.Contains([]string{"all", "deployed", "failed", "pending", "superseded", "uninstalled", "uninstalling"}, state)
		list.add(known, "--"+state)
	}
	list.add(true, "--filter "+a.Name)
	values.WriteString(helmMark + " get values --output=yaml " + a.Name)
	values.add(a.AllValues, "-a")
	s := session{access: a.access, namespace: a.Namespace, what: "look at a release"}
	steps := []step{{line: list.String(), keep: true}}
	for _, get := range []string{values.String(), helmMark + " get manifest " + a.Name, helmMark + " get notes " + a.Name, helmMark + " get hooks " + a.Name} {
		steps = append(steps, step{line: get, ifSaid: named(a.Name)})
	}
	got, err := s.run(ctx, v, v.Query, steps...)
	if err != nil {
		return ended(err)
	}
	r, err := described(v, a.Name, got)
	if err != nil {
		return ended(err)
	}
	return module.Done(r), nil
}

// described is the result of a release, or nothing when there is none.
func described(v module.View, name string, got answers) (module.Result, error) {
	m, err := inList(v, got.steps[0].Stdout, name)
	if m == nil || err != nil {
		return module.Result{}, err
	}
	values, err := parseYAML(v, got.steps[1].Stdout)
	if err != nil {
		return module.Result{}, err
	}
	if values == nil {
		values = &value.Map{}
	}
	m = m.Clone().Set("values", values)
	manifest, err := parseAll(v, got.steps[2].Stdout)
	if err != nil {
		return module.Result{}, err
	}
	hooks, err := parseAll(v, got.steps[4].Stdout)
	if err != nil {
		return module.Result{}, err
	}
	m.Set("manifest", append([]any{}, manifest...)).Set("notes", got.steps[3].Stdout).Set("hooks", append([]any{}, hooks...))
	return module.Result{}.With("status", m), nil
}

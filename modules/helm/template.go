package helm

import (
	"context"

	"github.com/drydock-dev/drydock/engine/module"
)

// Template renders a chart without installing it.
var Template = module.Define(module.Spec{
	Name:    "kubernetes.core.helm_template",
	Aliases: []string{"community.kubernetes.helm_template", "community.general.helm_template"},
	Doc:     "Render the manifests of a chart, into the result or into files.",
}, planTemplate)

type templateArgs struct {
	binary
	charting
	ChartRef         string   `arg:"chart_ref,required,type=path" doc:"The chart: REPOSITORY/NAME, a folder or package on the host, or a URL."`
	Name             string   `arg:"release_name,alias=name" doc:"Name of the release to render for."`
	Namespace        string   `arg:"release_namespace" doc:"Namespace of the release to render for."`
	IncludeCRDs      bool     `arg:"include_crds,default=no" doc:"Render custom resource definitions too."`
	OutputDir        string   `arg:"output_dir,type=path" doc:"Folder to write the manifests to instead of the result."`
	InsecureRegistry bool     `arg:"insecure_registry,default=no" doc:"Do not check the certificate of where the chart comes from."`
	ShowOnly         []string `arg:"show_only" doc:"Render only these templates of the chart."`
	UpdateCache      bool     `arg:"update_repo_cache,default=no" doc:"Run helm repo update before."`
}

// planTemplate always foretells a change, as Ansible's module does: what is rendered is only known when it is.
func planTemplate(_ context.Context, _ module.View, a templateArgs) (module.Plan, error) {
	if _, err := a.set(); err != nil {
		return module.Done(module.Fail("%v", err)), nil
	}
	d := module.Diff{After: "manifests of " + a.ChartRef + "\n"}
	return module.Change(d, func(ctx context.Context, h module.Host) (module.Result, error) {
		return answered(a.render(ctx, h))
	}).Predicting(a.foretold(a.command())), nil
}

func (a templateArgs) render(ctx context.Context, h module.Host) (module.Result, error) {
	s := session{access: access{binary: a.binary}, namespace: a.Namespace, what: "render a chart", values: a.Values}
	var steps []step
	needs := releaseArgs{charting: a.charting}.needs()
	if anyWanted(needs) {
		got, err := s.run(ctx, h, h.Query, versionStep)
		if err != nil {
			return module.Result{}, err
		}
		if err := unmet(versionOf(got.steps[0].Stdout), needs); err != nil {
			return module.Result{}, err
		}
	}
	if a.UpdateCache {
		steps = append(steps, step{line: helmMark + " repo update"})
	}
	command := a.command()
	steps = append(steps, step{line: command})
	got, err := s.run(ctx, h, h.Exec, steps...)
	if err != nil {
		return module.Result{}, err
	}
	out := got.steps[len(steps)-1]
	return module.Result{Changed: true}.With("command", got.command(command)).
		With("stdout", out.Stdout).With("stderr", out.Stderr).With("rc", out.Rc), nil
}

func (a templateArgs) command() string {
	var l line
	l.WriteString(helmMark + " template")
	l.opt("", a.Name)
	l.add(true, onHost(a.ChartRef))
	l.add(a.DependencyUpdate, "--dependency-update")
	l.opt("--repo=", a.RepoURL)
	l.opt("--version=", a.Version)
	l.add(a.DisableHook, "--no-hooks")
	l.opt("--output-dir=", onHost(a.OutputDir))
	l.add(a.InsecureRegistry, "--insecure-skip-tls-verify")
	l.add(a.PlainHTTP, "--plain-http")
	for _, t := range a.ShowOnly {
		l.add(true, "-s "+t)
	}
	for _, f := range a.ValuesFiles {
		l.add(true, "-f="+onHost(f))
	}
	l.opt("-n ", a.Namespace)
	l.add(a.Values.Len() > 0, "-f="+valuesFile)
	l.add(a.IncludeCRDs, "--include-crds")
	set, _ := a.set() // checked before
	l.WriteString(set)
	return l.String()
}

package helm

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// Release installs, upgrades and removes releases.
var Release = module.Define(module.Spec{
	Name:    "kubernetes.core.helm",
	Aliases: []string{"community.kubernetes.helm", "community.general.helm"},
	Doc:     "Install, upgrade and remove releases by the helm of the host.",
}, planRelease)

type releaseArgs struct {
	access
	charting
	Name            string `arg:"release_name,required,alias=name" doc:"Name of the release."`
	Namespace       string `arg:"release_namespace,required,alias=namespace" doc:"Namespace of the release."`
	State           string `arg:"release_state,default=present,choices=present|absent,alias=state" doc:"Whether the release is to be there."`
	ChartRef        string `arg:"chart_ref,type=path" doc:"The chart: REPOSITORY/NAME, a folder or package on the host, or a URL; needed with state present."`
	UpdateCache     bool   `arg:"update_repo_cache,default=no" doc:"Run helm repo update before."`
	Force           bool   `arg:"force,default=no" doc:"Upgrade with --force, even if nothing differs; not on a first installation."`
	Purge           bool   `arg:"purge,default=yes" doc:"Remove the history of a removed release too."`
	Wait            bool   `arg:"wait,default=no" doc:"Wait until what the release holds is ready, or gone."`
	WaitTimeout     string `arg:"wait_timeout" doc:"How long to wait, as a duration of Go."`
	Timeout         string `arg:"timeout" doc:"How long any one operation may take, as a duration of Go."`
	Atomic          bool   `arg:"atomic,default=no" doc:"Take an installation or upgrade back that failed."`
	CreateNamespace bool   `arg:"create_namespace,default=no" doc:"Create the namespace if it is not there."`
	PostRenderer    string `arg:"post_renderer" doc:"Program that the rendered manifests pass through."`
	Replace         bool   `arg:"replace,default=no" doc:"Take the name of a removed release that is still in the history."`
	SkipCRDs        bool   `arg:"skip_crds,default=no" doc:"Install no custom resource definitions."`
	HistoryMax      *int   `arg:"history_max" doc:"How many revisions to keep."`
	ReuseValues     *bool  `arg:"reuse_values" doc:"Keep the last revision's values and lay the new ones over them."`
	ResetValues     bool   `arg:"reset_values,default=yes" doc:"Begin with the values of the chart."`
	ResetThenReuse  bool   `arg:"reset_then_reuse_values,default=no" doc:"Begin with the chart's values, then the last revision's, then the new ones."`
	SkipTLS         bool   `arg:"insecure_skip_tls_verify,default=no,alias=skip_tls_certs_check" doc:"Do not check the certificate of where the chart comes from."`
	TakeOwnership   bool   `arg:"take_ownership,default=no" doc:"Take over objects that are there and of no release."`
}

// charting are the arguments of what is made of a chart: which, with which values.
type charting struct {
	RepoURL          string     `arg:"chart_repo_url" doc:"URL of the repository of the chart."`
	Version          string     `arg:"chart_version" doc:"Version of the chart; the latest if not given."`
	DependencyUpdate bool       `arg:"dependency_update,default=no,alias=dep_up" doc:"Fetch what the chart depends on first."`
	DisableHook      bool       `arg:"disable_hook,default=no" doc:"Run no hooks."`
	Values           *value.Map `arg:"release_values,alias=values" doc:"Values for the chart."`
	ValuesFiles      []string   `arg:"values_files" doc:"Files of values on the host; release_values are laid over them."`
	SetValues        []any      `arg:"set_values,elements=dict" doc:"Single values: value (KEY=VALUE) and value_type (raw, string, json or file)."`
	PlainHTTP        bool       `arg:"plain_http,default=no" doc:"Speak HTTP to a registry."`
}

func (a releaseArgs) check() error {
	if err := a.exclusive(false); err != nil {
		return err
	}
	switch {
	case a.State == "present" && a.ChartRef == "":
		return errors.New("release_state is present but all of the following are missing: chart_ref")
	case a.Replace && a.HistoryMax != nil:
		return errors.New("parameters are mutually exclusive: replace|history_max")
	case a.WaitTimeout != "" && a.Timeout != "":
		return errors.New("parameters are mutually exclusive: wait_timeout|timeout")
	}
	_, err := a.set()
	return err
}

// set is the part of a command line that sets single values.
func (c charting) set() (string, error) {
	var l line
	for _, raw := range c.SetValues {
		m, _ := raw.(*value.Map)
		for key := range m.All() {
			if key != "value" && key != "value_type" {
				return "", fmt.Errorf("unsupported parameters: set_values.%s; it has value, value_type", value.Str(key))
			}
		}
		if m.Value("value") == nil {
			return "", errors.New("missing required arguments: value found in set_values")
		}
		text := value.Str(m.Value("value"))
		switch kind := m.Value("value_type"); kind {
		case nil, "raw":
			l.opt("--set ", text)
		case "string", "json", "file":
			l.add(true, fmt.Sprintf("--set-%s '%s'", kind, text))
		default:
			return "", fmt.Errorf("value of value_type must be one of: raw, string, json, file, got: %s", value.Str(kind))
		}
	}
	return l.String(), nil
}

// needs says which helm the arguments need.
func (a releaseArgs) needs() []need {
	json := false
	for _, raw := range a.SetValues {
		m, _ := raw.(*value.Map)
		json = json || m.Value("value_type") == "json"
	}
	return []need{
		{a.PlainHTTP, "plain_http", "3.13.0"}, {a.TakeOwnership, "take_ownership", "3.17.0"},
		{json, "This module: set_values parameter with value type set to 'json'", "3.10.0"},
		{a.ResetThenReuse, "reset_then_reuse_values", "3.14.0"}, {a.SkipTLS, "insecure_skip_tls_verify", "3.16.0"},
	}
}

func (a releaseArgs) session(what string) session {
	return session{access: a.access, namespace: a.Namespace, what: what, values: a.Values}
}

func planRelease(ctx context.Context, v module.View, a releaseArgs) (module.Plan, error) {
	if err := a.check(); err != nil {
		return module.Done(module.Fail("%v", err)), nil
	}
	seen, err := a.look(ctx, v, v.Query)
	var next verdict
	apply := func(ctx context.Context, h module.Host) (module.Result, error) {
		return answered(a.carry(ctx, h, seen, next))
	}
	var refused failure
	if errors.As(err, &refused) && a.UpdateCache && a.State == "present" {
		return module.Opaque("the index of the repositories is to be updated first: "+refused.result.Msg, apply), nil
	}
	if err != nil {
		return ended(err)
	}
	next, err = a.decide(ctx, v, v.Query, seen, false)
	if err != nil {
		return ended(err)
	}
	now := module.Result{Warnings: next.warnings}.With("command", seen.command(next.line)).With("stdout", "").With("stderr", "")
	switch {
	case next.changes:
		return module.Change(next.diff, apply).Predicting(now.With("status", seen.foretold())), nil
	case a.UpdateCache || next.fetches:
		return module.Change(module.Diff{}, apply).Predicting(now.With("status", seen.foretold())).Quietly(), nil
	}
	return module.Done(now.With("status", seen.status())), nil
}

// carry does what the plan says. Where the indexes are refreshed, it looks again, and there or where the chart's dependencies are, it decides again.
func (a releaseArgs) carry(ctx context.Context, h module.Host, seen sight, next verdict) (module.Result, error) {
	var err error
	if a.UpdateCache {
		if _, err := a.session("update the repositories").run(ctx, h, h.Exec, step{line: helmMark + " repo update"}); err != nil {
			return module.Result{}, err
		}
		if seen, err = a.look(ctx, h, h.Exec); err != nil {
			return module.Result{}, err
		}
	}
	if a.UpdateCache || next.fetches {
		if next, err = a.decide(ctx, h, h.Exec, seen, true); err != nil {
			return module.Result{}, err
		}
	}
	r := module.Result{Warnings: next.warnings, Changed: next.changes}
	if !next.changes {
		return r.With("command", seen.command(next.line)).With("stdout", "").With("stderr", "").With("status", seen.status()), nil
	}
	got, err := a.session("change a release").run(ctx, h, h.Exec,
		append([]step{{line: next.line}}, a.statusSteps(true)...)...)
	if err != nil {
		return module.Result{}, err
	}
	release, err := a.release(h, got.steps[1], got.steps[2])
	if err != nil {
		return module.Result{}, err
	}
	if next.diff != (module.Diff{}) {
		r.Diff = &next.diff
	}
	r = r.With("command", got.command(next.line)).With("stdout", got.steps[0].Stdout).With("stderr", got.steps[0].Stderr)
	return r.With("status", orNil(release)), nil
}

// statusSteps ask for the release and, if it is there, for its values.
func (a releaseArgs) statusSteps(all bool) []step {
	list := helmMark + " list --output=yaml --filter " + module.Quote(a.Name)
	if all {
		list += " --all"
	}
	return []step{{line: list, keep: true}, {line: helmMark + " get values --output=yaml " + a.Name, ifSaid: named(a.Name)}}
}

// named finds the release's line in a list, in YAML or JSON.
func named(release string) string {
	return `"?name"?: ?"?'?` + regexp.QuoteMeta(release) + `"?'?[ ,}]*$|"name": ?"` + regexp.QuoteMeta(release) + `"`
}

// release reads one release out of a list, with its values; nil: it is not there.
func (a releaseArgs) release(v module.View, list, values module.Output) (*value.Map, error) {
	m, err := inList(v, list.Stdout, a.Name)
	if m == nil || err != nil {
		return nil, err
	}
	given, err := parseYAML(v, values.Stdout)
	if err != nil {
		return nil, err
	}
	if given == nil {
		given = &value.Map{}
	}
	return m.Clone().Set("values", given), nil
}

// inList finds what has a name in a YAML list of mappings.
func inList(v module.View, text, name string) (*value.Map, error) {
	doc, err := parseYAML(v, text)
	if err != nil {
		return nil, err
	}
	all, _ := doc.([]any)
	for _, one := range all {
		if m, ok := one.(*value.Map); ok && m.Value("name") == name {
			return m, nil
		}
	}
	return nil, nil
}

func orNil(m *value.Map) any {
	if m == nil {
		return nil
	}
	return m
}

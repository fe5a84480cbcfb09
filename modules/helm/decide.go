package helm

// What a task of helm finds, and which command it makes of that.

import (
	"context"
	"errors"
	"regexp"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// sight is what the host has: the release, the chart that is wanted, helm's plugins.
type sight struct {
	answers
	release *value.Map // nil: not installed
	chart   *value.Map
	plugins []plugin
	version string     // of helm; empty: not asked
	files   *value.Map // what the files of values hold, later ones over earlier ones
	unread  error      // why files is not known
}

// status is the release for the result.
func (s sight) status() any { return orNil(s.release) }

// foretold is the status that check mode answers.
func (s sight) foretold() any {
	current, declared := any(&value.Map{}), any(&value.Map{})
	if s.release != nil {
		current, declared = s.release.Value("values"), s.release
	}
	return value.NewMap("values", value.NewMap("current", current, "declared", declared))
}

// front is how every command about the chart begins.
func (a releaseArgs) front() *line {
	l := &line{}
	l.WriteString(helmMark)
	l.opt("--version=", a.Version)
	l.opt("--repo=", a.RepoURL)
	return l
}

// look asks the host in one round trip.
func (a releaseArgs) look(ctx context.Context, v module.View, ask asker) (sight, error) {
	steps := a.statusSteps(a.State == "absent")
	also := func(s step) int { steps = append(steps, s); return len(steps) - 1 }
	version, chart, list := -1, -1, -1
	if anyWanted(a.needs()) || a.State == "absent" && a.Wait {
		version = also(versionStep)
	}
	var files []int
	if a.State == "present" {
		show := a.front()
		show.add(true, "show chart '"+onHost(a.ChartRef)+"'")
		show.add(a.SkipTLS, "--insecure-skip-tls-verify")
		show.add(a.PlainHTTP, "--plain-http")
		chart = also(step{line: show.String()})
		list = also(step{line: helmMark + " plugin list", ifSaid: named(a.Name)})
		for _, f := range a.ValuesFiles {
			files = append(files, also(step{line: "cat " + module.Quote(onHost(f)), mayFail: true}))
		}
	}
	got, err := a.session("look at a release").run(ctx, v, ask, steps...)
	if err != nil {
		return sight{}, err
	}
	s := sight{answers: got}
	if s.release, err = a.release(v, got.steps[0], got.steps[1]); err != nil {
		return s, err
	}
	if version >= 0 {
		s.version = versionOf(got.steps[version].Stdout)
	}
	if chart >= 0 {
		doc, err := parseYAML(v, got.steps[chart].Stdout)
		if err != nil {
			return s, err
		}
		s.chart, _ = doc.(*value.Map)
		if s.plugins, err = plugins(got.steps[list].Stdout); err != nil {
			return s, failure{module.Fail("%v", err)}
		}
		s.files, s.unread = a.merged(v, got, files)
	}
	return s, err
}

// merged lays the files of values over each other, key by key at the top; it fails for one that cannot be read.
func (a releaseArgs) merged(v module.View, got answers, files []int) (*value.Map, error) {
	out := &value.Map{}
	for _, i := range files {
		if o := got.steps[i]; o.Rc != 0 {
			return nil, failure{module.Fail("the values cannot be read: %s", strings.TrimSpace(o.Stderr))}
		}
		doc, err := parseYAML(v, got.steps[i].Stdout)
		if err != nil {
			return nil, err
		}
		if m, ok := doc.(*value.Map); ok {
			out = out.Merge(m)
		}
	}
	return out, nil
}

// verdict is what is to be done.
type verdict struct {
	changes  bool
	fetches  bool // the chart's dependencies are to be fetched before it can be known
	line     string
	diff     module.Diff
	warnings []string
}

const (
	noDiffPlugin = "The default idempotency check can fail to report changes in certain cases. Install helm diff >= 3.4.1 for better results."
	noDeps       = "There is no dependencies block defined in Chart.yaml. Dependency update will not be performed. " +
		"Please consider add dependencies block or disable dependency_update to remove this warning."
	unstableDeps = "This is a not stable feature with 'chart_repo_url'. Please consider to use dependency update with on-disk charts"
	depsInstall  = "'--dependency-update' hasn't been supported yet with 'helm upgrade'. Please use 'helm install' instead by adding 'replace' option"
)

// decide says what a sight calls for. Only an act fetches what the chart depends on.
func (a releaseArgs) decide(ctx context.Context, v module.View, ask asker, s sight, act bool) (verdict, error) {
	if s.version != "" {
		if err := unmet(s.version, a.needs()); err != nil {
			return verdict{}, err
		}
	}
	if a.State == "absent" {
		return a.removal(s)
	}
	var out verdict
	inline := false // the installation itself fetches what the chart depends on
	if a.DependencyUpdate {
		var err error
		if inline, err = a.dependencies(ctx, v, ask, s, act, &out); err != nil {
			return out, err
		}
	}
	if s.release == nil {
		out.changes, out.line = true, a.deploy(false, inline)
		return out, nil
	}
	out.line = a.front().String()
	differs, err := a.differs(ctx, v, ask, s, &out)
	if err != nil {
		return out, err
	}
	if a.Force || differs {
		out.changes, out.line = true, a.deploy(true, inline)
	}
	return out, nil
}

func (a releaseArgs) removal(s sight) (verdict, error) {
	status, _ := s.release.Value("status").(string)
	if s.release == nil || strings.HasPrefix(status, "uninstall") {
		return verdict{line: helmMark}, nil
	}
	if a.Replace {
		return verdict{}, failure{module.Fail("replace is not applicable when state is absent")}
	}
	out := verdict{changes: true, diff: module.Text("release "+a.Name+" in "+a.Namespace+"\n", "")}
	wait := a.Wait
	if wait && older(s.version, "3.7.0") {
		wait = false
		out.warnings = append(out.warnings, "helm uninstall support option --wait for helm release >= 3.7.0")
	}
	var l line
	l.WriteString(helmMark + " uninstall ")
	l.add(!a.Purge, "--keep-history")
	l.add(a.DisableHook, "--no-hooks")
	l.add(wait, "--wait")
	l.opt("--timeout ", a.WaitTimeout)
	l.add(true, a.Name)
	out.line = l.String()
	return out, nil
}

var remoteChart = regexp.MustCompile(`^https*://[\w.:/?&=-]+$`)

// dependencies sees to what the chart depends on. inline: the installation is to do it.
func (a releaseArgs) dependencies(ctx context.Context, v module.View, ask asker, s sight, act bool, out *verdict) (inline bool, err error) {
	if !value.Truth(s.chart.Value("dependencies")) {
		out.warnings = append(out.warnings, noDeps)
		return true, nil
	}
	if a.RepoURL != "" || remoteChart.MatchString(a.ChartRef) {
		out.warnings = append(out.warnings, unstableDeps)
		if !a.Replace {
			return true, failure{module.Fail("%s", depsInstall)}
		}
		return true, nil
	}
	out.fetches = !act
	if act {
		_, err = a.session("fetch what a chart depends on").run(ctx, v, ask, step{line: helmMark + " dependency update '" + onHost(a.ChartRef) + "'"})
	}
	return false, err
}

// differs tells whether an upgrade would change the release: by the plugin diff where helm has it, else by chart, version and values.
func (a releaseArgs) differs(ctx context.Context, v module.View, ask asker, s sight, out *verdict) (bool, error) {
	p, ok := find(s.plugins, "diff")
	if !ok || a.RepoURL != "" && older(p.version, "3.4.1") {
		out.warnings = append(out.warnings, noDiffPlugin)
		return a.differsPlainly(s)
	}
	if a.ResetThenReuse && older(p.version, "3.9.12") {
		return false, failure{module.Fail("reset_then_reuse_values requires helm diff >= 3.9.12, current version is %s\n", p.version)}
	}
	got, err := a.session("compare a release").run(ctx, v, ask, step{line: a.diffLine()})
	var f failure
	if errors.As(err, &f) && out.fetches {
		return true, nil // what the chart depends on is not there yet
	}
	if err != nil {
		return false, err
	}
	text := strings.TrimSpace(got.steps[0].Stdout)
	if text != "" {
		out.diff = module.Diff{Prepared: text}
	}
	return text != "", nil
}

func (a releaseArgs) differsPlainly(s sight) (bool, error) {
	text := func(m *value.Map, key string) string {
		if v := m.Value(key); v != nil {
			return value.Str(v)
		}
		return ""
	}
	want := a.Values
	if len(a.ValuesFiles) > 0 {
		if s.unread != nil {
			return false, s.unread
		}
		want = s.files
	}
	if want == nil {
		want = &value.Map{}
	}
	return !value.Equal(s.release.Value("values"), want) ||
		text(s.chart, "name")+"-"+text(s.chart, "version") != text(s.release, "chart") ||
		text(s.chart, "appVersion") != text(s.release, "app_version"), nil
}

// diffLine is the call of the plugin diff.
func (a releaseArgs) diffLine() string {
	var l line
	l.WriteString(helmMark + " diff upgrade " + a.Name + " " + onHost(a.ChartRef))
	l.opt("--repo=", a.RepoURL)
	l.opt("--version=", a.Version)
	l.add(!a.Replace, "--reset-values="+value.Str(a.ResetValues))
	l.opt("--post-renderer=", a.PostRenderer)
	a.given(&l)
	set, _ := a.set()
	l.WriteString(set)
	l.add(yes(a.ReuseValues), "--reuse-values")
	l.add(a.ResetThenReuse, "--reset-then-reuse-values")
	l.add(a.SkipTLS, "--insecure-skip-tls-verify")
	l.add(a.PlainHTTP, "--plain-http")
	return l.String()
}

// given adds the files of values.
func (a releaseArgs) given(l *line) {
	for _, f := range a.ValuesFiles {
		l.add(true, "--values="+onHost(f))
	}
	l.add(a.Values.Len() > 0, "-f="+valuesFile)
}

package helm

import (
	"os"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/engine/value"
)

// TestAnswersAndCallsHelmAsAnsible replays what kubernetes.core 6.1 did with the helm of testdata/helm.sh: its results, and every call of helm
// that changes something, with its environment.
func TestAnswersAndCallsHelmAsAnsible(t *testing.T) {
	fake, err := os.ReadFile("testdata/helm.sh")
	if err != nil {
		t.Fatal(err)
	}
	moduletest.Replayed{
		File:    "testdata/recorded.json",
		Modules: []module.Module{Release, Info, Repository, Template, Plugin, PluginInfo, Pull, RegistryAuth},
		Set:     func(h *moduletest.Host) { h.Command(t, "helm", string(fake)) },
		Writes:  true, // the double writes down each call
		Ignore:  []string{"warnings"},
	}.Run(t)
}

// fakeHelm is a host with the helm of testdata/helm.sh, changed for a test, and the release web.
func fakeHelm(t *testing.T, change *strings.Replacer) *moduletest.Host {
	t.Helper()
	fake, err := os.ReadFile("testdata/helm.sh")
	if err != nil {
		t.Fatal(err)
	}
	h := moduletest.NewHost(t)
	h.Command(t, "helm", change.Replace(string(fake)))
	out, err := h.Exec(t.Context(), module.Cmd{Shell: "HELM_NAMESPACE=apps helm upgrade -i web r/web"})
	if err != nil || out.Rc != 0 {
		t.Fatalf("%v: %s", err, out.Stderr)
	}
	return h
}

// Before the chart's dependencies are there, a comparison that fails foretells a change; with them it fails the task.
func TestComparisonFailsWithDependencies(t *testing.T) {
	h := fakeHelm(t, strings.NewReplacer(`"diff upgrade") `, `"diff upgrade") echo "Error: cannot compare" >&2; exit 1; `))
	moduletest.Put(t, h.Dir, map[string]string{"helm/plugins": "diff\t3.9.14\tPreview\n"})
	plan, err := Release.Plan(t.Context(), h.View(), value.NewMap("name", "web", "namespace", "apps", "chart_ref", "/c/deps", "dependency_update", true))
	if err != nil || plan.Kind() != module.KindChange || plan.Quiet() {
		t.Fatalf("%v: %+v", err, plan.Result())
	}
	if r, err := plan.Apply()(t.Context(), h); err != nil || !r.Failed || !strings.Contains(r.Msg, "cannot compare") {
		t.Errorf("%v: %+v", err, r)
	}
}

// Without the plugin diff a file of values that is not there is a failure, not an empty one.
func TestMissingValuesAreNotEmpty(t *testing.T) {
	h := fakeHelm(t, strings.NewReplacer())
	plan, err := Release.Plan(t.Context(), h.View(), value.NewMap("name", "web", "namespace", "apps", "chart_ref", "r/web", "values_files", []any{h.Dir + "/nosuch.yml"}))
	if err != nil {
		t.Fatal(err)
	}
	if r := plan.Result(); !r.Failed || !strings.Contains(r.Msg, "nosuch.yml") {
		t.Errorf("%+v", r)
	}
}

// Secrets come to the host as lines, so one of two lines would be taken for the next secret.
func TestSecretsHaveOneLine(t *testing.T) {
	h := fakeHelm(t, strings.NewReplacer())
	plan, err := Info.Plan(t.Context(), h.View(), value.NewMap("name", "web", "namespace", "apps", "api_key", "sesame\n"))
	if err != nil {
		t.Fatal(err)
	}
	if r := plan.Result(); !r.Failed || !strings.Contains(r.Msg, "more than one line") {
		t.Errorf("%+v", r)
	}
}

// Who is logged in stays so when helm does not tell its version.
func TestLoginNeedsNoVersion(t *testing.T) {
	h := fakeHelm(t, strings.NewReplacer(`"version ") `, `"version ") exit 1; `))
	plan, err := RegistryAuth.Plan(t.Context(), h.View(), value.NewMap("host", "reg:5000", "username", "u", "password", "pw1234"))
	if err != nil {
		t.Fatal(err)
	}
	if r, err := plan.Apply()(t.Context(), h); err != nil || r.Failed || !r.Changed {
		t.Errorf("%v: %+v", err, r)
	}
}

// The parts of a release come in one order every time.
func TestInfoIsInOrder(t *testing.T) {
	h := fakeHelm(t, strings.NewReplacer())
	for range 8 {
		plan, err := Info.Plan(t.Context(), h.View(), value.NewMap("name", "web", "namespace", "apps"))
		if err != nil {
			t.Fatal(err)
		}
		status := plan.Result().Data.Value("status").(*value.Map)
		if keys := value.Repr(status.Keys()); !strings.HasSuffix(keys, "'values', 'manifest', 'notes', 'hooks']") {
			t.Fatalf("the keys are %s", keys)
		}
	}
}

func TestVersions(t *testing.T) {
	for text, want := range map[string]string{
		`version.BuildInfo{Version:"v3.17.2", GitCommit:"x"}`: "3.17.2", `Client: &version.Version{SemVer:"v2.16.1", GitCommit:""}`: "2.16.1", "?": "",
	} {
		if got := versionOf(text); got != want {
			t.Errorf("%s is %q, want %q", text, got, want)
		}
	}
	for _, c := range []struct {
		a, b string
		want bool
	}{{"3.9.4", "3.10.0", true}, {"3.10.0", "3.10.0", false}, {"3.17.0-rc.1", "3.16.9", false}, {"4", "3.9.12", false}, {"", "3.0.0", true}} {
		if got := older(c.a, c.b); got != c.want {
			t.Errorf("%s before %s: %v", c.a, c.b, got)
		}
	}
}

package tools

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/engine/value"
)

// testdata/compose.json is what community.docker 4.7.0 answers to tasks one after the other over testdata/docker.sh, a docker of one service:
// the results of ansible-core 2.19.11 with the folder as $DIR. Check mode is a plan that is not carried out.
func TestComposeAnswersAsAnsibleDoes(t *testing.T) {
	h := moduletest.NewHost(t)
	script, err := os.ReadFile("testdata/docker.sh")
	if err != nil {
		t.Fatal(err)
	}
	moduletest.Put(t, h.Dir, map[string]string{"docker": "0755:" + string(script), "proj/compose.yaml": ""})
	text, err := os.ReadFile("testdata/compose.json")
	if err != nil {
		t.Fatal(err)
	}
	all, err := value.ParseJSON([]byte(strings.ReplaceAll(string(text), "$DIR", h.Dir)))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all.([]any) {
		c := c.(*value.Map)
		args, want := c.Value("args").(*value.Map), c.Value("want").(*value.Map)
		plan, err := ComposeV2.Plan(t.Context(), h.View(), args)
		if err != nil {
			t.Fatal(err)
		}
		r := plan.Result()
		r.Changed = plan.Kind() == module.KindChange && !plan.Quiet()
		if apply := plan.Apply(); apply != nil && c.Value("check") == nil {
			if r, err = apply(t.Context(), h); err != nil {
				t.Fatal(err)
			}
		}
		got := moduletest.Flat(r)
		if len(r.Warnings) > 0 {
			got.Set("warnings", texts(r.Warnings))
		}
		for k, v := range want.All() {
			if g := got.Value(value.Str(k)); !value.Equal(g, v) {
				t.Errorf("%s, %s:\n got %s\nwant %s", value.Repr(args), k, value.Repr(g), value.Repr(v))
			}
		}
	}
}

// Only the host knows where ~ is: docker is given every path as the host fills it in.
func TestComposeFillsInPaths(t *testing.T) {
	h := moduletest.NewHost(t)
	script, err := os.ReadFile("testdata/docker.sh")
	if err != nil {
		t.Fatal(err)
	}
	moduletest.Put(t, h.Dir, map[string]string{"docker": "0755:" + string(script), "proj/compose.yaml": "", "c.yaml": ""})
	plan, err := ComposeV2.Plan(t.Context(), h.View(), value.NewMap("docker_cli", "~/docker", "project_src", "~/proj", "files", []any{"compose.yaml", "~/c.yaml"},
		"env_files", []any{"~/e"}, "ca_path", "~/ca.pem", "client_cert", "~/cert.pem", "client_key", "~/key.pem"))
	if err != nil || plan.Kind() != module.KindChange {
		t.Fatalf("%v: %+v", err, plan.Result())
	}
	calls, err := os.ReadFile(filepath.Join(h.Dir, "calls"))
	if err != nil {
		t.Fatal(err)
	}
	want := strings.ReplaceAll("--tlscacert|$/ca.pem|--tlscert|$/cert.pem|--tlskey|$/key.pem|compose|--ansi|never|--progress|json|--project-directory|$/proj|"+
		"--file|compose.yaml|--file|$/c.yaml|--env-file|$/e|up|", "$", h.Dir)
	if !strings.Contains(string(calls), want) || strings.Contains(string(calls), "~") {
		t.Errorf("docker was called with\n%swant %s", calls, want)
	}
}

// What was changed is said where the containers cannot be listed afterwards.
func TestComposeSaysWhatItChanged(t *testing.T) {
	h := moduletest.NewHost(t)
	h.Command(t, "docker", `case "$*" in
*" version "*) echo '{"version":"v2.32.4"}' ;;
*" ps "*) [ ! -e up ] || { echo '{"error":true,"message":"no daemon"}' >&2; exit 1; } ;;
*" images "*) echo '[]' ;;
*" up "*) echo '{"id":"Container p-web-1","status":"Starting"}' >&2; case "$*" in *--dry-run*) ;; *) touch up ;; esac ;;
esac`)
	moduletest.Put(t, h.Dir, map[string]string{"compose.yaml": ""})
	plan, err := ComposeV2.Plan(t.Context(), h.View(), value.NewMap("project_src", h.Dir))
	if err != nil || plan.Kind() != module.KindChange {
		t.Fatalf("%v: %+v", err, plan.Result())
	}
	if r, err := plan.Apply()(t.Context(), h); err != nil || !r.Failed || !r.Changed || !strings.Contains(r.Msg, "no daemon") {
		t.Errorf("%v: %+v", err, r)
	}
}

// What Compose cannot do is said before it is called.
func TestComposeRefuses(t *testing.T) {
	for _, c := range []struct {
		name, version string
		args          []any
		msg           string
	}{
		{"no plugin", "", nil, "does not have the compose plugin installed"},
		{"too old", "v2.24.6", nil, "the compose plugin with version 2.24.6; need version 2.29.0 or later"},
		{"too old for yes", "v2.31.0", []any{"assume_yes", true}, "assume_yes=true needs Docker Compose 2.32.0 or newer, not version 2.31.0"},
		{"scale of text", "v2.40.1", []any{"scale", value.NewMap("web", "many")}, "is not an integer"},
		{"scale below nothing", "v2.40.1", []any{"scale", value.NewMap("web", -1)}, "is negative"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := moduletest.NewHost(t)
			h.Command(t, "docker", `case $* in *compose*) [ -n "`+c.version+`" ] && echo '{"version":"`+c.version+`"}' ;; *) echo '{}' ;; esac`)
			moduletest.Put(t, h.Dir, map[string]string{"compose.yaml": ""})
			plan, err := ComposeV2.Plan(t.Context(), h.View(), value.NewMap(append([]any{"project_src", h.Dir, "docker_cli", filepath.Join(h.Dir, ".bin/docker")}, c.args...)...))
			if err != nil {
				t.Fatal(err)
			}
			if r := plan.Result(); !r.Failed || !strings.Contains(r.Msg, c.msg) {
				t.Errorf("%+v, want %s", r, c.msg)
			}
		})
	}
}

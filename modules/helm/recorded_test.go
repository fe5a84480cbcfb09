package helm

import (
	"os"
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
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
		Tolerated: map[string]string{
			"diff plugin": "the diff is asked again before the change: a plan may be older than the change",
		},
	}.Run(t)
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

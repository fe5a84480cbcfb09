package twin_test

import (
	"bytes"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	drydock "github.com/drydock-dev/drydock"
	"github.com/drydock-dev/drydock/engine"
	"github.com/drydock-dev/drydock/engine/config"
	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/preview"
	"github.com/drydock-dev/drydock/engine/source"
	"github.com/drydock-dev/drydock/engine/twin"
	"github.com/drydock-dev/drydock/modules"
)

// planned makes a plan of the shipped maintenance for a site.
func planned(t testing.TB, s *twin.Site, extra ...string) preview.Preview {
	t.Helper()
	dir := t.TempDir()
	hosts, err := s.Inventory(dir)
	if err != nil {
		t.Fatal(err)
	}
	env := func(string) (string, bool) { return "", false }
	cfg, ds := config.Load(config.Machine{Getenv: env, Cwd: dir, Home: dir, ReadFile: source.ReadDisk, Stat: os.Stat})
	if ds.HasErrors() {
		t.Fatal(ds.Err())
	}
	job, ds := engine.Load(engine.Options{
		Playbooks: []string{"maintenance.yml"}, Inventory: []string{hosts}, Config: cfg, Registry: modules.Builtin(), ExtraVars: extra,
		Embedded: source.Embedded(dir, drydock.Content), Forks: 6,
		Machine: engine.Machine{Getenv: env, Cwd: dir, Home: dir, User: "nobody", Clock: s.Clock},
	})
	if ds.HasErrors() {
		t.Fatal(ds.Err())
	}
	p, err := job.Preview(t.Context(), &told{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func text(t testing.TB, p preview.Preview) string {
	t.Helper()
	var b bytes.Buffer
	if err := preview.WriteText(&b, p, preview.Style{Width: 100}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// checks are the names of what speaks against a plan, each once.
func checks(p preview.Preview) []string {
	var out []string
	for _, b := range p.Open() {
		out = append(out, b.Check)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func TestAPlanSaysWhatTheMaintenanceThenDoes(t *testing.T) {
	s := start(t, twin.Sized(3, 3))
	before := len(s.Trace())
	s.API.Forget()
	p := planned(t, s)
	if !p.Ready || len(p.Nodes) != 6 {
		t.Fatalf("not ready:\n%s", text(t, p))
	}
	for _, r := range s.API.Requests() {
		if r.Method != http.MethodGet {
			t.Errorf("the API was asked to %s %s", r.Method, r.Path)
		}
	}
	if len(s.Trace()) != before {
		t.Errorf("the plan did %v", s.Trace()[before:])
	}
	for i, n := range p.Nodes {
		if want := []string{"worker-1", "worker-2", "worker-3", "master-1", "master-2", "master-3"}[i]; n.Host != want || n.Node != want {
			t.Errorf("node %d is %s (%s), not %s", i+1, n.Host, n.Node, want)
		}
		if !n.NewKernel() || !n.Reboot.Needed || !n.Drained || len(n.Pods) == 0 {
			t.Errorf("%s: %+v", n.Host, n)
		}
		if (n.Quorum != nil) != strings.HasPrefix(n.Host, "master") {
			t.Errorf("%s: quorum %+v", n.Host, n.Quorum)
		}
		for _, c := range n.Packages {
			if h := s.Hosts[n.Host]; c.From != "" && h.Installed(c.Name) != c.From { // kernels of Red Hat come beside those that are there
				t.Errorf("%s has %s %s, the plan says %s", n.Host, c.Name, h.Installed(c.Name), c.From)
			}
		}
	}
	if k, code := maintain(t, s); code != 0 {
		t.Fatalf("exit %d: %q", code, k.failures())
	}
	for _, n := range p.Nodes {
		for _, c := range n.Packages {
			if h := s.Hosts[n.Host]; h.Installed(c.Name) != c.To {
				t.Errorf("%s got %s %s, the plan said %s", n.Host, c.Name, h.Installed(c.Name), c.To)
			}
		}
	}
	after := planned(t, s)
	if len(preview.Drift(p, after)) == 0 {
		t.Error("after the run the world is the planned one")
	}
	for _, n := range after.Nodes {
		if len(n.Packages) > 0 || n.Reboot.Needed {
			t.Errorf("%s has something pending still: %+v %+v", n.Host, n.Packages, n.Reboot)
		}
	}
}

// stuck is a pod on worker-1 whose budget can never allow that it is moved.
const stuck = `apiVersion: v1
kind: Pod
metadata: {name: stuck, namespace: default, labels: {app: stuck}, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: stuck, uid: stuck, controller: true}]}
spec: {nodeName: worker-1, containers: [{name: stuck, image: example.org/stuck:1}]}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: stuck, namespace: default}
spec: {minAvailable: 1, selector: {matchLabels: {app: stuck}}}
`

func TestAPlanSeesFaults(t *testing.T) {
	for name, c := range map[string]struct {
		harm func(s *twin.Site) error
		want string
	}{
		"a foreign cordon":   {func(s *twin.Site) error { return s.Cordon("worker-2") }, kube.CheckOtherNode},
		"a budget":           {func(s *twin.Site) error { return s.API.Load(stuck) }, preview.CheckPods},
		"a host that is off": {func(s *twin.Site) error { s.Hosts["worker-3"].PowerOff(); return nil }, preview.CheckReach},
	} {
		s := start(t, twin.Sized(3, 3))
		if err := c.harm(s); err != nil {
			t.Fatal(err)
		}
		if err := s.Clock.Sleep(t.Context(), 5*time.Minute); err != nil { // until all have noticed
			t.Fatal(err)
		}
		p := planned(t, s)
		if got := checks(p); p.Ready || !slices.Contains(got, c.want) {
			t.Errorf("%s: ready %t, %v\n%s", name, p.Ready, got, text(t, p))
		}
	}
}

func BenchmarkPlan(b *testing.B) {
	s := start(b, twin.Sized(3, 3))
	for b.Loop() {
		if p := planned(b, s); !p.Ready {
			b.Fatal(text(b, p))
		}
	}
}

package twin_test

import (
	"context"
	"os"
	"testing"
	"time"

	drydock "github.com/drydock-dev/drydock"
	"github.com/drydock-dev/drydock/engine"
	"github.com/drydock-dev/drydock/engine/config"
	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/guard"
	"github.com/drydock-dev/drydock/engine/source"
	"github.com/drydock-dev/drydock/engine/twin"
	"github.com/drydock-dev/drydock/engine/value"
	"github.com/drydock-dev/drydock/modules"
)

func start(t testing.TB, spec twin.Spec) *twin.Site {
	t.Helper()
	s, err := twin.Start(context.Background(), spec)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// told keeps the events of a run.
type told struct{ events []event.Event }

// Emit keeps one.
func (k *told) Emit(e event.Event) error {
	k.events = append(k.events, e)
	return nil
}

// failures are the results that ended badly, in words.
func (k *told) failures() (out []string) {
	for _, e := range k.events {
		if r, ok := e.(event.HostResult); ok && (r.Status == event.Failed || r.Status == event.Unreachable) {
			out = append(out, r.Host+": "+r.Task.Name+": "+value.Repr(r.Result))
		}
	}
	return out
}

// maintain runs the shipped maintenance on a site.
func maintain(t testing.TB, s *twin.Site, extra ...string) (*told, int) {
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
		Embedded: source.Embedded(dir, drydock.Content), Forks: 5, Guard: guardOf(s),
		Machine: engine.Machine{Getenv: env, Cwd: dir, Home: dir, User: "nobody", Clock: s.Clock},
	})
	if ds.HasErrors() {
		t.Fatal(ds.Err())
	}
	k := &told{}
	code, err := job.Run(t.Context(), k, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, h := range s.Hosts {
		if u := h.Unknown(); len(u) > 0 {
			t.Errorf("%s does not know %q", name, u)
		}
	}
	return k, code
}

// guardOf is the guard of a run on a site. A person has said that a cluster whose etcd cannot spare a server may be without it for a while.
func guardOf(s *twin.Site) *guard.Config {
	servers := 0
	for _, n := range s.Spec().Nodes {
		if n.Role == twin.Server {
			servers++
		}
	}
	cfg := &guard.Config{Holder: "nobody@here"}
	if servers < 3 {
		cfg.Accept = []string{"etcd-quorum"}
	}
	return cfg
}

// sound checks every invariant.
func sound(t testing.TB, s *twin.Site, k *told) {
	t.Helper()
	trace, acts := s.Trace(), twin.Acts(k.events)
	bad := append(twin.Judge(trace), twin.Journaled(trace, acts, time.Minute)...)
	for _, v := range append(bad, twin.Completed(acts)...) {
		t.Error(v)
	}
}

func TestMaintenance(t *testing.T) {
	s := start(t, twin.Sized(3, 3))
	k, code := maintain(t, s)
	if code != 0 {
		t.Fatalf("exit %d: %q", code, k.failures())
	}
	sound(t, s, k)
	for _, v := range twin.Restored(s.Trace()) {
		t.Error(v)
	}
	for name, h := range s.Hosts {
		if h.Boots() != 2 {
			t.Errorf("%s booted %d times", name, h.Boots())
		}
	}
	before := len(s.Trace())
	k, code = maintain(t, s)
	if code != 0 || len(s.Trace()) != before {
		t.Errorf("the second run: exit %d, %q, and it did %v", code, k.failures(), s.Trace()[before:])
	}
}

func BenchmarkMaintenance(b *testing.B) {
	for name, spec := range map[string]twin.Spec{"nodes=6": twin.Sized(3, 3), "nodes=3": twin.Sized(1, 2)} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				s := start(b, spec)
				if k, code := maintain(b, s); code != 0 {
					b.Fatal(code, k.failures())
				}
				s.Close()
			}
		})
	}
}

func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		start(b, twin.Sized(3, 3)).Close()
	}
}

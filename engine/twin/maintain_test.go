package twin_test

import (
	"context"
	"encoding/json"
	"os"
	"strings"
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
	spec := twin.Sized(3, 3)
	spec.SudoPassword = "correct-horse-battery"
	s := start(t, spec)
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
	texts := map[string]string{"events": ""}
	for _, e := range k.events {
		text, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		texts["events"] += string(text)
	}
	for name, h := range s.Hosts {
		texts["command lines of "+name] = strings.Join(h.Lines(), "\n")
	}
	for _, v := range twin.Secretless(texts, spec.SudoPassword) {
		t.Error(v)
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

// TestFaults lets a fault loose on a small site and checks what came of it: whatever else, no invariant is broken.
func TestFaults(t *testing.T) {
	for _, c := range []struct {
		fault string
		code  int
		left  string // nodes that are not back in service at the end
		says  string // part of a failure
		boots int    // of all hosts, beyond the first of each
	}{
		{"api-gone@cordoned", 0, "", "", 3},
		{"reboot-never=worker-1", 2, "worker-1 is still down", "Timed out waiting for last boot time", 0},
		{"reboot-ignored=worker-2", 2, "worker-2 is still cordoned", "has not rebooted", 1},
		{"single-replica=worker-1", 2, "", "worker-1", 0},
		{"pdb-never", 2, "", "The disruption budget db", 0},
		{"other-node-cordoned=master-1@uncordoned", 2, "", "master-1 is cordoned", 1},
		{"power-lost=worker-2@uncordoned", 2, "worker-2 is still down", "", 1},
	} {
		t.Run(c.fault, func(t *testing.T) {
			t.Parallel()
			fault, err := twin.ParseFault(c.fault)
			if err != nil || fault.String() != c.fault {
				t.Fatal(fault, err)
			}
			spec := twin.Sized(1, 2)
			spec.Faults, spec.Seed = []twin.Fault{fault}, 1
			s := start(t, spec)
			k, code := maintain(t, s)
			boots, left := 0, ""
			for _, h := range s.Hosts {
				boots += h.Boots() - 1
			}
			for _, v := range twin.Restored(s.Trace()) {
				left += v.What
			}
			if code != c.code && !(c.code == 2 && code == 4) || left != c.left || boots != c.boots || !strings.Contains(strings.Join(k.failures(), "\n"), c.says) {
				t.Errorf("exit %d, left %q, %d boots, failures %.900q", code, left, boots, k.failures())
			}
			trace, acts := s.Trace(), twin.Acts(k.events)
			for _, v := range append(twin.Judge(trace), twin.Journaled(trace, acts, time.Minute)...) {
				t.Error(v)
			}
			for _, e := range trace {
				if e.Kind == twin.Misfire {
					t.Errorf("%s: %s", e.Object, e.To)
				}
			}
		})
	}
}

func TestFaultsThatCannotBe(t *testing.T) {
	for _, text := range []string{"nonsense", "reboot-never@noon"} {
		if _, err := twin.ParseFault(text); err == nil {
			t.Errorf("%s was read", text)
		}
	}
	for _, f := range []twin.Fault{{Name: "nonsense"}, {Name: "reboot-never", On: "nobody"}, {Name: "single-replica", On: "nobody"}, {Name: "volume-degraded", On: "none"}} {
		spec := twin.Sized(1, 0)
		spec.Faults = []twin.Fault{f}
		if s, err := twin.Start(t.Context(), spec); err == nil {
			s.Close()
			t.Errorf("%s was let loose", f)
		}
	}
}

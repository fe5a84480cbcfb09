package twin_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	drydock "github.com/drydock-dev/drydock"
	"github.com/drydock-dev/drydock/engine"
	"github.com/drydock-dev/drydock/engine/config"
	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/run"
	"github.com/drydock-dev/drydock/engine/settings"
	"github.com/drydock-dev/drydock/engine/source"
	"github.com/drydock-dev/drydock/engine/twin"
	"github.com/drydock-dev/drydock/modules"
)

// watched is a told that does something at events.
type watched struct {
	told
	at func(event.Event)
}

func (w *watched) Emit(e event.Event) error {
	w.at(e)
	return w.told.Emit(e)
}

// paced is the shipped maintenance of a site under a drydock.yml, with files beside it.
func paced(t *testing.T, s *twin.Site, yml string, files map[string]string) *engine.Job {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	hosts, err := s.Inventory(dir)
	if err != nil {
		t.Fatal(err)
	}
	kept, ds := settings.Load(settings.File, true, func(string) ([]byte, error) { return []byte(yml), nil })
	if ds.HasErrors() {
		t.Fatal(ds.Err())
	}
	env := func(string) (string, bool) { return "", false }
	cfg, ds := config.Load(config.Machine{Getenv: env, Cwd: dir, Home: dir, ReadFile: source.ReadDisk, Stat: os.Stat})
	if ds.HasErrors() {
		t.Fatal(ds.Err())
	}
	job, ds := engine.Load(engine.Options{
		Playbooks: []string{"maintenance.yml"}, Inventory: []string{hosts}, Config: cfg, Registry: modules.Builtin(), Settings: kept,
		Embedded: source.Embedded(dir, drydock.Content), Forks: 5,
		Machine: engine.Machine{Getenv: env, Cwd: dir, Home: dir, User: "nobody", Clock: s.Clock},
	})
	if ds.HasErrors() {
		t.Fatal(ds.Err())
	}
	return job
}

const say = "- name: Hook {{ hook }}\n  ansible.builtin.debug: {msg: '{{ inventory_hostname }}'}\n  vars: {hook: "

// TestHooksOfTheShippedMaintenance holds the order of what happens to each node.
func TestHooksOfTheShippedMaintenance(t *testing.T) {
	s := start(t, twin.Sized(1, 2))
	files := map[string]string{}
	yml := "hooks:\n"
	for _, h := range []string{"pre_drain", "post_drain", "pre_reboot", "post_reboot", "post_uncordon"} {
		files[h+".yml"] = say + h + "}\n"
		yml += "  " + h + ": " + h + ".yml\n"
	}
	k := &told{}
	if code, err := paced(t, s, yml, files).Run(t.Context(), k, nil); code != 0 || err != nil {
		t.Fatalf("exit %d, error %v: %q", code, err, k.failures())
	}
	sound(t, s, k)
	marks := []string{"Hook pre_drain", "Drain ", "Hook post_drain", "Hook pre_reboot", "Reboot the machine", "Hook post_reboot", "Put the scheduling", "Hook post_uncordon"}
	got := map[string][]string{}
	for _, e := range k.events {
		r, ok := e.(event.HostResult)
		if !ok || r.Status == event.Skipped {
			continue
		}
		name := strings.TrimPrefix(r.Task.Name, "k3s_node_maintenance : ")
		if i := slices.IndexFunc(marks, func(m string) bool { return strings.HasPrefix(name, m) }); i >= 0 {
			got[r.Host] = append(got[r.Host], marks[i])
		}
	}
	for _, n := range s.Spec().Nodes {
		if !slices.Equal(got[n.Name], marks) {
			t.Errorf("%s: %q, want %q", n.Name, got[n.Name], marks)
		}
	}
}

// TestAPodHoldsTheNextNodeBack (F52) lets a pod that is not to be disturbed appear on each node when the first is back, and end later.
func TestAPodHoldsTheNextNodeBack(t *testing.T) {
	s := start(t, twin.Sized(1, 2))
	pods := func(phase string) {
		for _, n := range s.Spec().Nodes {
			err := s.API.Set(map[string]any{"apiVersion": "v1", "kind": "Pod", "metadata": map[string]any{"name": "backup-of-" + n.Name, "namespace": "default",
				"labels": map[string]any{"app": "backup"}}, "spec": map[string]any{"nodeName": n.Name, "containers": []any{map[string]any{"name": "c", "image": "i"}}},
				"status": map[string]any{"phase": phase}})
			if err != nil {
				t.Error(err)
			}
		}
	}
	var held []event.Held
	w := &watched{}
	w.at = func(e event.Event) {
		switch x := e.(type) {
		case event.HostResult:
			if strings.Contains(x.Task.Name, "Put the scheduling") && len(held) == 0 {
				pods("Running")
			}
		case event.Held:
			if held = append(held, x); len(held) == 1 {
				pods("Succeeded")
			}
		}
	}
	if code, err := paced(t, s, "blocking_pod_selectors: app=backup", nil).Run(t.Context(), w, nil); code != 0 || err != nil {
		t.Fatalf("exit %d, error %v: %q", code, err, w.failures())
	}
	sound(t, s, &w.told)
	if len(held) < 2 || len(held[0].Hosts) != 1 || len(held[1].By) > 0 {
		t.Fatalf("held: %+v", held)
	}
	next := held[0].Hosts[0]
	if want := fmt.Sprintf("pod default/backup-of-%[1]s, which app=backup matches, is on %[1]s", next); held[0].Why != want { // and not those elsewhere
		t.Errorf("held by %q, want %q", held[0].Why, want)
	}
	if i := slices.Index(w.did("Drain "), next+" changed"); i != 1 {
		t.Errorf("%s was held back, and is number %d that was drained", next, i)
	}
}

// TestAWindowClosesInTheMidstOfAMaintenance (F51): the node in work is finished, the next is not begun, and a run in the next window begins with it.
func TestAWindowClosesInTheMidstOfAMaintenance(t *testing.T) {
	s := start(t, twin.Sized(1, 2))
	now := s.Clock.Now().UTC()
	yml := fmt.Sprintf("window: {start: '%s', end: '%s'}", now.Add(-time.Minute).Format("15:04"), now.Add(time.Minute).Format("15:04"))
	k := &told{}
	code, err := paced(t, s, yml, nil).Run(t.Context(), k, nil)
	var held *run.HeldError
	if code != run.ExitHeld || !errors.As(err, &held) || !held.Touched {
		t.Fatalf("exit %d, error %v: %q", code, err, k.failures())
	}
	sound(t, s, k)
	for _, v := range twin.Restored(s.Trace()) {
		t.Error(v)
	}
	booted := 0
	for name, h := range s.Hosts {
		if booted += h.Boots() - 1; h.Boots() > 1 && slices.Contains(held.Hosts, name) {
			t.Errorf("%s was not to be begun, and booted", name)
		}
	}
	if booted != 1 {
		t.Errorf("%d machines booted, want that of the one node in work", booted)
	}
	next := &told{}
	if code, err := paced(t, s, "window: {start: '00:00'}", nil).Run(t.Context(), next, nil); code != 0 || err != nil {
		t.Fatalf("the next window: exit %d, error %v: %q", code, err, next.failures())
	}
	for name, h := range s.Hosts {
		if h.Boots() != 2 {
			t.Errorf("%s booted %d times", name, h.Boots())
		}
	}
}

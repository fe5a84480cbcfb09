package twin_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/twin"
)

// did are the results of a task, as "host status".
func (k *told) did(task string) (out []string) {
	for _, e := range k.events {
		if r, ok := e.(event.HostResult); ok && strings.Contains(r.Task.Name, task) {
			out = append(out, r.Host+" "+string(r.Status))
		}
	}
	return out
}

// first is where a task begins in the events, at the end if it does not.
func (k *told) first(task string) int {
	i := slices.IndexFunc(k.events, func(e event.Event) bool {
		s, ok := e.(event.TaskStarted)
		return ok && strings.Contains(s.Task.Name, task)
	})
	if i < 0 {
		return len(k.events)
	}
	return i
}

func TestPackagesAreThereBeforeTheFirstCordon(t *testing.T) {
	spec := twin.Sized(1, 2)
	s := start(t, spec)
	k, code := maintain(t, s, "k3s_node_maintenance_pre_download=true")
	if code != 0 {
		t.Fatalf("exit %d: %q", code, k.failures())
	}
	sound(t, s, k)
	got := k.did("Download the packages of the upgrade")
	if len(got) != len(spec.Nodes) || slices.ContainsFunc(got, func(r string) bool { return !strings.HasSuffix(r, " changed") }) {
		t.Errorf("downloads: %q", got)
	}
	if k.first("Download the packages") > k.first("Cordon ") {
		t.Error("a node was cordoned before the packages were there")
	}
	k, code = maintain(t, s, "k3s_node_maintenance_pre_download=true")
	if got := k.did("Download the packages of the upgrade"); code != 0 || slices.ContainsFunc(got, func(r string) bool { return !strings.HasSuffix(r, " ok") }) {
		t.Errorf("the second run: exit %d, downloads %q", code, got)
	}
}

// TestAFullDiskEndsTheRunWhileEveryNodeIsInService is F42.
func TestAFullDiskEndsTheRunWhileEveryNodeIsInService(t *testing.T) {
	spec := twin.Sized(1, 2)
	s := start(t, spec)
	last := spec.Nodes[len(spec.Nodes)-1].Name
	d := s.Hosts[last].Disk()
	size, free := d.Space()
	d.SetSpace(size - free + 200<<20) // 200 MiB: enough for /boot, not for /var
	k, code := maintain(t, s)
	if code != 2 {
		t.Fatalf("exit %d: %q", code, k.failures())
	}
	if why := strings.Join(k.failures(), "\n"); !strings.Contains(why, "/var of "+last+" has ") || !strings.Contains(why, "500 are wanted") {
		t.Errorf("failures: %s", why)
	}
	if k.first("Cordon ") < len(k.events) {
		t.Error("a node was cordoned")
	}
}

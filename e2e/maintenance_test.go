//go:build e2e

package e2e

// The main job, whole.

import (
	"slices"
	"strings"
	"testing"
)

// TestWholeCluster patches and reboots one control-plane node and three workers of two families, reaching the cluster through the
// nodes' SSH alone; a second run finds nothing to do.
func TestWholeCluster(t *testing.T) {
	fresh(t)
	longhorn := playLonghorn(t)
	before := map[string]string{}
	for _, h := range all {
		before[h] = bootID(t, h)
		if v := version(t, h, "demo-tool"); v != "1.0" {
			t.Fatalf("%s begins with demo-tool %s", h, v)
		}
		must(t, "host", "delay", h, "2") // dark long enough for the cluster to notice
	}
	seen := testify(t)
	p := newProject(t)

	first := p.maintain(t)

	first.exits(t, 0)
	seen.oneAtATime(t)
	seen.touched(t, all...)
	for _, h := range all {
		if v := version(t, h, "demo-tool"); v != "1.1" {
			t.Errorf("%s has demo-tool %s, want 1.1", h, v)
		}
		if n := boots(t, h); n != 2 {
			t.Errorf("%s booted %d times, want the first boot and one reboot", h, n)
		}
		if bootID(t, h) == before[h] {
			t.Errorf("%s is still in its old boot", h)
		}
		if n := get(t, nodesPath, h); n.Spec.Unschedulable || n.Metadata.Annotations[mark] != "" || !n.ready() {
			t.Errorf("%s was not given back: %+v", h, n.Spec)
		}
	}
	if longhorn.moves == 0 {
		t.Error("no volume had to move: the test has proved nothing about storage")
	}
	if calls := on(t, master, "cat /var/log/k3s-calls"); calls != "etcd-snapshot save --name drydock" {
		t.Errorf("k3s was called: %q", calls)
	}
	masterLast(t, first)
	secondRun(t, p)
}

// secondRun asserts that there is nothing left to do.
func secondRun(t *testing.T, p *project) {
	t.Helper()
	before := map[string]string{}
	for _, h := range all {
		before[h] = bootID(t, h)
	}
	seen := testify(t)

	o := p.maintain(t)

	o.exits(t, 0)
	seen.touched(t)
	for _, h := range all {
		if c := o.recap(t, h); c["changed"] != "0" || c["failed"] != "0" {
			t.Errorf("the second run changed %s: %v", h, c)
		}
		if bootID(t, h) != before[h] {
			t.Errorf("the second run rebooted %s", h)
		}
	}
}

// masterLast asserts the order of the nodes as the output tells it.
func masterLast(t *testing.T, o outcome) {
	t.Helper()
	var order []string
	for line := range strings.Lines(o.text) {
		if name, ok := strings.CutPrefix(line, "TASK [k3s_node_maintenance : Put the scheduling of "); ok {
			name, _, _ = strings.Cut(name, " ")
			order = append(order, name)
		}
	}
	if want := append(slices.Clone(workers), master); !slices.Equal(order, want) {
		t.Errorf("nodes were given back in the order %v, want %v", order, want)
	}
}

// TestForeignCordon: what a person had cordoned is patched, rebooted and stays cordoned.
func TestForeignCordon(t *testing.T) {
	fresh(t)
	cordon(t, deb1, true)
	p := newProject(t)

	o := p.maintain(t, "--limit", deb1)

	o.exits(t, 0)
	o.says(t, "was cordoned before the maintenance began and stays cordoned")
	n := get(t, nodesPath, deb1)
	if !n.Spec.Unschedulable || n.Metadata.Annotations[mark] != "" {
		t.Errorf("%s: unschedulable=%v, annotations %v", deb1, n.Spec.Unschedulable, n.Metadata.Annotations)
	}
	if boots(t, deb1) != 2 {
		t.Errorf("%s booted %d times", deb1, boots(t, deb1))
	}
}

// TestOtherNodeCordoned: while another node is out of service none is taken away, and the message names it.
func TestOtherNodeCordoned(t *testing.T) {
	fresh(t)
	cordon(t, deb2, true)
	p := newProject(t)

	o := p.maintain(t, "--limit", deb1)

	o.exits(t, 2)
	o.says(t, deb1+" is not touched: "+deb2+" is cordoned")
	if n := get(t, nodesPath, deb1); n.Spec.Unschedulable || boots(t, deb1) != 1 {
		t.Errorf("%s was touched", deb1)
	}
}

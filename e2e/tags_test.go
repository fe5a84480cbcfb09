//go:build e2e

package e2e

// Parts of the job, by tag and by limit, and the dry run.

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// webPods counts the Deployment's pods on a node.
func webPods(t *testing.T, node string) int {
	t.Helper()
	l, err := bed.cluster.list(t.Context(), podsPath+"?fieldSelector=spec.nodeName="+node)
	if err != nil {
		t.Fatal(err)
	}
	return len(l.Items)
}

func TestCheckUpdates(t *testing.T) {
	fresh(t)
	seen := testify(t)
	o := newProject(t).maintain(t, "--tags", "check_updates")
	o.exits(t, 0)
	seen.touched(t)
	for _, h := range all {
		o.says(t, h+": updates to install, no reboot pending")
		if v := version(t, h, "demo-tool"); v != "1.0" {
			t.Errorf("%s was patched to %s", h, v)
		}
	}
}

// TestPrepareThenRestore keeps the memory of a cordon between two runs.
func TestPrepareThenRestore(t *testing.T) {
	fresh(t)
	p := newProject(t)

	p.maintain(t, "--tags", "prepare", "--limit", deb1).exits(t, 0)
	n := get(t, nodesPath, deb1)
	if !n.Spec.Unschedulable || n.Metadata.Annotations[mark] != "false" {
		t.Errorf("prepared: unschedulable=%v, annotations %v", n.Spec.Unschedulable, n.Metadata.Annotations)
	}
	if k := webPods(t, deb1); k != 0 {
		t.Errorf("%d pods are left on the drained node", k)
	}
	if boots(t, deb1) != 1 || version(t, deb1, "demo-tool") != "1.0" {
		t.Error("prepare patched or rebooted")
	}

	refused := p.maintain(t, "--tags", "prepare", "--limit", deb2)
	refused.exits(t, 2)
	refused.says(t, deb1+" is cordoned")

	p.maintain(t, "--tags", "restore", "--limit", deb1).exits(t, 0)
	n = get(t, nodesPath, deb1)
	if n.Spec.Unschedulable || n.Metadata.Annotations[mark] != "" {
		t.Errorf("restored: unschedulable=%v, annotations %v", n.Spec.Unschedulable, n.Metadata.Annotations)
	}
}

func TestPrepareAndRestoreInOneRun(t *testing.T) {
	fresh(t)
	seen := testify(t)
	newProject(t).maintain(t, "--tags", "prepare,restore").exits(t, 0)
	seen.oneAtATime(t)
	seen.touched(t, all...)
	for _, h := range all {
		if seen.cordons[h] != 1 || boots(t, h) != 1 {
			t.Errorf("%s: cordoned %d times, booted %d times", h, seen.cordons[h], boots(t, h))
		}
	}
}

func TestLimitToAGroup(t *testing.T) {
	fresh(t)
	seen := testify(t)
	newProject(t).maintain(t, "--limit", "k3s_workers").exits(t, 0)
	seen.oneAtATime(t)
	seen.touched(t, workers...)
}

// TestRebootAlone: the tag reboot alone drains before and gives back after, since a reboot needs both.
func TestRebootAlone(t *testing.T) {
	fresh(t)
	on(t, deb1, "touch /run/reboot-required")
	seen := testify(t)
	newProject(t).maintain(t, "--limit", deb1, "--tags", "reboot").exits(t, 0)
	seen.oneAtATime(t)
	seen.touched(t, deb1)
	if boots(t, deb1) != 2 || seen.cordons[deb1] != 1 || get(t, nodesPath, deb1).Spec.Unschedulable {
		t.Errorf("booted %d times, cordoned %d times", boots(t, deb1), seen.cordons[deb1])
	}
	if v := version(t, deb1, "demo-tool"); v != "1.0" {
		t.Errorf("the tag reboot patched to %s", v)
	}
}

// TestDryRun compares whole machines: every file below the image that the host has written, before and after.
func TestDryRun(t *testing.T) {
	fresh(t)
	p := newProject(t)
	p.maintain(t, "--tags", "check_updates").exits(t, 0) // fills the package lists, which a dry run does not refresh
	before := map[string][]string{}
	for _, h := range all {
		before[h] = files(t, h)
	}
	pods := podUIDs(t)
	seen := testify(t)

	o := p.maintain(t, "--check", "--diff")

	o.exits(t, 0)
	seen.touched(t)
	for _, h := range all {
		if after := files(t, h); !slices.Equal(before[h], after) {
			t.Errorf("the dry run changed files of %s: %v", h, difference(before[h], after))
		}
		if boots(t, h) != 1 {
			t.Errorf("the dry run rebooted %s", h)
		}
		if c := o.recap(t, h); c["changed"] == "0" {
			t.Errorf("the dry run foretold nothing for %s", h)
		}
	}
	if after := podUIDs(t); !maps.Equal(pods, after) {
		t.Errorf("pods before %v, after %v", pods, after)
	}
	o.says(t, `unschedulable`)
}

// files lists what lies on a host's disk, with size, time and mode, less what any login writes and the shared memory that merely
// reading the RPM database makes anew.
func files(t *testing.T, host string) []string {
	t.Helper()
	text := on(t, host, `find /etc /usr /var /opt /boot /root /home -xdev \
		-path /var/log -prune -o -path /var/lib/systemd -prune -o -path /var/cache/dnf -prune -o -path /var/tmp -prune -o \
		-name '*.sqlite-shm' -prune -o \( -type f -o -type l \) -printf '%p %s %T@ %m\n' | sort`)
	return strings.Split(text, "\n")
}

func podUIDs(t *testing.T) map[string]string {
	t.Helper()
	l, err := bed.cluster.list(t.Context(), podsPath)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, p := range l.Items {
		out[p.Metadata.UID] = p.Spec.NodeName
	}
	return out
}

// difference shows lines that only one of two lists has.
func difference(a, b []string) []string {
	var out []string
	for _, s := range a {
		if !slices.Contains(b, s) {
			out = append(out, "-"+s)
		}
	}
	for _, s := range b {
		if !slices.Contains(a, s) {
			out = append(out, "+"+s)
		}
	}
	return out
}

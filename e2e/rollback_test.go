//go:build e2e

package e2e

// Backups before, the way back after.

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// lastRun is the id of the newest run of a project.
func (p *project) lastRun(t *testing.T) string {
	t.Helper()
	found, err := os.ReadDir(filepath.Join(p.dir, ".drydock", "runs"))
	if err != nil || len(found) == 0 {
		t.Fatalf("no run: %v", err)
	}
	return found[len(found)-1].Name()
}

// TestRollback: two workers, of apt and of dnf, get back what they had before a maintenance, each in a maintenance of its own.
func TestRollback(t *testing.T) {
	fresh(t)
	p := newProject(t)
	p.maintain(t, "--limit", deb1+","+rhel1).exits(t, 0)
	run := p.lastRun(t)
	for _, h := range []string{deb1, rhel1} {
		if v := version(t, h, "demo-tool"); v != "1.1" {
			t.Fatalf("%s has demo-tool %s after the maintenance", h, v)
		}
	}

	// The repositories have the new versions only: it is said before anything is touched.
	o := p.run(t, "rollback", run, "--node", deb1, "--yes")
	o.exits(t, 2)
	o.says(t, `demo-tool +1\.0 +1\.1 +1\.1 +no repository has this version any more`, deb1+" is not touched")
	if boots(t, deb1) != 2 || version(t, deb1, "demo-tool") != "1.1" {
		t.Errorf("%s was touched", deb1)
	}

	must(t, "host", "publish", "1.0")
	for h, reboots := range map[string]int{deb1: 1, rhel1: 0} { // a kernel of Debian's asks for a reboot, whichever way it went
		seen := testify(t)
		o := p.run(t, "rollback", run, "--node", h, "--yes")
		o.exits(t, 0)
		o.says(t, `demo-tool +1\.0\S* +1\.1\S* +1\.1\S* +to be installed: 1\.0`, "is as it was|stays: --remove-new removes it")
		seen.oneAtATime(t)
		seen.touched(t, h)
		if v := version(t, h, "demo-tool"); v != "1.0" {
			t.Errorf("%s has demo-tool %s after the rollback", h, v)
		}
		if n := get(t, nodesPath, h); n.Spec.Unschedulable || n.Metadata.Annotations[mark] != "" || !n.ready() {
			t.Errorf("%s was not given back: %+v", h, n.Spec)
		}
		if n := boots(t, h); n != 2+reboots {
			t.Errorf("%s booted %d times, want %d", h, n, 2+reboots)
		}
	}

	again := p.run(t, "rollback", run, "--node", deb1, "--yes")
	again.exits(t, 0)
	again.says(t, "Nothing is to be done")
	untouched(t, deb2, master)
}

// TestSnapshotThatIsNone: k3s says that it saved a snapshot, and the file is next to empty. The server stays as it is.
func TestSnapshotThatIsNone(t *testing.T) {
	fresh(t)
	on(t, master, "echo 12 >/run/k3s-saves")
	seen := testify(t)

	o := newProject(t).maintain(t, "--limit", master)

	o.exits(t, 2)
	o.says(t, master+" is not touched: k3s says that it saved a snapshot of etcd, but the newest, .*, has 12 bytes")
	seen.touched(t)
	untouched(t, master)
}

// TestSnapshotsOfEtcdArePruned: of those of earlier runs the newest stay, those of others all do.
func TestSnapshotsOfEtcdArePruned(t *testing.T) {
	fresh(t)
	const dir = "/var/lib/rancher/k3s/server/db/snapshots"
	on(t, master, "mkdir -p "+dir+" && cd "+dir+" && touch -d 2020-01-01 drydock-$(uname -n)-1577836801 drydock-$(uname -n)-1577836802 drydock-$(uname -n)-1577836803 etcd-snapshot-$(uname -n)-1577836800")

	newProject(t).maintain(t, "--limit", master, "-e", "k3s_node_maintenance_etcd_snapshot_keep=2").exits(t, 0)

	left := strings.Fields(on(t, master, "ls "+dir))
	if len(left) != 3 || !strings.HasSuffix(left[0], "-1577836803") || !strings.HasPrefix(left[2], "etcd-snapshot-") {
		t.Errorf("these snapshots are left: %q", left)
	}
}

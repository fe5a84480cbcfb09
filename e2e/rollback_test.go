//go:build e2e

package e2e

// Backups before, the way back after.

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

const snapshotsPath = "/apis/longhorn.io/v1beta2/namespaces/longhorn-system/snapshots"

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

// playSnapshots takes snapshots as Longhorn does: each is ready soon after it was asked for. Those of earlier tests are removed.
func playSnapshots(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	for _, name := range snapshots(t) {
		if err := bed.cluster.do(ctx, http.MethodDelete, snapshotsPath+"/"+name, "", nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	var done sync.WaitGroup
	ready := map[string]bool{}
	done.Go(func() {
		bed.cluster.watch(ctx, snapshotsPath, func(o object) {
			if name := o.Metadata.Name; !ready[name] {
				ready[name] = true
				if err := bed.cluster.patch(ctx, snapshotsPath, name, "/status", status(map[string]any{"readyToUse": true})); err != nil && ctx.Err() == nil {
					t.Errorf("play Longhorn: %v", err)
				}
			}
		})
	})
	t.Cleanup(func() { stop(); done.Wait() })
}

// snapshots are the names of those there are.
func snapshots(t *testing.T) []string {
	t.Helper()
	l, err := bed.cluster.list(context.Background(), snapshotsPath)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, o := range l.Items {
		if o.Metadata.Labels["drydock.dev/taken-by"] != "drydock" {
			t.Errorf("nobody has signed the snapshot %s", o.Metadata.Name)
		}
		out = append(out, o.Metadata.Name)
	}
	return out
}

// TestVolumeSnapshots: each maintenance takes a snapshot of every attached volume before, and of each volume the newest stays.
func TestVolumeSnapshots(t *testing.T) {
	fresh(t)
	playLonghorn(t)
	playSnapshots(t)
	p := newProject(t)
	take := func(more ...string) string {
		p.maintain(t, append([]string{"--limit", deb1, "-e", "k3s_node_maintenance_volume_snapshots=1"}, more...)...).exits(t, 0)
		got := snapshots(t)
		if len(got) != 2 || !strings.HasPrefix(got[0], "drydock-pvc-a-") || !strings.HasPrefix(got[1], "drydock-pvc-b-") {
			t.Fatalf("there are the snapshots %q", got)
		}
		return strings.Join(got, " ")
	}

	first := take()
	if second := take("-e", "k3s_node_maintenance_reboot=always"); second == first {
		t.Errorf("the second maintenance took none: %s", second)
	}
}

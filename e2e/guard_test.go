//go:build e2e

package e2e

// What the guard, the Lease and the journal promise, on real machines and a real API server: an ordinary playbook cannot take a second node
// away, a second run does nothing, and a run that is killed ends what it began.

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// ordinary is a playbook as anybody writes it: it asks nothing, and gives the node back whatever it was before.
const ordinary = `- hosts: "{{ target }}"
  gather_facts: false
  serial: 1
  become: true
  tasks:
    - kubernetes.core.k8s_drain:
        name: "{{ inventory_hostname }}"
        delete_options: {ignore_daemonsets: true, delete_emptydir_data: true, wait_timeout: 60}
      delegate_to: localhost
      become: false
    - ansible.builtin.reboot:
    - kubernetes.core.k8s_drain: {name: "{{ inventory_hostname }}", state: uncordon}
      delegate_to: localhost
      become: false
`

// ordinaryProject is a folder with that playbook, its cluster reached from the controller.
func ordinaryProject(t *testing.T) *project {
	t.Helper()
	p := newProject(t)
	p.write(t, "reboot.yml", ordinary)
	p.controllerKubeconfig()
	return p
}

// TestSecondNode: another node is out of service, so an ordinary playbook may touch none. Nothing of it is done.
func TestSecondNode(t *testing.T) {
	fresh(t)
	cordon(t, deb1, true)
	p := ordinaryProject(t)

	o := p.run(t, "-i", "hosts.yml", "reboot.yml", "-e", "target="+deb2)

	o.exits(t, 2)
	o.says(t, deb1, "cordoned", "--accept ")
	untouched(t, deb2, rhel1, master)

	exec := p.run(t, "exec", "-i", "hosts.yml", "-b", "-m", "shell", "-a", "systemctl reboot", deb2)
	exec.exits(t, 2)
	exec.says(t, deb1, "cordoned")
	untouched(t, deb2)
}

// TestForeignCordonKept: a person had cordoned the node; a playbook that uncordons it leaves it as it was.
func TestForeignCordonKept(t *testing.T) {
	fresh(t)
	cordon(t, deb1, true)

	o := ordinaryProject(t).run(t, "-i", "hosts.yml", "reboot.yml", "-e", "target="+deb1)

	o.exits(t, 0)
	if n := boots(t, deb1); n != 2 {
		t.Errorf("%s booted %d times, want 2", deb1, n)
	}
	if !get(t, nodesPath, deb1).Spec.Unschedulable {
		t.Errorf("the cordon of a person on %s was undone", deb1)
	}
}

// TestSecondRun: while one run holds the cluster, another ends with 5, names it, and has changed nothing.
func TestSecondRun(t *testing.T) {
	fresh(t)
	holdUpgrade(t, deb1)
	first := newProject(t).start(t, "-i", "hosts.yml", "maintenance.yml", "--limit", deb1)
	eventually(t, "the upgrade is under way", func() bool {
		_, err := testbed("host", "exec", deb1, "test", "-e", "/run/upgrading")
		return err == nil
	})

	second := ordinaryProject(t).run(t, "-i", "hosts.yml", "reboot.yml", "-e", "target="+deb2)

	second.exits(t, 5)
	second.says(t, "held by")
	untouched(t, deb2, rhel1, master)
	on(t, deb1, "rm /etc/hold-upgrade")
	first.wait(t).exits(t, 0)
	if boots(t, deb1) != 2 || get(t, nodesPath, deb1).Spec.Unschedulable {
		t.Errorf("the first run did not finish %s", deb1)
	}
}

// TestKilledAtAnyMoment: content written for Ansible, killed several times at random records of its journal and resumed each time. Every node
// is patched and rebooted once, never are two away, and everything is in service at the end.
func TestKilledAtAnyMoment(t *testing.T) {
	fresh(t)
	p := newProject(t)
	if err := os.CopyFS(p.dir, os.DirFS("testdata/reference")); err != nil {
		t.Fatal(err)
	}
	p.controllerKubeconfig()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	seen := testify(t)

	r := p.start(t, "maintenance.yml")
	for kills := 0; kills < 6; kills++ {
		if !p.reaches(t, r, p.records(t)+1+random.IntN(90)) {
			break
		}
		r.kill(t)
		r = p.start(t, "resume", "--yes")
	}
	o := r.wait(t)

	o.exits(t, 0)
	seen.oneAtATime(t)
	for _, h := range all {
		if v := version(t, h, "demo-tool"); v != "1.1" || boots(t, h) != 2 {
			t.Errorf("%s has demo-tool %s and booted %d times", h, v, boots(t, h))
		}
		if get(t, nodesPath, h).Spec.Unschedulable || seen.cordons[h] > 1 {
			t.Errorf("%s: cordoned %d times, unschedulable %v", h, seen.cordons[h], get(t, nodesPath, h).Spec.Unschedulable)
		}
	}
}

// records counts the lines of the journal.
func (p *project) records(t *testing.T) int {
	t.Helper()
	return strings.Count(p.journal(t), "\n")
}

// journal is that of the folder's newest run.
func (p *project) journal(t *testing.T) string {
	t.Helper()
	runs, err := filepath.Glob(filepath.Join(p.dir, ".drydock/runs/*/journal.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	if len(runs) == 0 {
		return ""
	}
	text, err := os.ReadFile(runs[len(runs)-1])
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// reaches waits until the journal has so many records; false: the run has ended before.
func (p *project) reaches(t *testing.T, r *running, records int) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	for tick := time.NewTicker(5 * time.Millisecond); p.records(t) < records; {
		state, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", r.cmd.Process.Pid))
		if err != nil || strings.Contains(string(state), ") Z ") {
			return false
		}
		select {
		case <-ctx.Done():
			t.Fatalf("the journal stays at %d records of %d", p.records(t), records)
		case <-tick.C:
		}
	}
	return true
}

// TestDegradedBetween: after the first worker a volume is degraded and stays so. The next node is not touched.
func TestDegradedBetween(t *testing.T) {
	fresh(t)
	p := ordinaryProject(t)
	seen := testify(t)
	r := p.start(t, "-i", "hosts.yml", "reboot.yml", "-e", "target="+deb1+","+deb2, "-e", "drydock_longhorn_no_progress_timeout=5")
	eventually(t, deb1+" is drained", func() bool { return get(t, nodesPath, deb1).Spec.Unschedulable })
	patch(t, volumesPath, "pvc-b", "/status", status(map[string]any{"robustness": "degraded", "currentNodeID": rhel1}))

	o := r.wait(t)

	o.exits(t, 2)
	o.says(t, "pvc-b", "degraded")
	seen.oneAtATime(t)
	untouched(t, deb2, rhel1, master)
	if boots(t, deb1) != 2 || get(t, nodesPath, deb1).Spec.Unschedulable {
		t.Errorf("%s was not finished", deb1)
	}
}

// TestAPIServerAway: the API server goes away in the middle of a run. The machine is not rebooted until it can be asked again, and then all ends well.
func TestAPIServerAway(t *testing.T) {
	fresh(t)
	holdUpgrade(t, deb1)
	p := newProject(t)
	r := p.start(t, "-i", "hosts.yml", "maintenance.yml", "--limit", deb1)
	eventually(t, "the upgrade is under way", func() bool {
		_, err := testbed("host", "exec", deb1, "test", "-e", "/run/upgrading")
		return err == nil
	})

	must(t, "api", "stop")
	on(t, deb1, "rm /etc/hold-upgrade")
	eventually(t, "the run waits for the API server", func() bool {
		return strings.Contains(p.journal(t), "does not answer") || strings.Contains(p.journal(t), "; trying again")
	})
	if n := boots(t, deb1); n != 1 {
		t.Errorf("%s was rebooted, and nobody knew what became of the others", deb1)
	}
	must(t, "api", "start")

	r.wait(t).exits(t, 0)
	if version(t, deb1, "demo-tool") != "1.1" || boots(t, deb1) != 2 || get(t, nodesPath, deb1).Spec.Unschedulable {
		t.Errorf("%s was not finished", deb1)
	}
}

//go:build e2e

package e2e

// What can go wrong: each fault must end in a clear error, with nothing lost and no further node touched.

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// untouched asserts that hosts are as they were: in service, unpatched, never rebooted.
func untouched(t *testing.T, hosts ...string) {
	t.Helper()
	for _, h := range hosts {
		if n := get(t, nodesPath, h); n.Spec.Unschedulable || n.Metadata.Annotations[mark] != "" {
			t.Errorf("%s was taken out of service", h)
		}
		if boots(t, h) != 1 || version(t, h, "demo-tool") != "1.0" {
			t.Errorf("%s was patched or rebooted", h)
		}
	}
}

// TestBudgetThatNeverAllows: the drain ends with its time, the node is in service again, the next one was not touched.
func TestBudgetThatNeverAllows(t *testing.T) {
	fresh(t)
	patch(t, budgetsPath, "web", "", map[string]any{"spec": map[string]any{"maxUnavailable": 0}})
	seen := testify(t)

	o := newProject(t).maintain(t, "-e", "k3s_node_maintenance_drain_timeout=8")

	o.exits(t, 2)
	o.says(t, "default/web", "given back as it was")
	seen.oneAtATime(t)
	seen.touched(t, deb1)
	untouched(t, all...)
}

// TestHostThatNeverComesBack: the run stops and says so; the node stays cordoned with its mark, so that the next run goes on there.
func TestHostThatNeverComesBack(t *testing.T) {
	fresh(t)
	must(t, "host", "hold", deb1)
	seen := testify(t)
	p := newProject(t)

	o := p.maintain(t, "-e", "k3s_node_maintenance_wait_timeout=15")

	if o.code != 2 && o.code != 4 {
		t.Errorf("exit code %d, want 2 or 4", o.code)
	}
	o.says(t, "(?i)reboot")
	seen.oneAtATime(t)
	seen.touched(t, deb1)
	untouched(t, deb2, rhel1, master)
	if n := get(t, nodesPath, deb1); !n.Spec.Unschedulable || n.Metadata.Annotations[mark] != "false" {
		t.Errorf("%s lost the memory of its maintenance: %v", deb1, n.Metadata.Annotations)
	}

	must(t, "host", "release", deb1)
	settled(t, deb1)
	p.maintain(t, "--limit", deb1).exits(t, 0)
	if n := get(t, nodesPath, deb1); n.Spec.Unschedulable || n.Metadata.Annotations[mark] != "" {
		t.Errorf("the next run did not give %s back", deb1)
	}
}

// settled waits until a machine's Node reports its boot.
func settled(t *testing.T, host string) {
	t.Helper()
	eventually(t, host+" is Ready with its boot", func() bool {
		out, err := testbed("host", "exec", host, "cat", "/proc/sys/kernel/random/boot_id")
		if err != nil {
			return false
		}
		n := get(t, nodesPath, host)
		return n.ready() && n.Status.NodeInfo.BootID == strings.TrimSpace(out)
	})
}

// TestPowerLoss strikes while the packages are being upgraded: a package's script holds the upgrade open until it has.
func TestPowerLoss(t *testing.T) { midTask(t, "crash") }

// TestSilentCut strikes at the same moment by taking the network away.
func TestSilentCut(t *testing.T) { midTask(t, "cut") }

func midTask(t *testing.T, fault string) {
	t.Helper()
	fresh(t)
	holdUpgrade(t, deb1)
	seen := testify(t)
	p := newProject(t)
	p.write(t, "ansible.cfg", "[ssh_connection]\nssh_args = -o ServerAliveInterval=1 -o ServerAliveCountMax=3\n")
	r := p.start(t, "-i", "hosts.yml", "maintenance.yml")
	eventually(t, "the upgrade is under way", func() bool {
		_, err := testbed("host", "exec", deb1, "test", "-e", "/run/upgrading")
		return err == nil
	})

	must(t, "host", fault, deb1)
	o := r.wait(t)

	if o.code != 2 && o.code != 4 {
		t.Errorf("exit code %d, want 2 or 4", o.code)
	}
	seen.oneAtATime(t)
	untouched(t, deb2, rhel1, master)
	if n := get(t, nodesPath, deb1); n.Metadata.Annotations[mark] != "false" {
		t.Errorf("%s lost the memory of its maintenance", deb1)
	}

	if fault == "cut" {
		must(t, "host", "plug", deb1)
	}
	eventually(t, deb1+" answers", func() bool {
		_, err := testbed("host", "exec", deb1, "rm", "-f", "/etc/hold-upgrade")
		return err == nil
	})
	settled(t, deb1)
	p.maintain(t, "--limit", deb1).exits(t, 0)
	if v := version(t, deb1, "demo-tool"); v != "1.1" {
		t.Errorf("after the next run %s has demo-tool %s", deb1, v)
	}
	if n := get(t, nodesPath, deb1); n.Spec.Unschedulable {
		t.Errorf("the next run did not give %s back", deb1)
	}
}

// holdUpgrade makes dpkg wait, on a host, before it unpacks: apt's own hook says when it has begun.
func holdUpgrade(t *testing.T, host string) {
	t.Helper()
	on(t, host, `touch /etc/hold-upgrade
printf '%s\n' 'DPkg::Pre-Invoke {"touch /run/upgrading; while [ -e /etc/hold-upgrade ]; do sleep 0.2; done";};' >/etc/apt/apt.conf.d/99hold`)
}

// TestHeldLock: another apt holds dpkg's lock; the failure names who.
func TestHeldLock(t *testing.T) {
	fresh(t)
	on(t, deb1, `systemd-run -q python3 -c 'import fcntl, signal
f = open("/var/lib/dpkg/lock-frontend", "w"); fcntl.lockf(f, fcntl.LOCK_EX); signal.pause()'`)
	seen := testify(t)

	o := newProject(t).maintain(t, "-e", "k3s_node_maintenance_package_lock_timeout=3")

	o.exits(t, 2)
	o.says(t, "(?i)lock", "python3")
	seen.oneAtATime(t)
	untouched(t, deb2, rhel1, master)
}

// TestFailingPostinst: a package whose script fails stops the run on its node. The script enables a unit, and the unit is masked.
func TestFailingPostinst(t *testing.T) {
	fresh(t)
	on(t, deb1, "systemctl -q mask --now demo-service")
	seen := testify(t)
	p := newProject(t)

	o := p.maintain(t)

	o.exits(t, 2)
	o.says(t, "demo-service", "(?i)post-installation script")
	seen.oneAtATime(t)
	untouched(t, deb2, rhel1, master)

	on(t, deb1, "systemctl -q unmask demo-service")
	p.maintain(t, "--limit", deb1).exits(t, 0)
	if v := version(t, deb1, "demo-service"); v != "1.1" || get(t, nodesPath, deb1).Spec.Unschedulable {
		t.Errorf("after the next run %s has demo-service %s, unschedulable=%v", deb1, v, get(t, nodesPath, deb1).Spec.Unschedulable)
	}
}

// TestUnreachableHost: nothing begins while one machine does not answer.
func TestUnreachableHost(t *testing.T) {
	fresh(t)
	must(t, "host", "down", deb2)
	seen := testify(t)
	p := newProject(t)

	o := p.maintain(t, "-T", "3")

	o.exits(t, 4)
	o.says(t, deb2+`.*(?i)unreachable`)
	seen.touched(t)
	untouched(t, deb1, rhel1, master)
}

// TestWrongSudoPassword: said clearly, the password never shown.
func TestWrongSudoPassword(t *testing.T) {
	fresh(t)
	seen := testify(t)
	p := newProject(t)
	p.write(t, "hosts.yml", p.inventory("ops2", address))
	p.write(t, "password", "not-the-password\n")

	o := p.maintain(t, "--become-password-file", "password")

	o.exits(t, 2)
	o.says(t, "(?i)password")
	if strings.Contains(o.text, "not-the-password") {
		t.Error("the password is in the output")
	}
	seen.touched(t)
	untouched(t, all...)

	p.write(t, "password", "rig-secret\n")
	right := p.maintain(t, "--become-password-file", "password", "--limit", deb1)
	right.exits(t, 0)
	if strings.Contains(right.text, "rig-secret") {
		t.Error("the password is in the output")
	}
}

// TestChangedHostKey: a machine that answers with another key is not spoken to.
func TestChangedHostKey(t *testing.T) {
	fresh(t)
	p := newProject(t)
	known, err := os.ReadFile(filepath.Join(bed.env["RIG_DIR"], "keys/known_hosts"))
	if err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(p.dir, "other")
	if out, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	public, err := os.ReadFile(key + ".pub")
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(string(known)) {
		if strings.Contains(line, address(deb1)+" ") {
			line = fmt.Sprintf("%s,%s %s\n", deb1, address(deb1), strings.Join(strings.Fields(string(public))[:2], " "))
		}
		lines = append(lines, line)
	}
	p.write(t, "known_hosts", strings.Join(lines, ""))
	text := strings.ReplaceAll(p.inventory("ops", address), bed.env["RIG_DIR"]+"/keys/known_hosts", p.dir+"/known_hosts")
	p.write(t, "hosts.yml", text)
	seen := testify(t)

	o := p.maintain(t)

	o.exits(t, 4)
	o.says(t, "(?i)host key")
	seen.touched(t)
	untouched(t, all...)
}

// TestKilledController: drydock dies while a node is drained; the next run ends what it began.
func TestKilledController(t *testing.T) {
	fresh(t)
	holdUpgrade(t, deb1)
	p := newProject(t)
	r := p.start(t, "-i", "hosts.yml", "maintenance.yml", "--limit", deb1)
	eventually(t, "the upgrade is under way", func() bool {
		_, err := testbed("host", "exec", deb1, "test", "-e", "/run/upgrading")
		return err == nil
	})

	r.kill(t)
	on(t, deb1, "rm /etc/hold-upgrade")
	seen := testify(t)
	o := p.maintain(t)

	o.exits(t, 0)
	seen.oneAtATime(t)
	for _, h := range all {
		if n := get(t, nodesPath, h); n.Spec.Unschedulable || n.Metadata.Annotations[mark] != "" || version(t, h, "demo-tool") != "1.1" {
			t.Errorf("%s is not done: %+v, demo-tool %s", h, n.Spec, version(t, h, "demo-tool"))
		}
	}
}

package linux_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/twin/linux"
	"github.com/drydock-dev/drydock/engine/twin/machine"
)

func debian() linux.Config {
	return linux.Config{Name: "deb", Packages: linux.Updates(linux.Debian)}
}

const rebootTask = `
    - name: reboot
      ansible.builtin.reboot: {reboot_timeout: 120}
`

const upgradeTask = `
    - name: upgrade
      ansible.builtin.apt: {upgrade: dist, lock_timeout: 20}
`

// TestEachFaultThroughTheEngine shows what a person sees of each fault when Drydock meets it.
func TestEachFaultThroughTheEngine(t *testing.T) {
	for _, c := range []struct {
		fault  linux.Fault
		tasks  string
		key    string
		status event.Status
		says   []string
	}{
		{linux.RebootNever, rebootTask, "deb: reboot", event.Failed, []string{"Timed out waiting for last boot time check"}},
		{linux.RebootSlow, rebootTask, "deb: reboot", event.Failed, []string{"Timed out"}}, // 400 s instead of 40
		{linux.RebootIgnored, rebootTask, "deb: reboot", event.Failed, []string{"has not rebooted: its boot id is still"}},
		{linux.HostKeyChanged, rebootTask, "deb: reboot", event.Unreachable, []string{"another host key"}},
		{linux.SystemBootingUp, rebootTask, "deb: reboot", event.Changed, []string{"'rebooted': True", "'elapsed': "}},
		{linux.DpkgLocked, upgradeTask, "deb: upgrade", event.Failed, []string{"could not get the lock /var/lib/dpkg/lock-frontend within 20 seconds",
			"(/usr/bin/python3 /usr/bin/unattended-upgrade)"}},
		{linux.DpkgInterrupted, upgradeTask, "deb: upgrade", event.Changed, []string{"it was repaired by dpkg --configure -a"}},
		{linux.DiskFull, upgradeTask, "deb: upgrade", event.Failed, []string{"enough free space"}},
		{linux.SSHDrops, upgradeTask, "deb: upgrade", event.Unreachable, nil},
		{linux.NeedrestartHangs, upgradeTask, "deb: upgrade", event.Changed, []string{"No services need to be restarted"}},
		{linux.ConffilePrompt, upgradeTask, "deb: upgrade", event.Changed, []string{"Keeping old config file"}},
		{linux.KernelWithoutISCSI, rebootTask + "    - name: modprobe\n      ansible.builtin.command: modprobe iscsi_tcp\n", "deb: modprobe", event.Failed,
			[]string{"Module iscsi_tcp not found"}},
	} {
		t.Run(string(c.fault), func(t *testing.T) {
			s := newSite(t, debian())
			if !s.hosts["deb"].Break(c.fault) {
				t.Fatal("there is no such fault")
			}
			s.run(t, c.tasks, false).want(t, c.key, c.status, c.says...)
		})
	}
}

func TestEveryFaultHasItsLineAndItsTest(t *testing.T) {
	h := host(t, debian())
	for _, f := range linux.Faults() {
		if f.Doc == "" || !h.Break(f.Name) {
			t.Errorf("%s", f.Name)
		}
		h.Mend(f.Name)
	}
	if h.Break("no-such-fault") {
		t.Error("a fault that is none was set")
	}
	if len(linux.Faults()) != 12 {
		t.Errorf("%d faults: is each in the table above?", len(linux.Faults()))
	}
}

func TestMendedFaultsAreGone(t *testing.T) {
	h := host(t, debian())
	h.Break(linux.DpkgLocked)
	h.Break(linux.DiskFull)
	has(t, h, "apt-get -y install htop", 100, "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process", "(unattended-upgr)")
	root(t, h, "df -P / | awk 'NR == 2 { print $4 }'; echo x >/root/x || echo full", 0, "0\nfull\n")
	h.Mend(linux.DpkgLocked)
	h.Mend(linux.DiskFull)
	has(t, h, "rm -f /root/x; apt-get -y install htop", 0, "Setting up htop:amd64 (3.2.2-2) ...")
}

func TestLockIsWaitedFor(t *testing.T) {
	c := newClock()
	cfg := debian()
	cfg.Clock = c
	h := host(t, cfg)
	h.Break(linux.DpkgLocked)
	c.After(7*time.Second, func() { h.Mend(linux.DpkgLocked) })
	has(t, h, "apt-get -y -o DPkg::Lock::Timeout=30 install htop && date +%s", 0, "Setting up htop", "1772330407")
}

func TestSlowBootComesUpInTheEnd(t *testing.T) {
	c := newClock()
	cfg := debian()
	cfg.Clock, cfg.BootTime, cfg.ShutdownTime = c, 30*time.Second, time.Second
	h := host(t, cfg)
	h.Break(linux.RebootSlow)
	h.Crash()
	h.Boot()
	if !h.On() || h.Boots() != 2 {
		t.Fatal("power on does not boot")
	}
	root(t, h, "systemctl reboot", 0, "")
	c.move(time.Second)
	c.move(299 * time.Second)
	if h.On() {
		t.Error("it is up too early")
	}
	c.move(time.Second)
	if !h.On() || h.Boots() != 3 {
		t.Error("it never came up")
	}
}

// asker is an output that tells when a question was asked.
type asker struct {
	bytes.Buffer
	words string
	asked func()
}

func (a *asker) Write(p []byte) (int, error) {
	n, err := a.Buffer.Write(p)
	if strings.Contains(a.String(), a.words) {
		a.asked()
	}
	return n, err
}

func TestNeedrestartAndConffileAskWhoIsNotPrepared(t *testing.T) {
	for fault, words := range map[linux.Fault]string{linux.NeedrestartHangs: "Which services should be restarted?", linux.ConffilePrompt: "(Y/I/N/O/D/Z)"} {
		h := host(t, debian())
		h.Break(fault)
		ctx, cancel := context.WithCancel(t.Context())
		out := &asker{words: words, asked: cancel}
		// The input stays open, as that of a terminal does.
		status := h.Exec(ctx, machine.Call{User: "root", Line: "apt-get -y dist-upgrade", Stdin: open{ctx}, Stdout: out, Stderr: out})
		if status >= 0 {
			t.Errorf("%s: it ended with %d:\n%s", fault, status, out.String())
		}
	}
	h := host(t, debian())
	h.Break(linux.ConffilePrompt)
	has(t, h, "apt-get -y dist-upgrade </dev/null", 100, "end of file on stdin at conffile prompt", "Sub-process /usr/bin/dpkg returned an error code (1)")
	has(t, h, "apt-get -y -o Dpkg::Options::=--force-confold dist-upgrade", 100, "dpkg was interrupted, you must manually run 'dpkg --configure -a'")
	has(t, h, "dpkg --configure -a && apt-get -y -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold dist-upgrade", 0, "Keeping old config file")
}

// open is an input that says nothing and does not end.
type open struct{ ctx context.Context }

func (o open) Read([]byte) (int, error) {
	<-o.ctx.Done()
	return 0, o.ctx.Err()
}

func TestDroppedConnectionLeavesDpkgInterruptedOnce(t *testing.T) {
	s := newSite(t, debian())
	s.hosts["deb"].Break(linux.SSHDrops)
	s.run(t, upgradeTask, false).want(t, "deb: upgrade", event.Unreachable)
	r := s.run(t, upgradeTask, false)
	r.want(t, "deb: upgrade", event.Changed)
	if got := s.hosts["deb"].Installed("curl"); got != "7.88.1-10+deb12u12" {
		t.Errorf("curl is %s", got)
	}
}

func TestPowerCutInTheMiddleOfAnUpgrade(t *testing.T) {
	cfg := debian()
	var cut bool
	cfg.Hooks.Upgraded = func(h *linux.Host, name, _, _ string) {
		if !cut {
			cut = true
			h.Crash()
		}
	}
	h := host(t, cfg)
	if got := h.Run(t.Context(), "root", "apt-get -y dist-upgrade; echo survived", ""); got.Status >= 0 || strings.Contains(got.Stdout, "survived") {
		t.Errorf("%d %s", got.Status, got.Stdout)
	}
	if h.On() {
		t.Fatal("it is on")
	}
	h.Boot()
	has(t, h, "apt-get -y dist-upgrade", 100, "dpkg was interrupted")
	has(t, h, "dpkg --configure -a && apt-get -y dist-upgrade", 0, "3 upgraded, 1 newly installed")
}

func TestHeldAndPhasedPackagesStay(t *testing.T) {
	cfg := debian()
	cfg.Packages = append(cfg.Packages, linux.Package{Name: "systemd", Version: "252.31-1~deb12u1", Available: "252.36-1~deb12u1", Phased: true})
	h := host(t, cfg)
	has(t, h, "apt-mark hold curl && apt-get -s dist-upgrade", 0, "curl set on hold.", "kept back:\n  curl systemd\n", "3 upgraded, 1 newly installed, 0 to remove and 2 not upgraded.")
	has(t, h, "apt-get -y dist-upgrade && apt-get -s upgrade", 0, "0 upgraded, 0 newly installed, 0 to remove and 2 not upgraded.")
	has(t, h, "LC_ALL=C apt list --upgradable", 0, "Listing...\ncurl/stable 7.88.1-10+deb12u12 amd64 [upgradable from: 7.88.1-10+deb12u8]\n")
}

func TestMountsSessionsAndSpace(t *testing.T) {
	h := host(t, linux.Config{})
	h.SetMounts([]linux.Mount{{Device: "/dev/longhorn/pvc-a", Dir: "/var/lib/kubelet/pods/1/volumes/mount", Type: "ext4", Options: "rw"}})
	h.SetISCSI([]string{"iqn.2019-10.io.longhorn:pvc-a"})
	root(t, h, "grep -c ^/dev/longhorn/ /proc/mounts; findmnt -n -o TARGET -S /dev/longhorn/pvc-a; cat /sys/class/iscsi_session/*/targetname; iscsiadm -m session", 0,
		"1\n/var/lib/kubelet/pods/1/volumes/mount\niqn.2019-10.io.longhorn:pvc-a\ntcp: [1] 10.42.0.1:3260,1 iqn.2019-10.io.longhorn:pvc-a (non-flash)\n")
	h.SetMounts(nil)
	h.SetISCSI(nil)
	root(t, h, "grep -c ^/dev/longhorn/ /proc/mounts; ls /sys/class/iscsi_session", 0, "0\n")
	h.Disk().SetSpace(h.Disk().Used() + 1<<20)
	root(t, h, "df -Pm / | awk 'NR == 2 { print $4 }'", 0, "1\n")
}

func TestUnitsFail(t *testing.T) {
	h := host(t, linux.Config{Units: []linux.Unit{{Name: "k3s", Fails: true, Enabled: "enabled"}, {Name: "off", Enabled: "masked"}}})
	has(t, h, "systemctl start k3s", 1, "Job for k3s.service failed because the control process exited with error code.")
	root(t, h, "systemctl is-active k3s; systemctl is-enabled off; systemctl is-active nosuch", 4, "failed\nmasked\ninactive\n")
	has(t, h, "systemctl start nosuch", 5, "Unit nosuch.service not found.")
	if h.Active("k3s") || !h.Active("ssh") || slices.Contains(h.Unknown(), "systemctl") {
		t.Error("states are wrong")
	}
}

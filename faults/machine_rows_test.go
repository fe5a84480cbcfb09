package faults

// F26 to F55: machines, their packages and their reboots, and the run itself.

import (
	"time"

	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/twin"
	"github.com/drydock-dev/drydock/engine/twin/linux"
)

func rebootRows() []row {
	return []row{
		{id: "F26", name: "never-returns", fault: "a machine goes down for its reboot and does not come up", ref: "kubereboot/kured#886", does: "ends when the reboot's time is up; no other node is touched",
			harm: []string{"reboot-never=master-2"}, shipped: &want{code: 2, booted: 1, left: "master-2"}, ordinary: &want{code: 2, booted: 1, left: "master-2"}},
		{id: "F26", name: "power-lost", fault: "a machine loses its power before its turn", ref: "kubernetes/kubernetes#14162", does: "touches no node",
			harm: []string{"power-lost=master-3"}, shipped: &want{code: 4, left: "master-3"}, ordinary: &want{code: 2, check: kube.CheckOtherNode, left: "master-3"}},
		{id: "F27", name: "slow-boot", fault: "a boot takes ten times as long", ref: "kubereboot/kured#59", does: "waits",
			harm: []string{"reboot-slow=master-2"}, shipped: finished(), ordinary: finished()},
		{id: "F28", name: "reboot-ignored", fault: "the command to reboot succeeds and nothing happens", ref: "ansible/ansible#78007", does: "is no success: the boot id is the old one",
			harm: []string{"reboot-ignored=master-2"}, shipped: &want{code: 2, booted: 1, left: "master-2"}, ordinary: &want{code: 2, booted: 1, left: "master-2"}},
		{id: "F29", name: "ssh-drops", fault: "the connection breaks in the middle of a command", ref: "ansible/ansible#83872", does: "ends with 4, as nothing was changed; that a reboot cuts it is expected, and in every run here",
			harm: []string{"ssh-drops=master-2"}, ordinary: &want{code: 4}, shipped: &want{code: 4}},
		{id: "F29", name: "ssh-drops-in-the-middle", fault: "the connection breaks while the node is drained", ref: "ansible/ansible#83018", does: "ends with 4 and leaves the node drained; drydock resume ends the rest",
			harm: []string{"ssh-drops=master-1@cordoned"}, ordinary: &want{code: 4, left: "master-1", more: resumed}, shipped: &want{code: 4, left: "master-1", more: resumed}},
		{id: "F30", name: "host-key-changed", fault: "a machine comes back with another host key", ref: "ansible/ansible#77353", does: "ends with that, and accepts nothing silently",
			harm: []string{"host-key-changed=master-2"}, shipped: &want{code: 4, booted: 2, left: "master-2", says: []string{"another host key"}}, ordinary: &want{code: 4, booted: 2, left: "master-2", says: []string{"another host key"}}},
		{id: "F31", name: "booting-up", fault: "SSH lets in and pam_nologin sends away", ref: "ansible/ansible#79992", does: "tries again",
			harm: []string{"system-booting-up=master-2"}, shipped: finished(), ordinary: finished()},
		{id: "F32", name: "stale-ready", fault: "the node is called Ready with its old boot id", ref: "ansible/ansible#78007", does: "does not believe it; the node stays cordoned and the run ends",
			harm: []string{"stale-ready=master-2"}, shipped: &want{code: 2, booted: 2, left: "master-2"}, ordinary: &want{code: 2, booted: 2, left: "master-2", check: kube.CheckReturned}},
		{id: "F33", name: "csi-missing", fault: "the kubelet is Ready and Longhorn's CSI driver is not there", ref: "longhorn/longhorn#12175", does: "does not send pods to the node, and ends",
			harm: []string{"csi-missing=master-2"}, shipped: &want{code: 2, booted: 2, left: "master-2", check: kube.CheckReturned}, ordinary: &want{code: 2, booted: 2, left: "master-2", check: kube.CheckReturned}},
		{id: "F34", name: "kernel-without-iscsi-is-not-seen-today", fault: "the kernel of the next boot has no module iscsi_tcp", ref: "longhorn/longhorn#1853", does: "nothing yet, and goes on: only what Longhorn says of it afterwards would stop the run",
			harm: []string{"kernel-without-iscsi=master-2"}, ordinary: finished(), shipped: finished()},
		{id: "F49", name: "slow-shutdown", fault: "a shutdown hangs for two minutes", ref: "k3s-io/k3s#2400", does: "waits",
			spec: func(s *twin.Spec) { s.Times.Shutdown = 2 * time.Minute }, shipped: finished(), ordinary: finished()},
	}
}

func packageRows() []row {
	return []row{
		{id: "F35", name: "apt-locked", fault: "unattended-upgrades holds the lock of apt", ref: "ansible/ansible#25414", does: "waits five minutes, then ends and names the process; the node stays drained",
			harm: []string{"dpkg-locked=master-1"}, shipped: &want{code: 2, left: "master-1", says: []string{"held by process", "unattended-upgrade"}}},
		{id: "F35", name: "dnf-locked", fault: "another process holds the lock of dnf", ref: "ansible/ansible#51663", does: "waits five minutes, then ends before the node is touched",
			harm: []string{"dpkg-locked=master-2"}, shipped: &want{code: 2, booted: 1, says: []string{"lock of dnf"}}},
		{id: "F36", name: "needrestart-asks", fault: "needrestart waits for an answer", ref: "liske/needrestart#129", does: "tells it not to ask",
			harm: []string{"needrestart-hangs=master-1"}, shipped: finished()},
		{id: "F37", name: "needrestart-restarts", fault: "needrestart restarts k3s and iscsid", ref: "longhorn/longhorn#10544", does: "lets it list only: the reboot is the restart", elsewhere: "TestFaults/F36 (no K3s stops but by a reboot)"},
		{id: "F38", name: "conffile", fault: "dpkg asks about a configuration file that was edited", ref: "dpkg(1)", does: "keeps the edited one",
			harm: []string{"conffile-prompt=master-1"}, shipped: finished()},
		{id: "F39", name: "dpkg-interrupted", fault: "an earlier dpkg was cut off", ref: "dpkg(1)", does: "has it finish, and goes on",
			harm: []string{"dpkg-interrupted=master-1"}, shipped: finished()},
		{id: "F40", name: "nothing-more-to-do", fault: "a run comes again when everything is done", ref: "apt's phased updates", does: "changes nothing",
			shipped: &want{booted: machines, more: again}},
		{id: "F41", name: "gpg-key", fault: "dnf wants a new key", ref: "ansible/ansible#80583", does: "dnf takes it only where its repository names it", elsewhere: "not on the twin, which has no keys"},
		{id: "F42", name: "disk-full", fault: "no byte is free", ref: "ENOSPC", does: "ends while every node is in service",
			harm: []string{"disk-full=master-3"}, shipped: untouched("", "are wanted")},
		{id: "F43", name: "packages-on-drained-nodes", fault: "a package's upgrade stops the runtime", ref: "m-lab/k8s-support#520", does: "upgrades only nodes that are drained",
			shipped: &want{booted: machines, more: onlyDrained}},
		{id: "F44", name: "reboot-pending", fault: "a kernel was installed outside of the window", ref: "longhorn/longhorn#10971", does: "reboots for it, without any package to install",
			spec: nothingToInstall, prepare: func(b *bed) { b.site.Hosts["master-1"].RequireReboot("linux-image-amd64") }, shipped: &want{booted: 1}},
		{id: "F45", name: "other-names", fault: "the inventory's name is not the node's", ref: "kubernetes-sigs/kubespray#6585", does: "finds the node by what the machine says of itself",
			spec: renamed, shipped: finished(), ordinary: nil},
		{id: "F46", name: "node-password", fault: "K3s refuses the password of a node that was installed anew", ref: "k3s-io/k3s#802", does: "ends, as the node does not come back; the cause is not named", elsewhere: "not on the twin; what follows is F26"},
	}
}

func runRows() []row {
	return []row{
		{id: "F51", name: "window-closes", fault: "the maintenance window closes in the middle", ref: "kubereboot/kured#620", does: "finishes the node in work and ends with 3; resume begins with the next", elsewhere: "engine/twin TestAWindowClosesInTheMidstOfAMaintenance"},
		{id: "F54", name: "rerun", fault: "the run comes again after a failure", ref: "kubernetes-sigs/kubespray#6948", does: "passes by what is done",
			harm: []string{"pdb-after"}, shipped: &want{booted: machines, more: again}},
		{id: "F55", name: "ctrl-c", fault: "a person presses ctrl+C", ref: "SIGINT", does: "ends what is begun and stops; resume ends the rest", elsewhere: "TestSeeds, TestASoftStopAndResume"},
	}
}

// rows is the suite.
func rows() []row {
	var out []row
	for _, part := range [][]row{otherRows(), podRows(), storageRows(), etcdRows(), rebootRows(), packageRows(), runRows()} {
		out = append(out, part...)
	}
	return out
}

// again carries the shipped maintenance out once more, which does nothing.
func again(b *bed, _ outcome) {
	b.t.Helper()
	before := len(b.site.Trace())
	if o := b.begin(shipped(), plan{}); o.code != 0 || len(b.site.Trace()) != before {
		b.t.Errorf("the second run: exit %d, and it did %v", o.code, b.site.Trace()[before:])
	}
}

// resumed takes a run up again, which then ends whole.
func resumed(b *bed, o outcome) {
	b.t.Helper()
	if next := b.begin(o.content, plan{resume: o.run}); next.code != 0 {
		b.t.Errorf("resumed: exit %d, %v\n%s", next.code, next.err, b.failures())
	}
	b.whole()
	b.sound()
}

// onlyDrained checks that packages changed on cordoned nodes alone.
func onlyDrained(b *bed, _ outcome) {
	b.t.Helper()
	cordoned, changed := map[string]bool{}, 0
	for _, e := range b.site.Trace().Since() {
		switch e.Kind {
		case twin.Cordoned:
			cordoned[e.Node] = true
		case twin.Uncordoned:
			cordoned[e.Node] = false
		case twin.PackageChanged:
			if changed++; !cordoned[e.Node] {
				b.t.Errorf("%s was changed on %s, which was in service", e.Object, e.Node)
			}
		}
	}
	if changed == 0 {
		b.t.Error("no package was changed")
	}
}

func nothingToInstall(s *twin.Spec) {
	for i := range s.Nodes {
		s.Nodes[i].Packages = []linux.Package{}
	}
}

func renamed(s *twin.Spec) {
	for i := range s.Nodes {
		s.Nodes[i].Node = []string{"alpha.example.org", "beta.example.org", "gamma.example.org"}[i]
	}
}

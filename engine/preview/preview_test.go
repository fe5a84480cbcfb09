package preview

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden files anew")

// night is a preview of six nodes with a bit of everything.
func night() Preview {
	p := Preview{
		Version: Version, Made: time.Date(2026, 11, 25, 23, 0, 0, 0, time.UTC),
		Asked: Asked{Playbooks: []string{"playbooks/maintenance.yml"}, Inventory: []string{"hosts.yml"}, Limit: "k3s_workers:k3s_masters"},
		Files: []File{{Name: "hosts.yml", Origin: "disk", SHA256: "aa"}, {Name: "playbooks/maintenance.yml", Origin: "embedded", SHA256: "bb"}},
		Hosts: []string{"master-1", "master-2", "master-3", "worker-1", "worker-2", "worker-3"},
		Clusters: []Cluster{{ID: "c0de", Asked: "the kubeconfig of host master-1", Storage: true, Members: []Member{
			{Node: "master-1", Role: Server, Etcd: true, Ready: true}, {Node: "master-2", Role: Server, Etcd: true, Ready: true},
			{Node: "master-3", Role: Server, Etcd: true, Ready: true}, {Node: "worker-1", Role: Agent, Ready: true},
			{Node: "worker-2", Role: Agent, Ready: true}, {Node: "worker-3", Role: Agent, Ready: true},
		}}},
	}
	steps := []Step{{"cordon", "Cordon", false}, {"drain", "Drain", false}, {"upgrade", "Upgrade all packages", false}, {"reboot", "Reboot the machine", false}}
	for i, host := range []string{"worker-1", "worker-2", "worker-3", "master-1", "master-2", "master-3"} {
		n := Node{
			Order: i + 1, Batch: i + 1, Host: host, Node: host, Cluster: "c0de", Role: Agent, Play: "Maintain", Seen: true, Steps: steps,
			Packages: []Package{{Name: "libc6", From: "2.36-9", To: "2.36-10"}, {Name: "old-lib", From: "1.0"}},
			Kernel:   Kernel{Running: "6.1.0-26-amd64", Installed: "6.1.0-26-amd64"}, Reboot: Reboot{Planned: Perhaps},
			Drained: true, Pods: []Pod{{Name: "default/web-1", Fate: Moves}, {Name: "kube-system/svclb-1", Fate: Stays, Why: "DaemonSet-managed"}},
			Duration: Duration{240, "past runs of this node"},
		}
		if i >= 3 {
			n.Role, n.Etcd = Server, true
			n.Quorum = &Quorum{Members: 3, Healthy: 3, Needed: 2, Left: 2, Holds: true, Words: "3 members, 2 needed: 2 voters are left without this one"}
		}
		p.Nodes = append(p.Nodes, n)
	}
	w := &p.Nodes[0]
	w.Packages = append(w.Packages, Package{Name: "linux-image-6.1.0-28-amd64", To: "6.1.119-1", Kernel: true})
	w.Reboot = Reboot{Needed: true, Why: []string{"a kernel is among the packages"}, Planned: Perhaps}
	w.Volumes = []Volume{{Name: "pvc-1", Claim: "default/data-db-0", Attached: true, Replica: true, Elsewhere: 1, Health: "healthy"},
		{Name: "pvc-2", Claim: "default/files", Replica: true, Elsewhere: 2, Health: "healthy"}}
	w.Pods = append(w.Pods, Pod{Name: "monitoring/prometheus-0", Fate: Moves, Why: "with local storage"}, Pod{Name: "default/cache-0", Fate: Moves, Pinned: []string{"default/cache"}})
	p.Duration = Duration{1440, "past runs"}
	p.Ready = true
	return p
}

// trouble is the same night with what must not be.
func trouble() Preview {
	p := night()
	p.Blockers = []Blocker{{Check: CheckCluster, About: "web-1", Found: "no kubeconfig on web-1: looked for /etc/rancher/k3s/k3s.yaml", Mend: "give the hosts of a control plane, or KUBECONFIG"}}
	p.Notes = []string{"two plays change packages of worker-1"}
	n := &p.Nodes[1]
	n.Blockers = []Blocker{
		{Check: "longhorn-single-replica", About: "pvc-9", Found: "replica r-9 of volume pvc-9 (default/only) is the only usable one", Mend: "give the volume a second replica and wait until it is healthy", Accept: "--accept longhorn-single-replica=pvc-9"},
		{Check: CheckPods, About: "default/lonely", Found: "no controller makes it anew elsewhere", Mend: "delete_options: {force: true} evicts it all the same"},
		{Check: "other-node", About: "worker-3", Found: "worker-3 is cordoned by somebody else", Accepted: true},
	}
	n.Pods = append(n.Pods, Pod{Name: "default/lonely", Fate: Refused, Why: "not managed by a controller"})
	n.Notes = []string{"its index of packages is 3 days old; a run that refreshes it may find more"}
	m := &p.Nodes[3]
	m.Reboot = Reboot{Needed: true, Why: []string{"kernel 6.1.0-28-amd64 is installed and 6.1.0-26-amd64 runs", "/var/run/reboot-required is there, for libc6, linux-base"}, Planned: Never}
	m.Kernel.Installed = "6.1.0-28-amd64"
	m.Duration = Duration{}
	p.Ready = false
	return p
}

func TestText(t *testing.T) {
	for name, c := range map[string]struct {
		p Preview
		s Style
	}{
		"ready-80": {night(), Style{Width: 80}}, "ready-120": {night(), Style{Width: 120}}, "ready-all": {night(), Style{Width: 100, All: true}},
		"blocked-80": {trouble(), Style{Width: 80}}, "blocked-color": {trouble(), Style{Width: 120, Color: true}},
		"nothing": {Preview{Asked: Asked{Playbooks: []string{"ping.yml"}}, Ready: true}, Style{}},
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := WriteText(&b, c.p, c.s); err != nil {
				t.Fatal(err)
			}
			golden(t, name+".txt", b.String())
			if c.s.Color {
				return
			}
			for i, line := range strings.Split(b.String(), "\n") {
				if c.s.Width > 0 && len([]rune(line)) > c.s.Width {
					t.Errorf("line %d is wider than %d columns: %s", i+1, c.s.Width, line)
				}
			}
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestJSONComesBackAsItWas(t *testing.T) {
	for _, p := range []Preview{night(), trouble(), {Version: Version}} {
		var a, b bytes.Buffer
		if err := WriteJSON(&a, p); err != nil {
			t.Fatal(err)
		}
		back, err := Read(a.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if err := WriteJSON(&b, back); err != nil {
			t.Fatal(err)
		}
		if a.String() != b.String() {
			t.Errorf("read back\n%s\nfrom\n%s", b.String(), a.String())
		}
		if strings.Contains(strings.ReplaceAll(a.String(), `"quorum": null`, ""), "null") {
			t.Errorf("a list is null:\n%s", a.String())
		}
		if d := Drift(p, back); len(d) > 0 {
			t.Errorf("drift of a document from itself: %v", d)
		}
	}
}

func TestWhatIsNoPlanIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"text": "PLAN x", "another version": `{"version": 99}`, "no version": `{}`, "an unknown field": `{"version": 1, "nods": []}`,
	} {
		if _, err := Read([]byte(text)); err == nil {
			t.Errorf("%s is read as a plan", name)
		}
	}
}

func TestDrift(t *testing.T) {
	for name, c := range map[string]struct {
		change func(p *Preview)
		want   string // of the differences, by their paths
	}{
		"nothing": {func(p *Preview) {}, ""},
		"time and estimates": {func(p *Preview) {
			p.Made = p.Made.Add(time.Hour)
			p.Nodes[0].Duration.Seconds = 9
			p.Duration.Seconds = 9
		}, ""},
		"a pod that moves":    {func(p *Preview) { p.Nodes[0].Pods[0].Name = "default/web-2" }, ""},
		"an attachment":       {func(p *Preview) { p.Nodes[0].Volumes[0].Attached = false }, ""},
		"a package more":      {func(p *Preview) { p.Nodes[0].Packages = append(p.Nodes[0].Packages, Package{Name: "curl", To: "8"}) }, "nodes.worker-1.packages.curl"},
		"another version":     {func(p *Preview) { p.Nodes[0].Packages[0].To = "2.36-11" }, "nodes.worker-1.packages.libc6"},
		"a package less":      {func(p *Preview) { p.Nodes[0].Packages = p.Nodes[0].Packages[1:] }, "nodes.worker-1.packages.libc6"},
		"a pod that is stuck": {func(p *Preview) { p.Nodes[0].Pods[0].Fate = Refused }, "nodes.worker-1.pods.default/web-1"},
		"a budget":            {func(p *Preview) { p.Nodes[0].Pods[0].Waits = "PDB default/web allows 0" }, "nodes.worker-1.pods.default/web-1"},
		"a replica less":      {func(p *Preview) { p.Nodes[0].Volumes[1].Elsewhere = 1 }, "nodes.worker-1.volumes.pvc-2"},
		"a volume":            {func(p *Preview) { p.Nodes[0].Volumes = append(p.Nodes[0].Volumes, Volume{Name: "pvc-3"}) }, "nodes.worker-1.volumes.pvc-3"},
		"a cordon":            {func(p *Preview) { p.Clusters[0].Members[5].Cordoned = true }, "clusters.c0de.worker-3"},
		"not ready":           {func(p *Preview) { p.Clusters[0].Members[5].Ready = false }, "clusters.c0de.worker-3"},
		"a node more": {func(p *Preview) {
			p.Clusters[0].Members = append(p.Clusters[0].Members, Member{Node: "n", Role: Agent})
		}, "clusters.c0de.n"},
		"a role":               {func(p *Preview) { p.Nodes[3].Role = Agent }, "nodes.master-1.role"},
		"the mapping":          {func(p *Preview) { p.Nodes[3].Node = "other" }, "nodes.master-1.node"},
		"quorum":               {func(p *Preview) { q := *p.Nodes[3].Quorum; q.Left = 1; p.Nodes[3].Quorum = &q }, "nodes.master-1.quorum"},
		"the content":          {func(p *Preview) { p.Files[1].SHA256 = "cc" }, "files.playbooks/maintenance.yml"},
		"its origin":           {func(p *Preview) { p.Files[1].Origin = "disk" }, "files.playbooks/maintenance.yml"},
		"the inventory":        {func(p *Preview) { p.Hosts = append(p.Hosts, "worker-4") }, "hosts"},
		"its order":            {func(p *Preview) { p.Hosts[0], p.Hosts[1] = p.Hosts[1], p.Hosts[0] }, "hosts"},
		"the nodes' order":     {func(p *Preview) { p.Nodes[0], p.Nodes[1] = p.Nodes[1], p.Nodes[0] }, "order"},
		"two at once":          {func(p *Preview) { p.Nodes[1].Batch = 1 }, "order"},
		"tags":                 {func(p *Preview) { p.Asked.Tags = []string{"reboot"} }, "asked.tags"},
		"the kernel that runs": {func(p *Preview) { p.Nodes[0].Kernel.Running = "6.1.0-28-amd64" }, "nodes.worker-1.kernel"},
		"a reboot":             {func(p *Preview) { p.Nodes[1].Reboot.Needed = true }, "nodes.worker-2.reboot"},
		"a step":               {func(p *Preview) { p.Nodes[1].Steps = p.Nodes[1].Steps[1:] }, "nodes.worker-2.steps.cordon.Cordon"},
	} {
		now := night()
		c.change(&now)
		var got []string
		for _, d := range Drift(night(), now) {
			got = append(got, d.Path)
			if d.Then == d.Now || !strings.HasPrefix(d.String(), d.Path+": ") {
				t.Errorf("%s: %q", name, d)
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: got %v, want %s", name, got, c.want)
		}
	}
}

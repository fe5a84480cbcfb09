package linux_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/twin/cluster"
	"github.com/drydock-dev/drydock/engine/twin/linux"
	"github.com/drydock-dev/drydock/engine/twin/machine"
	"github.com/drydock-dev/drydock/engine/value"
)

const nodeObject = `
apiVersion: v1
kind: Node
metadata: {name: %[1]s, labels: {%[2]s}}
spec: {}
status:
  nodeInfo: {bootID: %[3]s, kubeletVersion: v1.31.4+k3s1}
  addresses: [{type: Hostname, address: %[1]s}, {type: InternalIP, address: %[4]s}]
  conditions: [{type: Ready, status: "True"}, {type: EtcdIsVoter, status: "True"}]
---
apiVersion: longhorn.io/v1beta2
kind: Node
metadata: {name: %[1]s, namespace: longhorn-system}
spec: {allowScheduling: true}
`

const storageObjects = `
apiVersion: v1
kind: Namespace
metadata: {name: longhorn-system}
`

// fleet is a site that is a K3s cluster: one server, a Debian and a Red Hat agent. The nodes of the API follow the boots of the hosts.
func fleet(t *testing.T) (*site, *cluster.Cluster) {
	t.Helper()
	c := newClock()
	api, err := cluster.Start(cluster.Config{Kinds: cluster.Longhorn(), After: func(_ time.Duration, f func()) { go f() }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(api.Close)
	hooks := linux.Hooks{Up: func(h *linux.Host, id string) {
		if err := api.Change("nodes", "", h.Name(), func(o map[string]any) {
			o["status"].(map[string]any)["nodeInfo"].(map[string]any)["bootID"] = id
		}); err != nil {
			t.Error(err)
		}
	}}
	server := linux.Config{Name: "server-1", Addr: "192.0.2.11", Packages: linux.Updates(linux.Debian), Hooks: hooks, Units: []linux.Unit{{Name: "k3s"}},
		Files: map[string]string{"/etc/rancher/k3s/k3s.yaml": string(api.Kubeconfig()), "/var/lib/rancher/k3s/server/db/etcd/name": "server-1\n"}}
	deb := linux.Config{Name: "agent-deb", Addr: "192.0.2.12", Packages: linux.Updates(linux.Debian), Hooks: hooks, Units: []linux.Unit{{Name: "k3s-agent"}}}
	rhel := linux.Config{Name: "agent-rhel", Addr: "192.0.2.13", Family: linux.RedHat, Packages: linux.Updates(linux.RedHat), Hooks: hooks, Units: []linux.Unit{{Name: "k3s-agent"}}}
	// What is asked for through SSH is the API server, wherever the kubeconfig says that it is.
	ssh := machine.Config{Forward: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, api.Address())
	}}
	s := newSiteBehind(t, c, ssh, server, deb, rhel)
	s.write(t, "groups.yml", "k3s_masters: {hosts: {server-1: }}\nk3s_workers: {hosts: {agent-deb: , agent-rhel: }}\n"+
		"k3s_cluster: {children: {k3s_masters: , k3s_workers: }}\nos_debian: {hosts: {server-1: , agent-deb: }}\nos_redhat: {hosts: {agent-rhel: }}\n")
	objects := storageObjects
	for name, addr := range map[string]string{"server-1": "192.0.2.11", "agent-deb": "192.0.2.12", "agent-rhel": "192.0.2.13"} {
		labels := ""
		if name == "server-1" {
			labels = `node-role.kubernetes.io/control-plane: "true", node-role.kubernetes.io/etcd: "true"`
		}
		objects += "---" + fmt.Sprintf(nodeObject, name, labels, s.hosts[name].BootID(), addr)
	}
	if err := api.Load(objects); err != nil {
		t.Fatal(err)
	}
	return s, api
}

// done checks that every host is patched, rebooted once and in service.
func done(t *testing.T, s *site, api *cluster.Cluster, r results, code int) {
	t.Helper()
	if code != 0 {
		for key, e := range r {
			if e.Status == event.Failed || e.Status == event.Unreachable {
				t.Errorf("%s: %s", key, value.Repr(e.Result))
			}
		}
		t.Fatalf("exit %d", code)
	}
	for name, h := range s.hosts {
		want := map[linux.Family]string{linux.Debian: "7.88.1-10+deb12u12", linux.RedHat: "7.76.1-31.el9_5.1"}[h.Family()]
		if got := h.Installed("curl"); got != want || h.Boots() != 2 {
			t.Errorf("%s has curl %s and booted %d times", name, got, h.Boots())
		}
		node, _ := api.Get("nodes", "", name)
		if node["spec"].(map[string]any)["unschedulable"] == true {
			t.Errorf("%s is cordoned", name)
		}
	}
}

func TestShippedMaintenance(t *testing.T) {
	s, api := fleet(t)
	r, code := s.play(t, "playbooks/maintenance.yml", false)
	done(t, s, api, r, code)
	has(t, s.hosts["server-1"], "ls /var/lib/rancher/k3s/server/db/snapshots", 0, "drydock-server-1-")
	r, code = s.play(t, "playbooks/maintenance.yml", false)
	done(t, s, api, r, code)
}

func TestReferenceContent(t *testing.T) {
	s, api := fleet(t)
	if err := os.CopyFS(s.dir, os.DirFS("../../../e2e/testdata/reference")); err != nil {
		t.Fatal(err)
	}
	volumes := ""
	for _, name := range []string{"pvc-a", "pvc-b"} {
		volumes += "---\napiVersion: longhorn.io/v1beta2\nkind: Volume\nmetadata: {name: " + name + ", namespace: longhorn-system}\nstatus: {state: attached, robustness: healthy}\n"
	}
	volumes += "---\napiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: longhorn-manager, namespace: longhorn-system}\nspec: {selector: {matchLabels: {app: longhorn-manager}}, " +
		"template: {metadata: {labels: {app: longhorn-manager}}, spec: {containers: [{name: m, image: m}]}}}\n"
	if err := api.Load(strings.TrimPrefix(volumes, "---\n")); err != nil {
		t.Fatal(err)
	}
	s.write(t, "kubeconfig", string(api.Kubeconfig()))
	t.Setenv("KUBECONFIG", filepath.Join(s.dir, "kubeconfig")) // tasks on localhost have the environment of the process
	r, code := s.play(t, filepath.Join(s.dir, "maintenance.yml"), false)
	done(t, s, api, r, code)
	r, code = s.play(t, filepath.Join(s.dir, "maintenance.yml"), false)
	done(t, s, api, r, code)
	for key, e := range r {
		if e.Status == event.Changed {
			t.Errorf("second run, %s: %s", key, value.Repr(e.Result))
		}
	}
}

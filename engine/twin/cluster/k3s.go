package cluster

// A whole K3s cluster with Longhorn of a short description.

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"time"
)

// Spec says what cluster there is to be.
type Spec struct {
	Nodes    []NodeSpec
	Apps     []AppSpec         // besides those that K3s and Longhorn bring
	Settings map[string]string // of Longhorn, besides its defaults
	// NoLonghorn leaves Longhorn out, its kinds and all; SQLite puts that in the place of etcd.
	NoLonghorn, SQLite bool
	Version            string // of K3s; empty: v1.37.2+k3s1
}

// NodeSpec is a node. Only the name is required; what is left out is made of it.
type NodeSpec struct {
	Name, Address, MachineID, BootID, Kernel, OS string
	Server                                       bool
	Labels                                       map[string]string
}

// Realistic is a Config with the times of a small cluster of real machines, for a clock that runs fast.
func Realistic() Config {
	return Config{
		PodStart: 3 * time.Second, PodStop: 2 * time.Second, Attach: 5 * time.Second, Rebuild: time.Minute, Lag: 2 * time.Second,
	}
}

// Sized describes a cluster of servers and agents with workloads of every kind that maintenance meets: one under a budget, one with a
// volume for each pod, one with a single volume, one with a shared volume.
func Sized(servers, agents int) Spec {
	var s Spec
	for i := range servers {
		s.Nodes = append(s.Nodes, NodeSpec{Name: fmt.Sprintf("master-%d", i+1), Address: fmt.Sprintf("10.0.0.%d", 11+i), Server: true})
	}
	for i := range agents {
		s.Nodes = append(s.Nodes, NodeSpec{Name: fmt.Sprintf("worker-%d", i+1), Address: fmt.Sprintf("10.0.0.%d", 21+i)})
	}
	copies := min(3, servers+agents)
	s.Apps = []AppSpec{
		{Name: "web", Replicas: 6, MaxUnavailable: "1"},
		{Kind: "StatefulSet", Name: "db", Replicas: 3, MinAvailable: "2", Volume: &VolumeSpec{Replicas: copies}},
		{Name: "cms", Volume: &VolumeSpec{Replicas: min(2, copies)}},
		{Name: "files", Replicas: 2, Volume: &VolumeSpec{Replicas: copies, Shared: true}},
	}
	return s
}

// K3s starts a cluster as described and brings it to rest: all nodes ready, all pods running, all volumes healthy.
func K3s(config Config, spec Spec) (*Cluster, error) {
	config.Kinds = append(K3sKinds(), config.Kinds...)
	if !spec.NoLonghorn {
		config.Kinds = append(Longhorn(), config.Kinds...)
	}
	swift := config
	swift.PodStart, swift.PodStop, swift.Attach, swift.Rebuild, swift.Lag = 0, 0, 0, 0, 0
	c, err := Start(swift)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gitVersion = cmp.Or(spec.Version, c.gitVersion)
	w := &c.world
	for _, ns := range []string{"kube-node-lease", "kube-public"} {
		w.Set(namespaceObject(ns))
	}
	for _, n := range spec.Nodes {
		c.addNode(w, n, spec)
	}
	if !spec.NoLonghorn {
		c.install(w, spec)
	}
	for _, a := range append(ownApps(), spec.Apps...) {
		c.addApp(w, a)
	}
	w.reconcile()
	c.config.PodStart, c.config.PodStop, c.config.Attach = config.PodStart, config.PodStop, config.Attach
	c.config.Rebuild, c.config.Lag = config.Rebuild, config.Lag
	return c, nil
}

func namespaceObject(name string) map[string]any {
	return map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": name}, "status": map[string]any{"phase": "Active"}}
}

// addNode adds a node, its machine, its lease, and the etcd member of a server.
func (c *Cluster) addNode(w *World, n NodeSpec, spec Spec) {
	m := c.machine(n.Name)
	w.Set(nodeObject(n, spec, c.gitVersion, m.since))
	w.Set(map[string]any{
		"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": map[string]any{"name": n.Name, "namespace": "kube-node-lease"},
		"spec": map[string]any{"holderIdentity": n.Name, "leaseDurationSeconds": 40, "renewTime": microStamp(m.since)},
	})
	if !n.Server || spec.SQLite {
		return
	}
	if len(c.etcd.members) == 0 {
		c.etcd.leader, c.etcd.since, c.etcd.changes = n.Name, m.since, 1
	}
	h := fnv.New64a()
	h.Write([]byte(n.Name))
	c.etcd.members = append(c.etcd.members, Member{Name: n.Name + "-" + digest(n.Name, 8), Node: n.Name, ID: h.Sum64(), Address: n.Address})
	c.markVoters()
}

func nodeObject(n NodeSpec, spec Spec, version string, now time.Time) map[string]any {
	labels := map[string]any{
		"kubernetes.io/hostname": n.Name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64", "node.kubernetes.io/instance-type": "k3s",
	}
	if n.Server {
		labels[serverLabel], labels["node-role.kubernetes.io/master"] = "true", "true"
		if !spec.SQLite {
			labels[etcdLabel] = "true"
		}
	}
	for key, v := range n.Labels {
		labels[key] = v
	}
	room := map[string]any{"cpu": "4", "memory": "8Gi", "pods": "110", "ephemeral-storage": "100Gi"}
	machineID := cmp.Or(n.MachineID, digest("machine "+n.Name, 32))
	boot := digest("boot "+n.Name, 32)
	o := map[string]any{
		"apiVersion": "v1", "kind": "Node",
		"metadata": map[string]any{"name": n.Name, "labels": labels, "annotations": map[string]any{"k3s.io/hostname": n.Name, "k3s.io/internal-ip": n.Address}},
		"spec":     map[string]any{"providerID": "k3s://" + n.Name},
		"status": map[string]any{
			"capacity": room, "allocatable": room,
			"addresses": []any{map[string]any{"type": "InternalIP", "address": n.Address}, map[string]any{"type": "Hostname", "address": n.Name}},
			"nodeInfo": map[string]any{
				"architecture": "amd64", "bootID": cmp.Or(n.BootID, boot[:8]+"-"+boot[8:12]+"-4"+boot[13:16]+"-8"+boot[17:20]+"-"+boot[20:]),
				"containerRuntimeVersion": "containerd://2.1.5-k3s1", "kernelVersion": cmp.Or(n.Kernel, "6.1.0-37-amd64"), "kubeProxyVersion": "",
				"kubeletVersion": version, "machineID": machineID, "operatingSystem": "linux", "osImage": cmp.Or(n.OS, "Debian GNU/Linux 12 (bookworm)"),
				"systemUUID": machineID,
			},
		},
	}
	setNodeConditions(o, "True", "KubeletReady", "kubelet is posting ready status", now)
	return o
}

// install brings Longhorn: its namespace, its settings, its workloads.
func (c *Cluster) install(w *World, spec Spec) {
	c.storage = newStorage()
	w.Set(namespaceObject(lhNamespace))
	for _, class := range []string{"longhorn", "local-path"} {
		provisioner := map[string]string{"longhorn": lhDriver, "local-path": "rancher.io/local-path"}[class]
		w.Set(map[string]any{"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": map[string]any{"name": class}, "provisioner": provisioner})
	}
	all := map[string]string{
		"node-drain-policy": defaultDrainPolicy, "replica-replenishment-wait-interval": "600", "detach-manually-attached-volumes-when-cordoned": "false",
		"node-down-pod-deletion-policy": "do-nothing", "auto-salvage": "true", "concurrent-replica-rebuild-per-node-limit": "5",
		"disable-scheduling-on-cordoned-node": "true", "rwx-volume-fast-failover": "false", "replica-soft-anti-affinity": "false",
		"kubernetes-cluster-autoscaler-enabled": "false", "offline-replica-rebuilding": "false", "auto-delete-pod-when-volume-detached-unexpectedly": "true",
	}
	maps.Copy(all, spec.Settings)
	for _, name := range slices.Sorted(maps.Keys(all)) { // in order, so that identities are the same in every run
		v := all[name]
		s := lhObject("Setting", name, nil)
		delete(s, "spec")
		s["value"] = v
		put(s, true, "status", "applied")
		w.Set(s)
	}
	for _, a := range []AppSpec{
		{Kind: "DaemonSet", Name: "longhorn-manager"}, {Kind: "DaemonSet", Name: "longhorn-csi-plugin"}, {Kind: "DaemonSet", Name: "engine-image-ei"},
		{Name: "csi-attacher", Replicas: 3, MinAvailable: "1"}, {Name: "csi-provisioner", Replicas: 3, MinAvailable: "1"},
		{Name: "csi-resizer", Replicas: 3}, {Name: "csi-snapshotter", Replicas: 3}, {Name: "longhorn-driver-deployer"}, {Name: "longhorn-ui", Replicas: 2},
	} {
		a.Namespace = lhNamespace
		c.addApp(w, a)
	}
}

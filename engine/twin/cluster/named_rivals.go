package cluster

// Others who maintain the cluster at the same time.

import (
	"fmt"
	"strings"
	"time"
)

func rivalFaults() []Named {
	return []Named{
		{"kured-lock", "kured holds its lock, for the node", "F01", "kubereboot/kured#137", OnNode, lockByKured, func(c *Cluster) {
			c.world.update("daemonsets", "kube-system", "kured", func(o map[string]any) { put(o, nil, "metadata", "annotations", kuredLock) })
		}},
		{"suc-plan", "a plan of the system upgrade controller is at work on the node", "F01", "rancher/system-upgrade-controller#225", OnNode, runPlan, func(c *Cluster) {
			c.world.update("plans.upgrade.cattle.io", "system-upgrade", "k3s-server", func(o map[string]any) { put(o, nil, "status", "applying") })
		}},
		{"foreign-lease", "another run holds the lease of maintenance: name/holder, by default drydock/somebody-else", "F01", "kubereboot/kured#950", "name/holder", holdLease,
			func(c *Cluster) { c.leased = nil }},
	}
}

const kuredLock = "weave.works/kured-node-lock"

func lockByKured(c *Cluster, arg string) error {
	node, err := c.aNode(arg)
	if err != nil {
		return err
	}
	c.addApp(&c.world, AppSpec{Kind: "DaemonSet", Namespace: "kube-system", Name: "kured"})
	c.world.update("daemonsets", "kube-system", "kured", func(o map[string]any) {
		put(o, fmt.Sprintf(`{"nodeID":%q,"metadata":{"unschedulable":false},"created":%q,"TTL":0}`, node, stamp(c.config.Now())), "metadata", "annotations", kuredLock)
	})
	return nil
}

func runPlan(c *Cluster, arg string) error {
	node, err := c.aNode(arg)
	if err != nil {
		return err
	}
	w := &c.world
	if err := w.Set(namespaceObject("system-upgrade")); err != nil {
		return err
	}
	labels := map[string]any{"upgrade.cattle.io/plan": "k3s-server", "upgrade.cattle.io/node": node, "upgrade.cattle.io/controller": "system-upgrade-controller"}
	if err := w.Set(map[string]any{
		"apiVersion": "upgrade.cattle.io/v1", "kind": "Plan", "metadata": map[string]any{"name": "k3s-server", "namespace": "system-upgrade"},
		"spec": map[string]any{"concurrency": int64(1), "cordon": true, "version": "v1.37.3+k3s1", "upgrade": map[string]any{"image": "rancher/k3s-upgrade"},
			"nodeSelector": map[string]any{}},
		"status": map[string]any{"applying": []any{node}, "latestVersion": "v1.37.3-k3s1", "latestHash": digest("plan", 32)},
	}); err != nil {
		return err
	}
	return w.Set(map[string]any{
		"apiVersion": "batch/v1", "kind": "Job", "metadata": map[string]any{"name": "apply-k3s-server-on-" + node, "namespace": "system-upgrade", "labels": labels},
		"spec": map[string]any{"backoffLimit": int64(99), "template": map[string]any{"spec": map[string]any{"nodeName": node}}}, "status": map[string]any{"active": int64(1)},
	})
}

// holdLease writes a lease of somebody else, who renews it every ten seconds for as long as he is not healed.
func holdLease(c *Cluster, arg string) error {
	name, holder, ok := strings.Cut(arg, "/")
	if name == "" {
		name = "drydock"
	}
	if !ok {
		holder = "somebody-else"
	}
	mine := &struct{}{}
	c.leased = mine
	since := c.config.Now()
	var renew func()
	renew = func() {
		if c.leased != mine {
			return
		}
		c.world.Set(map[string]any{ // cannot fail: the kind is built in
			"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": map[string]any{"name": name, "namespace": "kube-system"},
			"spec": map[string]any{"holderIdentity": holder, "leaseDurationSeconds": int64(60), "acquireTime": microStamp(since), "renewTime": microStamp(c.config.Now())},
		})
		c.wait(10*time.Second, renew)
	}
	renew()
	return nil
}

func microStamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }

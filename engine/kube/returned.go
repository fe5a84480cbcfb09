package kube

// Is a node back after it was disrupted? Ready alone is often old news: what counts is that the node has told of the boot that the host is in, and
// that its storage is there as it is on the other nodes.

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
)

var csiNodes = Kind{Group: "storage.k8s.io", Version: "v1", Name: "CSINode", Plural: "csinodes"}

// Boot is what a host says of the boot that it is in. The zero Boot: it was not asked.
type Boot struct {
	ID string
	At time.Time // by the host's clock, which is the clock of its kubelet too
}

// Returned checks that a node is there again. What is found is Passing: a boot takes its time.
func (c Census) Returned(node string, b Boot) []Finding {
	n, ok := c.node(node)
	finding := func(format string, args ...any) []Finding {
		return []Finding{{Check: CheckReturned, About: node, Grade: Passing, Found: fmt.Sprintf(format, args...),
			Mend: "look at k3s on " + node + ": journalctl -u 'k3s*'"}}
	}
	ready, _ := nodeCondition(n, corev1.NodeReady)
	told := n.Status.NodeInfo.BootID
	switch {
	case !ok:
		return finding("node %s is no longer in the cluster", node)
	case unready(n) != "":
		return finding("node %s %s", node, unready(n))
	case b.ID != "" && told != "" && !strings.EqualFold(b.ID, told):
		return finding("node %s is called Ready by an earlier boot (%s), and the host is in %s", node, told, b.ID)
	case b.ID != "" && strings.EqualFold(b.ID, told):
		// A kubelet tells of its boot and of being ready in one status. It may be five minutes until the next, so its time says no more.
	case !b.At.IsZero() && !ready.LastHeartbeatTime.IsZero() && ready.LastHeartbeatTime.Time.Before(b.At):
		return finding("node %s has not been heard of since its host booted", node)
	}
	return nil
}

// Drivers are the pods and registrations by which nodes have Longhorn's volumes.
type Drivers struct {
	Pods []corev1.Pod
	CSI  []storagev1.CSINode
}

// The labels of the pods that every node of Longhorn has.
const (
	labelApp  = "app"
	appServer = "longhorn-manager"
	appPlugin = "longhorn-csi-plugin"
)

// ReadDrivers reads them.
func ReadDrivers(ctx context.Context, r Reader, namespace string) (d Drivers, err error) {
	list, err := r.List(ctx, pods, Query{Namespace: namespace, Labels: labelApp + " in (" + appServer + "," + appPlugin + ")"})
	if err != nil {
		return d, err
	}
	d.Pods = make([]corev1.Pod, len(list.Items))
	for i, o := range list.Items {
		if err := o.Into(&d.Pods[i]); err != nil {
			return d, err
		}
	}
	d.CSI, err = listOf[storagev1.CSINode](ctx, r, csiNodes, "")
	return d, err
}

// Missing checks that a node has what other nodes have: Longhorn's pods, Ready, and its driver.
func (d Drivers) Missing(node string) []Finding {
	var out []Finding
	for _, app := range []string{appServer, appPlugin} {
		if why := d.lacksPod(node, app); why != "" {
			out = append(out, d.missing(node, why))
		}
	}
	here, elsewhere := false, false
	for _, n := range d.CSI {
		has := slices.ContainsFunc(n.Spec.Drivers, func(x storagev1.CSINodeDriver) bool { return x.Name == LonghornDriver })
		here = here || has && n.Name == node
		elsewhere = elsewhere || has && n.Name != node
	}
	if elsewhere && !here {
		out = append(out, d.missing(node, "driver "+LonghornDriver+" is not registered with the kubelet of "+node+" (CSINode)"))
	}
	return out
}

func (d Drivers) missing(node, why string) Finding {
	return Finding{Check: CheckReturned, About: node, Grade: Passing, Found: why, Mend: "look at the pods of " + LonghornNamespace + " on " + node}
}

// lacksPod says what is amiss with a node's pod of an app; empty: nothing, or no node has one.
func (d Drivers) lacksPod(node, app string) string {
	known, why := false, fmt.Sprintf("no %s pod runs on %s", app, node)
	for _, p := range d.Pods {
		if p.Labels[labelApp] != app {
			continue
		}
		known = true
		if p.Spec.NodeName != node || p.DeletionTimestamp != nil {
			continue
		}
		if isReady(&p) {
			return ""
		}
		why = fmt.Sprintf("pod %s on %s is not Ready", p.Name, node)
	}
	if !known {
		return ""
	}
	return why
}

func isReady(p *corev1.Pod) bool {
	return slices.ContainsFunc(p.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
	})
}

// Unserved checks that Longhorn serves a node again: it calls it ready, its disks too, and, where the node takes pods, its instance managers run.
// On a cordoned node Longhorn starts none.
func (s Storage) Unserved(node string) []Finding {
	var out []Finding
	add := func(format string, args ...any) {
		out = append(out, Finding{Check: CheckReturned, About: node, Grade: Passing, Found: fmt.Sprintf(format, args...), Mend: "look at node " + node + " in Longhorn"})
	}
	for _, n := range s.Nodes {
		if n.Name != node {
			continue
		}
		if c, told := condition(n.Status.Conditions, longhorn.NodeConditionTypeReady); told && c.Status != longhorn.ConditionStatusTrue {
			add("Longhorn's node %s is not ready: %s", node, strings.TrimSpace(c.Reason+" "+c.Message))
		}
		for name, d := range n.Status.DiskStatus {
			if d == nil {
				continue
			}
			if c, told := condition(d.Conditions, longhorn.DiskConditionTypeReady); told && c.Status != longhorn.ConditionStatusTrue {
				add("Longhorn's disk %s of %s is not ready: %s", name, node, strings.TrimSpace(c.Reason+" "+c.Message))
			}
		}
	}
	if s.Cordoned[node] {
		return out
	}
	for _, im := range s.InstanceManagers {
		if im.Spec.NodeID == node && im.Status.CurrentState != longhorn.InstanceManagerStateRunning {
			add("instance manager %s of %s is %s", im.Name, node, im.Status.CurrentState)
		}
	}
	return out
}

package cluster

// Longhorn: its controllers, as far as maintenance of nodes can tell. This file holds what they share; one file each tells how
// instance managers live, volumes attach, replicas fail and are rebuilt, what is told of it, and when budgets go.

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"time"
)

// The resources of Longhorn that its controllers use.
const (
	volumes      = "volumes.longhorn.io"
	engines      = "engines.longhorn.io"
	replicas     = "replicas.longhorn.io"
	managers     = "instancemanagers.longhorn.io"
	lhNodes      = "nodes.longhorn.io"
	shares       = "sharemanagers.longhorn.io"
	lhTickets    = "volumeattachments.longhorn.io"
	settings     = "settings.longhorn.io"
	lhNamespace  = "longhorn-system"
	lhVersion    = "longhorn.io/v1beta2"
	lhDriver     = "driver.longhorn.io"
	lhComponent  = "longhorn.io/component"
	lhNodeLabel  = "longhorn.io/node"
	lhShareLabel = "longhorn.io/share-manager"
)

// storage is what Longhorn's controllers remember besides the objects.
type storage struct {
	pods        map[string]string   // UID of the pod in which a node's instances run
	died        map[string]bool     // nodes whose instances are gone, not yet noticed by the controllers
	moving      map[string]int      // volumes that attach or detach, with the number of the move
	moves       int                 // the last of these numbers
	rebuilds    map[string]*rebuild // by replica
	truth       map[string]robustness
	wasCordoned map[string]bool // nodes, when last looked at
	flatter     time.Time       // until then degraded volumes are called healthy

	// The faults: volumes whose rebuilds do not move ("": all) and what goes on when they do again, engine instances without an
	// engine, with their nodes, volumes called healthy after an uncordon, share managers that take long.
	frozen     map[string]bool
	waiting    []func()
	orphans    map[string]string
	flatters   bool
	slowShares bool
}

// robustness is what is true of a volume, and since when; it is told a little later.
type robustness struct {
	word  string
	since time.Time
}

func newStorage() *storage {
	return &storage{
		pods: map[string]string{}, died: map[string]bool{}, moving: map[string]int{}, rebuilds: map[string]*rebuild{},
		truth: map[string]robustness{}, wasCordoned: map[string]bool{}, frozen: map[string]bool{}, orphans: map[string]string{},
	}
}

// storagePods stands for the pods that Longhorn's controllers look at, as most changes are of others.
const storagePods = "pods of storage"

func concernsStorage(p map[string]any) bool {
	if p == nil {
		return false
	}
	if app := text(p, "metadata", "labels", "app"); app == "longhorn-manager" || app == "longhorn-csi-plugin" {
		return true
	}
	return text(p, "metadata", "labels", lhComponent) != "" || len(claimsOf(p)) > 0
}

// longhorn is one round of Longhorn's controllers.
func (c *Cluster) longhorn(w *World) {
	if c.storage == nil {
		return
	}
	c.storageNodes(w)
	c.drivers(w)
	c.instanceManagers(w)
	c.bury(w)
	c.shareManagers(w)
	c.attachments(w)
	c.replenish(w)
	c.takeSnapshots(w)
	c.tellStorage(w)
	c.guardInstances(w)
}

// update edits a stored object; one that is not there is left alone.
func (w *World) update(resource, namespace, name string, edit func(o map[string]any)) {
	if o, ok := w.Get(resource, namespace, name); ok {
		edit(o)
		w.Set(o) // cannot fail: it was there
	}
}

// setting is the value of one of Longhorn's settings, or what Longhorn takes for it by itself.
func (w *World) setting(name, otherwise string) string {
	if s, ok := w.see(settings, lhNamespace, name); ok && text(s, "value") != "" {
		return text(s, "value")
	}
	return otherwise
}

// settingSeconds is a setting that is a time.
func (w *World) settingSeconds(name string, otherwise time.Duration) time.Duration {
	n, err := strconv.Atoi(w.setting(name, ""))
	if err != nil {
		return otherwise
	}
	return time.Duration(n) * time.Second
}

// lhObject begins an object of Longhorn.
func lhObject(kind, name string, spec map[string]any) map[string]any {
	return map[string]any{"apiVersion": lhVersion, "kind": kind, "metadata": map[string]any{"name": name, "namespace": lhNamespace}, "spec": spec}
}

// digest makes a name's suffix of a text, the same for every run.
func digest(of string, digits int) string {
	h := fnv.New128a()
	h.Write([]byte(of))
	return fmt.Sprintf("%032x", h.Sum(nil))[:digits]
}

func managerOf(node string) string { return "instance-manager-" + digest("im "+node, 32) }

func engineOf(volume string) string { return volume + "-e-0" }

// engine returns a volume's engine.
func (w *World) engine(volume string) map[string]any {
	e, _ := w.see(engines, lhNamespace, engineOf(volume))
	return e
}

// replicasOfVolume lists a volume's replicas.
func (w *World) replicasOfVolume(volume string) []map[string]any {
	var out []map[string]any
	for _, r := range w.all(replicas) {
		if text(r, "spec", "volumeName") == volume {
			out = append(out, r)
		}
	}
	return out
}

// usable tells whether a replica holds good data.
func usable(r map[string]any) bool {
	return text(r, "spec", "healthyAt") != "" && text(r, "spec", "failedAt") == ""
}

// managerRuns tells whether a node's instance manager works, as Longhorn knows.
func (w *World) managerRuns(node string) bool {
	im, _ := w.see(managers, lhNamespace, managerOf(node))
	return text(im, "status", "currentState") == "running"
}

// serving tells whether a node's instance manager works, and in truth: its machine may have gone a moment ago.
func (c *Cluster) serving(w *World, node string) bool {
	return w.managerRuns(node) && c.running(w, node)
}

func (w *World) cordoned(node string) bool {
	n, _ := w.see("nodes", "", node)
	return flag(n, "spec", "unschedulable")
}

// conditionOf is the status of a condition.
func conditionOf(o any, kind string) string {
	for _, c := range list(o, "status", "conditions") {
		if text(c, "type") == kind {
			return text(c, "status")
		}
	}
	return ""
}

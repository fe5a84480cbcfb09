package kube

// Others who take nodes away: kured, by its lock, and the system-upgrade-controller, by its Plans. Neither knows of Drydock, so it stays out of
// their way.

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
)

// kuredLock is the annotation of kured's DaemonSet that says who reboots.
const kuredLock = "weave.works/kured-node-lock"

// Foreign is what others do.
type Foreign struct {
	Locks []KuredLock
	Plans []UpgradePlan
}

// KuredLock is one node that kured says it reboots.
type KuredLock struct {
	Node    string
	Created time.Time
	TTL     time.Duration // 0: for ever
	From    string        // the DaemonSet
}

// UpgradePlan is a Plan that is being applied to nodes.
type UpgradePlan struct {
	Name     string
	Applying []string
}

// ReadForeign looks for both. A cluster that has neither answers nothing.
func ReadForeign(ctx context.Context, r Reader) (Foreign, error) {
	var f Foreign
	sets, err := listOf[appsv1.DaemonSet](ctx, r, daemonSets, "")
	if err != nil {
		return f, err
	}
	for _, s := range sets {
		locks, err := readKuredLock(s.Annotations[kuredLock])
		if err != nil {
			return f, fmt.Errorf("annotation %s of DaemonSet %s/%s: %w", kuredLock, s.Namespace, s.Name, err)
		}
		for _, l := range locks {
			l.From = s.Namespace + "/" + s.Name
			f.Locks = append(f.Locks, l)
		}
	}
	plans, err := r.List(ctx, Kind{Group: "upgrade.cattle.io", Version: "v1", Name: "Plan", Plural: "plans", Namespaced: true}, Query{})
	if err != nil && !NotFound(err) {
		return f, err
	}
	for _, o := range plans.Items {
		var p struct {
			Status struct {
				Applying []string `json:"applying"`
			} `json:"status"`
		}
		if err := o.Into(&p); err != nil {
			return f, err
		}
		if len(p.Status.Applying) > 0 {
			f.Plans = append(f.Plans, UpgradePlan{Name: o.Namespace() + "/" + o.Name(), Applying: p.Status.Applying})
		}
	}
	return f, nil
}

// kuredHolder is how kured writes a lock.
type kuredHolder struct {
	NodeID  string        `json:"nodeID"`
	Created time.Time     `json:"created"`
	TTL     time.Duration `json:"TTL"`
}

// readKuredLock reads both forms: one holder, or several where kured may reboot several nodes at once.
func readKuredLock(text string) ([]KuredLock, error) {
	if text == "" {
		return nil, nil
	}
	var several struct {
		kuredHolder
		Locks []kuredHolder `json:"locks"`
	}
	if err := json.Unmarshal([]byte(text), &several); err != nil {
		return nil, err
	}
	holders := several.Locks
	if several.NodeID != "" {
		holders = append(holders, several.kuredHolder)
	}
	var out []KuredLock
	for _, h := range holders {
		out = append(out, KuredLock{Node: h.NodeID, Created: h.Created, TTL: h.TTL})
	}
	return out, nil
}

// Findings are what speaks against a disruption. A lock in the name of no node is one that a person has taken so that kured keeps quiet: it is
// welcome. A lock that has outlived its TTL counts no more.
func (f Foreign) Findings(c Census) []Finding {
	var out []Finding
	for _, l := range f.Locks {
		switch {
		case l.TTL > 0 && c.Now.Sub(l.Created) >= l.TTL:
		case !c.Has(l.Node):
			out = append(out, Finding{Check: CheckKured, About: l.Node, Grade: Sound, Found: fmt.Sprintf("kured is kept quiet by a lock in the name of %q", l.Node)})
		default:
			out = append(out, Finding{Check: CheckKured, About: l.Node, Grade: Passing,
				Found: fmt.Sprintf("kured has its lock for node %s%s (DaemonSet %s)", l.Node, c.since(Marks{At: l.Created}), l.From),
				Mend:  fmt.Sprintf("wait for kured; if it is stuck: kubectl -n %s annotate daemonset %s %s-", before(l.From), after(l.From), kuredLock)})
		}
	}
	for _, p := range f.Plans {
		out = append(out, Finding{Check: CheckUpgradePlan, About: p.Name, Also: []string{"", after(p.Name)}, Grade: Passing,
			Found: fmt.Sprintf("the system-upgrade-controller applies Plan %s to %s", p.Name, strings.Join(p.Applying, ", ")),
			Mend:  "wait for it to end, or delete the Plan"})
	}
	return out
}

func before(ref string) string { s, _, _ := strings.Cut(ref, "/"); return s }
func after(ref string) string  { _, s, _ := strings.Cut(ref, "/"); return s }

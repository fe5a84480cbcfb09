package cluster

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// cordon marks a node as a client would.
func (b bed) cordon(node string, on bool) {
	b.t.Helper()
	if got := b.do("PATCH", "/api/v1/nodes/"+node, strategicType, fmt.Sprintf(`{"spec":{"unschedulable":%t}}`, on)); !strings.HasPrefix(got, "200") {
		b.t.Fatal(got)
	}
}

// evict asks a pod to leave.
func (b bed) evict(namespace, name string) string {
	b.t.Helper()
	body := fmt.Sprintf(`{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":%q,"namespace":%q}}`, name, namespace)
	return b.do("POST", "/api/v1/namespaces/"+namespace+"/pods/"+name+"/eviction", "application/json", body)
}

// movable lists the pods of a node that a drain evicts.
func (b bed) movable(node string) []map[string]any {
	var out []map[string]any
	for _, p := range b.List("pods") {
		owners := list(p, "metadata", "ownerReferences")
		if text(p, "spec", "nodeName") == node && (len(owners) == 0 || text(owners[0], "kind") != "DaemonSet") {
			out = append(out, p)
		}
	}
	return out
}

// drain evicts until no pod is left, second by second, and says how many seconds it took and what was refused.
func (b bed) drain(node string, limit int) (seconds int, refused map[string]bool) {
	b.t.Helper()
	refused = map[string]bool{}
	for ; seconds < limit; seconds++ {
		pods := b.movable(node)
		if len(pods) == 0 {
			return seconds, refused
		}
		for _, p := range pods {
			if at(p, "metadata", "deletionTimestamp") == nil && strings.HasPrefix(b.evict(namespaceOf(p), nameOf(p)), "429") {
				refused[nameOf(p)] = true
			}
		}
		b.pass(time.Second)
	}
	return seconds, refused
}

// robust says how all volumes are, as one word if they agree.
func (b bed) robust() string {
	words := map[string]bool{}
	for _, v := range b.List(volumes) {
		words[text(v, "status", "state")+" "+text(v, "status", "robustness")] = true
	}
	var out []string
	for w := range words {
		out = append(out, w)
	}
	if len(out) == 1 {
		return out[0]
	}
	return "mixed"
}

// TestANodeIsDrainedRebootedAndRebuilt is a whole maintenance of one node.
func TestANodeIsDrainedRebootedAndRebuilt(t *testing.T) {
	b := k3s(t, Sized(3, 3))
	node := text(b.List(volumes)[0], "status", "currentNodeID")
	manager := managerOf(node)
	if got := b.evict(lhNamespace, manager); !strings.HasPrefix(got, "429") || !strings.Contains(got, manager) {
		t.Errorf("an instance manager of a node in service: %s", got)
	}
	b.cordon(node, true)
	if got := b.evict(lhNamespace, manager); !strings.HasPrefix(got, "429") {
		t.Errorf("while volumes are attached: %s", got)
	}
	seconds, refused := b.drain(node, 120)
	if seconds < 7 || seconds > 60 || !refused[manager] {
		t.Errorf("the drain took %d s and was refused %v", seconds, refused)
	}
	if n := mustGet(t, b, lhNodes, lhNamespace, node); conditionOf(n, "Schedulable") != "False" || conditionOf(n, "Ready") != "True" {
		t.Errorf("Longhorn thinks of the cordoned node: %v", n["status"])
	}
	for _, v := range b.List(volumes) {
		if text(v, "status", "currentNodeID") == node {
			t.Errorf("%s is still attached", nameOf(v))
		}
	}
	b.pass(30 * time.Second)
	if b.robust() != "attached degraded" && b.robust() != "mixed" {
		t.Errorf("with one node empty volumes are %s", b.robust())
	}
	b.NodeDown(node)
	b.pass(40 * time.Second)
	b.NodeUp(node, "new-boot", "6.1.0-99")
	b.pass(10 * time.Second)
	if got := b.field("nodes", "", node, "status", "nodeInfo", "bootID"); got != "new-boot" {
		t.Errorf("boot ID %v", got)
	}
	if _, ok := b.Get("pods", lhNamespace, manager); ok {
		t.Error("an instance manager was started on a cordoned node")
	}
	b.cordon(node, false)
	b.pass(20 * time.Second)
	if got := rebuilds(b); got == 0 {
		t.Error("nothing is being rebuilt")
	}
	b.pass(5 * time.Minute)
	if b.robust() != "attached healthy" {
		t.Errorf("at the end volumes are %s: %v", b.robust(), b.List(volumes))
	}
	if _, ok := b.Get("poddisruptionbudgets", lhNamespace, manager); !ok {
		t.Error("the budget has not come back")
	}
	if got := b.Incidents(); got != nil {
		t.Errorf("incidents: %v", got)
	}
}

func mustGet(t *testing.T, b bed, resource, namespace, name string) map[string]any {
	t.Helper()
	o, ok := b.Get(resource, namespace, name)
	if !ok {
		t.Fatalf("no %s %s", resource, name)
	}
	return o
}

// rebuilds adds up the progress of the rebuilds that engines tell of.
func rebuilds(b bed) (n int64) {
	for _, e := range b.List(engines) {
		for _, one := range fieldsOf(e, "status", "rebuildStatus") {
			n += number(one, "progress")
		}
	}
	return n
}

package kubernetes

// The contract: what the modules do on a cluster, asserted on its objects. It runs on the twin (here) and on a real control plane
// (e2e_test.go), so that what the other tests learn from the twin holds.

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/twin/cluster"
	"github.com/drydock-dev/drydock/engine/value"
)

// ground is a cluster on which the contract is checked. Everything made carries its prefix.
type ground struct {
	t      *testing.T
	host   module.Host
	view   module.View
	prefix string
	said   func() []string
}

func TestContractOnTheTwin(t *testing.T) {
	inBubble(t, cluster.Config{PodStart: 2 * time.Second}, "", func(t *testing.T, b *bed) {
		contract(ground{t, b.host, b.host.View(), "twin", b.host.Said})
	})
}

// run carries a task out.
func (g ground) run(m module.Module, args ...any) module.Result {
	g.t.Helper()
	p, err := m.Plan(context.Background(), g.view, value.NewMap(args...))
	if err != nil {
		g.t.Fatalf("plan: %v", err)
	}
	if p.Kind() == module.KindDone {
		return p.Result()
	}
	r, err := p.Apply()(context.Background(), g.host)
	if err != nil {
		g.t.Fatalf("apply: %v", err)
	}
	return r
}

// must carries a task out that has to succeed, and checks whether it changed something.
func (g ground) must(changed bool, m module.Module, args ...any) module.Result {
	g.t.Helper()
	r := g.run(m, args...)
	if r.Failed || r.Changed != changed {
		g.t.Fatalf("%v: failed %v (%s), changed %v, want %v", args, r.Failed, r.Msg, r.Changed, changed)
	}
	return r
}

// fails carries a task out that has to fail with this in its message.
func (g ground) fails(want string, m module.Module, args ...any) {
	g.t.Helper()
	if r := g.run(m, args...); !r.Failed || !strings.Contains(r.Msg, want) {
		g.t.Errorf("%v: failed %v with %q, want %q", args, r.Failed, r.Msg, want)
	}
}

func (g ground) heard(text string) bool { return strings.Contains(strings.Join(g.said(), "\n"), text) }

// pods counts the pods of the contract on a node.
func (g ground) pods(node string) int {
	r := g.must(false, K8sInfo, "kind", "Pod", "namespace", g.prefix, "field_selectors", []any{"spec.nodeName=" + node})
	return len(r.Data.Value("resources").([]any))
}

func (g ground) node(name string) *value.Map {
	return parsed(g.t, `{"apiVersion":"v1","kind":"Node","metadata":{"name":"%s","labels":{"type":"kwok","pool":"%s"}},
		"status":{"conditions":[{"type":"Ready","status":"True"}],"allocatable":{"cpu":"4","memory":"8Gi","pods":"110"},"capacity":{"cpu":"4","memory":"8Gi","pods":"110"}}}`, name, g.prefix)
}

// deployment is one of four pods that take 2 s to be ready.
func (g ground) deployment() *value.Map {
	return parsed(g.t, `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"%s"},"spec":{"replicas":4,"selector":{"matchLabels":{"app":"web"}},
		"template":{"metadata":{"labels":{"app":"web"},"annotations":{"pod-ready.stage.kwok.x-k8s.io/delay":"2s"}},
		"spec":{"nodeSelector":{"pool":"%s"},"containers":[{"name":"c","image":"web"}]}}}}`, g.prefix, g.prefix)
}

func (g ground) budget(name, field string, n int) *value.Map {
	return parsed(g.t, `{"apiVersion":"policy/v1","kind":"PodDisruptionBudget","metadata":{"name":"%s","namespace":"%s"},"spec":{"%s":%d,"selector":{"matchLabels":{"app":"web"}}}}`,
		name, g.prefix, field, n)
}

func parsed(t *testing.T, format string, args ...any) *value.Map {
	t.Helper()
	v, err := value.ParseJSON(fmt.Appendf(nil, format, args...))
	if err != nil {
		t.Fatal(err)
	}
	return v.(*value.Map)
}

func contract(g ground) {
	one, two := g.prefix+"-1", g.prefix+"-2"
	g.must(true, K8s, "definition", []any{g.node(one), g.node(two), parsed(g.t, `{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"%s"}}`, g.prefix)})
	g.awaitNodes()
	g.must(true, K8s, "definition", g.budget("web", "maxUnavailable", 1))
	g.must(true, K8s, "definition", g.deployment(), "wait", true, "wait_timeout", 60)
	if a, b := g.pods(one), g.pods(two); a != 2 || b != 2 {
		g.t.Fatalf("%d and %d pods: the contract needs 2 on each node", a, b)
	}
	g.objects()
	g.draining(one, two)
	g.custom()
	g.must(true, K8s, "state", "absent", "kind", "Deployment", "name", "web", "namespace", g.prefix, "wait", true)
	g.must(false, K8s, "state", "absent", "kind", "Deployment", "name", "web", "namespace", g.prefix)
}

// awaitNodes waits until both nodes take pods: a node is Ready a moment before its taint is gone.
func (g ground) awaitNodes() {
	g.t.Helper()
	ctx := context.Background()
	r, err := kube.Read(ctx, g.view, kube.Access{})
	if err != nil {
		g.t.Fatal(err)
	}
	kind, err := r.Find(ctx, "v1", "Node")
	if err != nil {
		g.t.Fatal(err)
	}
	_, reached, err := kube.Await(ctx, r, kind, kube.Query{Labels: "pool=" + g.prefix}, time.Minute, func(nodes []kube.Object) bool {
		open := 0
		for _, n := range nodes {
			if o := n.Value(); hasCondition(o, "Ready", "True", "") && at(o, "spec", "taints") == nil {
				open++
			}
		}
		return open == 2
	})
	if err != nil || !reached {
		g.t.Fatalf("the nodes take no pods, error %v", err)
	}
}

// objects: writes that change nothing are none, conflicts are told.
func (g ground) objects() {
	g.must(false, K8s, "definition", g.deployment())
	cm := func(v string) *value.Map {
		return parsed(g.t, `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c","namespace":"%s"},"data":{"a":"%s"}}`, g.prefix, v)
	}
	for _, changed := range []bool{true, false} {
		g.must(changed, K8s, "definition", cm("1"))
	}
	for _, changed := range []bool{true, false} {
		g.must(changed, K8s, "apply", true, "definition", cm("2"))
	}
	sign := func(manager string, force bool) *value.Map {
		return value.NewMap("field_manager", manager, "force_conflicts", force)
	}
	g.must(true, K8s, "apply", true, "server_side_apply", sign("one", true), "definition", cm("3"))
	g.fails(`conflict with "one"`, K8s, "apply", true, "server_side_apply", sign("two", false), "definition", cm("4"))
	g.must(true, K8s, "apply", true, "server_side_apply", sign("two", true), "definition", cm("4"))
	if r := g.run(K8sInfo, "kind", "Nonsense", "api_version", "example.com/v1"); r.Failed || field(r, "api_found") != false {
		g.t.Errorf("a kind that is not there gave %+v", r)
	}
	g.fails("field label not supported", K8sInfo, "kind", "Pod", "field_selectors", []any{"spec.nonsense=x"})
	g.must(false, K8sInfo, "kind", "Deployment", "namespace", g.prefix, "name", "web", "wait", true, "wait_condition", value.NewMap("type", "Available"))
}

// draining: budgets are waited for, never broken, and named when they never allow.
func (g ground) draining(one, two string) {
	limit := func(seconds int) *value.Map { return value.NewMap("wait_timeout", seconds, "ignore_daemonsets", true) }
	r := g.must(true, K8sDrain, "name", one, "delete_options", limit(60))
	if want := "node " + one + " marked unschedulable. 2 Pod(s) deleted from node."; field(r, "result") != want || g.pods(one) != 0 {
		g.t.Errorf("result %v, %d pods left", field(r, "result"), g.pods(one))
	}
	if want := "The disruption budget web needs 3 healthy pods and has 3 currently"; !g.heard(want) {
		g.t.Errorf("nobody was told %q in %q", want, g.said())
	}
	g.must(false, K8sDrain, "name", one, "delete_options", limit(60))
	g.must(true, K8sDrain, "name", one, "state", "uncordon")

	g.must(false, K8sInfo, "kind", "Deployment", "namespace", g.prefix, "name", "web", "wait", true)
	g.must(true, K8s, "force", true, "definition", g.budget("web", "minAvailable", 4))
	g.fails("The disruption budget web needs 4 healthy pods and has 4 currently", K8sDrain, "name", two, "delete_options", limit(5))
	g.must(true, K8s, "definition", g.budget("second", "maxUnavailable", 1))
	g.fails("This pod has more than one PodDisruptionBudget", K8sDrain, "name", two, "delete_options", limit(60))
	g.must(true, K8s, "state", "absent", "api_version", "policy/v1", "kind", "PodDisruptionBudget", "namespace", g.prefix, "delete_all", true)

	held := `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"held","namespace":"%s","finalizers":["example.com/hold"]},"spec":{"nodeName":"%s","terminationGracePeriodSeconds":1,"containers":[{"name":"c","image":"i"}]}}`
	g.must(true, K8s, "definition", parsed(g.t, held, g.prefix, two))
	g.fails("use option force set to yes): "+g.prefix+"/held", K8sDrain, "name", two, "delete_options", limit(60))
	g.fails("held by finalizers example.com/hold", K8sDrain, "name", two, "delete_options", limit(5).Set("force", true))
	if n := g.pods(two); n != 1 {
		g.t.Errorf("%d pods are left, want the one that is held", n)
	}
	g.must(true, K8s, "state", "patched", "kind", "Pod", "name", "held", "namespace", g.prefix, "merge_type", "merge",
		"definition", parsed(g.t, `{"metadata":{"finalizers":null}}`))
	g.must(false, K8sDrain, "name", two, "delete_options", limit(60))
	g.must(true, K8sDrain, "name", two, "state", "uncordon")
}

// custom: a kind and an object of it in one task; a custom resource takes no strategic merge.
func (g ground) custom() {
	group := g.prefix + ".example.com"
	crd := parsed(g.t, `{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"things.%s"},"spec":{"group":"%s","scope":"Namespaced",
		"names":{"kind":"Thing","plural":"things","singular":"thing","listKind":"ThingList"},"versions":[{"name":"v1","served":true,"storage":true,
		"schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}]}}`, group, group)
	thing := func(n int) *value.Map {
		return parsed(g.t, `{"apiVersion":"%s/v1","kind":"Thing","metadata":{"name":"t","namespace":"%s"},"spec":{"n":%d,"keep":true}}`, group, g.prefix, n)
	}
	g.must(true, K8s, "definition", crd, "wait", true, "wait_condition", value.NewMap("type", "Established"))
	for _, n := range []int{1, 2} {
		g.must(true, K8s, "definition", thing(n))
		g.must(false, K8s, "definition", thing(n))
	}
	g.fails("", K8s, "merge_type", "strategic-merge", "definition", thing(3))
	g.must(true, K8s, "state", "absent", "api_version", group+"/v1", "kind", "Thing", "name", "t", "namespace", g.prefix)
	g.must(true, K8s, "state", "absent", "definition", crd)
}

package kubernetes

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/engine/twin/cluster"
	"github.com/drydock-dev/drydock/engine/value"
)

func names(r module.Result) string {
	list, _ := r.Data.Value("resources").([]any)
	out := make([]string, len(list))
	for i, o := range list {
		out[i] = str(o, "kind") + "/" + str(o, "metadata", "name")
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func TestInfo(t *testing.T) {
	more := "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: default, labels: {a: b}}\ndata: {x: '1'}\n"
	cases := []struct {
		name  string
		args  []any
		want  string
		fails string
		found any
	}{
		{"one by name", []any{"kind", "Node", "name", "n1"}, "Node/n1", "", true},
		{"all", []any{"kind", "Node"}, "Node/n1 Node/n2", "", true},
		{"plural, short", []any{"kind", "no", "name", "n2"}, "Node/n2", "", true},
		{"none of that name", []any{"kind", "Node", "name", "n9"}, "", "", true},
		{"labels", []any{"kind", "ConfigMap", "namespace", "default", "label_selectors", []any{"a=b"}}, "ConfigMap/c", "", true},
		{"labels, none", []any{"kind", "ConfigMap", "label_selectors", []any{"a=b", "a!=b"}}, "", "", true},
		{"fields", []any{"kind", "ConfigMap", "field_selectors", []any{"metadata.name=c"}}, "ConfigMap/c", "", true},
		{"a bare version", []any{"kind", "Deployment", "namespace", "default"}, "Deployment/web", "", true},
		{"no such kind", []any{"kind", "Nonsense"}, "", "", false},
		{"no such group", []any{"kind", "Volume", "api_version", "longhorn.io/v1beta2"}, "", "", false},
		{"a bad selector is no empty answer", []any{"kind", "ConfigMap", "field_selectors", []any{"spec.x=1"}}, "", "field label not supported", nil},
		{"a name without its namespace", []any{"kind", "Pod", "name", "x"}, "", "lives in a namespace", nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, cluster.Config{}, nodes+web+more, func(t *testing.T, b *bed) {
				r := b.plan(K8sInfo, c.args...).Result()
				if names(r) != c.want || r.Failed != (c.fails != "") || !strings.Contains(r.Msg, c.fails) || field(r, "api_found") != c.found {
					t.Errorf("found %q, result %+v with %v", names(r), r, r.Data)
				}
			})
		})
	}
}

func TestInfoHidesFields(t *testing.T) {
	inBubble(t, cluster.Config{}, nodes, func(t *testing.T, b *bed) {
		r := b.plan(K8sInfo, "kind", "Node", "name", "n1", "hidden_fields", []any{"metadata.uid", "status.conditions[0].type"}).Result()
		if field(r, "resources.0.metadata.uid") != nil || field(r, "resources.0.metadata.name") != "n1" {
			t.Errorf("result %v", r.Data)
		}
		if c := field(r, "resources.0.status.conditions.0"); value.Repr(c) != "{'status': 'True'}" {
			t.Errorf("the condition is %s", value.Repr(c))
		}
	})
}

func TestInfoWaits(t *testing.T) {
	inBubble(t, cluster.Config{PodStart: 20 * time.Second}, nodes+web, func(t *testing.T, b *bed) {
		b.Change("nodes", "", "n1", func(o map[string]any) {
			o["status"] = map[string]any{"conditions": []any{map[string]any{"type": "Ready", "status": "Unknown", "reason": "Gone"}}}
		})
		ready := func(extra ...any) module.Result {
			args := append([]any{"kind", "Node", "wait", true, "wait_timeout", 60, "wait_condition", value.NewMap("type", "Ready", "status", "True")}, extra...)
			return b.plan(K8sInfo, args...).Result()
		}
		start := time.Now()
		r := ready()
		if want := "Failed to gather information about Node(s) even after waiting for 60 seconds: waiting for 1 of 2 Node(s): n1"; r.Msg != want || time.Since(start) != time.Minute {
			t.Errorf("after %v: %q", time.Since(start), r.Msg)
		}
		if r := ready("name", "n2"); names(r) != "Node/n2" {
			t.Errorf("a node that is ready gave %+v", r)
		}
		time.AfterFunc(10*time.Second, func() {
			b.Change("nodes", "", "n1", func(o map[string]any) {
				o["status"] = map[string]any{"conditions": []any{map[string]any{"type": "Ready", "status": "True"}}}
			})
		})
		start = time.Now()
		if r := ready(); names(r) != "Node/n1 Node/n2" || time.Since(start) != 10*time.Second {
			t.Errorf("after %v: %+v", time.Since(start), r)
		}
		start = time.Now()
		if r := b.plan(K8sInfo, "kind", "Deployment", "namespace", "default", "wait", true).Result(); r.Failed || time.Since(start) > 20*time.Second {
			t.Errorf("a deployment, after %v: %+v", time.Since(start), r)
		}
		start = time.Now()
		if r := b.plan(K8sInfo, "kind", "ConfigMap", "name", "late", "namespace", "default", "wait", true, "wait_timeout", 5).Result(); r.Failed || names(r) != "" || time.Since(start) != 5*time.Second {
			t.Errorf("what never comes, after %v: %+v", time.Since(start), r)
		}
	})
}

func TestConditions(t *testing.T) {
	node := value.NewMap("status", value.NewMap("conditions", []any{value.NewMap("type", "Ready", "status", "Unknown", "reason", "R")}))
	for _, c := range []struct {
		condition *value.Map
		want      bool
	}{
		{value.NewMap("type", "Ready"), false},
		{value.NewMap("type", "Ready", "status", "Unknown"), true},
		{value.NewMap("type", "Ready", "status", "Unknown", "reason", "R"), true},
		{value.NewMap("type", "Ready", "status", "Unknown", "reason", "S"), false},
		{value.NewMap("type", "Ready", "status", false), false},
		{value.NewMap("type", "Other"), false},
		{value.NewMap("status", "True"), true}, // without a type the condition does not count
	} {
		ok, err := Waiting{WaitCondition: c.condition}.condition("Node")
		if err != nil || ok(node) != c.want {
			t.Errorf("%s: %v, error %v", value.Repr(c.condition), !c.want, err)
		}
	}
	for _, bad := range []*value.Map{value.NewMap("type", "Ready", "status", "maybe"), value.NewMap("kind", "Ready")} {
		if _, err := (Waiting{WaitCondition: bad}).condition("Node"); err == nil {
			t.Errorf("%s was taken", value.Repr(bad))
		}
	}
}

func TestModulesConform(t *testing.T) { moduletest.Conform(t, module.NewRegistry(Modules()...)) }

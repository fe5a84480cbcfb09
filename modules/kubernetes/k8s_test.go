package kubernetes

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/engine/twin/cluster"
	"github.com/drydock-dev/drydock/engine/value"
)

func configMap(pairs ...any) *value.Map {
	return value.NewMap("apiVersion", "v1", "kind", "ConfigMap", "metadata", value.NewMap("name", "c", "namespace", "default"), "data", value.NewMap(pairs...))
}

// data reads the ConfigMap that these tests work on: "a=1 b=2".
func (b *bed) data() string {
	o, ok := b.Get("configmaps", "default", "c")
	if !ok {
		return "none"
	}
	var out []string
	for _, key := range []string{"a", "b"} {
		if v, ok := o["data"].(map[string]any)[key]; ok {
			out = append(out, key+"="+v.(string))
		}
	}
	return strings.Join(out, " ")
}

func TestK8sStates(t *testing.T) {
	inBubble(t, cluster.Config{}, "", func(t *testing.T, b *bed) {
		steps := []struct {
			name   string
			args   []any
			method any
			data   string
		}{
			{"patched creates nothing", []any{"state", "patched", "definition", configMap("a", "1")}, nil, "none"},
			{"create", []any{"definition", configMap("a", "1")}, "create", "a=1"},
			{"patch adds", []any{"definition", configMap("b", "2")}, "update", "a=1 b=2"},
			{"patch of a kind", []any{"state", "patched", "merge_type", "merge", "kind", "ConfigMap", "name", "c", "namespace", "default", "definition", value.NewMap("data", value.NewMap("b", nil))}, "update", "a=1"},
			{"replace", []any{"force", true, "definition", configMap("b", "3")}, "replace", "b=3"},
			{"apply", []any{"apply", true, "definition", configMap("a", "1", "b", "3")}, "apply", "a=1 b=3"},
			{"apply drops", []any{"apply", true, "definition", configMap("a", "1")}, "apply", "a=1"},
			{"server-side apply", []any{"apply", true, "server_side_apply", value.NewMap("field_manager", "m"), "definition", configMap("b", "4")}, "apply", "a=1 b=4"},
			{"text", []any{"definition", `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c","namespace":"default"},"data":{"a":"5"}}`}, "update", "a=5 b=4"},
			{"delete", []any{"state", "absent", "kind", "ConfigMap", "name", "c", "namespace", "default"}, "delete", "none"},
		}
		for _, s := range steps {
			r := b.twice(K8s, s.args...)
			if r.Failed || field(r, "method") != s.method || b.data() != s.data || r.Changed == (s.method == nil) {
				t.Errorf("%s: method %v, data %q, result %+v with %v", s.name, field(r, "method"), b.data(), r, r.Data)
			}
		}
	})
}

func TestK8sShowsWhatDiffersAndNoSecrets(t *testing.T) {
	inBubble(t, cluster.Config{}, "apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: default}\ndata: {key: aHVudGVyMQ==}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: default}\ndata: {a: '1', b: '2'}\n", func(t *testing.T, b *bed) {
		d := b.plan(K8s, "definition", configMap("a", "9")).Diff()
		if !strings.Contains(d.Before, `"a": "1"`) || !strings.Contains(d.After, `"a": "9"`) || strings.Contains(d.Before+d.After, `"b"`) {
			t.Errorf("diff %+v", d)
		}
		secret := value.NewMap("data", value.NewMap("key", "aHVudGVyMg=="))
		d = b.plan(K8s, "kind", "Secret", "name", "s", "namespace", "default", "definition", secret).Diff()
		if text := d.Before + d.After; strings.Contains(text, "aHVudGVy") || !strings.Contains(text, `"key": "(hidden)"`) {
			t.Errorf("the diff of a secret is %s", text)
		}
	})
}

func TestK8sOnLonghornNodes(t *testing.T) {
	lh := "apiVersion: longhorn.io/v1beta2\nkind: Node\nmetadata: {name: n1, namespace: longhorn-system}\nspec: {allowScheduling: true, name: n1}\n"
	inBubble(t, cluster.Config{Kinds: cluster.Longhorn()}, lh, func(t *testing.T, b *bed) {
		r := b.twice(K8s, "state", "patched", "api_version", "longhorn.io/v1beta2", "kind", "Node", "name", "n1", "namespace", "longhorn-system",
			"definition", value.NewMap("spec", value.NewMap("allowScheduling", false)))
		o, _ := b.Get("nodes.longhorn.io", "longhorn-system", "n1")
		if spec := o["spec"].(map[string]any); r.Failed || spec["allowScheduling"] != false || spec["name"] != "n1" {
			t.Errorf("result %+v, spec %v: a custom resource takes no strategic merge, merge comes next", r, spec)
		}
	})
}

func TestK8sOfSeveralDocuments(t *testing.T) {
	inBubble(t, cluster.Config{}, "", func(t *testing.T, b *bed) {
		b.host.Control.Add("files/all.yml", `{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"new"}}
---
{"apiVersion":"v1","kind":"ConfigMapList","items":[{"metadata":{"name":"x","namespace":"new"}},{"metadata":{"name":"y","namespace":"new"}}]}`)
		b.host.Add(moduletest.Answer{On: "argv: cat all.yml", Stdout: string(b.host.Control.Content["files/all.yml"].Data)})
		r := b.twice(K8s, "src", "all.yml")
		if _, ok := b.Get("configmaps", "new", "y"); r.Failed || !ok || len(field(r, "result.results").([]any)) != 3 {
			t.Errorf("result %+v with %v", r, r.Data)
		}
		b.host.Control.Add("templates/one.j2", `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{ name }}","namespace":"new"}}`)
		b.host.Control.Evals["name"] = "z"
		b.twice(K8s, "template", "one.j2")
		if _, ok := b.Get("configmaps", "new", "z"); !ok {
			t.Error("the template's object is not there")
		}
		r = b.run(K8s, "continue_on_error", true, "definition", []any{value.NewMap("kind", "Nonsense"), configMap("a", "1")})
		if r.Failed || b.data() != "a=1" || !strings.Contains(value.Str(field(r, "result.results.0.error.msg")), "Failed to find exact match for v1.Nonsense") {
			t.Errorf("result %+v with %v", r, r.Data)
		}
		r = b.twice(K8s, "state", "absent", "kind", "ConfigMap", "namespace", "new", "delete_all", true)
		if _, ok := b.Get("configmaps", "new", "x"); r.Failed || ok {
			t.Errorf("result %+v, still there %v", r, ok)
		}
	})
}

func TestK8sWaits(t *testing.T) {
	def := value.NewMap("apiVersion", "apps/v1", "kind", "Deployment", "metadata", value.NewMap("name", "late", "namespace", "default"),
		"spec", value.NewMap("replicas", 2, "selector", value.NewMap("matchLabels", value.NewMap("app", "l")),
			"template", value.NewMap("metadata", value.NewMap("labels", value.NewMap("app", "l")), "spec", value.NewMap("containers", []any{value.NewMap("name", "c", "image", "i")}))))
	inBubble(t, cluster.Config{PodStart: 20 * time.Second}, nodes, func(t *testing.T, b *bed) {
		r := b.run(K8s, "definition", def, "wait", true, "wait_timeout", 60)
		if r.Failed || field(r, "duration") != 20 || field(r, "result.status.availableReplicas") != 2 {
			t.Errorf("result %+v with %v", r, r.Data)
		}
		if p := b.plan(K8s, "definition", def, "wait", true); p.Kind() != module.KindChange || !p.Quiet() {
			t.Error("a wait for what needs no change is to be a quiet change")
		}
		b.Change("deployments", "default", "late", func(o map[string]any) {
			o["metadata"].(map[string]any)["finalizers"] = []any{"example.com/hold"}
		})
		r = b.run(K8s, "state", "absent", "kind", "Deployment", "api_version", "apps/v1", "name", "late", "namespace", "default", "wait", true, "wait_timeout", 5)
		if !r.Failed || r.Msg != `"Deployment" "late": Timed out waiting on resource` {
			t.Errorf("result %+v", r)
		}
	})
}

func TestK8sWithoutDryRun(t *testing.T) {
	inBubble(t, cluster.Config{}, "", func(t *testing.T, b *bed) {
		b.run(K8s, "definition", configMap("a", "1"))
		b.Break(cluster.Fault{Times: -1, Status: http.StatusForbidden, Match: func(r *http.Request) bool { return r.URL.Query().Get("dryRun") != "" }})
		if p := b.plan(K8s, "definition", configMap("a", "1")); p.Kind() != module.KindDone {
			t.Errorf("nothing to do, but the plan is %+v", p.Diff())
		}
		if p := b.plan(K8s, "definition", configMap("a", "2")); p.Kind() != module.KindChange || !strings.Contains(p.Diff().After, `"a": "2"`) {
			t.Errorf("the plan is %+v", p.Diff())
		}
	})
}

func TestK8sRefusals(t *testing.T) {
	inBubble(t, cluster.Config{}, "", func(t *testing.T, b *bed) {
		b.host.Add(moduletest.Answer{On: "argv: cat gone.yml", Rc: 1, Stderr: "cat: gone.yml: No such file or directory\n"})
		for _, c := range []struct {
			args []any
			want string
		}{
			{[]any{"definition", configMap(), "src", "x"}, "mutually exclusive"},
			{[]any{"apply", true, "force", true, "definition", configMap()}, "mutually exclusive"},
			{[]any{"definition", "just text"}, "Failed to load resource definition"},
			{[]any{"definition", `"only a text"`}, "is not a mapping"},
			{[]any{"src", "gone.yml"}, "No such file or directory"},
			{[]any{"name", "x"}, "names no kind"},
			{[]any{"kind", "ConfigMap", "name", "x"}, "none is given"},
			{[]any{"definition", value.NewMap("kind", "Nonsense", "apiVersion", "v9")}, "Failed to find exact match for v9.Nonsense"},
			{[]any{"definition", configMap(), "wait_condition", value.NewMap("kind", "x")}, "wait_condition.kind"},
			{[]any{"state", "absent", "delete_all", true}, "'kind' option is required"},
			{[]any{"merge_type", "json", "definition", configMap()}, "must be one of"},
		} {
			if r := b.plan(K8s, c.args...).Result(); !r.Failed || !strings.Contains(r.Msg, c.want) {
				t.Errorf("%v: msg %q, want %q", c.args, r.Msg, c.want)
			}
		}
	})
}

func TestAHostWithoutAKubeconfig(t *testing.T) {
	for out, want := range map[string]string{
		"missing /etc/rancher/k3s/k3s.yaml\n": "no kubeconfig on testhost: looked for /etc/rancher/k3s/k3s.yaml",
		"denied /etc/rancher/k3s/k3s.yaml\n":  "cannot be read by this user (become: true may be missing)",
	} {
		host := moduletest.NewScript(t, moduletest.Answer{On: "script: look for a kubeconfig*", Stdout: out})
		host.Control.Services[kube.ServiceKey{}] = kube.NewClients()
		p, err := K8sInfo.Plan(t.Context(), host.View(), value.NewMap("kind", "Node"))
		if err != nil || !strings.Contains(p.Result().Msg, want) {
			t.Errorf("msg %q, error %v, want %q", p.Result().Msg, err, want)
		}
	}
	lost := moduletest.NewScript(t, moduletest.Answer{On: "script: look for a kubeconfig*", Err: module.ErrUnreachable})
	lost.Control.Services[kube.ServiceKey{}] = kube.NewClients()
	if _, err := K8sInfo.Plan(t.Context(), lost.View(), value.NewMap("kind", "Node")); err == nil {
		t.Error("a host that cannot be reached is no failed task, but an unreachable host")
	}
}

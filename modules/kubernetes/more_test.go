package kubernetes

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/engine/twin/cluster"
	"github.com/drydock-dev/drydock/engine/value"
)

func taint(pairs ...any) *value.Map { return value.NewMap(pairs...) }

func TestTaint(t *testing.T) {
	inBubble(t, cluster.Config{}, nodes, func(t *testing.T, b *bed) {
		spot := taint("key", "spot", "value", "a", "effect", "NoSchedule")
		gone := taint("key", "gone", "effect", "NoExecute")
		for _, c := range []struct {
			name    string
			args    []any
			want    string
			changes bool
		}{
			{"add", []any{"taints", []any{spot}}, "spot=a:NoSchedule", true},
			{"again", []any{"taints", []any{spot}}, "spot=a:NoSchedule", false},
			{"one more", []any{"taints", []any{gone}}, "spot=a:NoSchedule gone:NoExecute", true},
			{"other value", []any{"taints", []any{taint("key", "spot", "value", "b", "effect", "NoSchedule")}}, "gone:NoExecute spot=b:NoSchedule", true},
			{"remove by key", []any{"taints", []any{taint("key", "gone")}, "state", "absent"}, "spot=b:NoSchedule", true},
			{"remove none", []any{"taints", []any{taint("key", "gone")}, "state", "absent"}, "spot=b:NoSchedule", false},
			{"replace", []any{"taints", []any{gone}, "replace", true}, "gone:NoExecute", true},
		} {
			r := b.twice(K8sTaint, append([]any{"name", "n1"}, c.args...)...)
			have, _ := field(b.run(K8sInfo, "kind", "Node", "name", "n1"), "resources.0.spec.taints").([]any)
			if got := strings.Join(strings.Fields(shownTaints(have)), " "); r.Changed != c.changes || got != c.want {
				t.Errorf("%s: changed %v, taints %s, want %s (%s)", c.name, r.Changed, got, c.want, r.Msg)
			}
		}
		if r := b.run(K8sTaint, "name", "n9", "taints", []any{spot}); !r.Failed || r.Msg != "Node 'n9' has not been found." {
			t.Errorf("a node that is not there: %+v", r)
		}
		if r := b.run(K8sTaint, "name", "n1", "taints", []any{taint("effect", "NoSchedule")}); !r.Failed {
			t.Error("a taint without a key is taken")
		}
	})
}

func TestScale(t *testing.T) {
	inBubble(t, cluster.Config{PodStart: 2 * time.Second}, nodes+web, func(t *testing.T, b *bed) {
		of := []any{"kind", "Deployment", "api_version", "apps/v1", "namespace", "default"}
		r := b.twice(K8sScale, append(of, "name", "web", "replicas", 6)...)
		if r.Failed || !r.Changed || field(r, "result.spec.replicas") != 6 {
			t.Fatalf("scaled: %+v", r)
		}
		r = b.run(K8sScale, append(of, "name", "web", "replicas", 5, "current_replicas", 4)...)
		if r.Changed || !strings.HasPrefix(value.Str(r.Data.Value("warning")), "current replicas 4 does not match with actual 6") {
			t.Errorf("another count than expected: %s", value.Repr(r.Data))
		}
		if r = b.run(K8sScale, append(of, "name", "nosuch", "replicas", 1)...); !r.Failed {
			t.Error("a workload that is not there is scaled")
		}
		r = b.run(K8sScale, append(of, "name", "web", "replicas", 7, "wait_timeout", 1)...)
		if !r.Failed || r.Msg != "Resource scaling timed out" {
			t.Errorf("a wait that is too short: %+v", r)
		}
		b.Break(cluster.Fault{Times: -1, Status: http.StatusForbidden, Match: func(r *http.Request) bool { return r.Method == http.MethodPatch }})
		if r = b.run(K8sScale, append(of, "name", "web", "replicas", 2)...); !r.Failed || r.Changed {
			t.Errorf("a refused request counts as a change: %+v", r)
		}
	})
}

func TestJSONPatch(t *testing.T) {
	inBubble(t, cluster.Config{}, nodes+web, func(t *testing.T, b *bed) {
		of := []any{"kind", "Deployment", "api_version", "apps/v1", "namespace", "default", "name", "web"}
		set := taint("op", "add", "path", "/metadata/labels", "value", taint("tier", "front"))
		r := b.twice(K8sJSONPatch, append(of, "patch", []any{set})...)
		if !r.Changed || field(r, "result.metadata.labels.tier") != "front" {
			t.Errorf("patched: %s", value.Repr(r.Data))
		}
		r = b.run(K8sJSONPatch, append(of, "patch", []any{taint("op", "remove", "path", "/nosuch")})...)
		if !r.Failed || !strings.HasPrefix(r.Msg, "Failed to patch existing object: ") || r.Data.Value("status") != 422 {
			t.Errorf("a patch that does not fit: %+v %s", r, value.Repr(r.Data))
		}
		of[len(of)-1] = "nosuch"
		if r = b.run(K8sJSONPatch, append(of, "patch", []any{set})...); !r.Failed || r.Data.Value("reason") != "NotFound" {
			t.Errorf("an object that is not there: %+v", r)
		}
	})
}

func TestClusterInfo(t *testing.T) {
	inBubble(t, cluster.Config{}, "", func(t *testing.T, b *bed) {
		r := b.run(K8sClusterInfo)
		pod := value.NewMap("categories", []any{}, "name", "pods", "namespaced", true, "preferred", true, "short_names", []any{"po"}, "singular_name", "pod")
		apis, _ := r.Data.Value("apis").(*value.Map)
		core, _ := apis.Value("v1").(*value.Map)
		if !value.Equal(core.Value("Pod"), pod) || !apis.Has("apps/v1") {
			t.Errorf("apis are %s", value.Repr(apis))
		}
		if got := field(r, "version.server.kubernetes.gitVersion"); got != "v1.37.2+k3s1" {
			t.Errorf("the server's version is %v", got)
		}
		if host := value.Str(field(r, "connection.host")); !strings.HasPrefix(host, "https://") {
			t.Errorf("the server is %s", host)
		}
	})
}

const pair = `
apiVersion: v1
kind: Pod
metadata: {name: two, namespace: default, labels: {app: web}}
spec: {containers: [{name: a, image: a}, {name: b, image: b}]}
status: {containerStatuses: [{name: a, ready: true}, {name: b, ready: true}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web, namespace: default}
spec: {replicas: 0, selector: {matchLabels: {app: web}}}
`

func TestLog(t *testing.T) {
	logs := func(_ map[string]any, container string) string { return "of " + container + "\n" }
	inBubble(t, cluster.Config{Logs: logs}, pair, func(t *testing.T, b *bed) {
		for _, c := range []struct {
			args []any
			want string
		}{
			{[]any{"name", "two"}, "of a\n"},
			{[]any{"name", "two", "container", "b", "tail_lines", 5}, "of b\n"},
			{[]any{"name", "two", "all_containers", true}, "of a\nof b\n"},
			{[]any{"label_selectors", []any{"app=web"}}, "of a\n"},
			{[]any{"kind", "StatefulSet", "api_version", "apps/v1", "name", "web"}, "of a\n"},
			{[]any{"name", "nosuch"}, "Pod default/nosuch not found."},
			{[]any{"label_selectors", []any{"app=other"}}, "No pods in namespace default matched selector app=other"},
			{[]any{}, "name must be provided for resources that do not support namespaced base url"},
		} {
			r := b.run(K8sLog, append([]any{"namespace", "default"}, c.args...)...)
			got := r.Msg
			if !r.Failed {
				got = value.Str(r.Data.Value("log"))
			}
			if got != c.want {
				t.Errorf("%v: %q, want %q", c.args, got, c.want)
			}
		}
	})
}

func TestExec(t *testing.T) {
	long := strings.Repeat("x", 70000)
	run := func(_ map[string]any, container string, argv []string) (string, string, int) {
		if argv[0] == "false" {
			return "", "no\n", 3
		}
		return container + ": " + strings.Join(argv, "|") + long, "", 0
	}
	inBubble(t, cluster.Config{Exec: run}, pair, func(t *testing.T, b *bed) {
		in := []any{"namespace", "default", "pod", "two"}
		exec := func(args ...any) module.Result {
			p := b.plan(K8sExec, append(in, args...)...)
			if p.Kind() != module.KindOpaque {
				t.Fatalf("the plan is %v: %+v", p.Kind(), p.Result())
			}
			r, err := p.Apply()(t.Context(), b.host)
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		r := exec("command", `echo "a b" c`)
		if out := value.Str(r.Data.Value("stdout")); !r.Changed || out != "a: echo|a b|c"+long || r.Data.Value("rc") != 0 {
			t.Errorf("rc %v, %d bytes: %.40s", r.Data.Value("rc"), len(out), out)
		}
		if r = exec("command", "false", "container", "b"); r.Failed || r.Data.Value("rc") != 3 || r.Data.Value("stderr") != "no\n" {
			t.Errorf("a command that fails: %s", value.Repr(r.Data))
		}
		in[3] = "nosuch"
		if r = exec("command", "true"); !r.Failed || !strings.Contains(r.Msg, `pods "nosuch" not found`) {
			t.Errorf("a pod that is not there: %+v", r)
		}
	})
}

// TestHashes holds append_hash to the names that kubernetes.core 6.1 made.
func TestHashes(t *testing.T) {
	for want, def := range map[string]*value.Map{
		"c-6fb7kchmck": value.NewMap("kind", "ConfigMap", "metadata", value.NewMap("name", "c"), "data", value.NewMap("b", "ü\n\"<&>", "a", "1")),
		"s-bkdd9fh46h": value.NewMap("kind", "Secret", "metadata", value.NewMap("name", "s"), "type", "Opaque", "data", value.NewMap("k", "djE=")),
	} {
		if got := str(hashed(def), "metadata", "name"); got != want {
			t.Errorf("the name is %s, want %s", got, want)
		}
	}
	def := value.NewMap("kind", "ConfigMap", "metadata", value.NewMap("generateName", "g-"))
	if got := str(hashed(def), "metadata", "generateName"); got != "g--c9m8m26f56" {
		t.Errorf("the prefix is %s", got)
	}
}

func TestManifestBehindURL(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/cm.yaml" {
			http.NotFound(w, r)
			return
		}
		fmt.Fprint(w, `{"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "far"}}`)
	}))
	defer server.Close()
	h := moduletest.NewHost(t)
	defs, err := definitions(t.Context(), h.View(), k8sArgs{Src: server.URL + "/cm.yaml", Namespace: "default"})
	if err != nil || len(defs) != 1 || str(defs[0], "metadata", "name") != "far" || str(defs[0], "metadata", "namespace") != "default" {
		t.Errorf("definitions are %v, error %v", defs, err)
	}
	if _, err := definitions(t.Context(), h.View(), k8sArgs{Src: server.URL + "/other"}); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("a manifest that is not there: %v", err)
	}
}

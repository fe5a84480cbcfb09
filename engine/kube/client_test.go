package kube

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/tools/clientcmd"

	"github.com/drydock-dev/drydock/engine/twin/cluster"
	"github.com/drydock-dev/drydock/engine/value"
)

// dialled makes a client of a twin that listens on loopback.
func dialled(t *testing.T, twin *cluster.Cluster) Cluster {
	t.Helper()
	cfg, err := clientcmd.RESTConfigFromKubeConfig(twin.Kubeconfig())
	if err != nil {
		t.Fatal(err)
	}
	c, err := newClient(cfg)
	if err != nil {
		t.Fatal(err)
	}
	dial := dialFunc((&net.Dialer{}).DialContext)
	c.dial.Store(&dial)
	return told{c, func(string) {}}
}

func asMap(t *testing.T, v any) map[string]any {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestFindResolvesWhatPeopleWrite(t *testing.T) {
	cases := []struct{ apiVersion, name, want string }{
		{"v1", "Pod", "v1 pods"},
		{"v1", "pods", "v1 pods"},
		{"v1", "pod", "v1 pods"},
		{"v1", "po", "v1 pods"},
		{"apps/v1", "Deployment", "apps/v1 deployments"},
		{"v1", "Deployment", "apps/v1 deployments"}, // as Ansible: a bare version is any group's
		{"v1", "Node", "v1 nodes"},
		{"longhorn.io/v1beta2", "Node", "longhorn.io/v1beta2 nodes"},
		{"v1beta2", "Volume", "longhorn.io/v1beta2 volumes"},
		{"v1", "Volume", ""},
		{"example.com/v1", "Thing", ""},
		{"v1", "Nonsense", ""},
	}
	inBubble(t, cluster.Config{Kinds: cluster.Longhorn()}, "", func(t *testing.T, b *bed) {
		for _, c := range cases {
			k, err := b.client.Find(context.Background(), c.apiVersion, c.name)
			got := ""
			if err == nil {
				got = k.APIVersion() + " " + k.Plural
			} else if !errors.Is(err, ErrNoKind) {
				t.Errorf("%s %s: %v", c.apiVersion, c.name, err)
			}
			if got != c.want {
				t.Errorf("%s %s is %q, want %q", c.apiVersion, c.name, got, c.want)
			}
		}
	})
}

func TestWrites(t *testing.T) {
	configMaps := Kind{Version: "v1", Name: "ConfigMap", Plural: "configmaps", Namespaced: true}
	cm := func(v string) *value.Map {
		return value.NewMap("apiVersion", "v1", "kind", "ConfigMap", "metadata", value.NewMap("name", "c", "namespace", "default"), "data", value.NewMap("a", v))
	}
	inBubble(t, cluster.Config{}, "", func(t *testing.T, b *bed) {
		ctx := context.Background()
		w := Write{Kind: configMaps, Namespace: "default", Name: "c"}
		data := func() string {
			o, err := b.client.Get(ctx, configMaps, "default", "c")
			if err != nil {
				return err.Error()
			}
			return o.text("data", "a") + o.text("data", "b")
		}
		step := func(name string, do Write, want string, ok func(error) bool) {
			t.Helper()
			before := data()
			if _, err := b.client.DryRun(ctx, do); ok == nil && err != nil {
				t.Errorf("%s, dry: %v", name, err)
			}
			if after := data(); after != before {
				t.Errorf("%s: the dry run changed %q to %q", name, before, after)
			}
			_, err := b.client.Write(ctx, do)
			if (ok == nil && err != nil) || (ok != nil && !ok(err)) {
				t.Errorf("%s: error %v", name, err)
			}
			if got := data(); !strings.Contains(got, want) {
				t.Errorf("%s left %q, want %q", name, got, want)
			}
		}
		w.Verb, w.Body = Create, cm("1")
		step("create", w, "1", nil)
		step("create again", w, "1", AlreadyExists)
		w.Verb, w.Body = Replace, cm("2")
		step("replace", w, "2", nil)
		w.Verb, w.Patch, w.Body = Patch, Merge, value.NewMap("data", value.NewMap("b", "x"))
		step("merge patch", w, "2x", nil)
		w.Patch, w.Body = StrategicMerge, value.NewMap("data", value.NewMap("b", nil))
		step("strategic merge patch", w, "2", nil)
		w.Patch, w.Body = JSONPatch, []any{value.NewMap("op", "replace", "path", "/data/a", "value", "3")}
		step("JSON patch", w, "3", nil)
		w.Verb, w.Body, w.Manager = Apply, cm("4"), "one"
		step("apply", w, "4", nil)
		w.Body, w.Manager = cm("5"), "two"
		step("apply by another", w, "4", Conflict)
		w.Force = true
		step("forced apply", w, "5", nil)
		w.Verb = Delete
		step("delete", w, "not found", nil)
		step("delete again", w, "not found", NotFound)
	})
}

func TestPatienceHasItsBudget(t *testing.T) {
	cases := []struct {
		name   string
		fault  cluster.Fault
		create bool
		atMost time.Duration
		least  time.Duration
	}{
		{name: "503 for ever", fault: cluster.Fault{Times: -1, Status: 503}, least: 80 * time.Second, atMost: 90 * time.Second},
		{name: "500 to a read", fault: cluster.Fault{Times: -1, Status: 500}, least: 80 * time.Second, atMost: 90 * time.Second},
		{name: "connections break for ever", fault: cluster.Fault{Times: -1}, least: 80 * time.Second, atMost: 90 * time.Second},
		{name: "404 is an answer", fault: cluster.Fault{Times: -1, Status: 404}},
		{name: "500 to a create is an answer", fault: cluster.Fault{Times: -1, Status: 500}, create: true},
		{name: "a create that was cut may have happened", fault: cluster.Fault{Times: -1}, create: true},
		{name: "504 to a create", fault: cluster.Fault{Times: -1, Status: 504}, create: true},
		{name: "503 to a create", fault: cluster.Fault{Times: -1, Status: 503}, create: true, least: 80 * time.Second, atMost: 90 * time.Second},
		{name: "429 to a read", fault: cluster.Fault{Times: -1, Status: 429}, least: 80 * time.Second, atMost: 90 * time.Second},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, cluster.Config{}, "", func(t *testing.T, b *bed) {
				b.Break(c.fault)
				start := time.Now()
				var err error
				if c.create {
					_, err = b.client.Write(context.Background(), Write{Verb: Create, Kind: namespaces, Body: value.NewMap("apiVersion", "v1", "kind", "Namespace", "metadata", value.NewMap("name", "x"))})
				} else {
					_, err = b.client.Get(context.Background(), namespaces, "", "default")
				}
				if took := time.Since(start); err == nil || took < c.least || took > c.atMost {
					t.Errorf("ended after %v with %v", took, err)
				}
			})
		})
	}
}

func TestAServerThatIsNotThereFailsSoon(t *testing.T) {
	inBubble(t, cluster.Config{}, "", func(t *testing.T, b *bed) {
		b.Close()
		start := time.Now()
		_, err := b.client.Get(context.Background(), namespaces, "", "default")
		if took := time.Since(start); err == nil || !Transient(err) || took > dialBudget {
			t.Errorf("after %v: %v", took, err)
		}
	})
}

package kube

// The bed of this package's tests: a twin cluster without a network, so that time in it costs nothing, and a client for it.

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"k8s.io/client-go/tools/clientcmd"

	"github.com/drydock-dev/drydock/engine/twin/cluster"
)

// bed is a cluster, a client and what the client's requests told.
type bed struct {
	*cluster.Cluster
	client Cluster

	mu   sync.Mutex
	said []string
}

// inBubble runs a test on a bed, with a clock that jumps ahead when everybody waits.
func inBubble(t *testing.T, config cluster.Config, manifest string, test func(t *testing.T, b *bed)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		pipe := cluster.NewPipe()
		config.Listener = pipe
		twin, err := cluster.Start(config)
		if err != nil {
			t.Fatal(err)
		}
		if err := twin.Load(manifest); err != nil {
			t.Fatal(err)
		}
		cfg, err := clientcmd.RESTConfigFromKubeConfig(twin.Kubeconfig())
		if err != nil {
			t.Fatal(err)
		}
		c, err := newClient(cfg)
		if err != nil {
			t.Fatal(err)
		}
		dial := dialFunc(pipe.Dial)
		c.dial.Store(&dial)
		b := &bed{Cluster: twin}
		b.client = told{c, b.tell}
		defer func() { c.kinds.http.CloseIdleConnections(); twin.Close() }()
		test(t, b)
	})
}

func (b *bed) tell(message string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.said = append(b.said, message)
}

// heard tells whether a message with the text was told.
func (b *bed) heard(text string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Contains(strings.Join(b.said, "\n"), text)
}

// drain plans and carries out.
func (b *bed) drain(node string, o DrainOptions) (int, error) {
	ctx := context.Background()
	plan, err := PlanDrain(ctx, b.client, node, o)
	if err != nil {
		return 0, err
	}
	if err := SetSchedulable(ctx, b.client, node, false); err != nil {
		return 0, err
	}
	return plan.Carry(ctx, b.client, b.tell)
}

// podsOn names the pods of a node.
func (b *bed) podsOn(node string) []string {
	var out []string
	for _, p := range b.List("pods") {
		if o := (Object{p}); o.text("spec", "nodeName") == node {
			out = append(out, o.Name())
		}
	}
	return out
}

// threeNodes are nodes n1 to n3, ready.
func threeNodes() string {
	var out strings.Builder
	for _, n := range []string{"n1", "n2", "n3"} {
		fmt.Fprintf(&out, "---\napiVersion: v1\nkind: Node\nmetadata: {name: %s}\nstatus: {conditions: [{type: Ready, status: 'True'}]}\n", n)
	}
	return out.String()
}

// web is a deployment of so many pods, and its budget.
func web(replicas int, budget string) string {
	return fmt.Sprintf(`---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: default}
spec:
  replicas: %d
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: web}]}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web, namespace: default}
spec: {%s, selector: {matchLabels: {app: web}}}
`, replicas, budget)
}

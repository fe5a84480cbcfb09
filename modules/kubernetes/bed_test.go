package kubernetes

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/engine/twin/cluster"
	"github.com/drydock-dev/drydock/engine/value"
)

// bed is a host whose kubeconfig leads to a twin cluster.
type bed struct {
	*cluster.Cluster
	host *moduletest.Script
	t    *testing.T
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
		text := string(twin.Kubeconfig())
		host := moduletest.NewScript(t, moduletest.Answer{
			On: "script: look for a kubeconfig*", Stdout: fmt.Sprintf("file %d /etc/rancher/k3s/k3s.yaml\n%s\n", len(text), text),
		})
		host.Dialer = func(network, address string) (net.Conn, error) {
			return pipe.Dial(context.Background(), network, address)
		}
		clients := kube.NewClients()
		host.Control.Services[kube.ServiceKey{}] = clients
		host.Control.Services[module.ClockKey{}] = module.RealClock{}
		defer func() { clients.Close(); twin.Close() }()
		test(t, &bed{twin, host, t})
	})
}

// plan plans a task and checks that planning changed nothing.
func (b *bed) plan(m module.Module, args ...any) module.Plan {
	b.t.Helper()
	before := b.writes()
	p, err := m.Plan(context.Background(), b.host.View(), value.NewMap(args...))
	if err != nil {
		b.t.Fatalf("plan: %v", err)
	}
	if after := b.writes(); after != before {
		b.t.Errorf("planning wrote: %s", strings.TrimPrefix(after, before))
	}
	return p
}

func (b *bed) writes() string {
	var out strings.Builder
	for _, r := range b.Requests() {
		if r.Changes() {
			fmt.Fprintf(&out, "%s %s\n", r.Method, r.Path)
		}
	}
	return out.String()
}

// run plans a task and carries it out, and checks that what was foretold has come true.
func (b *bed) run(m module.Module, args ...any) module.Result {
	b.t.Helper()
	p := b.plan(m, args...)
	if p.Kind() == module.KindDone {
		return p.Result()
	}
	r, err := p.Apply()(context.Background(), b.host)
	if err != nil {
		b.t.Fatalf("apply: %v", err)
	}
	if !r.Failed && r.Changed == p.Quiet() {
		b.t.Errorf("changed is %v, foretold was %v", r.Changed, !p.Quiet())
	}
	return r
}

// twice runs a task and checks that a second run has nothing to do.
func (b *bed) twice(m module.Module, args ...any) module.Result {
	b.t.Helper()
	r := b.run(m, args...)
	if again := b.plan(m, args...); again.Kind() != module.KindDone || again.Result().Changed {
		b.t.Errorf("a second run would change again: %+v", again.Diff())
	}
	return r
}

// field reads a dotted path of a result.
func field(r module.Result, path string) any {
	var v any = r.Data
	for _, key := range strings.Split(path, ".") {
		if list, ok := v.([]any); ok && key == "0" && len(list) > 0 {
			v = list[0]
			continue
		}
		v = at(v, key)
	}
	return v
}

const nodes = `
apiVersion: v1
kind: Node
metadata: {name: n1}
status: {conditions: [{type: Ready, status: 'True'}]}
---
apiVersion: v1
kind: Node
metadata: {name: n2}
status: {conditions: [{type: Ready, status: 'True'}]}
`

const web = `
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: default}
spec: {replicas: 4, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: web}]}}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web, namespace: default}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: web}}}
`

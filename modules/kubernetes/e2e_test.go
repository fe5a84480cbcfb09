//go:build e2e

package kubernetes

// The contract on a real control plane, whose nodes' kubelets are played by kwok: DRYDOCK_E2E_KUBECONFIG names its kubeconfig.

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
)

func TestContractOnARealControlPlane(t *testing.T) {
	path := os.Getenv("DRYDOCK_E2E_KUBECONFIG")
	if path == "" {
		t.Skip("DRYDOCK_E2E_KUBECONFIG names no cluster")
	}
	host := moduletest.NewHost(t)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	moduletest.Put(t, host.Dir, map[string]string{".kube/config": string(text)})
	clients := kube.NewClients()
	defer clients.Close()
	host.Control.Services[kube.ServiceKey{}] = clients
	host.Control.Services[module.ClockKey{}] = module.RealClock{}
	g := ground{t, host, host.View(), fmt.Sprintf("e2e%d", time.Now().Unix()), host.Said}
	defer func() { // what is left of a failed run too
		g.run(K8s, "state", "absent", "kind", "Namespace", "name", g.prefix)
		for _, n := range []string{g.prefix + "-1", g.prefix + "-2"} {
			g.run(K8s, "state", "absent", "kind", "Node", "name", n)
		}
	}()
	contract(g)
}

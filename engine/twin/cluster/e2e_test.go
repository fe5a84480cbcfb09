//go:build e2e

package cluster

// What the twin claims, asked of a real control plane, whose nodes' kubelets are played by kwok: DRYDOCK_E2E_KUBECONFIG names its
// kubeconfig.

import (
	"fmt"
	"os"
	"testing"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

func TestRealityOnARealControlPlane(t *testing.T) {
	file := os.Getenv("DRYDOCK_E2E_KUBECONFIG")
	if file == "" {
		t.Skip("DRYDOCK_E2E_KUBECONFIG names no cluster")
	}
	config, err := clientcmd.BuildConfigFromFlags("", file)
	if err != nil {
		t.Fatal(err)
	}
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		t.Fatal(err)
	}
	s := server{t: t, base: config.Host, http: client, prefix: fmt.Sprintf("e2e%d", time.Now().Unix())}
	s.node = func(name string) {
		s.want("a node", s.do("POST", "/api/v1/nodes", "application/json", fmt.Sprintf(`{"apiVersion":"v1","kind":"Node","metadata":{"name":%q,
			"labels":{"type":"kwok"}},"status":{"allocatable":{"cpu":"4","memory":"8Gi","pods":"110"},"capacity":{"cpu":"4","memory":"8Gi","pods":"110"}}}`, name)), 201, name)
	}
	reality(s)
}

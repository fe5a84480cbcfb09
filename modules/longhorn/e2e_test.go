//go:build e2e

package longhorn

// The modules on a real API server with Longhorn's own CRDs, which DRYDOCK_E2E_KUBECONFIG names: testdata/rig/kube/bed.sh has put two
// healthy volumes there.

import (
	"os"
	"testing"

	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/engine/value"
)

func TestOnARealControlPlane(t *testing.T) {
	path := os.Getenv("DRYDOCK_E2E_KUBECONFIG")
	if path == "" {
		t.Skip("DRYDOCK_E2E_KUBECONFIG names no cluster")
	}
	host := moduletest.NewHost(t)
	clients := kube.NewClients()
	defer clients.Close()
	host.Control.Services[kube.ServiceKey{}] = clients
	run := func(m module.Module, args ...any) module.Result {
		p, err := m.Plan(t.Context(), host.View(), value.NewMap(append([]any{"kubeconfig", path}, args...)...))
		if err != nil {
			t.Fatal(err)
		}
		return p.Result()
	}
	if r := run(Wait, "volumes", []any{"pvc-a", "pvc-b"}, "timeout", 60); r.Failed || r.Skipped || r.Data.Value("looks") != 3 {
		t.Errorf("longhorn_wait gave %+v with %v", r, r.Data)
	}
	r := run(Info)
	if list, _ := r.Data.Value("volumes").([]any); r.Failed || len(list) < 2 {
		t.Errorf("longhorn_info gave %+v with %v", r, r.Data)
	}
}

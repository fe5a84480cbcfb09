package kube

import (
	"slices"
	"testing"
)

func TestFailingChecks(t *testing.T) {
	text := "[+]ping ok\n[-]etcd failed: reason withheld\n[+]informer-sync ok\n[-]poststarthook/rbac/bootstrap-roles failed: reason withheld\nreadyz check failed\n"
	if got := failingChecks(text); !slices.Equal(got, []string{"etcd", "poststarthook/rbac/bootstrap-roles"}) {
		t.Errorf("failing checks: %q", got)
	}
}

//go:build e2e

package e2e

// Content written for Ansible, as the public K3s maintenance roles write it, run as it is.

import (
	"os"
	"testing"
)

// TestAnsibleContent runs testdata/reference: plain Ansible, with an ansible.cfg, the cluster reached from the controller.
func TestAnsibleContent(t *testing.T) {
	fresh(t)
	p := newProject(t)
	if err := os.CopyFS(p.dir, os.DirFS("testdata/reference")); err != nil {
		t.Fatal(err)
	}
	p.controllerKubeconfig()
	seen := testify(t)

	first := p.run(t, "maintenance.yml")

	first.exits(t, 0)
	for _, h := range all {
		if v := version(t, h, "demo-tool"); v != "1.1" || boots(t, h) != 2 {
			t.Errorf("%s has demo-tool %s and booted %d times", h, v, boots(t, h))
		}
		if n := get(t, nodesPath, h); n.Spec.Unschedulable {
			t.Errorf("%s is cordoned", h)
		}
		if n := get(t, longhornNodesPath, h); !n.Spec.AllowScheduling {
			t.Errorf("Longhorn may not schedule on %s", h)
		}
		first.says(t, `"?msg"?: "?`+h+` is done`)
	}
	seen.oneAtATime(t)
	if seen.cordons[master] != 0 {
		t.Error("the master was cordoned, although its drain was to be skipped")
	}

	second := p.run(t, "maintenance.yml")

	second.exits(t, 0)
	for _, h := range all {
		if c := second.recap(t, h); c["changed"] != "0" || boots(t, h) != 2 {
			t.Errorf("the second run changed %s: %v", h, c)
		}
	}
}

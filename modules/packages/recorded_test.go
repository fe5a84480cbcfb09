package packages_test

import (
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/modules/packages"
)

// TestAsAnsible holds modules to what Ansible was seen to do.
func TestAsAnsible(t *testing.T) {
	moduletest.Recorded(t, "testdata/machine.json", []module.Module{packages.Debconf, packages.Homebrew}, moduletest.Tolerated{
		"homebrew: updated already": {Why: "what an update brings cannot be foretold; Ansible's check mode says changed, too", Differs: []string{"foretold"}},
	})
}

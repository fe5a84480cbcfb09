package system_test

import (
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/modules/system"
)

// TestAsAnsible holds modules to what Ansible was seen to do.
func TestAsAnsible(t *testing.T) {
	moduletest.Recorded(t, "testdata/machine.json", []module.Module{
		system.Alternatives, system.Cron, system.Getent, system.KernelBlacklist, system.LocaleGen, system.Modprobe, system.PAMLimits, system.Sysctl, system.Timezone,
	}, moduletest.Tolerated{
		"cron: refused":                        {Why: "Ansible names its own temporary file, which is gone; what crontab says tells more", Differs: []string{"msg"}},
		"locale_gen: unknown":                  {Why: "what Ansible's frame of the module adds to a failure tells nothing", Differs: []string{"mechanism", "name", "output", "ubuntu_mode", "vars"}},
		"modprobe: no longer at boot":          {Why: "Ansible adds an empty line after each line", Differs: []string{"file /etc/modules-load.d/k8s.conf"}},
		"modprobe: is not there after loading": {Why: "a load that does nothing cannot be foretold; Ansible's check mode says changed, too", Differs: []string{"foretold"}},
	})
}

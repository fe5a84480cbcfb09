package system_test

import (
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/modules/system"
)

func TestConform(t *testing.T) {
	moduletest.Conform(t, module.NewRegistry(system.Reboot, system.Ping, system.Setup, system.GatherFacts, system.Service, system.Systemd,
		system.ServiceFacts, system.Hostname, system.WaitFor, system.WaitForConnection))
}

package tools_test

import (
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/modules/tools"
)

func TestConform(t *testing.T) {
	moduletest.Conform(t, module.NewRegistry(tools.ComposeV2, tools.Git, tools.Make, tools.OpenSSHKeypair, tools.Patch, tools.Pip, tools.Synchronize))
}

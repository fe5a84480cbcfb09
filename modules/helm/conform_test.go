package helm

import (
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
)

func TestConform(t *testing.T) {
	moduletest.Conform(t, module.NewRegistry(Release, Info, Repository, Template, Plugin, PluginInfo, Pull, RegistryAuth))
}

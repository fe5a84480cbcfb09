package packages_test

import (
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/modules/packages"
)

func TestConform(t *testing.T) {
	moduletest.Conform(t, module.NewRegistry(packages.Apt, packages.Dnf, packages.Package, packages.PackageFacts, packages.DpkgSelections,
		packages.AptRepository, packages.AptKey, packages.Deb822Repository, packages.RPMKey, packages.Pacman))
}

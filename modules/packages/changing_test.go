package packages

import (
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
)

func TestAptNamesThePackagesOfItsSimulation(t *testing.T) {
	sim := "Reading package lists...\n" +
		"Inst linux-image-6.1.0-28-amd64 (6.1.119-1 Debian:12.8/stable [amd64])\n" +
		"Inst libc6 [2.36-9+deb12u8] (2.36-9+deb12u9 Debian:12.8/stable [amd64]) [libc6:amd64 on libc-bin:amd64]\n" +
		"Conf libc6 (2.36-9+deb12u9 Debian:12.8/stable [amd64])\n" +
		"Remv old-tool [1.0]\n"
	same(t, aptSight{sim: sim, autoremove: "Purg leftover [0.9]\n"}.packages(), []module.PackageChange{
		{Name: "linux-image-6.1.0-28-amd64", To: "6.1.119-1"},
		{Name: "libc6", From: "2.36-9+deb12u8", To: "2.36-9+deb12u9"},
		{Name: "old-tool", From: "1.0"},
		{Name: "leftover", From: "0.9"},
	})
}

func TestDnfNamesThePackagesOfItsTable(t *testing.T) {
	sim := "Installing:\n kernel  x86_64  5.14.0-503.el9  baseos  2.1 M\nUpgrading:\n" +
		" a-package-with-a-name-that-is-too-long\n                 noarch  2:1.1-1.rig  rig  6.0 k\n" +
		"Removing unused dependencies:\n old-lib  noarch  1.0-1  @rig  4\n\nTransaction Summary\n"
	same(t, dnfSight{sim: sim}.packages(), []module.PackageChange{
		{Name: "kernel", To: "5.14.0-503.el9"},
		{Name: "a-package-with-a-name-that-is-too-long", To: "2:1.1-1.rig"},
		{Name: "old-lib", From: "1.0-1"},
	})
}

func same(t *testing.T, got, want []module.PackageChange) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("package %d: got %+v, want %+v", i, got[i], want[i])
		}
	}
}

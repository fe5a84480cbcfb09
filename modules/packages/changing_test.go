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
		{Name: "linux-image-6.1.0-28-amd64", Arch: "amd64", To: "6.1.119-1"},
		{Name: "libc6", Arch: "amd64", From: "2.36-9+deb12u8", To: "2.36-9+deb12u9"},
		{Name: "old-tool", From: "1.0"},
		{Name: "leftover", From: "0.9"},
	})
}

func TestDnfNamesThePackagesOfItsTable(t *testing.T) {
	sim := "Installing:\n kernel  x86_64  5.14.0-503.el9  baseos  2.1 M\nUpgrading:\n" +
		" a-package-with-a-name-that-is-too-long\n                 noarch  2:1.1-1.rig  rig  6.0 k\n" +
		"Removing unused dependencies:\n old-lib  noarch  1.0-1  @rig  4\n\nTransaction Summary\n"
	same(t, dnfSight{sim: sim, had: readHad("a-package-with-a-name-that-is-too-long|1:1.0-1.rig|noarch\nold-lib|1.0-1|noarch\n")}.packages(), []module.PackageChange{
		{Name: "kernel", Arch: "x86_64", To: "5.14.0-503.el9"},
		{Name: "a-package-with-a-name-that-is-too-long", Arch: "noarch", From: "1:1.0-1.rig", To: "2:1.1-1.rig"},
		{Name: "old-lib", Arch: "noarch", From: "1.0-1"},
	})
}

func TestAptSaysWhatItHasUnpacked(t *testing.T) {
	said := "Preparing to unpack .../libc6_2.36-9_amd64.deb ...\nUnpacking libc6:amd64 (2.36-9) over (2.36-8) ...\n" +
		"Unpacking libc6:i386 (2.36-9) over (2.36-8) ...\nUnpacking demo-tool (1.0) over (1.1) ...\nUnpacking linux-image (6.1-2) ...\n" +
		"Unpacking same (1.0) over (1.0) ...\nRemoving old-tool (1.0) ...\nSetting up demo-tool (1.0) ...\ndpkg: error processing package x (--configure):\n"
	same(t, aptUnpacked(said, []module.PackageChange{{Name: "demo-tool", Arch: "all"}, {Name: "linux-image", Arch: "amd64"}}), []module.PackageChange{
		{Name: "libc6", Arch: "amd64", From: "2.36-8", To: "2.36-9"},
		{Name: "libc6", Arch: "i386", From: "2.36-8", To: "2.36-9"},
		{Name: "demo-tool", Arch: "all", From: "1.1", To: "1.0"},
		{Name: "linux-image", Arch: "amd64", To: "6.1-2"},
		{Name: "old-tool", From: "1.0"},
	})
}

func TestDnfPairsWhatCameWithWhatWent(t *testing.T) {
	text := "- demo-tool-1.0-1.rig.noarch\n+ demo-tool-2:1.1-1.rig.noarch\n- glibc-2.34-1.el9.i686\n- glibc-2.34-1.el9.x86_64\n" +
		"+ glibc-2.34-2.el9.i686\n+ glibc-2.34-2.el9.x86_64\n+ kernel-core-5.14.0-503.el9.x86_64\n- kernel-core-5.14.0-1.el9.x86_64\n- old-lib-1.0-1.noarch\n+ \n- odd\n"
	same(t, dnfChanged(text, dnfSight{sim: "Installing:\n kernel-core x86_64 5.14.0-503.el9 baseos 2.1 M\n"}.beside), []module.PackageChange{
		{Name: "demo-tool", Arch: "noarch", From: "1.0-1.rig", To: "2:1.1-1.rig"},
		{Name: "glibc", Arch: "i686", From: "2.34-1.el9", To: "2.34-2.el9"},
		{Name: "glibc", Arch: "x86_64", From: "2.34-1.el9", To: "2.34-2.el9"},
		{Name: "kernel-core", Arch: "x86_64", To: "5.14.0-503.el9"},
		{Name: "kernel-core", Arch: "x86_64", From: "5.14.0-1.el9"},
		{Name: "old-lib", Arch: "noarch", From: "1.0-1"},
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

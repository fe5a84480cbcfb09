package preview

import (
	"fmt"
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
)

func TestLooks(t *testing.T) {
	for name, c := range map[string]struct {
		out     string
		kernel  Kernel
		stale   bool
		request string
		unsure  bool
	}{
		"Debian up to date": {"@@ running\n6.1.0-26-amd64\n@@ installed\nvmlinuz-6.1.0-26-amd64\n6.1.0-26-amd64\n@@ request\n@@ needs-restarting\n",
			Kernel{"6.1.0-26-amd64", "6.1.0-26-amd64"}, false, "[]", false},
		"Debian with a newer kernel": {"@@ running\n6.1.0-9-amd64\n@@ installed\nvmlinuz-6.1.0-9-amd64\nvmlinuz-6.1.0-10-amd64\nvmlinuz-6.1.0-11-cloud-amd64\n@@ request\nasked\nlinux-base\nlibc6\nlibc6\n@@ needs-restarting\n",
			Kernel{"6.1.0-9-amd64", "6.1.0-10-amd64"}, true, "[/var/run/reboot-required is there, for libc6, linux-base]", false},
		"Red Hat": {"@@ running\n5.14.0-427.13.1.el9_4.x86_64\n@@ installed\nvmlinuz-0-rescue-4f1\nvmlinuz-5.14.0-427.13.1.el9_4.x86_64\nvmlinuz-5.14.0-503.11.1.el9_5.x86_64\n@@ request\n@@ needs-restarting\nCore libraries or services have been updated since boot-up:\n  * glibc\n  * kernel\n\nReboot is required\nrc 1\n",
			Kernel{"5.14.0-427.13.1.el9_4.x86_64", "5.14.0-503.11.1.el9_5.x86_64"}, true, "[needs-restarting says so, for glibc, kernel]", false},
		"Red Hat without the plugin": {"@@ running\n5.14\n@@ installed\n@@ request\n@@ needs-restarting\nNo such command: needs-restarting.\nrc 2\n",
			Kernel{"5.14", ""}, false, "[]", true},
		"Red Hat up to date": {"@@ running\n5.14\n@@ installed\n@@ request\n@@ needs-restarting\nReboot should not be necessary.\nrc 0\n", Kernel{"5.14", ""}, false, "[]", false},
		"a container":        {"@@ running\n6.8.0-41-generic\n@@ installed\n@@ request\n@@ needs-restarting\n", Kernel{"6.8.0-41-generic", ""}, false, "[]", false},
		"nothing":            {"", Kernel{}, false, "[]", false},
	} {
		s := readLook(c.out)
		k := s.kernel()
		if k != c.kernel || k.stale() != c.stale || fmt.Sprint(s.request) != c.request || (s.unsure != "") != c.unsure {
			t.Errorf("%s: %+v stale %t, request %v, unsure %q", name, k, k.stale(), s.request, s.unsure)
		}
	}
}

func TestVersionsAreComparedPartByPart(t *testing.T) {
	for _, c := range [][2]string{
		{"6.1.0-9-amd64", "6.1.0-10-amd64"}, {"5.14.0-427.13.1.el9_4.x86_64", "5.14.0-427.13.1.el9_5.x86_64"}, {"6.1", "6.1.1"}, {"6.08", "6.9"},
	} {
		if compareVersions(c[0], c[1]) >= 0 || compareVersions(c[1], c[0]) <= 0 || compareVersions(c[0], c[0]) != 0 {
			t.Errorf("%s is not older than %s", c[0], c[1])
		}
	}
}

func TestKernels(t *testing.T) {
	for name, want := range map[string]bool{
		"linux-image-6.1.0-28-amd64": true, "linux-image-amd64": true, "linux-modules-extra-6.8.0-41-generic": true, "kernel": true, "kernel-core": true,
		"kernel-modules-core": true, "proxmox-kernel-6.8": true, "linux-libc-dev": false, "kernel-headers": false, "kernel-tools": false,
		"linux-base": false, "kernelshark": false, "kernel-rt-core": true, "linux-headers-amd64": false,
	} {
		if isKernel(name) != want {
			t.Errorf("%s: kernel %t", name, !want)
		}
	}
}

func TestTwoTasksMaySpeakOfOnePackage(t *testing.T) {
	var l packageLook
	l.take([]module.PackageChange{{Name: "a", From: "1", To: "2"}, {Name: "linux-image-amd64", To: "6"}})
	l.take([]module.PackageChange{{Name: "a", From: "1", To: "3"}, {Name: "b", From: "1"}})
	want := "[{a  1 3 false} {linux-image-amd64   6 true} {b  1  false}]"
	if got := fmt.Sprint(l.changes); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

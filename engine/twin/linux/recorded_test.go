package linux_test

import (
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/twin/linux"
)

// What apt 2.6.1 of Debian 12 has said. "# LINE" is the command, and what follows its output. Left out are suggestions and recommendations, which
// the twin does not know.
const recordedApt = `
# apt-get -s -y install bash
Reading package lists...
Building dependency tree...
Reading state information...
The following packages will be upgraded:
  bash
1 upgraded, 0 newly installed, 0 to remove and N not upgraded.
Inst bash [5.2.15-2+b8] (5.2.15-2+b13 Debian:12.15/oldstable [amd64])
Conf bash (5.2.15-2+b13 Debian:12.15/oldstable [amd64])
# apt-get -s -y install htop jq
Reading package lists...
Building dependency tree...
Reading state information...
The following additional packages will be installed:
  libnl-3-200 libnl-genl-3-200
The following NEW packages will be installed:
  htop libnl-3-200 libnl-genl-3-200
The following packages will be upgraded:
  jq
1 upgraded, 3 newly installed, 0 to remove and N not upgraded.
Inst libnl-3-200 (3.7.0-0.2+b1 Debian:12.15/oldstable [amd64])
Inst libnl-genl-3-200 (3.7.0-0.2+b1 Debian:12.15/oldstable [amd64])
Inst htop (3.2.2-2 Debian:12.15/oldstable [amd64])
Inst jq [1.6-2.1+deb12u1] (1.6-2.1+deb12u3 Debian-Security:12/oldstable-security [amd64])
Conf libnl-3-200 (3.7.0-0.2+b1 Debian:12.15/oldstable [amd64])
Conf libnl-genl-3-200 (3.7.0-0.2+b1 Debian:12.15/oldstable [amd64])
Conf htop (3.2.2-2 Debian:12.15/oldstable [amd64])
Conf jq (1.6-2.1+deb12u3 Debian-Security:12/oldstable-security [amd64])
# apt-get -s -y purge curl
Reading package lists...
Building dependency tree...
Reading state information...
The following packages will be REMOVED:
  curl*
0 upgraded, 0 newly installed, 1 to remove and N not upgraded.
Purg curl [7.88.1-10+deb12u8]
# apt-get -y remove nothere
Reading package lists...
Building dependency tree...
Reading state information...
E: Unable to locate package nothere
# apt-get -s -y autoremove
Reading package lists...
Building dependency tree...
Reading state information...
0 upgraded, 0 newly installed, 0 to remove and N not upgraded.
# LC_ALL=C apt list --upgradable 2>/dev/null
Listing...
bash/oldstable 5.2.15-2+b13 amd64 [upgradable from: 5.2.15-2+b8]
jq/oldstable-security 1.6-2.1+deb12u3 amd64 [upgradable from: 1.6-2.1+deb12u1]
# apt-cache policy bash
bash:
  Installed: 5.2.15-2+b8
  Candidate: 5.2.15-2+b13
  Version table:
     5.2.15-2+b13 500
        500 http://deb.debian.org/debian bookworm/main amd64 Packages
 *** 5.2.15-2+b8 100
        100 /var/lib/dpkg/status
# apt-cache madison -- bash nosuch
      bash | 5.2.15-2+b13 | http://deb.debian.org/debian bookworm/main amd64 Packages
# apt-mark hold bash; apt-get -s dist-upgrade; apt-mark unhold bash; apt-mark unhold bash
bash set on hold.
Reading package lists...
Building dependency tree...
Reading state information...
Calculating upgrade...
The following packages have been kept back:
  bash
The following packages will be upgraded:
  jq
1 upgraded, 0 newly installed, 0 to remove and N not upgraded.
Inst jq [1.6-2.1+deb12u1] (1.6-2.1+deb12u3 Debian-Security:12/oldstable-security [amd64])
Conf jq (1.6-2.1+deb12u3 Debian-Security:12/oldstable-security [amd64])
Canceled hold on bash.
bash was already not on hold.
# dpkg-query -W nosuch; dpkg -s nosuch
dpkg-query: no packages found matching nosuch
dpkg-query: package 'nosuch' is not installed and no information is available
Use dpkg --info (= dpkg-deb --info) to examine archive files.
# dpkg-query -W -f='${db:Status-Abbrev}|${Package}|${Architecture}|${Version}|${Provides}\n' bash
ii |bash|amd64|5.2.15-2+b8|
# su nobody -s /bin/sh -c 'apt-get -y install htop; dpkg --configure -a'
E: Could not open lock file /var/lib/dpkg/lock-frontend - open (13: Permission denied)
E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), are you root?
dpkg: error: requested operation requires superuser privilege
`

var (
	notUpgraded = regexp.MustCompile(`and \d+ not upgraded`)
	release     = regexp.MustCompile(`Debian:12\.\d+/`)
)

func TestAptAsRecorded(t *testing.T) {
	h := host(t, linux.Config{Packages: []linux.Package{
		{Name: "bash", Version: "5.2.15-2+b8", Available: "5.2.15-2+b13"}, {Name: "jq", Version: "1.6-2.1+deb12u1", Available: "1.6-2.1+deb12u3", Security: true},
		{Name: "htop", Available: "3.2.2-2", Needs: []string{"libnl-3-200", "libnl-genl-3-200"}}, {Name: "libnl-3-200", Available: "3.7.0-0.2+b1"},
		{Name: "libnl-genl-3-200", Available: "3.7.0-0.2+b1"},
	}})
	for _, part := range strings.Split(strings.TrimPrefix(recordedApt, "\n# "), "\n# ") {
		line, want, _ := strings.Cut(part, "\n")
		got := h.Run(t.Context(), "root", "exec 2>&1; "+line, "")
		text := notUpgraded.ReplaceAllString(got.Stdout, "and N not upgraded")
		text = release.ReplaceAllString(strings.ReplaceAll(text, "stable", "oldstable"), "Debian:12.15/")
		if strings.TrimSpace(text) != strings.TrimSpace(want) {
			t.Errorf("%s says\n%s\nrecorded was\n%s", line, text, want)
		}
	}
}

// What dnf 4.14 of RHEL 9 has said.
const recordedDnf = `Dependencies resolved.
================================================================================
 Package             Architecture   Version            Repository          Size
================================================================================
Installing:
 kernel              x86_64         5.14.0-427.el9     baseos             5.4 k
Upgrading:
 a-package-with-a-name-that-is-too-long
                     noarch         2:1.1-1.rig        baseos             6.0 k
 demo-tool           noarch         1.1-1.rig          baseos             6.0 k

Transaction Summary
================================================================================
Install  1 Package
Upgrade  2 Packages

`

func TestDnfAsRecorded(t *testing.T) {
	h := host(t, linux.Config{Family: linux.RedHat, Packages: []linux.Package{
		{Name: "kernel", Version: "5.14.0-362.el9", Available: "5.14.0-427.el9", Kernel: "kernel", Size: 5530},
		{Name: "demo-tool", Version: "1.0-1.rig", Available: "1.1-1.rig", Arch: "noarch", Size: 6144},
		{Name: "a-package-with-a-name-that-is-too-long", Version: "2:1.0-1.rig", Available: "2:1.1-1.rig", Arch: "noarch", Size: 6144},
	}})
	got := h.Run(t.Context(), "root", "dnf --assumeno upgrade 2>&1 </dev/null", "")
	if got.Status != 1 || !strings.Contains(got.Stdout, recordedDnf) || !strings.HasSuffix(got.Stdout, "Operation aborted.\n") {
		t.Errorf("dnf says %d\n%s\nrecorded was\n%s", got.Status, got.Stdout, recordedDnf)
	}
	has(t, h, "dnf install -y nosuch", 1, "No match for argument: nosuch\n", "Error: Unable to find a match: nosuch\n")
	has(t, h, "dnf install -y bash", 0, "Package bash-5.1.8-9.el9.x86_64 is already installed.\nDependencies resolved.\nNothing to do.\nComplete!\n")
	h.Break(linux.DpkgLocked)
	has(t, h, "dnf --assumeno --setopt=exit_on_lock=True upgrade", 200, "metadata already locked by ", "\n  The application with PID ", " is: python3\n")
}

// versions are in the order of dpkg and of rpm, each line for both unless it begins with one of the names.
var versions = []string{"1.0 1.0.1 1.1 1.10 2.0", "1.0~rc1 1.0 1.0a", "9 10 1:1", "1.0-1 1.0-1.1 1.0-2 1.0-10", "deb:1.0-1 1.0-1+b1 1.0-1+deb12u1", "2.36-9+deb12u8 2.36-9+deb12u10",
	"rpm:5.14.0-503.11.1.el9_5 5.14.0-503.14.1.el9_5", "rpm:1.0 1.0^git1 1.0.1", "rpm:1.0a 1.0.1 1.1", "1a 1b", "0.9 00.10", "deb:1.0 1.0+ 1.0. 1.0.1"}

func TestVersionsAsDpkgAndRPMOrderThem(t *testing.T) {
	deb := host(t, linux.Config{})
	_, noDpkg := exec.LookPath("dpkg")
	_, noRPM := exec.LookPath("rpm")
	for _, line := range versions {
		list, only := strings.Fields(line), ""
		for _, name := range []string{"deb:", "rpm:"} {
			if rest, ok := strings.CutPrefix(line, name); ok {
				only, list = name, strings.Fields(rest)
			}
		}
		for i := 1; i < len(list); i++ {
			a, b := list[i-1], list[i]
			if only != "rpm:" {
				root(t, deb, fmt.Sprintf("dpkg --compare-versions '%s' lt '%s' && echo less", a, b), 0, "less\n")
				if noDpkg == nil && exec.Command("dpkg", "--compare-versions", a, "lt", b).Run() != nil {
					t.Errorf("the real dpkg does not have %s < %s", a, b)
				}
			}
			if only != "deb:" {
				if linux.Compare(linux.RedHat, a, b) >= 0 || linux.Compare(linux.RedHat, b, a) <= 0 {
					t.Errorf("rpm: %s is not before %s", a, b)
				}
				if out, err := exec.Command("rpm", "--eval", fmt.Sprintf(`%%{lua:print(rpm.vercmp("%s", "%s"))}`, a, b)).Output(); noRPM == nil && err == nil && strings.TrimSpace(string(out)) != "-1" {
					t.Errorf("the real rpm has %s and %s as %s", a, b, out)
				}
			}
		}
	}
}

func TestGoingBack(t *testing.T) {
	deb, red := host(t, debian()), host(t, linux.Config{Family: linux.RedHat, Packages: linux.Updates(linux.RedHat)})
	has(t, deb, "apt-get -y dist-upgrade >/dev/null; apt-get -y install curl=7.88.1-10+deb12u8", 100, "E: Packages were downgraded and -y was used without --allow-downgrades.")
	has(t, deb, "apt-get -y --allow-downgrades install curl=7.88.1-10+deb12u8", 0, "The following packages will be DOWNGRADED:\n  curl\n",
		"0 upgraded, 0 newly installed, 1 downgraded, 0 to remove and 0 not upgraded.", "dpkg: warning: downgrading curl")
	root(t, deb, "dpkg-query -W curl", 0, "curl\t7.88.1-10+deb12u8\n")
	has(t, red, "dnf -y upgrade >/dev/null; dnf -y install curl-7.76.1-31.el9", 0, "Downgrading:\n curl ", "Downgrade 1 Package\n", "Complete!")
	root(t, red, "rpm -q curl", 0, "curl-7.76.1-31.el9.x86_64\n")
}

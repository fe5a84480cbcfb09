package packages_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/engine/value"
	"github.com/drydock-dev/drydock/modules/packages"
)

// debian puts a Debian on the host: fakes of apt and dpkg that keep what is installed in a file, NAME VERSION a line, and what there is
// to install in another. They know what the module asks and refuse the rest.
func debian(installed, index string) func(h *moduletest.Host) {
	return func(h *moduletest.Host) { debianWith(h, installed, index, "") }
}

func debianWith(h *moduletest.Host, installed, index, before string) {
	t := must{}
	moduletest.Put(t, h.Dir, map[string]string{
		"installed": installed, "index": index, "lists/": "", "archives/": "", "dpkg/updates/": "", "dpkg/lock": "", "dpkg/lock-frontend": "",
	})
	h.Command(t, "apt-config", `printf "lists='%s/lists/'\narchives='%s/archives/'\nstatus='%s/dpkg/status'\n" "$HOME" "$HOME" "$HOME"`)
	h.Command(t, "dpkg-query", `awk '{ s = ($3 == "") ? "ii " : $3 " "; print s "|" $1 "|all|" $2 "|" $4 }' "$HOME/installed"`)
	h.Command(t, "apt-cache", `[ "$1" = pkgnames ] && awk -v p="$2" 'index($1, p) == 1 { print $1 }' "$HOME/index"`)
	h.Command(t, "dpkg", `[ "$*" = "--configure -a --force-confdef --force-confold" ] && rm -f "$HOME"/dpkg/updates/*`)
	h.Command(t, "apt-get", before+aptGet)
}

// must stands in for the test where a table has none at hand: the host's directory is the test's, so nothing here can fail but by a bug.
type must struct{ testing.TB }

func (must) Helper()           {}
func (must) Fatal(args ...any) { panic(args) }

const aptGet = `
sim=
words=
while [ $# -gt 0 ]; do
	case $1 in
	-s) sim=1 ;;
	-o | -t) shift ;;
	-*) ;;
	*) words="$words $1" ;;
	esac
	shift
done
set -- $words
verb=$1
shift
have() { awk -v n="$1" '$1 == n && $3 == "" { print $2 }' "$HOME/installed"; }
newest() { awk -v n="$1" '$1 == n { print $2 }' "$HOME/index"; }
put() { grep -v "^$1 " "$HOME/installed" >"$HOME/new"; [ -z "$2" ] || echo "$1 $2" >>"$HOME/new"; cat "$HOME/new" >"$HOME/installed"; rm "$HOME/new"; }
case $verb in
update) echo "Hit:1"; exit 0 ;;
clean) rm -f "$HOME"/archives/*.deb; exit 0 ;;
autoclean) exit 0 ;;
upgrade | dist-upgrade) set -- $(awk '{ print $1 }' "$HOME/installed") ;;
esac
up=0 new=0 gone=0 log=
for spec; do
	n=${spec%%=*} v=
	case $spec in *=*) v=${spec#*=} ;; esac
	old=$(have "$n") avail=$(newest "$n")
	if [ "$verb" = remove ] || [ "$verb" = purge ]; then
		[ -z "$old" ] && continue
		gone=$((gone + 1)); log="$log
Remv $n [$old]"
		[ -n "$sim" ] || put "$n" ""
		continue
	fi
	[ -n "$avail" ] || { echo "E: Unable to locate package $n" >&2; exit 100; }
	case $avail in $v) ;; *) [ -z "$v" ] || { echo "E: Version '$v' for '$n' was not found" >&2; exit 100; } ;; esac
	[ "$old" != "$avail" ] || continue
	if [ -n "$old" ]; then up=$((up + 1)); log="$log
Inst $n [$old] ($avail Debian-Security:12/stable-security [all])"; else new=$((new + 1)); log="$log
Inst $n ($avail Debian:12/stable [all])"; fi
	[ -n "$sim" ] || { put "$n" "$avail"; echo "Unpacking $n ($avail)${old:+ over ($old)} ..."; }
done
echo "Reading package lists..."
echo "$up upgraded, $new newly installed, $gone to remove and 0 not upgraded."
[ -z "$sim" ] || echo "$log"
`

func TestApt(t *testing.T) {
	const installed = "bash 5.1\ncurl 7.8\nold 1.0 rc\nexim 4 ii mail-agent,mail-transport-agent (= 1)\nhalf 1.0 iF\n"
	const index = "bash 5.2\ncurl 7.8\nvim 9.0\nvim-tiny 9.0\nexim 4\nhalf 1.0\n"
	moduletest.Run(t, packages.Apt, []moduletest.Case{
		{Name: "installed already", Args: []any{"name", "bash", "state", "present"}, Set: debian(installed, index),
			Want: map[string]any{"changed": false, "cache_updated": false}},
		{Name: "virtual package", Args: []any{"name", "mail-transport-agent"}, Set: debian(installed, index)},
		{Name: "new package", Args: []any{"pkg", []any{"bash", "vim"}}, Set: debian(installed, index), Plan: module.KindChange,
			Diff:  &module.Diff{Prepared: "0 upgraded, 1 newly installed, 0 to remove and 0 not upgraded.\n\n"},
			Want:  map[string]any{"changed": true},
			After: map[string]string{"installed": installed + "vim 9.0\n"}},
		{Name: "half configured counts as missing", Args: []any{"name", "half"}, Set: debian(installed, index), Plan: module.KindChange},
		{Name: "globs", Args: []any{"name", "vim*"}, Set: debian(installed, index), Plan: module.KindChange,
			After: map[string]string{"installed": installed + "vim 9.0\nvim-tiny 9.0\n"}},
		{Name: "glob of nothing", Args: []any{"name", "nosuch*"}, Set: debian(installed, index), Fails: "No package(s) matching 'nosuch*' available"},
		{Name: "latest", Args: []any{"name", "bash,curl", "state", "latest"}, Set: debian(installed, index), Plan: module.KindChange},
		{Name: "latest of the latest", Args: []any{"name", "curl", "state", "latest"}, Set: debian(installed, index)},
		{Name: "only upgrade", Args: []any{"name", "vim", "state", "latest", "only_upgrade", true}, Set: debian(installed, index)},
		{Name: "version that is installed", Args: []any{"name", "bash=5.*"}, Set: debian(installed, index)},
		{Name: "version at least", Args: []any{"name", "vim>=8"}, Set: debian(installed, index), Plan: module.KindChange},
		{Name: "version that is not there", Args: []any{"name", "vim=7.0"}, Set: debian(installed, index),
			Fails: "no available installation candidate for vim=7.0"},
		{Name: "unknown package", Args: []any{"name", "nosuch"}, Set: debian(installed, index), Fails: "No package matching 'nosuch' is available"},
		{Name: "absent", Args: []any{"name", "curl", "state", "absent"}, Set: debian(installed, index), Plan: module.KindChange},
		{Name: "absent already", Args: []any{"name", "old", "state", "absent"}, Set: debian(installed, index)},
		{Name: "absent by glob", Args: []any{"name", "cu*", "state", "absent"}, Set: debian(installed, index), Plan: module.KindChange},
		{Name: "upgrade", Args: []any{"upgrade", "dist"}, Set: debian("bash 5.1\n", index), Plan: module.KindChange,
			After: map[string]string{"installed": "bash 5.2\n"}},
		{Name: "nothing to upgrade", Args: []any{"upgrade", "safe"}, Set: debian("curl 7.8\n", index),
			Want: map[string]any{"stdout": "Reading package lists...\n0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n\n"}},
		{Name: "all by name", Args: []any{"name", "*", "state", "latest"}, Set: debian("bash 5.1\n", index), Plan: module.KindChange},
		{Name: "security only", Args: []any{"upgrade", "dist", "security_only", true}, Set: debian("bash 5.1\n", index), Plan: module.KindChange,
			After: map[string]string{"installed": "bash 5.2\n"}},
		{Name: "clean", Args: []any{"clean", true}, Plan: module.KindChange, After: map[string]string{"archives/a.deb!": ""},
			Set: func(h *moduletest.Host) {
				debianWith(h, installed, index, "")
				moduletest.Put(must{}, h.Dir, map[string]string{"archives/a.deb": "x"})
			}},
		{Name: "an interrupted dpkg is repaired", Args: []any{"name", "bash"}, Plan: module.KindChange,
			Diff:  &module.Diff{Prepared: "dpkg was interrupted and is to be repaired (dpkg --configure -a)\n"},
			After: map[string]string{"dpkg/updates/0001!": ""}, Want: map[string]any{"changed": true},
			Set: func(h *moduletest.Host) {
				debianWith(h, installed, index, "")
				moduletest.Put(must{}, h.Dir, map[string]string{"dpkg/updates/0001": "x"})
			}},
		{Name: "two wishes at once", Args: []any{"name", "vim", "upgrade", "dist"}, Trips: 1, Fails: "mutually exclusive"},
		{Name: "shell in a name", Args: []any{"name", "vim;reboot"}, Fails: "invalid package name"},
		{Name: "no apt", Args: []any{"name", "vim"}, Fails: "this host has no apt-get", Set: func(h *moduletest.Host) {
			h.Shell = []string{"/usr/bin/env", "PATH=/nonexistent", "/bin/sh"}
		}},
	})
}

// The index is refreshed when it is older than cache_valid_time, and that counts as fresh afterwards although nothing in it was new.
func TestAptSaysWhichPackagesItChanges(t *testing.T) {
	h := moduletest.NewHost(t)
	debian("bash 5.1\n", "bash 5.2\n")(h)
	p := planOf(t, packages.Apt, h.View(), value.NewMap("upgrade", "dist"))
	want := "{'packages': [{'name': 'bash', 'arch': 'all', 'from': '5.1', 'to': '5.2'}]}"
	if got := value.Repr(p.Announcement()); got != want {
		t.Errorf("announced is %s, want %s", got, want)
	}
	r, err := p.Apply()(context.Background(), h)
	if done := (module.PackageChange{Name: "bash", Arch: "all", From: "5.1", To: "5.2"}); err != nil || len(r.Packages) != 1 || r.Packages[0] != done {
		t.Errorf("changed is %+v, %v, want %+v", r.Packages, err, done)
	}
}

func TestAptCacheValidTime(t *testing.T) {
	h := moduletest.NewHost(t)
	debianWith(h, "bash 5.2\n", "bash 5.2\n", "")
	old := time1970(t, h, "lists")
	args := value.NewMap("name", "bash", "cache_valid_time", 3600)
	plan := planOf(t, packages.Apt, h.View(), args)
	if plan.Kind() != module.KindChange || !plan.Quiet() {
		t.Fatalf("an old index is to be refreshed quietly, got kind %d", plan.Kind())
	}
	r, err := plan.Apply()(context.Background(), h)
	if err != nil || r.Changed || r.Failed || r.Data.Value("cache_update_time") != old {
		t.Fatalf("result %v, error %v", value.Repr(moduletest.Flat(r)), err)
	}
	if again := planOf(t, packages.Apt, h.View(), args); again.Kind() != module.KindDone {
		t.Error("a refreshed index must count as fresh")
	}
}

// A lock is waited for by looking again, and who holds it is told; when the time is up the failure names the holder.
func TestAptLock(t *testing.T) {
	const said = "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 77 (unattended-upgr)\n"
	probe := moduletest.Answer{On: "script: apt probe*", Stdout: "@@ cache\n100\n50\n@@ picked\nwant vim\n@@ sim\nInst vim (9 Debian)\n@@ rc\n0\n"}
	holder := moduletest.Answer{On: "script: lock holder /var/lib/dpkg/lock-frontend 77", Stdout: "77 /usr/bin/python3 /usr/bin/unattended-upgrade\n"}
	run := "script: apt run*"
	done := moduletest.Answer{On: run, Stdout: "0 upgraded, 1 newly installed, 0 to remove and 0 not upgraded.\nSetting up vim (9) ...\n"}

	s := moduletest.NewScript(t, probe, holder, moduletest.Answer{On: run, Rc: 100, Stderr: said, Times: 3}, done)
	r := apply(t, packages.Apt, s, value.NewMap("name", "vim"))
	if !r.Changed || r.Failed || s.Control.Clock.Slept.Seconds() != 3 {
		t.Errorf("slept %v, result %s", s.Control.Clock.Slept, value.Repr(moduletest.Flat(r)))
	}
	if told := strings.Join(s.Said(), "\n"); !strings.Contains(told, "process 77 (/usr/bin/python3 /usr/bin/unattended-upgrade)") {
		t.Errorf("the holder is not named: %s", told)
	}

	s = moduletest.NewScript(t, probe, holder, moduletest.Answer{On: run, Rc: 100, Stderr: said})
	r = apply(t, packages.Apt, s, value.NewMap("name", "vim", "lock_timeout", 5))
	want := "could not get the lock /var/lib/dpkg/lock-frontend within 5 seconds: it is held by process 77 (/usr/bin/python3 /usr/bin/unattended-upgrade)"
	if !r.Failed || r.Msg != want {
		t.Errorf("msg %q, want %q", r.Msg, want)
	}
}

// Who may not open a lock waits for nothing.
func TestAptNoRoot(t *testing.T) {
	s := moduletest.NewScript(t,
		moduletest.Answer{On: "script: apt probe*", Stdout: "@@ picked\nwant vim\n@@ sim\nInst vim (9 Debian)\n@@ rc\n0\n"},
		moduletest.Answer{On: "script: apt run*", Rc: 100, Stderr: "E: Could not open lock file /var/lib/dpkg/lock-frontend - open (13: Permission denied)\n"})
	r := apply(t, packages.Apt, s, value.NewMap("name", "vim"))
	if !r.Failed || !strings.Contains(r.Msg, "Permission denied") || s.Control.Clock.Slept != 0 {
		t.Errorf("slept %v, msg %q", s.Control.Clock.Slept, r.Msg)
	}
}

// What apt-get is told, with nothing that could ask and nothing that could wait.
func TestAptCommand(t *testing.T) {
	s := moduletest.NewScript(t,
		moduletest.Answer{On: "script: apt probe present  -t bookworm-backports --allow-downgrades   vim", Stdout: "@@ picked\nwant vim\n@@ sim\nInst vim (9 Debian)\n@@ rc\n0\n"},
		moduletest.Answer{On: "script: apt run 101 apt-get -y -o Dpkg::Options::=--force-confnew -o DPkg::Lock::Timeout=0 -o APT::Color=0 " +
			"-t bookworm-backports --allow-downgrades install vim", Writes: true, Stdout: "0 upgraded, 1 newly installed, 0 to remove and 0 not upgraded.\n"})
	args := value.NewMap("name", "vim", "default_release", "bookworm-backports", "allow_downgrade", true, "dpkg_options", "force-confnew", "policy_rc_d", 101)
	if r := apply(t, packages.Apt, s, args); !r.Changed {
		t.Errorf("result %s", value.Repr(moduletest.Flat(r)))
	}
}

// dpkg may be found interrupted only by apt-get itself; it is repaired once and told as a warning.
func TestAptInterruptedLate(t *testing.T) {
	s := moduletest.NewScript(t,
		moduletest.Answer{On: "script: apt probe*", Stdout: "@@ picked\nwant vim\n@@ sim\nInst vim (9 Debian)\n@@ rc\n0\n"},
		moduletest.Answer{On: "script: apt run  dpkg --configure -a --force-confdef --force-confold", Times: 1},
		moduletest.Answer{On: "script: apt run  apt-get*", Rc: 100, Times: 1,
			Stderr: "E: dpkg was interrupted, you must manually run 'dpkg --configure -a' to correct the problem.\n"},
		moduletest.Answer{On: "script: apt run  apt-get*", Stdout: "0 upgraded, 1 newly installed, 0 to remove and 0 not upgraded.\n"})
	r := apply(t, packages.Apt, s, value.NewMap("name", "vim"))
	if !r.Changed || r.Failed || !slices.Equal(r.Warnings, []string{"dpkg had been interrupted; it was repaired by dpkg --configure -a"}) {
		t.Errorf("warnings %q, result %s", r.Warnings, value.Repr(moduletest.Flat(r)))
	}
}

// A refresh that fails is tried again with growing pauses, and its reason is told.
func TestAptUpdateFails(t *testing.T) {
	s := moduletest.NewScript(t, moduletest.Answer{On: "script: apt probe*", Stdout: "@@ cache\n100\n50\n"},
		moduletest.Answer{On: "script: apt run*", Stderr: "W: Failed to fetch http://deb.example/x  Could not resolve 'deb.example'\n"})
	r := apply(t, packages.Apt, s, value.NewMap("update_cache", true, "update_cache_retries", 3))
	if want := "Failed to update apt cache: Failed to fetch http://deb.example/x  Could not resolve 'deb.example'"; r.Msg != want || !r.Failed {
		t.Errorf("msg %q, want %q", r.Msg, want)
	}
	if got := s.Control.Clock.Slept.Seconds(); got != 1+2+4 {
		t.Errorf("slept %v s, want 7", got)
	}
}

// A package that dpkg could not configure is named in the failure.
func TestAptFailureNamesThePackage(t *testing.T) {
	s := moduletest.NewScript(t,
		moduletest.Answer{On: "script: apt probe*", Stdout: "@@ picked\nwant bad\n@@ sim\nInst bad (9 Debian)\n@@ rc\n0\n"},
		moduletest.Answer{On: "script: apt run*", Rc: 100, Stderr: "debconf: delaying package configuration\nE: Sub-process /usr/bin/dpkg returned an error code (1)\n",
			Stdout: "Setting up bad (9) ...\ndpkg: error processing package bad (--configure):\n installed bad package post-installation script subprocess returned error exit status 1\n"})
	r := apply(t, packages.Apt, s, value.NewMap("name", "bad"))
	for _, part := range []string{"'apt-get install bad' failed: E: Sub-process", "dpkg: error processing package bad", "exit status 1"} {
		if !strings.Contains(r.Msg, part) {
			t.Errorf("msg %q has no %q", r.Msg, part)
		}
	}
}

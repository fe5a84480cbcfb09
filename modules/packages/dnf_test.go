package packages_test

import (
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/engine/value"
	"github.com/drydock-dev/drydock/modules/packages"
)

// table is what dnf 4.14 prints of a transaction, with a name too long for its column.
const table = `Last metadata expiration check: 0:00:01 ago on Mon 06 May 2024.
Dependencies resolved.
================================================================================
 Package             Architecture   Version            Repository          Size
================================================================================
Installing:
 kernel              x86_64         5.14.0-427.el9     baseos             5.4 k
Upgrading:
 demo-tool           noarch         1.1-1.rig          rig-baseos         6.0 k
 a-package-with-a-name-that-is-too-long
                     noarch         2:1.1-1.rig        rig-baseos         6.0 k
Removing unused dependencies:
 old-lib             noarch         1.0-1.rig          @rig-baseos          4

Transaction Summary
================================================================================
Install  1 Package
Upgrade  2 Packages
Remove   1 Package

Operation aborted.
`

func TestDnfForetells(t *testing.T) {
	s := moduletest.NewScript(t, moduletest.Answer{On: "script: dnf probe upgrade*", Stdout: "@@ picked\n@@ sim\n" + table})
	p := planOf(t, packages.Dnf, s.View(), value.NewMap("name", "*", "state", "latest"))
	want := "['Installed: kernel-5.14.0-427.el9.x86_64', 'Installed: demo-tool-1.1-1.rig.noarch', " +
		"'Installed: a-package-with-a-name-that-is-too-long-2:1.1-1.rig.noarch', 'Removed: old-lib-1.0-1.rig.noarch']"
	if got := value.Repr(p.Result().Data.Value("results")); p.Kind() != module.KindChange || got != want {
		t.Errorf("kind %d, results\n%s, want\n%s", p.Kind(), got, want)
	}
	if d := p.Diff().Prepared; !strings.HasPrefix(d, "====") || strings.Contains(d, "aborted") {
		t.Errorf("diff %q", d)
	}
}

func TestDnfActs(t *testing.T) {
	s := moduletest.NewScript(t,
		moduletest.Answer{On: "script: dnf probe latest*", Stdout: "@@ picked\nwant demo-tool\n@@ sim\n" + table},
		moduletest.Answer{On: "script: dnf run / dnf -y *", Writes: true,
			Stdout: "Complete!\n@@ packages\n- demo-tool-1.0-1.rig.noarch\n+ demo-tool-1.1-1.rig.noarch\n"})
	r := apply(t, packages.Dnf, s, value.NewMap("name", "demo-tool", "state", "latest"))
	if got := value.Repr(r.Data.Value("results")); got != "['Installed: demo-tool-1.1-1.rig.noarch', 'Removed: demo-tool-1.0-1.rig.noarch']" || !r.Changed {
		t.Errorf("changed %v, results %s", r.Changed, got)
	}
	if want := (module.PackageChange{Name: "demo-tool", Arch: "noarch", From: "1.0-1.rig", To: "1.1-1.rig"}); len(r.Packages) != 1 || r.Packages[0] != want {
		t.Errorf("it says that it changed %+v, want %+v", r.Packages, want)
	}
	if line := s.Calls()[1].Line; !strings.HasSuffix(line, "--setopt=clean_requirements_on_remove=False install demo-tool") {
		t.Errorf("dnf was told %q", line)
	}
}

func TestDnfOptions(t *testing.T) {
	args := value.NewMap("name", "*", "state", "latest", "security", true, "exclude", "kernel*,k3s", "enablerepo", "epel", "disable_gpg_check", true,
		"nobest", true, "validate_certs", false, "releasever", "9.4", "conf_file", "/etc/other.conf")
	s := moduletest.NewScript(t, moduletest.Answer{On: "script: dnf probe upgrade*"})
	planOf(t, packages.Dnf, s.View(), args)
	asked := strings.FieldsFunc(s.Calls()[0].Line, func(r rune) bool { return r == '\n' || r == ' ' })
	for _, want := range []string{"--security", "--exclude=kernel*,k3s", "--enablerepo=epel", "--nogpgcheck", "--nobest", "--setopt=sslverify=False",
		"--config=/etc/other.conf"} {
		found := false
		for _, o := range asked {
			found = found || o == want
		}
		if !found {
			t.Errorf("no %s among %q", want, asked)
		}
	}
}

func TestDnfAnswers(t *testing.T) {
	locked := "metadata already locked by 131\n  The application with PID 131 is: dnf\n"
	for _, c := range []struct {
		name, out string
		args      *value.Map
		kind      module.Kind
		want      string // of the result or prediction
	}{
		{"installed already", "@@ picked\n", value.NewMap("name", "x"), module.KindDone, "{'changed': False, 'rc': 0, 'results': [], 'msg': 'Nothing to do'}"},
		{"absent already", "@@ picked\nnone x\n", value.NewMap("name", "x", "state", "absent"), module.KindDone,
			"{'changed': False, 'rc': 0, 'results': ['No match for argument: x'], 'msg': 'Nothing to do'}"},
		{"unknown", "@@ picked\nwant x\n@@ sim\nNo match for argument: x\nError: Unable to find a match: x\n", value.NewMap("name", "x"), module.KindDone,
			"{'changed': False, 'failures': ['No package x available.'], 'rc': 1, 'results': [], 'msg': 'Failed to install some of the specified packages', 'failed': True}"},
		{"conflict", "@@ picked\nwant x\n@@ sim\nError: \n Problem: x conflicts with y\n", value.NewMap("name", "x"), module.KindDone,
			"{'changed': False, 'failures': ['Problem: x conflicts with y'], 'rc': 1, 'results': [], 'msg': 'Problem: x conflicts with y', 'failed': True}"},
		{"older version", "@@ picked\nwant x-1.0\n@@ sim\nDowngrading:\n x noarch 1.0-1 repo 6 k\n\nTransaction Summary\n", value.NewMap("name", "x-1.0"),
			module.KindDone, "{'changed': False, 'rc': 0, 'results': [], 'msg': 'Nothing to do'}"},
		{"older version allowed", "@@ picked\nwant x-1.0\n@@ sim\nDowngrading:\n x noarch 1.0-1 repo 6 k\n\nTransaction Summary\n",
			value.NewMap("name", "x-1.0", "allow_downgrade", true), module.KindChange,
			"{'changed': False, 'rc': 0, 'results': ['Installed: x-1.0-1.noarch'], 'msg': 'Check mode: No changes made, but would have if not in check mode'}"},
		{"locked", "@@ picked\nwant x\n@@ sim\n" + locked, value.NewMap("name", "x"), module.KindOpaque, "{'changed': False}"},
		{"cache only", "@@ picked\n", value.NewMap("update_cache", true), module.KindChange, "{'changed': False, 'rc': 0, 'results': [], 'msg': 'Cache updated'}"},
		{"no dnf", "@@ missing\n/usr/bin/microdnf\n", value.NewMap("name", "x"), module.KindDone,
			"{'changed': False, 'msg': 'this host has no dnf (only /usr/bin/microdnf, which is not supported)', 'failed': True}"},
		{"list", "@@ installed\nx|(none)|1.0|1|noarch|@System\n@@ available\nx|2|1.1|1|noarch|baseos\n\n", value.NewMap("list", "x"), module.KindDone,
			"{'changed': False, 'results': [{'arch': 'noarch', 'envra': '0:x-1.0-1.noarch', 'epoch': '0', 'name': 'x', 'nevra': '0:x-1.0-1.noarch', " +
				"'release': '1', 'repo': '@System', 'version': '1.0', 'yumstate': 'installed'}, {'arch': 'noarch', 'envra': '2:x-1.1-1.noarch', 'epoch': '2', " +
				"'name': 'x', 'nevra': '2:x-1.1-1.noarch', 'release': '1', 'repo': 'baseos', 'version': '1.1', 'yumstate': 'available'}]}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := moduletest.NewScript(t, moduletest.Answer{On: "script: dnf probe*", Stdout: c.out})
			p := planOf(t, packages.Dnf, s.View(), c.args)
			if got := value.Repr(moduletest.Flat(p.Result())); p.Kind() != c.kind || got != c.want {
				t.Errorf("kind %d, result\n%s, want %d\n%s", p.Kind(), got, c.kind, c.want)
			}
		})
	}
}

// dnf calculates nothing beside another dnf, so the lock is waited for before the second look.
func TestDnfWaitsForLock(t *testing.T) {
	locked := moduletest.Answer{On: "script: dnf probe*", Stdout: "@@ picked\nwant x\n@@ sim\nmetadata already locked by 131\n"}
	twice := locked
	twice.Times = 3
	s := moduletest.NewScript(t, twice,
		moduletest.Answer{On: "script: dnf probe*", Stdout: "@@ picked\nwant x\n@@ sim\nInstalling:\n x noarch 1.0-1 repo 6 k\n\nTransaction Summary\n"},
		moduletest.Answer{On: "script: lock holder metadata 131", Stdout: "131 /usr/bin/dnf-automatic\n"},
		moduletest.Answer{On: "script: dnf run*", Stdout: "@@ packages\n+ x-1.0-1.noarch\n"})
	if r := apply(t, packages.Dnf, s, value.NewMap("name", "x")); !r.Changed || s.Control.Clock.Slept.Seconds() != 2 {
		t.Errorf("slept %v, result %s", s.Control.Clock.Slept, value.Repr(moduletest.Flat(r)))
	}
	s = moduletest.NewScript(t, locked, moduletest.Answer{On: "script: lock holder metadata 131", Stdout: "131 /usr/bin/dnf-automatic\n"})
	r := apply(t, packages.Dnf, s, value.NewMap("name", "x", "lock_timeout", 4))
	if want := "could not get the lock metadata within 4 seconds: it is held by process 131 (/usr/bin/dnf-automatic)"; r.Msg != want || !r.Failed {
		t.Errorf("msg %q, want %q", r.Msg, want)
	}
}

// rhel puts fakes of rpm and dnf on the host: NAME VERSION lines of what is installed and of what there is.
func rhel(installed, index string) func(h *moduletest.Host) {
	return func(h *moduletest.Host) {
		moduletest.Put(must{}, h.Dir, map[string]string{"installed": installed, "index": index})
		h.Command(must{}, "rpm", fakeRpm)
		h.Command(must{}, "dnf", fakeDnf)
	}
}

const fakeRpm = `
[ "$1" != --root ] || shift 2
case "$*" in
*whatprovides*) exit 1 ;;
*'}|%{ARCH'*) while [ "$1" != -- ]; do shift; done; shift; for n; do awk -v n="$n" '$1 == n { print $1 "|" $2 "-1|noarch" }' "$HOME/installed"; done ;;
*--qf*) awk '{ print $1 "-" $2 "-1.noarch" }' "$HOME/installed" ;;
-q\ --*) [ "$3" = bash-5.1-1.noarch ] || exit 1 ;;
-qa*) for spec; do :; done; awk -v s="$spec" '$1 == s || $1 "-" $2 == s { print $1 "-" $2 }' "$HOME/installed" ;;
esac`

const fakeDnf = `
dry= words=
for w; do case $w in --assumeno) dry=1 ;; -*) ;; *) words="$words $w" ;; esac; done
set -- $words
verb=$1
shift
[ "$verb" != makecache ] || exit 0
[ "$verb" != upgrade ] || set -- $(awk '{ print $1 }' "$HOME/installed")
rows=
for n; do
	old=$(awk -v n="$n" '$1 == n { print $2 }' "$HOME/installed") new=$(awk -v n="$n" '$1 == n { print $2 }' "$HOME/index")
	if [ "$verb" = remove ]; then
		head=Removing: new=
	else
		[ -n "$new" ] || { echo "Error: Unable to find a match: $n" >&2; exit 1; }
		[ "$old" != "$new" ] || continue
		head=Installing:
		[ -z "$old" ] || head=Upgrading:
	fi
	rows="$rows $n noarch ${new:-$old}-1 repo 6 k
"
	[ -n "$dry" ] || { awk -v n="$n" '$1 != n' "$HOME/installed" >"$HOME/new"; [ -z "$new" ] || echo "$n $new" >>"$HOME/new"; mv "$HOME/new" "$HOME/installed"; }
done
[ -n "$rows" ] || { echo 'Nothing to do.'; exit 0; }
printf '=====\n%s\n%s\nTransaction Summary\n' "$head" "$rows"
[ -z "$dry" ] || exit 1`

func TestDnfScripts(t *testing.T) {
	const installed, index = "bash 5.1\ncurl 7\n", "bash 5.2\ncurl 7\nvim 9\n"
	moduletest.Run(t, packages.Dnf, []moduletest.Case{
		{Name: "installed", Args: []any{"name", "bash"}, Set: rhel(installed, index)},
		{Name: "installed version", Args: []any{"name", "bash-0:5.1"}, Set: rhel(installed, index)},
		{Name: "installed version of an architecture", Args: []any{"name", "bash-0:5.1-1.noarch"}, Set: rhel(installed, index)},
		{Name: "new", Args: []any{"name", "bash,vim"}, Set: rhel(installed, index), Plan: module.KindChange,
			Want:  map[string]any{"results": []any{"Installed: vim-9-1.noarch"}},
			After: map[string]string{"installed": installed + "vim 9\n"}},
		{Name: "latest", Args: []any{"name", "bash", "state", "latest"}, Set: rhel(installed, index), Plan: module.KindChange,
			Want: map[string]any{"results": []any{"Installed: bash-5.2-1.noarch", "Removed: bash-5.1-1.noarch"}}},
		{Name: "latest already", Args: []any{"name", "curl", "state", "latest"}, Set: rhel(installed, index)},
		{Name: "only what is there", Args: []any{"name", "vim", "state", "latest", "update_only", true}, Set: rhel(installed, index)},
		{Name: "only what is there, by default", Args: []any{"name", "bash,vim", "update_only", true}, Set: rhel(installed, index), Plan: module.KindChange,
			Want: map[string]any{"results": []any{"Installed: bash-5.2-1.noarch", "Removed: bash-5.1-1.noarch"}}},
		{Name: "everything that is there", Args: []any{"name", "*", "state", "present", "update_only", true}, Set: rhel(installed, index), Plan: module.KindChange,
			Want: map[string]any{"results": []any{"Installed: bash-5.2-1.noarch", "Removed: bash-5.1-1.noarch"}}},
		{Name: "everything", Args: []any{"name", "*", "state", "latest"}, Set: rhel(installed, index), Plan: module.KindChange},
		{Name: "absent", Args: []any{"name", "curl", "state", "absent"}, Set: rhel(installed, index), Plan: module.KindChange,
			Want: map[string]any{"results": []any{"Removed: curl-7-1.noarch"}}},
		{Name: "unknown", Args: []any{"name", "nosuch"}, Set: rhel(installed, index), Fails: "Failed to install some of the specified packages"},
		{Name: "refresh first", Args: []any{"name", "vim", "update_cache", true}, Set: rhel(installed, index), Plan: module.KindChange,
			Repeats: "the repositories are refreshed each time"},
	})
}

func TestDnfForetellsFromWhichVersion(t *testing.T) {
	h := moduletest.NewHost(t)
	rhel("bash 5.1\n", "bash 5.2\n")(h)
	p := planOf(t, packages.Dnf, h.View(), value.NewMap("name", "*", "state", "latest"))
	want := "{'packages': [{'name': 'bash', 'arch': 'noarch', 'from': '5.1-1', 'to': '5.2-1'}]}"
	if got := value.Repr(p.Announcement()); got != want {
		t.Errorf("announced is %s, want %s", got, want)
	}
}

func TestPackageChooses(t *testing.T) {
	s := moduletest.NewScript(t, moduletest.Answer{On: "script: package manager", Stdout: "dnf\n"},
		moduletest.Answer{On: "script: dnf probe present*", Stdout: "@@ picked\n"})
	if r := apply(t, packages.Package, s, value.NewMap("name", "x", "state", "present", "use", "auto")); r.Msg != "Nothing to do" {
		t.Errorf("result %s", value.Repr(moduletest.Flat(r)))
	}
	s = moduletest.NewScript(t, moduletest.Answer{On: "script: package manager", Stdout: "zypper\n"})
	if r := apply(t, packages.Package, s, value.NewMap("name", "x", "state", "present")); r.Msg != "the package manager zypper is not supported; apt, dnf and pacman are" {
		t.Errorf("msg %q", r.Msg)
	}
	s = moduletest.NewScript(t)
	if r := apply(t, packages.Package, s, value.NewMap("name", "x", "use", "dnf", "nosuch", 1)); !strings.Contains(r.Msg, "nosuch") || !r.Failed {
		t.Errorf("an argument that the chosen module has not is refused by it, got %q", r.Msg)
	}
}

func TestPackageFacts(t *testing.T) {
	out := "@@ apt\nii |bash|5.2|amd64|shells\n@@ rpm\nkernel|5.14|1.el9|(none)|x86_64\nkernel|5.14|2.el9|1|x86_64\n"
	facts := func(args *value.Map) string {
		s := moduletest.NewScript(t, moduletest.Answer{On: "script: installed packages", Stdout: out})
		return value.Repr(moduletest.Flat(apply(t, packages.PackageFacts, s, args)).Value("ansible_facts"))
	}
	bash := "'bash': [{'arch': 'amd64', 'category': 'shells', 'name': 'bash', 'origin': '', 'version': '5.2', 'source': 'apt'}]"
	kernel := "'kernel': [{'arch': 'x86_64', 'epoch': None, 'name': 'kernel', 'release': '1.el9', 'version': '5.14', 'source': 'rpm'}, " +
		"{'arch': 'x86_64', 'epoch': 1, 'name': 'kernel', 'release': '2.el9', 'version': '5.14', 'source': 'rpm'}]"
	for _, c := range []struct {
		args *value.Map
		want string
	}{
		{&value.Map{}, "{'packages': {" + bash + "}}"},
		{value.NewMap("strategy", "all"), "{'packages': {" + bash + ", " + kernel + "}}"},
		{value.NewMap("manager", "dnf"), "{'packages': {" + kernel + "}}"},
	} {
		if got := facts(c.args); got != c.want {
			t.Errorf("%s: got\n%s, want\n%s", value.Repr(c.args), got, c.want)
		}
	}
}

func TestDpkgSelections(t *testing.T) {
	fake := func(h *moduletest.Host) {
		moduletest.Put(must{}, h.Dir, map[string]string{"selections": "bash\t\t\t\tinstall\n"})
		h.Command(must{}, "dpkg", `case $1 in
--get-selections) grep "^$2	" "$HOME/selections" ;;
--set-selections) read -r n s; printf '%s\t\t\t%s\n' "$n" "$s" >"$HOME/selections" ;;
esac`)
	}
	moduletest.Run(t, packages.DpkgSelections, []moduletest.Case{
		{Name: "hold", Args: []any{"name", "bash", "selection", "hold"}, Set: fake, Plan: module.KindChange,
			Want: map[string]any{"before": "install", "after": "hold"}, Diff: &module.Diff{Before: "bash install\n", After: "bash hold\n"}},
		{Name: "already", Args: []any{"name", "bash", "selection", "install"}, Set: fake, Want: map[string]any{"before": "install"}},
		{Name: "unknown", Args: []any{"name", "nosuch", "selection", "hold"}, Set: fake,
			Fails: "Failed to find package 'nosuch' to perform selection 'hold'."},
	})
}

package system_test

import (
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/engine/value"
	"github.com/drydock-dev/drydock/modules/system"
)

// fakeSystemctl keeps units as files: unit/NAME holds "ActiveState UnitFileState", loaded/NAME comes to be known only by daemon-reload.
const fakeSystemctl = `
case $1 in --system | --user | --global) shift ;; esac
while :; do case $1 in --no-block | --force) echo "$1" >>"$HOME/options"; shift ;; *) break ;; esac; done
verb=$1 file=$HOME/unit/$2
if [ "$verb" = daemon-reload ]; then
	[ ! -e "$HOME/broken" ] || { echo 'cannot reload'; exit 1; }
	mv "$HOME"/loaded/* "$HOME/unit/" 2>/dev/null
	exit 0
fi
[ -e "$file" ] && read -r active enabled <"$file"
case $verb in
show)
	if [ ! -e "$file" ]; then printf 'LoadState=not-found\nActiveState=inactive\n'; exit 0; fi
	load=loaded; [ "$enabled" != masked ] || load=masked
	printf 'Id=%s\nLoadState=%s\nActiveState=%s\nExecStart={ path=/x ; argv[]=/x a\n b ; }\nEnvironment=A=1\n' "$2" $load "$active"
	exit 0 ;;
is-enabled) echo "$enabled"; [ "$enabled" = enabled ] || [ "$enabled" = static ] || [ "$enabled" = alias ]; exit ;;
start | restart) [ "$2" != bad ] || { echo "Job for bad.service failed." >&2; exit 1; }; active=active ;;
reload) [ "$active" = active ] ;;
stop) active=inactive ;;
enable | unmask) enabled=enabled ;;
disable) enabled=disabled ;;
mask) enabled=masked ;;
*) echo "unknown verb $verb" >&2; exit 9 ;;
esac
echo "$active $enabled" >"$file"`

func units(files map[string]string) func(h *moduletest.Host) {
	return func(h *moduletest.Host) {
		moduletest.Put(must{}, h.Dir, map[string]string{"unit/": "", "loaded/": ""})
		moduletest.Put(must{}, h.Dir, files)
		h.Command(must{}, "systemctl", fakeSystemctl)
	}
}

// must stands in for the test where a table has none at hand; what it would report is a bug of the test.
type must struct{ testing.TB }

func (must) Helper()           {}
func (must) Fatal(args ...any) { panic(args) }

func TestSystemd(t *testing.T) {
	moduletest.Run(t, system.Systemd, []moduletest.Case{
		{Name: "runs already", Args: []any{"name", "k3s", "state", "started", "enabled", true}, Set: units(map[string]string{"unit/k3s": "active enabled\n"}),
			Want: map[string]any{"state": "started", "enabled": true, "status.ActiveState": "active", "status.Environment": "A=1",
				"status.ExecStart": "{ path=/x ; argv[]=/x a\n b ; }"}},
		{Name: "activating counts as running", Args: []any{"unit", "k3s", "state", "started"}, Set: units(map[string]string{"unit/k3s": "activating enabled\n"})},
		{Name: "started", Args: []any{"service", "k3s", "state", "started"}, Set: units(map[string]string{"unit/k3s": "inactive disabled\n"}),
			Plan: module.KindChange, Diff: &module.Diff{Before: "inactive\n", After: "active\n"}, After: map[string]string{"unit/k3s": "active disabled\n"}},
		{Name: "stopped and disabled", Args: []any{"name", "k3s", "state", "stopped", "enabled", false}, Set: units(map[string]string{"unit/k3s": "active enabled\n"}),
			Plan: module.KindChange, Diff: &module.Diff{Before: "enabled\nactive\n", After: "disabled\ninactive\n"},
			After: map[string]string{"unit/k3s": "inactive disabled\n"}},
		{Name: "restarted", Args: []any{"name", "k3s", "state", "restarted", "no_block", true, "force", true}, Set: units(map[string]string{"unit/k3s": "active enabled\n"}),
			Plan: module.KindChange, Repeats: "a restart is one each time", Want: map[string]any{"state": "started"},
			After: map[string]string{"options": "--no-block\n--force\n"}},
		{Name: "reloading what does not run starts it", Args: []any{"name", "k3s", "state", "reloaded"}, Set: units(map[string]string{"unit/k3s": "inactive enabled\n"}),
			Plan: module.KindChange, Repeats: "a reload is one each time", After: map[string]string{"unit/k3s": "active enabled\n"}},
		{Name: "masked", Args: []any{"name", "k3s", "masked", true}, Set: units(map[string]string{"unit/k3s": "inactive disabled\n"}), Plan: module.KindChange,
			After: map[string]string{"unit/k3s": "inactive masked\n"}},
		{Name: "unmasked and started", Args: []any{"name", "k3s", "masked", false, "state", "started"}, Set: units(map[string]string{"unit/k3s": "inactive masked\n"}),
			Plan: module.KindChange, After: map[string]string{"unit/k3s": "active enabled\n"}},
		{Name: "static is enabled, alias is not", Args: []any{"name", "a", "enabled", true}, Set: units(map[string]string{"unit/a": "active static\n"})},
		{Name: "alias", Args: []any{"name", "a", "enabled", false}, Set: units(map[string]string{"unit/a": "active alias\n"})},
		{Name: "unknown", Args: []any{"name", "nosuch", "state", "started"}, Set: units(nil), Fails: "Could not find the requested service nosuch: host"},
		{Name: "does not start", Args: []any{"name", "bad", "state", "started"}, Set: units(map[string]string{"unit/bad": "failed enabled\n"}), Plan: module.KindChange,
			Fails: "Unable to start service bad: Job for bad.service failed."},
		{Name: "reload changes nothing", Args: []any{"daemon_reload", true}, Set: units(nil), Plan: module.KindChange,
			Want: map[string]any{"changed": false, "status": value.NewMap()}},
		{Name: "new file", Args: []any{"name", "new", "state", "started", "daemon-reload", true}, Set: units(map[string]string{"loaded/new": "inactive disabled\n"}),
			Plan: module.KindChange, Want: map[string]any{"changed": true}, After: map[string]string{"unit/new": "active disabled\n"}},
		{Name: "reload fails", Args: []any{"daemon_reload", true}, Set: units(map[string]string{"broken": ""}), Plan: module.KindChange,
			Fails: "failure daemon-reload: cannot reload"},
		{Name: "nothing asked", Args: []any{"state", "started"}, Set: units(nil), Fails: "name"},
	})
}

func TestService(t *testing.T) {
	probe := func(keeper, rest string) moduletest.Answer {
		return moduletest.Answer{On: "script: unit probe*", Stdout: "@@ keeper\n" + keeper + "\n" + rest}
	}
	for _, c := range []struct {
		name, probe, rest string
		args              *value.Map
		acts              []string // the commands given, in order
		want              string
	}{
		{"OpenRC starts and adds", "openrc", "@@ script\n@@ status\nstopped\n@@ statusrc\n3\n", value.NewMap("name", "sshd", "state", "started", "enabled", true, "runlevel", "boot"),
			[]string{"script: unit act rc-update add 'sshd' 'boot' rc-service 'sshd' start"}, "{'changed': True, 'name': 'sshd', 'enabled': True, 'state': 'started'}"},
		{"OpenRC as it is", "openrc", "@@ script\n@@ status\nstarted\n@@ statusrc\n0\n@@ starts\n", value.NewMap("name", "sshd", "state", "started", "enabled", true),
			nil, "{'changed': False, 'name': 'sshd', 'enabled': True, 'state': 'started'}"},
		{"SysV stops", "sysvinit", "@@ script\n@@ statusrc\n0\n", value.NewMap("name", "cron", "state", "stopped", "arguments", "now"),
			[]string{"script: unit act service 'cron' stop now"}, "{'changed': True, 'name': 'cron', 'state': 'stopped'}"},
		{"SysV restarts with a pause", "sysvinit", "@@ script\n@@ statusrc\n0\n", value.NewMap("name", "cron", "state", "restarted", "sleep", 7),
			[]string{"script: unit act service 'cron' stop", "script: unit act service 'cron' start"}, "{'changed': True, 'name': 'cron', 'state': 'started'}"},
		{"unknown", "sysvinit", "@@ statusrc\n4\n", value.NewMap("name", "cron", "state", "started"), nil,
			"{'changed': False, 'msg': 'Could not find the requested service cron: host', 'failed': True}"},
		{"masked without systemd", "openrc", "@@ script\n@@ statusrc\n0\n", value.NewMap("name", "cron", "masked", true), nil,
			"{'changed': False, 'msg': 'masked, daemon_reload and daemon_reexec need systemd, and this host has openrc', 'failed': True}"},
		{"no keeper", "none", "", value.NewMap("name", "cron", "state", "started"), nil,
			"{'changed': False, 'msg': 'this host has neither systemd nor OpenRC nor SysV init', 'failed': True}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := moduletest.NewScript(t, probe(c.probe, c.rest), moduletest.Answer{On: "script: unit act*", Writes: true})
			if got := show(applied(t, system.Service, s, c.args)); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			var acts []string
			for _, call := range s.Calls()[1:] {
				acts = append(acts, call.Line)
			}
			if strings.Join(acts, "\n") != strings.Join(c.acts, "\n") {
				t.Errorf("gave %q, want %q", acts, c.acts)
			}
			if c.args.Has("sleep") && s.Control.Clock.Slept.Seconds() != 7 {
				t.Errorf("slept %v", s.Control.Clock.Slept)
			}
		})
	}
}

func TestServiceFacts(t *testing.T) {
	out := `@@ sysv
 [ + ]  cron
 [ - ]  x11-common
@@ units
auditd.service    not-found inactive dead    auditd.service
● bad.service     loaded    failed   failed  Bad
k3s.service       loaded    active   running Lightweight Kubernetes
once.service      loaded    active   exited  Once
@@ files
bad.service enabled enabled
getty@.service enabled enabled
k3s.service enabled enabled
off.service disabled enabled
once.service static -
@@ states
Names=off.service off-alias.service
ActiveState=inactive
`
	want := map[string]string{
		"cron":           "{'name': 'cron', 'state': 'running', 'source': 'sysv'}",
		"x11-common":     "{'name': 'x11-common', 'state': 'stopped', 'source': 'sysv'}",
		"auditd.service": "{'name': 'auditd.service', 'state': 'stopped', 'status': 'not-found', 'source': 'systemd'}",
		"bad.service":    "{'name': 'bad.service', 'state': 'stopped', 'status': 'failed', 'source': 'systemd'}",
		"k3s.service":    "{'name': 'k3s.service', 'state': 'running', 'status': 'enabled', 'source': 'systemd'}",
		"once.service":   "{'name': 'once.service', 'state': 'stopped', 'status': 'static', 'source': 'systemd'}",
		"off.service":    "{'name': 'off.service', 'state': 'inactive', 'status': 'disabled', 'source': 'systemd'}",
		"getty@.service": "{'name': 'getty@.service', 'state': 'unknown', 'status': 'enabled', 'source': 'systemd'}",
	}
	s := moduletest.NewScript(t, moduletest.Answer{On: "script: services", Stdout: out})
	got := applied(t, system.ServiceFacts, s, &value.Map{}).Facts.Value("services").(*value.Map)
	if got.Len() != len(want) {
		t.Errorf("%d services, want %d", got.Len(), len(want))
	}
	for name, w := range want {
		if g := value.Repr(got.Value(name)); g != w {
			t.Errorf("%s is %s, want %s", name, g, w)
		}
	}
	s = moduletest.NewScript(t, moduletest.Answer{On: "script: services", Stdout: "@@ openrc\n sshd      [  started 00:10:02 (0) ]\n crond     [  stopped  ]\n"})
	if g := value.Repr(applied(t, system.ServiceFacts, s, &value.Map{}).Facts); g !=
		"{'services': {'sshd': {'name': 'sshd', 'state': 'started', 'source': 'openrc'}, 'crond': {'name': 'crond', 'state': 'stopped', 'source': 'openrc'}}}" {
		t.Errorf("OpenRC: %s", g)
	}
}

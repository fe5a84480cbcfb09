package system_test

import (
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/modules/system"
)

// TestSELinux holds what the messages and the files of Ansible's module follow from; its library cannot run where there is no SELinux.
func TestSELinux(t *testing.T) {
	const conf = "# x\nSELINUX=enforcing\nSELINUXTYPE=targeted\n"
	set := func(mode string, conf string) func(h *moduletest.Host) {
		return func(h *moduletest.Host) {
			h.Rooted = true
			moduletest.Put(must{}, h.Dir, map[string]string{"etc/selinux/config": conf, "etc/selinux/targeted/policy/": "", "etc/selinux/mls/policy/": "", "mode": mode})
			h.Command(must{}, "getenforce", `[ -s "$HOME/mode" ] && cat "$HOME/mode"`)
			h.Command(must{}, "setenforce", `case $1 in 1) echo Enforcing ;; *) echo Permissive ;; esac >"$HOME/mode"`)
			h.Command(must{}, "grubby", `case $1 in --info=ALL) cat "$HOME/args" 2>/dev/null || echo 'args="ro selinux=0"' ;; *) echo 'args="ro"' >"$HOME/args"; echo "$*" >>"$HOME/told" ;; esac`)
		}
	}
	moduletest.Run(t, system.SELinux, []moduletest.Case{
		{Name: "as it is", Set: set("Enforcing\n", conf), Args: []any{"state", "enforcing", "policy", "targeted"}, Want: map[string]any{"changed": false, "reboot_required": false, "msg": ""}},
		{Name: "permissive", Set: set("Enforcing\n", conf), Args: []any{"state", "permissive", "policy", "targeted"}, Plan: module.KindChange,
			Want:  map[string]any{"msg": "SELinux state changed from 'enforcing' to 'permissive', Config SELinux state changed from 'enforcing' to 'permissive'"},
			After: map[string]string{"mode": "Permissive\n", "etc/selinux/config": "# x\nSELINUX=permissive\nSELINUXTYPE=targeted\n"}},
		{Name: "disabled", Set: set("Enforcing\n", conf), Args: []any{"state", "disabled"}, Plan: module.KindChange,
			Want:  map[string]any{"msg": "Config SELinux state changed from 'enforcing' to 'disabled'", "policy": "targeted", "reboot_required": true},
			After: map[string]string{"mode": "Permissive\n", "etc/selinux/config": "# x\nSELINUX=disabled\nSELINUXTYPE=targeted\n"}},
		{Name: "disabled already, for the next boot", Set: set("Permissive\n", "SELINUX=disabled\nSELINUXTYPE=targeted"), Args: []any{"state", "disabled"},
			Want: map[string]any{"changed": false, "reboot_required": true}},
		{Name: "enforcing where none runs", Set: set("", "SELINUX=disabled\nSELINUXTYPE=targeted\n"), Args: []any{"state", "enforcing", "policy", "targeted"}, Plan: module.KindChange,
			Want: map[string]any{"reboot_required": true}, After: map[string]string{"etc/selinux/config": "SELINUX=enforcing\nSELINUXTYPE=targeted\n"}},
		{Name: "another policy", Set: set("Enforcing\n", conf), Args: []any{"state", "enforcing", "policy", "mls"}, Plan: module.KindChange,
			Want:  map[string]any{"msg": "Running SELinux policy changed from 'targeted' to 'mls', SELinux policy configuration in '/etc/selinux/config' changed from 'targeted' to 'mls'"},
			After: map[string]string{"etc/selinux/config": "# x\nSELINUX=enforcing\nSELINUXTYPE=mls\n"}},
		{Name: "no such policy", Set: set("", conf), Args: []any{"state", "enforcing", "policy", "nope"}, Fails: "Policy nope does not exist in /etc/selinux/"},
		{Name: "no policy", Set: set("", conf), Args: []any{"state", "enforcing"}, Fails: "Policy is required if state is not 'disabled'"},
		{Name: "no file", Set: set("", conf), Args: []any{"state", "disabled", "configfile", "/etc/nope"}, Fails: "Unable to find file /etc/nope"},
		{Name: "the command line", Set: set("Enforcing\n", conf), Args: []any{"state", "enforcing", "policy", "targeted", "update_kernel_param", true}, Plan: module.KindChange,
			Want: map[string]any{"msg": "Kernel SELinux state changed from 'disabled' to 'enabled'"}, After: map[string]string{"told": "--update-kernel=ALL --remove-args selinux=0\n"}},
	})
}

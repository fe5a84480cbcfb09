package system_test

import (
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/modules/system"
)

// What the kernel refuses is known by sysctl's words alone, which it has in the language of the host.
func TestSysctlOfAnotherLanguage(t *testing.T) {
	moduletest.Run(t, system.Sysctl, []moduletest.Case{{
		Name: "refused with the status 0",
		Set: func(h *moduletest.Host) {
			h.Env = []string{"LC_ALL=de_DE.UTF-8"}
			h.Command(t, "sysctl", `case "$*" in *-n*) echo 1; exit ;; esac
case $LC_ALL in C) echo 'sysctl: setting key "vm.x": Invalid argument' >&2 ;; *) echo 'sysctl: Festlegen von "vm.x": ungültig' >&2 ;; esac`)
		},
		Args: []any{"name", "vm.x", "value", "7", "sysctl_file", "$DIR/conf", "sysctl_set", true}, Plan: module.KindChange,
		Fails: "setting vm.x failed: sysctl: setting key", Repeats: "it failed",
	}})
}

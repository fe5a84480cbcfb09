package system_test

import (
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/modules/system"
)

// The file that becomes a crontab can be written by nobody else while crontab reads it.
func TestCrontabOnItsWay(t *testing.T) {
	moduletest.Run(t, system.Cron, []moduletest.Case{{
		Name: "a new job",
		Set: func(h *moduletest.Host) {
			h.Command(t, "crontab", `case $1 in -l) cat "$HOME/tab" 2>/dev/null ;; *) stat -c %a "$1" >"$HOME/mode"; cat "$1" >"$HOME/tab" ;; esac`)
		},
		Args: []any{"name", "one", "job", "/bin/one"}, Plan: module.KindChange,
		After: map[string]string{"mode": "644\n", "tab": "#Ansible: one\n* * * * * /bin/one\n"},
	}})
}

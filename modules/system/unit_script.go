// Services of OpenRC and SysV init: what their status says, and the commands for them.

package system

import (
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
)

// seeScript decides for OpenRC and SysV init from the exit status of the service's status command.
func (u *unit) seeScript(keeper string, s map[string]string) sight {
	if _, there := s["script"]; !there {
		return failing("Could not find the requested service %s: host", u.name)
	}
	if u.args.Masked != nil || len(u.reloads()) > 0 {
		return failing("masked, daemon_reload and daemon_reexec need systemd, and this host has %s", keeper)
	}
	_, starts := s["starts"]
	running := strings.TrimSpace(s["statusrc"]) == "0"
	see := sight{result: module.Result{}.With("name", u.name)}
	var before, after string
	if u.args.Enabled != nil {
		see.result = see.result.With("enabled", *u.args.Enabled)
		if starts != *u.args.Enabled {
			see.actions = append(see.actions, u.enabling(keeper))
			before, after = word(starts, "enabled\n", "disabled\n"), word(!starts, "enabled\n", "disabled\n")
		}
	}
	if u.args.State != "" {
		see.result = see.result.With("state", word(u.args.State == "stopped", "stopped", "started"))
		steps, becomes := u.scriptSteps(keeper, running)
		if len(steps) > 0 {
			see.actions = append(see.actions, steps...)
			before, after = before+word(running, "started\n", "stopped\n"), after+becomes+"\n"
		}
	}
	see.diff = module.Text(before, after)
	return see
}

func word(b bool, yes, no string) string {
	if b {
		return yes
	}
	return no
}

// enabling is the action that makes a service start at boot, or not.
func (u *unit) enabling(keeper string) action {
	on, name := *u.args.Enabled, quote(u.name)
	if keeper == "openrc" {
		return action{command: "rc-update " + word(on, "add ", "del ") + name + " " + quote(u.runlevel), does: word(on, "enable", "disable")}
	}
	command := "if command -v update-rc.d >/dev/null 2>&1; then update-rc.d " + name + " defaults && update-rc.d " + name + word(on, " enable", " disable") +
		"; else chkconfig " + name + word(on, " on", " off") + "; fi"
	return action{command: command, does: word(on, "enable", "disable")}
}

// scriptSteps are the actions that bring a service into its state.
func (u *unit) scriptSteps(keeper string, running bool) (steps []action, becomes string) {
	do := func(verb string) action {
		command := word(keeper == "openrc", "rc-service ", "service ") + quote(u.name) + " " + verb
		if u.words != "" {
			command += " " + u.words
		}
		return action{command: command, does: verb}
	}
	switch state := u.args.State; {
	case state == "stopped" && running:
		return []action{do("stop")}, "stopped"
	case state == "stopped", state == "started" && running:
		return nil, ""
	case !running:
		return []action{do("start")}, "started"
	case state == "reloaded":
		return []action{do("reload")}, "reloaded"
	case u.sleep != nil:
		start := do("start")
		start.sleep = *u.sleep
		return []action{do("stop"), start}, "restarted"
	}
	return []action{do("restart")}, "restarted"
}

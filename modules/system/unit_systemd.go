// What systemd says of a unit, and what it has to be told.

package system

import (
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// seeSystemd reads the sections of the probe and decides.
func (u *unit) seeSystemd(s map[string]string) sight {
	if u.name == "" {
		return sight{result: module.Result{}.With("name", nil).With("status", dict())}
	}
	status := readProperties(s["show"])
	_, hasScript := s["script"]
	load, known := status.Get("LoadState")
	if strings.TrimSpace(s["showrc"]) != "0" || !known {
		return failing("systemd does not answer about %s: %s", u.name, strings.TrimSpace(s["show"]))
	}
	wanted := u.args.State != "" || u.args.Enabled != nil || u.args.Masked != nil && !*u.args.Masked
	if load == "not-found" && !hasScript && wanted {
		return failing("Could not find the requested service %s: host", u.name)
	}
	see := sight{result: module.Result{}.With("name", u.name).With("status", status)}
	var before, after []string
	note := func(was, becomes string) {
		before, after = append(before, was+"\n"), append(after, becomes+"\n")
	}
	u.decideMask(&see, s, status, note)
	u.decideEnabled(&see, s, hasScript, note)
	u.decideState(&see, status, note)
	see.diff = module.Text(strings.Join(before, ""), strings.Join(after, ""))
	return see
}

// control is the command line of systemctl for a verb.
func (u *unit) control(verb string) action {
	words := []string{"systemctl", "--" + u.args.Scope}
	if u.args.Scope == "user" {
		words = append([]string{`XDG_RUNTIME_DIR="${XDG_RUNTIME_DIR:-/run/user/$(id -u)}"`}, words...)
	}
	if u.args.NoBlock {
		words = append(words, "--no-block")
	}
	if u.args.Force != nil && *u.args.Force {
		words = append(words, "--force")
	}
	return action{command: strings.Join(append(words, verb, quote(u.name)), " "), does: verb}
}

func (u *unit) decideMask(see *sight, s map[string]string, status *value.Map, note func(was, becomes string)) {
	if u.args.Masked == nil {
		return
	}
	masked := status.Value("LoadState") == "masked" || strings.HasPrefix(s["enabled"], "masked")
	if masked == *u.args.Masked {
		return
	}
	if masked {
		see.actions = append(see.actions, u.control("unmask"))
		note("masked", "not masked")
	} else {
		see.actions = append(see.actions, u.control("mask"))
		note("not masked", "masked")
	}
}

func (u *unit) decideEnabled(see *sight, s map[string]string, hasScript bool, note func(was, becomes string)) {
	if u.args.Enabled == nil {
		return
	}
	enabled := isEnabled(s, hasScript && u.args.Scope == "system")
	see.result = see.result.With("enabled", *u.args.Enabled)
	if enabled == *u.args.Enabled {
		return
	}
	if enabled {
		see.actions = append(see.actions, u.control("disable"))
		note("enabled", "disabled")
	} else {
		see.actions = append(see.actions, u.control("enable"))
		note("disabled", "enabled")
	}
}

// isEnabled reads systemctl is-enabled: static and generated units count as enabled, mere aliases do not. A script of SysV init that
// systemd knows nothing of is enabled by its links.
func isEnabled(s map[string]string, hasScript bool) bool {
	word := strings.TrimSpace(s["enabled"])
	if strings.TrimSpace(s["enabledrc"]) == "0" {
		return word != "indirect" && word != "alias"
	}
	return hasScript && word != "disabled" && strings.TrimSpace(s["script"]) != ""
}

func (u *unit) decideState(see *sight, status *value.Map, note func(was, becomes string)) {
	if u.args.State == "" {
		return
	}
	active := value.Str(status.Value("ActiveState"))
	running := active == "active" || active == "activating"
	state := u.args.State
	if state == "reloaded" || state == "restarted" {
		state = "started"
	}
	see.result = see.result.With("state", state)
	verb, becomes := "", "active"
	switch {
	case u.args.State == "stopped":
		if running || active == "deactivating" {
			verb, becomes = "stop", "inactive"
		}
	case !running:
		verb = "start"
	case u.args.State == "restarted":
		verb, becomes = "restart", "active, restarted"
	case u.args.State == "reloaded":
		verb, becomes = "reload", "active, reloaded"
	}
	if verb != "" {
		see.actions = append(see.actions, u.control(verb))
		note(active, becomes)
	}
}

// readProperties reads the output of systemctl show. A value that begins with a brace goes on until a line ends with one.
func readProperties(text string) *value.Map {
	m := &value.Map{}
	key, open := "", ""
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if open != "" {
			if open += "\n" + line; strings.HasSuffix(strings.TrimRight(line, " "), "}") {
				m.Set(key, strings.TrimSpace(open))
				open = ""
			}
			continue
		}
		k, val, ok := strings.Cut(line, "=")
		if !ok {
			continue
		}
		if strings.HasPrefix(k, "Exec") && strings.HasPrefix(strings.TrimLeft(val, " "), "{") && !strings.HasSuffix(strings.TrimRight(val, " "), "}") {
			key, open = k, val
			continue
		}
		m.Set(k, strings.TrimSpace(val))
	}
	return m
}

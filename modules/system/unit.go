// What systemd, service and their like have in common: look, decide on commands, run them.

package system

import (
	"context"
	_ "embed"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
)

var (
	//go:embed unit_probe.sh
	unitProbe string
	//go:embed unit_act.sh
	unitAct string
)

// unit is one task of systemd or service.
type unit struct {
	name     string
	args     unitArgs
	keeper   string // what was asked for: auto, systemd, openrc, sysvinit
	runlevel string
	words    string // further arguments of the service's script
	sleep    *int
	clock    module.Clock
}

// action is a command and what to say if it fails: "Unable to start service nginx: ".
type action struct {
	command string
	does    string
	sleep   int // seconds to wait before it
}

// sight is what a look at a service has found: by name for the results, and what is to be done.
type sight struct {
	failure *module.Result
	actions []action
	result  module.Result // without changed
	diff    module.Diff
}

func (u *unit) plan(ctx context.Context, v module.View) (module.Plan, error) {
	seen, err := u.look(ctx, v.Query, nil)
	if err != nil {
		return module.Plan{}, err
	}
	if reload := u.reloads(); len(reload) > 0 && !(seen.failure != nil && u.keeper == "none") {
		plan := module.Change(seen.diff, func(ctx context.Context, h module.Host) (module.Result, error) {
			return u.reload(ctx, h, reload)
		}).Predicting(seen.result)
		if len(seen.actions) == 0 || seen.failure != nil {
			plan = plan.Quietly()
		}
		return plan, nil
	}
	switch {
	case seen.failure != nil:
		return module.Done(*seen.failure), nil
	case len(seen.actions) == 0:
		return module.Done(seen.result), nil
	}
	return module.Change(seen.diff, func(ctx context.Context, h module.Host) (module.Result, error) {
		return u.act(ctx, h, seen)
	}).Predicting(seen.result), nil
}

// reloads are the commands by which systemd itself is to begin anew. They change nothing that counts.
func (u *unit) reloads() []string {
	var words []string
	if u.args.DaemonReexec {
		words = append(words, "daemon-reexec")
	}
	if u.args.DaemonReload {
		words = append(words, "daemon-reload")
	}
	return words
}

// reload tells systemd to read its files again and looks afterwards: units may be others now.
func (u *unit) reload(ctx context.Context, h module.Host, words []string) (module.Result, error) {
	seen, err := u.look(ctx, h.Exec, words)
	switch {
	case err != nil:
		return module.Result{}, err
	case seen.failure != nil:
		return *seen.failure, nil
	}
	return u.act(ctx, h, seen)
}

// look runs the probe by ask, which is a Query or, in an Apply, an Exec.
func (u *unit) look(ctx context.Context, ask func(context.Context, module.Cmd) (module.Output, error), first []string) (sight, error) {
	args := append([]string{u.keeper, u.name, u.args.Scope, u.runlevel}, first...)
	out, err := ask(ctx, module.Cmd{Script: unitProbe, Args: args})
	if err != nil {
		return sight{}, err
	}
	s := module.Sections(out.Stdout)
	switch keeper := strings.TrimSpace(s["keeper"]); {
	case keeper == "none" && u.keeper == "systemd":
		return failing("this host has no systemd"), nil
	case keeper == "none":
		return failing("this host has neither systemd nor OpenRC nor SysV init"), nil
	case s["refused"] != "":
		return failing("failure %s", strings.TrimSpace(s["refused"])), nil
	case keeper == "systemd":
		return u.seeSystemd(s), nil
	default:
		return u.seeScript(keeper, s), nil
	}
}

func failing(format string, args ...any) sight {
	r := module.Fail(format, args...)
	return sight{failure: &r}
}

// act runs the actions of a sight in one go, as far as no pause parts them.
func (u *unit) act(ctx context.Context, h module.Host, seen sight) (module.Result, error) {
	for rest := seen.actions; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n].sleep == 0 {
			n++
		}
		if err := u.clock.Sleep(ctx, seconds(rest[0].sleep)); err != nil {
			return module.Result{}, err
		}
		if failed, err := u.runAll(ctx, h, rest[:n]); err != nil || failed != nil {
			return orZero(failed), err
		}
		rest = rest[n:]
	}
	seen.result.Changed = len(seen.actions) > 0
	return seen.result, nil
}

func (u *unit) runAll(ctx context.Context, h module.Host, actions []action) (*module.Result, error) {
	args := make([]string, len(actions))
	for i, a := range actions {
		args[i] = a.command
	}
	out, err := h.Exec(ctx, module.Cmd{Script: unitAct, Args: args})
	if err != nil || out.Rc == 0 {
		return nil, err
	}
	s := module.Sections(out.Stdout)
	n, _ := strconv.Atoi(strings.TrimSpace(s["failed"]))
	why := strings.TrimSpace(out.Stderr)
	if why == "" {
		why = strings.TrimSpace(s[""])
	}
	r := module.Fail("Unable to %s service %s: %s", actions[min(n, len(actions)-1)].does, u.name, why)
	r.Changed = n > 0
	return &r, nil
}

// quote makes a word safe for sh.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

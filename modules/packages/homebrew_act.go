// Deciding what brew is told, and telling it.

package packages

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/modules/onhost"
)

func several(list []string) string {
	if len(list) > 1 {
		return "s"
	}
	return ""
}

// brewDeeds are the commands to give, and what to say.
type brewDeeds struct {
	commands           [][]string
	changed, unchanged []string
	msg, foretold      string
	fails              string // what to say instead of brew's own words
}

func (b *brew) those(of map[string]bool, is bool) []string {
	var out []string
	for _, name := range b.names {
		if of[name] == is && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// decide finds what is to be done about the packages.
func (b *brew) decide() (brewDeeds, *module.Result) {
	missing, there := b.those(b.installed, false), b.those(b.installed, true)
	var options []string
	for _, o := range b.InstallOptions {
		options = append(options, "--"+o)
	}
	command := func(verb string, names []string) []string { return slices.Concat([]string{verb}, options, names) }
	said := func(names []string, how string) string {
		return "Package" + several(names) + " " + how + ": " + strings.Join(names, ", ")
	}
	if len(b.names) == 0 {
		return brewDeeds{}, nil
	}
	switch b.State {
	case "linked", "unlinked":
		if len(missing) > 0 {
			r := module.Fail("%s.", said(missing, "not installed"))
			return brewDeeds{}, &r
		}
		return brewDeeds{commands: [][]string{command(strings.TrimSuffix(b.State, "ed"), b.names)}, changed: b.names, msg: said(b.names, b.State), foretold: said(b.names, "would be "+b.State),
			fails: said(b.names, "could not be "+b.State) + "."}, nil
	case "absent", "removed", "uninstalled":
		if len(there) == 0 {
			return brewDeeds{unchanged: b.names, msg: said(b.names, "already uninstalled")}, nil
		}
		argv := slices.Concat([]string{"uninstall", "--force"}, options, there)
		return brewDeeds{commands: [][]string{argv}, changed: there, unchanged: missing, msg: said(there, "uninstalled"), foretold: said(there, "would be uninstalled")}, nil
	case "latest", "upgraded":
		return b.upgrade(missing, there, command, said), nil
	}
	if len(missing) == 0 {
		return brewDeeds{unchanged: b.names, msg: said(b.names, "already installed")}, nil
	}
	argv := command("install", missing)
	if b.State == "head" {
		argv = append(argv, "--HEAD")
	}
	if b.Formula {
		argv = append(argv, "--formula")
	}
	return brewDeeds{commands: [][]string{argv}, changed: missing, unchanged: there, msg: said(missing, "installed"), foretold: said(missing, "would be installed")}, nil
}

func (b *brew) upgrade(missing, there []string, command func(string, []string) []string, said func([]string, string) string) brewDeeds {
	old := slices.DeleteFunc(slices.Clone(there), func(n string) bool { return !b.outdated[n] })
	all := append(slices.Clone(missing), old...)
	if len(all) == 0 {
		return brewDeeds{unchanged: b.names, msg: said(b.names, "already upgraded")}
	}
	d := brewDeeds{changed: all, msg: said(all, "upgraded"), foretold: said(all, "would be upgraded")}
	d.unchanged = slices.DeleteFunc(slices.Clone(b.names), func(n string) bool { return slices.Contains(all, n) })
	if len(missing) > 0 {
		d.commands = append(d.commands, command("install", missing))
	}
	if len(old) > 0 {
		d.commands = append(d.commands, command("upgrade", old))
	}
	return d
}

func (b *brew) result(d brewDeeds, msg string) module.Result {
	if n := len(d.changed) + len(d.unchanged); n > 1 {
		msg = "Changed: " + strconv.Itoa(len(d.changed)) + ", Unchanged: " + strconv.Itoa(len(d.unchanged))
	}
	return module.Result{}.With("msg", msg).With("changed_pkgs", texts(d.changed)).With("unchanged_pkgs", texts(d.unchanged))
}

// carry updates, upgrades, and then does what is to be done about the packages.
func (b *brew) carry(ctx context.Context, h module.Host, d brewDeeds) (module.Result, error) {
	changed, msg := false, ""
	for _, first := range []struct {
		wanted             bool
		argv               []string
		did, same, already string
	}{
		{b.Update, []string{"update"}, "Homebrew updated successfully.", "Homebrew already up-to-date.", "already up-to-date."},
		{b.UpgradeAll, append([]string{"upgrade"}, hyphens(b.UpgradeOptions)...), "Homebrew upgraded.", "Homebrew packages already upgraded.", ""},
	} {
		if !first.wanted {
			continue
		}
		out, err := b.tell(ctx, h, first.argv)
		if err != nil {
			return module.Result{}, err
		}
		switch {
		case out.Rc != 0:
			return module.Fail("%s", strings.TrimSpace(out.Stderr)), nil
		case out.Stdout == "" || first.already != "" && strings.Contains(strings.ToLower(out.Stdout), first.already):
			msg = first.same
		default:
			changed, msg = true, first.did
		}
	}
	if (b.Update || b.UpgradeAll) && len(b.names) > 0 {
		failed, err := b.look(ctx, h.Exec)
		if err == nil && failed == nil {
			d, failed = b.decide()
		}
		if err != nil || failed != nil {
			return orFailed(failed), err
		}
	}
	for _, argv := range d.commands {
		out, err := b.tell(ctx, h, argv)
		switch {
		case err != nil:
			return module.Result{}, err
		case out.Rc != 0 && d.fails != "":
			return module.Fail("%s", d.fails), nil
		case out.Rc != 0:
			return module.Fail("%s", strings.TrimSpace(out.Stderr)), nil
		}
	}
	if len(b.names) > 0 {
		msg = d.msg
	}
	r := b.result(d, msg)
	r.Changed = changed || len(d.commands) > 0
	return r, nil
}

func hyphens(options []string) []string {
	out := make([]string, len(options))
	for i, o := range options {
		out[i] = "--" + o
	}
	return out
}

// tell runs brew.
func (b *brew) tell(ctx context.Context, h module.Host, argv []string) (module.Output, error) {
	cmd := onhost.Tool(append([]string{b.path}, argv...)...)
	cmd.Env = []string{"LANG=C", "LC_ALL=C"}
	if !b.Update {
		cmd.Env = append(cmd.Env, "HOMEBREW_NO_AUTO_UPDATE=True")
	}
	return h.Exec(ctx, cmd)
}

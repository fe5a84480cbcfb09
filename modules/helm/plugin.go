package helm

import (
	"context"
	"errors"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// Plugin installs, updates and removes plugins of helm.
var Plugin = module.Define(module.Spec{
	Name:    "kubernetes.core.helm_plugin",
	Aliases: []string{"community.kubernetes.helm_plugin"},
	Doc:     "Install, update and remove plugins of the helm of the host.",
}, planPlugin)

type pluginArgs struct {
	access
	Path    string `arg:"plugin_path" doc:"Where the plugin comes from: a URL or a folder; needed with state present."`
	Name    string `arg:"plugin_name" doc:"Name of the plugin; needed with state absent and latest."`
	Version string `arg:"plugin_version" doc:"Version to install."`
	State   string `arg:"state,default=present,choices=absent|present|latest" doc:"Whether the plugin is to be there."`
}

func (a pluginArgs) check() error {
	switch {
	case a.Name != "" && a.Path != "":
		return errors.New("parameters are mutually exclusive: plugin_name|plugin_path")
	case a.State == "present" && a.Path == "":
		return errors.New("state is present but all of the following are missing: plugin_path")
	case a.State != "present" && a.Name == "":
		return errors.New("state is " + a.State + " but all of the following are missing: plugin_name")
	}
	return a.exclusive(true)
}

// pluginVerb is what a state means: the command, and what is said before and after.
type pluginVerb struct{ command, missing, done, refused string }

func verbOf(state string) pluginVerb {
	if state == "absent" {
		return pluginVerb{"uninstall", "Plugin not found or is already uninstalled", "Plugin uninstalled successfully", "Failed to get Helm plugin uninstall"}
	}
	return pluginVerb{"update", "Plugin not found", "Plugin updated successfully", "Failed to get Helm plugin update"}
}

func (a pluginArgs) session(what string) session { return session{access: a.access, what: what} }

func planPlugin(ctx context.Context, v module.View, a pluginArgs) (module.Plan, error) {
	if err := a.check(); err != nil {
		return module.Done(module.Fail("%v", err)), nil
	}
	if a.State == "present" {
		return a.install(), nil
	}
	list, all, err := a.session("list the plugins").list(ctx, v)
	if err != nil {
		return ended(err)
	}
	verb := verbOf(a.State)
	was, ok := find(all, a.Name)
	if !ok {
		r := list
		r.Msg = verb.missing
		return module.Done(r), nil
	}
	d := module.Text(a.Name+" "+was.version+"\n", "")
	if a.State == "latest" {
		d.After = a.Name + " (latest)\n"
	}
	command := helmMark + " plugin " + verb.command + " " + a.Name
	return module.Change(d, func(ctx context.Context, h module.Host) (module.Result, error) {
		return answered(a.act(ctx, h, command, verb.done, verb.refused))
	}).Predicting(a.promised(command, verb.done)), nil
}

// list lists the plugins; the result holds what helm said.
func (s session) list(ctx context.Context, v module.View) (module.Result, []plugin, error) {
	const command = helmMark + " plugin list"
	got, err := s.run(ctx, v, v.Query, step{line: command})
	if err != nil {
		return module.Result{}, nil, err
	}
	out := got.steps[0]
	r := module.Result{}.With("command", got.command(command)).With("stdout", out.Stdout).With("stderr", out.Stderr).With("rc", out.Rc)
	if out.Stdout == "" && out.Stderr == "" {
		r.Failed, r.Msg = true, "Failed to get Helm plugin info"
		return r, nil, failure{r}
	}
	all, err := plugins(out.Stdout)
	if err != nil {
		return r, nil, failure{module.Fail("%v", err)}
	}
	return r, all, nil
}

// install cannot foretell what it will do: only helm knows the name of what it is to fetch.
func (a pluginArgs) install() module.Plan {
	var l line
	l.WriteString(helmMark + " plugin install " + a.Path)
	l.opt("--version=", a.Version)
	return module.Change(module.Diff{After: "plugin of " + a.Path + "\n"}, func(ctx context.Context, h module.Host) (module.Result, error) {
		return answered(a.act(ctx, h, l.String(), installed, "Failure when executing Helm command."))
	}).Predicting(a.promised(l.String(), installed))
}

const installed = "Plugin installed successfully"

// promised is what check mode answers.
func (a pluginArgs) promised(command, done string) module.Result {
	r := a.foretold(command)
	r.Msg = done
	return r
}

func (a pluginArgs) act(ctx context.Context, h module.Host, command, done, refused string) (module.Result, error) {
	got, err := a.session("change the plugins").run(ctx, h, h.Exec, step{line: command, mayFail: true})
	if err != nil {
		return module.Result{}, err
	}
	out := got.steps[0]
	r := module.Result{Msg: done, Changed: true}
	switch {
	case a.State == "present" && out.Rc == 1 && strings.Contains(out.Stderr, "plugin already exists"):
		r = module.Result{Msg: "Plugin already exists"}
	case out.Rc != 0:
		r = module.Fail("%s", refused)
	}
	return r.With("command", got.command(command)).With("stdout", out.Stdout).With("stderr", out.Stderr).With("rc", out.Rc), nil
}

// PluginInfo lists plugins of helm.
var PluginInfo = module.Define(module.Spec{
	Name:    "kubernetes.core.helm_plugin_info",
	Aliases: []string{"community.kubernetes.helm_plugin_info"},
	Doc:     "List the plugins of the helm of the host.",
}, planPluginInfo)

type pluginInfoArgs struct {
	access
	Name string `arg:"plugin_name" doc:"Only this plugin."`
}

func planPluginInfo(ctx context.Context, v module.View, a pluginInfoArgs) (module.Plan, error) {
	if err := a.exclusive(true); err != nil {
		return module.Done(module.Fail("%v", err)), nil
	}
	r, all, err := session{access: a.access, what: "list the plugins"}.list(ctx, v)
	if err != nil {
		return ended(err)
	}
	list := []any{}
	for _, p := range all {
		if a.Name == "" || p.name == a.Name {
			list = append(list, value.NewMap("name", p.name, "version", p.version, "description", p.description))
		}
	}
	r.Changed = true // as Ansible's module has it
	return module.Done(r.With("plugin_list", list)), nil
}

package packages

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
)

// Pacman manages packages of Arch Linux.
var Pacman = module.Define(module.Spec{
	Name:     "community.general.pacman",
	Doc:      "Install, upgrade and remove packages of Arch Linux.",
	Disrupts: module.PackageArgs,
}, planPacman)

type pacmanArgs struct {
	Name             []string `arg:"name,alias=pkg|package" doc:"Packages: names, groups, REPOSITORY/NAME, files, URLs."`
	State            string   `arg:"state,default=present,choices=present|installed|latest|absent|removed" doc:"What the packages are to be."`
	Force            bool     `arg:"force,default=no" doc:"Remove without looking at dependencies; refresh the index even if it seems fresh."`
	RemoveNosave     bool     `arg:"remove_nosave,default=no" doc:"Keep no copies of changed configuration when removing."`
	Executable       string   `arg:"executable,default=pacman" doc:"The program to run: pacman, or a helper that takes its options."`
	ExtraArgs        string   `arg:"extra_args" doc:"Further options when installing and removing."`
	Upgrade          *bool    `arg:"upgrade" doc:"Upgrade all packages."`
	UpgradeExtraArgs string   `arg:"upgrade_extra_args" doc:"Further options when upgrading all."`
	UpdateCache      *bool    `arg:"update_cache" doc:"Refresh the index of packages first."`
	UpdateExtraArgs  string   `arg:"update_cache_extra_args" doc:"Further options when refreshing."`
	Reason           string   `arg:"reason,choices=explicit|dependency" doc:"Why the packages are to count as installed."`
	ReasonFor        string   `arg:"reason_for,default=new,choices=new|all" doc:"Whether the reason holds for newly installed packages only."`
}

func (a pacmanArgs) absent() bool { return a.State == "absent" || a.State == "removed" }

func on(b *bool) bool { return b != nil && *b }

func (a pacmanArgs) fault() string {
	switch {
	case a.Name == nil && a.UpdateCache == nil && a.Upgrade == nil:
		return "one of the following is required: name, update_cache, upgrade"
	case a.Name != nil && a.Upgrade != nil:
		return "parameters are mutually exclusive: name|upgrade"
	}
	for _, extra := range [][2]string{{"extra_args", a.ExtraArgs}, {"upgrade_extra_args", a.UpgradeExtraArgs}, {"update_cache_extra_args", a.UpdateExtraArgs}} {
		if _, err := module.SplitWords(extra[1]); err != nil {
			return extra[0] + ": " + err.Error()
		}
	}
	return ""
}

func words(line string) []string {
	w, _ := module.SplitWords(line) // checked before
	return w
}

// pacmanJob is one task of pacman on its way.
type pacmanJob struct {
	args pacmanArgs
	msgs []string
	outs []string
	errs []string
	r    module.Result
}

// say adds to the result's message and output.
func (j *pacmanJob) say(msg string, out module.Output) {
	for _, s := range []struct {
		into *[]string
		text string
	}{{&j.msgs, msg}, {&j.outs, out.Stdout}, {&j.errs, out.Stderr}} {
		if s.text != "" {
			*s.into = append(*s.into, s.text)
		}
	}
}

// result is the answer with all that was said.
func (j *pacmanJob) result() module.Result {
	r := j.r
	r.Data = r.Data.Clone()
	r = r.With("msg", strings.Join(j.msgs, "\n"))
	r.Msg = strings.Join(j.msgs, "\n")
	if s := strings.Join(j.outs, "\n"); s != "" {
		r = r.With("stdout", s)
	}
	if s := strings.Join(j.errs, "\n"); s != "" {
		r = r.With("stderr", s)
	}
	return r
}

func (j *pacmanJob) failed(msg string, argv []string, out module.Output) module.Result {
	j.say(msg, out)
	r := j.result()
	r.Failed, r.Changed = true, false // as Ansible's module answers
	return r.With("cmd", texts(argv))
}

func planPacman(ctx context.Context, v module.View, a pacmanArgs) (module.Plan, error) {
	if fault := a.fault(); fault != "" {
		return module.Done(module.Fail("%s", fault)), nil
	}
	j := &pacmanJob{args: a}
	todo, err := j.decide(ctx, v, v.Query)
	fresh := on(a.UpdateCache)
	apply := func(ctx context.Context, h module.Host) (module.Result, error) {
		return (&pacmanJob{args: a}).apply(ctx, h, todo)
	}
	switch {
	case err == nil && todo.bad != nil && fresh:
		return module.Opaque("the index of packages is to be refreshed first: "+todo.bad.Msg, apply), nil
	case err != nil || todo.bad != nil:
		return module.Done(orFailed(todo.bad)), err
	}
	foretold := &pacmanJob{args: a}
	if fresh {
		foretold.say("Would have updated the package db", module.Output{})
		foretold.r = foretold.r.With("cache_updated", true)
	}
	if todo.msg != "" {
		foretold.say(todo.msg, module.Output{})
		foretold.r = foretold.r.With("packages", texts(todo.packages))
	}
	if len(todo.commands) == 0 && !fresh {
		if !todo.counts {
			foretold.r.Data.Delete("packages")
		}
		return module.Done(foretold.result()), nil
	}
	plan := module.Change(todo.diff, apply).Predicting(foretold.result())
	if len(todo.commands) == 0 {
		plan = plan.Quietly() // whether the index holds anything new, only the refresh can tell
	}
	return plan, nil
}

// apply refreshes the index, looks again, and runs what is to be run.
func (j *pacmanJob) apply(ctx context.Context, h module.Host, todo pacmanTodo) (module.Result, error) {
	if on(j.args.UpdateCache) {
		bad, err := j.refresh(ctx, h)
		if err != nil || bad != nil {
			return orFailed(bad), err
		}
		if todo, err = j.decide(ctx, h, h.Exec); err != nil || todo.bad != nil {
			return orFailed(todo.bad), err
		}
	}
	if todo.counts {
		j.r = j.r.With("packages", texts(todo.packages))
	}
	if len(todo.commands) == 0 {
		j.say(todo.msg, module.Output{})
		return j.result(), nil
	}
	j.r.Changed = true
	j.r.Diff = &todo.diff
	for _, c := range todo.commands {
		out, err := h.Exec(ctx, module.Cmd{Argv: c.argv, Env: []string{"LC_ALL=C"}})
		if err != nil {
			return module.Result{}, err
		}
		if out.Rc != 0 {
			return j.failed(c.refused, c.argv, out), nil
		}
		j.say("", out)
	}
	j.say(todo.done, module.Output{})
	return j.result(), nil
}

// refresh fetches the index and tells by its list whether anything in it is new.
func (j *pacmanJob) refresh(ctx context.Context, h module.Host) (*module.Result, error) {
	argv := append([]string{j.args.Executable, "--sync", "--refresh"}, words(j.args.UpdateExtraArgs)...)
	list := module.Cmd{Argv: []string{j.args.Executable, "--sync", "--list"}, Env: []string{"LC_ALL=C"}}
	var before module.Output
	var err error
	if j.args.Force {
		argv = append(argv, "--refresh")
	} else if before, err = h.Exec(ctx, list); err != nil {
		return nil, err
	}
	out, err := h.Exec(ctx, module.Cmd{Argv: argv, Env: []string{"LC_ALL=C"}})
	if err != nil {
		return nil, err
	}
	updated := true
	if !j.args.Force {
		after, err := h.Exec(ctx, list)
		if err != nil {
			return nil, err
		}
		updated = !slices.Equal(slices.Sorted(slices.Values(module.Lines(before.Stdout))), slices.Sorted(slices.Values(module.Lines(after.Stdout))))
	}
	j.r = j.r.With("cache_updated", updated)
	j.r.Changed = j.r.Changed || updated
	if out.Rc != 0 {
		bad := j.failed("could not update package db", argv, out)
		return &bad, nil
	}
	j.say("Updated package db", out)
	return nil, nil
}

// pacmanTodo is what is to be done.
type pacmanTodo struct {
	commands []pacmanCommand
	packages []string
	counts   bool // the result tells the packages
	msg      string
	done     string // what to say when it is done
	diff     module.Diff
	bad      *module.Result
}

type pacmanCommand struct {
	argv    []string
	refused string
}

// sorted makes the lines of a diff.
func sortedLines(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return strings.Join(slices.Sorted(slices.Values(list)), "\n") + "\n"
}

// decide looks at the host and says what pacman has to be told.
func (j *pacmanJob) decide(ctx context.Context, v module.View, ask run) (pacmanTodo, error) {
	a := j.args
	if len(a.Name) == 0 && !on(a.Upgrade) && on(a.UpdateCache) {
		return pacmanTodo{}, nil
	}
	s, bad, err := j.look(ctx, ask)
	if err != nil || bad != nil {
		return pacmanTodo{bad: bad}, err
	}
	switch {
	case on(a.Upgrade):
		return a.upgrade(s), nil
	case len(a.Name) == 0:
		return pacmanTodo{msg: "Nothing to do"}, nil
	}
	pkgs, bad, err := j.resolve(ctx, ask, s)
	if err != nil || bad != nil {
		return pacmanTodo{bad: bad}, err
	}
	if a.absent() {
		return j.removal(ctx, ask, s, pkgs)
	}
	return j.installation(ctx, ask, s, pkgs)
}

func (a pacmanArgs) upgrade(s pacmanSight) pacmanTodo {
	if len(s.upgrades) == 0 {
		return pacmanTodo{msg: "Nothing to upgrade"}
	}
	t := pacmanTodo{counts: true, done: "System upgraded", msg: fmt.Sprintf("%d packages would have been upgraded", len(s.upgrades))}
	for _, u := range s.upgrades {
		t.packages = append(t.packages, u.name)
		t.diff.Before += u.name + "-" + u.from + "\n"
		t.diff.After += u.name + "-" + u.to + "\n"
	}
	argv := append([]string{a.Executable, "--sync", "--sysupgrade", "--quiet", "--noconfirm"}, words(a.UpgradeExtraArgs)...)
	t.commands = []pacmanCommand{{argv, "Could not upgrade"}}
	return t
}

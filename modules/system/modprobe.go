package system

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/modules/onhost"
)

// Modprobe loads and unloads modules of the kernel.
var Modprobe = module.Define(module.Spec{
	Name: "community.general.modprobe",
	Doc:  "Load or unload a module of the kernel, now and at boot.",
}, planModprobe)

type modprobeArgs struct {
	Name       string `arg:"name,required" doc:"The module."`
	State      string `arg:"state,default=present,choices=absent|present" doc:"Whether it is to be loaded."`
	Params     string `arg:"params" doc:"Its parameters: a=1 b=2."`
	Persistent string `arg:"persistent,default=disabled,choices=disabled|present|absent" doc:"Whether it is loaded at boot, with its parameters; disabled leaves that as it is."`
}

// modprobeProbe answers whether the host has modprobe, whether the module is loaded or built in, what a dry run says, and the files that name
// modules to load and their options, each with its path. $1 the module, further arguments its parameters.
const modprobeProbe = `
name=$1
say "$(command -v modprobe)"
loaded() {
	grep -q "^$(printf %s "$name" | tr - _) " /proc/modules 2>/dev/null || grep -q "/$name\.ko$" "/lib/modules/$(uname -r)/modules.builtin" 2>/dev/null
}
if loaded; then say y; say; say 0
elif modprobe --version 2>/dev/null | grep -q kmod; then said=$(modprobe -n "$@" 2>&1); rc=$?; say n; say "$said"; say $rc
else say n; say; say 0
fi
for dir in /etc/modules-load.d /etc/modprobe.d; do
	for f in "$dir"/* "$dir"/.[!.]*; do
		[ ! -f "$f" ] || { say "$f"; give "$f"; }
	done
done
`

// modprobeLoaded tells after loading whether the module is there.
const modprobeLoaded = `# is the module loaded
grep -q "^$(printf %s "$1" | tr - _) " /proc/modules || grep -q "/$1\.ko$" "/lib/modules/$(uname -r)/modules.builtin" 2>/dev/null`

func planModprobe(ctx context.Context, v module.View, a modprobeArgs) (module.Plan, error) {
	params, err := module.SplitWords(a.Params)
	if err != nil {
		return module.Done(module.Fail("params: %v", err)), nil
	}
	f, err := onhost.Look(ctx, v, onhost.Probe("look at a kernel module", modprobeProbe, nil, append([]string{a.Name}, params...)...))
	if err != nil {
		return module.Plan{}, err
	}
	if f.Next() == "" {
		return onhost.Missing("modprobe"), nil
	}
	loaded, said, rc := f.Next() == "y", f.Next(), f.Next()
	var files []confFile
	for f.More() {
		files = append(files, confFile{path: f.Next(), text: f.File().Text})
	}
	r := module.Result{}.With("name", a.Name).With("params", a.Params).With("state", a.State)
	if a.State == "present" && !loaded && rc != "0" {
		return module.Done(a.refused(module.Output{Rc: atoi(rc), Stderr: said + "\n"})), f.Err()
	}
	var steps []onhost.Step
	switch {
	case a.State == "present" && !loaded:
		steps = append(steps, onhost.Step{Argv: append([]string{"modprobe", a.Name}, params...), Refused: a.refused})
	case a.State == "absent" && loaded:
		steps = append(steps, onhost.Step{Argv: []string{"modprobe", "-r", a.Name}, Refused: a.refused})
	}
	kept := a.keep(files)
	return a.plan(r, append(steps, kept...), len(kept) > 0), f.Err()
}

// atoi reads digits. What is no number counts as 1, the status of a failure.
func atoi(s string) int {
	n := 0
	for _, c := range s {
		if c < '0' || c > '9' {
			return 1
		}
		n = n*10 + int(c-'0')
	}
	return n
}

// plan carries out the steps. A module that is not there after it was loaded without complaint is no change, as in Ansible.
func (a modprobeArgs) plan(r module.Result, steps []onhost.Step, kept bool) module.Plan {
	plan := onhost.Plan(r, steps)
	if a.State == "absent" || plan.Kind() == module.KindDone || steps[0].Argv == nil {
		return plan
	}
	return module.Change(plan.Diff(), func(ctx context.Context, h module.Host) (module.Result, error) {
		done, err := plan.Apply()(ctx, h)
		if err != nil || done.Failed {
			return done, err
		}
		there, err := h.Exec(ctx, module.Cmd{Script: modprobeLoaded, Args: []string{a.Name}})
		done.Changed = there.Rc == 0 || kept
		return done, err
	}).Predicting(r)
}

func (a modprobeArgs) refused(out module.Output) module.Result {
	return module.Fail("%s", out.Stderr).With("rc", out.Rc).With("stdout", out.Stdout).With("stderr", out.Stderr).
		With("name", a.Name).With("params", a.Params).With("state", a.State)
}

// confFile is a file of a configuration that is split into several.
type confFile struct{ path, text string }

// keep are the steps that make the module load at boot, or no longer.
func (a modprobeArgs) keep(files []confFile) []onhost.Step {
	name := regexp.QuoteMeta(a.Name)
	loads := regexp.MustCompile(`^ *` + name + ` *(?:[#;].*)?\n?$`)
	option := regexp.MustCompile(`^options ` + name + ` (\w+=\S+) *(?:[#;].*)?\n?$`)
	var load, options []confFile
	for _, f := range files {
		if strings.HasPrefix(f.path, "/etc/modules-load.d/") {
			load = append(load, f)
		} else {
			options = append(options, f)
		}
	}
	has, set := len(matched(load, loads)) > 0, matched(options, option)
	want := strings.Fields(a.Params)
	switch {
	case a.Persistent == "present":
		var steps []onhost.Step
		if !has {
			path := "/etc/modules-load.d/" + a.Name + ".conf"
			steps = append(steps, onhost.Text(onhost.Write{Path: path, Text: a.Name + "\n"}, textAt(files, path)))
		}
		if !sameSet(set, want) {
			path := "/etc/modprobe.d/" + a.Name + ".conf"
			text := ""
			for _, p := range want {
				text += "options " + a.Name + " " + p + "\n"
			}
			steps = append(steps, commentOut(options, option, path)...)
			steps = append(steps, onhost.Text(onhost.Write{Path: path, Text: strings.TrimSuffix(text, "\n") + "\n"}, textAt(files, path)))
		}
		return steps
	case a.Persistent == "absent":
		return append(commentOut(load, loads, ""), commentOut(options, option, "")...)
	}
	return nil
}

// matched are the first groups, or the lines, of all lines that an expression matches.
func matched(files []confFile, expr *regexp.Regexp) []string {
	var out []string
	for _, f := range files {
		for _, line := range onhost.Lines(f.text) {
			if m := expr.FindStringSubmatch(line); m != nil {
				out = append(out, m[len(m)-1])
			}
		}
	}
	return out
}

func sameSet(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(slices.Compact(a), slices.Compact(b))
}

// commentOut are the steps that turn lines into comments, but for the file that is written anew anyway.
func commentOut(files []confFile, expr *regexp.Regexp, but string) []onhost.Step {
	var out []onhost.Step
	for _, f := range files {
		text := ""
		for _, line := range onhost.Lines(f.text) {
			if expr.MatchString(line) {
				line = "#" + line
			}
			text += line
		}
		if text != f.text && f.path != but {
			out = append(out, onhost.Text(onhost.Write{Path: f.path, Text: text}, f.text))
		}
	}
	return out
}

func textAt(files []confFile, path string) string {
	for _, f := range files {
		if f.path == path {
			return f.text
		}
	}
	return ""
}

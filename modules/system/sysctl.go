package system

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/modules/onhost"
)

// Sysctl keeps a setting of the kernel in sysctl.conf, and sets it.
var Sysctl = module.Define(module.Spec{
	Name: "ansible.posix.sysctl",
	Doc:  "Keep a setting of the kernel in a sysctl file, and make it hold now.",
}, planSysctl)

type sysctlArgs struct {
	Name         string  `arg:"name,required,alias=key" doc:"The setting, with dots: vm.swappiness."`
	Value        *string `arg:"value,alias=val" doc:"What it is to be; yes and no are 1 and 0. Required with state present."`
	State        string  `arg:"state,default=present,choices=present|absent" doc:"Whether the file is to have it."`
	Reload       bool    `arg:"reload,default=yes" doc:"Make the kernel read the file again after a change."`
	SysctlSet    bool    `arg:"sysctl_set,default=no" doc:"Set the value in the kernel, too, if it has another."`
	IgnoreErrors bool    `arg:"ignoreerrors,default=no" doc:"Pass over settings that the kernel does not know."`
	SysctlFile   string  `arg:"sysctl_file,type=path,default=/etc/sysctl.conf" doc:"The file."`
}

// sysctlProbe answers whether the host has sysctl, the kernel's value with its status, the file's path and the file. $1 file, $2 setting.
const sysctlProbe = `
say "$(command -v sysctl)"
say "$(LC_ALL=C sysctl -e -n "$2" 2>/dev/null; echo "rc $?")"
say "$1"
give "$1"
`

// kernelRefuses is what sysctl prints, with the status 0, about a value that the kernel does not take.
var kernelRefuses = regexp.MustCompile(`(?m)^sysctl: setting key "[^"]+": (Invalid argument|Read-only file system)$`)

func planSysctl(ctx context.Context, v module.View, a sysctlArgs) (module.Plan, error) {
	if r := a.check(); r != nil {
		return module.Done(*r), nil
	}
	a.Name = strings.TrimSpace(a.Name)
	f, err := onhost.Look(ctx, v, onhost.Probe("look at sysctl", sysctlProbe, []string{a.SysctlFile}, a.Name))
	if err != nil {
		return module.Plan{}, err
	}
	if f.Next() == "" {
		return onhost.Missing("sysctl"), nil
	}
	kernel, known := strings.CutSuffix(strings.TrimRight(f.Next(), "\n"), "rc 0")
	s := sysctl{args: a, want: a.normal(), kernel: kernel, known: known, path: f.Next(), file: f.File()}
	if f.Err() == nil && s.file.Unreadable {
		return module.Done(module.Fail("Failed to open %s: it is no file that can be read", s.path)), nil
	}
	return onhost.Plan(module.Result{}, s.steps()), f.Err()
}

func (a sysctlArgs) check() *module.Result {
	var r module.Result
	switch {
	case a.State == "present" && a.Value == nil:
		r = module.Fail("state is present but all of the following are missing: value")
	case a.Name == "":
		r = module.Fail("name cannot be blank")
	case a.State == "present" && *a.Value == "":
		r = module.Fail("value cannot be blank")
	default:
		return nil
	}
	return &r
}

// normal is the value as the kernel writes it.
func (a sysctlArgs) normal() string {
	if a.Value == nil {
		return ""
	}
	switch strings.ToLower(*a.Value) {
	case "y", "yes", "on", "1", "true", "t":
		return "1"
	case "n", "no", "off", "0", "false", "f":
		return "0"
	}
	return strings.TrimSpace(*a.Value)
}

// sysctl is a setting as it is to be, as the kernel has it and as the file has it.
type sysctl struct {
	args   sysctlArgs
	want   string
	kernel string
	known  bool
	path   string
	file   onhost.File
}

// steps decide what is to be done. That the file has the setting and the kernel another value is a change as well, where the file is read again.
func (s sysctl) steps() []onhost.Step {
	text, kept, has := s.edit()
	write, changed := false, false
	other := !s.known || !slices.Equal(strings.Fields(s.kernel), strings.Fields(s.want))
	switch {
	case !has && s.args.State == "absent":
	case !has, s.args.State == "absent" && kept != "", kept != s.want:
		write, changed = true, true
	case s.args.Reload:
		changed = other
	}
	var out []onhost.Step
	if s.args.SysctlSet && s.args.State == "present" && other {
		changed = true
		if s.known {
			out = append(out, s.tool("setting "+s.args.Name+" failed: ", "-e", "-w", s.args.Name+"="+s.want))
		}
	}
	if write {
		out = append(out, onhost.Text(onhost.Write{Path: s.path, Text: text}, s.file.Text))
	}
	if changed && s.args.Reload {
		out = append(out, s.tool("Failed to reload sysctl: ", "-e", "-p", s.path))
	}
	return out
}

// tool is a step of sysctl, with its first argument, -e, only where errors are to be ignored.
func (s sysctl) tool(fails string, args ...string) onhost.Step {
	if !s.args.IgnoreErrors {
		args = args[1:]
	}
	refused := func(out module.Output) module.Result { return module.Fail("%s%s%s", fails, out.Stdout, out.Stderr) }
	return onhost.Step{Argv: append([]string{"sysctl"}, args...), Env: []string{"LC_ALL=C"}, Refused: refused,
		Bad: func(out module.Output) bool { return out.Rc != 0 || kernelRefuses.MatchString(out.Stderr) }}
}

// edit makes the text that the file is to have: each setting stands once and without blanks around its =. It also returns what the file
// says last about the setting.
func (s sysctl) edit() (text, kept string, has bool) {
	var b strings.Builder
	var seen []string
	for line := range strings.Lines(s.file.Text) {
		line = strings.TrimSpace(line)
		name, value, ok := strings.Cut(line, "=")
		if !ok || line[0] == '#' || line[0] == ';' {
			b.WriteString(line + "\n")
			continue
		}
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if name == s.args.Name {
			kept, has = value, true
			value = s.want
		}
		if slices.Contains(seen, name) {
			continue
		}
		seen = append(seen, name)
		if name != s.args.Name || s.args.State == "present" {
			fmt.Fprintf(&b, "%s=%s\n", name, value)
		}
	}
	if !has && s.args.State == "present" {
		fmt.Fprintf(&b, "%s=%s\n", s.args.Name, s.want)
	}
	return b.String(), kept, has
}

package system

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/modules/onhost"
)

// SELinux sets the mode and the policy of SELinux.
var SELinux = module.Define(module.Spec{
	Name: "ansible.posix.selinux",
	Doc:  "Set the mode and the policy of SELinux, now as far as that goes and for the next boot.",
}, planSELinux)

type selinuxArgs struct {
	State      string `arg:"state,required,choices=enforcing|permissive|disabled" doc:"The mode."`
	Policy     string `arg:"policy" doc:"The policy. Required unless state is disabled."`
	ConfigFile string `arg:"configfile,default=/etc/selinux/config,alias=conf|file" doc:"The file that it is kept in."`
	Kernel     bool   `arg:"update_kernel_param,default=no" doc:"Keep selinux=0 on the kernel's command line, or off it, by grubby."`
}

// selinuxProbe answers the file, the mode that SELinux runs in, the file of the machine, which says what policy runs, whether the policy wanted is there, and what grubby says.
// $1 file, $2 policy, $3 y to ask grubby.
const selinuxProbe = `
give "$1"
mode=$(getenforce 2>/dev/null) || { [ -e /sys/fs/selinux/enforce ] && mode=$(sed 's/1/Enforcing/; s/0/Permissive/' /sys/fs/selinux/enforce); }
say "$mode"
give /etc/selinux/config
[ -e "/etc/selinux/$2/policy" ] && say y || say n
[ "$3" != y ] || { say "$(command -v grubby)"; say "$(grubby --info=ALL 2>/dev/null; echo "rc $?")"; }
`

var (
	selinuxState  = regexp.MustCompile(`(?m)^SELINUX=(.*)$`)
	selinuxPolicy = regexp.MustCompile(`(?m)^SELINUXTYPE=(.*)$`)
	kernelArgs    = regexp.MustCompile(`(?m)^args="(.*)"$`)
)

func planSELinux(ctx context.Context, v module.View, a selinuxArgs) (module.Plan, error) {
	f, err := onhost.Look(ctx, v, onhost.Probe("look at SELinux", selinuxProbe, nil, a.ConfigFile, a.Policy, word(a.Kernel, "y", "n")))
	if err != nil {
		return module.Plan{}, err
	}
	s := enforcement{args: a, file: f.File(), mode: strings.ToLower(strings.TrimSpace(f.Next())), running: strings.TrimSpace(firstOf(selinuxPolicy, f.File().Text, "")), there: f.Next() == "y"}
	if s.mode == "" {
		s.mode = "disabled"
	}
	if a.Kernel {
		s.grubby, s.kernel = f.Next(), f.Next()
	}
	if f.Err() != nil {
		return module.Plan{}, f.Err()
	}
	return s.plan(), nil
}

// enforcement is a task of the module, after the look.
type enforcement struct {
	args           selinuxArgs
	file           onhost.File
	mode, running  string
	there          bool // the policy wanted is
	grubby, kernel string

	steps    []onhost.Step
	msgs     []string
	warnings []string
	reboot   bool
	changed  bool
}

func (s *enforcement) plan() module.Plan {
	a := s.args
	if !s.file.Exists {
		return module.Done(module.Fail("Unable to find file %s", a.ConfigFile).With("details", "Please install SELinux-policy package, if this package is not installed previously."))
	}
	kept, keptState := strings.TrimSpace(firstOf(selinuxPolicy, s.file.Text, "")), strings.TrimSpace(firstOf(selinuxState, s.file.Text, ""))
	policy := a.Policy
	switch {
	case a.Kernel && s.grubby == "":
		return module.Done(module.Fail("'grubby' command not found on host").With("details", "In order to update the kernel command lineenabled/disabled setting, the grubby packageneeds to be present on the system."))
	case a.Kernel && !strings.HasSuffix(s.kernel, "rc 0"):
		return module.Done(module.Fail("unable to run grubby"))
	case a.State != "disabled" && policy == "":
		return module.Done(module.Fail("Policy is required if state is not 'disabled'"))
	case policy == "":
		policy = kept
	}
	if policy != s.running {
		s.tell("Running SELinux policy changed from '%s' to '%s'", s.running, policy)
	}
	text := s.file.Text
	if policy != kept {
		if !s.there {
			return module.Done(module.Fail("Policy %s does not exist in /etc/selinux/", policy))
		}
		text = withLine(text, selinuxPolicy, "SELINUXTYPE="+policy)
		s.tell("SELinux policy configuration in '%s' changed from '%s' to '%s'", a.ConfigFile, kept, policy)
	}
	s.now()
	if a.State != keptState {
		text = withLine(text, selinuxState, "SELINUX="+a.State)
		s.tell("Config SELinux state changed from '%s' to '%s'", keptState, a.State)
	}
	if text != s.file.Text {
		s.steps = append(s.steps, onhost.Text(onhost.Write{Path: a.ConfigFile, Text: text}, s.file.Text))
	}
	if a.Kernel {
		s.commandLine()
	}
	return s.done(policy)
}

func (s *enforcement) tell(format string, args ...any) {
	s.msgs, s.changed = append(s.msgs, fmt.Sprintf(format, args...)), true
}

// withLine replaces the lines that match, or adds one at the end.
func withLine(text string, line *regexp.Regexp, want string) string {
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	if line.MatchString(text) {
		return line.ReplaceAllLiteralString(text, want)
	}
	return text + want + "\n"
}

// now sets the mode that runs. To disable it takes a boot.
func (s *enforcement) now() {
	state := s.args.State
	switch {
	case state == s.mode:
	case s.mode == "disabled":
		s.warnings, s.reboot = append(s.warnings, "Reboot is required to set SELinux state to '"+state+"'"), true
	case state == "disabled":
		s.reboot = true
		if s.mode == "permissive" {
			s.warnings = append(s.warnings, "SELinux state change will take effect next reboot")
			return
		}
		s.steps, s.changed = append(s.steps, onhost.Do("setenforce", "0")), true
		s.warnings = append(s.warnings, "SELinux state temporarily changed from '"+s.mode+"' to 'permissive'. State change will take effect next reboot.")
	default:
		s.steps = append(s.steps, onhost.Do("setenforce", word(state == "enforcing", "1", "0")))
		s.tell("SELinux state changed from '%s' to '%s'", s.mode, state)
	}
}

// commandLine keeps selinux=0 on the command lines of all kernels, or off them.
func (s *enforcement) commandLine() {
	on, off := true, true
	for _, m := range kernelArgs.FindAllStringSubmatch(s.kernel, -1) {
		if strings.Contains(" "+m[1]+" ", " selinux=0 ") {
			on = false
		} else {
			off = false
		}
	}
	want := s.args.State != "disabled"
	if on != off && on == want {
		return
	}
	refused := func(module.Output) module.Result {
		return module.Fail("unable to %s selinux=0 %s kernel config", word(want, "remove", "add"), word(want, "from", "to"))
	}
	s.steps = append(s.steps, onhost.Step{Argv: []string{"grubby", "--update-kernel=ALL", word(want, "--remove-args", "--args"), "selinux=0"}, Refused: refused})
	from := word(want, "disabled", "enabled")
	if on == off {
		from = "<inconsistent>"
	}
	s.tell("Kernel SELinux state changed from '%s' to '%s'", from, word(want, "enabled", "disabled"))
}

func (s *enforcement) done(policy string) module.Plan {
	r := module.Result{Warnings: s.warnings}.With("msg", strings.Join(s.msgs, ", ")).With("configfile", s.args.ConfigFile).With("policy", policy).
		With("state", s.args.State).With("reboot_required", s.reboot)
	if s.changed && len(s.steps) == 0 { // another policy runs than is kept: the next boot brings it
		return module.Change(module.Text("", strings.Join(s.msgs, "\n")+"\n"), func(context.Context, module.Host) (module.Result, error) {
			r.Changed = true
			return r, nil
		}).Predicting(r)
	}
	return onhost.Plan(r, s.steps)
}

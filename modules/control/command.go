package control

import (
	"context"
	"errors"
	"regexp"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// Command runs a program, without a shell.
var Command = module.Define(module.Spec{
	Name:     "ansible.builtin.command",
	Doc:      "Run a program with arguments, without a shell.",
	FreeForm: "_raw_params",
	Disrupts: module.CommandArgs,
	Detaches: true,
}, planCommand)

type commandArgs struct {
	FreeForm   string   `arg:"_raw_params" doc:"The command line, as the task's text."`
	Cmd        string   `arg:"cmd" doc:"The command line."`
	Argv       []string `arg:"argv" doc:"The program and its arguments as a list."`
	Expand     bool     `arg:"expand_argument_vars,default=true" doc:"Fill in $NAME and ~ in the arguments, on the host."`
	Executable string   `arg:"executable,type=path" doc:"Has no meaning here, as in Ansible; a warning says so."`
	invocation
}

// invocation are the arguments that command and shell share.
type invocation struct {
	Chdir        string  `arg:"chdir,type=path" doc:"The directory to run in."`
	Creates      string  `arg:"creates,type=path" doc:"A path or pattern; when it exists the command is not run."`
	Removes      string  `arg:"removes,type=path" doc:"A path or pattern; when it does not exist the command is not run."`
	Stdin        *string `arg:"stdin" doc:"What the command reads."`
	StdinNewline bool    `arg:"stdin_add_newline,default=true" doc:"End what the command reads with a line end."`
	StripEnds    bool    `arg:"strip_empty_ends,default=true" doc:"Drop line ends at the end of what the command printed."`
}

func planCommand(ctx context.Context, v module.View, a commandArgs) (module.Plan, error) {
	argv, err := a.words()
	if err != nil {
		return module.Done(module.Fail("%v", err)), nil
	}
	shown := value.From(argv)
	p, err := a.plan(ctx, v, shown, a.command(argv), func(out module.Output) (module.Result, bool) {
		return missingProgram(argv, out)
	})
	if a.Executable != "" && err == nil {
		return warned(p, "the argument executable has no meaning for command, which uses no shell: "+a.Executable), nil
	}
	return p, err
}

// words is the program and its arguments, from whichever of the three forms was given.
func (a commandArgs) words() ([]string, error) {
	given := 0
	for _, is := range []bool{a.FreeForm != "", a.Cmd != "", len(a.Argv) > 0} {
		if is {
			given++
		}
	}
	switch {
	case given > 1:
		return nil, errors.New("parameters are mutually exclusive: _raw_params|cmd|argv")
	case given == 0:
		return nil, errors.New("one of the following is required: _raw_params, cmd, argv")
	case len(a.Argv) > 0:
		return a.Argv, nil
	}
	words, err := module.SplitWords(a.FreeForm + a.Cmd)
	if err == nil && len(words) == 0 {
		err = errors.New("no command given")
	}
	return words, err
}

// command runs the words as they are, or by a script when there is something that only the host can fill in.
func (a commandArgs) command(words []string) module.Cmd {
	fills := false
	for _, w := range words {
		fills = fills || a.Expand && module.NeedsHost(w)
	}
	if a.Chdir == "" && !fills {
		return module.Cmd{Argv: words}
	}
	if !fills {
		return module.Script(execScript, []string{a.Chdir}, words...)
	}
	return module.Script(execScript, append([]string{a.Chdir}, words...))
}

// noDirectory is what our scripts print on standard error, before anything else is run, when chdir is impossible.
const noDirectory = "drydock: no such directory to run in"

const execScript = `# run a program
case $1 in ?*) cd -P "$1" 2>/dev/null || { echo '` + noDirectory + `' >&2; exit 126; } ;; esac
shift
exec "$@"
`

var notFound = regexp.MustCompile(`(?i)not found|no such file or directory`)

// missingProgram recognises the shell's answer for a program that is not there.
func missingProgram(words []string, out module.Output) (module.Result, bool) {
	if out.Rc != 127 || out.Stdout != "" || !strings.Contains(out.Stderr, words[0]) || !notFound.MatchString(out.Stderr) {
		return module.Result{}, false
	}
	r := module.Fail("Error executing command.")
	return r.With("cmd", strings.Join(words, " ")).With("rc", 2).With("stdout", "").With("stderr", ""), true
}

// plan honours creates and removes at once, in check mode too; whether the command changes anything cannot be foretold.
func (i invocation) plan(ctx context.Context, v module.View, shown any, c module.Cmd, special func(module.Output) (module.Result, bool)) (module.Plan, error) {
	why, err := guard{i.Creates, i.Removes, i.Chdir}.holds(ctx, v)
	if err != nil {
		return module.Plan{}, err
	}
	idle := value.NewMap("cmd", shown, "rc", 0, "stdout", "", "stderr", "", "start", nil, "end", nil, "delta", nil)
	if why != "" {
		path, does, _ := cutLast(why)
		idle.Set("stdout", "skipped, since "+why)
		return module.Done(module.Result{Msg: "Did not run command since '" + path + "' " + does, Data: idle}), nil
	}
	const unrun = "Command would have run if not in check mode"
	apply := func(ctx context.Context, h module.Host) (module.Result, error) {
		return i.run(ctx, h, shown, c, special)
	}
	if i.Creates != "" || i.Removes != "" {
		return module.Change(module.Diff{}, apply).Predicting(module.Result{Msg: unrun, Data: idle}), nil
	}
	return module.Opaque(unrun, apply).Predicting(module.Result{Msg: unrun, Data: idle}), nil
}

// cutLast splits "/x exists" and "/x does not exist" after the path.
func cutLast(why string) (path, does string, ok bool) {
	for _, says := range []string{" exists", " does not exist"} {
		if p, found := strings.CutSuffix(why, says); found {
			return p, says[1:], true
		}
	}
	return why, "", false
}

func (i invocation) run(ctx context.Context, h module.Host, shown any, c module.Cmd, special func(module.Output) (module.Result, bool)) (module.Result, error) {
	if i.Stdin != nil {
		text := *i.Stdin
		if i.StdinNewline {
			text += "\n"
		}
		c.Stdin = strings.NewReader(text)
	}
	if d, ok := h.(module.Detacher); ok {
		return d.Detach(ctx, c, value.NewMap("cmd", shown), i.StripEnds)
	}
	clock := module.ClockOf(h.Controller())
	start := clock.Now()
	out, err := h.Exec(ctx, c)
	if err != nil {
		return module.Result{}, err
	}
	if r, ok := special(out); ok {
		return r, nil
	}
	if out.Rc == 126 && strings.TrimSpace(out.Stderr) == noDirectory {
		return module.Fail("Unable to change directory before execution.").With("cmd", shown).With("rc", nil).
			With("stdout", "").With("stderr", "").With("start", nil).With("end", nil).With("delta", nil), nil
	}
	r := timed(i.result(shown, out), start, clock.Now())
	return r.With("msg", r.Msg), nil
}

func (i invocation) result(shown any, out module.Output) module.Result {
	stdout, stderr := out.Stdout, out.Stderr
	if i.StripEnds {
		stdout, stderr = strings.TrimRight(stdout, "\r\n"), strings.TrimRight(stderr, "\r\n")
	}
	r := module.Result{Changed: true}.With("stdout", stdout).With("stderr", stderr).With("rc", out.Rc).With("cmd", shown)
	if out.Rc != 0 {
		r.Failed, r.Msg = true, "The command exited with a non-zero return code."
	}
	return r
}

// warned adds a warning to whatever a plan ends with.
func warned(p module.Plan, text string) module.Plan {
	apply := p.Apply()
	if apply == nil {
		r := p.Result()
		r.Warnings = append(r.Warnings, text)
		return module.Done(r)
	}
	with := func(ctx context.Context, h module.Host) (module.Result, error) {
		r, err := apply(ctx, h)
		r.Warnings = append(r.Warnings, text)
		return r, err
	}
	if p.Kind() == module.KindOpaque {
		return module.Opaque(p.Why(), with).Predicting(p.Result())
	}
	return module.Change(p.Diff(), with).Predicting(p.Result())
}

package control

import (
	"context"

	"github.com/drydock-dev/drydock/engine/module"
)

// Shell runs a line in a shell of the host.
var Shell = module.Define(module.Spec{
	Name:     "ansible.builtin.shell",
	Doc:      "Run a line in a shell of the host.",
	FreeForm: "_raw_params",
	Disrupts: module.ShellArgs,
	Detaches: true,
}, planShell)

type shellArgs struct {
	FreeForm   string `arg:"_raw_params" doc:"The line, as the task's text."`
	Cmd        string `arg:"cmd" doc:"The line."`
	Executable string `arg:"executable,type=path" doc:"The shell, by its whole path; ansible_shell_executable if not given, which is /bin/sh where nothing else is said."`
	invocation
}

// within makes a line run in a directory. It is the shell of the line that goes there, since only the host knows which that is.
func within(dir, line string) string {
	return "drydock_dir=" + module.HostWord(dir) + `; cd -P "$drydock_dir" 2>/dev/null || { echo '` + noDirectory +
		`' >&2; exit 126; }; unset drydock_dir; ` + line
}

func planShell(ctx context.Context, v module.View, a shellArgs) (module.Plan, error) {
	switch {
	case a.FreeForm == "" && a.Cmd == "":
		return module.Done(module.Fail("one of the following is required: _raw_params, cmd, argv")), nil
	case a.FreeForm != "" && a.Cmd != "":
		return module.Done(module.Fail("parameters are mutually exclusive: _raw_params|cmd|argv")), nil
	}
	line := a.FreeForm + a.Cmd
	c := module.Cmd{Shell: line, Executable: a.Executable}
	if a.Chdir != "" {
		c.Shell = within(a.Chdir, line)
	}
	return a.plan(ctx, v, line, c, func(module.Output) (module.Result, bool) { return module.Result{}, false })
}

// Raw runs a line as it is, with nothing of ours around it.
var Raw = module.Define(module.Spec{
	Name:     "ansible.builtin.raw",
	Doc:      "Run a line on the host as it is, with nothing around it.",
	FreeForm: "_raw_params",
	Disrupts: module.ShellArgs,
}, planRaw)

type rawArgs struct {
	Line       string `arg:"_raw_params,required" doc:"The line."`
	Executable string `arg:"executable,type=path" doc:"The shell that is to run the line; the login shell if not given."`
}

func planRaw(_ context.Context, _ module.View, a rawArgs) (module.Plan, error) {
	c := module.Cmd{Shell: a.Line, Raw: true}
	if a.Executable != "" {
		c.Shell = a.Executable + " -c " + module.Quote(a.Line)
	}
	return module.Opaque("the line could change anything", func(ctx context.Context, h module.Host) (module.Result, error) {
		out, err := h.Exec(ctx, c)
		if err != nil {
			return module.Result{}, err
		}
		return plainResult(out), nil
	}), nil
}

// plainResult is what raw and script answer: output as it came, changed even when it failed.
func plainResult(out module.Output) module.Result {
	r := module.Result{Changed: true}.With("rc", out.Rc).With("stdout", out.Stdout).With("stderr", out.Stderr)
	if out.Rc != 0 {
		r.Failed, r.Msg = true, "The command exited with a non-zero return code."
	}
	return r
}

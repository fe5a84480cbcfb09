package tools

import (
	"context"
	_ "embed"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
	"github.com/drydock-dev/drydock/modules/onhost"
)

// Pip manages Python packages by the pip of the host.
var Pip = module.Define(module.Spec{
	Name: "ansible.builtin.pip",
	Doc:  "Install, upgrade and remove Python packages by the pip of the host, in a virtual environment if wanted.",
}, planPip)

type pipArgs struct {
	Name          []string `arg:"name" doc:"Packages: names with versions (x>=1,<2), URLs, paths; it or requirements is needed."`
	Version       string   `arg:"version" doc:"Version of the only package in name."`
	Requirements  string   `arg:"requirements" doc:"File of requirements on the host."`
	State         string   `arg:"state,default=present,choices=present|absent|latest|forcereinstall" doc:"What the packages are to be."`
	Virtualenv    string   `arg:"virtualenv,type=path" doc:"Folder of a virtual environment, made if it is not there."`
	SitePackages  bool     `arg:"virtualenv_site_packages,default=no" doc:"Let a new environment see the system's packages."`
	VenvCommand   string   `arg:"virtualenv_command,default=virtualenv,type=path" doc:"Command that makes an environment."`
	VenvPython    string   `arg:"virtualenv_python" doc:"Python of a new environment; not with venv."`
	ExtraArgs     string   `arg:"extra_args" doc:"Further arguments of pip."`
	Editable      bool     `arg:"editable,default=no" doc:"Install in editable mode."`
	Chdir         string   `arg:"chdir,type=path" doc:"Folder to run pip in."`
	Executable    string   `arg:"executable,type=path" doc:"The pip to run, by name or path."`
	Umask         string   `arg:"umask" doc:"Umask for what is installed, octal and quoted."`
	BreakPackages bool     `arg:"break_system_packages,default=no" doc:"Install into a system that is managed by others all the same."`
}

func (a pipArgs) fault() string {
	switch {
	case a.Name == nil && a.Requirements == "":
		return "one of the following is required: name, requirements"
	case a.Name != nil && a.Requirements != "":
		return "parameters are mutually exclusive: name|requirements"
	case a.Executable != "" && a.Virtualenv != "":
		return "parameters are mutually exclusive: executable|virtualenv"
	case a.State == "latest" && a.Version != "":
		return "version is incompatible with state=latest"
	}
	if _, err := strconv.ParseUint(a.Umask, 8, 12); a.Umask != "" && err != nil {
		return "umask must be an octal integer"
	}
	if _, err := module.SplitWords(a.ExtraArgs); err != nil {
		return "extra_args: " + err.Error()
	}
	return ""
}

// pipJob is one task of pip on its way.
type pipJob struct {
	pipArgs
	packages []requirement
	env      string // the environment's folder as the host knows it
	chdir    string
	pip      []string
	command  []string
}

//go:embed pip_look.sh
var pipLook string

// pipSight is what the host has.
type pipSight struct {
	missing   string // why pip cannot be run
	makes     bool   // the environment is to be made
	python    string
	installed string // what pip list has printed
	listed    string // the command that did
}

func planPip(ctx context.Context, v module.View, a pipArgs) (module.Plan, error) {
	if fault := a.fault(); fault != "" {
		return module.Done(module.Fail("%s", fault)), nil
	}
	j := &pipJob{pipArgs: a}
	if err := j.read(); err != nil {
		return ended(err)
	}
	s, err := j.look(ctx, v)
	if err != nil {
		return ended(err)
	}
	if s.missing != "" && !s.makes {
		return module.Done(module.Fail("%s", s.missing)), nil
	}
	apply := func(ctx context.Context, h module.Host) (module.Result, error) {
		return answered(j.apply(ctx, h, s))
	}
	change := module.Diff{After: "pip " + strings.Join(j.words(), " ") + "\n"}
	switch {
	case s.makes:
		change.After = "virtual environment " + j.env + "\n" + change.After
		return module.Change(change, apply), nil
	case len(j.packages) == 0 && a.Requirements == "":
		return module.Done(module.Result{Warnings: []string{"No valid name or requirements file found."}}), nil
	case a.State == "forcereinstall" || a.State == "latest" || a.ExtraArgs != "" || a.Editable || a.Requirements != "":
		return module.Change(change, apply), nil // what pip will do only pip knows
	}
	r := module.Result{}.With("stderr", "")
	if j.differs(s.installed) {
		return module.Change(change, apply).Predicting(r.With("cmd", s.listed).With("stdout", s.installed)), nil
	}
	return module.Done(j.answer(r.With("cmd", texts(append(slices.Clone(j.pip), j.words()...))).With("stdout", ""))), nil
}

// read takes names apart and joins them with the version.
func (j *pipJob) read() error {
	for _, n := range joinNames(j.Name) {
		if n != "" {
			j.packages = append(j.packages, parseRequirement(n))
		}
	}
	version := strings.TrimLeft(j.Version, " ")
	if version == "" || len(j.packages) == 0 {
		return nil
	}
	switch {
	case len(j.packages) > 1:
		return fail("'version' argument is ambiguous when installing multiple package distributions. " +
			"Please specify version restrictions next to each package in 'name' argument.")
	case len(j.packages[0].specs) > 0:
		return fail("The 'version' argument conflicts with any version specifier provided along with a package name. " +
			"Please keep the version specifier, but remove the 'version' argument.")
	}
	if version[0] >= '0' && version[0] <= '9' {
		version = "==" + version
	}
	j.packages[0] = parseRequirement(j.packages[0].String() + version)
	return nil
}

func (j *pipJob) look(ctx context.Context, v module.View) (pipSight, error) {
	list := ""
	if j.Requirements == "" && j.State != "latest" && j.State != "forcereinstall" && j.ExtraArgs == "" && !j.Editable {
		list = "y"
	}
	f, err := onhost.Look(ctx, v, onhost.Probe("look at Python packages", pipLook, []string{j.Chdir, j.Virtualenv, j.Executable}, list))
	if err != nil {
		return pipSight{}, err
	}
	j.chdir, j.env = f.Next(), f.Next()
	s := pipSight{makes: f.Next() == "y", python: f.Next()}
	j.pip = f.Lines()
	s.missing = f.Next()
	s.installed = f.Next()
	s.listed = strings.Join(j.pip, " ") + " list --format=freeze"
	return s, f.Err()
}

// words are the arguments of pip.
func (j *pipJob) words() []string {
	words := map[string][]string{
		"present": {"install"}, "absent": {"uninstall", "-y"}, "latest": {"install", "-U"}, "forcereinstall": {"install", "-U", "--force-reinstall"},
	}[j.State]
	extra := strings.Split(j.ExtraArgs, " ")
	if j.ExtraArgs == "" {
		extra = nil
	}
	if j.Editable && !slices.Contains(extra, "-e") {
		extra = append(extra, "-e")
	}
	extra, _ = module.SplitWords(strings.Join(extra, " ")) // checked before
	words = append(slices.Clone(words), extra...)
	for _, p := range j.packages {
		words = append(words, p.String())
	}
	if len(j.packages) == 0 {
		words = append(words, "-r", j.Requirements)
	}
	return words
}

// differs tells from what is installed whether there is something to do.
func (j *pipJob) differs(installed string) bool {
	have := map[string]string{}
	for _, l := range module.Lines(installed) {
		if name, version, ok := strings.Cut(l, "=="); ok {
			have[canonical(name)] = version
		}
	}
	for _, p := range j.packages {
		version, there := have[canonical(p.name)]
		if present := there && p.plain && p.allows(version); present != (j.State == "present") {
			return true
		}
	}
	return false
}

// call runs a command of the task.
func (j *pipJob) call(ctx context.Context, h module.Host, argv []string) (module.Output, error) {
	const script = `# run pip
case $1 in ?*) umask "$1" ;; esac
case $2 in ?*) export PATH="$2/bin:$PATH" ;; esac
case $3 in ?*) export PIP_BREAK_SYSTEM_PACKAGES=1 ;; esac
cd "$4" || exit 1
shift 4
exec "$@"`
	return h.Exec(ctx, module.Cmd{Script: script, Args: append([]string{j.Umask, j.env, flag(j.BreakPackages), j.chdir}, argv...)})
}

// refusedPip is a failure of pip in Ansible's words.
func refusedPip(argv []string, stdout, stderr string) error {
	msg := ""
	if stdout != "" {
		msg = "stdout: " + stdout
	}
	if stderr != "" {
		msg += "\n:stderr: " + stderr
	}
	return failure{module.Fail("%s", msg).With("cmd", texts(argv))}
}

func texts(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

func (j *pipJob) apply(ctx context.Context, h module.Host, s pipSight) (module.Result, error) {
	var said module.Output
	if s.makes {
		out, err := j.makeEnv(ctx, h, s)
		if err != nil {
			return module.Result{}, err
		}
		said = out
		j.pip = []string{path.Join(j.env, "bin", "pip3")}
	}
	j.command = append(slices.Clone(j.pip), j.words()...)
	compares := j.Requirements != "" || slices.ContainsFunc(j.Name, isVCS)
	freeze := append(slices.Clone(j.pip), "list", "--format=freeze")
	var before module.Output
	var err error
	if compares {
		if before, err = j.call(ctx, h, freeze); err != nil {
			return module.Result{}, err
		}
	}
	out, err := j.call(ctx, h, j.command)
	if err != nil {
		return module.Result{}, err
	}
	said.Stdout, said.Stderr = said.Stdout+out.Stdout, said.Stderr+out.Stderr
	notThere := out.Rc == 1 && j.State == "absent" && strings.Contains(out.Stdout+out.Stderr, "not installed")
	if out.Rc != 0 && !notThere {
		r, err := answered(module.Result{Changed: false}, refusedPip(j.command, said.Stdout, said.Stderr))
		return r, err
	}
	r := module.Result{}.With("cmd", texts(j.command)).With("stdout", said.Stdout).With("stderr", said.Stderr)
	switch {
	case j.State == "absent":
		r.Changed = strings.Contains(out.Stdout, "Successfully uninstalled")
	case compares:
		after, err := j.call(ctx, h, freeze)
		if err != nil {
			return r, err
		}
		r.Changed = before.Stdout != after.Stdout
	default:
		r.Changed = strings.Contains(out.Stdout, "Successfully installed")
	}
	r.Changed = r.Changed || s.makes
	return j.answer(r), nil
}

// answer adds what every result holds.
func (j *pipJob) answer(r module.Result) module.Result {
	orNil := func(s string) any {
		if s == "" {
			return nil
		}
		return s
	}
	r = r.With("name", nil).With("version", orNil(j.Version)).With("state", j.State).With("requirements", orNil(j.Requirements)).With("virtualenv", orNil(j.env))
	if j.Name != nil {
		r = r.With("name", value.From(texts(j.Name)))
	}
	return r
}

// makeEnv makes the virtual environment.
func (j *pipJob) makeEnv(ctx context.Context, h module.Host, s pipSight) (module.Output, error) {
	argv, err := module.SplitWords(j.VenvCommand)
	if err != nil || len(argv) == 0 {
		return module.Output{}, fail("virtualenv_command: %s", j.VenvCommand)
	}
	if argv[0] == path.Base(argv[0]) {
		found, err := h.Exec(ctx, onhost.Tool("sh", "-c", `command -v "$1"`, "sh", argv[0]))
		if err != nil {
			return found, err
		}
		if found.Rc != 0 {
			return found, fail("Failed to find required executable \"%s\" in paths: /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", argv[0])
		}
		argv[0] = found.Line()
	}
	venv := path.Base(argv[0]) == "pyvenv" || slices.Contains(argv, "-mvenv")
	if i := slices.Index(argv, "-m"); i >= 0 && i+1 < len(argv) {
		venv = venv || argv[i+1] == "venv"
	}
	if j.SitePackages {
		argv = append(argv, "--system-site-packages")
	}
	switch {
	case venv && j.VenvPython != "":
		return module.Output{}, fail("virtualenv_python should not be used when using the venv module or pyvenv as virtualenv_command")
	case venv:
	case j.VenvPython != "":
		argv = append(argv, "-p"+j.VenvPython)
	case s.python != "":
		argv = append(argv, "-p"+s.python)
	}
	argv = append(argv, j.env)
	plain := *j
	plain.env = ""
	out, err := plain.call(ctx, h, argv)
	if err == nil && out.Rc != 0 {
		err = refusedPip(argv, out.Stdout, out.Stderr)
	}
	return out, err
}

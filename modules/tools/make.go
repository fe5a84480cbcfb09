package tools

import (
	"context"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
	"github.com/drydock-dev/drydock/engine/words"
)

// Make runs make where a target is not up to date.
var Make = module.Define(module.Spec{
	Name: "community.general.make",
	Doc:  "Run make in a folder of the host, if its targets are not up to date.",
}, planMake)

type makeArgs struct {
	Target  *string    `arg:"target" doc:"The target; the first of the file if not given."`
	Targets []string   `arg:"targets" doc:"Several targets."`
	Params  *value.Map `arg:"params" doc:"Variables for make; one without a value is a word of its own."`
	Chdir   string     `arg:"chdir,required,type=path" doc:"Folder to run in."`
	File    *string    `arg:"file,type=path" doc:"The makefile."`
	Make    string     `arg:"make,type=path" doc:"The make to run; gmake or make on the PATH if not given."`
	Jobs    *int       `arg:"jobs" doc:"How many commands may run at once."`
}

// words are the arguments of make.
func (a makeArgs) words() []string {
	var out []string
	if a.Jobs != nil {
		out = append(out, "-j", strconv.Itoa(*a.Jobs))
	}
	if a.File != nil {
		out = append(out, "-f", *a.File)
	}
	if a.Target != nil && *a.Target != "" {
		out = append(out, *a.Target)
	} else {
		out = append(out, a.Targets...)
	}
	for key, v := range a.Params.All() {
		word := value.Str(key)
		if v != nil {
			word += "=" + value.Str(v)
		}
		out = append(out, word)
	}
	return out
}

// makeScript gets $1 the make or nothing, $2 the folder, and the arguments; its first line is where make is.
const makeScript = `# run make
make=$1 dir=$2
shift 2
case $make in "") make=$(PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin; command -v gmake || command -v make) || exit 78 ;; esac
cd "$dir" || exit 79
printf '%s\0' "$make"
exec "$make" "$@"`

func planMake(ctx context.Context, v module.View, a makeArgs) (module.Plan, error) {
	if a.Target != nil && a.Targets != nil {
		return module.Done(module.Fail("parameters are mutually exclusive: target|targets")), nil
	}
	out, err := v.Query(ctx, module.Script(makeScript, []string{a.Make, a.Chdir}, append(a.words(), "-q")...))
	if err != nil {
		return module.Plan{}, err
	}
	program, said, found := strings.Cut(out.Stdout, "\x00")
	switch {
	case out.Rc == 78:
		return module.Done(module.Fail("Failed to find required executable \"make\" in paths: /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")), nil
	case !found:
		return module.Done(module.Fail("%s", strings.TrimSpace(out.Stderr))), nil
	}
	out.Stdout = said
	if out.Rc == 0 {
		return module.Done(a.answer(program, out)), nil
	}
	command := strings.Join(append([]string{program}, a.words()...), " ")
	return module.Change(module.Diff{After: command + "\n"}, func(ctx context.Context, h module.Host) (module.Result, error) {
		out, err := h.Exec(ctx, module.Script(makeScript, []string{a.Make, a.Chdir}, a.words()...))
		if err != nil {
			return module.Result{}, err
		}
		_, out.Stdout, _ = strings.Cut(out.Stdout, "\x00")
		if out.Rc != 0 {
			return answered(module.Result{}, refused("", append([]string{program}, a.words()...), out))
		}
		r := a.answer(program, out)
		r.Changed = true
		return r, nil
	}).Predicting(a.answer(program, out)), nil
}

func (a makeArgs) answer(program string, out module.Output) module.Result {
	command := words.Quote(append([]string{program}, a.words()...)...)
	r := module.Result{}.With("stdout", strings.TrimRight(out.Stdout, "\r\n")).With("stderr", strings.TrimRight(out.Stderr, "\r\n")).
		With("command", command).With("chdir", a.Chdir).With("target", nil).With("targets", nil).With("params", nil).With("file", nil).With("jobs", nil)
	if a.Target != nil {
		r = r.With("target", *a.Target)
	}
	if a.Targets != nil {
		r = r.With("targets", texts(a.Targets))
	}
	if a.Params != nil {
		r = r.With("params", a.Params)
	}
	if a.File != nil {
		r = r.With("file", *a.File)
	}
	if a.Jobs != nil {
		r = r.With("jobs", *a.Jobs)
	}
	return r
}

package files

import (
	"context"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// TempFile makes a temporary file or directory.
var TempFile = module.Define(module.Spec{
	Name: "ansible.builtin.tempfile",
	Doc:  "Make a temporary file or directory with a name that nothing else has.",
}, planTempFile)

type tempArgs struct {
	State  string `arg:"state,default=file,choices=directory|file" doc:"What to make."`
	Path   string `arg:"path,type=path" doc:"The directory to make it in; the host's own for temporary files if not given."`
	Prefix string `arg:"prefix,default=ansible." doc:"How its name begins."`
	Suffix string `arg:"suffix" doc:"How its name ends."`
}

// tempScript makes it in $1 with a name of $2, something random, and $3; $4 is -d for a directory. mktemp has no suffix on every host,
// so the name it finds is taken without one, and renamed.
const tempScript = `# make a temporary file
export LC_ALL=C` + lookFunction + `dir=$1
case $dir in "") dir=${TMPDIR:-/tmp} ;; esac
umask 077
t=$(mktemp $4 "$dir/$2XXXXXXXX") || exit 1
case $3 in ?*) [ ! -e "$t$3" ] && mv "$t" "$t$3" && t=$t$3 || exit 1 ;; esac
look "$t"
`

func planTempFile(_ context.Context, _ module.View, a tempArgs) (module.Plan, error) {
	flag := ""
	if a.State == "directory" {
		flag = "-d"
	}
	return module.Opaque("remote module (tempfile) does not support check mode", func(ctx context.Context, h module.Host) (module.Result, error) {
		out, err := h.Exec(ctx, module.Script(tempScript, []string{a.Path}, a.Prefix, a.Suffix, flag))
		if err != nil {
			return module.Result{}, err
		}
		if out.Rc != 0 {
			return module.Fail("could not make a temporary %s: %s", a.State, strings.TrimSpace(out.Stderr)), nil
		}
		s, err := parseLook(out)
		if err != nil {
			return module.Result{}, err
		}
		return module.Result{Changed: true, Data: s.here.describe(value.NewMap("path", s.path))}, nil
	}), nil
}

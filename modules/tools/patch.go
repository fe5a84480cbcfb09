package tools

import (
	"bytes"
	"context"
	"strconv"

	"github.com/drydock-dev/drydock/engine/module"
)

// Patch applies patches by the patch of the host.
var Patch = module.Define(module.Spec{
	Name: "ansible.posix.patch",
	Doc:  "Apply a patch by the patch of the host, or take it back.",
}, planPatch)

type patchArgs struct {
	Src              string `arg:"src,required,type=path,alias=patchfile" doc:"The patch: of the content, or on the host with remote_src."`
	Dest             string `arg:"dest,type=path,alias=originalfile" doc:"The file to change; it or basedir is needed."`
	Basedir          string `arg:"basedir,type=path" doc:"Folder that the paths of the patch begin in."`
	Strip            int    `arg:"strip,default=0" doc:"How many parts of the patch's paths to leave out."`
	RemoteSrc        bool   `arg:"remote_src,default=no" doc:"Whether the patch is on the host."`
	Backup           bool   `arg:"backup,default=no" doc:"Keep numbered copies of what is changed."`
	Binary           bool   `arg:"binary,default=no" doc:"Leave carriage returns alone."`
	IgnoreWhitespace bool   `arg:"ignore_whitespace,default=no" doc:"Let white space differ."`
	State            string `arg:"state,default=present,choices=absent|present" doc:"Whether the patch is to be applied."`
}

// patchScript gets $1 src or nothing for the input, $2 dest, $3 basedir, $4 y to act, $5 strip, and y for each of $6 binary, $7 ignore_whitespace,
// $8 taking back, $9 backup. It prints applied where there is nothing to do, would where there is.
const patchScript = `# patch
export LC_ALL=C
src=$1 dest=$2 base=$3 act=$4 strip=$5 binary=$6 spaces=$7 reverse=$8 backup=$9
command -v patch >/dev/null || { echo "patch command not found" >&2; exit 90; }
[ -z "$src" ] || [ -r "$src" ] || { echo "src $src doesn't exist or not readable" >&2; exit 90; }
[ -z "$dest" ] || [ -w "$dest" ] || { echo "dest $dest doesn't exist or not writable" >&2; exit 90; }
[ -z "$base" ] || [ -e "$base" ] || { echo "basedir $base doesn't exist" >&2; exit 90; }
[ -n "$base" ] || { base=${dest%/*}; [ "$base" != "$dest" ] || base=.; [ -n "$base" ] || base=/; }
case $dest in ""|/*) ;; *) dest=$(pwd)/$dest ;; esac
t=$(mktemp -d) || exit 1
trap 'rm -rf "$t"' EXIT
if [ -n "$src" ]; then cat "$src"; else cat; fi >"$t/patch" || exit 1
set -- --forward --strip="$strip" --directory="$base" --input="$t/patch"
[ -z "$binary" ] || set -- "$@" --binary
[ -z "$spaces" ] || set -- "$@" --ignore-whitespace
[ -z "$dest" ] || set -- "$@" "$dest"
back= on=--reverse
[ -z "$reverse" ] || { back=--reverse on=; }
if patch --quiet --dry-run $on "$@" >/dev/null 2>&1 </dev/null; then echo applied; exit 0; fi
dry=--dry-run keep=
[ -z "$act" ] || dry=
[ -z "$backup" ] || keep="--backup --version-control=numbered"
patch --quiet --batch --reject-file=- $dry $back $keep "$@" >"$t/out" 2>"$t/err" </dev/null || {
	if [ -s "$t/err" ]; then cat "$t/err"; else cat "$t/out"; fi >&2
	exit 90
}
echo would`

func planPatch(ctx context.Context, v module.View, a patchArgs) (module.Plan, error) {
	if a.Dest == "" && a.Basedir == "" {
		return module.Done(module.Fail("one of the following is required: dest, basedir")), nil
	}
	var text []byte
	if !a.RemoteSrc {
		var err error
		if text, err = content(v, a.Src); err != nil {
			return module.Done(module.Fail("%v", err)), nil
		}
	}
	out, err := v.Query(ctx, a.command(text, false))
	if err != nil {
		return module.Plan{}, err
	}
	switch {
	case out.Rc != 0:
		return module.Done(module.Fail("%s", out.Stderr)), nil
	case out.Line() == "applied":
		return module.Done(module.Result{}), nil
	}
	d := module.Diff{Prepared: string(text)}
	if a.RemoteSrc {
		d = module.Diff{After: "patch " + a.Src + "\n"}
	}
	return module.Change(d, func(ctx context.Context, h module.Host) (module.Result, error) {
		out, err := h.Exec(ctx, a.command(text, true))
		if err == nil && out.Rc != 0 {
			return module.Fail("%s", out.Stderr), nil
		}
		return module.Result{Changed: true}, err
	}), nil
}

// content reads a file of the content.
func content(v module.View, name string) ([]byte, error) {
	found, err := v.Controller().Find("files", name)
	if err != nil {
		return nil, err
	}
	return module.ReadContent(v.Controller().FS(), found, true)
}

func (a patchArgs) command(text []byte, act bool) module.Cmd {
	src := ""
	if a.RemoteSrc {
		src = a.Src
	}
	cmd := module.Script(patchScript, []string{src, a.Dest, a.Basedir}, flag(act), strconv.Itoa(a.Strip), flag(a.Binary),
		flag(a.IgnoreWhitespace), flag(a.State == "absent"), flag(a.Backup))
	cmd.Stdin = bytes.NewReader(text)
	return cmd
}

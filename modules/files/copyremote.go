// Copying within the host: copy with remote_src.
package files

import (
	"context"
	"path"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// remoteScript looks at the source $1 and at the destination $2, or what is to stand in it. For a directory it lists what differs,
// one path a line.
const remoteScript = `# look at source and destination
export LC_ALL=C` + lookFunction + `src=$1 dest=$2 base=$3
say "$(sum_of md5 "$src")"
look "$src" "" "" sha1
if [ -d "$src" ]; then
	case $base in ?*) dest=${dest%/}/$base ;; esac
else
	case $dest in */) dest=$dest$base ;; *) [ -d "$dest" ] && dest=$dest/$base ;; esac
fi
look "$dest" "$4" "$5" sha1
[ -d "$src" ] || exit 0
cd "$src" || exit 1
find . | while IFS= read -r f; do
	t=$dest/${f#./}
	if [ -L "$f" ]; then [ "$(readlink "$f")" = "$(readlink "$t")" ]
	elif [ -d "$f" ]; then [ -d "$t" ]
	else cmp -s "$f" "$t"; fi || echo "$f"
done
exit 0
`

// remoteTreeScript copies the listed paths from the directory $1 to $2 and sets owners $3; the mode $4 is that of the folder $6 alone that was
// asked for, and so is $5 when it has to be made: what is below keeps the modes of the source.
const remoteTreeScript = `# copy within the host
export LC_ALL=C` + lookFunction + `src=$1 dest=$2 mode=
[ -d "$6" ] || mode=$5
mkdir -p "$dest" && cd "$src" || exit 1
while IFS= read -r f; do
	t=$dest/${f#./}
	if [ -d "$f" ] && [ ! -L "$f" ]; then
		mkdir -p "$t" || exit 1
	elif [ -L "$f" ]; then
		rm -f "$t" && ln -s -- "$(readlink "$f")" "$t" || exit 1
	else
		cp "$f" "$t" || exit 1
	fi
	case $3 in ?*) chown -h "$3" "$t" || exit 1 ;; esac
done
for m in "$mode" "$4"; do
	case $m in ?*) chmod "$m" "$6" || exit 1 ;; esac
done
look "$6"
`

func planRemoteCopy(ctx context.Context, v module.View, a copyArgs) (module.Plan, error) {
	base := path.Base(a.Src)
	if strings.HasSuffix(a.Src, "/") {
		base = ""
	}
	out, err := v.Query(ctx, module.Script(remoteScript, []string{a.Src, a.Dest}, base, nameOnly(a.Owner), nameOnly(a.Group)))
	if err != nil {
		return module.Plan{}, err
	}
	md5sum, rest, _ := strings.Cut(out.Stdout, "\x00")
	f := strings.SplitN(rest, "\x00", 2*lookFields+1)
	if out.Rc != 0 || len(f) != 2*lookFields+1 {
		return module.Done(module.Fail("could not look at %s and %s: %s", a.Src, a.Dest, strings.TrimSpace(out.Stderr))), nil
	}
	src, err := parseFields(f[:lookFields])
	if err != nil {
		return module.Plan{}, err
	}
	dest, err := parseFields(f[lookFields:])
	switch {
	case err != nil:
		return module.Plan{}, err
	case src.there == nil:
		return module.Done(module.Fail("Source %s not found", src.path)), nil
	case src.isDir():
		return a.planRemoteTree(src, dest, strings.TrimSuffix(dest.path, "/"+base), f[2*lookFields])
	}
	return a.planRemoteFile(src, dest, md5sum)
}

func (a copyArgs) planRemoteFile(src, dest state, md5sum string) (module.Plan, error) {
	d := delivery{attributes: a.attributes, dest: a.Dest, name: path.Base(src.path), follow: a.Follow, sha1: src.sum}
	if r := d.obstacle(dest); r != nil {
		return module.Done(*r), nil
	}
	if dest.here != nil && !a.Force {
		return module.Done(module.Result{Msg: "file already exists"}.With("src", src.path).With("dest", dest.path)), nil
	}
	if a.Checksum != "" && a.Checksum != src.sum {
		return module.Done(module.Fail("Copied file does not match the expected checksum. Transfer failed.").With("checksum", src.sum).
			With("expected_checksum", a.Checksum)), nil
	}
	if dest.parent == "" && !strings.HasSuffix(a.Dest, "/") {
		return d.planNowhere(dest)
	}
	if d.Mode != nil && *d.Mode == "preserve" {
		m := octal(src.there.perm())
		d.Mode = &m
	}
	target, old := dest.path, dest.here
	if dest.isLink() && a.Follow && dest.there != nil {
		target, old = dest.real, dest.there
	}
	w, bad := d.want(dest, old, 0o666, false)
	if bad != nil {
		return module.Done(*bad), nil
	}
	keys := func(s state) module.Result {
		return module.Result{Data: s.there.describe(value.NewMap("checksum", src.sum, "dest", dest.path, "md5sum", md5sum, "src", src.path))}
	}
	same := src.sum == dest.sum && old != nil && !old.is(typeLink)
	if same && !w.differs(old) {
		return module.Done(keys(dest)), nil
	}
	before, after := value.NewMap("path", dest.path), value.NewMap("path", dest.path)
	if same {
		w.diff(old, before, after)
	} else {
		before.Set("checksum", dest.sum)
		after.Set("checksum", src.sum)
	}
	return module.Change(sides(before, after), func(ctx context.Context, h module.Host) (module.Result, error) {
		done, err := writing{path: target, from: src.path, size: src.there.size, access: w, backup: a.Backup && !same, validate: a.Validate,
			mkdir: strings.HasSuffix(a.Dest, "/"), unsafe: a.UnsafeWrites}.put(ctx, h)
		if no, ok := err.(rejected); ok {
			return module.Fail("failed to validate").With("exit_status", no.rc).With("stdout", no.stdout).With("stderr", no.stderr), nil
		}
		if err != nil {
			return answer(module.Result{}, err)
		}
		r := keys(done.state)
		if r.Changed = true; done.backup != "" {
			r.Data.Set("backup_file", done.backup)
		}
		return r, nil
	}).Predicting(module.Result{}.With("dest", dest.path)), nil
}

// planRemoteTree copies a directory to dest, which is the folder asked for or stands in it.
func (a copyArgs) planRemoteTree(src, dest state, asked, differing string) (module.Plan, error) {
	if err := a.whole("a directory that is copied"); err != nil {
		r, _ := answer(module.Result{}, err)
		return module.Done(r), nil
	}
	if dest.here != nil && !dest.isDir() {
		return module.Done(module.Fail("cannot copy directory %s over the file %s", src.path, dest.path)), nil
	}
	w, bad := attributes{Owner: a.Owner, Group: a.Group}.want(dest, dest.there, 0o777, true)
	if bad != nil {
		return module.Done(*bad), nil
	}
	keys := func(s state) module.Result {
		return module.Result{Data: s.there.describe(value.NewMap("checksum", nil, "dest", asked, "md5sum", nil, "src", src.path))}
	}
	if differing == "" {
		return module.Done(keys(dest)), nil
	}
	mode, dirMode := "", ""
	if a.Mode != nil && *a.Mode != "preserve" {
		mode = *a.Mode
	}
	if a.DirectoryMode != nil {
		dirMode = *a.DirectoryMode
	}
	diff := module.Diff{After: differing, AfterHeader: src.path, BeforeHeader: dest.path}
	return module.Change(diff, func(ctx context.Context, h module.Host) (module.Result, error) {
		out, err := h.Exec(ctx, module.Cmd{Script: remoteTreeScript, Stdin: strings.NewReader(differing),
			Args: []string{src.path, dest.path, w.owners(), mode, dirMode, asked}})
		if err != nil {
			return module.Result{}, err
		}
		if out.Rc != 0 {
			return module.Fail("could not copy %s to %s: %s", src.path, dest.path, strings.TrimSpace(out.Stderr)), nil
		}
		now, err := parseLook(out)
		if err != nil {
			return module.Result{}, err
		}
		r := keys(now)
		r.Changed = true
		return r, nil
	}).Predicting(module.Result{}.With("dest", asked)), nil
}

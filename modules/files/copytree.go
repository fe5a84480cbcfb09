// Copying a directory of the controller, file by file; what is already equal costs nothing but the look.
package files

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"sort"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
)

// treeScript looks at paths below $1, one a line of its input. Each answer is a look without content.
const treeScript = `# look at many paths
export LC_ALL=C` + lookFunction + `root=${1%/}
while IFS= read -r f; do look "$root/$f" "$2" "$3" sha1; done
`

// branch is a file or directory of the source with what the host has in its place.
type branch struct {
	source string // on the controller
	rel    string // below the destination
	dir    bool
	link   string // where it points, of a link that stays one
	mode   fs.FileMode
	at     state
	access access
	sha1   string
}

func planTree(ctx context.Context, v module.View, a copyArgs, root string) (module.Plan, error) {
	if err := a.whole("a directory that is copied"); err != nil {
		r, _ := answer(module.Result{}, err)
		return module.Done(r), nil
	}
	prefix := ""
	if !strings.HasSuffix(a.Src, "/") {
		prefix = path.Base(root)
	}
	branches, err := grow(v.Controller().FS(), root, prefix, a.LocalFollow)
	if err != nil {
		return module.Done(module.Fail("could not read %s: %v", a.Src, err)), nil
	}
	if branches, err = a.lookAt(ctx, v, branches); err != nil {
		return module.Plan{}, err
	}
	var todo []branch
	for _, b := range branches {
		change, bad, err := a.judge(v, &b)
		if err != nil || bad != nil {
			return orFailed(bad, err)
		}
		if change {
			todo = append(todo, b)
		}
	}
	r := module.Result{}.With("dest", strings.TrimSuffix(a.Dest, "/")+"/").With("src", a.Src)
	if len(todo) == 0 {
		return module.Done(r), nil
	}
	return module.Change(treeDiff(a.Dest, todo), func(ctx context.Context, h module.Host) (module.Result, error) {
		for _, b := range todo {
			if err := a.carry(ctx, h, b); err != nil {
				return answer(module.Result{}, err)
			}
		}
		r.Changed = true
		return r, nil
	}).Predicting(r), nil
}

func orFailed(bad *module.Result, err error) (module.Plan, error) {
	if err != nil {
		return module.Plan{}, err
	}
	return module.Done(*bad), nil
}

// grow lists a directory, itself first and then each directory before what it holds; symbolic links below it are followed, or with
// follow false are what they are.
func grow(tree fs.FS, root, prefix string, follow bool) ([]branch, error) {
	var out []branch
	var walk func(source, rel string, depth int) error
	walk = func(source, rel string, depth int) error {
		info, err := fs.Stat(tree, source)
		if err != nil {
			return err
		}
		if strings.ContainsRune(rel, '\n') || depth > 100 {
			return fmt.Errorf("%s cannot be copied: a line end in its name, or a loop of links", source)
		}
		out = append(out, branch{source: source, rel: rel, dir: info.IsDir(), mode: info.Mode()})
		if !info.IsDir() {
			return nil
		}
		entries, err := fs.ReadDir(tree, source)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if !follow && e.Type()&fs.ModeSymlink != 0 {
				to, err := fs.ReadLink(tree, path.Join(source, e.Name()))
				if err != nil {
					return err
				}
				out = append(out, branch{source: path.Join(source, e.Name()), rel: path.Join(rel, e.Name()), link: to})
				continue
			}
			if err := walk(path.Join(source, e.Name()), path.Join(rel, e.Name()), depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	return out, walk(root, prefix, 0)
}

// lookAt asks the host about all branches in one round trip.
func (a copyArgs) lookAt(ctx context.Context, v module.View, branches []branch) ([]branch, error) {
	var list strings.Builder
	for _, b := range branches {
		list.WriteString(b.rel + "\n")
	}
	cmd := module.Script(treeScript, []string{a.Dest}, nameOnly(a.Owner), nameOnly(a.Group))
	cmd.Stdin = strings.NewReader(list.String())
	out, err := v.Query(ctx, cmd)
	if err != nil {
		return nil, err
	}
	f := strings.Split(out.Stdout, "\x00")
	if out.Rc != 0 || len(f) != len(branches)*lookFields+1 {
		return nil, fmt.Errorf("the host could not be looked at (exit %d): %s", out.Rc, strings.TrimSpace(out.Stderr))
	}
	for i := range branches {
		if branches[i].at, err = parseFields(f[i*lookFields : (i+1)*lookFields]); err != nil {
			return nil, err
		}
	}
	return branches, nil
}

// judge works out what a branch shall be and whether it differs.
func (a copyArgs) judge(v module.View, b *branch) (differs bool, bad *module.Result, err error) {
	if b.link != "" {
		return a.judgeLink(b)
	}
	attrs := a.attributes
	create := 0o666
	if b.dir {
		attrs.Mode, create = nil, 0o777
		if b.at.there == nil {
			attrs.Mode = a.DirectoryMode
		}
	} else if attrs.Mode != nil && *attrs.Mode == "preserve" {
		m := octal(int(b.mode.Perm()))
		attrs.Mode = &m
	}
	if b.at.there != nil && b.at.isDir() != b.dir {
		return false, failed(b.at, "%s is a %s, and a directory cannot stand for a file or a file for a directory", b.at.path, b.at.there.kind()), nil
	}
	if b.access, bad = attrs.want(b.at, b.at.there, create, b.dir); bad != nil {
		return false, bad, nil
	}
	if !b.dir {
		d, err := delivery{}.withFile(v.Controller().FS(), b.source, a.Decrypt)
		if err != nil {
			return false, nil, err
		}
		b.sha1 = d.sha1
	}
	switch {
	case b.at.there == nil:
		return true, nil, nil
	case !b.dir && !a.Force:
		return false, nil, nil
	}
	return b.sha1 != b.at.sum || b.access.differs(b.at.there), nil, nil
}

// judgeLink is judge of a link that stays one. It replaces a file, not a directory.
func (a copyArgs) judgeLink(b *branch) (differs bool, bad *module.Result, err error) {
	if b.at.here != nil && b.at.here.is(typeDirectory) {
		return false, failed(b.at, "refusing to convert from directory to symlink for %s", b.at.path), nil
	}
	if b.access, bad = (attributes{Owner: a.Owner, Group: a.Group}).want(b.at, b.at.here, 0o777, false); bad != nil {
		return false, bad, nil
	}
	return !b.at.isLink() || b.at.link != b.link || b.access.differs(b.at.here), nil, nil
}

// treeDiff names each path that will differ.
func treeDiff(dest string, todo []branch) module.Diff {
	var before, after []string
	for _, b := range todo {
		line := octal(b.access.mode) + " " + b.at.path + " " + b.sha1 + b.link
		after = append(after, strings.TrimSpace(line))
		if n := b.at.there; n != nil {
			before = append(before, strings.TrimSpace(octal(n.perm())+" "+b.at.path+" "+b.at.sum))
		}
	}
	sort.Strings(before)
	sort.Strings(after)
	d := module.Diff{After: strings.Join(after, "\n") + "\n", BeforeHeader: dest, AfterHeader: dest}
	if len(before) > 0 {
		d.Before = strings.Join(before, "\n") + "\n"
	}
	return d
}

// makeDirectoryScript makes one directory with its attributes.
const makeDirectoryScript = `# make a directory
mkdir -p "$1" || exit 1
case $2 in ?*) chown "$2" "$1" || exit 1 ;; esac
chmod "$3" "$1"
`

// makeLinkScript makes $1 a link to $2, owned by $3.
const makeLinkScript = `# make a link
ln -sfn -- "$2" "$1" || exit 1
case $3 in ?*) chown -h "$3" "$1" ;; esac
`

func (a copyArgs) carry(ctx context.Context, h module.Host, b branch) error {
	switch {
	case b.link != "":
		out, err := h.Exec(ctx, module.Cmd{Script: makeLinkScript, Args: []string{b.at.path, b.link, b.access.owners()}})
		if err == nil && out.Rc != 0 {
			return refused{fmt.Sprintf("could not make %s: %s", b.at.path, strings.TrimSpace(out.Stderr))}
		}
		return err
	case b.dir:
		out, err := h.Exec(ctx, module.Cmd{Script: makeDirectoryScript, Args: []string{b.at.path, b.access.owners(), octal(b.access.mode)}})
		if err == nil && out.Rc != 0 {
			return refused{fmt.Sprintf("could not make %s: %s", b.at.path, strings.TrimSpace(out.Stderr))}
		}
		return err
	case b.at.there != nil && b.at.sum == b.sha1:
		_, err := b.access.set(ctx, h, b.at.real)
		return err
	}
	d, err := delivery{}.withFile(h.Controller().FS(), b.source, a.Decrypt)
	if err != nil {
		return err
	}
	body, err := d.open()
	if err != nil {
		return err
	}
	defer body.Close()
	_, err = writing{path: b.at.path, body: body, size: d.size, access: b.access, backup: a.Backup, validate: a.Validate, unsafe: a.UnsafeWrites}.put(ctx, h)
	if no, ok := err.(rejected); ok {
		return refused{no.Error()}
	}
	return err
}

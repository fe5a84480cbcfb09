package files

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/dlclark/regexp2"

	"github.com/drydock-dev/drydock/engine/module"
)

// Assemble makes a file of the pieces in a folder.
var Assemble = module.Define(module.Spec{
	Name: "ansible.builtin.assemble",
	Doc:  "Make a file of the pieces in a folder, in the order of their names.",
}, marking(planAssemble))

type assembleArgs struct {
	attributes
	marks
	Src          string `arg:"src,required,type=path" doc:"The folder of pieces, on the host or of the content."`
	Dest         string `arg:"dest,required,type=path" doc:"The file to make."`
	RemoteSrc    bool   `arg:"remote_src,default=yes" doc:"Whether the folder is on the host."`
	Regexp       string `arg:"regexp" doc:"Only pieces in whose name this is found."`
	Delimiter    string `arg:"delimiter" doc:"What stands between pieces; may hold escapes such as \\n."`
	IgnoreHidden bool   `arg:"ignore_hidden,default=no" doc:"Leave out pieces whose name begins with a dot."`
	Backup       bool   `arg:"backup,default=no" doc:"Keep a copy of the file as it was."`
	Validate     string `arg:"validate" doc:"Command that must approve the file; %s stands for its path."`
	Decrypt      bool   `arg:"decrypt,default=yes" doc:"Open vaulted pieces of the content; others are taken as they are."`
	Follow       bool   `arg:"follow,default=no" doc:"Write to what a link at dest leads to, instead of the link."`
}

// fragment is a file of the folder.
type fragment struct{ name, text string }

// piecesScript prints of each file in $1 its size and name, and then its bytes.
const piecesScript = `# read the pieces
export LC_ALL=C
[ -e "$1" ] || { echo "Source ($1) does not exist" >&2; exit 90; }
[ -d "$1" ] || { echo "Source ($1) is not a directory" >&2; exit 90; }
for f in "$1"/* "$1"/.[!.]* "$1"/..?*; do
	[ -f "$f" ] || continue
	printf '%s %s\0' "$(wc -c <"$f" | tr -d ' ')" "${f##*/}"
	cat "$f" || exit 1
done
exit 0`

func planAssemble(ctx context.Context, v module.View, a assembleArgs) (module.Plan, error) {
	var match *regexp2.Regexp
	if a.Regexp != "" {
		p, err := compile(a.Regexp, regexp2.None)
		if err != nil {
			return module.Done(module.Fail("Invalid Regexp (%v) in \"%s\"", err, a.Regexp)), nil
		}
		match = p.re
	}
	read := a.remote
	if !a.RemoteSrc {
		read = a.local
	}
	all, err := read(ctx, v)
	if err != nil {
		r, err := answer(module.Result{}, err)
		return module.Done(r), err
	}
	slices.SortFunc(all, func(x, y fragment) int { return strings.Compare(x.name, y.name) })
	all = slices.DeleteFunc(all, func(p fragment) bool {
		if a.IgnoreHidden && strings.HasPrefix(p.name, ".") {
			return true
		}
		ok := true
		if match != nil {
			ok, _ = match.MatchString(p.name) // only a time limit can fail, and none is set
		}
		return !ok
	})
	d := delivery{attributes: a.attributes, dest: a.Dest, shown: a.Src, follow: a.Follow, force: true, backup: a.Backup, validate: a.Validate}
	d = d.withText(a.join(all))
	p, err := d.plan(ctx, v)
	if err != nil {
		return p, err
	}
	if p.Kind() == module.KindDone {
		return module.Done(a.worded(p.Result())), nil
	}
	return module.Change(p.Diff(), func(ctx context.Context, h module.Host) (module.Result, error) {
		r, err := p.Apply()(ctx, h)
		return a.worded(r), err
	}).Predicting(a.worded(p.Result()).With("checksum", d.sha1).With("dest", a.Dest)), nil
}

// worded makes of the result of a delivery that of this module.
func (a assembleArgs) worded(r module.Result) module.Result {
	if r.Failed {
		if rc := r.Data.Value("exit_status"); rc != nil {
			r.Msg = fmt.Sprintf("failed to validate: rc:%v error:%v", rc, r.Data.Value("stderr"))
		}
		return r
	}
	r.Msg = "OK"
	return r.With("src", a.Src)
}

// join puts the pieces together. A piece without a line end gets one before the next.
func (a assembleArgs) join(all []fragment) string {
	between := ""
	if a.Delimiter != "" {
		between = unescape(a.Delimiter)
		if !strings.HasSuffix(between, "\n") {
			between += "\n"
		}
	}
	var b strings.Builder
	for i, p := range all {
		if i > 0 {
			if !strings.HasSuffix(all[i-1].text, "\n") {
				b.WriteString("\n")
			}
			b.WriteString(between)
		}
		b.WriteString(p.text)
	}
	return b.String()
}

// unescape reads the escapes of a delimiter; one that cannot be read stays as it is written.
func unescape(text string) string {
	if s, err := strconv.Unquote(`"` + strings.ReplaceAll(strings.ReplaceAll(text, `"`, `\"`), "\n", `\n`) + `"`); err == nil {
		return s
	}
	return text
}

// remote reads the pieces on the host.
func (a assembleArgs) remote(ctx context.Context, v module.View) ([]fragment, error) {
	out, err := v.Query(ctx, module.Script(piecesScript, []string{strings.TrimSuffix(a.Src, "/")}))
	if err != nil {
		return nil, err
	}
	if out.Rc != 0 {
		return nil, refused{strings.TrimSpace(out.Stderr)}
	}
	var all []fragment
	for rest := out.Stdout; rest != ""; {
		head, body, ok := strings.Cut(rest, "\x00")
		size, name, named := strings.Cut(head, " ")
		n, err := strconv.Atoi(size)
		if !ok || !named || err != nil || n > len(body) {
			return nil, fmt.Errorf("read the pieces: the host's answer is cut short at %q", head)
		}
		all, rest = append(all, fragment{name, body[:n]}), body[n:]
	}
	return all, nil
}

// local reads the pieces of the content.
func (a assembleArgs) local(_ context.Context, v module.View) ([]fragment, error) {
	found, err := v.Controller().Find("files", a.Src)
	if err != nil {
		return nil, refused{err.Error()}
	}
	tree := v.Controller().FS()
	if info, err := fs.Stat(tree, found); err != nil || !info.IsDir() {
		return nil, refused{fmt.Sprintf("Source (%s) is not a directory", found)}
	}
	entries, err := tree.ReadDir(found)
	if err != nil {
		return nil, refused{err.Error()}
	}
	var all []fragment
	for _, e := range entries {
		name := path.Join(found, e.Name())
		if info, err := fs.Stat(tree, name); err != nil || !info.Mode().IsRegular() {
			continue
		}
		body, err := module.ReadContent(tree, name, a.Decrypt)
		if err != nil {
			return nil, refused{err.Error()}
		}
		all = append(all, fragment{e.Name(), string(body)})
	}
	return all, nil
}

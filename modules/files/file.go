package files

import (
	"context"
	"fmt"
	"path"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// File makes and removes files, directories and links, and sets their attributes.
var File = module.Define(module.Spec{
	Name: "ansible.builtin.file",
	Doc:  "Make or remove a file, directory or link, and set its attributes.",
}, marking(planFile))

type fileArgs struct {
	attributes
	marks
	Path       string `arg:"path,required,type=path,alias=dest|name" doc:"The path to manage."`
	State      string `arg:"state,choices=absent|directory|file|hard|link|touch" doc:"What is to be there; if not given, what is there, else a file, else with recurse a directory."`
	Src        string `arg:"src,type=path" doc:"What a link is to lead to."`
	Recurse    bool   `arg:"recurse" doc:"Set the attributes of all that a directory holds, too."`
	Force      bool   `arg:"force" doc:"Make a link whose target is missing, or in the place of a file or empty directory."`
	Follow     bool   `arg:"follow,default=true" doc:"Act on what a symbolic link leads to."`
	AccessTime string `arg:"access_time" doc:"now, preserve, or a time."`
	AccessForm string `arg:"access_time_format,default=%Y%m%d%H%M.%S" doc:"How access_time is written."`
	ModTime    string `arg:"modification_time" doc:"now, preserve, or a time."`
	ModForm    string `arg:"modification_time_format,default=%Y%m%d%H%M.%S" doc:"How modification_time is written."`
}

// fileScript looks at $1 and at a link's target $2, tells whether $1 is an empty directory, and lists what is below it: with $5 names for
// a diff, each with its type, or else with $6 the nodes for recurse.
const fileScript = `# look at a path and its target
export LC_ALL=C` + lookFunction + `p=$1
case $2 in
"") t= ;;
/*) t=$2 ;;
*) if [ -d "$p" ] && [ ! -L "$p" ]; then t=$p/$2; else
	case $p in */*) t=${p%/*}/$2 ;; *) t=$2 ;; esac
fi ;;
esac
say "$t"
say "$(case $t in ?*) [ -e "$t" ] && stat -L -c %d:%i "$t" ;; esac)"
say "$([ -d "$p" ] && [ ! -L "$p" ] && [ -n "$(ls -A "$p")" ] && echo y)"
look "$p" "$3" "$4"
[ -d "$p" ] || exit 0
case $5 in y)
	[ -L "$p" ] && exit 0
	find "$p" -mindepth 1 -type d -exec sh -c 'for f; do printf "d%s\0" "$f"; done' sh {} +
	find "$p" ! -type d -exec sh -c 'for f; do printf "f%s\0" "$f"; done' sh {} + ;;
esac
case $6 in y) cd "$p" && find . ! -name . -exec stat -c '` + "\x01" + statFormat + `|%n' {} + ;; esac
exit 0
`

// fileSight is what fileScript has seen.
type fileSight struct {
	state
	target   string // of the link wanted, from the root
	targetID string // device:inode; empty: nothing is there
	full     bool   // a directory that holds something
}

func planFile(ctx context.Context, v module.View, a fileArgs) (module.Plan, error) {
	if a.Recurse {
		if err := a.whole("recurse"); err != nil {
			r, _ := answer(module.Result{}, err)
			return module.Done(r), nil
		}
	}
	if len(a.Path) > 1 {
		a.Path = a.Path[:1] + strings.TrimRight(a.Path[1:], "/")
	}
	if a.State == "absent" && path.Clean(a.Path) == "/" {
		return module.Done(module.Fail("refusing to remove %s", a.Path)), nil
	}
	out, err := v.Query(ctx, module.Script(fileScript, []string{a.Path}, a.Src, nameOnly(a.Owner), nameOnly(a.Group),
		yes(a.State == "absent"), yes(a.Recurse)))
	if err != nil {
		return module.Plan{}, err
	}
	f := strings.SplitN(out.Stdout, "\x00", 4)
	if len(f) != 4 || out.Rc != 0 {
		return module.Plan{}, fmt.Errorf("the host could not be looked at (exit %d): %s", out.Rc, strings.TrimSpace(out.Stderr))
	}
	out.Stdout = f[3]
	s, err := parseLook(out)
	if err != nil {
		return module.Plan{}, err
	}
	return a.choose(fileSight{state: s, target: f[0], targetID: f[1], full: f[2] != ""})
}

// choose takes the state that is wanted, or the one that is there.
func (a fileArgs) choose(s fileSight) (module.Plan, error) {
	state := a.State
	if state == "" {
		switch {
		case s.here != nil:
			state = s.here.kind()
		case a.Recurse:
			state = "directory"
		default:
			state = "file"
		}
	}
	if a.Recurse && state != "directory" {
		return module.Done(module.Fail("recurse option requires state to be 'directory'")), nil
	}
	if a.Src != "" && state != "link" && state != "hard" {
		return module.Done(module.Fail("src option requires state to be 'link' or 'hard'")), nil
	}
	switch state {
	case "absent":
		return a.planAbsent(s)
	case "directory":
		return a.planDirectory(s)
	case "touch":
		return a.planTouch(s)
	case "link":
		if a.Src != "" || a.State != "" {
			return a.planLink(s)
		}
	case "hard":
		if a.Src != "" || a.State != "" {
			return a.planHard(s)
		}
	}
	return a.planPresent(s)
}

// planPresent sets the attributes of a file that must be there.
func (a fileArgs) planPresent(s fileSight) (module.Plan, error) {
	n, at := s.followed(a.Follow)
	if n == nil && !(s.here != nil && a.State == "") {
		return module.Done(module.Fail("file (%s) is absent, cannot continue", s.path).With("path", s.path).With("state", "absent")), nil
	}
	if n == nil {
		n, at = s.here, s.path
	}
	if kind := n.kind(); a.State == "file" && kind != "file" && kind != "hard" {
		return module.Done(*failed(s.state, "file (%s) is %s, cannot continue", s.path, kind)), nil
	}
	w, bad := a.want(s.state, n, 0, n.is(typeDirectory))
	if bad != nil {
		return module.Done(*bad), nil
	}
	t, err := a.times(n)
	if err != nil {
		return module.Done(module.Fail("%v", err)), nil
	}
	if !w.differs(n) && !t.differ(n) {
		return module.Done(s.keys("path")), nil
	}
	before, after := value.NewMap("path", s.path), value.NewMap("path", s.path)
	w.diff(n, before, after)
	t.diff(n, before, after)
	return module.Change(sides(before, after), func(ctx context.Context, h module.Host) (module.Result, error) {
		if err := t.set(ctx, h, at); err != nil {
			return answer(module.Result{}, err)
		}
		return s.finish(w.set(ctx, h, at))("path")
	}).Predicting(s.keys("path")), nil
}

// followed is the node that is meant and its path: what a link leads to, or the link itself.
func (s fileSight) followed(follow bool) (*node, string) {
	if follow && s.isLink() {
		return s.there, s.real
	}
	return s.here, s.path
}

// keys is the result for what is there now.
func (s fileSight) keys(pathKey string) module.Result {
	return module.Result{Data: s.described(value.NewMap(pathKey, s.path))}
}

// finish makes the result of a change out of the last look, which keeps the path as the task wrote it.
func (s fileSight) finish(now state, err error) func(pathKey string, more ...any) (module.Result, error) {
	return func(pathKey string, more ...any) (module.Result, error) {
		if err != nil {
			return answer(module.Result{}, err)
		}
		data := value.NewMap(more...)
		data.Set(pathKey, s.path)
		return module.Result{Changed: true, Data: now.described(data)}, nil
	}
}

// described describes what is there; Ansible knows nothing of a link that leads nowhere.
func (s state) described(into *value.Map) *value.Map {
	if s.isLink() && s.there == nil {
		return into
	}
	return s.here.describe(into)
}

// planAbsent removes whatever is there.
func (a fileArgs) planAbsent(s fileSight) (module.Plan, error) {
	r := module.Result{}.With("path", s.path).With("state", "absent")
	if s.here == nil {
		return module.Done(r), nil
	}
	before := value.NewMap("path", s.path, "state", s.here.kind())
	if s.here.is(typeDirectory) {
		before.Set("path_content", contents(s.content))
	}
	return module.Change(sides(before, value.NewMap("path", s.path, "state", "absent")), func(ctx context.Context, h module.Host) (module.Result, error) {
		out, err := h.Exec(ctx, module.Cmd{Script: "# remove\nrm -rf -- \"$1\" && [ ! -e \"$1\" ] && [ ! -L \"$1\" ]", Args: []string{s.path}})
		if err != nil {
			return module.Result{}, err
		}
		if out.Rc != 0 {
			return module.Fail("could not remove %s: %s", s.path, strings.TrimSpace(out.Stderr)), nil
		}
		r.Changed = true
		return r, nil
	}).Predicting(r), nil
}

// contents sorts what a directory holds into directories and files.
func contents(listing string) *value.Map {
	dirs, files := []any{}, []any{}
	for _, entry := range strings.Split(listing, "\x00") {
		switch {
		case strings.HasPrefix(entry, "d"):
			dirs = append(dirs, entry[1:])
		case entry != "":
			files = append(files, entry[1:])
		}
	}
	return value.NewMap("directories", dirs, "files", files)
}

// planDirectory makes a directory and those above it that are missing.
func (a fileArgs) planDirectory(s fileSight) (module.Plan, error) {
	n, at := s.followed(a.Follow)
	if n == nil && s.isLink() && s.real == "" {
		n = s.here
	}
	if n != nil && !n.is(typeDirectory) {
		return module.Done(*failed(s.state, "%s already exists as a %s", s.path, n.kind())), nil
	}
	w, bad := a.want(s.state, n, 0o777, true)
	if bad != nil {
		return module.Done(*bad), nil
	}
	if n == nil {
		return a.planNewDirectory(s, at, w)
	}
	var below []todo
	if a.Recurse {
		var err error
		if below, bad, err = a.recurse(s, at); err != nil || bad != nil {
			return orFailed(bad, err)
		}
	}
	if !w.differs(n) && len(below) == 0 {
		return module.Done(s.keys("path")), nil
	}
	before, after := value.NewMap("path", s.path), value.NewMap("path", s.path)
	w.diff(n, before, after)
	describe(below, before, after)
	return module.Change(sides(before, after), func(ctx context.Context, h module.Host) (module.Result, error) {
		if err := apply(ctx, h, below); err != nil {
			return answer(module.Result{}, err)
		}
		return s.finish(w.set(ctx, h, at))("path")
	}).Predicting(s.keys("path")), nil
}

// newDirectoryScript makes each missing directory of a path and gives it owners $2 and mode $3.
const newDirectoryScript = `# make directories
export LC_ALL=C` + lookFunction + `make() {
	[ -d "$1" ] && return 0
	case $1 in */*) make "${1%/*}" || return 1 ;; esac
	case $1 in "") return 0 ;; esac
	mkdir "$1" 2>/dev/null || [ -d "$1" ] || mkdir "$1" || return 1 # another task may make it at the same time
	case $owners in ?*) chown "$owners" "$1" || return 1 ;; esac
	chmod "$mode" "$1"
}
owners=$2 mode=$3
make "$1" || exit 1
look "$1"
`

func (a fileArgs) planNewDirectory(s fileSight, at string, w access) (module.Plan, error) {
	before, after := value.NewMap("path", s.path, "state", "absent"), value.NewMap("path", s.path, "state", "directory")
	return module.Change(sides(before, after), func(ctx context.Context, h module.Host) (module.Result, error) {
		out, err := h.Exec(ctx, module.Cmd{Script: newDirectoryScript, Args: []string{at, w.owners(), octal(w.mode)}})
		if err != nil {
			return module.Result{}, err
		}
		if out.Rc != 0 {
			return module.Fail("There was an issue creating %s as requested: %s", s.path, strings.TrimSpace(out.Stderr)).With("path", s.path), nil
		}
		return s.finish(parseLook(out))("path")
	}).Predicting(module.Result{}.With("path", s.path)), nil
}

// The links and times of file: state link, hard and touch.
package files

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// linkScript puts a link to $2 in the place of $1, at once; $3 is -s for a symbolic link, $4 the owners.
const linkScript = `# make a link
export LC_ALL=C` + lookFunction + `t=$1.drydock.$$
trap 'rm -f "$t"' EXIT
[ -d "$1" ] && [ ! -L "$1" ] && { rmdir "$1" || exit 1; }
ln $3 "$2" "$t" || exit 1
case $4 in ?*) chown -h "$4" "$t" || exit 1 ;; esac
if [ -L "$1" ]; then rm -f "$1" || exit 1; fi
mv -f "$t" "$1" || exit 1
look "$1"
`

func (a fileArgs) makeLink(s fileSight, flag string, w access, more ...any) module.Apply {
	return func(ctx context.Context, h module.Host) (module.Result, error) {
		src := a.Src
		if flag == "" {
			src = s.target
		}
		out, err := h.Exec(ctx, module.Cmd{Script: linkScript, Args: []string{s.path, src, flag, w.owners()}})
		if err != nil {
			return module.Result{}, err
		}
		if out.Rc != 0 {
			return module.Fail("Error while linking: %s", strings.TrimSpace(out.Stderr)).With("path", s.path), nil
		}
		now, err := parseLook(out)
		if err == nil && (a.Follow || flag == "") {
			now, err = a.attributesOfTarget(ctx, h, s, now)
		}
		return s.finish(now, err)("dest", more...)
	}
}

// attributesOfTarget gives what a new link leads to the attributes that are asked for; where it leads nowhere, nobody gets them.
func (a fileArgs) attributesOfTarget(ctx context.Context, h module.Host, before fileSight, now state) (state, error) {
	if now.there == nil {
		return now, nil
	}
	asked := now
	asked.uid, asked.gid = before.uid, before.gid
	w, bad := a.want(asked, now.there, 0, now.isDir())
	if bad != nil {
		return now, refused{bad.Msg}
	}
	if !w.differs(now.there) {
		return now, nil
	}
	at := now.path
	if now.isLink() {
		at = now.real
	}
	if _, err := w.set(ctx, h, at); err != nil {
		return now, err
	}
	return look(ctx, h, question{path: before.path})
}

func (a fileArgs) planLink(s fileSight) (module.Plan, error) {
	if r := a.linkObstacle(s); r != nil {
		return module.Done(*r), nil
	}
	if a.Src == "" {
		a.Src = s.link
	}
	prev := s.here.kind()
	own, bad := attributes{Owner: a.Owner, Group: a.Group}.want(s.state, s.here, 0o777, false)
	if bad != nil {
		return module.Done(*bad), nil
	}
	if a.Follow {
		own = access{uid: leave, gid: leave} // they are for what it leads to
	}
	r := s.keys("dest").With("src", a.Src)
	before, after := value.NewMap("path", s.path), value.NewMap("path", s.path)
	switch {
	case prev != "link":
		before.Set("state", prev)
		after.Set("state", "link")
	case s.link != a.Src:
		before.Set("src", s.link)
		after.Set("src", a.Src)
	default:
		return a.planLinked(s, r)
	}
	return module.Change(sides(before, after), a.makeLink(s, "-s", own, "src", a.Src)).Predicting(module.Result{}.With("dest", s.path).With("src", a.Src)), nil
}

// planLinked is for a link that leads where it should: what remains are the attributes, of its target or its own.
func (a fileArgs) planLinked(s fileSight, r module.Result) (module.Plan, error) {
	n, at := s.followed(a.Follow)
	if n == nil {
		return module.Done(r), nil
	}
	w, bad := a.want(s.state, n, 0, n.is(typeDirectory))
	if bad != nil {
		return module.Done(*bad), nil
	}
	if !w.differs(n) {
		return module.Done(r), nil
	}
	before, after := value.NewMap("path", s.path), value.NewMap("path", s.path)
	w.diff(n, before, after)
	return module.Change(sides(before, after), func(ctx context.Context, h module.Host) (module.Result, error) {
		if _, err := w.set(ctx, h, at); err != nil {
			return answer(module.Result{}, err)
		}
		now, err := look(ctx, h, question{path: s.path})
		return s.finish(now, err)("dest", "src", a.Src)
	}).Predicting(r), nil
}

// linkObstacle is why a symbolic link cannot be made.
func (a fileArgs) linkObstacle(s fileSight) *module.Result {
	prev := s.here.kind()
	switch {
	case a.Src != "" && !a.Force && s.targetID == "":
		r := module.Fail("src file does not exist, use 'force=yes' if you really want to create the link: %s", s.target).With("path", s.path).With("src", a.Src)
		return &r
	case a.Src == "" && prev != "link":
		r := module.Fail("src is required for creating new symlinks")
		return &r
	case prev == "directory" && a.Force && s.full:
		return failed(s.state, "the directory %s is not empty, refusing to convert it", s.path)
	case prev != "absent" && prev != "link" && !a.Force:
		return failed(s.state, "refusing to convert from %s to symlink for %s", prev, s.path)
	}
	return nil
}

func (a fileArgs) planHard(s fileSight) (module.Plan, error) {
	prev := s.here.kind()
	same := s.here != nil && s.targetID == fmt.Sprintf("%d:%d", s.here.device, s.here.inode)
	switch {
	case a.Src == "":
		return module.Done(module.Fail("src is required for creating new hardlinks")), nil
	case s.targetID == "":
		return module.Done(module.Fail("src does not exist").With("dest", s.path).With("src", a.Src)), nil
	case prev == "directory":
		return module.Done(*failed(s.state, "refusing to convert from directory to hard link for %s", s.path)), nil
	case !same && prev != "absent" && prev != "link" && !a.Force:
		what := "file"
		if prev == "hard" {
			what = "different hard link"
		}
		return module.Done(module.Fail("Cannot link, %s exists at destination", what).With("dest", s.path).With("src", a.Src)), nil
	}
	r := s.keys("dest").With("src", a.Src)
	if same {
		return a.planLinked(s, r)
	}
	w := access{uid: leave, gid: leave}
	before, after := value.NewMap("path", s.path, "state", prev), value.NewMap("path", s.path, "state", "hard")
	return module.Change(sides(before, after), a.makeLink(s, "", w, "src", a.Src)).Predicting(module.Result{}.With("dest", s.path).With("src", a.Src)), nil
}

// planTouch makes an empty file, or renews the times of what is there.
func (a fileArgs) planTouch(s fileSight) (module.Plan, error) {
	n, at := s.followed(a.Follow)
	w, bad := a.want(s.state, n, 0o666, n != nil && n.is(typeDirectory))
	if bad != nil {
		return module.Done(*bad), nil
	}
	if a.AccessTime == "" {
		a.AccessTime = "now"
	}
	if a.ModTime == "" {
		a.ModTime = "now"
	}
	t, err := a.times(n)
	if err != nil {
		return module.Done(module.Fail("%v", err)), nil
	}
	if n != nil && !t.differ(n) && !w.differs(n) {
		return module.Done(s.keys("dest")), nil
	}
	before, after := value.NewMap("path", s.path, "state", s.here.kind()), value.NewMap("path", s.path, "state", "touch")
	if n != nil {
		w.diff(n, before, after)
		t.diff(n, before, after)
	}
	return module.Change(sides(before, after), func(ctx context.Context, h module.Host) (module.Result, error) {
		if err := t.set(ctx, h, at); err != nil {
			return answer(module.Result{}, err)
		}
		return s.finish(w.set(ctx, h, at))("dest")
	}).Predicting(module.Result{}.With("dest", s.path)), nil
}

// times are the two times that are asked for, each empty (leave it), now, or as touch -t takes it.
type times struct {
	access, mod     string
	accessAt, modAt float64 // seconds since 1970 of a time that is given, in the host's zone
	exists          bool
}

func (a fileArgs) times(n *node) (t times, err error) {
	t.exists = n != nil
	zone := 0
	if n != nil {
		zone = n.zone
	}
	if t.access, t.accessAt, err = touchTime(a.AccessTime, a.AccessForm, zone); err != nil {
		return t, fmt.Errorf("access_time: %w", err)
	}
	if t.mod, t.modAt, err = touchTime(a.ModTime, a.ModForm, zone); err != nil {
		return t, fmt.Errorf("modification_time: %w", err)
	}
	return t, nil
}

// differ tells whether a time would change: now always does.
func (t times) differ(n *node) bool {
	return t.access == "now" || t.mod == "now" || t.access != "" && t.accessAt != n.atime || t.mod != "" && t.modAt != n.mtime
}

func (t times) diff(n *node, before, after *value.Map) {
	if t.access != "" && t.access != "now" && t.accessAt != n.atime {
		before.Set("atime", n.atime)
		after.Set("atime", t.accessAt)
	}
	if t.mod != "" && t.mod != "now" && t.modAt != n.mtime {
		before.Set("mtime", n.mtime)
		after.Set("mtime", t.modAt)
	}
}

// touchScript sets access time $2 and modification time $3 of $1, or makes it.
const touchScript = `# touch
[ -e "$1" ] || : >>"$1" || exit 1
case $2 in "") ;; now) touch -a "$1" ;; *) touch -a -t "$2" "$1" ;; esac || exit 1
case $3 in "") ;; now) touch -m "$1" ;; *) touch -m -t "$3" "$1" ;; esac
`

func (t times) set(ctx context.Context, h module.Host, path string) error {
	if t.exists && t.access == "" && t.mod == "" {
		return nil
	}
	out, err := h.Exec(ctx, module.Cmd{Script: touchScript, Args: []string{path, t.access, t.mod}})
	if err == nil && out.Rc != 0 {
		return refused{fmt.Sprintf("Error, could not touch target: %s", strings.TrimSpace(out.Stderr))}
	}
	return err
}

// touchTime reads now, preserve or a time in a form of Python's strptime, and writes it as touch -t takes it.
func touchTime(text, form string, zone int) (touch string, at float64, err error) {
	switch text {
	case "", "preserve":
		return "", 0, nil
	case "now":
		return "now", 0, nil
	}
	when, err := strptime(text, form)
	if err != nil {
		return "", 0, err
	}
	return when.Format("200601021504.05"), float64(when.Unix() - int64(zone)), nil
}

// parseZone reads +0130 as seconds.
func parseZone(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return (n/100*60 + n%100) * 60
}

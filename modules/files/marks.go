// SELinux labels and the flags of chattr: what the modules of this folder set on the file that they leave.
package files

import (
	"context"
	"fmt"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
)

// marks are the arguments about a file's label and flags.
type marks struct {
	SEUser  string `arg:"seuser" doc:"The user of the SELinux label; _default: what the policy says. Without SELinux on the host, labels have no effect."`
	SERole  string `arg:"serole" doc:"The role of the label."`
	SEType  string `arg:"setype" doc:"The type of the label."`
	SELevel string `arg:"selevel" doc:"The level of the label."`
	Flags   string `arg:"attributes,alias=attr" doc:"Flags as chattr has them, perhaps after + or -: without, and with - always, they are compared with all flags that the file has."`
}

func (m marks) marked() marks { return m }

// whole refuses marks for a tree of files, of which only what is named would get them.
func (m marks) whole(what string) error {
	if m == (marks{}) {
		return nil
	}
	return refused{"seuser, serole, setype, selevel and attributes are not supported for " + what}
}

// marking has a module set the marks that its task asks for, after what it does itself, on the file that its result names.
func marking[A interface{ marked() marks }](plan planner[A]) planner[A] {
	return markingOf(plan, func(_ A, r module.Result) string {
		if r.Data.Value("state") == "absent" {
			return ""
		}
		for _, key := range []string{"path", "dest"} {
			if path, ok := r.Data.Value(key).(string); ok {
				return path
			}
		}
		return ""
	})
}

// markingAt is marking for modules whose results name no file: it is the one of the argument path.
func markingAt[A interface {
	marked() marks
	markedPath() string
}](plan planner[A]) planner[A] {
	return markingOf(plan, func(a A, _ module.Result) string { return a.markedPath() })
}

// planner is the plan function of a module with the arguments A.
type planner[A any] = func(context.Context, module.View, A) (module.Plan, error)

func markingOf[A interface{ marked() marks }](plan planner[A], file func(A, module.Result) string) planner[A] {
	return func(ctx context.Context, v module.View, a A) (module.Plan, error) {
		p, err := plan(ctx, v, a)
		m := marker{a.marked(), func(r module.Result) string { return file(a, r) }}
		switch {
		case err != nil || m.marks == (marks{}) || p.Result().Failed:
			return p, err
		case p.Kind() == module.KindDone:
			return m.alone(ctx, v, p.Result())
		}
		return m.after(p), nil
	}
}

// marker sets marks on the file that belongs to a result; an empty name: there is none.
type marker struct {
	marks
	file func(module.Result) string
}

// alone plans to set the marks where nothing else is to be done.
func (m marker) alone(ctx context.Context, v module.View, r module.Result) (module.Plan, error) {
	path := m.file(r)
	if path == "" {
		return module.Done(r), nil
	}
	differs, err := m.run(ctx, v.Query, path, false)
	if err != nil || !differs {
		r, err = answer(r, err)
		return module.Done(r), err
	}
	diff := module.Diff{After: fmt.Sprintln(path, m.SEUser, m.SERole, m.SEType, m.SELevel, m.Flags)}
	return module.Change(diff, func(ctx context.Context, h module.Host) (module.Result, error) {
		return m.set(ctx, h, r)
	}).Predicting(r), nil
}

// after is a plan whose act ends with the marks.
func (m marker) after(p module.Plan) module.Plan {
	act := func(ctx context.Context, h module.Host) (module.Result, error) {
		r, err := p.Apply()(ctx, h)
		if err != nil || r.Failed {
			return r, err
		}
		return m.set(ctx, h, r)
	}
	if p.Kind() == module.KindOpaque {
		return module.Opaque(p.Why(), act)
	}
	return module.Change(p.Diff(), act).Predicting(p.Result())
}

func (m marker) set(ctx context.Context, h module.Host, r module.Result) (module.Result, error) {
	path := m.file(r)
	if path == "" {
		return r, nil
	}
	changed, err := m.run(ctx, h.Exec, path, true)
	r.Changed = r.Changed || changed
	return answer(r, err)
}

// marksScript gets $1 the path, $2 y to set what differs, $3 to $6 the parts of the label, $7 how flags are set, $8 the flags. It answers y if
// something differs. A host without SELinux, or without chattr, has nothing to set.
const marksScript = `# labels and flags
export LC_ALL=C
p=$1 set=$2 differs=
[ -e "$p" ] || [ -L "$p" ] || exit 0
PATH=$PATH:/usr/sbin:/sbin
part() { printf '%s\n' "$1" | cut -d: -f"$2"; }
label() {
	want=$3
	[ "$want" != _default ] || want=$(part "$default" "$2")
	case $want in "" | "$(part "$has" "$2")") return 0 ;; esac
	differs=y
	[ "$set" != y ] || chcon -h "$1" "$want" "$p" || exit 1
}
if [ -n "$3$4$5$6" ] && { selinuxenabled 2>/dev/null || [ -e /sys/fs/selinux/enforce ]; }; then
	has=$(stat -c %C "$p") || exit 1
	default=$(matchpathcon -n "$p" 2>/dev/null)
	label -u 1 "$3"
	label -r 2 "$4"
	label -t 3 "$5"
	label -l 4- "$6"
fi
if [ -n "$8" ] && command -v chattr >/dev/null; then
	has=$(lsattr -d "$p" 2>/dev/null | cut -d' ' -f1 | tr -d -)
	if [ "$has" != "$8" ] || [ "$7" = - ]; then
		differs=y
		[ "$set" != y ] || chattr "$7$8" "$p" || exit 90
	fi
fi
echo "$differs"`

// run looks whether marks differ, or sets those that do.
func (m marks) run(ctx context.Context, ask func(context.Context, module.Cmd) (module.Output, error), path string, set bool) (differs bool, err error) {
	how, flags := "=", m.Flags
	if flags != "" && strings.Contains("+-", flags[:1]) {
		how, flags = flags[:1], flags[1:]
	}
	out, err := ask(ctx, module.Script(marksScript, []string{path}, yes(set), m.SEUser, m.SERole, m.SEType, m.SELevel, how, flags))
	switch {
	case err != nil:
		return false, err
	case out.Rc == 90:
		return false, refused{"chattr failed: " + strings.TrimSpace(out.Stderr)}
	case out.Rc != 0:
		return false, refused{"set selinux context failed: " + strings.TrimSpace(out.Stderr)}
	}
	return strings.TrimSpace(out.Stdout) == "y", nil
}

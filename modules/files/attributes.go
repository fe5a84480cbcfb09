// Owner, group and mode: the arguments that every module here shares, what they ask for, and the script that sets them.
package files

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// attributes are the arguments about who owns a file and may use it.
type attributes struct {
	Mode         *string `arg:"mode,type=bits" doc:"The permissions, octal (quoted, with a leading zero) or symbolic (u=rw,g-w); preserve keeps those of the source."`
	Owner        string  `arg:"owner" doc:"The user that is to own the file, by name or number."`
	Group        string  `arg:"group" doc:"The group that is to own the file, by name or number."`
	UnsafeWrites bool    `arg:"unsafe_writes" doc:"Write into the file itself where it cannot be replaced in one step (a bind mount)."`
}

// lacks lists what Ansible's file modules have in common and these do not: SELinux labels and chattr's flags; and more.
func lacks(more ...string) []string {
	return append([]string{"seuser", "serole", "setype", "selevel", "attributes", "attr"}, more...)
}

// asked puts what has to be looked up for the attributes into a question.
func (a attributes) asked(q question) question {
	q.owner, q.group = a.Owner, a.Group
	return q
}

// leave stands for an owner or group that stays what it is.
const leave = -1

// access is what a file shall have.
type access struct{ mode, uid, gid int }

// want works out what is asked for: on top of the node that is there, or for a new file or directory when old is nil, for which create is
// the mode before the umask. A failure is what Ansible's module would say.
func (a attributes) want(s state, old *node, create int, dir bool) (access, *module.Result) {
	w := access{mode: create &^ s.umask, uid: leave, gid: leave}
	if old != nil {
		w.mode = old.perm()
	}
	var ok bool
	if w.uid, ok = number(a.Owner, s.uid); !ok {
		return w, failed(s, "chown failed: failed to look up user %s", a.Owner)
	}
	if w.gid, ok = number(a.Group, s.gid); !ok {
		return w, failed(s, "chgrp failed: failed to look up group %s", a.Group)
	}
	if a.Mode == nil {
		return w, nil
	}
	mode, err := newMode(*a.Mode, w.mode, dir, s.umask)
	if err != nil {
		bad := failed(s, "mode must be in octal or symbolic form").With("details", err.Error())
		return w, &bad
	}
	w.mode = mode
	return w, nil
}

// number is the id that a name was looked up to, or that it already is.
func number(name, looked string) (int, bool) {
	if name == "" {
		return leave, true
	}
	if n, err := strconv.Atoi(name); err == nil {
		return n, true
	}
	n, err := strconv.Atoi(looked)
	return n, err == nil
}

// failed is a failure that describes what is at the path.
func failed(s state, format string, args ...any) *module.Result {
	r := module.Fail(format, args...)
	r.Data = value.NewMap("path", s.path)
	if s.here != nil {
		s.here.describe(r.Data)
	}
	return &r
}

// differs tells whether a node has other attributes than wanted. Links have no mode of their own.
func (w access) differs(n *node) bool {
	return w.uid != leave && w.uid != n.uid || w.gid != leave && w.gid != n.gid || w.mode != n.perm() && !n.is(typeLink)
}

// diff adds the attributes that differ to the two sides of a diff.
func (w access) diff(n *node, before, after *value.Map) {
	if w.uid != leave && w.uid != n.uid {
		before.Set("owner", n.uid)
		after.Set("owner", w.uid)
	}
	if w.gid != leave && w.gid != n.gid {
		before.Set("group", n.gid)
		after.Set("group", w.gid)
	}
	if w.mode != n.perm() && !n.is(typeLink) {
		before.Set("mode", shownMode(n.perm()))
		after.Set("mode", shownMode(w.mode))
	}
}

// sides shows two mappings as a diff of their text, keys sorted.
func sides(before, after *value.Map) module.Diff {
	return module.Diff{Before: pretty(before), After: pretty(after), BeforeState: before, AfterState: after}
}

func pretty(m *value.Map) string {
	plain := map[string]any{}
	for k, v := range m.All() {
		plain[value.Str(k)] = v
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "    ")
	if err := e.Encode(plain); err != nil {
		return fmt.Sprintln(value.Repr(m))
	}
	return b.String()
}

// attributeScript sets owner, group and mode, then looks again.
const attributeScript = `# set attributes
export LC_ALL=C
p=$1 h=
[ -L "$p" ] && h=-h
case $2 in ?*) chown $h "$2" "$p" || exit 1 ;; esac
case $3 in ?*) [ -L "$p" ] || chmod "$3" "$p" || exit 1 ;; esac
` + lookFunction + `look "$p"
`

// set carries out what differs from the node at path, and looks again.
func (w access) set(ctx context.Context, h module.Host, path string) (state, error) {
	out, err := h.Exec(ctx, module.Cmd{Script: attributeScript, Args: []string{path, w.owners(), octal(w.mode)}})
	if err != nil {
		return state{}, err
	}
	if out.Rc != 0 {
		return state{}, refused{fmt.Sprintf("could not set the attributes of %s: %s", path, strings.TrimSpace(out.Stderr))}
	}
	return parseLook(out)
}

// owners is the argument of chown: 1, 1:2, :2 or nothing.
func (w access) owners() string {
	s := ""
	if w.uid != leave {
		s = strconv.Itoa(w.uid)
	}
	if w.gid != leave {
		s += ":" + strconv.Itoa(w.gid)
	}
	return s
}

// refused is an error that is the host's answer, not a broken connection: answer turns it into a failed result.
type refused struct{ msg string }

func (r refused) Error() string { return r.msg }

// answer makes a failed result of a refusal and leaves other errors as they are.
func answer(r module.Result, err error) (module.Result, error) {
	if no, ok := err.(refused); ok {
		return module.Fail("%s", no.msg), nil
	}
	return r, err
}

// Editing: what lineinfile, blockinfile and replace share. The edit itself is a pure function of text.
package files

import (
	"context"
	"errors"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// editing is a text file of the host that is to be changed.
type editing struct {
	attributes
	path     string
	create   bool
	backup   bool
	validate string
	suffix   string // behind the path in the headers of a diff
	missing  func(path string) module.Result
	keys     func(backup string, r module.Result) module.Result
	warnings []string
}

// edited is what an edit makes of a text.
type edited struct {
	text string
	msg  string // what was done; empty: nothing
	note string // what to say when nothing was done
	data *value.Map
}

// editLimit is how large a file may be to be edited: all of it is brought to the controller.
const editLimit = 10 << 20

// plan reads the file, has it edited, and plans to write what differs.
func (e editing) plan(ctx context.Context, v module.View, change func(text string, exists bool) (edited, error)) (module.Plan, error) {
	s, err := look(ctx, v, e.asked(question{path: e.path, content: editLimit}))
	if err != nil {
		return module.Plan{}, err
	}
	if r := e.obstacle(s); r != nil {
		return module.Done(*r), nil
	}
	done, err := change(s.content, s.there != nil)
	if err != nil {
		return module.Done(module.Fail("%v", err)), nil
	}
	w, bad := e.want(s, s.here, 0o666, false)
	if bad != nil {
		return module.Done(*bad), nil
	}
	return edit{e, s, done, w}.plan(), nil
}

// obstacle is the answer for a path that cannot be edited.
func (e editing) obstacle(s state) *module.Result {
	var r module.Result
	switch {
	case s.isDir():
		r = module.Fail("Path %s is a directory !", s.path).With("rc", 256)
	case s.there == nil && !e.create:
		r = e.missing(s.path)
	case s.there == nil || s.hasContent:
		return nil
	case s.there.size > editLimit:
		r = module.Fail("%s has %d bytes, more than the %d that can be edited", s.path, s.there.size, editLimit)
	default:
		r = module.Fail("%s cannot be read", s.path)
	}
	return &r
}

// edit is an editing that has been worked out.
type edit struct {
	editing
	at   state
	done edited
	w    access // of the path itself: what a link leads to keeps its own
}

// plan writes the text, sets the attributes, or does nothing.
func (e edit) plan() module.Plan {
	differs := e.w.differs(e.usual())
	switch {
	case e.done.msg != "" && (e.at.there == nil || e.done.text != e.at.content):
		return module.Change(e.diff(), func(ctx context.Context, h module.Host) (module.Result, error) {
			return e.write(ctx, h, differs)
		}).Predicting(e.result("", differs && e.at.here != nil))
	case differs && e.at.here != nil:
		before, after := value.NewMap("path", e.at.path), value.NewMap("path", e.at.path)
		e.w.diff(e.at.here, before, after)
		return module.Change(sides(before, after), func(ctx context.Context, h module.Host) (module.Result, error) {
			r := e.result("", true)
			r.Changed = true
			_, err := e.w.set(ctx, h, e.at.path)
			return answer(r, err)
		}).Predicting(e.result("", true))
	}
	return module.Done(e.result("", false))
}

// usual is what the path is, or would be if nobody asked for attributes: root's, because only root can ask for others.
func (e edit) usual() *node {
	if e.at.here != nil {
		return e.at.here
	}
	return &node{mode: typeRegular | 0o666&^e.at.umask}
}

// result is the answer but for changed. It is a new one each time, because it is written into.
func (e edit) result(backup string, attributes bool) module.Result {
	msg := e.done.msg + e.done.note
	if attributes {
		if msg != "" {
			msg += " and "
		}
		msg += "ownership, perms or SE linux context changed"
	}
	return e.keys(backup, module.Result{Data: e.done.data.Clone(), Warnings: e.warnings}.With("msg", msg))
}

// diff shows the texts.
func (e edit) diff() module.Diff {
	header := e.at.path + e.suffix
	d := module.Diff{After: showable(e.done.text, len(e.done.text)), BeforeHeader: header, AfterHeader: header}
	if e.at.there != nil {
		d.Before = showable(e.at.content, e.at.there.size)
	}
	return d
}

// write carries out a change of the text, and of the attributes with it.
func (e edit) write(ctx context.Context, h module.Host, attributes bool) (module.Result, error) {
	w := writing{path: e.at.path, body: strings.NewReader(e.done.text), size: len(e.done.text), access: e.w, backup: e.backup,
		validate: e.validate, mkdir: e.create, unsafe: e.UnsafeWrites}
	if e.at.isLink() {
		w.path, w.access = e.target()
	}
	put, err := w.put(ctx, h)
	var no rejected
	if errors.As(err, &no) {
		return module.Fail("%v", no), nil
	}
	if err != nil {
		return answer(module.Result{}, err)
	}
	r := e.result(put.backup, attributes)
	r.Changed = true
	if e.at.isLink() && attributes {
		_, err = e.w.set(ctx, h, e.at.path)
	}
	return answer(r, err)
}

// target is the file that a link leads to, which is written instead of the link, and the attributes that it keeps or begins with.
func (e edit) target() (string, access) {
	path := e.at.real
	if path == "" {
		path = e.at.path
	}
	if e.at.there == nil {
		return path, access{0o666 &^ e.at.umask, leave, leave}
	}
	return path, access{e.at.there.perm(), leave, leave}
}

// lines splits a text after each line end; a last line may have none.
func lines(text string) []string {
	out := strings.SplitAfter(text, "\n")
	return out[:len(out)-1+min(len(out[len(out)-1]), 1)]
}

// bare is a line without its end.
func bare(line string) string { return strings.TrimRight(line, "\r\n") }

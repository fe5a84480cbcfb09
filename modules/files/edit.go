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
}

// edited is what an edit makes of a text.
type edited struct {
	text string
	msg  string // what was done; empty: nothing
	note string // what to say when nothing was done
	data *value.Map
}

// everything is a size that no text file has.
const everything = 1 << 40

const alsoAttributes = "ownership, perms or SE linux context changed"

// plan reads the file, has it edited, and plans to write what differs.
func (e editing) plan(ctx context.Context, v module.View, edit func(text string, exists bool) (edited, error)) (module.Plan, error) {
	s, err := look(ctx, v, e.asked(question{path: e.path, content: everything}))
	if err != nil {
		return module.Plan{}, err
	}
	switch {
	case s.isDir():
		return module.Done(module.Fail("Path %s is a directory !", s.path).With("rc", 256)), nil
	case s.there == nil && !e.create:
		return module.Done(e.missing(s.path)), nil
	case s.there != nil && !s.hasContent:
		return module.Done(module.Fail("%s cannot be read", s.path)), nil
	}
	done, err := edit(s.content, s.there != nil)
	if err != nil {
		return module.Done(module.Fail("%v", err)), nil
	}
	w, bad := e.want(s, s.there, 0o666, false)
	if bad != nil {
		return module.Done(*bad), nil
	}
	return e.settle(s, done, w)
}

func (e editing) settle(s state, done edited, w access) (module.Plan, error) {
	attrs := false
	if s.there != nil {
		attrs = w.differs(s.there)
	} else if plain, bad := (attributes{}).want(s, nil, 0o666, false); bad == nil {
		attrs = w != plain
	}
	writes := done.msg != "" && (s.there == nil || done.text != s.content)
	var said []string
	if text := done.msg + done.note; text != "" {
		said = append(said, text)
	}
	if attrs && (writes || s.there != nil) {
		said = append(said, alsoAttributes)
	}
	r := e.keys("", module.Result{Data: done.data}.With("msg", strings.Join(said, " and ")))
	if !writes && (!attrs || s.there == nil) {
		return module.Done(r), nil
	}
	diff := module.Diff{Before: s.content, After: done.text, BeforeHeader: s.path + e.suffix, AfterHeader: s.path + e.suffix}
	if !writes {
		before, after := value.NewMap("path", s.path), value.NewMap("path", s.path)
		w.diff(s.there, before, after)
		diff = sides(before, after)
	}
	return module.Change(diff, func(ctx context.Context, h module.Host) (module.Result, error) {
		r.Changed = true
		if !writes {
			_, err := w.set(ctx, h, s.real)
			return answer(r, err)
		}
		return e.write(ctx, h, s, done.text, w, r)
	}).Predicting(r), nil
}

func (e editing) write(ctx context.Context, h module.Host, s state, text string, w access, r module.Result) (module.Result, error) {
	target := s.path
	if s.real != "" {
		target = s.real
	}
	put, err := writing{path: target, body: strings.NewReader(text), size: len(text), access: w, backup: e.backup, validate: e.validate,
		mkdir: e.create, unsafe: e.UnsafeWrites}.put(ctx, h)
	var no rejected
	if errors.As(err, &no) {
		return module.Fail("%v", no), nil
	}
	if err != nil {
		return answer(module.Result{}, err)
	}
	return e.keys(put.backup, r), nil
}

// lines splits a text after each line end; a last line may have none.
func lines(text string) []string {
	out := strings.SplitAfter(text, "\n")
	return out[:len(out)-1+min(len(out[len(out)-1]), 1)]
}

// bare is a line without its end.
func bare(line string) string { return strings.TrimRight(line, "\r\n") }

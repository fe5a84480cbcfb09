package jinja

import (
	"fmt"

	"github.com/drydock-dev/drydock/engine/value"
)

// loop is the `loop` of a for statement.
type loop struct {
	f       *frame
	scope   *scope // around the loop, for a recursive call
	stmt    *forStmt
	items   []any
	index   int
	depth   int
	changed []any // the last arguments of loop.changed
}

// TypeName is Python's name of the type.
func (l *loop) TypeName() string { return "LoopContext" }

// String prints it as Python does.
func (l *loop) String() string { return fmt.Sprintf("<LoopContext %d/%d>", l.index+1, len(l.items)) }

// Len is the number of items.
func (l *loop) Len() int { return len(l.items) }

// Attr is an attribute of loop.
func (l *loop) Attr(name string) (any, bool) {
	switch name {
	case "index":
		return l.index + 1, true
	case "index0":
		return l.index, true
	case "revindex":
		return len(l.items) - l.index, true
	case "revindex0":
		return len(l.items) - l.index - 1, true
	case "first":
		return l.index == 0, true
	case "last":
		return l.index == len(l.items)-1, true
	case "length":
		return len(l.items), true
	case "depth":
		return l.depth + 1, true
	case "depth0":
		return l.depth, true
	case "previtem":
		return l.neighbour(l.index-1, "there is no previous item"), true
	case "nextitem":
		return l.neighbour(l.index+1, "there is no next item"), true
	case "cycle":
		return Func(l.cycle), true
	case "changed":
		return Func(l.hasChanged), true
	}
	return nil, false
}

func (l *loop) neighbour(i int, absent string) any {
	if i < 0 || i >= len(l.items) {
		return value.Undefined{Hint: absent}
	}
	return l.f.leaf(l.items[i])
}

func (l *loop) cycle(c *Call, _ any) (any, error) {
	if len(c.Args) == 0 {
		return nil, typeError("no items for cycling given")
	}
	return c.Args[l.index%len(c.Args)], nil
}

func (l *loop) hasChanged(c *Call, _ any) (any, error) {
	if l.changed != nil && value.Equal(l.changed, c.Args) {
		return false, nil
	}
	l.changed = append([]any{}, c.Args...)
	return true, nil
}

// recurse renders the loop's body over other items: loop(children).
func (l *loop) recurse(c *Call) (any, error) {
	if !l.stmt.recursive {
		return nil, typeError("the loop must have the 'recursive' marker to be called recursively")
	}
	if len(c.Args) != 1 {
		return nil, typeError("loop takes 1 argument (%d given)", len(c.Args))
	}
	if err := l.f.run.enter(); err != nil {
		return nil, err
	}
	defer l.f.run.leave()
	inner := l.f.scope
	l.f.scope = l.scope
	defer func() { l.f.scope = inner }()
	var out output
	if err := l.f.runLoop(l.stmt, c.Args[0], l.depth+1, &out); err != nil {
		return nil, err
	}
	return l.f.joined(&out), nil
}

func (f *frame) forStatement(s *forStmt, out *output) error {
	over, err := f.eval(s.iter)
	if err != nil {
		return err
	}
	if err := use(over); err != nil {
		return f.tmpl.locate(err, s.iter.expr.offset())
	}
	return f.runLoop(s, over, 0, out)
}

func (f *frame) runLoop(s *forStmt, over any, depth int, out *output) error {
	items, err := iterate(over)
	if err != nil {
		return f.tmpl.locate(err, s.iter.expr.offset())
	}
	if s.filter != nil {
		if items, err = f.filtered(s, items); err != nil {
			return err
		}
	}
	outer := f.scope
	defer func() { f.scope = outer }()
	if len(items) == 0 {
		_, err := f.inScope(s.orelse, out)
		return err
	}
	l := &loop{f: f, scope: outer, stmt: s, items: items, depth: depth}
	for i, it := range items {
		if err := f.run.spend(1); err != nil {
			return f.tmpl.locate(err, s.iter.expr.offset())
		}
		l.index = i
		f.scope = &scope{outer: outer}
		f.scope.set("loop", l)
		if err := f.assign(s.target, f.leaf(it)); err != nil {
			return f.tmpl.locate(err, s.iter.expr.offset())
		}
		sig, err := f.body(s.body, out)
		if err != nil {
			return err
		}
		if sig == breaks {
			break
		}
	}
	return nil
}

// filtered keeps the items for which the loop's own condition holds.
func (f *frame) filtered(s *forStmt, items []any) ([]any, error) {
	outer := f.scope
	defer func() { f.scope = outer }()
	var kept []any
	for _, it := range items {
		if err := f.run.spend(1); err != nil {
			return nil, err
		}
		f.scope = &scope{outer: outer}
		if err := f.assign(s.target, f.leaf(it)); err != nil {
			return nil, f.tmpl.locate(err, s.iter.expr.offset())
		}
		yes, err := f.condition(*s.filter)
		if err != nil {
			return nil, err
		}
		if yes {
			kept = append(kept, it)
		}
	}
	return kept, nil
}

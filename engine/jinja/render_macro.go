package jinja

import (
	"github.com/drydock-dev/drydock/engine/value"
)

// macro is a macro, or the caller of a call block, with the names it was defined among.
type macro struct {
	f     *frame
	scope *scope
	stmt  *macroStmt
}

// TypeName is Python's name of the type.
func (m *macro) TypeName() string { return "Macro" }

// Attr is an attribute of a macro.
func (m *macro) Attr(name string) (any, bool) {
	switch name {
	case "name":
		return m.stmt.name, true
	case "arguments":
		out := make(value.Tuple, len(m.stmt.params))
		for i, p := range m.stmt.params {
			out[i] = p
		}
		return out, true
	case "catch_kwargs":
		return m.stmt.uses.kwargs, true
	case "catch_varargs":
		return m.stmt.uses.varargs, true
	case "caller":
		return m.stmt.uses.caller, true
	}
	return nil, false
}

// call renders the macro's body with its parameters bound.
func (m *macro) call(c *Call) (any, error) {
	f := m.f
	if err := f.run.enter(); err != nil {
		return nil, err
	}
	defer f.run.leave()
	before := f.scope
	defer func() { f.scope = before }()
	f.scope = &scope{outer: m.scope}
	if err := m.bind(c); err != nil {
		return nil, err
	}
	var out output
	if _, err := f.body(m.stmt.body, &out); err != nil {
		return nil, err
	}
	return f.joined(&out), nil
}

// bind puts the arguments into the scope of the call.
func (m *macro) bind(c *Call) error {
	s := m.stmt
	named := c.Kwargs.Clone()
	if err := m.bindSpecial(c, named); err != nil {
		return err
	}
	for i, p := range s.params {
		v, ok := any(nil), false
		if i < len(c.Args) {
			v, ok = c.Args[i], true
		} else if v, ok = named.Get(p); ok {
			named.Delete(p)
		}
		if ok {
			m.f.scope.set(p, v)
			continue
		}
		if err := m.bindDefault(i); err != nil {
			return err
		}
	}
	if s.uses.kwargs {
		m.f.scope.set("kwargs", named)
	} else if named.Len() > 0 {
		return typeError("macro %s takes no keyword argument %s", value.Repr(s.name), value.Repr(named.Keys()[0]))
	}
	return nil
}

func (m *macro) bindDefault(i int) error {
	s := m.stmt
	d := i - (len(s.params) - len(s.defaults))
	if d < 0 {
		m.f.scope.set(s.params[i], value.Undefined{Name: s.params[i], Hint: "parameter " + value.Repr(s.params[i]) + " was not provided"})
		return nil
	}
	v, err := m.f.eval(s.defaults[d])
	if err != nil {
		return err
	}
	m.f.scope.set(s.params[i], m.f.ownCopy(v))
	return nil
}

// bindSpecial binds varargs and caller.
func (m *macro) bindSpecial(c *Call, named *value.Map) error {
	s := m.stmt
	if s.uses.caller && indexOf(s.params, "caller") < 0 {
		v, ok := named.Get("caller")
		if !ok {
			v = value.Undefined{Name: "caller", Hint: "no caller defined"}
		}
		named.Delete("caller")
		m.f.scope.set("caller", v)
	}
	extra := len(c.Args) - len(s.params)
	switch {
	case s.uses.varargs:
		m.f.scope.set("varargs", value.Tuple(append([]any{}, c.Args[len(c.Args)-max(extra, 0):]...)))
	case extra > 0:
		return typeError("macro %s takes not more than %d argument(s)", value.Repr(s.name), len(s.params))
	}
	return nil
}

// callBlock calls a macro with the block's body as its caller.
func (f *frame) callBlock(s *callStmt, out *output) error {
	outer := f.push()
	defer func() { f.scope = outer }()
	f.scope.set(callerName, &macro{f: f, scope: outer, stmt: s.caller})
	v, err := f.eval(s.call)
	if err != nil {
		return err
	}
	out.add(v)
	return nil
}

// callerName is the name under which a call block's call finds its caller; the parser adds it as an argument.
const callerName = "\x00caller"

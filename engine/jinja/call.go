package jinja

import (
	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/value"
)

// Calls of filters, tests, methods, macros and functions. As in Ansible, an undefined argument makes the result undefined,
// and an error becomes an undefined value that knows it: it comes out when the value is used.

// unpack makes the Call of a site from its arguments; from is where they begin.
func (s shape) unpack(f *frame, name string, args []any, from int) (*Call, error) {
	c := &Call{Name: name, Env: f.env, Lang: f.run.lang, frame: f}
	rest := args[from:]
	c.Args = rest[:s.pos:s.pos]
	rest = rest[s.pos:]
	if len(s.names) > 0 || s.starstar {
		c.Kwargs = &value.Map{}
	}
	for i, n := range s.names {
		c.Kwargs.Set(n, rest[i])
	}
	rest = rest[len(s.names):]
	if s.star {
		more, err := iterate(f.settle(rest[0]))
		if err != nil {
			return nil, err
		}
		c.Args = append(c.Args, more...)
		rest = rest[1:]
	}
	if s.starstar {
		m, ok := AsMap(f.settle(rest[0]))
		if !ok {
			return nil, typeError("the argument after ** must be a mapping, not %s", value.TypeName(rest[0]))
		}
		for k, v := range m.All() {
			if c.Kwargs.Has(k) {
				return nil, typeError("%s got multiple values for keyword argument %s", name, value.Repr(k))
			}
			c.Kwargs.Set(k, v)
		}
	}
	return c, nil
}

// undefinedArg returns the first argument that is undefined.
func (c *Call) undefinedArg() (any, bool) {
	for _, a := range c.Args {
		if u, ok := a.(value.Undefined); ok {
			return u, true
		}
	}
	for _, a := range c.Kwargs.All() {
		if u, ok := a.(value.Undefined); ok {
			return u, true
		}
	}
	return nil, false
}

// settle evaluates the templates inside the arguments.
func (c *Call) settle() {
	for i, a := range c.Args {
		c.Args[i] = c.frame.settle(a)
	}
	if c.Kwargs.Len() > 0 {
		for _, k := range c.Kwargs.Keys() {
			c.Kwargs.Set(k, c.frame.settle(c.Kwargs.Value(k)))
		}
	}
}

// Filter applies a filter by its name, as map('upper') does.
func (c *Call) Filter(name string, in any, args []any, kwargs *value.Map) (any, error) {
	fn, ok := c.Lang.filter(name)
	if !ok {
		return nil, value.Errorf(value.Syntax, "no filter named '%s'%s", name, hint(diag.Nearest(name, names(c.Lang.Filters))))
	}
	return applyFilter(&Call{Name: name, Env: c.Env, Lang: c.Lang, Args: args, Kwargs: kwargs, frame: c.frame}, fn, in), nil
}

// Test applies a test by its name, as select('odd') does.
func (c *Call) Test(name string, in any, args []any, kwargs *value.Map) (any, error) {
	fn, ok := c.Lang.test(name)
	if !ok {
		return nil, value.Errorf(value.Syntax, "no test named '%s'%s", name, hint(diag.Nearest(name, names(c.Lang.Tests))))
	}
	return applyTest(&Call{Name: name, Env: c.Env, Lang: c.Lang, Args: args, Kwargs: kwargs, frame: c.frame}, fn, in), nil
}

// Function calls a value of a template: a macro, a method, a global.
func (c *Call) Function(fn any, args ...any) (any, error) {
	return c.frame.call(fn, &Call{Env: c.Env, Lang: c.Lang, Args: args, frame: c.frame})
}

// NewCall makes the call of a function from outside a template.
func (l *Language) NewCall(e Env, name string, args []any, kwargs *value.Map) *Call {
	f := newFrame(&Template{lang: l}, e)
	return &Call{Name: name, Env: e, Lang: l, Args: args, Kwargs: kwargs, frame: f}
}

// Settled evaluates the templates inside a value; what fails becomes undefined in its place.
func (c *Call) Settled(v any) any { return c.frame.settle(v) }

// Finalized is a value as it leaves a template: plain, tuples made lists; anything undefined inside is the error.
func (c *Call) Finalized(v any) (any, error) { return c.frame.finalize(v) }

// Variable is the value of a variable, and whether there is one.
func (c *Call) Variable(name string) (any, bool) {
	v, ok, err := c.Env.Lookup(name)
	if err != nil {
		return failed(err), true
	}
	if !ok {
		return nil, false
	}
	return c.frame.settle(v), true
}

// Evaluate evaluates a template in another Env as part of this evaluation, so that loops are noticed.
func (c *Call) Evaluate(t *Template, e Env) (any, error) {
	r := c.frame.run
	if err := r.enter(); err != nil {
		return nil, err
	}
	defer r.leave()
	f := &frame{run: r, env: e, tmpl: t}
	v, err := f.result()
	if err != nil {
		return nil, err
	}
	if v, err = f.finalize(v); err != nil {
		return nil, t.locate(err, 0)
	}
	if t.file {
		return fileText(v), nil
	}
	return v, nil
}

func filterSite(name string, fn Func, s shape) site {
	return func(args ...any) (any, error) {
		c, err := s.unpack(frameOf(args), name, args, 2)
		if err != nil {
			return nil, err
		}
		return applyFilter(c, fn, args[1]), nil
	}
}

func applyFilter(c *Call, fn Func, in any) any {
	if !c.Lang.takesUndefined[baseName(c.Name)] || shut(in) && !c.Lang.takesVault[baseName(c.Name)] {
		if _, ok := in.(value.Undefined); ok {
			return in
		}
		if u, ok := c.undefinedArg(); ok {
			return u
		}
		c.settle()
		if _, ok := in.(value.Vault); !ok { // it is one only for who takes it
			in = c.frame.settle(in)
		}
	}
	if !keepsMarkup(c.Name) {
		in = unmarked(in)
	}
	if err := c.frame.run.called(in); err != nil {
		return failed(err)
	}
	out, err := fn(c, in)
	if r, ok := out.(rangeValue); ok && err == nil {
		out, err = r.list()
	}
	if err == nil {
		err = c.frame.run.charge(out)
	}
	if err != nil {
		return failed(c.PluginFailed("filter", fullName(c.Name, c.Lang.Filters), err))
	}
	return out
}

func testSite(name string, fn Func, negated bool, s shape) site {
	return func(args ...any) (any, error) {
		c, err := s.unpack(frameOf(args), name, args, 2)
		if err != nil {
			return nil, err
		}
		out := applyTest(c, fn, args[1])
		if !negated {
			return out, nil
		}
		yes, err := truth(out)
		return !yes, err
	}
}

// applyTest returns a bool or something undefined.
func applyTest(c *Call, fn Func, in any) any {
	if !c.Lang.takesUndefined[baseName(c.Name)] || shut(in) && !c.Lang.takesVault[baseName(c.Name)] {
		if _, ok := in.(value.Undefined); ok {
			return in
		}
		if u, ok := c.undefinedArg(); ok {
			return u
		}
		c.settle()
		if _, ok := in.(value.Vault); !ok { // it is one only for who takes it
			in = c.frame.settle(in)
		}
	}
	if err := c.frame.run.called(in); err != nil {
		return failed(err)
	}
	out, err := fn(c, unmarked(in))
	if err != nil {
		return failed(c.PluginFailed("test", fullName(c.Name, c.Lang.Tests), err))
	}
	if _, ok := out.(value.Undefined); ok {
		return out
	}
	return value.Truth(out)
}

func callSite(name string, s shape) site {
	return func(args ...any) (any, error) {
		f := frameOf(args)
		c, err := s.unpack(f, name, args, 2)
		if err != nil {
			return failed(err), nil
		}
		return f.called(args[1], c), nil
	}
}

// called is call with an error made a value.
func (f *frame) called(fn any, c *Call) any {
	if err := f.run.called(nil); err != nil {
		return failed(err)
	}
	v, err := f.call(fn, c)
	if err == nil {
		err = f.run.charge(v)
	}
	if err != nil {
		return failed(err)
	}
	return v
}

// call calls a value.
func (f *frame) call(fn any, c *Call) (any, error) {
	switch x := fn.(type) {
	case value.Undefined:
		return x, nil
	case *macro:
		return x.call(c)
	case Func:
		return f.callFunc(x, c)
	case *method:
		return f.callMethod(x, c)
	case *superBlock:
		return x.call()
	case *loop:
		if u, ok := c.undefinedArg(); ok {
			return u, nil
		}
		return x.recurse(c)
	}
	return nil, typeError("'%s' object is not callable", value.TypeName(fn))
}

func (f *frame) callFunc(fn Func, c *Call) (any, error) {
	if !c.Lang.takesUndefined[c.Name] {
		if u, ok := c.undefinedArg(); ok {
			return u, nil
		}
	}
	c.settle()
	return fn(c, nil)
}

// method is a method of a value, bound to it.
type method struct {
	self any
	name string
	fn   Func
}

// TypeName is Python's name of the type of a method.
func (m *method) TypeName() string { return "builtin_function_or_method" }

func (f *frame) callMethod(m *method, c *Call) (any, error) {
	if u, ok := c.undefinedArg(); ok {
		return u, nil
	}
	c.Name = m.name
	c.settle()
	if f.tmpl.mutates {
		for i, a := range c.Args {
			if items, ok := a.([]any); ok {
				c.Args[i] = f.thaw(items)
			}
		}
	}
	self := m.self
	if items, ok := self.([]any); ok {
		self = f.settle(items)
	}
	return m.fn(c, self)
}

// methodSite is obj.name(...): a method, or an item or attribute that can be called.
func methodSite(name string, s shape) site {
	key := any(name)
	return func(args ...any) (any, error) {
		f := frameOf(args)
		fn, err := f.attr(unmarked(args[1]), key)
		if err != nil {
			return nil, err
		}
		c, err := s.unpack(f, name, args, 2)
		if err != nil {
			return failed(err), nil
		}
		return f.called(fn, c), nil
	}
}

// baseName is a filter's name without the collection that it comes from.
func baseName(name string) string {
	for i := len(name) - 1; i >= 0; i-- {
		if name[i] == '.' {
			return name[i+1:]
		}
	}
	return name
}

// filter finds a filter by its short or full name.
func (l *Language) filter(name string) (Func, bool) { return l.find("filter", l.Filters, name) }

// test finds a test by its short or full name.
func (l *Language) test(name string) (Func, bool) { return l.find("test", l.Tests, name) }

func (l *Language) find(kind string, table map[string]Func, name string) (Func, bool) {
	fn, ok := find(table, name)
	if !ok && l.Plugin != nil {
		fn, _, ok = l.Plugin(kind, name)
	}
	return fn, ok
}

// find looks a name up as it is; a name of ansible.builtin or of no collection also without or with it.
func find(table map[string]Func, name string) (Func, bool) {
	if fn, ok := table[name]; ok {
		return fn, true
	}
	for _, prefix := range []string{"ansible.builtin.", "ansible.legacy."} {
		if len(name) > len(prefix) && name[:len(prefix)] == prefix {
			fn, ok := table[name[len(prefix):]]
			return fn, ok
		}
	}
	return nil, false
}

package jinja

import (
	"errors"
	"io/fs"
	"strings"

	"github.com/drydock-dev/drydock/engine/value"
)

// Templates that take part in others: include, import, extends and blocks.

// load finds and parses another template. The names in v are tried in turn.
func (f *frame) load(l leaf) (*Template, error) {
	v, err := f.eval(l)
	if err != nil {
		return nil, err
	}
	if err := use(v); err != nil {
		return nil, f.tmpl.locate(err, l.expr.offset())
	}
	candidates, ok := value.Items(v)
	if !ok {
		candidates = []any{v}
	}
	for _, c := range candidates {
		t, err := f.loadName(c)
		if err == nil || value.NotFound != KindOf(err) {
			return t, err
		}
	}
	return nil, f.tmpl.locate(value.Errorf(value.NotFound, "template not found: %s", value.Str(v)), l.expr.offset())
}

func (f *frame) loadName(v any) (*Template, error) {
	name, ok := v.(string)
	if !ok {
		return nil, typeError("the name of a template must be a str, not %s", value.TypeName(v))
	}
	name, ok = templatePath(name)
	if !ok {
		return nil, value.Errorf(value.NotFound, "template not found: %s", v)
	}
	load := f.tmpl.load
	if load == nil {
		load = f.run.lang.Load
	}
	if load == nil {
		return nil, value.Errorf(value.NotFound, "template not found: %s", name)
	}
	src, err := load(f.env, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, value.Errorf(value.NotFound, "template not found: %s", name)
	}
	if err != nil {
		return nil, err
	}
	s := f.tmpl.syntax
	s.literalBackslashes = false
	t, errs := f.run.lang.parse(&Template{lang: f.run.lang, src: src, syntax: s, load: f.tmpl.load})
	if errs.HasErrors() {
		return nil, syntaxErrors(errs)
	}
	t.newlines = 0
	return t, nil
}

// templatePath is the name of a template below the folders it is looked for in; one that leads out of them is none.
func templatePath(name string) (string, bool) {
	var parts []string
	for _, p := range strings.Split(name, "/") {
		switch p {
		case "..":
			return "", false
		case "", ".":
		default:
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, "/"), true
}

// noVariables is the Env of a template that is used without context.
type noVariables struct{}

// Lookup finds nothing.
func (noVariables) Lookup(string) (any, bool, error) { return nil, false, nil }

// other makes the frame of a template that takes part in this one.
func (f *frame) other(t *Template, withContext bool) *frame {
	g := &frame{run: f.run, env: f.env, tmpl: t, blocks: map[string][]*blockStmt{}}
	if withContext {
		g.scope, g.own = f.scope, f.own
		if v, ok := f.scope.get("loop"); ok {
			if _, isLoop := v.(*loop); isLoop { // a loop belongs to its template alone
				g.scope = &scope{outer: f.scope}
				g.scope.set("loop", undefinedName("loop"))
			}
		}
	} else {
		g.env = noVariables{}
	}
	return g
}

func (f *frame) include(s *includeStmt, out *output) error {
	if out.muted {
		return nil
	}
	t, err := f.load(s.name)
	if err != nil {
		if s.ignoreMissing && KindOf(err) == value.NotFound {
			return nil
		}
		return err
	}
	if err := f.run.enter(); err != nil {
		return err
	}
	defer f.run.leave()
	return f.other(t, s.withContext).renderInto(out)
}

// imported is a template that was imported: its macros and top-level names.
type imported struct {
	names *scope
	text  any
}

// TypeName is Python's name of the type.
func (m *imported) TypeName() string { return "TemplateModule" }

// Attr is a name of the imported template.
func (m *imported) Attr(name string) (any, bool) {
	for i, n := range m.names.names {
		if n == name && !strings.HasPrefix(n, "_") {
			return m.names.vals[i], true
		}
	}
	return nil, false
}

// String is what the imported template renders.
func (m *imported) String() string {
	if m.text == nil {
		return ""
	}
	return value.Str(m.text)
}

func (f *frame) importLeaf(l leaf, withContext bool) (*imported, error) {
	t, err := f.load(l)
	if err != nil {
		return nil, err
	}
	if err := f.run.enter(); err != nil {
		return nil, err
	}
	defer f.run.leave()
	var out output
	g := f.other(t, withContext)
	if err := g.renderInto(&out); err != nil {
		return nil, err
	}
	return &imported{g.module, g.joined(&out)}, nil
}

func (f *frame) importTemplate(s *importStmt) error {
	m, err := f.importLeaf(s.name, s.withContext)
	if err != nil {
		return err
	}
	f.scope.set(s.target, m)
	return nil
}

func (f *frame) importNames(s *fromStmt) error {
	m, err := f.importLeaf(s.name, s.withContext)
	if err != nil {
		return err
	}
	for i, n := range s.names {
		v, ok := m.Attr(n)
		if !ok {
			v = value.Undefined{Name: n, Hint: "the imported template does not export the requested name " + value.Repr(n)}
		}
		f.scope.set(s.aliases[i], v)
	}
	return nil
}

func (f *frame) extends(s *extendsStmt, out *output) error {
	if f.parent != nil {
		return f.tmpl.locate(value.Errorf(value.Syntax, "extended multiple times"), s.name.expr.offset())
	}
	t, err := f.load(s.name)
	f.parent = t
	out.muted = true
	return err
}

// renderParent renders the template that this one extends, with the blocks collected so far.
func (f *frame) renderParent(out *output) error {
	if err := f.run.enter(); err != nil {
		return err
	}
	defer f.run.leave()
	g := &frame{run: f.run, env: f.env, tmpl: f.parent, blocks: f.blocks, scope: f.scope, own: f.own}
	return g.renderInto(out)
}

// block renders the definition of a block that is depth steps up from the most derived one.
func (f *frame) block(name string, depth int, scoped bool, out *output) error {
	stack := f.blocks[name]
	if depth >= len(stack) {
		return value.Errorf(value.NotFound, "there is no parent block called %s", value.Repr(name))
	}
	b := stack[depth]
	if b.required && depth == len(stack)-1 && len(stack) == 1 {
		return value.Errorf(value.TypeError, "required block %s not found", value.Repr(name))
	}
	outer := f.scope
	defer func() { f.scope = outer }()
	if !scoped {
		f.scope = f.module
	}
	f.push()
	f.scope.set("super", f.super(name, depth+1, scoped))
	f.scope.set("self", selfBlocks{f})
	_, err := f.body(b.body, out)
	return err
}

// superBlock is `super`: the definition of a block further up, as a function.
type superBlock struct {
	f      *frame
	name   string
	depth  int
	scoped bool
}

// super is the definition of a block at a depth, something undefined if there is none.
func (f *frame) super(name string, depth int, scoped bool) any {
	if depth >= len(f.blocks[name]) {
		return value.Undefined{Name: "super", Hint: "there is no parent block called " + value.Repr(name)}
	}
	return &superBlock{f, name, depth, scoped}
}

// TypeName is Python's name of the type.
func (*superBlock) TypeName() string { return "BlockReference" }

// Attr is the definition above this one.
func (s *superBlock) Attr(name string) (any, bool) {
	return s.f.super(s.name, s.depth+1, s.scoped), name == "super"
}

func (s *superBlock) call() (any, error) {
	var up output
	if err := s.f.block(s.name, s.depth, s.scoped, &up); err != nil {
		return nil, err
	}
	return s.f.joined(&up), nil
}

// selfBlocks is `self`: each block as a function.
type selfBlocks struct{ f *frame }

// TypeName is Python's name of the type.
func (selfBlocks) TypeName() string { return "TemplateReference" }

// Attr is a block.
func (s selfBlocks) Attr(name string) (any, bool) {
	if len(s.f.blocks[name]) == 0 {
		return nil, false
	}
	return Func(func(*Call, any) (any, error) {
		var out output
		if err := s.f.block(name, 0, false, &out); err != nil {
			return nil, err
		}
		return s.f.joined(&out), nil
	}), true
}

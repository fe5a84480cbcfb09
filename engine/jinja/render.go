package jinja

import (
	"strings"

	"github.com/drydock-dev/drydock/engine/value"
)

// output collects what a template or a part of it renders. One value alone keeps its type; several become text.
type output struct {
	nodes []any
	muted bool // behind `extends`, only blocks count
}

func (o *output) add(v any) {
	if m, ok := v.(*imported); ok {
		v = m.text
	}
	if v != nil && !o.muted {
		o.nodes = append(o.nodes, v)
	}
}

// joined is what was rendered: nil, the one value, or the text of all. Something undefined makes it undefined.
func (f *frame) joined(o *output) any {
	switch len(o.nodes) {
	case 0:
		return nil
	case 1:
		return o.nodes[0]
	}
	var b strings.Builder
	for _, v := range o.nodes {
		s, err := f.text(v)
		if err != nil {
			return failed(err)
		}
		if b.Len()+len(s) > maxText {
			return failed(limitError("the text is longer than %d bytes", maxText))
		}
		b.WriteString(s)
	}
	return b.String()
}

// signal is how a statement ends: normally, or by break or continue.
type signal int

const (
	goesOn signal = iota
	breaks
	continues
)

// renderTemplate renders the body of the frame's template, or of the one it extends.
func (f *frame) renderTemplate() (any, error) {
	var out output
	if f.blocks == nil {
		f.blocks = map[string][]*blockStmt{}
	}
	if err := f.renderInto(&out); err != nil {
		return nil, err
	}
	v := f.joined(&out)
	if s, ok := v.(string); ok {
		return f.tmpl.withNewlines(s), nil
	}
	return v, nil
}

// withNewlines gives a text as many newlines at its end as the template has.
func (t *Template) withNewlines(s string) string {
	if missing := t.newlines - trailingNewlines(s); missing > 0 {
		return s + strings.Repeat(t.newline, missing)
	}
	return s
}

// renderInto renders the body of the frame's template.
func (f *frame) renderInto(out *output) error {
	t := f.tmpl
	for name, b := range t.blocks {
		f.blocks[name] = append(f.blocks[name], b)
	}
	f.push()
	f.module = f.scope
	if len(t.blocks) > 0 {
		f.scope.set("self", selfBlocks{f})
	}
	if _, err := f.body(t.body, out); err != nil {
		return err
	}
	if f.parent == nil {
		return nil
	}
	out.muted = false
	return f.renderParent(out)
}

// body renders statements until one leaves a loop.
func (f *frame) body(body []stmt, out *output) (signal, error) {
	for _, s := range body {
		sig, err := f.statement(s, out)
		if err != nil || sig != goesOn {
			return sig, err
		}
	}
	return goesOn, nil
}

// inScope renders statements with names of their own.
func (f *frame) inScope(body []stmt, out *output) (signal, error) {
	outer := f.push()
	sig, err := f.body(body, out)
	f.scope = outer
	return sig, err
}

// statement renders one statement. This is the one dispatch over all statements.
func (f *frame) statement(s stmt, out *output) (signal, error) {
	if err := f.run.spend(1); err != nil {
		return goesOn, err
	}
	switch s := s.(type) {
	case *textStmt:
		out.add(s.text)
	case *outputStmt:
		return goesOn, f.output(s, out)
	case *ifStmt:
		return f.ifStatement(s, out)
	case *forStmt:
		return goesOn, f.forStatement(s, out)
	case *setStmt:
		v, err := f.eval(s.x)
		if err != nil {
			return goesOn, err
		}
		return goesOn, f.assign(s.target, f.ownCopy(v))
	case *setBlockStmt:
		return goesOn, f.setBlock(s)
	case *macroStmt:
		f.scope.set(s.name, &macro{f: f, scope: f.scope, stmt: s})
	case *callStmt:
		return goesOn, f.callBlock(s, out)
	case *filterStmt:
		v, err := f.filterBlock(&s.filter, s.body)
		out.add(v)
		return goesOn, err
	case *withStmt:
		return f.with(s, out)
	case *includeStmt:
		return goesOn, f.include(s, out)
	case *importStmt:
		return goesOn, f.importTemplate(s)
	case *fromStmt:
		return goesOn, f.importNames(s)
	case *extendsStmt:
		return goesOn, f.extends(s, out)
	case *blockStmt:
		if out.muted {
			return goesOn, nil
		}
		return goesOn, f.block(s.name, 0, s.scoped, out)
	case *doStmt:
		v, err := f.eval(s.x)
		if err == nil {
			_, err = f.captured(v)
		}
		return goesOn, err
	case *breakStmt:
		return breaks, nil
	case *continueStmt:
		return continues, nil
	case *autoescapeStmt:
		return f.inScope(s.body, out)
	}
	return goesOn, nil
}

// captured is the error of a value that is undefined because something failed; one that is merely missing passes.
func (f *frame) captured(v any) (any, error) {
	if u, ok := v.(value.Undefined); ok && !missing(u) {
		return nil, u.Err
	}
	return v, nil
}

func (f *frame) output(s *outputStmt, out *output) error {
	v, err := f.eval(s.x)
	if err != nil {
		return err
	}
	if u, ok := v.(value.Undefined); ok {
		v = f.placed(u, placeOf(s.x.expr, u.Name))
	}
	if f.tmpl.mutates {
		v = snapshot(v)
	}
	out.add(v)
	return nil
}

// snapshot is a list or mapping as it is now: what is printed must not change with what the template does to it later.
func snapshot(v any) any {
	switch x := v.(type) {
	case *value.List:
		return &value.List{Items: append([]any{}, x.Items...)}
	case *value.Map:
		return x.Clone()
	}
	return v
}

// placeOf is where the name that is undefined stands in an expression: the beginning of a path, if it is that.
func placeOf(x expr, name string) int {
	for y := x; ; {
		switch z := y.(type) {
		case *attrExpr:
			y = z.obj
		case *itemExpr:
			y = z.obj
		case *filterExpr:
			y = z.in
		case *nameExpr:
			if z.name == name {
				return z.offset()
			}
			return x.offset()
		default:
			return x.offset()
		}
	}
}

// placed gives something undefined the place where it was to be printed.
func (f *frame) placed(u value.Undefined, offset int) value.Undefined {
	u.Err = f.tmpl.locate(use(u), offset)
	return u
}

// ownCopy is a value that this template may change, if it changes any.
func (f *frame) ownCopy(v any) any {
	if items, ok := v.([]any); ok && f.tmpl.mutates {
		return f.thaw(items)
	}
	return v
}

func (f *frame) condition(l leaf) (bool, error) {
	v, err := f.eval(l)
	if err != nil {
		return false, err
	}
	yes, err := truth(v)
	if err != nil {
		return false, f.tmpl.locate(err, l.expr.offset())
	}
	return yes, nil
}

func (f *frame) ifStatement(s *ifStmt, out *output) (signal, error) {
	for i, test := range s.tests {
		yes, err := f.condition(test)
		if err != nil {
			return goesOn, err
		}
		if yes {
			return f.body(s.bodies[i], out)
		}
	}
	return f.body(s.orelse, out)
}

// assign gives a target a value.
func (f *frame) assign(t target, v any) error {
	switch {
	case t.tuple:
		return f.assignParts(t.parts, v)
	case t.field != "":
		ns, err := f.lookup(t.name)
		if err != nil {
			return err
		}
		n, ok := ns.(*namespace)
		if !ok {
			return typeError("cannot assign attribute on non-namespace object")
		}
		n.fields.Set(t.field, v)
	default:
		f.scope.set(t.name, v)
	}
	return nil
}

func (f *frame) assignParts(parts []target, v any) error {
	items, err := iterate(v)
	if err != nil {
		return err
	}
	switch {
	case len(items) < len(parts):
		return valueError("not enough values to unpack (expected %d, got %d)", len(parts), len(items))
	case len(items) > len(parts):
		return valueError("too many values to unpack (expected %d)", len(parts))
	}
	for i, p := range parts {
		if err := f.assign(p, f.leaf(items[i])); err != nil {
			return err
		}
	}
	return nil
}

func (f *frame) setBlock(s *setBlockStmt) error {
	v, err := f.filterBlock(s.filter, s.body)
	if err != nil {
		return err
	}
	return f.assign(s.target, v)
}

// filterBlock renders a body and applies a filter chain (nil: none) to what it rendered.
func (f *frame) filterBlock(filter *leaf, body []stmt) (any, error) {
	var inner output
	if _, err := f.inScope(body, &inner); err != nil {
		return nil, err
	}
	v := f.joined(&inner)
	if filter == nil {
		return v, nil
	}
	outer := f.push()
	f.scope.set(blockText, v)
	v, err := f.eval(*filter)
	f.scope = outer
	return v, err
}

func (f *frame) with(s *withStmt, out *output) (signal, error) {
	vals := make([]any, len(s.values))
	for i, x := range s.values {
		v, err := f.eval(x)
		if err != nil {
			return goesOn, err
		}
		vals[i] = f.ownCopy(v)
	}
	outer := f.push()
	defer func() { f.scope = outer }()
	for i, t := range s.targets {
		if err := f.assign(t, vals[i]); err != nil {
			return goesOn, err
		}
	}
	return f.body(s.body, out)
}

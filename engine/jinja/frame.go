package jinja

import (
	"github.com/drydock-dev/drydock/engine/value"
)

// maxNesting is how many evaluations (variables, macros, includes) may be inside each other.
const maxNesting = 4000

// run is what all frames of one evaluation share.
type run struct {
	lang   *Language
	depth  int
	spent  bool // maxNesting was reached
	work   int  // see spend
	nodes  int  // values made final since the outermost
	inside int  // how many values the one being made final is in
	sealed bool // encrypted texts are not opened
	memo   map[memoKey]*memo
}

// memoKey is a variable's template in its Env.
type memoKey struct {
	tmpl   *Template
	env    Env
	sealed bool
}

// memo is the value of a variable within one evaluation. While it is being computed, done is false: who needs it then
// needs itself.
type memo struct {
	val  any
	done bool
}

// frame is the state of one template while it is evaluated.
type frame struct {
	run    *run
	env    Env
	tmpl   *Template
	scope  *scope
	own    map[string]any // copies of variables that the template may change
	blocks map[string][]*blockStmt
	// parent is the template that this one extends, once it said so.
	parent *Template
	module *scope // where the names of the top level are
}

// scope is the names that one block of a template assigned.
type scope struct {
	outer *scope
	names []string
	vals  []any
}

func (s *scope) get(name string) (any, bool) {
	for ; s != nil; s = s.outer {
		for i := len(s.names) - 1; i >= 0; i-- {
			if s.names[i] == name {
				return s.vals[i], true
			}
		}
	}
	return nil, false
}

func (s *scope) set(name string, v any) {
	for i, n := range s.names {
		if n == name {
			s.vals[i] = v
			return
		}
	}
	s.names = append(s.names, name)
	s.vals = append(s.vals, v)
}

func newFrame(t *Template, e Env) *frame {
	both := &struct {
		frame frame
		run   run
	}{frame{env: e, tmpl: t}, run{lang: t.lang}}
	both.frame.run = &both.run
	return &both.frame
}

// push opens a scope; the result closes it.
func (f *frame) push() *scope {
	old := f.scope
	f.scope = &scope{outer: old}
	return old
}

// result evaluates the template of the frame. What is undefined is an error only if it was used.
func (f *frame) result() (any, error) {
	t := f.tmpl
	if t.broken != nil {
		return nil, t.broken
	}
	if t.expr != nil {
		return f.eval(*t.expr)
	}
	return f.renderTemplate()
}

// lookup finds a name: what the template assigned, then variables, then globals.
func (f *frame) lookup(name string) (any, error) {
	if f.scope != nil {
		if v, ok := f.scope.get(name); ok {
			return v, nil
		}
	}
	return f.variable(name)
}

// variable finds a variable or global.
func (f *frame) variable(name string) (any, error) {
	if v, ok := f.own[name]; ok {
		return v, nil
	}
	v, ok, err := f.env.Lookup(name)
	if err != nil {
		return failed(err), nil
	}
	if !ok {
		if v, ok = f.run.lang.Globals[name]; !ok {
			return undefinedName(name), nil
		}
		return v, nil
	}
	v = f.leaf(v)
	if f.tmpl.mutates {
		v = f.thaw(v)
		if f.own == nil {
			f.own = map[string]any{}
		}
		f.own[name] = v
	}
	return v, nil
}

// leaf evaluates a value that is a template; others it returns as they are.
func (f *frame) leaf(v any) any {
	switch x := v.(type) {
	case *Template:
		return f.run.variable(x, f.env, f.env)
	case *bound:
		return f.run.variable(x.tmpl, x.env, f.env)
	case value.Vault:
		return f.run.open(x)
	}
	return v
}

// variable evaluates the template of a variable in its Env, once in an evaluation. An error becomes an undefined value
// that knows it. Asked for from another Env, templates inside the result are bound to theirs.
func (r *run) variable(t *Template, env, asker Env) any {
	key := memoKey{t, env, r.sealed}
	m := r.memo[key]
	if m == nil {
		m = &memo{}
		if r.memo == nil {
			r.memo = map[memoKey]*memo{}
		}
		r.memo[key] = m
		m.val = r.compute(t, env)
		m.done = true
	} else if !m.done {
		return failed(t.locate(value.Errorf(value.Recursion, "recursive loop: the value of %q needs itself", t.src.Text), 0))
	}
	if env != asker {
		return Bind(m.val, env)
	}
	return m.val
}

func (r *run) compute(t *Template, env Env) any {
	if err := r.enter(); err != nil {
		return failed(err)
	}
	defer r.leave()
	if r.sealed && !t.isPath() {
		defer r.seal(false)()
	}
	f := &frame{run: r, env: env, tmpl: t}
	v, err := f.result()
	if err != nil {
		return failed(err)
	}
	return v
}

func (r *run) enter() error {
	if r.depth++; r.depth > maxNesting || r.spent {
		r.depth--
		r.spent = true // what has branches would try each of them as deep
		return value.Errorf(value.Recursion, "more than %d evaluations are inside each other", maxNesting)
	}
	return nil
}

func (r *run) leave() { r.depth-- }

// bound is a template that belongs to another Env than the one it is found in: a variable of another host.
type bound struct {
	tmpl *Template
	env  Env
}

// String is the source, for a template that is printed as it stands.
func (b *bound) String() string { return b.tmpl.src.Text }

// Bind ties the templates inside a value to the Env that they are to be evaluated in. An Object that stands for the
// variables of another host must bind what it returns.
func Bind(v any, e Env) any {
	switch x := v.(type) {
	case *Template:
		return &bound{x, e}
	case *value.Map:
		if !hasLeaves(x) {
			return x
		}
		m := &value.Map{}
		for k, item := range x.All() {
			m.Set(k, Bind(item, e))
		}
		return m
	case []any:
		return rebuild(x, func(item any) any { return Bind(item, e) })
	case value.Tuple:
		return value.Tuple(rebuild(x, func(item any) any { return Bind(item, e) }))
	}
	return v
}

// rebuild maps the items of a list that has templates inside; one that has none it returns as it is.
func rebuild(items []any, f func(any) any) []any {
	if !hasLeaves(items) {
		return items
	}
	out := make([]any, len(items))
	for i, it := range items {
		out[i] = f(it)
	}
	return out
}

// hasLeaves tells whether a value is or holds a template. What is too deep or too big to look into counts as one that does.
func hasLeaves(v any) bool {
	nodes := 0
	return leavesBelow(v, 0, &nodes)
}

func leavesBelow(v any, depth int, nodes *int) bool {
	if depth > maxInside || *nodes > maxNodes {
		return true
	}
	switch x := v.(type) {
	case *Template, *bound, value.Vault:
		return true
	case *value.Map:
		*nodes += x.Len()
		for _, item := range x.All() {
			if leavesBelow(item, depth+1, nodes) {
				return true
			}
		}
	case []any:
		return anyLeaf(x, depth, nodes)
	case value.Tuple:
		return anyLeaf(x, depth, nodes)
	case *value.List:
		return anyLeaf(x.Items, depth, nodes)
	}
	return false
}

func anyLeaf(items []any, depth int, nodes *int) bool {
	*nodes += len(items)
	for _, it := range items {
		if leavesBelow(it, depth+1, nodes) {
			return true
		}
	}
	return false
}

// settle evaluates the templates inside a container; what fails becomes undefined in its place.
func (f *frame) settle(v any) any {
	switch v.(type) {
	case nil, bool, int, float64, string:
		return v
	}
	nodes := 0
	out := f.settleAt(v, 0, &nodes)
	if err := f.run.spend(nodes >> 8); err != nil {
		return failed(err)
	}
	return out
}

// settleAt is settle for a value so deep inside others; nodes counts the values that were looked at.
func (f *frame) settleAt(v any, depth int, nodes *int) any {
	if err := bounded(depth, *nodes); err != nil {
		*nodes = maxNodes + 1 // what has branches would try each of them as deep
		return failed(err)
	}
	switch x := v.(type) {
	case *Template, *bound, value.Vault:
		if err := f.run.enter(); err != nil {
			return failed(err)
		}
		defer f.run.leave()
		return f.settleAt(f.leaf(v), depth+1, nodes)
	case *value.Map:
		if !leavesBelow(x, depth, nodes) {
			return x
		}
		m := &value.Map{}
		for k, item := range x.All() {
			m.Set(k, f.settleAt(item, depth+1, nodes))
		}
		return m
	case []any:
		return f.settleItems(x, depth, nodes)
	case value.Tuple:
		return value.Tuple(f.settleItems(x, depth, nodes))
	case *value.List:
		if anyLeaf(x.Items, depth, nodes) {
			for i, it := range x.Items {
				x.Items[i] = f.settleAt(it, depth+1, nodes)
			}
		}
		return x
	}
	return v
}

func (f *frame) settleItems(items []any, depth int, nodes *int) []any {
	if !anyLeaf(items, depth, nodes) {
		return items
	}
	out := make([]any, len(items))
	for i, it := range items {
		out[i] = f.settleAt(it, depth+1, nodes)
	}
	return out
}

// thaw copies containers, so that a template may change them; lists become *value.List.
func (f *frame) thaw(v any) any {
	nodes := 0
	out := thawAt(v, 0, &nodes)
	if err := f.run.spend(nodes >> 8); err != nil {
		return failed(err)
	}
	return out
}

func thawAt(v any, depth int, nodes *int) any {
	if err := bounded(depth, *nodes); err != nil {
		*nodes = maxNodes + 1 // what has branches would try each of them as deep
		return failed(err)
	}
	*nodes++
	switch x := v.(type) {
	case *value.Map:
		m := &value.Map{}
		for k, item := range x.All() {
			m.Set(k, thawAt(item, depth+1, nodes))
		}
		return m
	case []any:
		l := &value.List{Items: make([]any, len(x))}
		for i, it := range x {
			l.Items[i] = thawAt(it, depth+1, nodes)
		}
		return l
	case value.Tuple:
		out := make(value.Tuple, len(x))
		for i, it := range x {
			out[i] = thawAt(it, depth+1, nodes)
		}
		return out
	}
	return v
}

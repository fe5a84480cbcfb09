package jinja

import (
	"reflect"
	"strconv"
	"sync"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/builtin"
	"github.com/expr-lang/expr/compiler"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	exprparser "github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"
)

// This file is the only one that knows expr. An expression becomes a tree of expr's nodes: each operator, filter, test and
// access is a call of a function with Python's semantics (a site), `and`, `or` and inline `if` are expr's own jumps. The
// first argument of each site is the frame, which expr sees as its environment.

// program is the compiled form of an expression, made when it is first needed.
type program struct {
	once sync.Once
	code *vm.Program
	err  error
}

// machines holds idle virtual machines. One is taken for each evaluation, because evaluating a variable inside an
// expression evaluates another expression.
var machines = sync.Pool{New: func() any { return new(vm.VM) }}

// eval runs the program of an expression.
func (f *frame) eval(l leaf) (any, error) {
	l.once.Do(func() { l.code, l.err = compile(l.expr) })
	if l.err != nil {
		return nil, l.err
	}
	m := machines.Get().(*vm.VM)
	v, err := m.Run(l.code, f)
	clear(m.Variables)
	machines.Put(m)
	if err != nil {
		return nil, f.cause(err)
	}
	return v, nil
}

// cause gives the error behind what the machine reports its place in the template.
func (f *frame) cause(err error) error {
	e, ok := err.(*file.Error)
	if !ok {
		return err
	}
	if e.Prev == nil {
		return f.tmpl.locate(typeError("%s", e.Message), e.From)
	}
	return f.tmpl.locate(e.Prev, e.From)
}

// lowerer builds the tree of one expression.
type lowerer struct {
	functions conf.FunctionsTable
	lets      int
}

func compile(x expr) (*vm.Program, error) {
	lo := &lowerer{functions: conf.FunctionsTable{}}
	tree := &exprparser.Tree{Node: lo.value(x), Source: file.NewSource("")}
	return compiler.Compile(tree, &conf.Config{Functions: lo.functions, ShortCircuit: true})
}

// site is a function that one place of an expression calls. args[0] is the frame.
type site func(args ...any) (any, error)

var boolType = reflect.TypeOf(true)

// call makes a node that calls fn with the values of the arguments.
func (lo *lowerer) call(offset int, fn site, args ...ast.Node) ast.Node {
	name := "s" + strconv.Itoa(len(lo.functions))
	lo.functions[name] = &builtin.Function{Name: name, Func: fn}
	all := append([]ast.Node{&ast.IdentifierNode{Value: "$env"}}, args...)
	n := &ast.CallNode{Callee: &ast.IdentifierNode{Value: name}, Arguments: all}
	n.SetLocation(file.Location{From: offset})
	return n
}

// boolCall is call for a function that always returns a bool. Only such nodes may stand where expr branches.
func (lo *lowerer) boolCall(offset int, fn site, args ...ast.Node) ast.Node {
	n := lo.call(offset, fn, args...)
	n.SetType(boolType)
	return n
}

// value lowers an expression to a node that leaves its value. This is the one dispatch over all expressions.
func (lo *lowerer) value(x expr) ast.Node {
	switch x := x.(type) {
	case *constExpr:
		return constant(x.val)
	case *nameExpr:
		return lo.call(x.offset(), nameSite(x.name))
	case *listExpr:
		return lo.call(x.offset(), listSite(x.tuple), lo.values(x.items)...)
	case *dictExpr:
		return lo.call(x.offset(), dictSite, lo.pairs(x)...)
	case *attrExpr, *itemExpr:
		return lo.access(x)
	case *sliceExpr:
		return lo.call(x.offset(), sliceValueSite, lo.value(orNone(x.lo)), lo.value(orNone(x.hi)), lo.value(orNone(x.step)))
	case *callExpr:
		return lo.callExpr(x)
	case *filterExpr:
		return lo.filterExpr(x)
	case *testExpr:
		return lo.testExpr(x)
	case *unaryExpr:
		if x.op == "not" {
			return lo.condition(x)
		}
		return lo.call(x.offset(), signSite(x.op), lo.value(x.x))
	case *binaryExpr:
		if x.op == "and" || x.op == "or" {
			return lo.shortCircuit(x)
		}
		return lo.call(x.offset(), arithmeticSite(x.op), lo.value(x.x), lo.value(x.y))
	case *concatExpr:
		return lo.call(x.offset(), concatSite, lo.values(x.parts)...)
	case *compareExpr:
		return lo.compareExpr(x)
	case *condExpr:
		return lo.condExpr(x)
	case *embedExpr:
		return lo.call(x.offset(), embedSite(x.tmpl))
	}
	return &ast.NilNode{}
}

func constant(v any) ast.Node {
	if v == nil {
		return &ast.NilNode{}
	}
	return &ast.ConstantNode{Value: v}
}

func orNone(x expr) expr {
	if x == nil {
		return &constExpr{val: nil}
	}
	return x
}

func (lo *lowerer) values(xs []expr) []ast.Node {
	out := make([]ast.Node, len(xs))
	for i, x := range xs {
		out[i] = lo.value(x)
	}
	return out
}

func (lo *lowerer) pairs(x *dictExpr) []ast.Node {
	out := make([]ast.Node, 0, 2*len(x.keys))
	for i := range x.keys {
		out = append(out, lo.value(x.keys[i]), lo.value(x.vals[i]))
	}
	return out
}

// condition lowers an expression to a node that leaves its truth.
func (lo *lowerer) condition(x expr) ast.Node {
	switch x := x.(type) {
	case *unaryExpr:
		if x.op == "not" {
			n := &ast.UnaryNode{Operator: "not", Node: lo.condition(x.x)}
			n.SetType(boolType)
			return n
		}
	case *binaryExpr:
		if x.op == "and" || x.op == "or" {
			n := &ast.BinaryNode{Operator: x.op, Left: lo.condition(x.x), Right: lo.condition(x.y)}
			n.SetType(boolType)
			return n
		}
	case *compareExpr:
		return lo.compareExpr(x)
	}
	return lo.boolCall(x.offset(), truthSite, lo.value(x))
}

// let binds the value of a node to a variable of the program and builds a node that may use it more than once.
func (lo *lowerer) let(v ast.Node, body func(name string) ast.Node) ast.Node {
	lo.lets++
	name := "l" + strconv.Itoa(lo.lets)
	n := body(name)
	decl := &ast.VariableDeclaratorNode{Name: name, Value: v, Expr: n}
	decl.SetType(n.Type())
	return decl
}

func variable(name string) ast.Node { return &ast.IdentifierNode{Value: name} }

// shortCircuit lowers `and` and `or` whose value, and not only its truth, is wanted.
func (lo *lowerer) shortCircuit(x *binaryExpr) ast.Node {
	if alwaysBool(x.x) && alwaysBool(x.y) {
		return lo.condition(x)
	}
	return lo.let(lo.value(x.x), func(left string) ast.Node {
		test := lo.boolCall(x.x.offset(), truthSite, variable(left))
		yes, no := variable(left), lo.value(x.y)
		if x.op == "and" {
			yes, no = no, yes
		}
		return &ast.ConditionalNode{Cond: test, Exp1: yes, Exp2: no}
	})
}

// alwaysBool tells whether the value of an expression can only be a bool.
func alwaysBool(x expr) bool {
	switch x := x.(type) {
	case *compareExpr:
		return true
	case *unaryExpr:
		return x.op == "not"
	case *binaryExpr:
		return (x.op == "and" || x.op == "or") && alwaysBool(x.x) && alwaysBool(x.y)
	}
	return false
}

func (lo *lowerer) condExpr(x *condExpr) ast.Node {
	no := ast.Node(nil)
	if x.no != nil {
		no = lo.value(x.no)
	} else {
		no = lo.call(x.offset(), noElseSite)
	}
	return &ast.ConditionalNode{Cond: lo.condition(x.cond), Exp1: lo.value(x.yes), Exp2: no}
}

// compareExpr lowers a comparison; a chain evaluates each operand once and stops at the first that does not hold.
func (lo *lowerer) compareExpr(x *compareExpr) ast.Node {
	return lo.compareChain(x.offset(), lo.value(x.first), x.rest)
}

func (lo *lowerer) compareChain(offset int, left ast.Node, rest []comparison) ast.Node {
	if len(rest) == 1 {
		return lo.boolCall(offset, compareSite(rest[0].op), left, lo.value(rest[0].y))
	}
	n := lo.let(left, func(l string) ast.Node {
		return lo.let(lo.value(rest[0].y), func(r string) ast.Node {
			and := &ast.BinaryNode{
				Operator: "and",
				Left:     lo.boolCall(offset, compareSite(rest[0].op), variable(l), variable(r)),
				Right:    lo.compareChain(offset, variable(r), rest[1:]),
			}
			and.SetType(boolType)
			return and
		})
	})
	n.SetType(boolType)
	return n
}

// access lowers attributes and items. A path of constants that begins with a name is one site.
func (lo *lowerer) access(x expr) ast.Node {
	if name, steps, ok := constantPath(x); ok {
		return lo.call(x.offset(), pathSite(name, steps))
	}
	switch x := x.(type) {
	case *attrExpr:
		return lo.call(x.offset(), attrSite(x.name), lo.value(x.obj))
	case *itemExpr:
		return lo.call(x.offset(), itemSite, lo.value(x.obj), lo.value(x.key))
	}
	return nil
}

// step is one part of a path: an attribute (.name) or an item ([key]).
type step struct {
	attr bool
	key  any
}

func constantPath(x expr) (name string, steps []step, ok bool) {
	switch x := x.(type) {
	case *nameExpr:
		return x.name, nil, true
	case *attrExpr:
		name, steps, ok = constantPath(x.obj)
		return name, append(steps, step{attr: true, key: x.name}), ok
	case *itemExpr:
		key, isConst := x.key.(*constExpr)
		if !isConst {
			return "", nil, false
		}
		name, steps, ok = constantPath(x.obj)
		return name, append(steps, step{key: key.val}), ok
	}
	return "", nil, false
}

// operand lowers what a filter or test is applied to. One that takes encrypted texts gets them only if they are a variable or lie in one.
func (lo *lowerer) operand(x expr, sealed bool) ast.Node {
	if name, steps, ok := constantPath(x); ok && sealed {
		return lo.call(x.offset(), sealedSite(pathSite(name, steps)))
	}
	return lo.value(x)
}

// shape says how the arguments of a site are laid out behind the frame and the operand.
type shape struct {
	pos            int
	names          []string
	star, starstar bool
}

// arguments lowers arguments behind first, and says how they are laid out.
func (lo *lowerer) arguments(first ast.Node, a arguments) ([]ast.Node, shape) {
	nodes := append([]ast.Node{first}, lo.values(a.pos)...)
	nodes = append(nodes, lo.values(a.named)...)
	s := shape{pos: len(a.pos), names: a.names, star: a.star != nil, starstar: a.starstar != nil}
	if s.star {
		nodes = append(nodes, lo.value(a.star))
	}
	if s.starstar {
		nodes = append(nodes, lo.value(a.starstar))
	}
	return nodes, s
}

func (lo *lowerer) callExpr(x *callExpr) ast.Node {
	if m, ok := x.fn.(*attrExpr); ok {
		nodes, s := lo.arguments(lo.value(m.obj), x.args)
		return lo.call(x.offset(), methodSite(m.name, s), nodes...)
	}
	nodes, s := lo.arguments(lo.value(x.fn), x.args)
	name := ""
	if n, ok := x.fn.(*nameExpr); ok {
		name = n.name
	}
	return lo.call(x.offset(), callSite(name, s), nodes...)
}

func (lo *lowerer) filterExpr(x *filterExpr) ast.Node {
	in := ast.Node(nil)
	if x.in == nil {
		in = lo.call(x.offset(), blockTextSite)
	} else {
		in = lo.operand(x.in, x.sealed)
	}
	nodes, s := lo.arguments(in, x.args)
	return lo.call(x.offset(), filterSite(x.name, x.fn, s), nodes...)
}

func (lo *lowerer) testExpr(x *testExpr) ast.Node {
	nodes, s := lo.arguments(lo.operand(x.in, x.sealed), x.args)
	return lo.call(x.offset(), testSite(x.name, x.fn, x.negated, s), nodes...)
}

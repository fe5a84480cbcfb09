package ansible

import (
	"github.com/drydock-dev/drydock/engine/value"
)

// jmesNode evaluates a part of a query on a value. A result of none stands for "nothing".
type jmesNode func(v any) (any, error)

// jmesParser is a Pratt parser. What follows a projection is collected until something that stops it.
type jmesParser struct {
	tokens []jmesToken
	i      int
	depth  int
}

// jmesPower is how strongly an operator binds to what is left of it.
var jmesPower = map[string]int{
	"|": 1, "||": 2, "&&": 3, "==": 5, "!=": 5, "<": 5, "<=": 5, ">": 5, ">=": 5, "[]": 9, "*": 20, "[?": 21, ".": 40, "[": 55, "(": 60,
}

// jmesProjectionStop: operators that bind weaker than this end a projection.
const jmesProjectionStop = 10

func compileJMES(s string) (node jmesNode, err error) {
	tokens, err := lexJMES(s)
	if err != nil {
		return nil, err
	}
	p := &jmesParser{tokens: tokens}
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(*value.Error)
			if !ok {
				panic(r)
			}
			node, err = nil, e
		}
	}()
	node = p.expression(0)
	if t := p.peek(); t.kind != "end" {
		p.fail(t)
	}
	return node, nil
}

func (p *jmesParser) peek() jmesToken { return p.tokens[p.i] }

func (p *jmesParser) next() jmesToken {
	t := p.tokens[p.i]
	if t.kind != "end" {
		p.i++
	}
	return t
}

func (p *jmesParser) fail(t jmesToken) {
	what := t.kind
	if t.text != "" {
		what = t.text
	}
	panic(valueError("json_query: unexpected '%s' in the query", what))
}

func (p *jmesParser) expect(kind string) jmesToken {
	t := p.next()
	if t.kind != kind {
		p.fail(t)
	}
	return t
}

func (p *jmesParser) expression(power int) jmesNode {
	if p.depth++; p.depth > 200 {
		panic(valueError("json_query: the query is nested too deeply"))
	}
	defer func() { p.depth-- }()
	left := p.prefix()
	for power < jmesPower[p.peek().kind] {
		left = p.infix(left)
	}
	return left
}

func self(v any) (any, error) { return v, nil }

// prefix parses what may begin an expression.
func (p *jmesParser) prefix() jmesNode {
	t := p.next()
	switch t.kind {
	case "literal":
		return func(any) (any, error) { return t.val, nil }
	case "name":
		if p.peek().kind == "(" {
			return p.function(t.text)
		}
		return jmesField(t.text)
	case "string":
		return jmesField(t.text)
	case "@":
		return self
	case "*":
		return project(jmesValues(self), p.projectionRest(20))
	case "[":
		return p.bracket(self)
	case "[]":
		return project(flattened(self), p.projectionRest(9))
	case "[?":
		return p.filter(self)
	case "{":
		return p.multiHash()
	case "!":
		inner := p.expression(45)
		return func(v any) (any, error) {
			r, err := inner(v)
			return !jmesTruth(r), err
		}
	case "(":
		inner := p.expression(0)
		p.expect(")")
		return inner
	case "&":
		inner := p.expression(0)
		return func(any) (any, error) { return jmesExpr{inner}, nil }
	}
	p.fail(t)
	return nil
}

// jmesExpr is an expression that is handed to a function: &name.
type jmesExpr struct{ node jmesNode }

// infix parses what may follow an expression.
func (p *jmesParser) infix(left jmesNode) jmesNode {
	t := p.next()
	switch t.kind {
	case ".":
		return p.dot(left)
	case "[":
		return p.bracket(left)
	case "[]":
		return project(flattened(left), p.projectionRest(9))
	case "[?":
		return p.filter(left)
	case "|":
		return chain(left, p.expression(1))
	case "||", "&&":
		right := p.expression(jmesPower[t.kind])
		return func(v any) (any, error) {
			l, err := left(v)
			if err != nil || jmesTruth(l) == (t.kind == "||") {
				return l, err
			}
			return right(v)
		}
	case "==", "!=", "<", "<=", ">", ">=":
		return jmesComparison(t.kind, left, p.expression(5))
	}
	p.fail(t)
	return nil
}

// dot parses what follows a dot: a key, all values, or several expressions.
func (p *jmesParser) dot(left jmesNode) jmesNode {
	switch t := p.peek(); t.kind {
	case "*":
		p.next()
		return project(jmesValues(left), p.projectionRest(20))
	case "[":
		p.next()
		return chain(left, p.multiList())
	case "name", "string", "{":
		return chain(left, p.expression(40))
	default:
		p.fail(t)
		return nil
	}
}

// bracket parses what follows [: an index, a slice, all items, or several expressions.
func (p *jmesParser) bracket(left jmesNode) jmesNode {
	switch t := p.peek(); {
	case t.kind == "number" || t.kind == ":":
		return p.indexOrSlice(left)
	case t.kind == "*" && p.tokens[p.i+1].kind == "]":
		p.i += 2
		return project(listOnly(left), p.projectionRest(20))
	}
	return chain(left, p.multiList())
}

func (p *jmesParser) indexOrSlice(left jmesNode) jmesNode {
	var parts [3]any
	n, slice := 0, false
	for p.peek().kind != "]" {
		switch t := p.next(); t.kind {
		case "number":
			parts[n] = t.val
		case ":":
			if n++; n > 2 {
				p.fail(t)
			}
			slice = true
		default:
			p.fail(t)
		}
	}
	p.next()
	if !slice {
		return jmesIndex(left, parts[0])
	}
	return project(jmesSlice(left, parts), p.projectionRest(20))
}

func (p *jmesParser) filter(left jmesNode) jmesNode {
	condition := p.expression(0)
	p.expect("]")
	rest := p.projectionRest(21)
	items := listOnly(left)
	return func(v any) (any, error) {
		all, err := items(v)
		list, ok := value.Items(all)
		if err != nil || !ok {
			return nil, err
		}
		out := []any{}
		for _, it := range list {
			hit, err := condition(it)
			if err != nil {
				return nil, err
			}
			if !jmesTruth(hit) {
				continue
			}
			r, err := rest(it)
			if err != nil {
				return nil, err
			}
			if r != nil {
				out = append(out, r)
			}
		}
		return out, nil
	}
}

// projectionRest parses what is applied to each item of a projection.
func (p *jmesParser) projectionRest(power int) jmesNode {
	switch t := p.peek(); {
	case jmesPower[t.kind] < jmesProjectionStop:
		return self
	case t.kind == ".":
		p.next()
		return p.rest(p.dot(self), power)
	case t.kind == "[":
		p.next()
		return p.rest(p.bracket(self), power)
	case t.kind == "[?":
		p.next()
		return p.rest(p.filter(self), power)
	default:
		p.fail(t)
		return nil
	}
}

func (p *jmesParser) rest(left jmesNode, power int) jmesNode {
	for power < jmesPower[p.peek().kind] {
		left = p.infix(left)
	}
	return left
}

func (p *jmesParser) list(end string) []jmesNode {
	var nodes []jmesNode
	for p.peek().kind != end {
		if len(nodes) > 0 {
			p.expect(",")
		}
		nodes = append(nodes, p.expression(0))
	}
	p.next()
	return nodes
}

func (p *jmesParser) multiList() jmesNode {
	nodes := p.list("]")
	return func(v any) (any, error) {
		if v == nil {
			return nil, nil
		}
		return jmesAll(nodes, v)
	}
}

func jmesAll(nodes []jmesNode, v any) ([]any, error) {
	out := make([]any, len(nodes))
	for i, n := range nodes {
		var err error
		if out[i], err = n(v); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (p *jmesParser) multiHash() jmesNode {
	var keys []string
	var nodes []jmesNode
	for {
		t := p.next()
		if t.kind != "name" && t.kind != "string" {
			p.fail(t)
		}
		p.expect(":")
		keys, nodes = append(keys, t.text), append(nodes, p.expression(0))
		if p.peek().kind != "," {
			break
		}
		p.next()
	}
	p.expect("}")
	return func(v any) (any, error) {
		if v == nil {
			return nil, nil
		}
		vals, err := jmesAll(nodes, v)
		if err != nil {
			return nil, err
		}
		m := &value.Map{}
		for i, k := range keys {
			m.Set(k, vals[i])
		}
		return m, nil
	}
}

func (p *jmesParser) function(name string) jmesNode {
	p.next()
	args := p.list(")")
	fn, ok := jmesFunctions[name]
	if !ok {
		panic(valueError("json_query: unknown function: %s()", name))
	}
	if len(args) < fn.least || (fn.most >= 0 && len(args) > fn.most) {
		panic(valueError("json_query: %s() does not take %d arguments", name, len(args)))
	}
	return func(v any) (any, error) {
		vals, err := jmesAll(args, v)
		if err != nil {
			return nil, err
		}
		return fn.call(name, vals)
	}
}

package jinja

import (
	"math/big"
	"strconv"

	"github.com/drydock-dev/drydock/engine/value"
)

// expression parses one expression, with an inline `if`.
func (p *parser) expression() expr {
	p.enter()
	defer p.leave()
	x := p.or()
	for p.isName("if") {
		t := p.next()
		c := &condExpr{at: at(t.at), yes: x, cond: p.or()}
		if p.skipName("else") {
			c.no = p.expression()
		}
		x = c
	}
	return x
}

func (p *parser) or() expr {
	x := p.and()
	for n := 0; p.isName("or"); n++ {
		t := p.next()
		p.chain(n, t)
		x = &binaryExpr{at(t.at), "or", x, p.and()}
	}
	return x
}

func (p *parser) and() expr {
	x := p.not()
	for n := 0; p.isName("and"); n++ {
		t := p.next()
		p.chain(n, t)
		x = &binaryExpr{at(t.at), "and", x, p.not()}
	}
	return x
}

// chain fails if a condition has too many parts.
func (p *parser) chain(n int, t token) {
	if n >= maxChain {
		p.fail(t, "the condition has more than %d parts", maxChain)
	}
}

func (p *parser) not() expr {
	if !p.isName("not") {
		return p.compare()
	}
	t := p.next()
	p.enter()
	defer p.leave()
	return &unaryExpr{at(t.at), "not", p.not()}
}

func (p *parser) compare() expr {
	x := p.sum()
	var rest []comparison
	for {
		t := p.peek()
		p.chain(len(rest), t)
		switch {
		case t.kind == tokOp && isComparison(t.val):
			p.next()
			rest = append(rest, comparison{t.val, p.sum()})
		case p.isName("in"):
			p.next()
			rest = append(rest, comparison{"in", p.sum()})
		case p.isName("not") && p.peek2().kind == tokName && p.peek2().val == "in":
			p.i += 2
			rest = append(rest, comparison{"not in", p.sum()})
		case rest == nil:
			return x
		default:
			return &compareExpr{at(x.offset()), x, rest}
		}
	}
}

func isComparison(op string) bool {
	switch op {
	case "==", "!=", "<", "<=", ">", ">=":
		return true
	}
	return false
}

func (p *parser) sum() expr {
	x := p.concat()
	for p.isOp("+") || p.isOp("-") {
		t := p.next()
		x = &binaryExpr{at(t.at), t.val, x, p.concat()}
	}
	return x
}

func (p *parser) concat() expr {
	x := p.product()
	if !p.isOp("~") {
		return x
	}
	parts := []expr{x}
	at := at(p.peek().at)
	for p.skipOp("~") {
		parts = append(parts, p.product())
	}
	return &concatExpr{at, parts}
}

func (p *parser) product() expr {
	x := p.power()
	for p.isOp("*") || p.isOp("/") || p.isOp("//") || p.isOp("%") {
		t := p.next()
		x = &binaryExpr{at(t.at), t.val, x, p.power()}
	}
	return x
}

// power binds to the left, as Jinja has it: 2**3**2 is 64.
func (p *parser) power() expr {
	x := p.unary(true)
	for p.isOp("**") {
		t := p.next()
		x = &binaryExpr{at(t.at), "**", x, p.unary(true)}
	}
	return x
}

// unary parses a sign, a primary and what follows it. A filter binds weaker than a sign: -1|abs is 1.
func (p *parser) unary(withFilters bool) expr {
	var x expr
	if p.isOp("-") || p.isOp("+") {
		t := p.next()
		p.enter()
		x = &unaryExpr{at(t.at), t.val, p.unary(false)}
		p.leave()
	} else {
		x = p.primary()
	}
	x = p.postfix(x)
	if withFilters {
		x = p.filtersAndTests(x)
	}
	return x
}

func (p *parser) primary() expr {
	t := p.next()
	switch t.kind {
	case tokName:
		if isConstant(t.val) {
			return &constExpr{at(t.at), constants[t.val]}
		}
		p.noteSpecial(t.val)
		return &nameExpr{at(t.at), t.val}
	case tokString:
		return p.text(t)
	case tokInt:
		return &constExpr{at(t.at), integer(t.val)}
	case tokFloat:
		f, _ := strconv.ParseFloat(t.val, 64)
		return &constExpr{at(t.at), f}
	case tokOp:
		switch t.val {
		case "(":
			return p.parenthesis(t)
		case "[":
			return &listExpr{at: at(t.at), items: p.items("]")}
		case "{":
			return p.dict(t)
		}
	}
	p.fail(t, "unexpected '%s'", t)
	return nil
}

var constants = map[string]any{"true": true, "True": true, "false": false, "False": false, "none": nil, "None": nil}

// text joins string literals that stand beside each other.
func (p *parser) text(t token) expr {
	s := t.val
	for p.peek().kind == tokString {
		s += p.next().val
	}
	if p.condition && HasTemplate(s) {
		return p.embed(t, s)
	}
	return &constExpr{at(t.at), s}
}

func (p *parser) noteSpecial(name string) {
	if n := len(p.macros); n > 0 {
		m := p.macros[n-1]
		switch name {
		case "varargs":
			m.uses.varargs = true
		case "kwargs":
			m.uses.kwargs = true
		case "caller":
			m.uses.caller = true
		}
	}
}

func integer(s string) any {
	base := 10
	if len(s) > 2 && s[0] == '0' {
		base = map[byte]int{'x': 16, 'o': 8, 'b': 2}[s[1]|0x20]
		if base == 0 {
			base = 10
		} else {
			s = s[2:]
		}
	}
	b, _ := new(big.Int).SetString(s, base)
	return value.Whole(b)
}

func (p *parser) parenthesis(open token) expr {
	p.enter()
	defer p.leave()
	if p.skipOp(")") {
		return &listExpr{at: at(open.at), tuple: true}
	}
	x := p.tuple(true, nil)
	p.expectOp(")")
	return x
}

// tuple parses an expression, or several with commas, which make a tuple. The words of end finish it.
func (p *parser) tuple(withIf bool, end []string) expr {
	one := func() expr {
		if withIf {
			return p.expression()
		}
		return p.or()
	}
	first := one()
	if !p.isOp(",") {
		return first
	}
	items := []expr{first}
	for p.skipOp(",") {
		if p.tupleEnds(end) {
			break
		}
		items = append(items, one())
	}
	return &listExpr{at: at(first.offset()), items: items, tuple: true}
}

func (p *parser) tupleEnds(end []string) bool {
	t := p.peek()
	switch t.kind {
	case tokEOF, tokBlockEnd, tokOutputEnd:
		return true
	case tokOp:
		return t.val == ")"
	case tokName:
		for _, e := range end {
			if t.val == e {
				return true
			}
		}
	}
	return false
}

func (p *parser) items(end string) []expr {
	p.enter()
	defer p.leave()
	var items []expr
	for !p.isOp(end) {
		if len(items) > 0 {
			p.expectOp(",")
			if p.isOp(end) {
				break
			}
		}
		items = append(items, p.expression())
	}
	p.expectOp(end)
	return items
}

func (p *parser) dict(open token) expr {
	p.enter()
	defer p.leave()
	d := &dictExpr{at: at(open.at)}
	for !p.isOp("}") {
		if len(d.keys) > 0 {
			p.expectOp(",")
			if p.isOp("}") {
				break
			}
		}
		d.keys = append(d.keys, p.expression())
		p.expectOp(":")
		d.vals = append(d.vals, p.expression())
	}
	p.expectOp("}")
	return d
}

// postfix parses attributes, items and calls.
func (p *parser) postfix(x expr) expr {
	for {
		switch {
		case p.isOp("."):
			x = p.attribute(x)
		case p.isOp("["):
			t := p.next()
			x = &itemExpr{at(t.at), x, p.subscript()}
		case p.isOp("("):
			x = p.call(x)
		default:
			return x
		}
	}
}

func (p *parser) attribute(x expr) expr {
	p.next()
	t := p.next()
	switch t.kind {
	case tokName:
		return &attrExpr{at(t.at), x, t.val}
	case tokInt:
		return &itemExpr{at(t.at), x, &constExpr{at(t.at), integer(t.val)}}
	}
	p.fail(t, "unexpected '%s', expected name or number", t)
	return nil
}

func (p *parser) subscript() expr {
	p.enter()
	defer p.leave()
	parts := []expr{p.index()}
	for p.skipOp(",") {
		parts = append(parts, p.index())
	}
	p.expectOp("]")
	if len(parts) == 1 {
		return parts[0]
	}
	return &listExpr{at: at(parts[0].offset()), items: parts, tuple: true}
}

// index parses an index or a slice.
func (p *parser) index() expr {
	start := p.peek()
	var parts [3]expr
	n := 0
	if !p.isOp(":") {
		parts[0] = p.expression()
		if !p.isOp(":") {
			return parts[0]
		}
	}
	for n < 2 && p.skipOp(":") {
		n++
		if !p.isOp(":") && !p.isOp("]") && !p.isOp(",") {
			parts[n] = p.expression()
		}
	}
	return &sliceExpr{at(start.at), parts[0], parts[1], parts[2]}
}

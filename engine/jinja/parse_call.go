package jinja

import (
	"strings"

	"github.com/drydock-dev/drydock/engine/diag"
)

// Parsing of calls, filters and tests, and of the constants in them that are templates themselves.

// embed parses a constant that is a template itself.
func (p *parser) embed(t token, s string) expr {
	tmpl, errs := p.lang.Parse(Source{Text: s, At: func(int) diag.Pos { return p.src.pos(t.at) }})
	if errs.HasErrors() {
		p.fail(t, "%s", errs[0].Summary)
	}
	return &embedExpr{at(t.at), tmpl}
}

func (p *parser) call(fn expr) expr {
	t := p.peek()
	c := &callExpr{at(t.at), fn, p.arguments()}
	switch f := fn.(type) {
	case *attrExpr:
		if changers[f.name] {
			p.mutates = true
		}
		c.at = f.at
	case *nameExpr:
		c.at = f.at
		if f.name == "lookup" || f.name == "query" || f.name == "q" {
			p.knowsLookup(c.args.pos)
			p.embedTerms(c.args.pos[min(1, len(c.args.pos)):])
		}
	}
	return c
}

// knowsLookup checks the name of a lookup, where it is written as a constant.
func (p *parser) knowsLookup(args []expr) {
	if len(args) == 0 || p.lang.Late {
		return
	}
	c, ok := args[0].(*constExpr)
	if !ok {
		return
	}
	name, isText := c.val.(string)
	if _, has := p.lang.Lookup(name); isText && !has && len(p.lang.Lookups) > 0 {
		p.lacks(token{at: int(c.at), val: name}, "lookup", name, names(p.lang.Lookups))
	}
}

// changers are the methods that change the list or mapping that they are called on.
var changers = map[string]bool{
	"append": true, "extend": true, "insert": true, "pop": true, "remove": true, "clear": true, "sort": true, "reverse": true,
	"update": true, "setdefault": true, "popitem": true,
}

// embedTerms makes the constants of a lookup's terms templates: Ansible evaluates {{ }} inside them.
func (p *parser) embedTerms(terms []expr) {
	for i, x := range terms {
		switch c := x.(type) {
		case *constExpr:
			if s, ok := c.val.(string); ok && HasTemplate(s) {
				terms[i] = p.embed(token{at: int(c.at)}, s)
			}
		case *listExpr:
			p.embedTerms(c.items)
		case *dictExpr:
			p.embedTerms(c.vals)
		}
	}
}

func (p *parser) arguments() arguments {
	p.enter()
	defer p.leave()
	var a arguments
	p.expectOp("(")
	for first := true; !p.isOp(")"); first = false {
		if !first {
			p.expectOp(",")
			if p.isOp(")") {
				break
			}
		}
		p.argument(&a)
	}
	p.expectOp(")")
	return a
}

func (p *parser) argument(a *arguments) {
	t := p.peek()
	switch {
	case a.starstar != nil:
		p.fail(t, "an argument follows **")
	case p.skipOp("**"):
		a.starstar = p.expression()
	case p.skipOp("*"):
		if a.star != nil {
			p.fail(t, "more than one * argument")
		}
		a.star = p.expression()
	case t.kind == tokName && p.peek2().kind == tokOp && p.peek2().val == "=":
		p.i += 2
		if indexOf(a.names, t.val) >= 0 {
			p.fail(t, "keyword argument repeated: %s", t.val)
		}
		a.names = append(a.names, t.val)
		a.named = append(a.named, p.expression())
	default:
		if len(a.named) > 0 || a.star != nil {
			p.fail(t, "a positional argument follows a named one")
		}
		a.pos = append(a.pos, p.expression())
	}
}

func (p *parser) filtersAndTests(x expr) expr {
	for {
		switch {
		case p.isOp("|"):
			x = p.filters(x, false)
		case p.isName("is"):
			x = p.test(x)
		case p.isOp("("):
			x = p.call(x)
		default:
			return x
		}
	}
}

// dotted parses a name that may have dots, as ansible.builtin.combine.
func (p *parser) dotted() token {
	t := p.expectName()
	for p.isOp(".") {
		p.next()
		t.val += "." + p.expectName().val
	}
	return t
}

// filters parses a chain of filters; inline: the first comes without a bar.
func (p *parser) filters(x expr, inline bool) expr {
	for inline || p.skipOp("|") {
		inline = false
		t := p.dotted()
		fn, ok := p.lang.filter(t.val)
		if !ok {
			p.lacks(t, "filter", t.val, names(p.lang.Filters))
		}
		f := &filterExpr{at: at(t.at), in: x, name: t.val, fn: fn, sealed: p.lang.takesVault[baseName(t.val)]}
		if p.isOp("(") {
			f.args = p.arguments()
		}
		x = f
	}
	return x
}

func didYouMean(name string, known []string) string {
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		name = name[i+1:]
	}
	n := diag.Nearest(name, known)
	if n == "" {
		return ""
	}
	return `did you mean "` + n + `"?`
}

func (p *parser) test(x expr) expr {
	p.next()
	negated := p.skipName("not")
	t := p.dotted()
	fn, ok := p.lang.test(t.val)
	if !ok {
		p.lacks(t, "test", t.val, names(p.lang.Tests))
	}
	n := &testExpr{at: at(t.at), in: x, name: t.val, fn: fn, negated: negated, sealed: p.lang.takesVault[baseName(t.val)]}
	switch {
	case p.isOp("("):
		n.args = p.arguments()
	case p.testArgumentFollows():
		if p.isName("is") {
			p.fail(p.peek(), "tests cannot be chained with is")
		}
		n.args.pos = []expr{p.postfix(p.primary())}
	}
	return n
}

// testArgumentFollows tells whether a test's only argument stands here without parentheses.
func (p *parser) testArgumentFollows() bool {
	t := p.peek()
	switch t.kind {
	case tokName:
		return t.val != "else" && t.val != "or" && t.val != "and"
	case tokString, tokInt, tokFloat:
		return true
	case tokOp:
		return t.val == "[" || t.val == "{"
	}
	return false
}

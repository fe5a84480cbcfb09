package jinja

import "strings"

import "github.com/drydock-dev/drydock/engine/diag"

// statement parses the statement whose keyword is next.
func (p *parser) statement() []stmt {
	word := p.next()
	if word.kind != tokName {
		p.fail(word, "unexpected '%s', expected the name of a statement", word)
	}
	parsers := statementParsers()
	parse, ok := parsers[word.val]
	if !ok {
		near := ""
		if n := diag.Nearest(word.val, names(parsers)); n != "" {
			near = `did you mean "` + n + `"?`
		}
		p.failHint(word, near, "unknown tag '%s'", word.val)
	}
	return parse(p, word)
}

// statementParsers returns the parser of each statement by its keyword. It is a function and not a table because the
// parsers refer to it.
func statementParsers() map[string]func(p *parser, word token) []stmt {
	return map[string]func(p *parser, word token) []stmt{
		"if": (*parser).ifStatement, "for": (*parser).forStatement, "set": (*parser).setStatement,
		"macro": (*parser).macroStatement, "call": (*parser).callStatement, "filter": (*parser).filterStatement,
		"with": (*parser).withStatement, "include": (*parser).includeStatement, "import": (*parser).importStatement,
		"from": (*parser).fromStatement, "extends": (*parser).extendsStatement, "block": (*parser).blockStatement,
		"do": (*parser).doStatement, "break": (*parser).breakStatement, "continue": (*parser).breakStatement,
		"print": (*parser).printStatement, "autoescape": (*parser).autoescapeStatement,
	}
}

func (p *parser) ifStatement(token) []stmt {
	s := &ifStmt{}
	for {
		s.tests = append(s.tests, p.leaf(p.tuple(false, nil)))
		p.blockEnd()
		body, end := p.statements("elif", "else", "endif")
		s.bodies = append(s.bodies, body)
		if end == "elif" {
			continue
		}
		if end == "else" {
			p.blockEnd()
			s.orelse, _ = p.statements("endif")
		}
		p.blockEnd()
		return []stmt{s}
	}
}

func (p *parser) forStatement(token) []stmt {
	s := &forStmt{}
	at := p.peek()
	s.target = p.assignTarget(false, false, "in")
	if s.target.sets("loop") {
		p.fail(at, "can't assign to the special variable loop in the target of a for loop")
	}
	p.expectKeyword("in")
	s.iter = p.leaf(p.tuple(false, []string{"recursive"}))
	if p.skipName("if") {
		test := p.leaf(p.expression())
		s.filter = &test
	}
	s.recursive = p.skipName("recursive")
	p.blockEnd()
	p.loops++
	body, end := p.statements("endfor", "else")
	p.loops--
	s.body = body
	if end == "else" {
		p.blockEnd()
		s.orelse, _ = p.statements("endfor")
	}
	p.blockEnd()
	return []stmt{s}
}

// sets tells whether a name is assigned to.
func (t target) sets(name string) bool {
	for _, part := range t.parts {
		if part.sets(name) {
			return true
		}
	}
	return t.name == name && t.field == ""
}

func (p *parser) setStatement(token) []stmt {
	target := p.assignTarget(false, true, "")
	if p.skipOp("=") {
		x := p.leaf(p.tuple(true, nil))
		p.blockEnd()
		return []stmt{&setStmt{target, x}}
	}
	s := &setBlockStmt{target: target}
	if p.isOp("|") {
		f := p.leaf(p.filters(nil, false))
		s.filter = &f
	}
	p.blockEnd()
	s.body = p.closedBy("endset")
	return []stmt{s}
}

// signature parses the parameters of a macro or a call block.
func (p *parser) signature(m *macroStmt) {
	p.expectOp("(")
	for !p.isOp(")") {
		if len(m.params) > 0 {
			p.expectOp(",")
		}
		at, name := p.peek(), p.oneTarget(false)
		if indexOf(m.params, name.name) >= 0 {
			p.fail(at, "the parameter '%s' is there twice", name.name)
		}
		m.params = append(m.params, name.name)
		if p.skipOp("=") {
			m.defaults = append(m.defaults, p.leaf(p.expression()))
		} else if len(m.defaults) > 0 {
			p.fail(p.peek(), "a parameter without a default follows one with a default")
		}
	}
	p.expectOp(")")
}

// macroBody parses the body and notes which special names it mentions.
func (p *parser) macroBody(m *macroStmt, end string) {
	p.blockEnd()
	p.macros = append(p.macros, m)
	loops := p.loops
	p.loops = 0
	m.body = p.closedBy(end)
	p.loops = loops
	p.macros = p.macros[:len(p.macros)-1]
}

func (p *parser) macroStatement(token) []stmt {
	m := &macroStmt{name: p.expectName().val}
	p.signature(m)
	p.macroBody(m, "endmacro")
	return []stmt{m}
}

func (p *parser) callStatement(word token) []stmt {
	m := &macroStmt{name: "caller"}
	if p.isOp("(") {
		p.signature(m)
	}
	x := p.expression()
	call, ok := x.(*callExpr)
	if !ok {
		p.fail(word, "expected a call")
	}
	call.args.names = append(call.args.names, "caller")
	call.args.named = append(call.args.named, &nameExpr{call.at, callerName})
	p.macroBody(m, "endcall")
	return []stmt{&callStmt{caller: m, call: p.leaf(x)}}
}

func (p *parser) filterStatement(token) []stmt {
	f := p.leaf(p.filters(nil, true))
	p.blockEnd()
	return []stmt{&filterStmt{f, p.closedBy("endfilter")}}
}

func (p *parser) withStatement(token) []stmt {
	s := &withStmt{}
	for p.peek().kind != tokBlockEnd {
		if len(s.targets) > 0 {
			p.expectOp(",")
		}
		s.targets = append(s.targets, p.assignTarget(false, false, "="))
		p.expectOp("=")
		s.values = append(s.values, p.leaf(p.expression()))
	}
	p.blockEnd()
	s.body = p.closedBy("endwith")
	return []stmt{s}
}

// context parses an optional `with context` or `without context`.
func (p *parser) context(otherwise bool) bool {
	if (p.isName("with") || p.isName("without")) && p.peek2().kind == tokName && p.peek2().val == "context" {
		with := p.next().val == "with"
		p.next()
		return with
	}
	return otherwise
}

func (p *parser) includeStatement(token) []stmt {
	p.mutates = true
	s := &includeStmt{name: p.leaf(p.expression())}
	if p.isName("ignore") && p.peek2().val == "missing" {
		p.i += 2
		s.ignoreMissing = true
	}
	s.withContext = p.context(true)
	p.blockEnd()
	return []stmt{s}
}

func (p *parser) importStatement(token) []stmt {
	p.mutates = true
	s := &importStmt{name: p.leaf(p.expression())}
	p.expectKeyword("as")
	s.target = p.oneTarget(false).name
	s.withContext = p.context(false)
	p.blockEnd()
	return []stmt{s}
}

func (p *parser) fromStatement(token) []stmt {
	p.mutates = true
	s := &fromStmt{name: p.leaf(p.expression())}
	p.expectKeyword("import")
	for {
		if s.withContext = p.context(false); s.withContext || p.peek().kind != tokName || p.i > 0 && p.tokens[p.i-1].val == "context" {
			break
		}
		at, t := p.peek(), p.oneTarget(false)
		if strings.HasPrefix(t.name, "_") {
			p.fail(at, "names starting with an underline can not be imported")
		}
		alias := t.name
		if p.skipName("as") {
			alias = p.oneTarget(false).name
		}
		s.names = append(s.names, t.name)
		s.aliases = append(s.aliases, alias)
		if !p.skipOp(",") {
			s.withContext = p.context(false)
			break
		}
	}
	if len(s.names) == 0 {
		p.fail(p.peek(), "expected a name to import")
	}
	p.blockEnd()
	return []stmt{s}
}

func (p *parser) extendsStatement(token) []stmt {
	p.mutates = true
	s := &extendsStmt{p.leaf(p.expression())}
	p.blockEnd()
	return []stmt{s}
}

func (p *parser) blockStatement(token) []stmt {
	name := p.expectName()
	b := &blockStmt{name: name.val, scoped: p.skipName("scoped"), required: p.skipName("required")}
	if p.isOp("-") {
		p.fail(p.peek(), "block names in Jinja have to be valid Python identifiers and may not contain hyphens, use an underscore instead")
	}
	p.blockEnd()
	if p.blocks[b.name] != nil {
		p.fail(name, "block '%s' defined twice", b.name)
	}
	if p.blocks == nil {
		p.blocks = map[string]*blockStmt{}
	}
	p.blocks[b.name] = b
	b.body, _ = p.statements("endblock")
	if b.required && !blank(b.body) {
		p.fail(name, "required blocks can only contain comments or whitespace")
	}
	if p.isName(b.name) {
		p.next()
	}
	p.blockEnd()
	return []stmt{b}
}

// blank tells whether statements render nothing but white space.
func blank(body []stmt) bool {
	for _, s := range body {
		if t, ok := s.(*textStmt); !ok || strings.TrimSpace(t.text) != "" {
			return false
		}
	}
	return true
}

func (p *parser) doStatement(token) []stmt {
	s := &doStmt{p.leaf(p.tuple(true, nil))}
	p.blockEnd()
	return []stmt{s}
}

func (p *parser) breakStatement(word token) []stmt {
	if p.loops == 0 {
		p.fail(word, "'%s' outside a loop", word.val)
	}
	p.blockEnd()
	if word.val == "break" {
		return []stmt{&breakStmt{}}
	}
	return []stmt{&continueStmt{}}
}

func (p *parser) printStatement(token) []stmt {
	var out []stmt
	for p.peek().kind != tokBlockEnd {
		if len(out) > 0 {
			p.expectOp(",")
		}
		out = append(out, &outputStmt{p.leaf(p.expression())})
	}
	p.blockEnd()
	return out
}

func (p *parser) autoescapeStatement(token) []stmt {
	s := &autoescapeStmt{on: p.leaf(p.expression())}
	p.blockEnd()
	s.body = p.closedBy("endautoescape")
	return []stmt{s}
}

package jinja

import (
	"errors"
	"fmt"
	"strings"

	"github.com/drydock-dev/drydock/engine/diag"
)

// Limits on what may be written; beyond them a text is a mistake or an attack.
const (
	maxDepth  = 200     // brackets and blocks inside each other
	maxTokens = 200_000 // in one template
	maxChain  = 1000    // conditions joined by and, or or comparisons
)

// parser turns tokens into statements and expressions. It stops at the first mistake of a template.
type parser struct {
	lang      *Language
	src       Source
	tokens    []token
	i         int
	depth     int
	loops     int  // how many loops are open: break and continue are only allowed inside
	condition bool // constants with template marks are evaluated: conditions
	mutates   bool // a method that changes its list or mapping is called, or another template takes part
	macros    []*macroStmt
	blocks    map[string]*blockStmt
}

// parseTemplate parses the tokens of a whole template.
func (p *parser) parseTemplate() (body []stmt, err error) {
	defer p.recoverTo(&err)
	p.check()
	body, _ = p.statements()
	if p.peek().kind != tokEOF {
		p.fail(p.peek(), "unexpected %s", p.peek())
	}
	return body, nil
}

// parseBare parses the tokens of a bare expression.
func (p *parser) parseBare() (x expr, err error) {
	defer p.recoverTo(&err)
	p.check()
	x = p.expression()
	if t := p.peek(); t.kind != tokEOF {
		p.fail(t, "unexpected '%s' after the expression", t)
	}
	return x, nil
}

func (p *parser) check() {
	if len(p.tokens) > maxTokens {
		p.fail(p.tokens[maxTokens], "the template is too long: more than %d words", maxTokens)
	}
}

func (p *parser) recoverTo(err *error) {
	if r := recover(); r != nil {
		e, ok := r.(*lexError)
		if !ok {
			panic(r)
		}
		*err = e
	}
}

// diagnose makes a diagnostic of a mistake found while lexing or parsing.
func diagnose(s Source, err error) diag.List {
	var e *lexError
	if !errors.As(err, &e) {
		e = &lexError{msg: err.Error()}
	}
	return diag.List{{Summary: e.msg, Span: diag.Span{Pos: s.pos(e.at), Len: e.len}, Hint: e.hint, Lacks: e.lack}}
}

func (p *parser) fail(t token, format string, args ...any) {
	panic(&lexError{at: t.at, len: len(t.val), msg: fmt.Sprintf(format, args...)})
}

// lacks fails at a filter, test or lookup that there is not.
func (p *parser) lacks(t token, kind, name string, known []string) {
	hint := didYouMean(name, known)
	if p.lang.Plugin != nil {
		if _, reason, _ := p.lang.Plugin(kind, name); reason != "" {
			hint = reason
		}
	}
	panic(&lexError{at: t.at, len: len(t.val), hint: hint, msg: fmt.Sprintf("no %s named '%s'", kind, name), lack: kind + " " + name})
}

func (p *parser) failHint(t token, hint, format string, args ...any) {
	panic(&lexError{at: t.at, len: len(t.val), hint: hint, msg: fmt.Sprintf(format, args...)})
}

func (p *parser) peek() token { return p.tokens[p.i] }

func (p *parser) peek2() token { return p.tokens[min(p.i+1, len(p.tokens)-1)] }

func (p *parser) next() token {
	t := p.tokens[p.i]
	if t.kind != tokEOF {
		p.i++
	}
	return t
}

func (p *parser) isOp(op string) bool {
	t := p.peek()
	return t.kind == tokOp && t.val == op
}

func (p *parser) isName(name string) bool {
	t := p.peek()
	return t.kind == tokName && t.val == name
}

func (p *parser) skipOp(op string) bool {
	if p.isOp(op) {
		p.i++
		return true
	}
	return false
}

func (p *parser) skipName(name string) bool {
	if p.isName(name) {
		p.i++
		return true
	}
	return false
}

func (p *parser) expectOp(op string) token {
	t := p.next()
	if t.kind != tokOp || t.val != op {
		p.fail(t, "unexpected '%s', expected '%s'", t, op)
	}
	return t
}

func (p *parser) expectName() token {
	t := p.next()
	if t.kind != tokName {
		p.fail(t, "unexpected '%s', expected a name", t)
	}
	return t
}

func (p *parser) expectKeyword(word string) {
	if t := p.next(); t.kind != tokName || t.val != word {
		p.fail(t, "unexpected '%s', expected '%s'", t, word)
	}
}

// blockEnd takes the end of a statement; a colon before it, as Python writes, is allowed.
func (p *parser) blockEnd() {
	p.skipOp(":")
	if t := p.next(); t.kind != tokBlockEnd {
		p.fail(t, "expected token 'end of statement block', got '%s'", t)
	}
}

// enter counts how deep the parser is; leave must follow.
func (p *parser) enter() {
	if p.depth++; p.depth > maxDepth {
		p.fail(p.peek(), "the template is nested too deeply")
	}
}

func (p *parser) leave() { p.depth-- }

// statements parses until one of the closing keywords, which is not taken, or the end of the template.
func (p *parser) statements(until ...string) (body []stmt, end string) {
	p.enter()
	defer p.leave()
	for {
		t := p.next()
		switch t.kind {
		case tokEOF:
			if len(until) > 0 {
				p.fail(t, "unexpected end of template, expected %s", alternatives(until))
			}
			return body, ""
		case tokText:
			body = append(body, &textStmt{t.val})
		case tokOutputBegin:
			body = append(body, p.output())
		case tokBlockBegin:
			word := p.peek()
			for _, u := range until {
				if word.kind == tokName && word.val == u {
					p.i++
					return body, u
				}
			}
			p.wrongEnd(word, until)
			body = append(body, p.statement()...)
		default:
			p.fail(t, "unexpected '%s'", t)
		}
	}
}

// wrongEnd fails at a closing keyword that does not close what is open.
func (p *parser) wrongEnd(t token, until []string) {
	if t.kind != tokName || (!strings.HasPrefix(t.val, "end") && t.val != "else" && t.val != "elif") {
		return
	}
	if len(until) > 0 {
		p.fail(t, "unexpected '%s', expected %s", t.val, alternatives(until))
	}
	p.fail(t, "unexpected '%s', nothing is open that it could close", t.val)
}

func alternatives(words []string) string {
	if len(words) == 1 {
		return "'" + words[0] + "'"
	}
	return "'" + strings.Join(words[:len(words)-1], "', '") + "' or '" + words[len(words)-1] + "'"
}

// closedBy parses a body up to a closing keyword and the end of its block.
func (p *parser) closedBy(word string) []stmt {
	body, _ := p.statements(word)
	p.blockEnd()
	return body
}

// output parses what stands between {{ and }}.
func (p *parser) output() stmt {
	x := p.tuple(true, nil)
	if t := p.next(); t.kind != tokOutputEnd {
		p.fail(t, "expected token 'end of print statement', got '%s'", t)
	}
	return &outputStmt{leaf{expr: x, program: &program{}}}
}

func (p *parser) leaf(x expr) leaf { return leaf{expr: x, program: &program{}} }

// assignTarget parses what `set` and `for` assign to.
func (p *parser) assignTarget(single bool, field bool, end string) target {
	first := p.oneTarget(field)
	if single || !p.isOp(",") {
		return first
	}
	parts := []target{first}
	for p.skipOp(",") {
		t := p.peek()
		if t.kind == tokBlockEnd || (t.kind == tokOp && (t.val == "=" || t.val == ")")) || (t.kind == tokName && t.val == end) {
			break
		}
		parts = append(parts, p.oneTarget(field))
	}
	return target{parts: parts, tuple: true}
}

func (p *parser) oneTarget(field bool) target {
	if p.isOp("(") || p.isOp("[") {
		open := p.next()
		p.enter()
		t := p.assignTarget(false, field, "")
		p.leave()
		p.expectOp(string(closers[open.val]))
		return t
	}
	t := p.next()
	if t.kind == tokName && !isConstant(t.val) {
		if field && p.skipOp(".") {
			return target{name: t.val, field: p.expectName().val}
		}
		return target{name: t.val}
	}
	if t.kind == tokEOF || t.kind == tokBlockEnd {
		p.fail(t, "unexpected '%s', expected a name to assign to", t)
	}
	p.fail(t, "can't assign to '%s'", t)
	return target{}
}

func isConstant(name string) bool {
	switch name {
	case "true", "false", "none", "True", "False", "None":
		return true
	}
	return false
}

package jinja

import (
	"fmt"
	"strings"
	"unicode"
)

// kind is the sort of a token.
type kind int

const (
	tokEOF kind = iota
	tokText
	tokBlockBegin
	tokBlockEnd
	tokOutputBegin
	tokOutputEnd
	tokName
	tokString
	tokInt
	tokFloat
	tokOp
)

// token is one piece of a template. In an expression, val is the operator, name, number or decoded string.
type token struct {
	kind kind
	val  string
	at   int
}

// String is how a message names the token.
func (t token) String() string {
	switch t.kind {
	case tokEOF:
		return "end of template"
	case tokBlockEnd:
		return "end of statement block"
	case tokOutputEnd:
		return "end of print statement"
	case tokBlockBegin:
		return "begin of statement block"
	case tokOutputBegin:
		return "begin of print statement"
	case tokText:
		return "template data"
	}
	return t.val
}

// lexError is a mistake in the text, found while it is cut into tokens or parsed.
type lexError struct {
	at   int
	len  int
	msg  string
	hint string
	lack string // what Jinja or Ansible may have and we do not
}

// Error returns the message.
func (e *lexError) Error() string { return e.msg }

// lexer cuts a text into tokens.
type lexer struct {
	syntax
	text      string
	pos       int
	tokens    []token
	lineStart bool // the mark before ended a line: what follows begins one
	open      []opener
	ahead     [3]int // where the next comment, block and output begin, as far as that was looked for
}

// opener is a bracket that is still to be closed, and where it was opened.
type opener struct {
	close byte
	at    int
}

// lex cuts the text of a template into tokens. Newlines must be \n already.
func lex(text string, s syntax) (tokens []token, err error) {
	l := &lexer{syntax: s, text: text, lineStart: true}
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(*lexError)
			if !ok {
				panic(r)
			}
			err = e
		}
	}()
	l.template()
	return append(l.tokens, token{kind: tokEOF, at: len(text)}), nil
}

// lexExpr cuts the text of a bare expression.
func lexExpr(text string, s syntax) (tokens []token, err error) {
	l := &lexer{syntax: s, text: text}
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(*lexError)
			if !ok {
				panic(r)
			}
			err = e
		}
	}()
	for l.space(); l.pos < len(text); l.space() {
		l.exprToken()
	}
	l.closed()
	return append(l.tokens, token{kind: tokEOF, at: len(text)}), nil
}

func (l *lexer) fail(at int, format string, args ...any) {
	panic(&lexError{at: at, msg: fmt.Sprintf(format, args...)})
}

func (l *lexer) emit(k kind, val string, at int) {
	l.tokens = append(l.tokens, token{k, val, at})
}

// mark is where the next thing that is not text begins.
type mark struct {
	at, end int    // of the mark itself, with its sign
	open    string // the mark
	sign    byte   // - + or 0
	form    markForm
}

type markForm int

const (
	formNone markForm = iota
	formBlock
	formOutput
	formComment
	formLineStatement
	formLineComment
)

// template cuts the whole text.
func (l *lexer) template() {
	for l.pos < len(l.text) {
		m := l.nextMark()
		l.data(m)
		if m.form == formNone {
			return
		}
		l.pos = m.end
		switch m.form {
		case formOutput:
			l.output(m)
		case formComment:
			l.comment(m)
		case formLineComment:
			l.pos = l.lineEnd(l.pos)
		case formLineStatement:
			l.lineStatementTokens(m)
		case formBlock:
			if !l.raw(m) {
				l.block(m)
			}
		}
	}
}

// nextMark finds the next mark from the current position; the longest wins where two begin at one place.
func (l *lexer) nextMark() mark {
	best := mark{at: len(l.text), end: len(l.text)}
	for k, c := range [3]struct {
		open string
		form markForm
	}{{l.commentStart, formComment}, {l.blockStart, formBlock}, {l.variableStart, formOutput}} {
		if i := l.find(k, c.open); i < best.at || (i == best.at && i < len(l.text) && len(c.open) > len(best.open)) {
			best = mark{at: i, end: i + len(c.open), open: c.open, form: c.form}
		}
	}
	best = l.nextLineMark(best)
	if best.form != formNone && best.end < len(l.text) && (l.text[best.end] == '-' || l.text[best.end] == '+') && best.form <= formComment {
		best.sign = l.text[best.end]
		best.end++
	}
	return best
}

// find is where a mark begins next, the end of the text if it does not. What was found before holds until it is passed.
func (l *lexer) find(k int, open string) int {
	if l.ahead[k] < l.pos || l.pos == 0 {
		l.ahead[k] = len(l.text)
		if i := strings.Index(l.text[l.pos:], open); i >= 0 {
			l.ahead[k] = l.pos + i
		}
	}
	return l.ahead[k]
}

// nextLineMark looks for a line statement or comment before the mark that was found.
func (l *lexer) nextLineMark(best mark) mark {
	for start := l.pos; start <= best.at && start < len(l.text); start = l.lineEnd(start) + 1 {
		atLine := start == 0 || l.text[start-1] == '\n'
		i := start
		for i < len(l.text) && (l.text[i] == ' ' || l.text[i] == '\t') {
			i++
		}
		if p := l.lineStatement; p != "" && atLine && strings.HasPrefix(l.text[i:], p) && i < best.at+1 {
			return mark{at: start, end: i + len(p), open: p, form: formLineStatement}
		}
		if p := l.lineComment; p != "" {
			if j := strings.Index(l.text[start:l.lineEnd(start)], p); j >= 0 && start+j < best.at {
				return mark{at: start + j, end: start + j + len(p), open: p, form: formLineComment}
			}
		}
		if l.lineStatement == "" && l.lineComment == "" {
			break
		}
	}
	return best
}

func (l *lexer) lineEnd(from int) int {
	if i := strings.IndexByte(l.text[from:], '\n'); i >= 0 {
		return from + i
	}
	return len(l.text)
}

// data emits the text before a mark, with the white space before the mark taken away where the mark says so.
func (l *lexer) data(m mark) {
	text := l.text[l.pos:m.at]
	switch {
	case m.sign == '-':
		text = strings.TrimRightFunc(text, unicode.IsSpace)
	case m.sign == 0 && l.lstripBlocks && (m.form == formBlock || m.form == formComment):
		line := strings.LastIndexByte(text, '\n') + 1
		if (line > 0 || l.lineStart) && strings.TrimSpace(text[line:]) == "" {
			text = text[:line]
		}
	case m.form == formLineComment:
		text = strings.TrimRight(text, " \t")
	}
	if text != "" {
		if l.newline != "\n" {
			text = strings.ReplaceAll(text, "\n", l.newline)
		}
		l.emit(tokText, text, l.pos)
	}
}

// after moves behind an end mark at the current position and over the white space that it swallows.
func (l *lexer) after(sign byte, trims bool) {
	start := l.pos
	switch {
	case sign == '-':
		l.space()
	case sign == 0 && trims && l.trimBlocks && l.pos < len(l.text) && l.text[l.pos] == '\n':
		l.pos++
	}
	l.lineStart = l.pos > start && l.text[l.pos-1] == '\n'
}

func (l *lexer) comment(m mark) {
	i := strings.Index(l.text[l.pos:], l.commentEnd)
	if i < 0 {
		l.fail(m.at, "the comment is not closed: no %s follows", l.commentEnd)
	}
	sign := byte(0)
	if i > 0 {
		if c := l.text[l.pos+i-1]; c == '-' || c == '+' {
			sign = c
		}
	}
	l.pos += i + len(l.commentEnd)
	l.after(sign, true)
}

func (l *lexer) output(m mark) {
	l.emit(tokOutputBegin, "", m.at)
	for {
		l.space()
		if l.pos >= len(l.text) {
			l.unclosed(m, l.variableEnd)
		}
		if len(l.open) == 0 {
			if l.endMark(tokOutputEnd, l.variableEnd, "-", false) {
				return
			}
		}
		l.exprToken()
	}
}

func (l *lexer) block(m mark) {
	l.emit(tokBlockBegin, "", m.at)
	literal := l.literalBackslashes
	l.literalBackslashes = false
	defer func() { l.literalBackslashes = literal }()
	for {
		l.space()
		if l.pos >= len(l.text) {
			l.unclosed(m, l.blockEnd)
		}
		if len(l.open) == 0 && l.endMark(tokBlockEnd, l.blockEnd, "-+", true) {
			return
		}
		l.exprToken()
	}
}

// lineStatementTokens cuts a statement that ends with its line.
func (l *lexer) lineStatementTokens(m mark) {
	l.emit(tokBlockBegin, "", m.at)
	for {
		for l.pos < len(l.text) && (l.text[l.pos] == ' ' || l.text[l.pos] == '\t' || (len(l.open) > 0 && l.text[l.pos] == '\n')) {
			l.pos++
		}
		if l.pos >= len(l.text) || l.text[l.pos] == '\n' {
			l.closed()
			l.emit(tokBlockEnd, "", l.pos)
			l.pos = min(l.pos+1, len(l.text))
			l.lineStart = true
			return
		}
		l.exprToken()
	}
}

// endMark takes an end mark, with one of the signs before it, if it stands here.
func (l *lexer) endMark(k kind, end, signs string, trims bool) bool {
	rest := l.text[l.pos:]
	sign := byte(0)
	if strings.IndexByte(signs, rest[0]) >= 0 && strings.HasPrefix(rest[1:], end) {
		sign = rest[0]
		rest = rest[1:]
	}
	if !strings.HasPrefix(rest, end) {
		return false
	}
	l.emit(k, "", l.pos)
	l.pos = len(l.text) - len(rest) + len(end)
	l.after(sign, trims)
	return true
}

func (l *lexer) unclosed(m mark, end string) {
	l.closed()
	l.fail(m.at, "%s is not closed: no %s follows", m.open, end)
}

// closed fails if a bracket is still open.
func (l *lexer) closed() {
	if n := len(l.open); n > 0 {
		l.fail(l.open[n-1].at, "the bracket is not closed: no %q follows", string(l.open[n-1].close))
	}
}

// raw takes a raw block, if the mark begins one.
func (l *lexer) raw(m mark) bool {
	rest, ok := l.keywordBlock(m.end, "raw")
	if !ok || rest.sign == '+' {
		return false
	}
	l.pos = rest.end
	l.after(rest.sign, false)
	for from := l.pos; ; {
		i := strings.Index(l.text[from:], l.blockStart)
		if i < 0 {
			l.fail(m.at, "the raw block is not closed: no endraw follows")
		}
		end := mark{at: from + i, end: from + i + len(l.blockStart), form: formBlock, open: l.blockStart}
		if end.end < len(l.text) && (l.text[end.end] == '-' || l.text[end.end] == '+') {
			end.sign = l.text[end.end]
			end.end++
		}
		if closing, ok := l.keywordBlock(end.end, "endraw"); ok {
			l.data(end)
			l.pos = closing.end
			l.after(closing.sign, true)
			return true
		}
		from = end.end
	}
}

// keywordBlock reads `keyword %}` at a place: where it ends, and the sign of its end mark.
func (l *lexer) keywordBlock(from int, keyword string) (mark, bool) {
	s := strings.TrimLeftFunc(l.text[from:], unicode.IsSpace)
	if !strings.HasPrefix(s, keyword) {
		return mark{}, false
	}
	s = strings.TrimLeftFunc(s[len(keyword):], unicode.IsSpace)
	sign := byte(0)
	if s != "" && (s[0] == '-' || s[0] == '+') {
		sign = s[0]
		s = s[1:]
	}
	if !strings.HasPrefix(s, l.blockEnd) {
		return mark{}, false
	}
	return mark{end: len(l.text) - len(s) + len(l.blockEnd), sign: sign}, true
}

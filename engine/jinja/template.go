package jinja

import (
	"strings"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/value"
)

// Template is a text that was parsed. It is immutable, safe for concurrent use, and itself a value: see the package comment.
type Template struct {
	lang     *Language
	src      Source
	shift    int // where the parsed text begins in src.Text
	body     []stmt
	expr     *leaf // of a bare expression
	broken   error // why it could not be parsed, for a Language that is Late
	mutates  bool  // it may change lists and mappings: it works on copies
	file     bool  // the result is text
	newlines int   // at the end of the text; the result gets as many
	newline  string
	load     func(e Env, name string) (Source, error)
	syntax   syntax
	blocks   map[string]*blockStmt
}

// FileOptions says how the text of a template file is read.
type FileOptions struct {
	TrimBlocks          bool // a newline after a block is swallowed
	LstripBlocks        bool // white space before a block is swallowed
	KeepTrailingNewline bool
	Newline             string // what ends a line of the result; "" is "\n"
	BlockStart          string // "" is "{%", and so on
	BlockEnd            string
	VariableStart       string
	VariableEnd         string
	CommentStart        string
	CommentEnd          string
	// Native keeps the type of a result that is one value alone, as in a playbook.
	Native bool
	// Load finds the templates that this one includes, imports or extends; nil: the Language's Load.
	Load func(e Env, name string) (Source, error)
}

// FileDefaults is how Ansible's template module reads a file unless it is told otherwise.
func FileDefaults() FileOptions { return FileOptions{TrimBlocks: true} }

func (o FileOptions) syntax() syntax {
	s := standard()
	s.trimBlocks, s.lstripBlocks, s.keepTrailingNewline = o.TrimBlocks, o.LstripBlocks, o.KeepTrailingNewline
	s.literalBackslashes = false
	for p, v := range map[*string]string{
		&s.newline: o.Newline, &s.blockStart: o.BlockStart, &s.blockEnd: o.BlockEnd, &s.variableStart: o.VariableStart,
		&s.variableEnd: o.VariableEnd, &s.commentStart: o.CommentStart, &s.commentEnd: o.CommentEnd,
	} {
		if v != "" {
			*p = v
		}
	}
	return s
}

// Parse parses a YAML scalar with {{ }} and {% %}. A scalar that is one {{ }} keeps the type of its value. Backslashes in
// the strings of {{ }} stand for themselves.
func (l *Language) Parse(s Source) (*Template, diag.List) {
	return l.late(s, "template")(l.parse(&Template{lang: l, src: s, syntax: standard()}))
}

// late makes mistakes wait for their evaluation if the Language is Late.
func (l *Language) late(s Source, what string) func(*Template, diag.List) (*Template, diag.List) {
	return func(t *Template, ds diag.List) (*Template, diag.List) {
		if !l.Late || !ds.HasErrors() {
			return t, ds
		}
		d := ds.Sorted()[0]
		err := value.Errorf(value.Syntax, "Syntax error in %s: %s", what, d.Summary)
		return &Template{lang: l, src: s, broken: &EvalError{Pos: d.Span.Pos, Text: s.Text, Err: err}}, nil
	}
}

// ParseFile parses the text of a template file; the result is text. A first line `#jinja2: ...` changes the options.
func (l *Language) ParseFile(s Source, o FileOptions) (*Template, diag.List) {
	return l.late(s, "template")(l.parse(&Template{lang: l, src: s, syntax: o.syntax(), load: o.Load, file: !o.Native}))
}

func (l *Language) parse(t *Template) (*Template, diag.List) {
	t.newline = t.syntax.newline
	n, err := t.syntax.header(t.src.Text)
	if err != nil {
		return nil, diagnose(t.src, err)
	}
	t.shift = n
	text := t.src.Text[n:]
	if strings.Contains(text, "\r") {
		text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	}
	t.newlines = trailingNewlines(t.src.Text)
	if !t.syntax.keepTrailingNewline {
		text = strings.TrimSuffix(text, "\n")
	}
	src := t.shifted()
	tokens, err := lex(text, t.syntax)
	if err != nil {
		return nil, diagnose(src, err)
	}
	p := &parser{lang: l, src: src, tokens: tokens}
	if t.body, err = p.parseTemplate(); err != nil {
		return nil, diagnose(src, err)
	}
	t.mutates, t.blocks = p.mutates, p.blocks
	return t, nil
}

// shifted is the source as offsets in the parsed text see it.
func (t *Template) shifted() Source {
	if t.shift == 0 || t.src.At == nil {
		return t.src
	}
	return Source{Text: t.src.Text[t.shift:], At: func(offset int) diag.Pos { return t.src.At(offset + t.shift) }}
}

// ParseExpr parses a bare expression: a condition, the variable of debug, what assert asserts. Backslashes in its strings
// are escapes, as in Ansible's conditions, and a string constant with {{ }} is a template. An expression that is wholly
// inside {{ }} or {% %} is taken as Parse takes it.
func (l *Language) ParseExpr(s Source) (*Template, diag.List) {
	return l.late(s, "expression")(l.parseExpr(s))
}

func (l *Language) parseExpr(s Source) (*Template, diag.List) {
	trimmed := strings.TrimSpace(s.Text)
	if strings.HasPrefix(trimmed, "{{") && strings.HasSuffix(trimmed, "}}") || strings.HasPrefix(trimmed, "{%") && strings.HasSuffix(trimmed, "%}") {
		lead := strings.Index(s.Text, trimmed)
		return l.Parse(Source{Text: trimmed, At: func(offset int) diag.Pos { return s.pos(offset + lead) }})
	}
	t := &Template{lang: l, src: s, syntax: standard()}
	t.syntax.literalBackslashes = false
	if trimmed == "" {
		return nil, diagnose(s, &lexError{msg: "the expression is empty"})
	}
	tokens, err := lexExpr(s.Text, t.syntax)
	if err != nil {
		return nil, diagnose(s, err)
	}
	p := &parser{lang: l, src: s, tokens: tokens, condition: true}
	x, err := p.parseBare()
	if err != nil {
		return nil, diagnose(s, err)
	}
	t.mutates = p.mutates
	t.expr = &leaf{expr: x, program: &program{}}
	return t, nil
}

func trailingNewlines(s string) int { return len(s) - len(strings.TrimRight(s, "\n")) }

// Text is the source.
func (t *Template) Text() string { return t.src.Text }

// String is the source, for a template that is printed as it stands.
func (t *Template) String() string { return t.src.Text }

// Pos is where the source begins.
func (t *Template) Pos() diag.Pos { return t.src.pos(0) }

// Eval evaluates the template. The result is final: tuples are lists, templates in containers are evaluated, omitted
// entries are gone. The result may be value.Omit itself.
func (t *Template) Eval(e Env) (any, error) {
	f := newFrame(t, e)
	v, err := f.result()
	if err != nil {
		return nil, err
	}
	if v, err = f.finalize(v); err != nil {
		return nil, t.locate(err, 0)
	}
	if _, omitted := v.(value.Omit); omitted && t.file {
		return nil, t.locate(valueError("the result of the template is omit"), 0)
	}
	if t.file {
		return fileText(v), nil
	}
	return v, nil
}

func fileText(v any) string {
	if v == nil {
		return ""
	}
	return value.Str(v)
}

// Test evaluates a condition. Its result must be boolean, unless the Language allows others.
func (t *Template) Test(e Env) (bool, error) {
	f := newFrame(t, e)
	v, err := f.result()
	if err != nil {
		return false, err
	}
	if b, ok := v.(bool); ok {
		return b, nil
	}
	if v, err = f.finalize(v); err != nil {
		return false, t.locate(err, 0)
	}
	if t.lang.AllowBrokenConditionals {
		return value.Truth(v), nil
	}
	return false, t.locate(notBoolean(v, t.shifted().pos(0)), 0)
}

// notBoolean says, in Ansible's words, which playbooks search for, that a condition came out as something else.
func notBoolean(v any, at diag.Pos) error {
	where := "<unknown>"
	if at.IsValid() {
		where = at.String()
	}
	title := map[bool]string{true: "True", false: "False"}
	return value.Errorf(value.NotBoolean, "Conditional result (%s) was derived from value of type '%s' at '%s'. Conditionals must have a boolean result.",
		title[value.Truth(v)], value.TypeName(v), where)
}

// Resolve makes a value final: templates inside it are evaluated in e, omitted entries are gone, an Object becomes a Map.
// A value that is omit itself stays value.Omit.
func Resolve(v any, e Env) (any, error) {
	t, ok := v.(*Template)
	if ok {
		return t.Eval(e)
	}
	if !hasLeaves(v) {
		return v, nil
	}
	l := languageOf(v)
	if l == nil {
		l = &Language{} // only encrypted texts are inside
	}
	f := newFrame(&Template{lang: l}, e)
	return f.finalize(v)
}

// languageOf finds the Language of the first template inside a value.
func languageOf(v any) *Language {
	switch x := v.(type) {
	case *Template:
		return x.lang
	case *bound:
		return x.tmpl.lang
	case *value.Map:
		for _, item := range x.All() {
			if l := languageOf(item); l != nil {
				return l
			}
		}
	default:
		items, _ := value.Items(v)
		for _, item := range items {
			if l := languageOf(item); l != nil {
				return l
			}
		}
	}
	return nil
}

// locate gives an error the place of an offset in the template, if it has none yet.
func (t *Template) locate(err error, offset int) error {
	switch e := err.(type) {
	case *EvalError:
		return e
	case *UndefinedError:
		if e.Pos.IsValid() {
			return e
		}
		c := *e
		c.Pos = t.shifted().pos(offset)
		return &c
	}
	return &EvalError{Pos: t.shifted().pos(offset), Text: t.src.Text, Err: err}
}

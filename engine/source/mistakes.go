package source

import (
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/drydock-dev/drydock/engine/diag"
)

// This file turns the parser's errors into advice. A YAML parser names the place where it could no longer go on and speaks of tokens; the
// author wants to know which of the usual mistakes it was.

var (
	errLine      = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?(.*)$`)
	bareTemplate = regexp.MustCompile(`(?:^\s*-\s+|:\s+)(\{[{%#])`)
	noSpace      = regexp.MustCompile(`^\s*(?:- +)?[A-Za-z_][A-Za-z0-9_.]*(:)[^\s:/\\]`)
	afterQuote   = regexp.MustCompile(`(?:^\s*-\s+|:\s+)("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')(\s*[^\s#,\]}:])`)
	innerColon   = regexp.MustCompile(`^\s*(?:- +)?[^\s"'#{\[][^"'#]*?:\s+[^\s"'|>&*!{\[#][^#]*?(:)(?:\s|$)`)
	reservedChar = regexp.MustCompile("(?:^\\s*-\\s+|:\\s+)([@`%])")
	starValue    = regexp.MustCompile(`(?:^\s*-\s+|:\s+)(\*)`)
)

// explain makes a diagnostic of the parser's error.
func (t *text) explain(err error) diag.Diagnostic {
	m := errLine.FindStringSubmatch(err.Error())
	line, _ := strconv.Atoi(m[1])
	problem := m[2]
	if strings.HasPrefix(problem, "unknown anchor") {
		return t.unknownAnchor(problem)
	}
	first := t.brokenLine()
	for _, n := range []int{first, first - 1, line} {
		if d, ok := t.usualMistake(n, n == first); ok {
			return d
		}
	}
	if d, ok := t.unclosed(first, problem); ok {
		return d
	}
	at := t.lineStart(first)
	d := diag.Diagnostic{Summary: "the YAML cannot be read: " + problem, Span: diag.Span{Pos: at}}
	d.Hint = t.indentHint(first)
	if d.Hint == "" && line > 0 && line < first {
		d.Notes = []string{fmt.Sprintf("what cannot be continued here begins at line %d", line)}
	}
	return d
}

// brokenLine is the first line that cannot follow those before it: the parser is asked about ever longer beginnings of the file, and the
// longest that it accepts ends just above.
func (t *text) brokenLine() int {
	last := len(t.lines)
	for last > 1 && strings.TrimSpace(t.line(last)) == "" {
		last--
	}
	if last*len(t.data) > 50_000_000 {
		return last // asking would take seconds
	}
	for n := last - 1; n > 0; n-- {
		if accepts(t.data[:t.lines[n]]) {
			return t.skipEmpty(n + 1)
		}
	}
	return t.skipEmpty(1)
}

func accepts(data string) bool {
	d := yaml.NewDecoder(strings.NewReader(data))
	for {
		var y yaml.Node
		switch err := decode(d, &y); err {
		case nil:
		case io.EOF:
			return true
		default:
			return false
		}
	}
}

func (t *text) skipEmpty(n int) int {
	for n < len(t.lines) {
		if s := strings.TrimSpace(t.line(n)); s != "" && s[0] != '#' {
			break
		}
		n++
	}
	return n
}

// longLine is how long a line may be, in bytes, that is searched for mistakes: nobody writes a longer one by hand.
const longLine = 10_000

// usualMistake looks for one of the mistakes that people make on a line. Only on the line that cannot be read itself (here) are the vaguer signs trusted.
func (t *text) usualMistake(n int, here bool) (diag.Diagnostic, bool) {
	line := t.line(n)
	trimmed := strings.TrimLeft(line, " ")
	switch {
	case n < 1 || trimmed == "" || len(line) > longLine:
		return diag.Diagnostic{}, false
	case here && trimmed[0] == '\t':
		return t.on(n, len(line)-len(trimmed), 1, "a tab is used for indentation", "YAML is indented with spaces only"), true
	}
	if at := bareTemplate.FindStringSubmatchIndex(line); at != nil {
		return t.unquotedTemplate(t.pos(t.lines[n-1] + at[2])), true
	}
	if at := templateInFlow(line); at >= 0 {
		return t.on(n, at, 2, "within { } or [ ] a value with a template must be quoted", "put quotes around the whole value"), true
	}
	if at := afterQuote.FindStringSubmatchIndex(line); at != nil {
		return t.on(n, at[2], at[3]-at[2], "text follows the closing quote of a value", "put the quotes around the whole value"), true
	}
	if at := reservedChar.FindStringSubmatchIndex(line); at != nil {
		return t.on(n, at[2], 1, fmt.Sprintf("a value may not begin with %q unless it is quoted", line[at[2]:at[3]]), "put quotes around the value"), true
	}
	if at := starValue.FindStringSubmatchIndex(line); at != nil && here {
		return t.on(n, at[2], 1, "a value that begins with * is read as an alias", "put quotes around the value"), true
	}
	if at := innerColon.FindStringSubmatchIndex(line); at != nil {
		return t.on(n, at[2], 1, `a value without quotes may not contain ": "`, "put quotes around the value"), true
	}
	if at := noSpace.FindStringSubmatchIndex(line); at != nil {
		return t.on(n, at[2], 1, "a space is missing after the colon", "write key: value"), true
	}
	return diag.Diagnostic{}, false
}

// templateInFlow is the byte of a template outside quotes on a line that opens a flow mapping or list, -1 if there is none.
func templateInFlow(line string) int {
	start := strings.TrimLeft(line, " -")
	if start == "" || start[0] != '{' && start[0] != '[' || strings.HasPrefix(start, "{{") {
		return -1
	}
	for i := len(line) - len(start) + 1; i < len(line); i++ {
		if line[i] == '"' || line[i] == '\'' {
			end := closingQuote(line, i)
			if end < 0 {
				return -1
			}
			i = end
		} else if strings.HasPrefix(line[i:], "{{") {
			return i
		}
	}
	return -1
}

// on makes a diagnostic on a stretch of a line; from and n are bytes.
func (t *text) on(line, from, n int, summary, hint string) diag.Diagnostic {
	start := t.lines[line-1] + from
	length := utf8.RuneCountInString(t.data[start:min(start+n, len(t.data))])
	return diag.Diagnostic{Summary: summary, Span: diag.Span{Pos: t.pos(start), Len: length}, Hint: hint}
}

// unquotedTemplate is the mistake that everyone makes: `msg: {{ x }}`, which YAML reads as a mapping in a mapping.
func (t *text) unquotedTemplate(at diag.Pos) diag.Diagnostic {
	line := t.line(at.Line)
	from := t.offset(at.Line, at.Col) - t.lines[at.Line-1]
	if from > 0 && line[from-1] == '{' {
		from--
	}
	value, _, _ := strings.Cut(line[from:], " #") // a comment
	value = strings.TrimRight(value, " \t")
	hint := "put quotes around the value"
	if strings.HasPrefix(value, "{{") && !strings.Contains(value, `"`) {
		hint = fmt.Sprintf(`quote it: "%s"`, value)
	}
	return t.on(at.Line, from, len(value), "a value that begins with a template must be quoted", hint)
}

func (t *text) unknownAnchor(problem string) diag.Diagnostic {
	name := strings.Trim(strings.TrimSuffix(strings.TrimPrefix(problem, "unknown anchor "), " referenced"), "'")
	alias := regexp.MustCompile(`(?m)(?:^|[\s\[,{])(\*` + regexp.QuoteMeta(name) + `)(?:$|[\s\],}:])`)
	at := alias.FindStringSubmatchIndex(t.data)
	d := diag.Diagnostic{Summary: fmt.Sprintf("the alias *%s has no anchor &%s before it", name, name), Hint: "quote the value if the * belongs to it"}
	if at != nil {
		d.Span = diag.Span{Pos: t.pos(at[2]), Len: at[3] - at[2]}
	} else {
		d.Span.File = t.name
	}
	return d
}

// unclosed finds a quote or bracket that is opened on the broken line and never closed.
func (t *text) unclosed(n int, problem string) (diag.Diagnostic, bool) {
	line := t.line(n)
	if strings.Contains(problem, "quoted scalar") || strings.Contains(problem, "end of stream") {
		if at := openQuote(line); at >= 0 {
			return t.on(n, at, 1, "the quote that is opened here is never closed", ""), true
		}
	}
	if strings.Contains(problem, "',' or") {
		if at := strings.IndexAny(line, "[{"); at >= 0 {
			return t.on(n, at, 1, "the bracket that is opened here is not closed where it must be", "a comma or the closing bracket is missing"), true
		}
	}
	return diag.Diagnostic{}, false
}

// openQuote is the byte of a line at which a value's quote opens that the line does not close, -1 if none.
func openQuote(line string) int {
	for i := 0; i < len(line); i++ {
		q := line[i]
		if q != '"' && q != '\'' || i > 0 && !strings.ContainsRune(" \t[{,", rune(line[i-1])) {
			continue
		}
		end := closingQuote(line, i)
		if end < 0 {
			return i
		}
		i = end
	}
	return -1
}

func closingQuote(line string, open int) int {
	for i := open + 1; i < len(line); i++ {
		switch {
		case line[open] == '"' && line[i] == '\\':
			i++
		case line[i] == line[open]:
			return i
		}
	}
	return -1
}

func (t *text) lineStart(n int) diag.Pos {
	line := t.line(n)
	return t.pos(t.lines[max(0, min(n, len(t.lines))-1)] + len(line) - len(strings.TrimLeft(line, " ")))
}

// indentHint says where the line would have to begin: at the columns of the lines that it could belong to.
func (t *text) indentHint(n int) string {
	line := t.line(n)
	own := len(line) - len(strings.TrimLeft(line, " "))
	var open []string
	limit := own + 100
	for k := n - 1; k > 0; k-- {
		l := t.line(k)
		s := strings.TrimLeft(l, " ")
		if s == "" || s[0] == '#' {
			continue
		}
		for _, col := range startsOf(l) {
			if col == own {
				return ""
			}
			if col < limit {
				open = append([]string{strconv.Itoa(col + 1)}, open...)
				limit = col
			}
		}
		if limit == 0 {
			break
		}
	}
	if len(open) == 0 {
		return ""
	}
	return fmt.Sprintf("the line begins in column %d, which fits nothing above it: try %s", own+1, strings.Join(open, " or "))
}

// startsOf are the indentations that a line opens, deepest first: of "  - name: x" 4 and 2.
func startsOf(line string) []int {
	at := len(line) - len(strings.TrimLeft(line, " "))
	out := []int{at}
	for strings.HasPrefix(line[at:], "- ") {
		rest := strings.TrimLeft(line[at+1:], " ")
		at = len(line) - len(rest)
		out = append([]int{at}, out...)
	}
	return out
}

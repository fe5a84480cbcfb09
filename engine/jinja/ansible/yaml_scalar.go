package ansible

import (
	"fmt"
	"strings"

	"github.com/drydock-dev/drydock/engine/source"
)

// How a text is written in YAML: plain, in quotes, or as a literal block.

// scalarForms are the forms that a text may take.
type scalarForms struct {
	flowPlain, blockPlain, single, block, multiline bool
}

// analyze finds the forms that do not change a text.
func (e *yamlEmitter) analyze(s string) scalarForms {
	if s == "" {
		return scalarForms{blockPlain: true, single: true}
	}
	var a analysis
	if strings.HasPrefix(s, "---") || strings.HasPrefix(s, "...") {
		a.blockMark, a.flowMark = true, true
	}
	runes := []rune(s)
	for i, r := range runes {
		a.marks(runes, i)
		if !yamlPrintable(r) || (r > 0x7e && e.escapeBeyondASCII) {
			a.special = true
		}
		a.spaces(r, i == 0, i == len(runes)-1)
	}
	edge := a.leadingSpace || a.leadingBreak || a.trailingSpace || a.trailingBreak
	plain := !edge && !a.breakSpace && !a.spaceBreak && !a.special && !a.breaks
	return scalarForms{
		flowPlain:  plain && !a.flowMark,
		blockPlain: plain && !a.blockMark,
		single:     !a.breakSpace && !a.spaceBreak && !a.special,
		block:      !a.trailingSpace && !a.spaceBreak && !a.special,
		multiline:  a.breaks,
	}
}

// analysis is what was found in a text so far.
type analysis struct {
	blockMark, flowMark          bool
	special, breaks              bool
	leadingSpace, leadingBreak   bool
	trailingSpace, trailingBreak bool
	breakSpace, spaceBreak       bool
	afterSpace, afterBreak       bool
}

// marks notes a character that could be taken for syntax.
func (a *analysis) marks(runes []rune, i int) {
	r := runes[i]
	followed := i+1 == len(runes) || isBlank(runes[i+1])
	switch {
	case i == 0 && strings.ContainsRune("#,[]{}&*!|>'\"%@`", r):
		a.flowMark, a.blockMark = true, true
	case r == ':' || (r == '?' && i == 0):
		a.flowMark = true
		a.blockMark = a.blockMark || followed
	case i == 0 && r == '-' && followed:
		a.flowMark, a.blockMark = true, true
	case strings.ContainsRune(",?[]{}", r):
		a.flowMark = true
	case r == '#' && i > 0 && isBlank(runes[i-1]):
		a.flowMark, a.blockMark = true, true
	}
}

func isBlank(r rune) bool { return r == ' ' || r == '\t' || isBreak(r) }

// spaces notes spaces and breaks, and how they follow each other.
func (a *analysis) spaces(r rune, first, last bool) {
	switch {
	case r == ' ':
		a.leadingSpace = a.leadingSpace || first
		a.trailingSpace = a.trailingSpace || last
		a.breakSpace = a.breakSpace || a.afterBreak
		a.afterSpace, a.afterBreak = true, false
	case isBreak(r):
		a.breaks = true
		a.leadingBreak = a.leadingBreak || first
		a.trailingBreak = a.trailingBreak || last
		a.spaceBreak = a.spaceBreak || a.afterSpace
		a.afterSpace, a.afterBreak = false, true
	default:
		a.afterSpace, a.afterBreak = false, false
	}
}

func yamlPrintable(r rune) bool {
	return r == '\n' || (r >= 0x20 && r <= 0x7e) || r == 0x85 || (r >= 0xa0 && r <= 0xd7ff) || (r >= 0xe000 && r <= 0xfffd && r != 0xfeff)
}

func (e *yamlEmitter) scalar(n *yamlNode, simpleKey bool) {
	if !n.isText {
		e.plain(n.text, !simpleKey)
		return
	}
	if e.blockTexts && !simpleKey && strings.ContainsFunc(n.text, isBreak) {
		e.literal(readable(n.text))
		return
	}
	forms := e.analyze(n.text)
	switch e.form(n.text, forms, simpleKey) {
	case "":
		e.plain(n.text, !simpleKey)
	case "'":
		e.singleQuoted(n.text, !simpleKey)
	case "|", ">":
		e.literal(n.text)
	default:
		e.doubleQuoted(n.text, !simpleKey)
	}
}

// readable changes a text so that it can be a block: no tabs, no spaces at the ends of lines, nothing unprintable.
func readable(s string) string {
	lines := strings.Split(strings.TrimRight(s, " \t\r\n"), "\n")
	for i, l := range lines {
		l = strings.ReplaceAll(l, "\t", "        ")
		lines[i] = strings.TrimRight(strings.Map(func(r rune) rune {
			if yamlPrintable(r) || r > 0xffff {
				return r
			}
			return -1
		}, l), " ")
	}
	return strings.Join(lines, "\n")
}

// form chooses the form of a text.
func (e *yamlEmitter) form(s string, f scalarForms, simpleKey bool) string {
	form := e.style
	if simpleKey && f.multiline {
		return `"`
	}
	if form == "" {
		plain := f.blockPlain
		if e.flowLevel > 0 {
			plain = f.flowPlain
		}
		if !plain || (s == "" && (e.flowLevel > 0 || simpleKey)) || !source.IsText(s) {
			form = "'"
		}
	}
	switch form {
	case "'":
		if !f.single {
			return `"`
		}
	case "|", ">":
		if !f.block || e.flowLevel > 0 || simpleKey {
			return `"`
		}
	}
	return form
}

// fold breaks a line at a space, if it is long enough and more than a space follows; it tells whether it did.
func (e *yamlEmitter) fold(allowed, afterSpace bool) bool {
	if !allowed || afterSpace || e.column <= e.width {
		return false
	}
	e.writeIndent()
	return true
}

func spaceAt(runes []rune, i int) bool { return i < len(runes) && runes[i] == ' ' }

func (e *yamlEmitter) plain(s string, allowBreaks bool) {
	if !e.blank && (s != "" || e.flowLevel > 0) {
		e.put(" ")
	}
	e.lines(s, allowBreaks, false)
	e.blank, e.atIndent = false, false
}

// lines writes a text whose lines may be folded: plain, or in single quotes.
func (e *yamlEmitter) lines(s string, allowBreaks, quoted bool) {
	runes := []rune(s)
	spaces, breaks := false, false
	for i, r := range runes {
		switch {
		case r == ' ':
			edge := quoted && (i == 0 || i == len(runes)-1)
			if spaceAt(runes, i+1) || !e.fold(allowBreaks && !edge, spaces) {
				e.put(" ")
			}
			spaces = true
		case isBreak(r):
			if !breaks && r == '\n' {
				e.writeBreak('\n')
			}
			e.writeBreak(r)
			e.atIndent, breaks = true, true
		default:
			if breaks {
				e.writeIndent()
			}
			if quoted && r == '\'' {
				e.put("'")
			}
			e.put(string(r))
			e.atIndent, spaces, breaks = false, false, false
		}
	}
	if breaks && quoted {
		e.writeIndent()
	}
}

func (e *yamlEmitter) singleQuoted(s string, allowBreaks bool) {
	e.indicator("'", true, false, false)
	e.lines(s, allowBreaks, true)
	e.indicator("'", false, false, false)
	e.blank, e.atIndent = false, false
}

var yamlEscapes = map[rune]string{
	0: `\0`, 7: `\a`, 8: `\b`, 9: `\t`, 10: `\n`, 11: `\v`, 12: `\f`, 13: `\r`, 27: `\e`, '"': `\"`, '\\': `\\`,
	0x85: `\N`, 0xa0: `\_`, 0x2028: `\L`, 0x2029: `\P`,
}

func yamlEscape(r rune) string {
	switch s, ok := yamlEscapes[r]; {
	case ok:
		return s
	case r <= 0xff:
		return fmt.Sprintf(`\x%02X`, r)
	case r <= 0xffff:
		return fmt.Sprintf(`\u%04X`, r)
	}
	return fmt.Sprintf(`\U%08X`, r)
}

func (e *yamlEmitter) doubleQuoted(s string, allowBreaks bool) {
	e.indicator(`"`, true, false, false)
	runes := []rune(s)
	spaces := false
	for i, r := range runes {
		switch {
		case r == '"' || r == '\\' || isBreak(r) || !yamlPrintable(r) || (r > 0x7e && e.escapeBeyondASCII):
			e.put(yamlEscape(r))
			spaces = false
		case r == ' ':
			edge := i == 0 || i == len(runes)-1
			if !e.fold(allowBreaks && !edge, spaces) {
				e.put(" ")
			} else if spaceAt(runes, i+1) {
				e.put(`\`)
			}
			spaces = true
		default:
			e.put(string(r))
			spaces = false
		}
	}
	e.indicator(`"`, false, false, false)
	e.blank, e.atIndent = false, false
}

// literal writes a block whose lines stand as they are.
func (e *yamlEmitter) literal(s string) {
	e.indicator("|", true, false, false)
	runes := []rune(s)
	if len(runes) > 0 && (runes[0] == ' ' || isBreak(runes[0])) {
		e.put(fmt.Sprint(e.indent))
	}
	switch n := len(runes); {
	case n == 0 || !isBreak(runes[n-1]):
		e.put("-")
	case n == 1 || isBreak(runes[n-2]):
		e.put("+")
	}
	e.writeBreak('\n')
	e.atIndent, e.blank = true, true
	breaks := true
	for _, r := range runes {
		if isBreak(r) {
			e.writeBreak(r)
			e.atIndent, breaks = true, true
			continue
		}
		if breaks {
			e.writeIndent()
		}
		e.put(string(r))
		e.atIndent, breaks = false, false
	}
}

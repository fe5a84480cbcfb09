package ansible

import (
	"strings"
	"unicode/utf8"
)

// yamlEmitter writes YAML in the layout that Ansible's templates produce, so that files written by either do not differ.
type yamlEmitter struct {
	yamlOptions
	b         strings.Builder
	column    int
	indentNow int
	blank     bool // what was written last is white space
	atIndent  bool // only indentation and its marks stand on this line
	flowLevel int
}

func (e *yamlEmitter) put(s string) {
	e.b.WriteString(s)
	e.column += utf8.RuneCountInString(s)
}

// writeBreak writes a line break as it is.
func (e *yamlEmitter) writeBreak(r rune) {
	e.b.WriteRune(r)
	e.column = 0
}

// indicator writes a mark of YAML's syntax.
func (e *yamlEmitter) indicator(s string, needsBlank, isBlank, isIndent bool) {
	if needsBlank && !e.blank {
		e.put(" ")
	}
	e.put(s)
	e.blank = isBlank
	e.atIndent = e.atIndent && isIndent
}

// writeIndent moves to the current indentation, on a new line unless this one has only indentation so far.
func (e *yamlEmitter) writeIndent() {
	indent := max(e.indentNow, 0)
	if !e.atIndent || e.column > indent || (e.column == indent && !e.blank) {
		e.writeBreak('\n')
	}
	if e.column < indent {
		e.put(strings.Repeat(" ", indent-e.column))
	}
	e.blank, e.atIndent = true, true
}

// deeper increases the indentation; the result is what it was.
func (e *yamlEmitter) deeper(flow, indentless bool) int {
	old := e.indentNow
	switch {
	case old < 0 && flow:
		e.indentNow = e.indent
	case old < 0:
		e.indentNow = 0
	case !indentless:
		e.indentNow += e.indent
	}
	return old
}

// node writes a node; inMapping tells that it is a value, simpleKey that it is a key on one line.
func (e *yamlEmitter) node(n *yamlNode, inMapping, simpleKey bool) {
	if e.anchored(n) {
		return
	}
	switch {
	case n.items == nil:
		old := e.deeper(true, false)
		if n.tag != "" {
			e.indicator(n.tag, true, false, false)
			e.literal(n.text)
		} else {
			e.scalar(n, simpleKey)
		}
		e.indentNow = old
	case e.flowLevel > 0 || n.flow || len(n.items) == 0:
		e.flowCollection(n)
	case n.mapping:
		e.blockMapping(n)
	default:
		e.blockSequence(n, inMapping)
	}
}

func (e *yamlEmitter) flowCollection(n *yamlNode) {
	open, end := "[", "]"
	if n.mapping {
		open, end = "{", "}"
	}
	e.indicator(open, true, true, false)
	old := e.deeper(true, false)
	e.flowLevel++
	step := 1
	if n.mapping {
		step = 2
	}
	for i := 0; i < len(n.items); i += step {
		if i > 0 {
			e.indicator(",", false, false, false)
		}
		if e.column > e.width {
			e.writeIndent()
		}
		if n.mapping {
			e.flowPair(n.items[i], n.items[i+1])
		} else {
			e.node(n.items[i], false, false)
		}
	}
	e.flowLevel--
	e.indentNow = old
	e.indicator(end, false, false, false)
}

func (e *yamlEmitter) flowPair(key, val *yamlNode) {
	if key.simple() {
		e.node(key, true, true)
		e.indicator(":", false, false, false)
	} else {
		e.indicator("?", true, false, false)
		e.node(key, true, false)
		if e.column > e.width {
			e.writeIndent()
		}
		e.indicator(":", true, false, false)
	}
	e.node(val, true, false)
}

func (e *yamlEmitter) blockSequence(n *yamlNode, inMapping bool) {
	old := e.deeper(false, inMapping && !e.atIndent)
	for _, it := range n.items {
		e.writeIndent()
		e.indicator("-", true, false, true)
		e.node(it, false, false)
	}
	e.indentNow = old
}

func (e *yamlEmitter) blockMapping(n *yamlNode) {
	old := e.deeper(false, false)
	for i := 0; i < len(n.items); i += 2 {
		e.writeIndent()
		if n.items[i].simple() {
			e.node(n.items[i], true, true)
			e.indicator(":", false, false, false)
		} else {
			e.indicator("?", true, false, true)
			e.node(n.items[i], true, false)
			e.writeIndent()
			e.indicator(":", true, false, true)
		}
		e.node(n.items[i+1], true, false)
	}
	e.indentNow = old
}

// simple tells whether a node may be a key without a question mark: short and on one line.
func (n *yamlNode) simple() bool {
	if n.items != nil {
		return len(n.items) == 0
	}
	return len(n.text) <= 128 && !strings.ContainsFunc(n.text, isBreak)
}

func isBreak(r rune) bool {
	switch r {
	case '\n', '\r', 0x85, 0x2028, 0x2029:
		return true
	}
	return false
}

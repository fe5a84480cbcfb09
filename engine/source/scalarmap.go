package source

import (
	"strings"
	"unicode/utf8"
)

// This file holds the way back from a scalar's text to the bytes it was written with. The walk reads source and text side by side; where they
// do not fit (they always should), what is left maps to the last place that did.

type style int

const (
	plain style = iota
	singleQuoted
	doubleQuoted
	literal
	folded
)

// offsets gives for each byte of Text, and for its end, the byte of the file it comes from.
func (n *Node) offsets() []int {
	w := &walk{src: n.src.data, text: n.Text, j: n.start, out: make([]int, 0, len(n.Text)+1)}
	switch n.style {
	case plain:
		w.flow(0)
	case singleQuoted:
		w.j++
		w.flow('\'')
	case doubleQuoted:
		w.j++
		w.flow('"')
	case literal, folded:
		w.block(n.style == folded)
	}
	for len(w.out) <= len(n.Text) {
		w.out = append(w.out, min(w.j, len(n.src.data)))
	}
	return w.out
}

type walk struct {
	src, text string
	i, j      int // next byte of text, of source
	out       []int
}

// emit maps the next n bytes of text to the source byte at.
func (w *walk) emit(n, at int) {
	for ; n > 0 && w.i < len(w.text); n-- {
		w.out = append(w.out, at)
		w.i++
	}
}

func (w *walk) done() bool { return w.i >= len(w.text) || w.j >= len(w.src) }

// flow walks a plain or quoted scalar; quote is 0, ' or ".
func (w *walk) flow(quote byte) {
	for !w.done() {
		c := w.src[w.j]
		switch {
		case w.atFold():
			w.fold()
		case quote == '"' && c == '\\':
			w.escape()
		case quote == '\'' && c == '\'':
			w.emit(1, w.j)
			w.j += 2
		case c == w.text[w.i]:
			w.emit(1, w.j)
			w.j++
		default:
			return
		}
	}
}

// atFold tells whether nothing but blanks stand between here and a line break.
func (w *walk) atFold() bool {
	k := w.j
	for k < len(w.src) && (w.src[k] == ' ' || w.src[k] == '\t') {
		k++
	}
	return k < len(w.src) && breakAt(w.src, k) > 0
}

// fold walks over a line's end: one break is a blank in the text, each further one a line feed.
func (w *walk) fold() {
	at, breaks := w.j, w.skipBreaks()
	if breaks == 1 {
		w.emit(1, at)
	} else {
		w.emit(breaks-1, at)
	}
}

// skipBreaks passes blanks and line breaks and counts the breaks.
func (w *walk) skipBreaks() int {
	breaks := 0
	for w.j < len(w.src) {
		if n := breakAt(w.src, w.j); n > 0 {
			breaks++
			w.j += n
		} else if c := w.src[w.j]; c == ' ' || c == '\t' {
			w.j++
		} else {
			break
		}
	}
	return breaks
}

// escape walks over a backslash and what it stands for. An escaped line break stands for nothing.
func (w *walk) escape() {
	at := w.j
	if at+1 >= len(w.src) {
		w.j = len(w.src)
		return
	}
	if n := breakAt(w.src, at+1); n > 0 {
		w.j += 1 + n
		for w.j < len(w.src) && (w.src[w.j] == ' ' || w.src[w.j] == '\t') {
			w.j++
		}
		return
	}
	w.j += 2
	switch w.src[at+1] {
	case 'x':
		w.j += 2
	case 'u':
		w.j += 4
	case 'U':
		w.j += 8
	}
	_, n := utf8.DecodeRuneInString(w.text[w.i:])
	w.emit(n, at)
}

// block walks a literal or folded scalar, whose header is at j.
func (w *walk) block(fold bool) {
	w.header()
	indent := w.contentIndent()
	for !w.done() {
		w.skipIndent(indent)
		for !w.done() && breakAt(w.src, w.j) == 0 {
			if w.src[w.j] != w.text[w.i] {
				return
			}
			w.emit(1, w.j)
			w.j++
		}
		w.lineEnds(fold, indent)
	}
}

// header passes the line of the block's indicator.
func (w *walk) header() {
	for w.j < len(w.src) && breakAt(w.src, w.j) == 0 {
		w.j++
	}
	if w.j < len(w.src) {
		w.j += breakAt(w.src, w.j)
	}
}

// contentIndent is the indentation of the first line that is not empty, less the blanks there that belong to the text: an explicit
// indentation (|2) may leave some.
func (w *walk) contentIndent() int {
	first := strings.TrimLeft(w.text, "\n")
	own := len(first) - len(strings.TrimLeft(first, " "))
	for k := w.j; k < len(w.src); {
		n := 0
		for k+n < len(w.src) && w.src[k+n] == ' ' {
			n++
		}
		if k+n >= len(w.src) {
			return max(0, n-own)
		}
		b := breakAt(w.src, k+n)
		if b == 0 {
			return max(0, n-own)
		}
		k += n + b
	}
	return 0
}

func (w *walk) skipIndent(indent int) {
	for k := 0; k < indent && w.j < len(w.src) && w.src[w.j] == ' '; k++ {
		w.j++
	}
}

// lineEnds walks over the end of a content line and the empty lines after it. The text holds a line feed for each (literal), or a
// blank or one line feed less (folded).
func (w *walk) lineEnds(fold bool, indent int) {
	if w.done() {
		return
	}
	var breaks []int
	for w.j < len(w.src) {
		b := breakAt(w.src, w.j)
		if b == 0 {
			break
		}
		breaks = append(breaks, w.j)
		w.j += b
		line := w.j
		w.skipIndent(indent)
		if w.j >= len(w.src) || breakAt(w.src, w.j) == 0 {
			w.j = line
			break
		}
	}
	if fold && w.text[w.i] == ' ' && len(breaks) == 1 {
		w.emit(1, breaks[0])
		return
	}
	for _, at := range breaks {
		if w.i < len(w.text) && w.text[w.i] == '\n' {
			w.emit(1, at)
		}
	}
}

package source

import (
	"strings"
	"unicode/utf8"

	"github.com/drydock-dev/drydock/engine/diag"
)

// Kind tells the three kinds of node apart.
type Kind int

// The kinds of node.
const (
	Scalar Kind = iota
	Sequence
	Mapping
)

// String names the kind as error messages do.
func (k Kind) String() string { return [...]string{"a single value", "a list", "a mapping"}[k] }

// The tags of scalars, resolved as YAML 1.1 resolves them, and Ansible's own.
const (
	TagNull   = "!!null"
	TagBool   = "!!bool"
	TagInt    = "!!int"
	TagFloat  = "!!float"
	TagString = "!!str"
	TagTime   = "!!timestamp"
	TagBinary = "!!binary"
	TagUnsafe = "!unsafe" // never a template
	TagVault  = "!vault"  // cipher text
)

// Node is a piece of YAML: merge keys and aliases are resolved, keys of a mapping are single values and unique.
type Node struct {
	Kind  Kind
	Tag   string // of a scalar
	Text  string // of a scalar: what it says, quotes and folds undone
	Pos   diag.Pos
	Pairs []Pair  // of a mapping
	Items []*Node // of a sequence

	src   *text
	style style
	start int // byte at Pos
	size  int // nodes below and itself, aliases counted each time they are used
}

// Pair is one key of a mapping.
type Pair struct {
	Key   *Node
	Value *Node
}

// Get returns the value of a key that is text, nil without it.
func (n *Node) Get(key string) *Node {
	if n == nil {
		return nil
	}
	for _, p := range n.Pairs {
		if p.Key.Text == key {
			return p.Value
		}
	}
	return nil
}

// IsNull tells whether the node says nothing: null, ~, or nothing at all.
func (n *Node) IsNull() bool { return n == nil || n.Kind == Scalar && n.Tag == TagNull }

// Quoted tells whether a scalar stands in quotes.
func (n *Node) Quoted() bool { return n.style == singleQuoted || n.style == doubleQuoted }

// Block tells whether a scalar is a block, literal or folded.
func (n *Node) Block() bool { return n.style == literal || n.style == folded }

// Span is the stretch of the first line that the node covers: for a caret. For mappings and lists it is their beginning.
func (n *Node) Span() diag.Span {
	s := diag.Span{Pos: n.Pos, Len: 1}
	if n.Kind != Scalar || n.src == nil {
		return s
	}
	line := n.src.line(n.Pos.Line)
	from := n.start - n.src.lines[n.Pos.Line-1]
	if from > len(line) {
		return s
	}
	s.Len = max(1, utf8.RuneCountInString(n.firstLine(line[from:])))
	return s
}

// firstLine cuts what follows the scalar off the rest of its first line.
func (n *Node) firstLine(rest string) string {
	if n.Block() {
		return rest[:min(len(rest), 1)]
	}
	if n.Text == "" && n.style == plain {
		return ""
	}
	offs := n.offsets()
	end := offs[len(offs)-1] - n.start
	if n.Quoted() {
		end++
	}
	if end < 0 || end > len(rest) {
		return strings.TrimRight(rest, " \t")
	}
	return rest[:end]
}

// At is the place in the file of a byte of the scalar's Text; the end of Text is a place too. So an error within a quoted, escaped or
// folded scalar is shown where its author wrote it.
func (n *Node) At(offset int) diag.Pos {
	if n.src == nil || n.Kind != Scalar {
		return n.Pos
	}
	offs := n.offsets()
	return n.src.pos(offs[max(0, min(offset, len(offs)-1))])
}

package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/value"
	"github.com/drydock-dev/drydock/engine/vault"
)

const (
	tagMerge   = "!!merge"
	tagDefault = "!!value"

	// maxNodes bounds what aliases may unfold to; real content stays thousands of times below.
	maxNodes = 2_000_000
	maxDepth = 1_000
)

// Parse reads every document of a YAML text (JSON is YAML). An empty document is a node that IsNull. What is wrong is in the list; the
// documents before a syntax error are returned.
func Parse(file string, data []byte) ([]*Node, diag.List) {
	var ds diag.List
	if len(data) > maxYAML {
		ds.Addf(diag.Span{Pos: diag.Pos{File: file, Line: 1}}, "the file is larger than %d MiB, which no file of YAML is", maxYAML>>20)
		return nil, ds
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	src := newText(file, string(data))
	if vault.Is(data) { // whoever reads files opens them; what comes here is a text within another
		ds.Add(newLocked(file, data, vault.ErrNoSecrets).Diagnostic())
		return nil, ds
	}
	if at := invalidUTF8(src.data); at >= 0 {
		ds.Addf(diag.Span{Pos: src.pos(at)}, "the file is not valid UTF-8 text")
		return nil, ds
	}
	c := &converter{src: src, ds: &ds, done: map[*yaml.Node]*Node{}}
	docs := c.documents()
	if c.twice > maxMistakes {
		ds.Add(diag.Diagnostic{Severity: diag.Warning, Span: diag.Span{Pos: diag.Pos{File: file}}, Twice: true,
			Summary: fmt.Sprintf("and %d more keys are written twice in this file", c.twice-maxMistakes)})
	}
	return docs, ds
}

// maxMistakes is how many mistakes of one kind are shown of a file.
const maxMistakes = 100

func invalidUTF8(s string) int {
	for i, r := range s {
		if r == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(s[i:]); n == 1 {
				return i
			}
		}
	}
	return -1
}

// converter turns yaml.v3's nodes into ours: tags resolved, aliases and merge keys followed, keys checked.
type converter struct {
	src   *text
	ds    *diag.List
	done  map[*yaml.Node]*Node // nil while a node is being converted
	depth int
	twice int // keys that are written twice

	line, col, at int // the last place that offset found
}

func (c *converter) documents() []*Node {
	var docs []*Node
	d := yaml.NewDecoder(strings.NewReader(c.src.data))
	for {
		var y yaml.Node
		err := decode(d, &y)
		if errors.Is(err, io.EOF) {
			return docs
		}
		if err != nil {
			c.ds.Add(c.src.explain(err))
			return docs
		}
		if n := c.document(&y); n != nil {
			docs = append(docs, n)
		}
	}
}

// decode calls the parser, which on hostile input may panic instead of answering.
func decode(d *yaml.Decoder, y *yaml.Node) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the YAML parser gave up: %v", r)
		}
	}()
	return d.Decode(y)
}

func (c *converter) document(y *yaml.Node) *Node {
	if len(y.Content) == 0 {
		return &Node{Tag: TagNull, Pos: c.src.pos(0), src: c.src}
	}
	n := c.node(y.Content[0])
	if n != nil && n.size > maxNodes {
		c.ds.Addf(n.Span(), "the aliases of this document unfold to more than %d values", maxNodes)
		return nil
	}
	return n
}

// node converts one node, nil where that is impossible (which has been reported).
func (c *converter) node(y *yaml.Node) *Node {
	if y.Kind == yaml.AliasNode {
		y = y.Alias
	}
	if n, known := c.done[y]; known {
		if n == nil {
			c.ds.Addf(c.span(y), "the anchor &%s contains itself", y.Anchor)
		}
		return n
	}
	if c.depth++; c.depth > maxDepth {
		c.depth--
		c.ds.Addf(c.span(y), "the nesting is deeper than %d levels", maxDepth)
		return nil
	}
	defer func() { c.depth-- }()
	c.done[y] = nil
	n := &Node{src: c.src, size: 1, start: c.offset(y.Line, y.Column), Pos: diag.Pos{File: c.src.name, Line: y.Line, Col: y.Column}}
	if at := c.src.skipProperties(n.start); at != n.start || y.Line > len(c.src.lines) {
		n.start, n.Pos = at, c.src.pos(at)
	}
	switch y.Kind {
	case yaml.SequenceNode:
		c.sequence(n, y)
	case yaml.MappingNode:
		c.mapping(n, y)
	default:
		c.scalar(n, y)
	}
	c.done[y] = n
	return n
}

// offset is the byte at a line and column. Nodes come in the order of the text, so it goes on from where the last one was found.
func (c *converter) offset(line, col int) int {
	if line == c.line && col >= c.col {
		c.at = c.src.forward(c.at, col-c.col)
	} else {
		c.at = c.src.offset(line, col)
	}
	c.line, c.col = line, col
	return c.at
}

func (c *converter) span(y *yaml.Node) diag.Span {
	return diag.Span{Pos: c.src.pos(c.src.offset(y.Line, y.Column))}
}

func (c *converter) scalar(n *Node, y *yaml.Node) {
	n.Text, n.style = y.Value, styleOf(y.Style)
	switch {
	case y.Style&yaml.TaggedStyle != 0:
		n.Tag = y.Tag
	case n.style == plain:
		n.Tag = plainTag(y.Value)
	default:
		n.Tag = TagString
	}
	switch n.Tag {
	case TagNull, TagBool, TagInt, TagFloat, TagString, TagTime, TagBinary, TagUnsafe, TagVault:
	case "!vault-encrypted":
		n.Tag = TagVault
	case "!!python/unicode", "!!python/str":
		n.Tag = TagString
	case tagMerge:
		n.Tag = TagString
	case tagDefault:
		n.Tag = TagString
		c.ds.Add(diag.Diagnostic{Summary: `a lone "=" has no meaning in YAML`, Span: n.Span(), Hint: `quote it: "="`})
	default:
		c.ds.Add(diag.Diagnostic{Summary: fmt.Sprintf("unknown YAML tag %s", n.Tag), Span: c.span(y), Hint: hintTag(n.Tag)})
		n.Tag = TagString
	}
	if _, err := n.Plain(); err != nil {
		c.ds.Addf(n.Span(), "%v", err)
		n.Tag = TagString
	}
}

func hintTag(tag string) string {
	if near := diag.Nearest(tag, []string{TagUnsafe, TagVault, TagString, TagInt, TagBool, TagFloat, TagNull}); near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	return "quote the value if the exclamation mark belongs to it"
}

func styleOf(s yaml.Style) style {
	switch {
	case s&yaml.SingleQuotedStyle != 0:
		return singleQuoted
	case s&yaml.DoubleQuotedStyle != 0:
		return doubleQuoted
	case s&yaml.LiteralStyle != 0:
		return literal
	case s&yaml.FoldedStyle != 0:
		return folded
	}
	return plain
}

func (c *converter) sequence(n *Node, y *yaml.Node) {
	n.Kind = Sequence
	for _, yi := range y.Content {
		if item := c.node(yi); item != nil {
			n.Items = append(n.Items, item)
			n.size = min(n.size+item.size, maxNodes+1)
		}
	}
}

// mapping converts the pairs. Keys of merged mappings come first and are weaker; of a key that is written twice the last one counts.
func (c *converter) mapping(n *Node, y *yaml.Node) {
	n.Kind = Mapping
	index := &value.Map{}
	for i := 0; i+1 < len(y.Content); i += 2 {
		if y.Content[i].Tag == tagMerge {
			c.merge(n, index, y.Content[i+1])
		}
	}
	own := &value.Map{}
	for i := 0; i+1 < len(y.Content); i += 2 {
		if y.Content[i].Tag == tagMerge {
			continue
		}
		key := c.key(y.Content[i])
		val := c.node(y.Content[i+1])
		if key == nil || val == nil {
			continue
		}
		k, _ := key.Plain()
		if own.Has(k) {
			c.twice++
		}
		if own.Has(k) && c.twice <= maxMistakes {
			c.ds.Add(diag.Diagnostic{Severity: diag.Warning, Summary: fmt.Sprintf("key %q is written twice; the last one counts", key.Text),
				Span: key.Span(), Twice: true})
		}
		own.Set(k, true)
		n.set(index, k, Pair{Key: key, Value: val})
	}
}

// set adds a pair or replaces the one that has its key.
func (n *Node) set(index *value.Map, k any, p Pair) {
	if at, ok := index.Get(k); ok {
		old := &n.Pairs[at.(int)]
		if old.Value = p.Value; old.Key.Text == p.Key.Text {
			old.Key = p.Key // otherwise 1 and yes: Python keeps the first
		}
		return
	}
	index.Set(k, len(n.Pairs))
	n.Pairs = append(n.Pairs, p)
	n.size = min(n.size+1+p.Value.size, maxNodes+1)
}

// merge adds the pairs of what `<<` names: a mapping, or a list of mappings of which the first is strongest.
func (c *converter) merge(n *Node, index *value.Map, y *yaml.Node) {
	from := c.node(y)
	if from == nil {
		return
	}
	sources := []*Node{from}
	if from.Kind == Sequence {
		sources = from.Items
	}
	for _, s := range sources {
		if s.Kind != Mapping {
			c.ds.Addf(c.span(y), "<< wants a mapping or a list of mappings, this is %s", s.Kind)
			return
		}
		for _, p := range s.Pairs {
			if k, _ := p.Key.Plain(); !index.Has(k) {
				n.set(index, k, p)
			}
		}
	}
}

func (c *converter) key(y *yaml.Node) *Node {
	n := c.node(y)
	if n == nil || n.Kind == Scalar {
		return n
	}
	if y.Style&yaml.FlowStyle != 0 && strings.HasPrefix(c.src.data[n.start:], "{") {
		c.ds.Add(c.src.unquotedTemplate(n.Pos))
		return nil
	}
	c.ds.Addf(n.Span(), "the key of a mapping must be a single value, this is %s", n.Kind)
	return nil
}

// skipProperties passes the anchor and the tag before a node's content.
func (t *text) skipProperties(i int) int {
	for i < len(t.data) && (t.data[i] == '&' || t.data[i] == '!') {
		for i < len(t.data) && !isBlank(t.data, i) {
			i++
		}
		for i < len(t.data) && isBlank(t.data, i) {
			i++
		}
	}
	return i
}

func isBlank(s string, i int) bool { return s[i] == ' ' || s[i] == '\t' || breakAt(s, i) > 0 }

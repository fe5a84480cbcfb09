package source

import (
	"fmt"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/value"
)

// Language makes a value of a scalar's text: the text itself or, if it has template marks, a template. At gives the place of each of its
// bytes. *jinja.Language is one.
type Language interface {
	Template(text string, at func(offset int) diag.Pos) (any, diag.List)
}

// Value makes a value of the node. Text with template marks becomes what lang makes of it; with a nil lang, and after !unsafe, all text is
// plain. Text after !vault becomes a value.Vault, which lang opens when it is used, if it is a value.Opener. Keys are never templates.
func (n *Node) Value(lang Language) (any, diag.List) {
	var ds diag.List
	v := n.decode(lang, &ds)
	return v, ds
}

func (n *Node) decode(lang Language, ds *diag.List) any {
	if n == nil {
		return nil
	}
	switch n.Kind {
	case Sequence:
		out := make([]any, len(n.Items), max(len(n.Items), 1)) // with room, so that an empty one can be told from another
		for i, item := range n.Items {
			out[i] = item.decode(lang, ds)
		}
		return out
	case Mapping:
		m := &value.Map{}
		for _, p := range n.Pairs {
			k, _ := p.Key.Plain()
			m.Set(k, p.Value.decode(lang, ds))
		}
		return m
	}
	return n.scalar(lang, ds)
}

func (n *Node) scalar(lang Language, ds *diag.List) any {
	switch {
	case n.Tag == TagVault:
		by, _ := lang.(value.Opener)
		return value.Vault{Cipher: n.Text, Where: n.Pos.String(), By: by}
	case lang != nil && n.Tag == TagString:
		v, more := lang.Template(n.Text, n.At)
		ds.Add(more...)
		return v
	}
	v, _ := n.Plain() // it was checked when the file was read
	return v
}

// Docs reads every document of a text as plain values: no templates.
func Docs(text string) ([]any, error) {
	nodes, ds := Parse("", []byte(text))
	if err := ds.Err(); err != nil {
		return nil, err
	}
	out := make([]any, len(nodes))
	for i, n := range nodes {
		out[i], _ = n.Value(nil)
	}
	return out, nil
}

// One reads a text that holds a single document. A text without any is a null.
func One(file string, data []byte) (*Node, diag.List) {
	nodes, ds := Parse(file, data)
	switch {
	case len(nodes) > 1:
		ds.Addf(nodes[1].Span(), "a second document begins here; this kind of file holds one")
	case len(nodes) == 0:
		return &Node{Tag: TagNull, Pos: diag.Pos{File: file, Line: 1, Col: 1}}, ds
	}
	return nodes[0], ds
}

// Vars reads a file of variables: one mapping, or nothing.
func Vars(file string, data []byte, lang Language) (*value.Map, diag.List) {
	n, ds := One(file, data)
	if n.IsNull() || ds.HasErrors() {
		return &value.Map{}, ds
	}
	if n.Kind != Mapping {
		ds.Add(diag.Diagnostic{Summary: fmt.Sprintf("a file of variables holds a mapping, this is %s", n.Kind), Span: n.Span(), Hint: "write name: value"})
		return &value.Map{}, ds
	}
	v, more := n.Value(lang)
	return v.(*value.Map), append(ds, more...)
}

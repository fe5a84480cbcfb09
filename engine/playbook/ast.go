// Package playbook knows the grammar of playbooks: which keywords stand where and of which kind their values are, what in a task is
// the action, and how free-form arguments are written.
//
// It reads source nodes and returns an AST in which every keyword keeps its place. It knows neither modules (it is told which names are) nor templates:
// a value with template marks is taken for a value of the right kind.
package playbook

import (
	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/source"
)

// Keyword is one keyword as it was written.
type Keyword struct {
	Name  string
	Key   *source.Node
	Value *source.Node
}

// Keywords are those of one play, block, task or role, in the order they were written. What holds plays, tasks or roles is not among them,
// nor is an action.
type Keywords []Keyword

// Get returns the value of a keyword, nil if it is not there.
func (k Keywords) Get(name string) *source.Node {
	for _, kw := range k {
		if kw.Name == name {
			return kw.Value
		}
	}
	return nil
}

// Span is where the keyword itself stands.
func (k Keywords) Span(name string) diag.Span {
	for _, kw := range k {
		if kw.Name == name {
			return kw.Key.Span()
		}
	}
	return diag.Span{}
}

// Entry is a *Play or an *ImportPlaybook: an item of a playbook.
type Entry interface{ entry() }

// Play is one play.
type Play struct {
	Pos  diag.Pos
	Keys Keywords

	Roles                      []*Role
	PreTasks, Tasks, PostTasks []Node
	Handlers                   []Node
}

// ImportPlaybook stands for the plays of another file.
type ImportPlaybook struct {
	Pos  diag.Pos
	Keys Keywords // vars, when, tags
	File *source.Node
}

// Role is one use of a role: in a play's roles, or as a dependency of another.
type Role struct {
	Pos    diag.Pos
	Name   *source.Node
	Keys   Keywords
	Params []source.Pair // what is no keyword
}

// Node is a *Block or a *Task.
type Node interface{ node() }

// Block is a list of nodes with what is done when one fails.
type Block struct {
	Pos                   diag.Pos
	Keys                  Keywords
	Tasks, Rescue, Always []Node
}

// Task is one task or handler.
type Task struct {
	Pos    diag.Pos
	Keys   Keywords // without the action and with_X
	Action string   // name of the module or directive, as written
	Chosen *Text    // the action again, where it is a template; nil: it is not
	Word   *source.Node

	Args     *source.Node // arguments as a mapping; nil: none, or Free
	Free     *Text        // arguments as text; nil: none
	Local    bool         // it was written as local_action
	With     string       // the X of with_X; empty: none
	WithKey  *source.Node
	WithList *source.Node // the value of with_X
	Handler  bool
}

// Text is a part of a scalar's text that remembers where it was written.
type Text struct {
	Text string
	At   func(offset int) diag.Pos
}

// Sub is the stretch from byte from up to byte to.
func (t Text) Sub(from, to int) Text {
	at := t.At
	return Text{Text: t.Text[from:to], At: func(o int) diag.Pos { return at(from + o) }}
}

// Span covers the text, if it stands on one line.
func (t Text) Span() diag.Span {
	begin, end := t.At(0), t.At(len(t.Text))
	if begin.Line == end.Line && end.Col > begin.Col {
		return diag.Span{Pos: begin, Len: end.Col - begin.Col}
	}
	return diag.Span{Pos: begin}
}

// Span covers the word that names the action.
func (t *Task) Span() diag.Span {
	if t.Word == nil {
		return diag.Span{Pos: t.Pos}
	}
	return t.Word.Span()
}

func (*Play) entry()           {}
func (*ImportPlaybook) entry() {}
func (*Block) node()           {}
func (*Task) node()            {}

package kube

// A Reader that asks for each thing once: for a look that comes back to the same objects from many sides.

import (
	"context"
	"sync"
	"time"
)

// Remember answers from r, and the second time from what r has said before. What it remembers gets old: it is for one look, not for waiting.
func Remember(r Reader) Reader { return &remembering{Reader: r} }

type remembering struct {
	Reader
	said sync.Map // question: *answer
}

type question struct {
	kind            Kind
	namespace, name string
	query           Query
}

type answer struct {
	once   sync.Once
	object Object
	list   List
	err    error
}

func (m *remembering) Get(ctx context.Context, k Kind, namespace, name string) (Object, error) {
	a := m.about(question{kind: k, namespace: namespace, name: name})
	a.once.Do(func() { a.object, a.err = m.Reader.Get(ctx, k, namespace, name) })
	return a.object, a.err
}

func (m *remembering) List(ctx context.Context, k Kind, q Query) (List, error) {
	a := m.about(question{kind: k, query: q})
	a.once.Do(func() { a.list, a.err = m.Reader.List(ctx, k, q) })
	return a.list, a.err
}

func (m *remembering) date(ctx context.Context) (time.Time, error) { return ServerTime(ctx, m.Reader) }

func (m *remembering) ready(ctx context.Context) (Readiness, error) { return Ready(ctx, m.Reader) }

func (m *remembering) about(q question) *answer {
	a, _ := m.said.LoadOrStore(q, &answer{})
	return a.(*answer)
}

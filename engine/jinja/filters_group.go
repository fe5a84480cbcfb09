package jinja

import (
	"github.com/drydock-dev/drydock/engine/value"
)

// Filters that bring equal items together: unique and groupby.

func uniqueFilter(c *Call, in any) (any, error) {
	p, err := c.Bind("case_sensitive", "attribute")
	if err != nil {
		return nil, err
	}
	items, err := Iterate(in)
	if err != nil {
		return nil, err
	}
	attribute := p.Any(1, nil)
	if !value.Truth(attribute) {
		attribute = nil
	}
	get, err := c.getter(attribute, foldUnless(p.Bool(0, false)))
	if err != nil {
		return nil, err
	}
	special := attribute != nil || p.Any(0, true) == false // then only what can be a key may be compared
	seen := NewSet()
	out := []any{}
	for _, it := range items {
		k, err := used(get)(it)
		if err != nil {
			return nil, err
		}
		if special && !value.Hashable(k) {
			return nil, typeError("unhashable type: '%s'", value.TypeName(k))
		}
		if seen.Add(k) {
			out = append(out, it)
		}
	}
	return out, nil
}

// Set is a set of values by Python's equality.
type Set struct {
	keys *value.Map
	rest []any // values that cannot be keys
}

// NewSet makes a set of values.
func NewSet(items ...any) *Set {
	s := &Set{keys: &value.Map{}}
	for _, it := range items {
		s.Add(it)
	}
	return s
}

// Has tells whether a value is in the set.
func (s *Set) Has(v any) bool {
	if value.Hashable(v) {
		return s.keys.Has(v)
	}
	for _, r := range s.rest {
		if value.Equal(r, v) {
			return true
		}
	}
	return false
}

// Add adds a value and tells whether it was new.
func (s *Set) Add(v any) bool {
	if s.Has(v) {
		return false
	}
	if value.Hashable(v) {
		s.keys.Set(v, nil)
	} else {
		s.rest = append(s.rest, v)
	}
	return true
}

// group is one group of groupby: a tuple whose parts have names.
type group struct {
	grouper any
	list    []any
}

// Items makes the group a pair.
func (g group) Items() []any { return []any{g.grouper, g.list} }

// Attr is a part by its name.
func (g group) Attr(name string) (any, bool) {
	switch name {
	case "grouper":
		return g.grouper, true
	case "list":
		return g.list, true
	}
	return nil, false
}

// TypeName is Python's name of the type.
func (group) TypeName() string { return "GroupTuple" }

// String prints the group as a tuple.
func (g group) String() string { return value.Repr(value.Tuple(g.Items())) }

// Final makes the group a list.
func (g group) Final() (any, error) { return g.Items(), nil }

// EqualTo compares with a tuple.
func (g group) EqualTo(other any) bool {
	if h, ok := other.(group); ok {
		other = value.Tuple(h.Items())
	}
	return value.Equal(value.Tuple(g.Items()), other)
}

func groupByFilter(c *Call, in any) (any, error) {
	p, err := c.Bind("attribute", "default", "case_sensitive")
	if err != nil {
		return nil, err
	}
	attribute, err := p.Need(0)
	if err != nil {
		return nil, err
	}
	items, err := Iterate(in)
	if err != nil {
		return nil, err
	}
	raw, err := c.getter(attribute, nil)
	if err != nil {
		return nil, err
	}
	get := used(raw)
	fold := foldUnless(p.Bool(2, false))
	key := func(v any) (any, error) {
		v, err := get(v)
		if err == nil && fold != nil {
			return fold(v)
		}
		return v, err
	}
	return grouped(items, get, key)
}

// grouped sorts items by a key and groups neighbours; a group is called as its first item is.
func grouped(items []any, name, key func(any) (any, error)) (any, error) {
	sorted := append([]any{}, items...)
	if err := value.Sort(sorted, key, false); err != nil {
		return nil, err
	}
	out := []any{}
	var last any
	for i, it := range sorted {
		k, err := key(it)
		if err != nil {
			return nil, err
		}
		if i > 0 && value.Equal(k, last) {
			g := out[len(out)-1].(group)
			g.list = append(g.list, it)
			out[len(out)-1] = g
			continue
		}
		n, err := name(it)
		if err != nil {
			return nil, err
		}
		out = append(out, group{n, []any{it}})
		last = k
	}
	return out, nil
}

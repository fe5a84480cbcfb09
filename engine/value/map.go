// Package value holds what Ansible content is made of: null, booleans, numbers, strings, lists and ordered mappings,
// with Python's rules for truth, equality, order and printing.
//
// A value is one of these Go types and no other:
//
//	nil  bool  int  *big.Int  float64  string  []any  *Map
//
// and, only while a template is being evaluated or a variable is still to be evaluated: an Object, a Tuple, a *List, an
// Undefined, an Omit, or a template (package jinja).
package value

import (
	"math"
	"math/big"
)

// Map is a mapping that keeps the order in which keys were set, as Python's dict does. Keys are compared as Python
// compares them: 1, 1.0 and true are one key. The zero Map is empty and ready. A Map is not safe for concurrent writes.
type Map struct {
	keys  []any
	vals  []any
	index map[any]int
}

// NewMap makes a mapping of alternating keys and values. It panics on an odd count: a programmer's mistake.
func NewMap(pairs ...any) *Map {
	if len(pairs)%2 != 0 {
		panic("value.NewMap: odd number of arguments")
	}
	m := &Map{}
	for i := 0; i < len(pairs); i += 2 {
		m.Set(pairs[i], pairs[i+1])
	}
	return m
}

// canonical gives equal Python keys one Go key.
func canonical(key any) any {
	switch k := key.(type) {
	case bool:
		if k {
			return 1
		}
		return 0
	case float64:
		if k == math.Trunc(k) && math.Abs(k) < 1<<62 {
			return int(k)
		}
	case *big.Int:
		if k.IsInt64() {
			return int(k.Int64())
		}
		return "\x00big" + k.String()
	case string, int, nil:
		return k
	case Tuple, []any, *List, *Map:
		return "\x00" + Repr(k)
	}
	return key
}

// Len is the number of keys. A nil Map has none.
func (m *Map) Len() int {
	if m == nil {
		return 0
	}
	return len(m.keys)
}

// Get returns the value of a key and whether it is there.
func (m *Map) Get(key any) (any, bool) {
	if m == nil || m.index == nil {
		return nil, false
	}
	i, ok := m.index[canonical(key)]
	if !ok {
		return nil, false
	}
	return m.vals[i], true
}

// Value returns the value of a key, nil if it is absent.
func (m *Map) Value(key any) any {
	v, _ := m.Get(key)
	return v
}

// Has tells whether a key is there.
func (m *Map) Has(key any) bool {
	_, ok := m.Get(key)
	return ok
}

// Set adds a key at the end or replaces the value of one that is there, which keeps its place.
func (m *Map) Set(key, val any) *Map {
	if m.index == nil {
		m.index = map[any]int{}
	}
	c := canonical(key)
	if i, ok := m.index[c]; ok {
		m.vals[i] = val
		return m
	}
	m.index[c] = len(m.keys)
	m.keys = append(m.keys, key)
	m.vals = append(m.vals, val)
	return m
}

// Delete removes a key, if it is there.
func (m *Map) Delete(key any) {
	c := canonical(key)
	i, ok := m.index[c]
	if !ok {
		return
	}
	m.keys = append(m.keys[:i:i], m.keys[i+1:]...)
	m.vals = append(m.vals[:i:i], m.vals[i+1:]...)
	delete(m.index, c)
	for k, j := range m.index {
		if j > i {
			m.index[k] = j - 1
		}
	}
}

// Keys returns the keys in order. The slice is the caller's.
func (m *Map) Keys() []any {
	if m == nil {
		return nil
	}
	return append([]any(nil), m.keys...)
}

// All yields keys and values in order; m must not be changed meanwhile.
func (m *Map) All() func(yield func(key, val any) bool) {
	return func(yield func(key, val any) bool) {
		if m == nil {
			return
		}
		for i, k := range m.keys {
			if !yield(k, m.vals[i]) {
				return
			}
		}
	}
}

// Clone copies the mapping, not its values.
func (m *Map) Clone() *Map {
	c := &Map{}
	if m == nil {
		return c
	}
	for i, k := range m.keys {
		c.Set(k, m.vals[i])
	}
	return c
}

// Merge sets every key of other in m and returns m.
func (m *Map) Merge(other *Map) *Map {
	for k, v := range other.All() {
		m.Set(k, v)
	}
	return m
}

package jinja

import (
	"strings"

	"github.com/drydock-dev/drydock/engine/value"
)

func addListFilters(l *Language) {
	l.Filters["list"] = listFilter
	l.Filters["length"] = lengthFilter
	l.Filters["count"] = lengthFilter
	l.Filters["first"] = firstFilter
	l.Filters["last"] = lastFilter
	l.Filters["reverse"] = reverseFilter
	l.Filters["random"] = randomFilter
	l.Filters["sort"] = sortFilter
	l.Filters["min"] = extreme(-1)
	l.Filters["max"] = extreme(1)
	l.Filters["sum"] = sumFilter
	l.Filters["unique"] = uniqueFilter
	l.Filters["batch"] = batchFilter
	l.Filters["slice"] = sliceFilter
	l.Filters["groupby"] = groupByFilter
}

func listFilter(c *Call, in any) (any, error) {
	if _, err := c.Bind(); err != nil {
		return nil, err
	}
	items, err := Iterate(in)
	return append([]any{}, items...), err
}

func lengthFilter(c *Call, in any) (any, error) {
	if _, err := c.Bind(); err != nil {
		return nil, err
	}
	return Length(in)
}

func firstFilter(_ *Call, in any) (any, error) {
	if r, ok := in.(rangeValue); ok && r.Len() > 0 {
		return r.at(0), nil
	}
	items, err := iterate(in)
	if err != nil {
		return nil, err
	}
	if len(items) == 0 {
		return value.Undefined{Hint: "no first item, sequence was empty"}, nil
	}
	return items[0], nil
}

func lastFilter(_ *Call, in any) (any, error) {
	if r, ok := in.(rangeValue); ok && r.Len() > 0 {
		return r.at(r.Len() - 1), nil
	}
	items, err := iterate(in)
	if err != nil {
		return nil, err
	}
	if len(items) == 0 {
		return value.Undefined{Hint: "no last item, sequence was empty"}, nil
	}
	return items[len(items)-1], nil
}

func reverseFilter(_ *Call, in any) (any, error) {
	if s, ok := in.(string); ok {
		v, err := slice(s, sliceValue{nil, nil, -1})
		return v, err
	}
	items, err := Iterate(in)
	if err != nil {
		return nil, typeError("argument must be iterable")
	}
	out := make([]any, len(items))
	for i, it := range items {
		out[len(items)-1-i] = it
	}
	return out, nil
}

func randomFilter(c *Call, in any) (any, error) {
	items, err := Iterate(in)
	if err != nil {
		return nil, err
	}
	if len(items) == 0 {
		return value.Undefined{Hint: "no random item, sequence was empty"}, nil
	}
	return items[c.Lang.Rand(len(items))], nil
}

// ignoreCase is a key that makes texts lower-case, for filters that ignore case unless told otherwise.
func ignoreCase(v any) (any, error) {
	if s, ok := v.(string); ok {
		return strings.ToLower(s), nil
	}
	return v, nil
}

// foldUnless is ignoreCase, or nil if case matters.
func foldUnless(caseSensitive bool) func(any) (any, error) {
	if caseSensitive {
		return nil
	}
	return ignoreCase
}

// getter returns a function that takes an attribute, given as "a.b.0" or an index, off an item, and then changes it. An
// attribute of none is the item itself.
func (c *Call) getter(attribute any, post func(any) (any, error)) (func(any) (any, error), error) {
	var path []any
	switch a := attribute.(type) {
	case nil:
	case string:
		for _, part := range strings.Split(a, ".") {
			path = append(path, formatKeyPart(part))
		}
	default:
		path = []any{a}
	}
	return func(v any) (any, error) {
		var err error
		for _, key := range path {
			if v, err = c.frame.item(v, key); err != nil {
				return nil, err
			}
		}
		if post != nil && err == nil {
			return post(v)
		}
		return v, err
	}, nil
}

// formatKeyPart makes an index of a part of a path that is a number.
func formatKeyPart(s string) any {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return s
		}
	}
	if n, ok := AsInt(formatKey(s)); ok {
		return n
	}
	return s
}

func sortFilter(c *Call, in any) (any, error) {
	p, err := c.Bind("reverse", "case_sensitive", "attribute")
	if err != nil {
		return nil, err
	}
	items, err := Iterate(in)
	if err != nil {
		return nil, err
	}
	key, err := c.sortKey(p.Any(2, nil), p.Bool(1, false))
	if err != nil {
		return nil, err
	}
	out := append([]any{}, items...)
	return out, value.Sort(out, key, p.Bool(0, false))
}

// sortKey is the key of attributes separated by commas.
func (c *Call) sortKey(attribute any, caseSensitive bool) (func(any) (any, error), error) {
	s, ok := attribute.(string)
	if !ok || !strings.Contains(s, ",") {
		get, err := c.getter(attribute, foldUnless(caseSensitive))
		return used(get), err
	}
	var gets []func(any) (any, error)
	for _, part := range strings.Split(s, ",") {
		get, err := c.getter(part, foldUnless(caseSensitive))
		if err != nil {
			return nil, err
		}
		gets = append(gets, used(get))
	}
	return func(v any) (any, error) {
		keys := make([]any, len(gets))
		for i, get := range gets {
			var err error
			if keys[i], err = get(v); err != nil {
				return nil, err
			}
		}
		return keys, nil
	}, nil
}

// used makes it an error if a getter finds nothing.
func used(get func(any) (any, error)) func(any) (any, error) {
	return func(v any) (any, error) {
		v, err := get(v)
		if err == nil {
			err = use(v)
		}
		return v, err
	}
}

// extreme is min (-1) or max (1).
func extreme(sign int) Func {
	return func(c *Call, in any) (any, error) {
		p, err := c.Bind("case_sensitive", "attribute")
		if err != nil {
			return nil, err
		}
		items, err := Iterate(in)
		if err != nil {
			return nil, err
		}
		if len(items) == 0 {
			return value.Undefined{Hint: "no aggregated item, sequence was empty"}, nil
		}
		get, err := c.getter(p.Any(1, nil), foldUnless(p.Bool(0, false)))
		if err != nil {
			return nil, err
		}
		return best(items, used(get), sign)
	}
}

func best(items []any, key func(any) (any, error), sign int) (any, error) {
	winner := items[0]
	top, err := key(winner)
	if err != nil {
		return nil, err
	}
	for _, it := range items[1:] {
		k, err := key(it)
		if err != nil {
			return nil, err
		}
		cmp, err := value.Compare(k, top)
		if err != nil {
			return nil, err
		}
		if cmp == sign {
			winner, top = it, k
		}
	}
	return winner, nil
}

func sumFilter(c *Call, in any) (any, error) {
	p, err := c.Bind("attribute", "start")
	if err != nil {
		return nil, err
	}
	items, err := Iterate(in)
	if err != nil {
		return nil, err
	}
	get, err := c.getter(p.Any(0, nil), nil)
	if err != nil {
		return nil, err
	}
	total := p.Any(1, 0)
	if _, isText := total.(string); isText {
		return nil, typeError("sum() can't sum strings [use ''.join(seq) instead]")
	}
	for _, it := range items {
		if it, err = used(get)(it); err != nil {
			return nil, err
		}
		if total, err = arithmetic("+", total, it); err != nil {
			return nil, err
		}
	}
	return total, nil
}

func uniqueFilter(c *Call, in any) (any, error) {
	p, err := c.Bind("case_sensitive", "attribute")
	if err != nil {
		return nil, err
	}
	items, err := Iterate(in)
	if err != nil {
		return nil, err
	}
	get, err := c.getter(p.Any(1, nil), foldUnless(p.Bool(0, false)))
	if err != nil {
		return nil, err
	}
	seen := NewSet()
	out := []any{}
	for _, it := range items {
		k, err := used(get)(it)
		if err != nil {
			return nil, err
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

func batchFilter(c *Call, in any) (any, error) {
	p, err := c.Bind("linecount", "fill_with")
	if err != nil {
		return nil, err
	}
	size, err := p.Int(0, 0)
	if err != nil {
		return nil, err
	}
	items, err := Iterate(in)
	if err != nil {
		return nil, err
	}
	if size < 1 {
		size = max(len(items), 1)
	}
	out := []any{}
	for len(items) > 0 {
		n := min(size, len(items))
		out = append(out, append([]any{}, items[:n]...))
		items = items[n:]
	}
	if fill := p.Any(1, nil); fill != nil && len(out) > 0 {
		if size > maxItems {
			return nil, limitError("a batch of %d items is too long", size)
		}
		last := out[len(out)-1].([]any)
		for len(last) < size {
			last = append(last, fill)
		}
		out[len(out)-1] = last
	}
	return out, nil
}

func sliceFilter(c *Call, in any) (any, error) {
	p, err := c.Bind("slices", "fill_with")
	if err != nil {
		return nil, err
	}
	n, err := p.Int(0, 0)
	if err != nil {
		return nil, err
	}
	items, err := Iterate(in)
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, value.Errorf(value.ZeroDivision, "integer division or modulo by zero")
	}
	if n > maxItems {
		return nil, limitError("%d slices are too many", n)
	}
	per, extra := len(items)/n, len(items)%n
	out := []any{}
	offset := 0
	for i := range n {
		size := per
		if i < extra {
			size++
		}
		part := append([]any{}, items[offset:offset+size]...)
		offset += size
		if fill := p.Any(1, nil); fill != nil && i >= extra {
			part = append(part, fill)
		}
		out = append(out, part)
	}
	return out, nil
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

package jinja

import (
	"strings"

	"github.com/drydock-dev/drydock/engine/value"
)

// Filters that order items or choose one by order, and the attributes that they order by.

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

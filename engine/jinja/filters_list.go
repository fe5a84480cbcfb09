package jinja

import (
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
		return value.Undefined{Hint: "No first item, sequence was empty."}, nil
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
		return value.Undefined{Hint: "No last item, sequence was empty."}, nil
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
		return value.Undefined{Hint: "No random item, sequence was empty."}, nil
	}
	return items[c.Lang.Rand(len(items))], nil
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

func batchFilter(c *Call, in any) (any, error) {
	p, err := c.Bind("linecount!", "fill_with")
	if err != nil {
		return nil, err
	}
	size, isInt := AsInt(p.Any(0, nil))
	items, err := Iterate(in)
	if err != nil {
		return nil, err
	}
	out := []any{}
	if isInt && size == 0 && len(items) > 0 {
		out = append(out, []any{}) // a batch of no items is full before its first one
	}
	if size < 1 {
		size = max(len(items), 1)
	}
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
	p, err := c.Bind("slices!", "fill_with")
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

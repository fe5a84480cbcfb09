package ansible

import (
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

// Filters over mappings and lists of mappings.

func (a *extension) addDataFilters(l *jinja.Language) {
	l.Filters["combine"] = combine
	l.Filters["dict2items"] = dict2items
	l.Filters["items2dict"] = items2dict
	l.Filters["flatten"] = flattenFilter
	l.Filters["subelements"] = subelements
	l.Filters["extract"] = extract
	l.Filters["rekey_on_member"] = rekeyOnMember
}

func combine(c *jinja.Call, in any) (any, error) {
	recursive, listMerge := false, "replace"
	for k, v := range c.Kwargs.All() {
		switch k {
		case "recursive":
			recursive = value.Truth(v)
		case "list_merge":
			listMerge = value.Str(v)
		default:
			return nil, valueError("'recursive' and 'list_merge' are the only valid keyword arguments")
		}
	}
	if !strings.Contains(" replace keep append prepend append_rp prepend_rp ", " "+listMerge+" ") {
		return nil, valueError("combine: 'list_merge' cannot be '%s'", listMerge)
	}
	var maps []any
	for _, term := range append([]any{in}, c.Args...) {
		if items, ok := value.Items(term); ok {
			maps = append(maps, items...)
		} else {
			maps = append(maps, term)
		}
	}
	maps = slices.DeleteFunc(maps, func(v any) bool { return v == nil })
	switch len(maps) {
	case 0:
		return &value.Map{}, nil
	case 1:
		return maps[0], jinja.Use(maps[0])
	}
	m := merger{recursive, listMerge}
	var result *value.Map
	for i, next := range maps {
		if err := jinja.Use(next); err != nil {
			return nil, err
		}
		other, ok := jinja.AsMap(next)
		if !ok {
			return nil, typeError("failed to combine variables, expected dicts but got a '%s' and a '%s'.",
				value.TypeName(maps[max(i, 1)-1]), value.TypeName(maps[max(i, 1)]))
		}
		if i == 0 {
			result = other
			continue
		}
		result = m.merge(result, other)
	}
	return result, nil
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func mapping(v any, filter string) (*value.Map, error) {
	if err := jinja.Use(v); err != nil {
		return nil, err
	}
	m, ok := jinja.AsMap(v)
	if !ok {
		return nil, typeError("%s requires a dictionary, got %s instead.", filter, value.TypeName(v))
	}
	return m, nil
}

// merger merges mappings, the second winning.
type merger struct {
	recursive bool
	lists     string
}

func (m merger) merge(a, b *value.Map) *value.Map {
	if a.Len() == 0 || value.Equal(a, b) {
		return b.Clone()
	}
	out := a.Clone()
	if !m.recursive && m.lists == "replace" {
		return out.Merge(b)
	}
	for k, y := range b.All() {
		x, ok := out.Get(k)
		if !ok {
			out.Set(k, y)
			continue
		}
		out.Set(k, m.mergeValue(x, y))
	}
	return out
}

func (m merger) mergeValue(x, y any) any {
	xm, xIsMap := x.(*value.Map)
	ym, yIsMap := y.(*value.Map)
	if xIsMap && yIsMap {
		if m.recursive {
			return m.merge(xm, ym)
		}
		return y
	}
	xs, xIsList := value.Items(x)
	ys, yIsList := value.Items(y)
	if xIsList && yIsList {
		return m.mergeLists(xs, ys)
	}
	return y
}

func (m merger) mergeLists(x, y []any) any {
	switch m.lists {
	case "keep":
		return x
	case "append":
		return joined(x, y)
	case "prepend":
		return joined(y, x)
	case "append_rp":
		return joined(without(x, y), y)
	case "prepend_rp":
		return joined(y, without(x, y))
	}
	return y
}

func joined(x, y []any) []any { return append(append(make([]any, 0, len(x)+len(y)), x...), y...) }

// without are the items of x that are not in y.
func without(x, y []any) []any {
	drop := jinja.NewSet(y...)
	out := []any{}
	for _, it := range x {
		if !drop.Has(it) {
			out = append(out, it)
		}
	}
	return out
}

func dict2items(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("key_name", "value_name")
	if err != nil {
		return nil, err
	}
	m, err := mapping(in, "dict2items")
	if err != nil {
		return nil, err
	}
	out := []any{}
	for k, v := range m.All() {
		if err := jinja.Use(v); err != nil {
			return nil, err
		}
		out = append(out, value.NewMap(p.Any(0, "key"), k, p.Any(1, "value"), v))
	}
	return out, nil
}

func items2dict(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("key_name", "value_name")
	if err != nil {
		return nil, err
	}
	items, ok := value.Items(in)
	if !ok {
		return nil, typeError("items2dict requires a list, got %s instead", value.TypeName(in))
	}
	out := &value.Map{}
	for _, it := range items {
		if err := jinja.Use(it); err != nil {
			return nil, err
		}
		m, ok := jinja.AsMap(it)
		if !ok {
			return nil, typeError("items2dict requires a list of dictionaries, got %s instead.", value.Repr(in))
		}
		k, hasKey := m.Get(p.Any(0, "key"))
		v, hasValue := m.Get(p.Any(1, "value"))
		if !hasKey || !hasValue {
			return nil, typeError("items2dict requires each dictionary in the list to contain the keys '%s' and '%s', got %s instead",
				value.Str(p.Any(0, "key")), value.Str(p.Any(1, "value")), value.Repr(m))
		}
		if !value.Hashable(k) {
			return nil, typeError("unhashable type: '%s'", value.TypeName(k))
		}
		out.Set(k, v)
	}
	return out, nil
}

func flattenFilter(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("levels", "skip_nulls")
	if err != nil {
		return nil, err
	}
	levels := -1
	if v := p.Any(0, nil); v != nil {
		n, ok := wholeOf(v)
		if !ok {
			return nil, typeError("the argument 'levels' of flatten must be an int, not %s", value.TypeName(v))
		}
		levels = max(n, 0)
	}
	items, err := jinja.Iterate(in)
	if err != nil {
		return nil, err
	}
	return flatten(items, levels, p.Bool(1, true))
}

// flatten puts the items of inner lists in their place, so many levels deep (-1: all).
func flatten(items []any, levels int, skipNulls bool) ([]any, error) {
	out := []any{}
	for _, it := range items {
		if err := jinja.Use(it); err != nil {
			return nil, err
		}
		if skipNulls && (it == nil || it == "None" || it == "null") {
			continue
		}
		inner, ok := value.Items(it)
		if !ok || levels == 0 {
			out = append(out, it)
			continue
		}
		flat, err := flatten(inner, max(levels-1, -1), skipNulls)
		if err != nil {
			return nil, err
		}
		if out = append(out, flat...); len(out) > maxCombined {
			return nil, value.Errorf(value.Limit, "a list of more than %d items is too long", maxCombined)
		}
	}
	return out, nil
}

func subelements(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("subelements!", "skip_missing")
	if err != nil {
		return nil, err
	}
	elements, ok := value.Items(in)
	if m, isMap := jinja.AsMap(in); isMap {
		elements, ok = values(m), true
	}
	if !ok {
		return nil, valueError("obj must be a list of dicts or a nested dict")
	}
	var path []any
	switch x := p.Any(0, nil).(type) {
	case string:
		for _, part := range strings.Split(x, ".") {
			path = append(path, part)
		}
	default:
		if path, ok = value.Items(x); !ok {
			return nil, typeError("subelements must be a list or a string")
		}
	}
	if len(path) == 0 {
		return nil, valueError("subelements is empty")
	}
	out := []any{}
	for _, e := range elements {
		subs, err := subelementsOf(e, path, p.Bool(1, false))
		if err != nil {
			return nil, err
		}
		for _, s := range subs {
			out = append(out, value.Tuple{e, s})
		}
	}
	return out, nil
}

func values(m *value.Map) []any {
	out := make([]any, 0, m.Len())
	for _, v := range m.All() {
		out = append(out, v)
	}
	return out
}

// subelementsOf goes down a path of keys to a list.
func subelementsOf(v any, path []any, skipMissing bool) ([]any, error) {
	for _, key := range path {
		if err := jinja.Use(v); err != nil {
			return nil, err
		}
		m, ok := jinja.AsMap(v)
		if !ok {
			return nil, typeError("the key %s should point to a dictionary, got '%s'", value.Str(key), value.Str(v))
		}
		if v, ok = m.Get(key); !ok {
			if skipMissing {
				return nil, nil
			}
			return nil, valueError("could not find %s key in iterated item %s", value.Repr(key), value.Repr(m))
		}
	}
	items, ok := value.Items(v)
	if !ok {
		return nil, typeError("the key %s should point to a list, got %s", value.Repr(path[len(path)-1]), value.Repr(v))
	}
	return items, nil
}

func extract(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("container!", "morekeys")
	if err != nil {
		return nil, err
	}
	keys := []any{in}
	if more := p.Any(1, nil); more != nil {
		if items, ok := value.Items(more); ok {
			keys = append(keys, items...)
		} else {
			keys = append(keys, more)
		}
	}
	v := p.Any(0, nil)
	for i := 0; i < len(keys) && err == nil; i++ {
		v, err = c.Attr(v, keys[i])
	}
	return v, err
}

func rekeyOnMember(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("key!", "duplicates")
	if err != nil {
		return nil, err
	}
	duplicates := p.Any(1, "error")
	if duplicates != "error" && duplicates != "overwrite" {
		return nil, valueError("duplicates parameter to rekey_on_member has unknown value %s", value.Repr(duplicates))
	}
	items, ok := value.Items(in)
	if m, isMap := jinja.AsMap(in); isMap {
		items, ok = values(m), true
	}
	if !ok {
		return nil, valueError("Type is not a valid list, set, or dict: %s", value.TypeName(in))
	}
	key := p.Any(0, nil)
	out := &value.Map{}
	for _, it := range items {
		m, isMap := jinja.AsMap(it)
		if !isMap {
			return nil, valueError("List item is not a valid dict")
		}
		k, has := m.Get(key)
		if !has {
			return nil, valueError("Key %s was not found.", value.Repr(key))
		}
		if out.Has(k) && duplicates == "error" {
			return nil, valueError("Key %s is not unique, cannot convert to dict.", value.Repr(k))
		}
		out.Set(k, m)
	}
	return out, nil
}

package ansible

import (
	"sort"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

// The lookup community.general.merge_variables.

// mergeVariables merges all variables whose names match a pattern, in the order of their names; with groups, those of all hosts of them.
func (a *extension) mergeVariables(c *jinja.Call, in any) (any, error) {
	o := options{c: c}
	out := []any{}
	for _, t := range in.([]any) {
		pattern, ok := t.(string)
		if !ok {
			return nil, typeError("non-string type '%s' passed, only 'str' types are allowed", value.TypeName(t))
		}
		m := &variableMerger{override: o.text("override", "error"), result: c.Kwargs.Value("initial_value")}
		matches := func(name string) (bool, error) { return a.nameMatches(name, pattern, o.text("pattern_type", "regex")) }
		var err error
		if groups, ok := value.Items(c.Kwargs.Value("groups")); ok {
			err = m.hosts(c, groups, matches)
		} else {
			err = m.variables(variableNames(c), matches, func(name string) any { v, _ := c.Variable(name); return v })
		}
		if err != nil {
			return nil, err
		}
		out = append(out, m.result)
	}
	return out, nil
}

// variableMerger merges variables that are all lists or all mappings.
type variableMerger struct {
	override string // what happens to a key with two values: error, warn or ignore
	result   any
}

func (m *variableMerger) variables(names []string, matches func(string) (bool, error), get func(string) any) error {
	sort.Strings(names)
	for _, name := range names {
		ok, err := matches(name)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		v := get(name)
		if err := jinja.Use(v); err != nil {
			return err
		}
		if err := m.merge(name, v); err != nil {
			return err
		}
	}
	return nil
}

// hosts merges the variables of the hosts that are in one of the groups.
func (m *variableMerger) hosts(c *jinja.Call, groups []any, matches func(string) (bool, error)) error {
	wanted := jinja.NewSet(groups...)
	all, _ := c.Variable("hostvars")
	names, err := jinja.Iterate(all)
	if err != nil {
		return err
	}
	for _, host := range names {
		vars, err := c.Attr(all, host)
		if err != nil {
			return err
		}
		own, err := c.Attr(vars, "group_names")
		if err != nil {
			return err
		}
		inGroup := wanted.Has("all")
		items, _ := value.Items(own)
		for _, g := range items {
			inGroup = inGroup || wanted.Has(g)
		}
		keys, err := jinja.Iterate(vars)
		if err != nil || !inGroup {
			if err != nil {
				return err
			}
			continue
		}
		texts := make([]string, len(keys))
		for i, k := range keys {
			texts[i] = value.Str(k)
		}
		err = m.variables(texts, matches, func(name string) any { v, _ := c.Attr(vars, name); return c.Settled(v) })
		if err != nil {
			return err
		}
	}
	return nil
}

func (m *variableMerger) merge(name string, v any) error {
	items, isList := value.Items(v)
	mapped, isMap := jinja.AsMap(v)
	if !isList && !isMap {
		return valueError("not supported type detected, variable must be a list or a dict")
	}
	if m.result == nil {
		m.result = v
		return nil
	}
	before, wasList := value.Items(m.result)
	target, wasMap := jinja.AsMap(m.result)
	switch {
	case isList && wasList:
		m.result = joined(before, items)
		return nil
	case isMap && wasMap:
		var err error
		m.result, err = m.maps(target, mapped, name)
		return err
	}
	return valueError("unable to merge, not all variables are of the same type")
}

// maps merges the second mapping into a copy of the first.
func (m *variableMerger) maps(into, from *value.Map, path string) (*value.Map, error) {
	out := into.Clone()
	for k, v := range from.All() {
		old, has := out.Get(k)
		inner, isMap := v.(*value.Map)
		items, isList := value.Items(v)
		switch {
		case isMap:
			below, _ := old.(*value.Map)
			merged, err := m.maps(below.Clone(), inner, path+"."+value.Str(k))
			if err != nil {
				return nil, err
			}
			v = merged
		case isList && has:
			before, _ := value.Items(old)
			v = joined(before, items)
		case has && !value.Equal(old, v) && m.override == "error":
			return nil, valueError("the key '%s' with value '%s' will be overwritten with value '%s' from '%s.%s'",
				value.Str(k), value.Str(old), value.Str(v), path, value.Str(k))
		}
		out.Set(k, v)
	}
	return out, nil
}

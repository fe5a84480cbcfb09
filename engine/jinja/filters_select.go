package jinja

import (
	"github.com/drydock-dev/drydock/engine/value"
)

func addSelectFilters(l *Language) {
	l.Filters["map"] = mapFilter
	l.Filters["select"] = selectFilter(false, true)
	l.Filters["reject"] = selectFilter(false, false)
	l.Filters["selectattr"] = selectFilter(true, true)
	l.Filters["rejectattr"] = selectFilter(true, false)
}

// mapFilter applies a filter to each item, or takes an attribute off it.
func mapFilter(c *Call, in any) (any, error) {
	if !value.Truth(in) {
		return []any{}, nil // whatever the arguments are
	}
	items, err := iterate(in)
	if err != nil {
		return nil, err
	}
	apply, err := c.mapping()
	if err != nil {
		return nil, err
	}
	out := make([]any, len(items))
	for i, it := range items {
		if out[i], err = apply(it); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (c *Call) mapping() (func(any) (any, error), error) {
	if len(c.Args) == 0 && c.Kwargs.Has("attribute") {
		for k := range c.Kwargs.All() {
			if k != "attribute" && k != "default" {
				return nil, typeError("unexpected keyword argument %s", value.Repr(k))
			}
		}
		get, err := c.getter(c.Kwargs.Value("attribute"), nil)
		if err != nil {
			return nil, err
		}
		otherwise, ok := c.Kwargs.Get("default")
		return func(v any) (any, error) {
			v, err := get(v)
			if ok && Missing(v) {
				return otherwise, err
			}
			return v, err
		}, nil
	}
	if len(c.Args) == 0 {
		return nil, typeError("map requires a filter argument")
	}
	name, ok := c.Args[0].(string)
	if !ok {
		return nil, typeError("the name of a filter must be a str, not %s", value.TypeName(c.Args[0]))
	}
	if _, ok := c.Lang.filter(name); !ok {
		_, err := c.Filter(name, nil, nil, nil)
		return nil, err
	}
	args := c.Args[1:]
	return func(v any) (any, error) { return c.Filter(name, v, append([]any{}, args...), c.Kwargs.Clone()) }, nil
}

// selectFilter keeps the items (or those whose attribute) that pass a test, or that do not.
func selectFilter(byAttr, keep bool) Func {
	return func(c *Call, in any) (any, error) {
		if !value.Truth(in) {
			return []any{}, nil
		}
		items, err := iterate(in)
		if err != nil {
			return nil, err
		}
		holds, err := c.predicate(byAttr)
		if err != nil {
			return nil, err
		}
		out := []any{}
		for _, it := range items {
			yes, err := holds(it)
			if err != nil {
				return nil, err
			}
			if yes == keep {
				out = append(out, it)
			}
		}
		return out, nil
	}
}

func (c *Call) predicate(byAttr bool) (func(any) (bool, error), error) {
	args := c.Args
	get := func(v any) (any, error) { return v, nil }
	if byAttr {
		if len(args) == 0 {
			return nil, typeError("missing parameter for attribute name")
		}
		var err error
		if get, err = c.getter(args[0], nil); err != nil {
			return nil, err
		}
		args = args[1:]
	}
	if len(args) == 0 {
		return func(v any) (bool, error) {
			v, err := get(v)
			if err != nil {
				return false, err
			}
			return truth(v)
		}, nil
	}
	name, ok := args[0].(string)
	if !ok {
		return nil, typeError("the name of a test must be a str, not %s", value.TypeName(args[0]))
	}
	if _, ok := c.Lang.test(name); !ok {
		_, err := c.Test(name, nil, nil, nil)
		return nil, err
	}
	return func(v any) (bool, error) {
		v, err := get(v)
		if err != nil {
			return false, err
		}
		if v, err = c.Test(name, v, append([]any{}, args[1:]...), c.Kwargs.Clone()); err != nil {
			return false, err
		}
		return truth(v)
	}, nil
}

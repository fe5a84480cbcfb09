package jinja

import (
	"strings"

	"github.com/drydock-dev/drydock/engine/value"
)

func addMapFilters(l *Language) {
	l.Filters["default"] = defaultFilter
	l.Filters["d"] = defaultFilter
	l.Filters["items"] = itemsFilter
	l.Filters["dictsort"] = dictSortFilter
	l.Filters["attr"] = attrFilter
	l.TakesUndefined("default", "d")
}

func defaultFilter(c *Call, in any) (any, error) {
	p, err := c.Bind("default_value", "boolean")
	if err != nil {
		return nil, err
	}
	if _, isBool := p.Any(1, false).(bool); !isBool {
		return nil, typeError("the argument 'boolean' of %s must be a bool, not %s", c.Name, value.TypeName(p.Any(1, nil)))
	}
	if Missing(in) {
		return p.Any(0, ""), nil
	}
	if p.Bool(1, false) {
		yes, err := truth(in)
		if err != nil {
			return nil, err
		}
		if !yes {
			return p.Any(0, ""), nil
		}
	}
	return in, nil
}

func itemsFilter(c *Call, in any) (any, error) {
	m, ok := AsMap(in)
	if !ok {
		return nil, typeError("can only get item pairs from a mapping")
	}
	return mapItems(c.With(), m)
}

func dictSortFilter(c *Call, in any) (any, error) {
	p, err := c.Bind("case_sensitive", "by", "reverse")
	if err != nil {
		return nil, err
	}
	m, ok := AsMap(in)
	if !ok {
		return nil, typeError("'%s' object has no items", value.TypeName(in))
	}
	by, err := p.Text(1, "key")
	if err != nil {
		return nil, err
	}
	pos := strings.Index("key  value", by) / 5
	if by != "key" && by != "value" {
		return nil, typeError(`you can only sort by either "key" or "value"`)
	}
	pairs, err := mapItems(c.With(), m)
	if err != nil {
		return nil, err
	}
	items := pairs.([]any)
	key := func(v any) (any, error) {
		part := v.(value.Tuple)[pos]
		if p.Bool(0, false) {
			return part, use(part)
		}
		return ignoreCase(part)
	}
	return items, value.Sort(items, key, p.Bool(2, false))
}

func attrFilter(c *Call, in any) (any, error) {
	p, err := c.Bind("name!")
	if err != nil {
		return nil, err
	}
	name, err := p.Text(0, "")
	if err != nil {
		return nil, err
	}
	if m := c.Lang.methods.of(in, name); m != nil {
		return &method{in, name, m}, nil
	}
	if a, ok := in.(attributes); ok {
		if v, ok := a.Attr(name); ok {
			return v, nil
		}
	}
	if v, ok := numberAttr(in, name); ok {
		return v, nil
	}
	return undefinedAttr(in, name), nil
}

package jinja

import (
	"github.com/drydock-dev/drydock/engine/value"
)

// The table of methods by type, and the methods of Python's dict. Those that change their mapping work on a copy: a template
// that calls one works on copies of its variables, see frame.thaw.

// methods are the methods of values, by the type they belong to.
type methods struct{ text, bytes, mapping, list, tuple, whole, float map[string]Func }

func newMethods() methods {
	text := stringMethods()
	return methods{text, bytesMethods(text), mapMethods(), listMethods(), tupleMethods(), intMethods(), floatMethods()}
}

// of finds a method of a value; nil if there is none.
func (m *methods) of(obj any, name string) Func {
	switch obj := obj.(type) {
	case string:
		return m.text[name]
	case bytesValue:
		return m.bytes[name]
	case []any, *value.List:
		return m.list[name]
	case value.Tuple:
		return m.tuple[name]
	case *value.Map, value.Object:
		return m.mapping[name]
	case float64:
		return m.float[name]
	case interface{ Method(name string) Func }:
		return obj.Method(name)
	}
	if value.Big(obj) != nil {
		return m.whole[name]
	}
	return nil
}

func mapMethods() map[string]Func {
	return map[string]Func{
		"get": mapGet, "keys": mapKeys, "values": mapValues, "items": mapItems, "copy": mapCopy, "update": mapUpdate,
		"pop": mapPop, "popitem": mapPopItem, "setdefault": mapSetDefault, "clear": mapClear, "fromkeys": mapFromKeys,
	}
}

func mapGet(c *Call, in any) (any, error) {
	p, err := c.Bind("key!", "default") // variables of Ansible take the default by its name, too
	if err != nil {
		return nil, err
	}
	key := p.Any(0, nil)
	if !value.Hashable(key) {
		return nil, typeError("unhashable type: '%s'", value.TypeName(key))
	}
	found := any(nil)
	if o, ok := in.(value.Object); ok {
		found, err = c.frame.objectItem(o, key)
	} else if m := in.(*value.Map); m.Has(key) {
		return c.frame.mapItem(m, key), nil
	} else {
		return p.Any(1, nil), nil
	}
	if Missing(found) {
		return p.Any(1, nil), err
	}
	return found, err
}

func mapKeys(c *Call, in any) (any, error) {
	if _, err := c.BindPositional(); err != nil {
		return nil, err
	}
	if o, ok := in.(value.Object); ok {
		return o.Keys(), nil
	}
	keys := in.(*value.Map).Keys()
	if keys == nil {
		keys = []any{}
	}
	return keys, nil
}

func mapValues(c *Call, in any) (any, error) {
	if _, err := c.BindPositional(); err != nil {
		return nil, err
	}
	out := []any{}
	err := c.entries(in, func(_, v any) { out = append(out, v) })
	return out, err
}

func mapItems(c *Call, in any) (any, error) {
	if _, err := c.BindPositional(); err != nil {
		return nil, err
	}
	out := []any{}
	err := c.entries(in, func(k, v any) { out = append(out, value.Tuple{k, v}) })
	return out, err
}

// entries calls fn with each key and its evaluated value.
func (c *Call) entries(in any, fn func(k, v any)) error {
	if o, ok := in.(value.Object); ok {
		for _, k := range o.Keys() {
			v, err := c.frame.objectItem(o, k)
			if err != nil {
				return err
			}
			fn(k, v)
		}
		return nil
	}
	m := in.(*value.Map)
	for _, k := range m.Keys() {
		fn(k, c.frame.mapItem(m, k))
	}
	return nil
}

func mapCopy(c *Call, in any) (any, error) {
	if _, err := c.BindPositional(); err != nil {
		return nil, err
	}
	m, _ := AsMap(in)
	return m.Clone(), nil
}

func mapUpdate(c *Call, in any) (any, error) {
	m, ok := in.(*value.Map)
	if !ok {
		return nil, typeError("this mapping cannot be changed")
	}
	if len(c.Args) > 1 {
		return nil, typeError("update expected at most 1 argument, got %d", len(c.Args))
	}
	if len(c.Args) == 1 {
		from, err := pairsOf(c.Args[0])
		if err != nil {
			return nil, err
		}
		if from != m && holds(from, m) {
			return nil, errRing
		}
		m.Merge(from)
	}
	if holds(c.Kwargs, m) {
		return nil, errRing
	}
	m.Merge(c.Kwargs)
	return nil, nil
}

// pairsOf makes a mapping of a mapping or of a list of pairs.
func pairsOf(v any) (*value.Map, error) {
	if m, ok := AsMap(v); ok {
		return m, nil
	}
	items, err := Iterate(v)
	if err != nil {
		return nil, err
	}
	m := &value.Map{}
	for i, it := range items {
		pair, err := iterate(it)
		if err != nil {
			return nil, typeError("cannot convert dictionary update sequence element #%d to a sequence", i)
		}
		if len(pair) != 2 {
			return nil, valueError("dictionary update sequence element #%d has length %d; 2 is required", i, len(pair))
		}
		if err := setKey(m, pair[0], pair[1]); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func mapPop(c *Call, in any) (any, error) {
	p, err := c.BindPositional("key!", "default")
	if err != nil {
		return nil, err
	}
	m, key := in.(*value.Map), p.Any(0, nil)
	if !m.Has(key) {
		if p.Has(1) {
			return p.Any(1, nil), nil
		}
		return nil, value.Errorf(value.KeyError, "%s", value.Repr(key))
	}
	v := c.frame.mapItem(m, key)
	m.Delete(key)
	return v, nil
}

func mapPopItem(c *Call, in any) (any, error) {
	if _, err := c.BindPositional(); err != nil {
		return nil, err
	}
	m := in.(*value.Map)
	keys := m.Keys()
	if len(keys) == 0 {
		return nil, value.Errorf(value.KeyError, "popitem(): dictionary is empty")
	}
	k := keys[len(keys)-1]
	v := c.frame.mapItem(m, k)
	m.Delete(k)
	return value.Tuple{k, v}, nil
}

func mapSetDefault(c *Call, in any) (any, error) {
	p, err := c.BindPositional("key!", "default")
	if err != nil {
		return nil, err
	}
	m, key := in.(*value.Map), p.Any(0, nil)
	if m.Has(key) {
		return c.frame.mapItem(m, key), nil
	}
	if holds(p.Any(1, nil), m) {
		return nil, errRing
	}
	err = setKey(m, key, p.Any(1, nil))
	return p.Any(1, nil), err
}

func mapClear(c *Call, in any) (any, error) {
	if _, err := c.BindPositional(); err != nil {
		return nil, err
	}
	m := in.(*value.Map)
	for _, k := range m.Keys() {
		m.Delete(k)
	}
	return nil, nil
}

func mapFromKeys(c *Call, _ any) (any, error) {
	p, err := c.BindPositional("iterable!", "value")
	if err != nil {
		return nil, err
	}
	keys, err := Iterate(p.Any(0, nil))
	if err != nil {
		return nil, err
	}
	m := &value.Map{}
	for _, k := range keys {
		if err := setKey(m, k, p.Any(1, nil)); err != nil {
			return nil, err
		}
	}
	return m, nil
}

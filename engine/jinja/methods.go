package jinja

import (
	"math"
	"math/big"

	"github.com/drydock-dev/drydock/engine/value"
)

// The methods of Python's dict, list, tuple, int and float. Methods that change their list work on a *value.List; a template
// that calls one works on copies of its variables, see frame.thaw.

// methods are the methods of values, by the type they belong to.
type methods struct{ text, bytes, mapping, list, tuple, whole, float map[string]Func }

func newMethods() methods {
	return methods{stringMethods(), bytesMethods(), mapMethods(), listMethods(), tupleMethods(), intMethods(), floatMethods()}
}

// of finds a method of a value; nil if there is none.
func (m *methods) of(obj any, name string) Func {
	switch obj.(type) {
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
		return obj.(interface{ Method(name string) Func }).Method(name)
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
	p, err := c.Bind("key", "default")
	if err != nil {
		return nil, err
	}
	key, err := p.Need(0)
	if err != nil {
		return nil, err
	}
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

func mapKeys(_ *Call, in any) (any, error) {
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
	out := []any{}
	err := c.entries(in, func(_, v any) { out = append(out, v) })
	return out, err
}

func mapItems(c *Call, in any) (any, error) {
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

func mapCopy(_ *Call, in any) (any, error) {
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
		m.Merge(from)
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
	p, err := c.Bind("key", "default")
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
	p, err := c.Bind("key", "default")
	if err != nil {
		return nil, err
	}
	m, key := in.(*value.Map), p.Any(0, nil)
	if m.Has(key) {
		return c.frame.mapItem(m, key), nil
	}
	err = setKey(m, key, p.Any(1, nil))
	return p.Any(1, nil), err
}

func mapClear(_ *Call, in any) (any, error) {
	m := in.(*value.Map)
	for _, k := range m.Keys() {
		m.Delete(k)
	}
	return nil, nil
}

func mapFromKeys(c *Call, _ any) (any, error) {
	p, err := c.Bind("iterable", "value")
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

func tupleMethods() map[string]Func {
	return map[string]Func{"index": listIndex, "count": listCount}
}

func listMethods() map[string]Func {
	return map[string]Func{
		"index": listIndex, "count": listCount, "copy": listCopy, "append": listAppend, "extend": listExtend,
		"insert": listInsert, "pop": listPop, "remove": listRemove, "reverse": listReverse, "sort": listSort, "clear": listClear,
	}
}

// changed is the list that a method is to change. A plain list is nobody's: a change to it would not be seen.
func changed(in any) *value.List {
	if l, ok := in.(*value.List); ok {
		return l
	}
	items, _ := value.Items(in)
	return &value.List{Items: append([]any{}, items...)}
}

func one(c *Call, name string) (any, error) {
	p, err := c.Bind(name)
	if err != nil {
		return nil, err
	}
	return p.Need(0)
}

func listIndex(c *Call, in any) (any, error) {
	p, err := c.Bind("value", "start", "stop")
	if err != nil {
		return nil, err
	}
	items, _ := value.Items(in)
	indices, err := sliceValue{p.Any(1, nil), p.Any(2, nil), nil}.indices(len(items))
	if err != nil {
		return nil, err
	}
	for _, i := range indices {
		if value.Equal(items[i], p.Any(0, nil)) {
			return i, nil
		}
	}
	return nil, valueError("%s is not in list", value.Repr(p.Any(0, nil)))
}

func listCount(c *Call, in any) (any, error) {
	v, err := one(c, "value")
	if err != nil {
		return nil, err
	}
	items, _ := value.Items(in)
	n := 0
	for _, it := range items {
		if value.Equal(it, v) {
			n++
		}
	}
	return n, nil
}

func listCopy(c *Call, in any) (any, error) {
	items, _ := value.Items(in)
	out := append([]any{}, items...)
	if c.frame.tmpl.mutates {
		return &value.List{Items: out}, nil
	}
	return out, nil
}

func listAppend(c *Call, in any) (any, error) {
	v, err := one(c, "object")
	if err != nil {
		return nil, err
	}
	l := changed(in)
	if len(l.Items) >= maxItems {
		return nil, limitError("the list is too long")
	}
	l.Items = append(l.Items, v)
	return nil, nil
}

func listExtend(c *Call, in any) (any, error) {
	v, err := one(c, "iterable")
	if err != nil {
		return nil, err
	}
	items, err := Iterate(v)
	l := changed(in)
	if len(l.Items)+len(items) > maxItems {
		return nil, limitError("the list is too long")
	}
	l.Items = append(l.Items, items...)
	return nil, err
}

func listInsert(c *Call, in any) (any, error) {
	p, err := c.Bind("index", "object")
	if err != nil {
		return nil, err
	}
	i, err := p.Int(0, 0)
	if err != nil {
		return nil, err
	}
	l := changed(in)
	if i < 0 {
		i += len(l.Items)
	}
	i = max(0, min(i, len(l.Items)))
	l.Items = append(l.Items[:i:i], append([]any{p.Any(1, nil)}, l.Items[i:]...)...)
	return nil, nil
}

func listPop(c *Call, in any) (any, error) {
	p, err := c.Bind("index")
	if err != nil {
		return nil, err
	}
	i, err := p.Int(0, -1)
	if err != nil {
		return nil, err
	}
	l := changed(in)
	if i < 0 {
		i += len(l.Items)
	}
	if len(l.Items) == 0 {
		return nil, value.Errorf(value.IndexError, "pop from empty list")
	}
	if i < 0 || i >= len(l.Items) {
		return nil, value.Errorf(value.IndexError, "pop index out of range")
	}
	v := c.frame.leaf(l.Items[i])
	l.Items = append(l.Items[:i:i], l.Items[i+1:]...)
	return v, nil
}

func listRemove(c *Call, in any) (any, error) {
	v, err := one(c, "value")
	if err != nil {
		return nil, err
	}
	l := changed(in)
	for i, it := range l.Items {
		if value.Equal(c.frame.leaf(it), v) {
			l.Items = append(l.Items[:i:i], l.Items[i+1:]...)
			return nil, nil
		}
	}
	return nil, valueError("list.remove(x): x not in list")
}

func listReverse(_ *Call, in any) (any, error) {
	l := changed(in)
	for i, j := 0, len(l.Items)-1; i < j; i, j = i+1, j-1 {
		l.Items[i], l.Items[j] = l.Items[j], l.Items[i]
	}
	return nil, nil
}

func listSort(c *Call, in any) (any, error) {
	p, err := c.Bind("key", "reverse")
	if err != nil {
		return nil, err
	}
	l := changed(in)
	c.frame.settle(l)
	return nil, value.Sort(l.Items, nil, p.Bool(1, false))
}

func listClear(_ *Call, in any) (any, error) {
	changed(in).Items = nil
	return nil, nil
}

func intMethods() map[string]Func {
	return map[string]Func{
		"bit_length": func(_ *Call, in any) (any, error) { return value.Big(in).BitLen(), nil },
		"bit_count": func(_ *Call, in any) (any, error) {
			n := 0
			for _, b := range new(big.Int).Abs(value.Big(in)).Bytes() {
				for ; b != 0; b &= b - 1 {
					n++
				}
			}
			return n, nil
		},
		"conjugate": identity, "is_integer": func(*Call, any) (any, error) { return true, nil },
		"__and__": bitwise((*big.Int).And), "__or__": bitwise((*big.Int).Or), "__xor__": bitwise((*big.Int).Xor),
		"__lshift__": shift(false), "__rshift__": shift(true),
	}
}

func identity(_ *Call, in any) (any, error) { return in, nil }

func bitwise(op func(z, x, y *big.Int) *big.Int) Func {
	return func(c *Call, in any) (any, error) {
		v, err := one(c, "value")
		if err != nil {
			return nil, err
		}
		b := value.Big(v)
		if b == nil {
			return nil, typeError("unsupported operand type '%s'", value.TypeName(v))
		}
		return value.Whole(op(new(big.Int), value.Big(in), b)), nil
	}
}

func shift(right bool) Func {
	return func(c *Call, in any) (any, error) {
		v, err := one(c, "value")
		if err != nil {
			return nil, err
		}
		n, ok := AsInt(v)
		switch {
		case !ok:
			return nil, typeError("unsupported operand type '%s'", value.TypeName(v))
		case n < 0:
			return nil, valueError("negative shift count")
		case n > maxBits:
			return nil, limitError("the shift is too far")
		case right:
			return value.Whole(new(big.Int).Rsh(value.Big(in), uint(n))), nil
		}
		return value.Whole(new(big.Int).Lsh(value.Big(in), uint(n))), nil
	}
}

func floatMethods() map[string]Func {
	return map[string]Func{
		"is_integer": func(_ *Call, in any) (any, error) {
			f := in.(float64)
			return f == math.Trunc(f) && !math.IsInf(f, 0), nil
		},
		"conjugate": identity,
		"as_integer_ratio": func(_ *Call, in any) (any, error) {
			r := new(big.Rat)
			if r.SetFloat64(in.(float64)) == nil {
				return nil, valueError("cannot convert %s to integer ratio", value.FormatFloat(in.(float64)))
			}
			return value.Tuple{value.Whole(r.Num()), value.Whole(r.Denom())}, nil
		},
	}
}

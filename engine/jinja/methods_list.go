package jinja

import (
	"github.com/drydock-dev/drydock/engine/value"
)

// The methods of Python's list and tuple. Those that change their list work on a *value.List, see frame.thaw.

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
	p, err := c.Bind(name + "!")
	return p.Any(0, nil), err
}

func listIndex(c *Call, in any) (any, error) {
	p, err := c.BindPositional("value!", "start", "stop")
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
	if _, err := c.BindPositional(); err != nil {
		return nil, err
	}
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
	if isContainer(v) && holds(v, l) {
		return nil, errRing
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
	if holds(items, l) {
		return nil, errRing
	}
	l.Items = append(l.Items, items...)
	return nil, err
}

func listInsert(c *Call, in any) (any, error) {
	p, err := c.BindPositional("index!", "object!")
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
	if len(l.Items) >= maxItems {
		return nil, limitError("the list is too long")
	}
	if holds(p.Any(1, nil), l) {
		return nil, errRing
	}
	l.Items = append(l.Items[:i:i], append([]any{p.Any(1, nil)}, l.Items[i:]...)...)
	return nil, nil
}

func listPop(c *Call, in any) (any, error) {
	p, err := c.BindPositional("index")
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

func listReverse(c *Call, in any) (any, error) {
	if _, err := c.BindPositional(); err != nil {
		return nil, err
	}
	l := changed(in)
	for i, j := 0, len(l.Items)-1; i < j; i, j = i+1, j-1 {
		l.Items[i], l.Items[j] = l.Items[j], l.Items[i]
	}
	return nil, nil
}

func listSort(c *Call, in any) (any, error) {
	if len(c.Args) > 0 {
		return nil, typeError("sort() takes no positional arguments")
	}
	p, err := c.Bind("key", "reverse")
	if err != nil {
		return nil, err
	}
	l := changed(in)
	c.frame.settle(l)
	return nil, value.Sort(l.Items, nil, p.Bool(1, false))
}

func listClear(c *Call, in any) (any, error) {
	if _, err := c.BindPositional(); err != nil {
		return nil, err
	}
	changed(in).Items = nil
	return nil, nil
}

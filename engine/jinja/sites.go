package jinja

import (
	"strings"

	"github.com/drydock-dev/drydock/engine/value"
)

// Here are the functions that a lowered expression calls, except operators (operators.go) and calls (call.go).

func frameOf(args []any) *frame { return args[0].(*frame) }

func nameSite(name string) site {
	return func(args ...any) (any, error) { return frameOf(args).lookup(name) }
}

// listSite makes a list or tuple of its arguments.
func listSite(tuple bool) site {
	return func(args ...any) (any, error) {
		items := append(make([]any, 0, len(args)-1), args[1:]...)
		switch {
		case tuple:
			return value.Tuple(items), nil
		case frameOf(args).tmpl.mutates:
			return &value.List{Items: items}, nil
		}
		return items, nil
	}
}

func dictSite(args ...any) (any, error) {
	m := &value.Map{}
	for i := 1; i < len(args); i += 2 {
		if err := setKey(m, args[i], args[i+1]); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// setKey sets a key that a template computed.
func setKey(m *value.Map, key, val any) error {
	if err := use(key); err != nil {
		return err
	}
	if !value.Hashable(key) {
		return typeError("unhashable type: '%s'", value.TypeName(key))
	}
	m.Set(key, val)
	return nil
}

func sliceValueSite(args ...any) (any, error) { return sliceValue{args[1], args[2], args[3]}, nil }

func truthSite(args ...any) (any, error) { return truth(args[1]) }

// truth is Python's bool() of a value that may be undefined.
func truth(v any) (bool, error) {
	if b, ok := v.(bool); ok {
		return b, nil
	}
	if err := use(v); err != nil {
		return false, err
	}
	return value.Truth(v), nil
}

func concatSite(args ...any) (any, error) {
	f := frameOf(args)
	var b strings.Builder
	for _, v := range args[1:] {
		s, err := f.str(v)
		if err != nil {
			return nil, err
		}
		if b.Len()+len(s) > maxText {
			return nil, limitError("a text of more than %d bytes is too long", maxText)
		}
		b.WriteString(s)
	}
	if err := f.run.charge(b.String()); err != nil {
		return nil, err
	}
	return b.String(), nil
}

// str is Python's str() of a value: unlike text, it keeps tuples.
func (f *frame) str(v any) (string, error) {
	switch x := v.(type) {
	case string:
		return x, nil
	case value.Undefined:
		return "", use(x)
	}
	v = f.settle(v)
	if err := useDeep(v); err != nil {
		return "", err
	}
	s := value.Str(objectMaps(v))
	if len(s) > maxText {
		return "", limitError("a text of more than %d bytes is too long", maxText)
	}
	return s, nil
}

// useDeep is use for a value and everything inside it.
func useDeep(v any) error {
	nodes := 0
	return useBelow(v, 0, &nodes)
}

func useBelow(v any, depth int, nodes *int) error {
	if err := bounded(depth, *nodes); err != nil {
		return err
	}
	*nodes++
	switch x := v.(type) {
	case value.Undefined:
		return use(x)
	case *value.Map:
		for _, item := range x.All() {
			if err := useBelow(item, depth+1, nodes); err != nil {
				return err
			}
		}
		return nil
	}
	items, _ := value.Items(v)
	for _, it := range items {
		if err := useBelow(it, depth+1, nodes); err != nil {
			return err
		}
	}
	return nil
}

// objectMaps makes an Object a Map.
func objectMaps(v any) any {
	o, ok := v.(value.Object)
	if !ok {
		return v
	}
	m := &value.Map{}
	for _, k := range o.Keys() {
		if item, ok, err := o.Get(k); ok && err == nil {
			m.Set(k, item)
		}
	}
	return m
}

// embedSite evaluates a string constant that is a template itself, with the names of the template around it.
func embedSite(t *Template) site {
	return func(args ...any) (any, error) {
		outer := frameOf(args)
		if err := outer.run.enter(); err != nil {
			return nil, err
		}
		defer outer.run.leave()
		f := &frame{run: outer.run, env: outer.env, tmpl: t, scope: outer.scope}
		v, err := f.result()
		if err != nil {
			return failed(err), nil
		}
		return v, nil
	}
}

// blockText is the name under which a filter block's filter finds what the block rendered.
const blockText = "\x00block"

func blockTextSite(args ...any) (any, error) {
	v, _ := frameOf(args).scope.get(blockText)
	return v, nil
}

// pathSite looks up a name and goes down a path of constant attributes and items.
func pathSite(name string, steps []step) site {
	return func(args ...any) (any, error) {
		f := frameOf(args)
		v, err := f.lookup(name)
		for i := 0; i < len(steps) && err == nil; i++ {
			if steps[i].attr {
				v, err = f.attr(v, steps[i].key)
			} else {
				v, err = f.item(v, steps[i].key)
			}
		}
		return v, err
	}
}

func attrSite(name any) site {
	return func(args ...any) (any, error) { return frameOf(args).attr(args[1], name) }
}

func itemSite(args ...any) (any, error) { return frameOf(args).item(args[1], args[2]) }

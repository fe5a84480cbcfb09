package jinja

import (
	"math/big"

	"github.com/drydock-dev/drydock/engine/value"
)

// finalize makes the result of an evaluation a plain value. What is undefined anywhere inside is an error.
func (f *frame) finalize(v any) (any, error) {
	switch v.(type) {
	case nil, bool, int, float64, string, value.Omit:
		return v, nil
	}
	if f.run.inside++; f.run.inside == 1 {
		f.run.nodes = 0
	}
	f.run.nodes++
	defer func() { f.run.inside-- }()
	if err := bounded(f.run.inside, f.run.nodes); err != nil {
		return nil, err
	}
	return f.finalizeOne(v)
}

func (f *frame) finalizeOne(v any) (any, error) {
	switch x := v.(type) {
	case *Template, *bound, value.Vault:
		if err := f.run.enter(); err != nil { // a list that holds the template of itself has no end
			return nil, err
		}
		defer f.run.leave()
		return f.finalize(f.leaf(v))
	case value.Undefined:
		return nil, use(x)
	case []any:
		return f.finalizeItems(x)
	case value.Tuple:
		return f.finalizeItems(x)
	case *value.List:
		return f.finalizeItems(x.Items)
	case *value.Map:
		return f.finalizeMap(x)
	case value.Object:
		return f.finalizeObject(x)
	}
	return finalScalar(v)
}

// finalScalar accepts the other scalars and refuses what cannot be stored in a variable.
func finalScalar(v any) (any, error) {
	switch x := v.(type) {
	case interface{ Final() (any, error) }:
		return x.Final()
	case Func:
		return nil, typeError("Type 'function' is unsupported for variable storage.")
	case interface{ TypeName() string }:
		return nil, typeError("Type '%s' is unsupported for variable storage.", x.TypeName())
	}
	return v, nil
}

// finalizeItems returns the list itself where nothing in it has to change.
func (f *frame) finalizeItems(items []any) (any, error) {
	f.run.nodes += len(items)
	var out []any
	for i, it := range items {
		fin, err := f.finalize(it)
		if err != nil {
			return nil, err
		}
		_, omitted := fin.(value.Omit)
		if out == nil && (omitted || !same(it, fin)) {
			out = append(make([]any, 0, len(items)), items[:i]...)
		}
		if out != nil && !omitted {
			out = append(out, fin)
		}
	}
	if out == nil {
		if items == nil {
			return []any{}, nil
		}
		return items, nil
	}
	return out, nil
}

func (f *frame) finalizeMap(m *value.Map) (any, error) {
	f.run.nodes += m.Len()
	var out *value.Map
	i := 0
	for k, v := range m.All() {
		fin, err := f.finalize(v)
		if err != nil {
			return nil, err
		}
		_, omitted := fin.(value.Omit)
		_, tupleKey := k.(value.Tuple)
		if out == nil && (omitted || tupleKey || !same(v, fin)) {
			out = firstEntries(m, i)
		}
		if out != nil && !omitted {
			out.Set(k, fin)
		}
		i++
	}
	if out == nil {
		return m, nil
	}
	return out, nil
}

func firstEntries(m *value.Map, n int) *value.Map {
	out := &value.Map{}
	i := 0
	for k, v := range m.All() {
		if i == n {
			break
		}
		out.Set(k, v)
		i++
	}
	return out
}

func (f *frame) finalizeObject(o value.Object) (any, error) {
	m := &value.Map{}
	for _, k := range o.Keys() {
		v, ok, err := o.Get(k)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		if v, err = f.finalize(v); err != nil {
			return nil, err
		}
		if _, omitted := v.(value.Omit); !omitted {
			m.Set(k, v)
		}
	}
	return m, nil
}

// same tells whether finalizing gave back the very same value.
func same(a, b any) bool {
	switch x := a.(type) {
	case []any:
		y, ok := b.([]any)
		return ok && len(x) == len(y) && (len(x) == 0 || &x[0] == &y[0])
	case value.Tuple, *Template, *bound, *value.List:
		return false
	case *value.Map:
		return b == any(x)
	}
	switch a.(type) {
	case nil, bool, int, *big.Int, float64, string:
		return true
	}
	return false
}

// text prints a value inside a text: containers are final, none of them holds anything undefined.
func (f *frame) text(v any) (string, error) {
	switch x := v.(type) {
	case string:
		return x, nil
	case nil, bool, int, float64:
		return value.Str(v), nil
	case value.Omit:
		return "", nil
	case value.Undefined:
		return "", use(x)
	case []any, value.Tuple, *value.Map, *value.List, value.Object, *Template, *bound, value.Vault:
		fin, err := f.finalize(v)
		if err != nil {
			return "", err
		}
		return f.str(fin)
	}
	return value.Str(v), nil
}

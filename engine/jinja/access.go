package jinja

import (
	"math/big"
	"strings"
	"unicode/utf8"

	"github.com/drydock-dev/drydock/engine/value"
)

// attributes is a value with attributes of its own: a namespace, a loop, an imported template.
type attributes interface {
	Attr(name string) (any, bool)
}

// attr is obj.name: a method or attribute, else an item. The key is the name as a value.
func (f *frame) attr(obj, key any) (any, error) {
	name, _ := key.(string)
	switch x := obj.(type) {
	case value.Undefined:
		return x, nil
	case noElse:
		return nil, x.missingError()
	case *value.Map:
		if f.run.lang.methods.mapping[name] == nil {
			return f.mapItem(x, key), nil
		}
	case value.Object:
		if f.run.lang.methods.mapping[name] == nil {
			return f.objectItem(x, key)
		}
	case attributes:
		if v, ok := x.Attr(name); ok {
			return v, nil
		}
		return undefinedAttr(obj, name), nil
	}
	if m := f.run.lang.methods.of(obj, name); m != nil {
		return &method{obj, name, m}, nil
	}
	if v, ok := numberAttr(obj, name); ok {
		return v, nil
	}
	return undefinedAttr(obj, name), nil
}

// numberAttr is an attribute of a number.
func numberAttr(obj any, name string) (any, bool) {
	_, isFloat := obj.(float64)
	if !isFloat && value.Big(obj) == nil {
		return nil, false
	}
	switch {
	case name == "real" && isFloat:
		return obj, true
	case name == "real", name == "numerator" && !isFloat:
		return value.Whole(value.Big(obj)), true
	case name == "imag" && isFloat:
		return 0.0, true
	case name == "imag":
		return 0, true
	case name == "denominator" && !isFloat:
		return 1, true
	}
	return nil, false
}

func (f *frame) mapItem(m *value.Map, key any) any {
	v, ok := m.Get(key)
	if !ok {
		return undefinedAttr(m, key)
	}
	v = f.leaf(v)
	if items, isList := v.([]any); isList && f.tmpl.mutates {
		v = f.thaw(items)
		m.Set(key, v)
	}
	return v
}

func (f *frame) objectItem(o value.Object, key any) (any, error) {
	v, ok, err := o.Get(key)
	if err != nil {
		return failed(err), nil
	}
	if !ok {
		return undefinedAttr(o, key), nil
	}
	v = f.leaf(v)
	if f.tmpl.mutates {
		v = f.thaw(v)
	}
	return v, nil
}

// item is obj[key]: an item, else an attribute of that name.
func (f *frame) item(obj, key any) (any, error) {
	if err := use(key); err != nil {
		return key, nil
	}
	switch x := obj.(type) {
	case value.Undefined:
		return x, nil
	case *value.Map:
		if _, isSlice := key.(sliceValue); isSlice {
			return nil, value.Errorf(value.KeyError, "a dict has no slices")
		}
		if !value.Hashable(key) {
			return undefinedAttr(obj, key), nil
		}
		if name, ok := key.(string); ok && !x.Has(key) && f.run.lang.methods.mapping[name] != nil {
			return &method{obj, name, f.run.lang.methods.mapping[name]}, nil
		}
		return f.mapItem(x, key), nil
	case value.Object:
		return f.objectItem(x, key)
	}
	if s, ok := key.(sliceValue); ok {
		return slice(obj, s)
	}
	if _, ok := key.(string); ok {
		return f.attr(obj, key)
	}
	if i, ok := asIndex(key); ok {
		if v, ok := at1(obj, i); ok {
			return f.leaf(v), nil
		}
	}
	return undefinedAttr(obj, key), nil
}

func asIndex(key any) (int, bool) {
	switch k := key.(type) {
	case int:
		return k, true
	case bool:
		if k {
			return 1, true
		}
		return 0, true
	}
	return 0, false
}

// at1 is the item of a sequence at an index, which may count from the end.
func at1(obj any, i int) (any, bool) {
	switch x := obj.(type) {
	case string:
		return charAt(x, i)
	case rangeValue:
		n := x.Len()
		if i < 0 {
			i += n
		}
		if i < 0 || i >= n {
			return nil, false
		}
		return x.at(i), true
	case interface{ Items() []any }:
		return at1(x.Items(), i)
	}
	items, ok := value.Items(obj)
	if i < 0 {
		i += len(items)
	}
	if !ok || i < 0 || i >= len(items) {
		return nil, false
	}
	return items[i], true
}

func charAt(s string, i int) (any, bool) {
	n := utf8.RuneCountInString(s)
	if i < 0 {
		i += n
	}
	if i < 0 || i >= n {
		return nil, false
	}
	for _, r := range s {
		if i == 0 {
			return string(r), true
		}
		i--
	}
	return nil, false
}

// sliceValue is lo:hi:step between brackets.
type sliceValue struct{ lo, hi, step any }

// Slice is items[lo:hi:step]; a bound that is nil is left out.
func Slice(items []any, lo, hi, step any) (any, error) { return slice(items, sliceValue{lo, hi, step}) }

// slice is obj[lo:hi:step].
func slice(obj any, s sliceValue) (any, error) {
	var items []any
	switch x := obj.(type) {
	case string:
		return sliceString(x, s)
	case rangeValue:
		return x.slice(s)
	default:
		var ok bool
		if items, ok = value.Items(obj); !ok {
			return nil, typeError("'%s' object is not subscriptable", value.TypeName(obj))
		}
	}
	indices, err := s.indices(len(items))
	if err != nil {
		return nil, err
	}
	out := make([]any, len(indices))
	for i, j := range indices {
		out[i] = items[j]
	}
	switch obj.(type) {
	case value.Tuple:
		return value.Tuple(out), nil
	case *value.List:
		return &value.List{Items: out}, nil
	}
	return out, nil
}

func sliceString(x string, s sliceValue) (any, error) {
	runes := []rune(x)
	indices, err := s.indices(len(runes))
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	for _, j := range indices {
		b.WriteRune(runes[j])
	}
	return b.String(), nil
}

// indices are the indices that a slice of n items takes, in order.
func (s sliceValue) indices(n int) ([]int, error) {
	step, err := sliceBound(s.step, 1)
	if err != nil {
		return nil, err
	}
	if step == 0 {
		return nil, valueError("slice step cannot be zero")
	}
	low, high := 0, n
	if step < 0 {
		low, high = -1, n-1
	}
	first, last := low, high
	if step < 0 {
		first, last = high, low
	}
	lo, err := clampBound(s.lo, first, low, high, n)
	if err != nil {
		return nil, err
	}
	hi, err := clampBound(s.hi, last, low, high, n)
	if err != nil {
		return nil, err
	}
	var out []int
	for i := lo; (step > 0 && i < hi) || (step < 0 && i > hi); i += step {
		out = append(out, i)
	}
	return out, nil
}

func clampBound(v any, otherwise, low, high, n int) (int, error) {
	if v == nil {
		return otherwise, nil
	}
	i, err := sliceBound(v, 0)
	if err != nil {
		return 0, err
	}
	if i < 0 {
		i += n
	}
	return max(low, min(i, high)), nil
}

const farAway = 1 << 40

func sliceBound(v any, otherwise int) (int, error) {
	if err := use(v); err != nil {
		return 0, err
	}
	switch x := v.(type) {
	case nil:
		return otherwise, nil
	case *big.Int:
		return x.Sign() * farAway, nil
	}
	i, ok := asIndex(v)
	if !ok {
		return 0, typeError("slice indices must be integers or None or have an __index__ method")
	}
	return max(-farAway, min(i, farAway)), nil
}

package jinja

import (
	"math"
	"math/big"
	"strings"

	"github.com/drydock-dev/drydock/engine/value"
)

// Params are the arguments of a call, by the names of its parameters.
type Params struct {
	call  *Call
	names []string
	vals  []any
	given []bool
}

// Bind sorts the arguments of a call by the parameters' names, in order. A parameter with a "!" behind its name must be given.
func (c *Call) Bind(params ...string) (Params, error) {
	p := Params{call: c, names: params, vals: make([]any, len(params)), given: make([]bool, len(params))}
	if len(c.Args) > len(params) {
		return p, typeError("%s takes at most %d arguments (%d given)", c.Name, len(params), len(c.Args))
	}
	for i, a := range c.Args {
		p.vals[i], p.given[i] = a, true
	}
	for k, v := range c.Kwargs.All() {
		i := p.index(k)
		if i < 0 {
			return p, typeError("%s got an unexpected keyword argument %s", c.Name, value.Repr(k))
		}
		if p.given[i] {
			return p, typeError("%s got multiple values for argument '%s'", c.Name, p.name(i))
		}
		p.vals[i], p.given[i] = v, true
	}
	for i, n := range params {
		if !p.given[i] && required(n) {
			return p, p.missing(i)
		}
	}
	return p, nil
}

// BindPositional is Bind for what takes no named arguments, as most methods of Python's own types.
func (c *Call) BindPositional(params ...string) (Params, error) {
	if c.Kwargs.Len() > 0 {
		return Params{}, typeError("%s() takes no keyword arguments", c.Name)
	}
	return c.Bind(params...)
}

func required(name string) bool { return name[len(name)-1] == '!' }

// name is the name of a parameter.
func (p Params) name(i int) string { return strings.TrimSuffix(p.names[i], "!") }

// index is the place of a parameter, -1 if there is none of that name.
func (p Params) index(name any) int {
	for i := range p.names {
		if p.name(i) == name {
			return i
		}
	}
	return -1
}

func (p Params) missing(i int) error {
	return typeError("%s misses its argument '%s'", p.call.Name, p.name(i))
}

func indexOf(names []string, name any) int {
	for i, n := range names {
		if n == name {
			return i
		}
	}
	return -1
}

// Has tells whether a parameter was given.
func (p Params) Has(i int) bool { return p.given[i] }

// Any is the value of a parameter, or otherwise.
func (p Params) Any(i int, otherwise any) any {
	if p.given[i] {
		return p.vals[i]
	}
	return otherwise
}

// Need is the value of a parameter that must be given.
func (p Params) Need(i int) (any, error) {
	if !p.given[i] {
		return nil, p.missing(i)
	}
	return p.vals[i], nil
}

// Text is a parameter that must be a string.
func (p Params) Text(i int, otherwise string) (string, error) {
	if !p.given[i] {
		return otherwise, nil
	}
	s, ok := p.vals[i].(string)
	if !ok {
		return "", typeError("the argument '%s' of %s must be a str, not %s", p.name(i), p.call.Name, value.TypeName(p.vals[i]))
	}
	return s, nil
}

// OptText is a parameter that is a string or none.
func (p Params) OptText(i int) (s string, given bool, err error) {
	if !p.given[i] || p.vals[i] == nil {
		return "", false, nil
	}
	s, err = p.Text(i, "")
	return s, true, err
}

// Int is a parameter that must be a whole number.
func (p Params) Int(i int, otherwise int) (int, error) {
	if !p.given[i] {
		return otherwise, nil
	}
	n, ok := AsInt(p.vals[i])
	if !ok {
		return 0, typeError("the argument '%s' of %s must be an int, not %s", p.name(i), p.call.Name, value.TypeName(p.vals[i]))
	}
	return n, nil
}

// OptInt is a parameter that is a whole number or none.
func (p Params) OptInt(i int, otherwise int) (int, error) {
	if p.given[i] && p.vals[i] == nil {
		return otherwise, nil
	}
	return p.Int(i, otherwise)
}

// Bool is the truth of a parameter.
func (p Params) Bool(i int, otherwise bool) bool {
	if !p.given[i] {
		return otherwise
	}
	return value.Truth(p.vals[i])
}

// AsInt is a whole number of any form as an int, if it fits.
func AsInt(v any) (int, bool) {
	switch x := v.(type) {
	case int:
		return x, true
	case bool, *big.Int:
		b := value.Big(x)
		if b.IsInt64() {
			return int(b.Int64()), true
		}
	}
	return 0, false
}

// AsMap is a mapping of any form as a Map; an Object is read whole.
func AsMap(v any) (*value.Map, bool) {
	switch x := v.(type) {
	case *value.Map:
		return x, true
	case value.Object:
		m, ok := objectMaps(x).(*value.Map)
		return m, ok
	case *namespace:
		return x.fields, true
	}
	return nil, false
}

// iterate returns what a `for` over a value sees: items, keys, characters.
func iterate(v any) ([]any, error) {
	switch x := v.(type) {
	case value.Undefined:
		return nil, use(x)
	case string:
		return chars(x), nil
	case *value.Map:
		return x.Keys(), nil
	case value.Object:
		return x.Keys(), nil
	case rangeValue:
		return x.list()
	case interface{ Items() []any }:
		return x.Items(), nil
	}
	if items, ok := value.Items(v); ok {
		return items, nil
	}
	return nil, typeError("'%s' object is not iterable", value.TypeName(v))
}

// Iterate is what a loop over a value sees; an undefined item is an error.
func Iterate(v any) ([]any, error) {
	items, err := iterate(v)
	if err != nil {
		return nil, err
	}
	for _, it := range items {
		if err := use(it); err != nil {
			return nil, err
		}
	}
	return items, nil
}

func chars(s string) []any {
	out := make([]any, 0, len(s))
	for _, r := range s {
		out = append(out, string(r))
	}
	return out
}

// Length is Python's len().
func Length(v any) (int, error) {
	switch x := v.(type) {
	case value.Undefined:
		return 0, use(x)
	case rangeValue:
		return x.Len(), nil
	case *value.Map:
		return x.Len(), nil
	case nil, bool, int, float64, *big.Int:
	default:
		if items, err := iterate(v); err == nil {
			return len(items), nil
		}
	}
	return 0, typeError("object of type '%s' has no len()", value.TypeName(v))
}

// Str is Python's str() of an argument; something undefined inside it is an error.
func (c *Call) Str(v any) (string, error) { return c.frame.str(v) }

// Text is what a filter works on that is for texts only.
func (c *Call) Text(v any) (string, error) {
	s, ok := v.(string)
	if !ok {
		return "", typeError("%s needs a str, not %s", c.Name, value.TypeName(v))
	}
	return s, nil
}

// Attr is obj.name or obj['name'], as a template writes it.
func (c *Call) Attr(obj, name any) (any, error) { return c.frame.item(obj, name) }

// With is the same call with other arguments.
func (c *Call) With(args ...any) *Call {
	other := *c
	other.Args, other.Kwargs = args, nil
	return &other
}

// Method calls a function value with the call's own arguments.
func (c *Call) Method(fn any) (any, error) {
	return c.frame.call(fn, &Call{Name: c.Name, Env: c.Env, Lang: c.Lang, Args: c.Args, Kwargs: c.Kwargs, frame: c.frame})
}

// truncatedInt is int() of a float; it must be finite.
func truncatedInt(f float64) (any, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil, valueError("cannot convert float %s to integer", value.FormatFloat(f))
	}
	b, _ := big.NewFloat(math.Trunc(f)).Int(nil)
	return value.Whole(b), nil
}

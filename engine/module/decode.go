package module

import (
	"errors"
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/value"
)

// decode fills an argument struct from a task's evaluated arguments, with Ansible's conversions: "yes" is a boolean where one is
// wanted, "a,b" a list, a number a string.
func decode(s Spec, params []Param, args *value.Map, into reflect.Value) error {
	var missing []string
	for i := range params {
		p := &params[i]
		raw, given := lookup(p, args)
		if given && raw != nil {
			continue
		}
		if p.Required && !given {
			missing = append(missing, p.Name)
		}
	}
	if len(missing) > 0 && s.Needs != "" {
		return errors.New(s.Needs)
	}
	if len(missing) > 0 {
		slices.Sort(missing)
		return fmt.Errorf("missing required arguments: %s", strings.Join(missing, ", "))
	}
	for i := range params {
		if err := fill(&params[i], args, into); err != nil {
			return err
		}
	}
	return undeclared(s, params, args)
}

// fill sets one field to the argument given, its default, or leaves it zero. null means not given, but for a raw argument, which may be null.
func fill(p *Param, args *value.Map, into reflect.Value) error {
	raw, given := lookup(p, args)
	if !given || raw == nil {
		if p.Default == "" || given && p.Type == "raw" {
			return nil
		}
		raw = p.fallback()
	}
	return set(p, raw, into.FieldByIndex(p.field))
}

// fallback is the default as the tag's text means it.
func (p *Param) fallback() any {
	if p.Type != "list" {
		return p.Default
	}
	var out []any
	for _, item := range strings.Split(p.Default, "|") {
		out = append(out, item)
	}
	return out
}

// undeclared refuses arguments that no parameter declares.
func undeclared(s Spec, params []Param, args *value.Map) error {
	if s.AnyArgs {
		return nil
	}
	var names, known, strange []string
	for _, p := range params {
		names = append(names, p.Name)
		known = append(append(known, p.Name), p.Aliases...)
	}
	for _, k := range args.Keys() {
		if name := value.Str(k); !slices.Contains(known, name) {
			strange = append(strange, name)
		}
	}
	if len(strange) == 0 {
		return nil
	}
	slices.Sort(strange)
	slices.Sort(names)
	return fmt.Errorf("Unsupported parameters for (%s) module: %s. Supported parameters include: %s.", //nolint:staticcheck // Ansible's words, which playbooks compare
		s.Name, strings.Join(strange, ", "), strings.Join(names, ", "))
}

// lookup finds an argument by the parameter's name or, failing that, an alias.
func lookup(p *Param, args *value.Map) (v any, given bool) {
	for _, name := range append([]string{p.Name}, p.Aliases...) {
		if got, ok := args.Get(name); ok {
			return got, true
		}
	}
	return nil, false
}

func set(p *Param, raw any, f reflect.Value) error {
	if f.Kind() == reflect.Pointer && f.Type() != reflect.TypeFor[*value.Map]() {
		n := reflect.New(f.Type().Elem())
		if err := set(p, raw, n.Elem()); err != nil {
			return err
		}
		f.Set(n)
		return nil
	}
	v, err := p.convert(raw)
	if err != nil {
		return fmt.Errorf("argument '%s' is of type %s and we were unable to convert to %s: %w", p.Name, typeName(raw), p.Type, err)
	}
	if err := p.check(v); err != nil {
		return err
	}
	switch x := v.(type) {
	case []any:
		if f.Kind() == reflect.Slice && f.Type().Elem().Kind() == reflect.String {
			v = stringsOf(x)
		}
	case nil:
		f.SetZero()
		return nil
	}
	rv := reflect.ValueOf(v)
	if !rv.Type().AssignableTo(f.Type()) {
		return fmt.Errorf("argument '%s' is of type %s, not %s", p.Name, typeName(raw), p.Type)
	}
	f.Set(rv)
	return nil
}

// typeName is Python's name of a value's type, as Ansible's messages have it.
func typeName(v any) string {
	switch v.(type) {
	case nil:
		return "NoneType"
	case bool:
		return "bool"
	case int, *big.Int:
		return "int"
	case float64:
		return "float"
	case string:
		return "str"
	case []any:
		return "list"
	case *value.Map:
		return "dict"
	}
	return fmt.Sprintf("%T", v)
}

func (p *Param) check(v any) error {
	if len(p.Choices) == 0 {
		return nil
	}
	vals, ok := v.([]any)
	if !ok {
		vals = []any{v}
	}
	for _, x := range vals {
		if s := value.Str(x); !slices.Contains(p.Choices, s) {
			return fmt.Errorf("value of %s must be one of: %s, got: %s", p.Name, strings.Join(p.Choices, ", "), s)
		}
	}
	return nil
}

// Accepts tells whether a value can be given to the parameter: nil, or why not.
func (p Param) Accepts(raw any) error {
	v, err := p.convert(raw)
	if err != nil {
		return err
	}
	return p.check(v)
}

package module

import (
	"cmp"
	"context"
	"fmt"
	"reflect"
	"strings"

	"github.com/drydock-dev/drydock/engine/value"
)

// Param is one argument of a module, read off its argument struct.
type Param struct {
	Name     string
	Aliases  []string
	Type     string // str, int, float, bool, list, dict, path, raw, bits (a file mode)
	Elements string // of a list: str, int, dict, raw
	Required bool
	Default  string // as written in the tag; empty: none
	Choices  []string
	Secret   bool // never shown (password)
	// Unevaluated arguments are handed over as written: expressions (assert that, debug var).
	Unevaluated bool
	Doc         string
	field       []int // path to the field; arguments of an embedded struct are one deeper
}

// Define makes a Module of an argument struct and a plan function. Each exported field of A is an argument:
//
//	Name  string   `arg:"name,required,alias=pkg" doc:"..."`
//	State string   `arg:"state,default=present,choices=present|absent" doc:"..."`
//	Mode  *string  `arg:"mode,type=bits" doc:"..."`   // a pointer is nil when the argument is not given
//
// Field types: string, int, float64, bool, []string, []any, *value.Map, any, and pointers to the simple ones; the fields of an
// embedded struct are arguments too. It panics on a tag that it cannot read: a programmer's mistake, at start-up.
func Define[A any](s Spec, plan func(ctx context.Context, v View, a A) (Plan, error)) Module {
	params, err := paramsOf(reflect.TypeFor[A](), nil)
	if err != nil {
		panic(fmt.Sprintf("module %s: %v", s.Name, err))
	}
	return &defined[A]{spec: s, params: params, plan: plan}
}

type defined[A any] struct {
	spec   Spec
	params []Param
	plan   func(ctx context.Context, v View, a A) (Plan, error)
}

func (d *defined[A]) Spec() Spec      { return d.spec }
func (d *defined[A]) Params() []Param { return d.params }

// Plan decodes the arguments. Arguments that do not fit are a failed Result, as in Ansible, not an error.
func (d *defined[A]) Plan(ctx context.Context, v View, args *value.Map) (Plan, error) {
	var a A
	if err := decode(d.spec, d.params, args, reflect.ValueOf(&a).Elem()); err != nil {
		return Done(Fail("%v", err)), nil
	}
	return d.plan(ctx, v, a)
}

// paramsOf reads the tags of a struct type and of the structs embedded in it, which several modules may share.
func paramsOf(t reflect.Type, at []int) ([]Param, error) {
	var out []Param
	for _, f := range reflect.VisibleFields(t) {
		tag, ok := f.Tag.Lookup("arg")
		if !ok {
			continue
		}
		p, err := parseTag(tag)
		if err != nil {
			return nil, fmt.Errorf("field %s: %w", f.Name, err)
		}
		p.field, p.Doc = f.Index, f.Tag.Get("doc")
		typ, elements := typeOf(f.Type)
		p.Type, p.Elements = cmp.Or(p.Type, typ), cmp.Or(p.Elements, elements)
		if p.Type == "" || !f.IsExported() {
			return nil, fmt.Errorf("field %s: type %v has no argument type", f.Name, f.Type)
		}
		out = append(out, p)
	}
	return out, nil
}

func parseTag(tag string) (Param, error) {
	parts := strings.Split(tag, ",")
	p := Param{Name: parts[0]}
	if p.Name == "" {
		return p, fmt.Errorf("argument without a name")
	}
	for _, part := range parts[1:] {
		key, val, _ := strings.Cut(part, "=")
		switch key {
		case "required":
			p.Required = true
		case "secret":
			p.Secret = true
		case "raw":
			p.Unevaluated = true
		case "alias":
			p.Aliases = append(p.Aliases, strings.Split(val, "|")...)
		case "default":
			p.Default = val
		case "choices":
			p.Choices = strings.Split(val, "|")
		case "type":
			p.Type = val
		case "elements":
			p.Elements = val
		default:
			return p, fmt.Errorf("argument %s: unknown tag word %q", p.Name, key)
		}
	}
	return p, nil
}

func typeOf(t reflect.Type) (typ, elements string) {
	if t == reflect.TypeFor[*value.Map]() {
		return "dict", ""
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.String:
		return "str", ""
	case reflect.Int:
		return "int", ""
	case reflect.Float64:
		return "float", ""
	case reflect.Bool:
		return "bool", ""
	case reflect.Interface:
		return "raw", ""
	case reflect.Slice:
		if t.Elem().Kind() == reflect.String {
			return "list", "str"
		}
		return "list", "raw"
	}
	return "", ""
}

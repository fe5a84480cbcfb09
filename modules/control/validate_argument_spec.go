package control

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// ValidateArgumentSpec holds variables against a description of what a role takes. The engine puts it before the tasks of each role
// that has one.
var ValidateArgumentSpec = module.Define(module.Spec{
	Name:       "ansible.builtin.validate_argument_spec",
	Doc:        "Check that variables are as an argument specification wants them.",
	Controller: true,
}, planValidateArgumentSpec)

type validateArgumentSpecArgs struct {
	Spec     *value.Map `arg:"argument_spec,required" doc:"The options by name, each with type, required, choices, elements, options, ..."`
	Provided *value.Map `arg:"provided_arguments" doc:"Values that are stronger than the variables of the same names."`
	Context  *value.Map `arg:"validate_args_context" doc:"What is being checked; shown in the result."`
}

func planValidateArgumentSpec(_ context.Context, v module.View, a validateArgumentSpecArgs) (module.Plan, error) {
	given, err := givenArguments(v.Controller(), a)
	if err != nil {
		return module.Done(module.Fail("Task failed: %v", err)), nil
	}
	where := a.Context
	if where == nil {
		where = &value.Map{}
	}
	s := &specCheck{}
	s.options(a.Spec, given, "")
	if len(s.errs) == 0 {
		return module.Done(module.Result{Msg: "The arg spec validation passed"}.With("validate_args_context", where)), nil
	}
	r := module.Fail("Validation of arguments failed:\n%s", strings.Join(s.errs, "\n"))
	return module.Done(r.With("validate_args_context", where).With("argument_spec_data", a.Spec).With("argument_errors", value.From(s.errs))), nil
}

// givenArguments are the variables that the specification names, and what is provided besides.
func givenArguments(c module.Controller, a validateArgumentSpecArgs) (*value.Map, error) {
	given := &value.Map{}
	for k := range a.Spec.All() {
		name := value.Str(k)
		got, err := c.Eval(name)
		switch {
		case err == nil:
			given.Set(name, got)
		case errors.Is(err, module.ErrUndefined) && strings.Contains(err.Error(), "'"+name+"'"):
			// the variable itself is not there; one that it is made of would be a mistake
		default:
			return nil, err
		}
	}
	for k, got := range a.Provided.All() {
		given.Set(k, got)
	}
	return given, nil
}

// specCheck collects what is wrong.
type specCheck struct{ errs []string }

func (s *specCheck) addf(format string, args ...any) {
	s.errs = append(s.errs, fmt.Sprintf(format, args...))
}

// options checks the values of a mapping; path is where the mapping lies (opt.sub), "" at the top.
func (s *specCheck) options(spec, given *value.Map, path string) {
	s.required(spec, given, path)
	for k, raw := range spec.All() {
		option, _ := raw.(*value.Map)
		if v, ok := valueOf(option, value.Str(k), given); ok {
			s.option(value.Str(k), option, v, path)
		}
	}
	s.unknown(spec, given, path)
}

// valueOf finds an option's value under its name or an alias.
func valueOf(option *value.Map, name string, given *value.Map) (any, bool) {
	if v, ok := given.Get(name); ok {
		return v, true
	}
	for _, alias := range listOf(option.Value("aliases")) {
		if v, ok := given.Get(alias); ok {
			return v, true
		}
	}
	return nil, false
}

func listOf(v any) []any {
	list, _ := v.([]any)
	return list
}

func (s *specCheck) required(spec, given *value.Map, path string) {
	var missing []string
	for k, raw := range spec.All() {
		option, _ := raw.(*value.Map)
		wanted, _ := module.ToBool(option.Value("required"))
		if v, ok := valueOf(option, value.Str(k), given); wanted == true && (!ok || v == nil) {
			missing = append(missing, value.Str(k))
		}
	}
	if len(missing) > 0 {
		slices.Sort(missing)
		s.addf("missing required arguments: %s%s", strings.Join(missing, ", "), found(path))
	}
}

func found(path string) string {
	if path == "" {
		return ""
	}
	return " found in " + strings.ReplaceAll(path, ".", " -> ")
}

// option checks one value: its type, its choices, and what lies in it.
func (s *specCheck) option(name string, option *value.Map, v any, path string) {
	typ := textOr(option.Value("type"), "str")
	p := module.Param{Name: name, Type: typ}
	if v == nil && (typ == "str" || typ == "raw" || typ == "path") {
		return
	}
	if err := p.Accepts(v); err != nil {
		s.addf("argument '%s' is of type %s%s and we were unable to convert to %s: %v", name, value.TypeName(v), found(path), typ, err)
		return
	}
	items := []any{v}
	if typ == "list" {
		items = asList(v)
		s.elements(name, option, items)
	}
	s.choices(name, option, items, typ == "list", path)
	if sub, ok := option.Value("options").(*value.Map); ok {
		for _, item := range items {
			if m, isMap := item.(*value.Map); isMap {
				s.options(sub, m, strings.TrimPrefix(path+"."+name, "."))
			}
		}
	}
}

func textOr(v any, otherwise string) string {
	if v == nil {
		return otherwise
	}
	return value.Str(v)
}

// asList is a list as it was given, or the parts of a text with commas.
func asList(v any) []any {
	switch x := v.(type) {
	case []any:
		return x
	case string:
		var out []any
		for _, part := range strings.Split(x, ",") {
			out = append(out, strings.TrimSpace(part))
		}
		return out
	}
	return []any{v}
}

func (s *specCheck) elements(name string, option *value.Map, items []any) {
	want := option.Value("elements")
	if want == nil {
		return
	}
	p := module.Param{Name: name, Type: value.Str(want)}
	for _, item := range items {
		if err := p.Accepts(item); err != nil {
			s.addf("Elements value for option '%s' is of type %s and we were unable to convert to %s: %v", name, value.TypeName(item), p.Type, err)
		}
	}
}

func (s *specCheck) choices(name string, option *value.Map, items []any, several bool, path string) {
	var choices, wrong []string
	for _, c := range listOf(option.Value("choices")) {
		choices = append(choices, value.Str(c))
	}
	for _, item := range items {
		if !slices.Contains(choices, value.Str(item)) {
			wrong = append(wrong, value.Str(item))
		}
	}
	switch {
	case len(choices) == 0 || len(wrong) == 0:
	case several:
		s.addf("value of %s must be one or more of: %s. Got no match for: %s%s", name, strings.Join(choices, ", "), strings.Join(wrong, ", "), found(path))
	default:
		s.addf("value of %s must be one of: %s, got: %s%s", name, strings.Join(choices, ", "), wrong[0], found(path))
	}
}

// unknown names what the specification does not have.
func (s *specCheck) unknown(spec, given *value.Map, path string) {
	known := map[string]bool{}
	var supported, unknown []string
	for k, raw := range spec.All() {
		option, _ := raw.(*value.Map)
		shown := value.Str(k)
		known[shown] = true
		var aliases []string
		for _, alias := range listOf(option.Value("aliases")) {
			known[value.Str(alias)] = true
			aliases = append(aliases, value.Str(alias))
		}
		if len(aliases) > 0 {
			shown += " (" + strings.Join(aliases, ", ") + ")"
		}
		supported = append(supported, shown)
	}
	for k := range given.All() {
		if name := value.Str(k); !known[name] {
			unknown = append(unknown, strings.TrimPrefix(path+"."+name, "."))
		}
	}
	if len(unknown) == 0 {
		return
	}
	slices.Sort(unknown)
	slices.Sort(supported)
	s.addf("%s. Supported parameters include: %s.", strings.Join(unknown, ", "), strings.Join(supported, ", "))
}

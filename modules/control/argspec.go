package control

import (
	"fmt"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// This file holds how values are held against an argument specification, in Ansible's order: what is required, types, choices, what
// options ask of each other, then the same for what lies in them, and at last what nobody knows.

// specCheck collects what is wrong.
type specCheck struct {
	errs      []string
	unknown   []string
	supported string // what the last mapping with unknown names knows
}

func (s *specCheck) addf(format string, args ...any) {
	s.errs = append(s.errs, fmt.Sprintf(format, args...))
}

// level is one mapping of values: that of the role, or one that lies in an option.
type level struct {
	spec  *value.Map // options by name
	of    *value.Map // the option that the mapping lies in, which says what its options ask of each other; nil at the top
	given *value.Map // a copy: converted values and defaults are put in
	path  []string   // the options that it lies in, outermost first
}

// within says where the mapping lies, for the end of a message.
func (l level) within() string {
	if len(l.path) == 0 {
		return ""
	}
	return " found in " + strings.Join(l.path, " -> ")
}

// has tells whether an option was given, or has a default.
func (l level) has(name any) bool { return l.given.Has(value.Str(name)) }

// all checks everything.
func (s *specCheck) all(spec, given *value.Map) {
	l := level{spec: spec, given: given.Clone()}
	s.names(l)
	s.values(l)
	s.below(l)
	if len(s.unknown) > 0 {
		slices.Sort(s.unknown)
		s.addf("%s. Supported parameters include: %s.", strings.Join(s.unknown, ", "), s.supported)
	}
}

// names puts what was given under an alias under its name, tells of texts that are to be mappings and are none, and notes unknown names.
func (s *specCheck) names(l level) {
	known := map[string]bool{}
	var names, aliases []string
	for k, option := range options(l.spec) {
		names = append(names, k)
		known[k] = true
		for _, alias := range listOf(option.Value("aliases")) {
			a := value.Str(alias)
			known[a] = true
			aliases = append(aliases, a)
			if v, ok := l.given.Get(a); ok {
				l.given.Set(k, v)
			}
		}
	}
	s.unreadable(l)
	n := len(s.unknown)
	for k := range l.given.All() {
		if name := value.Str(k); !known[name] {
			s.unknown = append(s.unknown, strings.Join(append(slices.Clone(l.path), name), "."))
		}
	}
	if len(s.unknown) > n {
		slices.Sort(names)
		slices.Sort(aliases)
		s.supported = strings.Join(names, ", ")
		if len(aliases) > 0 {
			s.supported += " (" + strings.Join(aliases, ", ") + ")"
		}
	}
}

// unreadable tells of the first text that cannot be read as the mapping that it is to be.
func (s *specCheck) unreadable(l level) {
	for k, option := range options(l.spec) {
		if option.Value("options") == nil || !nests(option) {
			continue
		}
		for _, item := range itemsOf(l.given.Value(k)) {
			if text, ok := item.(string); ok {
				if _, err := (module.Param{Type: "dict"}).Convert(text); err != nil {
					s.addf("%v", err)
					return
				}
			}
		}
	}
}

// values checks what stands in one mapping itself.
func (s *specCheck) values(l level) {
	s.exclusive(l)
	for k, option := range options(l.spec) {
		if v := option.Value("default"); v != nil && !l.has(k) {
			l.given.Set(k, v)
		}
	}
	s.required(l)
	for k, option := range options(l.spec) {
		if l.has(k) {
			s.convert(l, k, option)
		}
	}
	for k, option := range options(l.spec) {
		if l.has(k) {
			s.choices(l, k, option)
		}
	}
	s.together(l)
	s.oneOf(l)
	s.requiredIf(l)
	s.requiredBy(l)
	for k := range options(l.spec) {
		if !l.has(k) {
			l.given.Set(k, nil)
		}
	}
}

// below checks the mappings that lie in options.
func (s *specCheck) below(l level) {
	for k, option := range options(l.spec) {
		sub, ok := option.Value("options").(*value.Map)
		v := l.given.Value(k)
		if v == nil && value.Truth(option.Value("apply_defaults")) {
			v = &value.Map{}
		}
		if !ok || !nests(option) || v == nil {
			continue
		}
		for _, item := range itemsOf(v) {
			m, isMap := item.(*value.Map)
			if !isMap {
				s.addf("value of '%s' must be of type dict or list of dicts", k)
				continue
			}
			inner := level{spec: sub, of: option, given: m.Clone(), path: append(slices.Clone(l.path), k)}
			s.names(inner)
			s.values(inner)
			s.below(inner)
		}
	}
}

// nests tells whether an option holds a mapping or a list of mappings.
func nests(option *value.Map) bool {
	return option.Value("type") == "dict" || option.Value("type") == "list" && option.Value("elements") == "dict"
}

func itemsOf(v any) []any {
	if list, ok := v.([]any); ok {
		return list
	}
	return []any{v}
}

// options are the options of a specification, in its order.
func options(spec *value.Map) func(yield func(string, *value.Map) bool) {
	return func(yield func(string, *value.Map) bool) {
		for k, raw := range spec.All() {
			option, _ := raw.(*value.Map)
			if !yield(value.Str(k), option) {
				return
			}
		}
	}
}

func listOf(v any) []any {
	list, _ := v.([]any)
	return list
}

// convert puts a value of the option's type in the place of what was given.
func (s *specCheck) convert(l level, name string, option *value.Map) {
	v := l.given.Value(name)
	if v == nil && !value.Truth(option.Value("required")) && option.Value("default") == nil {
		return
	}
	typ := "str"
	if t := option.Value("type"); t != nil {
		typ = value.Str(t)
	}
	got, err := (module.Param{Type: typ}).Convert(v)
	if err != nil {
		where := ""
		if len(l.path) > 0 {
			where = fmt.Sprintf(" found in '%s'.", strings.Join(l.path, " -> "))
		}
		s.addf("argument '%s' is of type %s%s and we were unable to convert to %s: %v", name, value.TypeName(v), where, typ, err)
		return
	}
	l.given.Set(name, got)
	if elements := option.Value("elements"); elements != nil {
		if typ != "list" {
			s.addf("Invalid type %s for option '%s', elements value check is supported only with 'list' type", typ, value.Str(elements))
			return
		}
		l.given.Set(name, s.elements(l, name, value.Str(elements), listOf(got)))
	}
}

func (s *specCheck) elements(l level, name, typ string, items []any) []any {
	var out []any
	for _, item := range items {
		v, err := (module.Param{Type: typ}).Convert(item)
		if err != nil {
			where := ""
			if len(l.path) > 0 {
				where = fmt.Sprintf(" found in '%s'", strings.Join(l.path, " -> "))
			}
			s.addf("Elements value for option '%s'%s is of type %s and we were unable to convert to %s: %v", name, where, value.TypeName(item), typ, err)
			continue
		}
		out = append(out, v)
	}
	return out
}

func (s *specCheck) choices(l level, name string, option *value.Map) {
	choices, ok := option.Value("choices").([]any)
	if !ok {
		return
	}
	v := l.given.Value(name)
	list, several := v.([]any)
	if !several {
		list = []any{v}
	}
	var wrong []string
	for _, item := range list {
		if !slices.ContainsFunc(choices, func(c any) bool { return value.Equal(c, item) }) {
			wrong = append(wrong, value.Str(item))
		}
	}
	var all []string
	for _, c := range choices {
		all = append(all, value.Str(c))
	}
	switch {
	case len(wrong) == 0:
	case several:
		s.addf("value of %s must be one or more of: %s. Got no match for: %s%s", name, strings.Join(all, ", "), strings.Join(wrong, ", "), l.within())
	default:
		s.addf("value of %s must be one of: %s, got: %s%s", name, strings.Join(all, ", "), wrong[0], l.within())
	}
}

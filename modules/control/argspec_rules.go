package control

import (
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// This file holds what the options of one mapping ask of each other.

func (s *specCheck) required(l level) {
	var missing []string
	for k, option := range options(l.spec) {
		if wanted, _ := module.ToBool(option.Value("required")); wanted == true && !l.has(k) {
			missing = append(missing, k)
		}
	}
	if len(missing) > 0 {
		slices.Sort(missing)
		s.addf("missing required arguments: %s%s", strings.Join(missing, ", "), l.within())
	}
}

// rules are the groups of names that a mapping's option lists under a key.
func (l level) rules(key string) [][]any {
	var out [][]any
	for _, rule := range listOf(l.of.Value(key)) {
		out = append(out, listOf(rule))
	}
	return out
}

// givenOf are those of some names that were given.
func (l level) givenOf(names []any) (given []string) {
	for _, n := range names {
		if l.has(n) {
			given = append(given, value.Str(n))
		}
	}
	return given
}

func (s *specCheck) exclusive(l level) {
	var clashes []string
	for _, rule := range l.rules("mutually_exclusive") {
		if len(l.givenOf(rule)) > 1 {
			clashes = append(clashes, strings.Join(texts(rule), "|"))
		}
	}
	if len(clashes) > 0 {
		s.addf("parameters are mutually exclusive: %s%s", strings.Join(clashes, ", "), l.within())
	}
}

func (s *specCheck) together(l level) {
	for _, rule := range l.rules("required_together") {
		if n := len(l.givenOf(rule)); n > 0 && n < len(rule) {
			s.addf("parameters are required together: %s%s", strings.Join(texts(rule), ", "), l.within())
			return
		}
	}
}

func (s *specCheck) oneOf(l level) {
	for _, rule := range l.rules("required_one_of") {
		if len(l.givenOf(rule)) == 0 {
			s.addf("one of the following is required: %s%s", strings.Join(texts(rule), ", "), l.within())
			return
		}
	}
}

// requiredIf reads [option, value, [what is required then], any of it will do].
func (s *specCheck) requiredIf(l level) {
	for _, rule := range l.rules("required_if") {
		if len(rule) < 3 || !l.has(rule[0]) || !value.Equal(l.given.Value(value.Str(rule[0])), rule[1]) {
			continue
		}
		wanted := listOf(rule[2])
		allowed, word := 0, "all"
		if len(rule) > 3 && value.Truth(rule[3]) {
			allowed, word = len(wanted)-1, "any"
		}
		var missing []string
		for _, name := range wanted {
			if !l.has(name) {
				missing = append(missing, value.Str(name))
			}
		}
		if len(missing) > allowed {
			s.addf("%s is %s but %s of the following are missing: %s%s", value.Str(rule[0]), value.Str(rule[1]), word, strings.Join(missing, ", "), l.within())
			return
		}
	}
}

func (s *specCheck) requiredBy(l level) {
	rules, _ := l.of.Value("required_by").(*value.Map)
	for k, raw := range rules.All() {
		if l.given.Value(value.Str(k)) == nil {
			continue
		}
		wanted := listOf(raw)
		if one, ok := raw.(string); ok {
			wanted = []any{one}
		}
		var missing []string
		for _, name := range wanted {
			if l.given.Value(value.Str(name)) == nil {
				missing = append(missing, value.Str(name))
			}
		}
		if len(missing) > 0 {
			s.addf("missing parameter(s) required by '%s': %s%s", value.Str(k), strings.Join(missing, ", "), l.within())
			return
		}
	}
}

func texts(list []any) []string {
	var out []string
	for _, v := range list {
		out = append(out, value.Str(v))
	}
	return out
}

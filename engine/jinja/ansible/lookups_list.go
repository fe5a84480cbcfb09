package ansible

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

// Lookups that only rearrange their terms.

func (a *extension) addListLookups(l *jinja.Language) {
	l.Lookups["items"] = itemsLookup
	l.Lookups["list"] = func(_ *jinja.Call, in any) (any, error) { return in, nil }
	l.Lookups["flattened"] = func(_ *jinja.Call, in any) (any, error) { return flatten(in.([]any), -1, true) }
	l.Lookups["dict"] = dictLookup
	l.Lookups["indexed_items"] = indexedItems
	l.Lookups["nested"] = nested
	l.Lookups["cartesian"] = nested
	l.Lookups["together"] = together
	l.Lookups["sequence"] = sequenceLookup
	l.Lookups["subelements"] = subelementsLookup
	l.Lookups["random_choice"] = a.randomChoice
}

func itemsLookup(_ *jinja.Call, in any) (any, error) { return flatten(in.([]any), 1, false) }

func dictLookup(_ *jinja.Call, in any) (any, error) {
	out := []any{}
	for _, t := range in.([]any) {
		m, err := mapping(t, "with_dict")
		if err != nil {
			return nil, err
		}
		for k, v := range m.All() {
			out = append(out, value.NewMap("key", k, "value", v))
		}
	}
	return out, nil
}

func indexedItems(_ *jinja.Call, in any) (any, error) {
	items, err := flatten(in.([]any), 1, false)
	out := make([]any, len(items))
	for i, it := range items {
		out[i] = value.Tuple{i, it}
	}
	return out, err
}

// termLists are the terms as lists; a term that is none is a list of itself.
func termLists(terms []any, what, where string) ([][]any, error) {
	if len(terms) == 0 {
		return nil, valueError("%s requires at least one element in %s", what, where)
	}
	out := make([][]any, len(terms))
	for i, t := range terms {
		items, ok := value.Items(t)
		if !ok {
			items = []any{t}
		}
		_, isText := t.(string)
		if _, isMap := jinja.AsMap(t); isMap || isText {
			var err error
			if items, err = jinja.Iterate(t); err != nil {
				return nil, err
			}
		}
		out[i] = items
	}
	return out, nil
}

func nested(_ *jinja.Call, in any) (any, error) {
	all, err := termLists(in.([]any), "with_nested", "the nested list")
	if err != nil {
		return nil, err
	}
	rows, err := cartesian(all)
	if err != nil {
		return nil, err
	}
	return flatRows(rows.([]any))
}

func together(_ *jinja.Call, in any) (any, error) {
	all, err := termLists(in.([]any), "with_together", "each list")
	if err != nil {
		return nil, err
	}
	longest := 0
	for _, l := range all {
		longest = max(longest, len(l))
	}
	return flatRows(zipped(all, longest, nil))
}

// flatRows makes each row a list with inner lists opened once.
func flatRows(rows []any) (any, error) {
	for i, r := range rows {
		items, _ := value.Items(r)
		flat, err := flatten(items, 1, false)
		if err != nil {
			return nil, err
		}
		rows[i] = flat
	}
	return rows, nil
}

var sequenceForm = regexp.MustCompile(`(?i)^(?:(0?x?[0-9a-f]+)-)?(0?x?[0-9a-f]+)(?:/(0?x?[0-9a-f]+))?(?::(.+))?$`)

// sequenceSpec says which numbers a sequence lookup makes.
type sequenceSpec struct {
	start, end, stride int
	count              int
	hasEnd, hasCount   bool
	format             string
}

func sequenceLookup(c *jinja.Call, in any) (any, error) {
	terms := in.([]any)
	if len(terms) == 0 && c.Kwargs.Len() > 0 {
		terms = []any{""}
	}
	out := []any{}
	for _, t := range terms {
		s := sequenceSpec{start: 1, stride: 1, format: "%d"}
		err := s.setAll(c.Kwargs)
		text := value.Str(t)
		if m := sequenceForm.FindStringSubmatch(text); m != nil && err == nil {
			err = s.setAll(shortcut(m))
		} else if err == nil {
			_, pairs := keyValues(text)
			err = s.setAll(pairs)
		}
		if err != nil {
			return nil, err
		}
		numbers, err := s.numbers(c)
		if err != nil {
			return nil, err
		}
		out = append(out, numbers...)
	}
	return out, nil
}

// shortcut are the fields of the form start-end/stride:format.
func shortcut(m []string) *value.Map {
	fields := &value.Map{}
	for i, name := range []string{"start", "end", "stride", "format"} {
		if m[i+1] != "" {
			fields.Set(name, m[i+1])
		}
	}
	return fields
}

func (s *sequenceSpec) setAll(fields *value.Map) error {
	for k, v := range fields.All() {
		text := value.Str(v)
		if k == "format" {
			s.format = text
			continue
		}
		n, err := strconv.ParseInt(text, 0, 64)
		if err != nil {
			return valueError("can't parse %s=%s as integer", value.Str(k), text)
		}
		switch k {
		case "start":
			s.start = int(n)
		case "end":
			s.end, s.hasEnd = int(n), true
		case "stride":
			s.stride = int(n)
		case "count":
			s.count, s.hasCount = int(n), true
		default:
			return valueError("unrecognized arguments to with_sequence: %s", value.Repr([]any{k}))
		}
	}
	return nil
}

func (s *sequenceSpec) check() error {
	switch {
	case !s.hasCount && !s.hasEnd:
		return valueError("must specify count or end in with_sequence")
	case s.hasCount && s.hasEnd:
		return valueError("can't specify both count and end in with_sequence")
	case s.hasCount:
		s.end = s.start + s.count*s.stride - 1
		if s.stride < 0 {
			s.end = s.start + s.count*s.stride + 1
		}
	}
	if s.hasCount && s.count == 0 || s.stride == 0 {
		return nil
	}
	switch {
	case s.stride > 0 && s.end < s.start:
		return valueError("to count backwards make stride negative")
	case s.stride < 0 && s.end > s.start:
		return valueError("to count forward don't make stride negative")
	case strings.Count(s.format, "%") != 1:
		return valueError("bad formatting string: %s", s.format)
	}
	return nil
}

func (s *sequenceSpec) numbers(c *jinja.Call) ([]any, error) {
	if err := s.check(); err != nil || s.stride == 0 || s.hasCount && s.count == 0 {
		return nil, err
	}
	if n := (s.end - s.start) / s.stride; n > maxCombined {
		return nil, value.Errorf(value.Limit, "a sequence of %d numbers is too long", n)
	}
	var out []any
	for i := s.start; (s.stride > 0 && i <= s.end) || (s.stride < 0 && i >= s.end); i += s.stride {
		text, err := c.Filter("format", s.format, []any{i}, nil)
		if err = firstError(err, jinja.Use(text)); err != nil {
			return nil, valueError("problem formatting %d with %s", i, value.Repr(s.format))
		}
		out = append(out, text)
	}
	return out, nil
}

func subelementsLookup(_ *jinja.Call, in any) (any, error) {
	terms := in.([]any)
	if len(terms) < 2 || len(terms) > 3 {
		return nil, valueError("subelements lookup expects a list of two or three items")
	}
	elements, ok := value.Items(terms[0])
	if m, isMap := jinja.AsMap(terms[0]); isMap {
		elements, ok = values(m), true
	}
	path, isText := terms[1].(string)
	if !ok || !isText {
		return nil, valueError("subelements lookup expects a list of two or three items, first a dict or a list, second a string pointing to the subkey")
	}
	skipMissing := false
	if len(terms) == 3 {
		if flags, ok := jinja.AsMap(terms[2]); ok {
			skipMissing, _ = toBool(flags.Value("skip_missing"))
		}
	}
	out := []any{}
	for _, e := range elements {
		m, err := mapping(e, "subelements lookup")
		if err != nil {
			return nil, err
		}
		if value.Truth(m.Value("skipped")) {
			continue
		}
		rows, err := subelementRows(m, strings.Split(path, "."), skipMissing)
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	return out, nil
}

// subelementRows are the pairs of an element, without the list itself, and each item of its list.
func subelementRows(m *value.Map, path []string, skipMissing bool) ([]any, error) {
	keys := make([]any, len(path))
	for i, p := range path {
		keys[i] = p
	}
	items, err := subelementsOf(m, keys, skipMissing)
	if err != nil {
		return nil, err
	}
	rest := withoutPath(m, path)
	out := make([]any, len(items))
	for i, it := range items {
		out[i] = value.Tuple{rest, it}
	}
	return out, nil
}

func withoutPath(m *value.Map, path []string) *value.Map {
	out := m.Clone()
	if len(path) == 1 {
		out.Delete(path[0])
	} else if inner, ok := m.Value(path[0]).(*value.Map); ok {
		out.Set(path[0], withoutPath(inner, path[1:]))
	}
	return out
}

func (a *extension) randomChoice(_ *jinja.Call, in any) (any, error) {
	terms := in.([]any)
	if len(terms) == 0 {
		return terms, nil
	}
	return []any{terms[a.rand(len(terms))]}, nil
}

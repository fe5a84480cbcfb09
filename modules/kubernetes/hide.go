package kubernetes

// hidden_fields: what a result leaves out.

import (
	"slices"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/value"
)

// hide returns the object without the fields; one is written as status, metadata.annotations[example.com/key] or spec.list[0].name.
// A mapping or list that becomes empty goes too.
func hide(o *value.Map, fields []string) *value.Map {
	paths := make([][]string, len(fields))
	for i, f := range fields {
		paths[i] = fieldPath(f)
	}
	slices.SortFunc(paths, func(a, b []string) int { return slices.CompareFunc(b, a, byNumber) }) // the last of a list first: it moves nothing
	var out any = o
	for _, p := range paths {
		out = without(out, p)
	}
	m, ok := out.(*value.Map)
	if !ok {
		return &value.Map{}
	}
	return m
}

func byNumber(a, b string) int {
	m, errA := strconv.Atoi(a)
	n, errB := strconv.Atoi(b)
	if errA == nil && errB == nil {
		return m - n
	}
	return strings.Compare(a, b)
}

// fieldPath takes a field apart at dots and brackets; inside brackets dots are letters.
func fieldPath(field string) []string {
	var out []string
	for field != "" {
		if rest, ok := strings.CutPrefix(field, "["); ok {
			key, after, _ := strings.Cut(rest, "]")
			out, field = append(out, key), strings.TrimPrefix(after, ".")
			continue
		}
		end := strings.IndexAny(field, ".[")
		if end < 0 {
			return append(out, field)
		}
		out = append(out, field[:end])
		field = strings.TrimPrefix(field[end:], ".")
	}
	return out
}

// without copies v less what the path leads to.
func without(v any, path []string) any {
	if len(path) == 0 {
		return nil
	}
	switch x := v.(type) {
	case *value.Map:
		inner, ok := x.Get(path[0])
		if !ok {
			return v
		}
		out := x.Clone()
		if rest := without(inner, path[1:]); isEmpty(rest) {
			out.Delete(path[0])
		} else {
			out.Set(path[0], rest)
		}
		return out
	case []any:
		i, err := strconv.Atoi(path[0])
		if err != nil || i < 0 || i >= len(x) {
			return v
		}
		out := append([]any(nil), x[:i]...)
		if rest := without(x[i], path[1:]); !isEmpty(rest) {
			out = append(out, rest)
		}
		return append(out, x[i+1:]...)
	}
	return v
}

func isEmpty(v any) bool {
	switch x := v.(type) {
	case nil:
		return true
	case *value.Map:
		return x.Len() == 0
	case []any:
		return len(x) == 0
	}
	return false
}

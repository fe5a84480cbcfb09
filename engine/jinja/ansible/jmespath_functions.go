package ansible

import (
	"math"
	"strings"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

// jmesFunction is a function of a query; most is -1 where there is no limit.
type jmesFunction struct {
	least, most int
	call        func(name string, args []any) (any, error)
}

var jmesFunctions = map[string]jmesFunction{
	"abs":         {1, 1, onNumber(func(f float64) float64 { return math.Abs(f) })},
	"ceil":        {1, 1, onNumber(math.Ceil)},
	"floor":       {1, 1, onNumber(math.Floor)},
	"avg":         {1, 1, jmesAverage},
	"sum":         {1, 1, jmesSum},
	"contains":    {2, 2, jmesContains},
	"ends_with":   {2, 2, onTexts(func(a, b string) any { return strings.HasSuffix(a, b) })},
	"starts_with": {2, 2, onTexts(func(a, b string) any { return strings.HasPrefix(a, b) })},
	"join":        {2, 2, jmesJoin},
	"keys": {1, 1, onMap(func(m *value.Map) any {
		return append([]any{}, m.Keys()...)
	})},
	"values":    {1, 1, onMap(func(m *value.Map) any { return values(m) })},
	"length":    {1, 1, func(_ string, args []any) (any, error) { return jinja.Length(args[0]) }},
	"map":       {2, 2, jmesMap},
	"max":       {1, 1, jmesExtreme(1)},
	"min":       {1, 1, jmesExtreme(-1)},
	"max_by":    {2, 2, jmesExtreme(1)},
	"min_by":    {2, 2, jmesExtreme(-1)},
	"sort":      {1, 1, jmesSort},
	"sort_by":   {2, 2, jmesSort},
	"merge":     {0, -1, jmesMerge},
	"not_null":  {1, -1, jmesNotNull},
	"reverse":   {1, 1, jmesReverse},
	"to_array":  {1, 1, jmesToArray},
	"to_number": {1, 1, jmesToNumber},
	"to_string": {1, 1, jmesToString},
	"type":      {1, 1, func(_ string, args []any) (any, error) { return jmesType(args[0]), nil }},
}

func jmesTypeError(name string, arg any) error {
	return valueError("json_query: %s() cannot take a value of type %s", name, jmesType(arg))
}

func jmesType(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case jmesExpr:
		return "expref"
	}
	if isNumeric(v) {
		return "number"
	}
	if _, ok := value.Items(v); ok {
		return "array"
	}
	return "object"
}

func onNumber(fn func(float64) float64) func(string, []any) (any, error) {
	return func(name string, args []any) (any, error) {
		f, ok := number(args[0])
		if !ok || !isNumeric(args[0]) {
			return nil, jmesTypeError(name, args[0])
		}
		out := fn(f)
		if _, isFloat := args[0].(float64); isFloat && name == "abs" {
			return out, nil
		}
		return int(out), nil
	}
}

func onTexts(fn func(a, b string) any) func(string, []any) (any, error) {
	return func(name string, args []any) (any, error) {
		a, ok1 := args[0].(string)
		b, ok2 := args[1].(string)
		if !ok1 || !ok2 {
			return nil, jmesTypeError(name, args[0])
		}
		return fn(a, b), nil
	}
}

func onMap(fn func(m *value.Map) any) func(string, []any) (any, error) {
	return func(name string, args []any) (any, error) {
		m, ok := jinja.AsMap(args[0])
		if !ok {
			return nil, jmesTypeError(name, args[0])
		}
		return fn(m), nil
	}
}

func jmesItems(name string, v any) ([]any, error) {
	items, ok := value.Items(v)
	if !ok {
		return nil, jmesTypeError(name, v)
	}
	return items, nil
}

func jmesSum(name string, args []any) (any, error) {
	items, err := jmesItems(name, args[0])
	if err != nil {
		return nil, err
	}
	total, whole := 0.0, true
	for _, it := range items {
		f, ok := number(it)
		if !ok {
			return nil, jmesTypeError(name, it)
		}
		_, isFloat := it.(float64)
		total, whole = total+f, whole && !isFloat
	}
	if whole {
		return int(total), nil
	}
	return total, nil
}

func jmesAverage(name string, args []any) (any, error) {
	total, err := jmesSum(name, args)
	items, _ := value.Items(args[0])
	if err != nil || len(items) == 0 {
		return nil, err
	}
	f, _ := number(total)
	return f / float64(len(items)), nil
}

func jmesContains(name string, args []any) (any, error) {
	if s, ok := args[0].(string); ok {
		sub, isText := args[1].(string)
		return isText && strings.Contains(s, sub), nil
	}
	items, err := jmesItems(name, args[0])
	for _, it := range items {
		if value.Equal(it, args[1]) {
			return true, nil
		}
	}
	return false, err
}

func jmesJoin(name string, args []any) (any, error) {
	items, err := jmesItems(name, args[1])
	if err != nil {
		return nil, err
	}
	parts := make([]string, len(items))
	for i, it := range items {
		s, ok := it.(string)
		if !ok {
			return nil, jmesTypeError(name, it)
		}
		parts[i] = s
	}
	return strings.Join(parts, value.Str(args[0])), nil
}

func jmesMap(name string, args []any) (any, error) {
	e, ok := args[0].(jmesExpr)
	items, err := jmesItems(name, args[1])
	if err != nil || !ok {
		return nil, firstError(err, jmesTypeError(name, args[0]))
	}
	out := make([]any, len(items))
	for i, it := range items {
		if out[i], err = e.node(it); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// jmesKey is the key by which a function orders: its second argument, or the item itself.
func jmesKey(name string, args []any) (func(any) (any, error), error) {
	key := func(v any) (any, error) { return v, nil }
	if len(args) > 1 {
		e, ok := args[1].(jmesExpr)
		if !ok {
			return nil, jmesTypeError(name, args[1])
		}
		key = e.node
	}
	return func(v any) (any, error) {
		k, err := key(v)
		if err == nil && jmesType(k) != "number" && jmesType(k) != "string" {
			err = jmesTypeError(name, k)
		}
		return k, err
	}, nil
}

func jmesSort(name string, args []any) (any, error) {
	items, err := jmesItems(name, args[0])
	if err != nil {
		return nil, err
	}
	key, err := jmesKey(name, args)
	if err != nil {
		return nil, err
	}
	out := append([]any{}, items...)
	return out, value.Sort(out, key, false)
}

func jmesExtreme(sign int) func(string, []any) (any, error) {
	return func(name string, args []any) (any, error) {
		sorted, err := jmesSort(name, args)
		items, _ := value.Items(sorted)
		if err != nil || len(items) == 0 {
			return nil, err
		}
		if sign < 0 {
			return items[0], nil
		}
		return items[len(items)-1], nil
	}
}

func jmesMerge(name string, args []any) (any, error) {
	out := &value.Map{}
	for _, a := range args {
		m, ok := jinja.AsMap(a)
		if !ok {
			return nil, jmesTypeError(name, a)
		}
		out.Merge(m)
	}
	return out, nil
}

func jmesNotNull(_ string, args []any) (any, error) {
	for _, a := range args {
		if a != nil {
			return a, nil
		}
	}
	return nil, nil
}

func jmesReverse(name string, args []any) (any, error) {
	if s, ok := args[0].(string); ok {
		r := []rune(s)
		for i, j := 0, len(r)-1; i < j; i, j = i+1, j-1 {
			r[i], r[j] = r[j], r[i]
		}
		return string(r), nil
	}
	items, err := jmesItems(name, args[0])
	out := make([]any, len(items))
	for i, it := range items {
		out[len(items)-1-i] = it
	}
	return out, err
}

func jmesToArray(_ string, args []any) (any, error) {
	if items, ok := value.Items(args[0]); ok {
		return items, nil
	}
	return []any{args[0]}, nil
}

func jmesToNumber(_ string, args []any) (any, error) {
	s, ok := args[0].(string)
	if !ok {
		if isNumeric(args[0]) {
			return args[0], nil
		}
		return nil, nil
	}
	if n, ok := wholeOf(s); ok {
		return n, nil
	}
	if f, ok := jinja.ParseFloat(s); ok {
		return f, nil
	}
	return nil, nil
}

func jmesToString(_ string, args []any) (any, error) {
	if s, ok := args[0].(string); ok {
		return s, nil
	}
	return jinja.EncodeJSON(args[0], jinja.JSONOptions{ItemSep: ",", KeySep: ":"})
}

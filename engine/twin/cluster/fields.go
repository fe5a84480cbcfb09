package cluster

// Reading and setting fields of objects.

import (
	"math"

	"k8s.io/apimachinery/pkg/util/json"
)

func at(o any, path ...string) any {
	for _, key := range path {
		m, ok := o.(map[string]any)
		if !ok {
			return nil
		}
		o = m[key]
	}
	return o
}

func text(o any, path ...string) string {
	s, _ := at(o, path...).(string)
	return s
}

func number(o any, path ...string) int64 {
	switch n := at(o, path...).(type) {
	case int64:
		return n
	case float64:
		return int64(n)
	}
	return 0
}

func flag(o any, path ...string) bool {
	b, _ := at(o, path...).(bool)
	return b
}

func list(o any, path ...string) []any {
	l, _ := at(o, path...).([]any)
	return l
}

func fieldsOf(o any, path ...string) map[string]any {
	m, _ := at(o, path...).(map[string]any)
	return m
}

func nameOf(o any) string      { return text(o, "metadata", "name") }
func namespaceOf(o any) string { return text(o, "metadata", "namespace") }

// put sets a field, making the mappings on the way; nil removes it.
func put(o map[string]any, v any, path ...string) {
	for _, key := range path[:len(path)-1] {
		next, ok := o[key].(map[string]any)
		if !ok {
			next = map[string]any{}
			o[key] = next
		}
		o = next
	}
	if v == nil {
		delete(o, path[len(path)-1])
		return
	}
	o[path[len(path)-1]] = v
}

// normal makes a copy of an object in the types that JSON decoding gives, so that equal ones compare equal.
func normal(o map[string]any) map[string]any {
	m, _ := plain(o).(map[string]any)
	return m
}

func plain(v any) any {
	switch v := v.(type) {
	case nil, string, bool, int64:
		return v
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, one := range v {
			out[key] = plain(one)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, one := range v {
			out[i] = plain(one)
		}
		return out
	case int:
		return int64(v)
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return int64(v)
		}
		return v
	}
	return decoded(v)
}

// decoded takes any other type through JSON.
func decoded(v any) any {
	data, err := json.Marshal(map[string]any{"v": v})
	if err != nil {
		panic("twin cluster: " + err.Error())
	}
	var out map[string]any
	if err := json.Unmarshal(data, &out); err != nil {
		panic("twin cluster: " + err.Error())
	}
	return out["v"]
}

// same compares two values in the types of normal.
func same(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for key, one := range a {
			other, ok := b[key]
			if !ok || !same(one, other) {
				return false
			}
		}
		return true
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for i := range a {
			if !same(a[i], b[i]) {
				return false
			}
		}
		return true
	}
	switch b.(type) {
	case map[string]any, []any:
		return false
	}
	return a == b
}

func copyOf(o map[string]any) map[string]any { return normal(o) }

// into decodes an object into a type of the API.
func into(o map[string]any, target any) {
	data, err := json.Marshal(o)
	if err == nil {
		err = json.Unmarshal(data, target)
	}
	if err != nil {
		panic("twin cluster: " + err.Error())
	}
}

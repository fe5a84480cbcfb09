package cluster

// Reading and setting fields of objects.

import (
	"reflect"

	"k8s.io/apimachinery/pkg/runtime"
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

// normal makes an object of the types that JSON decoding gives, so that equal ones compare equal.
func normal(o map[string]any) map[string]any {
	data, err := json.Marshal(o)
	if err != nil {
		panic("twin cluster: " + err.Error())
	}
	var out map[string]any
	if err := json.Unmarshal(data, &out); err != nil {
		panic("twin cluster: " + err.Error())
	}
	return out
}

func same(a, b any) bool { return reflect.DeepEqual(a, b) }

func copyOf(o map[string]any) map[string]any { return runtime.DeepCopyJSON(o) }

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

package value

import (
	"fmt"
	"reflect"
	"sort"
)

// From makes a value of Go data: structs are not taken, maps are ordered by key, []string becomes []any. It panics on what has no
// value: a programmer's mistake.
func From(v any) any {
	switch x := v.(type) {
	case nil, bool, int, float64, string, *Map, []any:
		return x
	}
	r := reflect.ValueOf(v)
	switch r.Kind() {
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return int(r.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return int(r.Uint())
	case reflect.Float32:
		return r.Float()
	case reflect.String:
		return r.String()
	case reflect.Slice, reflect.Array:
		out := make([]any, r.Len())
		for i := range out {
			out[i] = From(r.Index(i).Interface())
		}
		return out
	case reflect.Map:
		return fromMap(r)
	}
	panic(fmt.Sprintf("value.From: %T has no value", v))
}

func fromMap(r reflect.Value) *Map {
	keys := r.MapKeys()
	sort.Slice(keys, func(i, j int) bool { return keys[i].String() < keys[j].String() })
	m := &Map{}
	for _, k := range keys {
		m.Set(From(k.Interface()), From(r.MapIndex(k).Interface()))
	}
	return m
}

package kube

// Object: one object of the API and its ways into values and Go types.

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"

	"github.com/drydock-dev/drydock/engine/value"
)

// Object is one object of the API, as the server gave it. The zero Object is none.
type Object struct{ content map[string]any }

// NewObject makes an Object of a value, as a person writes it.
func NewObject(m *value.Map) Object {
	content, _ := fromValue(m).(map[string]any)
	return Object{content: content}
}

// IsZero tells whether there is no object.
func (o Object) IsZero() bool { return o.content == nil }

// Value is the object as a value of content; keys are in alphabetical order.
func (o Object) Value() *value.Map {
	if o.content == nil {
		return &value.Map{}
	}
	return toValue(o.content).(*value.Map)
}

// Into decodes the object into a Go type of the API, by way of JSON: Longhorn's types have fields that other ways refuse.
func (o Object) Into(target any) error {
	data, err := json.Marshal(o.content)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, target); err != nil {
		return fmt.Errorf("%s %s: %w", o.text("kind"), o.Name(), err)
	}
	return nil
}

// Name is metadata.name.
func (o Object) Name() string { return o.text("metadata", "name") }

// Namespace is metadata.namespace; empty for a kind without namespaces.
func (o Object) Namespace() string { return o.text("metadata", "namespace") }

// UID is metadata.uid, which tells an object from a later one of the same name.
func (o Object) UID() string { return o.text("metadata", "uid") }

// text follows keys to a string; what is missing is empty.
func (o Object) text(path ...string) string {
	s, _ := o.at(path...).(string)
	return s
}

func (o Object) at(path ...string) any {
	var v any = o.content
	for _, key := range path {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[key]
	}
	return v
}

// toValue makes values of decoded JSON.
func toValue(v any) any {
	switch x := v.(type) {
	case map[string]any:
		m := &value.Map{}
		for _, k := range slices.Sorted(maps.Keys(x)) {
			m.Set(k, toValue(x[k]))
		}
		return m
	case []any:
		out := make([]any, len(x))
		for i, item := range x {
			out[i] = toValue(item)
		}
		return out
	case int64:
		return int(x)
	}
	return v
}

// fromValue makes of values what the dynamic client encodes.
func fromValue(v any) any {
	switch x := v.(type) {
	case *value.Map:
		out := make(map[string]any, x.Len())
		for k, item := range x.All() {
			out[value.Str(k)] = fromValue(item)
		}
		return out
	case []any:
		out := make([]any, len(x))
		for i, item := range x {
			out[i] = fromValue(item)
		}
		return out
	case int:
		return int64(x)
	case *big.Int:
		f, _ := new(big.Float).SetInt(x).Float64()
		return f
	}
	return v
}

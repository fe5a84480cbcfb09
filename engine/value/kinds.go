package value

import "math/big"

// Tuple is Python's tuple. It becomes a list when a template's result is final.
type Tuple []any

// List is a list that a template may change while it is rendered, as `append` does. It becomes a []any when the
// template's result is final; nothing outside a template ever sees one.
type List struct{ Items []any }

// Object is a read-only mapping whose values are computed when they are asked for: hostvars, vars, a host's facts.
type Object interface {
	// Get returns the value of a key and whether there is one.
	Get(key any) (v any, ok bool, err error)
	// Keys returns all keys in order.
	Keys() []any
}

// Undefined stands for a variable or attribute that is not there. It may be passed about, tested and defaulted; using it
// is an error that says Hint.
type Undefined struct {
	Name string // what was looked up, e.g. "foo" or "foo.bar"
	Hint string // a whole sentence for the error, e.g. "'foo' is undefined"
	Err  error  // what went wrong when the value was computed, if it is missing for that reason
}

// Omit is the value of Ansible's `omit`: a key or item whose value it is vanishes.
type Omit struct{}

// String is what Ansible prints for an omit that ended up inside a text.
func (Omit) String() string { return "<<Omit>>" }

// Items returns the elements of a list or tuple of any form, and whether v is one. The slice must not be changed.
func Items(v any) ([]any, bool) {
	switch x := v.(type) {
	case []any:
		return x, true
	case *List:
		return x.Items, true
	case Tuple:
		return x, true
	}
	return nil, false
}

// TypeName is Python's name of the type of a value: str, int, dict.
func TypeName(v any) string {
	switch x := v.(type) {
	case nil:
		return "NoneType"
	case bool:
		return "bool"
	case int, *big.Int:
		return "int"
	case float64:
		return "float"
	case string:
		return "str"
	case []any, *List:
		return "list"
	case Tuple:
		return "tuple"
	case *Map, Object:
		return "dict"
	case interface{ TypeName() string }:
		return x.TypeName()
	}
	return "object"
}

package value

// Tuple is Python's tuple. It becomes a list when a template's result is final.
type Tuple []any

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
}

// Omit is the value of Ansible's `omit`: a key or item whose value it is vanishes.
type Omit struct{}

package ansible_test

import "github.com/drydock-dev/drydock/engine/value"

// mapEnv is an Env over a mapping.
type mapEnv struct{ vars *value.Map }

func (e mapEnv) Lookup(name string) (any, bool, error) {
	v, ok := e.vars.Get(name)
	return v, ok, nil
}

func (e mapEnv) Names() []string {
	var out []string
	for k := range e.vars.All() {
		out = append(out, k.(string))
	}
	return out
}

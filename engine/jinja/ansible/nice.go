package ansible

import (
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

// NiceYAML prints a value as to_nice_yaml does; one that YAML cannot hold is printed as Python would.
func NiceYAML(v any) string {
	out, err := toNiceYAML(&jinja.Call{Name: "to_nice_yaml"}, v)
	if err != nil {
		return value.Str(v)
	}
	return value.Str(out)
}

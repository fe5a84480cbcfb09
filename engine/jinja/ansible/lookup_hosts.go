package ansible

import (
	"path"
	"strings"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

// The lookup inventory_hostnames.

// inventoryHostnames are the hosts of patterns of groups and names: a:b, a:&b, a:!b, with globs and ~regular expressions.
func (a *extension) inventoryHostnames(c *jinja.Call, in any) (any, error) {
	groups := &value.Map{}
	if v, ok := c.Variable("groups"); ok {
		groups, _ = jinja.AsMap(v)
	}
	var parts []string
	for _, t := range in.([]any) {
		items, isList := value.Items(t)
		if !isList {
			items = []any{t}
		}
		for _, it := range items {
			s, ok := it.(string)
			if !ok {
				return nil, typeError("a host pattern must be a str, not %s", value.TypeName(it))
			}
			parts = append(parts, patternParts(s)...)
		}
	}
	hosts := []any{}
	for _, round := range []string{"", "&", "!"} { // Ansible takes together first, then cuts, then takes away
		for _, part := range parts {
			name := strings.TrimLeft(part, "&!")
			if sign := part[:len(part)-len(name)]; sign != round {
				continue
			}
			some, err := a.hostsOf(groups, name)
			if err != nil {
				return nil, err
			}
			switch round {
			case "":
				hosts = union(hosts, some)
			case "&":
				hosts = within(hosts, some)
			case "!":
				hosts = without(hosts, some)
			}
		}
	}
	return hosts, nil
}

// patternParts cuts a pattern at commas, or else at colons.
func patternParts(s string) []string {
	if strings.Contains(s, ",") {
		return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' })
	}
	return splitAny(s, ":")
}

// hostsOf are the hosts of the groups, and the hosts themselves, whose names a pattern matches.
func (a *extension) hostsOf(groups *value.Map, pattern string) ([]any, error) {
	matches := func(name string) (bool, error) { return path.Match(strings.ReplaceAll(pattern, "[!", "[^"), name) }
	if regex, ok := strings.CutPrefix(pattern, "~"); ok {
		re, err := a.patterns.compile(`\A(?:`+regex+`)`, false, false)
		if err != nil {
			return nil, err
		}
		matches = re.MatchString
	}
	var out []any
	for name, members := range groups.All() {
		ok, err := matches(value.Str(name))
		if err != nil {
			return nil, valueError("host pattern %s: %s", value.Repr(pattern), err)
		}
		if items, isList := value.Items(members); ok && isList {
			out = union(out, items)
		}
	}
	var all []any
	for _, members := range groups.All() {
		items, _ := value.Items(members)
		all = union(all, items)
	}
	for _, h := range all {
		ok, err := matches(value.Str(h))
		if err != nil {
			return nil, valueError("host pattern %s: %s", value.Repr(pattern), err)
		}
		if ok {
			out = union(out, []any{h})
		}
	}
	return out, nil
}

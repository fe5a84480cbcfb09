package ansible

import (
	"strings"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

// Lookups of variables, settings and hosts.

func (a *extension) addVarLookups(l *jinja.Language) {
	l.Lookups["vars"] = varsLookup
	l.Lookups["varnames"] = a.varNames
	l.Lookups["env"] = a.envLookup
	l.Lookups["config"] = a.configLookup
	l.Lookups["inventory_hostnames"] = inventoryHostnames
	l.Lookups["merge_variables"] = a.mergeVariables
}

func varsLookup(c *jinja.Call, in any) (any, error) {
	out := []any{}
	for _, t := range in.([]any) {
		name, ok := t.(string)
		if !ok {
			return nil, typeError("variable name must be 'str' not '%s'", value.TypeName(t))
		}
		v, ok := c.Variable(name)
		if !ok {
			v = value.Undefined{Name: name, Hint: "no variable named '" + name + "' was found"}
			if otherwise := c.Kwargs.Value("default"); otherwise != nil {
				v = otherwise
			}
		}
		out = append(out, v)
	}
	return out, nil
}

// variableNames are the names of all variables: the Env knows them, or the variable `vars`.
func variableNames(c *jinja.Call) []string {
	if n, ok := c.Env.(jinja.Namer); ok {
		return n.Names()
	}
	all, _ := c.Variable("vars")
	keys, err := jinja.Iterate(all)
	if err != nil {
		return nil
	}
	out := make([]string, 0, len(keys))
	for _, k := range keys {
		out = append(out, value.Str(k))
	}
	return out
}

func (a *extension) varNames(c *jinja.Call, in any) (any, error) {
	out := []any{}
	for _, t := range in.([]any) {
		re, err := a.patterns.compile(value.Str(t), false, false)
		if err != nil {
			return nil, err
		}
		for _, name := range variableNames(c) {
			if ok, err := re.MatchString(name); err != nil {
				return nil, err
			} else if ok {
				out = append(out, name)
			}
		}
	}
	return out, nil
}

// mergeVariables merges all variables whose names match a pattern.
func (a *extension) mergeVariables(c *jinja.Call, in any) (any, error) {
	o := options{c: c}
	out := []any{}
	for _, t := range in.([]any) {
		var merged any = o.c.Kwargs.Value("initial_value")
		for _, name := range variableNames(c) {
			ok, err := a.nameMatches(name, value.Str(t), o.text("pattern_type", "regex"))
			if err != nil {
				return nil, err
			}
			if !ok {
				continue
			}
			v, _ := c.Variable(name)
			if err := jinja.Use(v); err != nil {
				return nil, err
			}
			if merged == nil {
				merged = v
				continue
			}
			merged = merger{recursive: true, lists: "append"}.mergeValue(merged, v)
		}
		out = append(out, merged)
	}
	return out, nil
}

func (a *extension) nameMatches(name, pattern, kind string) (bool, error) {
	switch kind {
	case "prefix":
		return strings.HasPrefix(name, pattern), nil
	case "suffix":
		return strings.HasSuffix(name, pattern), nil
	}
	re, err := a.patterns.compile(pattern, false, false)
	if err != nil {
		return false, err
	}
	return re.MatchString(name)
}

func (a *extension) envLookup(c *jinja.Call, in any) (any, error) {
	out := []any{}
	for _, t := range in.([]any) {
		if err := jinja.Use(t); err != nil {
			return nil, err
		}
		name := strings.Fields(value.Str(t) + " ")
		if len(name) == 0 {
			return nil, valueError("the env lookup needs a name")
		}
		if v, ok := a.env(name[0]); ok {
			out = append(out, v)
			continue
		}
		otherwise, given := c.Kwargs.Get("default")
		if !given {
			otherwise = ""
		}
		out = append(out, otherwise)
	}
	return out, nil
}

func (a *extension) configLookup(c *jinja.Call, in any) (any, error) {
	o := options{c: c}
	out := []any{}
	for _, t := range in.([]any) {
		if a.Config != nil {
			if v, ok := a.Config(value.Str(t)); ok {
				out = append(out, v)
				continue
			}
		}
		if missing := o.text("on_missing", "error"); missing == "skip" || missing == "warn" {
			continue
		}
		return nil, value.Errorf(value.NotFound, "unable to find setting %s", value.Str(t))
	}
	return out, nil
}

// inventoryHostnames are the hosts of a pattern of groups and names: a:b, a:&b, a:!b.
func inventoryHostnames(c *jinja.Call, in any) (any, error) {
	groups := &value.Map{}
	if v, ok := c.Variable("groups"); ok {
		groups, _ = jinja.AsMap(v)
	}
	hosts := []any{}
	for _, t := range in.([]any) {
		text, ok := t.(string)
		if items, isList := value.Items(t); isList {
			parts := make([]string, len(items))
			for i, it := range items {
				parts[i] = value.Str(it)
			}
			text, ok = strings.Join(parts, ":"), true
		}
		if !ok {
			return nil, typeError("a host pattern must be a str, not %s", value.TypeName(t))
		}
		for _, part := range splitAny(text, ":,") {
			name := strings.TrimLeft(part, "&!")
			some := hostsOf(groups, name)
			switch part[0] {
			case '&':
				hosts = within(hosts, some)
			case '!':
				hosts = without(hosts, some)
			default:
				hosts = distinct(joined(hosts, some))
			}
		}
	}
	return hosts, nil
}

func hostsOf(groups *value.Map, name string) []any {
	if name == "*" {
		name = "all"
	}
	if items, ok := value.Items(groups.Value(name)); ok {
		return items
	}
	all, _ := value.Items(groups.Value("all"))
	return within([]any{name}, all)
}

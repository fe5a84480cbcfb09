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
	l.Lookups["inventory_hostnames"] = a.inventoryHostnames
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
			v = value.Undefined{Name: name, Hint: "No variable named '" + name + "' was found."}
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
		pattern, ok := t.(string)
		if !ok {
			return nil, typeError("Invalid setting identifier, \"%s\" is not a string, it is a <class '%s'>", value.Str(t), value.TypeName(t))
		}
		re, err := a.patterns.compile(pattern, false, false)
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
	if c.Kwargs.Value("plugin_type") != nil || c.Kwargs.Value("plugin_name") != nil {
		return nil, valueError("the config lookup knows no settings of plugins")
	}
	out := []any{}
	for _, t := range in.([]any) {
		if _, ok := t.(string); !ok {
			return nil, typeError("invalid setting identifier, %s is not a str", value.Repr(t))
		}
		if a.Config != nil {
			if v, origin, ok := a.Config(value.Str(t)); ok {
				if o.on("show_origin", false) {
					v = []any{v, origin}
				}
				out = append(out, v)
				continue
			}
		}
		if missing := o.text("on_missing", "error"); missing == "skip" || missing == "warn" {
			continue
		}
		return nil, value.Errorf(value.NotFound, "no config definition exists for %s", value.Repr(t))
	}
	return out, nil
}

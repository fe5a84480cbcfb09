package ansible

import (
	"strings"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

// Filters that keep, remove or rename the keys of mappings.

// keyMatcher tells whether a key is one of the targets, by the way that matching_parameter names.
func (a *extension) keyMatcher(targets any, how string) (func(key string) (bool, error), error) {
	items, ok := value.Items(targets)
	if !ok {
		items = []any{targets}
	}
	return func(key string) (bool, error) {
		for _, it := range items {
			t := value.Str(it)
			var hit bool
			var err error
			switch how {
			case "equal", "equality":
				hit = key == t
			case "starts_with":
				hit = strings.HasPrefix(key, t)
			case "ends_with":
				hit = strings.HasSuffix(key, t)
			case "regex":
				re, compileErr := a.patterns.compile(`\A(?:`+t+`)`, false, false)
				if compileErr != nil {
					return false, compileErr
				}
				hit, err = re.MatchString(key)
			default:
				return false, valueError("invalid matching_parameter '%s'", how)
			}
			if hit || err != nil {
				return hit, err
			}
		}
		return false, nil
	}, nil
}

// overMaps applies fn to each mapping of a list, or to one.
func overMaps(in any, fn func(m *value.Map) (any, error)) (any, error) {
	items, ok := value.Items(in)
	if !ok {
		m, err := mapping(in, "this filter")
		if err != nil {
			return nil, err
		}
		return fn(m)
	}
	out := make([]any, len(items))
	for i, it := range items {
		m, err := mapping(it, "this filter")
		if err != nil {
			return nil, err
		}
		if out[i], err = fn(m); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (a *extension) keyFilter(keep bool) jinja.Func {
	return func(c *jinja.Call, in any) (any, error) {
		p, err := c.Bind("target", "matching_parameter")
		if err != nil {
			return nil, err
		}
		matches, err := a.keyMatcher(p.Any(0, nil), value.Str(p.Any(1, "equal")))
		if err != nil {
			return nil, err
		}
		return overMaps(in, func(m *value.Map) (any, error) {
			out := &value.Map{}
			for k, v := range m.All() {
				hit, err := matches(value.Str(k))
				if err != nil {
					return nil, err
				}
				if hit == keep {
					out.Set(k, v)
				}
			}
			return out, nil
		})
	}
}

func (a *extension) replaceKeys(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("target", "matching_parameter")
	if err != nil {
		return nil, err
	}
	rules, ok := value.Items(p.Any(0, nil))
	if !ok {
		return nil, typeError("the target of replace_keys must be a list")
	}
	return overMaps(in, func(m *value.Map) (any, error) {
		out := &value.Map{}
		for k, v := range m.All() {
			name, err := a.renamed(k, rules, value.Str(p.Any(1, "equal")))
			if err != nil {
				return nil, err
			}
			out.Set(name, v)
		}
		return out, nil
	})
}

func (a *extension) renamed(key any, rules []any, how string) (any, error) {
	for _, r := range rules {
		rule, err := mapping(r, "replace_keys")
		if err != nil {
			return nil, err
		}
		matches, err := a.keyMatcher(rule.Value("before"), how)
		if err != nil {
			return nil, err
		}
		if hit, err := matches(value.Str(key)); hit || err != nil {
			return rule.Value("after"), err
		}
	}
	return key, nil
}

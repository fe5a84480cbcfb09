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
		if _, isList := value.Items(in); !isList {
			return nil, valueError("the first argument of %s must be a list, not %s", c.Name, value.TypeName(in))
		}
		p, err := c.Bind("target!", "matching_parameter")
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
	if _, isList := value.Items(in); !isList {
		return nil, valueError("the first argument of replace_keys must be a list, not %s", value.TypeName(in))
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

// deepKeyFilter keeps or removes keys in all mappings inside a value. A key that is kept is kept with all that is below it.
func (a *extension) deepKeyFilter(keep bool) jinja.Func {
	return func(c *jinja.Call, in any) (any, error) {
		p, err := c.Bind("target!", "matching_parameter")
		if err != nil {
			return nil, err
		}
		matches, err := a.keyMatcher(p.Any(0, nil), value.Str(p.Any(1, "equality")))
		if err != nil {
			return nil, err
		}
		if keep {
			return keptKeys(in, matches)
		}
		return changedKeys(in, func(k any) (any, bool, error) {
			hit, err := matches(value.Str(k))
			return k, !hit, err
		})
	}
}

func (a *extension) deepReplaceKeys(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("target!", "matching_parameter")
	if err != nil {
		return nil, err
	}
	rules, ok := value.Items(p.Any(0, nil))
	if !ok {
		return nil, typeError("the target of replace_keys must be a list")
	}
	if _, isMap := jinja.AsMap(in); !isMap {
		if _, isList := value.Items(in); !isList {
			return nil, valueError("input is not valid for replace operation")
		}
	}
	return changedKeys(in, func(k any) (any, bool, error) {
		name, err := a.renamed(k, rules, value.Str(p.Any(1, "equality")))
		return name, true, err
	})
}

// changedKeys makes the keys of all mappings inside a value what a function says; one that was renamed moves to the end.
func changedKeys(v any, change func(key any) (name any, keep bool, err error)) (any, error) {
	if items, ok := value.Items(v); ok {
		out := make([]any, len(items))
		for i, it := range items {
			var err error
			if out[i], err = changedKeys(it, change); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	m, ok := jinja.AsMap(v)
	if !ok {
		return v, nil
	}
	out, renamed := &value.Map{}, &value.Map{}
	for k, item := range m.All() {
		name, keep, err := change(k)
		if err != nil {
			return nil, err
		}
		if !keep {
			continue
		}
		if item, err = changedKeys(item, change); err != nil {
			return nil, err
		}
		if name == k {
			out.Set(k, item)
		} else {
			renamed.Set(name, item)
		}
	}
	return out.Merge(renamed), nil
}

// keptKeys keeps what is below keys that match, and the way to it.
func keptKeys(v any, matches func(key string) (bool, error)) (any, error) {
	if items, ok := value.Items(v); ok {
		out := []any{}
		for _, it := range items {
			kept, err := keptKeys(it, matches)
			if err != nil {
				return nil, err
			}
			if value.Truth(kept) {
				out = append(out, kept)
			}
		}
		return out, nil
	}
	m, ok := jinja.AsMap(v)
	if !ok {
		return nil, nil
	}
	out := &value.Map{}
	for k, item := range m.All() {
		hit, err := matches(value.Str(k))
		if err != nil {
			return nil, err
		}
		if !hit {
			if item, err = keptKeys(item, matches); err != nil {
				return nil, err
			}
			hit = value.Truth(item)
		}
		if hit {
			out.Set(k, item)
		}
	}
	return out, nil
}

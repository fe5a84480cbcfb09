package ansible

import (
	"math"
	"strings"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

func (a *extension) addTests(l *jinja.Language) {
	for names, test := range map[string]func(result *value.Map) bool{
		"failed failure":               func(r *value.Map) bool { return value.Truth(r.Value("failed")) },
		"succeeded success successful": func(r *value.Map) bool { return !value.Truth(r.Value("failed")) },
		"unreachable":                  func(r *value.Map) bool { return value.Truth(r.Value("unreachable")) },
		"reachable":                    func(r *value.Map) bool { return !value.Truth(r.Value("unreachable")) },
		"skipped skip":                 func(r *value.Map) bool { return value.Truth(r.Value("skipped")) },
		"changed change":               isChanged,
		"timedout":                     isTimedOut,
		"started":                      func(r *value.Map) bool { return !r.Has("started") || value.Truth(r.Value("started")) },
		"finished":                     func(r *value.Map) bool { return !r.Has("finished") || value.Truth(r.Value("finished")) },
	} {
		for _, name := range strings.Fields(names) {
			l.Tests[name] = resultTest(name, test)
		}
	}
	l.Tests["match"] = a.regexTest("match")
	l.Tests["search"] = a.regexTest("search")
	l.Tests["regex"] = a.regexTest("")
	l.Tests["version"] = versionTest
	l.Tests["version_compare"] = versionTest
	l.Tests["any"] = anyAll(true)
	l.Tests["all"] = anyAll(false)
	l.Tests["truthy"] = truthTest(true)
	l.Tests["falsy"] = truthTest(false)
	l.Tests["contains"] = containsTest
	l.Tests["subset"] = subsetTest(false)
	l.Tests["issubset"] = subsetTest(false)
	l.Tests["superset"] = subsetTest(true)
	l.Tests["issuperset"] = subsetTest(true)
	l.Tests["nan"] = nanTest
	l.Tests["isnan"] = nanTest
	l.Tests["uri"] = uriTest(func(*value.Map) bool { return true })
	l.Tests["url"] = uriTest(func(u *value.Map) bool { return u.Value("netloc") != "" || u.Value("scheme") == "file" })
	l.Tests["urn"] = uriTest(func(u *value.Map) bool { return u.Value("scheme") == "urn" })
}

// resultTest is a test of what a task registered.
func resultTest(name string, holds func(*value.Map) bool) jinja.Func {
	return func(_ *jinja.Call, in any) (any, error) {
		m, ok := jinja.AsMap(in)
		if !ok {
			return nil, valueError("The '%s' test expects a dictionary", name)
		}
		return holds(m), nil
	}
}

func isChanged(r *value.Map) bool {
	if r.Has("changed") {
		return value.Truth(r.Value("changed"))
	}
	results, _ := value.Items(r.Value("results"))
	for _, it := range results {
		if m, ok := it.(*value.Map); ok && value.Truth(m.Value("changed")) {
			return true
		}
	}
	return false
}

func isTimedOut(r *value.Map) bool {
	m, ok := r.Value("timedout").(*value.Map)
	return ok && value.Truth(m.Value("period"))
}

// regexTest is match (at the beginning) or search (anywhere); "" lets the argument match_type choose.
func (a *extension) regexTest(kind string) jinja.Func {
	return func(c *jinja.Call, in any) (any, error) {
		p, err := c.Bind("pattern", "ignorecase", "multiline", "match_type")
		if err != nil {
			return nil, err
		}
		how := kind
		if how == "" {
			if how, err = p.Text(3, "search"); err != nil {
				return nil, err
			}
		}
		pattern, err := p.Text(0, "")
		if err != nil {
			return nil, err
		}
		s, err := regexText(c, in)
		if err != nil {
			return nil, err
		}
		// A match is anchored by the pattern itself; \G would be too, but only where a search begins.
		switch how {
		case "match":
			pattern = `\A(?:` + pattern + `)`
		case "fullmatch":
			pattern = `\A(?:` + pattern + `)\z`
		}
		re, err := a.patterns.compile(pattern, p.Bool(1, false), p.Bool(2, false))
		if err != nil {
			return nil, err
		}
		return re.MatchString(s)
	}
}

func anyAll(want bool) jinja.Func {
	return func(_ *jinja.Call, in any) (any, error) {
		items, err := jinja.Iterate(in)
		if err != nil {
			return nil, err
		}
		for _, it := range items {
			if value.Truth(it) == want {
				return want, nil
			}
		}
		return !want, nil
	}
}

func truthTest(want bool) jinja.Func {
	return func(c *jinja.Call, in any) (any, error) {
		p, err := c.Bind("convert_bool")
		if err != nil {
			return nil, err
		}
		if p.Bool(0, false) {
			if on, known := toBool(in); known {
				return on == want, nil
			}
		}
		return value.Truth(in) == want, nil
	}
}

func containsTest(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("b")
	if err != nil {
		return nil, err
	}
	item, err := p.Need(0)
	if err != nil {
		return nil, err
	}
	return c.Test("in", item, []any{in}, nil)
}

func subsetTest(reversed bool) jinja.Func {
	return func(c *jinja.Call, in any) (any, error) {
		p, err := c.Bind("b")
		if err != nil {
			return nil, err
		}
		part, err := jinja.Iterate(in)
		if err != nil {
			return nil, err
		}
		whole, err := jinja.Iterate(p.Any(0, nil))
		if err != nil {
			return nil, err
		}
		if reversed {
			part, whole = whole, part
		}
		return len(without(part, whole)) == 0, nil
	}
}

func nanTest(_ *jinja.Call, in any) (any, error) {
	x, ok := number(in)
	return ok && math.IsNaN(x), nil
}

// uriTest tells whether a text is an address of some form; the argument schemes restricts it.
func uriTest(holds func(parts *value.Map) bool) jinja.Func {
	return func(c *jinja.Call, in any) (any, error) {
		p, err := c.Bind("schemes")
		if err != nil {
			return nil, err
		}
		s, ok := in.(string)
		if !ok {
			return false, nil
		}
		u, err := splitURL(s)
		if err != nil || !holds(u) {
			return false, nil
		}
		schemes, ok := value.Items(p.Any(0, nil))
		if !ok || len(schemes) == 0 {
			return true, nil
		}
		return jinja.NewSet(schemes...).Has(u.Value("scheme")), nil
	}
}

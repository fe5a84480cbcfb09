package jinja

import (
	"math/big"
	"strings"
	"unicode"

	"github.com/drydock-dev/drydock/engine/value"
)

func addTests(l *Language) {
	is := func(fn func(v any) bool) Func {
		return func(c *Call, in any) (any, error) {
			if _, err := c.Bind(); err != nil {
				return nil, err
			}
			return fn(in), nil
		}
	}
	l.Tests["defined"] = definedTest(true)
	l.Tests["undefined"] = definedTest(false)
	l.TakesUndefined("defined", "undefined")
	l.Tests["none"] = is(func(v any) bool { return v == nil })
	l.Tests["boolean"] = is(func(v any) bool { _, ok := v.(bool); return ok })
	l.Tests["true"] = is(func(v any) bool { return v == true })
	l.Tests["false"] = is(func(v any) bool { return v == false })
	l.Tests["integer"] = is(isInteger)
	l.Tests["float"] = is(func(v any) bool { _, ok := v.(float64); return ok })
	l.Tests["number"] = is(isNumber)
	l.Tests["string"] = is(func(v any) bool { _, ok := v.(string); return ok })
	l.Tests["mapping"] = is(isMapping)
	l.Tests["sequence"] = is(isSequence)
	l.Tests["iterable"] = is(isIterable)
	l.Tests["callable"] = is(isCallable)
	l.Tests["escaped"] = is(func(any) bool { return false })
	l.Tests["lower"] = caseTest(unicode.IsLower, unicode.IsUpper)
	l.Tests["upper"] = caseTest(unicode.IsUpper, unicode.IsLower)
	l.Tests["odd"] = remainderTest(2, 1)
	l.Tests["even"] = remainderTest(2, 0)
	l.Tests["divisibleby"] = divisibleByTest
	l.Tests["sameas"] = sameAsTest
	l.Tests["in"] = inTest
	l.Tests["filter"] = knownTest(func(c *Call) func(string) (Func, bool) { return c.Lang.filter })
	l.Tests["test"] = knownTest(func(c *Call) func(string) (Func, bool) { return c.Lang.test })
	for op, aliases := range map[string]string{
		"==": "== eq equalto", "!=": "!= ne", "<": "< lt lessthan", "<=": "<= le", ">": "> gt greaterthan", ">=": ">= ge",
	} {
		for _, name := range strings.Fields(aliases) {
			l.Tests[name] = comparisonTest(op)
		}
	}
}

func definedTest(want bool) Func {
	return func(c *Call, in any) (any, error) {
		if _, err := c.Bind(); err != nil {
			return nil, err
		}
		u, ok := in.(value.Undefined)
		if ok && !missing(u) {
			return nil, u.Err
		}
		if _, empty := in.(noElse); empty {
			ok = true
		}
		return ok != want, nil
	}
}

func isInteger(v any) bool {
	switch v.(type) {
	case int, *big.Int:
		return true
	}
	return false
}

func isNumber(v any) bool {
	_, isFloat := v.(float64)
	return isFloat || value.Big(v) != nil
}

func isMapping(v any) bool {
	switch v.(type) {
	case *value.Map, value.Object:
		return true
	}
	return false
}

func isSequence(v any) bool {
	_, err := Length(v)
	return err == nil
}

func isIterable(v any) bool {
	switch v.(type) {
	case nil, bool, int, float64, *big.Int:
		return false
	}
	_, err := iterate(v)
	return err == nil
}

func isCallable(v any) bool {
	switch v.(type) {
	case Func, *macro, *method:
		return true
	}
	return false
}

func caseTest(want, other func(rune) bool) Func {
	return func(c *Call, in any) (any, error) {
		s, err := c.Str(in)
		if err != nil {
			return nil, err
		}
		return cased(want, other)(c, s)
	}
}

func remainderTest(divisor, want int) Func {
	return func(_ *Call, in any) (any, error) {
		r, err := arithmetic("%", in, divisor)
		if _, isText := in.(string); isText {
			err = typeError("not all arguments converted during string formatting")
		}
		return err == nil && value.Equal(r, want), err
	}
}

func divisibleByTest(c *Call, in any) (any, error) {
	n, err := one(c, "num")
	if err != nil {
		return nil, err
	}
	r, err := arithmetic("%", in, n)
	return err == nil && value.Equal(r, 0), err
}

// sameAsTest tells whether two values are one: identical, not merely equal.
func sameAsTest(c *Call, in any) (any, error) {
	other, err := one(c, "other")
	if err != nil {
		return nil, err
	}
	if value.TypeName(in) != value.TypeName(other) {
		return false, nil
	}
	switch x := in.(type) {
	case nil, bool, string, int:
		return x == other, nil
	case float64:
		return x == other.(float64), nil
	}
	a, isList := value.Items(in)
	b, _ := value.Items(other)
	if isList {
		return len(a) == len(b) && len(a) > 0 && &a[0] == &b[0], nil
	}
	return in == other, nil
}

func inTest(c *Call, in any) (any, error) {
	box, err := one(c, "seq")
	if err != nil {
		return nil, err
	}
	return contains(box, in)
}

func knownTest(table func(c *Call) func(string) (Func, bool)) Func {
	return func(c *Call, in any) (any, error) {
		name, ok := in.(string)
		if !ok {
			return nil, typeError("a name must be a str, not %s", value.TypeName(in))
		}
		_, known := table(c)(name)
		return known, nil
	}
}

func comparisonTest(op string) Func {
	return func(c *Call, in any) (any, error) {
		other, err := one(c, "other")
		if err != nil {
			return nil, err
		}
		return compare(op, in, other)
	}
}

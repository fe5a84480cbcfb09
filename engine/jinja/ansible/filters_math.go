package ansible

import (
	"math"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

func (a *extension) addMathFilters(l *jinja.Language) {
	l.Filters["log"] = floatFilter("base", math.E, logarithm)
	l.Filters["pow"] = floatFilter("y!", 0, func(x, y float64) (float64, error) { return jinja.Pow(x, y), nil })
	l.Filters["root"] = floatFilter("base", 2, func(x, base float64) (float64, error) {
		switch base {
		case 0:
			return 0, errDivision
		case 2:
			return math.Sqrt(x), nil
		}
		return jinja.Pow(x, 1/base), nil
	})
}

var errDivision = value.Errorf(value.ZeroDivision, "float division by zero")

func logarithm(x, base float64) (float64, error) {
	switch {
	case base == 1 && x > 0:
		return 0, errDivision
	case base <= 0:
		return math.NaN(), nil
	}
	return jinja.Log(x, base), nil
}

// floatFilter is a filter of a number and one parameter.
func floatFilter(param string, otherwise float64, fn func(x, y float64) (float64, error)) jinja.Func {
	return func(c *jinja.Call, in any) (any, error) {
		p, err := c.Bind(param)
		if err != nil {
			return nil, err
		}
		x, ok := number(in)
		y, ok2 := number(p.Any(0, otherwise))
		if s, isText := p.Any(0, otherwise).(string); isText && c.Name == "root" {
			y, ok2 = jinja.ParseFloat(s)
		}
		if !ok || !ok2 {
			return nil, typeError("%s() can only be used on numbers", c.Name)
		}
		out, err := fn(x, y)
		if err != nil {
			return nil, err
		}
		if math.IsNaN(out) || math.IsInf(out, 0) && !math.IsInf(x, 0) {
			return nil, valueError("math domain error in %s(%s)", c.Name, value.Str(in))
		}
		return out, nil
	}
}

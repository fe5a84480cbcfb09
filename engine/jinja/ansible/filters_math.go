package ansible

import (
	"math"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

func (a *extension) addMathFilters(l *jinja.Language) {
	l.Filters["log"] = floatFilter("base", math.E, func(x, base float64) float64 {
		switch base {
		case 10:
			return math.Log10(x)
		case 2:
			return math.Log2(x)
		case math.E:
			return math.Log(x)
		}
		return math.Log(x) / math.Log(base)
	})
	l.Filters["pow"] = floatFilter("y", math.NaN(), math.Pow)
	l.Filters["root"] = floatFilter("base", 2, func(x, base float64) float64 {
		if base == 2 {
			return math.Sqrt(x)
		}
		return math.Pow(x, 1/base)
	})
}

// floatFilter is a filter of a number and one parameter (NaN: it must be given).
func floatFilter(param string, otherwise float64, fn func(x, y float64) float64) jinja.Func {
	return func(c *jinja.Call, in any) (any, error) {
		p, err := c.Bind(param)
		if err != nil {
			return nil, err
		}
		x, ok := number(in)
		y, ok2 := number(p.Any(0, otherwise))
		if !ok || !ok2 {
			return nil, typeError("%s() can only be used on numbers", c.Name)
		}
		if math.IsNaN(y) {
			return nil, typeError("%s misses its argument '%s'", c.Name, param)
		}
		out := fn(x, y)
		if math.IsNaN(out) || math.IsInf(out, 0) && !math.IsInf(x, 0) {
			return nil, valueError("math domain error in %s(%s)", c.Name, value.Str(in))
		}
		return out, nil
	}
}

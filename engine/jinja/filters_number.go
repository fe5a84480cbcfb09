package jinja

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/value"
)

func addNumberFilters(l *Language) {
	l.Filters["int"] = intFilter
	l.Filters["float"] = floatFilter
	l.Filters["abs"] = absFilter
	l.Filters["round"] = roundFilter
	l.Filters["filesizeformat"] = fileSizeFilter
}

func intFilter(c *Call, in any) (any, error) {
	p, err := c.Bind("default", "base")
	if err != nil {
		return nil, err
	}
	if s, ok := in.(string); ok {
		base, isInt := AsInt(p.Any(1, 10))
		if !isInt {
			base = -1 // of no use: what has no other way to be a number is the default
		}
		if b, ok := parseInt(s, base); ok {
			return value.Whole(b), nil
		}
		if f, ok := ParseFloat(s); ok {
			in = f
		}
	}
	switch x := in.(type) {
	case float64:
		if v, err := truncatedInt(x); err == nil {
			return v, nil
		}
	case bool, int, *big.Int:
		return value.Whole(value.Big(x)), nil
	}
	return p.Any(0, 0), nil
}

// parseInt reads a whole number as Python's int(text, base) does.
func parseInt(s string, base int) (*big.Int, bool) {
	s = strings.TrimSpace(s)
	sign := ""
	if s != "" && (s[0] == '-' || s[0] == '+') {
		sign, s = strings.TrimPrefix(s[:1], "+"), s[1:]
	}
	if len(s) > 1 && s[0] == '0' {
		if r := (map[byte]int{'x': 16, 'o': 8, 'b': 2})[s[1]|0x20]; r != 0 && (r == base || base == 0) {
			base, s = r, strings.TrimPrefix(s[2:], "_")
		}
	}
	if base == 0 {
		base = 10
	}
	if base < 2 || base > 36 || s == "" || strings.HasPrefix(s, "_") || strings.HasSuffix(s, "_") || strings.Contains(s, "__") ||
		strings.ContainsAny(s, "+-") || len(s) > 10_000 {
		return nil, false
	}
	return new(big.Int).SetString(sign+strings.ReplaceAll(s, "_", ""), base)
}

// ParseFloat reads a number as Python's float(text) does.
func ParseFloat(s string) (float64, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	if strings.ContainsAny(s, "xp") || strings.HasPrefix(s, "_") || strings.HasSuffix(s, "_") || strings.Contains(s, "__") {
		return 0, false
	}
	f, err := strconv.ParseFloat(strings.ReplaceAll(s, "_", ""), 64)
	if err != nil && !math.IsInf(f, 0) {
		return 0, false
	}
	return f, true
}

func floatFilter(c *Call, in any) (any, error) {
	p, err := c.Bind("default")
	if err != nil {
		return nil, err
	}
	switch x := in.(type) {
	case float64:
		return x, nil
	case string:
		if f, ok := ParseFloat(x); ok {
			return f, nil
		}
	case bool, int, *big.Int:
		return toFloat(value.Whole(value.Big(x))), nil
	}
	return p.Any(0, 0.0), nil
}

func absFilter(_ *Call, in any) (any, error) {
	if f, ok := in.(float64); ok {
		return math.Abs(f), nil
	}
	if b := value.Big(in); b != nil {
		return value.Whole(new(big.Int).Abs(b)), nil
	}
	return nil, typeError("bad operand type for abs(): '%s'", value.TypeName(in))
}

func roundFilter(c *Call, in any) (any, error) {
	p, err := c.Bind("precision", "method")
	if err != nil {
		return nil, err
	}
	precision, err := p.Int(0, 0)
	if err != nil {
		return nil, err
	}
	method, err := p.Text(1, "common")
	if err != nil {
		return nil, err
	}
	if _, isFloat := in.(float64); !isFloat && value.Big(in) == nil {
		return nil, typeError("type %s doesn't define __round__ method", value.TypeName(in))
	}
	x := toFloat(in)
	scale := math.Pow(10, float64(precision))
	switch method {
	case "common":
		if _, isFloat := in.(float64); !isFloat {
			return roundInt(in, precision), nil
		}
		return roundTo(x, precision), nil
	case "ceil":
		return math.Ceil(x*scale) / scale, nil
	case "floor":
		return math.Floor(x*scale) / scale, nil
	}
	return nil, typeError("method must be common, ceil or floor")
}

// roundInt rounds a whole number, half to even; a number of digits of zero or more leaves it as it is.
func roundInt(v any, precision int) any {
	b := value.Big(v)
	if precision >= 0 || precision < -400 {
		return value.Whole(b)
	}
	unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(-precision)), nil)
	q, r := floorDivMod(b, unit)
	twice := new(big.Int).Lsh(r, 1)
	if c := twice.Cmp(unit); c > 0 || (c == 0 && q.Bit(0) == 1) {
		q.Add(q, big.NewInt(1))
	}
	return value.Whole(q.Mul(q, unit))
}

// roundTo rounds a float to digits behind the point, the exact value's half to even.
func roundTo(x float64, precision int) float64 {
	if math.IsInf(x, 0) || math.IsNaN(x) {
		return x
	}
	if precision >= 0 {
		f, err := strconv.ParseFloat(strconv.FormatFloat(x, 'f', min(precision, 330), 64), 64)
		if err != nil {
			return x
		}
		return f
	}
	unit := math.Pow(10, float64(-precision))
	return math.RoundToEven(x/unit) * unit
}

func fileSizeFilter(c *Call, in any) (any, error) {
	p, err := c.Bind("binary")
	if err != nil {
		return nil, err
	}
	size, ok := in.(float64)
	if s, isText := in.(string); isText {
		size, ok = ParseFloat(s)
	} else if b := value.Big(in); b != nil {
		size, ok = toFloat(value.Whole(b)), true
	}
	if !ok {
		return nil, typeError("filesizeformat needs a number, not %s", value.TypeName(in))
	}
	base, units := 1000.0, []string{"kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"}
	if p.Bool(0, false) {
		base, units = 1024.0, []string{"KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"}
	}
	if size == 1 {
		return "1 Byte", nil
	}
	if size < base {
		return strconv.FormatFloat(math.Trunc(size), 'f', 0, 64) + " Bytes", nil
	}
	unit := base
	for i, name := range units {
		if size < unit*base || i == len(units)-1 {
			return strconv.FormatFloat(size/unit, 'f', 1, 64) + " " + name, nil
		}
		unit *= base
	}
	return nil, nil
}

package jinja

import (
	"math"
	"math/big"
	"strings"

	"github.com/drydock-dev/drydock/engine/value"
)

func signSite(op string) site {
	return func(args ...any) (any, error) {
		v := args[1]
		if err := use(v); err != nil {
			return nil, err
		}
		switch x := v.(type) {
		case interface{ Negated() any }:
			if op == "-" {
				return x.Negated(), nil
			}
			return v, nil
		case int:
			if op == "-" {
				return value.Whole(new(big.Int).Neg(big.NewInt(int64(x)))), nil
			}
			return x, nil
		case float64:
			if op == "-" {
				return -x, nil
			}
			return x, nil
		}
		b := value.Big(v)
		if b == nil {
			return nil, typeError("bad operand type for unary %s: '%s'", op, value.TypeName(v))
		}
		if op == "-" {
			b = new(big.Int).Neg(b)
		}
		return value.Whole(b), nil
	}
}

func arithmeticSite(op string) site {
	return func(args ...any) (any, error) {
		args = append(args[:1:1], unmarked(args[1]), unmarked(args[2]))
		for _, a := range args[1:] {
			if n, ok := a.(noElse); ok {
				return nil, n.missingError()
			}
			if err := use(a); err != nil {
				return nil, err
			}
		}
		if s, ok := args[1].(string); ok && op == "%" {
			return frameOf(args).percent(s, args[2])
		}
		v, err := arithmetic(op, args[1], args[2])
		if err == nil {
			err = frameOf(args).run.charge(v)
		}
		return v, err
	}
}

// Add is a + b as templates have it.
func Add(a, b any) (any, error) { return arithmetic("+", a, b) }

// arithmetic is a op b for operands that are not undefined.
func arithmetic(op string, a, b any) (any, error) {
	x, xInt := a.(int)
	y, yInt := b.(int)
	if xInt && yInt {
		return intArithmetic(op, x, y)
	}
	switch op {
	case "+":
		if v, err, ok := joined(a, b); ok {
			return v, err
		}
	case "*":
		if v, err, ok := repeated(a, b); ok {
			return v, err
		}
	}
	if d, ok := a.(interface {
		Arithmetic(op string, b any) (any, bool)
	}); ok {
		if v, ok := d.Arithmetic(op, b); ok {
			return v, nil
		}
	}
	_, xFloat := a.(float64)
	_, yFloat := b.(float64)
	bx, by := value.Big(a), value.Big(b)
	if (!xFloat && bx == nil) || (!yFloat && by == nil) {
		return nil, operandError(op, a, b)
	}
	if xFloat || yFloat {
		return floatArithmetic(op, toFloat(a), toFloat(b))
	}
	return bigArithmetic(op, bx, by)
}

func operandError(op string, a, b any) error {
	ta, tb := value.TypeName(a), value.TypeName(b)
	if op == "+" {
		switch a.(type) {
		case string, []any, *value.List, value.Tuple:
			return typeError(`can only concatenate %s (not "%s") to %s`, ta, tb, ta)
		}
	}
	if op == "*" && (ta == "str" || ta == "list") {
		return typeError("can't multiply sequence by non-int of type '%s'", tb)
	}
	if op == "**" {
		op = "** or pow()"
	}
	return typeError("unsupported operand type(s) for %s: '%s' and '%s'", op, ta, tb)
}

func toFloat(v any) float64 {
	if f, ok := v.(float64); ok {
		return f
	}
	if i, ok := v.(int); ok {
		return float64(i)
	}
	f, _ := new(big.Float).SetInt(value.Big(v)).Float64()
	return f
}

// joined is + of sequences; ok is false if these are not two of one kind.
func joined(a, b any) (v any, err error, ok bool) {
	switch x := a.(type) {
	case string:
		if y, isString := b.(string); isString {
			if len(x)+len(y) > maxText {
				return nil, limitError("a text of %d bytes is too long", len(x)+len(y)), true
			}
			return x + y, nil, true
		}
	case value.Tuple:
		if y, isTuple := b.(value.Tuple); isTuple {
			return value.Tuple(concatItems(x, y)), nil, true
		}
	case []any, *value.List:
		switch b.(type) {
		case []any, *value.List:
			xs, _ := value.Items(a)
			ys, _ := value.Items(b)
			out := concatItems(xs, ys)
			if _, changes := a.(*value.List); changes {
				return &value.List{Items: out}, nil, true
			}
			return out, nil, true
		}
	}
	return nil, nil, false
}

func concatItems(a, b []any) []any {
	return append(append(make([]any, 0, len(a)+len(b)), a...), b...)
}

// repeated is * of a sequence and a number.
func repeated(a, b any) (v any, err error, ok bool) {
	if _, isNumber := asIndex(a); isNumber {
		a, b = b, a
	}
	n, isNumber := asIndex(b)
	if !isNumber {
		return nil, nil, false
	}
	n = max(n, 0)
	switch x := a.(type) {
	case string:
		if n > 0 && len(x) > maxText/n {
			return nil, limitError("a text repeated %d times is too long", n), true
		}
		return strings.Repeat(x, n), nil, true
	case []any, *value.List, value.Tuple:
		items, _ := value.Items(a)
		if n > 0 && len(items) > maxItems/n {
			return nil, limitError("a list repeated %d times is too long", n), true
		}
		out := make([]any, 0, n*len(items))
		for range n {
			out = append(out, items...)
		}
		switch a.(type) {
		case value.Tuple:
			return value.Tuple(out), nil, true
		case *value.List:
			return &value.List{Items: out}, nil, true
		}
		return out, nil, true
	}
	return nil, nil, false
}

const smallInt = 1 << 31

// intArithmetic handles numbers whose result surely fits; others become big.
func intArithmetic(op string, x, y int) (any, error) {
	small := x < smallInt && x > -smallInt && y < smallInt && y > -smallInt
	switch {
	case op == "+" && small:
		return x + y, nil
	case op == "-" && small:
		return x - y, nil
	case op == "*" && small:
		return x * y, nil
	case op == "%" && y != 0 && small:
		return floorMod(x, y), nil
	case op == "//" && y != 0 && small:
		return (x - floorMod(x, y)) / y, nil
	case op == "/" && y != 0 && small:
		return float64(x) / float64(y), nil
	}
	return bigArithmetic(op, big.NewInt(int64(x)), big.NewInt(int64(y)))
}

func floorMod(x, y int) int {
	r := x % y
	if r != 0 && (r < 0) != (y < 0) {
		r += y
	}
	return r
}

func bigArithmetic(op string, x, y *big.Int) (any, error) {
	z := new(big.Int)
	switch op {
	case "+":
		return value.Whole(z.Add(x, y)), nil
	case "-":
		return value.Whole(z.Sub(x, y)), nil
	case "*":
		if x.BitLen()+y.BitLen() > maxBits {
			return nil, limitError("the product is too big")
		}
		return value.Whole(z.Mul(x, y)), nil
	case "**":
		return bigPower(x, y)
	}
	if y.Sign() == 0 {
		return nil, zeroDivision(op, "integer division or modulo by zero")
	}
	switch op {
	case "/":
		f, _ := new(big.Rat).SetFrac(x, y).Float64()
		if math.IsInf(f, 0) {
			return nil, valueError("integer division result too large for a float")
		}
		return f, nil
	case "//":
		q, _ := floorDivMod(x, y)
		return value.Whole(q), nil
	}
	_, r := floorDivMod(x, y)
	return value.Whole(r), nil
}

func zeroDivision(op, otherwise string) error {
	switch op {
	case "/":
		otherwise = "division by zero"
	case "%":
		otherwise = "integer modulo by zero"
	}
	return value.Errorf(value.ZeroDivision, "%s", otherwise)
}

// floorDivMod rounds towards minus infinity, as Python does.
func floorDivMod(x, y *big.Int) (q, r *big.Int) {
	q, r = new(big.Int).QuoRem(x, y, new(big.Int))
	if r.Sign() != 0 && (r.Sign() < 0) != (y.Sign() < 0) {
		q.Sub(q, big.NewInt(1))
		r.Add(r, y)
	}
	return q, r
}

func bigPower(x, y *big.Int) (any, error) {
	if y.Sign() < 0 {
		if x.Sign() == 0 {
			return nil, value.Errorf(value.ZeroDivision, "0.0 cannot be raised to a negative power")
		}
		return Pow(toFloat(x), toFloat(y)), nil
	}
	if x.BitLen() > 1 && (!y.IsInt64() || y.Int64() > maxBits || int(y.Int64())*x.BitLen() > maxBits) {
		return nil, limitError("the power is too big")
	}
	return value.Whole(new(big.Int).Exp(x, y, nil)), nil
}

func floatArithmetic(op string, x, y float64) (any, error) {
	switch op {
	case "+":
		return x + y, nil
	case "-":
		return x - y, nil
	case "*":
		return x * y, nil
	case "**":
		return floatPower(x, y)
	}
	if y == 0 {
		text := "float division by zero"
		if op == "//" {
			text = "float floor division by zero"
		} else if op == "%" {
			text = "float modulo by zero"
		}
		return nil, value.Errorf(value.ZeroDivision, "%s", text)
	}
	mod := math.Mod(x, y)
	if mod != 0 && (mod < 0) != (y < 0) {
		mod += y
	}
	switch op {
	case "/":
		return x / y, nil
	case "//":
		q := (x - mod) / y
		if floor := math.Floor(q); q-floor <= 0.5 {
			return floor, nil
		}
		return math.Ceil(q), nil
	}
	return mod, nil
}

func floatPower(x, y float64) (any, error) {
	switch {
	case x == 0 && y < 0:
		return nil, value.Errorf(value.ZeroDivision, "0.0 cannot be raised to a negative power")
	case x < 0 && y != math.Trunc(y):
		return nil, typeError("a negative number raised to a fraction has no real value")
	}
	out := Pow(x, y)
	if math.IsInf(out, 0) && !math.IsInf(x, 0) && !math.IsInf(y, 0) {
		return nil, valueError("(34, 'Numerical result out of range')")
	}
	return out, nil
}

// compareSite is a comparison of two operands; it always returns a bool.
func compareSite(op string) site {
	return func(args ...any) (any, error) {
		a, b := unmarked(args[1]), unmarked(args[2])
		if err := use(b); err != nil {
			return nil, err
		}
		if err := use(a); err != nil {
			if items, isList := value.Items(b); isList && len(items) == 0 && (op == "in" || op == "not in") {
				return op == "not in", nil // nothing is compared with it
			}
			return nil, err
		}
		f := frameOf(args)
		return compare(op, f.settle(a), f.settle(b))
	}
}

func compare(op string, a, b any) (bool, error) {
	switch op {
	case "==":
		return value.Equal(objectMaps(a), objectMaps(b)), nil
	case "!=":
		return !value.Equal(objectMaps(a), objectMaps(b)), nil
	case "in":
		return contains(b, a)
	case "not in":
		in, err := contains(b, a)
		return !in, err
	}
	c, err := value.CompareOp(a, b, op)
	if err != nil {
		return false, err
	}
	switch op {
	case "<":
		return c == -1, nil
	case "<=":
		return c == -1 || c == 0, nil
	case ">":
		return c == 1, nil
	}
	return c == 1 || c == 0, nil
}

// contains is `item in box`.
func contains(box, item any) (bool, error) {
	switch x := box.(type) {
	case string:
		s, ok := item.(string)
		if !ok {
			return false, typeError("'in <string>' requires string as left operand, not %s", value.TypeName(item))
		}
		return strings.Contains(x, s), nil
	case *value.Map:
		if !value.Hashable(item) {
			return false, typeError("unhashable type: '%s'", value.TypeName(item))
		}
		return x.Has(item), nil
	case value.Object:
		_, ok, err := x.Get(item)
		return ok, err
	case rangeValue:
		return x.has(item), nil
	}
	items, err := iterate(box)
	if err != nil {
		return false, typeError("argument of type '%s' is not iterable", value.TypeName(box))
	}
	for _, it := range items {
		if value.Equal(it, item) {
			return true, nil
		}
	}
	return false, nil
}

package jinja

import (
	"math"
	"math/big"

	"github.com/drydock-dev/drydock/engine/value"
)

// The methods of Python's int and float.

func intMethods() map[string]Func {
	return map[string]Func{
		"bit_length": func(_ *Call, in any) (any, error) { return value.Big(in).BitLen(), nil },
		"bit_count": func(_ *Call, in any) (any, error) {
			n := 0
			for _, b := range new(big.Int).Abs(value.Big(in)).Bytes() {
				for ; b != 0; b &= b - 1 {
					n++
				}
			}
			return n, nil
		},
		"conjugate": identity, "is_integer": func(*Call, any) (any, error) { return true, nil },
		"__and__": bitwise((*big.Int).And), "__or__": bitwise((*big.Int).Or), "__xor__": bitwise((*big.Int).Xor),
		"__lshift__": shift(false), "__rshift__": shift(true),
	}
}

func identity(_ *Call, in any) (any, error) { return in, nil }

func bitwise(op func(z, x, y *big.Int) *big.Int) Func {
	return func(c *Call, in any) (any, error) {
		v, err := one(c, "value")
		if err != nil {
			return nil, err
		}
		b := value.Big(v)
		if b == nil {
			return nil, typeError("unsupported operand type '%s'", value.TypeName(v))
		}
		return value.Whole(op(new(big.Int), value.Big(in), b)), nil
	}
}

func shift(right bool) Func {
	return func(c *Call, in any) (any, error) {
		v, err := one(c, "value")
		if err != nil {
			return nil, err
		}
		n, ok := AsInt(v)
		switch {
		case !ok:
			return nil, typeError("unsupported operand type '%s'", value.TypeName(v))
		case n < 0:
			return nil, valueError("negative shift count")
		case n > maxBits:
			return nil, limitError("the shift is too far")
		case right:
			return value.Whole(new(big.Int).Rsh(value.Big(in), uint(n))), nil
		}
		return value.Whole(new(big.Int).Lsh(value.Big(in), uint(n))), nil
	}
}

func floatMethods() map[string]Func {
	return map[string]Func{
		"is_integer": func(_ *Call, in any) (any, error) {
			f := in.(float64)
			return f == math.Trunc(f) && !math.IsInf(f, 0), nil
		},
		"conjugate": identity,
		"as_integer_ratio": func(_ *Call, in any) (any, error) {
			r := new(big.Rat)
			if r.SetFloat64(in.(float64)) == nil {
				return nil, valueError("cannot convert %s to integer ratio", value.FormatFloat(in.(float64)))
			}
			return value.Tuple{value.Whole(r.Num()), value.Whole(r.Denom())}, nil
		},
	}
}

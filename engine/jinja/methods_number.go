package jinja

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/value"
)

// The methods of Python's int and float.

func intMethods() map[string]Func {
	return map[string]Func{
		"bit_length":       func(_ *Call, in any) (any, error) { return value.Big(in).BitLen(), nil },
		"as_integer_ratio": func(_ *Call, in any) (any, error) { return value.Tuple{value.Whole(value.Big(in)), 1}, nil },
		"to_bytes":         intToBytes,
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

// identity is the number itself; a bool is an int then.
func identity(_ *Call, in any) (any, error) {
	if b, ok := in.(bool); ok {
		return value.Whole(value.Big(b)), nil
	}
	return in, nil
}

func intToBytes(c *Call, in any) (any, error) {
	p, err := c.Bind("length", "byteorder")
	if err != nil {
		return nil, err
	}
	length, err := p.Int(0, 1)
	if err != nil {
		return nil, err
	}
	order, err := p.Text(1, "big")
	if err != nil {
		return nil, err
	}
	b := value.Big(in)
	switch {
	case b.Sign() < 0:
		return nil, valueError("can't convert negative int to unsigned")
	case length < 0 || length > maxWidth || len(b.Bytes()) > length:
		return nil, valueError("int too big to convert")
	case order != "big" && order != "little":
		return nil, valueError("byteorder must be either 'little' or 'big'")
	}
	out := b.FillBytes(make([]byte, length))
	if order == "little" {
		slices.Reverse(out)
	}
	return bytesValue(out), nil
}

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

// floatHex prints a float in hexadecimal, as float.hex() does.
func floatHex(f float64) string {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return value.FormatFloat(f)
	}
	if f == 0 {
		return strings.TrimSuffix(strconv.FormatFloat(f, 'f', -1, 64), "0") + "0x0.0p+0"
	}
	s := strconv.FormatFloat(f, 'x', 13, 64)
	mantissa, power, _ := strings.Cut(s, "p")
	n, _ := strconv.Atoi(power)
	return fmt.Sprintf("%sp%+d", mantissa, n)
}

func floatMethods() map[string]Func {
	return map[string]Func{
		"is_integer": func(_ *Call, in any) (any, error) {
			f := in.(float64)
			return f == math.Trunc(f) && !math.IsInf(f, 0), nil
		},
		"conjugate": identity,
		"hex":       func(_ *Call, in any) (any, error) { return floatHex(in.(float64)), nil },
		"as_integer_ratio": func(_ *Call, in any) (any, error) {
			r := new(big.Rat)
			if r.SetFloat64(in.(float64)) == nil {
				return nil, valueError("cannot convert %s to integer ratio", value.FormatFloat(in.(float64)))
			}
			return value.Tuple{value.Whole(r.Num()), value.Whole(r.Denom())}, nil
		},
	}
}

package jinja

import (
	"math"
	"math/big"
)

// Powers and logarithms to the last digit. Go's own functions are a few units off, and printed in full that shows.

// precision is how many bits are computed with; a float has 53.
const precision = 160

var ln2 = func() *big.Float {
	f, _, _ := big.ParseFloat("0.69314718055994530941723212145817656807550013436025525412068000949339362196969471560586332699641868", 10, precision, big.ToNearestEven)
	return f
}()

func bigFloat(f float64) *big.Float { return new(big.Float).SetPrec(precision).SetFloat64(f) }

// bigLog is the natural logarithm of a positive number.
func bigLog(x float64) *big.Float {
	m, e := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m, e = m*2, e-1
	}
	// ln m is twice the area tangent of z, a series that converges fast near one.
	z := bigFloat(m)
	z.Quo(new(big.Float).Sub(z, bigFloat(1)), new(big.Float).Add(bigFloat(m), bigFloat(1)))
	square := new(big.Float).Mul(z, z)
	sum, term := new(big.Float).Set(z), new(big.Float).Set(z)
	for n := 3; n < 80 && term.Sign() != 0; n += 2 {
		term.Mul(term, square)
		sum.Add(sum, new(big.Float).Quo(term, bigFloat(float64(n))))
	}
	sum.Mul(sum, bigFloat(2))
	return sum.Add(sum, new(big.Float).Mul(bigFloat(float64(e)), ln2))
}

// bigExp is e to the power of x as a float.
func bigExp(x *big.Float) float64 {
	quotient, _ := new(big.Float).Quo(x, ln2).Float64()
	k := math.Round(quotient)
	r := new(big.Float).SetPrec(precision).Sub(x, new(big.Float).Mul(bigFloat(k), ln2))
	sum, term := bigFloat(1), bigFloat(1)
	for n := 1; n < 50; n++ {
		term.Mul(term, r)
		term.Quo(term, bigFloat(float64(n)))
		sum.Add(sum, term)
	}
	out, _ := sum.SetMantExp(sum, int(k)).Float64()
	return out
}

// Log is the natural logarithm, or the one to another base.
func Log(x, base float64) float64 {
	if x <= 0 || math.IsInf(x, 0) || math.IsNaN(x) || base <= 0 || base == 1 || math.IsInf(base, 0) || math.IsNaN(base) {
		return math.Log(x) / math.Log(base)
	}
	natural, _ := bigLog(x).Float64()
	switch base {
	case math.E:
		return natural
	case 10: // Python has a function of its own for this
		out, _ := new(big.Float).Quo(bigLog(x), bigLog(base)).Float64()
		return out
	}
	other, _ := bigLog(base).Float64()
	return natural / other
}

// Pow is x to the power of y.
func Pow(x, y float64) float64 {
	rough := math.Pow(x, y)
	if rough == 0 || x == 0 || x == 1 || y == 0 || y == 1 || math.IsInf(rough, 0) || math.IsNaN(rough) || math.IsInf(y, 0) {
		return rough
	}
	exact := bigExp(new(big.Float).Mul(bigFloat(y), bigLog(math.Abs(x))))
	return math.Copysign(exact, rough)
}

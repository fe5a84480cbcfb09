package ansible

import "math/big"

// bigOf is the number of decimal digits of any length.
func bigOf(digits string) *big.Int {
	b, _ := new(big.Int).SetString(digits, 10)
	return b
}

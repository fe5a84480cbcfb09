package value

import (
	"math"
	"math/big"
	"sort"
	"strings"
)

// Truth is Python's bool(): false for null, false, zero and everything empty.
func Truth(v any) bool {
	switch x := v.(type) {
	case nil, Undefined:
		return false
	case bool:
		return x
	case int:
		return x != 0
	case *big.Int:
		return x.Sign() != 0
	case float64:
		return x != 0
	case string:
		return x != ""
	case []any:
		return len(x) > 0
	case *List:
		return len(x.Items) > 0
	case Tuple:
		return len(x) > 0
	case *Map:
		return x.Len() > 0
	case Object:
		return len(x.Keys()) > 0
	case interface{ Len() int }:
		return x.Len() > 0
	}
	return true
}

// Equal is Python's ==: 1 == 1.0 == true, lists are never equal to tuples, mappings are equal in any order.
func Equal(a, b any) bool {
	if s, ok := a.(string); ok {
		t, ok := b.(string)
		return ok && s == t
	}
	if c, ok := numericCompare(a, b); ok {
		return c == 0
	}
	switch x := a.(type) {
	case nil:
		return b == nil
	case Tuple:
		y, ok := b.(Tuple)
		return ok && equalItems(x, y)
	case []any, *List:
		switch b.(type) {
		case []any, *List:
			xs, _ := Items(a)
			ys, _ := Items(b)
			return equalItems(xs, ys)
		}
		return false
	case *Map:
		y, ok := b.(*Map)
		return ok && equalMaps(x, y)
	case interface{ EqualTo(other any) bool }:
		return x.EqualTo(b)
	}
	return plain(a) && plain(b) && a == b
}

// plain tells whether == on an interface holding v is safe.
func plain(v any) bool {
	switch v.(type) {
	case []any, Tuple:
		return false
	}
	return true
}

func equalItems(a, b []any) bool {
	if len(a) != len(b) {
		return false
	}
	if len(a) == 0 || &a[0] == &b[0] { // one and the same: nothing has to be looked at
		return true
	}
	for i := range a {
		if !Equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

func equalMaps(a, b *Map) bool {
	if a == b {
		return true
	}
	if a.Len() != b.Len() {
		return false
	}
	for k, v := range a.All() {
		w, ok := b.Get(k)
		if !ok || !Equal(v, w) {
			return false
		}
	}
	return true
}

// Compare orders two values as Python's < does: below zero, zero or above. Values of types without an order are an Error.
func Compare(a, b any) (int, error) { return compareOp(a, b, "<") }

// CompareOp is Compare with the operator that its error names.
func CompareOp(a, b any, op string) (int, error) { return compareOp(a, b, op) }

func compareOp(a, b any, op string) (int, error) {
	if c, ok := numericCompare(a, b); ok {
		return c, nil
	}
	switch x := a.(type) {
	case string:
		if y, ok := b.(string); ok {
			return strings.Compare(x, y), nil
		}
	case Tuple:
		if y, ok := b.(Tuple); ok {
			return compareItems(x, y, op)
		}
	case []any, *List:
		switch b.(type) {
		case []any, *List:
			xs, _ := Items(a)
			ys, _ := Items(b)
			return compareItems(xs, ys, op)
		}
	case interface {
		CompareTo(other any) (int, bool)
	}:
		if c, ok := x.CompareTo(b); ok {
			return c, nil
		}
	}
	return 0, Errorf(TypeError, "'%s' not supported between instances of '%s' and '%s'", op, TypeName(a), TypeName(b))
}

func compareItems(a, b []any, op string) (int, error) {
	for i := range a {
		if i == len(b) {
			return 1, nil
		}
		if Equal(a[i], b[i]) {
			continue
		}
		return compareOp(a[i], b[i], op)
	}
	if len(a) < len(b) {
		return -1, nil
	}
	return 0, nil
}

// numericCompare compares two numbers (true is 1); ok is false if one of them is none.
func numericCompare(a, b any) (c int, ok bool) {
	if x, isInt := a.(int); isInt {
		if y, isInt := b.(int); isInt {
			return cmp(x, y), true
		}
	}
	if !isNumber(a) || !isNumber(b) {
		return 0, false
	}
	x, fx := a.(float64)
	y, fy := b.(float64)
	switch {
	case fx && fy:
		return cmpFloat(x, y), true
	case fx:
		return -cmpBigFloat(Big(b), x), true
	case fy:
		return cmpBigFloat(Big(a), y), true
	}
	return Big(a).Cmp(Big(b)), true
}

func isNumber(v any) bool {
	switch v.(type) {
	case bool, int, float64, *big.Int:
		return true
	}
	return false
}

func cmp(a, b int) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// unordered is the answer for a comparison with NaN: neither less nor equal.
const unordered = 2

func cmpFloat(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	case a == b:
		return 0
	}
	return unordered
}

func cmpBigFloat(i *big.Int, f float64) int {
	switch {
	case math.IsNaN(f):
		return unordered
	case math.IsInf(f, 1):
		return -1
	case math.IsInf(f, -1):
		return 1
	}
	return new(big.Float).SetInt(i).Cmp(big.NewFloat(f))
}

// Big returns a whole number (int, *big.Int or bool) as a big one; nil for other values.
func Big(v any) *big.Int {
	switch x := v.(type) {
	case int:
		return big.NewInt(int64(x))
	case *big.Int:
		return x
	case bool:
		if x {
			return big.NewInt(1)
		}
		return new(big.Int)
	}
	return nil
}

// Whole returns a big number as an int where it fits.
func Whole(b *big.Int) any {
	if b.IsInt64() {
		return int(b.Int64())
	}
	return b
}

// Sort sorts items in place, stably, by a key (nil: the items themselves) in Python's order.
func Sort(items []any, key func(any) (any, error), reverse bool) error {
	keyed := make([]keyedItem, len(items))
	for i, it := range items {
		k := it
		if key != nil {
			var err error
			if k, err = key(it); err != nil {
				return err
			}
		}
		keyed[i] = keyedItem{k, it}
	}
	var failed error
	sort.SliceStable(keyed, func(i, j int) bool {
		if failed != nil {
			return false
		}
		c, err := Compare(keyed[i].key, keyed[j].key)
		if err != nil {
			failed = err
		}
		if reverse {
			return c == 1
		}
		return c == -1
	})
	if failed != nil {
		return failed
	}
	for i := range keyed {
		items[i] = keyed[i].item
	}
	return nil
}

type keyedItem struct{ key, item any }

// Hashable tells whether a value can be the key of a mapping, as Python has it.
func Hashable(v any) bool {
	switch x := v.(type) {
	case []any, *List, *Map:
		return false
	case Tuple:
		for _, it := range x {
			if !Hashable(it) {
				return false
			}
		}
	}
	return true
}

package value_test

import (
	"errors"
	"math"
	"math/big"
	"testing"

	"github.com/drydock-dev/drydock/engine/value"
)

func huge(t *testing.T, s string) *big.Int {
	t.Helper()
	b, ok := new(big.Int).SetString(s, 10)
	if !ok {
		t.Fatal(s)
	}
	return b
}

func TestTruth(t *testing.T) {
	for _, v := range []any{nil, false, 0, 0.0, new(big.Int), "", []any{}, value.Tuple{}, &value.List{}, &value.Map{}, (*value.Map)(nil), value.Undefined{}} {
		if value.Truth(v) {
			t.Errorf("%s is true", value.Repr(v))
		}
	}
	for _, v := range []any{true, 1, -0.5, huge(t, "1"), "0", []any{nil}, value.Tuple{0}, value.NewMap("", nil), math.NaN(), value.Omit{}} {
		if !value.Truth(v) {
			t.Errorf("%s is false", value.Repr(v))
		}
	}
}

func TestEqual(t *testing.T) {
	big10 := huge(t, "100000000000000000000")
	for _, pair := range [][2]any{
		{1, 1.0}, {true, 1}, {0, false}, {big10, 1e20}, {"a", "a"}, {nil, nil}, {[]any{1, "x"}, []any{true, "x"}},
		{&value.List{Items: []any{1}}, []any{1}}, {value.Tuple{1}, value.Tuple{1.0}},
		{value.NewMap("a", 1, "b", 2), value.NewMap("b", 2, "a", 1)},
	} {
		if !value.Equal(pair[0], pair[1]) || !value.Equal(pair[1], pair[0]) {
			t.Errorf("%s != %s", value.Repr(pair[0]), value.Repr(pair[1]))
		}
	}
	for _, pair := range [][2]any{
		{1, "1"}, {nil, false}, {nil, 0}, {"", nil}, {[]any{1}, value.Tuple{1}}, {[]any{1}, []any{1, 2}}, {math.NaN(), math.NaN()},
		{value.NewMap("a", 1), value.NewMap("a", 2)}, {value.NewMap("a", 1), value.NewMap("b", 1)}, {big10, 1}, {[]any{}, &value.Map{}},
	} {
		if value.Equal(pair[0], pair[1]) || value.Equal(pair[1], pair[0]) {
			t.Errorf("%s == %s", value.Repr(pair[0]), value.Repr(pair[1]))
		}
	}
}

func TestCompare(t *testing.T) {
	for _, ordered := range [][]any{
		{math.Inf(-1), huge(t, "-99999999999999999999"), -1, false, 0.5, true, 2, huge(t, "99999999999999999999"), math.Inf(1)},
		{"", "A", "a", "aa", "b", "ü"},
		{[]any{}, []any{1}, []any{1, 1}, []any{1, 2}, []any{2}},
	} {
		for i := range ordered {
			for j := range ordered {
				want := map[bool]int{true: -1, false: 1}[i < j]
				if i == j {
					want = 0
				}
				if got, err := value.Compare(ordered[i], ordered[j]); err != nil || got != want {
					t.Errorf("%s against %s: %d, %v", value.Repr(ordered[i]), value.Repr(ordered[j]), got, err)
				}
			}
		}
	}
	for _, pair := range [][2]any{{1, "1"}, {nil, nil}, {[]any{1}, value.Tuple{1}}, {&value.Map{}, &value.Map{}}, {[]any{1}, []any{"x"}}} {
		var e *value.Error
		if _, err := value.Compare(pair[0], pair[1]); !errors.As(err, &e) || e.Kind != value.TypeError {
			t.Errorf("%s < %s: %v", value.Repr(pair[0]), value.Repr(pair[1]), err)
		}
	}
}

func TestSort(t *testing.T) {
	items := []any{3, 1.5, true, huge(t, "2")}
	if err := value.Sort(items, nil, false); err != nil || value.Repr(items) != "[True, 1.5, 2, 3]" {
		t.Errorf("got %s, %v", value.Repr(items), err)
	}
	words := []any{"bb", "a", "cc", "d"}
	byLength := func(v any) (any, error) { return len(v.(string)), nil }
	if err := value.Sort(words, byLength, true); err != nil || value.Repr(words) != "['bb', 'cc', 'a', 'd']" {
		t.Errorf("equal keys must keep their order, got %s, %v", value.Repr(words), err)
	}
	mixed := []any{1, "x"}
	if err := value.Sort(mixed, nil, false); err == nil || value.Repr(mixed) != "[1, 'x']" {
		t.Errorf("a list without an order must stay as it is, got %s, %v", value.Repr(mixed), err)
	}
}

func TestMap(t *testing.T) {
	m := value.NewMap("b", 1, "a", 2, 1, "one")
	m.Set(1.0, "float").Set(true, "bool").Set("c", 3)
	if got := value.Repr(m); got != "{'b': 1, 'a': 2, 1: 'bool', 'c': 3}" {
		t.Errorf("1, 1.0 and true are one key, got %s", got)
	}
	m.Delete("a")
	m.Delete("nothing")
	m.Set("a", 9)
	if got := value.Repr(m); got != "{'b': 1, 1: 'bool', 'c': 3, 'a': 9}" || m.Len() != 4 {
		t.Errorf("after deleting: %s", got)
	}
	c := m.Clone().Merge(value.NewMap("c", 0, "z", 1))
	if value.Repr(c) != "{'b': 1, 1: 'bool', 'c': 0, 'a': 9, 'z': 1}" || m.Has("z") {
		t.Errorf("clone %s of %s", value.Repr(c), value.Repr(m))
	}
	keys := value.NewMap(huge(t, "5"), "small", huge(t, "99999999999999999999"), "big", value.Tuple{1, "x"}, "pair", nil, "none")
	for k, want := range map[any]string{5: "small", nil: "none"} {
		if v, ok := keys.Get(k); !ok || v != want {
			t.Errorf("key %v: %v, %v", k, v, ok)
		}
	}
	if keys.Value(value.Tuple{1, "x"}) != "pair" || keys.Value(huge(t, "99999999999999999999")) != "big" || keys.Has(1e300) {
		t.Errorf("keys that are no Go keys: %s", value.Repr(keys))
	}
	var none *value.Map
	if none.Len() != 0 || none.Has("x") || none.Keys() != nil || none.Value("x") != nil {
		t.Error("a nil Map is not empty")
	}
}

func TestRepr(t *testing.T) {
	for want, v := range map[string]any{
		"None": nil, "True": true, "-3": -3, "1e+16": 1e16, "1e-05": 0.00001, "0.1": 0.1, "100.0": 100.0, "inf": math.Inf(1),
		`'it\n'`: "it\n", `"it's"`: "it's", `'it\'s "x"'`: `it's "x"`, `'\\\x07\x7f\u2028ü😀'`: "\\\a\x7f\u2028ü😀",
		"(1,)": value.Tuple{1}, "()": value.Tuple{}, "[1, [2], {'a': None}]": []any{1, &value.List{Items: []any{2}}, value.NewMap("a", nil)},
		"100000000000000000000": huge(t, "100000000000000000000"),
	} {
		if got := value.Repr(v); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestJSON(t *testing.T) {
	text := `{"z": [1, 2.0, -3e2, null, true, "ü<&"], "a": {"big": 100000000000000000000}}`
	v, err := value.ParseJSON([]byte(text))
	if err != nil || value.Repr(v) != "{'z': [1, 2.0, -300.0, None, True, 'ü<&'], 'a': {'big': 100000000000000000000}}" {
		t.Errorf("got %s, %v", value.Repr(v), err)
	}
	out, err := v.(*value.Map).MarshalJSON()
	if err != nil || string(out) != `{"z":[1,2,-300,null,true,"ü<&"],"a":{"big":100000000000000000000}}` {
		t.Errorf("got %s, %v", out, err)
	}
	for _, bad := range []string{"", "{", "[1,]", "1 2", "{'a': 1}"} {
		if v, err := value.ParseJSON([]byte(bad)); err == nil {
			t.Errorf("%s: no error but %v", bad, v)
		}
	}
}

func TestHashable(t *testing.T) {
	for _, v := range []any{nil, 1, "x", value.Tuple{1, value.Tuple{"a"}}} {
		if !value.Hashable(v) {
			t.Errorf("%s is not hashable", value.Repr(v))
		}
	}
	for _, v := range []any{[]any{}, &value.Map{}, &value.List{}, value.Tuple{[]any{}}} {
		if value.Hashable(v) {
			t.Errorf("%s is hashable", value.Repr(v))
		}
	}
}

package value

import (
	"encoding/json"
	"math"
	"math/big"
	"reflect"
	"testing"
)

func TestPackedValuesComeBackTheSame(t *testing.T) {
	huge, _ := new(big.Int).SetString("123456789012345678901234567890", 10)
	for _, v := range []any{
		nil, true, false, 0, -7, 1 << 60, huge, 1.0, -0.5, 1e300, math.Inf(1), math.Inf(-1), "", "text", "a\x00b\u2028<>&", "\xff\xfe",
		[]any{}, []any{1, 1.0, "1", true, nil}, Tuple{1, Tuple{"a"}}, Omit{},
		NewMap(), NewMap("b", 1, "a", NewMap("$t", []any{1})), NewMap("$f", "x", "y", 1), NewMap(1, "a", 2.5, "b", nil, "c", Tuple{1, 2}, "d"),
		NewMap("\xff", 1), NewMap("list", []any{NewMap("deep", []any{Tuple{}})}),
	} {
		data, err := Pack(v)
		if err != nil {
			t.Errorf("%s: %v", Repr(v), err)
			continue
		}
		back, err := Unpack(data)
		if err != nil || !reflect.DeepEqual(back, v) {
			t.Errorf("%s became %s by %s, error %v", Repr(v), Repr(back), data, err)
		}
	}
	data, _ := Pack(math.NaN())
	if back, err := Unpack(data); err != nil || !math.IsNaN(back.(float64)) {
		t.Errorf("nan became %v, error %v", back, err)
	}
}

func TestWhatExistsOnlyWhileEvaluatingIsNotPacked(t *testing.T) {
	deep := any("x")
	for range maxPacked + 5 {
		deep = []any{deep}
	}
	for _, v := range []any{Undefined{Name: "x"}, []any{NewMap("k", Undefined{})}, Vault{Cipher: "x"}, deep} {
		if data, err := Pack(v); err == nil {
			t.Errorf("%s was packed as %s", TypeName(v), data)
		}
	}
	for _, text := range []string{`{"$x": 1}`, `{"$m": [[1]]}`, `{"$m": [1]}`, `{"$f": "no"}`, `{"$b": "?"}`, `[`} {
		if v, err := Unpack([]byte(text)); err == nil {
			t.Errorf("%s was read as %s", text, Repr(v))
		}
	}
}

func TestAMappingIsReadFromJSONInItsOrder(t *testing.T) {
	var s struct{ M *Map }
	if err := json.Unmarshal([]byte(`{"M": {"b": 1, "a": [2.5]}}`), &s); err != nil || Repr(s.M) != "{'b': 1, 'a': [2.5]}" {
		t.Errorf("read %s, error %v", Repr(s.M), err)
	}
	if err := json.Unmarshal([]byte(`{"M": [1]}`), &s); err == nil {
		t.Error("a list was taken for a mapping")
	}
}

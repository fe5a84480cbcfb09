package inventory

import (
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/value"
)

// The answers are those of Python's ast.literal_eval; what it refuses is a text. Many more are in testdata/ini-typing.
func TestTyped(t *testing.T) {
	for text, want := range map[string]string{
		"3": "3", "-3": "-3", "--3": "'--3'", "- 3": "-3", "03": "'03'", "00": "0", "1_0": "10", "1__0": "'1__0'", "0x_1f": "31", "1e3": "1000.0", "1.": "1.0", "1L": "'1L'",
		"True": "True", "true": "'true'", "None": "None", "...": "'...'", "set()": "[]", "set(1)": "'set(1)'", "()": "[]", "(1)": "1", "(1,)": "[1]", "1,": "[1]", ",": "','",
		"'a' \"b\"": "'ab'", "b'a' 'b'": `"b'a' 'b'"`, "f'a'": `"f'a'"`, `r'\n'`: `'\\n'`, `'\n'`: `'\n'`, `'\N{DASH}'`: `"'\\N{DASH}'"`, `'\x4'`: `"'\\x4'"`, "''": "''", "'''a''b'''": `"a''b"`,
		"[1, [2, (3, {'a': {}})]]": "[1, [2, [3, {'a': {}}]]]", "{1, 1.0, 2}": "[1, 2]", "{[1]}": "'{[1]}'", "{'a' 1}": `"{'a' 1}"`, "{'a': 1,}": "{'a': 1}", "{,}": "'{,}'",
		"[1,,]": "'[1,,]'", "3 # three": "3", "a # b": "'a # b'", "1 2": "'1 2'", "10.0.0.1": "'10.0.0.1'", "1if 1else 2": "'1if 1else 2'", "1e999": "inf", "": "''",
		"[1": "'[1'",
	} {
		if got := value.Repr(typed(text)); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
}

func TestDeepNestingIsAText(t *testing.T) {
	deep := strings.Repeat("[", 100_000)
	if got := typed(deep); got != any(deep) {
		t.Errorf("%T", got)
	}
}

package playbook

import (
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/diag"
)

func oneLine(s string) Text {
	return Text{Text: s, At: func(o int) diag.Pos { return diag.Pos{Line: 1, Col: o + 1} }}
}

func TestFreeFormArguments(t *testing.T) {
	for _, c := range []struct {
		text string
		raw  bool
		want string
	}{
		{"src=a dest=b", false, "src=a dest=b |"},
		{`msg="a b" x='c d'`, false, "msg=a b x=c d |"},
		{`msg="a\nb\u00e9" y=\x41`, false, "msg=a\nbé y=A |"},
		{"{{ 'x' + item }}={{ item }} b=1", false, "{{ 'x' + item }}={{ item }} b=1 |"},
		{"msg={{ 'a b' }} var=x", false, "msg={{ 'a b' }} var=x |"},
		{`msg="{{ x | default("a b") }}"`, false, `msg={{ x | default("a b") }} |`},
		{"msg=a extra", false, "msg=a | extra"},
		{`a\=b c=d`, false, `c=d | a\=b`},
		{"k={{ a == b }} x", false, "k={{ a == b }} | x"},
		{"{{ a == b }}", false, "| {{ a == b }}"},
		{"echo  hi foo=bar chdir=/tmp", true, "chdir=/tmp | echo  hi foo=bar"},
		{"echo a chdir=/tmp && ls", true, "chdir=/tmp | echo a && ls"},
		{"creates=/x echo 'a  b'", true, "creates=/x | echo 'a  b'"},
		{"echo \"chdir=/x\"", true, `| echo "chdir=/x"`},
		{"set -e\n\necho ${#a[@]} # c\nls", true, "| set -e\n\necho ${#a[@]} # c\nls"},
		{"chdir={{ d }} ls", true, "chdir={{ d }} | ls"},
	} {
		args, rest, ds := SplitArgs(oneLine(c.text), c.raw)
		var got []string
		for _, a := range args {
			got = append(got, a.Name+"="+a.Value.Text)
		}
		if s := strings.TrimSpace(strings.Join(append(got, "| "+rest.Text), " ")); s != c.want || len(ds) > 0 {
			t.Errorf("%q: got %q %v, want %q", c.text, s, ds, c.want)
		}
	}
}

// The texts are those that ansible-core 2.19 gives to the shell module.
func TestFreeFormLines(t *testing.T) {
	for text, want := range map[string]string{
		"cat <<E\n  a\nE\n":                       "cat <<E\n  a\nE\n",
		"creates=/x\nexecutable=/y\necho a\n":     "echo a\n",
		"echo a creates=/x":                       "echo a",
		"echo a\ncreates=/x":                      "echo a\n",
		"echo a \\\n\"b\nc\" \\\n| cat\necho d\n": "echo a \"b\nc\" | cat\necho d\n",
		"echo a \\\n  b":                          "echo a  b",
		"echo 'a \\\n b'":                         "echo 'a \\\n b'",
		"echo a\\\nb":                             "echo a\\\nb",
	} {
		if _, rest, ds := SplitArgs(oneLine(text), true); rest.Text != want || len(ds) > 0 {
			t.Errorf("%q: got %q %v, want %q", text, rest.Text, ds, want)
		}
	}
}

func TestFreeFormKeepsPlaces(t *testing.T) {
	args, rest, _ := SplitArgs(oneLine(`run chdir="/a\tb{{ x }}" now`), true)
	if got := args[0].Value.At(strings.Index(args[0].Value.Text, "{{")); got.Col != 17 {
		t.Errorf("the template stands in column 17, not %d", got.Col)
	}
	if got := rest.At(strings.Index(rest.Text, "now")); got.Col != 26 {
		t.Errorf("the last word stands in column 26, not %d", got.Col)
	}
}

func TestFreeFormUnclosed(t *testing.T) {
	for text, col := range map[string]int{"echo it's": 8, `a="b`: 3, "x={{ y": 3} {
		if _, _, ds := SplitArgs(oneLine(text), true); len(ds) != 1 || ds[0].Span.Col != col {
			t.Errorf("%q: got %v", text, ds)
		}
	}
}

func FuzzSplitArgs(f *testing.F) {
	for _, s := range []string{"a=b c", `x="y z"`, "{{ a }} b={{ '}}' }}", `\`, "a=\\u00e9", "{%", "${#x}"} {
		f.Add(s, true)
		f.Add(s, false)
	}
	f.Fuzz(func(t *testing.T, s string, raw bool) {
		args, rest, _ := SplitArgs(oneLine(s), raw)
		total := len(rest.Text)
		for _, a := range args {
			total += len(a.Value.Text)
			a.Value.At(len(a.Value.Text))
		}
		if rest.At(len(rest.Text)); total > len(s) {
			t.Fatalf("%q grew to %d bytes", s, total)
		}
	})
}

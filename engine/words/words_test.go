package words

import (
	"reflect"
	"testing"
)

// The answers are those of Python's shlex.split, with and without comments=True.
func TestSplit(t *testing.T) {
	for _, c := range []struct {
		line     string
		comments Comments
		want     []string
	}{
		{"", NoComment, nil},
		{"  a  b\tc ", NoComment, []string{"a", "b", "c"}},
		{`a="b c" 'd "e'`, NoComment, []string{"a=b c", `d "e`}},
		{`"" x''y`, NoComment, []string{"", "xy"}},
		{`a\ b "c\d\"e\\" 'f\g'`, NoComment, []string{"a b", `c\d"e\`, `f\g`}},
		{"a#b # c", NoComment, []string{"a#b", "#", "c"}},
		{"a#b # c", Comment, []string{"a"}},
		{`'a#b' # c`, Comment, []string{"a#b"}},
		{`-o "ProxyCommand=ssh -W %h:%p jump" -C`, NoComment, []string{"-o", "ProxyCommand=ssh -W %h:%p jump", "-C"}},
	} {
		words, err := Split(c.line, c.comments)
		var got []string
		for _, w := range words {
			got = append(got, w.Text)
		}
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q: %q %v, want %q", c.line, got, err, c.want)
		}
	}
}

func TestPlaces(t *testing.T) {
	got, err := Split(`h1 "a"=b  'c'`, NoComment)
	want := []Word{{"h1", 0}, {"a=b", 3}, {"c", 10}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v %v, want %v", got, err, want)
	}
}

func TestUnfinished(t *testing.T) {
	for line, want := range map[string]string{`a "b`: "a quote is opened and not closed", `a \`: "nothing follows the backslash"} {
		if _, err := Split(line, NoComment); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", line, err, want)
		}
		if _, err := Texts(line); err == nil {
			t.Errorf("Texts(%q) gives no error", line)
		}
	}
}

func TestQuote(t *testing.T) {
	list := []string{"a", "", "b c", "it's", "x=1", "~", "$HOME", "é"}
	line := Quote(list...)
	if want := `a '' 'b c' 'it'"'"'s' x=1 '~' '$HOME' 'é'`; line != want {
		t.Errorf("%s, want %s", line, want)
	}
	if got, err := Texts(line); err != nil || !reflect.DeepEqual(got, list) {
		t.Errorf("%q %v, want %q", got, err, list)
	}
}

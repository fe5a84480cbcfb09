package files

import (
	"strings"
	"testing"
)

func TestPatternsMeanWhatTheyMeanInPython(t *testing.T) {
	for _, c := range []struct{ pattern, text, replacement, want string }{
		{`(?P<a>x)(y)(?P<b>z)`, "xyz", `\3\2\1`, "zyx"},
		{`(?P<a>.)(.)(?P=a)\2`, "abab", `\g<a>\g<2>`, "ab"},
		{`(?P<q>")?x(?(q)"|;)`, `"x"`, `\g<q>`, `"`},
		{`(?P<q>")?x(?(1)"|;)`, `x;`, `[\g<q>]`, "[]"},
		{`a\Z`, "a", "b", "b"},
		{`[]a[]+`, "[a]", "b", "b"},
		{`[^]a]`, "b", "c", "c"},
		{`[a-z-[aeiou]]`, "e]", "x", "x"},
		{`[\]\[]`, "]", "x", "x"},
		{`x{,2}y`, "xxy", "z", "z"},
		{`x{,}y`, "xxxy", "z", "z"},
		{`{x}`, "{x}", "z", "z"},
		{`(?aiu)X`, "x", "z", "z"},
		{`(?u)x`, "x", "z", "z"},
		{`(?i-s:X)y`, "xy", "z", "z"},
		{`x(?#a comment)y`, "xy", "z", "z"},
		{`\_\'\<\-\/\ \é`, "_'<-/ é", "z", "z"},
		{`\U0001F600`, "\U0001F600", "z", "z"},
		{`(?x) x  y # the rest`, "xy", "z", "z"},
		{`x`, "x", `\101\0\t\n\\\.\g<0>`, "A\x00\t\n\\\\.x"},
		{`(x)`, "x", `\10`, "invalid group reference 10 at position 0"},
		{`(x)`, "x", `\g<1>0`, "x0"},
		{"(.)", "\xff", `\1\1`, "\xff\xff"},
	} {
		got, err := substituted(c.pattern, c.text, c.replacement)
		if err != nil {
			got = err.Error()
		}
		if strings.ReplaceAll(got, "position 1", "position 0") != c.want {
			t.Errorf("%s in %q by %s is %q, want %q", c.pattern, c.text, c.replacement, got, c.want)
		}
	}
}

// substituted replaces the match that stands for the whole text.
func substituted(pattern, text, replacement string) (string, error) {
	p, err := compile(pattern, 0)
	if err != nil {
		return "", err
	}
	by, err := p.replacement(replacement)
	if err != nil {
		return "", err
	}
	m, err := p.search(text)
	if m == nil || err != nil {
		return "no match", err
	}
	return expand(by, m), nil
}

func TestPatternsThatPythonRefuses(t *testing.T) {
	for pattern, want := range map[string]string{
		`(`:                 "invalid regular expression",
		`[a`:                "unterminated character set",
		`x\`:                "bad escape (end of pattern)",
		`\q`:                `bad escape \q`,
		`[\q]`:              `bad escape \q`,
		`\U00110000`:        `bad escape \U00110000`,
		`(?P=a)`:            "unknown group name 'a'",
		`(?P<a>x)(?P<a>y)`:  `redefinition of group name "a"`,
		`(?<a>x)`:           "unknown extension (?<a",
		`(?P>a)`:            "unknown extension (?P>",
		`(?(2)x|y)`:         "invalid group reference 2",
		`(a)\2`:             "invalid regular expression",
		`a{2,1}`:            "invalid regular expression",
		`(?P<n>a)(?(m)x|y)`: "unknown group name 'm'",
	} {
		if _, err := compile(pattern, 0); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", pattern, err, want)
		}
	}
}

func TestOnlyItsOwnFlagsMakeAPatternMultiline(t *testing.T) {
	for pattern, want := range map[string]bool{`(?m)^x`: true, `(?im)x`: true, `x`: false, `(?m:x)`: false, `(?i)x`: false, `[(?m)]`: false} {
		p, err := compile(pattern, 0)
		if err != nil {
			t.Fatal(err)
		}
		if p.multiline != want {
			t.Errorf("%s: multiline is %v", pattern, p.multiline)
		}
	}
}

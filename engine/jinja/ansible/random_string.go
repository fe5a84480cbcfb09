package ansible

import (
	"encoding/base64"
	"strings"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

// The lookup community.general.random_string.

// stringClass is a kind of characters, the option that allows it and the one that demands so many of it.
type stringClass struct{ allow, demand, chars string }

func (a *extension) randomString(c *jinja.Call, _ any) (any, error) {
	o := options{c: c}
	length := o.number("length", 8)
	below, err := a.chance(c.Kwargs.Value("seed"))
	if err = firstError(o.err, err); err != nil {
		return nil, err
	}
	if length > maxPassword {
		return nil, value.Errorf(value.Limit, "a text of %d characters is too long", length)
	}
	chars, out := "", []rune{}
	for _, class := range []stringClass{
		{"upper", "min_upper", charClasses["ascii_uppercase"]}, {"lower", "min_lower", charClasses["ascii_lowercase"]},
		{"numbers", "min_numeric", charClasses["digits"]}, {"special", "min_special", o.text("override_special", charClasses["punctuation"])},
	} {
		set := o.similar(class.chars)
		if o.on(class.allow, true) {
			chars += set
		}
		if n := o.number(class.demand, 0); n > 0 && n <= length && c.Kwargs.Value("override_all") == nil {
			out = append(out, picked(set, n, below)...)
		}
	}
	chars = o.text("override_all", chars)
	if o.err != nil || chars == "" {
		return nil, firstError(o.err, valueError("the available characters cannot be none, change the constraints"))
	}
	out = append(out, picked(chars, length-len(out), below)...)
	for i := len(out) - 1; i > 0; i-- {
		j := a.rand(i + 1)
		out[i], out[j] = out[j], out[i]
	}
	if o.on("base64", false) {
		return []any{base64.StdEncoding.EncodeToString([]byte(string(out)))}, nil
	}
	return []any{string(out)}, nil
}

// similar takes characters that look like others away, where the options say so.
func (o *options) similar(chars string) string {
	if !o.on("ignore_similar_chars", false) {
		return chars
	}
	alike := o.text("similar_chars", "il1LoO0")
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(alike, r) {
			return -1
		}
		return r
	}, chars)
}

func picked(chars string, n int, below func(n int) int) []rune {
	set := []rune(chars)
	var out []rune
	for ; n > 0 && len(set) > 0; n-- {
		out = append(out, set[below(len(set))])
	}
	return out
}

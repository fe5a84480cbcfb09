package jinja_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

// Recorded from ansible-core 2.19: who looks at an encrypted variable sees its text; only what asks for it as it is gets it shut; and one
// that cannot be opened is no reason for a default.
func TestEncryptedValues(t *testing.T) {
	t.Parallel()
	l := jinja.New()
	l.Tests["sealed"] = func(_ *jinja.Call, in any) (any, error) { _, ok := in.(value.Vault); return ok, nil }
	l.TakesVault("sealed")
	l.Unvault = func(v value.Vault) (string, error) {
		if v.Cipher == "bad" {
			return "", errors.New("no key")
		}
		return "<" + v.Cipher + ">", nil
	}
	good, bad := value.Vault{Cipher: "good"}, value.Vault{Cipher: "bad"}
	e := newEnv("good", good, "bad", bad, "alias", parse(t, l, "{{ good }}"), "text", parse(t, l, "x{{ good }}"), "broken", parse(t, l, "{{ bad }}"),
		"deep", value.NewMap("a", []any{good, parse(t, l, "{{ alias }}")}))
	for text, want := range map[string]string{
		"good":                  "'<good>'",
		"good ~ alias":          "'<good><good>'",
		"good is sealed":        "True",
		"alias is sealed":       "True",
		"deep.a[0] is sealed":   "True",
		"deep.a[1] is sealed":   "True",
		"bad is sealed":         "True",
		"broken is sealed":      "True",
		"text is sealed":        "False",
		"(good ~ '') is sealed": "False",
		"'good' is sealed":      "False",
		"alias is sealed and text == 'x<good>' and alias == '<good>'": "True",
		"[bad] | length":        "1",
		"bad":                   "no key",
		"bad | default('d')":    "no key",
		"bad is defined":        "no key",
		"broken | default('d')": "no key",
		"'x' if bad else 'y'":   "no key",
	} {
		tmpl, errs := l.ParseExpr(in(text))
		if errs.HasErrors() {
			t.Fatal(errs)
		}
		v, err := tmpl.Eval(e)
		got := value.Repr(v)
		if err != nil {
			got = err.Error()
		}
		if got != want && !(err != nil && strings.Contains(got, want)) {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

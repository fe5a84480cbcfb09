package jinja

import "github.com/drydock-dev/drydock/engine/diag"

// Template makes the value of a YAML scalar: the text itself if it has no template marks, else a *Template. After a syntax error it is the
// text, and the list says what is wrong. It is what package source wants of a language.
func (l *Language) Template(text string, at func(offset int) diag.Pos) (any, diag.List) {
	if !HasTemplate(text) {
		return text, nil
	}
	t, ds := l.Parse(Source{Text: text, At: at})
	if t == nil || ds.HasErrors() {
		return text, ds
	}
	return t, ds
}

package ansible

import (
	"strings"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

// Lookup runs a lookup plugin over terms, as `with_NAME` does: the answer is always a list.
func Lookup(l *jinja.Language, name string, e jinja.Env, terms []any, kwargs *value.Map) ([]any, error) {
	return runLookup(l.NewCall(e, "with_"+name, nil, kwargs), name, terms)
}

func (a *extension) addLookups(l *jinja.Language) {
	l.Globals["lookup"] = jinja.Func(func(c *jinja.Call, _ any) (any, error) { return lookup(c, false) })
	l.Globals["query"] = jinja.Func(func(c *jinja.Call, _ any) (any, error) { return lookup(c, true) })
	l.Globals["q"] = l.Globals["query"]
	l.TakesUndefined("lookup", "query", "q")
	a.addListLookups(l)
	a.addFileLookups(l)
	a.addVarLookups(l)
	a.addTableLookups(l)
	l.Lookups["password"] = a.passwordLookup
}

// lookup is the global function lookup (or query, which always answers with a list).
func lookup(c *jinja.Call, asList bool) (any, error) {
	if len(c.Args) == 0 {
		return nil, typeError("%s misses the name of a lookup", c.Name)
	}
	name, ok := c.Args[0].(string)
	if !ok {
		return nil, firstError(jinja.Use(c.Args[0]), typeError("the name of a lookup must be a str, not %s", value.TypeName(c.Args[0])))
	}
	kwargs := c.Kwargs.Clone()
	if v, ok := kwargs.Get("wantlist"); ok {
		asList = asList || value.Truth(v)
		kwargs.Delete("wantlist")
	}
	errors := value.Str(kwargs.Value("errors"))
	kwargs.Delete("errors")
	inner := *c
	inner.Args, inner.Kwargs = nil, kwargs
	out, err := runLookup(&inner, name, c.Args[1:])
	if err != nil {
		if errors != "ignore" && errors != "warn" {
			return nil, err
		}
		if asList {
			return []any{}, nil
		}
		return nil, nil
	}
	if asList {
		return out, nil
	}
	return single(out), nil
}

// single is what lookup makes of a list: its only item, or its texts with commas between them.
func single(out []any) any {
	if len(out) == 1 {
		return out[0]
	}
	texts := make([]string, len(out))
	for i, v := range out {
		s, ok := v.(string)
		if !ok {
			return out
		}
		texts[i] = s
	}
	if len(out) == 0 {
		return out
	}
	return strings.Join(texts, ",")
}

func runLookup(c *jinja.Call, name string, terms []any) ([]any, error) {
	fn, err := findLookup(c.Lang, name)
	if err != nil {
		return nil, err
	}
	if base := shortName(name); base != "first_found" && base != "env" {
		for _, t := range terms {
			if err := jinja.Use(t); err != nil {
				return nil, err
			}
		}
	}
	for _, v := range c.Kwargs.All() {
		if err := jinja.Use(v); err != nil && shortName(name) != "env" {
			return nil, err
		}
	}
	out, err := fn(c, terms)
	if err != nil {
		return nil, c.PluginFailed("lookup", name, err)
	}
	items, _ := value.Items(out)
	return items, nil
}

func findLookup(l *jinja.Language, name string) (jinja.Func, error) {
	if fn, ok := l.Lookup(name); ok {
		return fn, nil
	}
	known := make([]string, 0, len(l.Lookups))
	for k := range l.Lookups {
		known = append(known, k)
	}
	hint := ""
	if near := diag.Nearest(name, known); near != "" {
		hint = `, did you mean "` + near + `"?`
	}
	return nil, value.Errorf(value.NotFound, "there is no lookup named '%s'%s", name, hint)
}

// shortName is a name without the collection before it.
func shortName(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

// options reads the named arguments of a lookup; a variable of the same name as an option is not one.
type options struct {
	c   *jinja.Call
	err error
}

func (o *options) text(name, otherwise string) string {
	v, ok := o.c.Kwargs.Get(name)
	if !ok || v == nil {
		return otherwise
	}
	s, ok := v.(string)
	if !ok {
		return value.Str(v)
	}
	return s
}

func (o *options) on(name string, otherwise bool) bool {
	v, ok := o.c.Kwargs.Get(name)
	if !ok {
		return otherwise
	}
	if b, known := toBool(v); known {
		return b
	}
	return value.Truth(v)
}

func (o *options) number(name string, otherwise int) int {
	v, ok := o.c.Kwargs.Get(name)
	if !ok || v == nil {
		return otherwise
	}
	n, ok := wholeOf(v)
	if !ok {
		o.err = typeError("the option '%s' must be an int, not %s", name, value.Repr(v))
	}
	return n
}

// wholeOf is a whole number, also one written as a text.
func wholeOf(v any) (int, bool) {
	if s, ok := v.(string); ok {
		n := numeral(strings.TrimSpace(s))
		v = n
	}
	return jinja.AsInt(v)
}

// keyValues parts a text of words and key=value pairs; quotes keep spaces.
func keyValues(s string) (words []string, pairs *value.Map) {
	pairs = &value.Map{}
	for _, w := range quotedWords(s) {
		key, val, ok := strings.Cut(w, "=")
		if !ok || key == "" {
			words = append(words, w)
			continue
		}
		if n := len(val); n > 1 && (val[0] == '"' || val[0] == '\'') && val[n-1] == val[0] {
			val = val[1 : n-1]
		}
		pairs.Set(key, val)
	}
	return words, pairs
}

// quotedWords cuts at spaces outside quotes.
func quotedWords(s string) []string {
	var out []string
	var b strings.Builder
	quote := rune(0)
	for _, r := range s {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '"' || r == '\''):
			quote = r
		case quote == 0 && (r == ' ' || r == '\n' || r == '\t'):
			if b.Len() > 0 {
				out = append(out, b.String())
				b.Reset()
			}
			continue
		}
		b.WriteRune(r)
	}
	if b.Len() > 0 {
		out = append(out, b.String())
	}
	return out
}

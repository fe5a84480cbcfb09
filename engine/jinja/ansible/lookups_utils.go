package ansible

import (
	"encoding/base64"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

// Lookups of ansible.utils and community.general that are filters in another form, or combine others.

func (a *extension) addUtilsLookups(l *jinja.Language) {
	for name, fn := range map[string]jinja.Func{"get_path": getPath, "to_paths": toPaths, "index_of": indexOf} {
		l.Lookups["ansible.utils."+name] = asLookup(fn)
	}
	l.Lookups["community.general.binary_file"] = a.binaryFile
	l.Lookups["community.general.dependent"] = dependent
}

// asLookup makes a lookup of a filter: the first term is what it is applied to.
func asLookup(fn jinja.Func) jinja.Func {
	return func(c *jinja.Call, in any) (any, error) {
		terms := in.([]any)
		if len(terms) == 0 {
			return nil, typeError("%s misses what it is applied to", c.Name)
		}
		inner := *c
		inner.Args = terms[1:]
		out, err := fn(&inner, terms[0])
		if items, ok := out.([]any); ok {
			return items, err
		}
		return []any{out}, err
	}
}

// binaryFile is the content of files in base 64.
func (a *extension) binaryFile(c *jinja.Call, in any) (any, error) {
	o := options{c: c}
	missing := o.text("not_exist", "error")
	out := []any{}
	for _, t := range in.([]any) {
		if _, found := a.find(c, "files", value.Str(t)); !found && missing != "error" {
			out = append(out, map[string]string{"empty_str": "empty"}[missing])
			continue
		}
		s, err := a.read(c, "files", t)
		if err != nil {
			return nil, err
		}
		out = append(out, base64.StdEncoding.EncodeToString([]byte(s)))
	}
	return out, nil
}

// dependent are all combinations of values, where those of a later name may depend on earlier ones: a text is an expression over `item`.
func dependent(c *jinja.Call, in any) (any, error) {
	d := &dependency{call: c, terms: in.([]any)}
	err := d.step(0, &value.Map{})
	if d.out == nil {
		d.out = []any{}
	}
	return d.out, err
}

// dependency makes the combinations of one dependent lookup.
type dependency struct {
	call  *jinja.Call
	terms []any
	out   []any
}

func (d *dependency) step(i int, item *value.Map) error {
	if i == len(d.terms) {
		if d.out = append(d.out, item.Clone()); len(d.out) > maxCombined {
			return value.Errorf(value.Limit, "more than %d combinations", maxCombined)
		}
		return nil
	}
	m, ok := jinja.AsMap(d.terms[i])
	if !ok || m.Len() != 1 {
		return valueError("the parameter %d of dependent must be a dictionary with one element", i)
	}
	name := m.Keys()[0]
	if item.Has(name) {
		return valueError("the variable %s appears more than once", value.Repr(name))
	}
	choices, err := d.choices(m.Value(name), item)
	if err != nil {
		return err
	}
	for _, v := range choices {
		if err := d.step(i+1, item.Clone().Set(name, v)); err != nil {
			return err
		}
	}
	return nil
}

// choices are the values that a name may have: those of a list, the pairs of a mapping, or of what an expression comes to.
func (d *dependency) choices(v any, item *value.Map) ([]any, error) {
	if text, ok := v.(string); ok {
		t, errs := d.call.Lang.ParseExpr(jinja.Source{Text: text})
		if err := errs.Err(); err != nil {
			return nil, value.Errorf(value.Syntax, "%s", err)
		}
		var err error
		if v, err = d.call.Evaluate(t, &overlay{value.NewMap("item", item), d.call.Env}); err != nil {
			return nil, err
		}
	}
	if m, ok := jinja.AsMap(v); ok {
		keys := m.Keys()
		err := value.Sort(keys, nil, false)
		out := make([]any, len(keys))
		for i, k := range keys {
			out[i] = value.NewMap("key", k, "value", m.Value(k))
		}
		return out, err
	}
	items, ok := value.Items(v)
	if !ok {
		return nil, valueError("dependent needs a dictionary or a list, not %s", value.TypeName(v))
	}
	return items, nil
}

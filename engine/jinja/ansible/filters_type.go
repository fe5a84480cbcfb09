package ansible

import (
	"strings"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/source"
	"github.com/drydock-dev/drydock/engine/value"
)

// Filters that decide about a value or change its form: bool, ternary, JSON, YAML.

func (a *extension) addTypeFilters(l *jinja.Language) {
	l.Filters["bool"] = boolFilter
	l.Filters["ansible._protomatter.finalize"] = final
	l.Filters["ternary"] = ternary
	l.Filters["mandatory"] = mandatory
	l.Filters["type_debug"] = typeDebug
	l.Filters["to_json"] = toJSON
	l.Filters["to_nice_json"] = toNiceJSON
	l.Filters["from_json"] = fromJSON
	l.Filters["to_yaml"] = toYAML
	l.Filters["to_nice_yaml"] = toNiceYAML
	l.Filters["from_yaml"] = fromYAML
	l.Filters["from_yaml_all"] = fromYAMLAll
	l.TakesUndefined("ternary", "mandatory", "type_debug")
	l.Globals["omit"] = value.Omit{}
	l.Globals["undef"] = jinja.Func(undef)
}

func boolFilter(c *jinja.Call, in any) (any, error) {
	if _, err := c.Bind(); err != nil {
		return nil, err
	}
	on, _ := toBool(in)
	return on, nil
}

// toBool is Ansible's idea of a boolean text or number; known is false for other values, which are false.
func toBool(v any) (on, known bool) {
	if f, isFloat := v.(float64); isFloat {
		return f == 1, false
	}
	switch strings.ToLower(value.Str(v)) {
	case "yes", "on", "true", "1":
		return true, true
	case "no", "off", "false", "0":
		return false, true
	}
	return false, false
}

func ternary(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("true_val!", "false_val!", "none_val")
	if err != nil {
		return nil, err
	}
	if err := jinja.Use(in); err != nil {
		return nil, err
	}
	yes, no := p.Any(0, nil), p.Any(1, nil)
	switch {
	case in == nil && p.Any(2, nil) != nil:
		return p.Any(2, nil), nil
	case value.Truth(in):
		return yes, nil
	}
	return no, nil
}

func mandatory(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("msg")
	if err != nil {
		return nil, err
	}
	if !jinja.Missing(in) {
		return in, nil
	}
	if msg := p.Any(0, nil); msg != nil {
		return nil, valueError("%s", value.Str(msg))
	}
	name := ""
	if u := in.(value.Undefined); u.Name != "" {
		name = "'" + u.Name + "' "
	}
	return nil, valueError("Mandatory variable %snot defined.", name)
}

func typeDebug(_ *jinja.Call, in any) (any, error) {
	switch in.(type) {
	case value.Undefined:
		return "UndefinedMarker", nil
	case value.Omit:
		return "_OmitType", nil
	}
	return value.TypeName(in), nil
}

// final is a value as it leaves a template.
func final(c *jinja.Call, in any) (any, error) { return c.Finalized(in) }

func undef(c *jinja.Call, _ any) (any, error) {
	p, err := c.Bind("hint")
	if err != nil {
		return nil, err
	}
	hint, _, err := p.OptText(0)
	if hint == "" {
		hint = "Mandatory variable has not been overridden"
	}
	return value.Undefined{Hint: hint}, err
}

// jsonOptions reads the arguments of json.dumps.
func jsonOptions(c *jinja.Call, o jinja.JSONOptions) (jinja.JSONOptions, error) {
	for k, v := range c.Kwargs.All() {
		switch k {
		case "indent":
			n, ok := jinja.AsInt(v)
			s, isText := v.(string)
			if !ok && !isText && v != nil {
				return o, typeError("the argument 'indent' of %s must be an int, not %s", c.Name, value.TypeName(v))
			}
			o.Indented, o.Indent = v != nil, n
			if isText {
				o.Indent = len(s)
			}
		case "sort_keys":
			o.SortKeys = value.Truth(v)
		case "ensure_ascii":
			o.Unicode = !value.Truth(v)
		case "separators":
			if pair, ok := value.Items(v); ok && len(pair) == 2 {
				o.ItemSep, o.KeySep = value.Str(pair[0]), value.Str(pair[1])
			}
		case "profile", "vault_to_text", "preprocess_unsafe", "allow_nan", "skipkeys", "check_circular":
		default:
			return o, typeError("%s got an unexpected keyword argument %s", c.Name, value.Repr(k))
		}
	}
	return o, nil
}

func toJSON(c *jinja.Call, in any) (any, error) {
	o, err := jsonOptions(c, jinja.JSONOptions{TextKeys: true})
	if err != nil {
		return nil, err
	}
	return jinja.EncodeJSON(in, o)
}

func toNiceJSON(c *jinja.Call, in any) (any, error) {
	o := jinja.JSONOptions{TextKeys: true, Indented: true, Indent: 4, SortKeys: true}
	for i, v := range c.Args {
		if n, ok := jinja.AsInt(v); ok && i == 0 {
			o.Indent = n
		} else if i == 1 {
			o.SortKeys = value.Truth(v)
		}
	}
	o, err := jsonOptions(c, o)
	if err != nil {
		return nil, err
	}
	o.ItemSep, o.KeySep = ",", ": "
	return jinja.EncodeJSON(in, o)
}

func fromJSON(_ *jinja.Call, in any) (any, error) {
	s, ok := in.(string)
	if !ok {
		return nil, typeError("the JSON object must be str, bytes or bytearray, not %s", value.TypeName(in))
	}
	v, err := value.ParseJSON([]byte(s))
	if err != nil {
		return nil, valueError("from_json: %s", err)
	}
	return v, nil
}

func fromYAML(_ *jinja.Call, in any) (any, error) {
	s, ok := in.(string)
	if !ok {
		return in, nil
	}
	docs, err := source.Docs(s)
	switch {
	case err != nil:
		return nil, valueError("from_yaml: %s", err)
	case len(docs) > 1:
		return nil, valueError("from_yaml: expected a single document in the stream, but found another document")
	case len(docs) == 0:
		return nil, nil
	}
	return docs[0], nil
}

func fromYAMLAll(_ *jinja.Call, in any) (any, error) {
	if in == nil {
		return []any{}, nil
	}
	s, ok := in.(string)
	if !ok {
		return in, nil
	}
	docs, err := source.Docs(s)
	if err != nil {
		return nil, valueError("from_yaml_all: %s", err)
	}
	return docs, nil
}

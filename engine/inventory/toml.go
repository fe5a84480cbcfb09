package inventory

import (
	"errors"
	"math/big"
	"time"

	"github.com/BurntSushi/toml"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/value"
)

// tomlReader reads one inventory in TOML: groups with hosts and vars as tables, children as a list.
type tomlReader struct {
	*reader
	*file
}

func (r *reader) toml(f *file) {
	var data map[string]any
	md, err := toml.Decode(string(f.data), &data)
	if err != nil {
		d := diag.Diagnostic{Summary: "the TOML cannot be read: " + err.Error(), Span: f.span()}
		var pe toml.ParseError
		if errors.As(err, &pe) {
			d.Summary = "the TOML cannot be read: " + pe.Message
			d.Span.Line, d.Span.Col = pe.Position.Line, pe.Position.Col
		}
		r.diags.Add(d)
		return
	}
	root := inOrder(data, md.Keys(), nil)
	p := &tomlReader{reader: r, file: f}
	switch {
	case root.Len() == 0:
		p.errorf("the TOML file is empty")
	case value.Truth(root.Value("plugin")):
		p.errorf("this is the configuration of a plugin, not an inventory")
	}
	for name, body := range root.All() {
		if p.ended() {
			return
		}
		p.group(name.(string), body)
	}
}

// inOrder gives tables the order in which their keys stand in the file.
func inOrder(data map[string]any, keys []toml.Key, above toml.Key) *value.Map {
	out := &value.Map{}
	for _, k := range keys {
		if len(k) <= len(above) || !begins(k, above) {
			continue
		}
		name := k[len(above)]
		if v, ok := data[name]; ok && !out.Has(name) {
			out.Set(name, tomlValue(v, keys, append(append(toml.Key(nil), above...), name)))
		}
	}
	return out
}

func begins(k, with toml.Key) bool {
	for i := range with {
		if k[i] != with[i] {
			return false
		}
	}
	return true
}

func tomlValue(v any, keys []toml.Key, at toml.Key) any {
	switch x := v.(type) {
	case map[string]any:
		return inOrder(x, keys, at)
	case []map[string]any:
		out := make([]any, len(x), max(len(x), 1))
		for i := range x {
			out[i] = inOrder(x[i], keys, at)
		}
		return out
	case []any:
		out := make([]any, len(x), max(len(x), 1))
		for i := range x {
			out[i] = tomlValue(x[i], keys, at)
		}
		return out
	case int64:
		return int(x)
	case *big.Int, float64, bool, string:
		return x
	case time.Time:
		return x.Format(time.RFC3339Nano)
	}
	return v
}

func (p *tomlReader) errorf(format string, args ...any) { p.diags.Addf(p.span(), format, args...) }

func (p *tomlReader) group(name string, body any) {
	m, ok := body.(*value.Map)
	if !ok {
		p.diags.Warnf(p.span(), "skipping '%s' as this is not a valid group definition", name)
		return
	}
	g := p.inv.addGroup(p.groupName(name, p.span()))
	for key, part := range m.All() {
		if p.ended() {
			return
		}
		p.part(g, key.(string), part)
	}
}

func (p *tomlReader) part(g *Group, key string, part any) {
	m, isMap := part.(*value.Map)
	list, isList := part.([]any)
	switch {
	case key == "vars" && isMap:
		for k, v := range m.All() {
			if err := g.setVar(k.(string), p.templates(v, nil), p.span().Pos); err != nil {
				p.errorf("group %s: %v", g.Name, err)
			}
		}
	case key == "children" && isList:
		for _, child := range list {
			if err := p.inv.tie(g, p.inv.addGroup(value.Str(child))); err != nil {
				p.errorf("%v", err)
			}
		}
	case key == "hosts" && isMap:
		for entry, vars := range m.All() {
			p.host(g, entry.(string), vars)
		}
	case key == "vars", key == "hosts", key == "children":
		p.errorf("%s of group %s is %s, not %s", key, g.Name, value.TypeName(part),
			map[string]string{"vars": "a table", "hosts": "a table", "children": "a list"}[key])
	default:
		p.diags.Warnf(p.span(), "skipping unexpected key %q in group %s; only vars, children and hosts are valid", key, g.Name)
	}
}

func (p *tomlReader) host(g *Group, entry string, vars any) {
	m, ok := vars.(*value.Map)
	if !ok {
		p.errorf("host %s has variables, which are a table, not %s", entry, value.TypeName(vars))
		return
	}
	hosts, port, err := expand(entry)
	if err != nil {
		p.errorf("%v", err)
		return
	}
	for _, name := range hosts {
		h := p.inv.addHost(name, g, port, p.name, p.dir())
		for k, v := range m.All() {
			h.vars.set(k.(string), p.templates(v, nil), p.span().Pos)
		}
	}
}

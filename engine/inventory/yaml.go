package inventory

import (
	"fmt"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/source"
	"github.com/drydock-dev/drydock/engine/value"
)

// yamlReader reads one inventory in YAML or JSON: groups, each with hosts, vars and children.
type yamlReader struct {
	*reader
	file, dir string
}

func (r *reader) readYAML(file, dir string, root *source.Node) {
	p := &yamlReader{reader: r, file: file, dir: dir}
	switch {
	case root.IsNull():
		r.diags.Addf(diag.Span{Pos: root.Pos}, "the inventory is empty")
	case root.Kind != source.Mapping:
		r.diags.Add(diag.Diagnostic{Summary: fmt.Sprintf("an inventory is a mapping of groups, this is %s", root.Kind), Span: root.Span(), Hint: "begin it with all:"})
	case root.Get("plugin") != nil && !root.Get("plugin").IsNull():
		r.diags.Addf(root.Get("plugin").Span(), "this is the configuration of a plugin, not an inventory; is the plugin auto enabled?")
	default:
		for _, pair := range root.Pairs {
			if !p.ended() {
				p.group(pair)
			}
		}
	}
}

// group reads one group; nil if it is none.
func (p *yamlReader) group(pair source.Pair) *Group {
	key, body := pair.Key, pair.Value
	if key.Tag != source.TagString || key.Text == "" {
		p.diags.Add(diag.Diagnostic{Summary: fmt.Sprintf("the name of a group is a text, not %s", orNothing(key.Text)), Span: key.Span(), Hint: "put it in quotes"})
		return nil
	}
	if !body.IsNull() && body.Kind != source.Mapping {
		p.diags.Warnf(key.Span(), "skipping %q as this is not a valid group definition", key.Text)
		return nil
	}
	g := p.inv.addGroup(p.groupName(key.Text, key.Span()))
	if body.IsNull() {
		return g
	}
	for _, part := range body.Pairs {
		p.part(g, part)
	}
	return g
}

func orNothing(text string) string {
	if text == "" {
		return "nothing"
	}
	return text
}

// part reads hosts, vars or children of a group.
func (p *yamlReader) part(g *Group, part source.Pair) {
	name := part.Key.Text
	read := map[string]func(*Group, source.Pair){"vars": p.variable, "children": p.child, "hosts": p.host}[name]
	switch {
	case read == nil:
		p.unknownPart(g, part)
	case part.Value.IsNull():
	case part.Value.Kind == source.Mapping:
		for _, pair := range part.Value.Pairs {
			if !p.ended() {
				read(g, pair)
			}
		}
	case part.Value.Kind == source.Scalar && part.Value.Tag == source.TagString && name != "vars":
		read(g, source.Pair{Key: part.Value, Value: &source.Node{Tag: source.TagNull, Pos: part.Value.Pos}})
	default:
		p.diags.Add(diag.Diagnostic{
			Summary: fmt.Sprintf("%s of group %s is a mapping, not %s", name, g.Name, part.Value.Kind), Span: part.Value.Span(),
			Hint: map[string]string{"vars": "write name: value"}[name] + map[string]string{"hosts": "end each host with a colon: web1:", "children": "end each group with a colon: web:"}[name],
		})
	}
}

func (p *yamlReader) unknownPart(g *Group, part source.Pair) {
	d := diag.Diagnostic{
		Severity: diag.Warning,
		Summary:  fmt.Sprintf("skipping unexpected key %q in group %s; only vars, children and hosts are valid", part.Key.Text, g.Name),
		Span:     part.Key.Span(),
	}
	if near := diag.Nearest(part.Key.Text, []string{"vars", "children", "hosts"}); near != "" {
		d.Hint = fmt.Sprintf("did you mean %q?", near)
	} else if part.Value.Kind == source.Mapping {
		d.Hint = "a group within a group belongs under children"
	}
	p.diags.Add(d)
}

func (p *yamlReader) variable(g *Group, pair source.Pair) {
	v, ds := pair.Value.Value(p.Lang)
	p.diags.Add(ds...)
	if err := g.setVar(pair.Key.Text, v, pair.Key.Pos); err != nil {
		p.diags.Addf(pair.Value.Span(), "%v", err)
	}
}

func (p *yamlReader) child(g *Group, pair source.Pair) {
	child := p.group(pair)
	if child == nil {
		return
	}
	if err := p.inv.tie(g, child); err != nil {
		p.diags.Addf(pair.Key.Span(), "%v", err)
	}
}

func (p *yamlReader) host(g *Group, pair source.Pair) {
	key, body := pair.Key, pair.Value
	if key.Tag != source.TagString {
		p.diags.Add(diag.Diagnostic{Summary: fmt.Sprintf("the name of a host is a text, not %s", orNothing(key.Text)), Span: key.Span(), Hint: "put it in quotes"})
		return
	}
	hosts, port, err := expand(key.Text)
	if err != nil {
		p.diags.Addf(key.Span(), "%v", err)
		return
	}
	if !body.IsNull() && body.Kind != source.Mapping {
		p.diags.Add(diag.Diagnostic{
			Summary: fmt.Sprintf("host %s has variables, which are a mapping, not %s", key.Text, body.Kind), Span: body.Span(), Hint: "write name: value",
		})
		return
	}
	for _, name := range hosts {
		h := p.inv.addHost(name, g, port, p.file, p.dir)
		if !body.IsNull() {
			p.hostVars(h, body)
		}
	}
}

func (p *yamlReader) hostVars(h *Host, body *source.Node) {
	for _, pair := range body.Pairs {
		v, ds := pair.Value.Value(p.Lang)
		p.diags.Add(ds...)
		h.vars.set(pair.Key.Text, v, pair.Key.Pos)
	}
}

// plainMap is a value that must be a mapping; nothing is an empty one.
func plainMap(v any) (*value.Map, bool) {
	if v == nil {
		return &value.Map{}, true
	}
	m, ok := v.(*value.Map)
	return m, ok
}

package inventory

import (
	"fmt"

	"github.com/drydock-dev/drydock/engine/source"
	"github.com/drydock-dev/drydock/engine/value"
)

// This file is the plugin generator: a host for every combination of some layers, in groups named after them.

var generatorOptions = []string{"plugin", "hosts", "layers"}

type generator struct {
	*reader
	*file
}

func (r *reader) generator(f *file) {
	root := r.pluginConfig(f, "generator", generatorOptions)
	if root == nil {
		return
	}
	hosts, layers := root.Get("hosts"), root.Get("layers")
	if hosts == nil || hosts.Kind != source.Mapping || hosts.Get("name") == nil || layers == nil || layers.Kind != source.Mapping {
		r.diags.Addf(root.Span(), "the plugin generator needs hosts with a name, and layers")
		return
	}
	g := &generator{r, f}
	all, ok := g.combine(layers)
	if !ok {
		return
	}
	for _, s := range all {
		name, err := g.template(hosts.Get("name"), s)
		if err != nil {
			r.diags.Addf(hosts.Get("name").Span(), "%v", err)
			return
		}
		h := r.inv.addHost(value.Str(name), r.inv.byGroup[Ungrouped], 0, f.name, f.dir())
		g.parents(hosts.Get("parents"), s, func(parent *Group) error { parent.addHost(h); return nil })
		if r.diags.HasErrors() {
			return
		}
	}
}

// combine lists every combination of the items of the layers, the last layer turning fastest.
func (g *generator) combine(layers *source.Node) ([]*scope, bool) {
	out := []*scope{{&value.Map{}}}
	for _, layer := range layers.Pairs {
		items, ok := option(layers, layer.Key.Text).([]any)
		if !ok {
			g.diags.Addf(layer.Value.Span(), "layer %s is a list, not %s", layer.Key.Text, layer.Value.Kind)
			return nil, false
		}
		if len(out)*len(items) > maxRange {
			g.diags.Addf(layers.Span(), "the layers stand for more than %d hosts", maxRange)
			return nil, false
		}
		var next []*scope
		for _, s := range out {
			for _, item := range items {
				next = append(next, &scope{s.vars.Clone().Set(layer.Key.Text, item)})
			}
		}
		out = next
	}
	return out, true
}

// parents makes the groups of a list, with their own parents, and ties a child into each.
func (g *generator) parents(list *source.Node, s *scope, tie func(*Group) error) {
	if list == nil || list.Kind != source.Sequence {
		return
	}
	for _, p := range list.Items {
		parent, err := g.parent(p, s)
		if err == nil {
			err = tie(parent)
		}
		if err != nil {
			g.diags.Addf(p.Span(), "%v", err)
			return
		}
		g.parents(p.Get("parents"), s, func(above *Group) error { return g.inv.tie(above, parent) })
	}
}

// parent makes one group and gives it its variables.
func (g *generator) parent(p *source.Node, s *scope) (*Group, error) {
	if p.Kind != source.Mapping || p.Get("name") == nil {
		return nil, fmt.Errorf("a parent has no name")
	}
	name, err := g.template(p.Get("name"), s)
	if err != nil {
		return nil, err
	}
	if !value.Truth(name) {
		return nil, fmt.Errorf("a parent has no name")
	}
	group := g.inv.addGroup(value.Str(name))
	vars := p.Get("vars")
	if vars == nil || vars.Kind != source.Mapping {
		return group, nil
	}
	for _, pair := range vars.Pairs {
		v, err := g.template(pair.Value, s)
		if err == nil {
			err = group.setVar(pair.Key.Text, v, pair.Key.Pos)
		}
		if err != nil {
			return nil, err
		}
	}
	return group, nil
}

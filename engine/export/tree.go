package export

import (
	"github.com/drydock-dev/drydock/engine/inventory"
	"github.com/drydock-dev/drydock/engine/value"
)

// This file builds the trees of data that List writes; each form has its own.

// jsonTree is what an inventory script prints for --list: groups beside one another, the variables of hosts in _meta.
func (x *Exporter) jsonTree() *value.Map {
	out := &value.Map{}
	seen := map[*inventory.Group]bool{}
	var add func(g *inventory.Group)
	add = func(g *inventory.Group) {
		body := &value.Map{}
		if hosts := x.hostNames(g); len(hosts) > 0 {
			body.Set("hosts", hosts)
		}
		var children []any
		for _, c := range g.Children() {
			children = append(children, c.Name)
			if !seen[c] {
				add(c)
				seen[c] = true
			}
		}
		if children != nil {
			body.Set("children", children)
		}
		if x.Own {
			setUnlessEmpty(body, "vars", markUnsafe(x.groupVars(g)))
		}
		setUnlessEmpty(out, g.Name, body)
	}
	add(x.Inventory.Group(inventory.All))
	hostVars := &value.Map{}
	for _, h := range x.available() {
		setUnlessEmpty(hostVars, h.Name, markUnsafe(x.hostVars(h.Name)))
	}
	return out.Set("_meta", value.NewMap("hostvars", hostVars, "profile", "inventory_legacy"))
}

// hostNames are the hosts directly in a group; those in "all" alone are in "ungrouped".
func (x *Exporter) hostNames(g *inventory.Group) []any {
	var out []any
	if g.Name == inventory.All {
		return nil
	}
	for _, h := range g.Direct() {
		if x.shown(h) {
			out = append(out, h.Name)
		}
	}
	return out
}

func setUnlessEmpty(m *value.Map, key string, part *value.Map) {
	if part.Len() > 0 {
		m.Set(key, part)
	}
}

// yamlTree is a YAML inventory: groups within groups, each host's variables where it is met first.
func (x *Exporter) yamlTree() *value.Map {
	seen, met := map[*inventory.Group]bool{}, map[*inventory.Host]bool{}
	var tree func(g *inventory.Group) *value.Map
	tree = func(g *inventory.Group) *value.Map {
		body, children := &value.Map{}, &value.Map{}
		for _, c := range g.Children() {
			switch {
			case seen[c]:
				children.Set(c.Name, &value.Map{})
			default:
				children.Merge(tree(c))
				seen[c] = true
			}
		}
		setUnlessEmpty(body, "children", children)
		setUnlessEmpty(body, "hosts", x.hostsOnce(g, met))
		if x.Own {
			setUnlessEmpty(body, "vars", x.groupVars(g))
		}
		out := &value.Map{}
		setUnlessEmpty(out, g.Name, body)
		return out
	}
	return tree(x.Inventory.Group(inventory.All))
}

// hostsOnce are the hosts of a group, with the variables of those that were not met before.
func (x *Exporter) hostsOnce(g *inventory.Group, met map[*inventory.Host]bool) *value.Map {
	out := &value.Map{}
	if g.Name == inventory.All {
		return out
	}
	for _, h := range g.Direct() {
		if !x.shown(h) {
			continue
		}
		vars := &value.Map{}
		if !met[h] {
			met[h] = true
			vars = x.hostVars(h.Name)
		}
		out.Set(h.Name, vars)
	}
	return out
}

// tomlTree is a TOML inventory: groups beside one another, "all" without its children.
func (x *Exporter) tomlTree() *value.Map {
	out, met := &value.Map{}, map[*inventory.Host]bool{}
	hasUngrouped := len(x.Inventory.Group(inventory.Ungrouped).Direct()) > 0
	var add func(g *inventory.Group, to *value.Map)
	add = func(g *inventory.Group, to *value.Map) {
		body := &value.Map{}
		to.Set(g.Name, body)
		var children []any
		for _, c := range g.Children() {
			if c.Name == inventory.Ungrouped && !hasUngrouped {
				continue
			}
			if g.Name != inventory.All {
				children = append(children, c.Name)
			}
			below := &value.Map{}
			add(c, below)
			to.Merge(below)
		}
		if children != nil {
			body.Set("children", children)
		}
		setUnlessEmpty(body, "hosts", x.hostsOnce(g, met))
		if x.Own {
			setUnlessEmpty(body, "vars", x.groupVars(g))
		}
		if body.Len() == 0 {
			to.Delete(g.Name)
		}
	}
	add(x.Inventory.Group(inventory.All), out)
	return out
}

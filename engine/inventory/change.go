package inventory

import (
	"maps"

	"github.com/drydock-dev/drydock/engine/value"
)

// AddHost returns an inventory in which the host exists, has the variables and is in the groups, which are made where needed (the module
// add_host), and whether that differs from inv. A host may be given as name:port.
func (inv *Inventory) AddHost(name string, groups []string, vars *value.Map) (*Inventory, bool) {
	host, port := splitPort(name)
	out := inv.clone()
	_, known := out.byHost[host]
	h := out.addHost(host, out.byGroup[All], port, "", "")
	changed := !known
	for k, v := range vars.All() {
		if old, ok := h.vars.Values.Get(k); !ok || !value.Equal(old, v) {
			changed = true
			h.vars.Values.Set(k, v)
		}
	}
	for _, g := range groups {
		changed = out.addGroup(g).addHost(h) || changed
	}
	out.reconcile()
	out.settle()
	return out, changed
}

// AddToGroup returns an inventory in which the host is in the group, and the group in its parents, all of them made where needed (the
// module group_by), and whether that differs from inv.
func (inv *Inventory) AddToGroup(host, group string, parents []string) (*Inventory, bool) {
	out := inv.clone()
	h, ok := out.byHost[host]
	if !ok {
		return inv, false
	}
	changed := out.byGroup[group] == nil
	g := out.addGroup(group)
	for _, name := range parents {
		changed = out.byGroup[name] == nil || changed
		p := out.addGroup(name)
		before := len(p.children)
		if out.tie(p, g) == nil {
			changed = len(p.children) > before || changed
		}
	}
	changed = g.addHost(h) || changed
	out.reconcile()
	out.settle()
	return out, changed
}

// clone copies hosts, groups and their ties; the values of variables are shared.
func (inv *Inventory) clone() *Inventory {
	out := &Inventory{sources: inv.sources, byHost: map[string]*Host{}, byGroup: map[string]*Group{}}
	hosts, groups := map[*Host]*Host{}, map[*Group]*Group{}
	for _, h := range inv.hosts {
		c := &Host{Name: h.Name, File: h.File, Dir: h.Dir, vars: h.vars.clone()}
		hosts[h], out.byHost[h.Name] = c, c
		out.hosts = append(out.hosts, c)
	}
	for _, g := range inv.groups {
		c := &Group{Name: g.Name, Priority: g.Priority, vars: g.vars.clone()}
		groups[g], out.byGroup[g.Name] = c, c
		out.groups = append(out.groups, c)
	}
	for old, c := range hosts {
		c.direct = translate(old.direct, groups)
	}
	for old, c := range groups {
		c.direct = translate(old.direct, hosts)
		c.children = translate(old.children, groups)
		c.parents = translate(old.parents, groups)
	}
	return out
}

func (v Vars) clone() Vars {
	return Vars{Name: v.Name, Values: v.Values.Clone(), At: maps.Clone(v.At)}
}

func translate[T comparable](list []T, to map[T]T) []T {
	out := make([]T, len(list))
	for i, x := range list {
		out[i] = to[x]
	}
	return out
}

package vars

import (
	"github.com/drydock-dev/drydock/engine/inventory"
	"github.com/drydock-dev/drydock/engine/value"
)

// This file answers what inventory and files say, without a play: for listings of the inventory.

// HostAll are the variables of a host that hold in every play: those of its groups and its own, from the inventory, the files beside it and
// in dir ("" for none), and the extra variables.
func (s *Store) HostAll(name, dir string) *value.Map {
	var all []*value.Map
	for _, l := range inventoryLayers(s.inv, s.files(dir), name).layers {
		all = append(all, l.vars)
	}
	return s.join(append(all, s.options.ExtraVars))
}

// Says tells whether one of the names is among HostAll, without making that.
func (s *Store) Says(host, dir string, names ...string) bool {
	for _, name := range names {
		if s.options.ExtraVars.Has(name) {
			return true
		}
		for _, l := range inventoryLayers(s.inv, s.files(dir), host).layers {
			if l.vars.Has(name) {
				return true
			}
		}
	}
	return false
}

// HostOwn are the variables that inventory and files give a host itself, without those of its groups.
func (s *Store) HostOwn(name, dir string) *value.Map {
	h := s.inv.Host(name)
	if h == nil {
		return &value.Map{}
	}
	return s.own(h.Vars(), dir, func(f *inventory.VarFiles) []inventory.Vars { return f.Host(name) })
}

// GroupOwn are the variables that inventory and files give a group itself.
func (s *Store) GroupOwn(name, dir string) *value.Map {
	g := s.inv.Group(name)
	if g == nil {
		return &value.Map{}
	}
	return s.own(g.Vars(), dir, func(f *inventory.VarFiles) []inventory.Vars { return f.Group(name) })
}

func (s *Store) own(first inventory.Vars, dir string, more func(*inventory.VarFiles) []inventory.Vars) *value.Map {
	f := s.files(dir)
	all := []*value.Map{first.Values}
	for _, src := range append(append([]*inventory.VarFiles(nil), f.sources...), f.playbook) {
		for _, v := range more(src) {
			all = append(all, v.Values)
		}
	}
	return s.join(all)
}

// join puts mappings over one another, the later ones above.
func (s *Store) join(all []*value.Map) *value.Map {
	out := &value.Map{}
	for _, m := range all {
		for k, v := range m.All() {
			old, _ := out.Get(k)
			out.Set(k, s.combine(old, v))
		}
	}
	return out
}

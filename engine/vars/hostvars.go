package vars

import (
	"github.com/drydock-dev/drydock/engine/inventory"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

// This file answers hostvars and vars: mappings whose values are looked up when a template asks for them.

// hostVars is the magic variable hostvars: the hosts of the inventory, and for each its variables.
type hostVars struct{ s *Snapshot }

// Get returns the variables of a host: what inventory, files, facts and earlier tasks say about it, without those of the play.
func (h hostVars) Get(key any) (any, bool, error) {
	name, ok := key.(string)
	if !ok || h.s.inv.Host(name) == nil {
		return nil, false, nil
	}
	view := h.s.world.view(place{name, h.s.dir}, func() *Snapshot { return h.s.build(name) })
	return ownVars{view}, true, nil
}

// Keys are the names of the hosts of the inventory. localhost can be asked for and is not listed unless the inventory names it.
func (h hostVars) Keys() []any {
	hosts := h.s.inv.Hosts()
	out := make([]any, len(hosts))
	for i, host := range hosts {
		out[i] = host.Name
	}
	return out
}

// ownVars is the magic variable vars, and a host within hostvars: all variables of a snapshot.
type ownVars struct{ s *Snapshot }

// Get returns a variable; templates in it see the variables of that snapshot, wherever they are used.
func (o ownVars) Get(key any) (any, bool, error) {
	name, ok := key.(string)
	if !ok || name == "vars" || name == "omit" {
		return nil, false, nil
	}
	v, ok, err := o.s.Lookup(name)
	if err != nil || !ok {
		return nil, false, err
	}
	return jinja.Bind(v, o.s), true, nil
}

// Keys are the names of all variables.
func (o ownVars) Keys() []any {
	var out []any
	for _, name := range o.s.Names() {
		if name != "vars" && name != "omit" {
			out = append(out, name)
		}
	}
	return out
}

// viewer makes the views of other hosts: what is known about a host outside any play.
type viewer struct {
	inv   *inventory.Inventory
	files files
	store Options
	world *world
	dir   string
	magic *value.Map
}

func (v *viewer) of(host string) *Snapshot {
	s := &Snapshot{host: host, dir: v.dir, merge: v.store.HashMerge, inv: v.inv, world: v.world}
	own := inventoryLayers(v.inv, v.files, host)
	s.layers, s.locked = own.layers, own.locked
	st := v.world.state(host)
	s.addFacts(st)
	s.add("include_vars", st.included)
	s.add("set_fact and register", st.set)
	s.add("extra vars", v.store.ExtraVars)
	s.add("magic variables", v.magic)
	return s
}

// runWide are the magic variables that hold for the whole run, so that they are seen in hostvars, too.
var runWide = []string{
	"playbook_dir", "ansible_playbook_python", "ansible_config_file", "ansible_version", "ansible_check_mode", "ansible_diff_mode", "ansible_forks",
	"ansible_inventory_sources", "ansible_limit", "ansible_run_tags", "ansible_skip_tags", "ansible_verbosity",
}

func runMagic(m *value.Map) *value.Map {
	out := &value.Map{}
	for _, name := range runWide {
		if v, ok := m.Get(name); ok {
			out.Set(name, v)
		}
	}
	return out
}

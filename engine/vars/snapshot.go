package vars

import (
	"errors"
	"slices"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/inventory"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/source"
	"github.com/drydock-dev/drydock/engine/value"
)

// Snapshot is all variables of a host at one moment, as one place in a playbook sees them. It is immutable. A variable is
// looked for from the strongest layer down; what inventory and files say, which seldom changes, is one layer.
type Snapshot struct {
	host   string
	dir    string
	layers []layer // weakest first
	merge  bool    // mappings of the same name are merged
	inv    *inventory.Inventory
	world  *world
	locked error                       // a vault file of the host that stays shut: none of its variables can be asked for
	build  func(host string) *Snapshot // the view of another host; nil: this is such a view, which has no hostvars of its own
}

var _ jinja.Env = (*Snapshot)(nil)

// layer is one level of precedence, or several that were made one.
type layer struct {
	name string
	vars *value.Map
	at   map[string]diag.Pos // where each was written, if that is known
	from map[any]*layer      // of several made one: which of them gave each variable
}

// flatten makes one layer of several; the later ones win.
func flatten(layers []layer) layer {
	out := layer{vars: &value.Map{}, from: map[any]*layer{}}
	for i := range layers {
		for k, v := range layers[i].vars.All() {
			out.vars.Set(k, v)
			out.from[k] = &layers[i]
		}
	}
	return out
}

// Snapshot returns the variables that a scope sees, as they are now.
func (s *Store) Snapshot(sc Scope) *Snapshot {
	s.shared = true
	// Files are read by the owner of the Store only, so the views of other hosts that workers make later find them here.
	view := &viewer{inv: s.inv, files: s.files(sc.PlaybookDir), store: s.options, world: s.world, dir: sc.PlaybookDir, magic: runMagic(sc.Magic)}
	snap := &Snapshot{host: sc.Host, dir: sc.PlaybookDir, merge: s.options.HashMerge, inv: s.inv, world: s.world, build: view.of}
	snap.layers = make([]layer, 0, 40)
	snap.add(ByDefault, defaults)
	snap.add(ByDefault, sc.Weakest)
	for _, m := range sc.RoleDefaults {
		snap.add("role defaults", m)
	}
	if sc.Host != "" {
		own := s.hostLayers(place{sc.Host, sc.PlaybookDir})
		snap.layers, snap.locked = append(snap.layers, own.layers...), own.locked
		snap.addFacts(s.world.state(sc.Host))
	}
	snap.add("play vars", sc.PlayVars...)
	snap.add("role vars", sc.RoleVars...)
	snap.add("block vars", sc.BlockVars...)
	snap.add("task vars", sc.TaskVars)
	if sc.Host != "" {
		snap.add("include_vars", s.world.state(sc.Host).included)
		snap.add("set_fact and register", s.world.state(sc.Host).set)
	}
	snap.add("role parameters", sc.RoleParams...)
	snap.add("include parameters", sc.IncludeVars...)
	snap.add("extra vars", s.options.ExtraVars)
	snap.add("magic variables", sc.Magic)
	snap.add("the task", sc.Local)
	return snap
}

// ByDefault is where a variable comes from that nobody has given a value.
const ByDefault = "environment"

// defaults are what magic variables are where the run says nothing.
var defaults = value.NewMap("environment", []any{})

func (s *Snapshot) add(name string, maps ...*value.Map) {
	for _, m := range maps {
		if m.Len() > 0 {
			s.layers = append(s.layers, layer{name: name, vars: m})
		}
	}
}

func (s *Snapshot) addFacts(st *state) {
	s.layers = append(s.layers, layer{name: "facts", vars: value.NewMap("ansible_facts", st.named)})
	s.add("facts", st.injected)
}

// files are the variables beside the inventory and beside the playbook.
type files struct {
	sources  []*inventory.VarFiles
	playbook *inventory.VarFiles
}

func (s *Store) files(dir string) files { return files{s.sources, s.playbook(dir)} }

// hostLayers are what inventory and files say about a host; they are worked out once.
func (s *Store) hostLayers(p place) hostLayers {
	if l, ok := s.inventory[p]; ok {
		return l
	}
	l := inventoryLayers(s.inv, s.files(p.dir), p.host)
	if !s.options.HashMerge {
		l.layers = []layer{flatten(l.layers)}
	}
	s.inventory[p] = l
	return l
}

// Locked returns the vault file of group_vars or host_vars that stays shut and that a host needs, as seen from a playbook's folder; nil: none.
func (s *Store) Locked(host, dir string) *source.LockedError {
	var e *source.LockedError
	errors.As(s.hostLayers(place{host, dir}).locked, &e)
	return e
}

// hostLayers is what inventory and files say about a host.
type hostLayers struct {
	layers []layer
	locked error // the first file that could not be opened
}

// magicLayer is where the names that a host has by itself come from.
const magicLayer = "the inventory"

// inventoryLayers are the levels 3 to 10 of Ansible's precedence, weakest first, with the names that a host has by itself.
func inventoryLayers(inv *inventory.Inventory, f files, name string) hostLayers {
	h := inv.Host(name)
	if h == nil { // a task may be delegated to a machine that no inventory knows
		h = &inventory.Host{Name: name}
	}
	var out []layer
	var locked error
	add := func(vars ...inventory.Vars) {
		for _, v := range vars {
			if v.Locked != nil && locked == nil {
				locked = v.Locked
			}
			if v.Values.Len() > 0 {
				out = append(out, layer{name: v.Name, vars: v.Values, at: v.At})
			}
		}
	}
	all := inv.Group(inventory.All)
	add(all.Vars())
	for _, g := range h.Groups() {
		add(g.Vars())
	}
	for _, src := range f.sources {
		add(src.Group(all.Name)...)
	}
	add(f.playbook.Group(all.Name)...)
	for _, src := range f.sources {
		for _, g := range h.Groups() {
			add(src.Group(g.Name)...)
		}
	}
	for _, g := range h.Groups() {
		add(f.playbook.Group(g.Name)...)
	}
	add(h.Vars())
	out = append(out, layer{name: magicLayer, vars: h.MagicVars()})
	for _, src := range f.sources {
		add(src.Host(name)...)
	}
	add(f.playbook.Host(name)...)
	return hostLayers{out, locked}
}

// Lookup finds a variable.
func (s *Snapshot) Lookup(name string) (any, bool, error) {
	v, _, ok := s.find(name)
	return v, ok, s.locked
}

// find returns a variable and the layer that it comes from.
func (s *Snapshot) find(name string) (any, *layer, bool) {
	if v, ok := s.magic(name); ok {
		return v, &layer{name: "magic variables"}, true
	}
	if s.merge {
		return s.findMerged(name)
	}
	key := any(name) // made once, not for each layer
	for i := len(s.layers) - 1; i >= 0; i-- {
		if v, ok := s.layers[i].vars.Get(key); ok {
			return v, &s.layers[i], true
		}
	}
	return nil, nil, false
}

// findMerged lays the mappings of all layers over one another, as hash_behaviour = merge asks for.
func (s *Snapshot) findMerged(name string) (out any, from *layer, ok bool) {
	for i := range s.layers {
		v, has := s.layers[i].vars.Get(name)
		if !has {
			continue
		}
		if ok && name != "ansible_facts" {
			v = merge(out, v)
		}
		out, from, ok = v, &s.layers[i], true
	}
	return out, from, ok
}

// magicNames are the variables that a snapshot answers itself.
var magicNames = []string{"groups", "hostvars", "vars", "omit"}

// magic answers the variables that stand for much and are made when asked for.
func (s *Snapshot) magic(name string) (any, bool) {
	switch name {
	case "groups":
		return s.inv.GroupNames(), true
	case "hostvars":
		if s.build != nil {
			return hostVars{s}, true
		}
	case "vars":
		return ownVars{s}, true
	case "omit":
		return value.Omit{}, true
	}
	return nil, false
}

// Origin tells where a variable comes from: the layer in words, e.g. "group_vars of web" or "set_fact and register", and the place in a
// file if it is known.
func (s *Snapshot) Origin(name string) (from string, at diag.Pos, ok bool) {
	v, l, ok := s.find(name)
	if !ok {
		return "", diag.Pos{}, false
	}
	if l.from != nil {
		l = l.from[name]
	}
	if pos, known := l.at[name]; known {
		return l.name, pos, true
	}
	if t, isTemplate := v.(*jinja.Template); isTemplate {
		at = t.Pos()
	}
	return l.name, at, true
}

// NearName returns the variable that a person most likely meant by a name that is not there, "" if none is near.
func (s *Snapshot) NearName(name string) string { return diag.Nearest(name, s.Names()) }

// Names are the names of all variables, each once, those of weaker layers first.
func (s *Snapshot) Names() []string {
	seen := map[string]bool{}
	var out []string
	for _, l := range s.layers {
		for _, k := range l.vars.Keys() {
			if name, ok := k.(string); ok && !seen[name] {
				seen[name] = true
				out = append(out, name)
			}
		}
	}
	for _, name := range magicNames {
		if _, ok := s.magic(name); ok && !seen[name] {
			out = append(out, name)
		}
	}
	return slices.Clip(out)
}

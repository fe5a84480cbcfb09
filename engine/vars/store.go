package vars

import (
	"github.com/drydock-dev/drydock/engine/config"
	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/inventory"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/source"
	"github.com/drydock-dev/drydock/engine/value"
)

// Options are what a Store is made of besides the inventory.
type Options struct {
	Tree         *source.Tree
	Lang         *jinja.Language // makes templates of the texts in group_vars and host_vars; nil: all text is plain
	Config       *config.Config  // nil: Ansible's defaults
	ExtraVars    *value.Map      // -e, the strongest of all
	PlaybookDirs []string        // whose group_vars and host_vars are read at once, so that mistakes in them show before a run
	HashMerge    bool            // mappings of the same name are merged, not replaced
	Cache        FactCache       // facts of earlier runs; nil: none
	InjectFacts  bool            // facts are variables of their own, not only members of ansible_facts
}

// FactCache keeps the facts of hosts from one run to the next. An error is worth a warning, not the end of a run.
type FactCache interface {
	Facts(host string) (*value.Map, error) // nil: nothing is known
	Keep(host string, facts *value.Map) error
	Forget(host string) error
}

// Store holds the variables of all hosts. One goroutine owns it and calls its methods; the snapshots that it hands out are
// immutable and may be read by any.
type Store struct {
	options   Options
	inv       *inventory.Inventory
	sources   []*inventory.VarFiles          // beside the inventory, in the order of its sources
	playbooks map[string]*inventory.VarFiles // beside playbooks
	inventory map[place]hostLayers           // what inventory and files say about a host, worked out once
	late      diag.List

	world  *world
	shared bool // a snapshot has the world; the next change makes a new one
}

// place is a host as seen from a playbook's folder.
type place struct{ host, dir string }

// state is what a run has learned about a host. It is never changed, only replaced.
type state struct {
	facts    *value.Map // as gathered: ansible_distribution, packages, ...
	named    *value.Map // the same for ansible_facts, without the prefix
	injected *value.Map // those that are variables of their own
	set      *value.Map // set_fact and register
	included *value.Map // include_vars
}

var nothing = &state{facts: &value.Map{}, named: &value.Map{}, injected: &value.Map{}, set: &value.Map{}, included: &value.Map{}}

// NewStore makes a Store and reads the group_vars and host_vars beside the inventory and the playbooks.
func NewStore(inv *inventory.Inventory, o Options) (*Store, diag.List) {
	if o.ExtraVars == nil {
		o.ExtraVars = &value.Map{}
	}
	s := &Store{options: o, world: newWorld(nil)}
	ds := s.SetInventory(inv)
	return s, ds
}

// SetInventory replaces the inventory, as add_host, group_by and refresh_inventory do. What was learned about hosts stays.
func (s *Store) SetInventory(inv *inventory.Inventory) diag.List {
	var ds diag.List
	s.inv = inv
	s.inventory = map[place]hostLayers{}
	s.sources, s.playbooks = nil, map[string]*inventory.VarFiles{}
	read := map[string]*inventory.VarFiles{}
	for _, dir := range inv.VarDirs(s.options.Tree) {
		if read[dir] == nil {
			read[dir] = s.readFiles(dir, &ds)
		}
		s.sources = append(s.sources, read[dir])
	}
	for _, dir := range s.options.PlaybookDirs {
		if read[dir] == nil {
			read[dir] = s.readFiles(dir, &ds)
		}
		s.playbooks[dir] = read[dir]
	}
	s.world = newWorld(s.world.hosts) // views of hosts know the old inventory
	s.recall(&ds)
	return ds
}

func (s *Store) readFiles(dir string, ds *diag.List) *inventory.VarFiles {
	o := inventory.Options{Tree: s.options.Tree, Config: s.options.Config}
	if s.options.Lang != nil {
		o.Lang = s.options.Lang
	}
	files, more := inventory.ReadVarFiles(s.inv, dir, o)
	ds.Add(more...)
	return files
}

// playbook returns the files beside a playbook that was not known at the beginning.
func (s *Store) playbook(dir string) *inventory.VarFiles {
	if dir == "" {
		return &inventory.VarFiles{}
	}
	if s.playbooks[dir] == nil {
		s.playbooks[dir] = s.readFiles(dir, &s.late)
	}
	return s.playbooks[dir]
}

// Late returns and forgets what was wrong in files that were read for a playbook outside Options.PlaybookDirs, and with the cache of facts.
func (s *Store) Late() diag.List {
	ds := s.late
	s.late = nil
	return ds
}

// Inventory is the inventory as it is now.
func (s *Store) Inventory() *inventory.Inventory { return s.inv }

// Extra tells whether the command line gave a variable.
func (s *Store) Extra(name string) bool { return s.options.ExtraVars.Has(name) }

// Facts are the facts of a host as they were gathered; the mapping must not be changed.
func (s *Store) Facts(host string) *value.Map { return s.world.state(host).facts }

// SetFacts adds to the facts of a host: what a module returned as ansible_facts.
func (s *Store) SetFacts(host string, facts *value.Map) {
	s.change(host, func(st *state) {
		st.facts = st.facts.Clone().Merge(facts)
		st.named, st.injected = nameFacts(st.facts), injectFacts(st.facts, s.options.InjectFacts)
	})
	if s.options.Cache != nil {
		if err := s.options.Cache.Keep(host, s.Facts(host)); err != nil {
			s.late.Warnf(diag.Span{}, "the facts of %s are not kept for later runs: %v", host, err)
		}
	}
}

// recall takes what earlier runs learned about hosts that this one has learned nothing about.
func (s *Store) recall(ds *diag.List) {
	if s.options.Cache == nil {
		return
	}
	hosts := s.inv.Hosts()
	if h := s.inv.Host("localhost"); h.Implicit {
		hosts = append(hosts[:len(hosts):len(hosts)], h)
	}
	for _, h := range hosts {
		if _, known := s.world.hosts[h.Name]; known {
			continue
		}
		facts, err := s.options.Cache.Facts(h.Name)
		if err != nil {
			ds.Warnf(diag.Span{}, "what earlier runs learned about %s is not used: %v", h.Name, err)
		}
		if facts == nil {
			continue
		}
		s.change(h.Name, func(st *state) {
			st.facts, st.named, st.injected = facts, nameFacts(facts), injectFacts(facts, s.options.InjectFacts)
		})
	}
}

// ClearFacts forgets the facts of a host, not what set_fact gave it.
func (s *Store) ClearFacts(host string) {
	s.change(host, func(st *state) { st.facts, st.named, st.injected = nothing.facts, nothing.named, nothing.injected })
	if s.options.Cache != nil {
		if err := s.options.Cache.Forget(host); err != nil {
			s.late.Warnf(diag.Span{}, "the facts of %s that earlier runs kept could not be removed: %v", host, err)
		}
	}
}

// SetHostVars gives a host variables of set_fact.
func (s *Store) SetHostVars(host string, vars *value.Map) {
	s.change(host, func(st *state) { st.set = st.set.Clone().Merge(vars) })
}

// Register gives a host the result of a task.
func (s *Store) Register(host, name string, result any) {
	s.change(host, func(st *state) { st.set = st.set.Clone().Set(name, result) })
}

// IncludeVars gives a host the variables of include_vars.
func (s *Store) IncludeVars(host string, vars *value.Map) {
	s.change(host, func(st *state) {
		st.included = st.included.Clone()
		for k, v := range vars.All() {
			old, _ := st.included.Get(k)
			st.included.Set(k, s.combine(old, v))
		}
	})
}

// change replaces the state of a host by a changed copy.
func (s *Store) change(host string, f func(*state)) {
	st := *s.world.state(host)
	f(&st)
	if s.shared {
		s.world, s.shared = newWorld(s.world.hosts), false
	}
	s.world.hosts[host] = &st
}

// combine puts a value over a weaker one of the same name.
func (s *Store) combine(weak, strong any) any {
	if !s.options.HashMerge {
		return strong
	}
	return merge(weak, strong)
}

// merge lays a mapping over another, and so the mappings inside them; other values replace.
func merge(weak, strong any) any {
	below, ok1 := weak.(*value.Map)
	above, ok2 := strong.(*value.Map)
	if !ok1 || !ok2 {
		return strong
	}
	out := below.Clone()
	for k, v := range above.All() {
		old, _ := out.Get(k)
		out.Set(k, merge(old, v))
	}
	return out
}

// Package inventory knows the hosts: it reads inventories of every form that Ansible has built in (INI, YAML, JSON, TOML, constructed, generator, folders,
// scripts, lists on the command line), the group_vars and host_vars beside them, and answers host patterns.
//
// An Inventory is immutable. What a playbook adds while it runs makes a new one (AddHost, AddToGroup), so that whoever looks at the old one
// is not disturbed.
package inventory

import (
	"net/netip"
	"sort"
	"strings"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/source"
	"github.com/drydock-dev/drydock/engine/value"
)

// The groups that every inventory has.
const (
	All       = "all"
	Ungrouped = "ungrouped"
)

// Vars are variables and where each was written.
type Vars struct {
	Name   string     // where they come from, in words: "inventory group web", "host_vars of h1"
	Values *value.Map // never nil
	At     map[string]diag.Pos
	Locked *source.LockedError // of a vault file that no password opens; it harms only who needs these variables
}

// Inventory is a set of hosts and the groups that they are in.
type Inventory struct {
	sources []string // as they were given
	hosts   []*Host  // in the order in which they were met
	groups  []*Group
	byHost  map[string]*Host
	byGroup map[string]*Group
	local   map[string]*Host // the implicit localhost by each of its names
	groupOf *value.Map       // the magic variable groups
}

// Host is one host.
type Host struct {
	Name     string
	Implicit bool // localhost, which no inventory names
	File     string
	Dir      string // of File; empty if the host comes from no file

	vars   Vars
	direct []*Group
	sorted []*Group // all groups but "all": by depth, priority, name; the later ones' variables win
	names  []any    // of all groups but "all", in order
}

// Group is one group.
type Group struct {
	Name     string
	Depth    int // the longest way from "all"
	Priority int

	vars     Vars
	direct   []*Host
	children []*Group
	parents  []*Group
	hosts    []*Host
}

// Sources are what the inventory was read from, as given.
func (inv *Inventory) Sources() []string { return inv.sources }

// Hosts are all hosts in the order in which Ansible takes them; the implicit localhost is not among them.
func (inv *Inventory) Hosts() []*Host { return inv.byGroup[All].hosts }

// Groups are all groups in the order in which they were met, "all" and "ungrouped" first.
func (inv *Inventory) Groups() []*Group { return inv.groups }

// Group returns a group, nil if there is none of that name.
func (inv *Inventory) Group(name string) *Group { return inv.byGroup[name] }

// Host returns a host, nil if there is none of that name. For localhost, 127.0.0.1 and ::1 there always is one: where the
// inventory names none of them, an implicit host that is reached without a connection.
func (inv *Inventory) Host(name string) *Host {
	if h, ok := inv.byHost[name]; ok {
		return h
	}
	return inv.local[name]
}

// GroupNames is the magic variable groups: for each group the names of its hosts.
func (inv *Inventory) GroupNames() *value.Map { return inv.groupOf }

// Vars are the variables that the inventory itself gives the host, without those of its groups.
func (h *Host) Vars() Vars { return h.vars }

// MagicVars are the variables that say which host this is.
func (h *Host) MagicVars() *value.Map {
	short, _, _ := strings.Cut(h.Name, ".")
	if _, err := netip.ParseAddr(h.Name); err == nil {
		short = h.Name
	}
	names := h.names
	if names == nil {
		names = []any{}
	}
	m := value.NewMap("inventory_hostname", h.Name, "inventory_hostname_short", short, "group_names", names)
	if !h.Implicit {
		m.Set("inventory_file", orNull(h.File))
		m.Set("inventory_dir", orNull(h.Dir))
	}
	return m
}

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// Groups are the groups of the host without "all", those whose variables win last.
func (h *Host) Groups() []*Group { return h.sorted }

// GroupNames are the names of the host's groups without "all", in alphabetical order: the magic variable group_names.
func (h *Host) GroupNames() []any { return h.names }

// Vars are the variables that the inventory itself gives the group.
func (g *Group) Vars() Vars { return g.vars }

// Hosts are the hosts of the group and of the groups in it, in order.
func (g *Group) Hosts() []*Host { return g.hosts }

// Direct are the hosts directly in the group, in the order in which they were put there.
func (g *Group) Direct() []*Host { return g.direct }

// Children are the groups directly in the group.
func (g *Group) Children() []*Group { return g.children }

// names lists the names of hosts.
func names(hosts []*Host) []string {
	out := make([]string, len(hosts))
	for i, h := range hosts {
		out[i] = h.Name
	}
	return out
}

// byPrecedence sorts groups as their variables override one another.
func byPrecedence(groups []*Group) {
	sort.Slice(groups, func(i, j int) bool {
		a, b := groups[i], groups[j]
		if a.Depth != b.Depth {
			return a.Depth < b.Depth
		}
		if a.Priority != b.Priority {
			return a.Priority < b.Priority
		}
		return a.Name < b.Name
	})
}

package inventory

import (
	"fmt"
	"sort"
	"strconv"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/value"
)

// This file makes an inventory: groups, hosts and their ties are added one by one, and settle works out what follows from them.

// localNames are the names of the machine that the program runs on.
var localNames = []string{"localhost", "127.0.0.1", "::1"}

func empty() *Inventory {
	inv := &Inventory{byHost: map[string]*Host{}, byGroup: map[string]*Group{}}
	inv.addGroup(All)
	inv.addGroup(Ungrouped)
	inv.tie(inv.byGroup[All], inv.byGroup[Ungrouped])
	return inv
}

func newVars(name string) Vars {
	return Vars{Name: name, Values: &value.Map{}, At: map[string]diag.Pos{}}
}

func (inv *Inventory) addGroup(name string) *Group {
	if g, ok := inv.byGroup[name]; ok {
		return g
	}
	g := &Group{Name: name, Priority: 1, vars: newVars("inventory group " + name)}
	inv.groups = append(inv.groups, g)
	inv.byGroup[name] = g
	return g
}

// addHost adds a host to a group; port 0 says nothing. file is where it was found, "" for no file.
func (inv *Inventory) addHost(name string, g *Group, port int, file, dir string) *Host {
	h, ok := inv.byHost[name]
	if !ok {
		h = &Host{Name: name, File: file, Dir: dir, vars: newVars("inventory host " + name)}
		if port > 0 {
			h.vars.Values.Set("ansible_port", port)
		}
		inv.hosts = append(inv.hosts, h)
		inv.byHost[name] = h
	}
	g.addHost(h)
	return h
}

func (g *Group) addHost(h *Host) bool {
	for _, other := range h.direct {
		if other == g {
			return false
		}
	}
	g.direct = append(g.direct, h)
	h.direct = append(h.direct, g)
	return true
}

// removeHost unties a host from a group.
func (g *Group) removeHost(h *Host) {
	g.direct = without(g.direct, h)
	h.direct = without(h.direct, g)
}

func without[T comparable](list []T, item T) []T {
	var out []T
	for _, x := range list {
		if x != item {
			out = append(out, x)
		}
	}
	return out
}

// tie puts a group into another.
func (inv *Inventory) tie(parent, child *Group) error {
	if parent == child {
		return fmt.Errorf("group %s cannot be in itself", child.Name)
	}
	if child.Name == All {
		return fmt.Errorf("group all holds every group and cannot be in %s", parent.Name)
	}
	for _, g := range parent.children {
		if g == child {
			return nil
		}
	}
	if child.leadsTo(parent) {
		return fmt.Errorf("group %s cannot be in %s: %s is in %s already", child.Name, parent.Name, parent.Name, child.Name)
	}
	parent.children = append(parent.children, child)
	child.parents = append(child.parents, parent)
	return nil
}

// leadsTo tells whether other is below g.
func (g *Group) leadsTo(other *Group) bool {
	for _, d := range g.withDescendants() {
		if d == other {
			return true
		}
	}
	return false
}

// withDescendants lists the group and the groups below it, the nearer ones first.
func (g *Group) withDescendants() []*Group {
	seen := map[*Group]bool{g: true}
	order := []*Group{g}
	for i := 0; i < len(order); i++ {
		for _, c := range order[i].children {
			if !seen[c] {
				seen[c] = true
				order = append(order, c)
			}
		}
	}
	return order
}

// set gives a variable. Later values replace earlier ones.
func (v Vars) set(name string, val any, at diag.Pos) {
	v.Values.Set(name, val)
	v.At[name] = at
}

// setVar gives a group a variable; ansible_group_priority is none but says how strong the group's variables are.
func (g *Group) setVar(name string, val any, at diag.Pos) error {
	if name != "ansible_group_priority" {
		g.vars.set(name, val, at)
		return nil
	}
	switch x := val.(type) {
	case int:
		g.Priority = x
	case string:
		n, err := strconv.Atoi(x)
		if err != nil {
			return fmt.Errorf("ansible_group_priority is a number, not %q", x)
		}
		g.Priority = n
	default:
		return fmt.Errorf("ansible_group_priority is a number, not %s", value.Repr(val))
	}
	return nil
}

// reconcile applies Ansible's rules for "all" and "ungrouped".
func (inv *Inventory) reconcile() {
	all, ungrouped := inv.byGroup[All], inv.byGroup[Ungrouped]
	for _, g := range inv.groups {
		if g != all && len(g.parents) == 0 {
			inv.tie(all, g)
		}
	}
	for _, h := range inv.hosts {
		inGroup := false
		for _, g := range h.direct {
			inGroup = inGroup || g != all && g != ungrouped
		}
		if inGroup {
			ungrouped.removeHost(h)
		} else {
			ungrouped.addHost(h)
		}
	}
}

// settle works out depths, orders and names.
func (inv *Inventory) settle() {
	inv.deepen()
	inv.groupOf = &value.Map{}
	for _, g := range inv.groups {
		g.hosts = hostsBelow(g)
		inv.groupOf.Set(g.Name, anys(names(g.hosts)))
	}
	for _, h := range inv.hosts {
		h.settle()
	}
	inv.makeLocal()
}

// deepen sets the depths of all groups. Each group is visited when all its parents are done, so that a graph of many diamonds costs no
// more than its edges.
func (inv *Inventory) deepen() {
	waiting := map[*Group]int{}
	var ready []*Group
	for _, g := range inv.groups {
		g.Depth = 0
		waiting[g] = len(g.parents)
		if len(g.parents) == 0 {
			ready = append(ready, g)
		}
	}
	for len(ready) > 0 {
		next := ready[0]
		ready = ready[1:]
		for _, c := range next.children {
			c.Depth = max(c.Depth, next.Depth+1)
			if waiting[c]--; waiting[c] == 0 {
				ready = append(ready, c)
			}
		}
	}
}

func hostsBelow(g *Group) []*Host {
	var out []*Host
	seen := map[*Host]bool{}
	for _, d := range g.withDescendants() {
		for _, h := range d.direct {
			if !seen[h] {
				seen[h] = true
				out = append(out, h)
			}
		}
	}
	return out
}

// settle works out the groups of a host: its own and all above them.
func (h *Host) settle() {
	seen := map[*Group]bool{}
	todo := append([]*Group(nil), h.direct...)
	h.sorted = nil
	for i := 0; i < len(todo); i++ {
		g := todo[i]
		if seen[g] {
			continue
		}
		seen[g] = true
		if g.Name != All {
			h.sorted = append(h.sorted, g)
		}
		todo = append(todo, g.parents...)
	}
	byPrecedence(h.sorted)
	var list []string
	for _, g := range h.sorted {
		list = append(list, g.Name)
	}
	sort.Strings(list)
	h.names = anys(list)
}

// makeLocal prepares the answer for the names of localhost: the first host of such a name, else an implicit one.
func (inv *Inventory) makeLocal() {
	inv.local = map[string]*Host{}
	var named *Host
	for _, h := range inv.hosts {
		for _, name := range localNames {
			if h.Name == name && named == nil {
				named = h
			}
		}
	}
	for _, name := range localNames {
		if named != nil {
			inv.local[name] = named
			continue
		}
		h := &Host{Name: name, Implicit: true, vars: newVars("implicit " + name), names: []any{}}
		h.vars.Values.Set("ansible_connection", "local")
		inv.local[name] = h
	}
}

func anys(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

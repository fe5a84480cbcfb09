package inventory

import (
	"errors"
	"fmt"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/source"
	"github.com/drydock-dev/drydock/engine/value"
)

// This file is the plugin constructed: variables and groups made of the variables of the hosts that earlier sources brought.

var errNoLanguage = errors.New("expressions cannot be evaluated here")

var constructedOptions = []string{"plugin", "compose", "groups", "keyed_groups", "strict", "use_vars_plugins", "use_extra_vars", "leading_separator"}

// constructor carries out one configuration.
type constructor struct {
	*reader
	root   *source.Node
	strict bool
	sep    bool // groups of an empty prefix begin with the separator
	extra  bool
	dirs   []*VarFiles // beside the sources so far, if they count
	host   *Host
}

func (r *reader) constructed(f *file) {
	root := r.pluginConfig(f, "constructed", constructedOptions)
	if root == nil {
		return
	}
	c := &constructor{
		reader: r, root: root, strict: truth(root, "strict", false), sep: truth(root, "leading_separator", true), extra: truth(root, "use_extra_vars", false),
	}
	if truth(root, "use_vars_plugins", false) {
		c.dirs = r.filesSoFar()
	}
	for _, h := range append([]*Host(nil), r.inv.hosts...) {
		c.host = h
		c.compose()
		c.groups(c.scope())
		c.keyed(c.scope())
		if r.diags.HasErrors() {
			return
		}
	}
}

// filesSoFar reads the group_vars and host_vars beside the sources that were read before.
func (r *reader) filesSoFar() []*VarFiles {
	r.inv.sources = r.read
	var out []*VarFiles
	for _, dir := range r.inv.VarDirs(r.Tree) {
		f, ds := ReadVarFiles(r.inv, dir, r.Options)
		r.diags.Add(ds...)
		out = append(out, f)
	}
	return out
}

// scope is what expressions see of the host: its groups' variables, its own, and which host it is.
func (c *constructor) scope() *scope {
	c.inv.deepen()
	c.host.settle()
	vars := &value.Map{}
	groups := c.host.sorted
	if c.host.belowAll() {
		groups = append([]*Group{c.inv.byGroup[All]}, groups...)
	}
	for _, g := range groups {
		vars.Merge(g.vars.Values)
	}
	for _, f := range c.dirs {
		for _, g := range groups {
			merge(vars, f.Group(g.Name))
		}
	}
	vars.Merge(c.host.vars.Values)
	vars.Merge(c.host.MagicVars())
	for _, f := range c.dirs {
		merge(vars, f.Host(c.host.Name))
	}
	return &scope{vars}
}

func merge(into *value.Map, list []Vars) {
	for _, v := range list {
		into.Merge(v.Values)
	}
}

// eval evaluates an expression; extra variables count where the configuration asks for them.
func (c *constructor) eval(n *source.Node, s *scope) (any, error) {
	t, err := c.expression(n)
	if err != nil {
		return nil, err
	}
	if c.extra {
		s = &scope{s.vars.Clone().Merge(c.ExtraVars)}
	}
	return t.Eval(s)
}

// fault reports what could not be worked out, if that is not to be passed over.
func (c *constructor) fault(at diag.Span, format string, args ...any) {
	if c.strict {
		c.diags.Addf(at, format, args...)
	}
}

func (c *constructor) pairs(name string) []source.Pair {
	if n := c.root.Get(name); n != nil && n.Kind == source.Mapping {
		return n.Pairs
	}
	return nil
}

// compose gives the host variables.
func (c *constructor) compose() {
	s := c.scope()
	for _, p := range c.pairs("compose") {
		v, err := c.eval(p.Value, s)
		if err != nil {
			c.fault(p.Value.Span(), "could not set %s for host %s: %v", p.Key.Text, c.host.Name, err)
			continue
		}
		c.host.vars.set(p.Key.Text, v, p.Key.Pos)
	}
}

// groups puts the host into the groups whose conditions it meets.
func (c *constructor) groups(s *scope) {
	for _, p := range c.pairs("groups") {
		name := safeName(p.Key.Text) // as Ansible does here, whatever force_valid_group_names says
		t, err := c.expression(p.Value)
		in := false
		if err == nil {
			in, err = t.Test(s)
		}
		if err != nil {
			c.fault(p.Value.Span(), "could not add host %s to group %s: %v", c.host.Name, name, err)
			continue
		}
		if in {
			c.inv.addGroup(name).addHost(c.host)
		}
	}
}

// keyed puts the host into groups named after values.
func (c *constructor) keyed(s *scope) {
	list := c.root.Get("keyed_groups")
	if list == nil || list.Kind != source.Sequence {
		return
	}
	for _, entry := range list.Items {
		if entry.Kind != source.Mapping {
			c.diags.Addf(entry.Span(), "an entry of keyed_groups is a mapping, not %s", entry.Kind)
			return
		}
		k := &keyedGroup{constructor: c, entry: entry, scope: s}
		if err := k.add(); err != nil {
			c.diags.Add(diag.Diagnostic{Summary: fmt.Sprintf("keyed_groups: %v", err), Span: entry.Span()})
			return
		}
	}
}

// belowAll tells whether a way leads from the host up to the group all.
func (h *Host) belowAll() bool {
	for _, g := range append(append([]*Group(nil), h.direct...), h.sorted...) {
		for _, up := range append([]*Group{g}, g.parents...) {
			if up.Name == All {
				return true
			}
		}
	}
	return false
}

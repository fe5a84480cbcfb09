// Package export writes an inventory for other eyes and programs, in the forms of ansible-inventory: JSON, YAML, TOML, a graph, or the
// variables of one host.
package export

import (
	"errors"
	"fmt"

	"github.com/drydock-dev/drydock/engine/inventory"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/jinja/ansible"
	"github.com/drydock-dev/drydock/engine/value"
	"github.com/drydock-dev/drydock/engine/vars"
)

// Exporter writes one inventory.
type Exporter struct {
	Inventory *inventory.Inventory
	Vars      *vars.Store
	Limit     map[string]bool // the hosts to show; nil: all
	Dir       string          // whose group_vars and host_vars count beside those of the inventory
	DirNamed  bool            // the user named Dir, so that it counts with Own, too
	Own       bool            // each group's and host's own variables (--export), not all that hold for a host

	err error // the first file of variables that stays shut
}

// Form is how data is written.
type Form int

// The forms of ansible-inventory.
const (
	JSON Form = iota
	YAML
	TOML
)

// List writes all groups, hosts and variables.
func (x *Exporter) List(f Form) (string, error) {
	switch f {
	case YAML:
		return x.write(x.yamlTree(), f)
	case TOML:
		return x.write(x.tomlTree(), f)
	}
	return x.write(x.jsonTree(), f)
}

// Host writes the variables of one host.
func (x *Exporter) Host(name string, f Form) (string, error) {
	return x.write(x.hostVars(name), f)
}

func (x *Exporter) write(tree *value.Map, f Form) (string, error) {
	if x.err != nil {
		return "", x.err
	}
	c := newCleaner()
	switch f {
	case YAML:
		return ansible.InventoryYAML(c.clean(tree))
	case TOML:
		return writeTOML(c.clean(tree).(*value.Map))
	}
	return jinja.EncodeJSON(spellSealed(c.clean(tree)), jinja.JSONOptions{Indented: true, Indent: 4, SortKeys: true, Unicode: true})
}

// hostVars are the variables to show for a host.
func (x *Exporter) hostVars(name string) *value.Map {
	if x.Own {
		return visible(x.Vars.HostOwn(name, x.ownDir()))
	}
	if locked := x.Vars.Locked(name, x.Dir); locked != nil && x.err == nil {
		x.err = locked
	}
	return visible(x.Vars.HostAll(name, x.Dir))
}

func (x *Exporter) groupVars(g *inventory.Group) *value.Map {
	m := visible(x.Vars.GroupOwn(g.Name, x.ownDir()))
	if g.Priority != 1 {
		m.Set("ansible_group_priority", g.Priority)
	}
	return m
}

func (x *Exporter) ownDir() string {
	if x.DirNamed {
		return x.Dir
	}
	return ""
}

// internal are variables that say nothing about the inventory and are never shown.
var internal = []any{
	"ansible_async_path", "ansible_collection_name", "ansible_config_file", "ansible_dependent_role_names", "ansible_diff_mode", "ansible_facts",
	"ansible_forks", "ansible_inventory_sources", "ansible_limit", "ansible_play_batch", "ansible_play_hosts", "ansible_play_hosts_all",
	"ansible_play_role_names", "ansible_playbook_python", "ansible_role_name", "ansible_role_names", "ansible_run_tags", "ansible_skip_tags",
	"ansible_verbosity", "ansible_version", "inventory_dir", "inventory_file", "inventory_hostname", "inventory_hostname_short", "groups",
	"group_names", "hostvars", "playbook_dir", "play_hosts", "role_name", "role_names", "role_path", "role_uuid",
}

func visible(m *value.Map) *value.Map {
	m = m.Clone()
	for _, k := range internal {
		m.Delete(k)
	}
	return m
}

// available are the hosts to show, in order.
func (x *Exporter) available() []*inventory.Host {
	var out []*inventory.Host
	for _, h := range x.Inventory.Hosts() {
		if x.shown(h) {
			out = append(out, h)
		}
	}
	return out
}

func (x *Exporter) shown(h *inventory.Host) bool { return x.Limit == nil || x.Limit[h.Name] }

// ErrGroup says that a graph was asked for something that is no group.
var ErrGroup = errors.New("pattern must be valid group name when using --graph")

// Graph draws a group with its groups and hosts, with their variables if withVars is set.
func (x *Exporter) Graph(group string, withVars bool) (string, error) {
	g := x.Inventory.Group(group)
	if g == nil {
		return "", fmt.Errorf("%q: %w", group, ErrGroup)
	}
	d := &graph{Exporter: x, withVars: withVars}
	d.group(g, 0)
	return d.text(), errors.Join(d.err, x.err)
}

package export

import (
	"fmt"
	"strings"

	"github.com/drydock-dev/drydock/engine/inventory"
	"github.com/drydock-dev/drydock/engine/value"
)

// graph draws groups and hosts as a tree of lines.
type graph struct {
	*Exporter
	withVars bool
	lines    []string
	err      error
}

func (d *graph) text() string { return strings.Join(d.lines, "\n") }

func (d *graph) line(depth int, format string, args ...any) {
	mark := ""
	if depth > 0 {
		mark = strings.Repeat("  |", depth) + "--"
	}
	d.lines = append(d.lines, mark+fmt.Sprintf(format, args...))
}

func (d *graph) group(g *inventory.Group, depth int) {
	d.line(depth, "@%s:", g.Name)
	depth++
	for _, c := range g.Children() {
		d.group(c, depth)
	}
	if g.Name != inventory.All {
		for _, h := range g.Direct() {
			d.line(depth, "%s", h.Name)
			if d.withVars {
				d.vars(d.hostVars(h.Name), depth+1)
			}
		}
	}
	if d.withVars {
		d.vars(d.groupVars(g), depth)
	}
}

// open gives the text of an encrypted value, as Ansible prints it here.
func (d *graph) open(v value.Vault) (any, error) {
	if v.By == nil {
		return v, nil
	}
	return v.By.OpenVault(v)
}

// vars draws variables by name, as Python would print their values.
func (d *graph) vars(m *value.Map, depth int) {
	c := newCleaner()
	keys := m.Keys()
	if value.Sort(keys, nil, false) != nil {
		keys = m.Keys()
	}
	for _, k := range keys {
		v := c.clean(m.Value(k))
		if sealed, ok := v.(value.Vault); ok && d.err == nil {
			v, d.err = d.open(sealed)
		}
		d.line(depth, "{%s = %s}", value.Str(k), value.Str(v))
	}
}

package program

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/playbook"
)

// This file holds which module a name means: one of the content's own or a built-in one.

// OwnModules finds modules of the content's own.
type OwnModules interface {
	// Add makes the modules of the folder of a playbook or role known.
	Add(dir string)
	// Find finds a module by the name in a task; near is the folder of the file that the task stands in.
	Find(name, near string) (module.Module, bool)
	// Names are those that can be found without naming a collection, for suggestions.
	Names() []string
}

// addContent makes known what the folder of a playbook or role has of its own.
func (c *Compiler) addContent(dir string) {
	if c.Own != nil {
		c.Own.Add(dir)
	}
}

// moduleNamed finds the module that a task in the folder near means. As in Ansible, a short name means the content's own module first; but what
// Ansible carries out on the controller stays as it is, and a full name means what is built in, where there is such.
func (c *Compiler) moduleNamed(name, near string) (module.Module, bool) {
	short, legacy := strings.CutPrefix(name, "ansible.legacy.")
	first := c.Own != nil && (legacy || !strings.Contains(name, ".")) && !slices.Contains(onController, short)
	if first {
		if m, ok := c.Own.Find(name, near); ok {
			return m, true
		}
	}
	if m, ok := c.Registry.Lookup(name); ok || first || c.Own == nil {
		return m, ok
	}
	return c.Own.Find(name, near)
}

// onController are the modules of ansible.builtin that Ansible carries out, at least in part, on its own side: a file of the same name in a
// library folder does not replace them.
var onController = strings.Fields(`add_host assemble assert async_status command copy debug dnf fail fetch gather_facts group_by include_vars
	package pause raw reboot script service set_fact set_stats shell template unarchive uri validate_argument_spec wait_for_connection`)

// parserIn is the parser for a file in the folder near.
func (c *Compiler) parserIn(near string) playbook.Parser {
	return playbook.Parser{Late: c.Late, IsModule: func(name string) bool {
		_, ok := c.moduleNamed(name, near)
		return ok || c.Late && elsewhere(name)
	}}
}

// nearModule is the module that was probably meant by a name that is none; "" where that is a guess. A name that Ansible has is no slip.
func (c *Compiler) nearModule(name string) string {
	at := strings.LastIndexByte(name, '.') + 1
	home, leaf := name[:at], name[at:]
	if home == "" && elsewhere(name) {
		return ""
	}
	names := c.Registry.Names()
	if home == "" {
		names = append(names, playbook.TaskKeywords()...)
		if c.Own != nil {
			names = append(names, c.Own.Names()...)
		}
	}
	var leaves []string
	for _, n := range names {
		if l, ok := strings.CutPrefix(n, home); ok && !strings.Contains(l, ".") {
			leaves = append(leaves, l)
		}
	}
	if near := diag.Nearest(leaf, leaves); near != "" && near[0] == leaf[0] {
		return home + near
	}
	return ""
}

// grouped says of each module that is not there only once that it is missing, and lists the other places below.
func grouped(ds diag.List) diag.List {
	first := map[string]int{}
	var out diag.List
	for _, d := range ds {
		at, seen := first[d.Lacks]
		if !strings.HasPrefix(d.Lacks, "module ") || d.Severity != diag.Error {
			out = append(out, d)
			continue
		}
		if !seen {
			first[d.Lacks] = len(out)
			out = append(out, d)
			continue
		}
		note := "also at " + d.Span.Pos.String()
		if len(d.Notes) > 0 {
			note += ", " + strings.Join(d.Notes, ", ")
		}
		out[at].Notes = append(slices.Clip(out[at].Notes), note)
	}
	return out
}

// ModuleFor finds the module that a task's action names at run time.
func (c *Compiler) ModuleFor(name string, t *Task) (module.Module, bool) {
	return c.moduleNamed(name, path.Dir(t.Pos.File))
}

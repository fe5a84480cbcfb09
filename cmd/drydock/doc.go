package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
	"github.com/drydock-dev/drydock/modules"
)

func (a *app) docVerb() verb {
	return verb{
		name: "doc", args: "[MODULE...]", usage: "list the modules, or show some and their arguments", run: a.doc,
		flags: []cli.Flag{
			on("list", "list the modules, or those that the words name the beginning of", "l"),
			on("json", "print JSON, for programs", "j"),
			text("type", "the kind of plugin; module is the only `TYPE` there is", "t"),
			on("verbose", "accepted", "v"),
		},
	}
}

func (a *app) doc(_ context.Context, c *cli.Context) error {
	if t := c.String("type"); t != "" && t != "module" {
		return &exit{exitUsage, fmt.Errorf("--type: only modules are described, not %q", t)}
	}
	list := c.Bool("list") || c.NArg() == 0
	found, err := documented(c.Args().Slice(), list)
	if err != nil {
		return &exit{exitError, err}
	}
	switch {
	case c.Bool("json"):
		return a.docJSON(found, list)
	case list:
		for _, m := range found {
			fmt.Fprintf(a.out, "%-44s %s\n", m.Spec().Name, m.Spec().Doc)
		}
		return nil
	}
	for i, m := range found {
		if i > 0 {
			fmt.Fprintln(a.out)
		}
		a.docOf(m)
	}
	return nil
}

// documented are the modules that the words name; in a list, those whose names begin so, and all without a word.
func documented(names []string, list bool) ([]module.Module, error) {
	registry := modules.Builtin()
	var out []module.Module
	if list {
		for _, m := range registry.All() {
			if len(names) == 0 || strings.HasPrefix(m.Spec().Name, names[0]) {
				out = append(out, m)
			}
		}
		return out, nil
	}
	for _, name := range names {
		m, ok := registry.Lookup(name)
		if !ok && slices.Contains(actions, strings.TrimPrefix(name, "ansible.builtin.")) {
			return nil, fmt.Errorf("%s is no module but a part of the language, which Drydock carries out itself; docs/keywords.md says how", name)
		}
		if !ok {
			err := fmt.Errorf("there is no module %q; drydock doc lists them", name)
			if near := diag.Nearest(name, append(registry.Names(), actions...)); near != "" {
				err = fmt.Errorf("there is no module %q; did you mean %q?", name, near)
			}
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

// actions are what stands in a module's place in a task and is none.
var actions = strings.Fields("import_playbook import_role import_tasks include include_role include_tasks meta")

// docJSON prints modules by name: what each is for, or all about it.
func (a *app) docJSON(found []module.Module, list bool) error {
	all := &value.Map{}
	for _, m := range found {
		s := m.Spec()
		if list {
			all.Set(s.Name, s.Doc)
			continue
		}
		options := &value.Map{}
		for _, p := range m.Params() {
			o := value.NewMap("description", []any{p.Doc}, "type", p.Type, "required", p.Required)
			if p.Default != "" {
				o.Set("default", p.Default)
			}
			if len(p.Choices) > 0 {
				o.Set("choices", value.From(p.Choices))
			}
			if len(p.Aliases) > 0 {
				o.Set("aliases", value.From(p.Aliases))
			}
			options.Set(p.Name, o)
		}
		all.Set(s.Name, value.NewMap("doc", value.NewMap("module", s.Name, "short_description", s.Doc, "options", options)))
	}
	text, err := jinja.EncodeJSON(all, jinja.JSONOptions{Indented: true, Indent: 4, SortKeys: true, Unicode: true})
	fmt.Fprintln(a.out, text)
	return err
}

// docOf prints one module for a person to read.
func (a *app) docOf(m module.Module) {
	s := m.Spec()
	width := 79
	if a.width > 0 {
		width = min(a.width, 100)
	}
	fmt.Fprintf(a.out, "%s\n\n%s", s.Name, wrap(s.Doc, "  ", width))
	if len(s.Aliases) > 0 {
		fmt.Fprint(a.out, wrap("Also called "+strings.Join(s.Aliases, ", ")+".", "  ", width))
	}
	if len(m.Params()) > 0 {
		fmt.Fprintln(a.out, "\nArguments")
	}
	for _, p := range m.Params() {
		fmt.Fprintf(a.out, "\n  %s\n%s", p.Name, wrap(paramFacts(p)+".", "      ", width))
		fmt.Fprint(a.out, wrap(p.Doc, "      ", width))
	}
	if len(s.Lacks) > 0 {
		fmt.Fprint(a.out, "\n", wrap("Ansible has these arguments, Drydock refuses them: "+strings.Join(s.Lacks, ", ")+".", "  ", width))
	}
}

// wrap breaks a text into lines of a width, each indented.
func wrap(text, indent string, width int) string {
	var b strings.Builder
	line := indent
	for _, w := range strings.Fields(text) {
		if line != indent && len([]rune(line))+1+len([]rune(w)) > width {
			b.WriteString(line + "\n")
			line = indent
		}
		if line != indent {
			line += " "
		}
		line += w
	}
	if line != indent {
		b.WriteString(line + "\n")
	}
	return b.String()
}

// paramFacts is an argument's type, its default and what it may be.
func paramFacts(p module.Param) string {
	s := p.Type
	if p.Required {
		s += ", required"
	}
	if p.Default != "" {
		s += ", default " + p.Default
	}
	if len(p.Choices) > 0 {
		s += ", one of " + strings.Join(p.Choices, ", ")
	}
	if len(p.Aliases) > 0 {
		s += "; also called " + strings.Join(p.Aliases, ", ")
	}
	return s
}

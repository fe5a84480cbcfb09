package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/modules"
)

func (a *app) docVerb() verb {
	return verb{name: "doc", args: "[MODULE]", usage: "list the modules, or show one and its arguments", run: a.doc}
}

func (a *app) doc(_ context.Context, c *cli.Context) error {
	registry := modules.Builtin()
	if c.NArg() == 0 {
		for _, m := range registry.All() {
			fmt.Fprintf(a.out, "%-44s %s\n", m.Spec().Name, m.Spec().Doc)
		}
		return nil
	}
	for _, name := range c.Args().Slice() {
		m, ok := registry.Lookup(name)
		if !ok {
			err := fmt.Errorf("there is no module %q", name)
			if near := diag.Nearest(name, registry.Names()); near != "" {
				err = fmt.Errorf("%w; did you mean %q?", err, near)
			}
			return &exit{exitError, err}
		}
		a.docOf(m)
	}
	return nil
}

func (a *app) docOf(m module.Module) {
	s := m.Spec()
	fmt.Fprintf(a.out, "%s\n\n  %s\n", s.Name, s.Doc)
	if len(s.Aliases) > 0 {
		fmt.Fprintf(a.out, "  Also called %s.\n", strings.Join(s.Aliases, ", "))
	}
	fmt.Fprintln(a.out)
	for _, p := range m.Params() {
		fmt.Fprintf(a.out, "  %s\n      %s\n", paramLine(p), p.Doc)
	}
	if len(s.Lacks) > 0 {
		fmt.Fprintf(a.out, "\n  Ansible has these arguments, Drydock refuses them: %s\n", strings.Join(s.Lacks, ", "))
	}
	fmt.Fprintln(a.out)
}

// paramLine is an argument with its type, its default and what it may be.
func paramLine(p module.Param) string {
	s := p.Name + " (" + p.Type
	if p.Required {
		s += ", required"
	}
	if p.Default != "" {
		s += ", default " + p.Default
	}
	s += ")"
	if len(p.Choices) > 0 {
		s += " one of " + strings.Join(p.Choices, ", ")
	}
	if len(p.Aliases) > 0 {
		s += "; also " + strings.Join(p.Aliases, ", ")
	}
	return s
}

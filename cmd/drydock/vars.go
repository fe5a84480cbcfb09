package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/export"
	"github.com/drydock-dev/drydock/engine/vars"
)

func (a *app) varsVerb() verb {
	return verb{
		name: "vars", args: "HOST [PLAYBOOK]", usage: "show where each variable of a host was written, and what it overrides",
		flags: slices.Concat([]cli.Flag{text("explain", "only the variable of this `NAME`, with every place that gives it a value")}, surveyFlags(), vaultFlags()),
		run:   a.vars,
	}
}

// vars shows the variables that inventory, group_vars, host_vars and -e give a host.
func (a *app) vars(_ context.Context, c *cli.Context) error {
	if c.NArg() < 1 || c.NArg() > 2 {
		return &exit{exitUsage, fmt.Errorf("which host? drydock vars HOST [PLAYBOOK]; see --help")}
	}
	job, _, err := a.survey(c)
	if err != nil {
		return err
	}
	host, err := job.OneHost(c.Args().First())
	if err != nil {
		return &exit{exitError, fmt.Errorf("%q is not the name of one host", c.Args().First())}
	}
	names, trails, locked := job.Trails(host)
	if locked != nil {
		return &exit{exitError, locked}
	}
	if name := c.String("explain"); name != "" {
		return a.explain(host, name, names, trails)
	}
	slices.Sort(names)
	for _, name := range names {
		said := trails[name]
		more := ""
		if n := len(said) - 1; n > 0 {
			more = fmt.Sprintf(", overrides %d", n)
		}
		fmt.Fprintf(a.out, "%s: %s\n    %s%s\n", name, export.OneLine(said[0].Value), a.where(said[0]), more)
	}
	return nil
}

// explain shows every place that gives a variable a value, the one that counts first.
func (a *app) explain(host, name string, names []string, trails map[string][]vars.Said) error {
	said := trails[name]
	if said == nil {
		err := fmt.Errorf("nothing gives %s the variable %q", host, name)
		if near := diag.Nearest(name, names); near != "" {
			err = fmt.Errorf("%w; did you mean %q?", err, near)
		}
		return &exit{exitError, err}
	}
	fmt.Fprintf(a.out, "%s of %s\n", name, host)
	for i, s := range said {
		mark := "overrides"
		if i == 0 {
			mark = "is"
		}
		fmt.Fprintf(a.out, "  %-9s %s\n            %s\n", mark, export.OneLine(s.Value), a.where(s))
	}
	return nil
}

// where says who gave a value, and where that stands; a file below the working directory by its short name.
func (a *app) where(s vars.Said) string {
	if !s.At.IsValid() && s.At.File == "" {
		return s.By
	}
	at := s.At
	if rel, err := filepath.Rel(a.cwd, at.File); err == nil && !strings.HasPrefix(rel, "..") {
		at.File = rel
	}
	return s.By + ", " + at.String()
}

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/drydock-dev/drydock/engine"
	"github.com/drydock-dev/drydock/engine/config"
	"github.com/drydock-dev/drydock/engine/export"
)

func (a *app) inventoryVerb() verb {
	return verb{
		name: "inventory", args: "[GROUP]", usage: "show hosts, groups and their variables; the options are ansible-inventory's",
		flags: inventoryFlags(), run: a.inventory,
	}
}

func inventoryFlags() []cli.Flag {
	return slices.Concat([]cli.Flag{
		on("list", "print all groups, hosts and variables"),
		text("host", "print the variables of one `HOST`"),
		on("graph", "draw the groups, or those in GROUP, as a tree"),
		on("yaml", "as YAML, not JSON", "y"),
		on("toml", "as TOML, not JSON"),
		on("vars", "with --graph: draw the variables, too"),
		on("export", "with --list: each group's and host's own variables, as an inventory would have them"),
		text("output", "with --list: write to this `FILE`"),
	}, surveyFlags(), vaultFlags())
}

// surveyFlags say which inventory is looked at.
func surveyFlags() []cli.Flag {
	return []cli.Flag{
		list("inventory", "`INVENTORY`: a file, a folder, or host,list, (again for more)", "i", "inventory-file"),
		list("limit", "only hosts of this `PATTERN`, or @FILE with one pattern a line", "l"),
		list("extra-vars", "`VARS`: k=v, YAML, JSON, or @FILE; stronger than all others", "e"),
		text("playbook-dir", "the `DIR` whose group_vars and host_vars count as a playbook's would"),
		on("flush-cache", "forget the facts of earlier runs"),
		on("verbose", "say more; -vv, -vvv say more yet", "v"),
	}
}

// inventory prints what --list, --host or --graph asks for.
func (a *app) inventory(_ context.Context, c *cli.Context) error {
	switch n := c.Count("list") + c.Count("graph") + len(nonEmpty(c.String("host"))); {
	case n == 0:
		return &exit{exitOptions, fmt.Errorf("no action selected, at least one of --host, --graph or --list needs to be specified")}
	case n > 1:
		return &exit{exitOptions, fmt.Errorf("conflicting options used, only one of --host, --graph or --list can be used at the same time")}
	case c.NArg() > 1:
		return &exit{exitUsage, fmt.Errorf("one group at most, not %s", strings.Join(c.Args().Slice(), " "))}
	}
	job, cfg, err := a.survey(c)
	if err != nil {
		return err
	}
	text, err := inventoryText(c, job, c.Bool("export") || cfg.InventoryExport)
	switch {
	case errors.Is(err, export.ErrGroup), errors.Is(err, engine.ErrNotOneHost):
		return &exit{exitOptions, err}
	case err != nil:
		return &exit{exitError, err}
	}
	return a.deliver(text, c.String("output"))
}

// survey reads what inventory flags name.
func (a *app) survey(c *cli.Context) (*engine.Job, *config.Config, error) {
	cfg, ds := a.config()
	if err := a.tell(ds); err != nil {
		return nil, nil, err
	}
	limit := strings.Join(c.StringSlice("limit"), ",")
	if c.String("host") != "" {
		limit = "" // --host ignores it
	}
	t := newTerminal(a.streams)
	ring, err := a.keyring(c, cfg, t)
	if err != nil {
		return nil, nil, err
	}
	base := c.String("playbook-dir")
	if book := c.Args().Get(1); book != "" { // of vars: a playbook's own files count
		base = filepath.Dir(book)
	}
	o := engine.Options{
		Vault: ring, Inventory: c.StringSlice("inventory"), Limit: limit, ExtraVars: c.StringSlice("extra-vars"), Config: cfg, BaseDir: base, Late: a.late,
		FlushCache: c.Bool("flush-cache"),
		Machine:    engine.Machine{Getenv: a.getenv, Cwd: a.cwd, Home: a.home, User: login(), Terminal: t},
	}
	if o.FlushCache { // nothing else here has to do with facts of earlier runs
		o.Machine.FactCache = a.factCache(cfg)
	}
	job, ds := engine.Survey(o)
	return job, cfg, a.tell(ds)
}

func inventoryText(c *cli.Context, job *engine.Job, own bool) (string, error) {
	form := export.JSON
	switch {
	case c.Bool("yaml"):
		form = export.YAML
	case c.Bool("toml"):
		form = export.TOML
	}
	x := job.Exporter(own)
	switch {
	case c.Bool("graph"):
		return x.Graph(first(c.Args().First(), "all"), c.Bool("vars"))
	case c.Bool("list"):
		return x.List(form)
	}
	host, err := job.OneHost(c.String("host"))
	if err != nil {
		return "", err
	}
	return x.Host(host, form)
}

// deliver prints a text, with a newline at its end, or writes it to a file as it is.
func (a *app) deliver(text, file string) error {
	if file == "" {
		fmt.Fprint(a.out, strings.TrimSuffix(text, "\n")+"\n")
		return nil
	}
	if err := os.WriteFile(a.at(file), []byte(text), 0o644); err != nil {
		return &exit{exitError, fmt.Errorf("unable to write to destination file: %w", err)}
	}
	return nil
}

func nonEmpty(texts ...string) []string {
	var out []string
	for _, s := range texts {
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}

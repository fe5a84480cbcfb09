package main

import (
	"fmt"
	"os"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/drydock-dev/drydock/engine/guard"
	"github.com/drydock-dev/drydock/engine/journal"
	"github.com/drydock-dev/drydock/engine/settings"
)

// guard makes the guard's settings of the command line, where it is silent of drydock.yml. A guard that is off is told of in red, on the screen and in
// the journal.
func (a *app) guard(c *cli.Context, kept *settings.Settings) (*guard.Config, error) {
	given := kept.Guard
	if c.IsSet("guard") {
		given = c.String("guard")
	}
	mode, err := guard.ParseMode(given)
	if err != nil {
		return nil, &exit{exitUsage, fmt.Errorf("--guard: %w", err)}
	}
	accept := slices.Concat(c.StringSlice("accept"), kept.Accept)
	if err := guard.CheckAccept(accept); err != nil {
		return nil, &exit{exitUsage, err}
	}
	if mode == guard.Off && !c.Bool("check") {
		a.alarm("THE GUARD IS OFF: nothing keeps this run from harming a cluster")
	}
	cfg := &guard.Config{Mode: mode, Accept: accept, Kubeconfig: kept.Kubeconfig, Holder: holder(), Runs: a.ranHere}
	return cfg, nil
}

// alarm prints a line in red on the error stream.
func (a *app) alarm(text string) {
	if a.color(nil) {
		text = "\x1b[1;31m" + text + "\x1b[0m"
	}
	fmt.Fprintln(a.err, text)
}

// holder names who runs this, for those who find a cluster held.
func holder() string {
	name, err := os.Hostname()
	if err != nil {
		return login()
	}
	return login() + "@" + name
}

// ranHere tells of a run whether it was begun in this directory, and whether its process has died without an end.
func (a *app) ranHere(id string) (known, died bool) {
	run, err := a.runs().Find(id)
	if err != nil || run.ID != id {
		return false, false
	}
	s, err := run.Summary()
	return true, err == nil && s.State == journal.Died
}

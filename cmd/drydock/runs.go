package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/drydock-dev/drydock/engine/journal"
)

func (a *app) runsVerb() verb {
	return verb{
		name: "runs", usage: "list the runs that were begun in this folder, newest first",
		flags: []cli.Flag{text("output", "`FORM`: table or json")}, run: a.listRuns,
	}
}

func (a *app) listRuns(_ context.Context, c *cli.Context) error {
	if c.NArg() > 0 {
		return &exit{exitUsage, fmt.Errorf("drydock runs takes no arguments; drydock show RUN tells of one")}
	}
	list, err := a.summaries()
	if err != nil {
		return &exit{exitError, err}
	}
	slices.Reverse(list)
	switch form := first(c.String("output"), "table"); form {
	case "json":
		return writeJSON(a.out, list)
	case "table":
		return a.runsTable(list)
	default:
		return &exit{exitUsage, fmt.Errorf("--output: %q is neither table nor json", form)}
	}
}

// summaries are the runs, oldest first. One whose journal cannot be read is warned of.
func (a *app) summaries() ([]journal.Summary, error) {
	ids, err := a.runs().IDs()
	if err != nil {
		return nil, err
	}
	out := []journal.Summary{}
	for _, id := range ids {
		run, err := a.runs().Find(id)
		if err != nil {
			return nil, err
		}
		s, err := run.Summary()
		if err != nil {
			fmt.Fprintf(a.err, "[WARNING]: run %s: %v\n", id, err)
			continue
		}
		out = append(out, s)
	}
	slices.SortStableFunc(out, func(a, b journal.Summary) int { return a.Started.Compare(b.Started) }) // of two within a second as well
	return out, nil
}

func (a *app) runsTable(list []journal.Summary) error {
	if len(list) == 0 {
		fmt.Fprintln(a.out, "no run was begun here")
		return nil
	}
	t := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "RUN\tWHEN\tWHAT\tHOSTS\tSTATE\tDURATION")
	for _, s := range list {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", s.ID, s.Started.Local().Format("2006-01-02 15:04:05"), what(s), someOf(s.Hosts), stateOf(s), shortly(s.Duration))
	}
	return t.Flush()
}

// what is run: the playbooks, or the task of exec.
func what(s journal.Summary) string {
	if s.AdHoc() {
		return strings.Join(s.Args, " ")
	}
	var names []string
	for _, p := range s.Playbooks {
		names = append(names, filepath.Base(p))
	}
	return strings.Join(names, " ")
}

func stateOf(s journal.Summary) string {
	if s.State == journal.Failed {
		return fmt.Sprintf("failed (%d)", s.Exit)
	}
	return string(s.State)
}

// someOf names a few hosts and counts the others.
func someOf(hosts []string) string {
	if len(hosts) <= 3 {
		return strings.Join(hosts, ",")
	}
	return fmt.Sprintf("%s,%s and %d more", hosts[0], hosts[1], len(hosts)-2)
}

func shortly(d time.Duration) string {
	if d < time.Minute {
		return d.Round(100 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}

func writeJSON(out io.Writer, v any) error {
	e := json.NewEncoder(out)
	e.SetIndent("", "    ")
	return e.Encode(v)
}

// errNoRun says that there is nothing to take up or to show.
var errNoRun = errors.New("no run was begun here")

// runNamed is the run that an argument begins to name, or by default the newest that fits.
func (a *app) runNamed(c *cli.Context, fits func(journal.Summary) bool) (*journal.Run, error) {
	if c.NArg() > 1 {
		return nil, &exit{exitUsage, fmt.Errorf("which run? one, or none for the newest; drydock runs lists them")}
	}
	if c.NArg() == 1 {
		run, err := a.runs().Find(c.Args().First())
		if err != nil {
			return nil, &exit{exitError, fmt.Errorf("%w; drydock runs lists those that there are", err)}
		}
		return run, nil
	}
	list, err := a.summaries()
	if err != nil {
		return nil, &exit{exitError, err}
	}
	for _, s := range slices.Backward(list) {
		if fits(s) {
			return a.runs().Find(s.ID)
		}
	}
	return nil, &exit{exitError, errNoRun}
}

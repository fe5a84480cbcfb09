package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/journal"
	"github.com/drydock-dev/drydock/engine/render"
)

func (a *app) showVerb() verb {
	return verb{
		name: "show", args: "[RUN]", usage: "tell what a run has done on each host; without RUN the newest",
		flags: []cli.Flag{text("output", "`FORM`: text, json or jsonl (every event)")}, run: a.show,
	}
}

func (a *app) show(_ context.Context, c *cli.Context) error {
	run, err := a.runNamed(c, func(journal.Summary) bool { return true })
	if err != nil {
		return err
	}
	switch form := first(c.String("output"), "text"); form {
	case "jsonl":
		err = a.showEvents(run)
	case "json", "text":
		var r *journal.Report
		if r, err = run.Report(); err != nil {
			break
		}
		if form == "json" {
			return writeJSON(a.out, r)
		}
		showReport(a.out, r)
	default:
		return &exit{exitUsage, fmt.Errorf("--output: %q is none of text, json, jsonl", form)}
	}
	if err != nil {
		return &exit{exitError, err}
	}
	return nil
}

// showEvents writes what the run would have written with --output jsonl.
func (a *app) showEvents(run *journal.Run) error {
	events, err := run.Events()
	if err != nil {
		return err
	}
	view := render.NewJSONL(render.Options{Out: a.out})
	for _, e := range events {
		if err := view.Emit(e); err != nil {
			return err
		}
	}
	return nil
}

func showReport(out io.Writer, r *journal.Report) {
	fmt.Fprintf(out, "run %s: %s\n", r.ID, stateOf(r.Summary))
	fmt.Fprintf(out, "  drydock %s\n", strings.Join(r.Args, " "))
	fmt.Fprintf(out, "  begun %s, %s after %s, by drydock %s\n", r.Started.Local().Format("2006-01-02 15:04:05"), ended(r.State), shortly(r.Duration), r.Version)
	if r.Processes > 1 {
		fmt.Fprintf(out, "  resumed %d times\n", r.Processes-1)
	}
	if r.Error != "" {
		fmt.Fprintf(out, "  %s\n", indented(r.Error))
	}
	for _, h := range r.Reports {
		showHost(out, h)
	}
	for _, w := range r.Warnings {
		fmt.Fprintf(out, "\nwarning: %s\n", indented(w))
	}
	if r.State.Unfinished() {
		fmt.Fprintf(out, "\nto go on: drydock resume %s\n", r.ID)
	}
}

func ended(s journal.State) string {
	if s == journal.Running {
		return "last heard of"
	}
	return "ended"
}

func showHost(out io.Writer, h journal.HostReport) {
	fmt.Fprintf(out, "\n%s: %d changed, %d as they were\n", h.Host, len(h.Changes), h.OK)
	for _, c := range h.Changes {
		fmt.Fprintf(out, "  changed  %s\n", named(c))
	}
	for _, p := range h.Packages {
		fmt.Fprintf(out, "  package  %s\n", packageLine(p))
	}
	for _, g := range h.Gates {
		showGate(out, g)
	}
	if h.Failure != nil {
		fmt.Fprintf(out, "  failed   %s: %s\n", named(*h.Failure), indented(h.Failure.Message))
	}
	for _, c := range h.Open {
		fmt.Fprintf(out, "  begun    %s, and no end is known\n", named(c))
	}
}

func packageLine(p event.Package) string {
	switch {
	case p.From == "":
		return p.Name + " " + p.To + " (new)"
	case p.To == "":
		return p.Name + " " + p.From + " (removed)"
	}
	return p.Name + " " + p.From + " -> " + p.To
}

func named(c journal.Change) string {
	text := c.Task
	if c.Item != nil {
		text += fmt.Sprintf(" (item=%v)", c.Item)
	}
	if c.Disrupts != "" {
		text += " [" + c.Disrupts + "]"
	}
	return text + " at " + c.At.Local().Format("15:04:05")
}

func showGate(out io.Writer, g event.Gate) {
	word := "passed"
	if !g.Passed {
		word = "refused"
	}
	fmt.Fprintf(out, "  gate     %s %s of %s at %s\n", word, g.Disrupts, first(g.Node, g.Host), g.At.Local().Format("15:04:05"))
	for _, e := range g.Evidence {
		about := ""
		if e.About != "" {
			about = " (" + e.About + ")"
		}
		fmt.Fprintf(out, "             %-8s %s%s: %s\n", e.State, e.Check, about, indented(e.Found))
	}
}

// indented keeps a text of several lines together.
func indented(s string) string {
	return strings.ReplaceAll(strings.TrimSpace(s), "\n", "\n           ")
}

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	drydock "github.com/drydock-dev/drydock"
	"github.com/drydock-dev/drydock/engine"
	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/program"
	"github.com/drydock-dev/drydock/engine/source"
	"github.com/drydock-dev/drydock/modules"
)

// exitFindings is how lint ends where it has found something wrong: not 1, which says that it could not do its work.
const exitFindings = 2

func (a *app) lintVerb() verb {
	return verb{
		name: "lint", args: "[PLAYBOOK|ROLE|FOLDER...]", usage: "tell what is wrong in content or not supported, without an inventory or a host",
		flags: []cli.Flag{
			text("output", "`FORM`: text or json"),
			list("module-path", "`PATH` of folders with modules of your own, between colons (again for more)", "M"),
		},
		run: a.lint,
	}
}

// lint reads content and tells what it has found: 0 nothing wrong, 2 something, 1 there is nothing to read.
func (a *app) lint(_ context.Context, c *cli.Context) error {
	form := c.String("output")
	if form != "" && form != "text" && form != "json" {
		return &exit{exitUsage, fmt.Errorf("--output: %q is neither text nor json", form)}
	}
	cfg, ds := a.config()
	if err := a.tell(ds); err != nil {
		return err
	}
	o := engine.Options{
		Playbooks: c.Args().Slice(), Config: cfg, Registry: modules.Builtin(), Embedded: source.Embedded(a.cwd, drydock.Content),
		Machine: engine.Machine{Getenv: a.getenv, Cwd: a.cwd, Home: a.home, User: login()}, ModulePath: modulePath(c),
	}
	l := engine.LintContent(o)
	_, ds = a.settings()
	l.Findings = append(ds, l.Findings...).Sorted()
	if form == "json" {
		return a.lintJSON(l)
	}
	return a.lintText(l)
}

func (a *app) lintText(l *engine.Lint) error {
	p := diag.Printer{Width: a.width, Color: a.color(nil), Line: diag.Lines(a.readContent)}
	if err := p.Print(a.out, l.Findings); err != nil {
		return err
	}
	if len(l.Findings) > 0 {
		fmt.Fprintln(a.out)
	}
	if len(l.Lacks) > 0 {
		fmt.Fprintln(a.out, "Not supported:")
		for _, lack := range l.Lacks {
			fmt.Fprintf(a.out, "  %-60s %s\n", lack.What, count(len(lack.Tasks), "task"))
		}
		fmt.Fprintln(a.out)
	}
	fmt.Fprintf(a.out, "%s, %s: %d of %s supported (%.1f %%)\n", count(len(l.Playbooks), "playbook"), count(len(l.Roles), "role"),
		l.Supported(), count(len(l.Tasks), "task"), l.Percent())
	return lintEnd(l)
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// lintEnd makes the exit code of what was found.
func lintEnd(l *engine.Lint) error {
	switch {
	case l.Findings.HasErrors() && len(l.Playbooks)+len(l.Roles)+len(l.Files) == 0:
		return &exit{code: exitError}
	case l.Findings.HasErrors():
		return &exit{code: exitFindings}
	}
	return nil
}

// The form of lint's JSON.
type (
	lintReport struct {
		Playbooks []string      `json:"playbooks"`
		Roles     []string      `json:"roles"`
		Files     []string      `json:"files"`
		Tasks     lintTasks     `json:"tasks"`
		Lacks     []lintLack    `json:"unsupported"`
		Findings  []lintFinding `json:"findings"`
	}
	lintTasks struct {
		All       int     `json:"all"`
		Supported int     `json:"supported"`
		Percent   float64 `json:"percent"`
	}
	lintLack struct {
		Kind  string      `json:"kind"`
		Name  string      `json:"name"`
		Tasks []lintPlace `json:"tasks"`
	}
	lintPlace struct {
		File string `json:"file"`
		Line int    `json:"line"`
		Col  int    `json:"column"`
		Task string `json:"task,omitempty"`
	}
	lintFinding struct {
		lintPlace
		Severity string   `json:"severity"`
		Summary  string   `json:"summary"`
		Hint     string   `json:"hint,omitempty"`
		Notes    []string `json:"notes,omitempty"`
		Missing  bool     `json:"missing,omitempty"`
	}
)

func (a *app) lintJSON(l *engine.Lint) error {
	r := lintReport{
		Playbooks: some(l.Playbooks), Roles: some(l.Roles), Files: some(l.Files), Lacks: []lintLack{}, Findings: []lintFinding{},
		Tasks: lintTasks{len(l.Tasks), l.Supported(), l.Percent()},
	}
	for _, lack := range l.Lacks {
		kind, name, _ := strings.Cut(lack.What, " ")
		r.Lacks = append(r.Lacks, lintLack{kind, name, placesOf(lack.Tasks)})
	}
	for _, d := range l.Findings {
		severity := "error"
		if d.Severity == diag.Warning {
			severity = "warning"
		}
		at := lintPlace{File: d.Span.File, Line: d.Span.Line, Col: d.Span.Col}
		r.Findings = append(r.Findings, lintFinding{at, severity, d.Summary, d.Hint, d.Notes, d.Missing})
	}
	e := json.NewEncoder(a.out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(r); err != nil {
		return err
	}
	return lintEnd(l)
}

// some is a list that JSON writes as a list, even an empty one.
func some(list []string) []string { return append([]string{}, list...) }

func placesOf(tasks []program.Sighting) []lintPlace {
	var out []lintPlace
	for _, t := range tasks {
		out = append(out, lintPlace{t.Pos.File, t.Pos.Line, t.Pos.Col, t.Name})
	}
	return out
}

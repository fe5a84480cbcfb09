package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/drydock-dev/drydock/engine"
	"github.com/drydock-dev/drydock/engine/config"
	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/render"
)

func (a *app) execVerb() verb {
	return verb{
		name: "exec", args: "PATTERN", usage: "carry out one task on some hosts; the options are those of the ansible command",
		flags: execFlags(), run: a.exec,
	}
}

func execFlags() []cli.Flag {
	return slices.Concat([]cli.Flag{
		text("module-name", "the `MODULE`; command if none is named", "m"),
		text("args", "`ARGS` of the module: k=v, free text, or JSON", "a"),
		on("list-hosts", "print the hosts that match, run nothing"),
		on("one-line", "a line for each host", "o"),
		text("tree", "also write each host's result to a file in `DIR`", "t"),
		text("background", "run in the background for at most so many `SECONDS`", "B"),
		text("poll", "with -B: look every so many `SECONDS`; 0 does not wait", "P"),
		text("task-timeout", "end the task after so many `SECONDS`"),
	}, surveyFlags(), connection(), []cli.Flag{
		on("check", "change nothing, say what would change", "C"),
		on("diff", "show what changes in files", "D"),
		text("forks", "how many hosts at a time (`N`; default 5)", "f"),
		list("module-path", "folders of modules of your own: `DIR:DIR`", "M"),
		text("guard", "whether nodes of clusters are guarded: auto, require or off (`HOW`)"),
		list("accept", "let a finding of the guard pass: `CHECK` or CHECK=SUBJECT (again for more)"),
		on("wait", "wait for a maintenance window that is closed, instead of ending with 3"),
		on("no-journal", "keep no journal of the run"),
		text("output", "`FORM`: minimal, oneline, ansible, json, jsonl, plain or quiet"),
	}, vaultFlags())
}

// needArgs are the modules that do nothing without arguments.
var needArgs = []string{"command", "shell", "raw", "script"}

// exec carries out one task.
func (a *app) exec(ctx context.Context, c *cli.Context) error {
	if c.NArg() != 1 {
		return &exit{exitUsage, fmt.Errorf("which hosts? drydock exec PATTERN -m MODULE -a ARGS; see --help")}
	}
	task, err := adHoc(c)
	if err != nil {
		return err
	}
	cfg, ds := a.config()
	if err := a.tell(ds); err != nil {
		return err
	}
	o, err := a.options(c, cfg)
	if err != nil {
		return err
	}
	o.BaseDir, o.SkipUnsupported = c.String("playbook-dir"), a.late

	short := strings.TrimPrefix(task.Module, "ansible.builtin.")
	if slices.Contains(needArgs, short) && task.Args == "" && !c.Bool("list-hosts") {
		return &exit{exitOptions, fmt.Errorf("no argument passed to %s module", task.Module)}
	}
	job, ds := engine.LoadAdHoc(o, task)
	if err := a.tell(ds); err != nil {
		return err
	}
	return a.execOn(ctx, c, cfg, job, task.Pattern)
}

// adHoc reads the task of the command line.
func adHoc(c *cli.Context) (engine.AdHoc, error) {
	t := engine.AdHoc{Pattern: c.Args().First(), Module: first(c.String("module-name"), "command"), Args: c.String("args"), Poll: 15}
	for flag, to := range map[string]*int{"background": &t.Async, "poll": &t.Poll, "task-timeout": &t.Timeout} {
		if !c.IsSet(flag) {
			continue
		}
		n, err := strconv.Atoi(c.String(flag))
		if err != nil || n < 0 {
			return t, &exit{exitUsage, fmt.Errorf("--%s: %q is not a number of seconds", flag, c.String(flag))}
		}
		*to = n
	}
	return t, nil
}

// execOn lists the hosts or runs the task on them. No host at all is no error, as in Ansible.
func (a *app) execOn(ctx context.Context, c *cli.Context, cfg *config.Config, job *engine.Job, pattern string) error {
	hosts, warnings, err := job.Targets(pattern)
	if err != nil {
		return &exit{exitError, err}
	}
	for _, w := range warnings {
		fmt.Fprintln(a.err, "[WARNING]: "+w)
	}
	switch {
	case len(hosts) == 0:
		fmt.Fprintln(a.err, "[WARNING]: No hosts matched, nothing to do")
		if c.Bool("list-hosts") {
			fmt.Fprintln(a.out, "  hosts (0):")
		}
		return nil
	case c.Bool("list-hosts"):
		fmt.Fprintf(a.out, "  hosts (%d):\n", len(hosts))
		for _, h := range hosts {
			fmt.Fprintln(a.out, "    "+h)
		}
		return nil
	}
	usual := "minimal"
	if c.Bool("one-line") {
		usual = "oneline"
	}
	return a.carryOut(ctx, c, cfg, job, usual, func(view event.Sink, _ io.Writer) event.Sink { return a.keepTree(c.String("tree"), view) })
}

// keepTree writes each host's result to a folder, for --tree.
func (a *app) keepTree(dir string, next event.Sink) event.Sink {
	if dir == "" {
		return next
	}
	dir = a.at(dir)
	return &render.Tree{Next: next, Write: func(host, text string) error {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, filepath.Base(host)), []byte(text), 0o666)
	}}
}

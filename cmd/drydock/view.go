package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/drydock-dev/drydock/engine"
	"github.com/drydock-dev/drydock/engine/config"
	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/jinja/ansible"
	"github.com/drydock-dev/drydock/engine/render"
	"github.com/drydock-dev/drydock/engine/source"
)

// views are the forms of --output.
var views = map[string]func(render.Options) event.Sink{
	"ansible": func(o render.Options) event.Sink { return render.NewAnsible(o) },
	"minimal": func(o render.Options) event.Sink { return render.NewMinimal(o) },
	"oneline": func(o render.Options) event.Sink { return render.NewOneLine(o) },
	"json":    func(o render.Options) event.Sink { return render.NewJSON(o) },
	"jsonl":   func(o render.Options) event.Sink { return render.NewJSONL(o) },
	"plain":   func(o render.Options) event.Sink { return render.NewPlain(o) },
	"quiet":   func(o render.Options) event.Sink { return render.NewQuiet(o) },
}

// view picks how the run is shown: --output, else Ansible's look.
func (a *app) view(c *cli.Context, cfg *config.Config, out io.Writer, job *engine.Job, usual string) (event.Sink, error) {
	name := first(c.String("output"), usual)
	if name == "ansible" {
		if strings.TrimPrefix(cfg.StdoutCallback, "ansible.posix.") == "json" {
			name = "json"
		}
	}
	make, ok := views[name]
	if !ok {
		return nil, &exit{exitUsage, fmt.Errorf("--output: %q is none of ansible, json, jsonl, minimal, oneline, plain, quiet", name)}
	}
	o := render.Options{
		Out: out, Err: a.err, Color: a.color(cfg), Verbosity: job.Verbosity,
		CheckMarkers: cfg.CheckModeMarkers, HideOK: !cfg.DisplayOKHosts, HideSkip: !cfg.DisplaySkippedHosts, CustomStats: cfg.ShowCustomStats,
		FailedToErr: cfg.DisplayFailedStderr, DiffContext: cfg.DiffContext, TaskPath: cfg.ShowTaskPath,
	}
	shown := diag.Printer{Width: a.width, Color: o.Color, Line: diag.Lines(a.readContent)}
	o.Excerpt = shown.Excerpt
	if a.late {
		o.Context, o.Abs = shown.Context, source.NewTree(a.cwd, source.Disk()).Abs
	}
	if a.tty {
		o.Width = max(79, a.width-1) // as Ansible has it; COLUMNS counts for neither
	}
	if cfg.ResultFormat == "yaml" || strings.HasSuffix(cfg.StdoutCallback, "yaml") {
		o.Result = ansible.NiceYAML
	}
	return make(o), nil
}
